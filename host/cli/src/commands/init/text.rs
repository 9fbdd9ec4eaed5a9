//! The policy's text: what was found, in the grammar of `lazaret.toml`.

use std::fmt::Write as _;

use super::found::{Found, Kind, Models, Provider};

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
    if found.is_repository {
        add(&github(found));
    }
    add(&tree(found));
    add(&commands(found));
    add(&web(found));
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
        "[source.project]\n\
         path = \".\"\ntags = [\"repo\"]\nreaders = \"{readers}\"\nhide = {HIDDEN}\n"
    )
}

/// What the commands below bring in from there, and the token that they are given.
fn github(found: &Found) -> String {
    let variable = quoted(&format!("env:{}", found.github_token));
    format!(
        "[source.github]                        # what strangers wrote there, and what `exits` may say\n\
         tags = [\"pr\", \"web\", \"unknown\"]\nreaders = \"private\"\n\n\
         [secret.github]                        # to the commands below and to these hosts alone\n\
         from = {variable}\nhosts = {}\n",
        list(&GITHUB)
    )
}

/// Agents write to a copy; what they made of it is applied where it is the project's own word.
fn tree(found: &Found) -> String {
    let mut text = String::from(
        "[tree]                                 # agents write to a copy; `apply` is the end of a run\nfrom = \"working-copy\"\n",
    );
    if !found.shared.is_empty() {
        writeln!(text, "share = {}", list(&found.shared)).ok();
    }
    text.push_str("apply = { tolerate = [\"repo\"], otherwise = \"ask\" }\n");
    text
}

/// Commands that read a repository, whatever they are told.
const READ: [&str; 7] = [
    "git diff *",
    "git log *",
    "git show *",
    "git status *",
    "git blame *",
    "ls *",
    "wc *",
];

/// Where the repository's issues and pull requests are.
const GITHUB: [&str; 2] = ["github.com", "api.github.com"];

/// Commands that read there.
const REMOTE: [&str; 7] = [
    "gh pr view *",
    "gh pr diff *",
    "gh pr list *",
    "gh pr checks *",
    "gh issue view *",
    "gh issue list *",
    "git ls-remote *",
];

/// Commands that others see.
const EXITS: [&str; 4] = [
    "gh pr comment *",
    "gh pr create *",
    "gh issue comment *",
    "gh issue create *",
];

/// The commands that belong to a kind of project.
fn of_kind(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Cargo => &["cargo *"],
        Kind::Node => &["npm test *", "npm run *"],
        Kind::Python => &["pytest *", "python -m pytest *", "uv run *"],
        Kind::Go => &["go *"],
        Kind::Make => &["make *"],
    }
}

fn commands(found: &Found) -> String {
    let mut text = String::from(
        "[command]                              # in a sandbox, on the copy; a network only where `net` is\nsandbox = \"required\"\n",
    );
    if !found.caches.is_empty() {
        writeln!(text, "caches = {}", list(&found.caches)).ok();
    }
    writeln!(text, "read = {{ run = {}, write = false }}", list(&READ)).ok();
    let build = build(found);
    if !build.is_empty() {
        writeln!(text, "build = {}", list(&build)).ok();
    }
    if found.is_repository {
        text.push_str(&beyond());
    }
    text
}

/// The groups that leave this machine. Who knows something of the project or of strangers asks
/// before it reads there, and everybody asks before it says something there.
fn beyond() -> String {
    let there = format!("net = {}, secrets = [\"github\"]", list(&GITHUB));
    format!(
        "remote = {{ run = {}, {there}, label = \"github\", decide = \"ask-otherwise\", write = false }}\n\
         exits = {{ run = {}, {there}, label = \"github\", decide = \"ask\", write = false }}\n",
        list(&REMOTE),
        list(&EXITS)
    )
}

fn build(found: &Found) -> Vec<&'static str> {
    let kinds = found.kinds.iter();
    kinds.flat_map(|kind| of_kind(*kind)).copied().collect()
}

/// What has read something private, and asks a site, is a question to the operator each time.
/// GitHub's pages are pages too: with them comes back what `exits` has said there, so that a page
/// carries everything that a person may let out.
fn web(found: &Found) -> String {
    let (tags, why) = if found.is_repository {
        let tags = list(&["web", "pr", "repo", "unknown"]);
        (tags, " # what `exits` has said is on pages too")
    } else {
        (list(&["web"]), "")
    };
    format!(
        "[web.pages]\nallow = [\"https://*/**\"]\nmethods = [\"get\"]\ntags = {tags}{why}\n\
         readers = \"public\"\ntolerate = \"*\"\nrecipients = \"public\"\n\
         decide = \"ask-otherwise\"               # what not everybody may read is asked each time\n"
    )
}

fn profiles(found: &Found) -> String {
    let mut look = vec!["model.*", "files.read", "web.pages.get", "command.read"];
    if found.is_repository {
        look.push("command.remote");
    }
    let mut all = look.clone();
    all.extend(["files.write", "tree.patch", "tree.merge"]);
    if !build(found).is_empty() {
        all.push("command.build");
    }
    if found.is_repository {
        all.push("command.exits");
    }
    let profile = |name: &str, grants: &[&str]| {
        format!(
            "{name}\nplugin = \"agent\"\nreads = \"*\"\nuse = {}\n",
            list(grants)
        )
    };
    profile(
        "[profile.general-purpose]              # agent() without agentType",
        &all,
    ) + "\n"
        + &profile("[profile.Explore]", &look)
}

const BUDGET: &str = r"[budget]
agents = 1000
gate_bits_per_item = 16
";

/// A TOML array of strings.
fn list<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
