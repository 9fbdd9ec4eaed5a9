//! How an answer is put together from the pieces in which it arrives.

use crate::error::ModelError;
use crate::limits::Limits;
use crate::redact::Redactor;
use crate::request::{Arguments, Block, Family, Reasoning, ToolCall};
use crate::response::{Response, Stop, Usage};
use crate::tokens;

/// Begins the ids of calls to which the provider gave none.
pub(crate) const OWN_ID: &str = "call-lazaret-";

/// Collects the pieces of one answer, within the limits on its size.
#[derive(Debug)]
pub(crate) struct Answer {
    parts: Vec<Part>,
    stop: Option<Stop>,
    usage: Usage,
    has_usage: bool,
    model: Option<String>,
    bytes: usize,
    written: u64,
    news: Vec<News>,
    limits: Limits,
    redactor: Redactor,
}

/// What has come since it was last asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    Text(String),
    Reasoning(String),
    Tool(String),
}

#[derive(Debug)]
enum Part {
    Text(String),
    Reasoning {
        key: u64,
        reasoning: Reasoning,
    },
    Tool {
        key: Option<u64>,
        id: String,
        name: String,
        arguments: String,
        signature: Option<String>,
    },
}

impl Answer {
    pub(crate) fn new(limits: Limits, redactor: Redactor) -> Self {
        Self {
            parts: Vec::new(),
            stop: None,
            usage: Usage::default(),
            has_usage: false,
            model: None,
            bytes: 0,
            written: 0,
            news: Vec::new(),
            limits,
            redactor,
        }
    }

    /// Adds text to the block of text that is being written, or begins one.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), ModelError> {
        if text.is_empty() {
            return Ok(());
        }
        self.grow(text)?;
        if !matches!(self.parts.last(), Some(Part::Text(_))) {
            self.add(Part::Text(String::new()))?;
        }
        let reach = self.redactor.reach();
        if let Some(Part::Text(all)) = self.parts.last_mut() {
            let from = all.len().saturating_sub(reach);
            all.push_str(text);
            let from = (from..=all.len())
                .find(|at| all.is_char_boundary(*at))
                .unwrap_or(0);
            if self.redactor.leaks(all.get(from..).unwrap_or_default()) {
                return Err(leaked());
            }
        }
        self.news.push(News::Text(text.to_owned()));
        Ok(())
    }

    /// Adds to the reasoning with this key, or begins one.
    pub(crate) fn reasoning(
        &mut self,
        key: u64,
        family: Family,
        text: &str,
    ) -> Result<(), ModelError> {
        self.grow(text)?;
        self.open_reasoning(key, family)?.text.push_str(text);
        self.reasoning_seen(text);
        Ok(())
    }

    /// Reports reasoning that cannot be given back to anyone, so that it is not kept.
    pub(crate) fn reasoning_seen(&mut self, text: &str) {
        self.written = self.written.saturating_add(tokens::of_text(text));
        if !text.is_empty() && !self.redactor.leaks(text) {
            self.news.push(News::Reasoning(text.to_owned()));
        }
    }

    /// Adds to the signature of the reasoning with this key.
    pub(crate) fn sign(
        &mut self,
        key: u64,
        family: Family,
        signature: &str,
    ) -> Result<(), ModelError> {
        self.grow(signature)?;
        let reasoning = self.open_reasoning(key, family)?;
        reasoning
            .signature
            .get_or_insert_default()
            .push_str(signature);
        Ok(())
    }

    /// Adds reasoning that the provider hides.
    pub(crate) fn hidden(
        &mut self,
        key: u64,
        family: Family,
        data: &str,
    ) -> Result<(), ModelError> {
        self.grow(data)?;
        let reasoning = self.open_reasoning(key, family)?;
        reasoning.redacted.get_or_insert_default().push_str(data);
        Ok(())
    }

    /// Begins a call; its arguments may come later under the same key.
    pub(crate) fn tool(
        &mut self,
        key: Option<u64>,
        id: &str,
        name: &str,
    ) -> Result<(), ModelError> {
        self.grow(id)?;
        self.grow(name)?;
        let id = if id.is_empty() {
            format!("{OWN_ID}{}", self.parts.len())
        } else {
            id.to_owned()
        };
        let (name, arguments) = (name.to_owned(), String::new());
        self.news.push(News::Tool(name.clone()));
        self.add(Part::Tool {
            key,
            id,
            name,
            arguments,
            signature: None,
        })
    }

    /// Adds to the arguments of the latest call with this key, or of the latest at all.
    pub(crate) fn arguments(&mut self, wanted: Option<u64>, text: &str) -> Result<(), ModelError> {
        self.grow(text)?;
        let calls = self.parts.iter_mut().rev().filter_map(|part| match part {
            Part::Tool { key, arguments, .. } => Some((*key, arguments)),
            Part::Text(_) | Part::Reasoning { .. } => None,
        });
        match calls
            .into_iter()
            .find(|(key, _)| wanted.is_none() || *key == wanted)
        {
            Some((_, arguments)) => arguments.push_str(text),
            None => {
                return Err(ModelError::Malformed(
                    "arguments came before their call".to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// Says whether a call with this key has begun.
    pub(crate) fn has_tool(&self, wanted: u64) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Tool { key, .. } if *key == Some(wanted)))
    }

    /// Sets what the provider wants back with the latest call.
    pub(crate) fn tool_signature(&mut self, text: &str) -> Result<(), ModelError> {
        self.grow(text)?;
        if let Some(Part::Tool { signature, .. }) = self.parts.last_mut() {
            *signature = Some(text.to_owned());
        }
        Ok(())
    }

    pub(crate) fn stop(&mut self, stop: Stop) {
        self.stop = Some(stop);
    }

    pub(crate) const fn has_stop(&self) -> bool {
        self.stop.is_some()
    }

    /// Takes counts that stand for the whole answer so far.
    pub(crate) fn usage(&mut self, update: impl FnOnce(&mut Usage)) {
        update(&mut self.usage);
        self.has_usage = true;
    }

    pub(crate) fn model(&mut self, model: &str) {
        if !model.is_empty() {
            // Long enough for any name; a longer one is not one.
            self.model = Some(model.chars().take(256).collect());
        }
    }

    /// Returns what has come since it was last asked for.
    pub(crate) fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// Returns the tokens that are known or believed to be spent if the answer is given up now.
    /// A provider that had begun to answer had read the prompt.
    pub(crate) fn spent(&self, prompt: u64) -> Usage {
        let output = self.usage.output.max(self.written);
        let guessed = if self.has_usage || self.written == 0 {
            0
        } else {
            prompt
        };
        Usage {
            output,
            input: self.usage.input.max(guessed),
            ..self.usage
        }
    }

    /// Returns the whole answer. `model` and `prompt` are what was asked and its guessed tokens.
    pub(crate) fn finish(mut self, model: &str, prompt: u64) -> Result<Response, ModelError> {
        let written = self.written;
        let parts = std::mem::take(&mut self.parts);
        let blocks: Vec<Block> = parts.into_iter().map(Part::finish).collect();
        if blocks.iter().any(|block| self.leaks(block)) {
            return Err(leaked());
        }
        let text = blocks
            .iter()
            .filter_map(as_text)
            .collect::<Vec<_>>()
            .concat();
        let tool_calls: Vec<ToolCall> = blocks.iter().filter_map(as_call).cloned().collect();
        let stop = match self.stop {
            // Several providers end with `stop` although they wait for results.
            Some(Stop::EndTurn) if !tool_calls.is_empty() => Stop::ToolUse,
            Some(stop) => stop,
            None => {
                return Err(ModelError::Interrupted(
                    "no reason to stop was given".to_owned(),
                ));
            }
        };
        let estimated = Usage {
            input: prompt,
            output: written,
            ..Usage::default()
        };
        let usage = if self.has_usage {
            self.usage
        } else {
            estimated
        };
        let usage_estimated = !self.has_usage;
        let model = self.model.unwrap_or_else(|| model.to_owned());
        Ok(Response {
            text,
            tool_calls,
            blocks,
            stop,
            usage,
            usage_estimated,
            model,
        })
    }

    fn leaks(&self, block: &Block) -> bool {
        match block {
            Block::Text(text) => self.redactor.leaks(text),
            Block::ToolUse(call) => {
                let arguments = match &call.arguments {
                    Arguments::Json(value) => self.redactor.leaks(&value.to_string()),
                    Arguments::Malformed(text) => self.redactor.leaks(text),
                };
                arguments || self.redactor.leaks(&call.name) || self.redactor.leaks(&call.id)
            }
            Block::Reasoning(reasoning) => self.redactor.leaks(&reasoning.text),
            Block::Image(_) | Block::ToolResult(_) => false,
        }
    }

    fn open_reasoning(&mut self, key: u64, family: Family) -> Result<&mut Reasoning, ModelError> {
        let is_open =
            |part: &Part| matches!(part, Part::Reasoning { key: open, .. } if *open == key);
        if !self.parts.last().is_some_and(is_open) {
            let text = String::new();
            let reasoning = Reasoning {
                family,
                text,
                signature: None,
                redacted: None,
            };
            self.add(Part::Reasoning { key, reasoning })?;
        }
        match self.parts.last_mut() {
            Some(Part::Reasoning { reasoning, .. }) => Ok(reasoning),
            _ => Err(ModelError::Malformed(
                "a piece of reasoning has no place".to_owned(),
            )),
        }
    }

    fn add(&mut self, part: Part) -> Result<(), ModelError> {
        if self.parts.len() >= self.limits.blocks {
            return Err(ModelError::TooLarge {
                what: "blocks in an answer",
                limit: self.limits.blocks,
            });
        }
        self.parts.push(part);
        Ok(())
    }

    fn grow(&mut self, text: &str) -> Result<(), ModelError> {
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > self.limits.answer_bytes {
            let limit = self.limits.answer_bytes;
            return Err(ModelError::TooLarge {
                what: "bytes in an answer",
                limit,
            });
        }
        self.written = self.written.saturating_add(tokens::of_text(text));
        Ok(())
    }
}

impl Part {
    fn finish(self) -> Block {
        match self {
            Self::Text(text) => Block::Text(text),
            Self::Reasoning { reasoning, .. } => Block::Reasoning(reasoning),
            Self::Tool {
                id,
                name,
                arguments,
                signature,
                ..
            } => {
                let arguments = Arguments::read(arguments);
                Block::ToolUse(ToolCall {
                    id,
                    name,
                    arguments,
                    signature,
                })
            }
        }
    }
}

fn as_text(block: &Block) -> Option<&str> {
    match block {
        Block::Text(text) => Some(text),
        _ => None,
    }
}

fn as_call(block: &Block) -> Option<&ToolCall> {
    match block {
        Block::ToolUse(call) => Some(call),
        _ => None,
    }
}

fn leaked() -> ModelError {
    ModelError::Malformed("the answer repeats the key that it was asked with".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn answer(limits: Limits) -> Answer {
        Answer::new(limits, Redactor::new(vec![Secret::new("sk-0123456789")]))
    }

    #[test]
    fn pieces_come_together_in_order() {
        let mut answer = answer(Limits::default());
        answer.text("a").expect("text");
        answer.text("b").expect("text");
        answer.tool(Some(1), "x", "t").expect("a call");
        answer.tool(Some(2), "", "u").expect("a call");
        answer.arguments(Some(1), "{\"n\":").expect("arguments");
        answer.arguments(Some(1), "1}").expect("arguments");
        answer.arguments(Some(2), "{\"n\":").expect("arguments");
        answer.stop(Stop::EndTurn);
        let response = answer.finish("m", 7).expect("an answer");
        assert_eq!(response.text, "ab");
        assert_eq!(response.stop, Stop::ToolUse);
        assert_eq!(
            response.tool_calls[0].arguments,
            Arguments::Json(serde_json::json!({"n": 1}))
        );
        assert_eq!(
            response.tool_calls[1].arguments,
            Arguments::Malformed("{\"n\":".to_owned())
        );
        assert_eq!(response.tool_calls[1].id, "call-lazaret-2");
        assert!(response.usage_estimated && response.usage.input == 7);
    }

    #[test]
    fn one_past_each_limit_is_refused() {
        let small = Limits {
            answer_bytes: 4,
            blocks: 2,
            ..Limits::default()
        };
        let mut full = answer(small);
        full.text("abcd").expect("text");
        assert!(matches!(
            full.text("e"),
            Err(ModelError::TooLarge { limit: 4, .. })
        ));
        let mut many = answer(small);
        many.tool(None, "a", "").expect("a call");
        many.tool(None, "b", "").expect("a call");
        assert!(matches!(
            many.tool(None, "c", ""),
            Err(ModelError::TooLarge { limit: 2, .. })
        ));
    }

    #[test]
    fn an_answer_that_repeats_the_key_is_refused_even_in_pieces() {
        let mut pieces = answer(Limits::default());
        pieces.text("ä: sk-01234").expect("text");
        assert!(matches!(
            pieces.text("56789"),
            Err(ModelError::Malformed(_))
        ));
        let mut call = answer(Limits::default());
        call.tool(None, "a", "t").expect("a call");
        call.arguments(None, "{\"k\":\"sk-0123456789\"}")
            .expect("arguments");
        call.stop(Stop::ToolUse);
        assert!(matches!(call.finish("m", 0), Err(ModelError::Malformed(_))));
    }

    #[test]
    fn an_answer_without_an_end_was_cut() {
        let mut cut = answer(Limits::default());
        cut.text("half of it").expect("text");
        assert_eq!(
            cut.spent(9),
            Usage {
                input: 9,
                output: 3,
                ..Usage::default()
            }
        );
        assert_eq!(answer(Limits::default()).spent(9), Usage::default());
        assert!(matches!(
            cut.finish("m", 0),
            Err(ModelError::Interrupted(_))
        ));
    }
}
