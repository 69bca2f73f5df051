//! Who is lent which credential.
//!
//! [`Policy::decide`] answers one [`Request`] from the terms that [`config::lend`] has read: for each credential a
//! [`Permit`], or a [`Refusal`] with the first reason against it. It is pure and reads nothing: what it says today about a
//! request it says tomorrow, so `stanch policy explain` asks the same code as the broker.
//!
//! Two things are refused whatever the policy says, because no policy could mean them: commands whose purpose is to print a
//! credential (`printing`), and arguments that make a tool run something else or send elsewhere (`tools`). They are as good
//! as the words of a command line are: what a file or standard input tells a tool stands in no argument.

mod argv;
mod binding;
pub mod check;
mod decide;
mod decision;
mod fit;
pub mod links;
mod permit;
mod printing;
mod refusal;
mod request;
mod tools;

pub use decide::Policy;
pub use decision::{Decision, Outcome, Step};
pub use permit::Permit;
pub use refusal::{Condition, Refusal, Rule};
pub use request::{Agent, For, Request};
