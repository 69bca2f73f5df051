//! Qwen Code, headless: its bundle under node, with an OpenAI-compatible endpoint.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;

use super::{Agent, Ground, enclosed, pinned};
use crate::hooks::Hooks;
use crate::playground::Playground;

/// `qwen`, up to the prompt.
pub(super) fn command(
    playground: &Playground,
    hooks: &Hooks,
    ground: &Ground,
    endpoint: &str,
    mcp: Option<&[String]>,
) -> Result<Command> {
    let path = playground.config().join("settings.json");
    let mut settings = if ground.keeps_hooks {
        serde_json::from_slice(&fs::read(&path)?).context("the settings are not JSON")?
    } else {
        hooks.settings()
    };
    settings["telemetry"] = json!({"enabled": false});
    settings["privacy"] = json!({"usageStatisticsEnabled": false});
    settings["general"] = json!({"enableAutoUpdate": false});
    settings["security"] = json!({"auth": {"selectedType": "openai"}});
    if let Some([program, arguments @ ..]) = mcp {
        settings["mcpServers"] = json!({"lab": {"command": program, "args": arguments, "trust": true}});
    }
    fs::write(path, settings.to_string())?;
    let mut command = enclosed("node");
    command.arg(pinned(Agent::Qwen, "@qwen-code/qwen-code/cli.js")?);
    command.args(["--approval-mode", "yolo", "--output-format", "json", "-p"]);
    command.env("QWEN_HOME", playground.config()).env("OPENAI_API_KEY", "not-a-key");
    command.env("OPENAI_BASE_URL", endpoint).env("OPENAI_MODEL", "script");
    Ok(command)
}
