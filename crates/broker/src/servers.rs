//! Which MCP server a command is, by the client's own configuration: the prefix is told the command alone.
//!
//! The user's files name servers for certain, and so does what the client was started with. A repository's `.mcp.json` may give
//! any name to any command, so what it says is marked.

use std::path::{Path, PathBuf};

use config::plain::{self, Content};
use serde_json::Value;
use wire::Process;

use crate::environment::Environment;

/// A name that a command goes by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    /// The server's name.
    pub name: String,
    /// Only a repository says so.
    pub of_repository: bool,
    /// The entry sets variables or a folder for the server, or may, and could so make the very program that policy names load other
    /// code or speak to another server.
    pub is_changed: bool,
}

/// The names of the servers that are started with these words.
pub fn named(words: &[String], client: Process, environment: &Environment, folder: &Path) -> Vec<Server> {
    let mut names = Vec::new();
    let mut add = |servers: &Value, of_repository: bool| {
        for (name, server) in servers.as_object().into_iter().flatten() {
            // What the client puts in the place of a variable cannot be told here: an entry with one may be any command.
            let is_changed = is_changed(server);
            if is(server, words) || of_repository && is_changed && server.to_string().contains("${") {
                names.push(Server { name: name.clone(), of_repository, is_changed });
            }
        }
    };
    for given in given(client) {
        add(&given["mcpServers"], false);
    }
    if let Some(user) = user_file(environment).map(|path| read(&path)) {
        let user = user.unwrap_or_default();
        add(&user["mcpServers"], false);
        for above in folder.ancestors().filter_map(Path::to_str) {
            add(&user["projects"][above]["mcpServers"], false);
        }
    }
    let repositories: Vec<_> = folder.ancestors().map(|above| read(&above.join(".mcp.json"))).collect();
    for repository in repositories.iter().flatten() {
        add(&repository["mcpServers"], true);
    }
    if repositories.iter().any(Result::is_err) {
        names.push(Server { name: ".mcp.json".to_owned(), of_repository: true, is_changed: true });
    }
    names
}

/// Whether a server's entry starts these words.
fn is(server: &Value, words: &[String]) -> bool {
    let arguments = server["args"].as_array().map(Vec::as_slice).unwrap_or_default();
    let entry = std::iter::once(&server["command"]).chain(arguments).map(Value::as_str);
    entry.eq(words.iter().map(|word| Some(word.as_str())))
}

fn is_changed(server: &Value) -> bool {
    let is_empty = |value: &Value| value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
    !is_empty(&server["env"]) || !is_empty(&server["cwd"])
}

/// What the client was given with `--mcp-config`: files, or JSON as it is.
fn given(client: Process) -> Vec<Value> {
    let line = std::fs::read(format!("/proc/{}/cmdline", client.pid)).unwrap_or_default();
    let words: Vec<String> = line.split(|b| *b == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let mut configurations = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let inline = word.strip_prefix("--mcp-config=");
        if let Some(value) = inline {
            configurations.push(value.to_owned());
        } else if word == "--mcp-config" {
            // It takes several.
            configurations.extend(rest.clone().take_while(|word| !word.starts_with('-')).cloned());
        }
    }
    let folder = std::fs::read_link(format!("/proc/{}/cwd", client.pid)).unwrap_or_default();
    let value = |text: &String| match text.trim_start().starts_with('{') {
        true => serde_json::from_str(text).ok(),
        false => read(&folder.join(text)).ok(),
    };
    configurations.iter().filter_map(value).collect()
}

/// The user's own file. It lies in the folder of the client's configuration if that was moved, else in the home; that a
/// repository's settings move it, the client's environment does not say.
fn user_file(environment: &Environment) -> Option<PathBuf> {
    let moved = environment.get("CLAUDE_CONFIG_DIR").filter(|folder| !folder.is_empty());
    moved.or_else(|| environment.get("HOME")).map(|folder| Path::new(folder).join(".claude.json"))
}

/// A file says something that cannot be read here, and that the client may read.
struct Unread;

/// What a file says; nothing, if it is not there.
fn read(path: &Path) -> Result<Value, Unread> {
    match plain::read(path) {
        Content::Missing => Ok(Value::Null),
        Content::Unread => Err(Unread),
        Content::Whole(text) => serde_json::from_slice(&text).map_err(|_| Unread),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repositorys_name_for_a_command_is_marked() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = r#"{"mcpServers":{"a":{"command":"npx","args":["-y","a b"],"env":{}},"b":{"command":"npx"},
            "c":{"command":"c","env":{"BASH_ENV":"/x"}},"d":{"command":"d","cwd":"/x"},"e":{"command":"e","env":"?"}}}"#;
        std::fs::write(folder.path().join(".mcp.json"), text).expect("a file");
        let below = folder.path().join("below");
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        let own = Process::own().expect("this is Linux");
        let environment = Environment::of_variables(&[]);
        let named = |given: &[&str]| named(&words(given), own, &environment, &below);
        assert_eq!(
            named(&["npx", "-y", "a b"]),
            [Server { name: "a".to_owned(), of_repository: true, is_changed: false }]
        );
        for name in ["c", "d", "e"] {
            assert!(matches!(&*named(&[name]), [Server { is_changed: true, .. }]), "{name}");
        }
        std::fs::create_dir(&below).expect("a folder");
        for text in
            [r#"{"mcpServers":{"x":{"command":"${NO:-c}","env":{"BASH_ENV":"/x"}}}}"#, "{\"a\":1e999}", "\u{feff}{}"]
        {
            std::fs::write(below.join(".mcp.json"), text).expect("a file");
            let names = named(&["npx"]);
            assert!(names.iter().any(|server| server.of_repository && server.is_changed), "{text}: {names:?}");
        }
        std::fs::remove_dir_all(&below).expect("gone");
        assert_eq!(named(&["npx"]).len(), 1);
        assert!(named(&["npx", "-y"]).is_empty() && named(&[]).is_empty());
    }

    #[test]
    fn the_users_file_is_where_the_client_itself_has_it() {
        let at = |given: &[(&str, &str)]| user_file(&Environment::of_variables(given));
        assert_eq!(at(&[("HOME", "/h")]), Some("/h/.claude.json".into()));
        assert_eq!(at(&[("HOME", "/h"), ("CLAUDE_CONFIG_DIR", "/c")]), Some("/c/.claude.json".into()));
    }
}
