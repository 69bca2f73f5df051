//! The values of the session's credentials, fetched once and held on pages of their own.
//!
//! Fetching is another process's work (`stanch-fetch`): what keyrings, parsers and TLS leave in memory ends with it.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use audit::{Recorded, Use};
use harden::Page;
use scrub::known::{Form, Key, Known};
use wire::{Fetched, Way, frame};

use crate::leases::Lease;
use crate::lock::lock;

/// The executable that fetches.
pub const FETCHER: &str = "stanch-fetch";
const MEND: &str = "run `stanch doctor --repair`";
/// All values of a session are known by no more forms: whoever looks for them is told them in one frame.
const MOST_FORMS: usize = 8192;
/// A source that failed is asked again after this long, when somebody wants it.
const AGAIN: Duration = Duration::from_secs(10);

/// All values, by source.
pub struct Values {
    /// Under it, values are known to others that do not have them.
    key: Key,
    /// Where the client runs: what a repository there sets in the environment is not believed.
    folder: PathBuf,
    states: Mutex<HashMap<String, State>>,
    changed: Condvar,
}

/// A value that has come. Who has no lease is given none.
pub struct Held(Arc<Page>);

/// A value on its way to the process that it is lent to.
pub struct Given(Arc<Page>);

impl Held {
    /// For the process that has the lease; `None` if it gets it in another way.
    pub fn to_holder(self, lease: &Lease) -> Option<Given> {
        lease.way().carries_value().then_some(Given(self.0))
    }

    /// Why it cannot be handed over that way.
    pub fn misfit(&self, way: &Way) -> Option<&'static str> {
        let has = |bytes: &[u8]| self.0.bytes().iter().any(|byte| bytes.contains(byte));
        match way {
            Way::Environment { .. } => has(b"\0").then_some("it holds a zero byte, which no variable can"),
            Way::Git { .. } => has(b"\0\n").then_some("it has more than one line, which git does not take"),
            Way::Pgpass { .. } => {
                has(b"\0\n\r").then_some("it has more than one line, which a password file does not take")
            }
        }
    }

    /// For git, which asks for what it has a lease for; that it did is on record.
    pub fn to_git(self, _: &Lease, _: Recorded<Use>) -> Given {
        Given(self.0)
    }
}

impl Given {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}

enum State {
    Coming(String),
    Here(Arc<Page>, Vec<Form>),
    Failed(String, Instant),
}

impl Values {
    /// None yet, for a client that runs in that folder. The key is 32 random bytes.
    pub fn new(folder: PathBuf, key: [u8; 32]) -> Self {
        Self { key: Key::new(key), folder, states: Mutex::default(), changed: Condvar::new() }
    }

    /// By what those that are here are known, and of which sources they are.
    pub fn known(&self) -> (Known, Vec<String>) {
        let states = lock(&self.states);
        let here = states.iter().filter_map(|(source, state)| match state {
            State::Here(_, forms) => Some((source, forms)),
            State::Coming(_) | State::Failed(..) => None,
        });
        let (sources, forms): (Vec<_>, Vec<_>) = here.map(|(source, forms)| (source.clone(), forms.clone())).unzip();
        (Known::new(self.key.clone(), forms.concat()), sources)
    }

    /// Has the sources asked, all at once, unless they are being asked or have answered.
    pub fn fetch(self: &Arc<Self>, sources: impl IntoIterator<Item = String>) {
        let mut states = lock(&self.states);
        let wanted = |source: &String| match states.get(source) {
            None => true,
            Some(State::Failed(_, since)) => since.elapsed() >= AGAIN,
            Some(_) => false,
        };
        let sources: Vec<String> = sources.into_iter().filter(wanted).collect();
        for source in &sources {
            states.insert(source.clone(), State::Coming("its answer".to_owned()));
        }
        drop(states);
        if !sources.is_empty() {
            let (values, asked) = (Arc::clone(self), sources.clone());
            let asking = std::thread::Builder::new().spawn(move || {
                let why = values.ask(&asked).err();
                values.give_up(asked, &why.unwrap_or_else(|| "the process that fetches it ended too early".to_owned()));
            });
            if let Err(error) = asking {
                self.give_up(sources, &format!("the system has no thread that could ask for it: {}", error.kind()));
            }
        }
    }

    /// The value of a source; waits for it no longer than `patience`. Why not, if there is none.
    pub fn get(self: &Arc<Self>, source: &str, patience: Duration) -> Result<Held, String> {
        self.fetch([source.to_owned()]);
        let end = Instant::now() + patience;
        let mut states = lock(&self.states);
        loop {
            let why = match states.get(source) {
                Some(State::Here(page, _)) => return Ok(Held(Arc::clone(page))),
                Some(State::Failed(why, _)) => return Err(why.clone()),
                Some(State::Coming(what)) => format!("still waiting for {what}"),
                None => "it is not known".to_owned(),
            };
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(why);
            }
            states = self.changed.wait_timeout(states, left).map_or_else(|e| e.into_inner().0, |(states, _)| states);
        }
    }

    /// How a source stands, for a person.
    pub fn state(&self, source: &str) -> String {
        match lock(&self.states).get(source) {
            None => "not asked for yet".to_owned(),
            Some(State::Coming(what)) => format!("waiting for {what}"),
            Some(State::Failed(why, _)) => why.clone(),
            Some(State::Here(page, _)) => match page.protection() {
                harden::Protection::Secret => "in memory that nobody else can map".to_owned(),
                harden::Protection::Locked => "in locked memory".to_owned(),
                harden::Protection::Unlocked => {
                    "in memory that the system would not lock: it may be swapped out".to_owned()
                }
            },
        }
    }

    /// Wipes all of them.
    pub fn clear(&self) {
        lock(&self.states).clear();
    }

    fn ask(&self, sources: &[String]) -> Result<(), String> {
        let own =
            std::env::current_exe().map_err(|error| format!("its executable cannot be told: {}", error.kind()))?;
        let fetcher = own.parent().map(|folder| folder.join(FETCHER)).ok_or("it has no folder")?;
        let mut command = Command::new(fetcher);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => format!("{FETCHER} is missing beside the broker: {MEND}"),
            kind => format!("{FETCHER} cannot be started: {kind}"),
        })?;
        let heard = self.hear(&mut child, sources);
        if heard.is_err() {
            let _ = child.kill();
        }
        let _ = child.wait();
        heard
    }

    fn hear(&self, child: &mut Child, sources: &[String]) -> Result<(), String> {
        let broken = |error: std::io::Error| format!("{FETCHER} does not answer: {}", error.kind());
        if let Some(mut to) = child.stdin.take() {
            frame::say(&mut to, &(&self.folder, sources, self.key.to_bytes())).map_err(broken)?;
        }
        let mut from = child.stdout.take().ok_or("it has no output")?;
        while let Ok(said) = frame::hear::<Fetched>(&mut from) {
            match said {
                Fetched::Value { source, known } => {
                    let value = frame::secret(&mut from).map_err(broken)?;
                    let page =
                        value.expose(Page::holding).map_err(|error| format!("no memory for it: {}", error.kind()))?;
                    let state = match Known::from_text(&known).map(Known::into_forms) {
                        // What cannot be looked for is not lent.
                        Some(forms) if self.forms_besides(&source) + forms.len() > MOST_FORMS => {
                            let why = "with the other credentials it is too much to be looked for in what tools show; lend fewer, or \
                                       shorter ones";
                            State::Failed(why.to_owned(), Instant::now())
                        }
                        Some(forms) => State::Here(Arc::new(page), forms),
                        None => State::Failed(format!("{FETCHER} is another version: {MEND}"), Instant::now()),
                    };
                    self.set(source, state);
                }
                Fetched::Failed { source, why } => self.set(source, State::Failed(why, Instant::now())),
                Fetched::Waiting { source, what } => self.set(source, State::Coming(what)),
            }
        }
        Ok(())
    }

    fn forms_besides(&self, source: &str) -> usize {
        let states = lock(&self.states);
        let others = states.iter().filter(|(other, _)| *other != source);
        others.map(|(_, state)| if let State::Here(_, forms) = state { forms.len() } else { 0 }).sum()
    }

    fn set(&self, source: String, state: State) {
        lock(&self.states).insert(source, state);
        self.changed.notify_all();
    }

    /// Those that are still to come do not.
    fn give_up(&self, sources: Vec<String>, why: &str) {
        let mut states = lock(&self.states);
        for source in sources {
            if let Some(state @ State::Coming(_)) = states.get_mut(&source) {
                *state = State::Failed(why.to_owned(), Instant::now());
            }
        }
        self.changed.notify_all();
    }
}
