//! Through what content decides something, as records, receipts and reports name it.

use std::fmt;

/// The name of a channel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChannelName {
    /// The number of a list's items.
    Count,
    /// How a child ended.
    Outcome,
    /// Which of several children ended first.
    Order,
    /// Bytes that a person vouched for.
    Endorsement,
    /// How often others have called a function.
    Decision,
    /// Whether another round of the run follows.
    Until,
    /// A gate rule of the policy, by name.
    Gate(String),
}

impl ChannelName {
    /// Those that no rule of a policy makes.
    const OWN: [(&'static str, Self); 6] = [
        ("count", Self::Count),
        ("outcome", Self::Outcome),
        ("order", Self::Order),
        ("endorsement", Self::Endorsement),
        ("decision", Self::Decision),
        ("until", Self::Until),
    ];

    /// Returns the channel of that name: a gate rule's where it is none of the host's own.
    pub fn of(name: &str) -> Self {
        let own = Self::OWN.into_iter().find(|(own, _)| *own == name);
        own.map_or_else(|| Self::Gate(name.to_owned()), |(_, channel)| channel)
    }

    /// Returns whether a gate rule of the policy let it pass.
    pub fn is_by_rule(&self) -> bool {
        matches!(self, Self::Gate(_))
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Gate(name) = self {
            return f.write_str(name);
        }
        let mut own = Self::OWN.iter();
        f.write_str(
            own.find(|(_, one)| one == self)
                .map_or("", |(name, _)| name),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::ChannelName;

    #[test]
    fn every_channel_is_found_by_its_name() {
        for (name, channel) in ChannelName::OWN {
            assert_eq!(ChannelName::of(name), channel);
            assert_eq!(channel.to_string(), name);
            assert!(!channel.is_by_rule());
        }
        let rule = ChannelName::of("verdict");
        assert_eq!(rule, ChannelName::Gate("verdict".to_owned()));
        assert_eq!(rule.to_string(), "verdict");
        assert!(rule.is_by_rule());
    }
}
