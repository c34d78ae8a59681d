//! Amount bands: the steps of a scale on which amounts of money lie.

/// Steps of 1, 2 and 5 times a power of ten, the usual ones of a scale that has no limits of its own.
const STEPS: [i64; 3] = [1, 2, 5];

/// The powers of ten, in units, that have steps: the greatest amount of a table lies below the last of them.
const POWERS: u32 = 16;

/// Minor units of a unit.
const UNIT: i64 = 100;

/// A scale of amounts. A band begins with its lower limit, which lies in it, and ends before the next limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmountBands {
    limits: Vec<i64>,
    names: Vec<String>,
}

impl AmountBands {
    /// A scale with these limits, ascending and in minor units; without any the steps 1, 2, 5, 10, 20, 50 and so on, in units.
    pub fn new(limits: &[i64]) -> Self {
        let steps = || (0..POWERS).flat_map(|power| STEPS.map(|step| step * 10_i64.pow(power) * UNIT));
        let limits: Vec<i64> = if limits.is_empty() { steps().collect() } else { limits.to_vec() };
        let names = (0..=limits.len()).map(|band| name(&limits, band)).collect();
        AmountBands { limits, names }
    }

    /// How many bands there are.
    pub fn number(&self) -> usize {
        self.names.len()
    }

    /// The band of an amount in minor units; 0 is the one below all limits.
    #[inline]
    pub fn of(&self, amount: i64) -> usize {
        self.limits.partition_point(|limit| *limit <= amount)
    }

    /// The names of the bands in units, from the lowest to the highest: `<100`, `100-250.50`, `250.50+`.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

/// The greatest of these steps, in minor units, that is at most one of `parts` of the mean of amounts, and at least one unit. `sum` is that of
/// `number` amounts in minor units.
pub fn width(sum: i64, number: i64, parts: i64) -> i64 {
    let steps = (0..POWERS).flat_map(|power| STEPS.map(|step| step * 10_i64.pow(power) * UNIT));
    let fits = |step: &i64| i128::from(*step) * i128::from(number) * i128::from(parts) <= i128::from(sum);
    steps.take_while(fits).last().unwrap_or(UNIT)
}

fn name(limits: &[i64], band: usize) -> String {
    let lower = band.checked_sub(1).and_then(|place| limits.get(place));
    match (lower, limits.get(band)) {
        (None, Some(upper)) => format!("<{}", in_units(*upper)),
        (Some(lower), Some(upper)) => format!("{}-{}", in_units(*lower), in_units(*upper)),
        (Some(lower), None) => format!("{}+", in_units(*lower)),
        (None, None) => String::new(),
    }
}

/// An amount that is not negative in units, without `.00`.
fn in_units(amount: i64) -> String {
    let (units, minor) = (amount.div_euclid(UNIT), amount.rem_euclid(UNIT));
    if minor == 0 { units.to_string() } else { format!("{units}.{minor:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_lies_in_the_band_that_it_begins() {
        let bands = AmountBands::new(&[100_00, 250_50]);
        assert_eq!(bands.names(), ["<100", "100-250.50", "250.50+"]);
        let found = [-5_00, 0, 99_99, 100_00, 250_49, 250_50, i64::MAX].map(|amount| bands.of(amount));
        assert_eq!(found, [0, 0, 0, 1, 1, 2, 2]);
    }

    #[test]
    fn the_width_of_bands_follows_the_mean() {
        // A fifth of 220 is 44, of 249.99 is under 50, of 250 is 50; of 4 and of nothing it is less than a unit.
        let found = [(220_00, 1), (249_99, 1), (500_00, 2), (4_00, 1), (0, 3)].map(|(sum, number)| width(sum, number, 5));
        assert_eq!(found, [20_00, 20_00, 50_00, 1_00, 1_00]);
    }

    #[test]
    fn without_limits_the_steps_are_1_2_5() {
        let bands = AmountBands::new(&[]);
        let named = |amount: i64| bands.names()[bands.of(amount)].as_str();
        let found = [-1, 0, 99, 1_00, 1_99, 2_00, 4_99, 5_00, 9_99, 10_00, 45_00, 6_789_00, 50_000_00].map(named);
        let expected = ["<1", "<1", "<1", "1-2", "1-2", "2-5", "2-5", "5-10", "5-10", "10-20", "20-50", "5000-10000", "50000-100000"];
        assert_eq!(found, expected);
        assert_eq!((bands.number(), named(i64::MAX)), (49, "5000000000000000+"));
    }
}
