//! What a child set going beyond all that its answers may show: nothing tells its parent of that.

use super::moved::{passes_on, value};
use crate::stage::{
    ASK_MODEL, CLASSIFY, MAIL, Stage, WEB, end, item, result, shown, stage, stage_with, tables,
    tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::Media;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers};
use lazaret_kernel::monitor::{Argument, Delivery, Ending, EndingKind};
use lazaret_kernel::tables::ArgumentId;

const OUTCOME: Bits = Bits::whole(2);

/// A child that has passed a page on goes on by mail that a person wrote into its call: no answer
/// of its may show that.
fn goes_beyond(stage: &mut Stage, root: InstanceId) -> (InstanceId, Handle) {
    let page = item(stage, root, tainted(WEB), 3);
    let (child, part) = passes_on(stage, root, page);
    go_on_by(stage, child, tainted(MAIL));
    (child, part)
}

fn go_on_by(stage: &mut Stage, child: InstanceId, label: Label) {
    let written = [(ArgumentId(0), Argument::Written(label))];
    let permit = stage.effect(child, ASK_MODEL, &written, Readers::NOBODY);
    assert!(permit.unwrap().is_sealed());
}

/// Whether it read and what it called after it had passed the page on is decided by the page.
#[test]
fn how_far_it_came_shows_in_no_handle_of_its_parent() {
    for budget in [Bits::ZERO, OUTCOME] {
        let mut seen = Vec::new();
        for far in 0..4 {
            let mut tables = tables();
            tables.limits.outcome_bits_per_item = budget;
            let (mut stage, root) = stage_with(tables);
            let page = item(&mut stage, root, tainted(WEB), 3);
            let (child, part) = passes_on(&mut stage, root, page);
            if far % 2 == 1 {
                stage.read(child, part).unwrap();
            }
            if far > 1 {
                go_on_by(&mut stage, child, tainted(MAIL));
            }
            let told = end(&mut stage, child, root, Ending::Failed("out of tokens"));
            let (Delivery::Outcome(_, handle, _) | Delivery::Sealed(handle)) = told;
            let shows = stage.describe(root, handle).unwrap();
            let (origins, parts) = (stage.origins(root, handle), stage.parts(root, handle));
            seen.push((told, shows, origins, parts));
        }
        seen.dedup();
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert_eq!(seen[0].1, (Media::Json, tainted(WEB)));
    }
}

#[test]
fn what_is_beyond_its_reach_is_in_nothing_that_it_gives() {
    for (ending, budget, payload, label) in [
        (Ending::Failed("why"), OUTCOME, "nothing", tainted(WEB)),
        (Ending::Failed("why"), Bits::ZERO, "nothing", tainted(WEB)),
        (value(), Bits::ZERO, "nothing", tainted(WEB)),
        // That it is a value is paid for, and it says nothing of the mail.
        (value(), OUTCOME, "value", Label::BOTTOM),
    ] {
        let mut tables = tables();
        tables.limits.outcome_bits_per_item = budget;
        let (mut stage, root) = stage_with(tables);
        let (child, _) = goes_beyond(&mut stage, root);
        let answer = result(&mut stage, child, root, ending);
        assert_eq!(shown(&stage, root, answer), label);
        assert_eq!(*stage.read(root, answer).unwrap().payload(), payload);
        assert_eq!(stage.current(root), Ok(label));
    }
}

#[test]
fn which_part_it_handed_back_is_not_in_it_either() {
    for (beyond, chosen) in [(false, true), (true, false)] {
        let mut tables = tables();
        tables.limits.outcome_bits_per_item = Bits::ZERO;
        let (mut stage, root) = stage_with(tables);
        let page = item(&mut stage, root, tainted(WEB), 3);
        let (child, part) = passes_on(&mut stage, root, page);
        if beyond {
            go_on_by(&mut stage, child, tainted(MAIL));
        }
        let answer = result(&mut stage, child, root, Ending::Held(part, "none"));
        let asked = stage.gate_part(root, answer, CLASSIFY, 1, Bits::UNBOUNDED);
        let (told, permit) = asked.unwrap();
        assert_eq!(told, chosen.then_some(page));
        assert_eq!(permit.charged(), Bits::whole(1));
    }
}

#[test]
fn a_parent_that_knows_what_is_beyond_its_reach_is_given_why() {
    let (mut stage, root) = stage();
    let (child, part) = goes_beyond(&mut stage, root);
    stage.read(child, part).unwrap();
    let both = text(&mut stage, root, tainted(WEB | MAIL));
    stage.read(root, both).unwrap();
    let told = end(&mut stage, child, root, Ending::Failed("why"));
    let Delivery::Outcome(EndingKind::Failed, why, Bits::ZERO) = told else {
        panic!("{told:?}");
    };
    assert_eq!(*stage.read(root, why).unwrap().payload(), "why");
}
