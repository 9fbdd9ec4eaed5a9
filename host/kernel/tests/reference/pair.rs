//! The kernel and the reference side by side: the same call to both, and what both say.

use std::collections::BTreeMap;

use proptest::prelude::*;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::Media;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::monitor::{self, Delivery, Ending};

use self::acts::Told;
use crate::labels::bottom;
use crate::naive::Monitor;
use crate::policy::{compile, grants, label};
use crate::{Act, KINDS, PATHS, WORDS, a_policy, everything};

#[path = "acts.rs"]
mod acts;

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

    fn decide(&mut self, who: usize, act: &Act) -> Told {
        let by = self.caller(who);
        match act {
            Act::Admit(root, fields) => self.admit(&by, *root, fields),
            Act::Create => self.create(&by),
            Act::Read(one) => self.read(&by, *one),
            Act::Project(one, at) => self.project(&by, *one, PATHS[*at]),
            Act::Compose(text, leaves) => self.compose(&by, *text, leaves),
            Act::Split(one, max, count) => self.split(&by, *one, *max, *count),
            Act::Effect(function, arguments, to, word) => {
                self.effect(&by, (*function, arguments, *to), WORDS[*word])
            }
            Act::Gate(one, gate, question, bits) => self.gate(&by, *one, *gate, (*question, *bits)),
            Act::Part(one, gate, question) => self.part(&by, *one, *gate, *question),
            Act::Spawn(profile, text, parts) => self.spawn(&by, *profile, text, parts),
            Act::End(child, kind, back) => self.end(who, *child, KINDS[*kind], *back),
        }
    }

    /// Ends a child of the caller, if it has one, and tells the caller.
    fn end(&mut self, who: usize, child: usize, kind: &'static str, back: Option<usize>) -> Told {
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
            .deliver(InstanceId(u64::try_from(who).unwrap()), ended, ())
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
