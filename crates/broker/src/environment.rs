//! The environment of a tool that is lent something: the one that the client was started with.
//!
//! A command sets what it likes, and so does a repository by its settings: the list of variables that make a tool load other
//! code, read another configuration or speak to another server has no end. So nothing of theirs is taken (what a command may
//! say all the same, the stand-in knows). The broker has the client's environment from the hook that starts it, which has it
//! from the client; what a repository's settings have added is taken out again.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use config::places;
use config::repository::Settings;
use wire::Process;

/// No environment takes more of an answer, which has an end (`wire::frame::LONGEST`).
const LARGEST: usize = 384 << 10;

/// The client's variables of these names are not the tool's: they lead past what the credential is bound to, ...
const ELSEWHERE: [&str; 5] = ["PGHOSTADDR", "PGPASSFILE", "PGPASSWORD", "PGSERVICE", "PGSERVICEFILE"];
/// ... have it write down what it sends (gh help environment; libcurl's key log), ...
const TRACES: [&str; 3] = ["DEBUG", "GH_DEBUG", "SSLKEYLOGFILE"];
/// ... or are true of the hook that started the broker alone.
const OF_HOOK: [&str; 8] = [
    "CLAUDE_ENV_FILE",
    "CLAUDE_PLUGIN_DATA",
    "CLAUDE_PLUGIN_ROOT",
    "CLAUDE_PROJECT_DIR",
    "OLDPWD",
    "PWD",
    "SHLVL",
    "_",
];
/// Of git's (git(1), "Environment Variables") these alone: the client's others say which repository it works in, trace, or name
/// programs.
const GIT_KEPT: [&str; 17] = [
    "GIT_AUTHOR_DATE",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_NAME",
    "GIT_COMMITTER_DATE",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_OPTIONAL_LOCKS",
    "GIT_PROXY_SSL_CAINFO",
    "GIT_PROXY_SSL_CERT",
    "GIT_PROXY_SSL_KEY",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_SSL_CERT",
    "GIT_SSL_KEY",
];

/// The client's own variables.
pub struct Environment {
    variables: BTreeMap<String, String>,
    path: Result<OsString, String>,
}

impl Environment {
    /// Those of a client that runs in `folder`, out of this process's.
    pub fn of_client(folder: &Path) -> Self {
        Self::of(std::env::vars_os(), &Settings::of_session(folder))
    }

    fn of(given: impl IntoIterator<Item = (OsString, OsString)>, settings: &Settings) -> Self {
        // What is no text cannot be said; no tool needs it.
        let text =
            given.into_iter().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let own = text.filter(|(name, _)| is_handed_on(name) && settings.sets(name).is_none());
        let mut variables: BTreeMap<String, String> = own.collect();
        let path = match settings.sets("PATH") {
            Some(file) => Err(format!(
                "{} sets PATH, or may, so that the tool's executable cannot be told; take PATH out of it, and start the client anew",
                file.display()
            )),
            None => settings
                .search_path(variables.remove("PATH").unwrap_or_default().as_ref())
                .map_err(|_| "the client's PATH cannot be read; mend it, and start the client anew".to_owned()),
        };
        if let Some(path) = path.as_ref().ok().and_then(|path| path.to_str()) {
            variables.insert("PATH".to_owned(), path.to_owned());
        }
        if let Some(home) = places::home_on_record().and_then(|home| home.into_os_string().into_string().ok()) {
            variables.entry("HOME".to_owned()).or_insert(home);
        }
        Self { variables, path }
    }

    /// One of these variables alone, which no repository has set: for tests.
    #[cfg(test)]
    pub fn of_variables(given: &[(&str, &str)]) -> Self {
        Self::of(given.iter().map(|(name, value)| (name.into(), value.into())), &Settings::default())
    }

    /// A variable's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Where the client looks for programs: not in the repository. Why that cannot be told.
    pub fn path(&self) -> Result<&OsString, &String> {
        self.path.as_ref()
    }

    /// All of them, for a tool. Why not, if they are too many to be said.
    pub fn for_tool(&self) -> Result<Vec<(String, String)>, String> {
        let variables: Vec<_> = self.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let size = serde_json::to_vec(&variables).map_or(usize::MAX, |said| said.len());
        if size > LARGEST {
            return Err(format!(
                "the client's environment is too large to be a tool's ({size} bytes, and {LARGEST} can be handed on); start the client \
                 anew with a smaller one"
            ));
        }
        Ok(variables)
    }
}

/// The first variable that says where configuration and log lie, and says it otherwise than the client's own does. Of a client that
/// cannot be looked at, none is known.
pub fn led_elsewhere(client: Process) -> Option<&'static str> {
    let given = std::fs::read(format!("/proc/{}/environ", client.pid)).ok()?;
    let of_client = |name: &str| {
        given.split(|b| *b == 0).find_map(|variable| variable.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
    };
    let own = |name: &str| std::env::var_os(name).map(OsString::into_encoded_bytes);
    // An empty one is as good as none.
    let differs = |name: &&str| own(name).unwrap_or_default() != of_client(name).unwrap_or_default();
    ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"].into_iter().find(differs)
}

fn is_handed_on(name: &str) -> bool {
    let of_git = name.starts_with("GIT_") && !GIT_KEPT.contains(&name);
    !of_git && ![&ELSEWHERE[..], &TRACES, &OF_HOOK].iter().any(|names| names.contains(&name))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn of(given: &[(&str, &str)], settings: &Settings) -> Environment {
        Environment::of(given.iter().map(|(name, value)| (name.into(), value.into())), settings)
    }

    #[test]
    fn it_is_the_clients_without_what_leads_elsewhere() {
        let kept = ["HTTPS_PROXY", "PGSSLROOTCERT", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS", "LD_LIBRARY_PATH"];
        let gone =
            ["PGHOSTADDR", "GIT_DIR", "GIT_TRACE_CURL", "GIT_CONFIG_COUNT", "GIT_SSL_NO_VERIFY", "GH_DEBUG", "PWD"];
        let given: Vec<_> = kept.iter().chain(&gone).map(|name| (*name, "x")).collect();
        let environment = Environment::of_variables(&given);
        assert!(kept.iter().all(|name| environment.get(name) == Some("x")));
        assert!(gone.iter().all(|name| environment.get(name).is_none()));
        let no_text = [("A".into(), OsString::from_vec(vec![0xff])), (OsString::from_vec(vec![0xff]), "a".into())];
        let said = Environment::of(no_text, &Settings::default()).for_tool().expect("small");
        assert!(said.iter().all(|(name, _)| ["HOME", "PATH"].contains(&name.as_str())), "{said:?}");
    }

    #[test]
    fn what_a_repositorys_settings_set_is_none_of_the_clients() {
        let repository = tempfile::tempdir().expect("a folder");
        let claude = repository.path().join(".claude");
        std::fs::create_dir(&claude).expect("a folder");
        let set = |names: &str| std::fs::write(claude.join("settings.json"), format!(r#"{{"env":{{{names}}}}}"#));
        set(r#""HTTPS_PROXY":"http://x""#).expect("a file");
        let settings = Settings::of_session(repository.path());
        let bin = repository.path().join("bin").display().to_string();
        let path = format!("{bin}:/usr/bin");
        let given = [("HTTPS_PROXY", "http://x"), ("https_proxy", "http://own"), ("PATH", &path)];
        let environment = of(&given, &settings);
        assert_eq!((environment.get("HTTPS_PROXY"), environment.get("https_proxy")), (None, Some("http://own")));
        assert_eq!((environment.get("PATH"), environment.path()), (Some("/usr/bin"), Ok(&"/usr/bin".into())));
        set(r#""PATH":"/x""#).expect("a file");
        let environment = of(&given, &settings);
        assert!(environment.path().is_err_and(|why| why.contains("settings.json sets PATH")));
        assert_eq!(environment.get("PATH"), None);
    }

    #[test]
    fn too_large_an_environment_is_not_handed_on() {
        let large = "x".repeat(LARGEST);
        let said = Environment::of_variables(&[("A", &large)]).for_tool().expect_err("too large");
        assert!(said.contains("too large") && !said.contains("xx"), "{said}");
    }
}
