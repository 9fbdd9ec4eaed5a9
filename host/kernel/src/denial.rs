//! Denials: which rule refused a call. A function of labels and the call's shape only.

use crate::label::{Label, Readers, TagSet};
use crate::tables::{ArgumentId, FunctionId, GateId, ProfileId};

/// The rule that refused a call, with what it compared. `lazaret-policy` puts it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The handle is not in the caller's table.
    UnknownHandle,
    /// The instance is not, or no longer, alive.
    UnknownInstance,
    /// The caller's grants do not hold the function.
    NotGranted(FunctionId),
    /// The function has no argument of that number.
    UnknownArgument(FunctionId),
    /// The caller carries taints that the call as a whole does not tolerate.
    CallerTaint {
        /// The function.
        function: FunctionId,
        /// The taints that are not tolerated.
        excess: TagSet,
    },
    /// An argument carries taints that it does not tolerate.
    ArgumentTaint {
        /// The function.
        function: FunctionId,
        /// The argument.
        argument: ArgumentId,
        /// The taints that are not tolerated.
        excess: TagSet,
    },
    /// The effect reaches principals who may not read what goes there.
    Recipients {
        /// The function.
        function: FunctionId,
        /// Those who may not read it.
        excess: Readers,
    },
    /// A person has to approve the call.
    NeedsApproval(FunctionId),
    /// Reading would raise the caller over its clearance.
    Clearance {
        /// What the handle shows.
        label: Label,
        /// What the caller may rise to.
        clearance: Label,
    },
    /// The caller's grants do not hold the gate rule.
    GateNotGranted(GateId),
    /// The caller itself carries a tag that the gate removes.
    GateCaller {
        /// The rule.
        gate: GateId,
        /// The tags that both have.
        excess: TagSet,
    },
    /// The caller itself knows what some of those may not read to whom the gate releases.
    GateReaders {
        /// The rule.
        gate: GateId,
        /// Those to whom the caller could not speak before.
        excess: Readers,
    },
    /// The bits that a source item may decide through this rule are spent.
    GateItemBudget(GateId),
    /// The bits that untrusted content may decide in this run are spent.
    GateRunBudget,
    /// The policy has no profile of that number.
    UnknownProfile,
    /// The child would hold capabilities that the parent does not.
    SpawnGrants(ProfileId),
    /// The task's text is above what the profile may read.
    SpawnClearance {
        /// The profile.
        profile: ProfileId,
        /// The label at which the child would start.
        start: Label,
    },
    /// The instance holds as many handles as it may.
    TooManyHandles,
    /// The call has more than [`MAX_ARGUMENTS`](crate::tables::MAX_ARGUMENTS) arguments.
    TooManyArguments(FunctionId),
}
