//! What the measurement was made on.

use std::fs;
use std::process::Command;

/// The locale, which decides how many files `cat` opens at its start.
pub fn locale() -> String {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| Some((name, std::env::var(name).ok()?)));
    // The first of them that says something counts.
    let first = set.into_iter().find(|(_, value)| !value.is_empty());
    first.map_or_else(|| "the locale C".to_owned(), |(name, value)| format!("`{name}={value}`"))
}

/// The processor, its number, the kernel and the compiler, in one line; what the system does not tell is left out.
pub fn describe() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut models = processors.lines().filter_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = models.next_back().map_or("unknown processor", |(_, name)| name.trim()).to_owned();
    let number = std::thread::available_parallelism().map_or(1, usize::from);
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // What stands behind the number names a distribution or a provider.
    let kernel = release.trim().split('-').next().unwrap_or_default().to_owned();
    let compiler = Command::new("rustc").arg("--version").output();
    let compiler = compiler.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    let compiler = compiler.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let system = std::env::consts::OS;
    let parts = [model, format!("{number} cores"), format!("{system} {kernel}"), compiler];
    parts.map(|part| part.trim().to_owned()).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
