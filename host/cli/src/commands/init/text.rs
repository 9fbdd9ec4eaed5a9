//! The policy's text: what was found, in the grammar of `lazaret.toml`.

use std::fmt::Write as _;

use super::found::{Found, Models, Provider};

/// What agents never see of a project: what its `.git` would have somebody run, and keys.
const HIDDEN: &str = r#"[".git", ".env*", "*.pem", "*.key", "id_rsa*", ".npmrc", ".netrc"]"#;

/// Returns the policy of a project; `public` says whether its text may reach web sites.
pub(super) fn policy(found: &Found, public: bool) -> String {
    let mut text = String::new();
    let mut add = |part: &str| {
        text.push_str(part);
        text.push('\n');
    };
    add(HEAD);
    add(&models(&found.models));
    add(&project(public));
    add(WEB);
    add(&profiles(found));
    add(BUDGET);
    text.trim_end().to_owned() + "\n"
}

const HEAD: &str = r#"# Who may do what when `lazaret run` carries out a workflow here. Written by `lazaret init`;
# yours to change. `lazaret policy check` judges it.
version = 1

[readers]
private = ["operator", "models"]       # you, and the models below

[source.args]                          # what `--args @FILE` and pipes carry; what you type is your word
tags = ["unknown"]
readers = "private"
"#;

fn models(models: &Models) -> String {
    let mut text =
        String::from("[models]                               # `lazaret doctor` asks them\n");
    let own;
    let all = match models {
        Models::Found(all) => all.as_slice(),
        Models::Nowhere => {
            own = [nowhere()];
            &own
        }
    };
    for one in all {
        let mut fields = Vec::new();
        fields.extend(one.key.map(|key| format!("key = \"env:{key}\"")));
        let address = one.base_url.as_ref();
        fields.extend(address.map(|address| format!("base_url = {}", quoted(address))));
        let fields = if fields.is_empty() {
            "{}".to_owned()
        } else {
            format!("{{ {} }}", fields.join(", "))
        };
        writeln!(text, "{} = {fields}", one.name).ok();
    }
    if let Some(first) = all.first() {
        let model = |name: &str| quoted(&format!("{}/{name}", first.name));
        writeln!(text, "[models.alias]").ok();
        writeln!(text, "fast = {}", model(&first.fast)).ok();
        writeln!(text, "default = {}", model(&first.middle)).ok();
        writeln!(text, "strong = {}", model(&first.strong)).ok();
    }
    text.push_str(
        "haiku = \"fast\"\nsonnet = \"default\"\nopus = \"strong\"\nfable = \"strong\"\n",
    );
    text
}

/// What is written where no model was found.
fn nowhere() -> Provider {
    let model = "qwen3".to_owned();
    Provider {
        name: "ollama",
        key: None,
        base_url: None,
        fast: model.clone(),
        middle: model.clone(),
        strong: model,
    }
}

fn project(public: bool) -> String {
    let readers = if public { "public" } else { "private" };
    format!(
        "[files.project]                        # agents read it; nothing here is written to\n\
         path = \".\"\ntags = [\"repo\"]\nreaders = \"{readers}\"\nhide = {HIDDEN}\n"
    )
}

/// What has read something private, and asks a site, is a question to the operator each time.
const WEB: &str = r#"[web.pages]
allow = ["https://*/**"]
methods = ["get"]
tags = ["web"]
readers = "public"
tolerate = "*"
recipients = "public"
decide = "ask-otherwise"               # what not everybody may read is asked each time
"#;

fn profiles(_found: &Found) -> String {
    let mut text = String::new();
    for (name, note) in [
        (
            "general-purpose",
            "                # agent() without agentType",
        ),
        ("Explore", ""),
    ] {
        writeln!(
            text,
            "[profile.{name}]{note}\nplugin = \"agent\"\nreads = \"*\"\nuse = [\"model.*\", \"files.read\", \"web.pages.get\"]\n"
        )
        .ok();
    }
    text
}

const BUDGET: &str = r"[budget]
agents = 1000
gate_bits_per_item = 16
";

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
