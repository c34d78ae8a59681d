//! Agreement: the law that `assessment_quarterly` and `assessment_results` have one value of each metric and quarter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::{quarterly, results};
use crate::history::Context;
use crate::input::records::facts::{
    Complaints, Facts, Listing, Refund, ScoreDay, ScoreSnapshot, Scores, ServiceScore, Shop, TrafficDay, Violation, ViolationKind,
};
use crate::job::rule::{AssessedPeriod, Base, Peers, Requirement, Rule, Test};
use crate::metric::assessed::ASSESSED;
use crate::spec::{DAY_MICROSECONDS, Day, Grain, NO_DAY, NO_TIME};
use crate::table::request::Request;
use crate::table::testing::{HOUR, any_customers, day, facts, made_with, text_shops, value};
use crate::table::unit::AnyTable;

/// A rule that asks of every quarter whatever the quarterly table has.
fn rule_of_everything() -> Rule {
    let requirement = |metric: &str| Requirement {
        metric: metric.to_owned(),
        test: Test::NotBottom { share: 0.2 },
        base: Base::Paid,
        k: None,
        standard: None,
        trial_share: None,
        when: Vec::new(),
        levels: Vec::new(),
    };
    let metrics = ASSESSED.iter().map(|metric| metric.name).filter(|name| quarterly::TABLE.card().column(name).is_some());
    Rule {
        assessment: "everything".to_owned(),
        file: String::new(),
        place: String::new(),
        valid_from: None,
        valid_to: None,
        period: AssessedPeriod::Calendar(Grain::Quarter),
        peers: Peers::Category,
        open_months: 3,
        min_peers: None,
        requirements: metrics.map(requirement).collect(),
    }
}

/// Shops in the facts below.
const SHOPS: u32 = 4;

/// Any few facts of 2023 and 2024 about the shops of a context; each input may be missing.
fn any_facts() -> impl Strategy<Value = Facts> {
    let events = prop::collection::vec((0..SHOPS, 0..700i32, 0..6i64, 0..4u8), 0..80);
    let months = prop::collection::vec((prop::option::weighted(0.97, 0..50u8), prop::option::weighted(0.97, 0..9i64)), 24 * SHOPS as usize);
    let openings = prop::collection::vec((prop::option::of(-200..500i32), prop::option::weighted(0.9, 0..2u8)), SHOPS as usize);
    (events, months, openings, prop::array::uniform7(prop::bool::weighted(0.85)), any::<bool>()).prop_map(
        |(events, months, openings, [traffic, scores, refunds, complaints, service, listings, violations], are_snapshots)| {
            let first = day("2023-01-01");
            let mut facts = facts(&["2023-01-01"; SHOPS as usize]);
            // One row of each input for a shop and day, in their order.
            let by_day: BTreeMap<(u32, Day), (i64, u8)> =
                events.iter().map(|event| ((event.0, first + event.1), (event.2, event.3))).collect();
            let of =
                |kind: u8| by_day.iter().filter(move |(_, (_, of))| *of == kind).map(|((shop, day), (number, _))| (*shop, *day, *number));
            let time = |day: Day, hour: i64| i64::from(day) * DAY_MICROSECONDS + hour * HOUR;
            facts.traffic = traffic.then(|| {
                by_day
                    .iter()
                    .map(|((shop, day), (number, _))| TrafficDay { shop: *shop, day: *day, uv: Some(*number), ..TrafficDay::default() })
                    .collect()
            });
            let events_of_scores = || {
                of(0).map(|(shop, day, count)| ScoreDay {
                    shop,
                    day,
                    sums: [3, 4, 5, 0].map(|score| score * count * 1_000_000),
                    counts: [count, count, count, 0],
                })
            };
            let snapshots = || of(0).map(|(shop, day, number)| ScoreSnapshot { shop, day, scores: [Some(4.0 + number as f64 / 10.0); 4] });
            facts.scores = scores.then(|| match are_snapshots {
                true => Scores::Snapshots(snapshots().collect()),
                false => Scores::Events(events_of_scores().collect()),
            });
            facts.refunds = refunds.then(|| {
                of(1)
                    .map(|(shop, day, number)| Refund {
                        shop,
                        created: time(day, 1),
                        completed: if number > 2 { time(day, 1 + number) } else { NO_TIME },
                        amount: 10 * number,
                        intervened: (number != 5).then_some(number % 2 == 0),
                        is_open: false,
                        reason: 0,
                    })
                    .collect()
            });
            facts.complaints = complaints.then(|| of(2).map(|(shop, day, count)| Complaints { shop, day, count }).collect());
            facts.violations = violations.then(|| {
                let kinds = [ViolationKind::General, ViolationKind::Serious, ViolationKind::RedLine];
                of(3)
                    .map(|(shop, day, number)| Violation { shop, day, kind: kinds[number as usize % 3], points: number as f64 * 1.1 })
                    .collect()
            });
            let months = || {
                let january = Grain::Month.index(first);
                months.iter().enumerate().map(move |(place, of)| (place as u32 / 24, january + place as i32 % 24, of))
            };
            let score = |(shop, month, of): (u32, i32, &(Option<u8>, Option<i64>))| {
                Some(ServiceScore { shop, month, score: f64::from(of.0?) / 10.0 })
            };
            facts.service_scores = service.then(|| months().filter_map(score).collect());
            facts.listings = listings.then(|| {
                months().map(|(shop, month, (live, new))| Listing { shop, month, live: live.map(i64::from), new: *new }).collect()
            });
            let shop = |(shop, (opened, category)): (usize, &(Option<i32>, Option<u8>))| Shop {
                shop: shop as u32,
                name: None,
                group: None,
                category: category.map(|category| ["shoes", "hats"][usize::from(category)].to_owned()),
                opened: opened.map_or(NO_DAY, |days| first + days),
                annual_target: None,
            };
            facts.shops = Some(openings.iter().enumerate().map(shop).collect());
            facts
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The law of the two tables with metrics: where `assessment_results` has a value, `assessment_quarterly` has the same to the last
    /// bit. Where it has none, neither has the other, but of quarters of which the first days are not known: a requirement is not
    /// judged by a part of its cycle, and the quarterly table shows that part with its days.
    #[test]
    fn both_tables_agree_on_every_metric_and_quarter(customers in any_customers(SHOPS), facts in any_facts()) {
        let mut context = Context { rules: vec![Arc::new(rule_of_everything())], ..text_shops(SHOPS as usize, "2024-11-21") };
        // The days of which orders and visitors are known.
        let orders = customers.iter().flat_map(|customer| customer.orders.iter().map(move |order| (customer.shop, order.created_day)));
        let first = |shop: u32| orders.clone().filter(|(of, _)| *of == shop).map(|(_, day)| day).min();
        context.first_days = (0..SHOPS).map(|shop| first(shop).unwrap_or(NO_DAY)).collect();
        let visited = |shop: u32| facts.traffic.as_ref().and_then(|traffic| traffic.of_shop(shop).next()).map(|day| day.day);
        let known_from: Vec<Option<Day>> = (0..SHOPS).map(|shop| first(shop).into_iter().chain(visited(shop)).min()).collect();

        let request = Request { has_rules: true, ..Request::NOTHING };
        let made = |table: &'static dyn AnyTable| made_with(table, &context, &facts, request, &[&customers]);
        let (quarterly, results) = (made(&quarterly::TABLE), made(&results::TABLE));
        let key = |row: usize| ["shop_id", "period_start", "metric"].map(|column| value(&results, row, column));
        let rows: BTreeMap<[String; 3], usize> = (0..results.num_rows()).map(|row| (key(row), row)).collect();

        let mut compared = BTreeSet::new();
        for row in 0..quarterly.num_rows() {
            let (shop, quarter) = (value(&quarterly, row, "shop_id"), value(&quarterly, row, "quarter"));
            let known = known_from[usize::from(shop.as_bytes()[0] - b'a')];
            let may_be_a_part = known.is_none_or(|known| known > day(&quarter));
            for metric in context.rules[0].requirements.iter().map(|requirement| requirement.metric.as_str()) {
                let result = rows[&[shop.clone(), quarter.clone(), metric.to_owned()]];
                let amounts = [("paid_amount", "paid"), ("net_by_payment", "net_by_payment"), ("net_by_refund", "net_by_refund"), ("settled", "settled")];
                let pairs = if metric == "paid_amount" { amounts.to_vec() } else { vec![(metric, "value")] };
                for (one, other) in pairs {
                    let (one, other) = (value(&quarterly, row, one), value(&results, result, other));
                    prop_assert!(one == other || other == "-" && may_be_a_part, "{} of {} in {}: {} and {}", metric, shop, quarter, one, other);
                    compared.extend((other != "-").then_some(metric));
                }
            }
        }
        // Whatever else is missing, a shop whose days are known has placed orders or not.
        prop_assert!(known_from.iter().all(|known| known.is_none_or(|known| known > day("2024-10-01"))) || compared.contains("paid_amount"));
    }
}
