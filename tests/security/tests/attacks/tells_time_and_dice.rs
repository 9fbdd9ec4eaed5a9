//! The clock and the dice are used as a channel: they are virtual.

use lazaret_security::Stage;
use serde_json::Value;

fn told(stage: Stage) -> Value {
    stage.play().answer().clone()
}

fn stage() -> Stage {
    Stage::of("tells_time_and_dice")
}

#[test]
fn two_runs_of_one_seed_and_time_see_the_same() {
    assert_eq!(told(stage()), told(stage()));
}

#[test]
fn another_seed_gives_other_dice_and_the_same_time() {
    let (one, other) = (told(stage()), told(stage().seed(2)));
    assert_ne!(one["dice"], other["dice"]);
    assert_eq!(one["now"], other["now"]);
}

#[test]
fn the_time_is_when_the_run_started() {
    let told = told(stage().started_ms(1_234));
    assert_eq!(told["now"], 1_234);
}
