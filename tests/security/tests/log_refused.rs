//! `log`: lines past the volume are dropped, and the guest is not told.

use lazaret_security::Stage;

#[test]
fn without_a_volume_nothing_is_kept() {
    let played = Stage::of("floods_the_log")
        .rule("[limits]", "log_bytes", "0")
        .order("10")
        .play();
    assert_eq!(played.logged(), [""; 0]);
    assert_eq!(played.answer(), "flooded");
}
