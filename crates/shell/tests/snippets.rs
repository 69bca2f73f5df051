//! Some hundred shell snippets, run with the prefix and without: output, status and what they leave behind are the same.
//!
//! Without the prefix a snippet runs as the agent runs it: in a session of its own, both streams one file to which is
//! appended. The snippets lie in `snippets/`; what must differ is in `docs/command-boundary.md` and in the last test here.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const PREFIX: &str = env!("CARGO_BIN_EXE_stanch-shell");
/// What each snippet finds on its standard input.
const INPUT: &str = "line one\nline two\nline three\n";
/// No snippet takes a quarter of it.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a snippet leaves running has written by then.
const LATER: Duration = Duration::from_millis(1200);

/// What a run gave.
#[derive(PartialEq)]
struct Seen {
    code: Option<i32>,
    signal: Option<i32>,
    output: Vec<u8>,
    /// The output some time later.
    later: Vec<u8>,
    /// Kind, mode and content of all that was left in the folder.
    left: BTreeMap<PathBuf, (u32, Vec<u8>)>,
}

/// Runs a snippet in a folder of this name, made new.
fn run(base: &Path, prefixed: bool, text: &str, later: bool) -> Seen {
    let (work, output) = (base.join("work"), base.join("output"));
    let _ = Command::new("chmod").args(["-R", "u+rwx"]).arg(&work).stderr(Stdio::null()).status();
    let _ = fs::remove_dir_all(&work);
    fs::create_dir(&work).unwrap();
    let _ = fs::remove_file(&output);
    let file = OpenOptions::new().create(true).append(true).open(&output).unwrap();
    // setsid becomes what it starts: it leads no group, so it need not fork.
    let mut command = Command::new("setsid");
    if prefixed {
        command.args([PREFIX, text]);
    } else {
        command.args(["/bin/bash", "-c", text]);
    }
    command.env_clear().envs([("PATH", "/usr/bin:/bin"), ("SHELL", "/bin/bash"), ("LANG", "C.UTF-8")]);
    command.env("HOME", base).current_dir(&work).stdin(Stdio::piped());
    command.stdout(file.try_clone().unwrap()).stderr(file);
    let mut child = command.spawn().unwrap();
    drop(command);
    let _ = child.stdin.take().unwrap().write_all(INPUT.as_bytes());
    let status = finish(&mut child, text);
    let seen = fs::read(&output).unwrap();
    if later {
        std::thread::sleep(LATER);
    }
    let mut left = BTreeMap::new();
    collect(&work, &work, &mut left);
    let after = fs::read(&output).unwrap();
    Seen {
        code: status.code(),
        signal: status.signal(),
        output: without_numbers(seen),
        later: without_numbers(after),
        left,
    }
}

/// Without the process number in what bash says of a child that died: `line 1:  4711 Killed`.
fn without_numbers(output: Vec<u8>) -> Vec<u8> {
    let Ok(text) = String::from_utf8(output.clone()) else { return output };
    let plain = |line: &str| match line.split_once(": ") {
        Some((place, said)) if place.starts_with("/bin/bash") => {
            let (number, said) = said.split_once(": ").unwrap_or(("", said));
            format!("{place}: {number}: {}", said.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()))
        }
        _ => line.to_owned(),
    };
    text.split_inclusive('\n').map(plain).collect::<String>().into_bytes()
}

fn finish(child: &mut Child, text: &str) -> std::process::ExitStatus {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let _ = child.kill();
    panic!("it does not end: {text}");
}

fn collect(root: &Path, path: &Path, left: &mut BTreeMap<PathBuf, (u32, Vec<u8>)>) {
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        let data = fs::symlink_metadata(&path).unwrap();
        let content = match () {
            () if data.is_file() => fs::read(&path).unwrap_or_default(),
            () if data.is_symlink() => fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes(),
            () => Vec::new(),
        };
        left.insert(path.strip_prefix(root).unwrap().to_owned(), (data.permissions().mode(), content));
        if data.is_dir() {
            collect(root, &path, left);
        }
    }
}

/// Where both differ.
fn difference(bare: &Seen, prefixed: &Seen) -> Option<String> {
    let text = |bytes: &[u8]| {
        let cut = &bytes[..bytes.len().min(600)];
        format!("{} bytes {:?}", bytes.len(), String::from_utf8_lossy(cut))
    };
    let mut found = Vec::new();
    if (bare.code, bare.signal) != (prefixed.code, prefixed.signal) {
        let said = |seen: &Seen| format!("code {:?}, signal {:?}", seen.code, seen.signal);
        found.push(format!("status: {} became {}", said(bare), said(prefixed)));
    }
    for (what, a, b) in [("output", &bare.output, &prefixed.output), ("later output", &bare.later, &prefixed.later)] {
        if a != b {
            found.push(format!("{what}: {} became {}", text(a), text(b)));
        }
    }
    if bare.left != prefixed.left {
        let names = |seen: &Seen| seen.left.keys().map(|p| p.display().to_string()).collect::<Vec<_>>();
        found.push(format!("left behind: {:?} became {:?}", names(bare), names(prefixed)));
    }
    (!found.is_empty()).then(|| found.join("\n  "))
}

/// Runs all of them both ways, some side by side.
fn compare(snippets: &[&str], later: bool) {
    let (next, workers) = (AtomicUsize::new(0), if later { 8 } else { 4 });
    let problems = std::thread::scope(|scope| {
        let work = || {
            let base = tempfile::tempdir().unwrap();
            let mut problems = Vec::new();
            while let Some(text) = snippets.get(next.fetch_add(1, Ordering::Relaxed)) {
                let bare = run(base.path(), false, text, later);
                let prefixed = run(base.path(), true, text, later);
                if let Some(difference) = difference(&bare, &prefixed) {
                    problems.push(format!("{text}\n  {difference}"));
                }
            }
            problems
        };
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(problems.is_empty(), "{} of {}:\n\n{}", problems.len(), snippets.len(), problems.join("\n\n"));
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

#[test]
fn one_line_snippets_run_as_without_the_prefix() {
    let snippets = lines(include_str!("snippets/lines.sh"));
    assert!(snippets.len() > 250, "only {}", snippets.len());
    compare(&snippets, false);
}

#[test]
fn longer_snippets_run_as_without_the_prefix() {
    let snippets: Vec<&str> = include_str!("snippets/blocks.sh").split("\n%\n").collect();
    assert!(snippets.len() > 40, "only {}", snippets.len());
    compare(&snippets, false);
}

#[test]
fn what_outlives_its_shell_is_not_waited_for_and_its_output_comes() {
    compare(&lines(include_str!("snippets/late.sh")), true);
}

/// A pipe stands where a file was: what asks for the file can tell. Each line differs as it says, and if it does not
/// any more the list in the documents is wrong.
#[test]
fn what_must_differ_differs() {
    let base = tempfile::tempdir().unwrap();
    for (text, bare, prefixed) in [
        ("test -f /dev/stdout && echo file; test -p /dev/stdout && echo pipe", "file\n", "pipe\n"),
        ("echo; stat -L -c %F /dev/stderr", "\nregular file\n", "\nfifo\n"),
        // A file is opened anew and cut off, a pipe is not.
        ("echo one; echo two > /dev/stdout", "two\n", "one\ntwo\n"),
        ("python3 -c 'import sys; print(sys.stdout.seekable())'", "True\n", "False\n"),
    ] {
        let said = |prefixed| String::from_utf8(run(base.path(), prefixed, text, false).output).unwrap();
        assert_eq!((said(false).as_str(), said(true).as_str()), (bare, prefixed), "{text}");
    }
}

/// The file is there and whole when the prefix ends, whatever the size of the output.
#[test]
fn all_is_written_when_the_prefix_ends() {
    let base = tempfile::tempdir().unwrap();
    for size in [1, 4096, 65536, 65537, 1 << 20, (1 << 20) + 1, 5 << 20] {
        let text = format!("head -c {size} /dev/zero | tr '\\0' 'x'; (sleep 0.4) & exit 3");
        let seen = run(base.path(), true, &text, false);
        assert_eq!((seen.output.len(), seen.code), (size, Some(3)));
    }
}
