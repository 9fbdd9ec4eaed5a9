//! A guest floods what the host keeps: log lines, handles, contents, calls, children.

use lazaret_security::Stage;
use serde_json::json;

fn logging(length: &str) -> Stage {
    Stage::of("floods_the_log").order(length)
}

#[test]
fn log_lines_past_the_volume_are_dropped() {
    let stage = || logging("100").rule("[limits]", "log_bytes", "1000");
    let played = stage().play();
    assert_eq!(played.answer(), "flooded");
    let kept: usize = played.logged().iter().map(|line| line.len()).sum();
    assert!((1..=1_000).contains(&kept), "{kept} bytes");
    let twin = logging("100")
        .rule("[limits]", "log_bytes", "16000000")
        .play();
    assert_eq!(twin.logged().len(), 10_000);
}

#[test]
fn empty_log_lines_have_a_price_too() {
    let played = logging("0").rule("[limits]", "log_bytes", "1000").play();
    let lines = played.logged().len();
    assert!((1..=1_000).contains(&lines), "{lines} lines");
}

#[test]
fn a_long_log_line_is_cut() {
    let played = logging("100000")
        .rule("[limits]", "log_bytes", "5000")
        .play();
    assert!(played.logged().iter().all(|line| line.len() <= 4_000));
}

#[test]
fn one_handle_past_the_limit_is_refused() {
    // 65,536, of which the subject's one part is the first.
    let stage = |many: &str| {
        Stage::of("floods_handles")
            .rule("[limits]", "cpu_ms", "30000")
            .order(many)
    };
    let most = stage("65535").play();
    most.nothing_refused();
    assert_eq!(most.answer(), "done");
    let played = stage("65536").play();
    played.refused_by("too-many-handles");
}

#[test]
fn one_byte_past_the_limit_of_a_content_is_refused() {
    let stage = |sizes: &str| {
        Stage::of("creates_much")
            .rule("[limits]", "memory_mib", "128")
            .order(sizes)
    };
    let most = stage("[8388608]").play();
    most.nothing_refused();
    let played = stage("[8388609]").play();
    played.refused_by("limit:create-bytes");
}

#[test]
fn one_byte_past_what_an_instance_may_have_kept_is_refused() {
    let stage = |last: usize| {
        let mut sizes = vec![8usize << 20; 32];
        sizes.push(last);
        Stage::of("creates_much")
            .rule("[limits]", "memory_mib", "128")
            .rule("[limits]", "cpu_ms", "30000")
            .order(json!(sizes).to_string())
    };
    stage(0).play().nothing_refused();
    stage(1).play().refused_by("limit:kept-bytes");
}

#[test]
fn many_calls_at_once_are_all_answered() {
    let played = Stage::of("calls_many")
        .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
        .order("300")
        .play();
    assert_eq!(
        played.answer(),
        &json!({ "answers": 300, "said": ["done"] })
    );
}

#[test]
fn one_child_past_the_budget_is_refused() {
    let stage = || {
        Stage::of("repeats_its_task")
            .orchestrated_by("spawns_many")
            .order("21")
    };
    let played = stage().play();
    played.refused_by("limit:agents");
    assert_eq!(played.report.started, 20);
    let twin = stage().rule("[budget]", "agents", "21").play();
    twin.nothing_refused();
    assert_eq!(twin.report.started, 21);
}

#[test]
fn one_request_past_the_limit_of_a_turn_is_refused_by_name() {
    let played = Stage::of("repeats_its_task")
        .orchestrated_by("floods_requests")
        .play();
    played.refused_by("limit:requests");
    assert_eq!(played.result(), "100001 replies, limit:requests");
}

#[test]
fn questions_to_a_gate_are_kept_and_count() {
    // Each of 60,000 bytes: 4,474 of them are 256 MiB.
    let stage = |many: &str| {
        Stage::of("asks_many_questions")
            .rule("[profile.subject]", "gates", r#"["verdict"]"#)
            .rule("[profile.subject]", "bits", "10000")
            .rule("[gate.verdict]", "bits_per_item", "10000")
            .rule("[budget]", "gate_bits", "10000")
            .rule("[limits]", "cpu_ms", "30000")
            .order(many)
    };
    stage("4400").play().nothing_refused();
    stage("4500").play().refused_by("limit:kept-bytes");
}

#[test]
fn one_piece_past_the_limit_of_a_composition_is_refused() {
    let stage = |many: &str| Stage::of("composes_wide").order(many);
    stage("131072").play().nothing_refused();
    stage("131073").play().refused_by("limit:create-bytes");
}

#[test]
fn a_name_of_a_million_characters_is_not_repeated() {
    let played = Stage::of("names_long_things").play();
    assert_eq!(played.report.denials.len(), 3);
    for denial in &played.report.denials {
        let all = format!("{denial:?}");
        assert!(all.len() < 1_000, "{} bytes", all.len());
    }
}

#[test]
fn answers_past_what_is_held_in_memory_for_an_instance_are_answers() {
    // 16 MiB each, 512 MiB in all; that none is refused for its length: `measures_a_page`.
    let played = Stage::of("reads_often")
        .rule("[profile.subject]", "use", r#"["files.vault.read"]"#)
        .rule("[limits]", "wall_ms", "60000")
        .file("vault/large.txt", &"x".repeat(16 << 20))
        .order("40")
        .play();
    played.nothing_refused();
    assert_eq!(played.answer(), "done");
}
