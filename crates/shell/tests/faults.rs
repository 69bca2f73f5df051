//! What breaks: whatever is killed or used up, nothing secret passes, the command is not left to itself, and the reason is
//! there to read.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

const PREFIX: &str = env!("CARGO_BIN_EXE_stanch-shell");

/// A token that only this file knows, in two parts that no scanner takes for one.
fn token() -> String {
    ["ghp_", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U"].concat()
}

/// The prefix as the agent's Bash tool starts it: leader of its group, both streams one file.
struct Run {
    folder: tempfile::TempDir,
    child: Child,
}

impl Run {
    fn start(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = OpenOptions::new().create(true).append(true).open(folder.path().join("output")).unwrap();
        let mut command = Command::new(PREFIX);
        command.arg(text).current_dir(folder.path()).process_group(0).env("SHELL", "/bin/bash").env("TOKEN", token());
        let child = command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Self { folder, child }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn output(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.path("output")).unwrap()).into_owned()
    }

    fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// A test that failed leaves nothing running.
impl Drop for Run {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

/// Waits for something that is to become true soon.
fn soon(what: &str, is: impl Fn() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < Duration::from_secs(10), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The children of a process.
fn children(of: u32) -> Vec<u32> {
    let parent = |pid: u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        status.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<u32>().ok()
    };
    let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    all.filter(|pid| parent(*pid) == Some(of)).collect()
}

/// The first argument that a process was started with.
fn name(of: u32) -> String {
    let words = fs::read(format!("/proc/{of}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(words.split(|b| *b == 0).next().unwrap_or_default()).into_owned()
}

/// The filter that writes there.
fn filter_to(place: &Path) -> u32 {
    let find = || {
        let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let writes_there = |pid: &u32| fs::read_link(format!("/proc/{pid}/fd/1")).is_ok_and(|to| to == place);
        all.into_iter().filter(|pid| name(*pid) == "stanch-filter").find(writes_there)
    };
    soon("no filter", || find().is_some());
    find().unwrap()
}

fn kill(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}

fn is_alive(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// A command that says when it runs, then acts for ever and shows its secret.
const ENDLESS: &str = "touch runs; (while sleep 0.02; do echo >> acts; echo $TOKEN; done) & \
                       python3 -c 'import time\nwhile True: time.sleep(0.02); open(\"acts\", \"a\").write(\"x\")'; wait";

/// Nothing acts any more.
fn is_still(run: &Run) {
    let size = || fs::metadata(run.path("acts")).map_or(0, |data| data.len());
    soon("something goes on acting", || {
        let before = size();
        std::thread::sleep(Duration::from_millis(150));
        size() == before
    });
    let before = size();
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(size(), before, "something goes on acting");
}

#[test]
fn a_killed_prefix_takes_the_command_with_it() {
    let mut run = Run::start(ENDLESS);
    soon("it does not run", || run.path("acts").exists());
    kill(run.child.id());
    assert_eq!(run.wait().signal(), Some(9));
    is_still(&run);
    assert!(!run.output().contains(&token()));
}

/// Started by something else than an agent: in somebody's group, and its processes in sessions of their own.
#[test]
fn without_a_group_of_its_own_the_command_is_found_by_its_output() {
    for victim in ["prefix", "filter"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output");
        let file = File::create(&path).unwrap();
        let mut command = Command::new(PREFIX);
        command.arg(ENDLESS.replace("python3", "setsid python3")).current_dir(folder.path());
        command.env("SHELL", "/bin/bash").env("TOKEN", token()).stdin(Stdio::null());
        let child = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        let mut run = Run { folder, child };
        soon("it does not run", || run.path("acts").exists());
        kill(if victim == "prefix" { run.child.id() } else { filter_to(&path) });
        assert!(!run.wait().success());
        is_still(&run);
        assert!(!run.output().contains(&token()));
    }
}

#[test]
fn a_killed_filter_stops_the_command_and_the_reason_is_shown() {
    let mut run = Run::start(ENDLESS);
    soon("it does not run", || run.path("acts").exists());
    kill(filter_to(&run.path("output")));
    assert!(!run.wait().success());
    is_still(&run);
    let output = run.output();
    assert!(!output.contains(&token()), "{output}");
    assert!(output.contains("stanch-shell: the filter was killed, so the command was stopped"), "{output}");
}

#[test]
fn both_killed_at_once_end_the_shell_and_show_nothing() {
    let text = "touch runs; while :; do echo >> acts; echo $TOKEN; done";
    let mut run = Run::start(text);
    soon("it does not run", || run.path("acts").exists());
    let (prefix, filter) = (run.child.id().to_string(), filter_to(&run.path("output")).to_string());
    assert!(Command::new("kill").args(["-9", &prefix, &filter]).status().unwrap().success());
    run.wait();
    is_still(&run);
    assert!(!run.output().contains(&token()));
}

/// At any moment of a short life: from before the filter runs to after the shell has ended.
#[test]
fn a_kill_at_any_moment_lets_nothing_pass_and_is_never_taken_for_success() {
    let text = "touch runs; for i in 1 2 3 4 5 6 7 8; do echo $TOKEN; done; echo $TOKEN >&2; touch done; exit 0";
    let mut cut_short = 0;
    for step in 0..80 {
        let mut run = Run::start(text);
        let deadline = Instant::now() + Duration::from_micros(step * 130);
        while Instant::now() < deadline {
            std::hint::spin_loop();
        }
        let prefix = run.child.id();
        let mut victims = vec![prefix];
        victims.extend(children(prefix));
        // The prefix, the filter and the shell in turn, as far as they are there.
        let victim = victims[step as usize % victims.len()];
        let _ = Command::new("kill").args(["-9", &victim.to_string()]).stderr(Stdio::null()).status();
        let status = run.wait();
        soon("the filter lives on", || children(prefix).is_empty());
        let output = run.output();
        assert!(!output.contains(&token()), "step {step}: {output}");
        let whole = output.matches("stanch_github_pat").count() == 9;
        assert!(whole || !status.success(), "step {step}: {status}: {output}");
        cut_short += usize::from(!whole);
    }
    assert!(cut_short > 0, "every kill came too late: the test is void");
}

#[test]
fn a_survivor_is_filtered_when_the_prefix_has_ended_and_a_killed_filter_ends_it() {
    let text = "(while sleep 0.02; do echo $TOKEN; echo >> acts; done) & echo now";
    let mut run = Run::start(text);
    let filter = filter_to(&run.path("output"));
    assert!(run.wait().success());
    soon("nothing is filtered", || run.output().contains("stanch_github_pat"));
    assert!(is_alive(filter));
    kill(filter);
    // Its next write has no reader.
    is_still(&run);
    assert!(!run.output().contains(&token()));
}

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

/// As an MCP server, a hook or a monitor is started: streams of their own, read to their end.
fn piped(text: &str) -> Output {
    let mut command = Command::new(PREFIX);
    command.arg(text).env("SHELL", "/bin/bash").env("TOKEN", token()).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_filter_that_is_killed_beside_a_server_lets_nothing_pass() {
    let mut command = Command::new(PREFIX);
    // Python answers a broken pipe with an error, and goes on if it likes: nothing comes out any more.
    command.arg("exec python3 -u -c 'import os,time\nprint(\"up\")\nwhile True:\n time.sleep(0.02)\n print(os.environ[\"TOKEN\"])'");
    command.env("SHELL", "/bin/bash").env("TOKEN", token()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = [0; 3];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    // Nobody's child: found by the pipe that it writes to.
    let pipe = fs::read_link(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&out))).unwrap();
    let filter = filter_to(&pipe);
    kill(filter);
    let (mut rest, mut err) = (String::new(), String::new());
    out.read_to_string(&mut rest).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(!child.wait().unwrap().success());
    assert!(!rest.contains(&token()) && !err.contains(&token()));
}

#[test]
fn a_server_is_the_prefix_itself_and_its_status_and_its_signals_are_its_own() {
    let out = piped("echo out; echo err >&2; exit 7");
    assert_eq!((out.status.code(), &out.stdout[..], &out.stderr[..]), (Some(7), &b"out\n"[..], &b"err\n"[..]));
    assert_eq!(piped("kill -USR1 $$").status.signal(), Some(10));
    let mut command = Command::new(PREFIX);
    let mut child =
        command.arg("exec cat").env("SHELL", "/bin/bash").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(format!("{{\"id\":1,\"a\":\"{}\"}}\n", token()).as_bytes()).unwrap();
    let mut line = [0; 33];
    child.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
    assert_eq!(String::from_utf8_lossy(&line), "{\"id\":1,\"a\":\"stanch_github_pat\"}\n");
    assert_eq!(name(child.id()), "cat");
    assert!(children(child.id()).is_empty(), "the filter is a child of the server");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_message_in_two_parts_with_a_pause_between_stays_one() {
    let out = piped(r#"printf '{"a":"%s' "${TOKEN:0:20}"; sleep 0.5; printf '%s"}\n' "${TOKEN:20}""#);
    assert_eq!(String::from_utf8_lossy(&out.stdout), "{\"a\":\"stanch_github_pat\"}\n");
}

#[test]
fn a_prompt_is_shown_before_its_line_ends_and_a_tokens_first_half_is_not() {
    let mut run = Run::start("printf 'Password: '; sleep 1; printf 'see %s' ${TOKEN:0:20}; sleep 1; echo ${TOKEN:20}");
    soon("no prompt", || run.output() == "Password: ");
    soon("no word", || run.output() == "Password: see ");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(run.output(), "Password: see ");
    run.wait();
    assert_eq!(run.output(), "Password: see stanch_github_pat\n");
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
