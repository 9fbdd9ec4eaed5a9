//! `lazaret tools`: MCP servers of a policy, added and pinned by a person who saw what they say.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use lazaret_policy::policy::Policy;
use lazaret_policy::server::{Reached, Server};
use lazaret_runtime::mcp::{self, Offer};
use serde_json::json;

use crate::cli::{Tools, ToolsAdd, ToolsList, ToolsPin};
use crate::problem::Problems;
use crate::{secrets, ui};

mod section;

/// What a policy begins with where there was none.
const NEW_POLICY: &str = "version = 1\n";

pub(crate) fn run(arguments: &Tools) -> Result<ExitCode> {
    match arguments {
        Tools::Add(add) => self::add(add),
        Tools::List(list) => self::list(list),
        Tools::Pin(pin) => self::pin(pin),
    }
}

fn add(arguments: &ToolsAdd) -> Result<ExitCode> {
    let file = arguments.policy.as_path();
    let before = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => NEW_POLICY.to_owned(),
        Err(error) => return Err(error).with_context(|| unreadable(file)),
    };
    let name = &arguments.name;
    let policy = parse(file, &before)?;
    if policy.servers().iter().any(|(other, _)| other == name) {
        bail!(
            "`{}` has a tool `{}` already; `lazaret tools pin` shows what changed",
            file.display(),
            ui::escape(name)
        );
    }
    let head = section::head(arguments);
    let server = find(&parse(file, &format!("{before}\n{head}"))?, name)?;
    let offer = inspect(name, &server, &policy)?;
    let added = section::whole(name, &head, &offer);
    let after = format!("{}\n{added}", before.trim_end());
    parse(file, &after)?;
    keep(&offer)?;
    write(file, &after)?;
    if arguments.json {
        ui::out(&json!({ "tool": name, "pin": format!("sha256:{}", offer.digest()), "functions": functions(&offer), "section": added }).to_string());
    } else {
        show(&offer);
        ui::out(&format!(
            "\nadded to {}:\n\n{}",
            file.display(),
            added.trim_end()
        ));
        ui::out(&format!(
            "\nnext: let a profile use `{name}.FUNCTION`, and read the tag of its answers"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn list(arguments: &ToolsList) -> Result<ExitCode> {
    let file = arguments.policy.as_path();
    let text = std::fs::read_to_string(file).with_context(|| unreadable(file))?;
    let policy = parse(file, &text)?;
    let rows: Vec<_> = policy
        .servers()
        .iter()
        .map(
            |(name, server)| json!({ "tool": name, "reached": reached(server), "pin": server.pin }),
        )
        .collect();
    if arguments.json {
        ui::out(&serde_json::to_string_pretty(&rows)?);
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        ui::note("no MCP server; `lazaret tools add NAME -- PROGRAM …` adds one");
    }
    for (name, server) in policy.servers() {
        let pin = server.pin.as_deref().and_then(|pin| pin.get(..12));
        let pin = pin.map_or_else(|| "not pinned".to_owned(), |pin| format!("pinned {pin}"));
        ui::out(&format!(
            "{name:<20} {pin:<20} {}",
            ui::escape(&reached(server))
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn pin(arguments: &ToolsPin) -> Result<ExitCode> {
    let file = arguments.policy.as_path();
    let text = std::fs::read_to_string(file).with_context(|| unreadable(file))?;
    let policy = parse(file, &text)?;
    let server = find(&policy, &arguments.name)?;
    let offer = inspect(&arguments.name, &server, &policy)?;
    let digest = format!("sha256:{}", offer.digest());
    if server.pin.as_deref() == Some(&offer.digest()) {
        keep(&offer)?;
        ui::out(&format!("{}: as pinned, {digest}", arguments.name));
        return Ok(ExitCode::SUCCESS);
    }
    let older = server
        .pin
        .as_deref()
        .and_then(|pin| mcp::pinned_text(Path::new("."), pin));
    match older {
        Some(older) => show_lines(&offer.difference(&older)),
        None => show(&offer),
    }
    match &arguments.digest {
        Some(accepted) if *accepted == digest => {
            let after = section::with_pin(&text, &arguments.name, &digest);
            let after = after.with_context(|| {
                format!(
                    "`{}` has no line `[tool.{}]`; write `pin = \"{digest}\"` there",
                    file.display(),
                    arguments.name
                )
            })?;
            parse(file, &after)?;
            keep(&offer)?;
            write(file, &after)?;
            ui::out(&format!("{}: pinned {digest}", arguments.name));
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => bail!("the server offers {digest} now, not {}", ui::escape(other)),
        None => {
            ui::note(&format!(
                "nothing was pinned; if this is right: lazaret tools pin {} --digest {digest}",
                arguments.name
            ));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn unreadable(file: &Path) -> String {
    format!(
        "`{}` could not be read; name a policy with `--policy FILE`",
        file.display()
    )
}

fn parse(file: &Path, text: &str) -> Result<Policy> {
    let parsed = Policy::parse(&file.display().to_string(), text);
    Ok(parsed.map_err(|all| Problems {
        source: text.to_owned(),
        all,
    })?)
}

fn find(policy: &Policy, name: &str) -> Result<Server> {
    let found = policy.servers().iter().find(|(other, _)| other == name);
    let names: Vec<&str> = policy
        .servers()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    found.map(|(_, server)| server.clone()).with_context(|| {
        let name = ui::escape(name);
        format!(
            "the policy has no MCP server `{name}`; it has: {}",
            names.join(", ")
        )
    })
}

fn inspect(name: &str, server: &Server, policy: &Policy) -> Result<Offer> {
    ui::note(&format!("asking {} …", ui::escape(&reached(server))));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime could not be started")?;
    let secrets: BTreeMap<_, _> = policy.secrets().iter().cloned().collect();
    let keys = secrets::keys();
    let here = std::env::current_dir().context("the working directory is gone")?;
    let asked = mcp::inspect(name, server, &secrets, &keys, &here);
    Ok(runtime.block_on(asked)?)
}

fn reached(server: &Server) -> String {
    match &server.reached {
        Reached::Process(program) => program.command.join(" "),
        Reached::Address { url, .. } => url.clone(),
    }
}

/// Keeps the text of a digest, so that a later change can be shown.
fn keep(offer: &Offer) -> Result<()> {
    let path = mcp::pin_path(Path::new("."), &offer.digest());
    let parent = path.parent().unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(parent)
        .with_context(|| format!("`{}` could not be made", parent.display()))?;
    write(&path, offer.text())
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| format!("`{}` could not be written", file.display()))
}

fn functions(offer: &Offer) -> Vec<serde_json::Value> {
    let tools = offer.tools().iter();
    let row = |tool: &mcp::OfferedTool| {
        json!({
            "name": tool.name,
            "description": tool.description,
            "read_only": tool.read_only,
            "destructive": tool.destructive,
            "open_world": tool.open_world,
        })
    };
    tools.map(row).collect()
}

/// What a server says is shown as text of a stranger.
fn show(offer: &Offer) {
    ui::out("the server says of itself:");
    for tool in offer.tools() {
        let claims = [
            (tool.read_only, "changes nothing"),
            (tool.destructive, "may destroy"),
            (tool.open_world, "may reach strangers"),
        ];
        let claims: Vec<&str> = claims
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, claim)| *claim)
            .collect();
        ui::out(&format!(
            "\n  {} ({})",
            ui::escape(&tool.name),
            claims.join(", ")
        ));
        for line in tool.description.lines() {
            ui::out(&format!("    | {}", ui::escape(line)));
        }
    }
}

fn show_lines(text: &str) {
    for line in text.lines() {
        ui::out(&ui::escape(line));
    }
}
