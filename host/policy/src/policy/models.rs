//! Models: who serves an alias, under which name, with whose key.

use super::draft::ModelDraft;
use crate::codes;
use crate::compiled::Model;
use crate::diagnostic::quote;
use crate::text::{At, Report};

/// The most bytes of a model's name or address.
const MAX_TEXT: usize = 1_024;

/// Checks what every alias stands for.
pub(super) fn resolve(drafts: &[ModelDraft], report: &mut Report) -> Vec<(String, Model)> {
    let mut all = Vec::new();
    for draft in drafts {
        let key_variable = draft.key.as_ref().and_then(|key| variable(key, report));
        let base_url = draft.base_url.as_ref();
        let base_url = base_url.filter(|address| check_address(address, report));
        let model = draft.model.as_ref();
        let model = model.filter(|model| check_model(model, report));
        if let (Some(provider), Some(model)) = (&draft.provider, model) {
            let model = Model {
                provider: provider.value.clone(),
                model: model.value.clone(),
                base_url: base_url.map(|address| address.value.clone()),
                key_variable,
            };
            all.push((draft.name.value.clone(), model));
        }
    }
    all
}

/// A key is never written into a policy: it names the variable that holds it. The
/// message does not repeat what was written, which may be a key.
fn variable(key: &At<String>, report: &mut Report) -> Option<String> {
    let name = key.value.strip_prefix("env:").filter(|name| {
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        !name.is_empty() && name.len() <= MAX_TEXT && name.bytes().all(valid)
    });
    if name.is_none() {
        let message = "`key` does not say where the key is".to_owned();
        let hint = "write `env:NAME`, and put the key into that variable".to_owned();
        report.hinted(codes::INVALID_VALUE, &key.span, message, hint);
    }
    name.map(str::to_owned)
}

fn check_address(address: &At<String>, report: &mut Report) -> bool {
    let text = address.value.as_str();
    let host = ["https://", "http://"]
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    let valid = text.len() <= MAX_TEXT
        && host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !valid {
        let message = "`base_url` is no address".to_owned();
        let hint = "write `https://HOST/PATH`, without a name or password in it".to_owned();
        report.hinted(codes::INVALID_VALUE, &address.span, message, hint);
    }
    valid
}

fn check_model(model: &At<String>, report: &mut Report) -> bool {
    let text = model.value.as_str();
    let valid = !text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(char::is_control);
    if !valid {
        let message = format!("{} is no model's name", quote(text));
        report.error(codes::INVALID_VALUE, &model.span, message);
    }
    valid
}
