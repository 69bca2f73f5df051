//! What is to be said of plugins: one that is on and not loaded, one that a repository takes away, one beside the settings.

use std::collections::BTreeSet;

use hooks::plugins::NAME;
use serde_json::Value;

use super::files::{File, Files, Origin};
use super::registered::Registered;
use super::{AGAINST, Look, Trouble};
use crate::plugin;

/// What is wrong with plugins of stanch's name.
pub fn troubles(files: &Files) -> Vec<Trouble> {
    let mut all = Vec::new();
    for plugin in files.plugins.iter().filter(|plugin| plugin.is_stanch()) {
        let by = files.files.iter().find(|file| file.path == plugin.by);
        let place = by.map_or_else(String::new, |file| file.line(&format!("\"{}\"", plugin.id)));
        let repository = by.is_some_and(|file| file.origin.is_repository());
        match &plugin.root {
            _ if !plugin.on && repository => all.push(Trouble::new(
                format!("{place}: the repository switches the plugin {} off", plugin.id),
                "take that line out, or `stanch install`",
            )),
            Err(why) if plugin.on => all.push(Trouble::new(
                format!("{place}: the plugin {} is on, and the client leaves it out without a word: {why}", plugin.id),
                format!("build it again there (`stanch plugin build`), or `claude plugin uninstall {}`", plugin.id),
            )),
            _ => {}
        }
    }
    all.extend(replaced(files));
    all
}

/// A repository's marketplace of the same name takes the place of the user's, in this session and in the next one elsewhere.
fn replaced(files: &Files) -> Option<Trouble> {
    let says =
        |file: &File| Some(file.settings["extraKnownMarketplaces"][NAME].clone()).filter(|value| *value != Value::Null);
    let ours = files.files.iter().filter(|file| file.origin == Origin::User).find_map(says)?;
    let other =
        files.files.iter().find(|file| file.origin.is_repository() && says(file).is_some_and(|said| said != ours))?;
    let why = format!(
        "{}: the repository puts another marketplace in the place of your '{NAME}', and with it another plugin",
        other.line(&format!("\"{NAME}\""))
    );
    Some(Trouble::new(why, AGAINST))
}

/// Settings and a plugin that register the same, or two plugins.
pub(super) fn twice(look: &Look<'_>, faults: &mut Vec<Trouble>, notes: &mut Vec<String>) {
    let heard = |r: &&Registered<'_>| r.hook().is_some() && look.files.silenced(r.file).is_none();
    let (by_plugins, by_settings): (Vec<_>, Vec<_>) =
        look.all.iter().filter(heard).partition(|r| r.file.plugin.is_some());
    let ids: BTreeSet<&str> = by_plugins.iter().filter_map(|r| Some(r.file.plugin.as_ref()?.id.as_str())).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let named = ids.join(" and ");
    if ids.len() > 1 {
        let why = format!("stanch is registered by {} plugins: {named}; all of them run", ids.len());
        faults.push(Trouble::new(why, "`claude plugin uninstall` all but one"));
    }
    let (Some(plugins), Some(settings)) = (by_plugins.first(), by_settings.first()) else { return };
    let version = |r: &Registered<'_>| {
        let said = r
            .program()
            .filter(|_| r.is_trusted(&look.files.folder))
            .and_then(|program| look.stage.version(&program))?;
        said.rsplit(' ').next().map(str::to_owned)
    };
    let both = format!("stanch is registered twice: {}, and by the plugin {named}", settings.place());
    match (version(settings), version(plugins)) {
        (Some(a), Some(b)) if a != b => faults.push(Trouble::new(
            format!("{both}; one is version {a}, the other {b}, so both run"),
            "make them one version: `stanch install`, and `stanch plugin build` with the plugin's folder; or remove one",
        )),
        _ if by_settings.iter().any(|r| r.arguments.is_none()) => notes.push(format!(
            "{both}; both run where the settings' entry has no \"args\": []"
        )),
        _ => notes.push(format!("{both}; the plugin's hooks stand down where the settings' run, so nothing runs twice")),
    }
}

/// The files of plugins that register any of stanch's hooks.
pub fn registering<'f>(files: &'f Files, all: &[Registered<'f>]) -> Vec<&'f File> {
    let ours =
        |file: &&File| file.plugin.is_some() && all.iter().any(|r| r.file.path == file.path && r.hook().is_some());
    files.files.iter().filter(ours).collect()
}

/// What is left of plugins where settings have let go of stanch: how to remove each.
pub fn left(files: &Files) -> Vec<String> {
    let on = files.plugins.iter().filter(|plugin| plugin.is_stanch() && plugin.on);
    on.map(|plugin| {
        let marketplace = plugin.id.split_once('@').map_or("", |(_, marketplace)| marketplace);
        let folder = plugin.root.as_ref().ok().and_then(|root| plugin::folder(root));
        let folder = folder.map(|folder| format!("; its folder is {}", folder.display())).unwrap_or_default();
        format!(
            "the plugin {id} is still there ({by}): `claude plugin uninstall {id}`, `claude plugin marketplace remove \
             {marketplace}`{folder}",
            id = plugin.id,
            by = plugin.by.display(),
        )
    })
    .collect()
}
