//! What the model says, turn by turn, whatever it is told.

use std::collections::HashMap;

use serde_json::Value;

/// One tool call of the model. Its `id` comes back with the result, so it names the case under test.
#[derive(Clone, Debug)]
pub struct Call {
    /// The call's name in this script; the endpoint sends `toolu_` before it.
    pub id: String,
    /// The tool, as the client calls it.
    pub tool: String,
    /// The tool's input.
    pub input: Value,
}

impl Call {
    /// A call of `tool` with `input`, known as `id`.
    pub fn new(id: &str, tool: &str, input: Value) -> Self {
        Self { id: id.to_owned(), tool: tool.to_owned(), input }
    }
}

/// One answer of the model.
#[derive(Clone, Debug)]
pub enum Turn {
    /// Text, and the conversation's end.
    Says(String),
    /// Tool calls; the client answers with their results.
    Calls(Vec<Call>),
}

/// The model's part in the main conversation and in those of subagents.
///
/// A request belongs to the first thread whose marker stands in the conversation's first user message. A request
/// without tools is one of the client's own small questions and is answered "ok". Everything else is the main
/// conversation. Past the end of its turns a conversation is told "Done.".
#[derive(Default)]
pub struct Script {
    main: Vec<Turn>,
    threads: Vec<(String, Vec<Turn>)>,
    requests: Vec<(String, Vec<Turn>)>,
}

impl Script {
    /// Adds a turn of one call to the main conversation.
    pub fn call(mut self, id: &str, tool: &str, input: Value) -> Self {
        self.main.push(Turn::Calls(vec![Call::new(id, tool, input)]));
        self
    }

    /// Adds a turn of text to the main conversation.
    pub fn says(mut self, text: &str) -> Self {
        self.main.push(Turn::Says(text.to_owned()));
        self
    }

    /// Adds a turn of calls that run side by side to the main conversation.
    pub fn calls(mut self, calls: Vec<Call>) -> Self {
        self.main.push(Turn::Calls(calls));
        self
    }

    /// Adds the conversation whose first message holds `marker`.
    pub fn thread(mut self, marker: &str, turns: Vec<Turn>) -> Self {
        self.threads.push((marker.to_owned(), turns));
        self
    }

    /// Adds the answers to requests in which `marker` stands anywhere, such as the client's own for a summary.
    pub fn request(mut self, marker: &str, turns: Vec<Turn>) -> Self {
        self.requests.push((marker.to_owned(), turns));
        self
    }

    /// The tools that the script calls, each once: what the session has to allow.
    pub fn tools(&self) -> Vec<String> {
        let turns = self.main.iter().chain(self.threads.iter().flat_map(|(_, turns)| turns));
        let mut tools: Vec<String> = turns
            .flat_map(|turn| match turn {
                Turn::Calls(calls) => calls.iter().map(|call| call.tool.clone()).collect(),
                Turn::Says(_) => Vec::new(),
            })
            .collect();
        tools.sort();
        tools.dedup();
        tools
    }
}

/// A script on its way: which turn is next in which conversation.
pub struct Player {
    script: Script,
    served: HashMap<Option<usize>, usize>,
    asked: HashMap<usize, usize>,
}

impl Player {
    /// At the beginning of all conversations.
    pub fn new(script: Script) -> Self {
        Self { script, served: HashMap::new(), asked: HashMap::new() }
    }

    /// The answer to a request's body.
    pub fn answer(&mut self, body: &Value) -> Turn {
        let whole = body["messages"].to_string();
        if let Some(at) = self.script.requests.iter().position(|(marker, _)| whole.contains(marker.as_str())) {
            let (next, turns) = (self.asked.entry(at).or_default(), &self.script.requests[at].1);
            let turn = turns.get(*next).or(turns.last()).cloned();
            *next += 1;
            return turn.unwrap_or_else(|| Turn::Says("Done.".to_owned()));
        }
        let opening = first_user_text(body);
        let thread = self.script.threads.iter().position(|(marker, _)| opening.contains(marker.as_str()));
        if thread.is_none() && body["tools"].as_array().is_none_or(Vec::is_empty) {
            return Turn::Says("ok".to_owned());
        }
        let turns = thread.map_or(&self.script.main, |index| &self.script.threads[index].1);
        let next = self.served.entry(thread).or_default();
        let turn = turns.get(*next).cloned().unwrap_or_else(|| Turn::Says("Done.".to_owned()));
        *next += 1;
        turn
    }
}

fn first_user_text(body: &Value) -> String {
    let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let first = messages.iter().find(|message| message["role"] == "user").map(|message| &message["content"]);
    match first {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(blocks)) => blocks.iter().filter_map(|block| block["text"].as_str()).collect(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(text: &str) -> Value {
        json!({"tools": [{"name": "Bash"}], "messages": [{"role": "user", "content": [{"type": "text", "text": text}]}]})
    }

    #[test]
    fn each_conversation_has_its_own_turns() {
        let script = Script::default()
            .call("first", "Bash", json!({}))
            .thread("errand", vec![Turn::Says("from the subagent".to_owned())]);
        let mut player = Player::new(script);
        assert!(matches!(player.answer(&asked("an errand")), Turn::Says(text) if text == "from the subagent"));
        assert!(matches!(player.answer(&asked("go")), Turn::Calls(calls) if calls[0].id == "first"));
        assert!(matches!(player.answer(&asked("go")), Turn::Says(text) if text == "Done."));
    }

    #[test]
    fn a_question_without_tools_does_not_use_up_a_turn() {
        let mut player = Player::new(Script::default().call("first", "Bash", json!({})));
        assert!(matches!(player.answer(&json!({"messages": []})), Turn::Says(text) if text == "ok"));
        assert!(matches!(player.answer(&asked("go")), Turn::Calls(_)));
    }
}
