//! Parts of a composition: none tells how large or how deep another one is.

use std::collections::BTreeMap;

use lazaret_kernel::pointer::Pointer;

use super::Payload;

/// Returns what a composition has at a place: the leaf there, or a part of one, or what the
/// composer wrote there with the leaves that lie below.
pub(super) fn part(
    skeleton: &Payload,
    leaves: &[(Pointer, Payload)],
    pointer: &Pointer,
) -> Payload {
    let inside = leaves.iter().rev().find_map(|(at, leaf)| {
        let rest = pointer.segments().strip_prefix(at.segments())?;
        Some(leaf.project(&rest.iter().cloned().collect()))
    });
    if let Some(part) = inside {
        return part;
    }
    let below = leaves.iter().filter_map(|(at, leaf)| {
        let rest = at.segments().strip_prefix(pointer.segments())?;
        Some((rest.iter().cloned().collect(), leaf.clone()))
    });
    let below: Vec<(Pointer, Payload)> = below.collect();
    let own = skeleton.project(pointer);
    if below.is_empty() {
        return own;
    }
    Payload::composed(own, below)
}

/// Returns the items of a composed list. Each leaf is looked at once: a list may have as many
/// items as leaves.
pub(super) fn items(skeleton: &Payload, leaves: &[(Pointer, Payload)], max: usize) -> Vec<Payload> {
    let whole = leaves.iter().rev().find(|(at, _)| at.segments().is_empty());
    if let Some((_, leaf)) = whole {
        return leaf.items(max);
    }
    let mut of_item: BTreeMap<&str, Vec<(Pointer, Payload)>> = BTreeMap::new();
    for (at, leaf) in leaves {
        if let Some(first) = at.segments().first() {
            let of_this = of_item.entry(first.as_str()).or_default();
            of_this.push((at.clone(), leaf.clone()));
        }
    }
    let length = skeleton.value().as_array().map_or(0, Vec::len).min(max);
    let item = |index: usize| {
        let leaves = of_item.get(index.to_string().as_str());
        let leaves = leaves.map_or(&[][..], Vec::as_slice);
        part(skeleton, leaves, &Pointer::item(index))
    };
    (0..length).map(item).collect()
}
