//! What waits for a person in a run, and what the person said, as the journal tells it.

use serde::{Deserialize, Serialize};

use crate::event::{ArgumentRef, Event, LabelText};

/// An effect that waits for a person, with everything that the person needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedCall {
    /// The step that asked for it.
    pub step: u32,
    /// The number of the question in its step.
    pub question: u32,
    /// The function.
    pub function: String,
    /// The arguments, each with its own label; their bytes stand in the content store.
    pub arguments: Vec<ArgumentRef>,
    /// The join of the caller's label and the arguments'.
    pub label: LabelText,
    /// Whom the call reaches; `None` is everybody.
    pub recipients: Option<Vec<String>>,
    /// The taint tags that the rule does not tolerate.
    pub untolerated: Vec<String>,
    /// Those whom it reaches and who may not read it; `None` is everybody.
    pub unread_by: Option<Vec<String>>,
    /// The source items that it was made of: `item:N`, `run` or `many`.
    pub origins: Vec<String>,
    /// The rule that asks, in words.
    pub rule: String,
    /// The argument that names whom the call reaches, which nobody edits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addressed_by: Option<String>,
    /// The label of what a person writes instead of an argument; records before there were
    /// edits have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub editor: Option<LabelText>,
    /// SHA-256 of everything that an approval is bound to.
    pub binding: String,
    /// When it was asked, in milliseconds since 1970.
    pub asked_ms: u64,
    /// When the question is no longer good.
    pub expires_ms: u64,
}

/// What a person said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// The call may be made once.
    Approved,
    /// The call may be made once, and the person vouches for its bytes.
    Endorsed,
    /// The call may be made once with what the person wrote instead; a question is answered
    /// with a text of the person's own.
    Edited,
    /// It may not.
    Denied,
}

impl Word {
    /// Returns the word that reports and the journal use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Endorsed => "endorsed",
            Self::Edited => "edited",
            Self::Denied => "denied",
        }
    }
}

/// A person's word on one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What it is.
    pub word: Word,
    /// Who said it.
    pub by: String,
    /// The binding of the call that was shown.
    pub binding: String,
    /// When it was said, in milliseconds since 1970.
    pub said_ms: u64,
    /// When it is no longer good.
    pub expires_ms: u64,
    /// What the person wrote in the place of arguments; the bytes stand in the content store.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<ArgumentRef>,
}

/// How an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has said anything yet.
    Waiting,
    /// The person has spoken, and the run has not gone on with it yet.
    Decided(Word),
    /// The call was let through.
    Used(Word),
    /// The question or the word on it is too old.
    Expired,
}

/// One call that a person was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its number in the run, from 1.
    pub number: u32,
    /// The call.
    pub call: AskedCall,
    /// The last word on it.
    pub said: Option<Said>,
    /// Whether the call was let through.
    pub used: bool,
}

impl Item {
    /// Returns how the item stands at a time.
    pub fn standing(&self, now_ms: u64) -> Standing {
        match &self.said {
            Some(said) if self.used => Standing::Used(said.word),
            Some(said) if now_ms < said.expires_ms => Standing::Decided(said.word),
            Some(_) => Standing::Expired,
            None if now_ms < self.call.expires_ms => Standing::Waiting,
            None => Standing::Expired,
        }
    }
}

/// The items of one run, in the order in which they were asked.
#[derive(Clone, Debug, Default)]
pub struct Items {
    all: Vec<Item>,
}

impl Items {
    /// Gathers the items from a run's events.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut items = Self::default();
        for event in events {
            items.note(event);
        }
        items
    }

    /// Takes one event into account. A word on other bytes than were asked counts for nothing.
    pub fn note(&mut self, event: &Event) {
        match event {
            Event::ApprovalAsked { item, call } => {
                self.all.push(Item {
                    number: *item,
                    call: call.clone(),
                    said: None,
                    used: false,
                });
            }
            Event::ApprovalSaid { item, said } => {
                if let Some(found) = self.find_mut(*item)
                    && found.call.binding == said.binding
                    && !found.used
                {
                    found.said = Some(said.clone());
                }
            }
            Event::ApprovalUsed { item } => {
                if let Some(found) = self.find_mut(*item) {
                    found.used = true;
                }
            }
            _ => {}
        }
    }

    /// Returns all items.
    pub fn all(&self) -> &[Item] {
        &self.all
    }

    /// Returns the item of that number.
    pub fn find(&self, number: u32) -> Option<&Item> {
        self.all.iter().find(|item| item.number == number)
    }

    /// Returns the last item of a call with that binding.
    pub fn bound_to(&self, binding: &str) -> Option<&Item> {
        let mut from_last = self.all.iter().rev();
        from_last.find(|item| item.call.binding == binding)
    }

    /// Returns the number of the next item.
    pub fn next_number(&self) -> u32 {
        self.all.last().map_or(1, |last| last.number + 1)
    }

    fn find_mut(&mut self, number: u32) -> Option<&mut Item> {
        self.all.iter_mut().find(|item| item.number == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(binding: &str) -> AskedCall {
        let label = LabelText {
            taint: Vec::new(),
            readers: None,
        };
        AskedCall {
            step: 1,
            question: 0,
            function: "tracker.post".to_owned(),
            arguments: Vec::new(),
            label,
            recipients: None,
            untolerated: Vec::new(),
            unread_by: Some(Vec::new()),
            origins: Vec::new(),
            rule: String::new(),
            addressed_by: None,
            editor: None,
            binding: binding.to_owned(),
            asked_ms: 0,
            expires_ms: 100,
        }
    }

    fn said(binding: &str, word: Word) -> Said {
        Said {
            word,
            by: "operator".to_owned(),
            binding: binding.to_owned(),
            said_ms: 1,
            expires_ms: 50,
            edits: Vec::new(),
        }
    }

    fn items(events: &[Event]) -> Items {
        Items::of(events)
    }

    fn asked(item: u32, binding: &str) -> Event {
        Event::ApprovalAsked {
            item,
            call: call(binding),
        }
    }

    #[test]
    fn an_item_waits_is_decided_and_used() {
        let mut all = items(&[asked(1, "a"), asked(2, "b")]);
        assert_eq!(all.find(1).unwrap().standing(99), Standing::Waiting);
        assert_eq!(all.find(1).unwrap().standing(100), Standing::Expired);
        let word = said("a", Word::Approved);
        all.note(&Event::ApprovalSaid {
            item: 1,
            said: word,
        });
        let standing = |all: &Items, now| all.find(1).unwrap().standing(now);
        assert_eq!(standing(&all, 49), Standing::Decided(Word::Approved));
        assert_eq!(standing(&all, 50), Standing::Expired);
        all.note(&Event::ApprovalUsed { item: 1 });
        assert_eq!(standing(&all, 50), Standing::Used(Word::Approved));
        assert_eq!(all.find(2).unwrap().standing(0), Standing::Waiting);
        assert_eq!(all.next_number(), 3);
    }

    #[test]
    fn a_word_on_other_bytes_or_after_the_use_counts_for_nothing() {
        let word = |binding, word| Event::ApprovalSaid {
            item: 1,
            said: said(binding, word),
        };
        let mut all = items(&[asked(1, "a"), word("b", Word::Approved)]);
        assert_eq!(all.find(1).unwrap().standing(0), Standing::Waiting);
        all.note(&word("a", Word::Approved));
        all.note(&Event::ApprovalUsed { item: 1 });
        all.note(&word("a", Word::Denied));
        let standing = all.find(1).unwrap().standing(0);
        assert_eq!(standing, Standing::Used(Word::Approved));
    }

    #[test]
    fn a_call_is_found_again_by_its_binding() {
        let all = items(&[asked(1, "a"), asked(2, "b"), asked(3, "a")]);
        assert_eq!(all.bound_to("a").map(|item| item.number), Some(3));
        assert!(all.bound_to("c").is_none());
    }
}
