//! The claim: two runs that differ only in secret bytes look alike wherever those may not go.
//!
//! Both runs are stepped together, and after every step each guest that carries nothing
//! secret must be in the same state in both: single-step unwinding (J. Rushby,
//! *Noninterference, Transitivity, and Channel-Control Security Policies*, 1992).

use std::cell::Cell;

use proptest::prelude::*;

use crate::doc::Doc;
use crate::world::{Case, Effect, OBSERVER, Secret, View, WEB, World, cases, check};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::monitor::Monitor;
use lazaret_kernel::tables::FunctionRule;

const CASES: u32 = 3_000;

/// In how many cases what happened, so that the law cannot hold for want of trying.
#[derive(Default)]
struct Shares {
    cases: Cell<u32>,
    /// The differing bytes were really read.
    read: Cell<u32>,
    /// After that, a guest without secrets went on to act.
    compared: Cell<u32>,
    /// After that, an effect was made where no secret may go.
    effects: Cell<u32>,
    /// An answer that was paid for differed, so that the runs were compared only up to there.
    cut: Cell<u32>,
}

impl Shares {
    fn count(&self, share: &Cell<u32>) -> f64 {
        f64::from(share.get()) / f64::from(self.cases.get().max(1))
    }
}

fn add(share: &Cell<u32>, seen: bool) {
    share.set(share.get() + u32::from(seen));
}

#[test]
fn untrusted_bytes_decide_nothing_where_they_are_not_tolerated() {
    claim(Secret::Tainted);
}

#[test]
fn private_bytes_reach_nobody_who_may_not_read_them() {
    claim(Secret::Private);
}

fn claim(secret: Secret) {
    let shares = Shares::default();
    check(CASES, cases(Just(Bits::UNBOUNDED)), |case| {
        compare(&case, secret, &shares)
    });
    let [read, compared, effects, cut] =
        [&shares.read, &shares.compared, &shares.effects, &shares.cut]
            .map(|share| shares.count(share));
    eprintln!(
        "{secret:?}: read {read:.3}, compared after {compared:.3}, effects after {effects:.3}, cut {cut:.3}"
    );
    assert!(
        read >= 0.8,
        "the differing bytes were read in {read} of the cases"
    );
    assert!(
        compared >= 0.55,
        "something clean went on in {compared} of the cases"
    );
    assert!(
        effects >= 0.25,
        "a clean effect was made after in {effects} of the cases"
    );
    assert!(cut <= 0.2, "{cut} of the cases were cut short");
}

fn compare(case: &Case, secret: Secret, shares: &Shares) -> Result<(), TestCaseError> {
    let mut worlds = [10, 11].map(|salt| World::new(case, secret, salt, false));
    let (mut read, mut compared, mut effects) = (false, false, false);
    add(&shares.cases, true);
    for (step, who) in case.steps.iter().enumerate() {
        let before = worlds.each_ref().map(|world| world.view(*who));
        let made = worlds.each_ref().map(|world| world.effects.len());
        for world in &mut worlds {
            world.step(step, *who);
        }
        let low = before[0]
            .as_ref()
            .is_some_and(|view| !secret.covers(view.current) && !view.done);
        if low && paid_answers_differ(&worlds) {
            add(&shares.cut, true);
            break;
        }
        for slot in 0..4 {
            alike(secret, worlds[0].view(slot), worlds[1].view(slot))?;
        }
        let [one, other] = [0, 1].map(|run| {
            let performed = worlds[run].effects.get(made[run]..).unwrap_or_default();
            performed
                .iter()
                .filter_map(|effect| untold(&worlds[run].monitor, secret, effect))
                .collect::<Vec<_>>()
        });
        prop_assert_eq!(&one, &other);
        effects |= read && !one.is_empty();
        compared |= read && low;
        read |= differ(&worlds);
    }
    add(&shares.read, read);
    add(&shares.compared, compared);
    add(&shares.effects, effects);
    Ok(())
}

/// Compares two views of one guest: both carry a secret, or both are the same.
fn alike(secret: Secret, one: Option<View>, other: Option<View>) -> Result<(), TestCaseError> {
    let is_high = |view: &Option<View>| {
        view.as_ref()
            .is_some_and(|view| secret.covers(view.current))
    };
    if !(is_high(&one) || is_high(&other)) {
        prop_assert_eq!(one, other);
    } else if let (Some(one), Some(other)) = (&one, &other) {
        let both = secret.covers(one.current) && secret.covers(other.current);
        prop_assert!(
            both,
            "a guest is secret in one run only: {:?} {:?}",
            one,
            other
        );
    }
    Ok(())
}

/// What of an effect may not depend on a secret: all of it where its rule refuses secrets;
/// where it does not, all but the secret arguments, if the guest that made it has none.
fn untold(monitor: &Monitor<Doc>, secret: Secret, effect: &Effect) -> Option<Effect> {
    let rule = monitor.tables().function(effect.function).unwrap();
    let refuses = match secret {
        Secret::Tainted => !tolerated(rule).intersects(WEB),
        Secret::Private => {
            OBSERVER.is_subset(effect.reaches) || Readers::STRANGER.is_subset(effect.reaches)
        }
    };
    let mut effect = effect.clone();
    if !refuses {
        let secrets = effect
            .arguments
            .iter_mut()
            .filter(|(label, _)| secret.covers(*label));
        secrets.for_each(|(_, bytes)| *bytes = Doc::Null);
    }
    (refuses || !secret.covers(effect.at)).then_some(effect)
}

fn tolerated(rule: &FunctionRule) -> TagSet {
    rule.arguments
        .iter()
        .fold(rule.caller, |all, argument| all | argument.tolerates)
}

/// Whether the last act was answered for bits and the answers differ: a gate with different
/// answers, after which the runs may. Where only something else differs, it was not paid for.
fn paid_answers_differ(worlds: &[World; 2]) -> bool {
    let [one, other] = worlds.each_ref().map(|world| world.paid_answer.as_ref());
    one.is_some() && other.is_some() && one != other
}

/// Whether some guest knows something else in one run than in the other.
fn differ(worlds: &[World; 2]) -> bool {
    let memory = |world: &World, slot: usize| world.guests[slot].as_ref().map(|guest| guest.memory);
    (0..4).any(|slot| memory(&worlds[0], slot) != memory(&worlds[1], slot))
}

#[test]
fn the_generator_notices_a_guest_that_knows_a_secret_without_carrying_it() {
    let view = |memory| View {
        current: Label::BOTTOM,
        memory,
        done: false,
        handles: Vec::new(),
    };
    assert!(alike(Secret::Tainted, Some(view(1)), Some(view(2))).is_err());
    assert!(alike(Secret::Tainted, Some(view(1)), None).is_err());
    let high = View {
        current: Label::TOP,
        ..view(2)
    };
    assert!(alike(Secret::Private, Some(view(1)), Some(high)).is_err());
}
