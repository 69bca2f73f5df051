//! A PostgreSQL of its own on loopback, whose user has a password.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The server, until it is dropped.
pub struct Postgres {
    data: PathBuf,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// Starts one in a folder, with a database `shop`, a table `orders` and a user `reader` who has the password.
    pub fn start(folder: &Path, password: &str) -> Result<Self> {
        let programs = programs()?;
        let folder = folder.join("postgres");
        std::fs::create_dir(&folder)?;
        // It does not run as root, and must get to its folder.
        if rustix::process::geteuid().is_root() {
            std::fs::set_permissions(
                folder.parent().context("a folder lies in one")?,
                PermissionsExt::from_mode(0o755),
            )?;
            run(Command::new("chown").arg("postgres:").arg(&folder))?;
        }
        let data = folder.join("data");
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Self { data, programs, port };
        server.tool(
            "initdb",
            &[
                "--username=postgres",
                "--auth-host=scram-sha-256",
                "--auth-local=trust",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ],
        )?;
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={} -c fsync=off -c shared_buffers=16MB",
            folder.display()
        );
        let log = folder.join("log").display().to_string();
        server.tool("pg_ctl", &["--wait", "--timeout=60", "--log", &log, "--options", &options, "start"])?;
        let script = format!(
            "CREATE ROLE reader LOGIN PASSWORD '{password}'; CREATE DATABASE shop; \\connect shop\nCREATE TABLE orders (what text); \
             INSERT INTO orders VALUES ('kettle'); GRANT SELECT ON orders TO reader;"
        );
        let file = folder.join("start.sql");
        std::fs::write(&file, script)?;
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644))?;
        let (host, at) = (folder.display().to_string(), port.to_string());
        let psql =
            ["--host", &host, "--port", &at, "--username=postgres", "--quiet", "--set=ON_ERROR_STOP=1", "--file"];
        run(server.as_user(Path::new("psql")).args(psql).arg(&file))?;
        std::fs::remove_file(file)?;
        Ok(server)
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn tool(&self, name: &str, words: &[&str]) -> Result<()> {
        run(self.as_user(&self.programs.join(name)).arg("--pgdata").arg(&self.data).args(words))
    }

    fn as_user(&self, program: &Path) -> Command {
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.tool("pg_ctl", &["--mode=immediate", "stop"]);
    }
}

/// Where the distribution keeps the server's programs.
fn programs() -> Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").is_file()).max();
    newest.context("PostgreSQL is missing: ./tests/run installs it (Debian: postgresql)")
}

/// Runs it to its end, without a pipe that a server which it leaves behind would hold open.
fn run(command: &mut Command) -> Result<()> {
    let log = tempfile::NamedTempFile::new()?;
    command.stdin(std::process::Stdio::null()).stdout(log.reopen()?).stderr(log.reopen()?);
    let status = command.status().with_context(|| format!("{} is missing", command.get_program().display()))?;
    ensure!(status.success(), "{} failed: {}", command.get_program().display(), std::fs::read_to_string(log.path())?);
    Ok(())
}
