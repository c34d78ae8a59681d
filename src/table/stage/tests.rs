//! Two shops worked by hand: their figures, their stages and the metrics of these; a season that is taken out; laws of stages.

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::decision::decisions;
use super::figures::Figures;
use super::{metrics, store_stage};
use crate::history::{Context, Order};
use crate::input::records::facts::{Facts, Shop};
use crate::job::stage::{Stage, StageBound, StageFigure, StageRule, Stages};
use crate::spec::{Day, NO_DAY};
use crate::table::request::Request;
use crate::table::testing::{
    Customer, any_customers, assert_row, column, customer, day, facts, made_with, numbers, paid, shown, text_shops,
};
use crate::table::unit::AnyTable;

const CUP: u32 = 1;
const OIL: u32 = 2;
const SOAP: u32 = 3;

fn rule(stage: Stage, figure: StageFigure, at_least: Option<f64>, at_most: Option<f64>) -> StageRule {
    StageRule { stage, bounds: vec![StageBound { figure, at_least, at_most, or_unknown: false }] }
}

/// Growth from a half more on; else an incubation of five months.
fn stages() -> Stages {
    let incubation = ["bounce_rate", "inquiry_rate", "pair_order_share", "value_per_customer"].map(str::to_owned).to_vec();
    Stages {
        rules: vec![
            rule(Stage::Growth, StageFigure::Growth3m, Some(0.5), None),
            rule(Stage::Incubation, StageFigure::MonthsOpen, None, Some(5.0)),
        ],
        metrics: [incubation, Vec::new(), Vec::new(), Vec::new(), Vec::new()],
    }
}

/// The shops a and b, whose first order is that of January 5; two peers are enough.
fn context(as_of: &str) -> Context {
    let mut context = text_shops(2, as_of);
    context.features.item = true;
    context.first_days = vec![day("2024-01-05"); 2];
    context.stages = Some(stages());
    context
}

/// Two shops of one category, of which a opened on the first day of its data.
fn both() -> Facts {
    let shop = |shop, opened: Day| Shop { shop, name: None, category: Some("tea".to_owned()), group: None, opened, annual_target: None };
    Facts { shops: Some(vec![shop(0, day("2024-01-01")), shop(1, NO_DAY)]), ..facts(&["2024-01-01", "2024-01-01"]) }
}

/// The orders of a customer in the order of time, each with one line.
fn buying(shop: u32, orders: &[(&str, i64, u32)]) -> Customer {
    let ranked = |(rank, (on, amount, _)): (u32, &(&str, i64, u32))| Order { rank, ..paid(*on, *amount) };
    let lines: Vec<(u32, u32, u32, i64)> = (0..).zip(orders).map(|(place, (_, amount, item))| (place, *item, 1, *amount)).collect();
    customer(shop, (0..).zip(orders).map(ranked).collect()).with_lines(&lines)
}

fn customers() -> Vec<Customer> {
    let anna = buying(
        0,
        &[
            ("2024-01-05", 100_00, CUP),
            ("2024-02-05", 100_00, CUP),
            ("2024-03-05", 100_00, CUP),
            ("2024-04-05", 200_00, CUP),
            ("2024-05-15", 200_00, OIL),
            ("2024-06-05", 210_00, CUP),
            ("2024-07-05", 200_00, CUP),
            ("2024-08-01", 900_00, CUP),
        ],
    );
    let ben = buying(0, &[("2024-06-20", 20_00, SOAP)]);
    let cleo = (1..=7).map(|month| (format!("2024-{month:02}-05"), 50_00, CUP)).collect::<Vec<_>>();
    let cleo = buying(1, &cleo.iter().map(|(on, amount, item)| (on.as_str(), *amount, *item)).collect::<Vec<_>>());
    vec![anna, ben, cleo]
}

fn made(table: &'static dyn AnyTable, parts: &[&[Customer]]) -> RecordBatch {
    made_with(table, &context("2024-08-05"), &both(), Request { has_stages: true, ..Request::NOTHING }, parts)
}

#[test]
fn two_shops_by_hand() {
    let table = made(&store_stage::TABLE, &[&customers()]);
    // August has not ended.
    let months: Vec<String> =
        ["a", "b"].into_iter().flat_map(|shop| (1..=7).map(move |month| format!("{shop} 2024-{month:02}-01"))).collect();
    assert_eq!(shown(&table, &["shop_id", "month"]), months);
    let of = |key: &[&str], expected: &[(&str, &str)]| assert_row(&table, key, expected);
    let march = [
        ("stage", "incubation"),
        ("since", "2024-01-01"),
        ("candidate_stage", "incubation"),
        ("rule", "2"),
        ("reason", "rule 2 holds: months_open <= 5"),
        ("months_open", "3"),
        ("amount_3m", "30000"),
        ("amount_3m_before", "-"),
        ("growth_3m", "-"),
        ("is_season_removed", "-"),
        // Anna is new in January and returns in February and March.
        ("returning_net_revenue_3m", "20000"),
        ("net_revenue_3m", "30000"),
        ("item_amount_3m", "30000"),
        ("hit_items", "1"),
        // 90 days before the end of March is January 1, when there was no order yet.
        ("new_item_amount_3m", "-"),
    ];
    of(&["a", "2024-03-01"], &march);
    // 200 + 200 + 230 against 100 + 100 + 100 is 1.1 more. Cups bring 410 of 630, oil 200, soap 20, less than a tenth; oil and soap were
    // first sold after April 1.
    let june = [
        ("stage", "incubation"),
        ("since", "2024-01-01"),
        ("candidate_stage", "growth"),
        ("rule", "1"),
        ("reason", "rule 1 (growth) holds for the first month; a stage changes with the second"),
        ("months_open", "6"),
        ("amount_3m", "63000"),
        ("amount_3m_before", "30000"),
        ("growth_3m", "1.1"),
        ("is_season_removed", "false"),
        ("amount_3m_year_ago", "-"),
        ("growth_year", "-"),
        ("returning_net_revenue_3m", "61000"),
        ("returning_amount_share", "0.9682539682539683"),
        ("hit_items", "2"),
        ("new_item_amount_3m", "22000"),
        ("new_item_share", "0.3492063492063492"),
        ("category_shops", "2"),
        ("category_rank", "1"),
        ("category_rank_share", "0.5"),
    ];
    of(&["a", "2024-06-01"], &june);
    // 630 against 400 is 0.575 more, for the second month.
    let july = [("stage", "growth"), ("since", "2024-07-01"), ("growth_3m", "0.575"), ("reason", "rule 1 holds: growth_3m >= 0.5")];
    of(&["a", "2024-07-01"], &july);
    // Nobody knows when b opened, and it does not grow.
    let other = [
        ("stage", "-"),
        ("since", "-"),
        ("candidate_stage", "-"),
        ("rule", "-"),
        ("reason", "no rule holds"),
        ("months_open", "-"),
        ("growth_3m", "0"),
        ("category_rank", "2"),
        ("category_rank_share", "1"),
    ];
    of(&["b", "2024-06-01"], &other);
}

#[test]
fn metrics_of_a_stage_by_hand() {
    let table = made(&metrics::TABLE, &[&customers()]);
    // Of shop a alone, in the six months of its incubation; growth has no metrics.
    assert_eq!(table.num_rows(), 6 * 4);
    assert!(column(&table, "stage").iter().all(|stage| stage == "incubation"));
    // Anna paid 200 in April and 100 in January; Cleo pays 50, so that the median is 125.
    let value = [
        ("metric_chinese", "客单价"),
        ("unit", "CNY per customer"),
        ("better_when", "more"),
        ("value", "200"),
        ("value_before", "100"),
        ("versus_before", "better"),
        ("peers", "2"),
        ("peer_median", "125"),
        ("peer_rank", "1"),
        ("versus_peers", "better"),
        ("reason", "-"),
    ];
    assert_row(&table, &["a", "2024-04-01", "value_per_customer"], &value);
    assert_row(&table, &["a", "2024-03-01", "value_per_customer"], &[("value", "100"), ("value_before", "-"), ("versus_before", "-")]);
    let unknown = [("value", "-"), ("reason", "the job has no input `traffic` or `page_views`"), ("peers", "0"), ("peer_rank", "-")];
    assert_row(&table, &["a", "2024-04-01", "bounce_rate"], &unknown);
    assert_row(&table, &["a", "2024-04-01", "inquiry_rate"], &[("value", "-"), ("reason", "the job has no input `inquiries`")]);
    // No order has two items: all shops are equal.
    let pairs = [("value", "0"), ("versus_before", "equal"), ("versus_peers", "equal"), ("peer_rank", "1")];
    assert_row(&table, &["a", "2024-04-01", "pair_order_share"], &pairs);
}

/// 100 in every month of two years and 300 in December.
#[test]
fn a_season_of_two_years_is_no_growth() {
    let months = (0..24)
        .map(|month| (format!("{}-{:02}-05", 2023 + month / 12, month % 12 + 1), if month % 12 == 11 { 300_00 } else { 100_00 }, CUP));
    let months: Vec<(String, i64, u32)> = months.collect();
    let anna = buying(0, &months.iter().map(|(on, amount, item)| (on.as_str(), *amount, *item)).collect::<Vec<_>>());
    let (context, facts) = (context("2024-12-31"), facts(&["2023-01-01"]));
    let table = made_with(&store_stage::TABLE, &context, &facts, Request { has_stages: true, ..Request::NOTHING }, &[&[anna]]);
    let growth = numbers(&table, "growth_3m");
    // December 2023 knows one year: 500 against 300.
    assert_eq!((growth[11], column(&table, "is_season_removed")[11].as_str()), (Some(200.0 / 300.0), "false"));
    assert_eq!((growth[22], column(&table, "is_season_removed")[22].as_str()), (Some(0.0), "false"));
    assert!(growth[23].unwrap().abs() < 1e-12 && column(&table, "is_season_removed")[23] == "true", "{growth:?}");
    assert_eq!(numbers(&table, "growth_year")[23], Some(0.0));
}

/// The figures of a month in which so much was paid.
fn amount(yuan: i64) -> Figures {
    Figures { amount: Some(100 * yuan), ..Figures::default() }
}

/// Much is growth and little maintenance; between them no rule holds.
fn two_rules() -> [StageRule; 2] {
    [rule(Stage::Growth, StageFigure::Amount3m, Some(100.0), None), rule(Stage::Maintenance, StageFigure::Amount3m, None, Some(50.0))]
}

#[test]
fn a_stage_changes_when_its_rule_holds_two_months_running() {
    let months = [70, 30, 120, 40, 120, 100, 60, 50, 50].map(amount);
    let found: Vec<Option<&str>> = decisions(&two_rules(), 0, &months).iter().map(|month| month.stage.map(Stage::name)).collect();
    let (none, growth, maintenance) = (None, Some("growth"), Some("maintenance"));
    assert_eq!(found, [none, maintenance, maintenance, maintenance, maintenance, growth, growth, growth, maintenance]);
    // An amount that is unknown lies within no bounds.
    assert_eq!(decisions(&two_rules(), 0, &[Figures::default()])[0].reason, "no rule holds");
}

proptest! {
    #[test]
    fn a_month_is_what_it_is_whatever_follows(amounts in prop::collection::vec(0..150i64, 0..30), known in 0usize..30) {
        let months: Vec<Figures> = amounts.iter().map(|yuan| amount(*yuan)).collect();
        let all = decisions(&two_rules(), 0, &months);
        let known = known.min(months.len());
        prop_assert_eq!(&decisions(&two_rules(), 0, &months[..known]), &all[..known]);
        for pair in all.windows(2) {
            if pair[0].stage.is_some() && pair[0].stage != pair[1].stage {
                let [before, now] = [&pair[0], &pair[1]].map(|month| month.candidate.map(|(_, stage)| stage));
                prop_assert_eq!((before, now), (pair[1].stage, pair[1].stage));
            }
        }
    }

    #[test]
    fn parts_make_the_same_tables(customers in any_customers(2), items in prop::collection::vec(1..5u32, 12), cut in 0usize..12) {
        let mut customers = customers;
        for (customer, item) in customers.iter_mut().zip(items) {
            let lines: Vec<(u32, u32, u32, i64)> = (0..).zip(&customer.orders).filter(|(_, order)| order.is_paid())
                .map(|(place, order)| (place, item + place % 2, 1, order.paid_amount)).collect();
            *customer = customer.clone().with_lines(&lines);
        }
        let cut = cut.min(customers.len());
        for table in [&store_stage::TABLE as &'static dyn AnyTable, &metrics::TABLE] {
            prop_assert_eq!(made(table, &[&customers[cut..], &customers[..cut]]), made(table, &[&customers]));
        }
    }
}
