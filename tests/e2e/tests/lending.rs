//! Credentials lent in a session of the real client: git pushes to a server that demands a token, psql asks a PostgreSQL that
//! demands a password, an MCP server needs a key. The values lie in a real keyring and come nowhere else.

#![cfg(target_os = "linux")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use backends::Home;
use backends::secret_service::Bus;
use serde_json::{Value, json};
use stanch_e2e::evidence::places;
use stanch_e2e::git_server::{GitServer, Held};
use stanch_e2e::hooks::Hooks;
use stanch_e2e::mcp::digest;
use stanch_e2e::postgres::Postgres;
use stanch_e2e::watch::{Sighting, Watch};
use stanch_e2e::{Call, Evidence, Playground, Script, Session, Turn, executables};

/// Keyring, servers and values of one test.
struct Stage {
    // Ends before the home that its sockets lie in.
    _bus: Bus,
    keyring: Home,
    git: GitServer,
    postgres: Postgres,
    /// Of git, of the database, of the MCP server.
    values: [String; 3],
    _folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Result<Self> {
        executables::folder()?;
        let folder = tempfile::tempdir()?;
        let mut keyring = Home::new();
        let mut bus = Bus::start(&mut keyring);
        bus.keyring(&keyring, true);
        let values = ["token", "password", "key"].map(|what| backends::made_up(what).replace('-', "x"));
        for (name, value) in ["git", "db", "lab"].into_iter().zip(&values) {
            let said = keyring.stanch(&["store", name], value);
            ensure!(said.code == 0, "stanch store {name}: {}{}", said.out, said.err);
        }
        let git = GitServer::start(folder.path(), &values[0])?;
        let postgres = Postgres::start(folder.path(), &values[1])?;
        Ok(Self { _bus: bus, keyring, git, postgres, values, _folder: folder })
    }

    /// A project with a commit to push, and a user whose configuration lends.
    fn playground(&self) -> Result<Playground> {
        let playground = Playground::new()?;
        let (home, project) = (playground.root().join("home"), playground.project());
        let lend = format!(
            "[lend.git]\nsource = \"keyring:git\"\nby = \"git\"\nfor = {:?}\ntools = [\"git push\"]\nrepositories = [{project:?}]\n\
             [lend.db]\nsource = \"keyring:db\"\nby = \"pgpass\"\nfor = \"localhost:{}/shop/reader\"\ntools = [\"psql **\"]\n\
             repositories = [{project:?}]\n\
             [lend.lab]\nsource = \"keyring:lab\"\nby = \"mcp-env:LAB_KEY\"\nservers = [\"lab\"]\nrepositories = [{project:?}]\n",
            self.git.place(),
            self.postgres.port(),
        );
        std::fs::create_dir_all(home.join(".config/stanch"))?;
        std::fs::write(home.join(".config/stanch/config.toml"), lend)?;
        let settings = format!(
            "[user]\nname = t\nemail = t@example.invalid\n[http]\nsslCAInfo = {}\n",
            self.git.certificate().display()
        );
        std::fs::write(home.join(".gitconfig"), settings)?;
        let git = |words: &[&str]| -> Result<()> {
            let mut git = Command::new("git");
            let said = git.arg("-C").arg(&project).args(words).env("HOME", &home).output().context("git")?;
            ensure!(said.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&said.stderr));
            Ok(())
        };
        git(&["init", "--quiet", "--initial-branch=main"])?;
        git(&["commit", "--quiet", "--allow-empty", "--message=first"])?;
        git(&["remote", "add", "origin", &format!("https://{}", self.git.place())])?;
        Ok(playground)
    }

    fn session(&self, playground: Playground, script: Script) -> Result<Session> {
        let session = Session::new(playground, script).hooks(Hooks::all()?).prefixed()?;
        let bus = self.keyring.variable("DBUS_SESSION_BUS_ADDRESS").context("the bus has an address")?;
        session.env("DBUS_SESSION_BUS_ADDRESS", bus).mcp(&[env!("CARGO_BIN_EXE_mcp-server")], &json!({}))
    }

    /// A question to the database, as the model asks it.
    fn question(&self) -> String {
        format!("psql -h localhost -p {} -U reader -d shop -At -c 'SELECT what FROM orders'", self.postgres.port())
    }

    /// The values were sent nowhere, are in no file, and in no process but the MCP server, if that one has its key.
    fn nothing_shows(&self, evidence: &Evidence, watch: Watch, server_has_key: bool) {
        for (number, value) in self.values.iter().enumerate() {
            let sent = evidence.on_wire(value);
            assert!(sent.is_empty(), "value {number} was sent: {}\n{}", places(&sent), evidence.account());
            let kept = evidence.on_disk(value);
            assert!(kept.is_empty(), "value {number} is in {}\n{}", places(&kept), evidence.account());
        }
        let is_key = |sighting: &Sighting| sighting.text == 2 && sighting.file == "environ";
        // The server is started by a shell that becomes it, where it does.
        let is_leak =
            |sighting: &Sighting| !(is_key(sighting) && ["mcp-server", "bash"].contains(&sighting.program.as_str()));
        let seen = watch.seen();
        assert!(!seen.iter().any(is_leak), "{seen:?}");
        // So that a leak would have been seen: the server has its key for the whole session.
        let server_is_seen = seen.iter().any(|sighting| is_key(sighting) && sighting.program == "mcp-server");
        assert_eq!(server_is_seen, server_has_key, "{seen:?}");
    }

    fn audit(&self, playground: &Playground) -> Result<Vec<Value>> {
        let stanch = executables::named("stanch")?;
        let run = |words: &[&str]| {
            let mut command = Command::new(&stanch);
            command
                .env_clear()
                .env("HOME", playground.root().join("home"))
                .current_dir(playground.root())
                .args(words)
                .output()
        };
        let verified = run(&["audit", "verify"])?;
        ensure!(verified.status.success(), "audit verify: {}", String::from_utf8_lossy(&verified.stdout));
        let lines = run(&["audit", "--json"])?;
        Ok(String::from_utf8_lossy(&lines.stdout).lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }
}

fn bash(command: &str) -> Value {
    json!({"command": command, "description": "work"})
}

fn decided(audit: &[Value], did: &str) -> Vec<String> {
    let of = audit.iter().filter(|record| record["did"] == did);
    let mut names: Vec<String> =
        of.map(|record| record["credential"].as_str().unwrap_or_default().to_owned()).collect();
    names.sort();
    names
}

/// Prints a token that no text of the call holds.
const PRINT: &str = "printf 'see %s_%s\\n' ghp k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U";

#[test]
fn git_psql_and_an_mcp_server_have_their_credentials_and_nobody_else() -> Result<()> {
    let stage = Stage::new()?;
    let script = Script::default()
        .call("push", "Bash", bash("git push origin HEAD:refs/heads/main"))
        .call("psql", "Bash", bash(&stage.question()))
        .call("key", "mcp__lab__key", json!({}))
        .call("tell", "mcp__lab__tell", json!({}))
        .call(
            "echo",
            "Bash",
            // As it is, and in base64 that ends a line in the middle of it.
            bash(&format!(
                "v=$(echo {} | rev); echo $v; (printf %045d 0; echo $v) | base64; exit 3",
                stage.values[1].chars().rev().collect::<String>()
            )),
        )
        .call("env", "Bash", bash("env; git credential fill </dev/null; cat ~/.config/stanch/config.toml"))
        .call("print", "Bash", bash(PRINT));
    let watch = Watch::start(stage.values.to_vec());
    let (evidence, playground) = stage.session(stage.playground()?, script)?.run_and_keep()?;
    let pushed = evidence.tool_result_text("push");
    assert!(stage.git.branches()?.contains("main"), "not pushed: {pushed}\n{}", evidence.account());
    let asked = evidence.tool_result_text("psql");
    assert!(asked.contains("kettle"), "{asked}");
    let key = evidence.tool_result_text("key");
    assert!(key.contains(&digest(&stage.values[2])), "{key}");
    // No rule knows such values; stanch does, since it lends them.
    let told = evidence.tool_result_text("tell");
    assert_eq!(told.matches("stanch_own_lent").count(), 2, "{told}");
    let echoed = evidence.tool_result_text("echo");
    assert_eq!(echoed.matches("stanch_own_lent").count(), 3, "{echoed}");
    assert!(echoed.contains("Exit code 3"), "{echoed}");
    let printed = evidence.tool_result_text("env");
    assert!(printed.contains("git was not run"), "a command that prints a credential: {printed}");
    stage.nothing_shows(&evidence, watch, true);
    let audit = stage.audit(&playground)?;
    assert_eq!(decided(&audit, "granted"), ["db", "git", "lab"], "{audit:#?}");
    let push = audit.iter().find(|record| record["did"] == "granted" && record["credential"] == "git");
    assert!(push.is_some_and(|record| record["call"] == "toolu_push" && record["agent"] == "main"), "{push:?}");
    assert_eq!(decided(&audit, "used"), ["git"]);
    let print = audit.iter().find(|record| record["did"] == "redacted" && record["call"] == "toolu_print");
    let print = print.with_context(|| format!("no redaction: {audit:#?}"))?;
    assert_eq!((&print["kinds"], &print["place"]), (&json!({"github_pat": 1}), &json!("output")), "{print}");
    Ok(())
}

#[test]
fn a_subagent_without_a_grant_fails_with_a_reason_and_a_record() -> Result<()> {
    let stage = Stage::new()?;
    let agent = json!({
        "description": "errand", "prompt": "ERRAND: push", "subagent_type": "general-purpose", "run_in_background": false,
    });
    let call = |id: &str, command: &str| Turn::Calls(vec![Call::new(id, "Bash", bash(command))]);
    let errand = vec![
        call("push", "git push origin HEAD:refs/heads/main"),
        call("psql", &stage.question()),
        Turn::Says("done".to_owned()),
    ];
    let script = Script::default().call("agent", "Agent", agent).thread("ERRAND", errand);
    let watch = Watch::start(stage.values.to_vec());
    let (evidence, playground) = stage.session(stage.playground()?, script)?.run_and_keep()?;
    for id in ["push", "psql"] {
        let said = evidence.tool_result_text(id);
        assert!(
            said.contains("no credential is lent") && said.contains("general-purpose"),
            "{id}: {said}\n{}",
            evidence.account()
        );
        assert!(said.contains("config.toml:"), "the line that says so: {said}");
    }
    assert!(!stage.git.branches()?.contains("main"));
    stage.nothing_shows(&evidence, watch, true);
    let audit = stage.audit(&playground)?;
    assert_eq!(decided(&audit, "refused"), ["db", "git"], "{audit:#?}");
    assert!(audit.iter().any(|record| record["did"] == "refused" && record["agent_type"] == "general-purpose"));
    Ok(())
}

/// When a broker is killed.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Killed {
    /// As soon as it is there and the session has begun, before the MCP server asks it for anything.
    AtOnce,
    /// Before this call.
    Before(&'static str),
    /// While git waits for the git server.
    While(Held),
}

/// When, and whether the push, the question and the MCP server have their credentials all the same: they were handed over before.
const STEPS: [(Killed, [bool; 3]); 6] = [
    (Killed::AtOnce, [false, false, false]),
    (Killed::Before("push"), [false, false, true]),
    (Killed::While(Held::Unknown), [false, false, true]),
    (Killed::While(Held::Known), [true, false, true]),
    (Killed::Before("psql"), [true, false, true]),
    (Killed::Before("key"), [true, true, true]),
];

/// Ends the broker of this client, as a crash would.
const KILL: &str = "kill -9 $(pgrep -f \"stanch-broker-serve --client $CLAUDE_PID-\") && echo killed";

/// Ends the broker of the client that runs in this project, and waits until it is gone.
fn kill_broker(project: &Path) -> Result<()> {
    let broker = broker(project).context("no broker runs")?;
    ensure!(Command::new("kill").args(["-9", &broker]).status()?.success(), "the broker cannot be killed");
    while self::broker(project).is_some() {
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn broker(project: &Path) -> Option<String> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut brokers = processes.filter_map(|process| {
        let line = std::fs::read(process.path().join("cmdline")).ok()?;
        let line = String::from_utf8(line).ok()?;
        let client = line.strip_prefix("stanch-broker-serve\0--client\0")?.split('-').next()?.to_owned();
        Some((client, process.file_name().into_string().ok()?))
    });
    let runs_there =
        |client: &str| std::fs::read_link(format!("/proc/{client}/cwd")).is_ok_and(|folder| folder == project);
    brokers.find(|(client, _)| runs_there(client)).map(|(_, broker)| broker)
}

/// A shell prefix that kills the broker before it becomes the one under test, if it is to start a server: what else the client
/// starts knows the client's process. The session's tools have their stand-ins then.
fn prefix_that_kills(playground: &Playground) -> Result<PathBuf> {
    let path = playground.aside("kills.sh");
    let script = format!(
        "#!/bin/sh\n\
         if [ -z \"$CLAUDE_PID\" ]; then\n\
         until grep -rqs \"/$PPID-[0-9]*[.]bin:\" '{}'; do sleep 0.05; done\n\
         pkill -9 -f \"^stanch-broker-serve --client $PPID-\"\n\
         fi\n\
         exec '{}' \"$@\"\n",
        playground.config().join("session-env").display(),
        executables::named("stanch-shell")?.display(),
    );
    std::fs::write(&path, script)?;
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755))?;
    Ok(path)
}

/// The task: a push, a question, a call of the MCP server, which then says its key.
fn task(stage: &Stage, branch: &str, killed: Option<Killed>) -> Script {
    let push = format!("git push origin HEAD:refs/heads/{branch}");
    let calls = [
        ("push", "Bash", bash(&push)),
        ("psql", "Bash", bash(&stage.question())),
        ("key", "mcp__lab__key", json!({})),
        ("tell", "mcp__lab__tell", json!({})),
    ];
    calls.into_iter().fold(Script::default(), |script, (id, tool, arguments)| {
        let script = if killed == Some(Killed::Before(id)) { script.call("kill", "Bash", bash(KILL)) } else { script };
        script.call(id, tool, arguments)
    })
}

/// What was done has its credential, or says why it has none.
fn was_done(stage: &Stage, evidence: &Evidence, branch: &str, [push, psql, server]: [bool; 3]) -> Result<()> {
    const WHY: &str = "no credential is lent: the session's broker does not answer; start the client anew to have one";
    const WHY_NOT_TO_SERVER: &str = "no credential is lent to this server: the session's broker did not start or does not answer; start the client anew \
         to have one";
    let said = |id: &str| evidence.tool_result_text(id);
    let is_pushed = stage.git.branches()?.lines().any(|line| line.trim() == branch);
    ensure!(is_pushed == push && said("push").contains(WHY) != push, "push: {}", said("push"));
    ensure!(said("psql").contains("kettle") == psql && said("psql").contains(WHY) != psql, "psql: {}", said("psql"));
    let key = if server { stage.values[2].as_str() } else { "" };
    ensure!(said("key").contains(&digest(key)), "key: {}", said("key"));
    // The client keeps what a server says for a person (`/mcp`).
    let mut kept = evidence.files.values().map(|bytes| String::from_utf8_lossy(bytes));
    ensure!(server || kept.any(|text| text.contains(WHY_NOT_TO_SERVER)), "the server has no key and does not say why");
    // What is known of a value outlives the broker.
    ensure!(said("tell").matches("stanch_own_lent").count() == if server { 2 } else { 0 }, "tell: {}", said("tell"));
    Ok(())
}

#[test]
fn without_its_broker_the_task_fails_and_the_next_session_works() -> Result<()> {
    let stage = Stage::new()?;
    let mut playground = stage.playground()?;
    let mut records = 0;
    let steps = STEPS.map(|(killed, has)| (Some(killed), has)).into_iter().chain([(None, [true; 3])]);
    for (number, (killed, has)) in steps.enumerate() {
        let branch = format!("step-{number}");
        let (git, project) = (&stage.git, &playground.project());
        let prefix = if killed == Some(Killed::AtOnce) { Some(prefix_that_kills(&playground)?) } else { None };
        let session = stage.session(playground, task(&stage, &branch, killed))?;
        let session = prefix.iter().fold(session, |session, prefix| session.prefixed_by(prefix));
        let watch = Watch::start(stage.values.to_vec());
        let (ran, held) = std::thread::scope(|scope| {
            let held = match killed {
                Some(Killed::While(who)) => Some(scope.spawn(move || git.hold(who, || kill_broker(project)))),
                _ => None,
            };
            let ran = session.run_and_keep();
            (ran, held.map(|held| held.join().unwrap_or_else(|_| bail!("the test's own fault"))))
        });
        let (evidence, kept) = ran?;
        held.transpose().with_context(|| format!("{killed:?}: {}", evidence.account()))?;
        was_done(&stage, &evidence, &branch, has).with_context(|| format!("{killed:?}: {}", evidence.account()))?;
        if let Some(Killed::Before(_)) = killed {
            assert!(evidence.tool_result_text("kill").contains("killed"), "{killed:?}: {}", evidence.account());
        }
        stage.nothing_shows(&evidence, watch, has[2]);
        let audit = stage.audit(&kept)?;
        let new = &audit[records..];
        assert_eq!(decided(new, "started").len(), 1, "{killed:?}: {new:#?}");
        assert_eq!(decided(new, "stopped").len(), usize::from(killed.is_none()), "{killed:?}: {new:#?}");
        // Git is lent its credential before it knows whether it needs one.
        let git_is_lent = has[0] || killed == Some(Killed::While(Held::Unknown));
        let lent = [("db", has[1]), ("git", git_is_lent), ("lab", has[2])].into_iter().filter(|(_, is)| *is);
        assert_eq!(decided(new, "granted"), lent.map(|(name, _)| name).collect::<Vec<_>>(), "{killed:?}: {new:#?}");
        assert_eq!(decided(new, "used").len(), usize::from(has[0]), "{killed:?}: {new:#?}");
        records = audit.len();
        playground = kept;
    }
    Ok(())
}
