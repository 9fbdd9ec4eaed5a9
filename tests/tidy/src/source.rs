//! What of a Rust source is code: not its comments, texts and tests.

/// Returns the code with comments and the insides of texts blanked; lines stay.
pub(crate) fn code_of(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (length, kept) = token(rest, first, code.chars().next_back());
        let (this, next) = rest.split_at(length);
        if kept {
            code.push_str(this);
        } else {
            code.extend(this.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        rest = next;
    }
    code
}

/// Returns the code without what is only compiled for tests.
///
/// By convention tests are the last thing in a file, in a `mod tests`; single items
/// behind `#[cfg(test)]` before that are looked at like any other.
pub(crate) fn shipped_code_of(source: &str) -> String {
    let code = code_of(source);
    let tests = code.find("#[cfg(test)]\nmod tests");
    match tests.and_then(|start| code.get(..start)) {
        Some(before) => before.to_owned(),
        None => code,
    }
}

/// Returns the bytes of the next token and whether it is code.
fn token(rest: &str, first: char, before: Option<char>) -> (usize, bool) {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), false)
    } else if rest.starts_with("/*") {
        (block_comment(rest), false)
    } else if let Some(length) = raw_text(rest).filter(|_| !in_word) {
        (length, false)
    } else if first == '"' {
        (text(rest), false)
    } else if let Some(length) = letter(rest) {
        (length, false)
    } else {
        (first.len_utf8(), true)
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let tail = rest.get(at..).unwrap_or_default();
        let Some(c) = tail.chars().next() else {
            return rest.len();
        };
        if tail.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += c.len_utf8();
        }
    }
}

fn text(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#` and the same with `b` or `c` before.
fn raw_text(rest: &str) -> Option<usize> {
    let after = rest
        .strip_prefix(['b', 'c'])
        .unwrap_or(rest)
        .strip_prefix('r')?;
    let marks = after.chars().take_while(|c| *c == '#').count();
    let body = after.get(marks..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(marks));
    let start = rest.len() - body.len();
    Some(
        body.find(&end)
            .map_or(rest.len(), |at| start + at + end.len()),
    )
}

/// `'x'` and `'\n'`, but not the lifetime `'x`.
fn letter(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('\'')?;
    let length = if let Some(escape) = body.strip_prefix('\\') {
        1 + escape.char_indices().skip(1).find(|(_, c)| *c == '\'')?.0
    } else {
        body.chars().next()?.len_utf8()
    };
    body.get(length..)?.starts_with('\'').then_some(length + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, code: &str) {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(&code_of(source)), code, "{source}");
        assert_eq!(code_of(source).lines().count(), source.lines().count());
    }

    #[test]
    fn comments_are_blanked() {
        check("a // b\nc", "a c");
        check("a /* b /* c */ d */ e", "a e");
        check("/* never closed", "");
    }

    #[test]
    fn texts_are_blanked() {
        check(r#"a("b \" c", d)"#, "a( , d)");
        check("a(r#\"b \" c\"#, br\"d\", e)", "a( , , e)");
        check("for r in x", "for r in x");
        check("a(\"// b\") c", "a( ) c");
    }

    #[test]
    fn letters_are_blanked_and_lifetimes_are_not() {
        check(r"a('b', '\'', '\u{1b}', '\\') c", "a( , , , ) c");
        check("fn a<'b>(c: &'b str)", "fn a<'b>(c: &'b str)");
        check("a('\"') b \"c\"", "a( ) b");
    }

    #[test]
    fn tests_are_not_shipped() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\n";
        assert_eq!(shipped_code_of(source), "fn a() {}\n");
    }
}
