//! The kinds of secret that are generated: three lists, three groups of the report.

pub mod keyword;
pub mod structural;
pub mod vendor;
