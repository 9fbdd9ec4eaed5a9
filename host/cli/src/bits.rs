//! What untrusted content could decide, in words: in all, by gate and by source item.

use std::collections::BTreeMap;

use crate::ui;

/// The most groups of items that are shown; `--json` has each item.
const MAX_GROUPS: usize = 8;

/// The most items of a group that are named.
const MAX_NAMED: usize = 4;

/// Thousandths of bits with what they are counted for.
pub(crate) type Amounts = [(String, u64)];

/// Returns one line for all, one by gate and one by item.
pub(crate) fn lines(total: u64, by_gate: &Amounts, by_payer: &Amounts) -> Vec<String> {
    let mut lines = vec![format!(
        "untrusted content could decide {} bits in all",
        words(total)
    )];
    if total == 0 {
        return lines;
    }
    let gates: Vec<String> = by_gate
        .iter()
        .map(|(name, bits)| format!("{} {}", ui::escape(name), words(*bits)))
        .collect();
    lines.push(format!("  by gate: {}", gates.join(", ")));
    lines.push(format!("  by item: {}", items(by_payer)));
    lines
}

/// Says of how many of all it is not known again why they are so many.
pub(crate) fn unchecked(thousandths: u64) -> Option<String> {
    let told = || {
        let amount = words(thousandths);
        format!("  unchecked: {amount} of them, whose older records do not say of what type")
    };
    (thousandths > 0).then(told)
}

/// Items with equal amounts stand together, the largest amounts first.
fn items(by_payer: &Amounts) -> String {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, bits) in by_payer {
        let sum = sums.entry(name).or_default();
        *sum = sum.saturating_add(*bits);
    }
    let mut groups: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    for (name, bits) in sums {
        groups.entry(bits).or_default().push(name);
    }
    let count = groups.len();
    let mut shown: Vec<String> = groups
        .into_iter()
        .rev()
        .take(MAX_GROUPS)
        .map(|(bits, names)| group(bits, &names))
        .collect();
    if count > MAX_GROUPS {
        shown.push(format!("and {} other amounts", count - MAX_GROUPS));
    }
    shown.join("; ")
}

fn group(bits: u64, names: &[&str]) -> String {
    let named: Vec<String> = names
        .iter()
        .take(MAX_NAMED)
        .map(|name| in_words(name))
        .collect();
    match names.len() {
        1 => format!("{} {}", named.join(""), words(bits)),
        count if count <= MAX_NAMED => format!("{} {} each", named.join(", "), words(bits)),
        count => format!("{count} items {} each", words(bits)),
    }
}

fn in_words(payer: &str) -> String {
    match payer.split_once(':') {
        Some(("item", number)) => format!("item {}", ui::escape(number)),
        _ if payer == "run" => "of no item".to_owned(),
        _ if payer == "many" => "of many items".to_owned(),
        _ => ui::escape(payer),
    }
}

fn words(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(all: &[(&str, u64)]) -> Vec<(String, u64)> {
        all.iter()
            .map(|(name, bits)| ((*name).to_owned(), *bits))
            .collect()
    }

    #[test]
    fn items_with_equal_amounts_stand_together() {
        let gates = amounts(&[("count", 9_968), ("verdict", 17_178)]);
        let mut payers = amounts(&[("run", 9_968), ("item:0", 8_589), ("item:7", 8_589)]);
        assert_eq!(
            lines(27_146, &gates, &payers),
            [
                "untrusted content could decide 27.146 bits in all",
                "  by gate: count 9.968, verdict 17.178",
                "  by item: of no item 9.968; item 0, item 7 8.589 each",
            ]
        );
        payers.extend((10..14).map(|number| (format!("item:{number}"), 8_589)));
        let all = lines(27_146, &gates, &payers);
        assert_eq!(all[2], "  by item: of no item 9.968; 6 items 8.589 each");
        assert_eq!(lines(0, &[], &[]).len(), 1);
    }

    #[test]
    fn one_amount_too_many_is_counted_and_not_shown() {
        let amount = |number: u64| (format!("item:{number}"), 1_000 + number);
        let payers: Vec<_> = (0..=MAX_GROUPS as u64).map(amount).collect();
        assert!(items(&payers).ends_with("; and 1 other amounts"));
        assert!(!items(&payers[1..]).contains("other"));
    }
}
