//! Are bits counted from above, and never by more than a thousandth and a bit?

use proptest::prelude::*;

use lazaret_kernel::capacity::Bits;

/// What `f64` may be wrong by: 128 × 2⁻⁵² and a margin.
const FLOAT_ERROR: f64 = 1e-9;

#[expect(
    clippy::cast_precision_loss,
    reason = "the true value is compared with a tolerance"
)]
fn check(choices: u128) {
    let thousandths = Bits::of_choices(choices).thousandths();
    let counted = thousandths as f64 / 1000.0;
    let truth = (choices as f64).log2();
    assert!(
        counted >= truth - FLOAT_ERROR && counted <= truth + 0.001_01,
        "log2({choices}) is {truth}, counted as {counted}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_logarithm_is_never_below_the_truth_and_hardly_above(
        wide in 2u128.., width in 0u32..127, offset in -3i8..=3,
    ) {
        let narrow = wide >> width;
        let beside_a_power = (1u128 << (width + 1)).saturating_add_signed(i128::from(offset));
        for choices in [wide, narrow.max(2), beside_a_power.max(2)] {
            check(choices);
        }
    }

    #[test]
    fn more_choices_are_never_fewer_bits(a in any::<u128>(), b in any::<u128>()) {
        let (low, high) = (a.min(b), a.max(b));
        prop_assert!(Bits::of_choices(low) <= Bits::of_choices(high));
    }
}

#[test]
fn small_numbers_and_the_greatest_are_counted_from_above() {
    for choices in 2..=5_000 {
        check(choices);
    }
    check(u128::MAX);
    check(u128::MAX - 1);
    check((1 << 127) + 1);
    check((1 << 64) - 1);
}

/// The product of numbers of 32-bit digits, the lowest first.
fn product(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut digits = vec![0; a.len() + b.len()];
    for (place, one) in a.iter().enumerate() {
        let mut carried = 0;
        // The zero at the end takes in what is carried.
        for (digit, other) in digits.iter_mut().skip(place).zip(b.iter().chain([&0])) {
            let sum = *digit + one * other + carried;
            *digit = sum & 0xffff_ffff;
            carried = sum >> 32;
        }
    }
    digits
}

/// Says whether `choices⁸` is above `2^exponent`.
fn eighth_power_is_above(choices: u128, exponent: u32) -> bool {
    let digits: Vec<u64> = (0..4)
        .map(|place| u64::try_from(choices >> (32 * place) & 0xffff_ffff).unwrap())
        .collect();
    let square = product(&digits, &digits);
    let fourth = product(&square, &square);
    let eighth = product(&fourth, &fourth);
    let (whole, bit) = (exponent as usize / 32, exponent % 32);
    // The eighth power of an integer is no such power of two itself.
    let mut upper = eighth.iter().skip(whole);
    upper.next().is_some_and(|digit| digit >> bit > 0) || upper.any(|digit| *digit > 0)
}

/// Where the true logarithm is a hair above a whole thousandth, nothing may be lost: the smallest
/// number above `2^(n + k/8)`.
#[test]
fn a_hair_above_a_thousandth_is_the_next_one() {
    for whole in 1..127 {
        for eighths in 1..8 {
            let exponent = 8 * whole + eighths;
            let (mut low, mut high) = (1u128 << whole, 1u128 << (whole + 1));
            while low + 1 < high {
                let middle = low + (high - low) / 2;
                if eighth_power_is_above(middle, exponent) {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            let exact = u64::from(whole) * 1000 + u64::from(eighths) * 125;
            let counted = Bits::of_choices(high).thousandths();
            assert!(counted > exact, "{high} has {counted}");
            check(high);
        }
    }
}

#[test]
fn powers_of_two_are_exact_and_no_choice_is_no_bit() {
    for exponent in 0..128 {
        assert_eq!(Bits::of_choices(1 << exponent), Bits::whole(exponent));
    }
    assert_eq!(Bits::of_choices(0), Bits::ZERO);
    assert_eq!(Bits::of_choices(1), Bits::ZERO);
}

#[test]
fn sums_and_multiples_saturate() {
    let one = Bits::from_thousandths(1);
    assert_eq!(Bits::UNBOUNDED + one, Bits::UNBOUNDED);
    assert_eq!(Bits::whole(u32::MAX).times(u64::MAX), Bits::UNBOUNDED);
    assert_eq!(
        [one, one, Bits::whole(1)]
            .into_iter()
            .sum::<Bits>()
            .thousandths(),
        1_002
    );
    assert_eq!(Bits::whole(2).times(3), Bits::whole(6));
}

#[test]
fn bits_are_shown_with_three_digits() {
    assert_eq!(Bits::from_thousandths(1_585).to_string(), "1.585");
    assert_eq!(Bits::from_thousandths(7).to_string(), "0.007");
}
