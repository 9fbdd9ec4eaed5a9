//! How a busy provider behaves: late, full, broken or silent for a share of the requests.
//!
//! Which requests, follows from the seed and from what is asked, and how often it was asked
//! before; the order in which parallel requests arrive does not matter.

use std::collections::BTreeMap;
use std::time::Duration;

/// Shares of the requests, in parts of a thousand, and how long answers take.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    pub(crate) seed: u64,
    /// An answer begins after so many milliseconds at least.
    pub(crate) least_ms: u64,
    /// And at most; short waits are more frequent than long ones.
    pub(crate) most_ms: u64,
    /// The provider fails: 500.
    pub(crate) errors: u64,
    /// It is overloaded: 529.
    pub(crate) overloads: u64,
    /// It limits the rate: 429, with a wait of a second.
    pub(crate) limits: u64,
    /// It says nothing.
    pub(crate) hangs: u64,
    /// It stops in the middle, and the connection stays.
    pub(crate) stalls: u64,
    /// The connection is cut in the middle.
    pub(crate) cuts: u64,
}

/// What a request meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Answer,
    Refuse(&'static str),
    Hang,
    Stall,
    Cut,
}

/// What was decided, for a test to compare with what the client counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) answers: u32,
    pub(crate) refusals: u32,
    pub(crate) hangs: u32,
    pub(crate) breaks: u32,
}

/// How often each request was asked.
#[derive(Debug, Default)]
pub(super) struct Asked(BTreeMap<u64, u64>);

impl Weather {
    /// Reads `NAME=NUMBER` pairs, as the standalone server is given them.
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut weather = Self::default();
        for word in words {
            let wrong = || format!("`{word}` is not one of {}", Self::NAMES.join(", "));
            let (name, number) = word.split_once('=').ok_or_else(wrong)?;
            let field = match name {
                "seed" => &mut weather.seed,
                "least_ms" => &mut weather.least_ms,
                "most_ms" => &mut weather.most_ms,
                "errors" => &mut weather.errors,
                "overloads" => &mut weather.overloads,
                "limits" => &mut weather.limits,
                "hangs" => &mut weather.hangs,
                "stalls" => &mut weather.stalls,
                "cuts" => &mut weather.cuts,
                _ => return Err(wrong()),
            };
            *field = number.parse().map_err(|_no_number| wrong())?;
        }
        Ok(weather)
    }

    const NAMES: [&'static str; 9] = [
        "seed=N",
        "least_ms=N",
        "most_ms=N",
        "errors=N",
        "overloads=N",
        "limits=N",
        "hangs=N",
        "stalls=N",
        "cuts=N (shares in parts of a thousand)",
    ];

    /// Decides what a request meets, and how long it waits for that.
    pub(super) fn decide(&self, asked: &mut Asked, path: &str, body: &[u8]) -> (Fate, Duration) {
        let key = fnv1a(path.as_bytes(), fnv1a(body, FNV_START));
        let times = asked.0.entry(key).or_default();
        let mut dice = Dice(self.seed ^ key ^ times.wrapping_mul(GOLDEN));
        *times += 1;
        let drawn = dice.next() % 1_000;
        let shares = [
            (self.errors, Fate::Refuse("500")),
            (self.overloads, Fate::Refuse("529")),
            (self.limits, Fate::Refuse("429-seconds")),
            (self.hangs, Fate::Hang),
            (self.stalls, Fate::Stall),
            (self.cuts, Fate::Cut),
        ];
        let mut sum = 0;
        let fate = shares.into_iter().find(|(share, _)| {
            sum += share;
            drawn < sum
        });
        let fate = fate.map_or(Fate::Answer, |(_, fate)| fate);
        (fate, self.wait(&mut dice))
    }

    /// The smaller of two draws, so that two thirds of the waits are in the lower half.
    fn wait(&self, dice: &mut Dice) -> Duration {
        let span = self.most_ms.saturating_sub(self.least_ms) + 1;
        let drawn = (dice.next() % span).min(dice.next() % span);
        Duration::from_millis(self.least_ms + drawn)
    }
}

impl Told {
    pub(super) fn count(&mut self, fate: Fate) {
        let counter = match fate {
            Fate::Answer => &mut self.answers,
            Fate::Refuse(_) => &mut self.refusals,
            Fate::Hang => &mut self.hangs,
            Fate::Stall | Fate::Cut => &mut self.breaks,
        };
        *counter += 1;
    }
}

/// A sequence that a seed repeats (`SplitMix64`).
struct Dice(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn fnv1a(bytes: &[u8], start: u64) -> u64 {
    bytes.iter().fold(start, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
