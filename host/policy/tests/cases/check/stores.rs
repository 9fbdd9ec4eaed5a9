//! Does what is behind a server, a site or a command take only tags that come back?

use std::collections::BTreeMap;

use lazaret_kernel::tables::Verdict;
use lazaret_policy::compile::compile;
use lazaret_policy::policy::Policy;

use super::{checked, said};

/// What is said of stores that lose tags.
fn lost(text: &str) -> Vec<String> {
    let said = said(&checked(text)).into_iter();
    said.filter(|one| one.contains(" store-tolerance: "))
        .collect()
}

/// What to do about the first of them.
fn hint(text: &str) -> Option<String> {
    let checked = checked(text);
    let mut all = checked.errors.into_iter();
    all.find(|one| one.code == "store-tolerance")?.hint
}

/// Two functions of a server: what one takes, and what each says of its answers.
fn server(takes: &str, put: &str, get: &str) -> Vec<String> {
    lost(&format!(
        "version = 1\n[source.args]\ntags = [\"mail\"]\n[files.desk]\npath = \"desk\"\ntags = [\"file\"]\n\
         [tool.notes]\nmcp = [\"notes\"]\n[tool.notes.fn.put]\nargs = {{ text = {takes} }}\n{put}\n\
         [tool.notes.fn.get]\n{get}\n"
    ))
}

#[test]
fn a_server_that_is_written_and_read_takes_only_what_comes_back() {
    let from = |what: &str| {
        vec![format!(
            "10:1 store-tolerance: what `notes.put` takes would come back from {what} without its tags: a server keeps no labels"
        )]
    };
    let mail = "label = { tags = [\"mail\"] }";
    let more = "label = { tags = [\"mail\", \"file\"] }";
    let other = "label = { tags = [\"file\"] }";
    assert_eq!(server("[\"mail\"]", mail, ""), from("`notes.get`"));
    assert_eq!(server("[\"mail\"]", mail, other), from("`notes.get`"));
    assert_eq!(server("\"*\"", more, mail), from("`notes.get`"));
    assert_eq!(server("[\"mail\"]", "", more), from("a later call of it"));
    assert_eq!(
        server("[\"mail\"]", other, more),
        from("a later call of it")
    );
    assert_eq!(server("[\"mail\"]", mail, more), [""; 0]);
    assert_eq!(server("[]", "", ""), [""; 0]);
    // It is enough that one argument takes it.
    let one_of_two = "[\"mail\"], number = []";
    assert_eq!(server(one_of_two, mail, other), from("`notes.get`"));
}

/// Whether a person may let a tag through to a function.
fn passes(text: &str, function: &str, tag: &str) -> bool {
    let policy = Policy::parse("lazaret.toml", text).unwrap();
    let compiled = compile(&policy, &BTreeMap::new()).unwrap();
    let tag = compiled.names.find_tag(tag).unwrap();
    let id = compiled.function_id(function).unwrap();
    let passes = match compiled.tables.function(id).unwrap().verdict {
        Verdict::Ask { passes } | Verdict::AskOtherwise { passes } => Some(passes),
        Verdict::Allow => None,
    };
    tag.is_subset(passes.unwrap())
}

#[test]
fn a_person_lets_no_tag_into_a_store_that_it_would_lose() {
    let text = "version = 1\n[source.args]\ntags = [\"mail\"]\n[tool.notes]\nmcp = [\"notes\"]\n\
         [tool.notes.fn.put]\nargs = { text = [] }\ndecide = \"ask\"\nlabel = { tags = [\"mail\"] }\n\
         [tool.notes.fn.get]\n[tool.lone]\nmcp = [\"lone\"]\n[tool.lone.fn.put]\nargs = { text = [] }\n\
         decide = \"ask\"\n[tool.kept]\nmcp = [\"kept\"]\n[tool.kept.fn.put]\nargs = { text = [] }\n\
         decide = \"ask\"\nlabel = { tags = [\"mail\"] }\n";
    assert!(!passes(text, "notes.put", "mail"));
    assert!(!passes(text, "lone.put", "mail"));
    assert!(passes(text, "kept.put", "mail"));
}

/// Groups that reach one host: one reads there, the other says something there.
const GROUPS: &str = r#"version = 1
[source.args]
tags = ["mail"]
[source.project]
path = "."
tags = ["repo"]
[source.hub]
tags = ["pr"]
[secret.hub]
from = "env:HUB"
hosts = ["hub.org", "api.hub.org"]
[tree]
[command]
remote = { run = ["gh view *"], net = ["hub.org"], label = "hub", decide = "ask-otherwise" }
exits = { run = ["gh post *"], net = ["hub.org"], label = "hub", decide = "ask" }
"#;

#[test]
fn what_a_person_lets_a_command_say_comes_back_with_its_tags() {
    let let_through = |text: &str| {
        let tags = ["repo", "pr", "mail"].into_iter();
        tags.filter(|tag| passes(text, "command.exits", tag))
            .collect::<Vec<_>>()
    };
    assert_eq!(let_through(GROUPS), ["repo", "pr"]);
    assert!(!passes(GROUPS, "command.remote", "mail"));
    let carried = GROUPS.replace("[\"pr\"]", "[\"pr\", \"mail\"]");
    assert_eq!(let_through(&carried), ["repo", "pr", "mail"]);
    // The same host, with nothing that strangers wrote in what it says of its answers.
    let unlabelled = GROUPS.replacen("label = \"hub\", decide = \"ask-", "decide = \"ask-", 1);
    assert_eq!(let_through(&unlabelled), ["repo"]);
    let elsewhere = unlabelled.replacen("[\"hub.org\"], decide", "[\"other.org\"], decide", 1);
    assert_eq!(let_through(&elsewhere), ["repo", "pr"]);
    // Another host, to which the same secret belongs.
    let key = "[\"api.hub.org\"], secrets = [\"hub\"], decide";
    let same_key = unlabelled
        .replacen("[\"hub.org\"], decide", key, 1)
        .replacen(
            "[\"hub.org\"], label",
            "[\"hub.org\"], secrets = [\"hub\"], label",
            1,
        );
    assert_eq!(let_through(&same_key), ["repo"]);
    // Every page of the web, that host's among them.
    let pages =
        |tags: &str| format!("{GROUPS}[web.pages]\nallow = [\"https://*/**\"]\ntags = {tags}\n");
    assert_eq!(let_through(&pages("[\"web\"]")), [""; 0]);
    let all = pages("[\"web\", \"repo\", \"pr\"]");
    assert_eq!(let_through(&all), ["repo", "pr"]);
}

#[test]
fn a_group_that_reaches_hosts_tolerates_only_what_its_answers_carry() {
    let tolerant = |tag: &str| {
        let text = GROUPS.replace("decide = \"ask\"", &format!("tolerate = [\"{tag}\"]"));
        lost(&text)
    };
    assert_eq!(
        tolerant("mail"),
        [
            "15:77 store-tolerance: what `command.exits` takes would come back from `command.remote` without its tags: a server keeps no labels"
        ]
    );
    assert_eq!(tolerant("pr"), [""; 0]);
    let advised = |label: &str| {
        let text = GROUPS.replace("decide = \"ask\"", "tolerate = [\"mail\"]");
        hint(&text.replace(", label = \"hub\"", label)).unwrap()
    };
    assert_eq!(
        advised(", label = \"hub\""),
        "add the tags to `tags` of `[source.hub]`, or do not tolerate them here"
    );
    assert_eq!(
        advised(""),
        "add the tags to a source that is `label` of the group `remote`, or do not tolerate them here"
    );
}

#[test]
fn a_site_that_is_changed_and_read_takes_only_what_its_pages_carry() {
    let site = |methods: &str, tags: &str| {
        let text = format!(
            "version = 1\n[source.args]\ntags = [\"mail\"]\n[web.wiki]\nallow = [\"https://w.org/**\"]\n\
             methods = {methods}\ntags = {tags}\ntolerate = [\"mail\"]\n"
        );
        let lost = lost(&text);
        assert!(lost.iter().all(|one| one.starts_with("8:")), "{lost:?}");
        lost.len()
    };
    assert_eq!(site("[\"get\", \"post\"]", "[\"web\"]"), 1);
    assert_eq!(site("[\"get\", \"post\", \"put\"]", "[\"web\"]"), 1);
    assert_eq!(site("[\"get\", \"post\"]", "[\"web\", \"mail\"]"), 0);
    assert_eq!(site("[\"post\"]", "[\"web\"]"), 1);
    assert_eq!(site("[\"post\"]", "[\"mail\"]"), 0);
    assert_eq!(site("[\"get\", \"head\"]", "[\"web\"]"), 0);
}

/// What takes mails at `w.org`, and says that they come back.
const INTO: &str = "version = 1\n[source.args]\ntags = [\"mail\"]\n[web.into]\n\
    allow = [\"https://w.org/in/**\"]\nmethods = [\"post\"]\ntags = [\"mail\"]\ntolerate = [\"mail\"]\n";

#[test]
fn what_one_section_takes_does_not_come_back_by_another_without_its_tags() {
    let site = |allow: &str| format!("[web.out]\nallow = [\"{allow}\"]\ntags = [\"web\"]\n");
    let desk = |mcp: &str, rest: &str| {
        format!(
            "[tool.desk]\nmcp = {mcp}\n{rest}\n[tool.desk.fn.list]\nlabel = {{ tags = [\"web\"] }}\n\
             [secret.key]\nfrom = \"env:KEY\"\nhosts = [\"w.org\"]\n"
        )
    };
    let search = |host: &str| {
        format!("[web.search]\nurl = \"https://{host}/?q={{query}}\"\ntags = [\"web\"]\n")
    };
    let command = |host: &str| {
        format!(
            "[source.project]\npath = \".\"\ntags = [\"repo\"]\n[tree]\n[command]\n\
             out = {{ run = [\"gh *\"], net = [\"{host}\"] }}\n"
        )
    };
    let with_key = "secrets = { KEY = \"key\" }";
    let header = |secret: &str| {
        format!(
            "[web.out]\nallow = [\"https://v.org/**\"]\ntags = [\"web\"]\nheaders = {{ X-Key = \"{secret}\" }}\n\
             [secret.key]\nfrom = \"env:KEY\"\nhosts = [\"v.org\", \"w.org\"]\n"
        )
    };
    for (other, twin, name) in [
        (
            site("https://w.org/**"),
            site("https://v.org/**"),
            "web.out.get",
        ),
        (
            site("https://*/**"),
            site("https://*.w.org/**"),
            "web.out.get",
        ),
        (
            site("http://w.org:81/x"),
            site("http://v.org:81/x"),
            "web.out.get",
        ),
        (search("w.org"), search("v.org"), "web.search"),
        (command("w.org"), command("v.org"), "command.out"),
        (
            desk("\"https://w.org/mcp\"", ""),
            desk("\"https://v.org/mcp\"", ""),
            "desk.list",
        ),
        (header("{secret.key}"), header("secret"), "web.out.get"),
        (
            desk("[\"desk\"]", with_key),
            desk("[\"desk\"]", ""),
            "desk.list",
        ),
    ] {
        let found = lost(&format!("{INTO}{other}"));
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        let said = format!("what `web.into.post` takes would come back from `{name}` without");
        assert!(found[0].contains(&said), "{found:?}");
        assert_eq!(lost(&format!("{INTO}{twin}")), [""; 0], "{name}");
    }
}

#[test]
fn one_program_is_one_store_under_however_many_names() {
    let two = |other: &str| {
        lost(&format!(
            "version = 1\n[source.args]\ntags = [\"mail\"]\n[tool.one]\nmcp = [\"notes\", \"-v\"]\n\
             [tool.one.fn.put]\nargs = {{ text = [\"mail\"] }}\nlabel = {{ tags = [\"mail\"] }}\n\
             [tool.two]\nmcp = {other}\n[tool.two.fn.get]\n"
        ))
    };
    let found = two("[\"notes\", \"-v\"]");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("from `two.get` without"), "{found:?}");
    assert_eq!(two("[\"others\"]"), [""; 0]);
}
