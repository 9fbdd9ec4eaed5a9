//! Laws of one run: labels only rise, clearance holds, children have less, handles are one's
//! own, and decisions look at labels and shape only.

use proptest::prelude::*;

use crate::world::{CHILDREN, Case, Secret, World, cases, check};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::InstanceId;
use lazaret_kernel::label::Label;
use lazaret_kernel::ledger::Channel;

/// Budgets that run out in some cases and not in others.
fn tight() -> impl Strategy<Value = Bits> {
    prop_oneof![
        Just(Bits::ZERO),
        (0u32..12).prop_map(Bits::whole),
        Just(Bits::whole(1_000))
    ]
}

/// Runs a case and looks at the world after every step.
fn watch(
    case: &Case,
    mut look: impl FnMut(&World) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut world = World::new(case, Secret::Tainted, 1, false);
    for (step, who) in case.steps.iter().enumerate() {
        world.step(step, *who);
        look(&world)?;
    }
    Ok(())
}

fn living(world: &World) -> Vec<(usize, InstanceId)> {
    let slots = world.guests.iter().enumerate();
    slots
        .filter_map(|(slot, guest)| Some((slot, guest.as_ref()?.id)))
        .collect()
}

#[test]
fn labels_only_rise_and_never_over_the_clearance() {
    check(600, cases(tight()), |case| {
        let mut before: Vec<(InstanceId, Label)> = Vec::new();
        watch(&case, |world| {
            let monitor = &world.monitor;
            let labels: Vec<_> = living(world)
                .iter()
                .map(|(_, id)| (*id, monitor.current(*id).unwrap()))
                .collect();
            for (id, current) in &labels {
                prop_assert!(current.flows_to(monitor.clearance(*id).unwrap()));
                let earlier = before.iter().find(|(other, _)| other == id);
                prop_assert!(earlier.is_none_or(|(_, earlier)| earlier.flows_to(*current)));
            }
            before = labels;
            Ok(())
        })
    });
}

#[test]
fn a_child_has_no_more_than_its_parent_and_starts_no_lower() {
    check(600, cases(tight()), |case| {
        let mut known = Vec::new();
        watch(&case, |world| {
            let monitor = &world.monitor;
            for (parent, children) in CHILDREN.iter().enumerate() {
                for child in *children {
                    let both = (world.guests[parent].as_ref(), world.guests[*child].as_ref());
                    let (Some(parent), Some(child)) = both else {
                        continue;
                    };
                    let grants = (
                        monitor.grants(child.id).unwrap(),
                        monitor.grants(parent.id).unwrap(),
                    );
                    prop_assert!(grants.0.is_subset(grants.1));
                    if !known.contains(&child.id) {
                        known.push(child.id);
                        let (start, of_parent) =
                            (monitor.current(child.id), monitor.current(parent.id));
                        prop_assert!(of_parent.unwrap().flows_to(start.unwrap()));
                    }
                }
            }
            Ok(())
        })
    });
}

#[test]
fn handles_of_one_instance_are_never_valid_in_another() {
    check(300, cases(tight()), |case| {
        watch(&case, |world| {
            for (slot, id) in living(world) {
                for (other, guest) in world
                    .guests
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != slot)
                {
                    let foreign = guest.iter().flat_map(|guest| &guest.handles);
                    for handle in foreign {
                        let described = world.monitor.describe(id, *handle);
                        prop_assert_eq!(
                            described,
                            Err(Denial::UnknownHandle),
                            "{} of {}",
                            handle.0,
                            other
                        );
                    }
                }
            }
            Ok(())
        })
    });
}

#[test]
fn the_ledger_only_grows_stays_inside_the_budget_and_adds_up() {
    check(600, cases(tight()), |case| {
        let mut before = Bits::ZERO;
        watch(&case, |world| {
            let ledger = world.monitor.ledger();
            // A person's word uses up none of the budget.
            let counted = ledger.by_channel();
            let counted = counted.filter(|(channel, _)| *channel != Channel::Endorsement);
            let spent: Bits = counted.map(|(_, bits)| bits).sum();
            prop_assert!(before <= ledger.total() && spent <= case.budget);
            prop_assert_eq!(
                ledger.by_channel().map(|(_, bits)| bits).sum::<Bits>(),
                ledger.total()
            );
            for (channel, bits) in ledger.by_channel() {
                let payers = ledger.by_payer().filter(|(_, other, _)| *other == channel);
                let paid: Vec<Bits> = payers.map(|(_, _, paid)| paid).collect();
                prop_assert!(
                    paid.iter().all(|one| *one <= bits)
                        && paid.iter().copied().sum::<Bits>() >= bits
                );
            }
            before = ledger.total();
            Ok(())
        })
    });
}

#[test]
fn decisions_labels_and_handles_depend_on_labels_and_shape_only() {
    check(800, cases(tight()), |case| {
        let mut worlds = [1, 2].map(|salt| World::new(&case, Secret::Tainted, salt, true));
        for (step, who) in case.steps.iter().enumerate() {
            for world in &mut worlds {
                world.step(step, *who);
            }
            let [one, other] = &worlds;
            prop_assert_eq!(one.trace.last(), other.trace.last());
            for slot in 0..4 {
                prop_assert_eq!(one.view(slot), other.view(slot));
            }
        }
        let bits = worlds
            .each_ref()
            .map(|world| world.monitor.ledger().by_payer().collect::<Vec<_>>());
        prop_assert_eq!(&bits[0], &bits[1]);
        Ok(())
    });
}
