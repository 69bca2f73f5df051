//! Vault and OpenBao: one field of a secret in a key-value engine, version 1 or 2, over HTTP. In process, because their
//! command takes a tenth of a second to start.

mod http;

use std::net::IpAddr;
use std::path::PathBuf;

use config::ConfigError;
use config::plain::{self, Content};
use config::source::{Said, Sources};
use secret::Secret;
use serde::Deserialize;

use crate::json::{self, NotThere};
use crate::{Failure, Provider, Reference, Vault};
use http::Client;

/// `kv:PATH#FIELD`, `kv://HOST:PORT/PATH#FIELD`; `bao` and `vault` are other words for `kv`.
#[derive(Clone)]
pub struct Field {
    /// `https://host:port`; as configured, if the reference does not say it.
    address: Option<String>,
    path: String,
    field: String,
    version: Option<u8>,
}

/// What the configuration says.
#[derive(Default)]
pub struct Settings {
    address: Option<String>,
    token: Option<Reference>,
    token_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    namespace: Option<String>,
}

impl Settings {
    pub fn new(sources: &Sources) -> Result<Self, ConfigError> {
        fn value<T: Clone>(said: &Option<Said<T>>) -> Option<T> {
            said.as_ref().map(|said| said.value.clone())
        }
        let wrong = |said: &Said<String>, why: String| ConfigError {
            file: said.file.clone(),
            place: Some(said.place),
            message: why,
        };
        let kv = &sources.kv;
        if let Some(said) = &kv.address {
            address(&said.value).map_err(|why| wrong(said, format!("the address {why}")))?;
        }
        let token = match &kv.token {
            None => None,
            Some(said) => {
                let token = Reference::parse(&said.value).map_err(|why| wrong(said, why.to_string()))?;
                if token.is_kv() {
                    return Err(wrong(said, "the token of kv: comes from another store, such as keyring:".to_owned()));
                }
                Some(token)
            }
        };
        Ok(Self {
            address: value(&kv.address),
            token,
            token_file: value(&kv.token_file),
            ca_file: value(&kv.ca_file),
            namespace: value(&kv.namespace),
        })
    }
}

impl Field {
    /// `None` if it is another scheme.
    pub fn parse(scheme: &str, rest: &str) -> Option<Result<Self, String>> {
        let (family, transport) = scheme.split_once('+').map_or((scheme, None), |(family, t)| (family, Some(t)));
        let transport = match transport {
            _ if !["kv", "bao", "vault"].contains(&family) => return None,
            None | Some("https") => "https",
            Some("http") => "http",
            Some(_) => return Some(Err("speaks https, or http on this machine: kv+https://, kv+http://".to_owned())),
        };
        Some(Self::of(transport, scheme.contains('+'), rest))
    }

    fn of(transport: &str, needs_host: bool, rest: &str) -> Result<Self, String> {
        let form = "a source in Vault or OpenBao is written kv:MOUNT/PATH#FIELD or kv://HOST:PORT/MOUNT/PATH#FIELD";
        let (address, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let (host, path) = rest.split_once('/').ok_or_else(|| format!("has no path: {form}"))?;
                (Some(self::address(&format!("{transport}://{host}"))?), path)
            }
            None if needs_host => return Err(format!("names no host: {form}")),
            None => (None, rest),
        };
        let (path, field) = path.split_once('#').ok_or_else(|| format!("names no field: {form}"))?;
        let (path, version) = match path.split_once('?') {
            None => (path, None),
            Some((path, "version=1")) => (path, Some(1)),
            Some((path, "version=2")) => (path, Some(2)),
            Some(_) => return Err("takes ?version=1 or ?version=2, of the engine, and nothing else".to_owned()),
        };
        let path = path.trim_matches('/');
        let is_segment = |segment: &str| !segment.is_empty() && segment != "." && segment != "..";
        if !path.split('/').all(is_segment) || !path.contains('/') {
            return Err(format!("has no path of a mount and a name in it: {form}"));
        }
        if field.is_empty() {
            return Err(format!("names no field: {form}"));
        }
        Ok(Self { address, path: path.to_owned(), field: field.to_owned(), version })
    }
}

/// Checks an address; returns it without a slash at its end.
fn address(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    let (transport, host) = text.split_once("://").ok_or("is not written https://HOST:PORT")?;
    if host.contains('@') {
        return Err("has a user in it; the token is configured apart from the address".to_owned());
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    if host.is_empty() || !host.bytes().all(plain) {
        return Err("has no host: write https://HOST:PORT".to_owned());
    }
    match transport {
        "https" => Ok(text.to_owned()),
        "http" if is_this_machine(host) => Ok(text.to_owned()),
        "http" => Err("sends the token in clear: http is for 127.0.0.1, ::1 and localhost, use https".to_owned()),
        _ => Err("is not written https://HOST:PORT".to_owned()),
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl Provider for Field {
    fn fetch(&self, vault: &Vault) -> Result<Secret, Failure> {
        let settings = &vault.kv;
        let address = match self.address.as_ref().or(settings.address.as_ref()) {
            Some(address) => address.trim_end_matches('/').to_owned(),
            None => from_environment(vault)?,
        };
        let ca_file = match &settings.ca_file {
            Some(file) => Some(file.clone()),
            None => vault.environment.first(&["BAO_CACERT", "VAULT_CACERT"])?.map(PathBuf::from),
        };
        // These say whom this machine trusts, to those who read its certificates.
        for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            vault.environment.get(name)?;
        }
        let namespace = match &settings.namespace {
            Some(namespace) => Some(namespace.clone()),
            None => {
                let set = vault.environment.first(&["BAO_NAMESPACE", "VAULT_NAMESPACE"])?;
                set.map(|namespace| namespace.to_string_lossy().into_owned())
            }
        };
        let token = token(vault)?;
        let client = Client::new(&address, &token, namespace.as_deref(), ca_file.as_deref())?;
        let (path, pointer) = match self.version {
            Some(1) => (encoded(&self.path), "/data"),
            Some(_) => (data_path(&self.path, self.path.find('/').map_or(0, |end| end + 1)), "/data/data"),
            None => self.located(&client)?,
        };
        let answer = client.get(&path)?;
        let field = self.field.replace('~', "~0").replace('/', "~1");
        let value = answer.expose(|body| json::at(body, &format!("{pointer}/{field}")));
        value.map_err(|why| match why {
            NotThere::NoJson => {
                Failure::new("the server's answer is no JSON", "look whether the address is Vault's or OpenBao's")
            }
            NotThere::Missing => Failure::new(
                "the secret has no such field",
                format!("`bao kv get {}` shows which there are; names of fields count in capitals, too", self.path),
            ),
            NotThere::NoText => Failure::new("the field holds no text", "name a field that does"),
        })
    }
}

impl Field {
    /// The path of the API and where the fields are in its answer: the server says where the mount ends and which version
    /// it is, as its own command asks.
    fn located(&self, client: &Client) -> Result<(String, &'static str), Failure> {
        #[derive(Deserialize)]
        struct Answer {
            data: Mount,
        }
        #[derive(Deserialize)]
        struct Mount {
            path: String,
            r#type: String,
            options: Option<Options>,
        }
        #[derive(Deserialize)]
        struct Options {
            version: Option<String>,
        }
        let answer = client.get(&format!("sys/internal/ui/mounts/{}", encoded(&self.path)))?;
        let odd = || Failure::new("the server does not say what is mounted there", "say it: kv:PATH?version=2#FIELD");
        let mount = answer.expose(|body| serde_json::from_slice::<Answer>(body)).map_err(|_| odd())?.data;
        if !["kv", "generic", "cubbyhole"].contains(&mount.r#type.as_str()) {
            return Err(Failure::new("what is mounted there is no key-value engine", "name a path in one"));
        }
        let second = mount.options.and_then(|options| options.version).is_some_and(|version| version == "2");
        // The mount's path ends with a slash; ours may be the mount itself.
        let end = if self.path.starts_with(&mount.path) { mount.path.len() } else { return Err(odd()) };
        Ok(if second { (data_path(&self.path, end), "/data/data") } else { (encoded(&self.path), "/data") })
    }
}

/// In version 2, `data/` stands behind the mount.
fn data_path(path: &str, mount: usize) -> String {
    format!("{}data/{}", encoded(&path[..mount]), encoded(&path[mount..]))
}

fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn from_environment(vault: &Vault) -> Result<String, Failure> {
    let Some(set) = vault.environment.first(&["BAO_ADDR", "VAULT_ADDR"])? else {
        return Err(Failure::new(
            "the server's address is not known",
            "write `address = \"https://HOST:8200\"` under [sources.kv], or set BAO_ADDR",
        ));
    };
    address(&set.to_string_lossy()).map_err(|why| {
        Failure::new(
            format!("the address in BAO_ADDR or VAULT_ADDR {why}"),
            "mend it, or write `address` under [sources.kv]",
        )
    })
}

fn token(vault: &Vault) -> Result<Secret, Failure> {
    if let Some(token) = &vault.kv.token {
        let value = token.provider().fetch(vault);
        return value.map_err(|failure| Failure { needed: Some(Box::new(("its token", token.clone()))), ..failure });
    }
    if vault.kv.token_file.is_none()
        && let Some(token) = vault.environment.first(&["BAO_TOKEN", "VAULT_TOKEN"])?
    {
        return Ok(Secret::new(token.into_encoded_bytes()));
    }
    // Where `bao login` and `vault login` leave it.
    let file = match &vault.kv.token_file {
        Some(file) => file.clone(),
        None => vault.environment.home()?.join(".vault-token"),
    };
    match plain::read_up_to(&file, 4096) {
        Content::Whole(bytes) if !bytes.is_empty() => Ok(Secret::new(bytes).without_line_end()),
        Content::Unread => Err(Failure::new(
            format!("the token's file {} may not be read, or is none", file.display()),
            "mend its permissions, or log in again (`bao login`)",
        )),
        _ => Err(Failure::new(
            "there is no token",
            "log in (`bao login`), set BAO_TOKEN, or write `token = \"keyring:NAME\"` under [sources.kv]",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_clear() {
        for fine in ["https://h", "https://h:8200/", "http://127.0.0.1:8200", "http://localhost", "http://[::1]:8200"] {
            assert_eq!(address(fine).as_deref(), Ok(fine.trim_end_matches('/')), "{fine}");
        }
        for refused in
            ["http://h", "http://10.0.0.1:8200", "http://localhost.evil", "http://127.0.0.1.evil:80", "ftp://h", "h"]
        {
            assert!(address(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_path_is_sent_as_it_is_meant() {
        assert_eq!(data_path("secret/a b/ü", 7), "secret/data/a%20b/%C3%BC");
        assert_eq!(data_path("team/kv/x", 8), "team/kv/data/x");
    }
}
