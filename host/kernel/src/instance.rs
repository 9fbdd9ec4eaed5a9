//! One instance: its labels, its grants and its table of handles.

use std::sync::Arc;

use crate::content::{Content, Media};
use crate::denial::Denial;
use crate::label::{Label, Readers, TagSet};
use crate::ledger::PoolId;
use crate::origins::Origins;
use crate::tables::Grants;

/// A running component. Numbered by the monitor, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(pub u64);

/// A number in one instance's own table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(pub u64);

/// How many low bits of a handle are the index in the table; the others are the
/// instance's own mark, so that a number from elsewhere is nobody's handle.
const INDEX_BITS: u32 = 24;

/// How many bits of the mark a handle shows: with them it stays below 2^53, so that languages
/// whose only numbers are doubles hold it exactly.
const MARK_BITS: u32 = 29;

/// What an instance holds under one number.
#[derive(Debug)]
pub(crate) struct Held<P> {
    pub(crate) content: Arc<Content<P>>,
    /// A result held unread shows at least this.
    pub(crate) floor: Label,
    /// The media type that it shows.
    pub(crate) media: Media,
    /// Which of its parts a child handed back, if this is what it gave.
    pub(crate) choice: Option<Arc<Choice>>,
}

/// Which of the contents that it was given a child handed back.
#[derive(Debug)]
pub(crate) struct Choice {
    /// The handles of its parts in its parent's table.
    pub(crate) among: Vec<Handle>,
    /// Which one; none where it gave anything else.
    pub(crate) chosen: Option<usize>,
}

impl<P> Held<P> {
    /// The label by which every decision about this handle is made.
    pub(crate) fn shown(&self) -> Label {
        self.content.facts.labels.joined().join(self.floor)
    }
}

impl<P> Clone for Held<P> {
    fn clone(&self) -> Self {
        Self {
            content: Arc::clone(&self.content),
            floor: self.floor,
            media: self.media,
            choice: self.choice.clone(),
        }
    }
}

/// The state of one instance.
#[derive(Debug)]
pub(crate) struct Instance<P> {
    pub(crate) start: Label,
    pub(crate) current: Label,
    pub(crate) clearance: Label,
    pub(crate) grants: Grants,
    /// From whose bits it spends.
    pub(crate) pool: PoolId,
    /// The items that it was given, read or not; fixed at the spawn.
    pub(crate) given: Origins,
    /// The items that it has read.
    pub(crate) origins: Origins,
    /// Whether it has known anything above what its parent knew when it started it: the
    /// task's text, or what it read above its start label.
    pub(crate) rose: bool,
    /// What its sealed calls were made of and bring in, read or not, and what decided when it
    /// was told of others: when it goes on, whether, and what it spends may depend on that.
    pub(crate) set_going: Label,
    /// Whether it goes on in turns, so that nothing that it waits for can stop it.
    pub(crate) in_turns: bool,
    /// A bound on the label of anything it can hand back, fixed at the spawn.
    pub(crate) reach: Label,
    /// The handles of its parts in its parent's table. They are its own first handles.
    pub(crate) parts: Vec<Handle>,
    mark: u64,
    /// The part of the mark that its handles show.
    base: u64,
    handles: Vec<Held<P>>,
}

impl<P> Instance<P> {
    pub(crate) fn new(start: Label, clearance: Label, grants: Grants, mark: u64) -> Self {
        Self {
            start,
            current: start,
            clearance,
            grants,
            pool: PoolId::RUN,
            given: Origins::NONE,
            origins: Origins::NONE,
            rose: false,
            set_going: Label::BOTTOM,
            in_turns: false,
            reach: clearance,
            parts: Vec::new(),
            mark,
            base: (mark & ((1 << MARK_BITS) - 1)) << INDEX_BITS,
            handles: Vec::new(),
        }
    }

    /// The mark with which it was started.
    pub(crate) fn mark(&self) -> u64 {
        self.mark
    }

    pub(crate) fn hold(&mut self, held: Held<P>, maximum: u32) -> Result<Handle, Denial> {
        let index = u32::try_from(self.handles.len())
            .ok()
            .filter(|index| *index < maximum.min(1 << INDEX_BITS))
            .ok_or(Denial::TooManyHandles)?;
        self.handles.push(held);
        Ok(Handle(self.base | u64::from(index)))
    }

    /// Returns whether it may be given so many handles more.
    pub(crate) fn has_room(&self, handles: u32, maximum: u32) -> bool {
        let held = u32::try_from(self.handles.len()).ok();
        let sum = held.and_then(|held| held.checked_add(handles));
        sum.is_some_and(|sum| sum <= maximum.min(1 << INDEX_BITS))
    }

    pub(crate) fn held(&self, handle: Handle) -> Result<&Held<P>, Denial> {
        usize::try_from(handle.0 ^ self.base)
            .ok()
            .and_then(|index| self.handles.get(index))
            .ok_or(Denial::UnknownHandle)
    }

    /// Returns what it hands back under this handle. After it rose or was moved, only what
    /// shows no more than it must by its reach: else the label would tell what it chose, or
    /// that it came to choose.
    pub(crate) fn handed_back(&self, handle: Handle) -> Option<&Held<P>> {
        let held = self.held(handle).ok()?;
        let is_free = !self.rose && !self.is_moved();
        (is_free || held.shown().flows_to(self.reach)).then_some(held)
    }

    /// Returns whether how it ends may depend on what it set going and has not read.
    pub(crate) fn is_moved(&self) -> bool {
        !self.in_turns && !self.set_going.flows_to(self.start)
    }

    /// Remembers what it goes on by, where that is above it.
    pub(crate) fn depend(&mut self, label: Label) {
        if !label.flows_to(self.current) {
            self.set_going = self.set_going.join(label);
        }
    }

    /// Returns the label of all that it goes on by.
    pub(crate) fn goes_on_by(&self) -> Label {
        self.current.join(self.set_going)
    }

    /// Returns what its end may depend on and it has not read; nothing where it was not moved.
    pub(crate) fn moved_by(&self) -> Label {
        if self.is_moved() {
            self.set_going
        } else {
            Label::BOTTOM
        }
    }

    /// Returns the label of how it ends. That nothing above the start was read or set going
    /// was decided at the start: it is free.
    pub(crate) fn knowledge(&self) -> Label {
        let read = if self.rose {
            self.clearance
        } else {
            self.start
        };
        read.join(self.moved_by())
    }

    /// Returns the least label that what it gives shows. Why it gives no value is decided by
    /// what it set going too; what a value says is not.
    pub(crate) fn floor(&self, gives_value: bool) -> Label {
        if self.rose || (!gives_value && self.is_moved()) {
            self.reach
        } else {
            self.start
        }
    }

    /// Returns the items against which that is counted which shows how it ended: the ones
    /// that it has read and, where it was moved, those that it was given.
    pub(crate) fn blamed(&self) -> Origins {
        if self.is_moved() {
            self.origins.union(&self.given)
        } else {
            self.origins
        }
    }

    /// Returns which of its parts this handle is.
    pub(crate) fn part(&self, handle: Handle) -> Option<usize> {
        let index = usize::try_from(handle.0 ^ self.base).ok()?;
        (index < self.parts.len()).then_some(index)
    }

    /// Remembers the items of a value that it came to know and that kept a taint.
    pub(crate) fn learn(&mut self, remaining: TagSet, origins: &Origins) {
        if !remaining.is_empty() {
            self.origins = self.origins.union(origins);
        }
    }

    /// Returns what a rise would be refused with, where it goes over the clearance.
    pub(crate) fn check_rise(&self, shown: Label) -> Result<(), Denial> {
        if self.current.join(shown).flows_to(self.clearance) {
            return Ok(());
        }
        Err(Denial::Clearance {
            label: shown,
            clearance: self.clearance,
        })
    }

    /// Narrows to those readers, which [`check_rise`](Self::check_rise) has allowed.
    pub(crate) fn narrow(&mut self, readers: Readers) {
        self.current.readers = self.current.readers & readers;
        self.rose |= !self.current.flows_to(self.start);
    }

    /// Raises the label, or refuses where it would rise over the clearance.
    pub(crate) fn rise(&mut self, shown: Label, actual: Label) -> Result<(), Denial> {
        self.check_rise(shown)?;
        self.current = self.current.join(actual);
        if !self.current.flows_to(self.start) {
            self.rose = true;
        }
        Ok(())
    }
}
