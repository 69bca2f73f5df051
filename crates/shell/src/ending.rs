//! Ending as another process ended.

use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, WaitStatus, setrlimit};

/// The same exit status, or death by the same signal.
pub fn like(status: WaitStatus) -> ExitCode {
    if let Some(signal) = status.terminating_signal() {
        // No core of the prefix beside the command's own.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
        // Does not return, but for signals that end nothing or have no name.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
        return ExitCode::from(128u8.saturating_add(u8::try_from(signal).unwrap_or(u8::MAX)));
    }
    ExitCode::from(status.exit_status().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}
