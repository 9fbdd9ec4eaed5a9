//! What a simulated guest does: every choice follows from what it has really seen.

use crate::doc::Doc;
use crate::world::{CHILDREN, Effect, Guest, OBSERVER, World, at, digest, labels};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Readers;
use lazaret_kernel::ledger::Channel;
use lazaret_kernel::monitor::{
    Approval, Argument, Delivery, Digest, EffectPermit, Ending, EndingKind, Pending, Terms,
};
use lazaret_kernel::origins::Origins;
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::{ArgumentId, FunctionId, GateId, ProfileId};

const POINTERS: [&str; 14] = [
    "",
    "/a",
    "/b",
    "/0",
    "/1",
    "/a/b",
    "/b/a",
    "/*",
    "/*/b",
    "/0/number",
    "/2/number",
    "/3/number",
    "/number",
    "/a/0",
];

/// Who is asked.
const PERSON: Readers = Readers::of(0);

/// The function that asks a person.
const ASK: FunctionId = FunctionId(7);

/// One call of so many costs too much. More of them would cut too many runs short.
const COSTLY: u64 = 64;

/// There is at most one request in a step.
fn terms(step: usize) -> Terms {
    let zero = Digest([0; 32]);
    Terms {
        run: zero,
        request: u64::try_from(step).unwrap(),
        arguments: zero,
        rules: zero,
    }
}

/// The items of a list; anything else has none.
fn items(value: &Doc) -> Vec<Doc> {
    match value {
        Doc::List(items) => items.clone(),
        Doc::Null | Doc::Word(_) | Doc::Map(_) => Vec::new(),
    }
}

/// A stream of choices that follows from a seed.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = digest(self.0, "next");
        usize::try_from(self.0 % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    fn media(&mut self) -> Media {
        [Media::Text, Media::Json][self.below(2)]
    }

    fn pointer(&mut self) -> Pointer {
        at(POINTERS[self.below(POINTERS.len())])
    }

    /// One of its handles; now and then a number that is none, or the newest one.
    fn handle(&mut self, guest: &Guest) -> Handle {
        let number = match self.below(12) {
            0 => return Handle(self.0),
            1..5 => guest.handles.len().saturating_sub(1 + self.below(4)),
            _ => self.below(guest.handles.len()),
        };
        guest.handles.get(number).copied().unwrap_or(Handle(0))
    }
}

impl World {
    /// Makes a guest choose and do its next act.
    pub(crate) fn act(&mut self, step: usize, who: usize) {
        self.paid_answer = None;
        let guest = self.guests[who].as_ref().unwrap();
        let mut choices = Choices(digest(guest.memory, (self.seed, step)));
        // The root mostly orchestrates; the others mostly read and answer.
        let weights: [usize; 9] = match who {
            0 => [3, 6, 12, 14, 6, 22, 36, 20, 8],
            _ => [44, 6, 10, 10, 6, 16, 10, 8, 5],
        };
        let mut pick = choices.below(weights.iter().sum());
        let mut act = 0;
        while let Some(weight) = weights.get(act).filter(|weight| pick >= **weight) {
            pick -= weight;
            act += 1;
        }
        let seen = match act {
            0 => self.read(who, &mut choices),
            1 => self.create(who, &mut choices),
            2 => self.project(who, &mut choices),
            3 => self.compose(who, &mut choices),
            4 => self.split(who, &mut choices),
            5 => self.effect(step, who, &mut choices),
            6 => self.spawn(step, who, &mut choices),
            7 => self.receive(who),
            _ => self.gate_or_return(step, who, &mut choices),
        };
        let guest = self.guests[who].as_mut().unwrap();
        guest.memory = digest(guest.memory, &seen);
        let label = self.monitor.current(guest.id);
        self.trace
            .push(format!("{step} {who} {act} {seen} {label:?}"));
    }

    fn guest(&self, who: usize) -> &Guest {
        self.guests[who].as_ref().unwrap()
    }

    /// Takes payload bytes into a guest's memory.
    fn learn(&mut self, who: usize, payload: &Doc) {
        if !self.blind {
            let guest = self.guests[who].as_mut().unwrap();
            guest.memory = digest(guest.memory, payload);
        }
    }

    /// Takes a new handle into a guest's list, and returns what the guest sees of it.
    fn take(&mut self, who: usize, made: Result<Handle, Denial>) -> String {
        let guest = self.guests[who].as_mut().unwrap();
        guest.handles.extend(made.as_ref().ok());
        let shown = made
            .as_ref()
            .ok()
            .map(|handle| self.monitor.describe(guest.id, *handle));
        format!("{made:?} {shown:?}")
    }

    fn read(&mut self, who: usize, choices: &mut Choices) -> String {
        let guest = self.guest(who);
        match self.monitor.read(guest.id, choices.handle(guest)) {
            Ok(content) => {
                self.learn(who, content.payload());
                format!("{:?} {:?}", content.facts().media, content.facts().labels)
            }
            Err(denial) => format!("{denial:?}"),
        }
    }

    fn own(&self, who: usize) -> Doc {
        Doc::Word(digest(
            self.guest(who).memory,
            self.blind.then_some(self.salt),
        ))
    }

    fn create(&mut self, who: usize, choices: &mut Choices) -> String {
        let (id, word) = (self.guest(who).id, self.own(who));
        let payload = [
            word.clone(),
            Doc::List(vec![word.clone(); choices.below(3)]),
            Doc::map([("a", word)]),
        ];
        let payload = payload[choices.below(3)].clone();
        let made = self.monitor.create(id, choices.media(), payload);
        self.take(who, made)
    }

    fn project(&mut self, who: usize, choices: &mut Choices) -> String {
        let guest = self.guest(who);
        let (id, handle, pointer) = (guest.id, choices.handle(guest), choices.pointer());
        let made = self
            .monitor
            .project(id, handle, &pointer, |whole| whole.at(&pointer));
        self.take(who, made)
    }

    fn compose(&mut self, who: usize, choices: &mut Choices) -> String {
        let (guest, media) = (self.guest(who), choices.media());
        let leaves: Vec<_> = (0..=choices.below(3))
            .map(|_| {
                (
                    Some(choices.pointer()).filter(|_| media == Media::Json),
                    choices.handle(guest),
                )
            })
            .collect();
        let (id, mut whole) = (guest.id, Doc::map([("own", self.own(who))]));
        let made = self.monitor.compose(id, media, &leaves, |contents| {
            let values = contents.iter().map(|content| content.payload().clone());
            if media == Media::Text {
                return Doc::List(values.collect());
            }
            for ((pointer, _), value) in leaves.iter().zip(values) {
                whole.put(pointer.as_ref().unwrap().segments(), value);
            }
            whole
        });
        self.take(who, made)
    }

    fn split(&mut self, who: usize, choices: &mut Choices) -> String {
        let guest = self.guest(who);
        let max = [0, 1, 2, 7][choices.below(4)];
        let (id, list) = (guest.id, choices.handle(guest));
        let shown = self.monitor.describe(id, list);
        match self.monitor.split(id, list, max, items) {
            Ok((handles, _)) => {
                let counts = |(channel, _)| channel == Channel::Count;
                let paid = self.monitor.ledger().by_channel().any(counts);
                let paid = paid && shown.is_ok_and(|(_, label)| self.secret.covers(label));
                let seen = format!("split into {}", handles.len());
                self.paid_answer = paid.then(|| seen.clone());
                self.guests[who].as_mut().unwrap().handles.extend(handles);
                seen
            }
            Err(denial) => format!("{denial:?}"),
        }
    }

    fn effect(&mut self, step: usize, who: usize, choices: &mut Choices) -> String {
        let guest = self.guest(who);
        let function = FunctionId(u16::try_from(choices.below(8)).unwrap());
        let recipients = [Readers::NOBODY, Readers::of(1), OBSERVER][choices.below(3)];
        let arguments: Vec<_> = (0..choices.below(4))
            .map(|_| {
                match (
                    ArgumentId(u8::try_from(choices.below(2)).unwrap()),
                    choices.below(6),
                ) {
                    (id, 0) => (id, Argument::Plain),
                    (id, 1) => (id, Argument::Written(labels()[choices.below(6)])),
                    (id, _) => (id, Argument::Content(choices.handle(guest))),
                }
            })
            .collect();
        let id = guest.id;
        if function == ASK {
            return self.question(step, id, &arguments);
        }
        let permit = match self.monitor.effect(id, function, &arguments, recipients) {
            Ok(permit) => permit,
            Err(Denial::NeedsApproval(_)) => {
                let pending = self
                    .monitor
                    .ask(id, function, &arguments, recipients, PERSON);
                match pending.map(|pending| self.put_to_a_person(step, pending)) {
                    Ok(Some(permit)) => permit,
                    Ok(None) => return "the person said no".to_owned(),
                    Err(denial) => return format!("{denial:?}"),
                }
            }
            Err(denial) => return format!("{denial:?}"),
        };
        let guest = self.guest(who);
        let current = self.monitor.current(guest.id).unwrap();
        let performed: Vec<_> = arguments
            .iter()
            .map(|(_, argument)| match argument {
                Argument::Plain => (current, self.own(who)),
                // What a person wrote is of its label, as every content is.
                Argument::Written(label) => {
                    let word = Doc::Word(digest(self.salt_of(*label), step));
                    (current.join(*label), word)
                }
                Argument::Content(handle) => {
                    let (_, label) = self.monitor.describe(guest.id, *handle).unwrap();
                    let content = self.monitor.argument(&permit, *handle).unwrap();
                    (current.join(label), content.payload().clone())
                }
            })
            .collect();
        let rule = self.monitor.tables().function(function).unwrap();
        let word = Doc::Word(digest(self.salt_of(rule.source), &performed));
        let reaches = rule.recipients | recipients;
        self.effects.push(Effect {
            step,
            who,
            at: current,
            function,
            reaches,
            arguments: performed,
        });
        // By what is in it, read or not, a call may cost more than its caller may use.
        if !self.blind && digest(0, &word).is_multiple_of(COSTLY) {
            self.guests[who].as_mut().unwrap().stopped = Some(word.clone());
        }
        let payload = Doc::map([("a", word.clone()), ("b", word)]);
        let facts = Facts::flat(permit.inputs(), Origins::NONE, choices.media());
        let made = self.monitor.answer(&permit, facts, payload);
        format!("{} {}", permit.is_sealed(), self.take(who, made))
    }

    /// A person's answer to a question is the same in every run, also where the bytes differ:
    /// it is counted like a gate's.
    fn question(
        &mut self,
        step: usize,
        id: InstanceId,
        arguments: &[(ArgumentId, Argument)],
    ) -> String {
        let pending = match self.monitor.question(id, ASK, arguments, PERSON) {
            Ok(pending) => pending,
            Err(denial) => return format!("{denial:?}"),
        };
        let terms = terms(step);
        let approval = Approval::new(pending.binding(terms), PERSON, 1);
        let word = Choices(digest(self.seed, (step, "word"))).below(3);
        let approval = Some(&approval).filter(|_| word > 0);
        let heard = self.monitor.hear(pending, terms, approval, 0, false);
        format!("word {word} {:?}", heard.map_err(|unheard| unheard.why))
    }

    /// A person's answer is the same in every run: approvals are equal. As they are given for
    /// exact bytes, none is given for bytes that differ between the runs.
    fn put_to_a_person(&mut self, step: usize, pending: Pending) -> Option<EffectPermit> {
        let yes = Choices(digest(self.seed, (step, "person"))).below(4) > 0;
        if !yes || self.secret.covers(pending.inputs()) {
            return None;
        }
        let terms = terms(step);
        let approval = Approval::new(pending.binding(terms), PERSON, 1);
        self.monitor.approve(pending, terms, &approval, 0).ok()
    }

    fn spawn(&mut self, step: usize, who: usize, choices: &mut Choices) -> String {
        let free = CHILDREN[who]
            .iter()
            .find(|slot| self.guests[**slot].is_none());
        let Some(slot) = free.copied() else {
            return self.receive(who);
        };
        let guest = self.guest(who);
        let profile = ProfileId([0, 0, 0, 1, 2, 2, 2, 3][choices.below(8)]);
        let text: Vec<_> = (0..choices.below(3) / 2)
            .map(|_| choices.handle(guest))
            .collect();
        let parts: Vec<_> = (0..2 + choices.below(6))
            .map(|_| choices.handle(guest))
            .collect();
        let mark = u64::try_from(step * 8 + slot).unwrap() + 2;
        let (id, memory) = (guest.id, digest(guest.memory, slot));
        match self.monitor.spawn(id, profile, &text, &parts, mark) {
            Ok(spawned) => {
                let child = Guest {
                    id: spawned.child,
                    handles: spawned.parts,
                    memory,
                    done: false,
                    stopped: None,
                };
                self.guests[slot] = Some(child);
                for content in spawned.text {
                    self.learn(slot, content.payload());
                }
                format!("child {slot}")
            }
            Err(denial) => format!("{denial:?}"),
        }
    }

    /// Waits for the first child: one that has not come to its end is stopped. But who
    /// carries a secret stops nobody who has none, since termination is not claimed for.
    fn receive(&mut self, who: usize) -> String {
        let Some(slot) = CHILDREN[who]
            .iter()
            .copied()
            .find(|slot| self.guests[*slot].is_some())
        else {
            return "nobody".to_owned();
        };
        let ending = [slot].into_iter().chain(CHILDREN[slot].iter().copied());
        if self.is_secret(who) && ending.into_iter().any(|slot| !self.is_secret(slot)) {
            return "waiting".to_owned();
        }
        let mut choices = Choices(digest(self.guest(slot).memory, "end"));
        let ending = self.ending(slot, &mut choices);
        let has_read = self.is_secret(slot);
        let child = self.guests[slot].take().unwrap();
        for orphan in CHILDREN[slot]
            .iter()
            .filter_map(|slot| self.guests[*slot].take())
        {
            self.monitor.end(orphan.id);
        }
        let ended = self.monitor.finish(child.id, ending).unwrap();
        // What it says is no secret, but that it came to say it may be.
        let passed_on = !has_read && self.secret.covers(ended.set_going());
        match self.monitor.deliver(self.guest(who).id, ended, Doc::Null) {
            Ok(Delivery::Outcome(kind, handle, bits)) => {
                // What was paid for is a gate's answer: the same in every run.
                let paid = [
                    EndingKind::Value,
                    EndingKind::None,
                    EndingKind::Unfit,
                    EndingKind::Failed,
                ];
                let paid = paid[Choices(self.seed).below(4)];
                let is_free = bits == Bits::ZERO;
                self.paid_answer = (passed_on && !is_free).then(|| format!("{kind:?}"));
                let told = if is_free || passed_on { kind } else { paid };
                format!("{told:?} {bits} {}", self.take(who, Ok(handle)))
            }
            Ok(Delivery::Sealed(handle)) => {
                format!("sealed {}", self.take(who, Ok(handle)))
            }
            Err(denial) => format!("{denial:?}"),
        }
    }

    /// Returns whether a guest, if there is one, carries a secret.
    fn is_secret(&self, slot: usize) -> bool {
        let guest = self.guests[slot].as_ref();
        guest.is_none_or(|guest| self.secret.covers(self.monitor.current(guest.id).unwrap()))
    }

    fn ending(&self, slot: usize, choices: &mut Choices) -> Ending<Doc> {
        let (child, word) = (self.guest(slot), self.own(slot));
        if let Some(why) = &child.stopped {
            return Ending::Failed(why.clone());
        }
        match (child.done, choices.below(8)) {
            (false, 0..3) | (true, 0) => Ending::Failed(word),
            (false, 3) => Ending::Unfit(word),
            (_, 4) => Ending::None(word),
            (_, 5) => Ending::Created(choices.media(), word),
            _ => Ending::Held(choices.handle(child), word),
        }
    }

    fn gate_or_return(&mut self, step: usize, who: usize, choices: &mut Choices) -> String {
        if who != 0 && choices.below(3) == 0 {
            self.guests[who].as_mut().unwrap().done = true;
            return "done".to_owned();
        }
        let gate = GateId(u8::try_from(choices.below(4)).unwrap());
        if choices.below(4) == 0 {
            return self.gate_part(who, gate, choices);
        }
        let guest = self.guest(who);
        let question = u64::try_from(choices.below(2)).unwrap();
        let capacity = Bits::whole(u32::try_from(1 + choices.below(3)).unwrap());
        match self
            .monitor
            .gate(guest.id, choices.handle(guest), gate, question, capacity)
        {
            // The answer is the same in every run, whatever the bytes are.
            Ok(_) => format!("answer {}", digest(self.seed, (step, "answer")) % 2),
            Err(denial) => format!("{denial:?}"),
        }
    }

    /// Asks which of its parts a child handed back. What is paid for is a gate's answer: the
    /// same in every run. What the guest may know is told as it is.
    fn gate_part(&mut self, who: usize, gate: GateId, choices: &mut Choices) -> String {
        let guest = self.guest(who);
        let (id, handle) = (guest.id, choices.handle(guest));
        let (shown, current) = (self.monitor.describe(id, handle), self.monitor.current(id));
        let free = shown.is_ok_and(|(_, shown)| shown.flows_to(current.unwrap()));
        match self.monitor.gate_part(id, handle, gate, 9, Bits::UNBOUNDED) {
            Ok((chosen, _)) if free => format!("part {chosen:?}"),
            Ok(_) => format!("part {}", Choices(self.seed).below(3)),
            Err(denial) => format!("{denial:?}"),
        }
    }
}
