//! Models as scripts for other hosts name them, where the policy does not know the name.

use lazaret_policy::compiled::Service;
use lazaret_workflow::event::Event;

use crate::progress::Progress;
use crate::run::Run;

/// Sizes of models that scripts name without a provider.
const SIZES: [&str; 4] = ["haiku", "sonnet", "opus", "fable"];

/// How the full ids begin that scripts name without a provider.
const FAMILY: &str = "claude-";

/// The word that stands for the run's own model.
const INHERITED: &str = "inherit";

impl Run {
    /// Returns what is asked where a step asks for this model. A name of the policy stands; a
    /// size that it does not have is the run's own model, and the log says so.
    pub(crate) fn asked_model(&self, step: u32, asked: &str) -> String {
        let compiled = &self.compiled;
        let first = asked.split('/').next().unwrap_or(asked);
        let is_known = compiled.function_id(&format!("model.{first}")).is_some();
        let is_elsewheres = SIZES.contains(&asked) || asked.starts_with(FAMILY);
        if is_known || !is_elsewheres {
            return asked.to_owned();
        }
        let anthropic = compiled
            .providers
            .iter()
            .find(|(_, provider)| provider.service == Service::Anthropic);
        if let Some((name, _)) = anthropic.filter(|_| asked.starts_with(FAMILY)) {
            return format!("{name}/{asked}");
        }
        self.warn(
            step,
            &format!("the policy has no model `{asked}`; its default is asked instead"),
        );
        INHERITED.to_owned()
    }

    /// Writes a line of the host's own into a step's log.
    fn warn(&self, step: u32, message: &str) {
        let message = format!("lazaret: {message}");
        // A line that cannot be kept is still shown.
        drop(self.note(&Event::Logged {
            step,
            level: "warn".to_owned(),
            message: message.clone(),
        }));
        self.tell(&Progress::Log {
            step,
            level: "warn",
            message,
        });
    }
}
