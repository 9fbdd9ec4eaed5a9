//! effect(tool, args): what each argument tolerates, whom it reaches, what comes back.

use crate::stage::{
    ASK_MODEL, FETCH, MAIL, MODEL, OPERATOR, RESTART, SEND, STORE, Stage, UNWRITTEN, WEB, actor,
    both, effect, everything, grants, item, pointer, readable_by, shown, stage, stage_with, tables,
    tainted, text,
};
use lazaret_kernel::content::{Facts, ItemOrigins, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::InstanceId;
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::monitor::{Argument, EffectPermit};
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::tables::{
    ArgumentId, ArgumentRule, FunctionId, FunctionRule, MAX_ARGUMENTS, ProfileId, Verdict,
};
use lazaret_kernel::tree::LabelTree;

fn plain(
    stage: &mut Stage,
    caller: InstanceId,
    function: FunctionId,
    count: u8,
) -> Result<EffectPermit, Denial> {
    let arguments: Vec<_> = (0..count)
        .map(|id| (ArgumentId(id), Argument::Plain))
        .collect();
    stage.effect(caller, function, &arguments, Readers::NOBODY)
}

#[test]
fn an_effect_needs_its_grant_and_its_rule() {
    let (mut stage, root) = stage();
    let poor = stage.start_root(Label::BOTTOM, Label::TOP, grants(&[STORE], &[]), 5);
    assert_eq!(
        plain(&mut stage, poor, SEND, 1).unwrap_err(),
        Denial::NotGranted(SEND)
    );
    assert_eq!(
        plain(&mut stage, root, UNWRITTEN, 0).unwrap_err(),
        Denial::NotGranted(UNWRITTEN)
    );
    assert_eq!(
        plain(&mut stage, root, FunctionId(511), 0).unwrap_err(),
        Denial::NotGranted(FunctionId(511))
    );
    assert_eq!(plain(&mut stage, root, SEND, 1).unwrap().function(), SEND);
}

#[test]
fn an_argument_tolerates_its_own_taints_and_no_other() {
    let (mut stage, root) = stage();
    let [clean, web, mail] =
        [TagSet::EMPTY, WEB, MAIL].map(|taint| text(&mut stage, root, tainted(taint)));
    let refused = |argument, excess| Denial::ArgumentTaint {
        function: STORE,
        argument: ArgumentId(argument),
        excess,
    };
    effect(&mut stage, root, STORE, &[clean, web]).unwrap();
    assert_eq!(
        effect(&mut stage, root, STORE, &[web, clean]).unwrap_err(),
        refused(0, WEB)
    );
    assert_eq!(
        effect(&mut stage, root, STORE, &[clean, mail]).unwrap_err(),
        refused(1, MAIL)
    );
    let twice = [
        (ArgumentId(1), Argument::Content(web)),
        (ArgumentId(0), Argument::Content(web)),
    ];
    let denied = stage.effect(root, STORE, &twice, Readers::NOBODY);
    assert_eq!(denied.unwrap_err(), refused(0, WEB));
}

#[test]
fn a_tainted_caller_is_judged_by_every_argument_given_or_not() {
    let (mut stage, _) = stage();
    let reader = actor(&mut stage, tainted(WEB), Label::TOP);
    // The subject of STORE must be clean: to leave it out would be a tainted choice too.
    let refused = Denial::ArgumentTaint {
        function: STORE,
        argument: ArgumentId(0),
        excess: WEB,
    };
    assert_eq!(plain(&mut stage, reader, STORE, 0).unwrap_err(), refused);
    let body = [(ArgumentId(1), Argument::Plain)];
    assert_eq!(
        stage
            .effect(reader, STORE, &body, Readers::NOBODY)
            .unwrap_err(),
        refused
    );
    plain(&mut stage, reader, ASK_MODEL, 1).unwrap();
}

#[test]
fn a_caller_with_a_taint_that_the_call_does_not_tolerate_makes_no_call() {
    let (mut stage, root) = stage();
    let reader = actor(&mut stage, tainted(WEB | MAIL), Label::TOP);
    let refused = |function, excess| Denial::CallerTaint { function, excess };
    assert_eq!(
        plain(&mut stage, reader, RESTART, 0).unwrap_err(),
        refused(RESTART, WEB | MAIL)
    );
    assert_eq!(
        plain(&mut stage, reader, STORE, 2).unwrap_err(),
        refused(STORE, MAIL)
    );
    plain(&mut stage, root, RESTART, 0).unwrap();
}

#[test]
fn an_effect_is_judged_by_the_label_at_which_it_is_made() {
    let (mut stage, root) = stage();
    plain(&mut stage, root, SEND, 1).unwrap();
    let page = text(&mut stage, root, tainted(WEB));
    stage.read(root, page).unwrap();
    assert!(matches!(
        plain(&mut stage, root, SEND, 1),
        Err(Denial::CallerTaint { .. })
    ));
}

#[test]
fn recipients_must_be_readers_of_everything_that_goes_there() {
    let (mut stage, root) = stage();
    let [operator, model, private] = [OPERATOR, MODEL, OPERATOR | MODEL]
        .map(|readers| text(&mut stage, root, readable_by(readers)));
    let refused = |function, excess| Denial::Recipients { function, excess };
    assert_eq!(
        effect(&mut stage, root, SEND, &[private]).unwrap_err(),
        refused(SEND, Readers::STRANGER)
    );
    assert_eq!(
        effect(&mut stage, root, ASK_MODEL, &[operator]).unwrap_err(),
        refused(ASK_MODEL, MODEL)
    );
    effect(&mut stage, root, ASK_MODEL, &[model]).unwrap();
    effect(&mut stage, root, ASK_MODEL, &[private]).unwrap();
    assert!(
        effect(&mut stage, root, STORE, &[operator]).is_ok(),
        "a store reaches nobody"
    );
}

#[test]
fn recipients_that_the_call_names_count_as_well() {
    let (mut stage, root) = stage();
    let private = text(&mut stage, root, readable_by(OPERATOR));
    let arguments = [(ArgumentId(0), Argument::Content(private))];
    let mut to = |recipients| stage.effect(root, STORE, &arguments, recipients);
    to(OPERATOR).unwrap();
    let refused = Denial::Recipients {
        function: STORE,
        excess: MODEL,
    };
    assert_eq!(to(OPERATOR | MODEL).unwrap_err(), refused);
    to(Readers::PUBLIC).unwrap_err();
}

#[test]
fn a_caller_that_read_a_secret_reaches_only_its_readers() {
    let (mut stage, _) = stage();
    let reader = actor(&mut stage, readable_by(OPERATOR), Label::TOP);
    let refused = Denial::Recipients {
        function: ASK_MODEL,
        excess: MODEL,
    };
    assert_eq!(
        plain(&mut stage, reader, ASK_MODEL, 0).unwrap_err(),
        refused
    );
}

#[test]
fn an_argument_that_the_function_has_not_is_refused() {
    let (mut stage, root) = stage();
    let clean = text(&mut stage, root, Label::BOTTOM);
    for argument in [Argument::Plain, Argument::Content(clean)] {
        let denied = stage.effect(root, SEND, &[(ArgumentId(1), argument)], Readers::NOBODY);
        assert_eq!(denied.unwrap_err(), Denial::UnknownArgument(SEND));
    }
}

#[test]
fn one_argument_past_the_limit_is_refused() {
    let (mut stage, root) = stage();
    let arguments = [(ArgumentId(0), Argument::Plain); MAX_ARGUMENTS + 1];
    let mut make =
        |count| stage.effect(root, SEND, arguments.get(..count).unwrap(), Readers::NOBODY);
    make(MAX_ARGUMENTS).unwrap();
    assert_eq!(
        make(MAX_ARGUMENTS + 1).unwrap_err(),
        Denial::TooManyArguments(SEND)
    );
}

#[test]
fn only_the_arguments_of_a_permitted_call_are_handed_out() {
    let (mut stage, root) = stage();
    let [given, kept] = [
        text(&mut stage, root, tainted(WEB)),
        text(&mut stage, root, Label::BOTTOM),
    ];
    let permit = effect(&mut stage, root, ASK_MODEL, &[given]).unwrap();
    assert_eq!(*stage.argument(&permit, given).unwrap().payload(), "text");
    assert_eq!(
        stage.argument(&permit, kept).unwrap_err(),
        Denial::UnknownHandle
    );
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));
}

#[test]
fn the_answer_carries_the_arguments_the_caller_and_the_source() {
    let (mut stage, _) = stage();
    let caller = actor(&mut stage, readable_by(OPERATOR | MODEL), Label::TOP);
    let mail = text(&mut stage, caller, tainted(MAIL));
    let permit = effect(&mut stage, caller, ASK_MODEL, &[mail]).unwrap();
    let expected = both(MAIL, OPERATOR | MODEL);
    assert_eq!(
        (permit.inputs(), stage.answer_label(&permit)),
        (expected, expected)
    );
    let facts = || Facts::flat(Label::BOTTOM, Origins::NONE, Media::Text);
    let answer = stage.answer(&permit, facts(), "answer").unwrap();
    assert_eq!(shown(&stage, caller, answer), expected);

    let root = actor(&mut stage, Label::BOTTOM, Label::TOP);
    let permit = plain(&mut stage, root, FETCH, 1).unwrap();
    assert_eq!(stage.answer_label(&permit), tainted(WEB));
    let page = stage.answer(&permit, facts(), "page").unwrap();
    assert_eq!(shown(&stage, root, page), tainted(WEB));
    assert_eq!(
        stage.current(root),
        Ok(Label::BOTTOM),
        "an unread answer raises nobody"
    );
}

#[test]
fn a_declared_answer_has_its_own_labels_and_no_field_is_below_the_inputs() {
    let (mut stage, root) = stage();
    let mail = text(&mut stage, root, tainted(MAIL));
    let permit = effect(&mut stage, root, FETCH, &[mail]).unwrap();
    let labels = LabelTree::declared(tainted(WEB), vec![(pointer("/id"), Label::BOTTOM)]);
    let facts = Facts {
        labels,
        ..Facts::flat(Label::BOTTOM, Origins::NONE, Media::Json)
    };
    let answer = stage.answer(&permit, facts, "answer").unwrap();
    assert_eq!(shown(&stage, root, answer), tainted(WEB | MAIL));
    let id = stage
        .project(root, answer, &pointer("/id"), |all| all)
        .unwrap();
    assert_eq!(shown(&stage, root, id), tainted(MAIL));
}

#[test]
fn success_is_sealed_where_it_depends_on_content_above_the_caller() {
    let (mut stage, root) = stage();
    let [clean, web] = [
        text(&mut stage, root, Label::BOTTOM),
        text(&mut stage, root, tainted(WEB)),
    ];
    assert!(
        !effect(&mut stage, root, ASK_MODEL, &[clean])
            .unwrap()
            .is_sealed()
    );
    assert!(
        effect(&mut stage, root, ASK_MODEL, &[web])
            .unwrap()
            .is_sealed()
    );
    let reader = actor(&mut stage, tainted(WEB), Label::TOP);
    let web = text(&mut stage, reader, tainted(WEB));
    assert!(
        !effect(&mut stage, reader, ASK_MODEL, &[web])
            .unwrap()
            .is_sealed()
    );
}

#[test]
fn an_answer_is_made_of_the_items_that_went_in() {
    let (mut stage, root) = stage();
    let issue = item(&mut stage, root, tainted(WEB), 3);
    let permit = effect(&mut stage, root, ASK_MODEL, &[issue]).unwrap();
    let list = Some(ItemOrigins {
        vouched: None,
        list: pointer(""),
        first: Origin(40),
    });
    let facts = Facts {
        items: list,
        ..Facts::flat(tainted(WEB), Origins::NONE, Media::Json)
    };
    let found = stage.answer(&permit, facts, "found").unwrap();
    // The search words came from item 3, so that no hit is decided by the hit alone.
    let hit = stage
        .project(root, found, &pointer("/0"), |all| all)
        .unwrap();
    assert_eq!(
        stage.read(root, hit).unwrap().facts().origins,
        Origins::of(Origin(3))
    );
}

#[test]
fn a_tool_starts_at_the_join_of_its_arguments_and_rises_to_what_it_tolerates() {
    let (mut stage, root) = stage();
    let web = text(&mut stage, root, both(WEB, OPERATOR));
    let clean = text(&mut stage, root, Label::BOTTOM);
    let permit = effect(&mut stage, root, STORE, &[clean, web]).unwrap();
    let tool = stage.start_tool(&permit, everything(), 9).unwrap();
    assert_eq!(stage.current(tool), Ok(both(WEB, OPERATOR)));
    assert_eq!(stage.clearance(tool), Ok(both(WEB, Readers::NOBODY)));
    let (private, mail) = (
        text(&mut stage, tool, readable_by(MODEL)),
        text(&mut stage, tool, tainted(MAIL)),
    );
    assert!(matches!(
        stage.read(tool, mail),
        Err(Denial::Clearance { .. })
    ));
    stage.read(tool, private).unwrap();
}

/// A tool may come to know what its call is tolerated with, what its function and its own
/// functions bring in, and nothing else.
#[test]
fn a_tool_may_rise_to_all_that_its_call_and_its_own_functions_can_bring_in() {
    let [caller, argument, source, own] = [2, 3, 4, 5].map(TagSet::of);
    let mut tables = tables();
    tables.functions[usize::from(STORE.0)] = FunctionRule {
        arguments: vec![
            ArgumentRule {
                tolerates: argument,
            },
            ArgumentRule {
                tolerates: TagSet::EMPTY,
            },
        ],
        caller,
        recipients: Readers::NOBODY,
        source: tainted(source),
        verdict: Verdict::Allow,
    };
    tables.functions[usize::from(FETCH.0)].source = tainted(own);
    let (mut stage, root) = stage_with(tables);
    let clean = text(&mut stage, root, Label::BOTTOM);
    let permit = effect(&mut stage, root, STORE, &[clean, clean]).unwrap();
    let tool = stage.start_tool(&permit, grants(&[FETCH], &[]), 9).unwrap();
    let taint = caller | argument | source | own;
    assert_eq!(stage.clearance(tool), Ok(both(taint, Readers::NOBODY)));
}

#[test]
fn a_permit_names_the_items_that_its_arguments_were_made_of() {
    let (mut stage, root) = stage();
    let items = [3, 4].map(|origin| item(&mut stage, root, Label::BOTTOM, origin));
    let permit = effect(&mut stage, root, STORE, &items).unwrap();
    let both = Origins::of(Origin(3)).union(&Origins::of(Origin(4)));
    assert_eq!(permit.origins(), &both);
    assert_eq!(stage.origins(root, items[0]), Ok(Origins::of(Origin(3))));
}

#[test]
fn a_monitor_decides_by_the_tables_that_it_was_given() {
    let (stage, _) = stage();
    assert!(stage.tables().function(STORE).is_some());
    assert!(stage.tables().profile(ProfileId(0)).is_some());
}
