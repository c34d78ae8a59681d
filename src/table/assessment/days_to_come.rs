//! Days to come: the sums of all shops at the end of a cycle that runs, drawn anew in each simulation.

use std::sync::Arc;

use super::at_end::PreparedRequirement;
use super::figures::ShopFigures;
use super::level::Level;
use super::rare_days::RareDays;
use super::season::Season;
use super::weeks::{AllWeeks, Week, Weights};
use crate::metric::cycle::Cycle;
use crate::metric::sums::Sums;
use crate::spec::Day;
use crate::statistics::random::Random;

/// All shops, from which the days to come of their cycles are drawn.
pub struct Past<'a> {
    /// The shops, ascending by code.
    pub shops: &'a [Arc<ShopFigures>],
    /// The as-of date.
    pub as_of: Day,
    season: Season<'a>,
    weeks: AllWeeks,
}

/// The days that a cycle still has.
pub struct DaysToCome {
    days: i32,
    /// The season of each week to come; the last one may be a part of a week.
    season: Vec<f64>,
    /// Those that are asked for.
    shops: Vec<ShopDaysToCome>,
    level: Level,
    rare: RareDays,
}

/// What the days to come of all shops have in common in one simulation.
pub struct CommonDays {
    weights: Weights,
    /// The logarithm of the growth of all.
    growth: f64,
}

/// The days to come of one shop.
struct ShopDaysToCome {
    /// Its place among all.
    place: usize,
    /// The sums of the cycle so far; of the ratings, those that will still count at its end.
    so_far: Sums<f64>,
    /// The last weeks, the latest first.
    weeks: Vec<Week>,
    /// The logarithm of the mean level relative to the season.
    level: f64,
}

impl<'a> Past<'a> {
    /// The past of the shops.
    pub fn of(shops: &'a [Arc<ShopFigures>], as_of: Day) -> Self {
        Past { shops, as_of, season: Season::new(shops), weeks: AllWeeks::of(shops, as_of) }
    }

    /// The days to come of a cycle, with what these requirements need, of the shops at those places.
    pub fn days_to_come(&self, cycle: Cycle, requirements: &[PreparedRequirement<'_>], places: &[usize]) -> DaysToCome {
        let days = (cycle.end - self.as_of).max(0);
        let weeks = (days + 6).div_euclid(7);
        let season = (0..weeks).map(|week| self.season.factor(self.as_of, week * 7, 7).unwrap_or(1.0)).collect();
        let level = Level::of(self.shops, &self.season, self.as_of, days);
        let shop = |place: &usize| {
            let (shop, level) = self.shops.get(*place).zip(level.means.get(*place))?;
            let so_far = shop.sums_that_count_on(cycle.start, cycle.end);
            let weeks = self.weeks.of_shop(shop, self.as_of, days % 7);
            Some(ShopDaysToCome { place: *place, so_far, weeks, level: *level })
        };
        let shops = places.iter().filter_map(shop).collect();
        let rare = RareDays::of(self.shops, requirements, cycle.start, self.as_of);
        DaysToCome { days, season, shops, level, rare }
    }
}

impl DaysToCome {
    /// Draws what all shops have in common: the weeks, and the growth.
    pub fn draw(&self, random: &mut Random) -> CommonDays {
        CommonDays { weights: Weights::draw(&self.season, self.days as usize, random), growth: self.level.common_spread * random.normal() }
    }

    /// Draws the sums of each of the shops at the end of the cycle, in the order of their places, each by the random numbers of the shop.
    pub fn ends(&self, common: &CommonDays, randoms: &mut [Random]) -> Vec<Sums<f64>> {
        let end = |(shop, random): (&ShopDaysToCome, &mut Random)| {
            let own = self.level.own_spread * random.normal();
            let mut end = common.weights.end(&shop.so_far, &shop.weeks, (shop.level + common.growth + own).exp());
            self.rare.draw(shop.place, &shop.so_far, &mut end, random);
            end
        };
        self.shops.iter().zip(randoms).map(end).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::facts::Facts;
    use crate::job::rule::AssessedPeriod;
    use crate::metric::cycle::cycles;
    use crate::metric::sums::Quantity;
    use crate::spec::Grain;
    use crate::table::assessment::invented::sold;
    use crate::table::testing::day;

    /// Two shops of which every day is the same, so that only the spreads of the level move the end: 10 orders on each of the 51 days so far, and
    /// 10 × e^(common + own) on each of the 41 to come.
    #[test]
    fn the_common_spread_is_of_all_shops_and_the_own_one_of_each() {
        let (first, as_of) = (day("2024-01-01"), day("2026-11-20"));
        let facts = Arc::new(Facts::default());
        let days = vec![sold(10, 100); (as_of - first + 1) as usize];
        let shops: Vec<Arc<ShopFigures>> = (0..2).map(|shop| Arc::new(ShopFigures::invented(shop, first, &days, &facts))).collect();
        let quarter = cycles(AssessedPeriod::Calendar(Grain::Quarter), None, first, as_of).into_iter().last().unwrap();
        let mut to_come = Past::of(&shops, as_of).days_to_come(quarter, &[], &[0, 1]);
        (to_come.level.common_spread, to_come.level.own_spread) = (0.2, 0.1);

        let (mut random, mut randoms) = (Random::new(47), [48, 49].map(Random::new));
        let drawn: Vec<[f64; 2]> = (0..4_000)
            .map(|_| {
                let common = to_come.draw(&mut random);
                let ends = to_come.ends(&common, &mut randoms);
                [0, 1].map(|shop| ((ends[shop][Quantity::PaidOrders] - 510.0) / 410.0).ln())
            })
            .collect();
        let mean_of = |of: fn(&[f64; 2]) -> f64| drawn.iter().map(of).sum::<f64>() / drawn.len() as f64;
        // Variances 0.2² + 0.1², covariance 0.2²; the standard errors are about 0.0011.
        let found = [mean_of(|[one, _]| one * one), mean_of(|[_, other]| other * other), mean_of(|[one, other]| one * other)];
        assert!(found.iter().zip([0.05, 0.05, 0.04]).all(|(found, expected)| (found - expected).abs() < 0.0045), "{found:?}");
        assert!(mean_of(|[one, _]| *one).abs() < 0.014);
    }
}
