//! A call with a time limit, where the library has none: it runs in a thread of its own, which is left behind when the time
//! is over. What it brings after that is dropped there.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The call's result; `None` if it did not come in time, or the call ended without one.
pub fn limited<T: Send + 'static>(limit: Duration, call: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let thread = thread::Builder::new().name("store".to_owned()).spawn(move || sender.send(call()));
    thread.ok()?;
    receiver.recv_timeout(limit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_longer_is_not_waited_for() {
        assert_eq!(limited(Duration::from_secs(60), || 1), Some(1));
        let slow = || thread::sleep(Duration::from_secs(60));
        assert_eq!(limited(Duration::from_millis(10), slow), None);
    }
}
