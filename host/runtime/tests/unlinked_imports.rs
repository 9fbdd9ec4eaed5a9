//! Imports that the host links for nobody, and what the same guests do where they are linked.
//!
//! No policy grants these, so the twins of the refusals in `tests/security` are made here,
//! with the one rule relaxed by hand: a linker that has the import.

#![expect(clippy::expect_used, reason = "tests")]

use std::path::PathBuf;

use wasmtime::component::{Component, Linker, Val};
use wasmtime::{Engine, Store};

fn guest(name: &str) -> Vec<u8> {
    let dist = std::env::var_os("LAZARET_DIST");
    let dist = dist.expect("LAZARET_DIST is set by `cargo xtask test`");
    let path = PathBuf::from(dist).join(format!("guests/{name}.wasm"));
    std::fs::read(path).expect("the guest is built by `cargo xtask guests`")
}

fn task() -> Val {
    let empty = |field: &str| (field.to_owned(), Val::String(String::new()));
    let parts = ("parts".to_owned(), Val::List(Vec::new()));
    Val::Record(vec![empty("text"), parts, empty("options")])
}

/// Links one function of an interface, and calls an export of the guest.
fn call_linked(guest_name: &str, interface: &str, function: &str, export: &str) -> Val {
    let engine = Engine::default();
    let component = Component::new(&engine, guest(guest_name)).expect("a component");
    let mut linker = Linker::<()>::new(&engine);
    let mut linked = linker.instance(interface).expect("a free name");
    linked
        .func_wrap(function, |_store, (): ()| Ok((42_u64,)))
        .expect("a free name");
    let mut store = Store::new(&engine, ());
    let instance = linker
        .instantiate(&mut store, &component)
        .expect("it links");
    let run = instance.get_func(&mut store, export).expect("the export");
    let mut answer = [Val::Bool(false)];
    run.call(&mut store, &[task()], &mut answer)
        .expect("no trap");
    let [answer] = answer;
    answer
}

#[test]
fn an_agent_with_wasi_linked_gets_the_machines_randomness() {
    let answer = call_linked(
        "wants_wasi",
        "wasi:random/random@0.2.0",
        "get-random-u64",
        "run",
    );
    assert!(format!("{answer:?}").contains("\"42\""), "{answer:?}");
}

#[test]
fn an_orchestrator_with_the_clock_linked_reads_it() {
    let answer = call_linked(
        "directs_with_a_clock",
        "lazaret:agent/clock@0.1.0",
        "now",
        "start",
    );
    assert!(format!("{answer:?}").contains("\"42\""), "{answer:?}");
}
