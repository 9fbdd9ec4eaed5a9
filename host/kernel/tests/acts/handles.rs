//! Is a number a handle only in the hands of its owner, and how many may there be?

use crate::stage::{
    READER, WEB, actor, everything, pointer, shown, spawn, stage, stage_with, tables, tainted, text,
};
use lazaret_kernel::content::Media;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::Handle;
use lazaret_kernel::label::Label;

#[test]
fn a_number_from_elsewhere_is_nobodys_handle() {
    let (mut stage, root) = stage();
    let other = actor(&mut stage, Label::BOTTOM, Label::TOP);
    let mine = text(&mut stage, root, Label::BOTTOM);
    let theirs = text(&mut stage, other, Label::BOTTOM);
    assert_eq!(stage.describe(root, theirs), Err(Denial::UnknownHandle));
    assert_eq!(stage.describe(other, mine), Err(Denial::UnknownHandle));
    assert!(stage.describe(root, mine).is_ok() && stage.describe(other, theirs).is_ok());
}

#[test]
fn numbers_around_a_handle_are_no_handles() {
    let (mut stage, root) = stage();
    let Handle(number) = text(&mut stage, root, Label::BOTTOM);
    for forged in [
        0,
        1,
        number + 1,
        number ^ (1 << 24),
        number ^ (1 << 63),
        u64::MAX,
    ] {
        assert_eq!(
            stage.describe(root, Handle(forged)),
            Err(Denial::UnknownHandle),
            "{forged}"
        );
    }
}

#[test]
fn a_handle_is_a_number_that_every_language_holds_exactly() {
    let (mut stage, root) = stage();
    let profile = lazaret_kernel::tables::Grants::default();
    let marked = stage.start_root(Label::BOTTOM, Label::TOP, profile, u64::MAX);
    for instance in [root, marked] {
        let Handle(number) = text(&mut stage, instance, Label::BOTTOM);
        assert!(number < 1 << 53, "{number}");
    }
}

#[test]
fn a_part_is_the_childs_own_handle_of_the_same_content() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let (child, parts) = spawn(&mut stage, root, READER, &[page]);
    assert_eq!(stage.describe(child, page), Err(Denial::UnknownHandle));
    assert_eq!(shown(&stage, child, parts[0]), tainted(WEB));
}

#[test]
fn an_instance_that_has_ended_can_do_nothing() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, Label::BOTTOM);
    stage.end(root);
    assert_eq!(stage.describe(root, page), Err(Denial::UnknownInstance));
    assert_eq!(stage.current(root), Err(Denial::UnknownInstance));
    assert_eq!(stage.clearance(root), Err(Denial::UnknownInstance));
    assert_eq!(stage.grants(root), Err(Denial::UnknownInstance));
    assert_eq!(
        stage.create(root, Media::Text, "x"),
        Err(Denial::UnknownInstance)
    );
}

#[test]
fn one_handle_past_the_limit_is_refused_and_the_others_stay() {
    let mut tables = tables();
    tables.limits.handles = 2;
    let (mut stage, root) = stage_with(tables);
    let first = text(&mut stage, root, Label::BOTTOM);
    text(&mut stage, root, Label::BOTTOM);
    assert_eq!(
        stage.create(root, Media::Text, "x"),
        Err(Denial::TooManyHandles)
    );
    assert_eq!(
        stage.project(root, first, &pointer("/a"), |all| all),
        Err(Denial::TooManyHandles)
    );
    stage.read(root, first).unwrap();
}

#[test]
fn a_spawn_with_too_many_parts_leaves_no_child_behind() {
    let mut tables = tables();
    tables.limits.handles = 2;
    let (mut stage, root) = stage_with(tables);
    let page = text(&mut stage, root, Label::BOTTOM);
    let spawned = stage.spawn(root, READER, &[], &[page; 3], 7);
    assert_eq!(spawned.unwrap_err(), Denial::TooManyHandles);
    let next = stage.start_root(Label::BOTTOM, Label::TOP, everything(), 3);
    assert_eq!(next.0, root.0 + 1, "the refused child has a number");
}
