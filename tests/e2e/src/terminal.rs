//! The client in a terminal, for what it does only there: rewinding, settings that change while it runs.
//!
//! tmux is the terminal: it draws the screen, so a test waits for what a person would see and needs no pauses.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// Longer than anything takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// A terminal of its own, gone with this value.
pub struct Terminal {
    name: String,
}

impl Terminal {
    /// Starts a command in a terminal of 200 columns and 60 lines.
    pub fn start(command: &Command) -> Result<Self> {
        let folder = command.get_current_dir().context("the client has a working folder")?;
        let program = Path::new(command.get_program()).file_name().unwrap_or_default().display().to_string();
        let name = folder.parent().and_then(|p| p.file_name()).unwrap_or_default().display();
        let name = format!("stanch-e2e-{name}-{program}");
        let mut tmux = Command::new("tmux");
        // It is a person's: an agent that runs the tests has left no marks in it.
        tmux.env_clear().env("LANG", "C.UTF-8");
        tmux.envs(["PATH", "TMUX_TMPDIR"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        tmux.args(["-L", &name, "-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "60", "-c"]).arg(folder);
        // tmux keeps the environment of whoever starts it: the client gets its own and nothing else.
        tmux.args(["env", "-i"]);
        for (variable, value) in command.get_envs() {
            tmux.arg(format!("{}={}", variable.display(), value.unwrap_or_default().display()));
        }
        tmux.arg("TERM=xterm-256color").arg(command.get_program()).args(command.get_args());
        let status = tmux.stdin(Stdio::null()).status().context("no tmux: `./tests/run` installs it")?;
        ensure!(status.success(), "tmux does not start");
        Ok(Self { name })
    }

    /// What a person sees.
    pub fn screen(&self) -> Result<String> {
        let output = self.tmux(&["capture-pane", "-p"]).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Waits until a text is on the screen.
    pub fn wait_for(&self, text: &str) -> Result<()> {
        self.wait_until(&format!("'{text}' is on the screen"), |screen| screen.contains(text))
    }

    /// Waits until the screen is as it should be.
    pub fn wait_until(&self, what: &str, is: impl Fn(&str) -> bool) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if is(&self.screen()?) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("waited in vain until {what}:\n{}", self.screen()?)
    }

    /// Types a word and sends it.
    pub fn type_in(&self, word: &str) -> Result<()> {
        ensure!(self.tmux(&["send-keys", "-l", word]).status()?.success(), "tmux takes no keys");
        self.press(&["Enter"])
    }

    /// Presses keys, by tmux's names for them (`Enter`, `Escape`, `C-u`).
    pub fn press(&self, keys: &[&str]) -> Result<()> {
        for key in keys {
            ensure!(self.tmux(&["send-keys", key]).status()?.success(), "tmux takes no keys");
            std::thread::sleep(Duration::from_millis(300)); // two keys at once are another key
        }
        Ok(())
    }

    /// Types a line and sends it, once the client shows it.
    pub fn say(&self, line: &str) -> Result<()> {
        ensure!(self.tmux(&["send-keys", "-l", line]).status()?.success(), "tmux takes no keys");
        self.wait_until("the line is typed", |screen| marked(screen, line))?;
        self.press(&["Enter"])
    }

    fn tmux(&self, arguments: &[&str]) -> Command {
        let mut tmux = Command::new("tmux");
        tmux.args(["-L", &self.name]).args(arguments).stdin(Stdio::null());
        tmux
    }
}

/// Whether one of the client's marks stands before a text, the last on its line: in the input, or in a menu.
pub fn marked(screen: &str, text: &str) -> bool {
    screen.lines().any(|line| line.contains(['❯', '!']) && line.trim_end().ends_with(text))
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]).stderr(Stdio::null()).status();
    }
}
