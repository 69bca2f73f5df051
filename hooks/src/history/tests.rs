#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};

use super::*;

fn token(last: char) -> String {
    format!("ghp_{}{last}", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6")
}

/// A transcript that grows line by line.
#[derive(Default)]
struct Transcript(String);

impl Transcript {
    fn record(mut self, id: &str, parent: Option<&str>, kind: &str, more: Value) -> Self {
        let mut record = json!({ "type": kind, "uuid": id, "parentUuid": parent, "isSidechain": false });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.0 += &format!("{record}\n");
        self
    }

    fn prompt(self, id: &str, parent: Option<&str>, text: &str) -> Self {
        self.record(id, parent, "user", json!({ "message": { "role": "user", "content": text } }))
    }

    fn says(self, id: &str, parent: &str, answer: &str) -> Self {
        let content = json!([{ "type": "text", "text": "well" }]);
        self.record(
            id,
            Some(parent),
            "assistant",
            json!({ "message": { "id": answer, "model": "m", "content": content } }),
        )
    }

    fn calls(self, id: &str, parent: &str, answer: &str, tool: &str) -> Self {
        let content =
            json!([{ "type": "tool_use", "id": format!("call-{id}"), "name": tool, "input": { "file_path": "/a" } }]);
        self.record(
            id,
            Some(parent),
            "assistant",
            json!({ "message": { "id": answer, "model": "m", "content": content } }),
        )
    }

    fn result(self, id: &str, of: &str, text: &str) -> Self {
        let content = json!([{ "type": "tool_result", "tool_use_id": format!("call-{of}"), "content": text }]);
        self.record(id, Some(of), "user", json!({ "message": { "role": "user", "content": content } }))
    }

    fn note(self, id: &str, parent: &str) -> Self {
        self.record(id, Some(parent), "system", json!({ "content": "UserPromptSubmit operation blocked by hook" }))
    }

    /// What is found: `Bash unsent`, …
    fn found(&self, reach: Reach) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.jsonl");
        std::fs::write(&path, &self.0).unwrap();
        let history = read(&path, reach, &Scanner::builtin().unwrap()).unwrap();
        let unsent = history.unsent.iter().map(|place| format!("{} unsent", place.what));
        unsent.chain(history.sent.iter().map(|place| format!("{} sent", place.what))).collect()
    }
}

/// A prompt, an answer, a second prompt, a call that fails with a secret; the turn ends there.
fn stopped() -> Transcript {
    Transcript::default()
        .prompt("p1", None, "hello")
        .says("a1", "p1", "m1")
        .prompt("p2", Some("a1"), "go")
        .calls("c1", "p2", "m2", "Bash")
        .result("r1", "c1", &token('U'))
        .note("n1", "r1")
}

/// A prompt that waited in the queue was looked at before there was anything to stop.
#[test]
fn what_was_stopped_went_out_with_a_prompt_that_had_waited() {
    let answered = stopped().prompt("p3", Some("n1"), "and then?").says("a3", "p3", "m3");
    assert_eq!(answered.found(Reach::Turn), ["Bash sent"]);
    // With the prompt after it, that has been said.
    let later = answered.prompt("p4", Some("a3"), "and now?").says("a4", "p4", "m4");
    assert!(later.found(Reach::Turn).is_empty());
}

#[test]
fn what_was_stopped_has_not_been_sent() {
    assert_eq!(stopped().found(Reach::Turn), ["Bash unsent"]);
    assert_eq!(stopped().found(Reach::Whole), ["Bash unsent"]);
}

#[test]
fn what_the_model_has_answered_has_been_sent() {
    let answered = stopped().prompt("p3", Some("n1"), "next").says("a3", "p3", "m3");
    assert_eq!(answered.found(Reach::Whole), ["Bash sent"]);
    let in_one_turn = stopped().says("a3", "r1", "m3");
    assert_eq!(in_one_turn.found(Reach::Turn), ["Bash sent"]);
}

/// A `!` command carries the history out, and no hook is asked.
#[test]
fn what_a_shell_command_of_the_user_carried_out_is_told() {
    let shell = stopped()
        .prompt("p3", Some("n1"), "<bash-input>ls</bash-input>")
        .prompt("p4", Some("p3"), "<bash-stdout>a.txt</bash-stdout>")
        .says("a3", "p4", "m3");
    assert_eq!(shell.found(Reach::Turn), ["Bash sent"]);
}

#[test]
fn what_the_client_says_in_the_models_place_is_no_answer() {
    let message =
        json!({ "message": { "id": "x", "model": "<synthetic>", "content": [{ "type": "text", "text": "no" }] } });
    assert_eq!(stopped().record("e1", Some("n1"), "assistant", message).found(Reach::Turn), ["Bash unsent"]);
}

#[test]
fn a_rewind_shows_when_something_is_noted_at_the_new_end() {
    assert!(stopped().note("n2", "a1").found(Reach::Turn).is_empty());
    assert_eq!(stopped().note("n2", "n1").found(Reach::Turn), ["Bash unsent"]);
}

/// Each result hangs on its own call, the next record on the last of them only.
#[test]
fn the_results_of_parallel_calls_are_looked_at_all() {
    let parallel = Transcript::default()
        .prompt("p1", None, "go")
        .calls("c1", "p1", "m1", "Bash")
        .calls("c2", "c1", "m1", "Grep")
        .calls("c3", "c2", "m1", "Read")
        .result("r1", "c1", &token('U'))
        .result("r3", "c3", &token('V'))
        .result("r2", "c2", "clean")
        .note("n1", "r2");
    assert_eq!(parallel.found(Reach::Turn), ["Bash unsent", "Read unsent"]);
    let answered = parallel.says("a2", "n1", "m2");
    assert_eq!(answered.found(Reach::Turn), ["Bash sent", "Read sent"]);
}

#[test]
fn an_attachment_that_waits_is_found_and_one_that_the_client_keeps_is_not() {
    let file = |kind: &str| json!({ "attachment": { "type": kind, "filename": "/b", "content": token('U') } });
    let with =
        |kind: &str| Transcript::default().prompt("p1", None, "go").record("f1", Some("p1"), "attachment", file(kind));
    assert_eq!(with("file").found(Reach::Turn), ["attachment unsent"]);
    assert!(with("hook_success").found(Reach::Turn).is_empty());
}

#[test]
fn a_subagents_records_and_broken_lines_are_passed_over() {
    let mut transcript = stopped().note("n2", "a1");
    transcript.0 += "{\"type\":\"user\",\"uuid\":\"half";
    assert!(transcript.found(Reach::Turn).is_empty());
    let side = json!({ "isSidechain": true, "message": { "role": "user", "content": token('U') } });
    assert!(stopped().note("n2", "a1").record("s1", Some("n2"), "user", side).found(Reach::Turn).is_empty());
}

#[test]
fn a_long_history_is_read_as_far_as_the_turn_goes() {
    let filler = "nothing in particular happened here; ".repeat(40_000);
    let long = Transcript::default()
        .prompt("p0", None, &filler)
        .says("a0", "p0", "m0")
        .prompt("p1", Some("a0"), "go")
        .calls("c1", "p1", "m1", "Bash")
        .result("r1", "c1", &format!("{filler}{}", token('U')))
        .calls("c2", "r1", "m2", "Bash")
        .result("r2", "c2", &filler);
    assert!(long.0.len() as u64 > 8 * FIRST);
    assert_eq!(long.found(Reach::Turn), ["Bash sent"]);
}

#[test]
fn text_that_cannot_be_searched_is_told() {
    let mut transcript = Transcript::default().prompt("p1", None, "go").calls("c1", "p1", "m1", "Bash");
    transcript.0 += r#"{"type":"user","uuid":"r1","parentUuid":"c1","message":{"content":[{"type":"tool_result","tool_use_id":"call-c1","content":"\ud83d"}]}}"#;
    assert_eq!(transcript.found(Reach::Turn), ["Bash unsent"]);
}

#[test]
fn records_in_a_circle_end() {
    let circle = Transcript::default().note("n1", "n2").note("n2", "n1");
    assert!(circle.found(Reach::Turn).is_empty());
}

#[test]
fn no_transcript_is_no_history_and_a_pipe_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let scanner = Scanner::builtin().unwrap();
    assert!(read(&folder.path().join("none.jsonl"), Reach::Turn, &scanner).unwrap().unsent.is_empty());
    assert!(read(folder.path(), Reach::Turn, &scanner).is_err());
}

#[test]
fn the_files_that_the_client_keeps_are_named_the_last_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.jsonl");
    let file = json!({ "attachment": { "type": "file", "filename": "/b", "content": "" } });
    let text = stopped().calls("c9", "n1", "m9", "Read").record("f1", Some("c9"), "attachment", file);
    std::fs::write(&path, text.0).unwrap();
    assert_eq!(files(&path).unwrap(), ["/b", "/a"]);
}
