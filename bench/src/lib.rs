//! Measures stanch: what it finds, and what it leaves alone.
//!
//! Everything is made from a seed at run time: no value that looks like a live credential stands in these sources, and a run
//! says the same twice. The credential formats are written from the vendors' public documentation and know nothing of
//! `crates/rules/data`: a test made from the rules would only test itself.
//!
//! - [`detection`] labels secrets in generated text, redacts it, and looks at what survived; its report is
//!   `docs/detection.md`.
//! - [`speed`] runs the programs against `cat` and on large texts; its record is `docs/speed.md`.

pub mod benign;
pub mod case;
pub mod clean;
pub mod contexts;
pub mod detection;
pub mod event;
pub mod format;
pub mod kinds;
pub mod random;
pub mod score;
pub mod speed;
