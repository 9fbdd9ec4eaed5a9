//! What may an answer cost, in thousandths of a bit?

use std::collections::BTreeMap;

use super::values::{self, Values};
use crate::event::Basis;

/// How many ways there are for a child to end that its parent can tell apart.
const ENDINGS: u128 = 4;

/// How many ways there are for a question to a person to end.
const WORDS: u128 = 4;

/// How far the logarithms of two computations may lie apart, in thousandths: the gates' have
/// twenty binary digits.
const DIGITS: f64 = 0.002;

/// How far numbers with decimals may be off here.
const NOISE: f64 = 1e-9;

/// Which amounts are right: one for what can be counted, several where gates round up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Price {
    least: f64,
    most: f64,
}

/// What a record's words say of its price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Priced {
    /// It follows from them.
    At(Price),
    /// They do not say enough, as those of older records do not.
    Unsaid,
    /// No answer of such a gate is priced by what they say.
    Wrongly,
}

/// The texts of types by their digests.
pub type Types = BTreeMap<String, String>;

/// Prices answers; a type is read once.
pub(super) struct Prices<'t> {
    types: &'t Types,
    of_types: BTreeMap<&'t str, Priced>,
}

impl<'t> Prices<'t> {
    pub(super) fn new(types: &'t Types) -> Self {
        let of_types = BTreeMap::new();
        Self { types, of_types }
    }

    /// Computes the price of an answer.
    pub(super) fn of(&mut self, channel: &str, question: &str, basis: Option<Basis>) -> Priced {
        match basis {
            Some(Basis::Type) => self.of_type(question),
            Some(basis) => on(basis, channel).map_or(Priced::Wrongly, Priced::At),
            None => by_question(channel, question).map_or(Priced::Unsaid, Priced::At),
        }
    }

    fn of_type(&mut self, digest: &str) -> Priced {
        let Some((digest, text)) = self.types.get_key_value(digest) else {
            return Priced::Wrongly;
        };
        let priced = self.of_types.entry(digest);
        *priced.or_insert_with(|| {
            let schema = serde_json::from_str(text).ok();
            let values = schema.and_then(|schema| values::of(&schema));
            // That it is no value of the type is an answer too.
            let answers = values.map(|values| values.plus(Values::Exactly(1)));
            answers.map_or(Priced::Wrongly, |answers| Priced::At(Price::of(answers)))
        })
    }
}

/// Prices an answer that says from what; nothing where such a gate has no such answers.
fn on(basis: Basis, channel: &str) -> Option<Price> {
    Some(match (basis, channel) {
        // None of them is an answer too.
        (Basis::Parts(parts), _) => Price::of_choices(u128::from(parts) + 1),
        (Basis::Outstanding(children), "order") => Price::of_choices(u128::from(children)),
        (Basis::Word, "endorsement") => Price::of_choices(WORDS),
        (Basis::Bytes(bytes), "endorsement") => Price::exactly(8_000.0 * real(bytes.into())),
        (Basis::Rounds(rounds), "until") => Price::exactly(1_000.0 * real(rounds.into())),
        _ => return None,
    })
}

/// Prices an answer by what was asked; nothing where that does not say enough.
fn by_question(channel: &str, question: &str) -> Option<Price> {
    match (channel, question.parse::<u64>()) {
        ("count", Ok(most)) => Some(Price::of_choices(u128::from(most) + 1)),
        ("outcome", Ok(_mark)) => Some(Price::of_choices(ENDINGS)),
        // A rule of that name has a type's digest there, without a space.
        ("decision", _) if question.contains(' ') => Some(Price::of_choices(2)),
        _ => None,
    }
}

impl Price {
    fn exactly(thousandths: f64) -> Self {
        let (least, most) = (thousandths, thousandths);
        Self { least, most }
    }

    fn of(values: Values) -> Self {
        match values {
            Values::Exactly(choices) => Self::of_choices(choices),
            Values::Beyond(beyond) => Self {
                least: (1_000.0 * beyond.least * (1.0 - NOISE) - NOISE).ceil(),
                most: (1_000.0 * beyond.most * (1.0 + NOISE) + DIGITS).ceil(),
            },
        }
    }

    /// Thousandths of log₂, rounded up.
    fn of_choices(choices: u128) -> Self {
        if choices <= 1 {
            return Self::exactly(0.0);
        }
        if choices.is_power_of_two() {
            return Self::exactly(1_000.0 * f64::from(choices.ilog2()));
        }
        let bits = 1_000.0 * real(choices).log2();
        // More than a power of two, which a number with decimals may be rounded to.
        let above = 1_000.0 * f64::from(choices.ilog2()) + 1.0;
        Self {
            least: (bits - NOISE).ceil().max(above),
            most: (bits + DIGITS).ceil().max(above),
        }
    }

    /// Returns the right amount that is nearest where another one is stated.
    pub(super) fn instead_of(self, stated: u64) -> Option<u64> {
        let amount = real(stated.into());
        let right = amount.max(self.least).min(self.most);
        let is_right = (amount - right).abs() < 0.5;
        (!is_right).then(|| format!("{right:.0}").parse().unwrap_or(u64::MAX))
    }
}

/// Returns a number as one with decimals, the nearest that there is.
pub(super) fn real(number: u128) -> f64 {
    number.to_string().parse().unwrap_or(f64::INFINITY)
}
