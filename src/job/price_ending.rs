//! `params.price_ending`: the amounts at which a shop sets its prices and thresholds (价格尾数), such as 99, 199, 299.

use super::section::Section;
use super::shape::Shape;
use super::tree::Node;
use super::values;
use crate::spec::currency::LARGEST;

/// The amounts `ending + n × step`, in minor units; `ending` is below `step`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceEnding {
    /// From one amount to the next, above 0.
    pub step: i64,
    /// The least amount.
    pub ending: i64,
}

impl Default for PriceEnding {
    /// Whole units of the currency.
    fn default() -> Self {
        PriceEnding { step: 100, ending: 0 }
    }
}

impl PriceEnding {
    /// The amount nearest to a fraction of minor units, the higher one where two are as near; `None` beyond what amounts can be.
    pub fn nearest(self, numerator: i128, denominator: i128) -> Option<i64> {
        let (step, ending) = (i128::from(self.step), i128::from(self.ending));
        // The greatest n with ending + n × step <= numerator / denominator + step / 2, over 2 × denominator × step.
        let doubled =
            numerator.checked_sub(ending.checked_mul(denominator)?)?.checked_mul(2)?.checked_add(step.checked_mul(denominator)?)?;
        let steps = doubled.checked_div_euclid(step.checked_mul(denominator)?.checked_mul(2)?)?;
        i64::try_from(ending.checked_add(steps.max(0).checked_mul(step)?)?).ok().filter(|amount| *amount <= LARGEST)
    }
}

/// Reads the section.
pub(super) fn read(params: &Section<'_>) -> Option<PriceEnding> {
    let section = params.section("price_ending")?;
    let amount = |_: &Shape, node: &Node| values::amount(node).and_then(|amount| values::not_negative(node, amount));
    let (step, ending) = (section.value("step", amount), section.value("ending", amount));
    let (step, ending) = (step?, ending?);
    if step <= ending {
        let place = section.place_of(if section.entry("ending").is_some() { "ending" } else { "step" });
        let message = format!("`{}.ending` must be less than `step`", section.path);
        section.check.note(place, message, "write `step: 100` and `ending: 99` for 99, 199, 299");
        return None;
    }
    Some(PriceEnding { step, ending })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_amount_with_the_ending() {
        let nines = PriceEnding { step: 10_00, ending: 9_00 };
        // 143.99 lies 4.99 above 139 and 5.01 below 149; 144.00 as near to both.
        assert_eq!(
            [(143_99, 1), (144_00, 1), (3, 1), (288_00, 2)].map(|(of, by)| nines.nearest(of, by)),
            [139_00, 149_00, 9_00, 149_00].map(Some)
        );
        assert_eq!(PriceEnding::default().nearest(100_00 * 3, 7), Some(43_00));
        assert_eq!(PriceEnding::default().nearest(i128::MAX, 1), None);
        // The greatest amount ends in 99, and the next whole unit has a digit too many for a table.
        let largest = i128::from(LARGEST);
        assert_eq!([largest - 50, largest - 49].map(|of| PriceEnding::default().nearest(of, 1)), [Some(LARGEST - 99), None]);
        assert_eq!(nines.nearest(1, 0), None);
    }
}
