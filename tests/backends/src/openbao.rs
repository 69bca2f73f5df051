//! OpenBao in its development mode: in memory, unsealed, on loopback, over http or with a certificate of its own making.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use crate::{Home, made_up, repository, wait_for};

/// A server; it ends with the test.
pub struct OpenBao {
    server: Child,
    /// Where it listens.
    pub address: String,
    /// Its first token.
    pub token: String,
}

impl OpenBao {
    /// Starts one. With `tls` its certificate authority is in [`OpenBao::ca_file`].
    pub fn start(home: &Home, tls: bool) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let token = made_up("root");
        let listen = format!("-dev-listen-address=127.0.0.1:{port}");
        let certificates = format!("-dev-tls-cert-dir={}", home.path().display());
        let mut arguments = vec!["server", "-dev", "-dev-no-store-token", listen.as_str()];
        if tls {
            arguments.extend(["-dev-tls", certificates.as_str()]);
        }
        let mut command = home.command(executable(), &arguments);
        command.env("BAO_DEV_ROOT_TOKEN_ID", &token).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = command.spawn().unwrap();
        let transport = if tls { "https" } else { "http" };
        let bao = Self { server, address: format!("{transport}://127.0.0.1:{port}"), token };
        wait_for("OpenBao", || bao.command(home, &["token", "lookup"]).output().unwrap().status.success());
        bao
    }

    /// The certificate authority of one with TLS.
    pub fn ca_file(home: &Home) -> PathBuf {
        home.path().join("vault-ca.pem")
    }

    /// Runs its command with its first token; what it writes. It must succeed.
    pub fn bao(&self, home: &Home, arguments: &[&str], input: &str) -> String {
        let output = crate::fed(&mut self.command(home, arguments), input);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        assert!(output.status.success(), "bao {arguments:?}: {} {}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    fn command(&self, home: &Home, arguments: &[&str]) -> std::process::Command {
        let mut command = home.command(executable(), arguments);
        command.env("BAO_ADDR", &self.address).env("BAO_TOKEN", &self.token).env("BAO_CACERT", Self::ca_file(home));
        if self.address.starts_with("http:") {
            command.env_remove("BAO_CACERT");
        }
        command
    }
}

fn executable() -> PathBuf {
    let folder = repository().join("tests/openbao/venv");
    let bao = folder.join("bin/bao");
    assert!(
        bao.is_file(),
        "OpenBao is missing: ./tests/run installs it, or `python3 -m venv {0} && {0}/bin/pip install -r {1}`",
        folder.display(),
        repository().join("tests/openbao/requirements.txt").display()
    );
    bao
}

impl Drop for OpenBao {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
