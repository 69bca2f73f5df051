//! Where a text is seen in the processes of the machine while a session runs: in their command lines and environments.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A look at every process, again and again, until it is asked what it saw.
pub struct Watch {
    ended: Arc<AtomicBool>,
    thread: JoinHandle<BTreeSet<Sighting>>,
}

/// A process that had the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Sighting {
    /// `cmdline` or `environ`.
    pub file: &'static str,
    /// The program's name.
    pub program: String,
    /// Which of the texts, by its number.
    pub text: usize,
}

impl Watch {
    /// Looks for these texts.
    pub fn start(texts: Vec<String>) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        let thread = std::thread::spawn(move || {
            let mut seen = BTreeSet::new();
            while !end.load(Ordering::Relaxed) {
                look(&texts, &mut seen);
                std::thread::sleep(Duration::from_millis(5));
            }
            seen
        });
        Self { ended, thread }
    }

    /// What was seen.
    pub fn seen(self) -> BTreeSet<Sighting> {
        self.ended.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

fn look(texts: &[String], seen: &mut BTreeSet<Sighting>) {
    let own = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    for process in processes.filter(|path| path.join("stat").exists() && !path.ends_with(&own)) {
        for file in ["cmdline", "environ"] {
            let Ok(bytes) = std::fs::read(process.join(file)) else { continue };
            for (number, text) in texts.iter().enumerate() {
                if memchr::memmem::find(&bytes, text.as_bytes()).is_some() {
                    let program = std::fs::read_to_string(process.join("comm")).unwrap_or_default();
                    seen.insert(Sighting { file, program: program.trim_end().to_owned(), text: number });
                }
            }
        }
    }
}
