//! The file behind a slash command: its text goes to the model in the prompt's place, and what it mentions with it.

use std::path::{Component, Path, PathBuf};

use crate::Agent;

/// Where the command of a prompt `/name …` may be described: in the project, in the folders above it, in the user's own.
///
/// A plugin's commands are not found: where plugins lie is the client's business.
pub fn files(prompt: &str, folder: &Path) -> Vec<PathBuf> {
    let Some(name) = name(prompt) else { return Vec::new() };
    // A name may have a dot of its own.
    let page = PathBuf::from({
        let mut page = name.clone().into_os_string();
        page.push(".md");
        page
    });
    let mut config: Vec<PathBuf> = folder.ancestors().map(|above| above.join(".claude")).collect();
    config.extend(Agent::ClaudeCode.places().user_folder());
    config
        .iter()
        .flat_map(|config| [config.join("commands").join(&page), config.join("skills").join(&name).join("SKILL.md")])
        .collect()
}

/// `deploy:staging` is `deploy/staging`.
fn name(prompt: &str) -> Option<PathBuf> {
    let word = prompt.trim_start().strip_prefix('/')?.split_whitespace().next()?;
    let mut name = PathBuf::new();
    for part in word.split(':') {
        let mut components = Path::new(part).components();
        match (components.next(), components.next()) {
            (Some(Component::Normal(part)), None) => name.push(part),
            _ => return None,
        }
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_looked_for_in_the_project_and_above() {
        let files = files("/deploy:staging now", Path::new("/home/dev"));
        assert!(files.contains(&PathBuf::from("/home/dev/.claude/commands/deploy/staging.md")));
        assert!(files.contains(&PathBuf::from("/home/.claude/skills/deploy/staging/SKILL.md")));
    }

    #[test]
    fn what_is_no_command_is_not_looked_for() {
        for prompt in ["go", "/", "/../x", "/a/b", "//x", ""] {
            assert!(files(prompt, Path::new("/app")).is_empty(), "{prompt}");
        }
    }
}
