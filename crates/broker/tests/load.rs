//! Many hooks at a time: each is answered, and none waits long.

#![cfg(target_os = "linux")]

mod common;

use std::time::Instant;

use common::Stage;

const LEND: &str = "
[lend.made-up]
source = \"keyring:made-up\"
by = \"env:MADE_UP\"
tools = [\"true\"]
repositories = [\"*\"]
";
const CLIENTS: usize = 32;
const EACH: usize = 250;

/// Connections as hooks make them, from 32 processes side by side, each a new one with two questions. That there are a thousand in
/// a second is asked of a busy machine too.
#[test]
fn thirty_two_at_a_time_are_all_answered() {
    let mut stage = Stage::new(LEND).with_broker();
    let call = |client: usize, n: usize| {
        format!(
            r#"+{{"Call":{{"id":"toolu_{client}_{n}","session":"s","agent":null,"agent_type":null,"command":"true {n}","folder":"/"}}}}"#
        )
    };
    let asking: Vec<String> = (0..CLIENTS)
        .map(|client| {
            let questions: Vec<String> = (0..EACH).flat_map(|n| ["\"Known\"".to_owned(), call(client, n)]).collect();
            let questions: Vec<&str> = questions.iter().map(String::as_str).collect();
            format!(
                "{} > {}/answers.{client} &",
                stage.asking("pre-tool-use", &questions),
                stage.folder.path().display()
            )
        })
        .collect();
    std::fs::write(stage.folder.path().join("load.sh"), asking.join("\n") + "\nwait\n").expect("a file");
    let start = Instant::now();
    // Sourced: those who ask are the client's own children.
    let said = stage.client.run(&format!(". {}/load.sh", stage.folder.path().display()));
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(said, "");
    for client in 0..CLIENTS {
        let answers = std::fs::read_to_string(stage.folder.path().join(format!("answers.{client}"))).expect("answers");
        let (known, done): (Vec<_>, Vec<_>) = answers.lines().partition(|line| line.starts_with(r#"{"Known""#));
        assert_eq!((known.len(), done), (EACH, vec!["\"Done\""; EACH]), "client {client}");
    }
    let report = stage.ask("somebody", &["\"Report\""]);
    assert!(report.contains(&format!("\"calls\":{}", CLIENTS * EACH)), "{report}");
    #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
    let rate = (CLIENTS * EACH) as f64 / seconds;
    assert!(rate > 1000.0, "{rate:.0} a second");
}
