//! A git server on loopback that speaks HTTPS and demands a token.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};

use crate::repository;

/// No session takes half of it until it asks the server something.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whom the server keeps waiting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Held {
    /// Who has not said the token: git does not know yet that there is one to ask for.
    Unknown,
    /// Who has said it: git has the token.
    Known,
}

/// The server, until it is dropped.
pub struct GitServer {
    child: Child,
    port: u16,
    certificate: PathBuf,
    root: PathBuf,
}

impl GitServer {
    /// Serves one empty repository, `site.git`, from a folder, to who knows the token.
    pub fn start(folder: &Path, token: &str) -> Result<Self> {
        let root = folder.join("served");
        let (certificate, key) = (folder.join("server.pem"), folder.join("server.key"));
        run(Command::new("git").args(["init", "--quiet", "--bare"]).arg(root.join("site.git")))?;
        run(Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate))?;
        let mut server = Command::new("python3");
        server
            .arg(Path::new(repository()).join("tests/e2e/servers/git_https.py"))
            .arg(&root)
            .arg(&certificate)
            .arg(&key);
        let log = std::fs::File::create(folder.join("server.log"))?;
        server.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut child = server.spawn().context("python3 is missing: ./tests/run installs it")?;
        writeln!(child.stdin.as_ref().context("it has an input")?, "{token}")?;
        let mut port = String::new();
        BufReader::new(child.stdout.as_mut().context("it has an output")?).read_line(&mut port)?;
        let port = port.trim().parse().context("the git server did not say its port")?;
        Ok(Self { child, port, certificate, root })
    }

    /// Host, port and path of the repository.
    pub fn place(&self) -> String {
        format!("localhost:{}/site.git", self.port)
    }

    /// Who trusts it: the file of its certificate.
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// Keeps the next of those waiting while something is done.
    ///
    /// # Errors
    /// Nobody comes, or it is not done.
    pub fn hold<T>(&self, who: Held, meanwhile: impl FnOnce() -> Result<T>) -> Result<T> {
        let gate = self.root.join(match who {
            Held::Unknown => "hold-unknown",
            Held::Known => "hold-known",
        });
        let held = self.root.join("held");
        std::fs::write(&gate, "")?;
        let start = Instant::now();
        while !held.exists() && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(20));
        }
        let done = if held.exists() { meanwhile() } else { Err(anyhow!("nobody came whom the server could hold")) };
        let _ = std::fs::remove_file(held);
        std::fs::remove_file(gate)?;
        done
    }

    /// The branches that it has.
    pub fn branches(&self) -> Result<String> {
        let said = Command::new("git").arg("-C").arg(self.root.join("site.git")).args(["branch", "--list"]).output()?;
        Ok(String::from_utf8_lossy(&said.stdout).into_owned())
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(command: &mut Command) -> Result<()> {
    let said = command.output().with_context(|| format!("{} is missing", command.get_program().display()))?;
    ensure!(
        said.status.success(),
        "{} failed: {}",
        command.get_program().display(),
        String::from_utf8_lossy(&said.stderr)
    );
    Ok(())
}
