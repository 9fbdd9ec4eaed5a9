//! What a person is asked while a run goes on, and what was said in earlier parts of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lazaret_journal::{RunWriter, Sequence};
pub use lazaret_workflow::approval::{AskedCall, Word};
use lazaret_workflow::approval::{Item, Items, Said};
use lazaret_workflow::event::Event;

use crate::error::HostError;

/// How long a question is good. Past it the call was never approved.
pub const QUESTION_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// How long a word is good. It is said about what the person saw, in that hour.
pub const WORD_MS: u64 = 24 * 60 * 60 * 1000;

/// The most questions of one run, answered ones included.
pub const MAX_QUESTIONS: u32 = 10_000;

/// One question to a person.
#[derive(Clone, Debug)]
pub struct Question {
    /// The run.
    pub run: String,
    /// The item's number in it.
    pub item: u32,
    /// What is asked.
    pub call: AskedCall,
    /// The arguments' names and values, as they will be sent. They may be hostile.
    pub arguments: Vec<(String, serde_json::Value)>,
}

/// Asks the person who sits there, one question at a time; no word leaves the call waiting.
pub type Person = Arc<dyn Fn(&Question) -> Option<Word> + Send + Sync>;

/// Who is there to be asked, and what time it is.
#[derive(Clone)]
pub struct Asking {
    /// The person, if one is there.
    pub person: Option<Person>,
    /// Milliseconds since 1970.
    pub now_ms: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl Asking {
    /// Nobody is there, and what waits never grows old.
    pub fn nobody() -> Self {
        Self {
            person: None,
            now_ms: Arc::new(|| 0),
        }
    }
}

impl std::fmt::Debug for Asking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asking")
            .field("person", &self.person.is_some())
            .finish_non_exhaustive()
    }
}

/// The questions of one run.
#[derive(Debug)]
pub(crate) struct Approvals {
    asking: Asking,
    /// Held while a person is asked, so that one question is shown at a time.
    turn: tokio::sync::Mutex<()>,
    /// What the journal holds of them; read when the first is asked.
    items: Mutex<Option<Items>>,
}

impl Approvals {
    pub(crate) fn new(asking: Asking) -> Self {
        Self {
            asking,
            turn: tokio::sync::Mutex::new(()),
            items: Mutex::default(),
        }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        (self.asking.now_ms)()
    }

    pub(crate) fn person(&self) -> Option<&Person> {
        self.asking.person.as_ref()
    }

    /// Waits until no other question is shown.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Returns the item of a call that was asked before, in this part of the run or an earlier
    /// one, and is still good; or makes the event of a new one.
    pub(crate) fn enter(&self, writer: &RunWriter, call: &AskedCall) -> Result<Entered, HostError> {
        let now = self.now_ms();
        self.with(writer, |items| {
            if let Some(found) = items.bound_to(&call.binding)
                && found.standing(now) != lazaret_workflow::approval::Standing::Expired
            {
                return Ok(Entered::Known(found.clone()));
            }
            let item = items.next_number();
            if item > MAX_QUESTIONS {
                return Ok(Entered::TooMany);
            }
            let event = Event::ApprovalAsked {
                item,
                call: call.clone(),
            };
            items.note(&event);
            Ok(Entered::New(item, event))
        })
    }

    /// Makes the event of a person's word.
    pub(crate) fn say(
        &self,
        writer: &RunWriter,
        item: u32,
        call: &AskedCall,
        word: Word,
    ) -> Result<(Said, Event), HostError> {
        let said = said(call, word, self.now_ms());
        let event = Event::ApprovalSaid {
            item,
            said: said.clone(),
        };
        self.with(writer, |items| {
            items.note(&event);
            Ok(())
        })?;
        Ok((said, event))
    }

    /// Makes the event of an item's use, if it has not been used in an earlier part of the run.
    pub(crate) fn used(&self, writer: &RunWriter, item: u32) -> Result<Option<Event>, HostError> {
        let event = Event::ApprovalUsed { item };
        self.with(writer, |items| {
            let before = items.find(item).is_some_and(|found| found.used);
            items.note(&event);
            Ok((!before).then_some(event))
        })
    }

    /// Returns what was asked so far and what came of it.
    pub(crate) fn all(&self) -> Vec<Item> {
        let items = self.lock();
        items
            .as_ref()
            .map_or_else(Vec::new, |items| items.all().to_vec())
    }

    fn with<T>(
        &self,
        writer: &RunWriter,
        act: impl FnOnce(&mut Items) -> Result<T, HostError>,
    ) -> Result<T, HostError> {
        let mut items = self.lock();
        if items.is_none() {
            *items = Some(recorded(writer)?);
        }
        match items.as_mut() {
            Some(items) => act(items),
            None => Err(HostError::Internal("the questions could not be read")),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Items>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of putting a call to a person.
#[derive(Debug)]
pub(crate) enum Entered {
    /// It was asked before.
    Known(Item),
    /// It is asked now; the event is to be recorded.
    New(u32, Event),
    /// The run has asked too much.
    TooMany,
}

/// Makes a word about exactly the call that was shown.
pub fn said(call: &AskedCall, word: Word, now_ms: u64) -> Said {
    Said {
        word,
        by: "operator".to_owned(),
        binding: call.binding.clone(),
        said_ms: now_ms,
        expires_ms: now_ms.saturating_add(WORD_MS),
    }
}

/// Reads what earlier parts of the run have asked.
fn recorded(writer: &RunWriter) -> Result<Items, HostError> {
    let mut items = Items::default();
    for record in writer.journal().records(writer.id(), Sequence::FIRST) {
        let record = record?;
        if record.kind().starts_with("approval-") {
            let event = serde_json::from_slice(record.payload());
            items.note(
                &event.map_err(|_malformed| HostError::Internal("a question could not be read"))?,
            );
        }
    }
    Ok(items)
}
