//! Weeks: the past weeks that simulations string together, and how often each one is drawn.

use std::sync::Arc;

use super::figures::ShopFigures;
use crate::metric::ratio::ratio_of;
use crate::metric::sums::{Quantity, Sums};
use crate::spec::Day;
use crate::statistics::random::Random;

/// Weeks that simulations draw from: a quarter of a year.
pub const WEEKS: usize = 13;

/// A past week of a shop, without what all shops had in common in it: a promotion that is among the last weeks comes again when the season
/// says so, and not as often as its week happens to be drawn.
pub struct Week {
    whole: Sums<f64>,
    /// The sums of its first days, as many as the cycle has beyond whole weeks.
    first_days: Sums<f64>,
}

/// The paid orders of all shops in the last weeks, the latest first.
pub struct AllWeeks([i64; WEEKS]);

/// The first day of a past week, 0 the latest.
fn first_day(as_of: Day, week: usize) -> Day {
    as_of - 7 * (week as i32 + 1) + 1
}

impl AllWeeks {
    /// The weeks up to the as-of date.
    pub fn of(shops: &[Arc<ShopFigures>], as_of: Day) -> AllWeeks {
        AllWeeks(std::array::from_fn(|week| shops.iter().map(|shop| paid_orders(shop, first_day(as_of, week))).sum()))
    }

    /// What the other shops had in each week, relative to their mean week, as far as chance does not explain it.
    fn common(&self, own: &[i64]) -> Vec<f64> {
        let others: Vec<f64> = self.0.iter().zip(own).map(|(all, own)| (all - own) as f64).collect();
        let count = others.len() as f64;
        let Some(mean) = ratio_of(others.iter().sum(), count).filter(|mean| *mean > 0.0) else { return vec![1.0; own.len()] };
        let relative: Vec<f64> = others.iter().filter_map(|orders| ratio_of(*orders, mean)).collect();
        let variance = ratio_of(relative.iter().map(|week| (week - 1.0).powi(2)).sum(), count - 1.0).unwrap_or(0.0);
        let by_chance = ratio_of(1.0, mean).unwrap_or(0.0);
        let believed = ratio_of(variance - by_chance, variance).unwrap_or(0.0).max(0.0);
        relative.iter().map(|week| 1.0 + believed * (week - 1.0)).collect()
    }

    /// The last weeks of a shop, the latest first; `rest` is the number of days that the cycle has beyond whole weeks.
    pub fn of_shop(&self, shop: &ShopFigures, as_of: Day, rest: i32) -> Vec<Week> {
        let there = (0..WEEKS).filter(|week| first_day(as_of, *week) >= shop.first).count();
        let own: Vec<i64> = (0..there).map(|week| paid_orders(shop, first_day(as_of, week))).collect();
        let common = self.common(&own);
        let without: f64 = own.iter().zip(&common).filter_map(|(own, common)| ratio_of(*own as f64, *common)).sum();
        // The mean of the shop's weeks stays what it was.
        let kept = ratio_of(own.iter().sum::<i64>() as f64, without).filter(|kept| *kept > 0.0).unwrap_or(1.0);
        let week = |(week, common): (usize, &f64)| {
            let scale = ratio_of(kept, *common).unwrap_or(1.0);
            let sums = |days: i32| shop.sums(first_day(as_of, week), first_day(as_of, week) + days - 1).map(|sum| scale * sum);
            Week { whole: sums(7), first_days: sums(rest) }
        };
        common.iter().enumerate().map(week).collect()
    }
}

fn paid_orders(shop: &ShopFigures, first: Day) -> i64 {
    shop.quantity(Quantity::PaidOrders, first, first + 6)
}

/// The weight of each past week, whole and in part, including the season; the same for all shops.
pub struct Weights {
    whole: [f64; WEEKS],
    part: [f64; WEEKS],
}

impl Weights {
    /// Draws a week for each one to come, of which `blocks` has the season.
    pub fn draw(blocks: &[f64], days_left: usize, random: &mut Random) -> Weights {
        let mut weights = Weights { whole: [0.0; WEEKS], part: [0.0; WEEKS] };
        // The past weeks are themselves a sample: drawing from a sample of them allows for true rates of the shop that differ from
        // those of these weeks.
        let sampled: [usize; WEEKS] = std::array::from_fn(|_| random.below(WEEKS));
        for (number, factor) in blocks.iter().enumerate() {
            let week = sampled[random.below(WEEKS)];
            let kind = if (number + 1) * 7 <= days_left { &mut weights.whole } else { &mut weights.part };
            kind[week] += factor;
        }
        weights
    }

    /// The sums so far and those of the weeks drawn, at a level of the shop.
    pub fn end(&self, so_far: &Sums<f64>, weeks: &[Week], level: f64) -> Sums<f64> {
        let mut end = *so_far;
        // A young shop has fewer weeks, which are drawn more often.
        let count = weeks.len().max(1);
        for (week, (whole, part)) in self.whole.iter().zip(&self.part).enumerate() {
            // Most weeks are not drawn, and add nothing.
            let Some(week) = weeks.get(week % count).filter(|_| *whole != 0.0 || *part != 0.0) else { continue };
            let drawn = week.whole.with(&week.first_days, |all, first| level * (whole * all + part * first));
            end = end.with(&drawn, |end, more| end + more);
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often a past week is drawn for 13 weeks to come. Its number K among the 13 sampled is binomial, and how often it is drawn is
    /// binomial with the chance p = K / 13, so that the variance is 13 × mean of p(1 − p), and 169 × the variance of p. The mean of p is
    /// 1/13, its variance 1/13 × 12/13 / 13 = 12/2197, so that p(1 − p) is 1/13 − 1/169 − 12/2197 = 144/2197 on average:
    /// 144/169 + 12/13 = 300/169. By 13 draws of the weeks themselves it would be 12/13.
    #[test]
    fn weeks_are_drawn_from_a_sample_of_them() {
        let mut random = Random::new(17);
        let mut numbers = Vec::new();
        for _ in 0..4_000 {
            let Weights { whole, part } = Weights::draw(&[1.0; WEEKS], 7 * WEEKS, &mut random);
            assert!(whole.iter().sum::<f64>() == 13.0 && part == [0.0; WEEKS]);
            numbers.extend(whole);
        }
        let variance = numbers.iter().map(|number| (number - 1.0).powi(2)).sum::<f64>() / numbers.len() as f64;
        // The standard error is about 0.02.
        assert!((variance - 300.0 / 169.0).abs() < 0.08, "{variance}");
    }

    #[test]
    fn a_week_that_is_cut_off_counts_in_part_and_the_season_scales_all() {
        // 17 days: two weeks with the seasons 2 and 0.5, and three days with 3.
        let Weights { whole, part } = Weights::draw(&[2.0, 0.5, 3.0], 17, &mut Random::new(1));
        assert_eq!((whole.iter().sum::<f64>(), part.iter().sum::<f64>()), (2.5, 3.0));
        assert_eq!(part.iter().filter(|weight| **weight > 0.0).count(), 1);
    }
}
