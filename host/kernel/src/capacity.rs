//! How many bits an answer can carry, counted in thousandths and rounded up.
//!
//! Whole numbers keep the count the same on every machine and in every recount.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

/// A number of bits, in thousandths, rounded up. Saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bits(u64);

impl Bits {
    /// No information.
    pub const ZERO: Self = Self(0);
    /// More than any budget.
    pub const UNBOUNDED: Self = Self(u64::MAX);

    /// Returns so many thousandths of a bit.
    pub const fn from_thousandths(thousandths: u64) -> Self {
        Self(thousandths)
    }

    /// Returns so many whole bits.
    pub const fn whole(bits: u32) -> Self {
        Self(bits as u64 * 1000)
    }

    /// Returns the thousandths.
    pub const fn thousandths(self) -> u64 {
        self.0
    }

    /// Returns log₂ of a number of possible answers, rounded up; none or one is no information.
    ///
    /// The fraction is found by repeated squaring of the mantissa (D. Knuth, *The Art of
    /// Computer Programming* vol. 1, 1.2.2 exercise 25): 20 binary digits, then rounded up to
    /// the next thousandth.
    pub fn of_choices(choices: u128) -> Self {
        if choices <= 1 {
            return Self::ZERO;
        }
        let whole = u64::from(choices.ilog2());
        if choices.is_power_of_two() {
            return Self(whole * 1000);
        }
        // The mantissa in [1, 2) as a fixed-point number with 62 fraction bits, rounded up.
        let shift = i64::try_from(whole).unwrap_or(0) - 62;
        let mut mantissa = if shift > 0 {
            (choices >> shift) + 1
        } else {
            choices << -shift
        };
        let mut fraction = 0u64;
        for _ in 0..FRACTION_DIGITS {
            mantissa = ((mantissa * mantissa) >> 62) + 1;
            fraction <<= 1;
            if mantissa >> 63 != 0 {
                fraction |= 1;
                mantissa = (mantissa >> 1) + 1;
            }
        }
        let thousandths = ((fraction + 1) * 1000).div_ceil(1 << FRACTION_DIGITS);
        Self(whole * 1000 + thousandths.min(1000))
    }

    /// Returns what is left where so many are spent.
    #[must_use]
    pub const fn less(self, spent: Self) -> Self {
        Self(self.0.saturating_sub(spent.0))
    }

    /// Returns this many bits `times` over.
    #[must_use]
    pub const fn times(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

/// So many that the last one hardly ever rounds up to another thousandth: log₂3 is 1.585.
const FRACTION_DIGITS: u32 = 20;

impl Add for Bits {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Bits {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}
