//! A text with its name, the places in it, and the problems found so far.

use std::ops::Range;
use std::sync::Arc;

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, MAX_DIAGNOSTICS};

/// A value and the bytes it was written in.
#[derive(Clone, Debug)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// The bytes of the text that it was written in.
    pub span: Range<usize>,
}

impl<T> At<T> {
    /// A value with its place.
    pub fn new(value: T, span: Range<usize>) -> Self {
        Self { value, span }
    }
}

/// A named text. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Text {
    file: Arc<str>,
    text: Arc<str>,
}

impl Text {
    /// A text that diagnostics call `file`.
    pub fn new(file: &str, text: &str) -> Self {
        Self {
            file: file.into(),
            text: text.into(),
        }
    }

    /// Returns the name that diagnostics use.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the text itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the diagnostic of a place. Cost: one pass over the text before it.
    pub fn diagnostic(
        &self,
        code: Code,
        span: Range<usize>,
        message: String,
        hint: Option<String>,
    ) -> Diagnostic {
        let (line, column) = self.position(span.start);
        Diagnostic {
            code: code.0,
            file: self.file.to_string(),
            line,
            column,
            span,
            message,
            hint,
        }
    }

    /// Returns line and column of a byte, both from 1.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let end = (offset..self.text.len()).find(|at| self.text.is_char_boundary(*at));
        let before = self.text.get(..end.unwrap_or(self.text.len()));
        let before = before.unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.get(line_start..).unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }
}

/// The problems found in one text.
#[derive(Debug)]
pub struct Report {
    text: Text,
    problems: Vec<Diagnostic>,
}

impl Report {
    /// A report without a problem.
    pub fn new(text: Text) -> Self {
        Self {
            text,
            problems: Vec::new(),
        }
    }

    /// Returns the text that is reported on.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Reports a problem of the bytes `span`.
    pub fn error(&mut self, code: Code, span: &Range<usize>, message: String) {
        self.push(code, span, message, None);
    }

    /// Reports a problem with what to do next.
    pub fn hinted(
        &mut self,
        code: Code,
        span: &Range<usize>,
        message: String,
        hint: impl Into<Option<String>>,
    ) {
        self.push(code, span, message, hint.into());
    }

    fn push(&mut self, code: Code, span: &Range<usize>, message: String, hint: Option<String>) {
        if self.problems.len() < MAX_DIAGNOSTICS {
            let problem = self.text.diagnostic(code, span.clone(), message, hint);
            self.problems.push(problem);
        }
    }

    /// Returns whether nothing was reported.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// Returns every problem in the text's order.
    pub fn into_problems(mut self) -> Vec<Diagnostic> {
        self.problems
            .sort_by_key(|problem| (problem.span.start, problem.span.end));
        self.problems
    }

    /// Returns the value if there was no problem, else every problem in the text's order.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Diagnostic>> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(self.into_problems()),
        }
    }
}
