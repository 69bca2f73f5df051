//! The programs that are measured: those that cargo has put beside this one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

/// Makes the programs. In two steps, so that what is measured has the features that it has when it is installed.
pub const BUILD: &str = "cargo build --release && cargo build --release -p stanch-bench";

/// Paths of programs.
pub struct Binaries {
    /// The folder for what they are run on: of this build, and out of the repository.
    pub inputs: PathBuf,
    /// The hook.
    pub hook: PathBuf,
    /// The other hooks that run with every call.
    pub others: Vec<PathBuf>,
    /// The command for people.
    pub stanch: PathBuf,
    /// The shell prefix.
    pub shell: PathBuf,
    /// Runs one program and says what it used; see `bench/src/bin/alone.rs`.
    pub alone: PathBuf,
    /// Copies its input to its output: the least that a process can cost.
    pub echo: PathBuf,
    /// What the targets compare with.
    pub cat: PathBuf,
    /// What people replace one word with.
    pub sed: PathBuf,
}

/// The hooks besides `post-tool-use` that run with every call.
pub const OTHERS: [&str; 3] = ["pre-tool-use", "post-tool-batch", "post-tool-use-failure"];

impl Binaries {
    /// One of the other hooks.
    ///
    /// # Errors
    /// It is none of them.
    pub fn other(&self, name: &str) -> anyhow::Result<&Path> {
        let found = self.others.iter().find(|path| path.file_stem().is_some_and(|stem| stem == name));
        found.map(PathBuf::as_path).with_context(|| format!("'{name}' is not timed"))
    }

    /// Finds them.
    ///
    /// # Errors
    /// One is missing, or older than its sources: a figure of yesterday's program would be worse than none.
    pub fn find() -> anyhow::Result<Self> {
        ensure!(!cfg!(debug_assertions), "figures of a debug build mean nothing; build the programs with\n  {BUILD}");
        let this = std::env::current_exe().context("finding this program")?;
        let folder = this.parent().context("this program stands in no folder")?;
        let inputs = folder.join("speed-inputs");
        let ours = |name: &str| copied(name, &inputs);
        Ok(Self {
            hook: ours("post-tool-use")?,
            others: OTHERS.iter().map(|name| ours(name)).collect::<anyhow::Result<_>>()?,
            stanch: ours("stanch")?,
            shell: ours("stanch-shell")?,
            alone: ours("alone")?,
            echo: ours("echo")?,
            cat: in_path("cat")?,
            sed: in_path("sed")?,
            inputs,
        })
    }
}

/// The copy of one of the programs beside this one in the folder for inputs.
///
/// # Errors
/// It is missing, or older than its sources.
pub fn copied(name: &str, inputs: &Path) -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe().context("finding this program")?;
    installed(&fresh(&this.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX)))?, &inputs.join("bin"))
}

/// A copy of a program in a folder, as `cargo install` leaves one. The linker writes a file piecemeal, and the kernel keeps it
/// in memory the same way: each start of that file costs a fifth more than a start of its copy.
///
/// # Errors
/// It could not be copied.
pub fn installed(program: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let copy = folder.join(program.file_name().unwrap_or_default());
    let make = || {
        fs::create_dir_all(folder)?;
        // Into a new file: written over, the old one would keep its place in memory.
        let _ = fs::remove_file(&copy);
        fs::copy(program, &copy)
    };
    make().with_context(|| format!("copying '{}' to '{}'", program.display(), copy.display()))?;
    Ok(copy)
}

/// The path, if a program is there and newer than all that it was made of, which cargo lists in a file beside it.
fn fresh(program: &Path) -> anyhow::Result<PathBuf> {
    let changed = |path: &Path| fs::metadata(path).and_then(|m| m.modified());
    let Ok(built) = changed(program) else {
        bail!("'{}' is missing; build the programs with\n  {BUILD}", program.display());
    };
    let list = fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    for source in sources(&list) {
        if changed(&source).is_ok_and(|when| when > built) {
            let (program, source) = (program.display(), source.display());
            bail!("'{program}' is older than '{source}'; build the programs with\n  {BUILD}");
        }
    }
    Ok(program.to_owned())
}

/// The sources in cargo's list `program: source source`, in which a blank of a name is escaped.
fn sources(list: &str) -> Vec<PathBuf> {
    let (_, sources) = list.split_once(": ").unwrap_or_default();
    sources.replace("\\ ", "\0").split_whitespace().map(|path| path.replace('\0', " ").into()).collect()
}

/// A program of the system by its whole path, so that no search is timed.
fn in_path(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file());
    found.with_context(|| format!("no '{name}' in the folders of PATH"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_sources_is_read() {
        let read = sources("/t/release/a: /s/main.rs /s/with\\ blank.rs\n");
        assert_eq!(read, [Path::new("/s/main.rs"), Path::new("/s/with blank.rs")]);
        assert!(sources("").is_empty());
    }
}
