//! What a child passes on unread may decide how long it goes on and what it spends: its end is
//! told as if it had read it.

use crate::stage::{
    ASK_MODEL, CLERK, FLOATING, MAIL, MODEL, OPERATOR, PUBLISH, READER, STORE, Stage, WEB, effect,
    end, item, result, shown, spawn, stage, stage_with, tables, tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers};
use lazaret_kernel::ledger::{Channel, Payer};
use lazaret_kernel::monitor::{
    Approval, Argument, Delivery, Digest, EffectPermit, Ending, EndingKind, Terms,
};
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::tables::ArgumentId;

const OUTCOME: Bits = Bits::whole(2);

pub(super) fn value() -> Ending<&'static str> {
    Ending::Created(Media::Text, "value")
}

/// Starts a reader that asks a model about a page which it does not read.
pub(super) fn passes_on(stage: &mut Stage, root: InstanceId, page: Handle) -> (InstanceId, Handle) {
    let (child, parts) = spawn(stage, root, READER, &[page]);
    let permit = effect(stage, child, ASK_MODEL, &parts).unwrap();
    assert!(permit.is_sealed());
    assert_eq!(stage.current(child), Ok(Label::BOTTOM));
    (child, parts[0])
}

#[test]
fn how_a_child_ended_that_only_passed_a_page_on_costs_four_choices() {
    for (ending, kind) in [
        (value(), EndingKind::Value),
        (Ending::None("none"), EndingKind::None),
        (Ending::Unfit("unfit"), EndingKind::Unfit),
        (Ending::Failed("failed"), EndingKind::Failed),
    ] {
        let (mut stage, root) = stage();
        let page = item(&mut stage, root, tainted(WEB), 3);
        let (child, _) = passes_on(&mut stage, root, page);
        let ended = stage.finish(child, ending).unwrap();
        assert!(!ended.rose() && ended.tells_more());
        assert_eq!(
            (ended.knowledge(), ended.when()),
            (tainted(WEB), tainted(WEB))
        );
        let told = stage.deliver(root, ended, "nothing").unwrap();
        let Delivery::Outcome(told, _, OUTCOME) = told else {
            panic!("{told:?}");
        };
        assert_eq!(told, kind);
        let paid: Vec<_> = stage.ledger().by_payer().collect();
        assert_eq!(paid, [(Payer::Item(Origin(3)), Channel::Outcome, OUTCOME)]);
    }
}

#[test]
fn what_it_says_it_says_knowing_nothing_of_the_page() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let (child, _) = passes_on(&mut stage, root, page);
    let answer = result(&mut stage, child, root, value());
    assert_eq!(
        stage.describe(root, answer),
        Ok((Media::Text, Label::BOTTOM))
    );
    stage.read(root, answer).unwrap();
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));
}

#[test]
fn why_it_gave_nothing_is_above_what_it_passed_on() {
    let (mut stage, root) = stage();
    let page = item(&mut stage, root, tainted(WEB), 3);
    let (child, _) = passes_on(&mut stage, root, page);
    let why = result(&mut stage, child, root, Ending::Failed("out of tokens"));
    assert_eq!(shown(&stage, root, why), tainted(WEB));
    let content = stage.read(root, why).unwrap();
    assert_eq!(content.facts().origins, Origins::of(Origin(3)));
    assert_eq!(stage.current(root), Ok(tainted(WEB)));
}

#[test]
fn a_child_that_passed_on_what_it_could_not_read_is_moved_as_well() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let (child, parts) = spawn(&mut stage, root, CLERK, &[page]);
    let body = [(ArgumentId(1), Argument::Content(parts[0]))];
    let permit = stage.effect(child, STORE, &body, Readers::NOBODY);
    assert!(permit.unwrap().is_sealed());
    assert_eq!(stage.clearance(child), Ok(Label::BOTTOM));
    let told = end(&mut stage, child, root, value());
    assert!(matches!(told, Delivery::Outcome(_, _, OUTCOME)));
}

#[test]
fn a_call_that_tells_no_more_than_its_caller_knows_moves_nobody() {
    let (mut stage, root) = stage();
    let clean = text(&mut stage, root, Label::BOTTOM);
    let (child, parts) = spawn(&mut stage, root, READER, &[clean]);
    effect(&mut stage, child, ASK_MODEL, &parts).unwrap();
    let ended = stage.finish(child, Ending::Failed("failed")).unwrap();
    assert!(!ended.tells_more());
    let told = stage.deliver(root, ended, "nothing").unwrap();
    assert!(matches!(told, Delivery::Outcome(_, _, Bits::ZERO)));
}

#[test]
fn a_call_with_what_was_read_moves_nobody_either() {
    let (mut stage, root) = stage();
    let pages = [3, 4].map(|origin| item(&mut stage, root, tainted(WEB), origin));
    let (child, own) = spawn(&mut stage, root, READER, &pages);
    stage.read(child, own[0]).unwrap();
    let permit = effect(&mut stage, child, ASK_MODEL, &own[..1]).unwrap();
    let facts = Facts::flat(Label::BOTTOM, Origins::NONE, Media::Text);
    stage.answer(&permit, facts, "answer").unwrap();
    let ended = stage.finish(child, Ending::Failed("failed")).unwrap();
    assert!(ended.rose() && ended.set_going() == Label::BOTTOM);
    // It may be of the page that it has read, and of no other.
    assert_eq!(ended.content().facts().origins, Origins::of(Origin(3)));
}

#[test]
fn a_parent_that_has_read_the_page_itself_pays_nothing() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let (child, _) = passes_on(&mut stage, root, page);
    stage.read(root, page).unwrap();
    let told = end(&mut stage, child, root, Ending::Failed("failed"));
    assert!(matches!(told, Delivery::Outcome(_, _, Bits::ZERO)));
}

/// It ends in each way and gives each thing; the parent sees one handle, which shows all that it
/// could give, and who reads it carries what decided.
#[test]
fn without_bits_nothing_shows_how_it_ended() {
    let mut seen = Vec::new();
    for choice in 0..7 {
        let mut tables = tables();
        tables.limits.gate_bits = Bits::ZERO;
        let (mut stage, root) = stage_with(tables);
        let held = [WEB, MAIL].map(|taint| text(&mut stage, root, tainted(taint)));
        let (child, parts) = spawn(&mut stage, root, READER, &held);
        effect(&mut stage, child, ASK_MODEL, &parts[..1]).unwrap();
        let ending = match choice {
            0 => value(),
            1 => Ending::Created(Media::Json, "value"),
            2 => Ending::Held(parts[0], "no such handle"),
            3 => Ending::Held(Handle(1), "no such handle"),
            4 => Ending::None("skipped"),
            5 => Ending::Unfit("missed"),
            _ => Ending::Failed("out of tokens"),
        };
        let told = end(&mut stage, child, root, ending);
        let Delivery::Sealed(handle) = told else {
            panic!("{told:?}");
        };
        let shows = stage.describe(root, handle).unwrap();
        stage.read(root, handle).unwrap();
        seen.push((shows, stage.current(root).unwrap()));
    }
    seen.dedup();
    assert_eq!(seen, [((Media::Json, tainted(WEB | MAIL)), tainted(WEB))]);
}

#[test]
fn a_moved_child_cannot_speak_through_labels_outside_its_reach() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let (child, _) = passes_on(&mut stage, root, page);
    let mail = text(&mut stage, child, tainted(MAIL));
    let ended = stage.finish(child, Ending::Held(mail, "none")).unwrap();
    assert_eq!(ended.kind(), EndingKind::Failed);
    // What it was given is no more than it must show.
    let (child, part) = passes_on(&mut stage, root, page);
    let ended = stage.finish(child, Ending::Held(part, "none")).unwrap();
    assert_eq!(ended.kind(), EndingKind::Value);
}

/// Who waited for it goes on when it has ended: whether that is an agent or an orchestrator.
#[test]
fn who_was_told_of_a_child_goes_on_by_what_the_child_went_on_by() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let clean = text(&mut stage, root, Label::BOTTOM);
    let (child, own) = spawn(&mut stage, root, FLOATING, &[page, clean]);
    // A result that says nothing of a page.
    let (other, _) = spawn(&mut stage, child, FLOATING, &own[1..]);
    end(&mut stage, other, child, value());
    assert_eq!(stage.goes_on_by(child), Ok(Label::BOTTOM));
    let (reader, pages) = spawn(&mut stage, child, FLOATING, &own[..1]);
    stage.read(reader, pages[0]).unwrap();
    let ended = stage.finish(reader, value()).unwrap();
    // It may know more than it has come to know.
    assert_eq!(
        (ended.knowledge(), ended.when()),
        (Label::TOP, tainted(WEB))
    );
    stage.deliver(child, ended, "nothing").unwrap();
    assert_eq!(stage.goes_on_by(child), Ok(tainted(WEB)));
    let ended = stage.finish(child, value()).unwrap();
    assert!(!ended.rose() && ended.tells_more());
}

fn permit(stage: &mut Stage, root: InstanceId) -> EffectPermit {
    effect(stage, root, ASK_MODEL, &[]).unwrap()
}

#[test]
fn a_call_may_come_to_depend_on_more_than_its_arguments() {
    let (mut stage, root) = stage();
    let call = permit(&mut stage, root);
    assert_eq!(stage.goes_on_by(root), Ok(Label::BOTTOM));
    stage.depends(&call, tainted(WEB));
    assert_eq!(stage.goes_on_by(root), Ok(tainted(WEB)));
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));
    stage.goes_on_by(InstanceId(99)).unwrap_err();
}

#[test]
fn so_does_an_answer_whose_source_says_more_of_it_than_its_rule() {
    let (mut stage, root) = stage();
    let call = permit(&mut stage, root);
    let facts = Facts::flat(tainted(MAIL), Origins::NONE, Media::Text);
    stage
        .answer(&call, facts, "a file of the run tree")
        .unwrap();
    assert_eq!(stage.goes_on_by(root), Ok(tainted(MAIL)));
}

/// A person lets a page through: the call goes on by it, unless the person vouches for it.
#[test]
fn an_approved_call_moves_its_caller_and_an_endorsed_one_does_not() {
    let terms = Terms {
        run: Digest([1; 32]),
        request: 1,
        arguments: Digest([2; 32]),
        rules: Digest([3; 32]),
    };
    for (endorsed, goes_on_by) in [(false, tainted(WEB)), (true, Label::BOTTOM)] {
        let (mut stage, root) = stage();
        let page = text(&mut stage, root, tainted(WEB));
        let arguments = [(ArgumentId(0), Argument::Content(page))];
        let pending = stage.ask(root, PUBLISH, &arguments, Readers::NOBODY, OPERATOR);
        let pending = pending.unwrap();
        assert_eq!(stage.goes_on_by(root), Ok(Label::BOTTOM), "nobody said yes");
        let mut approval = Approval::new(pending.binding(terms), OPERATOR, 10);
        if endorsed {
            approval = approval.endorsing(Bits::whole(8));
        }
        let permit = stage.approve(pending, terms, &approval, 0).unwrap();
        assert_eq!(permit.recipients(), MODEL);
        assert_eq!(stage.goes_on_by(root), Ok(goes_on_by));
    }
}
