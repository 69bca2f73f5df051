//! What breaks or runs short while the real client works: nothing secret passes, the reason is there to read, and after the
//! mend the same session goes on.

#![cfg(target_os = "linux")]

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session};

const BLOCKED: &str = "UserPromptSubmit operation blocked by hook";

fn bash(command: &str) -> Value {
    json!({"command": command, "description": "look"})
}

/// A project with a secret in `a.txt`.
fn project(secret: &str) -> Result<Playground> {
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    Ok(playground)
}

/// A command that shows the secret, one that fails with it, a file that is read, and a call that shows that all goes on.
fn looks(playground: Playground) -> Result<Session> {
    let file = playground.project().join("a.txt");
    let script = Script::default()
        .call("shown", "Bash", bash("cat a.txt"))
        .call("failed", "Bash", bash("cat a.txt >&2; exit 3"))
        .call("read", "Read", json!({"file_path": file}))
        .call("usable", "Bash", bash("echo USABLE"));
    Session::new(playground, script).hooks(Hooks::all()?).prefixed()
}

/// The same session, some time later.
fn goes_on(playground: Playground, secret: &str) -> Result<()> {
    let script = Script::default().call("again", "Bash", bash("cat a.txt; echo USABLE; exit 3"));
    let session = Session::new(playground, script).hooks(Hooks::all()?).prefixed()?;
    let evidence = session.argument("--continue").run()?;
    is_clean(&evidence, secret);
    let result = evidence.tool_result_text("again");
    assert!(result.contains("stanch_github_pat") && result.contains("USABLE"), "{result}\n{}", evidence.account());
    Ok(())
}

fn is_clean(evidence: &Evidence, secret: &str) {
    assert!(evidence.on_wire(secret).is_empty(), "it was sent\n{}", evidence.account());
    assert_eq!(evidence.on_disk(secret), [], "it was kept\n{}", evidence.account());
}

/// All was done as ever, with placeholders.
fn all_went_well(evidence: &Evidence) {
    for call in ["shown", "failed", "read"] {
        let result = evidence.tool_result_text(call);
        assert!(result.contains("stanch_github_pat"), "{call}: {result}\n{}", evidence.account());
    }
    is_usable(evidence);
}

fn is_usable(evidence: &Evidence) {
    let result = evidence.tool_result_text("usable");
    assert!(result.contains("USABLE"), "{result}\n{}", evidence.account());
}

/// What `session-start` said to the person.
fn said_at_the_start(evidence: &Evidence) -> String {
    evidence.printed().iter().filter(|line| line["hook_event"] == "SessionStart").map(Value::to_string).collect()
}

/// The control of this file: without hooks and prefix, each of the calls sends it.
#[test]
fn without_stanch_it_is_sent() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let session = looks(project(&secret)?)?.hooks(Hooks::none());
    let evidence = session.env("CLAUDE_CODE_SHELL_PREFIX", "").run()?;
    assert!(evidence.tool_result_text("read").contains(&secret), "{}", evidence.account());
    Ok(())
}

#[test]
fn without_a_home_all_goes_on() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let words = ["env", "-u", "HOME"].map(OsStr::new);
    let evidence = looks(project(&secret)?)?.launched_by(&words).run()?;
    is_clean(&evidence, &secret);
    all_went_well(&evidence);
    Ok(())
}

#[test]
fn with_few_open_files_all_goes_on() -> Result<()> {
    for limit in ["1000", "40"] {
        let secret = Seed::fresh().github_pat();
        let shell = format!("ulimit -n {limit}; exec \"$@\"");
        let evidence = looks(project(&secret)?)?.launched_by(&["bash", "-c", &shell, "_"].map(OsStr::new)).run()?;
        is_clean(&evidence, &secret);
        all_went_well(&evidence);
    }
    Ok(())
}

/// With fewer still the client itself can start some of the hooks no more. It ends the turn and notes why; with more it goes on.
#[test]
fn with_too_few_open_files_nothing_is_sent_and_then_it_goes_on() -> Result<()> {
    for limit in (14..=24).rev().step_by(2) {
        let secret = Seed::fresh().github_pat();
        let shell = format!("ulimit -n {limit}; exec \"$@\"");
        let session = looks(project(&secret)?)?.launched_by(&["bash", "-c", &shell, "_"].map(OsStr::new));
        let (evidence, playground) = session.run_and_keep()?;
        is_clean(&evidence, &secret);
        let began = evidence.requests.iter().any(endpoint::Request::is_message);
        if began && evidence.tool_result("usable").is_none() {
            let told = ["blocking because onFailure is", "the command was not run"].map(|text| evidence.on_disk(text));
            assert!(told.iter().any(|told| !told.is_empty()), "{limit}: no reason is noted\n{}", evidence.account());
            return goes_on(playground, &secret);
        }
    }
    bail!("no limit was too low for a turn and enough for a session: the test is void")
}

/// With a second layer of quotes a command may become too long for the system. The client says so and runs nothing.
#[test]
fn a_command_near_the_limit_of_an_argument_runs_and_one_beyond_it_is_reported() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let playground = project(&secret)?;
    let made = playground.project();
    let with_quotes = |quotes: usize, file: &str| format!("touch {file}; cat a.txt; : \"{}\"", "'".repeat(quotes));
    let script = Script::default()
        .call("shown", "Bash", bash(&with_quotes(7000, "shown")))
        .call("beyond", "Bash", bash(&with_quotes(8500, "beyond")))
        .call("usable", "Bash", bash("echo USABLE"));
    let session = Session::new(playground, script).hooks(Hooks::all()?).prefixed()?;
    let (evidence, _playground) = session.run_and_keep()?;
    is_clean(&evidence, &secret);
    assert!(evidence.tool_result_text("shown").contains("stanch_github_pat"), "{}", evidence.account());
    let beyond = evidence.tool_result_text("beyond");
    assert!(beyond.contains("exceed the OS exec argument limit"), "{beyond}");
    assert!(made.join("shown").exists() && !made.join("beyond").exists());
    is_usable(&evidence);
    Ok(())
}

/// Runs the client where the folders are read-only (`size` none) or full file systems of their own. What was written there is
/// copied back before they go.
fn with_disks(folders: &[&Path], size: Option<&str>) -> Result<Vec<String>> {
    let mut shell = String::new();
    for folder in folders.iter().map(|folder| folder.display()) {
        shell += &match size {
            None => format!("mount --bind '{folder}' '{folder}' && mount -o remount,ro,bind '{folder}' || exit 90; "),
            Some(size) => format!(
                "cp -a '{folder}' '{folder}.first' && mount -t tmpfs -o size={size} none '{folder}' && \
                 cp -a '{folder}.first/.' '{folder}' || exit 90; rm -rf '{folder}.first'; \
                 cat /dev/zero > '{folder}/filler' 2>/dev/null; "
            ),
        };
    }
    shell += "\"$@\"; status=$?; ";
    for folder in folders.iter().map(|folder| folder.display()).filter(|_| size.is_some()) {
        shell += &format!(
            "rm -f '{folder}/filler'; cp -a '{folder}' '{folder}.last'; umount -l '{folder}'; \
             cp -a '{folder}.last/.' '{folder}'; rm -rf '{folder}.last'; "
        );
    }
    shell += "exit $status";
    let apart = if is_root() { "-m" } else { "-rm" };
    let can = std::process::Command::new("unshare").args([apart, "mount", "-t", "tmpfs", "none", "/mnt"]).status();
    ensure!(can.is_ok_and(|can| can.success()), "file systems of its own need root or user namespaces (unshare -rm)");
    Ok(["unshare", apart, "sh", "-c", &shell, "_"].map(str::to_owned).to_vec())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

fn launched(session: Session, words: &[String]) -> Session {
    session.launched_by(&words.iter().map(OsStr::new).collect::<Vec<_>>())
}

#[test]
fn with_a_read_only_home_all_goes_on_and_it_is_said_that_there_is_no_log() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let playground = project(&secret)?;
    let words = with_disks(&[&playground.root().join("home")], None)?;
    let evidence = launched(looks(playground)?, &words).run()?;
    is_clean(&evidence, &secret);
    all_went_well(&evidence);
    let said = said_at_the_start(&evidence);
    assert!(said.contains("stanch keeps no log") && said.contains("read-only"), "{said}");
    Ok(())
}

#[test]
fn on_a_full_disk_all_goes_on_and_it_is_said_that_there_is_no_log() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let playground = project(&secret)?;
    let state = playground.root().join("home/state");
    fs::create_dir(&state)?;
    let words = with_disks(&[&state, &playground.project(), &playground.config()], Some("2m"))?;
    let session = looks(playground)?.env("XDG_STATE_HOME", &state.to_string_lossy());
    let evidence = launched(session, &words).run()?;
    is_clean(&evidence, &secret);
    all_went_well(&evidence);
    let said = said_at_the_start(&evidence);
    assert!(said.contains("stanch keeps no log") && said.contains("no storage space"), "{said}");
    Ok(())
}

/// Where the client keeps what commands write there is no room: the client says so, and goes on once there is.
#[test]
fn without_room_for_outputs_nothing_passes_and_it_is_told() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let playground = project(&secret)?;
    let words = with_disks(&[&playground.root().join("tmp")], Some("2m"))?;
    let (evidence, playground) = launched(looks(playground)?, &words).run_and_keep()?;
    is_clean(&evidence, &secret);
    let result = evidence.tool_result_text("shown");
    assert!(result.contains("Disk full") && !result.contains("token"), "{result}");
    assert!(evidence.tool_result_text("read").contains("stanch_github_pat"), "{}", evidence.account());
    goes_on(playground, &secret)
}

/// A person at a terminal: the configuration is broken while the session runs, and mended.
#[test]
fn a_broken_configuration_stops_all_and_says_why_until_it_is_mended() -> Result<()> {
    for (name, content, said) in [
        ("config.toml", "[redact\n", "config.toml:1:8"),
        ("own.toml", "[[rules]\n", "own.toml:1"),
        ("config.toml", "[redact]\nrules = [\"gone.toml\"]\n", "gone.toml"),
    ] {
        let secret = Seed::fresh().github_pat();
        let playground = project(&secret)?;
        let user = playground.root().join("home/.config/stanch");
        fs::create_dir_all(&user)?;
        let own = "[[rules]]\nid = \"acme\"\nregex = 'acme-[a-z0-9]{20}'\nkeywords = [\"acme\"]\n";
        let whole = [("config.toml", "[redact]\nrules = [\"own.toml\"]\n"), ("own.toml", own)];
        let mend = || whole.iter().try_for_each(|(name, content)| fs::write(user.join(name), content));
        mend()?;
        let script = Script::default()
            .says("Good day.")
            .call(
                "breaks",
                "Bash",
                bash(&format!("printf '{}' > {}; cat a.txt", content.replace('\n', "\\n"), user.join(name).display())),
            )
            .call("never", "Bash", bash("touch never"));
        let session = Session::new(playground, script).hooks(Hooks::all()?).prefixed()?;
        let (evidence, playground) = session.in_terminal_and_keep(|terminal, _| {
            terminal.say("hello")?;
            terminal.wait_for("Good day.")?;
            terminal.say("break it")?;
            terminal.wait_for("PostToolBatch hook stopped Claude")?;
            terminal.wait_until("the person is told where", |screen| unwrapped(screen).contains(said))?;
            terminal.say("go on")?;
            terminal.wait_for(BLOCKED)?;
            terminal.wait_until("the person is told where again", |screen| {
                screen.split_once(BLOCKED).is_some_and(|(_, below)| unwrapped(below).contains(said))
            })?;
            mend()?;
            // Not while the client still writes down what was blocked.
            std::thread::sleep(Duration::from_millis(300));
            terminal.press(&["C-u"])?;
            terminal.say("and now")?;
            terminal.wait_for("Done.")
        })?;
        is_clean(&evidence, &secret);
        assert!(evidence.tool_result_text("breaks").contains("stanch withheld this text"), "{}", evidence.account());
        assert!(playground.project().join("never").exists(), "the mended session made no call\n{}", evidence.account());
    }
    Ok(())
}

/// A screen's text without its line breaks: the client breaks long paths anywhere.
fn unwrapped(screen: &str) -> String {
    screen.lines().map(str::trim).collect()
}
