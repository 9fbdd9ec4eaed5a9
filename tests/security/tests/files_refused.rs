//! `files`: neither read nor written without a grant.

use lazaret_security::Stage;

#[test]
fn a_file_is_not_read_without_a_grant() {
    let played = Stage::of("reads_a_file").order("vault/key.txt").play();
    played.refused_by("not-granted:files.vault.read");
    assert_eq!(played.effects(), []);
}

#[test]
fn a_file_is_not_written_without_a_grant() {
    let played = Stage::of("writes_a_file").order("ledger/entry.txt").play();
    played.refused_by("not-granted:files.ledger.write");
    assert_eq!(played.file("ledger/entry.txt").unwrap(), "nothing paid yet");
}

#[test]
fn a_mount_that_is_read_only_has_no_function_that_writes() {
    let played = Stage::of("writes_a_file").order("vault/key.txt").play();
    played.refused_by("not-granted:files.vault.write");
    assert_eq!(
        played.file("vault/key.txt").unwrap(),
        "the key of the vault"
    );
}
