//! A file outside the grant is read, or one outside of every mount.

use std::os::unix::fs::symlink;
use std::process::Command;

use lazaret_security::{Played, Stage};

fn stage() -> Stage {
    Stage::of("reads_a_file").order("vault/key.txt")
}

fn granted(path: &str) -> Stage {
    stage()
        .rule("[profile.subject]", "use", r#"["files.vault.read"]"#)
        .order(path)
}

#[test]
fn a_file_of_a_mount_that_was_not_granted_is_refused() {
    let played = stage().play();
    played.refused_by("not-granted:files.vault.read");
    assert_eq!(played.effects(), []);
}

#[test]
fn granted_the_same_file_is_read() {
    let played = granted("vault/key.txt").play();
    played.nothing_refused();
    assert_eq!(played.answer(), "the key of the vault");
}

#[test]
fn a_grant_to_write_is_none_to_read() {
    let played = stage()
        .rule("[files.vault]", "write", "true")
        .rule("[profile.subject]", "use", r#"["files.vault.write"]"#)
        .play();
    played.refused_by("not-granted:files.vault.read");
}

#[test]
fn no_spelling_of_a_path_leads_out_of_a_mount() {
    for path in [
        "vault/../outside.txt",
        "vault/./../outside.txt",
        "vault/sub/../../outside.txt",
        "vault//etc/passwd",
    ] {
        let stage = granted(path).file("vault/sub/more.txt", "");
        // The twin: the machine itself leads out of the directory by it.
        let (_, below) = path.split_once('/').unwrap();
        std::fs::read_to_string(stage.directory().join("vault").join(below)).expect(path);
        failed_without_content(&stage.play(), path);
    }
    for path in [
        "vault//outside.txt",
        "vault/..\\outside.txt",
        "vault/\u{2024}\u{2024}/outside.txt",
        "vault/%2e%2e/outside.txt",
        "vault/key.txt/../../outside.txt",
        "vault/~/outside.txt",
        "vault/key.txt\0/../outside.txt",
        "vault/",
        "vault/.",
        "vault/..",
    ] {
        let played = granted(path).play();
        failed_without_content(&played, path);
    }
}

#[test]
fn a_path_of_no_mount_is_refused_before_any_file_is_touched() {
    for path in [
        "/etc/passwd",
        "../outside.txt",
        "outside.txt",
        "vault",
        "",
        "Vault/key.txt",
        "vault2/key.txt",
        "./vault/key.txt",
    ] {
        let played = granted(path).play();
        played.refused_by("not-granted:files");
        assert_eq!(played.effects(), [], "{path}");
    }
}

#[test]
fn mounted_the_same_path_is_read() {
    let played = granted("vault2/key.txt")
        .sections("[files.vault2]\npath = \"vault\"\ntags = []\nreaders = \"public\"\n")
        .rule("[profile.subject]", "use", r#"["files.vault2.read"]"#)
        .play();
    played.nothing_refused();
    assert_eq!(played.answer(), "the key of the vault");
}

#[test]
fn a_path_of_a_million_characters_is_an_error() {
    let long = format!("vault/{}", "a/".repeat(500_000));
    failed_without_content(&granted(&long).play(), "a long path");
}

#[test]
fn a_link_out_of_the_mount_is_not_followed() {
    for target in [
        "../outside.txt",
        "/etc/passwd",
        "/dev/zero",
        "/proc/self/environ",
    ] {
        let stage = granted("vault/link");
        symlink(target, stage.directory().join("vault/link")).unwrap();
        failed_without_content(&stage.play(), target);
    }
}

#[test]
fn a_directory_that_is_a_link_out_of_the_mount_is_not_entered() {
    let stage = granted("vault/up/outside.txt");
    symlink("..", stage.directory().join("vault/up")).unwrap();
    failed_without_content(&stage.play(), "vault/up/outside.txt");
}

#[test]
fn the_same_link_is_followed_in_a_mount_that_has_both_its_ends() {
    for (path, link, target) in [
        ("vault/low/link", "low/link", "../outside.txt"),
        ("vault/low/up/outside.txt", "low/up", ".."),
    ] {
        let stage = granted(path)
            .rule("[files.vault]", "path", "\"house\"")
            .file("house/outside.txt", "outside of the lower mount")
            .file("house/low/key.txt", "");
        symlink(target, stage.directory().join("house").join(link)).unwrap();
        let played = stage.play();
        played.nothing_refused();
        assert_eq!(played.answer(), "outside of the lower mount", "{path}");
    }
}

#[test]
fn a_link_inside_of_the_mount_is_followed() {
    let stage = granted("vault/link");
    symlink("key.txt", stage.directory().join("vault/link")).unwrap();
    assert_eq!(stage.play().answer(), "the key of the vault");
}

#[test]
fn a_pipe_that_nobody_writes_to_holds_nothing_up() {
    let stage = granted("vault/pipe");
    let pipe = stage.directory().join("vault/pipe");
    assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
    failed_without_content(&stage.play(), "a pipe");
}

/// The effect was made and failed: no rule refused it, and nothing of a file came back.
#[track_caller]
fn failed_without_content(played: &Played, path: &str) {
    played.nothing_refused();
    assert_eq!(played.effects(), [("files.vault.read", false)], "{path}");
    let answer = played.answer().as_str().unwrap();
    assert!(answer.starts_with("failed: "), "{path}: {answer}");
    assert!(
        !answer.contains("outside of every mount"),
        "{path}: {answer}"
    );
    assert!(!answer.contains("root:"), "{path}: {answer}");
}
