//! Values go to a broker, which listens at a pipe: never into a file, nor to who runs it by hand.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

#[test]
fn nothing_is_fetched_into_a_file() {
    let path = std::env::temp_dir().join(format!("stanch-fetch-{}", std::process::id()));
    let mut fetch = Command::new(env!("CARGO_BIN_EXE_stanch-fetch"));
    let file = File::create(&path).unwrap();
    let output = fetch.stdin(Stdio::piped()).stdout(file).stderr(Stdio::piped()).spawn().unwrap();
    let output = output.wait_with_output().unwrap();
    let mut written = String::new();
    File::open(&path).unwrap().read_to_string(&mut written).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!((output.status.success(), &*written), (false, ""));
    assert!(String::from_utf8(output.stderr).unwrap().contains("is not run by hand"));
}
