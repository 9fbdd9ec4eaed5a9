//! Reading a policy's sections, each by its own function, none stopping another.

use std::ops::Range;

use super::{
    AdviceDraft, Draft, FilesDraft, FunctionDraft, GateDraft, LabelDraft, ProfileDraft, SetDraft,
    SourceDraft, ToolDraft, WorkflowDraft, budget, command, models, server, web,
};
use lazaret_manifest::limits::Limits;
use lazaret_manifest::name::Name;
use lazaret_manifest::reader::{self, Section, TextOrList};
use lazaret_manifest::text::{At, Report};

/// The most agents at the same time: each may take its whole memory.
const MAX_AGENTS_AT_ONCE: u64 = 4_096;
const DEFAULT_AGENTS_AT_ONCE: u64 = 64;

/// The most items of a launch argument: each gets handles, labels and a journal entry.
const MAX_ITEMS: u64 = 100_000;
const DEFAULT_ITEMS: u64 = 1_000;

/// The most bytes of one item.
const MAX_ITEM_BYTES: u64 = 64 * 1024 * 1024;
const DEFAULT_ITEM_BYTES: u64 = 1024 * 1024;

/// Reads every section; nothing that is wrong in one hides another.
pub(in crate::policy) fn read(root: &mut Section<'_>, report: &mut Report) -> Draft {
    let (ceiling, agents_at_once) = limits(root, report);
    let (sites, search) = web::web(root, report);
    let (args, sources) = sources(root, report);
    Draft {
        version: root.required_number(report, "version", 0..=u64::MAX),
        constraints: root.texts(report, "constraints").unwrap_or_default(),
        workflow: workflow(root, report),
        plugins: plugins(root, report),
        readers: sets(root, report, "readers"),
        principals: sets(root, report, "principals"),
        args,
        files: files(root, report),
        sources,
        tree: command::tree(root, report),
        command: command::command(root, report),
        code: command::code(root, report),
        tools: tools(root, report),
        gates: gates(root, report),
        profiles: profiles(root, report),
        models: models::read(root, report),
        sites,
        search,
        secrets: web::secrets(root, report),
        budget: budget::budget(root, report),
        ceiling,
        agents_at_once,
    }
}

fn workflow(root: &mut Section<'_>, report: &mut Report) -> Option<WorkflowDraft> {
    let mut section = root.section(report, "workflow")?;
    let draft = WorkflowDraft {
        name: section.required_name(report, "name", Name::Plain),
        description: section.text(report, "description"),
        orchestrator: section.required_text(report, "orchestrator"),
        untrusted: section.text(report, "untrusted"),
        gates: list(&mut section, report, "gates", Name::Plain),
        order: section.text(report, "order"),
        asks: section.flag(report, "asks").unwrap_or(false),
        print: section.flag(report, "print").unwrap_or(false),
    };
    section.finish(report);
    Some(draft)
}

fn plugins(root: &mut Section<'_>, report: &mut Report) -> Vec<(At<String>, Option<At<String>>)> {
    let mut all = Vec::new();
    for (name, mut section) in root.named(report, "plugin", Name::Plain) {
        all.push((name, section.required_text(report, "file")));
        section.finish(report);
    }
    all
}

fn sets(root: &mut Section<'_>, report: &mut Report, key: &'static str) -> Vec<SetDraft> {
    let Some(section) = root.section(report, key) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (name, value) in section.entries(report, Name::Plain) {
        if let Some(list) = reader::list_of(report, value.get_ref(), &value.span(), &name.value) {
            all.push(SetDraft {
                name,
                principals: list.value,
            });
        }
    }
    all
}

/// The source that is the launch argument.
const ARGS: &str = "args";

fn sources(
    root: &mut Section<'_>,
    report: &mut Report,
) -> (Option<SourceDraft>, Vec<command::NamedSourceDraft>) {
    let Some(mut section) = root.section(report, "source") else {
        return (None, Vec::new());
    };
    let args = section.section(report, ARGS);
    let args = args.map(|section| launch_argument(section, report));
    let others = section.tables(report, Name::Plain, &[ARGS]).into_iter();
    let others = others.map(|(name, section)| command::source(name, section, report));
    (args, others.collect())
}

fn launch_argument(mut section: Section<'_>, report: &mut Report) -> SourceDraft {
    let fields = server::fields(&mut section, report);
    let draft = SourceDraft {
        span: section.span().clone(),
        label: label(&mut section, report),
        items: section.text(report, "items"),
        item_schema: section.text(report, "item_schema"),
        max_items: section
            .number(report, "max_items", 1..=MAX_ITEMS)
            .unwrap_or(DEFAULT_ITEMS),
        max_item_bytes: section
            .number(report, "max_item_bytes", 1..=MAX_ITEM_BYTES)
            .unwrap_or(DEFAULT_ITEM_BYTES),
        fields,
        trusted_if: server::trusted_if(&mut section, report),
    };
    section.finish(report);
    draft
}

fn files(root: &mut Section<'_>, report: &mut Report) -> Vec<FilesDraft> {
    let mut all = Vec::new();
    for (name, mut section) in root.named(report, "files", Name::Plain) {
        all.push(FilesDraft {
            name,
            path: section.required_text(report, "path"),
            label: label(&mut section, report),
            tolerate: section.text_or_list(report, "tolerate"),
            write: section.flag(report, "write").unwrap_or(false),
            create: section.flag(report, "create").unwrap_or(false),
            hide: section.text_or_list(report, "hide"),
        });
        section.finish(report);
    }
    all
}

fn tools(root: &mut Section<'_>, report: &mut Report) -> Vec<ToolDraft> {
    let mut all = Vec::new();
    for (name, mut section) in root.named(report, "tool", Name::Plain) {
        all.push(ToolDraft {
            name,
            plugin: section.text(report, "plugin"),
            server: server::server(&mut section, report),
            uses: list(&mut section, report, "use", Name::Capability),
            functions: functions(&mut section, report),
        });
        section.finish(report);
    }
    all
}

fn functions(tool: &mut Section<'_>, report: &mut Report) -> Vec<FunctionDraft> {
    let mut all = Vec::new();
    for (name, mut section) in tool.named(report, "fn", Name::Loose) {
        let (args, args_span) = arguments(&mut section, report);
        let answer = section.section(report, "label").map(|mut answer| {
            let label = label(&mut answer, report);
            answer.finish(report);
            label
        });
        all.push(FunctionDraft {
            name,
            args,
            args_span,
            caller: section.text_or_list(report, "caller"),
            recipients: section.text_or_list(report, "recipients"),
            label: answer,
            decide: section.text(report, "decide"),
            rule: section.text(report, "rule"),
            schema: section.text(report, "schema"),
            answer: server::answer(&mut section, report),
        });
        section.finish(report);
    }
    all
}

type Arguments = Vec<(At<String>, Option<TextOrList>)>;

fn arguments(function: &mut Section<'_>, report: &mut Report) -> (Arguments, Range<usize>) {
    let Some(section) = function.section(report, "args") else {
        return (Vec::new(), function.span().clone());
    };
    let mut all = Vec::new();
    for (name, value) in section.entries(report, Name::Loose) {
        let tolerates = reader::text_or_list(report, value.get_ref(), &value.span(), &name.value);
        all.push((name, tolerates));
    }
    (all, section.span().clone())
}

fn gates(root: &mut Section<'_>, report: &mut Report) -> Vec<GateDraft> {
    let mut all = Vec::new();
    for (name, mut section) in root.named(report, "gate", Name::Plain) {
        let releases = section.text_or_list(report, "releases");
        let removes = match releases {
            None => section.required_names(report, "removes", Name::Tag),
            Some(_) => section.names(report, "removes", Name::Tag),
        };
        all.push(GateDraft {
            name,
            removes,
            releases,
            bits_per_item: section.required_bits(report, "bits_per_item"),
        });
        section.finish(report);
    }
    all
}

fn profiles(root: &mut Section<'_>, report: &mut Report) -> Vec<ProfileDraft> {
    let mut all = Vec::new();
    for (name, mut section) in root.named(report, "profile", Name::Loose) {
        let like = section.text(report, "like");
        all.push(ProfileDraft {
            name,
            plugin: if like.is_some() {
                None
            } else {
                section.required_text(report, "plugin")
            },
            like,
            tools: section.names(report, "tools", Name::Tool),
            reads: section.text_or_list(report, "reads"),
            readers: section.text_or_list(report, "readers"),
            uses: list(&mut section, report, "use", Name::Capability),
            gates: list(&mut section, report, "gates", Name::Plain),
            bits: section.bits(report, "bits"),
            advice: advice(&mut section, report),
        });
        section.finish(report);
    }
    all
}

fn advice(section: &mut Section<'_>, report: &mut Report) -> AdviceDraft {
    AdviceDraft {
        system: section.text(report, "system"),
        model: section.text(report, "model"),
        effort: section.text(report, "effort"),
        token_budget: section.number(report, "token_budget", 1..=budget::MAX_TOKENS),
    }
}

fn limits(root: &mut Section<'_>, report: &mut Report) -> (Limits, u64) {
    let Some(mut section) = root.section(report, "limits") else {
        return (Limits::MAXIMUM, DEFAULT_AGENTS_AT_ONCE);
    };
    let ceiling = Limits::read(&mut section, report, Limits::MAXIMUM);
    let at_once = section
        .number(report, "agents_at_once", 1..=MAX_AGENTS_AT_ONCE)
        .unwrap_or(DEFAULT_AGENTS_AT_ONCE);
    section.finish(report);
    (ceiling, at_once)
}

/// Tags have to be written, even where there are none: nothing is trusted by leaving it out.
pub(super) fn label(section: &mut Section<'_>, report: &mut Report) -> LabelDraft {
    LabelDraft {
        tags: section
            .required_names(report, "tags", Name::Tag)
            .unwrap_or_default(),
        readers: section.text_or_list(report, "readers"),
    }
}

pub(super) fn list(
    section: &mut Section<'_>,
    report: &mut Report,
    key: &'static str,
    kind: Name,
) -> Vec<At<String>> {
    section.names(report, key, kind).unwrap_or_default()
}
