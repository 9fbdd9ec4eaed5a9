//! spawn: a child has no more than its parent, and starts above its task's text.

use crate::stage::{
    ASK_MODEL, CLASSIFY, CLERK, FLOATING, GREEDY, MAIL, OPERATOR, READER, STORE, WEB, actor,
    grants, item, readable_by, shown, spawn, stage, tainted, text,
};
use lazaret_kernel::content::Media;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::Handle;
use lazaret_kernel::label::Label;
use lazaret_kernel::origins::Origin;
use lazaret_kernel::tables::ProfileId;

#[test]
fn a_child_gets_the_capabilities_and_clearance_of_its_profile() {
    let (mut stage, root) = stage();
    let (child, _) = spawn(&mut stage, root, READER, &[]);
    assert_eq!(stage.grants(child), Ok(&grants(&[ASK_MODEL], &[])));
    assert_eq!(stage.clearance(child), Ok(tainted(WEB)));
    assert_eq!(stage.current(child), Ok(Label::BOTTOM));
}

#[test]
fn a_child_never_has_more_capabilities_than_its_parent() {
    let (mut stage, root) = stage();
    assert_eq!(
        stage.spawn(root, GREEDY, &[], &[], 7).unwrap_err(),
        Denial::SpawnGrants(GREEDY)
    );
    let poor = stage.start_root(Label::BOTTOM, Label::TOP, grants(&[STORE], &[CLASSIFY]), 5);
    assert_eq!(
        stage.spawn(poor, READER, &[], &[], 7).unwrap_err(),
        Denial::SpawnGrants(READER)
    );
    stage.spawn(poor, CLERK, &[], &[], 7).unwrap();
}

#[test]
fn a_profile_that_the_policy_has_not_starts_nobody() {
    let (mut stage, root) = stage();
    assert_eq!(
        stage.spawn(root, ProfileId(5), &[], &[], 7).unwrap_err(),
        Denial::UnknownProfile
    );
}

#[test]
fn a_forged_part_or_text_starts_nobody() {
    let (mut stage, root) = stage();
    let forged = [Handle(3)];
    assert_eq!(
        stage.spawn(root, READER, &forged, &[], 7).unwrap_err(),
        Denial::UnknownHandle
    );
    assert_eq!(
        stage.spawn(root, READER, &[], &forged, 7).unwrap_err(),
        Denial::UnknownHandle
    );
}

#[test]
fn a_child_starts_above_its_parent_and_its_text() {
    let (mut stage, _) = stage();
    let parent = actor(&mut stage, tainted(MAIL), Label::TOP);
    let page = text(&mut stage, parent, tainted(WEB));
    let secret = text(&mut stage, parent, readable_by(OPERATOR));
    let spawned = stage
        .spawn(parent, FLOATING, &[page, secret], &[], 7)
        .unwrap();
    let start = tainted(WEB | MAIL).join(readable_by(OPERATOR));
    assert_eq!(stage.current(spawned.child), Ok(start));
    assert_eq!(
        stage.current(parent),
        Ok(tainted(MAIL)),
        "the parent does not rise"
    );
    assert_eq!(spawned.text.len(), 2);
}

#[test]
fn a_text_above_the_profiles_clearance_starts_nobody() {
    let (mut stage, root) = stage();
    let (page, mail) = (
        text(&mut stage, root, tainted(WEB)),
        text(&mut stage, root, tainted(MAIL)),
    );
    let refused = |profile, start| Denial::SpawnClearance { profile, start };
    assert_eq!(
        stage.spawn(root, CLERK, &[page], &[], 7).unwrap_err(),
        refused(CLERK, tainted(WEB))
    );
    assert_eq!(
        stage
            .spawn(root, READER, &[page, mail], &[], 7)
            .unwrap_err(),
        refused(READER, tainted(WEB | MAIL))
    );
    stage.spawn(root, READER, &[page], &[mail], 7).unwrap();
    let parent = actor(&mut stage, tainted(MAIL), Label::TOP);
    assert_eq!(
        stage.spawn(parent, READER, &[], &[], 7).unwrap_err(),
        refused(READER, tainted(MAIL))
    );
}

#[test]
fn a_part_that_is_only_held_does_not_count() {
    let (mut stage, root) = stage();
    let mail = text(&mut stage, root, tainted(MAIL));
    let (child, parts) = spawn(&mut stage, root, READER, &[mail]);
    assert_eq!(stage.current(child), Ok(Label::BOTTOM));
    assert_eq!(shown(&stage, child, parts[0]), tainted(MAIL));
    assert!(matches!(
        stage.read(child, parts[0]),
        Err(Denial::Clearance { .. })
    ));
}

#[test]
fn what_a_child_writes_is_made_of_the_items_in_its_text() {
    let (mut stage, root) = stage();
    let (page, part) = (
        item(&mut stage, root, tainted(WEB), 1),
        item(&mut stage, root, tainted(WEB), 2),
    );
    let spawned = stage.spawn(root, READER, &[page], &[part], 7).unwrap();
    let written = stage.create(spawned.child, Media::Text, "mine").unwrap();
    let origins = stage.read(spawned.child, written).unwrap().facts().origins;
    assert_eq!(origins.items(), [Origin(1)]);
}
