//! A guest computes or waits without end.

use lazaret_security::Stage;

/// Seconds of counting: many ticks of the clock that stops it, on a busy machine too.
const FAR: &str = "2000000000";

fn counting() -> Stage {
    Stage::of("counts_far").order(FAR)
}

#[test]
fn an_agent_that_computes_for_ever_is_stopped() {
    let played = Stage::of("loops_forever")
        .rule("[limits]", "cpu_ms", "100")
        .play();
    assert_eq!(played.causes(), ["cpu"]);
}

#[test]
fn one_that_computes_too_long_is_stopped_and_with_more_time_it_ends() {
    let played = counting().rule("[limits]", "cpu_ms", "20").play();
    assert_eq!(played.causes(), ["cpu"]);
    let twin = counting()
        .rule("[limits]", "cpu_ms", "60000")
        .rule("[limits]", "wall_ms", "60000")
        .play();
    assert_eq!(twin.answer(), FAR);
}

#[test]
fn the_time_of_a_call_that_the_host_makes_for_it_counts() {
    let stage = || {
        Stage::of("waits_for_a_tool")
            .with_tool("slow_tool")
            .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
            .rule("[limits]", "cpu_ms", "500")
    };
    let played = stage().rule("[limits]", "wall_ms", "100").play();
    assert_eq!(played.causes(), ["wall"]);
    let twin = stage().play();
    assert_eq!(twin.causes(), [""; 0]);
    let answer = twin.answer().as_str().unwrap();
    assert_eq!(answer, "failed: the tool used up its limit `cpu_ms`");
}

#[test]
fn an_orchestrator_runs_out_of_fuel_and_with_more_it_ends() {
    let stage = || {
        Stage::of("repeats_its_task")
            .orchestrated_by("directs_and_counts")
            .order("100000000")
    };
    let played = stage().rule("[limits]", "cpu_ms", "20").play();
    assert_eq!(played.report.status.as_str(), "failed");
    let message = &played.report.failures[0].message;
    assert_eq!(message, "the workflow used up its limit `cpu_ms`");
    let twin = stage().rule("[limits]", "cpu_ms", "60000").play();
    assert_eq!(twin.result(), "100000000");
}
