//! One page over https on loopback, for WebFetch, which takes nothing less.
//!
//! Limit: it is the `openssl` command that serves it; where there is none, there is no page.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

/// A page that is served until this value is dropped.
pub struct WebPage {
    server: Child,
    port: u16,
    name: String,
}

impl WebPage {
    /// Serves `text` under `name`, which may have a query; key, certificate and page are kept in `folder`.
    pub fn serve(folder: &Path, name: &str, text: &str) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let answer =
            format!("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{text}", text.len());
        fs::write(folder.join(name), answer)?;
        certify(folder)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut openssl = Command::new("openssl");
        openssl.current_dir(folder).args(["s_server", "-quiet", "-HTTP", "-cert", "cert.pem", "-key", "key.pem"]);
        openssl.arg("-accept").arg(format!("127.0.0.1:{port}"));
        let server = openssl.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok(Self { server, port, name: name.to_owned() })
    }

    /// Where the page is.
    pub fn url(&self) -> String {
        format!("{}/{}", self.origin(), self.name)
    }

    /// The part of the address that no other run shares.
    pub fn origin(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }
}

impl Drop for WebPage {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn certify(folder: &Path) -> Result<()> {
    let mut openssl = Command::new("openssl");
    openssl.current_dir(folder).args([
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]);
    openssl.args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]);
    let log = File::create(folder.join("openssl.log"))?;
    let status =
        openssl.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).status().context("no openssl command")?;
    ensure!(status.success(), "openssl makes no certificate");
    Ok(())
}
