//! What an answer costs in money.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use thiserror::Error;

use crate::response::Usage;

/// The table that the library brings, with the date it is from.
const BUILT_IN: &str = include_str!("prices.toml");

/// The most entries in a table; past it the file is no price list.
pub const MAX_ENTRIES: usize = 10_000;

/// The highest price in USD per million tokens; past it the unit was mistaken.
pub const MAX_USD: u64 = 1_000_000;

/// Pico-dollars in a micro-dollar. Prices are kept per token in pico-dollars, so that 0.000001 USD
/// per million tokens is still exact.
const PICO: u128 = 1_000_000;

/// Knows what models cost. Models that it does not know have no price, rather than a wrong one.
///
/// ```
/// use lazaret_models::{Prices, Usage};
///
/// let mut prices = Prices::built_in();
/// prices.override_with("[models]\n\"my-model\" = { input = 0.5, output = 2.0 }")?;
/// let usage = Usage { input: 1_000, output: 500, ..Usage::default() };
/// assert_eq!(prices.cost("my-model", &usage), Some(1_500));
/// assert_eq!(prices.cost("another-model", &usage), None);
/// # Ok::<(), lazaret_models::PriceError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prices {
    as_of: String,
    models: BTreeMap<String, Price>,
}

/// What one model costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    rates: Rates,
    /// From a prompt of more than so many tokens.
    long: Option<(u64, Rates)>,
}

/// Pico-dollars a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rates {
    input: u64,
    output: u64,
    cache_read: u64,
    cache_write: u64,
}

/// Says why a price table was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PriceError {
    /// It is not TOML of the right form.
    #[error("the price table cannot be read: {0}")]
    Form(String),
    /// A price is no number that can be a price.
    #[error("the price of `{model}` is not a number from 0 to {MAX_USD} with at most 6 decimals")]
    Number {
        /// The model's entry.
        model: String,
    },
    /// There are more entries than [`MAX_ENTRIES`].
    #[error("the price table has more than {MAX_ENTRIES} entries")]
    TooMany,
}

/// As in `prices.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    as_of: String,
    #[serde(default)]
    models: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    input: f64,
    output: f64,
    cache_read: Option<f64>,
    cache_write: Option<f64>,
    long: Option<Long>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Long {
    over: u64,
    input: Option<f64>,
    output: Option<f64>,
    cache_read: Option<f64>,
    cache_write: Option<f64>,
}

impl Prices {
    /// Returns the table that the library brings.
    pub fn built_in() -> Self {
        // A test reads the table that is compiled in, so that this is never the empty one.
        Self::parse(BUILT_IN).unwrap_or_default()
    }

    /// Reads a table. A name that ends in `*` stands for all that begin with the rest.
    pub fn parse(toml: &str) -> Result<Self, PriceError> {
        let file: File = toml::from_str(toml).map_err(|e| PriceError::Form(first_line(&e)))?;
        if file.models.len() > MAX_ENTRIES {
            return Err(PriceError::TooMany);
        }
        let models = file.models.into_iter().map(|(model, entry)| {
            let price = Price::read(&entry).ok_or_else(|| PriceError::Number {
                model: model.clone(),
            })?;
            Ok((model, price))
        });
        Ok(Self {
            as_of: file.as_of,
            models: models.collect::<Result<_, _>>()?,
        })
    }

    /// Puts the entries of another table over this one's.
    pub fn override_with(&mut self, toml: &str) -> Result<(), PriceError> {
        let other = Self::parse(toml)?;
        if self.models.len().saturating_add(other.models.len()) > 2 * MAX_ENTRIES {
            return Err(PriceError::TooMany);
        }
        self.models.extend(other.models);
        Ok(())
    }

    /// Puts one entry over this table's.
    pub fn set(&mut self, model: &str, price: Price) {
        self.models.insert(model.to_owned(), price);
    }

    /// Returns the date of the table.
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// Returns the price of a model: its own entry, or the longest that it is a dated form of.
    pub fn price(&self, model: &str) -> Option<Price> {
        if let Some(price) = self.models.get(model) {
            return Some(*price);
        }
        let fits = self
            .models
            .iter()
            .filter(|(name, _)| stands_for(name, model));
        fits.max_by_key(|(name, _)| name.len())
            .map(|(_, price)| *price)
    }

    /// Returns what an answer of a model costs in micro-dollars, rounded up.
    pub fn cost(&self, model: &str, usage: &Usage) -> Option<u64> {
        Some(self.price(model)?.cost(usage))
    }
}

impl PriceError {
    /// Returns the stable code under which the documentation explains the error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form(_) => "price-form",
            Self::Number { .. } => "price-number",
            Self::TooMany => "price-count",
        }
    }
}

impl Price {
    /// Makes a price of millionths of a US dollar for a million tokens: read, written, read from
    /// a cache, and put into one.
    pub const fn of_micros(input: u64, output: u64, cache_read: u64, cache_write: u64) -> Self {
        let rates = Rates {
            input,
            output,
            cache_read,
            cache_write,
        };
        Self { rates, long: None }
    }

    /// Returns what an answer costs in micro-dollars, rounded up.
    pub fn cost(&self, usage: &Usage) -> u64 {
        let rates = match self.long {
            Some((over, rates)) if usage.prompt() > over => rates,
            _ => self.rates,
        };
        let parts = [
            (usage.input, rates.input),
            (usage.output, rates.output),
            (usage.cache_read, rates.cache_read),
            (usage.cache_write, rates.cache_write),
        ];
        let pico = parts.map(|(tokens, rate)| u128::from(tokens) * u128::from(rate));
        let pico = pico.into_iter().fold(0, u128::saturating_add);
        u64::try_from(pico.div_ceil(PICO)).unwrap_or(u64::MAX)
    }

    fn read(entry: &Entry) -> Option<Self> {
        let input = pico(entry.input)?;
        let optional = |value: Option<f64>, or: u64| value.map_or(Some(or), pico);
        let rates = Rates {
            input,
            output: pico(entry.output)?,
            cache_read: optional(entry.cache_read, input)?,
            cache_write: optional(entry.cache_write, input)?,
        };
        let Some(long) = &entry.long else {
            return Some(Self { rates, long: None });
        };
        let long_input = optional(long.input, rates.input)?;
        let long_rates = Rates {
            input: long_input,
            output: optional(long.output, rates.output)?,
            cache_read: optional(long.cache_read, long_input)?,
            cache_write: optional(long.cache_write, long_input)?,
        };
        Some(Self {
            rates,
            long: Some((long.over, long_rates)),
        })
    }
}

/// Reads USD per million tokens, which are micro-dollars per token, through the shortest decimal
/// form: exact, and without a cast that could lose.
fn pico(usd: f64) -> Option<u64> {
    let mut text = String::new();
    write!(text, "{usd}").ok()?;
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    if decimals.len() > 6 {
        return None;
    }
    let whole: u64 = whole.parse().ok().filter(|usd| *usd <= MAX_USD)?;
    let padded = format!("{decimals:0<6}");
    whole
        .checked_mul(1_000_000)?
        .checked_add(padded.parse().ok()?)
}

/// Says whether an entry holds for a model: `gpt-5` for `gpt-5-2025-08-07`, but not for
/// `gpt-5-pro` or `gpt-5.9`.
fn stands_for(name: &str, model: &str) -> bool {
    if let Some(start) = name.strip_suffix('*') {
        return model.starts_with(start);
    }
    let Some(rest) = model.strip_prefix(name) else {
        return false;
    };
    let Some(rest) = rest.strip_prefix(['-', '@']) else {
        return false;
    };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    digits >= 4 && rest.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

fn first_line(error: &toml::de::Error) -> String {
    error
        .message()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usage(input: u64, output: u64) -> Usage {
        Usage {
            input,
            output,
            ..Usage::default()
        }
    }

    #[test]
    fn the_built_in_table_is_whole_and_dated() {
        let prices = Prices::parse(BUILT_IN).expect("the table");
        assert!(prices.models.len() > 150);
        assert!(prices.as_of().starts_with("20"));
        assert_eq!(prices, Prices::built_in());
    }

    #[test]
    fn only_dated_forms_of_a_name_share_its_price() {
        let prices =
            Prices::parse("[models]\n'gpt-5' = {input=1, output=2}\n'x/*' = {input=3, output=3}");
        let prices = prices.expect("a table");
        let cases = [
            ("gpt-5", true),
            ("gpt-5-2025-08-07", true),
            ("gpt-5@20250807", true),
            ("gpt-5-pro", false),
            ("gpt-5.9", false),
            ("gpt-50", false),
            ("x/any", true),
            ("x", false),
        ];
        for (model, known) in cases {
            assert_eq!(prices.price(model).is_some(), known, "{model}");
        }
    }

    #[test]
    fn the_longest_name_wins_and_overrides_win_over_the_table() {
        let mut prices =
            Prices::parse("[models]\n'a*' = {input=1, output=1}\n'ab*' = {input=2, output=1}");
        let prices = prices.as_mut().expect("a table");
        assert_eq!(prices.cost("abc", &usage(1, 0)), Some(2));
        prices
            .override_with("[models]\n'ab*' = {input=5, output=1}")
            .expect("an override");
        assert_eq!(prices.cost("abc", &usage(1, 0)), Some(5));
    }

    #[test]
    fn costs_are_exact_and_rounded_up() {
        let table = "[models]\n'm' = {input=0.075, output=10, cache_read=0.0088, cache_write=1.25}";
        let prices = Prices::parse(table).expect("a table");
        assert_eq!(prices.cost("m", &usage(1_000_000, 0)), Some(75_000));
        assert_eq!(prices.cost("m", &usage(1, 0)), Some(1));
        assert_eq!(prices.cost("m", &usage(0, 0)), Some(0));
        let cached = Usage {
            cache_read: 1_000_000,
            cache_write: 4,
            ..Usage::default()
        };
        assert_eq!(prices.cost("m", &cached), Some(8_805));
    }

    #[test]
    fn a_prompt_one_past_the_step_costs_the_higher_price() {
        let table = "[models]\n'm' = {input=1, output=2, long={over=10, input=3, output=4}}";
        let prices = Prices::parse(table).expect("a table");
        assert_eq!(prices.cost("m", &usage(10, 1)), Some(12));
        assert_eq!(prices.cost("m", &usage(11, 1)), Some(37));
    }

    #[test]
    fn wrong_tables_are_refused() {
        for table in [
            "[models]\n'm' = {input=-1, output=1}",
            "[models]\n'm' = {input=nan, output=1}",
            "[models]\n'm' = {input=inf, output=1}",
            "[models]\n'm' = {input=1000001, output=1}",
            "[models]\n'm' = {input=0.0000001, output=1}",
        ] {
            let refused = Prices::parse(table);
            assert!(
                matches!(refused, Err(PriceError::Number { .. })),
                "{table}: {refused:?}"
            );
        }
        assert!(matches!(
            Prices::parse("[models]\n'm' = {input=1}"),
            Err(PriceError::Form(_))
        ));
        let many: Vec<_> = (0..=MAX_ENTRIES)
            .map(|n| format!("m{n} = {{input=1, output=1}}"))
            .collect();
        let many = many.join("\n");
        assert_eq!(
            Prices::parse(&format!("[models]\n{many}")),
            Err(PriceError::TooMany)
        );
    }

    proptest! {
        #[test]
        fn no_usage_overflows(input: u64, output: u64, cache_read: u64, cache_write: u64) {
            let prices = Prices::parse("[models]\n'm' = {input=1000000, output=1000000}").expect("a table");
            let usage = Usage { input, output, cache_read, cache_write };
            prop_assert!(prices.cost("m", &usage).expect("known") >= input);
        }
    }
}
