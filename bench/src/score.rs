//! When a secret counts as gone.

use std::collections::HashSet;

/// The longest run of a secret of `length` characters that may survive is one shorter than this: eight characters, or a
/// fifth of the secret and one more. A prefix that tells the vendor (`sk-ant-`) may stay; what could be guessed from may not.
pub fn telling_run(length: usize) -> usize {
    (length / 5 + 1).max(8).min(length)
}

/// Whether `out` still holds a telling run of `secret`.
pub fn survives(secret: &str, out: &str) -> bool {
    let (secret, out) = (secret.as_bytes(), out.as_bytes());
    let run = telling_run(secret.len());
    if run == 0 {
        return false;
    }
    let runs: HashSet<&[u8]> = secret.windows(run).collect();
    out.windows(run).any(|window| runs.contains(window))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_may_stay_and_a_telling_run_may_not() {
        let secret = "abc-0123456789ABCDEFGHIJ";
        assert!(!survives(secret, "key=abc-012 gone"));
        assert!(survives(secret, "key=abc-0123 gone"));
        assert!(survives("hunter2", "is hunter2"));
        assert!(!survives("hunter2", "is hunter"));
    }
}
