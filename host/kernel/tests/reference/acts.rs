//! Each act, made in the kernel and in the reference, and what both say of it.

use std::collections::BTreeMap;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Readers;
use lazaret_kernel::monitor::{Approval, ApprovalRefusal, Argument, Digest, EffectPermit, Terms};
use lazaret_kernel::origins::Origins;
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::{ArgumentId, FunctionId, GateId, ProfileId};
use lazaret_kernel::tree::LabelTree;

use super::Pair;
use crate::labels::{Arg, Asked, Denied, Names, Path, bottom};
use crate::policy::{label, principals};
use crate::{PATHS, names, some_label};

/// What the kernel says, and what the reference says.
pub(super) type Told = (String, String);

/// A call of the kernel: the function, its arguments, and whom they name.
type Call<'a> = (FunctionId, &'a [(ArgumentId, Argument)], Readers);

/// Who acts, and the kernel's handles that it holds.
pub(super) struct Caller {
    who: usize,
    id: InstanceId,
    handles: Vec<Handle>,
}

impl Caller {
    /// One number past the handles is nobody's handle, in both.
    fn number(&self, choice: usize) -> usize {
        choice % (self.handles.len() + 1)
    }

    fn handle(&self, choice: usize) -> Handle {
        let held = self.handles.get(self.number(choice));
        held.copied().unwrap_or(Handle(3))
    }

    fn numbers(&self, choices: &[usize]) -> Vec<usize> {
        choices.iter().map(|one| self.number(*one)).collect()
    }

    fn handles(&self, choices: &[usize]) -> Vec<Handle> {
        choices.iter().map(|one| self.handle(*one)).collect()
    }

    /// The arguments of a call as the kernel takes them.
    fn arguments(&self, all: &[Arg]) -> Vec<(ArgumentId, Argument)> {
        let of = |(argument, one): &Arg| {
            let content = |one| Argument::Content(self.handle(one));
            (
                ArgumentId(u8::try_from(*argument).unwrap()),
                one.map_or(Argument::Plain, content),
            )
        };
        all.iter().map(of).collect()
    }
}

impl Pair {
    pub(super) fn caller(&self, who: usize) -> Caller {
        let (handles, _) = self.living[&who].clone();
        Caller {
            who,
            id: InstanceId(u64::try_from(who).unwrap()),
            handles,
        }
    }

    pub(super) fn admit(&mut self, by: &Caller, root: usize, fields: &[(usize, usize)]) -> Told {
        let fields: BTreeMap<_, _> = fields
            .iter()
            .map(|(at, label)| (PATHS[*at], *label))
            .collect();
        let declared = fields
            .iter()
            .map(|(at, one)| (pointer(at), label(&some_label(*one))));
        let labels = LabelTree::declared(label(&some_label(root)), declared.collect());
        let facts = Facts {
            labels,
            ..Facts::flat(label(&bottom()), Origins::NONE, Media::Json)
        };
        let fields = fields
            .iter()
            .map(|(at, one)| (path(at), some_label(*one)))
            .collect();
        self.naive.give(by.who, some_label(root), fields, bottom());
        let made = self.kernel.admit(by.id, facts, ());
        (self.kept(by, made), "ok".to_owned())
    }

    pub(super) fn create(&mut self, by: &Caller) -> Told {
        self.naive.create(by.who);
        let made = self.kernel.create(by.id, Media::Json, ());
        (self.kept(by, made), "ok".to_owned())
    }

    pub(super) fn read(&mut self, by: &Caller, one: usize) -> Told {
        (
            said(self.kernel.read(by.id, by.handle(one))),
            told(self.naive.read(by.who, by.number(one))),
        )
    }

    pub(super) fn project(&mut self, by: &Caller, one: usize, at: &'static str) -> Told {
        let made = self
            .kernel
            .project(by.id, by.handle(one), &pointer(at), |()| ());
        let naive = self.naive.project(by.who, by.number(one), &path(at));
        (self.kept(by, made), told(naive))
    }

    pub(super) fn compose(&mut self, by: &Caller, text: bool, leaves: &[(usize, usize)]) -> Told {
        let media = if text { Media::Text } else { Media::Json };
        let of = |(at, one): &(usize, usize)| (Some(pointer(PATHS[*at])), by.handle(*one));
        let given: Vec<_> = leaves.iter().map(of).collect();
        let made = self.kernel.compose(by.id, media, &given, |_| ());
        let of = |(at, one): &(usize, usize)| (path(PATHS[*at]), by.number(*one));
        let given: Vec<_> = leaves.iter().map(of).collect();
        let naive = self.naive.compose(by.who, text, &given);
        (self.kept(by, made), told(naive))
    }

    pub(super) fn split(&mut self, by: &Caller, one: usize, max: u32, count: usize) -> Told {
        let count = count.min(4);
        let made = self
            .kernel
            .split(by.id, by.handle(one), max, |()| vec![(); count]);
        let made = made.map(|(handles, _)| self.hold(by, handles));
        let naive = self.naive.split(by.who, by.number(one), max, count);
        (said(made), told(naive))
    }

    /// Calls a function, and asks a person who says this word where one has to be asked.
    pub(super) fn effect(
        &mut self,
        by: &Caller,
        (function, arguments, to): (usize, &[Arg], usize),
        word: &str,
    ) -> Told {
        let to = named(to);
        let given = by.arguments(arguments);
        let id = FunctionId(u16::try_from(function).unwrap());
        let mut made = self.kernel.effect(by.id, id, &given, principals(&to));
        let asked = matches!(made, Err(Denial::NeedsApproval(_))) && !word.is_empty();
        let mut unapproved = None;
        if asked {
            (made, unapproved) = self.person(by.id, (id, &given, principals(&to)), word);
        }
        let made = made.map(|permit| self.answer(by, &permit));
        let of = |(argument, one): &Arg| (*argument, one.map(|one| by.number(one)));
        let given: Vec<_> = arguments.iter().map(of).collect();
        let call = (function, given.as_slice(), &to);
        if let Some(why) = unapproved {
            return (format!("{why:?}"), expected(word).to_owned());
        }
        if asked {
            let naive = self.naive.approved(by.who, call, word == "endorsed");
            let said = |told: String| format!("{word} {told}");
            return (said(debug(made)), said(told_debug(naive)));
        }
        (debug(made), told_debug(self.naive.effect(by.who, call)))
    }

    /// Puts a call to the operator, who says this word.
    fn person(
        &mut self,
        id: InstanceId,
        (function, arguments, to): Call<'_>,
        word: &str,
    ) -> (Result<EffectPermit, Denial>, Option<ApprovalRefusal>) {
        self.asked += 1;
        let request = self.asked;
        let operator = principals(&names(&["operator"]));
        let pending = match self.kernel.ask(id, function, arguments, to, operator) {
            Ok(pending) => pending,
            Err(denial) => return (Err(denial), None),
        };
        let terms = |arguments| Terms {
            run: Digest([0; 32]),
            request,
            arguments: Digest([arguments; 32]),
            rules: Digest([0; 32]),
        };
        let binding = pending.binding(terms(u8::from(word == "other")));
        let mut approval = Approval::new(binding, operator, 10);
        if word == "endorsed" {
            approval = approval.endorsing(Bits::ZERO);
        }
        let now = if word == "late" { 10 } else { 9 };
        match self.kernel.approve(pending, terms(0), &approval, now) {
            Ok(permit) => (Ok(permit), None),
            Err(unapproved) => (Err(Denial::NeedsApproval(function)), Some(unapproved.why)),
        }
    }

    /// Answers a permitted call, and says whether the caller's answer is sealed.
    fn answer(&mut self, by: &Caller, permit: &EffectPermit) -> bool {
        let facts = Facts::flat(permit.inputs(), Origins::NONE, Media::Json);
        let handle = self.kernel.answer(permit, facts, ()).unwrap();
        self.hold(by, [handle]);
        permit.is_sealed()
    }

    pub(super) fn gate(&mut self, by: &Caller, one: usize, gate: usize, asked: Asked) -> Told {
        let id = GateId(u8::try_from(gate).unwrap());
        let (question, bits) = asked;
        let bits = Bits::from_thousandths(bits);
        let made = self.kernel.gate(by.id, by.handle(one), id, question, bits);
        let naive = self.naive.gate(by.who, by.number(one), gate, asked);
        (said(made), told(naive))
    }

    /// Asks which part of several one is, of which the kernel tells a handle.
    pub(super) fn part(&mut self, by: &Caller, one: usize, gate: usize, question: u64) -> Told {
        let id = GateId(u8::try_from(gate).unwrap());
        let share = Bits::UNBOUNDED;
        let made = (self.kernel).gate_part(by.id, by.handle(one), id, question, share);
        let number_of = |own: Handle| by.handles.iter().position(|other| *other == own);
        let made = made.map(|(chosen, _)| chosen.map(|own| number_of(own).unwrap()));
        let naive = self.naive.part(by.who, by.number(one), gate, question);
        assert_eq!(made.as_ref().ok(), naive.as_ref().ok());
        let word = |chosen: Option<usize>| match chosen {
            Some(_) => format!("part {:?}", chosen.map(|_| 0)),
            None => "part None".to_owned(),
        };
        (
            made.map_or_else(|denial| said::<()>(Err(denial)), word),
            naive.map_or_else(str::to_owned, word),
        )
    }

    pub(super) fn spawn(
        &mut self,
        by: &Caller,
        profile: usize,
        text: &[usize],
        parts: &[usize],
    ) -> Told {
        let (child, mark) = (self.next, u64::try_from(self.next).unwrap() + 1);
        let id = ProfileId(u16::try_from(profile).unwrap());
        let made = self
            .kernel
            .spawn(by.id, id, &by.handles(text), &by.handles(parts), mark)
            .map(|spawned| {
                self.living.insert(child, (spawned.parts, by.who));
                self.next += 1;
            });
        let given = (by.numbers(text), by.numbers(parts));
        let naive = self
            .naive
            .spawn(by.who, child, profile, (&given.0, &given.1));
        (said(made), told(naive))
    }

    /// Gives the caller what was made, and says how that went.
    fn kept(&mut self, by: &Caller, made: Result<Handle, Denial>) -> String {
        said(made.map(|handle| self.hold(by, [handle])))
    }

    fn hold(&mut self, by: &Caller, new: impl IntoIterator<Item = Handle>) {
        self.living.get_mut(&by.who).unwrap().0.extend(new);
    }
}

/// Whom a call names.
fn named(to: usize) -> Names {
    let all: [&[&'static str]; 4] = [&[], &["operator"], &["model"], &["stranger"]];
    names(all[to])
}

/// Why a person's word lets nothing pass.
fn expected(word: &str) -> &'static str {
    if word == "late" {
        "Expired"
    } else {
        "OtherCall"
    }
}

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

fn path(text: &'static str) -> Path {
    text.split('/').skip(1).collect()
}

/// The kind of a denial, or `ok`.
fn said<T>(made: Result<T, Denial>) -> String {
    debug(made.map(|_| "ok")).replace('"', "")
}

fn debug<T: std::fmt::Debug>(made: Result<T, Denial>) -> String {
    match made {
        Ok(made) => format!("{made:?}"),
        Err(denial) => format!("{denial:?}")
            .split([' ', '(', '{'])
            .next()
            .unwrap()
            .to_owned(),
    }
}

fn told(made: Denied<()>) -> String {
    made.map_or_else(str::to_owned, |()| "ok".to_owned())
}

fn told_debug(made: Denied<bool>) -> String {
    made.map_or_else(str::to_owned, |made| format!("{made:?}"))
}
