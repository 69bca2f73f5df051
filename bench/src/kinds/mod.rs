//! The kinds of secret that are generated: lists for three groups of the report.

pub mod commands;
pub mod keyword;
pub mod structural;
pub mod vendor;
