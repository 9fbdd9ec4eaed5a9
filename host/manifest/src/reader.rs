//! Reading one TOML table key by key: every problem is reported, none stops the reading.

use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};

use lazaret_kernel::capacity::Bits;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::codes;
use crate::diagnostic::{Diagnostic, quote};
use crate::name::Name;
use crate::suggest::did_you_mean;
use crate::text::{At, Report, Text};

mod value;

pub use value::{list_of, text_of as text_of_entry, text_or_list};
use value::{millionths, table_of, text_of, thousandths, too_many, wrong_type};

/// The most entries of one list or table of a policy or manifest. Far above honest use;
/// the kernel's own maxima are checked besides.
pub const MAX_ENTRIES: usize = 512;

/// The most minutes, 69 days: a longer run is several.
const MAX_MINUTES: u64 = 100_000;
/// The highest amount of US dollars, in millionths: past a million the unit was mistaken.
const MAX_MICROS: u64 = 1_000_000_000_000;

/// A table that is being read.
#[derive(Debug)]
pub struct Section<'a> {
    table: &'a DeTable<'a>,
    /// How messages call it, such as `[plugin.reader]`.
    title: String,
    span: Range<usize>,
    known: BTreeSet<&'static str>,
}

/// An entry that is a list of strings, or a table.
#[derive(Debug)]
pub enum Entry<'a> {
    /// A list of strings.
    List(Vec<At<String>>),
    /// A table.
    Table(Section<'a>),
}

/// A string, or a list of strings.
#[derive(Clone, Debug)]
pub enum TextOrList {
    /// One string.
    Text(At<String>),
    /// A list of them, with its own place.
    List(At<Vec<At<String>>>),
}

impl<'a> Section<'a> {
    /// A table that messages call `title` and whose name stands at `span`.
    pub fn new(table: &'a DeTable<'a>, title: String, span: Range<usize>) -> Self {
        Self {
            table,
            title,
            span,
            known: BTreeSet::new(),
        }
    }

    /// Where the section's name stands.
    pub fn span(&self) -> &Range<usize> {
        &self.span
    }

    fn get(&mut self, key: &'static str) -> Option<(&'a DeValue<'a>, Range<usize>)> {
        self.known.insert(key);
        let (_, value) = self
            .table
            .iter()
            .find(|(name, _)| name.get_ref().as_ref() == key)?;
        Some((value.get_ref(), value.span()))
    }

    /// Reports a key that must be there and is not; one of the wrong type was reported already.
    fn require<T>(&self, report: &mut Report, key: &'static str, value: Option<T>) -> Option<T> {
        let present = self
            .table
            .iter()
            .any(|(name, _)| name.get_ref().as_ref() == key);
        if value.is_none() && !present {
            let message = format!("{} has no `{key}`", self.title);
            report.error(codes::MISSING_FIELD, &self.span, message);
        }
        value
    }

    /// Reads a string.
    pub fn text(&mut self, report: &mut Report, key: &'static str) -> Option<At<String>> {
        let (value, span) = self.get(key)?;
        text_of(report, value, &span, key)
    }

    /// Reads a string that has to be there.
    pub fn required_text(&mut self, report: &mut Report, key: &'static str) -> Option<At<String>> {
        let value = self.text(report, key);
        self.require(report, key, value)
    }

    /// Reads a required text that is a name of the kind.
    pub fn required_name(
        &mut self,
        report: &mut Report,
        key: &'static str,
        kind: Name,
    ) -> Option<At<String>> {
        let name = self.required_text(report, key)?;
        kind.check(report, &name).then_some(name)
    }

    /// Reads `true` or `false`.
    pub fn flag(&mut self, report: &mut Report, key: &'static str) -> Option<bool> {
        let (value, span) = self.get(key)?;
        value
            .as_bool()
            .or_else(|| wrong_type(report, value, &span, key, "`true` or `false`"))
    }

    /// Reads a whole number in a range.
    pub fn number(
        &mut self,
        report: &mut Report,
        key: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let (value, span) = self.get(key)?;
        let DeValue::Integer(number) = value else {
            return wrong_type(report, value, &span, key, "a whole number");
        };
        let read = u64::from_str_radix(number.as_str(), number.radix()).ok();
        let read = read.filter(|number| range.contains(number));
        if read.is_none() {
            let message = format!("`{key}` is {number}");
            let hint = format!("write {} to {}", range.start(), range.end());
            report.hinted(codes::OUT_OF_RANGE, &span, message, hint);
        }
        read
    }

    /// Reads a required whole number in a range.
    pub fn required_number(
        &mut self,
        report: &mut Report,
        key: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<At<u64>> {
        let value = self.number(report, key, range);
        let value = self.require(report, key, value)?;
        let (_, span) = self.get(key)?;
        Some(At::new(value, span))
    }

    /// Reads a number of bits that has to be there, with at most three decimals.
    pub fn required_bits(&mut self, report: &mut Report, key: &'static str) -> Option<Bits> {
        let value = self.bits(report, key);
        self.require(report, key, value)
    }

    /// Reads a number of bits, with at most three decimals.
    pub fn bits(&mut self, report: &mut Report, key: &'static str) -> Option<Bits> {
        let hint = "write 0 to 1000000000 with at most three decimals";
        let read = self.decimal(report, key, ("a number of bits", hint), thousandths);
        read.map(Bits::from_thousandths)
    }

    /// Reads an amount of US dollars up to a million, as millionths.
    pub fn usd(&mut self, report: &mut Report, key: &'static str) -> Option<u64> {
        let in_range = |written: &str| millionths(written).filter(|micros| *micros <= MAX_MICROS);
        let hint = "write 0 to 1000000 with at most six decimals";
        self.decimal(report, key, ("an amount of US dollars", hint), in_range)
    }

    /// The same where it has to be there.
    pub fn required_usd(&mut self, report: &mut Report, key: &'static str) -> Option<u64> {
        let value = self.usd(report, key);
        self.require(report, key, value)
    }

    /// Reads a number of minutes as milliseconds.
    pub fn minutes(&mut self, report: &mut Report, key: &'static str) -> Option<u64> {
        let hint = "write 0.001 to 100000 with at most three decimals";
        self.decimal(report, key, ("a number of minutes", hint), |written| {
            let minutes = thousandths(written)?;
            (1..=MAX_MINUTES * 1000)
                .contains(&minutes)
                .then_some(minutes * 60)
        })
    }

    /// Reads a number with decimals, exactly.
    fn decimal(
        &mut self,
        report: &mut Report,
        key: &'static str,
        (what, hint): (&str, &str),
        read: impl Fn(&str) -> Option<u64>,
    ) -> Option<u64> {
        let (value, span) = self.get(key)?;
        let written = match value {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => return wrong_type(report, value, &span, key, what),
        };
        let read = read(written);
        if read.is_none() {
            let message = format!("`{key}` is {}", quote(written));
            report.hinted(codes::OUT_OF_RANGE, &span, message, hint.to_owned());
        }
        read
    }

    /// Reads a list of texts that are no names.
    pub fn texts(&mut self, report: &mut Report, key: &'static str) -> Option<Vec<At<String>>> {
        let (value, span) = self.get(key)?;
        Some(list_of(report, value, &span, key)?.value)
    }

    /// Reads a list of names of the kind; those that are none are reported and left out.
    pub fn names(
        &mut self,
        report: &mut Report,
        key: &'static str,
        kind: Name,
    ) -> Option<Vec<At<String>>> {
        let (value, span) = self.get(key)?;
        let mut list = list_of(report, value, &span, key)?.value;
        list.retain(|item| kind.check(report, item));
        Some(list)
    }

    /// Reads a list of names of the kind that has to be there.
    pub fn required_names(
        &mut self,
        report: &mut Report,
        key: &'static str,
        kind: Name,
    ) -> Option<Vec<At<String>>> {
        let value = self.names(report, key, kind);
        self.require(report, key, value)
    }

    /// Reads a string or a list of strings.
    pub fn text_or_list(&mut self, report: &mut Report, key: &'static str) -> Option<TextOrList> {
        let (value, span) = self.get(key)?;
        text_or_list(report, value, &span, key)
    }

    /// Reads a table.
    pub fn section(&mut self, report: &mut Report, key: &'static str) -> Option<Self> {
        let (value, span) = self.get(key)?;
        let table = table_of(report, value, &span, key)?;
        let span = self.key_span(key).unwrap_or(span);
        Some(Self::new(table, self.below(key), span))
    }

    /// Reads a list of tables (`[[key]]`).
    pub fn sections(&mut self, report: &mut Report, key: &'static str) -> Vec<Self> {
        let Some((value, span)) = self.get(key) else {
            return Vec::new();
        };
        let Some(list) = value.as_array() else {
            wrong_type::<()>(report, value, &span, key, "a list of tables");
            return Vec::new();
        };
        too_many(report, list.len(), &span, key);
        list.iter()
            .take(MAX_ENTRIES)
            .filter_map(|item| {
                let span = item.span();
                let table = table_of(report, item.get_ref(), &span, key)?;
                Some(Self::new(table, self.below(key), span))
            })
            .collect()
    }

    /// Reads a table of named tables (`[key.NAME]`), in the order in which they are written.
    pub fn named(
        &mut self,
        report: &mut Report,
        key: &'static str,
        kind: Name,
    ) -> Vec<(At<String>, Self)> {
        let parent = self.section(report, key);
        parent.map_or_else(Vec::new, |parent| parent.tables(report, kind, &[]))
    }

    /// Reads the tables among the section's own entries, in the order in which they are
    /// written, but for those of these names.
    pub fn tables(
        &self,
        report: &mut Report,
        kind: Name,
        except: &[&str],
    ) -> Vec<(At<String>, Self)> {
        let entries = self.entries(report, kind).into_iter();
        entries
            .filter(|(name, _)| !except.contains(&name.value.as_str()))
            .filter_map(|(name, value)| {
                let span = value.span();
                let table = table_of(report, value.get_ref(), &span, &name.value)?;
                let section = Self::new(table, self.below(&name.value), name.span.clone());
                Some((name, section))
            })
            .collect()
    }

    /// Reads the lists and tables among the section's own entries, in the order in which they
    /// are written, but for those of these names.
    pub fn lists_and_tables(
        &self,
        report: &mut Report,
        kind: Name,
        except: &[&str],
    ) -> Vec<(At<String>, Entry<'a>)> {
        let entries = self.entries(report, kind).into_iter();
        let mut all = Vec::new();
        for (name, value) in entries.filter(|(name, _)| !except.contains(&name.value.as_str())) {
            let (value, span) = (value.get_ref(), value.span());
            let entry = match value.as_table() {
                Some(table) => {
                    let title = self.below(&name.value);
                    Some(Entry::Table(Self::new(table, title, name.span.clone())))
                }
                None => {
                    list_of(report, value, &span, &name.value).map(|list| Entry::List(list.value))
                }
            };
            all.extend(entry.map(|entry| (name, entry)));
        }
        all
    }

    /// Returns whether the entry of that name is a table.
    pub fn is_table(&self, key: &str) -> bool {
        self.table
            .iter()
            .any(|(name, value)| name.get_ref().as_ref() == key && value.get_ref().is_table())
    }

    /// Returns the section's entries, their keys checked, in the order in which they are
    /// written: the parser's own order depends on its features.
    pub fn entries(
        &self,
        report: &mut Report,
        kind: Name,
    ) -> Vec<(At<String>, &'a Spanned<DeValue<'a>>)> {
        too_many(report, self.table.len(), &self.span, &self.title);
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(name, value)| (At::new(name.get_ref().to_string(), name.span()), value))
            .collect();
        entries.sort_by_key(|(name, _)| name.span.start);
        entries.truncate(MAX_ENTRIES);
        entries.retain(|(name, _)| kind.check(report, name));
        entries
    }

    /// Reports every key that nobody asked for.
    pub fn finish(self, report: &mut Report) {
        for (name, _) in self.table {
            if !self.known.contains(name.get_ref().as_ref()) {
                let message = format!("{} has no field {}", self.title, quote(name.get_ref()));
                let hint = did_you_mean(name.get_ref(), self.known.iter().copied());
                report.hinted(codes::UNKNOWN_FIELD, &name.span(), message, hint);
            }
        }
    }

    fn key_span(&self, key: &str) -> Option<Range<usize>> {
        let (name, _) = self
            .table
            .iter()
            .find(|(name, _)| name.get_ref().as_ref() == key)?;
        Some(name.span())
    }

    /// Returns how a table below this one is called.
    fn below(&self, key: &str) -> String {
        match self.title.strip_suffix(']') {
            Some(title) => format!("{title}.{key}]"),
            None => format!("[{key}]"),
        }
    }
}

/// Parses a text and reads its outermost table. Problems of the syntax are reported
/// alone: what follows from them would only hide them.
pub fn parse<T>(
    text: &Text,
    maximum: usize,
    read: impl FnOnce(&mut Section<'_>, &mut Report) -> Option<T>,
) -> Result<T, Vec<Diagnostic>> {
    let mut report = Report::new(text.clone());
    if text.as_str().len() > maximum {
        let message = format!("the text has more than {maximum} bytes");
        report.error(codes::TOO_LARGE, &(0..0), message);
        return report.finish(None);
    }
    let (table, errors) = DeTable::parse_recoverable(text.as_str());
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        report.error(codes::TOML_SYNTAX, &span, plain(error.message()));
    }
    if !report.is_clean() {
        return report.finish(None);
    }
    let mut root = Section::new(table.get_ref(), "the file".to_owned(), 0..0);
    let value = read(&mut root, &mut report);
    root.finish(&mut report);
    report.finish(value)
}

/// The parser's message in this crate's form: one line, lower case.
fn plain(message: &str) -> String {
    let mut letters = message.trim().chars();
    let first = letters.next().map(char::to_lowercase);
    first
        .into_iter()
        .flatten()
        .chain(letters)
        .map(|letter| if letter == '\n' { ' ' } else { letter })
        .collect()
}
