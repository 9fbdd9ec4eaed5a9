//! What a person is asked while a run goes on, and what was said in earlier parts of it.

use std::sync::{Arc, Mutex, MutexGuard};

use lazaret_journal::{Blob, RunWriter, Sequence};
pub use lazaret_workflow::approval::{AskedCall, Word};
use lazaret_workflow::approval::{Item, Items, Said, Standing};
use lazaret_workflow::event::{ArgumentRef, ContentRef, Event, LabelText};

use crate::error::HostError;
use crate::run::locked;
use crate::words::Limit;

/// How long a question is good. Past it the call was never approved.
pub const QUESTION_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// How long a word is good. It is said about what the person saw, in that hour.
pub const WORD_MS: u64 = 24 * 60 * 60 * 1000;

/// The most calls of one run that are put to a person, answered ones included.
pub const MAX_QUESTIONS: u32 = 10_000;

/// The most questions that components of one run may write themselves: nobody reads more.
pub const MAX_ASKED: usize = 500;

/// The most bytes of a question's own text. What is longer goes with it as a part.
pub const MAX_QUESTION_BYTES: usize = 16 << 10;

/// The most bytes that a person writes in the place of one argument.
pub const MAX_EDIT_BYTES: usize = 1 << 20;

/// The function by which components ask.
pub const ASK: &str = "person.ask";

/// The argument that holds a question's text, and what a person's own text is called.
pub const QUESTION: &str = "question";

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

/// What a person says of a call, or to a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A word.
    Word(Word),
    /// These values in the place of arguments; the person has seen the whole with them.
    Edited(Vec<(String, serde_json::Value)>),
}

impl From<Word> for Answer {
    fn from(word: Word) -> Self {
        Self::Word(word)
    }
}

/// Asks the person who sits there, one question at a time; no answer leaves the call waiting.
pub type Person = Arc<dyn Fn(&Question) -> Option<Answer> + Send + Sync>;

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
    /// one, and is still good; or makes the event of a new one. A call that is too old is
    /// asked again; to a question, that is the answer.
    pub(crate) fn enter(&self, writer: &RunWriter, call: &AskedCall) -> Result<Entered, HostError> {
        let now = self.now_ms();
        self.with(writer, |items| {
            if let Some(found) = items.bound_to(&call.binding)
                && (found.standing(now) != Standing::Expired || call.function == ASK)
            {
                return Ok(Entered::Known(found.clone()));
            }
            let item = items.next_number();
            if item > MAX_QUESTIONS {
                return Ok(Entered::TooMany(Limit::Questions, u64::from(MAX_QUESTIONS)));
            }
            let asked = items.all().iter().filter(|item| item.call.function == ASK);
            if call.function == ASK && asked.count() >= MAX_ASKED {
                return Ok(Entered::TooMany(Limit::Asked, MAX_ASKED as u64));
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
        edits: Vec<ArgumentRef>,
    ) -> Result<(Said, Event), HostError> {
        let said = said(call, word, edits, self.now_ms());
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

    /// Returns how often a person had an effect in doubt repeated, and it was begun again.
    pub(crate) fn repeats(
        &self,
        writer: &RunWriter,
        step: u32,
        effect: u32,
    ) -> Result<u32, HostError> {
        self.with(writer, |items| Ok(items.repeats(step, effect)))
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
        locked(&self.items)
    }
}

/// What came of putting a call to a person.
#[derive(Debug)]
pub(crate) enum Entered {
    /// It was asked before.
    Known(Item),
    /// It is asked now; the event is to be recorded.
    New(u32, Event),
    /// The run has asked too much: the limit and how many it allows.
    TooMany(Limit<'static>, u64),
}

/// Puts what a person wrote into the content store's form, under the label that it has.
pub fn written(
    values: Vec<(String, serde_json::Value)>,
    editor: &LabelText,
) -> Result<(Vec<ArgumentRef>, Vec<Blob>), HostError> {
    let (mut edits, mut blobs) = (Vec::new(), Vec::new());
    for (name, value) in values {
        let text = serde_json::to_string(editor)
            .map_err(|_never| HostError::Internal("a label could not be written"))?;
        let blob = Blob::new(value.to_string().into_bytes(), text, "application/json")?;
        let content = ContentRef {
            digest: blob.digest().to_string(),
            label: editor.clone(),
        };
        edits.push(ArgumentRef { name, content });
        blobs.push(blob);
    }
    blobs.sort_by_key(|blob| *blob.digest().as_bytes());
    blobs.dedup_by_key(|blob| blob.digest());
    Ok((edits, blobs))
}

/// Makes a word about exactly the call that was shown.
pub fn said(call: &AskedCall, word: Word, edits: Vec<ArgumentRef>, now_ms: u64) -> Said {
    Said {
        word,
        by: "operator".to_owned(),
        binding: call.binding.clone(),
        said_ms: now_ms,
        expires_ms: now_ms.saturating_add(WORD_MS),
        edits,
    }
}

/// Reads what earlier parts of the run have asked.
fn recorded(writer: &RunWriter) -> Result<Items, HostError> {
    let mut items = Items::default();
    for record in writer.journal().records(writer.id(), Sequence::FIRST) {
        let record = record?;
        if record.kind().starts_with("approval-") || record.kind() == Event::TakenIn.kind() {
            let event = serde_json::from_slice(record.payload());
            items.note(
                &event.map_err(|_malformed| HostError::Internal("a question could not be read"))?,
            );
        }
    }
    Ok(items)
}
