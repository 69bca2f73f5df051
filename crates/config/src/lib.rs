//! stanch's configuration: one file, one schema, three places.
//!
//! [`places`] says where the files lie: the administrator's, the user's, the project's. [`file`] reads one and names the
//! line of every mistake. [`Config`] joins them: managed before user before project, and a project's file can only add
//! rules or tighten, because a repository is not trusted. [`own`] are the rules that a user adds, [`allow`] the values that
//! are no secret, [`lend`] the credentials that commands may have, [`source`] where they come from.
//!
//! Without any file, loading costs a few failed calls of `open`.

pub mod action;
pub mod allow;
pub mod checkout;
mod effective;
mod error;
pub mod file;
pub mod lend;
pub mod own;
pub mod places;
pub mod plain;
pub mod repository;
mod shown;
pub mod source;

pub use action::{Arguments, Output};
pub use effective::Config;
pub use error::ConfigError;
pub use shown::{Setting, Source};
