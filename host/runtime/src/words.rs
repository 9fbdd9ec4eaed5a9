//! Between the kernel's types and the contract's: denials, labels, handles in words.

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::Media;
use lazaret_kernel::instance::Handle;
use lazaret_policy::closed::ClosedError;
use lazaret_policy::explain::{DenialKind, Explained};
use lazaret_workflow::event::LabelText;

use crate::bindings::types;
use crate::error::HostError;

mod limits;

pub(crate) use limits::Limit;

/// Puts a refusal into the contract's type.
pub(crate) fn denial(explained: &Explained) -> types::Denial {
    types::Denial {
        kind: kind(explained.kind),
        rule: explained.rule.clone(),
        message: explained.message.clone(),
        remedy: explained.remedy.clone(),
    }
}

fn kind(kind: DenialKind) -> types::DenialKind {
    match kind {
        DenialKind::NotGranted => types::DenialKind::NotGranted,
        DenialKind::Taint => types::DenialKind::Taint,
        DenialKind::Readers => types::DenialKind::Readers,
        DenialKind::Clearance => types::DenialKind::Clearance,
        DenialKind::UnknownHandle => types::DenialKind::UnknownHandle,
        DenialKind::Gate => types::DenialKind::Gate,
        DenialKind::Limit => types::DenialKind::Limit,
        DenialKind::Refused => types::DenialKind::Refused,
    }
}

/// Puts a label into the contract's type.
pub(crate) fn label(label: LabelText) -> types::Label {
    types::Label {
        taint: label.taint,
        readers: label
            .readers
            .map_or(types::Readers::Everyone, types::Readers::Only),
    }
}

/// Puts a media type into the contract's type.
pub(crate) fn media(media: Media) -> types::Media {
    match media {
        Media::Text => types::Media::Text,
        Media::Json => types::Media::Json,
    }
}

/// Returns the handles among the pieces of a text, in order.
pub(crate) fn handles_of(pieces: &[types::Piece]) -> impl Iterator<Item = Handle> {
    pieces.iter().filter_map(|piece| match piece {
        types::Piece::Literal(_) => None,
        types::Piece::Content(handle) => Some(Handle(*handle)),
    })
}

/// Says that a named limit of the host was reached.
pub(crate) fn limit(limit: Limit<'_>, most: u64) -> Explained {
    let name = limit.name();
    Explained {
        kind: DenialKind::Limit,
        code: "host-limit",
        rule: format!("limit:{name}"),
        message: format!("the call is past the limit `{name}` of {most}"),
        remedy: limit.remedy(),
    }
}

/// Says that a person did not let a call pass.
pub(crate) fn not_approved(function: &str, why: &str) -> Explained {
    Explained {
        kind: DenialKind::Refused,
        code: "not-approved",
        rule: format!("not-approved:{why}:{function}"),
        message: format!("a person was asked about `{function}`: {why}"),
        remedy: "do without the call, or ask with other arguments".to_owned(),
    }
}

/// Says that the values of a gate's type cannot be counted.
pub(crate) fn not_closed(problem: &ClosedError) -> Explained {
    Explained {
        kind: DenialKind::Gate,
        code: problem.code(),
        rule: "gate:not-closed".to_owned(),
        message: problem.to_string(),
        remedy: "use enums, booleans, bounded integers and patterns, and lists with maxItems"
            .to_owned(),
    }
}

/// Says that the caller's agent or phase may be told no more through gates.
pub(crate) fn share_spent(left: Bits) -> Explained {
    Explained {
        kind: DenialKind::Gate,
        code: "gate-run-budget",
        rule: "gate-share-budget".to_owned(),
        message: format!("of the bits of this agent or its phase {left} are left, too few for this type"),
        remedy: "raise `gate_bits` in [budget.agent] or [budget.phase.…], or keep the value inside its handle"
            .to_owned(),
    }
}

/// Says that the price of a model is not known where money is counted.
pub(crate) fn no_price(model: &str) -> String {
    let model: String = model.chars().take(MAX_PATH_CHARS).collect();
    format!(
        "no-price: the price of the model `{}` is not known, so that no budget in USD can hold it; \
         ask a model whose price is known, or use `tokens` instead of `usd` in [budget]",
        model.escape_debug()
    )
}

/// Puts an error in a sentence for the operator.
pub(crate) fn sentence(error: &types::Error) -> String {
    match error {
        types::Error::Denied(denial) => format!("{} (rule `{}`)", denial.message, denial.rule),
        types::Error::Invalid(message) | types::Error::Failed(message) => message.clone(),
    }
}

/// The most characters of a path that a message repeats.
const MAX_PATH_CHARS: usize = 80;

/// Says that a path is in none of the directories that the policy mounts.
pub(crate) fn no_mount(path: &str) -> Explained {
    let shown: String = path.chars().take(MAX_PATH_CHARS).collect();
    Explained {
        kind: DenialKind::NotGranted,
        code: "not-granted",
        rule: "not-granted:files".to_owned(),
        message: format!("no granted directory holds `{}`", shown.escape_debug()),
        remedy: "a path is `mount/relative/path`, where `mount` is a granted name".to_owned(),
    }
}

/// Says that no granted site holds an address for a method.
pub(crate) fn no_site(method: &str) -> Explained {
    Explained {
        kind: DenialKind::NotGranted,
        code: "not-granted",
        rule: "not-granted:web".to_owned(),
        message: format!("no granted site takes a `{method}` at this address"),
        remedy: "let the policy allow the address in a `[web.NAME]` section and the profile use `web.NAME.METHOD`"
            .to_owned(),
    }
}

/// The host's own failure while it served a call. The guest learns only that it failed;
/// the run stops when the journal is asked next.
pub(crate) fn host_failed(error: &HostError) -> types::Error {
    types::Error::Failed(format!("the host failed: {}", error.code()))
}
