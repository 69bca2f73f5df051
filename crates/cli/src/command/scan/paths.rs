//! The files below the paths that are named.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::agents::{Place, Store};
use super::found::Fault;
use super::source::{Origin, Source};
use super::staged;

/// What there is to search, and what was left out.
#[derive(Default)]
pub struct Listing {
    /// The texts.
    pub sources: Vec<Source>,
    /// What could not be listed.
    pub faults: Vec<Fault>,
    /// Files and folders that .gitignore names.
    pub ignored: usize,
    /// Of those, files whose name says that secrets are in them.
    pub ignored_secrets: Vec<PathBuf>,
    /// Links, pipes, sockets, devices.
    pub special: usize,
    listed: HashSet<PathBuf>,
}

impl Listing {
    /// Adds a path that was named: a file whatever it is called, a folder with all that is in it but `.git` and what
    /// .gitignore names, unless that is asked for. `-` is standard input.
    pub fn add(&mut self, path: &Path, with_ignored: bool) {
        if path == Path::new("-") {
            self.sources.push(Source { path: path.to_owned(), origin: Origin::Stdin, size: 0, store: None });
            return;
        }
        match fs::metadata(path) {
            Err(error) => self.faults.push(Fault::of(path.display().to_string(), error)),
            Ok(kind) if kind.is_dir() => self.walk(path, with_ignored, None),
            Ok(kind) if kind.is_file() => self.push(path, kind.len(), None),
            Ok(_) => {
                let reason = "no file; give what comes out of a pipe on standard input: stanch scan -";
                self.faults.push(Fault::of(path.display().to_string(), reason));
            }
        }
    }

    /// Adds a place of an agent with all that is in it.
    pub fn add_place(&mut self, place: &Place) {
        match fs::metadata(&place.path) {
            Err(error) => self.faults.push(Fault::of(place.path.display().to_string(), error)),
            Ok(kind) if kind.is_file() => self.push(&place.path, kind.len(), Some(place.store)),
            Ok(_) => self.walk(&place.path, true, Some(place.store)),
        }
    }

    fn push(&mut self, path: &Path, size: u64, store: Option<&'static Store>) {
        // `.` and `./src` lead to the same files.
        let path = path.strip_prefix(".").unwrap_or(path);
        if self.listed.insert(path.to_owned()) {
            self.sources.push(Source { path: path.to_owned(), origin: Origin::File, size, store });
        }
    }

    fn walk(&mut self, root: &Path, with_ignored: bool, store: Option<&'static Store>) {
        let walk = WalkBuilder::new(root)
            .standard_filters(false)
            .git_ignore(!with_ignored)
            .git_exclude(!with_ignored)
            .git_global(!with_ignored)
            .parents(!with_ignored)
            .require_git(false)
            .filter_entry(move |entry| {
                let path = entry.path();
                // What the kernel makes up has no end.
                let made_up = ["/proc", "/sys", "/dev"].iter().any(|folder| path == Path::new(folder));
                entry.depth() == 0 || !made_up && (store.is_some() || entry.file_name() != ".git")
            })
            .sort_by_file_name(|a, b| a.cmp(b))
            .build();
        let mut folders = Vec::new();
        let mut seen: HashSet<PathBuf> = HashSet::new();
        for entry in walk {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.faults.push(fault(root, &error));
                    continue;
                }
            };
            let kind = entry.file_type();
            let path = entry.path();
            if kind.is_some_and(|kind| kind.is_dir()) || entry.depth() == 0 {
                folders.push(path.to_owned());
            } else if kind.is_some_and(|kind| kind.is_file()) {
                // It may be gone by now; opening it will tell.
                self.push(path, entry.metadata().map_or(0, |m| m.len()), store);
            } else {
                self.special += 1;
            }
            if !with_ignored {
                seen.insert(path.to_owned());
            }
        }
        if !with_ignored {
            for path in staged::ignored(root) {
                if let Some(kind) = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file) {
                    self.push(&path, kind.len(), None);
                    seen.insert(path);
                }
            }
            for folder in &folders {
                self.count_ignored(folder, &seen);
            }
        }
    }

    /// What stands in a folder and was not come across.
    fn count_ignored(&mut self, folder: &Path, seen: &HashSet<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_name() == ".git" || seen.contains(&path) {
                continue;
            }
            self.ignored += 1;
            if holds_secrets(&entry.file_name()) {
                self.ignored_secrets.push(path);
            }
        }
    }
}

/// What kept the walk from going on, and where.
fn fault(root: &Path, error: &ignore::Error) -> Fault {
    let (mut place, mut error) = (root, error);
    loop {
        match error {
            ignore::Error::WithPath { path, err } => (place, error) = (path, &**err),
            ignore::Error::WithDepth { err, .. } => error = &**err,
            _ => break,
        }
    }
    let reason = error.io_error().map_or_else(|| error.to_string(), |error| error.kind().to_string());
    Fault::of(place.display().to_string(), reason)
}

/// Whether people keep secrets in files of this name.
fn holds_secrets(name: &OsString) -> bool {
    let name = name.to_string_lossy().to_ascii_lowercase();
    name.starts_with(".env")
        || name.ends_with(".env")
        || name.ends_with(".pem")
        || name.ends_with(".key")
        || ["secret", "credential"].iter().any(|word| name.contains(word))
}
