//! Does deciding an effect allocate nothing?
#![expect(
    unsafe_code,
    clippy::unwrap_used,
    reason = "a counting allocator cannot be written without, and this is a test"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::monitor::{Argument, Monitor};
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::tables::{
    ArgumentId, ArgumentRule, FunctionId, FunctionRule, Grants, Tables, Verdict,
};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting by thread.
struct Counting;

// SAFETY: every call goes to the system's allocator as it came, and counting neither
// allocates nor unwinds: the cell is made at compile time and has no destructor.
// JUSTIFICATION: there is no safe way to see allocations from within a process.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const EFFECT: FunctionId = FunctionId(63);

/// A caller with 64 grants that holds four contents with two of eight tags each.
fn scene() -> (Monitor<()>, InstanceId, [Handle; 4]) {
    let all = (0..8).fold(TagSet::EMPTY, |all, tag| all | TagSet::of(tag));
    let rule = |number: u16| FunctionRule {
        arguments: vec![
            ArgumentRule {
                tolerates: if number % 2 == 1 { all } else { TagSet::EMPTY }
            };
            4
        ],
        caller: all,
        recipients: Readers::of(1),
        source: Label::BOTTOM,
        verdict: Verdict::Allow,
    };
    let mut grants = Grants::NONE;
    (0..64).for_each(|id| grants.allow_function(FunctionId(id)));
    let tables = Tables {
        functions: (0..64).map(rule).collect(),
        ..Tables::default()
    };
    let mut monitor = Monitor::new(tables);
    let caller = monitor.start_root(Label::BOTTOM, Label::TOP, grants, 1);
    let held = [0u8, 2, 4, 6].map(|tag| {
        let label = Label {
            taint: TagSet::of(tag) | TagSet::of(tag + 1),
            readers: Readers::of(1) | Readers::of(tag),
        };
        let facts = Facts::flat(label, Origins::of(Origin(u32::from(tag))), Media::Text);
        monitor.admit(caller, facts, ()).unwrap()
    });
    (monitor, caller, held)
}

fn allocations_of(act: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    act();
    ALLOCATIONS.get() - before
}

#[test]
fn a_decision_with_64_grants_8_tags_and_4_arguments_allocates_nothing() {
    let (mut monitor, caller, held) = scene();
    let number = [0, 1, 2, 3].map(ArgumentId);
    let arguments = [0, 1, 2, 3].map(|at| (number[at], Argument::Content(held[at])));
    let mut decide = |function| monitor.effect(caller, function, &arguments, Readers::NOBODY);
    let denied = FunctionId(62);
    let (permit, _denial) = (decide(EFFECT).unwrap(), decide(denied).unwrap_err());
    assert!(permit.is_sealed());
    assert_eq!(
        allocations_of(|| drop(decide(EFFECT))),
        0,
        "where it is permitted"
    );
    assert_eq!(
        allocations_of(|| drop(decide(denied))),
        0,
        "where it is refused"
    );
}

#[test]
fn the_allocator_counts() {
    assert_eq!(
        allocations_of(|| drop(std::hint::black_box(Box::new(7)))),
        1
    );
}
