//! Puts stanch in place: executables into a private folder, entries into an agent's settings; and takes both away.
//!
//! Nothing else in the settings changes: key order and formatting stay, the user's own hooks and shell prefix stay and go on
//! working. The executables are there before the settings name them, and go after the settings have let go of them, for an
//! entry whose executable is missing blocks.

pub mod agent;
pub mod binaries;
mod command_line;
pub mod doctor;
pub mod file;
pub mod place;
pub mod plan;
pub mod plugin;
pub mod record;
pub mod registration;
pub mod run;
pub mod settings;
pub mod verify;

pub use place::Place;
pub use plan::Plan;
pub use settings::Settings;
