//! question(text, parts): who is asked about what, what the answer tells, how often.

use crate::stage::{
    OPERATOR, SEND, Stage, WEB, both, effect, everything, item, readable_by, stage, stage_with,
    tables, tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::Media;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::ledger::{Channel, Payer};
use lazaret_kernel::monitor::{
    Approval, ApprovalRefusal, Argument, Digest, Ending, Pending, Terms,
};
use lazaret_kernel::origins::Origin;
use lazaret_kernel::tables::{ArgumentId, ArgumentRule, FunctionId, FunctionRule, Grants, Verdict};

/// The number of the function that asks the operator.
const ASK: FunctionId = FunctionId(7);

fn asking() -> (Stage, InstanceId) {
    let mut tables = tables();
    let tolerates = TagSet::ALL;
    tables.functions.push(FunctionRule {
        arguments: vec![ArgumentRule { tolerates }; 2],
        caller: TagSet::ALL,
        recipients: OPERATOR,
        source: Label::BOTTOM,
        verdict: Verdict::Ask {
            passes: TagSet::ALL,
        },
    });
    stage_with(tables)
}

fn ask(stage: &Stage, caller: InstanceId, parts: &[Handle]) -> Result<Pending, Denial> {
    let text = (ArgumentId(0), Argument::Plain);
    let parts = parts
        .iter()
        .map(|part| (ArgumentId(1), Argument::Content(*part)));
    let all: Vec<_> = [text].into_iter().chain(parts).collect();
    stage.question(caller, ASK, &all, OPERATOR)
}

fn terms(request: u64) -> Terms {
    Terms {
        run: Digest([1; 32]),
        request,
        arguments: Digest([2; 32]),
        rules: Digest([3; 32]),
    }
}

fn hear(stage: &mut Stage, pending: Pending, request: u64) -> Result<Bits, ApprovalRefusal> {
    let word = Approval::new(pending.binding(terms(request)), OPERATOR, 10);
    let heard = stage.hear(pending, terms(request), Some(&word), 0, false);
    heard.map_err(|unapproved| unapproved.why)
}

#[test]
fn an_answer_about_what_the_caller_may_know_is_free() {
    let (mut stage, root) = asking();
    let clean = text(&mut stage, root, Label::BOTTOM);
    let pending = ask(&stage, root, &[clean]).unwrap();
    assert_eq!(hear(&mut stage, pending, 1), Ok(Bits::ZERO));
    assert_eq!(stage.ledger().total(), Bits::ZERO);
}

#[test]
fn an_answer_about_what_is_tainted_takes_no_taint_along_and_is_counted_against_the_item() {
    let (mut stage, root) = asking();
    let page = item(&mut stage, root, tainted(WEB), 4);
    let pending = ask(&stage, root, &[page]).unwrap();
    assert_eq!(hear(&mut stage, pending, 1), Ok(Bits::whole(2)));
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));
    let paid: Vec<_> = stage.ledger().by_payer().collect();
    let payer = Payer::Item(Origin(4));
    assert_eq!(paid, [(payer, Channel::Endorsement, Bits::whole(2))]);
}

#[test]
fn an_answer_that_an_earlier_part_of_the_run_has_counted_is_not_counted_again() {
    let (mut stage, root) = asking();
    let page = item(&mut stage, root, tainted(WEB), 4);
    let pending = ask(&stage, root, &[page]).unwrap();
    let word = Approval::new(pending.binding(terms(1)), OPERATOR, 10);
    let heard = stage.hear(pending, terms(1), Some(&word), 0, true);
    assert_eq!(heard.unwrap(), Bits::ZERO);
    assert_eq!(stage.ledger().total(), Bits::ZERO);
}

#[test]
fn who_hears_an_answer_narrows_to_those_who_may_read_the_question() {
    let (mut stage, root) = asking();
    let private = text(&mut stage, root, readable_by(OPERATOR));
    let pending = ask(&stage, root, &[private]).unwrap();
    hear(&mut stage, pending, 1).unwrap();
    assert_eq!(stage.current(root), Ok(readable_by(OPERATOR)));
    let clean = text(&mut stage, root, Label::BOTTOM);
    let refused = effect(&mut stage, root, SEND, &[clean]).unwrap_err();
    assert!(matches!(refused, Denial::Recipients { .. }));
}

#[test]
fn who_could_not_narrow_so_far_asks_nobody() {
    let (mut stage, _) = asking();
    let shut = stage.start_root(Label::BOTTOM, Label::BOTTOM, everything(), 5);
    let private = text(&mut stage, shut, readable_by(OPERATOR));
    let refused = ask(&stage, shut, &[private]).unwrap_err();
    assert!(matches!(refused, Denial::Clearance { .. }));
    // Taint is the person's to take away, so that it is no reason to refuse.
    let page = text(&mut stage, shut, tainted(WEB));
    ask(&stage, shut, &[page]).unwrap();
}

#[test]
fn a_person_who_may_not_read_a_part_is_not_asked() {
    let (mut stage, root) = asking();
    let others = text(&mut stage, root, both(WEB, Readers::of(1)));
    let refused = ask(&stage, root, &[others]).unwrap_err();
    let excess = OPERATOR;
    assert_eq!(
        refused,
        Denial::Recipients {
            function: ASK,
            excess
        }
    );
}

#[test]
fn a_question_is_answered_once_for_its_own_bytes_and_in_time() {
    let (mut stage, root) = asking();
    let page = text(&mut stage, root, tainted(WEB));
    let again = |stage: &Stage| ask(stage, root, &[page]).unwrap();
    let pending = again(&stage);
    let late = Approval::new(pending.binding(terms(1)), OPERATOR, 10);
    let refused = stage.hear(pending, terms(1), Some(&late), 10, false);
    assert_eq!(refused.unwrap_err().why, ApprovalRefusal::Expired);
    let pending = again(&stage);
    let other = Approval::new(pending.binding(terms(2)), OPERATOR, 10);
    let refused = stage.hear(pending, terms(1), Some(&other), 0, false);
    assert_eq!(refused.unwrap_err().why, ApprovalRefusal::OtherCall);
    let pending = again(&stage);
    hear(&mut stage, pending, 1).unwrap();
    let pending = again(&stage);
    assert_eq!(hear(&mut stage, pending, 1), Err(ApprovalRefusal::Used));
    let pending = again(&stage);
    let silent = stage.hear(pending, terms(1), None, 99, false);
    assert_eq!(silent.unwrap_err().why, ApprovalRefusal::Used);
}

#[test]
fn that_nobody_answered_is_an_answer_too() {
    let (mut stage, root) = asking();
    let page = item(&mut stage, root, tainted(WEB), 4);
    let pending = ask(&stage, root, &[page]).unwrap();
    let silent = stage.hear(pending, terms(1), None, 99, false);
    assert_eq!(silent.unwrap(), Bits::whole(2));
}

#[test]
fn who_was_not_granted_it_asks_nobody() {
    let (mut stage, _) = asking();
    let nobody = stage.start_root(Label::BOTTOM, Label::TOP, Grants::NONE, 5);
    assert_eq!(
        ask(&stage, nobody, &[]).unwrap_err(),
        Denial::NotGranted(ASK)
    );
}

#[test]
fn what_a_person_wrote_carries_the_persons_label_and_is_judged_by_it() {
    let (mut stage, root) = stage();
    let written = |label| [(ArgumentId(0), Argument::Written(label))];
    let permit = stage
        .effect(root, SEND, &written(Label::BOTTOM), Readers::NOBODY)
        .unwrap();
    assert_eq!(permit.inputs(), Label::BOTTOM);
    let private = stage.effect(root, SEND, &written(readable_by(OPERATOR)), Readers::NOBODY);
    assert!(matches!(private, Err(Denial::Recipients { .. })));
    let tainted = stage.effect(root, SEND, &written(tainted(WEB)), Readers::NOBODY);
    assert!(matches!(tainted, Err(Denial::ArgumentTaint { .. })));
}

#[test]
fn what_a_person_wrote_after_having_seen_a_strangers_text_is_counted() {
    let (mut stage, root) = asking();
    let page = item(&mut stage, root, tainted(WEB), 4);
    let pending = ask(&stage, root, &[page]).unwrap();
    stage.vouch(&pending, Bits::whole(80));
    let channels: Vec<_> = stage.ledger().by_channel().collect();
    assert_eq!(channels, [(Channel::Endorsement, Bits::whole(80))]);
}

/// The answer narrowed whom the child may tell, which its parent does not know of.
#[test]
fn who_heard_of_a_secret_has_risen() {
    let (mut stage, root) = asking();
    let mut request = 0;
    let mut rose = |stage: &mut Stage, parts: &[Handle]| {
        let nested = stage.nest(root, parts, Label::BOTTOM, 7).unwrap();
        let child = nested.child;
        for part in &nested.parts {
            request += 1;
            let pending = ask(stage, child, &[*part]).unwrap();
            hear(stage, pending, request).unwrap();
        }
        stage
            .finish(child, Ending::Created(Media::Text, ""))
            .unwrap()
            .rose()
    };
    let [secret, clean] = [readable_by(OPERATOR), Label::BOTTOM];
    let [secret, clean] = [secret, clean].map(|label| text(&mut stage, root, label));
    assert!(rose(&mut stage, &[secret]));
    assert!(!rose(&mut stage, &[clean]));
    // What it hears afterwards does not take that back.
    assert!(rose(&mut stage, &[secret, clean]));
}
