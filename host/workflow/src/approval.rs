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
    /// The number of the effect, where it was begun before and may have been made: then the
    /// person is asked what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_doubt: Option<u32>,
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
    /// It may not; one in doubt counts as failed.
    Denied,
    /// The call in doubt was made, and is not made again.
    Done,
    /// The call in doubt is to be made again.
    Repeat,
}

impl Word {
    /// Returns whether it answers the question of a call.
    pub fn answers(self, call: &AskedCall) -> bool {
        match self {
            Self::Approved | Self::Endorsed | Self::Edited => call.in_doubt.is_none(),
            Self::Done | Self::Repeat => call.in_doubt.is_some(),
            Self::Denied => true,
        }
    }

    /// Returns the word that reports and the journal use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Endorsed => "endorsed",
            Self::Edited => "edited",
            Self::Denied => "denied",
            Self::Done => "done",
            Self::Repeat => "repeat",
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
                    && said.word.answers(&found.call)
                    && !found.used
                {
                    found.said = Some(said.clone());
                }
            }
            // What persons said elsewhere, or are said to have said, counts for nothing here.
            Event::TakenIn => {
                for item in &mut self.all {
                    item.call.binding.clear();
                    item.call.expires_ms = 0;
                    (item.said, item.used) = (None, false);
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

    /// Returns how often a person had an effect in doubt repeated, and it was begun again.
    pub fn repeats(&self, step: u32, effect: u32) -> u32 {
        let repeated = self.all.iter().filter(|item| {
            let is_it = item.call.step == step && item.call.in_doubt == Some(effect);
            let said = item.said.as_ref().map(|said| said.word);
            is_it && item.used && said == Some(Word::Repeat)
        });
        u32::try_from(repeated.count()).unwrap_or(u32::MAX)
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
            in_doubt: None,
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
    fn words_of_a_run_that_was_taken_in_without_trust_count_for_nothing() {
        let word = Event::ApprovalSaid {
            item: 1,
            said: said("a", Word::Approved),
        };
        let all = items(&[asked(1, "a"), word, Event::TakenIn]);
        assert_eq!(all.find(1).unwrap().standing(0), Standing::Expired);
        assert!(all.bound_to("a").is_none());
        assert_eq!(all.next_number(), 2);
    }

    #[test]
    fn a_word_counts_only_for_the_question_that_was_asked() {
        let say = |word| Event::ApprovalSaid {
            item: 1,
            said: said("a", word),
        };
        let doubtful = Event::ApprovalAsked {
            item: 1,
            call: AskedCall {
                in_doubt: Some(4),
                ..call("a")
            },
        };
        let standing = |event: &Event, word| {
            let all = items(&[event.clone(), say(word)]);
            all.find(1).unwrap().standing(0)
        };
        for word in [Word::Approved, Word::Endorsed] {
            assert_eq!(standing(&doubtful, word), Standing::Waiting);
        }
        for word in [Word::Done, Word::Repeat] {
            assert_eq!(standing(&asked(1, "a"), word), Standing::Waiting);
            assert_eq!(standing(&doubtful, word), Standing::Decided(word));
        }
        let used = Event::ApprovalUsed { item: 1 };
        assert_eq!(
            items(&[doubtful.clone(), say(Word::Repeat), used.clone()]).repeats(1, 4),
            1
        );
        assert_eq!(items(&[doubtful, say(Word::Done), used]).repeats(1, 4), 0);
    }

    #[test]
    fn a_call_is_found_again_by_its_binding() {
        let all = items(&[asked(1, "a"), asked(2, "b"), asked(3, "a")]);
        assert_eq!(all.bound_to("a").map(|item| item.number), Some(3));
        assert!(all.bound_to("c").is_none());
    }
}
