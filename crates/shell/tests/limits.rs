//! What is used up or broken: nothing secret passes, and the reason is there to read.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{PREFIX, Run, soon, token};

#[test]
fn a_command_near_the_limit_of_an_argument_runs_and_one_above_does_not_start() {
    for length in [1000, 100_000, 131_071] {
        let text = format!("echo {} | wc -c", "a".repeat(length - 13));
        assert_eq!(text.len(), length - 13 + 13);
        let out = Command::new(PREFIX).arg(&text).env("SHELL", "/bin/bash").output().unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), (length - 12).to_string());
        let mut run = Run::start(&text);
        assert!(run.wait().success());
        assert_eq!(run.output().trim(), (length - 12).to_string());
    }
    assert!(Command::new(PREFIX).arg("a".repeat(131_072)).output().is_err());
}

#[test]
fn few_open_files_refuse_the_command_or_run_it() {
    for limit in 3..12 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output");
        let shell = format!("exec >> output 2>&1; ulimit -n {limit}; exec \"$0\" 'touch ran; echo $TOKEN'");
        let mut command = Command::new("bash");
        command.args(["-c", &shell, PREFIX]).current_dir(folder.path()).env("SHELL", "/bin/bash").env("TOKEN", token());
        let status = command.status().unwrap();
        let output = fs::read_to_string(&path).unwrap();
        assert!(!output.contains(&token()), "{limit}: {output}");
        let ran = folder.path().join("ran").exists();
        assert!(status.success() == ran && (ran || status.code() == Some(126)), "{limit}: {status}: {output}");
        assert!(ran || output.contains("stanch-shell: the command was not run: "), "{limit}: {output}");
    }
}

#[test]
fn a_thousand_open_files_are_no_matter() {
    let mut run = Run::start(
        "ulimit -S -n 1000; for i in {3..900}; do eval \"exec $i</dev/null\"; done; echo $TOKEN; (sleep 0.2; echo $TOKEN) & true",
    );
    assert!(run.wait().success());
    soon("no late line", || run.output() == "stanch_github_pat\nstanch_github_pat\n");
}

/// A shell that is none, and a prefix that is not given its text.
#[test]
fn what_cannot_run_says_so() {
    let mut command = Command::new(PREFIX);
    let out = command.arg("true").env("SHELL", "/nonexistent/bash").output().unwrap();
    assert_eq!(out.status.code(), Some(126));
    assert!(String::from_utf8_lossy(&out.stderr).contains("'/nonexistent/bash' does not start"));
    for words in [&[][..], &["a", "b"]] {
        let out = Command::new(PREFIX).args(words).output().unwrap();
        assert_eq!(out.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&out.stderr).contains("CLAUDE_CODE_SHELL_PREFIX"));
    }
}

/// The user's own rules and exceptions hold here too, and a file of theirs that cannot be read closes the boundary.
#[test]
fn a_configuration_with_a_mistake_runs_nothing_and_a_right_one_holds() {
    let (folder, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let user = home.path().join("stanch");
    fs::create_dir(&user).unwrap();
    let run = |text: &str, to_file: bool| {
        let mut command = Command::new(PREFIX);
        command.arg(text).current_dir(folder.path()).env("SHELL", "/bin/bash").env("XDG_CONFIG_HOME", home.path());
        said_by(&mut command, to_file, home.path())
    };
    let own = "[[rules]]\nid = \"acme\"\nregex = 'acme-[a-z0-9]{20}'\nkeywords = [\"acme\"]\n";
    for (config, rules, said) in [
        ("[redact\n", own, "config.toml"),
        ("[redact]\nrules = [\"own.toml\"]\n", "[[rules]\n", "own.toml"),
        ("[redact]\nrules = [\"missing.toml\"]\n", own, "missing.toml"),
    ] {
        fs::write(user.join("config.toml"), config).unwrap();
        fs::write(user.join("own.toml"), rules).unwrap();
        for to_file in [true, false] {
            let (code, output) = run("touch ran; echo ran", to_file);
            assert_eq!(code, Some(126), "{config}: {output}");
            assert!(output.contains("stanch-shell: the command was not run: ") && output.contains(said), "{output}");
            assert!(!folder.path().join("ran").exists());
        }
    }
    fs::write(user.join("config.toml"), "[redact]\nrules = [\"own.toml\"]\n").unwrap();
    fs::write(user.join("own.toml"), own).unwrap();
    for to_file in [true, false] {
        let text = "printf 'acme-\\033[31m%s\\033[0m%s\\n' 0123456789 abcdefghij >&2; exit 4";
        assert_eq!(run(text, to_file), (Some(4), "stanch_own_acme\n".to_owned()));
    }
}

/// Status, and what was said on standard error.
fn said_by(command: &mut Command, to_file: bool, folder: &Path) -> (Option<i32>, String) {
    if !to_file {
        let out = command.output().unwrap();
        return (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned());
    }
    let path = folder.join("said");
    let file = File::create(&path).unwrap();
    let status = command.stdout(file.try_clone().unwrap()).stderr(file).status().unwrap();
    (status.code(), fs::read_to_string(path).unwrap())
}

/// The executable with the first byte of its rules changed: as a broken download or a bad disk leaves it.
#[test]
fn with_broken_rules_nothing_runs_and_the_reason_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("stanch-shell");
    let mut bytes = fs::read(PREFIX).unwrap();
    // Behind the mark stands where the rules begin, right behind the header; elsewhere the mark is compared with.
    let begins = |at: &usize| {
        let next = bytes[at + 4..].first_chunk().map_or(0, |field| u32::from_le_bytes(*field));
        bytes[*at..].starts_with(rules::layout::MAGIC) && (1..1000).contains(&next)
    };
    let marks: Vec<usize> = (0..bytes.len() - 8).filter(begins).collect();
    assert_eq!(marks.len(), 1);
    bytes[marks[0]] ^= 1;
    fs::write(&broken, bytes).unwrap();
    fs::set_permissions(&broken, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for to_file in [true, false] {
        let mut command = Command::new(&broken);
        command.arg("touch ran; echo ran").current_dir(folder.path()).env("SHELL", "/bin/bash");
        let (code, said) = said_by(&mut command, to_file, folder.path());
        assert_eq!(code, Some(126));
        assert!(said.contains("the compiled rules are damaged; install stanch again"), "{said}");
        assert!(!folder.path().join("ran").exists());
    }
}

/// On a full disk the command's writes fail, nothing raw is there, and the end of the file says why.
#[test]
fn on_a_full_disk_the_reason_is_at_the_end_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=64k", "none"]).arg(&disk).stderr(Stdio::null());
    let mounted = Mounted::new(&mut mount, &disk);
    let (output, limit) = match &mounted {
        Some(_) => (disk.join("output"), ""),
        // Without the right to mount, a limit on the size of a file does the same.
        None => (folder.path().join("output"), "ulimit -f 64; "),
    };
    let shell = format!("{limit}exec \"$0\" 'while echo $TOKEN; do :; done; exit 0' >> \"$1\" 2>&1");
    let mut command = Command::new("bash");
    command.args([OsStr::new("-c"), OsStr::new(&shell), OsStr::new(PREFIX), output.as_os_str()]);
    let status = command.env("SHELL", "/bin/bash").env("TOKEN", token()).status().unwrap();
    assert!(!status.success(), "{status}");
    let seen = fs::read(&output).unwrap();
    let seen = String::from_utf8_lossy(&seen);
    assert!(!seen.contains(&token()));
    assert!(
        seen.lines().last().unwrap().starts_with("stanch-shell: the output could not be written"),
        "{:?}",
        seen.lines().last()
    );
}

struct Mounted(PathBuf);

impl Mounted {
    fn new(command: &mut Command, at: &Path) -> Option<Self> {
        command.status().is_ok_and(|status| status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(OsStr::from_bytes(self.0.as_os_str().as_bytes())).status();
    }
}
