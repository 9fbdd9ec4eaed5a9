//! A reference monitor written straight from the table in section 4 of the design: sets of
//! names, lists, no sharing, no bit tricks. It shares nothing with the kernel.

use std::collections::BTreeMap;

use crate::instance::{Held, Instance, Paid, Pool};
use crate::labels::{
    Asked, Call, Content, Denied, Ending, Fields, Given, Label, Leaf, Names, Path, bottom, choices,
    flows, join, joined, may_read, part, sort, sum, thousandths,
};
use crate::policy::{Person, Policy, Profile};

#[derive(Default)]
pub(crate) struct Monitor {
    pub(crate) policy: Policy,
    pub(crate) instances: BTreeMap<usize, Instance>,
    pub(crate) total: u64,
    pools: Vec<Pool>,
    next: usize,
}

impl Monitor {
    pub(crate) fn start(&mut self, id: usize, profile: Profile) {
        let clearance = profile.clearance.clone();
        let root = Instance::new(bottom(), profile, Vec::new(), clearance);
        self.pools.push(Pool::of(self.policy.run_budget));
        self.instances.insert(id, root);
    }

    fn at(&self, id: usize) -> &Instance {
        &self.instances[&id]
    }

    /// Gives an instance a new content.
    pub(crate) fn give(&mut self, id: usize, root: Label, mut fields: Fields, floor: Label) {
        self.next += 1;
        sort(&mut fields);
        let content = Content::new(self.next, root, fields);
        let instance = self.instances.get_mut(&id).unwrap();
        instance.handles.push(Held::new(content, floor));
    }

    fn held(&self, id: usize, handle: usize) -> Denied<Held> {
        let held = self.at(id).handles.get(handle);
        held.cloned().ok_or("UnknownHandle")
    }

    fn all(&self, id: usize, handles: &[usize]) -> Denied<Vec<Held>> {
        handles.iter().map(|one| self.held(id, *one)).collect()
    }

    pub(crate) fn describe(&self, id: usize, handle: usize) -> Denied<Label> {
        self.held(id, handle).map(|held| held.shown())
    }

    pub(crate) fn create(&mut self, id: usize) {
        self.give(id, self.at(id).current.clone(), Vec::new(), bottom());
    }

    fn may_rise(&self, id: usize, to: &Label) -> Denied<()> {
        let may = flows(
            &join(&self.at(id).current, to),
            &self.at(id).profile.clearance,
        );
        may.then_some(()).ok_or("Clearance")
    }

    fn rise(&mut self, id: usize, shown: &Label, really: &Label) -> Denied<()> {
        self.may_rise(id, shown)?;
        let instance = self.instances.get_mut(&id).unwrap();
        instance.current = join(&instance.current, really);
        instance.knows |= !flows(&instance.current, &instance.start);
        Ok(())
    }

    pub(crate) fn read(&mut self, id: usize, handle: usize) -> Denied<()> {
        let held = self.held(id, handle)?;
        self.rise(id, &held.shown(), &joined(&held.content))
    }

    pub(crate) fn project(&mut self, id: usize, handle: usize, path: &Path) -> Denied<()> {
        let held = self.held(id, handle)?;
        let part = part(&held.content, path, false);
        self.give(id, part.root, part.fields, held.floor);
        Ok(())
    }

    pub(crate) fn compose(&mut self, id: usize, text: bool, leaves: &[Leaf]) -> Denied<()> {
        let (mut root, mut fields) = (self.at(id).current.clone(), Vec::new());
        for (place, leaf) in leaves {
            let leaf = self.held(id, *leaf)?;
            let raise = join(&self.at(id).current, &leaf.floor);
            let whole = (Vec::new(), leaf.content.root.clone());
            for (path, label) in leaf.content.fields.iter().chain([&whole]) {
                fields.push(([place.clone(), path.clone()].concat(), join(label, &raise)));
            }
        }
        let clash = leaves.iter().enumerate().any(|(one, (a, _))| {
            let below = |(other, (b, _)): (usize, &Leaf)| one != other && b.starts_with(a);
            a.contains(&"*") || leaves.iter().enumerate().any(below)
        });
        let of_root = |path: &Path| text || clash || path.is_empty();
        for (_, label) in fields.iter().filter(|(path, _)| of_root(path)) {
            root = join(&root, label);
        }
        fields.retain(|(path, _)| !of_root(path));
        self.give(id, root, fields, bottom());
        Ok(())
    }

    /// Charges for an answer, once from the same bits.
    fn pay(&mut self, id: usize, question: Paid, bits: u64, budget: u64) -> Denied<()> {
        let pool = self.at(id).pool;
        self.total += self.pools[pool].pay(question, bits, budget)?;
        Ok(())
    }

    pub(crate) fn split(&mut self, id: usize, handle: usize, max: u32, count: usize) -> Denied<()> {
        let held = self.held(id, handle)?;
        let list = join(&held.content.root, &held.floor);
        let narrowed = Label(Names::new(), list.1.clone());
        self.may_rise(id, &narrowed)?;
        let question = (held.content.number, "count".to_owned(), u64::from(max));
        if !list.0.is_subset(&self.at(id).current.0) {
            let bits = thousandths(f64::from(max) + 1.0);
            self.pay(id, question, bits, self.policy.run_budget)?;
        }
        self.rise(id, &narrowed, &narrowed)?;
        let count = count.min(usize::try_from(max).unwrap());
        for item in ["0", "1", "2", "3"].into_iter().take(count) {
            let part = part(&held.content, &[item], true);
            self.give(id, part.root, part.fields, held.floor.clone());
        }
        Ok(())
    }

    pub(crate) fn gate(&mut self, id: usize, h: usize, gate: usize, asked: Asked) -> Denied<()> {
        if !self.at(id).profile.gates.contains(&gate) || gate >= self.policy.gates.len() {
            return Err("GateNotGranted");
        }
        let held = self.held(id, h)?;
        let (removes, releases, budget) = self.policy.gates[gate].clone();
        let (shown, current) = (held.shown(), self.at(id).current.clone());
        let mut no_say = &shown.0 & &removes;
        if !releases.is_empty() {
            self.may_rise(id, &Label(Names::new(), shown.1.clone()))?;
            no_say.clone_from(&current.0);
        }
        if !no_say.is_disjoint(&current.0) {
            return Err("GateCaller");
        }
        if !may_read(current.1.as_ref(), Some(&releases)) {
            return Err("GateReaders");
        }
        let readers = shown.1.as_ref().map(|readers| readers | &releases);
        let lowered = Label(&shown.0 - &removes, readers);
        self.may_rise(id, &lowered)?;
        let question = (held.content.number, format!("gate {gate}"), asked.0);
        if !flows(&shown, &current) {
            self.pay(id, question, asked.1, budget)?;
        }
        self.rise(id, &lowered, &lowered)
    }

    /// Which of its parts a child handed back.
    pub(crate) fn part(&mut self, id: usize, h: usize, g: usize, q: u64) -> Denied<Option<usize>> {
        let (among, chosen) = self.held(id, h)?.choice;
        self.gate(id, h, g, (q, choices(among.len())))?;
        Ok(chosen.map(|at| among[at]))
    }

    /// The join of all that goes into an effect, and whether a person has to let it pass.
    fn judge(&self, id: usize, (f, args, to): Call<'_>) -> Denied<(Label, bool)> {
        let instance = &self.at(id);
        let rule = self.policy.functions.get(f).ok_or("NotGranted")?;
        if !instance.profile.functions.contains(&f) {
            return Err("NotGranted");
        }
        let (always, passes) = match &rule.person {
            Person::Never => (None, Names::new()),
            Person::Otherwise(passes) => (Some(false), passes.clone()),
            Person::Always(passes) => (Some(true), passes.clone()),
        };
        let mut asked = always == Some(true);
        let mut check = |taint: &Names, tolerates: &Names, denial| {
            asked |= !taint.is_subset(tolerates);
            let refused = !(taint - tolerates).is_subset(&passes);
            if refused { Err(denial) } else { Ok(()) }
        };
        check(&instance.current.0, &rule.caller, "CallerTaint")?;
        for tolerates in &rule.arguments {
            check(&instance.current.0, tolerates, "ArgumentTaint")?;
        }
        let mut inputs = instance.current.clone();
        for (argument, handle) in args {
            let tolerates = rule.arguments.get(*argument).ok_or("UnknownArgument")?;
            if let Some(handle) = handle {
                let shown = self.held(id, *handle)?.shown();
                check(&shown.0, tolerates, "ArgumentTaint")?;
                inputs = join(&inputs, &shown);
            }
        }
        let reaches = may_read(inputs.1.as_ref(), Some(&(&rule.recipients | to)));
        if !reaches && always.is_none() {
            return Err("Recipients");
        }
        Ok((inputs, asked || !reaches))
    }

    pub(crate) fn effect(&mut self, id: usize, call: Call<'_>) -> Denied<bool> {
        let (inputs, asked) = self.judge(id, call)?;
        let answer = || self.answer(id, call.0, &inputs, &inputs);
        (!asked).then(answer).ok_or("NeedsApproval")
    }

    /// What a person, who must be a reader, lets pass.
    pub(crate) fn approved(&mut self, id: usize, call: Call<'_>, vouched: bool) -> Denied<bool> {
        let (inputs, _) = self.judge(id, call)?;
        if !may_read(inputs.1.as_ref(), Some(&Names::from(["operator"]))) {
            return Err("Recipients");
        }
        let mut carried = inputs.clone();
        carried.0.retain(|_| !vouched);
        Ok(self.answer(id, call.0, &inputs, &carried))
    }

    fn answer(&mut self, id: usize, f: usize, inputs: &Label, carried: &Label) -> bool {
        let source = self.policy.functions[f].source.clone();
        let sealed = !flows(&join(inputs, &source), &self.at(id).current);
        let answer = join(carried, &source);
        self.instances.get_mut(&id).unwrap().depends(&answer);
        self.give(id, answer, Vec::new(), bottom());
        sealed
    }

    pub(crate) fn spawn(&mut self, id: usize, new: usize, p: usize, g: Given) -> Denied<()> {
        let rule = self.policy.profiles.get(p).ok_or("UnknownProfile")?;
        let (profile, parent) = (rule.clone(), self.at(id));
        let (functions, gates) = (&parent.profile.functions, &parent.profile.gates);
        if !(rule.functions.is_subset(functions) && rule.gates.is_subset(gates)) {
            return Err("SpawnGrants");
        }
        let (text, handles) = (self.all(id, g.0)?, self.all(id, g.1)?);
        let start = sum(&parent.current, text.iter().map(Held::shown));
        if !flows(&start, &rule.clearance) {
            return Err("SpawnClearance");
        }
        let granted = |id: &usize| Some(self.policy.functions.get(*id)?.source.clone());
        let sources = rule.functions.iter().filter_map(granted);
        let bound = sum(
            &rule.clearance,
            handles.iter().map(Held::shown).chain(sources),
        );
        let knows = !flows(&start, &parent.current);
        let handles = handles
            .into_iter()
            .map(|held| Held::new(held.content, held.floor));
        let mut instance = Instance::new(start, profile, handles.collect(), bound);
        (instance.knows, instance.parts) = (knows, g.1.to_vec());
        instance.pool = self.at(id).pool;
        if !flows(&instance.bound, &self.at(id).current) {
            let own = self.pools[instance.pool].reserve(instance.profile.reserve);
            self.pools.push(own);
            instance.pool = self.pools.len() - 1;
        }
        self.instances.insert(new, instance);
        Ok(())
    }

    /// Ends a child, with a handle of its own or a value that it wrote.
    pub(crate) fn end(&mut self, child: usize, to: usize, ending: Ending) -> (&'static str, u64) {
        let child = self.instances.remove(&child).unwrap();
        let held = ending.1.map(|handle| child.hands_back(handle));
        let kind = match held {
            Some(None) => "Failed",
            _ => ending.0,
        };
        let free = flows(&child.knew(), &self.at(to).current);
        let bits = if free { 0 } else { thousandths(4.0) };
        let question = (self.next + 1, "outcome".to_owned(), 0);
        let paid = self.pay(to, question, bits, self.policy.outcome_budget);
        let parent = self.instances.get_mut(&to).unwrap();
        parent.depends(&child.went_on_by());
        let (said, mut floor, is_told) = child.told(kind == "Value" && paid.is_ok(), free);
        let (mut root, mut fields, mut chosen) = (said.clone(), Vec::new(), None);
        if let Some(held) = held.flatten().filter(|_| is_told) {
            floor = join(&floor, &held.floor);
            chosen = ending.1.filter(|at| *at < child.parts.len());
            root = join(&held.content.root, &said);
            fields.clone_from(&held.content.fields);
            let labels = fields.iter_mut().map(|(_, label)| label);
            labels.for_each(|label| *label = join(label, &said));
        }
        self.give(to, root, fields, floor);
        self.instances.get_mut(&to).unwrap().last().choice = (child.parts, chosen);
        paid.map_or(("Sealed", 0), |()| (kind, bits))
    }
}
