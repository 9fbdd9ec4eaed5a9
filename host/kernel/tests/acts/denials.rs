//! Is every denial produced by a test? A new variant does not compile until it has one.

use std::collections::BTreeSet;

use crate::stage::{
    ASK_MODEL, CLASSIFY, CLERK, GREEDY, PAY, RELEASE, RESTART, SEND, STORE, UNWRITTEN,
    UNWRITTEN_GATE, WEB, actor, effect, readable_by, stage, stage_with, tables, tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::Media;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers};
use lazaret_kernel::monitor::Argument;
use lazaret_kernel::tables::{ArgumentId, MAX_ARGUMENTS, ProfileId};

macro_rules! variants {
    ($($variant:ident),* $(,)?) => {
        /// Every variant; the match below is full, so that none can be missing here.
        const ALL: &[&str] = &[$(stringify!($variant)),*];

        fn name(denial: &Denial) -> &'static str {
            match denial {
                $(Denial::$variant { .. } => stringify!($variant),)*
            }
        }
    };
}

variants! {
    UnknownHandle, UnknownInstance, NotGranted, UnknownArgument, CallerTaint, ArgumentTaint,
    Recipients, NeedsApproval, Clearance, GateNotGranted, GateCaller, GateReaders, GateItemBudget,
    GateRunBudget, UnknownProfile, SpawnGrants, SpawnClearance, TooManyHandles, TooManyArguments,
}

/// Provokes denials, at least one of each kind.
fn provoked() -> Vec<Denial> {
    let (mut stage, root) = stage();
    let (page, clean) = (
        text(&mut stage, root, tainted(WEB)),
        text(&mut stage, root, Label::BOTTOM),
    );
    let secret = text(&mut stage, root, readable_by(Readers::NOBODY));
    let tainted_caller = actor(&mut stage, tainted(WEB), tainted(WEB));
    let its_page = text(
        &mut stage,
        tainted_caller,
        tainted(WEB).join(readable_by(Readers::NOBODY)),
    );
    let many = [(ArgumentId(0), Argument::Plain); MAX_ARGUMENTS + 1];
    let too_big = Bits::from_thousandths(4_001);
    let mut denials = vec![
        stage.describe(root, Handle(0)).unwrap_err(),
        stage.current(InstanceId(99)).unwrap_err(),
        effect(&mut stage, root, UNWRITTEN, &[]).unwrap_err(),
        effect(&mut stage, root, SEND, &[clean, clean]).unwrap_err(),
        effect(&mut stage, tainted_caller, RESTART, &[]).unwrap_err(),
        effect(&mut stage, root, STORE, &[page]).unwrap_err(),
        effect(&mut stage, root, ASK_MODEL, &[secret]).unwrap_err(),
        effect(&mut stage, root, PAY, &[clean]).unwrap_err(),
        stage
            .effect(root, SEND, &many, Readers::NOBODY)
            .unwrap_err(),
        stage.read(tainted_caller, its_page).unwrap_err(),
        stage
            .gate(root, page, UNWRITTEN_GATE, 1, Bits::ZERO)
            .unwrap_err(),
        stage
            .gate(tainted_caller, its_page, CLASSIFY, 1, Bits::ZERO)
            .unwrap_err(),
        stage.gate(root, page, CLASSIFY, 1, too_big).unwrap_err(),
        stage
            .gate(root, page, CLASSIFY, 1, Bits::UNBOUNDED)
            .unwrap_err(),
        stage.spawn(root, ProfileId(9), &[], &[], 7).unwrap_err(),
        stage.spawn(root, GREEDY, &[], &[], 7).unwrap_err(),
        stage.spawn(root, CLERK, &[page], &[], 7).unwrap_err(),
    ];
    let knows = actor(&mut stage, readable_by(Readers::NOBODY), Label::TOP);
    let its_own = text(&mut stage, knows, Label::BOTTOM);
    let releases = stage.gate(knows, its_own, RELEASE, 1, Bits::ZERO);
    denials.push(releases.unwrap_err());
    let mut tables = tables();
    tables.limits.handles = 0;
    let (mut full, root) = stage_with(tables);
    denials.push(full.create(root, Media::Text, "x").unwrap_err());
    denials
}

#[test]
fn every_kind_of_denial_is_produced() {
    let produced: BTreeSet<&str> = provoked().iter().map(name).collect();
    let all: BTreeSet<&str> = ALL.iter().copied().collect();
    assert_eq!(produced, all);
}
