//! Codex, headless: `codex exec` with a provider of its own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::{Agent, Ground, enclosed, pinned};
use crate::hooks::Hooks;
use crate::playground::Playground;

/// A model that the executable knows, and with it the tool `apply_patch`.
const MODEL: &str = "gpt-5.5";

/// `codex exec`, up to the prompt.
pub(super) fn command(
    playground: &Playground,
    hooks: &Hooks,
    ground: &Ground,
    endpoint: &str,
    mcp: Option<&[String]>,
) -> Result<Command> {
    let home = playground.config();
    let mut config = format!(
        "model = \"{MODEL}\"\nmodel_provider = \"script\"\n\n[analytics]\nenabled = false\n\n[model_providers.script]\n\
         name = \"script\"\nbase_url = \"{endpoint}\"\nwire_api = \"responses\"\nenv_key = \"SCRIPT_KEY\"\n\
         request_max_retries = 0\nstream_max_retries = 0\nsupports_websockets = false\n"
    );
    if let Some([program, arguments @ ..]) = mcp {
        // A string of JSON is one of TOML.
        config.push_str(&format!(
            "\n[mcp_servers.lab]\ncommand = {}\nargs = {}\ndefault_tools_approval_mode = \"approve\"\n",
            serde_json::to_string(program)?,
            serde_json::to_string(arguments)?
        ));
    }
    config.push_str(&ground.config);
    fs::write(home.join("config.toml"), config)?;
    if !ground.keeps_hooks {
        fs::write(home.join("hooks.json"), hooks.settings().to_string())?;
    }
    let mut command = enclosed(located()?);
    command.args(["exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]);
    // A person reviews new hooks with /hooks, once; until then none of them runs.
    if !ground.unreviewed {
        command.arg("--dangerously-bypass-hook-trust");
    }
    command.env("CODEX_HOME", home).env("SCRIPT_KEY", "not-a-key");
    Ok(command)
}

/// The pinned executable.
pub fn located() -> Result<PathBuf> {
    pinned(Agent::Codex, &executable()?)
}

/// Where the package of this platform has it.
fn executable() -> Result<String> {
    let (package, triple) = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => ("linux-x64", "x86_64-unknown-linux-musl"),
        ("linux", "aarch64") => ("linux-arm64", "aarch64-unknown-linux-musl"),
        ("macos", "x86_64") => ("darwin-x64", "x86_64-apple-darwin"),
        ("macos", "aarch64") => ("darwin-arm64", "aarch64-apple-darwin"),
        (os, arch) => bail!("no test of Codex on {os}, {arch}"),
    };
    Ok(format!("@openai/codex-{package}/vendor/{triple}/bin/codex"))
}
