//! Calibration: invented shops of which the truth is known, and whether what is said of them comes true as often as it says.

use std::sync::Arc;

use super::assess::assess;
use super::figures::ShopFigures;
use super::idle::{IdleMonths, IdleStart};
use super::invented::{rule, sold};
use super::violations::Violations;
use crate::history::Context;
use crate::input::records::facts::{Facts, Violation, ViolationKind};
use crate::metric::sums::Sums;
use crate::spec::{Day, Grain};
use crate::statistics::random::Random;
use crate::table::testing::{day, text_shops};

/// What was said, and whether it came true.
type Said = (f64, bool);

/// The mean of what was said, how often it came true, and the standard error of that, for those between two probabilities.
fn between(all: &[Said], from: f64, to: f64) -> (f64, f64, f64) {
    let own: Vec<&Said> = all.iter().filter(|(said, _)| (from..to).contains(said)).collect();
    let count = own.len() as f64;
    let said = own.iter().map(|(said, _)| said).sum::<f64>() / count;
    let passed = own.iter().filter(|(_, passed)| *passed).count() as f64 / count;
    (said, passed, (said * (1.0 - said) / count).sqrt())
}

/// Each third of the probabilities comes true as often as it says, within three standard errors and so much more; both ends and the middle
/// occur.
fn assert_calibrated(all: &[Said], more: f64, what: &str) {
    for third in 0..3 {
        let (from, to) = (f64::from(third) / 3.0, f64::from(third + 1) / 3.0 + 1e-9);
        let (said, passed, error) = between(all, from, to);
        assert!((said - passed).abs() < 3.0 * error + more, "{what}: said {said:.3}, passed {passed:.3}, standard error {error:.3}");
    }
}

/// What is said on a day of the quarter that runs, and what becomes of it. `orders` are those of each shop's days, of 1.00 each.
fn said_of(first: Day, as_of: Day, orders: &[Vec<i64>], amount: f64) -> Vec<Said> {
    let facts = Arc::new(Facts::default());
    let known = (as_of - first + 1) as usize;
    let figures = |(shop, orders): (usize, &Vec<i64>)| {
        let days: Vec<Sums<i64>> = orders.iter().take(known).map(|orders| sold(*orders, 100)).collect();
        Arc::new(ShopFigures::invented(shop as u32, first, &days, &facts))
    };
    let shops: Vec<Arc<ShopFigures>> = orders.iter().enumerate().map(figures).collect();
    let context = Context { rules: vec![Arc::new(rule("paid_amount", amount))], as_of, ..text_shops(orders.len(), as_of) };
    let quarter = Grain::Quarter.index(as_of);
    let start = Grain::Quarter.start(quarter);
    let days = ((start - first) as usize)..=((Grain::Quarter.end(quarter) - first) as usize);
    let projections = assess(&context, &shops, &facts);
    let running = projections.iter().filter(|assessment| assessment.cycle.start == start);
    let said = running.filter_map(|assessment| Some((assessment.shop.shop, assessment.projection.as_ref()?.probability?)));
    said.map(|(shop, said)| (said, orders[shop as usize][days.clone()].iter().sum::<i64>() as f64 >= amount)).collect()
}

/// Shops that sell 20 orders a day on average, of which some a little more: nothing grows, nothing has a season.
#[test]
fn shops_with_independent_weeks_pass_as_often_as_is_said() {
    let (first, as_of, end) = (day("2024-01-01"), day("2026-02-14"), day("2026-03-31"));
    let mut random = Random::new(11);
    let mut all = Vec::new();
    for _ in 0..12 {
        let shop = |random: &mut Random| {
            let mean = 20.0 * (1.0 + 0.04 * random.normal());
            (first..=end).map(|_| random.poisson(mean) as i64).collect::<Vec<i64>>()
        };
        let orders: Vec<Vec<i64>> = (0..25).map(|_| shop(&mut random)).collect();
        // 90 days of 20.
        all.extend(said_of(first, as_of, &orders, 1800.0));
    }
    assert_eq!(all.len(), 300);
    assert_calibrated(&all, 0.02, "constant weeks");
}

/// Shops that sell the same every day since spring, so that all they know of their growth is that others differ by 30 % a year: the end of the quarter
/// is as often above as below 91 days of 20 orders, whatever other shops there are.
#[test]
fn one_shop_more_does_not_change_what_is_said_of_another() {
    let (first, as_of) = (day("2026-03-01"), day("2026-05-20"));
    let said = |shops: usize| {
        let all = said_of(first, as_of, &vec![vec![20; 200]; shops], 1820.0);
        all.into_iter().map(|(said, _)| said).collect::<Vec<f64>>()
    };
    let three = said(3);
    assert_eq!(three[..2], said(2));
    // The standard error of 500 simulations is 0.022; each shop has random numbers of its own.
    assert!(three.iter().all(|said| (said - 0.5).abs() < 0.09) && three[0] != three[1], "{three:?}");
}

/// How much the logarithm of the level moves from a week to the next, as a standard deviation.
struct Moves {
    /// That of each shop.
    own: f64,
    /// That of all shops together.
    common: f64,
}

/// Shops of which the level wanders for three years, each on its own to 40 orders a day at the as-of date, and what is said of amounts around
/// those that their last quarter of a year suggests.
fn said_of_wandering(moves: &Moves, shops: usize, random: &mut Random) -> Vec<Said> {
    let (first, as_of, end) = (day("2023-01-01"), day("2026-02-14"), day("2026-03-31"));
    let weeks = ((end - first) / 7 + 1) as usize;
    let walk = |step: f64, random: &mut Random| {
        let mut level = 0.0;
        (0..weeks)
            .map(|_| {
                level += step * random.normal();
                level
            })
            .collect::<Vec<f64>>()
    };
    let today = ((as_of - first) / 7) as usize;
    let common = walk(moves.common, random);
    let shop = |random: &mut Random| {
        let own = walk(moves.own, random);
        (first..=end)
            .map(|on| {
                let week = ((on - first) / 7) as usize;
                random.poisson(40.0 * (common[week] + own[week] - own[today]).exp()) as i64
            })
            .collect::<Vec<i64>>()
    };
    let orders: Vec<Vec<i64>> = (0..shops).map(|_| shop(random)).collect();
    let known = (as_of - first + 1) as usize;
    let of_last_quarter = orders.iter().map(|orders| orders[known - 91..known].iter().sum::<i64>()).sum::<i64>() as f64 / shops as f64;
    said_of(first, as_of, &orders, of_last_quarter * (0.06 * random.normal()).exp())
}

/// Shops that go their own ways, each.
#[test]
fn shops_that_wander_each_on_its_own_pass_as_often_as_is_said() {
    let mut random = Random::new(31);
    let all: Vec<Said> = (0..24).flat_map(|_| said_of_wandering(&Moves { own: 0.05, common: 0.0 }, 20, &mut random)).collect();
    assert_calibrated(&all, 0.02, "own ways");
}

/// Shops that go all the same way: of each group only one is counted, since the others share its fate.
#[test]
fn shops_that_wander_together_pass_as_often_as_is_said() {
    let mut random = Random::new(37);
    let first = |random: &mut Random| said_of_wandering(&Moves { own: 0.0, common: 0.03 }, 4, random).into_iter().next();
    let all: Vec<Said> = (0..120).filter_map(|_| first(&mut random)).collect();
    assert_calibrated(&all, 0.02, "one way");
}

/// A day of ten days' orders, which all shops have in the last weeks and will not have again, moves nothing.
#[test]
fn a_promotion_among_the_last_weeks_does_not_come_again_by_chance() {
    let (first, as_of, end) = (day("2024-01-01"), day("2026-11-21"), day("2026-12-31"));
    let is_promotion = |on: Day| ["2024-11-11", "2025-11-11", "2026-11-11"].iter().any(|promotion| day(promotion) == on);
    let orders: Vec<i64> = (first..=end).map(|on| if is_promotion(on) { 200 } else { 20 }).collect();
    // The quarter has 91 days of 20 and 180 more.
    let exactly = (91 + 1) as f64 * 20.0 + 180.0;
    for (amount, is_met) in [(exactly * 0.95, 1.0), (exactly * 1.05, 0.0)] {
        let said = said_of(first, as_of, &vec![orders.clone(); 8], amount);
        assert!(said.iter().all(|(said, passed)| (said - is_met).abs() < 0.15 && f64::from(u8::from(*passed)) == is_met), "{said:?}");
    }
}

/// Shops that stop for months: one in twenty months, for three months on average, some of them for half a year.
#[test]
fn shops_with_months_without_business_stop_as_often_as_is_said() {
    let (first, as_of, end) = (day("2023-01-01"), day("2026-06-30"), day("2026-12-31"));
    let mut random = Random::new(5);
    let mut all = Vec::new();
    let facts = Arc::new(Facts::default());
    for _ in 0..60 {
        let idle_months = |random: &mut Random| {
            let mut is_idle = false;
            (Grain::Month.index(first)..=Grain::Month.index(end))
                .map(|_| {
                    is_idle = random.unit() < if is_idle { 2.0 / 3.0 } else { 0.05 };
                    is_idle
                })
                .collect::<Vec<bool>>()
        };
        let months: Vec<Vec<bool>> = (0..30).map(|_| idle_months(&mut random)).collect();
        let figures = |(shop, idle): (usize, &Vec<bool>)| {
            let orders = |on: Day| i64::from(!idle[(Grain::Month.index(on) - Grain::Month.index(first)) as usize]);
            let days: Vec<Sums<i64>> = (first..=as_of).map(|on| sold(orders(on), 100)).collect();
            Arc::new(ShopFigures::invented(shop as u32, first, &days, &facts))
        };
        let shops: Vec<Arc<ShopFigures>> = months.iter().enumerate().map(figures).collect();
        let idle = IdleMonths::of(&shops, as_of);
        let start = day("2026-01-01");
        for (place, (shop, months)) in shops.iter().zip(&months).enumerate() {
            let begin = IdleStart::of(shop, start, end);
            let said = (0..200).filter(|_| idle.longest(place, &begin, &mut random) <= 2).count() as f64 / 200.0;
            let this_year = &months[months.len() - 12..];
            all.push((said, this_year.windows(3).all(|three| !three.iter().all(|is_idle| *is_idle))));
        }
    }
    assert_calibrated(&all, 0.0, "idle months");
}

/// Shops with one violation of 3 or 6 points in half a year on average, at rates that differ from shop to shop.
#[test]
fn violations_at_a_known_rate_come_as_often_as_is_said() {
    let (as_of, end) = (day("2026-06-30"), day("2026-12-31"));
    let first = as_of - 364;
    let mut random = Random::new(3);
    let mut all = Vec::new();
    for _ in 0..15 {
        let mut violations = Vec::new();
        for shop in 0..40 {
            let rate = random.gamma(1.0) / 180.0;
            for on in first..=end {
                if random.unit() < rate {
                    let points = if random.unit() < 0.5 { 3.0 } else { 6.0 };
                    violations.push(Violation { shop, day: on, kind: ViolationKind::General, points });
                }
            }
        }
        let known = violations.iter().filter(|violation| violation.day <= as_of).cloned().collect();
        let facts = Arc::new(Facts { violations: Some(known), ..Facts::default() });
        let days = vec![sold(1, 100); 365];
        let shops: Vec<Arc<ShopFigures>> = (0..40).map(|shop| Arc::new(ShopFigures::invented(shop, first, &days, &facts))).collect();
        let to_come = Violations::of(&shops, ViolationKind::General, as_of);
        for (place, shop) in shops.iter().enumerate() {
            let said = (0..300).filter(|_| to_come.points_at_end(shop, place, end, &mut random) < 12.0).count() as f64 / 300.0;
            let this_year = violations.iter().filter(|violation| violation.shop == shop.shop && violation.day >= day("2026-01-01"));
            all.push((said, this_year.map(|violation| violation.points).sum::<f64>() < 12.0));
        }
    }
    assert_calibrated(&all, 0.02, "violations");
}
