//! Models: which providers there are, what a name stands for, and who may be told what.
//!
//! A name that can be granted, `model.NAME`, is an alias or a provider. Behind an alias stands
//! a chain: its first target, and one further function for each model that is asked instead
//! when the one before it cannot answer. Each has its own provider's rule, so that a fallback is
//! judged as a recipient again.

use std::collections::BTreeMap;

use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::tables::{ArgumentRule, FunctionId, FunctionRule, Verdict};

use super::draft::{ModelsDraft, ProviderDraft, RouteDraft, Serves};
use super::functions::{Functions, function};
use super::scope::Scope;
use crate::compiled::{FunctionKind, Price, Provider, Route, Target};
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::reader::TextOrList;
use lazaret_manifest::suggest::did_you_mean;
use lazaret_manifest::text::{At, Report};

mod alias;
mod key;
mod service;

use alias::Aliases;

/// The most bytes of a model's name or address.
const MAX_TEXT: usize = 1_024;

/// What a policy says of models, looked up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Models {
    pub(crate) providers: BTreeMap<String, Provider>,
    /// The services that the providers say they are, by the providers' names.
    pub(crate) services: BTreeMap<String, String>,
    pub(crate) routes: Vec<Route>,
    pub(crate) prices: BTreeMap<String, Price>,
}

/// A name that can be granted, and what stands behind it.
#[derive(Debug)]
struct Named {
    name: At<String>,
    targets: Vec<Target>,
}

/// Who learns of a request to a provider, and what it may carry.
#[derive(Clone, Copy, Debug)]
struct Terms {
    tolerates: TagSet,
    recipients: Readers,
}

/// Looks up every provider, alias and route, and adds the functions by which they are asked.
pub(super) fn resolve(
    draft: &ModelsDraft,
    functions: &mut Functions,
    scope: &mut Scope,
    report: &mut Report,
) -> Models {
    let mut models = Models::default();
    let mut named = Vec::new();
    let mut terms = BTreeMap::new();
    for one in &draft.providers {
        terms.insert(one.name.value.clone(), terms_of(one, scope, report));
        named.extend(provider_name(one, report));
        if let Some(provider) = service::resolve(one, report) {
            models.providers.insert(one.name.value.clone(), provider);
        }
        let service = one.provider.as_ref().unwrap_or(&one.name);
        let service = service.value.clone();
        models.services.insert(one.name.value.clone(), service);
    }
    let aliases = Aliases::new(&draft.aliases);
    for (name, written) in &draft.aliases {
        named.extend(alias_name(name, written, &aliases, &terms, report));
    }
    for (index, one) in named.iter().enumerate() {
        let earlier = named.iter().take(index);
        if earlier
            .map(|one| &one.name.value)
            .any(|other| *other == one.name.value)
        {
            let message = format!("{} stands for two things", quote(&one.name.value));
            let hint = "give providers, aliases and `[model.NAME]` different names".to_owned();
            report.hinted(codes::DUPLICATE, &one.name.span, message, hint);
        }
        add(functions, one, &terms, report);
    }
    let prices = draft.prices.iter();
    models.prices = prices
        .map(|(name, price)| (name.value.clone(), *price))
        .collect();
    models.routes = draft
        .routes
        .iter()
        .filter_map(|route| resolve_route(route, &named, scope, report))
        .collect();
    models
}

/// Whoever serves a model reads what it is asked.
fn terms_of(draft: &ProviderDraft, scope: &mut Scope, report: &mut Report) -> Terms {
    Terms {
        tolerates: match &draft.tolerate {
            Some(written) => scope.tolerance(written, report),
            None => TagSet::ALL,
        },
        recipients: scope.recipients(draft.recipients.as_ref(), scope.models(), report),
    }
}

/// A provider's own name asks whichever of its models the request says.
fn provider_name(draft: &ProviderDraft, report: &mut Report) -> Option<Named> {
    let model = match &draft.serves {
        Serves::Any => None,
        Serves::One(None) => return None,
        Serves::One(Some(model)) => Some(check_model(model, report)?),
    };
    let provider = draft.name.value.clone();
    Some(Named {
        name: draft.name.clone(),
        targets: vec![Target { provider, model }],
    })
}

fn alias_name(
    name: &At<String>,
    written: &TextOrList,
    aliases: &Aliases<'_>,
    terms: &BTreeMap<String, Terms>,
    report: &mut Report,
) -> Option<Named> {
    let span = match written {
        TextOrList::Text(text) => &text.span,
        TextOrList::List(list) => &list.span,
    };
    let targets = match aliases.resolve(&name.value) {
        Ok(targets) => targets,
        Err(problem) => {
            let hint = "write `\"PROVIDER/MODEL\"`, another alias, or a list of these".to_owned();
            report.hinted(codes::UNKNOWN_MODEL, span, problem.to_string(), hint);
            return None;
        }
    };
    for target in &targets {
        if !terms.contains_key(&target.provider) {
            let message = format!("there is no provider {}", quote(&target.provider));
            let hint = did_you_mean(&target.provider, terms.keys().map(String::as_str));
            report.hinted(codes::UNKNOWN_MODEL, span, message, hint);
        }
    }
    Some(Named {
        name: name.clone(),
        targets,
    })
}

/// Adds a name's function and, linked to it, one for each model that is asked instead.
fn add(
    functions: &mut Functions,
    named: &Named,
    terms: &BTreeMap<String, Terms>,
    report: &mut Report,
) {
    let first = functions.list.len();
    for (index, target) in named.targets.iter().enumerate() {
        let Some(terms) = terms.get(&target.provider) else {
            return;
        };
        let is_last = index + 1 == named.targets.len();
        let next = (!is_last)
            .then(|| u16::try_from(first + index + 1).ok())
            .flatten();
        let alias = &named.name.value;
        let name = match index {
            0 => format!("model.{alias}"),
            _ => format!("model.{alias}.or-{}", index + 1),
        };
        let kind = FunctionKind::Model {
            target: target.clone(),
            next: next.map(FunctionId),
            instead: index > 0,
        };
        let rule = FunctionRule {
            arguments: vec![ArgumentRule {
                tolerates: terms.tolerates,
            }],
            caller: terms.tolerates,
            recipients: terms.recipients,
            source: Label::BOTTOM,
            verdict: Verdict::Allow,
        };
        functions.add(
            function(name, &["request"], kind),
            rule,
            &named.name,
            report,
        );
    }
}

fn resolve_route(
    draft: &RouteDraft,
    named: &[Named],
    scope: &Scope,
    report: &mut Report,
) -> Option<Route> {
    let model = draft.model.as_ref()?;
    if !named.iter().any(|one| one.name.value == model.value) {
        let message = format!("there is no model {}", quote(&model.value));
        let known = named.iter().map(|one| one.name.value.as_str());
        let hint = did_you_mean(&model.value, known);
        report.hinted(codes::UNKNOWN_MODEL, &model.span, message, hint);
    }
    let text = |text: &Option<At<String>>| text.as_ref().map(|text| text.value.clone());
    Some(Route {
        agent: text(&draft.agent),
        phase: text(&draft.phase),
        taint: draft.tags.as_ref().map(|tags| scope.tags(tags, report)),
        model: model.value.clone(),
    })
}

fn check_model(model: &At<String>, report: &mut Report) -> Option<String> {
    let text = model.value.as_str();
    let valid = !text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(char::is_control);
    if !valid {
        let message = format!("{} is no model's name", quote(text));
        report.error(codes::INVALID_VALUE, &model.span, message);
    }
    valid.then(|| text.to_owned())
}
