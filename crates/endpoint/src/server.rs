//! A model's API on loopback, in the dialect that it is asked in, that plays a script and remembers every request.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Result, anyhow};
use serde_json::{Value, json};
use tiny_http::{Header, Method, Response, Server};

use crate::script::{Player, Script, Turn};
use crate::{openai, sse};

/// One request as it came: nothing of it is left out.
#[derive(Clone, Debug)]
pub struct Request {
    /// `POST`, `HEAD`, …
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers, one a line.
    pub headers: String,
    /// The body's bytes, read as text.
    pub body: String,
    /// The calls that it was answered with, by their ids in the script.
    pub calls: Vec<String>,
}

impl Request {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Is it a question to the model (and not `count_tokens` or anything else)?
    pub fn is_message(&self) -> bool {
        ["/v1/messages", "/v1/responses", "/v1/chat/completions"].iter().any(|end| route(&self.path).ends_with(end))
    }

    /// Is it the request that measures a text, which the client sends before any hook has seen that text?
    pub fn is_count(&self) -> bool {
        route(&self.path).ends_with("/count_tokens")
    }
}

/// The endpoint, running until it is stopped or dropped.
pub struct Endpoint {
    server: Arc<Server>,
    requests: Arc<Mutex<Vec<Request>>>,
    thread: Option<JoinHandle<()>>,
}

impl Endpoint {
    /// Listens on a free port of loopback.
    pub fn start(script: Script) -> Result<Self> {
        let server =
            Arc::new(Server::http("127.0.0.1:0").map_err(|error| anyhow!("no endpoint on loopback: {error}"))?);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (listener, record) = (Arc::clone(&server), Arc::clone(&requests));
        let thread = std::thread::spawn(move || serve(&listener, &record, Player::new(script)));
        Ok(Self { server, requests, thread: Some(thread) })
    }

    /// What the client takes as its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.server_addr())
    }

    /// Stops listening and gives the requests in the order in which they came.
    pub fn stop(mut self) -> Vec<Request> {
        self.close();
        lock(&self.requests).clone()
    }

    fn close(&mut self) {
        self.server.unblock();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.close();
    }
}

fn serve(server: &Server, record: &Mutex<Vec<Request>>, mut player: Player) {
    while let Ok(mut incoming) = server.recv() {
        let mut body = Vec::new();
        if incoming.as_reader().read_to_end(&mut body).is_err() {
            continue;
        }
        let mut request = Request {
            method: incoming.method().to_string(),
            path: incoming.url().to_owned(),
            headers: incoming.headers().iter().map(|header| format!("{}: {}\n", header.field, header.value)).collect(),
            body: String::from_utf8_lossy(&body).into_owned(),
            calls: Vec::new(),
        };
        let answer = answer(&mut request, incoming.method(), &mut player, next());
        lock(record).push(request);
        let _ = incoming.respond(answer); // a client that has gone is no failure of the endpoint
    }
}

/// The number of an answer. A client that goes on with a session takes two answers of one number for parts of one, so no
/// two endpoints of a process give the same.
fn next() -> usize {
    static ANSWERS: AtomicUsize = AtomicUsize::new(1);
    ANSWERS.fetch_add(1, Ordering::Relaxed)
}

fn answer(
    request: &mut Request,
    method: &Method,
    player: &mut Player,
    number: usize,
) -> Response<std::io::Cursor<Vec<u8>>> {
    if request.is_count() {
        return reply(200, "application/json", json!({"input_tokens": 1 + request.body.len() / 4}).to_string());
    }
    if !request.is_message() || *method != Method::Post {
        let error = json!({"type": "not_found_error", "message": "not part of the script"});
        return reply(404, "application/json", json!({"type": "error", "error": error}).to_string());
    }
    let body = request.json();
    let turn = player.answer(&body);
    if let Turn::Calls(calls) = &turn {
        request.calls = calls.iter().map(|call| call.id.clone()).collect();
    }
    if route(&request.path).ends_with("/responses") {
        return reply(200, "text/event-stream", openai::responses(&turn, number));
    }
    if route(&request.path).ends_with("/completions") {
        let (kind, text) = openai::completion(&turn, &body);
        return reply(200, kind, text);
    }
    let model = body["model"].as_str().unwrap_or("unnamed");
    if body["stream"] == true {
        reply(200, "text/event-stream", sse::stream(&turn, model, number))
    } else {
        reply(200, "application/json", sse::message(&turn, model, number).to_string())
    }
}

fn reply(status: u16, kind: &str, body: String) -> Response<std::io::Cursor<Vec<u8>>> {
    let response = Response::from_string(body).with_status_code(status);
    match Header::from_bytes("content-type", kind) {
        Ok(header) => response.with_header(header),
        Err(()) => response,
    }
}

fn route(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

/// A poisoned record is still a record.
fn lock(record: &Mutex<Vec<Request>>) -> MutexGuard<'_, Vec<Request>> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}
