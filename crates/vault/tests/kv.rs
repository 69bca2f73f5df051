//! Vault's HTTP, as far as a server that says what a test wants is enough. tests/backends has the real OpenBao.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use config::file;
use vault::{Environment, Reference, Vault};

/// Answers every request by its path, and notes the requests' lines and headers.
struct Server {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&heard);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let mut request = Vec::new();
                while let Some(Ok(line)) = lines.next() {
                    if line.is_empty() {
                        break;
                    }
                    request.push(line);
                }
                let Some(first) = request.first() else { continue };
                let (status, body) = answer(first.split(' ').nth(1).unwrap_or_default());
                noted.lock().unwrap().extend(request);
                let (header, body) =
                    if status == 307 { (format!("Location: {body}\r\n"), "") } else { (String::new(), body.as_str()) };
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\n{header}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().join("\n")
    }
}

fn fetch(reference: &str, sources: &str, variables: &[(&str, &str)]) -> Result<String, String> {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().to_str().unwrap();
    let environment = Environment::of(variables.iter().copied().chain([("HOME", home), ("USERPROFILE", home)]));
    let sources = file::parse(Path::new("config.toml"), sources).unwrap().sources;
    let vault = Vault::new(environment, &sources).map_err(|error| error.to_string())?;
    let value = vault.fetch(&Reference::parse(reference).unwrap()).map_err(|error| format!("{error}{error:?}"))?;
    Ok(value.expose(|bytes| String::from_utf8(bytes.to_vec()).unwrap()))
}

const MOUNTS: &str = "/v1/sys/internal/ui/mounts/";

fn mounted(version: &str) -> String {
    format!(r#"{{"data": {{"path": "team/kv/", "type": "kv", "options": {version}}}}}"#)
}

#[test]
fn the_engines_version_is_asked_for_or_said() {
    let answer = |path: &str| match path {
        "/v1/sys/internal/ui/mounts/team/kv/ci" => (200, mounted(r#"{"version": "2"}"#)),
        "/v1/team/kv/data/ci" => (200, r#"{"data": {"data": {"a/b": "second", "n": 7}, "metadata": {}}}"#.to_owned()),
        "/v1/sys/internal/ui/mounts/team/kv/old" => (200, mounted("null")),
        "/v1/team/kv/old" => (200, r#"{"data": {"a/b": "first"}}"#.to_owned()),
        "/v1/secret/data/ci%20x" => (200, r#"{"data": {"data": {"t": "said"}}}"#.to_owned()),
        _ => (404, "{}".to_owned()),
    };
    let server = Server::start(answer);
    let at = format!("kv+http://{}", server.address);
    let token = [("BAO_TOKEN", "t0ken"), ("BAO_NAMESPACE", "ns1")];
    assert_eq!(fetch(&format!("{at}/team/kv/ci#a/b"), "", &token).as_deref(), Ok("second"));
    assert_eq!(fetch(&format!("{at}/team/kv/ci#n"), "", &token).as_deref(), Ok("7"));
    assert_eq!(fetch(&format!("{at}/team/kv/old#a/b"), "", &token).as_deref(), Ok("first"));
    assert_eq!(fetch(&format!("{at}/secret/ci x?version=2#t"), "", &token).as_deref(), Ok("said"));
    let address = format!("http://{}", server.address);
    let both = [("VAULT_TOKEN", "t0ken"), ("VAULT_ADDR", address.as_str())];
    assert_eq!(fetch("vault:team/kv/ci#a/b", "", &both).as_deref(), Ok("second"));
    let said = format!("[sources.kv]\naddress = {address:?}\ntoken = \"env:OTHER\"\n");
    assert_eq!(
        fetch("kv:team/kv/ci#a/b", &said, &[("OTHER", "t0ken"), ("BAO_ADDR", "http://nowhere")]).as_deref(),
        Ok("second")
    );
    let heard = server.heard().to_lowercase();
    assert!(heard.contains("x-vault-token: t0ken") && heard.contains("x-vault-namespace: ns1"), "{heard}");
}

#[test]
fn a_refusal_says_what_it_means_and_nothing_of_the_answer() {
    for (status, expected) in [
        (403, "the token is wrong, has expired, or may not read this path (HTTP 403); log in again"),
        (404, "there is no secret at this path"),
        (503, "sealed"),
        (500, "look into its log"),
        (307, "sends us to another"),
    ] {
        let server = Server::start(move |_| (status, "http://127.0.0.1:1/hunter2x".to_owned()));
        let wrong =
            fetch(&format!("kv+http://{}/secret/ci?version=2#t", server.address), "", &[("BAO_TOKEN", "t0ken")])
                .unwrap_err();
        assert!(wrong.contains(expected) && !wrong.contains("hunter2x") && !wrong.contains("t0ken"), "{wrong}");
    }
    for (body, expected) in [
        ("hunter2x", "is no JSON"),
        (r#"{"data": {"data": {"other": "hunter2x"}}}"#, "has no such field"),
        (r#"{"data": {"data": {"t": {"x": "hunter2x"}}}}"#, "holds no text"),
        (r#"{"data": {"data": {"t": ""}}}"#, "the value is empty"),
    ] {
        let server = Server::start(move |_| (200, body.to_owned()));
        let wrong =
            fetch(&format!("kv+http://{}/secret/ci?version=2#t", server.address), "", &[("BAO_TOKEN", "t0ken")])
                .unwrap_err();
        assert!(wrong.contains(expected) && !wrong.contains("hunter2x"), "{wrong}");
    }
    let server = Server::start(|path| match path.starts_with(MOUNTS) {
        true => (200, mounted("null").replace("\"kv\"", "\"pki\"")),
        false => (404, String::new()),
    });
    let wrong = fetch(&format!("kv+http://{}/team/kv/x#t", server.address), "", &[("BAO_TOKEN", "t0ken")]).unwrap_err();
    assert!(wrong.contains("no key-value engine"), "{wrong}");
}

#[test]
fn a_redirect_carries_the_token_nowhere() {
    let other = Server::start(|_| (200, r#"{"data": {"data": {"t": "x"}}}"#.to_owned()));
    let there = format!("http://{}/v1/secret/data/ci", other.address);
    let server = Server::start(move |_| (307, there.clone()));
    let wrong = fetch(&format!("kv+http://{}/secret/ci?version=2#t", server.address), "", &[("BAO_TOKEN", "t0ken")])
        .unwrap_err();
    assert!(wrong.contains("sends us to another"), "{wrong}");
    assert_eq!(other.heard(), "");
}

#[test]
fn what_is_missing_or_amiss_is_named_with_its_mend() {
    for (reference, sources, variables, expected) in [
        ("kv:secret/ci#t", "", vec![("BAO_TOKEN", "t")], "the server's address is not known; write `address"),
        ("kv:secret/ci#t", "", vec![("BAO_ADDR", "http://bao.example.org"), ("BAO_TOKEN", "t")], "use https"),
        ("kv+http://127.0.0.1:1/secret/ci#t", "", vec![], "there is no token; log in"),
        ("kv+http://127.0.0.1:1/secret/ci#t", "", vec![("BAO_TOKEN", "t")], "http://127.0.0.1:1 cannot be reached"),
        ("kv+http://127.0.0.1:1/secret/ci#t", "", vec![("BAO_TOKEN", "t\u{7f}\n")], "the token holds characters"),
        (
            "kv+https://127.0.0.1:1/secret/ci#t",
            "[sources.kv]\nca_file = \"/nowhere.pem\"\n",
            vec![("BAO_TOKEN", "t")],
            "/nowhere.pem cannot be read",
        ),
        (
            "kv:secret/ci#t",
            "[sources.kv]\naddress = \"http://h\"\n",
            vec![],
            "config.toml:2:11: the address sends the token in clear",
        ),
        (
            "kv:secret/ci#t",
            "[sources.kv]\ntoken = \"kv:a/b#c\"\n",
            vec![],
            "config.toml:2:9: the token of kv: comes from another store",
        ),
        (
            "kv:secret/ci#t",
            "[sources.kv]\ntoken = \"hunter2x\"\n",
            vec![],
            "config.toml:2:9: the source names no store",
        ),
    ] {
        let wrong = fetch(reference, sources, &variables).unwrap_err();
        assert!(wrong.contains(expected) && !wrong.contains("hunter2x"), "{wrong}");
    }
}

#[test]
fn a_token_file_is_read_without_its_line_end() {
    let server = Server::start(|_| (200, r#"{"data": {"data": {"t": "x"}}}"#.to_owned()));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "t0ken\n").unwrap();
    let sources = format!("[sources.kv]\ntoken_file = {:?}\n", file.to_str().unwrap());
    let reference = format!("kv+http://{}/secret/ci?version=2#t", server.address);
    assert_eq!(fetch(&reference, &sources, &[("BAO_TOKEN", "other")]).as_deref(), Ok("x"));
    assert!(server.heard().to_lowercase().contains("x-vault-token: t0ken"), "{}", server.heard());
}
