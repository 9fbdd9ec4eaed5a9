//! ask(effect): what a person lets pass, for which call, how often, until when.

use crate::stage::{
    ASK_MODEL, MAIL, MODEL, OPERATOR, PAY, PUBLISH, Stage, WEB, actor, both, effect, item, pointer,
    readable_by, shown, stage, tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::ledger::{Channel, Payer};
use lazaret_kernel::monitor::{
    Approval, ApprovalRefusal, Argument, Binding, Digest, EffectPermit, Excess, Pending, Terms,
};
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::tables::{ArgumentId, FunctionId};

const LATER: u64 = 100;

fn terms(request: u64) -> Terms {
    Terms {
        run: Digest([1; 32]),
        request,
        arguments: Digest([2; 32]),
        rules: Digest([3; 32]),
    }
}

fn ask(
    stage: &Stage,
    caller: InstanceId,
    function: FunctionId,
    handles: &[Handle],
) -> Result<Pending, Denial> {
    let arguments: Vec<_> = (0..)
        .map(ArgumentId)
        .zip(handles.iter().copied().map(Argument::Content))
        .collect();
    stage.ask(caller, function, &arguments, Readers::NOBODY, OPERATOR)
}

fn approve(
    stage: &mut Stage,
    pending: Pending,
    terms: Terms,
    approval: &Approval,
    now: u64,
) -> Result<EffectPermit, ApprovalRefusal> {
    let permit = stage.approve(pending, terms, approval, now);
    permit.map_err(|unapproved| unapproved.why)
}

/// Asks and approves at once, as the operator.
fn pass(stage: &mut Stage, pending: Pending, request: u64) -> EffectPermit {
    let approval = Approval::new(pending.binding(terms(request)), OPERATOR, LATER);
    approve(stage, pending, terms(request), &approval, 0).unwrap()
}

#[test]
fn a_rule_that_asks_each_time_asks_for_clean_bytes_too() {
    let (mut stage, root) = stage();
    let clean = text(&mut stage, root, Label::BOTTOM);
    let refused = effect(&mut stage, root, PAY, &[clean]).unwrap_err();
    assert_eq!(refused, Denial::NeedsApproval(PAY));
    let pending = ask(&stage, root, PAY, &[clean]).unwrap();
    assert!(pending.excess().taint.is_empty() && pending.excess().readers.is_nobody());
    assert_eq!(pending.recipients(), Readers::STRANGER);
    assert_eq!(*stage.asked(&pending, clean).unwrap().payload(), "text");
    assert_eq!(pass(&mut stage, pending, 1).function(), PAY);
}

#[test]
fn a_rule_that_asks_otherwise_makes_what_the_labels_allow() {
    let (mut stage, root) = stage();
    let clean = text(&mut stage, root, Label::BOTTOM);
    effect(&mut stage, root, PUBLISH, &[clean]).unwrap();
    let page = text(&mut stage, root, tainted(WEB));
    let refused = effect(&mut stage, root, PUBLISH, &[page]).unwrap_err();
    assert_eq!(refused, Denial::NeedsApproval(PUBLISH));
}

#[test]
fn nobody_is_asked_where_the_rule_asks_nobody() {
    let (mut stage, root) = stage();
    let clean = text(&mut stage, root, Label::BOTTOM);
    let refused = ask(&stage, root, ASK_MODEL, &[clean]).unwrap_err();
    assert_eq!(refused, Denial::NotGranted(ASK_MODEL));
}

#[test]
fn taint_and_readers_are_passed_together() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, both(WEB, OPERATOR));
    let pending = ask(&stage, root, PUBLISH, &[page]).unwrap();
    let excess = Excess {
        taint: WEB,
        readers: MODEL,
    };
    assert_eq!(pending.excess(), excess);
    let permit = pass(&mut stage, pending, 1);
    assert_eq!(*stage.argument(&permit, page).unwrap().payload(), "text");
}

#[test]
fn what_was_passed_keeps_its_label() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, both(WEB, OPERATOR));
    let pending = ask(&stage, root, PUBLISH, &[page]).unwrap();
    let permit = pass(&mut stage, pending, 1);
    assert_eq!(permit.inputs(), both(WEB, OPERATOR));
    let facts = Facts::flat(Label::BOTTOM, Origins::NONE, Media::Text);
    let answer = stage.answer(&permit, facts, "stored").unwrap();
    assert_eq!(shown(&stage, root, answer), both(WEB, OPERATOR));
}

#[test]
fn no_person_passes_a_tag_that_a_store_would_forget() {
    let (mut stage, root) = stage();
    let mail = text(&mut stage, root, tainted(WEB | MAIL));
    let refused = ask(&stage, root, PUBLISH, &[mail]).unwrap_err();
    let expected = Denial::ArgumentTaint {
        function: PUBLISH,
        argument: ArgumentId(0),
        excess: MAIL,
    };
    assert_eq!(refused, expected);
    let tainted_caller = actor(&mut stage, tainted(MAIL), Label::TOP);
    assert!(matches!(
        ask(&stage, tainted_caller, PUBLISH, &[]),
        Err(Denial::CallerTaint { excess: MAIL, .. })
    ));
}

#[test]
fn a_tainted_caller_may_ask() {
    let (mut stage, _) = stage();
    let reader = actor(&mut stage, tainted(WEB), Label::TOP);
    let pending = ask(&stage, reader, PUBLISH, &[]).unwrap();
    assert_eq!(pending.excess().taint, WEB);
    assert_eq!(pending.inputs(), tainted(WEB));
}

#[test]
fn a_person_who_may_not_read_it_is_not_asked() {
    let (mut stage, root) = stage();
    let secret = text(&mut stage, root, readable_by(MODEL));
    let refused = ask(&stage, root, PUBLISH, &[secret]).unwrap_err();
    let expected = Denial::Recipients {
        function: PUBLISH,
        excess: OPERATOR,
    };
    assert_eq!(refused, expected);
}

#[test]
fn an_approval_passes_exactly_the_call_that_it_was_given_for() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, both(WEB, OPERATOR));
    let right = ask(&stage, root, PUBLISH, &[page])
        .unwrap()
        .binding(terms(1));
    let others: [fn(&mut Binding); 7] = [
        |binding| binding.terms.run = Digest([9; 32]),
        |binding| binding.terms.request = 9,
        |binding| binding.terms.arguments = Digest([9; 32]),
        |binding| binding.terms.rules = Digest([9; 32]),
        |binding| binding.function = PAY,
        |binding| binding.recipients = Readers::PUBLIC,
        |binding| binding.label = Label::BOTTOM,
    ];
    for change in others {
        let mut other = right;
        change(&mut other);
        let approval = Approval::new(other, OPERATOR, LATER);
        let pending = ask(&stage, root, PUBLISH, &[page]).unwrap();
        let refused = approve(&mut stage, pending, terms(1), &approval, 0).unwrap_err();
        assert_eq!(refused, ApprovalRefusal::OtherCall, "{other:?}");
    }
    let approval = Approval::new(right, OPERATOR, LATER);
    let pending = ask(&stage, root, PUBLISH, &[page]).unwrap();
    approve(&mut stage, pending, terms(1), &approval, 0).unwrap();
}

#[test]
fn a_request_passes_once() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let pending = ask(&stage, root, PUBLISH, &[page]).unwrap();
    pass(&mut stage, pending, 1);
    let again = ask(&stage, root, PUBLISH, &[page]).unwrap();
    let approval = Approval::new(again.binding(terms(1)), OPERATOR, LATER);
    let refused = approve(&mut stage, again, terms(1), &approval, 0).unwrap_err();
    assert_eq!(refused, ApprovalRefusal::Used);
    let other = ask(&stage, root, PUBLISH, &[page]).unwrap();
    pass(&mut stage, other, 2);
}

#[test]
fn an_approval_expires_and_the_call_may_be_put_to_the_person_again() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let pending = ask(&stage, root, PUBLISH, &[page]).unwrap();
    let late = Approval::new(pending.binding(terms(1)), OPERATOR, LATER);
    let refused = stage.approve(pending, terms(1), &late, LATER).unwrap_err();
    assert_eq!(refused.why, ApprovalRefusal::Expired);
    let pending = refused.pending;
    let fresh = Approval::new(pending.binding(terms(1)), OPERATOR, LATER + 1);
    approve(&mut stage, pending, terms(1), &fresh, LATER).unwrap();
}

#[test]
fn only_a_reader_of_the_call_approves_it() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, both(WEB, OPERATOR));
    for person in [MODEL, OPERATOR | MODEL, Readers::NOBODY] {
        let pending = ask(&stage, root, PUBLISH, &[page]).unwrap();
        let approval = Approval::new(pending.binding(terms(1)), person, LATER);
        let refused = approve(&mut stage, pending, terms(1), &approval, 0).unwrap_err();
        assert_eq!(refused, ApprovalRefusal::NotAReader, "{person:?}");
    }
}

#[test]
fn only_an_endorsement_takes_the_taint_away_and_it_is_counted() {
    let (mut stage, root) = stage();
    let page = item(&mut stage, root, both(WEB, OPERATOR), 3);
    let pending = ask(&stage, root, PUBLISH, &[page]).unwrap();
    let approval = Approval::new(pending.binding(terms(1)), OPERATOR, LATER);
    let approval = approval.endorsing(Bits::whole(32));
    let permit = approve(&mut stage, pending, terms(1), &approval, 0).unwrap();
    assert_eq!(permit.inputs(), readable_by(OPERATOR), "readers stay");
    let facts = Facts::flat(Label::BOTTOM, Origins::NONE, Media::Json);
    let answer = stage.answer(&permit, facts, "stored").unwrap();
    assert_eq!(shown(&stage, root, answer), readable_by(OPERATOR));
    let part = stage.project(root, answer, &pointer("/a"), |all| all);
    assert_eq!(
        stage.origins(root, part.unwrap()),
        Ok(Origins::NONE),
        "later bits are not the item's"
    );
    let charged: Vec<_> = stage.ledger().by_payer().collect();
    let bits = Bits::whole(32);
    let payer = Payer::Item(Origin(3));
    assert_eq!(charged, [(payer, Channel::Endorsement, bits)]);
    assert_eq!(stage.ledger().total(), bits);
}

#[test]
fn an_endorsement_uses_up_no_budget() {
    let mut tables = crate::stage::tables();
    tables.limits.gate_bits = Bits::whole(4);
    let (mut stage, root) = crate::stage::stage_with(tables);
    let page = item(&mut stage, root, tainted(WEB), 3);
    let pending = ask(&stage, root, PUBLISH, &[page]).unwrap();
    let approval = Approval::new(pending.binding(terms(1)), OPERATOR, LATER);
    let approval = approval.endorsing(Bits::whole(1_000));
    approve(&mut stage, pending, terms(1), &approval, 0).unwrap();
    let gated = stage.gate(root, page, crate::stage::CLASSIFY, 0, Bits::whole(4));
    assert_eq!(gated.unwrap().charged(), Bits::whole(4));
}

#[test]
fn only_the_arguments_of_a_waiting_call_are_shown() {
    let (mut stage, root) = stage();
    let [page, other] = [WEB, TagSet::EMPTY].map(|taint| text(&mut stage, root, tainted(taint)));
    let pending = ask(&stage, root, PUBLISH, &[page]).unwrap();
    let refused = stage.asked(&pending, other).unwrap_err();
    assert_eq!(refused, Denial::UnknownHandle);
}

#[test]
fn a_permit_can_be_taken_back_for_a_person_to_decide() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let permit = effect(&mut stage, root, ASK_MODEL, &[page]).unwrap();
    let pending = stage.withhold(permit, OPERATOR).unwrap();
    assert_eq!(
        (pending.recipients(), pending.excess().taint),
        (MODEL, TagSet::EMPTY)
    );
    assert_eq!(pass(&mut stage, pending, 1).function(), ASK_MODEL);

    let secret = text(&mut stage, root, readable_by(MODEL));
    let permit = effect(&mut stage, root, ASK_MODEL, &[secret]).unwrap();
    assert!(matches!(
        stage.withhold(permit, OPERATOR),
        Err(Denial::Recipients {
            excess: OPERATOR,
            ..
        })
    ));
}
