//! A guest takes memory without end: as bytes, as tables, from the start, by recursion.

use lazaret_security::Stage;

use crate::by_hand;

#[test]
fn an_agent_that_allocates_without_end_is_stopped() {
    let played = Stage::of("allocates_without_end").play();
    assert_eq!(played.causes(), ["memory"]);
}

#[test]
fn one_that_allocates_too_much_is_stopped_and_with_more_memory_it_ends() {
    let stage = || Stage::of("allocates").order("48");
    let played = stage().play();
    assert_eq!(played.causes(), ["memory"]);
    let twin = stage().rule("[limits]", "memory_mib", "64").play();
    assert_eq!(twin.answer(), &(48u64 << 20).to_string());
}

#[test]
fn tables_count_as_memory() {
    // Twice four million elements of eight bytes.
    let grows = by_hand::agent(
        r"(table $one 1 funcref)
          (table $other 1 funcref)
          (func $work
            (if (i32.eq (table.grow $one (ref.null func) (i32.const 4000000)) (i32.const -1))
              (then unreachable))
            (if (i32.eq (table.grow $other (ref.null func) (i32.const 4000000)) (i32.const -1))
              (then unreachable)))",
    );
    let stage = || Stage::of("repeats_its_task").component("subject", grows.clone());
    assert_eq!(stage().play().causes(), ["memory"]);
    let twin = stage().rule("[limits]", "memory_mib", "100").play();
    assert_eq!(twin.ended(), "value");
}

#[test]
fn memory_that_a_component_begins_with_counts() {
    // 640 pages of 64 KiB, in a second memory.
    let large = by_hand::agent("(memory $large 640) (func $work)");
    let stage = || Stage::of("repeats_its_task").component("subject", large.clone());
    assert_eq!(stage().play().causes(), ["memory"]);
    let twin = stage().rule("[limits]", "memory_mib", "64").play();
    assert_eq!(twin.ended(), "value");
}

#[test]
fn what_runs_while_a_component_is_instantiated_counts() {
    let endless = by_hand::agent("(func $work) (func $boot (loop (br 0))) (start $boot)");
    let played = Stage::of("repeats_its_task")
        .component("subject", endless)
        .rule("[limits]", "cpu_ms", "100")
        .play();
    assert_eq!(played.causes(), ["cpu"]);
}

#[test]
fn recursion_without_end_traps_and_the_host_lives() {
    let stage = || Stage::of("recurses");
    let played = stage().order("100000000").play();
    assert_eq!(played.causes(), ["trap"]);
    let twin = stage().order("1000").play();
    assert_eq!(twin.answer(), "1000");
}
