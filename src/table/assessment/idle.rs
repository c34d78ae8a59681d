//! Idle: months to come without business, as a chain of which the next month depends on the one before.
//!
//! How often a shop with business stops, and how often one without stays so, follows from the months of all shops and by its own: a prior of
//! all shops, as sure as [`YEAR`] own months with business or [`FEW`] without would be (empirical Bayes).

use std::sync::Arc;

use super::figures::ShopFigures;
use super::measured::longest_run;
use crate::metric::ratio::{Quotient, ratio_of};
use crate::spec::{Day, Grain};
use crate::statistics::random::Random;

/// Own months with business that weigh as much as all shops.
const YEAR: f64 = 12.0;

/// Own months without business that weigh as much as all shops.
const FEW: f64 = 2.0;

/// How often something was followed by a month without business.
#[derive(Debug, Clone, Copy, Default)]
struct Followed {
    by_idle: f64,
    months: f64,
}

impl Followed {
    fn add(&mut self, is_idle: bool) {
        self.by_idle += f64::from(u8::from(is_idle));
        self.months += 1.0;
    }

    /// The mean probability, with half a month more of either kind (Jeffreys).
    fn mean(self) -> f64 {
        Quotient { numerator: self.by_idle + 0.5, denominator: self.months + 1.0 }.value().unwrap_or(0.5)
    }

    /// Draws a probability from what is known of it.
    fn draw(self, prior: f64, strength: f64, random: &mut Random) -> f64 {
        let idle = random.gamma(self.by_idle + prior * strength);
        let business = random.gamma(self.months - self.by_idle + (1.0 - prior) * strength);
        ratio_of(idle, idle + business).unwrap_or(prior)
    }
}

/// What followed months with business, and without.
#[derive(Debug, Clone, Copy, Default)]
struct Chain {
    business: Followed,
    idle: Followed,
}

/// The chains of all shops.
pub struct IdleMonths {
    all: Chain,
    own: Vec<Chain>,
}

/// What a simulation of months without business begins with.
pub struct IdleStart {
    /// The months of the period that are known, in order.
    known: Vec<bool>,
    /// Months of the period that are not over and not known.
    to_come: usize,
    /// Whether the last known month, in the period or before, had no business.
    is_idle: bool,
    /// Whether none that comes can have any.
    stays_idle: bool,
}

impl IdleMonths {
    /// The chains of these shops, from all of their months that are over.
    pub fn of(shops: &[Arc<ShopFigures>], as_of: Day) -> IdleMonths {
        let own: Vec<Chain> = shops.iter().map(|shop| chain(&past(shop, as_of))).collect();
        let all = own.iter().fold(Chain::default(), |all, own| {
            let plus = |all: Followed, own: Followed| Followed { by_idle: all.by_idle + own.by_idle, months: all.months + own.months };
            Chain { business: plus(all.business, own.business), idle: plus(all.idle, own.idle) }
        });
        IdleMonths { all, own }
    }

    /// Draws the longest run of months without business at the end of a period of the shop at that place.
    pub fn longest(&self, place: usize, start: &IdleStart, random: &mut Random) -> i64 {
        let own = self.own.get(place).copied().unwrap_or_default();
        let begins = own.business.draw(self.all.business.mean(), YEAR, random);
        let lasts = own.idle.draw(self.all.idle.mean(), FEW, random);
        let mut is_idle = start.is_idle;
        let to_come = (0..start.to_come).map(|_| {
            is_idle = start.stays_idle || random.unit() < if is_idle { lasts } else { begins };
            is_idle
        });
        longest_run(start.known.iter().copied().chain(to_come))
    }
}

impl IdleStart {
    /// Of a shop in a period that has not ended.
    pub fn of(shop: &ShopFigures, from: Day, to: Day) -> IdleStart {
        // A month that runs has business once something was sold, and has none where nothing is live.
        let is_known = |month: i32| {
            let sold = !shop.is_idle(month);
            Grain::Month.end(month) <= shop.last || (Grain::Month.start(month) <= shop.last && (sold || shop.live_items(month) == Some(0)))
        };
        let known: Vec<bool> = shop.whole_months(from, to).filter(|month| is_known(*month)).map(|month| shop.is_idle(month)).collect();
        let to_come = shop.whole_months(from, to).count() - known.len();
        let is_idle = known.last().copied().or_else(|| past(shop, shop.last).last().copied()).unwrap_or(false);
        IdleStart { known, to_come, is_idle, stays_idle: shop.has_no_category() }
    }
}

/// The months of a shop that are over, in order: whether each was without business.
fn past(shop: &ShopFigures, as_of: Day) -> Vec<bool> {
    shop.whole_months(shop.known_from.unwrap_or(shop.begin), as_of).map(|month| shop.is_idle(month)).collect()
}

fn chain(months: &[bool]) -> Chain {
    let mut chain = Chain::default();
    for (before, after) in months.iter().zip(months.iter().skip(1)) {
        if *before { chain.idle.add(*after) } else { chain.business.add(*after) }
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 100 months with business 10 were followed by one without, and 6 of 10 without. The shop itself had 3 of 20 and 4 of 6.
    fn months() -> IdleMonths {
        let chain = |business: (f64, f64), idle: (f64, f64)| Chain {
            business: Followed { by_idle: business.0, months: business.1 },
            idle: Followed { by_idle: idle.0, months: idle.1 },
        };
        IdleMonths { all: chain((10.0, 100.0), (6.0, 10.0)), own: vec![chain((3.0, 20.0), (4.0, 6.0))] }
    }

    /// The share of draws in which the longest run is that long.
    fn share(is_idle: bool, to_come: usize, longest: i64) -> f64 {
        let start = IdleStart { known: Vec::new(), to_come, is_idle, stays_idle: false };
        let (months, mut random) = (months(), Random::new(23));
        (0..10_000).filter(|_| months.longest(0, &start, &mut random) == longest).count() as f64 / 10_000.0
    }

    #[test]
    fn a_shop_stops_and_stays_idle_as_often_as_it_and_all_shops_did() {
        // The chance of all shops, 10.5 / 101, weighs as 12 months of the shop's own; 6.5 / 11 as 2.
        let begins = (3.0 + 12.0 * 10.5 / 101.0) / 32.0;
        let lasts = (4.0 + 2.0 * 6.5 / 11.0) / 8.0;
        // The standard errors are 0.0034 and 0.0048.
        let found = [share(false, 1, 1), share(true, 1, 1)];
        assert!((found[0] - begins).abs() < 0.012 && (found[1] - lasts).abs() < 0.015, "{found:?}, not {begins} and {lasts}");
        // Both of two months: it stops, and stays so.
        let both = share(false, 2, 2);
        assert!((both - begins * lasts).abs() < 0.012, "{both}");
    }

    #[test]
    fn what_is_known_counts_and_a_shop_without_category_stays_idle() {
        let start = IdleStart { known: vec![true, true, false], to_come: 2, is_idle: false, stays_idle: true };
        assert_eq!(months().longest(0, &start, &mut Random::new(1)), 2);
        let start = IdleStart { known: vec![false, true], to_come: 2, ..start };
        assert_eq!(months().longest(0, &start, &mut Random::new(1)), 3);
    }
}
