//! What an answer costs: the operator's prices first, then the table that the library brings.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use lazaret_models::{Price, Prices, Usage};
use lazaret_policy::compiled::{self, Compiled, Provider, Service};

/// The prices of one provider's models.
#[derive(Clone, Debug)]
pub(crate) struct Tariff {
    provider: String,
    /// Nobody sends a bill where there is no key.
    is_free: bool,
    tables: Arc<Tables>,
}

/// The prices of a run.
#[derive(Debug)]
pub(super) struct Tables {
    own: Prices,
}

/// The table that the library brings. It is long, and many runs ask for no price.
static BUILT_IN: LazyLock<Prices> = LazyLock::new(Prices::built_in);

impl Tables {
    /// Takes what the policy says.
    pub(super) fn new(own: &BTreeMap<String, compiled::Price>) -> Self {
        let mut prices = Prices::default();
        for (model, price) in own {
            let compiled::Price {
                input,
                output,
                cache_read,
                cache_write,
            } = *price;
            let price = Price::of_micros(input, output, cache_read, cache_write);
            prices.set(model, price);
        }
        Self { own: prices }
    }
}

impl Tariff {
    /// Returns the prices of one provider.
    pub(super) fn new(tables: &Arc<Tables>, name: &str, provider: &Provider) -> Self {
        let is_signed = matches!(
            provider.service,
            Service::Bedrock {
                signed: Some(_),
                ..
            }
        );
        Self {
            provider: name.to_owned(),
            is_free: provider.key.is_none() && !is_signed,
            tables: Arc::clone(tables),
        }
    }

    /// Returns the prices of a provider of a policy.
    pub(crate) fn of(compiled: &Compiled, name: &str) -> Option<Self> {
        let provider = compiled.providers.get(name)?;
        let tables = Arc::new(Tables::new(&compiled.prices));
        Some(Self::new(&tables, name, provider))
    }

    /// Returns whether anybody knows what a model costs.
    pub(crate) fn knows(&self, model: &str) -> bool {
        self.cost(model, &Usage::default()).is_some()
    }

    /// Returns what an answer of a model costs in micro-dollars, if anybody knows.
    pub(crate) fn cost(&self, model: &str, usage: &Usage) -> Option<u64> {
        let own = &self.tables.own;
        let full = format!("{}/{model}", self.provider);
        own.cost(&full, usage)
            .or_else(|| own.cost(model, usage))
            .or_else(|| self.is_free.then_some(0))
            .or_else(|| BUILT_IN.cost(model, usage))
    }
}

#[cfg(test)]
mod tests {
    use lazaret_policy::compiled::KeySource;

    use super::*;

    fn provider(has_key: bool) -> Provider {
        Provider {
            service: Service::OpenAi,
            base_url: None,
            key: has_key.then(|| KeySource::Variable("KEY".to_owned())),
            at_once: 1,
            json_objects: false,
            first_byte_ms: None,
            idle_ms: None,
        }
    }

    #[test]
    fn the_operator_s_prices_come_first_and_a_server_without_a_key_sends_no_bill() {
        let price = |input| compiled::Price {
            input,
            output: 0,
            cache_read: 0,
            cache_write: 0,
        };
        let own = [
            ("gpt-5", 7_000_000),
            ("here/gpt-5", 8_000_000),
            ("x*", 9_000_000),
        ];
        let own = own.map(|(name, input)| (name.to_owned(), price(input)));
        let tables = Arc::new(Tables::new(&own.into_iter().collect()));
        let one = Usage {
            input: 1,
            ..Usage::default()
        };
        let cost = |name: &str, has_key, model: &str| {
            Tariff::new(&tables, name, &provider(has_key)).cost(model, &one)
        };
        assert_eq!(cost("here", true, "gpt-5"), Some(8));
        assert_eq!(cost("there", true, "gpt-5"), Some(7));
        assert_eq!(cost("there", false, "xyz"), Some(9));
        assert_eq!(cost("local", false, "gpt-4"), Some(0));
        assert_eq!(cost("cloud", true, "gpt-4"), Some(30));
        assert_eq!(cost("cloud", true, "nobody-knows"), None);
    }
}
