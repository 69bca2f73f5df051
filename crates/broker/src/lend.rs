//! Lending: the decision, its record, the lease, in this order. Neither of the later ones can be had without the earlier.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use config::lend::Credential;
use config::lend::terms::{Binding, Way as Terms};
use policy::{Agent, Condition, Decision, For, Permit, Policy, Request, links};
use wire::{Answer, Call, File, Handed, Lent, Tool, Way};

use crate::broker::Broker;
use crate::calls::Owner;
use crate::leases::Lease;
use crate::peer::Peer;
use crate::record::Case;
use crate::serve::Said;
use crate::servers;
use crate::values::Given;

/// Whom something is lent to.
enum Asker<'a> {
    /// A tool of one of these calls. What it shows goes through a filter that was there before it, and knew or did not know the value.
    Tool(&'a [Arc<Call>]),
    /// An MCP server that is about to start. Its filter is told behind this, so that the value may be waited for.
    Server {
        /// Until then.
        end: Instant,
    },
}

impl Asker<'_> {
    fn calls(&self) -> &[Arc<Call>] {
        match self {
            Self::Tool(calls) => calls,
            Self::Server { .. } => &[],
        }
    }
}

/// What a tool that is about to run is lent.
pub fn to_tool(broker: &Arc<Broker>, peer: &Peer, tool: Tool) -> Said {
    let found = tool.words.first().and_then(|name| Some((name, broker.tools.program(name)?)));
    let Some((name, found)) = found else { return Answer::Nothing { why: None }.into() };
    let unknown = Case { peer, calls: &[], tool: name, credential: None };
    let Some(folder) = folder(peer) else { return refused(broker, &unknown, "its folder cannot be told") };
    // What was meant by such a word nobody can tell.
    let is_text = !tool.words.iter().any(|word| word.contains(char::REPLACEMENT_CHARACTER));
    let apart = peer.is_apart_from(broker.client).then_some(APART);
    let objection = apart.or((!is_text).then_some(NO_TEXT));
    let found = found.and_then(|found| objection.map_or(Ok(found), |why| Err(why.to_owned())));
    let file = found.as_ref().ok().map(|found| found.file);
    let program = Program { name, path: found.map(|found| found.path.as_path()), file };
    let policy = match broker.terms.within(&folder) {
        Ok(lend) => Policy::new(&lend),
        Err(why) => return refused(broker, &unknown, &why),
    };
    let argv: Vec<OsString> = tool.words.iter().map(OsString::from).collect();
    let links_to_process = links::lead_to_process(&argv, &folder);
    let what = For::Command(argv);
    let request = |agent, session| Request {
        agent,
        session,
        what: what.clone(),
        repository: repository(&folder),
        folder: folder.clone(),
        links_to_process,
        remote: tool.remote.clone(),
    };
    match broker.calls.owner(peer.process) {
        // A person's command is the person's: it has what it would have without an agent.
        Some(Owner::NoCall) => Answer::Nothing { why: None }.into(),
        Some(Owner::TooMany) => {
            without_a_call(broker, peer, &program, &policy.decide(&request(Agent::Main, None)), TOO_MANY)
        }
        None => without_a_call(broker, peer, &program, &policy.decide(&request(Agent::Main, None)), NO_CALL),
        Some(Owner::Calls(calls)) => {
            let decisions = calls.iter().map(|call| {
                let agent = agent(call.agent.as_deref(), call.agent_type.as_deref());
                policy.decide(&request(agent, Some(call.session.clone())))
            });
            match decisions.reduce(Decision::and) {
                Some(decision) => grant(broker, peer, &Asker::Tool(&calls), &program, decision.for_one_process()),
                None => Answer::Nothing { why: None }.into(),
            }
        }
    }
}

const NO_CALL: &str = "it was not started by a tool call of this session, or what started it has ended";
const TOO_MANY: &str =
    "every tool call with this command has run already: the one that started it was not told to the broker";

/// The program that asks.
struct Program<'p> {
    /// As it was called.
    name: &'p str,
    /// Its executable; why that one is lent nothing.
    path: Result<&'p Path, String>,
    /// What is there.
    file: Option<File>,
}

/// Why a process in namespaces of its own is lent nothing.
pub(crate) const APART: &str = "it runs in namespaces of its own (a container, a sandbox, `unshare`), where other files may stand under the \
                                names that are meant";
const NO_TEXT: &str = "a word of the command is no UTF-8 text, or holds U+FFFD, which stands for that";
const TOO_LATE: &str = "what this command shows is not looked through for it: its value came after the command had begun (run the same \
                        command again), or stanch is paused";

/// A tool that no live call has started is lent nothing. What it would have been lent, or told about, is on record.
fn without_a_call(broker: &Arc<Broker>, peer: &Peer, program: &Program<'_>, decision: &Decision, why: &str) -> Said {
    let told = decision.refusals().filter(|(_, refusal)| !refusal.is_about_another()).map(|(credential, _)| credential);
    let mut meant = decision.permits().map(Permit::credential).chain(told).peekable();
    if meant.peek().is_none() {
        return Answer::Nothing { why: None }.into();
    }
    for credential in meant {
        let case = Case { peer, calls: &[], tool: program.name, credential: Some(credential) };
        if let Err(unwritten) = broker.record.refused(&case, why) {
            return nothing(&unwritten);
        }
    }
    nothing(why)
}

/// What an MCP server that is about to start is lent.
pub fn to_server(broker: &Arc<Broker>, peer: &Peer, text: &str) -> Said {
    let Some(words) = shlex::split(text).filter(|words| !words.is_empty()) else {
        return Answer::Nothing { why: None }.into();
    };
    let path = match peer.is_apart_from(broker.client) {
        true => Err(APART.to_owned()),
        false => broker.tools.of_server(&words[0], peer.process),
    };
    let name = Path::new(&words[0]).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let unknown = Case { peer, calls: &[], tool: name, credential: None };
    let Some(folder) = folder(peer) else { return refused(broker, &unknown, "its folder cannot be told") };
    let program = Program { name, path: path.as_deref().map_err(String::clone), file: None };
    let lend = match broker.terms.within(&folder) {
        Ok(lend) => lend,
        Err(why) => return refused(broker, &unknown, &why),
    };
    let policy = Policy::new(&lend);
    let asker = Asker::Server { end: Instant::now() + wire::UNLOCKING };
    // Under each of its names it may have what that name may have; the first that has anything counts.
    let mut said: Said = Answer::Nothing { why: None }.into();
    let servers = servers::named(&words, broker.client, &broker.tools.environment, &folder);
    let meant = |name: &str, which: fn(&Credential) -> bool| {
        lend.credentials().iter().find(|credential| is_for(credential, name) && which(credential))
    };
    let object = |credential: &Credential, name: &str, why: &str| {
        let case = Case { peer, calls: &[], tool: program.name, credential: Some(&credential.name.value) };
        refused(broker, &case, &format!("'{name}': {why}"))
    };
    // Of two entries with one command it cannot be told which of them has started it.
    if let Some(changed) = servers.iter().find(|server| server.of_repository && server.is_changed)
        && let Some(credential) = servers.iter().find_map(|server| meant(&server.name, |_| true))
    {
        return object(credential, &changed.name, CHANGED);
    }
    for server in servers {
        // A repository names its servers as it likes: there the command has to be the policy's too.
        if server.of_repository
            && let Some(credential) = meant(&server.name, |one| one.granted.tools.value.is_empty())
        {
            return object(credential, &server.name, UNNAMED);
        }
        let request = Request {
            agent: Agent::Main,
            session: None,
            what: For::Server { name: server.name, argv: words.iter().map(OsString::from).collect() },
            repository: repository(&folder),
            folder: folder.clone(),
            links_to_process: false,
            remote: None,
        };
        said = grant(broker, peer, &asker, &program, policy.decide(&request).for_one_process());
        if matches!(said.answer, Answer::Lent(_)) {
            break;
        }
    }
    said
}

const CHANGED: &str = "the repository's .mcp.json sets `env` or `cwd` for this server, or may (it cannot be read as JSON, or an entry has \
                       a variable), and could make it hand its credential on; take both out of there, or take the server out and name it in your own configuration (`claude mcp add`)";
const UNNAMED: &str =
    "only the repository's .mcp.json names this server; for that, its command has to stand in `tools`";

/// Whether a credential is lent to what goes by the name of a server.
fn is_for(credential: &Credential, server: &str) -> bool {
    credential.granted.servers.iter().flat_map(|servers| &servers.value).any(|named| named.value == server)
}

/// Lends what is permitted; says why not, where nothing is.
fn grant(broker: &Arc<Broker>, peer: &Peer, asker: &Asker<'_>, program: &Program<'_>, decision: Decision) -> Said {
    let calls = asker.calls();
    let (mut reasons, mut of_elsewhere) = (Vec::new(), Vec::new());
    for (credential, refusal) in decision.refusals().filter(|(_, refusal)| !refusal.is_about_another()) {
        let case = Case { peer, calls, tool: program.name, credential: Some(credential) };
        let why = format!("'{credential}': {refusal}");
        let unwritten = broker.record.refused(&case, &refusal.to_string()).err();
        if refusal.forbids() {
            return Answer::Refused { why }.into();
        }
        // Where another one is lent, this is of interest only if it was meant for here.
        let is_elsewhere = matches!(refusal.condition, Condition::Repositories | Condition::For);
        let said = if is_elsewhere { &mut of_elsewhere } else { &mut reasons };
        said.push(unwritten.unwrap_or(why));
    }
    let (mut handed, mut values) = (Vec::new(), Vec::new());
    // An MCP server has its environment from the client itself.
    let environment = match asker {
        Asker::Server { .. } => Ok(Vec::new()),
        Asker::Tool(_) => broker.tools.environment.for_tool(),
    };
    let trusted = environment.and_then(|environment| Ok((program.path.clone()?, environment)));
    for permit in decision.into_permits() {
        let credential = permit.credential().to_owned();
        let case = Case { peer, calls, tool: program.name, credential: Some(&credential) };
        match one(broker, &case, asker, trusted.as_ref().map(|(path, _)| *path), permit) {
            Ok((way, value)) => {
                handed.push(Handed { credential, way });
                values.extend(value);
            }
            Err(why) => reasons.push(why),
        }
    }
    if handed.is_empty() {
        reasons.splice(0..0, of_elsewhere);
    }
    let why_not = (!reasons.is_empty()).then(|| reasons.join("; "));
    match trusted {
        Ok((path, environment)) if !handed.is_empty() => {
            let lent = Lent { handed, why_not, program: path.to_owned(), file: program.file, environment };
            Said { answer: Answer::Lent(lent), values }
        }
        _ => Answer::Nothing { why: why_not }.into(),
    }
}

/// Lends one credential: to this process, for the calls that it may be.
fn one(
    broker: &Arc<Broker>,
    case: &Case<'_>,
    asker: &Asker<'_>,
    program: Result<&Path, &String>,
    permit: Permit,
) -> Result<(Way, Option<Given>), String> {
    let credential = permit.credential().to_owned();
    let or_why =
        |unwritten: Result<(), String>, why: &str| unwritten.err().unwrap_or_else(|| format!("'{credential}': {why}"));
    let refused = |why: &str| Err(or_why(broker.record.refused(case, why), why));
    let failed = |why: &str| Err(or_why(broker.record.failed(case, why), why));
    let program = match program {
        Ok(program) => program,
        Err(why) => return refused(why),
    };
    let way = match way(&permit) {
        Ok(way) => way,
        Err(why) => return refused(why),
    };
    // Fetched before it is counted: what could not be had is not used up. Git's value goes out when git asks.
    let source = permit.source().whole();
    let patience = match asker {
        Asker::Tool(_) => Duration::ZERO,
        Asker::Server { end } => end.saturating_duration_since(Instant::now()),
    };
    let value = match broker.values.get(source, patience) {
        Ok(value) => value,
        Err(why) => return failed(&why),
    };
    if let Some(why) = value.misfit(&way) {
        return failed(why);
    }
    if matches!(asker, Asker::Tool(_)) && !broker.filters.know(case.peer.process, source) {
        return refused(TOO_LATE);
    }
    let process = case.peer.process;
    let counts = matches!(asker, Asker::Tool(_));
    if counts && !broker.calls.use_up(process, &credential, permit.uses()) {
        return refused(&format!(
            "it was lent to this tool call already (uses = {}, {})",
            permit.uses(),
            permit.rule()
        ));
    }
    let begun = begin(broker, case, permit, &way, program);
    if begun.is_err() && counts {
        broker.calls.give_back(process, &credential);
    }
    Ok((way, value.to_holder(&*begun?)))
}

/// The decision is written down, and what it lends begins.
fn begin(
    broker: &Arc<Broker>,
    case: &Case<'_>,
    permit: Permit,
    way: &Way,
    program: &Path,
) -> Result<Arc<Lease>, String> {
    let granted = broker.record.granted(case, broker.leases.next(), permit)?;
    let call = case.calls.first().map(Arc::clone);
    let lease = Arc::new(Lease::new(granted, case.peer.process, way.clone(), program, call));
    let writer = Arc::clone(broker);
    broker.leases.begin(&lease, move |lease, over| writer.record.over(lease, over)).map_err(|error| {
        let why = format!("nobody could see to its end: {}", error.kind());
        broker.record.missing(&lease, &why).err().unwrap_or_else(|| format!("'{}': {why}", lease.credential()))
    })?;
    Ok(lease)
}

/// The tool does not run with what it was lent: its stand-in has seen something that the broker cannot.
pub fn declined(broker: &Broker, peer: &Peer, why: &str) -> Said {
    for lease in broker.leases.of(peer.process).iter().filter(|lease| lease.holder() == peer.process) {
        // The stand-in ends, and its lease with it, whatever becomes of the record.
        let _ = broker.record.withheld(lease, why);
        broker.calls.give_back(peer.process, lease.credential());
    }
    Answer::Done.into()
}

/// The way as the tool's stand-in knows it.
fn way(permit: &Permit) -> Result<Way, &'static str> {
    Ok(match (permit.by(), permit.bound()) {
        (Terms::Git, Binding::Repository(repository)) => Way::Git { place: repository.to_string() },
        (Terms::Pgpass, Binding::Database(database)) => Way::Pgpass {
            place: format!("{}:{}:{}:{}", database.host, database.port, database.database, database.user),
        },
        (Terms::Environment(name) | Terms::Server(name), _) => Way::Environment { name: name.clone() },
        _ => return Err("it is bound to something that this way of handing over does not know"),
    })
}

/// Nothing is lent, and that is on record.
fn refused(broker: &Broker, case: &Case<'_>, why: &str) -> Said {
    let unwritten = broker.record.refused(case, why).err();
    nothing(unwritten.as_deref().unwrap_or(why))
}

fn nothing(why: &str) -> Said {
    Answer::Nothing { why: Some(why.to_owned()) }.into()
}

/// Where a process is, as the system tells it.
fn folder(peer: &Peer) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{}/cwd", peer.process.pid)).ok().filter(|folder| folder.is_absolute())
}

fn repository(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|above| above.join(".git").exists()).map(Path::to_owned)
}

/// Who a call's agent is. A subagent whose type is not told is none that is named.
fn agent(id: Option<&str>, kind: Option<&str>) -> Agent {
    match (id, kind) {
        (None, None) => Agent::Main,
        (_, kind) => Agent::Sub(kind.unwrap_or_default().to_owned()),
    }
}
