//! Results of tool calls: whole while there is room, then as previews with a name by which
//! the model can see them again.

use lazaret_sdk::model::{Block, Message, ToolResult};
use lazaret_sdk::{Content, Failure};

/// How many characters of a result its preview keeps.
const PREVIEW_CHARS: usize = 400;

/// The results so far, oldest first.
pub(crate) struct Results {
    all: Vec<Held>,
    room: usize,
}

struct Held {
    content: Content,
    /// Known once the result was read.
    bytes: Option<usize>,
    is_whole: bool,
}

impl Results {
    /// Keeps results of so many bytes whole.
    pub(crate) fn new(room: usize) -> Self {
        Self {
            all: Vec::new(),
            room,
        }
    }

    /// Keeps a result, and returns its block for the conversation.
    pub(crate) fn add(&mut self, id: String, content: Content, is_error: bool) -> Block {
        self.all.push(Held {
            content,
            bytes: None,
            is_whole: true,
        });
        Block::ToolResult(ToolResult {
            id,
            content: content.handle(),
            is_error,
        })
    }

    /// Returns the result of that name.
    pub(crate) fn named(&self, name: &str) -> Option<Content> {
        let number: usize = name.strip_prefix('r')?.parse().ok()?;
        Some(self.all.get(number.checked_sub(1)?)?.content)
    }

    /// Returns how many results are whole.
    pub(crate) fn whole(&self) -> usize {
        self.all.iter().filter(|held| held.is_whole).count()
    }

    /// Replaces results by previews, the oldest first, until those that are whole fit; all of
    /// them with `every`.
    pub(crate) fn settle(&mut self, messages: &mut [Message], every: bool) -> Result<(), Failure> {
        let mut texts: Vec<Option<String>> = Vec::new();
        for held in &mut self.all {
            let unknown = held.is_whole && (every || held.bytes.is_none());
            let text = if unknown {
                Some(held.content.read()?)
            } else {
                None
            };
            held.bytes = text.as_ref().map(String::len).or(held.bytes);
            texts.push(text);
        }
        let mut sum: usize = self.kept().sum();
        for (index, held) in self.all.iter_mut().enumerate() {
            if !held.is_whole || (!every && sum <= self.room) {
                continue;
            }
            let bytes = held.bytes.unwrap_or(0);
            if bytes <= PREVIEW_CHARS {
                continue;
            }
            let text = match texts.get_mut(index).and_then(Option::take) {
                Some(text) => text,
                None => held.content.read()?,
            };
            let preview = Content::text(&preview(&text, index + 1))?;
            replace(messages, held.content, preview);
            held.is_whole = false;
            sum = sum.saturating_sub(bytes);
        }
        Ok(())
    }

    fn kept(&self) -> impl Iterator<Item = usize> {
        let whole = self.all.iter().filter(|held| held.is_whole);
        whole.filter_map(|held| held.bytes)
    }
}

/// Says how a result begins, how long it is, and how to see it again.
fn preview(text: &str, number: usize) -> String {
    if let Some(kind) = picture(text) {
        return format!(
            "(a picture, {kind}, was shown here; call `recall` with {{\"result\": \"r{number}\"}} to see it again)"
        );
    }
    let start: String = text.chars().take(PREVIEW_CHARS).collect();
    let length = text.chars().count();
    format!(
        "{start}… (shortened: {length} characters in all; call `recall` with {{\"result\": \"r{number}\"}} to see the whole)"
    )
}

/// Returns the type of a picture, as its `data:` URL says it.
fn picture(text: &str) -> Option<&str> {
    let (kind, _) = text.strip_prefix("data:")?.split_once(";base64,")?;
    kind.starts_with("image/").then_some(kind)
}

fn replace(messages: &mut [Message], old: Content, new: Content) {
    for block in messages.iter_mut().flat_map(|message| &mut message.blocks) {
        if let Block::ToolResult(result) = block
            && result.content == old.handle()
        {
            result.content = new.handle();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_names_its_result_and_its_length() {
        let preview = preview(&"ä".repeat(1_000), 3);
        assert!(preview.starts_with(&"ä".repeat(PREVIEW_CHARS)));
        assert!(preview.contains("1000 characters") && preview.contains("\"r3\""));
    }

    #[test]
    fn a_picture_leaves_the_window_without_its_bytes() {
        let preview = preview("data:image/png;base64,iVBORw0KGgo=", 2);
        assert!(preview.contains("image/png") && preview.contains("\"r2\""));
        assert!(!preview.contains("iVBOR"));
    }

    #[test]
    fn results_are_found_by_the_names_that_previews_give() {
        let mut results = Results::new(10);
        results.add("a".to_owned(), Content::from_handle(7), false);
        assert_eq!(results.named("r1"), Some(Content::from_handle(7)));
        for wrong in ["r0", "r2", "1", "", "r", "r-1"] {
            assert_eq!(results.named(wrong), None, "{wrong}");
        }
    }
}
