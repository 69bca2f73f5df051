//! What keeps the client on this machine: it knows no address but that of the scripted model, and whatever else it would
//! reach it asks for behind a proxy, which is the scripted model as well and refuses.

use std::ffi::OsString;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::place::managed_settings;
use crate::verify::files::{Files, Origin};

/// What the client has for a key.
const KEY: &str = "not-a-key";

/// What the client, its hooks and its commands take over from whoever starts it: no credential, no provider, no proxy.
const INHERITED: [&str; 15] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "XDG_CONFIG_HOME",
    "SystemRoot",
    "ComSpec",
    "PATHEXT",
    "USERPROFILE",
    "APPDATA",
];

/// The beginnings of variables by which settings would lead the client elsewhere, give it a real key, or have it write
/// elsewhere.
const LEADING_OUT: [&str; 22] = [
    "ANTHROPIC_",
    "CLAUDE_CODE_USE_",
    "CLAUDE_CODE_SKIP_",
    "CLAUDE_CODE_OAUTH_",
    "CLAUDE_CODE_API_",
    "CLAUDE_CODE_ENABLE_",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "CLAUDE_CODE_REMOTE",
    "CLAUDE_CODE_TMPDIR",
    "CLAUDE_CODE_DEBUG",
    "CLAUDE_CODE_PLUGIN",
    "CLAUDE_CODE_SYNC",
    "CLAUDE_CONFIG_DIR",
    "DISABLE_",
    "AWS_",
    "GOOGLE_",
    "VERTEX_",
    "CLOUD_ML_",
    "OTEL_",
    "XDG_STATE_",
    "XDG_CACHE_",
    "XDG_DATA_",
];

/// Whether a variable of the settings is left out.
pub fn leads_out(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    LEADING_OUT.iter().any(|start| upper.starts_with(start))
        || upper.ends_with("_PROXY")
        || ["HOME", "TMPDIR"].contains(&upper.as_str())
}

/// What the client inherits.
pub fn inherited() -> impl Iterator<Item = (&'static str, OsString)> {
    INHERITED.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)))
}

/// What leads it to the scripted model, and nowhere else.
pub fn environment(model: &str) -> Vec<(&'static str, String)> {
    let mut all = vec![("ANTHROPIC_BASE_URL", model.to_owned()), ("ANTHROPIC_API_KEY", KEY.to_owned())];
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        all.push((proxy, model.to_owned()));
    }
    all.extend(["NO_PROXY", "no_proxy"].map(|name| (name, "127.0.0.1,localhost,::1".to_owned())));
    let switches = [
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
        "DISABLE_TELEMETRY",
        "DISABLE_ERROR_REPORTING",
        "DISABLE_AUTOUPDATER",
    ];
    all.extend(switches.map(|name| (name, "1".to_owned())));
    all
}

/// Whether a model can listen on this machine, and the client reach it there.
///
/// # Errors
/// It cannot: what forbids that, most likely.
pub fn loopback() -> anyhow::Result<()> {
    let model = TcpListener::bind("127.0.0.1:0");
    let reached = model.and_then(|model| TcpStream::connect_timeout(&model.local_addr()?, Duration::from_secs(5)));
    reached.map(drop).context(
        "the scripted model needs a port of 127.0.0.1, and the client must reach it: where a sandbox, a container without a \
         loopback device or a firewall forbids that, --live cannot run; `stanch verify` without it can",
    )
}

/// The administrator's settings hold for every start of the client, whatever is given on its command line.
///
/// # Errors
/// They lead the client elsewhere, or have it run hooks that are not stanch's where that was not asked for.
pub fn against_the_administrator(files: &Files, other_hooks: bool) -> anyhow::Result<()> {
    let managed = files.files.iter().filter(|file| file.origin == Origin::Managed);
    let mut all: Vec<(&Path, Value)> = managed.map(|file| (file.path.as_path(), file.settings.clone())).collect();
    let parts = managed_settings().with_extension("d");
    let parts: Vec<_> = std::fs::read_dir(parts).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    for path in parts.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        let settings = std::fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok());
        all.push((path, settings.unwrap_or_default()));
    }
    for (path, settings) in all {
        let names = settings["env"].as_object().into_iter().flatten().map(|(name, _)| name);
        // What switches something off leads nowhere.
        if let Some(name) = names.into_iter().find(|name| leads_out(name) && !name.contains("DISABLE_")) {
            bail!(
                "{} sets env.{name}, which --live cannot set otherwise: the client might leave this machine, and was not \
                 started. `stanch verify` without --live tries the hooks by themselves",
                path.display()
            );
        }
        if !other_hooks && super::settings::has_other_hooks(&settings) {
            bail!(
                "{} registers hooks that are not stanch's, and the client would run them: say --other-hooks if it may",
                path.display()
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_elsewhere_is_left_out_and_what_stanch_needs_is_not() {
        for name in
            ["ANTHROPIC_BASE_URL", "https_proxy", "CLAUDE_CODE_USE_BEDROCK", "OTEL_EXPORTER_OTLP_ENDPOINT", "HOME"]
        {
            assert!(leads_out(name), "{name}");
        }
        for name in
            ["CLAUDE_CODE_SHELL_PREFIX", "CLAUDE_CODE_FILE_READ_MAX_OUTPUT_TOKENS", "MAX_MCP_OUTPUT_TOKENS", "PATH"]
        {
            assert!(!leads_out(name), "{name}");
        }
        for (name, _) in environment("http://127.0.0.1:1") {
            assert!(leads_out(name), "{name} could be set otherwise");
        }
    }
}
