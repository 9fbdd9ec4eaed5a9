//! The kernel and the reference side by side: the same call to both, and what both say.

use std::collections::BTreeMap;

use proptest::prelude::*;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Readers;
use lazaret_kernel::monitor::{
    self, Approval, ApprovalRefusal, Argument, Delivery, Digest, EffectPermit, Ending, Terms,
};
use lazaret_kernel::origins::Origins;
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::{ArgumentId, FunctionId, GateId, ProfileId};
use lazaret_kernel::tree::LabelTree;

use crate::labels::{self, Path, bottom};
use crate::naive::Monitor;
use crate::policy::{compile, grants, label, principals};
use crate::{Act, KINDS, PATHS, WORDS, a_policy, everything, names, some_label};

/// Both monitors, which number instances as they come.
pub(crate) struct Pair {
    kernel: monitor::Monitor<()>,
    naive: Monitor,
    /// The kernel's handles of each living instance, and who started it.
    living: BTreeMap<usize, (Vec<Handle>, usize)>,
    next: usize,
    /// How often a person was asked.
    asked: u64,
}

impl Pair {
    pub(crate) fn new(run_budget: u64) -> Self {
        let policy = a_policy(run_budget);
        let mut kernel = monitor::Monitor::new(compile(&policy));
        let clearance = label(&everything().clearance);
        kernel.start_root(label(&bottom()), clearance, grants(&everything()), 1);
        let mut naive = Monitor::default();
        naive.policy = policy;
        naive.start(0, everything());
        Self {
            kernel,
            naive,
            living: BTreeMap::from([(0, (Vec::new(), 0))]),
            next: 1,
            asked: 0,
        }
    }

    /// Does one act in both, and returns what both called it.
    pub(crate) fn act(&mut self, who: usize, act: &Act) -> Result<String, TestCaseError> {
        let who = *self.living.keys().nth(who % self.living.len()).unwrap();
        let bits = self.naive.total;
        let (kernel, naive) = self.decide(who, act);
        prop_assert_eq!(&kernel, &naive, "{:?}", act);
        prop_assert_eq!(
            self.kernel.ledger().total(),
            Bits::from_thousandths(self.naive.total)
        );
        prop_assert!(bits <= self.naive.total);
        for (id, (handles, _)) in &self.living {
            let instance = InstanceId(u64::try_from(*id).unwrap());
            let current = label(&self.naive.instances[id].current);
            prop_assert_eq!(self.kernel.current(instance), Ok(current), "{:?}", act);
            prop_assert_eq!(handles.len(), self.naive.instances[id].handles.len());
            for (number, handle) in handles.iter().enumerate() {
                let shown = label(&self.naive.describe(*id, number).unwrap());
                prop_assert_eq!(
                    self.kernel.describe(instance, *handle).unwrap().1,
                    shown,
                    "{:?}",
                    act
                );
            }
        }
        Ok(kernel)
    }

    fn decide(&mut self, who: usize, act: &Act) -> (String, String) {
        let (handles, _) = self.living[&who].clone();
        // One number past the handles is nobody's handle, in both.
        let number = |choice: usize| choice % (handles.len() + 1);
        let handle = |choice: usize| handles.get(number(choice)).copied().unwrap_or(Handle(3));
        let numbers = |all: &[usize]| all.iter().map(|one| number(*one)).collect::<Vec<_>>();
        let (id, kernel, naive) = (
            InstanceId(u64::try_from(who).unwrap()),
            &mut self.kernel,
            &mut self.naive,
        );
        let mut new = Vec::new();
        let told = match act {
            Act::Admit(root, fields) => {
                let fields: BTreeMap<_, _> = fields
                    .iter()
                    .map(|(at, label)| (PATHS[*at], *label))
                    .collect();
                let declared = fields
                    .iter()
                    .map(|(at, one)| (pointer(at), label(&some_label(*one))));
                let labels = LabelTree::declared(label(&some_label(*root)), declared.collect());
                let facts = Facts {
                    labels,
                    ..Facts::flat(label(&bottom()), Origins::NONE, Media::Json)
                };
                let fields = fields
                    .iter()
                    .map(|(at, one)| (path(at), some_label(*one)))
                    .collect();
                naive.give(who, some_label(*root), fields, bottom());
                (kept(kernel.admit(id, facts, ()), &mut new), "ok".to_owned())
            }
            Act::Create => {
                naive.create(who);
                (
                    kept(kernel.create(id, Media::Json, ()), &mut new),
                    "ok".to_owned(),
                )
            }
            Act::Read(one) => (
                said(kernel.read(id, handle(*one))),
                told(naive.read(who, number(*one))),
            ),
            Act::Project(one, at) => {
                let made = kernel.project(id, handle(*one), &pointer(PATHS[*at]), |()| ());
                (
                    kept(made, &mut new),
                    told(naive.project(who, number(*one), &path(PATHS[*at]))),
                )
            }
            Act::Compose(text, leaves) => {
                let media = if *text { Media::Text } else { Media::Json };
                let of = |(at, one): &(usize, usize)| (Some(pointer(PATHS[*at])), handle(*one));
                let made = kernel.compose(
                    id,
                    media,
                    &leaves.iter().map(of).collect::<Vec<_>>(),
                    |_| (),
                );
                let of = |(at, one): &(usize, usize)| (path(PATHS[*at]), number(*one));
                let leaves: Vec<_> = leaves.iter().map(of).collect();
                (
                    kept(made, &mut new),
                    told(naive.compose(who, *text, &leaves)),
                )
            }
            Act::Split(one, max, count) => {
                let made = kernel.split(id, handle(*one), *max, |()| vec![(); (*count).min(4)]);
                let made = made.map(|(handles, _)| new.extend(handles));
                (
                    said(made),
                    told(naive.split(who, number(*one), *max, (*count).min(4))),
                )
            }
            Act::Effect(function, arguments, to, word) => {
                let to = [
                    names(&[]),
                    names(&["operator"]),
                    names(&["model"]),
                    names(&["stranger"]),
                ][*to]
                    .clone();
                let of = |(argument, one): &(usize, Option<usize>)| {
                    let argument_id = ArgumentId(u8::try_from(*argument).unwrap());
                    (
                        argument_id,
                        one.map_or(Argument::Plain, |one| Argument::Content(handle(one))),
                    )
                };
                let given: Vec<_> = arguments.iter().map(of).collect();
                let function_id = FunctionId(u16::try_from(*function).unwrap());
                let mut made = kernel.effect(id, function_id, &given, principals(&to));
                let word = WORDS[*word];
                let asked = matches!(made, Err(Denial::NeedsApproval(_))) && !word.is_empty();
                let mut unapproved = None;
                if asked {
                    let call = (function_id, given.as_slice(), principals(&to));
                    self.asked += 1;
                    (made, unapproved) = person(kernel, id, call, (word, self.asked));
                }
                let made = made.map(|permit| {
                    let facts = Facts::flat(permit.inputs(), Origins::NONE, Media::Json);
                    new.push(kernel.answer(&permit, facts, ()).unwrap());
                    permit.is_sealed()
                });
                let of = |(argument, one): &(usize, Option<usize>)| (*argument, one.map(number));
                let given: Vec<_> = arguments.iter().map(of).collect();
                let call = (*function, given.as_slice(), &to);
                if let Some(why) = unapproved {
                    let why = format!("{why:?}");
                    let expected = if word == "late" {
                        "Expired"
                    } else {
                        "OtherCall"
                    };
                    (why, expected.to_owned())
                } else if asked {
                    let naive = naive.approved(who, call, word == "endorsed");
                    let word = |told: String| format!("{word} {told}");
                    (word(debug(made)), word(told_debug(naive)))
                } else {
                    (debug(made), told_debug(naive.effect(who, call)))
                }
            }
            Act::Gate(one, gate, question, bits) => {
                let gate_id = GateId(u8::try_from(*gate).unwrap());
                let made = kernel.gate(
                    id,
                    handle(*one),
                    gate_id,
                    *question,
                    Bits::from_thousandths(*bits),
                );
                (
                    said(made),
                    told(naive.gate(who, number(*one), *gate, (*question, *bits))),
                )
            }
            Act::Part(one, gate, question) => {
                let gate_id = GateId(u8::try_from(*gate).unwrap());
                let made = kernel.gate_part(id, handle(*one), gate_id, *question);
                let number_of = |own: Handle| handles.iter().position(|other| *other == own);
                let made = made.map(|(chosen, _)| chosen.map(|own| number_of(own).unwrap()));
                let naive = naive.part(who, number(*one), *gate, *question);
                let word = |chosen: Option<usize>| match chosen {
                    Some(_) => format!("part {:?}", chosen.map(|_| 0)),
                    None => "part None".to_owned(),
                };
                assert_eq!(made.as_ref().ok(), naive.as_ref().ok());
                let naive = naive.map_or_else(str::to_owned, word);
                (
                    made.map_or_else(|denial| said::<()>(Err(denial)), word),
                    naive,
                )
            }
            Act::Spawn(profile, text, parts) => {
                let (child, mark) = (self.next, u64::try_from(self.next).unwrap() + 1);
                let of = |all: &[usize]| all.iter().map(|one| handle(*one)).collect::<Vec<_>>();
                let profile_id = ProfileId(u16::try_from(*profile).unwrap());
                let made = kernel
                    .spawn(id, profile_id, &of(text), &of(parts), mark)
                    .map(|spawned| {
                        self.living.insert(child, (spawned.parts, who));
                        self.next += 1;
                    });
                let given = (numbers(text), numbers(parts));
                (
                    said(made),
                    told(naive.spawn(who, child, *profile, (&given.0, &given.1))),
                )
            }
            Act::End(child, kind, back) => return self.end(who, *child, KINDS[*kind], *back),
        };
        self.living.get_mut(&who).unwrap().0.extend(new);
        told
    }

    /// Ends a child of the caller, if it has one, and tells the caller.
    fn end(
        &mut self,
        who: usize,
        child: usize,
        kind: &'static str,
        back: Option<usize>,
    ) -> (String, String) {
        let children: Vec<usize> = self
            .living
            .iter()
            .filter(|(id, (_, of))| **id != 0 && *of == who)
            .map(|(id, _)| *id)
            .collect();
        let Some(child) = children.get(child % children.len().max(1)).copied() else {
            return ("nobody".to_owned(), "nobody".to_owned());
        };
        for orphan in self.orphans(child) {
            self.living.remove(&orphan);
            self.naive.instances.remove(&orphan);
            self.kernel.end(InstanceId(u64::try_from(orphan).unwrap()));
        }
        let (handles, _) = self.living.remove(&child).unwrap();
        let back = back
            .filter(|_| kind == "Value")
            .map(|back| back % (handles.len() + 1));
        let ending = match (kind, back) {
            ("Value", Some(back)) => {
                Ending::Held(handles.get(back).copied().unwrap_or(Handle(3)), ())
            }
            ("Value", None) => Ending::Created(Media::Json, ()),
            ("None", _) => Ending::None(()),
            ("Unfit", _) => Ending::Unfit(()),
            _ => Ending::Failed(()),
        };
        let ended = self
            .kernel
            .finish(InstanceId(u64::try_from(child).unwrap()), ending)
            .unwrap();
        let (told, handle) = match self
            .kernel
            .deliver(InstanceId(u64::try_from(who).unwrap()), ended)
            .unwrap()
        {
            Delivery::Outcome(kind, handle, bits) => {
                (format!("{kind:?} {}", bits.thousandths()), handle)
            }
            Delivery::Sealed(handle) => ("Sealed 0".to_owned(), handle),
        };
        self.living.get_mut(&who).unwrap().0.push(handle);
        let (kind, bits) = self.naive.end(child, who, (kind, back));
        (told, format!("{kind} {bits}"))
    }

    fn orphans(&self, of: usize) -> Vec<usize> {
        let children = self
            .living
            .iter()
            .filter(|(id, (_, parent))| **id != 0 && *parent == of);
        children
            .flat_map(|(id, _)| [vec![*id], self.orphans(*id)].concat())
            .collect()
    }
}

/// Puts a call to the operator, who says this word.
fn person(
    kernel: &mut monitor::Monitor<()>,
    id: InstanceId,
    (function, arguments, to): (FunctionId, &[(ArgumentId, Argument)], Readers),
    (word, request): (&str, u64),
) -> (Result<EffectPermit, Denial>, Option<ApprovalRefusal>) {
    let operator = principals(&names(&["operator"]));
    let pending = match kernel.ask(id, function, arguments, to, operator) {
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
    match kernel.approve(pending, terms(0), &approval, now) {
        Ok(permit) => (Ok(permit), None),
        Err(unapproved) => (Err(Denial::NeedsApproval(function)), Some(unapproved.why)),
    }
}

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

fn path(text: &'static str) -> Path {
    text.split('/').skip(1).collect()
}

fn kept(made: Result<Handle, Denial>, new: &mut Vec<Handle>) -> String {
    said(made.map(|handle| new.push(handle)))
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

fn told(made: labels::Denied<()>) -> String {
    made.map_or_else(str::to_owned, |()| "ok".to_owned())
}

fn told_debug(made: labels::Denied<bool>) -> String {
    made.map_or_else(str::to_owned, |made| format!("{made:?}"))
}
