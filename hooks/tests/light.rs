//! What starts with every tool call links no keyring, no TLS, no HTTP and no async runtime.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::process::Command;

const HEAVY: [&str; 14] = [
    "stanch-vault",
    "keyring",
    "keyring-core",
    "secret-service",
    "zbus",
    "linux-keyutils",
    "ureq",
    "rustls",
    "ring",
    "openssl",
    "async-io",
    "async-executor",
    "tokio",
    "futures-util",
];

/// The packages that a package links.
fn linked(package: &str) -> Vec<String> {
    let arguments =
        ["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--package", package];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect()
}

#[test]
fn hooks_and_prefix_link_nothing_heavy() {
    for package in ["stanch-hooks", "stanch-shell"] {
        let linked = linked(package);
        assert!(linked.iter().any(|name| name == "stanch-scrub"), "{package}: {linked:?}");
        let heavy: Vec<_> = linked.iter().filter(|name| HEAVY.contains(&name.as_str())).collect();
        assert!(heavy.is_empty(), "{package} links {heavy:?}");
    }
    // The list is of real names: the command has them.
    let command = linked("stanch");
    assert!(HEAVY.iter().filter(|name| command.iter().any(|linked| linked == *name)).count() > 8, "{command:?}");
}
