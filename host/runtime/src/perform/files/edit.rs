//! Changes a part of a file, or which files there are.

use serde_json::{Value, json};

use super::{read, write};
use crate::payload::{MAX_CONTENT_BYTES, Payload};
use crate::place::{Inside, Place, refused};

/// Does what `{"kind", …}` says; `content` is what takes the place of a part.
pub(super) fn edit(
    place: &Place,
    at: &Inside,
    change: &Value,
    content: Option<&str>,
) -> Result<Payload, String> {
    let text = |key: &str| change.get(key).and_then(Value::as_str).unwrap_or_default();
    let _turn = place.turn();
    match text("kind") {
        "replace" => {
            let all = change.get("all") == Some(&Value::Bool(true));
            let new = content.ok_or("the argument `content` is missing")?;
            let replaced = substitute(place, at, text("old"), new, all)?;
            return Ok(Payload::json(json!({ "replaced": replaced })));
        }
        "make-directory" => make(place, at)?,
        "remove" => remove(place, at)?,
        "rename" => rename(place, at, &place.inside(text("to"))?)?,
        _ => return Err("there is no such change".to_owned()),
    }
    Ok(Payload::json(json!({ "done": true })))
}

fn substitute(
    place: &Place,
    at: &Inside,
    old: &str,
    new: &str,
    all: bool,
) -> Result<usize, String> {
    let bytes = read::bytes(place, at)?;
    let text = String::from_utf8(bytes).map_err(|_binary| format!("`{at}` is no UTF-8 text"))?;
    let times = if old.is_empty() {
        0
    } else {
        text.matches(old).count()
    };
    match times {
        0 => return Err(format!("`{at}` does not contain the text to replace")),
        1 => {}
        more if !all => {
            return Err(format!(
                "`{at}` contains the text to replace {more} times: give more of it, or set `all`"
            ));
        }
        _ => {}
    }
    let grown = times.saturating_mul(new.len()).saturating_add(text.len());
    if grown > MAX_CONTENT_BYTES {
        return Err(format!(
            "`{at}` would be larger than the limit `content-bytes` of {MAX_CONTENT_BYTES}"
        ));
    }
    write::replace(place, at, &text.replace(old, new))?;
    Ok(times)
}

fn make(place: &Place, at: &Inside) -> Result<(), String> {
    let (directory, name) = place.parent(at, true)?;
    if directory.is_dir(&name) {
        return Ok(());
    }
    let made = directory.create_dir(&name);
    made.map_err(|error| refused(at, &error))
}

fn remove(place: &Place, at: &Inside) -> Result<(), String> {
    let (directory, name) = place.parent(at, false)?;
    let metadata = directory.symlink_metadata(&name);
    let is_directory = metadata.map_err(|error| refused(at, &error))?.is_dir();
    let removed = if is_directory {
        directory.remove_dir(&name)
    } else {
        directory.remove_file(&name)
    };
    removed.map_err(|error| refused(at, &error))
}

fn rename(place: &Place, at: &Inside, to: &Inside) -> Result<(), String> {
    let (from, old) = place.parent(at, false)?;
    from.symlink_metadata(&old)
        .map_err(|error| refused(at, &error))?;
    let (into, new) = place.parent(to, true)?;
    if into.symlink_metadata(&new).is_ok() {
        return Err(format!("`{to}` is there already"));
    }
    let renamed = from.rename(&old, &into, &new);
    renamed.map_err(|error| refused(at, &error))
}
