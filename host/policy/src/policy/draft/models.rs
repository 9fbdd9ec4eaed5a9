//! `[models]`, and the shorter `[model.NAME]`, as they are written.

use crate::compiled::Price;
use lazaret_manifest::name::Name;
use lazaret_manifest::reader::{self, Section, TextOrList};
use lazaret_manifest::text::{At, Report};

/// The keys of `[models]` that are no provider.
const ALIAS: &str = "alias";
const ROUTE: &str = "route";
const PRICES: &str = "prices";

/// The most requests that one provider may be asked at once.
const MAX_AT_ONCE: u64 = 4_096;

/// The longest wait for a provider's bytes: an hour.
const MAX_WAIT_MS: u64 = 3_600_000;

/// Everything that a policy says of models.
#[derive(Debug)]
pub(in crate::policy) struct ModelsDraft {
    pub(in crate::policy) providers: Vec<ProviderDraft>,
    pub(in crate::policy) aliases: Vec<(At<String>, TextOrList)>,
    pub(in crate::policy) routes: Vec<RouteDraft>,
    pub(in crate::policy) prices: Vec<(At<String>, Price)>,
}

/// Of which models a provider is asked.
#[derive(Debug)]
pub(in crate::policy) enum Serves {
    /// Of whichever a request names.
    Any,
    /// Of one: this is a `[model.NAME]`. What was reported as missing is `None`.
    One(Option<At<String>>),
}

/// A provider of models.
#[derive(Debug)]
pub(in crate::policy) struct ProviderDraft {
    pub(in crate::policy) name: At<String>,
    pub(in crate::policy) serves: Serves,
    pub(in crate::policy) provider: Option<At<String>>,
    pub(in crate::policy) base_url: Option<At<String>>,
    pub(in crate::policy) key: Option<At<String>>,
    pub(in crate::policy) region: Option<At<String>>,
    pub(in crate::policy) access_key: Option<At<String>>,
    pub(in crate::policy) secret_key: Option<At<String>>,
    pub(in crate::policy) session_token: Option<At<String>>,
    pub(in crate::policy) project: Option<At<String>>,
    pub(in crate::policy) location: Option<At<String>>,
    pub(in crate::policy) api_version: Option<At<String>>,
    pub(in crate::policy) schemas: Option<At<String>>,
    pub(in crate::policy) at_once: Option<u64>,
    pub(in crate::policy) first_byte_ms: Option<u64>,
    pub(in crate::policy) idle_ms: Option<u64>,
    pub(in crate::policy) tolerate: Option<TextOrList>,
    pub(in crate::policy) recipients: Option<TextOrList>,
}

/// One `[[models.route]]`.
#[derive(Debug)]
pub(in crate::policy) struct RouteDraft {
    pub(in crate::policy) agent: Option<At<String>>,
    pub(in crate::policy) phase: Option<At<String>>,
    pub(in crate::policy) tags: Option<Vec<At<String>>>,
    pub(in crate::policy) model: Option<At<String>>,
}

/// Reads both ways to write models.
pub(super) fn read(root: &mut Section<'_>, report: &mut Report) -> ModelsDraft {
    let mut draft = ModelsDraft {
        providers: Vec::new(),
        aliases: Vec::new(),
        routes: Vec::new(),
        prices: Vec::new(),
    };
    for (name, mut section) in root.named(report, "model", Name::Plain) {
        let model = section.required_text(report, "model");
        let mut one = provider(name, &mut section, report);
        one.serves = Serves::One(model);
        draft.providers.push(one);
        section.finish(report);
    }
    let Some(mut models) = root.section(report, "models") else {
        return draft;
    };
    if let Some(aliases) = models.section(report, ALIAS) {
        for (name, value) in aliases.entries(report, Name::Plain) {
            let targets = reader::text_or_list(report, value.get_ref(), &value.span(), &name.value);
            draft.aliases.extend(targets.map(|targets| (name, targets)));
        }
    }
    for mut section in models.sections(report, ROUTE) {
        draft.routes.push(route(&mut section, report));
        section.finish(report);
    }
    if let Some(prices) = models.section(report, PRICES) {
        for (name, mut section) in prices.tables(report, Name::Model, &[]) {
            let price = price(&mut section, report);
            section.finish(report);
            draft.prices.extend(price.map(|price| (name, price)));
        }
    }
    for (name, mut section) in models.tables(report, Name::Plain, &[ALIAS, ROUTE, PRICES]) {
        draft.providers.push(provider(name, &mut section, report));
        section.finish(report);
    }
    draft
}

fn provider(name: At<String>, section: &mut Section<'_>, report: &mut Report) -> ProviderDraft {
    ProviderDraft {
        name,
        serves: Serves::Any,
        provider: section.text(report, "provider"),
        base_url: section.text(report, "base_url"),
        key: section.text(report, "key"),
        region: section.text(report, "region"),
        access_key: section.text(report, "access_key"),
        secret_key: section.text(report, "secret_key"),
        session_token: section.text(report, "session_token"),
        project: section.text(report, "project"),
        location: section.text(report, "location"),
        api_version: section.text(report, "api_version"),
        schemas: section.text(report, "schemas"),
        at_once: section.number(report, "at_once", 1..=MAX_AT_ONCE),
        first_byte_ms: section.number(report, "first_byte_ms", 1..=MAX_WAIT_MS),
        idle_ms: section.number(report, "idle_ms", 1..=MAX_WAIT_MS),
        tolerate: section.text_or_list(report, "tolerate"),
        recipients: section.text_or_list(report, "recipients"),
    }
}

/// What goes through a cache costs what any input does unless it is written.
fn price(section: &mut Section<'_>, report: &mut Report) -> Option<Price> {
    let input = section.required_usd(report, "input");
    let output = section.required_usd(report, "output");
    let cache_read = section.usd(report, "cache_read");
    let cache_write = section.usd(report, "cache_write");
    Some(Price {
        input: input?,
        output: output?,
        cache_read: cache_read.or(input)?,
        cache_write: cache_write.or(input)?,
    })
}

fn route(section: &mut Section<'_>, report: &mut Report) -> RouteDraft {
    RouteDraft {
        agent: section.text(report, "agent"),
        phase: section.text(report, "phase"),
        tags: section.names(report, "tags", Name::Tag),
        model: section.required_text(report, "model"),
    }
}
