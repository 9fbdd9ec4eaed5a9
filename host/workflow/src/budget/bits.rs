//! Bits of gates: what is shared by a phase, and what is set aside for an agent of it.

use lazaret_kernel::capacity::Bits;

use super::{Budgets, Scope, Who};

impl Budgets {
    /// Returns the bits that a caller's agent and phase may still be told through gates.
    pub fn bits_left(&self, who: Who<'_>) -> Bits {
        let own = self.own_bits.get(&who.step);
        let limits = self.limits(who);
        let left = limits.iter().filter_map(|(scope, limit, used)| {
            let most = limit.gate_bits?;
            match (scope, own) {
                (Scope::Agent(_), _) => Some(most.less(used.bits)),
                // It was taken from there already.
                (Scope::Phase(_) | Scope::Run, Some(_)) => None,
                (Scope::Phase(_) | Scope::Run, None) => Some(most.less(used.gone)),
            }
        });
        let spent = self.agents.get(&who.step).map(|(_, used)| used.bits);
        let own = own.map(|most| most.less(spent.unwrap_or_default()));
        left.chain(own).min().unwrap_or(Bits::UNBOUNDED)
    }

    /// Takes the bits that are set aside for an agent out of those of its phase, at its start and
    /// as a whole. What it then spends is its own: a tainted agent's gates show in nothing that
    /// another of the phase is refused.
    pub fn set_aside(&mut self, who: Who<'_>, bits: Bits) {
        let limit = self.plan.phases.get(who.phase);
        let limit = limit.and_then(|limit| limit.gate_bits);
        let phase = self.phase(who.phase);
        let left = limit.map_or(Bits::UNBOUNDED, |most| most.less(phase.gone));
        phase.gone = phase.gone + bits.min(left);
        let most = if bits > left { left } else { Bits::UNBOUNDED };
        self.own_bits.insert(who.step, most);
    }

    /// Counts bits that were charged for what a caller asked of a gate.
    pub fn note_bits(&mut self, who: Who<'_>, bits: Bits) {
        let is_own = self.own_bits.contains_key(&who.step);
        self.count_bits(who, bits, is_own);
    }

    pub(super) fn count_bits(&mut self, who: Who<'_>, bits: Bits, is_own: bool) {
        let shared = if is_own { Bits::ZERO } else { bits };
        self.each(who.step, who.phase, |used| {
            used.bits = used.bits + bits;
            used.gone = used.gone + shared;
        });
    }
}
