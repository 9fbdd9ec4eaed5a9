//! What does a function take of tainted content without asking anybody?

use lazaret_kernel::label::{Label, TagSet};
use lazaret_kernel::tables::{FunctionRule, Verdict};

/// From whom a function takes content of a label, unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Also from a caller that has read it.
    Read,
    /// From a caller that has not, as an argument.
    Unread,
    /// From nobody.
    Never,
}

/// Says from whom a function takes content of this label.
pub(super) fn taken(rule: &FunctionRule, label: Label) -> Taken {
    let mut arguments = rule.arguments.iter().map(|argument| argument.tolerates);
    if !is_open(rule, label) {
        Taken::Never
    } else if takes_everywhere(rule, label.taint) {
        Taken::Read
    } else if arguments.any(|tolerates| label.taint.is_subset(tolerates)) {
        Taken::Unread
    } else {
        Taken::Never
    }
}

/// Whether nobody is asked, and everybody whom the effect reaches may read the content.
pub(super) fn is_open(rule: &FunctionRule, label: Label) -> bool {
    let asks = matches!(rule.verdict, Verdict::Ask { .. });
    !asks && rule.recipients.is_subset(label.readers)
}

/// The kernel judges a caller's own taints by every argument's tolerance, given or not.
fn takes_everywhere(rule: &FunctionRule, taint: TagSet) -> bool {
    let mut arguments = rule.arguments.iter();
    taint.is_subset(rule.caller) && arguments.all(|argument| taint.is_subset(argument.tolerates))
}
