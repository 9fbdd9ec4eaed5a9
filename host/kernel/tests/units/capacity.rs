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
