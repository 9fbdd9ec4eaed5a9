//! Commands and the run tree: their patterns, hosts and secrets, and the functions they are.

use std::net::SocketAddr;

use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::tables::{ArgumentRule, FunctionRule, Verdict};

use super::draft::Draft;
use super::draft::command::{GroupDraft, NamedSourceDraft, SecretsDraft, TreeDraft};
use super::functions::{Functions, function, verdict};
use super::mounts::MountEntry;
use super::scope::Scope;
use super::web;
use crate::command::{CommandGroup, CommandPattern, Commands, TREE, TreeRule};
use crate::compiled::{FunctionKind, WorktreeAct};
use crate::secret::{SecretRule, SecretSource};
use crate::web::HostPattern;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::suggest::did_you_mean;
use lazaret_manifest::text::{At, Report};

/// The source of which the run tree is a copy where nothing else is written.
const PROJECT: &str = "project";

/// The only place that a tree can come from.
const WORKING_COPY: &str = "working-copy";

/// The only sandbox that there is.
const REQUIRED: &str = "required";

/// The most patterns of one group.
const MAX_PATTERNS: usize = 256;

/// The function by which the run tree reaches the operator's files.
const APPLY: &str = "run.apply";

/// Checks where writers work.
pub(super) fn tree(draft: &Draft, report: &mut Report) -> Option<TreeRule> {
    let tree = draft.tree.as_ref()?;
    only(tree.from.as_ref(), "from", WORKING_COPY, report);
    let written = tree.source.as_ref();
    let source = written.map_or(PROJECT, |name| name.value.as_str());
    let found = draft
        .sources
        .iter()
        .find(|one| one.name.value == source && one.path.is_some());
    if found.is_none() {
        let span = written.map_or(&tree.span, |name| &name.span);
        let message = format!("there is no source {} with a `path`", quote(source));
        let hint = "write `[source.project]` with `path = \".\"`, `tags` and `readers`".to_owned();
        report.hinted(codes::MISSING_FIELD, span, message, hint);
    }
    for shared in &tree.share {
        if !is_below(&shared.value) {
            let message = format!("the path {} may lead elsewhere", quote(&shared.value));
            let hint = "write a path below the project, without `.` or `..` in it".to_owned();
            report.hinted(codes::UNSAFE_PATH, &shared.span, message, hint);
        }
    }
    Some(TreeRule {
        source: source.to_owned(),
        share: tree.share.iter().map(|path| path.value.clone()).collect(),
    })
}

/// Checks every group.
pub(super) fn resolve(
    draft: &Draft,
    secrets: &[(String, SecretRule)],
    report: &mut Report,
) -> Option<Commands> {
    let command = draft.command.as_ref()?;
    only(command.sandbox.as_ref(), "sandbox", REQUIRED, report);
    if draft.tree.is_none() {
        let message = "commands have no directory to run in".to_owned();
        let hint = "add `[tree]`, and `[source.project]` with `path = \".\"`".to_owned();
        report.hinted(codes::MISSING_FIELD, &command.span, message, hint);
    }
    for cache in &command.caches {
        if !is_cache(&cache.value) {
            let message = format!("the path {} may lead elsewhere", quote(&cache.value));
            let hint = "write `~/PATH` or `/PATH`, without `.` or `..` in it".to_owned();
            report.hinted(codes::UNSAFE_PATH, &cache.span, message, hint);
        }
    }
    let groups = command.groups.iter();
    let groups = groups.map(|one| (one.name.value.clone(), group(one, secrets, report)));
    Some(Commands {
        groups: groups.collect(),
        caches: command
            .caches
            .iter()
            .map(|path| path.value.clone())
            .collect(),
        limits: command.limits,
    })
}

/// Reports a source that no rule looks at: what is written there would have no effect.
pub(super) fn unused_sources(draft: &Draft, report: &mut Report) {
    let groups = draft.command.iter().flat_map(|command| &command.groups);
    let named: Vec<&str> = groups
        .filter_map(|group| group.label.as_ref())
        .map(|label| label.value.as_str())
        .collect();
    for source in &draft.sources {
        if source.path.is_none() && !named.contains(&source.name.value.as_str()) {
            let message = format!(
                "nothing comes from the source {}",
                quote(&source.name.value)
            );
            let hint = "give it a `path`, or name it as the `label` of a group of commands; \
                        launch arguments are `[source.args]`";
            report.hinted(
                codes::UNKNOWN_FIELD,
                &source.name.span,
                message,
                hint.to_owned(),
            );
        }
    }
}

impl Functions {
    /// Adds the function that makes the operator's files what the run tree has become. A
    /// person may let every tag through: the person sees every line of it.
    pub(super) fn add_apply(
        &mut self,
        draft: &TreeDraft,
        project: &At<MountEntry>,
        scope: &mut Scope,
        report: &mut Report,
    ) {
        if let Some(other) = draft.otherwise.as_ref().filter(|word| word.value != "ask") {
            let message = format!("`otherwise` is {}", quote(&other.value));
            let hint = "write `ask`, or leave it out".to_owned();
            report.hinted(codes::INVALID_VALUE, &other.span, message, hint);
        }
        let tolerates = match &draft.tolerate {
            Some(written) => scope.tolerance(written, report),
            None => TagSet::EMPTY,
        };
        let label = project.value.mount.label;
        if let Some(written) = &draft.tolerate {
            super::mounts::check_applied(written, tolerates, &project.value, report);
        }
        let rule = FunctionRule {
            arguments: vec![ArgumentRule { tolerates }],
            caller: tolerates,
            recipients: label.readers,
            source: Label::BOTTOM,
            verdict: Verdict::AskOtherwise {
                passes: TagSet::ALL,
            },
        };
        self.add(
            function(APPLY.to_owned(), &["patch"], FunctionKind::Apply),
            rule,
            project,
            report,
        );
    }

    /// Adds the functions by which a step takes over what another has changed in a worktree of
    /// its own. Both the worktree and the run tree keep a label for each file.
    pub(super) fn add_worktrees(&mut self, project: &At<MountEntry>, report: &mut Report) {
        for act in WorktreeAct::ALL {
            let rule = FunctionRule {
                arguments: vec![ArgumentRule {
                    tolerates: TagSet::ALL,
                }],
                caller: TagSet::ALL,
                recipients: Readers::NOBODY,
                source: project.value.mount.label,
                verdict: Verdict::Allow,
            };
            let name = format!("tree.{}", act.name());
            let function = function(name, &["worktree"], FunctionKind::Worktree { act });
            self.add(function, rule, project, report);
        }
    }

    /// Adds the function that runs code with nothing but its input: what it computes carries
    /// what it was given, and reaches nobody.
    pub(super) fn add_code(&mut self, plugin: &At<String>, report: &mut Report) {
        let rule = FunctionRule {
            arguments: vec![
                ArgumentRule {
                    tolerates: TagSet::ALL
                };
                2
            ],
            caller: TagSet::ALL,
            recipients: Readers::NOBODY,
            source: Label::BOTTOM,
            verdict: Verdict::Allow,
        };
        let function = function(
            "code.run".to_owned(),
            &["source", "input"],
            FunctionKind::Code,
        );
        self.add(function, rule, plugin, report);
    }

    /// Adds a function for each group. A command without a network reaches nobody: what it
    /// does stays in the run tree, whose files keep their labels.
    pub(super) fn add_commands(
        &mut self,
        draft: &Draft,
        project: Option<&At<MountEntry>>,
        scope: &mut Scope,
        report: &mut Report,
    ) {
        let mounted = project.map_or(Label::BOTTOM, |mount| mount.value.mount.label);
        let groups = draft.command.iter().flat_map(|command| &command.groups);
        for group in groups {
            let rule = rule(group, &draft.sources, mounted, scope, report);
            let name = format!("command.{}", group.name.value);
            let kind = FunctionKind::Command {
                group: group.name.value.clone(),
            };
            let function = function(name, arguments(group), kind);
            self.add(function, rule, &group.name, report);
        }
    }
}

/// The arguments of a group's function. What reaches hosts can send them every file of the run
/// tree, so that the tree is one of them; the host gives it.
fn arguments(group: &GroupDraft) -> &'static [&'static str] {
    if group.net.is_empty() {
        &["argv", "directory"]
    } else {
        &["argv", "directory", TREE]
    }
}

fn rule(
    draft: &GroupDraft,
    sources: &[NamedSourceDraft],
    mounted: Label,
    scope: &mut Scope,
    report: &mut Report,
) -> FunctionRule {
    let (usual, reached) = if draft.net.is_empty() {
        (TagSet::ALL, Readers::NOBODY)
    } else {
        (TagSet::EMPTY, Readers::PUBLIC)
    };
    let tolerates = match &draft.tolerate {
        Some(written) => scope.tolerance(written, report),
        None => usual,
    };
    let named = draft.label.as_ref();
    let own = named.and_then(|name| label_of(name, sources, scope, report));
    FunctionRule {
        arguments: vec![ArgumentRule { tolerates }; arguments(draft).len()],
        caller: tolerates,
        recipients: scope.recipients(draft.recipients.as_ref(), reached, report),
        source: mounted.join(own.unwrap_or(Label::BOTTOM)),
        verdict: verdict(draft.decide.as_ref(), report),
    }
}

fn label_of(
    name: &At<String>,
    sources: &[NamedSourceDraft],
    scope: &mut Scope,
    report: &mut Report,
) -> Option<Label> {
    if let Some(source) = sources.iter().find(|one| one.name.value == name.value) {
        let private = scope.default_readers();
        return Some(scope.label(&source.label, private, report));
    }
    let message = format!("there is no source {}", quote(&name.value));
    let known = sources.iter().map(|source| source.name.value.as_str());
    let hint = did_you_mean(&name.value, known)
        .unwrap_or_else(|| format!("write `[source.{}]` with `tags` and `readers`", name.value));
    report.hinted(codes::UNKNOWN_LABEL, &name.span, message, hint);
    None
}

fn group(
    draft: &GroupDraft,
    secrets: &[(String, SecretRule)],
    report: &mut Report,
) -> CommandGroup {
    if draft.run.is_empty() {
        let message = format!("the group {} allows no command", quote(&draft.name.value));
        let hint = "write patterns such as `cargo test *`".to_owned();
        report.hinted(codes::MISSING_FIELD, &draft.name.span, message, hint);
    }
    if let Some(one) = draft.run.get(MAX_PATTERNS) {
        let message = format!("{} is one pattern too many", quote(&one.value));
        let hint = format!("write at most {MAX_PATTERNS} patterns in a group");
        report.hinted(codes::TOO_MANY, &one.span, message, hint);
    }
    let run = draft.run.iter().take(MAX_PATTERNS);
    let run = run.filter_map(|written| pattern(written, report)).collect();
    let net = draft
        .net
        .iter()
        .filter_map(|written| checked(written, HostPattern::parse(&written.value), "host", report));
    let net: Vec<HostPattern> = net.collect();
    let private = draft.private.iter().filter_map(|written| {
        let address: Option<SocketAddr> = written.value.parse().ok();
        let form = "write the number and the port, such as `127.0.0.1:8080`";
        checked(written, address.ok_or(form), "address", report)
    });
    let private = private.collect();
    CommandGroup {
        run,
        private,
        secrets: group_secrets(draft, &net, secrets, report),
        net,
        write: draft.write,
        never_run: Vec::new(),
        never_reach: Vec::new(),
    }
}

/// A pattern that no command can fit, because none that does is ever run, is a mistake.
fn pattern(written: &At<String>, report: &mut Report) -> Option<CommandPattern> {
    let parsed = CommandPattern::parse(&written.value);
    let pattern = checked(written, parsed, "command", report)?;
    if let Some(why) = pattern.refusal() {
        let message = format!("no command that {} allows would run", quote(&written.value));
        report.hinted(codes::INVALID_VALUE, &written.span, message, why);
    }
    Some(pattern)
}

fn group_secrets(
    draft: &GroupDraft,
    net: &[HostPattern],
    secrets: &[(String, SecretRule)],
    report: &mut Report,
) -> Vec<(String, String)> {
    let named: Vec<(Option<&At<String>>, &At<String>)> = match &draft.secrets {
        SecretsDraft::Named(list) => list.iter().map(|name| (None, name)).collect(),
        SecretsDraft::By(pairs) => pairs.iter().map(|(key, name)| (Some(key), name)).collect(),
    };
    let mut all = Vec::new();
    for (variable, name) in named {
        let Some(rule) = web::find(&name.value, name, secrets, report) else {
            continue;
        };
        check_hosts(name, rule, net, report);
        let variable = match (variable, &rule.from) {
            (Some(variable), _) => variable.value.clone(),
            (None, SecretSource::Variable(variable)) => variable.clone(),
            (None, SecretSource::File(_)) => {
                let message = format!("the secret {} comes from no variable", quote(&name.value));
                let hint = format!("write `secrets = {{ VARIABLE = \"{}\" }}`", name.value);
                report.hinted(codes::INVALID_VALUE, &name.span, message, hint);
                continue;
            }
        };
        all.push((variable, name.value.clone()));
    }
    all
}

/// A command that holds a secret can send it wherever it can reach.
fn check_hosts(name: &At<String>, rule: &SecretRule, net: &[HostPattern], report: &mut Report) {
    let bound = |host: &HostPattern| rule.hosts.iter().any(|own| own.covers(host));
    if net.is_empty() || !net.iter().all(bound) {
        let message = format!(
            "the secret {} would go to hosts that it is not bound to, or to none",
            quote(&name.value)
        );
        let hint = format!(
            "list the group's `net` in `hosts` of `[secret.{}]`, or take the secret out",
            name.value
        );
        report.hinted(codes::SECRET_HOST, &name.span, message, hint);
    }
}

fn checked<T>(
    written: &At<String>,
    value: Result<T, &str>,
    what: &str,
    report: &mut Report,
) -> Option<T> {
    value
        .map_err(|hint| {
            let message = format!("{} is no such {what}", quote(&written.value));
            report.hinted(
                codes::INVALID_VALUE,
                &written.span,
                message,
                hint.to_owned(),
            );
        })
        .ok()
}

fn only(written: Option<&At<String>>, key: &str, word: &str, report: &mut Report) {
    if let Some(other) = written.filter(|written| written.value != word) {
        let message = format!("`{key}` is {}", quote(&other.value));
        let hint = format!("write `{word}`, or leave it out");
        report.hinted(codes::INVALID_VALUE, &other.span, message, hint);
    }
}

fn is_below(path: &str) -> bool {
    let plain = |part: &str| {
        !matches!(part, "" | "." | "..") && !part.chars().any(|one| one.is_control() || one == '\\')
    };
    path.len() <= 1_024 && path.split('/').all(plain)
}

fn is_cache(path: &str) -> bool {
    let rest = path.strip_prefix("~/").or_else(|| path.strip_prefix('/'));
    rest.is_some_and(is_below)
}
