//! The little of JSON that the two data files need, so that no crate is needed.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// A JSON value; numbers keep their text.
#[derive(Debug, PartialEq)]
pub(crate) enum Json {
    Word(String),
    Text(String),
    List(Vec<Self>),
    Object(BTreeMap<String, Self>),
}

impl Json {
    pub(crate) fn parse(text: &str) -> Self {
        value(&mut text.chars().peekable())
    }

    pub(crate) fn at(&self, key: &str) -> &Self {
        let Self::Object(fields) = self else {
            panic!("no object: {self:?}")
        };
        fields
            .get(key)
            .unwrap_or_else(|| panic!("no `{key}` in {self:?}"))
    }

    pub(crate) fn text(&self) -> &str {
        let (Self::Text(text) | Self::Word(text)) = self else {
            panic!("no text: {self:?}")
        };
        text
    }

    pub(crate) fn list(&self) -> &[Self] {
        let Self::List(items) = self else {
            panic!("no list: {self:?}")
        };
        items
    }
}

type Input<'a> = Peekable<Chars<'a>>;

fn value(input: &mut Input<'_>) -> Json {
    match peek(input) {
        '"' => Json::Text(string(input)),
        '[' => Json::List(items(input, ']', value)),
        '{' => Json::Object(items(input, '}', pair).into_iter().collect()),
        _ => {
            let mut word = String::new();
            while let Some(c) = input.next_if(|c| c.is_ascii_alphanumeric() || "+-.".contains(*c)) {
                word.push(c);
            }
            assert!(!word.is_empty(), "no value at {:?}", input.next());
            Json::Word(word)
        }
    }
}

fn pair(input: &mut Input<'_>) -> (String, Json) {
    peek(input);
    let key = string(input);
    assert_eq!(peek(input), ':');
    input.next();
    (key, value(input))
}

fn items<T>(input: &mut Input<'_>, end: char, item: fn(&mut Input<'_>) -> T) -> Vec<T> {
    input.next();
    let mut all = Vec::new();
    while peek(input) != end {
        all.push(item(input));
        if peek(input) == ',' {
            input.next();
        }
    }
    input.next();
    all
}

fn peek(input: &mut Input<'_>) -> char {
    while input.next_if(|c| c.is_whitespace()).is_some() {}
    *input.peek().expect("the file ends early")
}

fn string(input: &mut Input<'_>) -> String {
    assert_eq!(input.next(), Some('"'));
    let mut units: Vec<u16> = Vec::new();
    loop {
        let c = match input.next().expect("the string ends early") {
            '"' => return String::from_utf16(&units).expect("paired surrogates"),
            '\\' => match input.next().expect("the escape ends early") {
                'u' => {
                    let digits: String = input.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).expect("four hex digits"));
                    continue;
                }
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                other => other,
            },
            c => c,
        };
        units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    }
}
