//! Reading `[command]`, `[tree]` and the sources that are no launch argument.

use std::ops::Range;

use super::LabelDraft;
use super::read::label;
use super::web::{pairs, texts};
use crate::command::CommandLimits;
use lazaret_manifest::name::Name;
use lazaret_manifest::reader::{Entry, Section, TextOrList};
use lazaret_manifest::text::{At, Report};

/// The keys of `[command]` that are no groups.
const OWN: [&str; 6] = [
    "sandbox",
    "caches",
    "wall_ms",
    "output_bytes",
    "memory_mib",
    "processes",
];

/// An hour: what takes longer belongs into a service of its own.
const MAX_WALL_MS: u64 = 3_600_000;
const DEFAULT_WALL_MS: u64 = 600_000;

/// As much as one content may have.
const MAX_OUTPUT_BYTES: u64 = 8 * 1024 * 1024;
const DEFAULT_OUTPUT_BYTES: u64 = 1024 * 1024;

const MAX_MEMORY_MIB: u64 = 1024 * 1024;
const DEFAULT_MEMORY_MIB: u64 = 4_096;

/// Fewer than this the kernel cannot keep a group of processes to.
const MIN_PROCESSES: u64 = 301;
const MAX_PROCESSES: u64 = 32_768;
const DEFAULT_PROCESSES: u64 = 512;

/// `[command]`.
#[derive(Debug)]
pub(in crate::policy) struct CommandDraft {
    pub(in crate::policy) span: Range<usize>,
    pub(in crate::policy) sandbox: Option<At<String>>,
    pub(in crate::policy) caches: Vec<At<String>>,
    pub(in crate::policy) groups: Vec<GroupDraft>,
    pub(in crate::policy) limits: CommandLimits,
}

/// One group: a list of patterns, or a table.
#[derive(Debug)]
pub(in crate::policy) struct GroupDraft {
    pub(in crate::policy) name: At<String>,
    pub(in crate::policy) run: Vec<At<String>>,
    pub(in crate::policy) net: Vec<At<String>>,
    pub(in crate::policy) private: Vec<At<String>>,
    pub(in crate::policy) secrets: SecretsDraft,
    pub(in crate::policy) label: Option<At<String>>,
    pub(in crate::policy) tolerate: Option<TextOrList>,
    pub(in crate::policy) recipients: Option<TextOrList>,
    pub(in crate::policy) decide: Option<At<String>>,
    pub(in crate::policy) write: bool,
}

/// The secrets of a group.
#[derive(Debug)]
pub(in crate::policy) enum SecretsDraft {
    /// By name: each in the variable that it comes from.
    Named(Vec<At<String>>),
    /// By variable.
    By(Vec<(At<String>, At<String>)>),
}

/// `[tree]`.
#[derive(Debug)]
pub(in crate::policy) struct TreeDraft {
    pub(in crate::policy) span: Range<usize>,
    pub(in crate::policy) source: Option<At<String>>,
    pub(in crate::policy) from: Option<At<String>>,
    pub(in crate::policy) share: Vec<At<String>>,
    pub(in crate::policy) tolerate: Option<TextOrList>,
    pub(in crate::policy) otherwise: Option<At<String>>,
}

/// `[source.NAME]`, where NAME is not `args`.
#[derive(Debug)]
pub(in crate::policy) struct NamedSourceDraft {
    pub(in crate::policy) name: At<String>,
    pub(in crate::policy) label: LabelDraft,
    pub(in crate::policy) path: Option<At<String>>,
    pub(in crate::policy) hide: Option<TextOrList>,
}

/// Reads a source that is no launch argument.
pub(super) fn source(
    name: At<String>,
    mut section: Section<'_>,
    report: &mut Report,
) -> NamedSourceDraft {
    let draft = NamedSourceDraft {
        name,
        label: label(&mut section, report),
        path: section.text(report, "path"),
        hide: section.text_or_list(report, "hide"),
    };
    section.finish(report);
    draft
}

/// Reads where writers work.
pub(super) fn tree(root: &mut Section<'_>, report: &mut Report) -> Option<TreeDraft> {
    let mut section = root.section(report, "tree")?;
    let (mut tolerate, mut otherwise) = (None, None);
    if let Some(mut apply) = section.section(report, "apply") {
        tolerate = apply.text_or_list(report, "tolerate");
        otherwise = apply.text(report, "otherwise");
        apply.finish(report);
    }
    let draft = TreeDraft {
        span: section.span().clone(),
        source: section.text(report, "source"),
        from: section.text(report, "from"),
        share: texts(&mut section, report, "share"),
        tolerate,
        otherwise,
    };
    section.finish(report);
    Some(draft)
}

/// Reads which plugin runs code that agents write.
pub(super) fn code(root: &mut Section<'_>, report: &mut Report) -> Option<At<String>> {
    let mut section = root.section(report, "code")?;
    let plugin = section.required_text(report, "plugin");
    section.finish(report);
    plugin
}

/// Reads which commands there are. Every key that is not the section's own is a group.
pub(super) fn command(root: &mut Section<'_>, report: &mut Report) -> Option<CommandDraft> {
    let mut section = root.section(report, "command")?;
    let mut number =
        |key, range, otherwise| section.number(report, key, range).unwrap_or(otherwise);
    let limits = CommandLimits {
        wall_ms: number("wall_ms", 1..=MAX_WALL_MS, DEFAULT_WALL_MS),
        output_bytes: number("output_bytes", 1..=MAX_OUTPUT_BYTES, DEFAULT_OUTPUT_BYTES),
        memory_mib: number("memory_mib", 16..=MAX_MEMORY_MIB, DEFAULT_MEMORY_MIB),
        processes: number(
            "processes",
            MIN_PROCESSES..=MAX_PROCESSES,
            DEFAULT_PROCESSES,
        ),
    };
    let draft = CommandDraft {
        span: section.span().clone(),
        sandbox: section.text(report, "sandbox"),
        caches: texts(&mut section, report, "caches"),
        groups: Vec::new(),
        limits,
    };
    let groups = section.lists_and_tables(report, Name::Loose, &OWN);
    let groups = groups.into_iter();
    Some(CommandDraft {
        groups: groups
            .map(|(name, entry)| group(name, entry, report))
            .collect(),
        ..draft
    })
}

fn group(name: At<String>, entry: Entry<'_>, report: &mut Report) -> GroupDraft {
    let mut section = match entry {
        Entry::List(run) => {
            return GroupDraft {
                name,
                run,
                net: Vec::new(),
                private: Vec::new(),
                secrets: SecretsDraft::Named(Vec::new()),
                label: None,
                tolerate: None,
                recipients: None,
                decide: None,
                write: true,
            };
        }
        Entry::Table(section) => section,
    };
    let draft = GroupDraft {
        name,
        run: texts(&mut section, report, "run"),
        net: texts(&mut section, report, "net"),
        private: texts(&mut section, report, "private"),
        secrets: secrets(&mut section, report),
        label: section.text(report, "label"),
        tolerate: section.text_or_list(report, "tolerate"),
        recipients: section.text_or_list(report, "recipients"),
        decide: section.text(report, "decide"),
        write: section.flag(report, "write").unwrap_or(true),
    };
    section.finish(report);
    draft
}

fn secrets(section: &mut Section<'_>, report: &mut Report) -> SecretsDraft {
    if section.is_table("secrets") {
        return SecretsDraft::By(pairs(section, report, "secrets"));
    }
    SecretsDraft::Named(texts(section, report, "secrets"))
}
