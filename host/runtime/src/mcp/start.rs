//! Starts the servers that a run may call, and holds what they say against what was pinned.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use futures_util::future::join_all;
use lazaret_kernel::tables::Grants;
use lazaret_policy::compiled::{Compiled, FunctionKind};
use lazaret_policy::secret::SecretRule;
use lazaret_policy::server;

use super::{Offer, Server, Surroundings};
use crate::error::HostError;
use crate::models::Keys;
use crate::secrets::Vault;

/// Where the pinned texts are, below the working directory.
const PINS: &str = ".lazaret/pins";

/// Starts every server that some grant reaches.
pub(crate) async fn start_all(
    compiled: &Compiled,
    around: &Surroundings<'_>,
) -> Result<BTreeMap<String, Server>, HostError> {
    let wanted = wanted(compiled);
    let rules = compiled
        .servers
        .iter()
        .filter(|(name, _)| wanted.contains(name.as_str()));
    let starting = rules.map(|(name, rule)| async move {
        let started = Server::start(rule, around).await;
        let server = started.map_err(|message| HostError::server(name, message))?;
        check_pin(name, rule, server.offer(), around.directory)?;
        Ok((name.clone(), server))
    });
    join_all(starting).await.into_iter().collect()
}

/// Starts one server, asks what it offers, and ends it.
pub async fn inspect(
    name: &str,
    rule: &server::Server,
    secrets: &BTreeMap<String, SecretRule>,
    keys: &Keys,
    directory: &Path,
) -> Result<Offer, HostError> {
    let vault = Vault::open(secrets, keys, directory);
    let around = Surroundings {
        vault: &vault,
        keys,
        directory,
    };
    let started = Server::start(rule, &around).await;
    let server = started.map_err(|message| HostError::server(name, message))?;
    let offer = server.offer().clone();
    server.end().await;
    Ok(offer)
}

/// Returns where the text of a digest is kept.
pub fn pin_path(directory: &Path, digest: &str) -> PathBuf {
    directory.join(PINS).join(format!("{digest}.json"))
}

/// Returns the pinned text, if it is still what the digest is of.
pub fn pinned_text(directory: &Path, digest: &str) -> Option<String> {
    let text = std::fs::read_to_string(pin_path(directory, digest)).ok()?;
    (crate::plugin::digest(text.as_bytes()) == digest).then_some(text)
}

fn check_pin(
    name: &str,
    rule: &server::Server,
    offer: &Offer,
    directory: &Path,
) -> Result<(), HostError> {
    let Some(pin) = rule.pin.as_ref().filter(|pin| **pin != offer.digest()) else {
        return Ok(());
    };
    let difference = pinned_text(directory, pin).map(|text| offer.difference(&text));
    Err(HostError::Pin {
        name: name.to_owned(),
        difference: difference.unwrap_or_default(),
    })
}

/// The servers of which somebody was granted a function.
fn wanted(compiled: &Compiled) -> BTreeSet<&str> {
    let profiles = compiled
        .tables
        .profiles
        .iter()
        .map(|profile| &profile.grants);
    let workflow = compiled.workflow.iter().map(|workflow| &workflow.grants);
    let granted = profiles.chain(workflow).flat_map(Grants::functions);
    let functions = granted.filter_map(|id| compiled.function(id));
    functions
        .filter_map(|function| match &function.kind {
            FunctionKind::Mcp { server, .. } => Some(server.as_str()),
            _ => None,
        })
        .collect()
}
