//! Any process of stanch is killed at any moment while the real client works: nothing secret is sent or kept, no command goes on
//! unfiltered, and the same session goes on afterwards.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session};

/// The names under which stanch's processes run: the prefix, its filter, what becomes the shell, and the hooks.
const ROLES: [&str; 8] = [
    "stanch-shell",
    "stanch-filter",
    "stanch-filter-start",
    "stanch-shell-start",
    "pre-tool-use",
    "post-tool-use",
    "post-tool-batch",
    "user-prompt-submit",
];

/// Those of them that live long enough to be hit.
const MARKS: [&str; 6] =
    ["stanch-shell", "stanch-filter", "pre-tool-use", "post-tool-use", "post-tool-batch", "user-prompt-submit"];

/// A process of stanch in one session.
struct Process {
    pid: u32,
    role: &'static str,
}

/// Those that run for the session in this folder.
fn processes(session: &Path) -> Vec<Process> {
    let home = format!("HOME={}", session.join("home").display());
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let first = PathBuf::from(String::from_utf8_lossy(words.split(|b| *b == 0).next()?).into_owned());
        let role = *ROLES.iter().find(|role| first.file_name().is_some_and(|name| name == **role))?;
        let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
        environment.split(|b| *b == 0).any(|word| word == home.as_bytes()).then_some(Process { pid, role })
    })
    .collect()
}

fn kill(pid: u32) -> bool {
    let kill = Command::new("kill").args(["-9", &pid.to_string()]).stderr(Stdio::null()).status();
    kill.is_ok_and(|kill| kill.success())
}

/// Kills a process of the session every so often, until it is dropped.
struct Hunter {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<BTreeSet<&'static str>>>,
}

impl Hunter {
    /// Begins with one of this role, and waits so long between two kills; which process it is then goes round.
    fn start(session: &Path, first: &'static str, pause: Duration) -> Self {
        let (stop, session) = (Arc::new(AtomicBool::new(false)), session.to_owned());
        let asked = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut killed = BTreeSet::new();
            let mut turn = 0;
            while !asked.load(Ordering::Relaxed) {
                let mut there = processes(&session);
                there.retain(|process| process.role == first || killed.contains(first));
                if !there.is_empty() {
                    let victim = &there[turn % there.len()];
                    if kill(victim.pid) {
                        killed.insert(victim.role);
                        turn += 1;
                        std::thread::sleep(pause);
                    }
                }
            }
            killed
        });
        Self { stop, thread: Some(thread) }
    }

    /// Stops; the roles that were hit.
    fn stop(mut self) -> BTreeSet<&'static str> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or_default()
    }
}

impl Drop for Hunter {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn bash(command: &str) -> Value {
    json!({"command": command, "description": "look"})
}

fn is_clean(evidence: &Evidence, secret: &str) {
    assert!(evidence.on_wire(secret).is_empty(), "it was sent\n{}", evidence.account());
    assert_eq!(evidence.on_disk(secret), [], "it was kept\n{}", evidence.account());
}

fn stanch(playground: Playground, script: Script, secret: &str) -> Result<Session> {
    let answers = json!({"text": format!("here is {secret}"), "fail": format!("refused for {secret}")});
    Session::new(playground, script).hooks(Hooks::all()?).prefixed()?.mcp(&[env!("CARGO_BIN_EXE_mcp-server")], &answers)
}

/// Commands in front and behind, a monitor and an MCP server, each with the secret again and again.
fn busy() -> Script {
    let monitor = json!({
        "command": "for i in 1 2 3 4 5; do cat a.txt; sleep 0.2; done", "description": "watch", "timeout_ms": 5000,
        "persistent": false,
    });
    let behind = json!({
        "command": "for i in 1 2 3 4 5; do cat a.txt; sleep 0.2; done; exit 2", "description": "look", "run_in_background": true,
    });
    Script::default()
        .call("select", "ToolSearch", json!({"query": "select:Monitor"}))
        .call("behind", "Bash", behind)
        .call("monitor", "Monitor", monitor)
        .call("front", "Bash", bash("for i in 1 2 3; do cat a.txt; sleep 0.2; done"))
        .call("failed", "Bash", bash("cat a.txt >&2; exit 3"))
        .call("mcp", "mcp__lab__text", json!({}))
        .call("mcp-fail", "mcp__lab__fail", json!({}))
        .call("outputs", "Bash", bash("sleep 0.5; cat $(find ../tmp -name '*.output')"))
        .call("mcp-again", "mcp__lab__text", json!({}))
        .call("last", "Bash", bash("cat a.txt; sleep 0.3; cat a.txt; exit 5"))
}

#[test]
fn whatever_is_killed_nothing_passes_and_the_session_goes_on() -> Result<()> {
    let mut hit = BTreeSet::new();
    for (first, pause) in MARKS.into_iter().zip([20, 300, 80, 40, 150, 500]) {
        let secret = Seed::fresh().github_pat();
        let mut playground = Playground::new()?;
        playground.write("a.txt", &format!("token: {secret}\n"))?;
        let session = stanch(playground, busy(), &secret)?;
        let hunter = Hunter::start(session.folder(), first, Duration::from_millis(pause));
        let (evidence, mut playground) = session.run_and_keep()?;
        hit.extend(hunter.stop());
        is_clean(&evidence, &secret);

        // Nobody is killed any more. A session that never came to its first prompt is no session yet.
        let began = evidence.requests.iter().any(endpoint::Request::is_message);
        playground.write("b.txt", "here again\n")?;
        let script = Script::default().call("usable", "Bash", bash("cat a.txt b.txt; exit 4")).call(
            "usable-mcp",
            "mcp__lab__text",
            json!({}),
        );
        let session = stanch(playground, script, &secret)?;
        let evidence = if began { session.argument("--continue") } else { session }.run()?;
        is_clean(&evidence, &secret);
        for (call, also) in [("usable", "here again"), ("usable-mcp", "here is")] {
            let result = evidence.tool_result_text(call);
            assert!(result.contains("stanch_github_pat"), "{first}, {pause}, {call}: {result}\n{}", evidence.account());
            assert!(result.contains(also), "{first}, {pause}, {call}: {result}");
        }
    }
    for role in MARKS {
        assert!(hit.contains(role), "no {role} was killed, only {hit:?}: the test is void");
    }
    Ok(())
}

/// The control: killed or not, without the prefix it is sent.
#[test]
fn without_stanch_it_is_sent() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let evidence = Session::new(playground, busy()).run()?;
    for call in ["front", "failed", "outputs", "last"] {
        assert!(evidence.tool_result_text(call).contains(&secret), "{call}\n{}", evidence.account());
    }
    Ok(())
}

/// Shows the secret and acts, in processes of its own too, until somebody stops it.
const ENDLESS: &str =
    "(while sleep 0.05; do echo >> acts; cat a.txt; done) & while sleep 0.05; do echo >> acts; cat a.txt; done";

/// One session whose first call is endless, and of which this role is killed while the call runs.
fn cut_short(role: &'static str, input: Value) -> Result<(Evidence, Playground, String)> {
    let secret = Seed::fresh().github_pat();
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let script = Script::default()
        .call("endless", "Bash", input)
        .call("wait", "Bash", bash("until [ -e killed ]; do sleep 0.05; done; sleep 1; cat $(find ../tmp -name '*.output' -size +0) | tail -n 5"))
        .call("usable", "Bash", bash("echo USABLE"));
    let session = Session::new(playground, script).hooks(Hooks::all()?).prefixed()?;
    let (folder, started) = (session.folder().to_owned(), Instant::now());
    let killer = std::thread::spawn(move || {
        let (acts, project) = (folder.join("project/acts"), folder.join("project"));
        while started.elapsed() < Duration::from_secs(60) {
            if acts.exists() {
                // The first of them: the next call has processes of its own by then.
                let mut there: Vec<Process> = processes(&folder).into_iter().filter(|p| p.role == role).collect();
                there.sort_by_key(|process| process.pid);
                let killed = there.first().is_some_and(|process| kill(process.pid));
                return killed && fs::write(project.join("killed"), "").is_ok();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    });
    let (evidence, playground) = session.run_and_keep()?;
    assert!(killer.join().unwrap_or(false), "nothing was killed: the test is void\n{}", evidence.account());
    Ok((evidence, playground, secret))
}

fn is_still(playground: &Playground) -> Result<()> {
    let acts = playground.project().join("acts");
    let before = fs::metadata(&acts)?.len();
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(fs::metadata(&acts)?.len(), before, "the command goes on");
    Ok(())
}

#[test]
fn a_command_whose_prefix_or_filter_is_killed_ends_and_the_call_has_failed() -> Result<()> {
    for (role, said) in
        [("stanch-shell", "Exit code"), ("stanch-filter", "the filter was killed, so the command was stopped")]
    {
        let (evidence, playground, secret) = cut_short(role, bash(ENDLESS))?;
        is_clean(&evidence, &secret);
        is_still(&playground)?;
        let result = evidence.tool_result("endless").unwrap_or_default();
        assert!(result["is_error"] == true && result["content"].to_string().contains(said), "{role}: {result}");
        assert!(evidence.tool_result_text("usable").contains("USABLE"), "{role}\n{}", evidence.account());
    }
    Ok(())
}

#[test]
fn a_background_command_whose_prefix_or_filter_is_killed_ends_and_its_output_says_why() -> Result<()> {
    for (role, said) in [
        ("stanch-shell", "the prefix was killed, so the command was stopped"),
        ("stanch-filter", "the filter was killed, so the command was stopped"),
    ] {
        let input = json!({"command": ENDLESS, "description": "look", "run_in_background": true});
        let (evidence, playground, secret) = cut_short(role, input)?;
        is_clean(&evidence, &secret);
        is_still(&playground)?;
        let output = evidence.tool_result_text("wait");
        assert!(output.contains(said), "{role}: {output}");
        assert!(
            !evidence.on_wire("failed with exit code").is_empty(),
            "{role}: it is not told\n{}",
            evidence.account()
        );
        assert!(evidence.tool_result_text("usable").contains("USABLE"), "{role}\n{}", evidence.account());
    }
    Ok(())
}
