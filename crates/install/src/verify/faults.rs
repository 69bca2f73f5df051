//! What is wrong with a registration whose hooks answer well: the day on which one does not, something gets through.

use std::collections::BTreeSet;

use super::files::Origin;
use super::registered::Registered;
use super::{AGAINST, Look, Trouble, plugins};
use crate::registration::Entry;

/// The client's version from which it does something, and what.
const CLIENT: [([u32; 3], &str); 3] = [
    ([2, 1, 121], "it does not take another output from a hook: nothing is redacted"),
    ([2, 1, 139], "it starts no hook without a shell (\"args\")"),
    ([2, 1, 328], "it does not know onFailure: a hook that crashes or is missing lets everything through"),
];

/// Seconds that a hook takes at most.
pub(crate) const OWN_LIMIT: f64 = hooks::PATIENCE.as_secs() as f64;

/// Faults, and what is worth knowing. `batch`: whether `post-tool-batch` stops what is left.
pub(crate) fn of(look: &Look<'_>, batch: bool) -> (Vec<Trouble>, Vec<String>) {
    let (mut faults, mut notes) = (Vec::new(), Vec::new());
    faults
        .extend(look.files.broken.iter().map(|what| Trouble::new(what, "mend the file; the client takes none of it")));
    faults.extend(switched_off(look));
    for registered in look.all {
        match registered.hook() {
            Some(_) => entry(look, registered, &mut faults, &mut notes),
            None => foreign(registered, batch, &mut faults, &mut notes),
        }
    }
    versions(look, &mut faults);
    twice(look, &mut faults, &mut notes);
    faults.extend(plugins::troubles(look.files));
    client(look, &mut faults, &mut notes);
    notes.push(
        "not to be seen from here: a client that is started with --bare runs no hooks, one with --setting-sources may read \
         other files and plugins. `stanch run -- claude` starts it with stanch in any case"
            .to_owned(),
    );
    (faults, notes)
}

fn switched_off(look: &Look<'_>) -> Vec<Trouble> {
    let off = look.files.switching_off().map(|file| {
        let why = format!("{} switches hooks off", file.line("\"disableAllHooks\""));
        Trouble::new(why, if file.origin.is_repository() { AGAINST } else { "take that line out" })
    });
    let only = look.files.managed_only().filter(|file| {
        !look.all.iter().any(|r| r.file.origin == Origin::Managed && r.hook().is_some() && r.file.path == file.path)
    });
    let only = only.map(|file| {
        let why = format!("{} lets no hooks run but its own", file.line("\"allowManagedHooksOnly\""));
        Trouble::new(why, "sudo stanch install --managed")
    });
    off.chain(only).collect()
}

fn entry(look: &Look<'_>, r: &Registered<'_>, faults: &mut Vec<Trouble>, notes: &mut Vec<String>) {
    let Some(entry) = r.hook() else { return };
    let mut wrong = |why: String| faults.push(Trouble::new(format!("{}: {why}", r.place()), look.install(r.file)));
    if let Some(why) = misplaced(r, entry) {
        return wrong(why);
    }
    match r.timeout {
        None => wrong(format!(
            "no \"timeout\" for {}: the client's own may be shorter than the hook's {OWN_LIMIT} s",
            entry.hook
        )),
        Some(seconds) if seconds <= OWN_LIMIT => wrong(format!(
            "\"timeout\": {seconds} for {} is not longer than the hook's own {OWN_LIMIT} s: the client would not wait for its answer",
            entry.hook
        )),
        Some(_) => {}
    }
    if entry.closes && !r.closes {
        wrong(format!(
            "no \"onFailure\": \"block\" for {}: if it crashes or is missing, the client goes on",
            entry.hook
        ));
    }
    if r.arguments.is_none() && look.files.silenced(r.file).is_none() {
        notes.push(format!(
            "{}: without \"args\": [] a shell starts {}: it works, some 20 ms slower a call",
            r.place(),
            entry.hook
        ));
    }
}

/// That a hook stands where another event comes in.
pub(crate) fn misplaced(r: &Registered<'_>, entry: &Entry) -> Option<String> {
    let why = || format!("{} is registered for {}; it is for {}", entry.hook, r.event, entry.event);
    (entry.event != r.event).then(why)
}

fn foreign(r: &Registered<'_>, batch: bool, faults: &mut Vec<Trouble>, notes: &mut Vec<String>) {
    let may = match r.event {
        "PostToolUse" => "may put its own output over the redacted one",
        "PreToolUse" => "may put its own arguments over the replaced ones (a denial stays)",
        _ => return,
    };
    let why = format!("{}: another hook for {} {may}", r.place(), r.event);
    if batch {
        notes.push(format!("{why}; post-tool-batch ends the turn if it lets a secret through"));
    } else {
        faults.push(Trouble::new(why, "stanch install, so that post-tool-batch looks at what comes of it"));
    }
}

pub(crate) fn versions(look: &Look<'_>, faults: &mut Vec<Trouble>) {
    let own = env!("CARGO_PKG_VERSION");
    let mut seen = BTreeSet::new();
    for r in look.all.iter().filter(|r| r.hook().is_some() && r.is_trusted(&look.files.folder)) {
        let Some(program) = r.program().filter(|program| program.is_file() && seen.insert(program.clone())) else {
            continue;
        };
        let Some(version) = look.stage.version(&program) else { continue };
        if version.rsplit(' ').next().is_some_and(|other| numbers(other) < numbers(own)) {
            let why = format!(
                "{}: {} is version {}, older than this one ({own})",
                r.place(),
                program.display(),
                version.rsplit(' ').next().unwrap_or_default()
            );
            faults.push(Trouble::new(why, look.install(r.file)));
        }
    }
}

fn twice(look: &Look<'_>, faults: &mut Vec<Trouble>, notes: &mut Vec<String>) {
    folders(look, faults);
    let ours: Vec<&Registered<'_>> = look.all.iter().filter(|r| r.hook().is_some()).collect();
    for (n, r) in ours.iter().enumerate() {
        if let Some(other) = ours[..n].iter().find(|other| other.is_same(r)) {
            notes.push(format!("{} and {} are the same command: the client runs it once", other.place(), r.place()));
        }
    }
    plugins::twice(look, faults, notes);
}

pub(crate) fn folders(look: &Look<'_>, faults: &mut Vec<Trouble>) {
    let by_settings = |r: &&Registered<'_>| r.hook().is_some() && r.file.plugin.is_none();
    let ours: Vec<&Registered<'_>> = look.all.iter().filter(by_settings).collect();
    let folders: BTreeSet<_> = ours.iter().filter_map(|r| r.folder()).collect();
    if folders.len() > 1 {
        let named: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        faults.push(Trouble::new(
            format!("stanch is registered from {} folders: {}; all of them run", folders.len(), named.join(", ")),
            "`stanch uninstall` where the older entries stand, or take them out",
        ));
    }
}

fn client(look: &Look<'_>, faults: &mut Vec<Trouble>, notes: &mut Vec<String>) {
    let Some(said) = look.stage.client(look.files.agent.program) else {
        notes.push("no client (`claude`) on the PATH: its version is not known; 2.1.328 or later is needed".to_owned());
        return;
    };
    let version = said.split_whitespace().next().unwrap_or_default();
    let there = numbers(version);
    if there.is_empty() {
        notes.push("`claude --version` says no version; 2.1.328 or later is needed".to_owned());
    }
    for (needed, lacks) in CLIENT {
        if !there.is_empty() && there[..] < needed[..] {
            let needed = needed.map(|n| n.to_string()).join(".");
            faults
                .push(Trouble::new(format!("the client is {version}, older than {needed}: {lacks}"), "claude update"));
        }
    }
}

/// Whether a client of this version takes another output from a hook at all.
pub(super) fn can_redact(version: &str) -> Option<bool> {
    let there = numbers(version);
    (!there.is_empty()).then(|| there[..] >= CLIENT[0].0[..])
}

/// `2.1.330` as numbers; none if it is no version.
pub(crate) fn numbers(version: &str) -> Vec<u32> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.').map(str::parse).collect::<Result<_, _>>().unwrap_or_default()
}
