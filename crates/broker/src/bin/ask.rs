//! For the tests, where it stands for all those who ask, under their names: asks the broker of the client above it what its
//! arguments say, each a question in JSON, and prints the answers, with the values that came. What begins with `+` is asked on the
//! connection of the question before, all else on one of its own. A number waits so many milliseconds, what begins with `$` is run by
//! a shell, and into what begins with `=` it turns. Where it asks as a tool, it is called by the tool's words, as the broker wants
//! it. Under the name of the process that fetches, it fetches what the file `$STANCH_TEST_VALUE` holds. It is not installed.

use std::io::{Result, Write, stdin, stdout};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::Duration;

use scrub::known::{Form, Key, Known};
use wire::{Ask, Client, Fetched, frame, place};

const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> Result<()> {
    let mut words = std::env::args();
    let name = words.next().unwrap_or_default();
    if Path::new(&name).file_name().is_some_and(|name| name == broker::values::FETCHER) {
        return fetch();
    }
    let mut connection = None;
    for word in questions(&name, words.collect())? {
        if let Ok(time) = word.parse() {
            std::thread::sleep(Duration::from_millis(time));
            continue;
        }
        if let Some(line) = word.strip_prefix('$') {
            std::process::Command::new("sh").args(["-c", line]).status()?;
            continue;
        }
        if let Some(line) = word.strip_prefix('=') {
            return Err(std::process::Command::new("sh").args(["-c", &format!("exec {line}")]).exec());
        }
        let (question, broker) = match (word.strip_prefix('+'), connection.take()) {
            (Some(question), Some(broker)) => (question, broker),
            (question, _) => {
                let client = place::above().ok_or(std::io::ErrorKind::NotFound)?;
                (question.unwrap_or(&word), Client::of(client, PATIENCE)?)
            }
        };
        let broker = connection.insert(broker);
        let reply = broker.within(PATIENCE).ask(&serde_json::from_str(question)?)?;
        writeln!(stdout(), "{}", serde_json::to_string(&reply.answer)?)?;
        for value in reply.values {
            value.expose(|value| stdout().write_all(value))?;
            writeln!(stdout())?;
        }
    }
    Ok(())
}

/// What holds the questions of one that is called by a tool's words.
const ASK: &str = "STANCH_TEST_ASK";

/// What to ask: what it is called with, unless that is a tool's words. As a tool it calls itself by those first.
fn questions(name: &str, words: Vec<String>) -> Result<Vec<String>> {
    let tools = |questions: &[String]| {
        questions.iter().find_map(|question| match serde_json::from_str(question) {
            Ok(Ask::Tool(tool)) => Some(tool.words),
            _ => None,
        })
    };
    let given: Vec<String> =
        std::env::var(ASK).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    if tools(&given).is_some_and(|tool| tool[0] == name && tool[1..] == words) {
        return Ok(given);
    }
    let Some(tool) = tools(&words) else { return Ok(words) };
    let mut own = std::process::Command::new(std::env::current_exe()?);
    Err(own.arg0(&tool[0]).args(&tool[1..]).env(ASK, serde_json::to_string(&words)?).exec())
}

fn fetch() -> Result<()> {
    let (_, sources, key): (std::path::PathBuf, Vec<String>, [u8; 32]) = frame::hear(&mut stdin())?;
    let key = Key::new(key);
    let value = std::env::var("STANCH_TEST_VALUE").map(|file| std::fs::read_to_string(file).unwrap_or_default());
    let value = value.unwrap_or_default();
    let form = Form::of(&key, value.as_bytes());
    let known = Known::new(key, form.into_iter().collect()).to_text();
    for source in sources {
        if value.is_empty() {
            let why = "there is none in this test".to_owned();
            frame::say(&mut stdout(), &Fetched::Failed { source, why })?;
            continue;
        }
        frame::say(&mut stdout(), &Fetched::Value { source, known: known.clone() })?;
        frame::write(&mut stdout(), value.as_bytes())?;
    }
    stdout().flush()
}
