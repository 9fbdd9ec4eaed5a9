//! A function's rule in words: what a person sees who is asked, and what an approval is bound to.

use lazaret_kernel::label::{Readers, TagSet};
use lazaret_kernel::tables::{FunctionId, Verdict};

use crate::compiled::Compiled;

impl Compiled {
    /// Returns everything that the rule of a function says, in one line. Two rules that decide
    /// differently have different lines.
    pub fn rule_words(&self, id: FunctionId) -> String {
        let (Some(function), Some(rule)) = (self.function(id), self.tables.function(id)) else {
            return String::new();
        };
        let arguments = function.arguments.iter().zip(&rule.arguments);
        let arguments: Vec<String> = arguments
            .map(|(name, rule)| format!("{name}: {}", self.tag_words(rule.tolerates)))
            .collect();
        let decide = match rule.verdict {
            Verdict::Allow => "allow".to_owned(),
            Verdict::AskOtherwise { passes } => {
                format!("ask-otherwise about {}", self.tag_words(passes))
            }
            Verdict::Ask { passes } => format!("ask about {}", self.tag_words(passes)),
        };
        format!(
            "{}({}) caller {} to {} gives {} for {}: {decide}{}",
            function.name,
            arguments.join(", "),
            self.tag_words(rule.caller),
            self.reader_words(rule.recipients),
            self.tag_words(rule.source.taint),
            self.reader_words(rule.source.readers),
            self.call_rule_words(id),
        )
    }

    fn call_rule_words(&self, id: FunctionId) -> String {
        let rule = self.call_rules.get(&id);
        rule.map_or_else(String::new, |rule| {
            let words: Vec<&str> = rule.written().split_whitespace().collect();
            format!(" if {}", words.join(" "))
        })
    }

    fn tag_words(&self, set: TagSet) -> String {
        if set == TagSet::ALL {
            return "*".to_owned();
        }
        format!("[{}]", self.names.tag_names(set).join(", "))
    }

    fn reader_words(&self, set: Readers) -> String {
        let names = self.names.reader_names(set);
        names.map_or_else(
            || "public".to_owned(),
            |names| format!("[{}]", names.join(", ")),
        )
    }
}
