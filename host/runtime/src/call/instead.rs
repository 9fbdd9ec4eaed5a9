//! What is asked instead of a model that cannot answer: judged again, recorded again.

use lazaret_kernel::monitor::EffectPermit;
use lazaret_kernel::tables::FunctionId;
use lazaret_policy::compiled::FunctionKind;
use lazaret_workflow::event::Elsewhere;

use super::effect::Made;
use super::{Caller, Given};
use crate::bindings::types::Error as GuestError;
use crate::models::Patience;

impl Caller {
    /// Makes an effect. Where it asks a model that cannot answer, those are asked that the
    /// policy names instead, as far as each may be told: its provider is another reader. That
    /// one may not is for the operator; the caller gets the failure.
    pub(super) async fn make_or_instead(
        &self,
        function: &str,
        permit: &EffectPermit,
        arguments: &[(String, Given)],
    ) -> Result<Made, GuestError> {
        let mut next = self.next(permit.function());
        let first = patience(next);
        let mut made = self.make(function, permit, arguments, first).await?;
        let first_had_no_room = made.elsewhere == Elsewhere::NoRoom;
        while let Some(id) = next.filter(|_| made.elsewhere != Elsewhere::No) {
            next = self.next(id);
            let function = self.run.compiled.function(id);
            let function = function.map_or("", |function| function.name.as_str());
            let mut arguments = arguments.to_vec();
            if let Ok(permit) = self.permit(function, &mut arguments).await {
                made = self
                    .make(function, &permit, &arguments, patience(next))
                    .await?;
            }
        }
        if first_had_no_room && first == Patience::None && !made.ok {
            return self.make(function, permit, arguments, Patience::Wait).await;
        }
        Ok(made)
    }

    /// Returns the function that is asked where this one cannot answer.
    fn next(&self, function: FunctionId) -> Option<FunctionId> {
        match self.run.compiled.function(function)?.kind {
            FunctionKind::Model { next, .. } => next,
            _ => None,
        }
    }
}

fn patience(next: Option<FunctionId>) -> Patience {
    match next {
        Some(_) => Patience::None,
        None => Patience::Wait,
    }
}
