//! What is wrong with a registration in Codex whose hooks answer well.

use super::DESCRIPTION;
use super::config::{self, Config};
use crate::verify::faults::{OWN_LIMIT, folders, misplaced, numbers, versions};
use crate::verify::files::Origin;
use crate::verify::registered::Registered;
use crate::verify::{Look, Trouble};

/// The version that everything here was measured with.
const MEASURED: [u32; 3] = [0, 169, 0];

/// See [`super::Description::faults`].
pub(super) fn of(look: &Look<'_>, _: bool) -> (Vec<Trouble>, Vec<String>) {
    let (mut faults, mut notes) = (Vec::new(), Vec::new());
    let config = Config::of(look.files);
    faults.extend(look.files.broken.iter().map(|what| Trouble::new(what, "mend the file; Codex takes none of it")));
    if let Some(by) = config.switching_off() {
        faults.extend(config.silenced(by));
    }
    for registered in look.all {
        match registered.hook() {
            Some(_) => entry(look, registered, &mut faults),
            None => notes.extend(foreign(registered)),
        }
    }
    versions(look, &mut faults);
    folders(look, &mut faults);
    faults.extend(twice(look));
    if look.all.iter().any(|r| r.file.origin == Origin::Managed && r.hook().is_some()) && !config.is_held() {
        notes.push(config::NOT_HELD.to_owned());
    }
    notes.extend(client(look));
    notes.push(
        "not to be seen from here: a session that is started with another CODEX_HOME, a profile, `--disable hooks` or `-c \
         features.hooks=false`; hooks of plugins"
            .to_owned(),
    );
    (faults, notes)
}

fn entry(look: &Look<'_>, r: &Registered<'_>, faults: &mut Vec<Trouble>) {
    let Some(entry) = r.hook() else { return };
    let mut wrong = |why: String| faults.push(Trouble::new(format!("{}: {why}", r.place()), look.install(r.file)));
    if let Some(why) = misplaced(r, entry) {
        return wrong(why);
    }
    // Without a time-out Codex waits for ten minutes.
    if let Some(seconds) = r.timeout.filter(|seconds| *seconds <= OWN_LIMIT) {
        wrong(format!(
            "\"timeout\": {seconds} for {} is not longer than the hook's own {OWN_LIMIT} s: Codex would go on with the original",
            entry.hook
        ));
    }
}

fn foreign(r: &Registered<'_>) -> Option<String> {
    let about = (r.event == "PostToolUse")
        .then_some("what it says stands beside the redacted output; stanch does not see it")?;
    Some(format!("{}: another hook for {}: {about}", r.place(), r.event))
}

/// It runs a command as often as it is registered.
fn twice(look: &Look<'_>) -> Vec<Trouble> {
    let ours: Vec<&Registered<'_>> = look.all.iter().filter(|r| r.hook().is_some()).collect();
    let again = ours.iter().enumerate().filter_map(|(n, r)| {
        let other = ours[..n].iter().find(|other| other.is_same(r))?;
        let why = format!("{} and {} are the same command: Codex runs both", other.place(), r.place());
        Some(Trouble::new(why, "take one of them out"))
    });
    again.collect()
}

fn client(look: &Look<'_>) -> Option<String> {
    let measured = MEASURED.map(|n| n.to_string()).join(".");
    let Some(said) = look.stage.client(DESCRIPTION.program) else {
        return Some(format!("no client (`codex`) on the PATH: its version is not known; measured with {measured}"));
    };
    let version = said.split_whitespace().find(|word| !numbers(word).is_empty()).unwrap_or_default();
    (numbers(version)[..] < MEASURED[..]).then(|| {
        format!("`codex --version` says \"{version}\"; measured with {measured}, and older ones may do other things with hooks")
    })
}
