//! Affiliate orders and inquiries: what their readers make of the rows, which they refuse, and that nobody pays for tables that are not
//! wanted.

use std::sync::Arc;

use arrow::array::{Int64Array, StringArray};
use huitou::input::records::affiliates::Commission;
use huitou::job::Job;
use huitou::nightly::{Loaded, Plan, Silent, load};
use huitou::partition::Budget;
use huitou::spec::NO_DAY;
use insta::assert_snapshot;

use super::scene::{Columns, JOB, Scene, day, money, noons};
use super::small_inputs::{account, loaded, scene_of_rows};

const AS_OF: &str = "2026-03-31";

/// Rows of order 101, but for the last ones.
fn affiliate_orders() -> Columns {
    let some = |values: &[i64]| values.iter().map(|value| (*value != 0).then_some(*value)).collect::<Int64Array>();
    let paid = ["2026-01-05"; 8].iter().chain(&["2026-04-01", ""]).copied().collect::<Vec<_>>();
    Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 10]))
        .with("order_id", some(&[101, 101, 101, 102, 103, 103, 0, 102, 101, 103]))
        .with("publisher_id", StringArray::from(vec!["甲", "甲", "甲", "(all)", "乙", "甲", "甲", "乙", "丙", "乙"]))
        .with("plan", StringArray::from(vec![Some("通用"), Some("通用"), Some("通用"), None, None, None, None, None, None, None]))
        .with("paid_at", noons(&paid))
        .with("settled_at", noons(&["", "2026-03-30", "2026-03-30", "", "2026-04-02", "", "", "", "", ""]))
        .with("estimated_commission", money(&[1000, 1000, 1000, 1, 700, 300, 1, -5, 1, 1]))
        .with("settled_commission", money(&[0, 900, 900, 0, 700, 0, 0, 0, 0, 0]))
        .with("clawed_back", money(&[0, 0, 50, 0, 600, 0, 0, 0, 0, 0]))
        .with(
            "modified_at",
            noons(&[
                "2026-01-05",
                "2026-03-30",
                "2026-04-01",
                "2026-01-05",
                "2026-03-01",
                "2026-03-01",
                "2026-01-05",
                "2026-01-05",
                "2026-01-05",
                "2026-01-05",
            ]),
        )
}

#[test]
fn the_last_version_of_an_affiliate_row_counts_as_of_the_day() {
    let loaded = loaded("affiliate_orders", &affiliate_orders(), AS_OF);
    // Of 甲's row of 101 the second version counts, since the third is of tomorrow; 103 is claimed by two, with a row of 乙 twice.
    let found: Vec<_> = loaded.affiliates.iter().map(|row| (row.file, row.plan, row.settled_day, row.commission)).collect();
    assert_eq!(found, [(1, 1, day("2026-03-30"), Commission::of(1000, Some(900), 0))]);
    assert_eq!(loaded.context.publishers.value(loaded.affiliates[0].publisher), Some("甲"));
    let (counts, rejects) = account(&loaded, "affiliate_orders");
    assert_eq!(counts, [1, 2, 5, 2]);
    let conflict =
        |row, own: &str, other: &str| format!("{row} publisher_conflict: publisher_id: {own}, the same line is claimed by {other}");
    assert_eq!(
        rejects,
        [
            "3 null_key: publisher_id: `(all)` is all publishers of a plan, and no publisher".to_owned(),
            conflict(4, "乙", "甲"),
            conflict(5, "甲", "乙"),
            "6 null_key: order_id is null".to_owned(),
            "7 negative_amount: estimated_commission: -0.05".to_owned(),
        ]
    );
}

#[test]
fn what_is_settled_later_is_due_and_not_clawed_back() {
    let columns = affiliate_orders();
    let alone = Columns(columns.0.into_iter().map(|(name, array)| (name, array.slice(4, 1))).collect());
    let loaded = loaded("affiliate_orders", &alone, AS_OF);
    let row = &loaded.affiliates[0];
    assert_eq!((row.settled_day, row.plan, row.commission, row.commission.due()), (NO_DAY, 0, Commission::of(700, None, 0), 700));
}

fn inquiries() -> Columns {
    Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 7]))
        .with("agent_id", StringArray::from(vec![Some("b"), Some("a"), Some("b"), None, Some("(all)"), Some("a"), Some("a")]))
        .with("customer_id", Int64Array::from(vec![Some(11), Some(11), Some(11), Some(11), Some(11), None, Some(11)]))
        .with("asked_at", noons(&["2026-01-05", "2026-01-05", "2026-01-05", "2026-01-05", "2026-01-05", "2026-01-05", "2026-04-01"]))
        .with("response_seconds", Int64Array::from(vec![Some(5), None, Some(-1), Some(1), Some(1), Some(1), Some(1)]))
}

#[test]
fn every_question_counts_and_odd_ones_are_refused() {
    let loaded = loaded("inquiries", &inquiries(), AS_OF);
    let (counts, rejects) = account(&loaded, "inquiries");
    assert_eq!(counts, [2, 0, 4, 1]);
    assert_eq!(
        rejects,
        [
            "2 negative_amount: response_seconds: -1",
            "3 null_key: agent_id is null",
            "4 null_key: agent_id: `(all)` is all agents of a shop, and no agent",
            "5 null_key: customer_id is null",
        ]
    );
    let agents = &loaded.context.agents;
    assert_eq!([1, 2].map(|code| agents.value(code)), [Some("a"), Some("b")]);
}

#[test]
fn inputs_of_tables_that_nobody_wants_are_not_read() {
    let scene = scene_of_rows(&[("affiliate_orders", affiliate_orders()), ("inquiries", inquiries())]);
    let read = |only: &[&str]| -> Vec<&'static str> {
        let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
        let job = Job::load(&scene.path("job.yaml"), &[], &Plan::catalogue()).unwrap();
        let plan = Plan::new(job, day(AS_OF), &only).unwrap_or_else(|error| panic!("{error}"));
        let loaded: Loaded = load(&plan, &Arc::new(Budget::unlimited()), &Silent).unwrap();
        loaded.ledgers.iter().map(|(name, _)| *name).collect()
    };
    assert_eq!(read(&["shop_daily"]), ["orders"]);
    assert_eq!(read(&["service_conversion"]), ["orders", "inquiries"]);
    assert_eq!(read(&["affiliate_plans"]), ["orders", "affiliate_orders"]);
    assert_eq!(read(&[]), ["orders", "affiliate_orders", "inquiries"]);
}

#[test]
fn a_settlement_without_its_time_and_ids_of_another_type_are_told_at_once() {
    let columns = |order: Arc<dyn arrow::array::Array>| {
        Columns(vec![("order_id".to_owned(), order)])
            .with("shop_id", Int64Array::from(vec![1]))
            .with("publisher_id", Int64Array::from(vec![7]))
            .with("estimated_commission", money(&[100]))
            .with("settled_commission", money(&[100]))
    };
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("affiliate_orders.parquet", &columns(Arc::new(StringArray::from(vec!["101"]))));
        scene.job(&JOB.replace("output:", "  affiliate_orders: affiliate_orders.parquet\noutput:"));
    }), @r"
    exit 3
    error: job.yaml:6:3: input `affiliate_orders`, column `order_id`: Utf8 here, Int64 in input `orders`
      help: map one of them with CAST(… AS VARCHAR) or CAST(… AS BIGINT), so that the same id is the same value
    error: job.yaml:6:3: input `affiliate_orders` has `settled_commission` and no `settled_at`: nothing says whether a commission is settled
      help: map `settled_at`, the time of the settlement, or leave `settled_commission` out: all commissions are then due
    ");
}
