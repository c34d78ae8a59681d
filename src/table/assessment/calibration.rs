//! Calibration: invented shops of which the truth is known, and whether what is said of them comes true as often as it says.

use std::sync::Arc;

use super::assess::assess;
use super::figures::ShopFigures;
use super::idle::{IdleMonths, IdleStart};
use super::violations::Violations;
use crate::history::Context;
use crate::input::records::facts::{Facts, Violation, ViolationKind};
use crate::job::rule::{AssessedPeriod, Base, ByCategory, Peers, Requirement, Rule, Test, Threshold};
use crate::metric::sums::{Quantity, Sums};
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

/// Each third of the probabilities comes true as often as it says, within three standard errors and two points; both ends and the middle occur.
fn assert_calibrated(all: &[Said], what: &str) {
    for third in 0..3 {
        let (from, to) = (f64::from(third) / 3.0, f64::from(third + 1) / 3.0 + 1e-9);
        let (said, passed, error) = between(all, from, to);
        assert!((said - passed).abs() < 3.0 * error + 0.02, "{what}: said {said:.3}, passed {passed:.3}, standard error {error:.3}");
    }
}

fn poisson(mean: f64, random: &mut Random) -> i64 {
    let (mut count, mut waited) = (0, -(1.0 - random.unit()).ln());
    while waited < mean {
        count += 1;
        waited -= (1.0 - random.unit()).ln();
    }
    count
}

fn sold(orders: i64, minor: i64) -> Sums<i64> {
    let mut day = Sums::default();
    day[Quantity::PaidOrders] = orders;
    day[Quantity::PlacedOrders] = orders;
    day[Quantity::Paid] = orders * minor;
    day
}

/// A rule that asks for a paid amount in each calendar quarter.
fn rule(amount: f64) -> Rule {
    Rule {
        assessment: "quarterly".to_owned(),
        file: String::new(),
        place: String::new(),
        valid_from: None,
        valid_to: None,
        period: AssessedPeriod::Calendar(Grain::Quarter),
        peers: Peers::All,
        open_months: 0,
        min_peers: None,
        requirements: vec![Requirement {
            metric: "paid_amount".to_owned(),
            test: Test::AtLeast(Threshold { column: None, value: Some(ByCategory { others: Some(amount), ..ByCategory::default() }) }),
            base: Base::Paid,
            k: None,
            standard: None,
            trial_share: None,
            when: Vec::new(),
            levels: Vec::new(),
        }],
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
    let context = Context { rules: vec![Arc::new(rule(amount))], as_of, ..text_shops(orders.len(), as_of) };
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
            (first..=end).map(|_| poisson(mean, random)).collect::<Vec<i64>>()
        };
        let orders: Vec<Vec<i64>> = (0..25).map(|_| shop(&mut random)).collect();
        // 90 days of 20.
        all.extend(said_of(first, as_of, &orders, 1800.0));
    }
    assert_eq!(all.len(), 300);
    assert_calibrated(&all, "constant weeks");
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
    for _ in 0..15 {
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
            let said = (0..300).filter(|_| idle.longest(place, &begin, &mut random) <= 2).count() as f64 / 300.0;
            let this_year = &months[months.len() - 12..];
            all.push((said, this_year.windows(3).all(|three| !three.iter().all(|is_idle| *is_idle))));
        }
    }
    assert_calibrated(&all, "idle months");
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
    assert_calibrated(&all, "violations");
}
