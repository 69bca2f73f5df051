//! One request to Vault or OpenBao. Redirects are not followed: they would carry the token elsewhere.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use config::plain::{self, Content};
use rustls::crypto::ring;
use secret::Secret;
use ureq::http::HeaderValue;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};
use ureq::{Agent, Error};

use crate::Failure;

/// A server that takes longer is not waited for.
const LIMIT: Duration = Duration::from_secs(10);
/// A larger answer is none.
const LARGEST: usize = 1 << 20;

pub struct Client {
    agent: Agent,
    address: String,
    token: HeaderValue,
    namespace: Option<HeaderValue>,
}

impl Client {
    pub fn new(
        address: &str,
        token: &Secret,
        namespace: Option<&str>,
        ca_file: Option<&Path>,
    ) -> Result<Self, Failure> {
        let mut token = token.expose(HeaderValue::from_bytes).map_err(|_| {
            Failure::new(
                "the token holds characters that no token has",
                "log in again (`bao login`), or store it again",
            )
        })?;
        token.set_sensitive(true);
        let namespace = namespace.map(HeaderValue::from_str).transpose();
        let namespace = namespace.map_err(|_| Failure::new("the namespace is none", "mend it under [sources.kv]"))?;
        let config = Agent::config_builder()
            .timeout_global(Some(LIMIT))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("stanch/", env!("CARGO_PKG_VERSION")));
        let config = if address.starts_with("https://") {
            config.https_only(true).tls_config(tls(ca_file)?)
        } else {
            // A proxy would be told the token.
            config.proxy(None)
        };
        Ok(Self { agent: config.build().into(), address: address.to_owned(), token, namespace })
    }

    /// The body of a good answer.
    pub fn get(&self, path: &str) -> Result<Secret, Failure> {
        let mut request =
            self.agent.get(format!("{}/v1/{path}", self.address)).header("X-Vault-Token", self.token.clone());
        request = request.header("X-Vault-Request", "true");
        if let Some(namespace) = &self.namespace {
            request = request.header("X-Vault-Namespace", namespace.clone());
        }
        let mut response = request.call().map_err(|error| self.unreached(&error))?;
        match response.status().as_u16() {
            200 => Secret::read(response.body_mut().as_reader(), LARGEST)
                .map_err(|_| Failure::new("the server's answer broke off, or is no secret's", "try again")),
            status => Err(refused(status)),
        }
    }

    fn unreached(&self, error: &Error) -> Failure {
        let address = &self.address;
        match error {
            Error::Timeout(_) => Failure::new(
                format!("{address} has not answered within {} seconds", LIMIT.as_secs()),
                "look whether it is up and can be reached from here",
            ),
            Error::HostNotFound => Failure::new(format!("the host of {address} is not known"), "mend the address"),
            Error::Rustls(_) | Error::Tls(_) | Error::Pem(_) => Failure::new(
                format!("{address} does not show a certificate that is trusted here"),
                "write `ca_file = \"/path/ca.pem\"` under [sources.kv], or set BAO_CACERT",
            ),
            Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => Failure::new(
                format!("{address} does not show a certificate that is trusted here, or does not speak https"),
                "write `ca_file = \"/path/ca.pem\"` under [sources.kv], or set BAO_CACERT",
            ),
            Error::Io(error) => Failure::new(
                format!("{address} cannot be reached ({})", error.kind()),
                "look whether it is up and the address is right",
            ),
            _ => Failure::new(
                format!("{address} does not answer as a server should"),
                "look whether the address is right",
            ),
        }
    }
}

fn refused(status: u16) -> Failure {
    let (what, mend) = match status {
        301 | 302 | 303 | 307 | 308 => {
            ("the server sends us to another, which may not have the token", "name that one as the address")
        }
        400 => ("the server does not understand the request", "look whether the namespace is right"),
        403 => (
            "the server refuses: the token is wrong, has expired, or may not read this path",
            "log in again (`bao login`), or have a policy allow it",
        ),
        404 => ("there is no secret at this path, or it was deleted", "`bao kv list` shows those there are"),
        429 | 472 | 473 => ("the server is a standby, or asks to be left alone", "name the active one, or try again"),
        501 | 503 => ("the server is sealed, or not set up", "unseal it (`bao operator unseal`)"),
        _ => ("the server has an error", "look into its log"),
    };
    Failure::new(format!("{what} (HTTP {status})"), mend)
}

fn tls(ca_file: Option<&Path>) -> Result<TlsConfig, Failure> {
    let roots: Vec<Certificate<'static>> = match ca_file {
        Some(file) => {
            let wrong =
                |what: &str| Failure::new(format!("{} {what}", file.display()), "name a file of certificates in PEM");
            let Content::Whole(pem) = plain::read(file) else { return Err(wrong("cannot be read")) };
            let items = ureq::tls::parse_pem(&pem).collect::<Result<Vec<_>, _>>().map_err(|_| wrong("is no PEM"))?;
            let roots = items.into_iter().filter_map(|item| match item {
                PemItem::Certificate(certificate) => Some(certificate),
                _ => None,
            });
            let roots: Vec<_> = roots.collect();
            if roots.is_empty() {
                return Err(wrong("holds no certificate"));
            }
            roots
        }
        None => {
            let found = rustls_native_certs::load_native_certs().certs;
            found.into_iter().map(|certificate| Certificate::from_der(&certificate).to_owned()).collect()
        }
    };
    if roots.is_empty() {
        return Err(Failure::new(
            "this machine trusts no certificate at all",
            "install ca-certificates, or write `ca_file` under [sources.kv]",
        ));
    }
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&roots))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build())
}
