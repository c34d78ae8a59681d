//! Drift: the growth of each shop relative to that of all shops, which goes on, but more and more slowly.
//!
//! What all shops do together, season and growth alike, cancels out of the ratio of a shop to all of them, so that its slope needs no
//! second year. Slopes are drawn towards their mean as far as chance explains how they differ (empirical Bayes: C. Morris, "Parametric
//! Empirical Bayes Inference", JASA 78, 1983).

use std::sync::Arc;

use super::figures::ShopFigures;
use super::season::{BLOCK_DAYS, BLOCKS, YEAR_DAYS, orders};
use crate::metric::damped_trend::DAMPING;
use crate::metric::ratio::ratio_of;
use crate::spec::Day;

/// The fewest blocks that give a slope.
const LEAST_BLOCKS: usize = 4;

/// The drift of each shop a block of 28 days, as a logarithm, relative to the mean shop.
pub struct Drift(Vec<f64>);

/// The slope of a shop and its variance.
#[derive(Clone, Copy)]
struct Slope {
    value: f64,
    variance: f64,
}

impl Drift {
    /// The drift of the shops, from the year up to a day.
    pub fn of(shops: &[Arc<ShopFigures>], origin: Day) -> Drift {
        let old: Vec<&Arc<ShopFigures>> = shops.iter().filter(|shop| shop.first <= origin - YEAR_DAYS + 1).collect();
        // The latest block first.
        let blocks = |shop: &ShopFigures| (1..=BLOCKS).map(|back| orders(shop, origin - BLOCK_DAYS * back, BLOCK_DAYS)).collect();
        let mut all = vec![0i64; BLOCKS as usize];
        for shop in &old {
            let own: Vec<i64> = blocks(shop);
            all.iter_mut().zip(own).for_each(|(all, own)| *all += own);
        }
        let slope = |shop: &Arc<ShopFigures>| {
            let there = (origin - shop.first + 1).max(0).div_euclid(BLOCK_DAYS).min(BLOCKS) as usize;
            let own: Vec<i64> = blocks(shop);
            slope(own.get(..there)?, &all)
        };
        Drift(shrunk(&shops.iter().map(slope).collect::<Vec<_>>()))
    }

    /// The logarithm by which the shop at that place differs from the mean shop after so many days.
    pub fn after(&self, place: usize, days: f64) -> f64 {
        let blocks = ratio_of(days, f64::from(BLOCK_DAYS)).unwrap_or(0.0);
        // The sum of a geometric series, for parts of a block as well.
        let damped = ratio_of(DAMPING * (1.0 - DAMPING.powf(blocks)), 1.0 - DAMPING).unwrap_or(0.0);
        self.0.get(place).map_or(0.0, |slope| slope * damped)
    }
}

/// The slope of a line of least squares through the logarithms of own orders relative to all, the latest first.
fn slope(own: &[i64], all: &[i64]) -> Option<Slope> {
    let count = own.len();
    if count < LEAST_BLOCKS || own.iter().chain(all.get(..count)?).any(|orders| *orders <= 0) {
        return None;
    }
    let values: Vec<f64> = own.iter().zip(all).filter_map(|(own, all)| ratio_of(*own as f64, *all as f64)).map(f64::ln).collect();
    let number = count as f64;
    let mean = ratio_of(values.iter().sum(), number)?;
    let middle = 0.5 * (number - 1.0);
    // Time rises as the index falls.
    let time = |index: usize| middle - index as f64;
    let squares: f64 = (0..count).map(|index| time(index).powi(2)).sum();
    let value = ratio_of(values.iter().enumerate().map(|(index, value)| time(index) * (value - mean)).sum(), squares)?;
    let rest: f64 = values.iter().enumerate().map(|(index, own)| (own - mean - value * time(index)).powi(2)).sum();
    // Orders scatter at least as those that come independently of each other (Poisson).
    let by_chance = ratio_of(own.iter().filter_map(|orders| ratio_of(1.0, *orders as f64)).sum(), number)?;
    Some(Slope { value, variance: ratio_of(ratio_of(rest, number - 2.0)?.max(by_chance), squares)? })
}

/// The slopes less their mean, drawn towards it; 0 where a shop has none.
fn shrunk(slopes: &[Option<Slope>]) -> Vec<f64> {
    // A slope that is sure weighs as much as the shops truly differ, which is a few per cent a block at least.
    const LEAST_DIFFERENCE: f64 = 0.02;
    let weight = |slope: &Slope| ratio_of(1.0, slope.variance + LEAST_DIFFERENCE.powi(2)).unwrap_or(0.0);
    let weighted = |of: &dyn Fn(&Slope) -> f64| {
        let there = || slopes.iter().flatten();
        ratio_of(there().map(|slope| weight(slope) * of(slope)).sum(), there().map(weight).sum()).unwrap_or(0.0)
    };
    let mean = weighted(&|slope| slope.value);
    let true_variance = weighted(&|slope| (slope.value - mean).powi(2) - slope.variance).max(0.0);
    let shrink = |slope: &Slope| ratio_of(true_variance, true_variance + slope.variance).unwrap_or(0.0) * (slope.value - mean);
    slopes.iter().map(|slope| slope.as_ref().map_or(0.0, shrink)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::facts::Facts;
    use crate::metric::sums::{Quantity, Sums};
    use crate::table::testing::day;

    /// A year of a shop that grows by so much a block of 28 days, as a logarithm, with 10,000 orders a day in the middle of the year.
    fn growing(shop: u32, origin: Day, a_block: f64) -> Arc<ShopFigures> {
        let blocks = (0..BLOCKS).flat_map(|block| (0..BLOCK_DAYS).map(move |_| f64::from(block) - 6.0));
        let days: Vec<Sums<i64>> = blocks
            .map(|block| {
                let mut day = Sums::default();
                day[Quantity::PaidOrders] = (10_000.0 * (a_block * block).exp()).round() as i64;
                day
            })
            .collect();
        Arc::new(ShopFigures::invented(shop, origin - YEAR_DAYS + 1, &days, &Arc::new(Facts::default())))
    }

    #[test]
    fn a_drift_goes_on_more_and_more_slowly() {
        let drift = Drift(vec![0.1, -0.2]);
        // 0.9 of it in the first block, 0.81 in the second; (1 − 0.9^0.5) × 9 in the first half of a block.
        for (place, days, expected) in
            [(0, 0.0, 0.0), (0, 28.0, 0.09), (0, 56.0, 0.171), (0, 14.0, 0.9 * (1.0 - 0.9_f64.sqrt())), (1, 28.0, -0.18), (2, 28.0, 0.0)]
        {
            let found = drift.after(place, days);
            assert!((found - expected).abs() < 1e-12, "{place} {days}: {found}, not {expected}");
        }
    }

    /// One shop gains as much a block as the other loses. Both of them together are as large as long before the middle of the year as after
    /// it, so that the slopes relative to both are 4 % and −4 %, and their mean is 0.
    #[test]
    fn shops_that_grow_and_shrink_go_on_to() {
        let origin = day("2026-11-21");
        let drift = Drift::of(&[growing(0, origin, 0.04), growing(1, origin, -0.04)], origin);
        for (place, expected) in [(0, 0.04), (1, -0.04)] {
            // Little of a slope that is sure is drawn towards the mean.
            let found = drift.after(place, 28.0);
            assert!((found - 0.9 * expected).abs() < 0.01 * 0.04, "{place}: {found}");
        }
    }

    #[test]
    fn growth_that_all_shops_have_is_no_drift() {
        let origin = day("2026-11-21");
        let shops: Vec<Arc<ShopFigures>> = (0..3).map(|shop| growing(shop, origin, 0.05)).collect();
        let drift = Drift::of(&shops, origin);
        assert!((0..3).all(|place| drift.after(place, 91.0).abs() < 1e-9));
    }
}
