//! What a broker lends to whom: a client that is a shell, and the broker's own executable.

#![cfg(target_os = "linux")]

mod common;

use std::time::{Duration, Instant};

use common::Stage;

const TRUE: &str = r#"
[lend.made-up]
source = "keyring:made-up"
by = "env:MADE_UP"
tools = ["true go"]
repositories = ["PROJECT"]
"#;

const TOOL: &str = r#"{"Tool":{"words":["true","go"],"remote":null}}"#;

/// The prefix's question about values.
const KNOWN: &str = r#""Known""#;
/// And that its filter knows them.
const TAKEN_IN: &str = r#""TakenIn""#;

/// The prefix's question about a command, as the client writes its text.
fn run(command: &str) -> String {
    format!(r#"{{"Run":{{"text":"eval '{command}' < /dev/null && pwd -P >| /tmp/x"}}}}"#)
}

impl Stage {
    /// Runs a command through the prefix, in which the tool's stand-in asks.
    fn through_prefix(&mut self, command: &str) -> String {
        self.through_prefix_often(command, 1)
    }

    /// The same, with as many tools one after the other.
    fn through_prefix_often(&mut self, command: &str, tools: usize) -> String {
        let ask = format!("${}", self.asking("stanch-wrap", &vec![TOOL; tools]));
        let said = self.ask("stanch-shell", &[&run(command), KNOWN, TAKEN_IN, &ask]);
        said.split_inclusive('\n').filter(|line| !line.starts_with("{\"Known\"") && *line != "\"Done\"\n").collect()
    }
}

#[test]
fn a_tool_of_a_call_is_lent_what_policy_names_once() {
    let mut stage = Stage::new(TRUE).with_broker();
    stage.call("toolu_1", None, "true go");
    let said = stage.through_prefix_often("true go", 2);
    assert!(said.starts_with("{\"Calls\":1}\n{\"Lent\""), "{said}");
    assert!(said.contains("\"program\":\"/usr/bin/true\"") || said.contains("\"program\":\"/bin/true\""), "{said}");
    assert!(said.contains(&format!("\n{}\n", stage.value)), "the value comes behind the answer: {said}");
    assert!(said.contains("lent to this tool call already") && said.matches(&stage.value).count() == 1, "{said}");
    // That a process has ended is noticed, and recorded, when it has.
    let end = Instant::now() + Duration::from_secs(20);
    while !stage.audit().contains("\"returned\"") && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    let audit = stage.audit();
    for (what, count) in [("\"granted\"", 1), ("\"returned\"", 1), ("\"refused\"", 1), ("\"started\"", 1)] {
        assert_eq!(audit.matches(what).count(), count, "{what}: {audit}");
    }
    assert!(
        audit.contains("toolu_1") && audit.contains("\"session\":\"s1\"") && !audit.contains(&stage.value),
        "{audit}"
    );
}

#[test]
fn what_a_stand_in_does_not_run_is_on_record() {
    const DECLINED: &str = r#"{"Declined":{"why":"the command sets it"}}"#;
    let mut stage = Stage::new(TRUE).with_broker();
    stage.call("toolu_1", None, "true go");
    let ask = format!("${}", stage.asking("stanch-wrap", &[TOOL, DECLINED]));
    let said = stage.ask("stanch-shell", &[&run("true go"), KNOWN, TAKEN_IN, &ask]);
    assert!(said.contains("Lent"), "{said}");
    let audit = stage.audit();
    let refused = audit.lines().find(|line| line.contains("\"refused\"")).expect("a line");
    for part in ["the command sets it", "toolu_1", "\"credential\":\"made-up\"", "\"lease\""] {
        assert!(refused.contains(part), "{refused}");
    }
    // Who has no lease declines nothing, and another program nobody's.
    for (program, answer) in [("stanch-wrap", "\"Done\"\n"), ("post-tool-use", "{\"Refused\"")] {
        let said = stage.ask(program, &[DECLINED]);
        assert!(said.starts_with(answer), "{said}");
    }
    assert_eq!(stage.audit().matches("the command sets it").count(), 1);
}

#[test]
fn what_is_shown_is_looked_through_for_what_is_lent() {
    let mut stage = Stage::new(TRUE).with_broker();
    let ask = format!("${}", stage.asking("stanch-wrap", &[TOOL]));
    for questions in [vec![], vec![KNOWN]] {
        stage.call(&format!("toolu_{}", 2 + questions.len()), None, "true go");
        let said = stage.ask("stanch-shell", &[vec![run("true go").as_str()], questions, vec![&ask]].concat());
        assert!(
            said.contains("run the same command again") && !said.contains("Lent"),
            "a filter that knows nothing: {said}"
        );
    }
    assert!(stage.audit().contains("run the same command again"), "{}", stage.audit());
    let known = |said: &str| -> scrub::known::Known {
        let answer: wire::Answer = serde_json::from_str(said).expect("an answer");
        let wire::Answer::Known { forms } = answer else { panic!("{said}") };
        scrub::known::Known::from_text(&forms).expect("whole")
    };
    let said = known(&stage.ask("post-tool-use", &[KNOWN]));
    let text = format!("a {} b", stage.value);
    let found = said.search(text.as_bytes());
    assert!(found.len() == 1 && found[0] == (2..text.len() - 2), "{found:?}");
    let other = Stage::new(TRUE).with_broker().ask("post-tool-use", &[KNOWN]);
    assert!(known(&other).search(text.as_bytes()).is_empty());
}

/// A keyring that is unlocked while the command runs, say.
#[test]
fn a_value_that_comes_after_the_command_began_is_not_lent_to_it() {
    let stage = Stage::new(TRUE);
    let file = stage.folder.path().join("value").display().to_string();
    std::fs::write(&file, "").expect("a file");
    // The client may be another user.
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o666)).expect("a file");
    let mut stage = stage.with_broker();
    stage.call("toolu_1", None, "true go");
    // A source that failed is asked again after ten seconds.
    let comes = format!("$printf %s {} > {file}; sleep 10.5", stage.value);
    let ask = format!("${}", stage.asking("stanch-wrap", &[TOOL, "3000", TOOL]));
    let said = stage.ask("stanch-shell", &[&run("true go"), KNOWN, TAKEN_IN, &comes, &ask]);
    assert!(!said.contains("Lent") && said.ends_with("or stanch is paused\"}}\n"), "{said}");
    stage.call("toolu_2", None, "true go");
    assert!(stage.through_prefix("true go").contains("Lent"), "the next one has it");
}

#[test]
fn a_subagent_is_not_the_main_thread_and_two_calls_have_what_both_may() {
    let mut stage = Stage::new(TRUE).with_broker();
    stage.call("toolu_1", Some("general-purpose"), "true go");
    let said = stage.through_prefix("true go");
    assert!(said.contains("Nothing") && said.contains("general-purpose") && said.contains("config.toml:"), "{said}");
    stage.call("toolu_2", Some("general-purpose"), "true go");
    stage.call("toolu_3", None, "true go");
    let said = stage.through_prefix("true go");
    assert!(said.starts_with("{\"Calls\":2}") && said.contains("Nothing"), "{said}");
    for id in ["toolu_2", "toolu_3"] {
        assert_eq!(stage.ask("post-tool-use", &[&format!(r#"{{"Ended":{{"call":"{id}"}}}}"#)]), "\"Done\"\n");
    }
    stage.call("toolu_4", None, "true go");
    let said = stage.through_prefix("true go");
    assert!(said.contains("Lent"), "{said}");
}

#[test]
fn a_call_that_was_not_told_does_not_pass_for_one_that_was() {
    let mut stage = Stage::new(TRUE).with_broker();
    stage.call("toolu_1", None, "true go");
    let inner = stage.asking("stanch-shell", &[&run("true go"), "2000"]);
    stage.client.run(&format!("{inner} >/dev/null & sleep 0.5"));
    let said = stage.through_prefix("true go");
    assert!(said.starts_with("{\"Calls\":0}") && said.contains("was not told"), "{said}");
    assert!(stage.audit().contains("was not told"), "{}", stage.audit());
}

#[test]
fn a_command_does_not_become_a_hook() {
    let mut stage = Stage::new(TRUE).with_broker();
    let call = r#"{"Call":{"id":"a","session":"s","agent":null,"agent_type":null,"command":"true go","folder":"/"}}"#;
    let becomes = format!("={}", stage.asking("pre-tool-use", &[call]));
    let said = stage.ask("stanch-shell", &[&run("true go"), &becomes]);
    assert!(said.starts_with("{\"Calls\":0}\n{\"Refused\""), "{said}");
    stage.call("toolu_1", None, "true go");
    let becomes = format!("={}", stage.asking("stanch-shell", &[&run("true go")]));
    let said = stage.ask("stanch-shell", &[&run("something else"), &becomes]);
    assert!(said.starts_with("{\"Calls\":0}\n{\"Refused\""), "{said}");
}

#[test]
fn a_server_is_one_however_early_it_asks_and_no_hook() {
    let lend = "[lend.made-up]\nsource = \"keyring:made-up\"\nby = \"mcp-env:MADE_UP\"\nservers = [\"lab\"]\nrepositories = [\"PROJECT\"]\n";
    let mut stage = Stage::new(lend);
    let project = stage.folder.path().join("project").display().to_string();
    let user = r#"{"mcpServers":{"lab":{"command":"true","args":["serve"]}}}"#;
    std::fs::write(stage.folder.path().join("home/.claude.json"), user).expect("a file");
    let server = format!(r#"{{"Server":{{"text":"true serve","folder":"{project}"}}}}"#);
    let text = r#"{"Run":{"text":"true serve"}}"#;
    let call = r#"{"Call":{"id":"a","session":"s","agent":null,"agent_type":null,"command":"true go","folder":"/"}}"#;
    let becomes = format!("={}", stage.asking("pre-tool-use", &[call]));
    let answers = stage.folder.path().join("answers").display().to_string();
    // One that is there before the broker: it asks, and then turns into a hook.
    let early = stage.asking("stanch-shell", &["2000", &server, &becomes]);
    stage.client.run(&format!("{early} > {answers} & sleep 0.2"));
    let mut stage = stage.with_broker();
    let said = stage.ask("stanch-shell", &[text, &server, &becomes]);
    let is_lent_and_no_hook = |said: &str| said.contains("{\"Lent\"") && said.contains("\n{\"Refused\"");
    assert!(is_lent_and_no_hook(&said), "{said}");
    let said = stage.client.run(&format!("wait; cat {answers}"));
    assert!(is_lent_and_no_hook(&said), "{said}");
    // A command is none, whatever it becomes.
    stage.call("toolu_1", None, "true go");
    let becomes = format!("={}", stage.asking("stanch-shell", &[&server]));
    let said = stage.ask("stanch-shell", &[&run("true go"), &becomes]);
    assert!(said.starts_with("{\"Calls\":1}\n{\"Refused\""), "{said}");
}

#[test]
fn a_client_that_a_command_starts_has_no_broker() {
    let mut stage = Stage::new(TRUE).with_broker();
    let broker = stage.bin("stanch-broker").display().to_string();
    let start = format!("bash -c '{broker} --client $$-$(cut -d\" \" -f22 /proc/$$/stat) 2>&1 </dev/null; true'");
    stage.call("toolu_1", None, "claude");
    let said = stage.ask("stanch-shell", &[&run("claude"), &format!("${start}")]);
    assert!(said.contains("was started by a command of another one"), "{said}");
    // Of a client that the client itself starts, the broker is as good as any.
    assert_eq!(stage.client.run(&start), "");
    // Nor when there is nobody any more who knows the commands.
    assert_eq!(stage.ask("somebody", &["\"Stop\""]), "\"Done\"\n");
    let said = stage.ask("stanch-shell", &[&format!("${start}")]);
    assert!(said.contains("was started by a command of another one"), "{said}");
}

#[test]
fn what_names_a_process_by_a_link_is_lent_nothing() {
    let mut stage = Stage::new(&TRUE.replace("true go", "true **")).with_broker();
    let link = stage.folder.path().join("project/notes");
    for (target, lent) in [("/etc/hostname", true), ("/proc/self/environ", false)] {
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(target, &link).expect("a link");
        stage.call(&format!("toolu_{lent}"), None, "true notes");
        let ask = format!("${}", stage.asking("stanch-wrap", &[&TOOL.replace("go", "notes")]));
        let said = stage.ask("stanch-shell", &[&run("true notes"), KNOWN, TAKEN_IN, &ask]);
        assert_eq!((said.contains("Lent"), said.contains("is a link to files of processes")), (lent, !lent), "{said}");
    }
    assert!(stage.audit().contains("is a link to files of processes"), "{}", stage.audit());
}

/// Who opened the connection becomes a tool's stand-in, and a child of it speaks.
#[test]
fn a_child_does_not_speak_for_who_opened_the_connection() {
    const SPEAKS: &str = r#"
import json, os, socket, struct, sys, time
line = socket.socket(socket.AF_UNIX)
line.connect(sys.argv[1])
line.set_inheritable(True)
if os.fork() == 0:
    time.sleep(0.5)
    asked = json.dumps({"Tool": {"words": ["true", "3000"], "remote": None}}).encode()
    line.sendall(struct.pack(">I", len(asked)) + asked)
    try:
        print("heard", line.recv(1000), flush=True)
    except OSError as error:
        print("heard", error, flush=True)
    os._exit(0)
os.execv(sys.argv[2], ["true", "3000"])
"#;
    let mut stage = Stage::new(&TRUE.replace("true go", "true **")).with_broker();
    let python = stage.folder.path().join("project/speaks.py");
    std::fs::write(&python, SPEAKS).expect("a file");
    stage.call("toolu_1", None, "true 3000");
    let (socket, wrapper) = (stage.socket().display().to_string(), stage.bin("stanch-wrap").display().to_string());
    let line = format!("$python3 {} {socket} {wrapper} 2>&1 & wait; sleep 1", python.display());
    let said = stage.ask("stanch-shell", &[&run("true 3000"), KNOWN, TAKEN_IN, &line]);
    assert!(said.contains("heard b''") || said.contains("reset"), "{said}");
    assert!(!stage.audit().contains("\"granted\""), "{}", stage.audit());
}

#[test]
fn what_is_asked_for_is_what_was_called() {
    let mut stage = Stage::new(&TRUE.replace("true go", "true **")).with_broker();
    stage.call("toolu_1", None, "true go");
    let ask = format!("${}", stage.asking("stanch-wrap", &[TOOL, &TOOL.replace("go", "other")]));
    let said = stage.ask("stanch-shell", &[&run("true go"), KNOWN, TAKEN_IN, &ask]);
    assert!(said.contains("Lent") && said.ends_with("is not the one whose question this is\"}}\n"), "{said}");
}

#[test]
fn why_one_of_two_is_not_lent_is_said_with_the_other() {
    let two = TRUE.replace("[lend.made-up]", "[lend.second]").replace("env:MADE_UP", "env:SECOND");
    let mut stage = Stage::new(&format!("{TRUE}{}agents = [\"reviewer\"]\n", two)).with_broker();
    stage.call("toolu_1", None, "true go");
    let said = stage.through_prefix("true go");
    assert!(said.contains("\"credential\":\"made-up\"") && said.contains("\"why_not\":\"'second': "), "{said}");
}

#[test]
fn a_value_that_does_not_fit_its_way_is_not_lent() {
    let lend = TRUE.replace("env:MADE_UP", "pgpass").replace("true go", "psql -c *") + "for = \"h:1/d/u\"\n";
    let stage = Stage::new(&lend);
    std::fs::write(stage.folder.path().join("value"), format!("{}\nsecond line of it", stage.value)).expect("a file");
    let mut stage = stage.with_broker();
    stage.call("toolu_1", None, "psql");
    let ask = r#"{"Tool":{"words":["psql","-c","select 1"],"remote":null}}"#;
    let ask = format!("${}", stage.asking("stanch-wrap", &[ask]));
    let said = stage.ask("stanch-shell", &[&run("psql"), KNOWN, TAKEN_IN, &ask]);
    assert!(said.contains("more than one line") && !said.contains(&stage.value), "{said}");
    assert!(stage.audit().contains("\"failed\"") && !stage.audit().contains("\"granted\""), "{}", stage.audit());
}

/// In a namespace of its own a command can lay other files under the names that policy means.
#[test]
fn what_runs_in_namespaces_of_its_own_is_lent_nothing() {
    let mut stage = Stage::new(TRUE).with_broker();
    // Where the system gives users no namespaces, nobody is in one.
    if stage.client.run("unshare -Urm true && echo yes") != "yes\n" {
        return;
    }
    stage.call("toolu_1", None, "true go");
    let ask = stage.asking("stanch-wrap", &[TOOL]);
    // As another user there is no broker to be found: back to the own number.
    let back = "exec unshare --map-user=$U --map-group=$G sh -c \"$ASK\"";
    let line = format!("$ASK={} U=$(id -u) G=$(id -g) unshare -Urm sh -c '{back}' 2>&1", quoted(&ask));
    let said = stage.ask("stanch-shell", &[&run("true go"), KNOWN, TAKEN_IN, &line]);
    assert!(said.contains("runs in namespaces of its own") && !said.contains("Lent"), "{said}");
    assert!(stage.audit().contains("runs in namespaces of its own"), "{}", stage.audit());
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[test]
fn what_a_person_types_is_lent_nothing_and_told_nothing() {
    let mut stage = Stage::new(TRUE).with_broker();
    let said = stage.through_prefix("true go");
    assert_eq!(said, "{\"Calls\":0}\n{\"Nothing\":{\"why\":null}}\n");
    assert!(!stage.audit().contains("refused"));
}

#[test]
fn nobody_else_asks() {
    let mut stage = Stage::new(TRUE).with_broker();
    let refused = |said: &str| said.starts_with("{\"Refused\"");
    let call = r#"{"Call":{"id":"a","session":"s","agent":null,"agent_type":null,"command":"true go","folder":"/"}}"#;
    for name in ["somebody", "stanch-shell", "post-tool-use"] {
        assert!(refused(&stage.ask(name, &[call])), "{name} registers a call");
    }
    // What a command starts is no child of the client's.
    let inside = format!("${}", stage.asking("pre-tool-use", &[call]));
    let said = stage.ask("stanch-shell", &[&inside]);
    assert!(refused(&said), "a command registers a call: {said}");
    assert!(refused(&stage.ask("somebody", &[TOOL])) && refused(&stage.ask("stanch-shell", &[TOOL])));
    let said = stage.ask("stanch-wrap", &[TOOL]);
    assert!(said.contains("not started by a tool call"), "{said}");
    assert!(stage.audit().contains("not started by a tool call"), "{}", stage.audit());
    let git = r#"{"Git":{"protocol":"https","host":"localhost","path":"site.git"}}"#;
    assert!(refused(&stage.ask("stanch-wrap", &[git])));
}

#[test]
fn what_cannot_be_recorded_is_not_lent() {
    let mut stage = Stage::new(TRUE).with_broker();
    stage.call("toolu_1", None, "true go");
    let log = stage.folder.path().join("state/stanch/audit");
    std::fs::rename(&log, log.with_extension("away")).expect("moved");
    let said = stage.through_prefix("true go");
    assert!(said.contains("cannot be recorded") && !said.contains(&stage.value), "{said}");
}

#[test]
fn a_configuration_that_changes_in_the_session_lends_no_more() {
    let mut stage = Stage::new(&TRUE.replace("true go", "true stay")).with_broker();
    stage.call("toolu_1", None, "true go");
    let config = stage.folder.path().join("home/.config/stanch/config.toml");
    let wider = std::fs::read_to_string(&config).expect("text").replace("true stay", "true go");
    std::fs::write(config, wider).expect("written");
    let said = stage.through_prefix("true go");
    assert!(!said.contains("Lent"), "{said}");
}

#[test]
fn no_source_no_credential_and_the_reason() {
    let mut stage = Stage::new(TRUE);
    stage.client.run("unset STANCH_TEST_VALUE");
    let mut stage = stage.with_broker();
    stage.call("toolu_1", None, "true go");
    let said = stage.through_prefix("true go");
    assert!(said.contains("there is none in this test"), "{said}");
    let audit = stage.audit();
    assert!(audit.contains("\"did\":\"failed\"") && !audit.contains("refused"), "it was permitted: {audit}");
}

#[test]
fn a_server_that_a_repository_changes_is_lent_nothing() {
    let mut stage = Stage::new(
        r#"
[lend.made-up]
source = "keyring:made-up"
by = "mcp-env:MADE_UP"
servers = ["true"]
tools = ["true serve"]
repositories = ["PROJECT"]
"#,
    )
    .with_broker();
    let project = stage.folder.path().join("project");
    let ask = format!(r#"{{"Server":{{"text":"true serve","folder":"{}"}}}}"#, project.display());
    let entry = |more: &str| format!(r#"{{"mcpServers":{{"true":{{"command":"true","args":["serve"]{more}}}}}}}"#);
    let mut said = |project_entry: &str, user_entry: &str| {
        std::fs::write(project.join(".mcp.json"), project_entry).expect("written");
        std::fs::write(stage.folder.path().join("home/.claude.json"), user_entry).expect("written");
        stage.ask("stanch-shell", &[&ask])
    };
    assert!(said(&entry(""), "{}").contains("Lent"));
    for more in [r#","env":{"BASH_ENV":"/x"}"#, r#","cwd":"/x""#] {
        // The user's own entry does not help: the client may have started either.
        for user in ["{}", &entry("")] {
            let said = said(&entry(more), user);
            assert!(said.contains("Nothing") && said.contains("sets `env` or `cwd`"), "{said}");
        }
    }
    let own = said("{}", &entry(r#","env":{"A":"b"}"#));
    assert!(own.contains("Lent"), "what the user's own entry sets is the user's: {own}");
    let audit = stage.audit();
    let refused: Vec<&str> = audit.lines().filter(|line| line.contains("\"did\":\"refused\"")).collect();
    assert_eq!(refused.len(), 4, "{audit}");
    assert!(
        refused.iter().all(|line| line.contains("\"credential\":\"made-up\"") && line.contains("`cwd`")),
        "{audit}"
    );
}

#[test]
fn what_a_broken_project_file_withholds_is_on_record() {
    let mut stage = Stage::new(TRUE).with_broker();
    stage.call("toolu_1", None, "true go");
    std::fs::write(stage.folder.path().join("project/.stanch.toml"), "[lend\n").expect("written");
    let said = stage.through_prefix("true go");
    assert!(said.contains("Nothing") && said.contains(".stanch.toml:1"), "{said}");
    let audit = stage.audit();
    assert!(
        audit.lines().any(|line| line.contains("\"did\":\"refused\"") && line.contains(".stanch.toml:1")),
        "{audit}"
    );
}

/// What follows a name in an answer's environment; none if the name is not in it.
fn variable<'a>(said: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = said.split_once(&format!("[\"{name}\",\""))?;
    rest.split('"').next()
}

#[test]
fn a_tool_has_the_clients_environment_and_nothing_that_the_repository_or_the_command_sets() {
    let mut stage = Stage::new(TRUE);
    let project = stage.folder.path().join("project");
    stage.client.run("export PGSSLMODE=verify-full PGHOSTADDR=192.0.2.1 HTTPS_PROXY=http://repository.invalid");
    let settings = r#"{"env":{"HTTPS_PROXY":"http://repository.invalid"}}"#;
    std::fs::create_dir(project.join(".claude")).expect("a folder");
    std::fs::write(project.join(".claude/settings.json"), settings).expect("a file");
    let mut stage = stage.with_broker();
    stage.call("toolu_1", None, "true go");
    stage.client.run("export PSQLRC=/command");
    let said = stage.through_prefix("true go");
    assert_eq!(variable(&said, "PGSSLMODE"), Some("verify-full"), "{said}");
    assert!(variable(&said, "PATH").is_some() && variable(&said, "HOME").is_some(), "{said}");
    for name in ["PGHOSTADDR", "HTTPS_PROXY", "PSQLRC", "PWD"] {
        assert_eq!(variable(&said, name), None, "{said}");
    }
}

#[test]
fn a_repository_that_sets_the_search_path_chooses_no_tool() {
    let stage = Stage::new(TRUE);
    let project = stage.folder.path().join("project");
    std::fs::create_dir(project.join(".claude")).expect("a folder");
    std::fs::write(project.join(".claude/settings.json"), r#"{"env":{"PATH":"/usr/bin"}}"#).expect("a file");
    let mut stage = stage.with_broker();
    stage.call("toolu_1", None, "true go");
    let said = stage.through_prefix("true go");
    assert!(said.contains("settings.json sets PATH") && !said.contains("Lent"), "{said}");
    assert!(stage.audit().contains("settings.json sets PATH"), "{}", stage.audit());
}

#[test]
fn a_tool_that_was_changed_in_the_session_is_lent_nothing() {
    let mut stage = Stage::new(&TRUE.replace("true go", "deploy"));
    let [tools, project] = ["tools", "project"].map(|name| stage.folder.path().join(name));
    for folder in [&tools, &project] {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    let lay = |folder: &std::path::Path| {
        std::fs::write(folder.join("deploy"), "#!/bin/sh\n").expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.join("deploy"), mode).expect("a file");
    };
    lay(&tools);
    // The repository's own comes first on the path, and is none.
    lay(&project);
    stage.client.run(&format!("export PATH={}:{}:$PATH", project.display(), tools.display()));
    let mut stage = stage.with_broker();
    stage.call("toolu_1", None, "deploy");
    let ask = format!("${}", stage.asking("stanch-wrap", &[r#"{"Tool":{"words":["deploy"],"remote":null}}"#]));
    let said = stage.ask("stanch-shell", &[&run("deploy"), KNOWN, TAKEN_IN, &ask]);
    assert!(said.contains(&format!("\"program\":\"{}/deploy\"", tools.display())), "{said}");
    stage.call("toolu_2", None, "deploy");
    stage.ask("post-tool-use", &[r#"{"Ended":{"call":"toolu_1"}}"#]);
    std::fs::write(tools.join("deploy"), "#!/bin/cat\n").expect("a file");
    let said = stage.ask("stanch-shell", &[&run("deploy"), KNOWN, TAKEN_IN, &ask]);
    assert!(said.contains("not the file that it was") && !said.contains(&stage.value), "{said}");
    assert!(stage.audit().contains("not the file that it was"), "{}", stage.audit());
}
