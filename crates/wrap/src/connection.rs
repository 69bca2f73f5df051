//! What git's configuration says of the connection over which a credential goes: looked at, and then set where nothing comes
//! before it.
//!
//! Between the look and the moment at which git reads its configuration a command, or a hook of the repository, can write into
//! it. So what decides where the credential goes is given to git once more as the user and the system have it, for the one
//! address, after all files (`GIT_CONFIG_COUNT`): of two keys for an address the more specific one counts, of two that are alike
//! the later one (git-config(1), `http.<url>.*`).

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::environment::Environment;

/// Git's configuration, as one look finds it.
pub struct Configuration(Vec<Entry>);

struct Entry {
    scope: String,
    /// Section and name in lower case.
    key: String,
    value: Option<String>,
}

/// The certificates that systems trust. Git has no word for "those that you would take by yourself".
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// A folder of certificates in which there are none. An empty name would not do: OpenSSL fails with it.
const NO_FOLDER: &str = "/";

impl Configuration {
    /// What git reads in this environment, with these options before its command.
    pub fn read(git: &Path, globals: &[OsString], environment: &Environment) -> Result<Self, String> {
        let failed = |what: &str| {
            Err(format!("git does not tell its configuration ({what}); see what `git config --list` says here"))
        };
        let mut look = Command::new(git);
        look.args(globals).args(["config", "--list", "--show-scope", "--null"]).env_clear().envs(environment);
        let output = match look.stdin(Stdio::null()).stderr(Stdio::null()).output() {
            Ok(output) if output.status.success() => output,
            Ok(output) => return failed(&output.status.to_string()),
            Err(error) => return failed(&error.kind().to_string()),
        };
        let text = String::from_utf8_lossy(&output.stdout);
        let mut parts = text.split_terminator('\0');
        let mut entries = Vec::new();
        while let Some(scope) = parts.next() {
            let Some(entry) = parts.next() else { return failed("half of an entry") };
            let (key, value) = entry.split_once('\n').map_or((entry, None), |(key, value)| (key, Some(value)));
            entries.push(Entry { scope: scope.to_owned(), key: key.to_owned(), value: value.map(str::to_owned) });
        }
        Ok(Self(entries))
    }

    /// The first key of the repository's own configuration, or of the command's, that has a say in where a credential goes.
    pub fn diversion(&self) -> Option<&str> {
        let others = self.0.iter().filter(|entry| !entry.is_users());
        others.map(|entry| entry.key.as_str()).find(|key| leads(&key.to_lowercase()))
    }

    /// What decides about the connection, set for each of these addresses, and for the remotes that lead there: the proxy of a
    /// remote comes before that of an address.
    pub fn pinned(
        &self,
        git: &Path,
        environment: &Environment,
        addresses: &[String],
        remotes: &[String],
    ) -> Result<Vec<(String, String)>, String> {
        let mut settings = Vec::new();
        let mut proxies = Vec::new();
        for address in addresses {
            let own = self.http(git, environment, address)?;
            let own = |name: &str| own.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            let proxy = own("http.proxy").unwrap_or_else(|| proxy(environment));
            let mut set = |name: &str, value: String| settings.push((format!("http.{address}.{name}"), value));
            set("sslVerify", "true".to_owned());
            // Another host must not get what was asked for this one.
            set("followRedirects", "false".to_owned());
            set("proxy", proxy.clone());
            // Empty: those that came before are left out.
            set("curloptResolve", String::new());
            if let Some(own) = own("http.curloptresolve") {
                set("curloptResolve", own);
            }
            let bundle = || BUNDLES.iter().find(|path| Path::new(path).is_file()).map(|path| (*path).to_owned());
            // Where neither is known, git's library has a place of its own.
            if let Some(trusted) = own("http.sslcainfo").or_else(bundle) {
                set("sslCAInfo", trusted);
                set("sslCAPath", own("http.sslcapath").unwrap_or_else(|| NO_FOLDER.to_owned()));
            }
            proxies.push(proxy);
        }
        let usual = proxies.first().cloned().unwrap_or_default();
        for remote in remotes {
            let key = format!("remote.{remote}.proxy");
            let own = self.0.iter().rev().find(|entry| entry.is_users() && entry.key == key);
            let proxy = own.and_then(|entry| entry.value.clone()).unwrap_or_else(|| usual.clone());
            settings.push((key, proxy));
        }
        Ok(settings)
    }

    /// What the user and the system say of HTTP to an address; git itself compares the addresses.
    fn http(&self, git: &Path, environment: &Environment, address: &str) -> Result<Vec<(String, String)>, String> {
        let own: String = self.0.iter().filter(|entry| entry.is_users()).filter_map(Entry::as_http).collect();
        if own.is_empty() {
            return Ok(Vec::new());
        }
        let failed =
            |what: String| format!("git does not tell what your configuration says of HTTP to the server ({what})");
        let mut ask = Command::new(git);
        ask.args(["config", "--file", "-", "--null", "--get-urlmatch", "http", address]).env_clear().envs(environment);
        ask.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut asked = ask.spawn().map_err(|error| failed(error.kind().to_string()))?;
        if let Some(mut to) = asked.stdin.take() {
            to.write_all(own.as_bytes()).map_err(|error| failed(error.kind().to_string()))?;
        }
        let output = asked.wait_with_output().map_err(|error| failed(error.kind().to_string()))?;
        // 1: nothing of that fits.
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Err(failed(output.status.to_string()));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let entries = text.split_terminator('\0').map(|entry| entry.split_once('\n').unwrap_or((entry, "true")));
        Ok(entries.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }
}

impl Entry {
    /// Of the user's own files, or the system's.
    fn is_users(&self) -> bool {
        matches!(self.scope.as_str(), "system" | "global")
    }

    /// As it stands in a file, if it is about HTTP.
    fn as_http(&self) -> Option<String> {
        let escaped =
            |text: &str| text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n").replace('\t', r"\t");
        let rest = self.key.strip_prefix("http.")?;
        let (section, name) = match rest.rsplit_once('.') {
            Some((address, name)) => (format!("[http \"{}\"]", escaped(address)), name),
            None => ("[http]".to_owned(), rest),
        };
        let value = self.value.as_ref().map(|value| format!(" = \"{}\"", escaped(value))).unwrap_or_default();
        Some(format!("{section}\n{name}{value}\n"))
    }
}

/// The proxy that git takes where its configuration names none (http.c): of these the first that is set.
fn proxy(environment: &Environment) -> String {
    let named = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let first = named.iter().find_map(|name| environment.get(OsStr::new(name)));
    first.map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Whether a key can lead a credential elsewhere. Sizes, versions and the like of HTTP cannot.
fn leads(key: &str) -> bool {
    const HARMLESS: [&str; 8] = [
        "postbuffer",
        "version",
        "lowspeedlimit",
        "lowspeedtime",
        "maxrequests",
        "minsessions",
        "sslversion",
        "useragent",
    ];
    let (section, rest) = key.split_once('.').unwrap_or((key, ""));
    let last = rest.rsplit('.').next().unwrap_or(rest);
    match section {
        "url" | "credential" => true,
        "http" => !HARMLESS.contains(&last),
        "core" => ["askpass", "gitproxy", "sshcommand"].contains(&last),
        "remote" => ["proxy", "proxyauthmethod", "vcs"].contains(&last),
        _ => false,
    }
}
