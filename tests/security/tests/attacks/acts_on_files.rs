//! Files are listed, searched, changed, removed and moved, within a mount and out of it.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use lazaret_security::Stage;
use serde_json::{Value, json};

fn stage(acts: &Value) -> Stage {
    Stage::of("acts_on_files")
        .rule(
            "[profile.subject]",
            "use",
            r#"["files.read", "files.write"]"#,
        )
        .rule("[files.ledger]", "readers", "\"public\"")
        .order(acts.to_string())
}

#[track_caller]
fn outcomes(stage: Stage) -> Vec<Value> {
    let played = stage.play();
    played.nothing_refused();
    played.answer().as_array().expect("outcomes").clone()
}

/// Nothing of what lies outside came back, and it is as it was.
#[track_caller]
fn kept_inside(stage: Stage, what: &str) {
    let outside = stage.directory().join("outside.txt");
    let played = stage.play();
    let answer = played.answer().to_string();
    assert!(
        !answer.contains("outside of every mount"),
        "{what}: {answer}"
    );
    assert!(!answer.contains("root:"), "{what}: {answer}");
    let now = std::fs::read_to_string(outside);
    assert!(
        now.is_err() || played.file("outside.txt").as_deref() == Some("outside of every mount")
    );
}

#[test]
fn nothing_of_it_is_done_without_a_grant() {
    for (act, rule) in [
        (
            json!([["stat", "vault/key.txt"]]),
            "not-granted:files.vault.find",
        ),
        (json!([["list", "vault/"]]), "not-granted:files.vault.find"),
        (
            json!([["glob", "vault/", "**"]]),
            "not-granted:files.vault.find",
        ),
        (
            json!([["grep", "vault/", "key"]]),
            "not-granted:files.vault.find",
        ),
        (
            json!([["edit", "ledger/entry.txt", "nothing", "all"]]),
            "not-granted:files.ledger.edit",
        ),
        (
            json!([["remove", "ledger/entry.txt"]]),
            "not-granted:files.ledger.edit",
        ),
        (
            json!([["rename", "ledger/entry.txt", "ledger/other.txt"]]),
            "not-granted:files.ledger.edit",
        ),
        (
            json!([["make", "ledger/more"]]),
            "not-granted:files.ledger.edit",
        ),
    ] {
        let played = stage(&act).rule("[profile.subject]", "use", "[]").play();
        played.refused_by(rule);
        assert_eq!(played.file("ledger/entry.txt").unwrap(), "nothing paid yet");
    }
}

#[test]
fn with_one_files_are_found_and_changed() {
    let acts = json!([
        ["list", "vault/"],
        ["stat", "vault/key.txt"],
        ["stat", "vault/none"],
        ["glob", "vault/", "**/*.txt"],
        ["grep", "vault/", "k.y", "*.txt"],
        ["make", "ledger/a/b"],
        ["write", "ledger/a/b/c.txt", "one two two"],
        ["edit", "ledger/a/b/c.txt", "two", "three"],
        ["edit", "ledger/a/b/c.txt", "one", "four"],
        ["edit-all", "ledger/a/b/c.txt", "two", "2"],
        ["lines", "ledger/a/b/c.txt", "1", "1"],
        ["rename", "ledger/a/b/c.txt", "ledger/d.txt"],
        ["read", "ledger/d.txt"],
        ["remove", "ledger/a/b"],
        ["remove", "ledger/a"],
        ["stat", "ledger/a"],
    ]);
    let played = stage(&acts).play();
    played.nothing_refused();
    let expected = json!([
        [{"kind": "file", "name": "key.txt"}],
        {"bytes": 20, "executable": false, "kind": "file"},
        null,
        {"more": false, "paths": ["key.txt"]},
        {"lines": [{"line": 1, "path": "key.txt", "text": "the key of the vault"}], "more": false},
        {"done": true},
        null,
        "failed: `a/b/c.txt` contains the text to replace 2 times: give more of it, or set `all`",
        {"replaced": 1},
        {"replaced": 2},
        "four 2 2",
        {"done": true},
        "four 2 2",
        {"done": true},
        {"done": true},
        null,
    ]);
    assert_eq!(played.answer(), &expected);
}

#[test]
fn what_stands_in_a_store_of_mails_is_told_inside_the_answer_alone() {
    let acts = json!([["edit", "ledger/entry.txt", "all", "much"]]);
    let trusted = outcomes(stage(&acts));
    assert!(
        trusted[0].as_str().unwrap().starts_with("failed: "),
        "{trusted:?}"
    );

    let of_mails = || stage(&acts).rule("[files.ledger]", "tags", r#"["mail"]"#);
    let played = of_mails().play();
    played.nothing_refused();
    assert!(played.answer()[0]["error"].is_string());
    assert_eq!(played.answers_taint("files.ledger.edit"), [["mail"]]);
    assert_eq!(played.subject_taint(), ["mail"]);

    of_mails()
        .rule("[profile.subject]", "reads", "[]")
        .parts(&[])
        .play()
        .refused_by("clearance");
}

#[test]
fn no_act_leads_out_of_a_mount() {
    for act in [
        json!([["list", "vault/.."]]),
        json!([["glob", "vault/../", "*"]]),
        json!([["grep", "vault/..", "outside"]]),
        json!([["glob", "vault/", "../*"]]),
        json!([["edit", "ledger/../outside.txt", "outside", "inside"]]),
        json!([["remove", "ledger/../outside.txt"]]),
        json!([["rename", "ledger/../outside.txt", "ledger/mine.txt"]]),
        json!([["rename", "ledger/entry.txt", "ledger/../outside.txt"]]),
        json!([["make", "ledger/../made"]]),
        json!([["list", "vault//etc"]]),
    ] {
        let stage = stage(&act);
        let made = stage.directory().join("made");
        kept_inside(stage, &act.to_string());
        assert!(!made.exists());
    }
    // The twins: the machine itself leads out by the same paths.
    let stage = stage(&json!([]));
    let at = |path: &str| stage.directory().join(path);
    assert!(at("vault/..").join("outside.txt").is_file());
    std::fs::create_dir(at("ledger/../made")).unwrap();
    assert!(at("made").is_dir());
    std::fs::rename(at("ledger/../outside.txt"), at("ledger/mine.txt")).unwrap();
    std::fs::rename(at("ledger/entry.txt"), at("ledger/../outside.txt")).unwrap();
    let moved = std::fs::read_to_string(at("outside.txt")).unwrap();
    assert_eq!(moved, "nothing paid yet");
    let absolute = Path::new("/etc");
    assert_eq!(at("vault").join(absolute), absolute);
}

#[test]
fn no_act_follows_a_link_out_of_a_mount() {
    for act in [
        json!([["list", "ledger/up"]]),
        json!([["grep", "ledger/", "outside"]]),
        json!([["glob", "ledger/", "**/outside.txt"]]),
        json!([["edit", "ledger/up/outside.txt", "outside", "inside"]]),
        json!([["edit", "ledger/link", "outside", "inside"]]),
        json!([["write", "ledger/link", "inside"]]),
        json!([["write", "ledger/up/outside.txt", "inside"]]),
        json!([["remove", "ledger/up/outside.txt"]]),
        json!([["rename", "ledger/up/outside.txt", "ledger/mine.txt"]]),
    ] {
        let stage = stage(&act);
        symlink("..", stage.directory().join("ledger/up")).unwrap();
        symlink("../outside.txt", stage.directory().join("ledger/link")).unwrap();
        kept_inside(stage, &act.to_string());
    }
}

#[test]
fn the_same_links_are_followed_in_a_mount_that_has_both_their_ends() {
    let acts = json!([
        ["edit", "ledger/low/up/outside.txt", "outside", "inside"],
        ["read", "ledger/low/link"],
        ["rename", "ledger/low/up/outside.txt", "ledger/low/mine.txt"],
    ]);
    let stage = stage(&acts)
        .rule("[files.ledger]", "path", "\"house\"")
        .file("house/outside.txt", "outside of the lower mount")
        .file("house/low/entry.txt", "");
    let low = stage.directory().join("house/low");
    symlink("..", low.join("up")).unwrap();
    symlink("../outside.txt", low.join("link")).unwrap();
    let played = stage.play();
    played.nothing_refused();
    let changed = "inside of the lower mount";
    assert_eq!(played.answer()[1], changed, "{}", played.answer());
    assert_eq!(played.file("house/low/mine.txt").unwrap(), changed);
}

#[test]
fn a_file_is_not_moved_to_another_mount() {
    let acts = json!([["rename", "ledger/entry.txt", "desk/entry.txt"]]);
    let told = outcomes(stage(&acts));
    assert!(
        told[0].as_str().unwrap().starts_with("invalid: "),
        "{told:?}"
    );
    // The twin: both are in one mount.
    let acts = json!([["rename", "ledger/entry.txt", "ledger/desk.txt"]]);
    assert_eq!(outcomes(stage(&acts))[0], json!({ "done": true }));
}

fn hidden(hide: &str) -> Stage {
    let acts = json!([
        ["read", "ledger/.env"],
        ["read", "ledger/link"],
        ["list", "ledger/"],
        ["grep", "ledger/", "password"],
        ["write", "ledger/.git/hooks/pre-commit", "do evil"],
        [
            "rename",
            "ledger/entry.txt",
            "ledger/.git/hooks/post-commit"
        ],
        ["write", "ledger/hooks/pre-push", "do evil"],
    ]);
    let stage = stage(&acts)
        .rule("[files.ledger]", "hide", hide)
        .file("ledger/.env", "password=1")
        .file("ledger/.git/hooks/sample", "");
    symlink(".env", stage.directory().join("ledger/link")).unwrap();
    symlink(".git/hooks", stage.directory().join("ledger/hooks")).unwrap();
    stage
}

#[test]
fn what_is_hidden_is_neither_read_nor_written_by_its_name_or_a_link() {
    let played = hidden(r#"[".env*", ".git"]"#).play();
    let answer = played.answer().to_string();
    assert!(!answer.contains("password=1"), "{answer}");
    assert_eq!(played.file("ledger/.git/hooks/pre-commit"), None);
    assert_eq!(played.file("ledger/.git/hooks/post-commit"), None);
    assert_eq!(played.file("ledger/.git/hooks/pre-push"), None);
}

#[test]
fn shown_the_same_files_are_read_and_written() {
    let played = hidden("[]").play();
    let answer = played.answer();
    assert_eq!(answer[0], "password=1");
    assert_eq!(answer[1], "password=1");
    for hook in ["pre-commit", "pre-push", "post-commit"] {
        assert!(
            played.file(&format!("ledger/.git/hooks/{hook}")).is_some(),
            "{hook}"
        );
    }
}

#[test]
fn the_settings_of_git_are_hidden_where_the_policy_says_nothing() {
    let acts = json!([["write", "ledger/.git/hooks/pre-commit", "do evil"]]);
    let stage = || stage(&acts).file("ledger/.git/config", "");
    let hook = "ledger/.git/hooks/pre-commit";
    assert_eq!(stage().play().file(hook), None);
    // The twin: the policy says that nothing is hidden.
    let played = stage()
        .rule("[files.ledger]", "hide", "[]")
        .file("ledger/.git/hooks/sample", "")
        .play();
    assert_eq!(played.file(hook).as_deref(), Some("do evil"));
}

#[test]
fn pipes_and_large_and_binary_files_hold_nothing_up() {
    let acts = json!([
        ["read", "ledger/pipe"],
        ["edit", "ledger/pipe", "a", "b"],
        ["grep", "ledger/", "nothing"],
        ["stat", "ledger/pipe"],
        ["read", "ledger/image.png"],
        ["read", "ledger/binary"],
        ["read", "ledger/large"],
        ["lines", "ledger/large", "1", "1"],
    ]);
    let stage = stage(&acts).file("ledger/large", &"x".repeat((16 << 20) + 1));
    let at = |name: &str| stage.directory().join("ledger").join(name);
    pipe(&at("pipe"));
    // The first bytes of an image of 2 by 3 pixels, and a large file that begins like one.
    let image = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0\xff\xff\xff\xff";
    std::fs::write(at("image.png"), image).unwrap();
    std::fs::write(at("binary"), [0xff, 0xfe, 0]).unwrap();
    let told = outcomes(stage);
    let said = |index: usize| told[index].to_string();
    assert!(said(0).contains("no ordinary file"), "{told:?}");
    assert!(said(1).contains("no ordinary file"), "{told:?}");
    assert_eq!(told[2]["lines"].as_array().map(Vec::len), Some(1));
    assert_eq!(told[3]["kind"], "other");
    assert!(said(4).contains("data:image/png;base64,iVBOR"), "{told:?}");
    assert!(said(5).contains("no UTF-8 text"), "{told:?}");
    assert!(said(6).contains("`content-bytes`"), "{told:?}");
    assert!(said(7).contains("`content-bytes`"), "{told:?}");
}

/// Makes a pipe that nobody writes into.
fn pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

#[test]
fn a_pipe_that_is_opened_like_a_file_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pipe");
    pipe(&path);
    let (sender, receiver) = std::sync::mpsc::channel();
    let reader = {
        let path = path.clone();
        std::thread::spawn(move || sender.send(std::fs::read(path).unwrap().len()))
    };
    let waited = receiver.recv_timeout(Duration::from_millis(300));
    assert!(waited.is_err(), "the pipe was read");
    std::fs::write(&path, "late").unwrap();
    reader.join().unwrap().unwrap();
}

#[test]
fn one_line_past_what_a_search_gives_is_left_out_and_said() {
    let lines = |many: usize| {
        let acts = json!([["grep", "ledger/none", "x"], ["grep", "ledger/", "x"]]);
        let stage = stage(&acts).file("ledger/many.txt", &"x\n".repeat(many));
        let told = outcomes(stage);
        (
            told[1]["lines"].as_array().map_or(0, Vec::len),
            told[1]["more"] == true,
        )
    };
    assert_eq!(lines(2_000), (2_000, false));
    assert_eq!(lines(2_001), (2_000, true));
}
