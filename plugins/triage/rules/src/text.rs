//! Which text of a report a person would see, and where it stands.

/// Bounds how much of a title is read; trackers allow about 256 characters.
pub const TITLE_MAX_BYTES: usize = 1024;

/// Bounds how much of a body or comment is read. Trackers allow 65,536
/// characters; a report that has not come to the point by then never will.
pub const BODY_MAX_BYTES: usize = 128 * 1024;

/// Holds the visible text of a report, parted by how much its words mean.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The title, on one line.
    pub(crate) title: String,
    /// What the author wrote.
    pub(crate) prose: String,
    /// What the author pasted: code blocks, logs and quotes.
    pub(crate) quoted: String,
}

impl Page {
    /// Reads a report's title and body.
    pub(crate) fn read(title: &str, body: &str) -> Self {
        let title = visible(head(title, TITLE_MAX_BYTES));
        let mut page = Self {
            title: one_line(&title),
            ..Self::default()
        };
        let mut inside = Inside::Prose;
        let mut after_blank = true;
        for line in visible(head(body, BODY_MAX_BYTES)).lines() {
            inside = page.take(line, inside, after_blank);
            after_blank = line.trim().is_empty() || (after_blank && is_indented(line));
        }
        page
    }

    /// Puts one line where it belongs and returns what the next one stands in.
    fn take(&mut self, line: &str, inside: Inside, after_blank: bool) -> Inside {
        match inside {
            Inside::Fence(fence) if fence.closed_by(line) => Inside::Prose,
            Inside::Fence(fence) => {
                push_line(&mut self.quoted, line);
                Inside::Fence(fence)
            }
            Inside::Comment => match line.split_once("-->") {
                Some((_, rest)) => self.take_prose(rest),
                None => Inside::Comment,
            },
            Inside::Prose => {
                if let Some(fence) = Fence::opened_by(line) {
                    return Inside::Fence(fence);
                }
                if line.trim_start().starts_with('>') || (after_blank && is_indented(line)) {
                    push_line(&mut self.quoted, line.trim_start_matches(['>', ' ', '\t']));
                    return Inside::Prose;
                }
                self.take_prose(line)
            }
        }
    }

    /// Takes a line of prose without the HTML comments in it.
    fn take_prose(&mut self, line: &str) -> Inside {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("<!--") {
            self.prose.push_str(before);
            let Some((_, tail)) = after.split_once("-->") else {
                self.prose.push('\n');
                return Inside::Comment;
            };
            rest = tail;
        }
        push_line(&mut self.prose, rest);
        Inside::Prose
    }
}

/// What a line of Markdown stands in.
#[derive(Clone, Copy)]
enum Inside {
    Prose,
    Fence(Fence),
    /// An HTML comment, which no reader of the page sees.
    Comment,
}

/// An open code fence: its character and length.
#[derive(Clone, Copy)]
struct Fence {
    mark: char,
    length: usize,
}

impl Fence {
    fn opened_by(line: &str) -> Option<Self> {
        let line = line.trim_start();
        let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let length = line.chars().take_while(|c| *c == mark).count();
        // "```x```" on one line is inline code, not a fence.
        let info = line.trim_start_matches(mark);
        (length >= 3 && !info.contains('`')).then_some(Self { mark, length })
    }

    fn closed_by(self, line: &str) -> bool {
        let line = line.trim();
        line.chars().all(|c| c == self.mark) && line.chars().count() >= self.length
    }
}

/// Returns at most `max` bytes from the start, cut between characters.
pub(crate) fn head(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max))
        .unwrap_or_default()
}

/// Joins everything to one line with single spaces.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Drops the characters that show nothing; other controls become spaces.
pub(crate) fn visible(text: &str) -> String {
    let shown = text.chars().filter(|c| !is_invisible(*c));
    shown
        .map(|c| {
            if c.is_control() && c != '\n' && c != '\t' {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// Tells whether a character shows nothing and can hide text or its direction.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}'     // zero width, direction marks
        | '\u{202A}'..='\u{202E}'     // direction overrides
        | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FFA0}' | '\u{FEFF}'
        | '\u{FE00}'..='\u{FE0F}'     // variation selectors
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}'   // tags, more variation selectors
    )
}

fn is_indented(line: &str) -> bool {
    line.starts_with("    ") || line.starts_with('\t')
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_parts_prose_from_what_is_pasted_and_drops_what_is_hidden() {
        let cases = [
            // body, prose, quoted
            ("a\n```\nb\n```\nc", "a\nc\n", "b\n"),
            ("a\n~~~~\n```\n~~~\n~~~~\nb", "a\nb\n", "```\n~~~\n"),
            ("a ```x``` b", "a ```x``` b\n", ""),
            ("> b\na", "a\n", "b\n"),
            ("a\n\n    b\n    c\n", "a\n\n", "b\nc\n"),
            ("- a\n    b", "- a\n    b\n", ""),
            ("a <!-- x --> b <!-- y\nz --> c", "a  b \n c\n", ""),
            ("a <!-- x\ny", "a \n", ""),
            ("```\na <!-- b\n```\nc", "c\n", "a <!-- b\n"),
            ("```\nnever closed", "", "never closed\n"),
            ("cr\u{200B}ash\u{E0041}\u{202E}\u{7}!", "crash !\n", ""),
        ];
        for (body, prose, quoted) in cases {
            let page = Page::read("", body);
            assert_eq!((&*page.prose, &*page.quoted), (prose, quoted), "{body:?}");
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(head("aé", 2), "a");
        assert_eq!(head("aé", 3), "aé");
        assert_eq!(head("", 3), "");
        let page = Page::read(
            &"é".repeat(TITLE_MAX_BYTES),
            &"x".repeat(BODY_MAX_BYTES + 1),
        );
        assert_eq!(page.title.len(), TITLE_MAX_BYTES);
        assert_eq!(
            page.prose.len(),
            BODY_MAX_BYTES + 1,
            "the bound and one line end"
        );
    }
}
