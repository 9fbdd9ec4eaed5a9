//! A policy's sections as they are written: types checked, names not yet looked up.

use std::collections::BTreeMap;
use std::ops::Range;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::tables::KernelLimits;

use crate::compiled::Allowance;
use lazaret_manifest::limits::Limits;
use lazaret_manifest::reader::TextOrList;
use lazaret_manifest::text::At;

mod budget;
pub(super) mod command;
mod models;
mod read;
pub(super) mod server;
pub(super) mod web;

pub(super) use models::{ModelsDraft, ProviderDraft, RouteDraft, Serves};
pub(super) use read::read;

/// The whole file.
#[derive(Debug)]
pub(in crate::policy) struct Draft {
    pub(in crate::policy) version: Option<At<u64>>,
    pub(in crate::policy) constraints: Vec<At<String>>,
    pub(in crate::policy) workflow: Option<WorkflowDraft>,
    pub(in crate::policy) plugins: Vec<(At<String>, Option<At<String>>)>,
    pub(in crate::policy) readers: Vec<SetDraft>,
    pub(in crate::policy) principals: Vec<SetDraft>,
    pub(in crate::policy) args: Option<SourceDraft>,
    pub(in crate::policy) files: Vec<FilesDraft>,
    pub(in crate::policy) sources: Vec<command::NamedSourceDraft>,
    pub(in crate::policy) tree: Option<command::TreeDraft>,
    pub(in crate::policy) command: Option<command::CommandDraft>,
    pub(in crate::policy) code: Option<At<String>>,
    pub(in crate::policy) tools: Vec<ToolDraft>,
    pub(in crate::policy) gates: Vec<GateDraft>,
    pub(in crate::policy) profiles: Vec<ProfileDraft>,
    pub(in crate::policy) models: ModelsDraft,
    pub(in crate::policy) sites: Vec<web::SiteDraft>,
    pub(in crate::policy) search: Option<web::SearchDraft>,
    pub(in crate::policy) secrets: Vec<web::SecretDraft>,
    pub(in crate::policy) budget: BudgetDraft,
    pub(in crate::policy) ceiling: Limits,
    pub(in crate::policy) agents_at_once: u64,
}

/// One entry of `[readers]` or `[principals]`.
#[derive(Debug)]
pub(in crate::policy) struct SetDraft {
    pub(in crate::policy) name: At<String>,
    pub(in crate::policy) principals: Vec<At<String>>,
}

/// `[workflow]`.
#[derive(Debug)]
pub(in crate::policy) struct WorkflowDraft {
    pub(in crate::policy) name: Option<At<String>>,
    pub(in crate::policy) description: Option<At<String>>,
    pub(in crate::policy) orchestrator: Option<At<String>>,
    pub(in crate::policy) untrusted: Option<At<String>>,
    pub(in crate::policy) gates: Vec<At<String>>,
    pub(in crate::policy) order: Option<At<String>>,
    pub(in crate::policy) asks: bool,
    pub(in crate::policy) print: bool,
}

/// Tags and readers, wherever a label is written.
#[derive(Debug)]
pub(in crate::policy) struct LabelDraft {
    pub(in crate::policy) tags: Vec<At<String>>,
    pub(in crate::policy) readers: Option<TextOrList>,
}

/// `[source.args]`.
#[derive(Debug)]
pub(in crate::policy) struct SourceDraft {
    pub(in crate::policy) span: Range<usize>,
    pub(in crate::policy) label: LabelDraft,
    pub(in crate::policy) items: Option<At<String>>,
    pub(in crate::policy) item_schema: Option<At<String>>,
    pub(in crate::policy) max_items: u64,
    pub(in crate::policy) max_item_bytes: u64,
    pub(in crate::policy) fields: Vec<FieldDraft>,
    pub(in crate::policy) trusted_if: Option<TrustedIfDraft>,
}

/// `trusted_if` of a source or an answer.
#[derive(Debug)]
pub(in crate::policy) struct TrustedIfDraft {
    pub(in crate::policy) span: Range<usize>,
    pub(in crate::policy) field: Option<At<String>>,
    pub(in crate::policy) member_of: Option<At<String>>,
}

/// `[[source.args.field]]`.
#[derive(Debug)]
pub(in crate::policy) struct FieldDraft {
    pub(in crate::policy) pointer: Option<At<String>>,
    pub(in crate::policy) label: LabelDraft,
}

/// `[files.NAME]`.
#[derive(Debug)]
pub(in crate::policy) struct FilesDraft {
    pub(in crate::policy) name: At<String>,
    pub(in crate::policy) path: Option<At<String>>,
    pub(in crate::policy) label: LabelDraft,
    pub(in crate::policy) tolerate: Option<TextOrList>,
    pub(in crate::policy) write: bool,
    pub(in crate::policy) create: bool,
    pub(in crate::policy) hide: Option<TextOrList>,
}

/// `[tool.NAME]`.
#[derive(Debug)]
pub(in crate::policy) struct ToolDraft {
    pub(in crate::policy) name: At<String>,
    pub(in crate::policy) plugin: Option<At<String>>,
    pub(in crate::policy) server: server::ServerDraft,
    pub(in crate::policy) uses: Vec<At<String>>,
    pub(in crate::policy) functions: Vec<FunctionDraft>,
}

/// `[tool.NAME.fn.NAME]`.
#[derive(Debug)]
pub(in crate::policy) struct FunctionDraft {
    pub(in crate::policy) name: At<String>,
    pub(in crate::policy) args: Vec<(At<String>, Option<TextOrList>)>,
    pub(in crate::policy) args_span: Range<usize>,
    pub(in crate::policy) caller: Option<TextOrList>,
    pub(in crate::policy) recipients: Option<TextOrList>,
    pub(in crate::policy) label: Option<LabelDraft>,
    pub(in crate::policy) decide: Option<At<String>>,
    pub(in crate::policy) rule: Option<At<String>>,
    pub(in crate::policy) schema: Option<At<String>>,
    pub(in crate::policy) answer: server::AnswerDraft,
}

/// `[gate.NAME]`.
#[derive(Debug)]
pub(in crate::policy) struct GateDraft {
    pub(in crate::policy) name: At<String>,
    pub(in crate::policy) removes: Option<Vec<At<String>>>,
    pub(in crate::policy) releases: Option<TextOrList>,
    pub(in crate::policy) bits_per_item: Option<Bits>,
}

/// `[profile.NAME]`.
#[derive(Debug)]
pub(in crate::policy) struct ProfileDraft {
    pub(in crate::policy) name: At<String>,
    pub(in crate::policy) plugin: Option<At<String>>,
    /// Another profile, of which this one is a narrower copy.
    pub(in crate::policy) like: Option<At<String>>,
    /// What is left of `use`.
    pub(in crate::policy) tools: Option<Vec<At<String>>>,
    pub(in crate::policy) reads: Option<TextOrList>,
    pub(in crate::policy) readers: Option<TextOrList>,
    pub(in crate::policy) uses: Vec<At<String>>,
    pub(in crate::policy) gates: Vec<At<String>>,
    pub(in crate::policy) bits: Option<Bits>,
    pub(in crate::policy) advice: AdviceDraft,
}

/// What a profile says to its agents.
#[derive(Debug)]
pub(in crate::policy) struct AdviceDraft {
    pub(in crate::policy) system: Option<At<String>>,
    pub(in crate::policy) model: Option<At<String>>,
    pub(in crate::policy) effort: Option<At<String>>,
    pub(in crate::policy) token_budget: Option<u64>,
}

/// `[budget]`.
#[derive(Clone, Debug)]
pub(in crate::policy) struct BudgetDraft {
    pub(in crate::policy) agents: u64,
    pub(in crate::policy) ask_agents: Option<u64>,
    pub(in crate::policy) ask_usd: Option<u64>,
    pub(in crate::policy) run: Allowance,
    pub(in crate::policy) agent: Allowance,
    pub(in crate::policy) phases: BTreeMap<String, Allowance>,
    pub(in crate::policy) answer_tokens: u64,
    pub(in crate::policy) kernel: KernelLimits,
}
