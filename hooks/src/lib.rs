//! The hooks: each a pipeline from one event to one reply, in a file of its own under its event's name.
//!
//! Every hook keeps three promises. It writes one JSON object to standard output, or nothing, and never a secret in it: the
//! client stores whatever a hook prints. It fails closed: an event it cannot read, an error or a panic ends in that event's
//! closed answer, with a reason that says what to do and holds nothing of the event's content. It ends: input has a time
//! limit and a size limit, and the work is linear in the size.
//!
//! What hooks cannot stop (a failed command's output, for one) is listed in the README.

pub mod agent;
mod arguments;
pub mod config_change;
pub mod event;
pub mod fork;
pub mod history;
pub mod input;
pub mod instructions;
pub mod instructions_loaded;
pub mod leak;
#[cfg(unix)]
mod lending;
#[cfg(not(unix))]
#[path = "lending/none.rs"]
mod lending;
pub mod log;
pub mod mention;
pub mod notice;
pub mod outcome;
pub mod pause;
pub mod plugins;
pub mod post_tool_batch;
pub mod post_tool_use;
pub mod post_tool_use_failure;
pub mod pre_compact;
pub mod pre_tool_use;
pub mod registration;
pub mod rehearsal;
pub mod reply;
pub mod session_end;
pub mod session_start;
pub mod settings;
pub mod slash;
pub mod spill;
pub mod subagent_stop;
pub mod text;
pub mod understudy;
pub mod user_prompt_submit;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

pub use agent::Agent;
use config::Config;
pub use outcome::{Outcome, Refusal};
use pause::Look;
pub use reply::Reply;
use scrub::Scanner;
use understudy::By;

/// One hook: how it answers an event, and how it answers when it cannot.
pub struct Hook {
    /// Name of the executable.
    pub name: &'static str,
    /// Name of the event.
    pub event: &'static str,
    /// Whether it reads files that the event does not name: however short the event is, that may take long.
    pub reads_files: bool,
    /// The answer to an event.
    pub answer: fn(&[u8], &Context) -> Result<Reply, Refusal>,
    /// The closed answer to an event that could not be handled; must not fail on any bytes.
    pub closed: fn(&[u8], &Refusal) -> Reply,
}

/// Every hook.
pub const HOOKS: [&Hook; 11] = [
    &pre_tool_use::HOOK,
    &post_tool_use::HOOK,
    &post_tool_use_failure::HOOK,
    &post_tool_batch::HOOK,
    &session_start::HOOK,
    &user_prompt_submit::HOOK,
    &pre_compact::HOOK,
    &config_change::HOOK,
    &instructions_loaded::HOOK,
    &subagent_stop::HOOK,
    &session_end::HOOK,
];

/// What a hook knows besides the event.
#[derive(Default)]
pub struct Context {
    /// Who asks.
    pub agent: Agent,
    /// Who has registered the hook.
    pub by: By,
    /// What the user says.
    pub config: Config,
}

impl Context {
    /// The context of a session in the current folder, for a hook that settings have registered.
    ///
    /// # Errors
    /// The configuration cannot be read, there is no current folder, or a broker does not say what it lends.
    pub fn load(agent: Agent) -> Result<Self, Refusal> {
        let folder = std::env::current_dir().map_err(|error| Refusal::NoFolder(error.kind()))?;
        let config = Config::load(&folder).map_err(|error| Refusal::Config(error.to_string()))?;
        // The broker that is there lends what the configuration said when it began.
        if let Some(known) = lending::known()? {
            config.knows(known);
        }
        Ok(Self { agent, by: By::Settings, config })
    }

    /// Finds with the built-in rules and the user's own.
    ///
    /// # Errors
    /// The compiled rules are damaged.
    pub fn scanner(&self) -> Result<Scanner<'_>, Refusal> {
        Ok(self.config.scanner()?)
    }
}

/// Runs a hook as a process: event on standard input, reply on standard output.
pub fn run(hook: &'static Hook) -> ExitCode {
    let start = Instant::now();
    let (agent, by) = match arguments::read(hook) {
        Ok(asked) => asked,
        Err(code) => return code,
    };
    // The panic message could quote the event; the refusal says enough.
    std::panic::set_hook(Box::new(|_| ()));
    let event = input::read();
    // Before a pause is looked at: that is said and logged once, too.
    if stands_down(hook, agent, by, &event) {
        return ExitCode::SUCCESS;
    }
    let outcome = paused(hook, agent).unwrap_or_else(|| answered(hook, agent, by, event, start));
    deliver(hook, &outcome)
}

/// Whether the settings' own hook does the work of this one, which is a plugin's. Theirs say with a mark that they run.
fn stands_down(hook: &Hook, agent: Agent, by: By, event: &Result<Vec<u8>, Refusal>) -> bool {
    let Ok(event) = event else { return false };
    let judged = || match by {
        By::Settings => {
            understudy::mark(hook, agent, event);
            false
        }
        By::Plugin => understudy::stands_down(hook, agent, event),
    };
    catch_unwind(judged).unwrap_or(false)
}

fn answered(hook: &'static Hook, agent: Agent, by: By, event: Result<Vec<u8>, Refusal>, start: Instant) -> Outcome {
    match (event, Context::load(agent).map(|context| Context { by, ..context })) {
        (Ok(event), Ok(context)) if !hook.reads_files && is_short(&event) => handle(hook, &event, &context),
        (Ok(event), Ok(context)) => handle_within(hook, event, context, PATIENCE.saturating_sub(start.elapsed())),
        (Ok(event), Err(refusal)) => closed(hook, &event, agent, &refusal),
        (Err(refusal), _) => closed(hook, b"", agent, &refusal),
    }
}

/// What the hook answers while a person has paused stanch: that it is paused, to the person, and nothing else.
fn paused(hook: &Hook, agent: Agent) -> Option<Outcome> {
    // What this one lets pass stays when the pause is over.
    if hook.event == config_change::HOOK.event {
        return None;
    }
    let Look::On(pause) = pause::look() else { return None };
    let _ = log::note(hook.event, log::Deed::Paused, None);
    let tells = [session_start::HOOK.event, user_prompt_submit::HOOK.event].contains(&hook.event);
    let said = Reply::Say { user: Some(notice::paused(&pause)), model: None };
    Some(outcome(hook, b"", agent, &Ok(if tells { said } else { Reply::Silent })))
}

/// From the start of the process to its answer: less than the client's patience, which then goes on as if nobody had asked.
pub const PATIENCE: Duration = Duration::from_secs(13);
/// A shorter event is answered in time, whatever is in it, if it names no file: a thread for it would cost more than it.
const LONG: usize = 16 << 10;

fn is_short(event: &[u8]) -> bool {
    event.len() < LONG && std::str::from_utf8(event).is_ok_and(|event| !event.contains("persistedOutputPath"))
}

/// The answer to an event, closed if it takes longer than `limit`: the work is left where it is, the process ends.
pub fn handle_within(hook: &'static Hook, event: Vec<u8>, context: Context, limit: Duration) -> Outcome {
    let case = Arc::new((event, context));
    let (sender, receiver) = mpsc::channel();
    let worker = {
        let case = Arc::clone(&case);
        std::thread::Builder::new().spawn(move || sender.send(handle(hook, &case.0, &case.1)))
    };
    let (event, context) = &*case;
    match (worker, receiver.recv_timeout(limit)) {
        (Ok(_), Ok(outcome)) => outcome,
        (Ok(_), Err(_)) => closed(hook, event, context.agent, &Refusal::TooSlow),
        // No thread is to be had: slow is better than not at all.
        (Err(_), _) => handle(hook, event, context),
    }
}

/// What the hook answers, before any agent's dialect.
///
/// # Errors
/// The event could not be handled: see [`Hook::closed`].
pub fn reply(hook: &Hook, event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    catch_unwind(AssertUnwindSafe(|| (hook.answer)(event, context))).unwrap_or(Err(Refusal::Panicked))
}

/// The answer to an event, closed if anything goes wrong.
pub fn handle(hook: &Hook, event: &[u8], context: &Context) -> Outcome {
    outcome(hook, event, context.agent, &reply(hook, event, context))
}

/// What the process ends with, for that reply to the event.
pub fn outcome(hook: &Hook, event: &[u8], agent: Agent, reply: &Result<Reply, Refusal>) -> Outcome {
    let written = || agent.outcome(hook.event, reply.as_ref().map_err(Clone::clone)?);
    match catch_unwind(AssertUnwindSafe(written)).unwrap_or(Err(Refusal::Panicked)) {
        Ok(outcome) => outcome,
        Err(refusal) => closed(hook, event, agent, &refusal),
    }
}

fn closed(hook: &Hook, event: &[u8], agent: Agent, refusal: &Refusal) -> Outcome {
    let answer = || agent.outcome(hook.event, &(hook.closed)(event, refusal));
    match catch_unwind(AssertUnwindSafe(answer)) {
        Ok(Ok(outcome)) => Outcome { stderr: refusal.to_string(), ..outcome },
        Ok(Err(_)) | Err(_) => Outcome::blocked(refusal),
    }
}

fn deliver(hook: &Hook, outcome: &Outcome) -> ExitCode {
    let lost = !outcome.stdout.is_empty() && (write(&outcome.stdout).is_err() || was_closed_at_start());
    let mut stderr = std::io::stderr();
    if !outcome.stderr.is_empty() {
        let _ = writeln!(stderr, "stanch {}: {}", hook.name, outcome.stderr);
    }
    if lost {
        let _ = writeln!(stderr, "stanch {}: {}", hook.name, Refusal::NoStdout);
        return ExitCode::from(outcome::BLOCK);
    }
    ExitCode::from(outcome.code)
}

fn write(reply: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(reply.as_bytes())?;
    stdout.flush()
}

/// Whether standard output was closed when the process started: std has then opened the null device in its place, for
/// reading and writing, and a reply vanishes there without an error.
#[cfg(unix)]
fn was_closed_at_start() -> bool {
    let stdout = rustix::stdio::stdout();
    let read_write = rustix::fs::fcntl_getfl(stdout).is_ok_and(|flags| flags.contains(rustix::fs::OFlags::RDWR));
    let same = |a: &rustix::fs::Stat, b: &rustix::fs::Stat| a.st_rdev == b.st_rdev && a.st_rdev != 0;
    read_write
        && rustix::fs::fstat(stdout).is_ok_and(|out| rustix::fs::stat("/dev/null").is_ok_and(|null| same(&out, &null)))
}

#[cfg(not(unix))]
fn was_closed_at_start() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers some time after it was asked; its closed answer says why.
    const SLOW: Hook = Hook {
        name: "slow",
        event: "Slow",
        reads_files: false,
        answer: |_, _| {
            std::thread::sleep(Duration::from_millis(300));
            Ok(Reply::Silent)
        },
        closed: |_, refusal| Reply::Refused(refusal.clone()),
    };

    #[test]
    fn an_answer_that_takes_too_long_is_closed() {
        let start = Instant::now();
        let outcome = handle_within(&SLOW, vec![b' '; LONG], Context::default(), Duration::from_millis(20));
        assert!(start.elapsed() < Duration::from_millis(250));
        assert_eq!((outcome.code, outcome.stderr), (outcome::BLOCK, Refusal::TooSlow.to_string()));
        assert!(handle_within(&SLOW, Vec::new(), Context::default(), Duration::from_secs(20)) == Outcome::silent());
    }

    #[test]
    fn an_event_that_names_a_file_is_not_short() {
        assert!(is_short(b"{}"));
        assert!(!is_short(&[b' '; LONG]));
        assert!(!is_short(br#"{"tool_response":{"persistedOutputPath":"/a"}}"#));
    }
}
