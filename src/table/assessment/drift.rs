//! Drift: the growth of each shop relative to that of all shops, which goes on, but more and more slowly.
//!
//! What all shops do together, season and growth alike, cancels out of the ratio of a shop to all of them, so that its slope needs no
//! second year. Slopes are drawn towards their mean as far as chance explains how they differ (empirical Bayes: C. Morris, "Parametric
//! Empirical Bayes Inference", JASA 78, 1983).

use std::sync::Arc;

use super::figures::ShopFigures;
use super::season::orders;
use crate::metric::ratio::ratio_of;
use crate::spec::Day;

/// The days of a block, and the blocks over which a slope is measured: a year.
const BLOCK_DAYS: i32 = 28;
const BLOCKS: i32 = 13;

/// The fewest blocks that give a slope.
const LEAST_BLOCKS: usize = 4;

/// What of the growth of a block is left in the next (E. Gardner, E. McKenzie, "Forecasting Trends in Time Series", Management Science
/// 31(10), 1985); the same as in the forecast of new customers.
const DAMPING: f64 = 0.9;

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
        let old: Vec<&Arc<ShopFigures>> = shops.iter().filter(|shop| shop.first <= origin - BLOCK_DAYS * BLOCKS + 1).collect();
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
