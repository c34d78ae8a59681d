//! The rows of customers worked by hand, and customers by the hundred thousand.

use arrow::record_batch::RecordBatch;

use super::TABLE;
use crate::error::Result;
use crate::fold::customers::{CUSTOMERS, CustomerFold};
use crate::fold::folds::Gathered;
use crate::history::{Context, Fold, Order};
use crate::input::values::codes::OwnedId;
use crate::job::{MemberLevel, MonetaryValue, RecencyScore, Rfm, RfmMethod};
use crate::spec::{Id, IdType};
use crate::table::customer::segment_value;
use crate::table::testing::{
    Customer, batches, buyer, column, customer_fold as fold, day, give, night_of, of_night, paid, signed_shops, worked,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// The batches of the tables `customers` and `segment_value` of a fold.
fn finish(fold: CustomerFold, context: &Context) -> Result<[Vec<RecordBatch>; 2]> {
    let night = night_of(context, Gathered::default().and(&CUSTOMERS, fold));
    Ok([batches(&TABLE, &night)?, batches(&segment_value::TABLE, &night)?])
}

/// A context of customers with ids of that type.
fn context(customer: IdType) -> Context {
    let mut context = signed_shops("2026-06-30");
    context.ids.customer = customer;
    context
}

fn customers(buyers: &[Customer], context: &Context) -> RecordBatch {
    let [mut customers, segments] = finish(fold(buyers), context).unwrap();
    assert_eq!((customers.len(), segments.len()), (1, 1));
    customers.remove(0)
}

#[test]
fn levels_of_six_customers_worked_by_hand() {
    let mut context = signed_shops("2026-06-30");
    let level = |name: &str, min_amount, min_orders| MemberLevel { name: name.to_owned(), min_amount, min_orders };
    context.params.member_levels =
        vec![level("silver", Some(70_00), None), level("gold", Some(150_00), Some(3)), level("club", None, Some(5))];
    let batch = customers(&worked(), &context);
    // Net 100 70 200 20 60 0, purchases 1 2 5 1 3 1: e is gold by three purchases, c in the club by five.
    assert_eq!(column(&batch, "member_level"), ["silver", "silver", "club", "", "gold", ""]);
    // Nothing lies above the club, and no amount reaches it.
    assert_eq!(column(&batch, "next_level_amount"), ["50.00", "80.00", "", "50.00", "", "70.00"]);
    let none = customers(&worked(), &signed_shops("2026-06-30"));
    assert_eq!([column(&none, "member_level"), column(&none, "next_level_amount")].concat(), [""; 12]);
}

#[test]
fn six_customers_worked_by_hand() {
    let batch = customers(&worked(), &signed_shops("2026-06-30"));
    let expect = |name: &str, expected: [&str; 6]| assert_eq!(column(&batch, name), expected, "{name}");
    expect("shop_id", ["7", "7", "7", "7", "7", "8"]);
    expect("customer_id", ["a", "b", "c", "d", "e", "a"]);
    expect("first_purchase_date", ["2026-06-30", "2025-11-01", "2026-01-01", "2025-12-31", "2026-01-01", "2026-05-30"]);
    expect("last_purchase_date", ["2026-06-30", "2026-06-10", "2026-04-01", "2025-12-31", "2026-01-14", "2026-05-30"]);
    // c bought twice on the second day; the first order of e was refunded in full.
    expect("second_purchase_date", ["", "2026-06-10", "2026-01-04", "", "2026-01-05", ""]);
    expect("first_order_amount", ["100.00", "50.00", "10.00", "20.00", "20.00", "0.00"]);
    expect("purchase_days", ["1", "2", "4", "1", "3", "1"]);
    expect("orders", ["1", "2", "5", "1", "3", "1"]);
    expect("quantity", ["1", "2", "11", "1", "3", "1"]);
    expect("paid_amount", ["100.00", "80.00", "200.00", "20.00", "60.00", "0.00"]);
    expect("refund_amount", ["0.00", "10.00", "0.00", "0.00", "0.00", "0.00"]);
    expect("net_revenue", ["100.00", "70.00", "200.00", "20.00", "60.00", "0.00"]);
    expect("order_value", ["100.0", "40.0", "40.0", "20.0", "20.0", "0.0"]);
    expect("recency_days", ["0", "20", "90", "181", "167", "31"]);
    // b: 20 + 221 days; c: 90 + 90; e: 167 + 13.
    expect("age_days", ["0", "241", "180", "181", "180", "31"]);
    // c: 3, 10 and 77 days; e: 4 and 9.
    expect("mean_interval_days", ["", "221.0", "30.0", "", "6.5", ""]);
    expect("median_interval_days", ["", "221.0", "10.0", "", "6.5", ""]);
    expect("last_interval_days", ["", "221", "77", "", "9", ""]);
    expect("cohort_month", ["2026-06-01", "2025-11-01", "2026-01-01", "2025-12-01", "2026-01-01", "2026-05-01"]);
    expect("first_channel", ["natural", "", "natural", "activity", "natural", ""]);
    expect("first_category", ["tea", "", "", "", "", ""]);
    expect("province", ["上海", "广东省", "", "上海", "广东省", ""]);
    expect("lifecycle", ["new", "reactivated", "quiet", "churned", "dormant", "quiet"]);
    // By the stages, of 30, 90 and 180 days: 0 is within half of the active days, 20 within all of them, 90 and 31 are quiet, 167 is
    // dormant, 181 is beyond.
    expect("r_score", ["5", "4", "3", "1", "2", "3"]);
    // Of shop 7: purchase days 1 2 4 1 3; net 100 70 200 20 60.
    expect("f_score", ["1", "3", "5", "1", "4", "1"]);
    expect("m_score", ["4", "3", "5", "1", "2", "1"]);
    // Sums of F and M 14 and 15: high from 3 in each. R is high from 3 on, whatever the others have.
    expect("rfm_segment", ["promising", "champion", "champion", "lost", "fading", "champion"]);
    // Of 450, before c 0, a 200, b 300, e 370 (82.2 %), d 430 (95.6 %); shop 8 has no revenue.
    expect("value_tier", ["A", "A", "A", "C", "B", "C"]);
}

#[test]
fn the_first_item_is_that_of_the_first_purchase() {
    let mut context = signed_shops("2026-06-30");
    context.item_ids = ["cup", "tea"].map(|text| OwnedId::Text(text.into())).to_vec();
    let of = |on, item| Order { item, ..paid(on, 100) };
    let refunded = of("2026-01-01", 1).refunding(100);
    let buyers = [
        buyer(1, Id::Text("a"), vec![refunded, of("2026-01-02", 2), of("2026-01-03", 1)]),
        buyer(1, Id::Text("b"), vec![of("2026-01-02", 0)]),
    ];
    assert_eq!(column(&customers(&buyers, &context), "first_item_id"), ["tea", ""]);
}

#[test]
fn recency_by_rank_compares_with_the_others() {
    let mut context = signed_shops("2026-06-30");
    context.params.rfm.method = RfmMethod::Quantile(RecencyScore::Quantile);
    // Of shop 7: recency 0 20 90 181 167, sum of the scores 15: high from 3 on. The one customer of shop 8 is high by a score of 1.
    let batch = customers(&worked(), &context);
    assert_eq!(column(&batch, "r_score"), ["5", "4", "3", "1", "2", "1"]);
    assert_eq!(column(&batch, "rfm_segment"), ["promising", "champion", "champion", "lost", "fading", "champion"]);
    // Three hundred days later c is still a champion by rank, and must be kept by the stages.
    let late = |by| {
        let mut context = signed_shops(day("2026-06-30") + 300);
        context.params.rfm.method = RfmMethod::Quantile(by);
        let batch = customers(&worked(), &context);
        [column(&batch, "lifecycle").swap_remove(2), column(&batch, "rfm_segment").swap_remove(2)]
    };
    assert_eq!([late(RecencyScore::Quantile), late(RecencyScore::Stages)], [["churned", "champion"], ["churned", "must_keep"]]);
}

#[test]
fn fixed_thresholds_of_days_and_of_money_per_purchase_day() {
    let mut context = signed_shops("2026-06-30");
    context.params.rfm = Rfm {
        method: RfmMethod::Fixed { recency_days: [30, 60, 90, 120], frequency: [2, 3, 4, 5], monetary: [50_00, 100_00, 150_00, 200_00] },
        monetary_value: MonetaryValue::PerPurchaseDay,
    };
    let batch = customers(&worked(), &context);
    assert_eq!(column(&batch, "r_score"), ["5", "5", "2", "1", "1", "4"]);
    assert_eq!(column(&batch, "f_score"), ["1", "2", "4", "1", "3", "1"]);
    // 100; 70 on two days; 200 on four days (50 each); 20; 60 on three; 0.
    assert_eq!(column(&batch, "m_score"), ["3", "1", "2", "1", "1", "1"]);
    // Shop 7: sums 14, 11, 8, so high are R from 3, F from 3, M from 2.
    assert_eq!(column(&batch, "rfm_segment"), ["promising", "recent", "must_keep", "lost", "fading", "champion"]);
}

#[test]
fn without_customers_the_tables_are_there_and_empty() {
    let night = night_of(&signed_shops("2026-06-30"), Gathered::default().and(&CUSTOMERS, CustomerFold::default()));
    assert_eq!((of_night(&TABLE, &night).num_rows(), of_night(&segment_value::TABLE, &night).num_rows()), (0, 0));
}

#[test]
fn a_hundred_and_forty_thousand_customers_in_two_batches_on_any_threads() {
    let number = 140_000;
    let integer = IdType::of(&arrow::datatypes::DataType::Int64).unwrap();
    let context = context(integer);
    let one = day("2026-01-01");
    // Seven buckets, each ascending.
    let ids = (0..7).flat_map(|bucket| (0..number).filter(move |id| id * 7919 % 7 == bucket));
    let orders = |id: i64| vec![paid(one + (id % 150) as i32, id % 97 * 100)];
    let buyers: Vec<Customer> = ids.map(|id| buyer(1, Id::Integer(IdType::key(id - 5_000)), orders(id))).collect();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| finish(fold(&buyers), &context).unwrap())
    };
    let tables = on(1);
    assert_eq!(tables[0].iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [131_072, 8_928]);
    let ids: Vec<i64> = tables[0].iter().flat_map(|batch| column(batch, "customer_id")).map(|id| id.parse().unwrap()).collect();
    assert!(ids.into_iter().eq(-5_000..number - 5_000));
    assert!(on(4) == tables);
}

/// Orders of a customer: days ascending, some refunded in part or in full, some unpaid.
fn orders() -> impl Strategy<Value = Vec<crate::history::Order>> {
    let order = (0i32..400, 0i64..50, 0u32..3, 0u32..3, prop::bool::weighted(0.2));
    vec(order, 1..6).prop_map(|mut orders| {
        orders.sort_unstable();
        let order = |(days, amount, channel, province, is_refunded): (i32, i64, u32, u32, bool)| {
            let refunded = if is_refunded { amount * days as i64 / 3 } else { 0 };
            paid(day("2025-06-01") + days, amount * 100).refunding(refunded).coded(channel, province)
        };
        orders.into_iter().map(order).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn buckets_and_states_change_no_byte(
        buyers in btree_map((0u32..3, 0u32..500), (orders(), 0usize..4, 0usize..4), 0..120),
        as_text in any::<bool>(),
    ) {
        let id = |number: u32| match as_text {
            true => OwnedId::Text(format!("buyer{}", number % 250 * number).into()),
            false => OwnedId::Integer(IdType::key(i64::from(number) - 250)),
        };
        let mut dealt: Vec<(usize, usize, Customer)> = buyers
            .into_iter()
            .map(|((shop, number), (orders, worker, bucket))| (worker, bucket, buyer(shop, id(number), orders)))
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        dealt.retain(|(_, _, buyer)| seen.insert((buyer.shop, buyer.id.clone())));
        dealt.sort_by(|one, other| (one.2.shop, &one.2.id).cmp(&(other.2.shop, &other.2.id)));
        let id_type = if as_text { IdType::text() } else { IdType::of(&arrow::datatypes::DataType::UInt64).unwrap() };
        let context = context(id_type);
        let at_once = finish(fold(dealt.iter().map(|(_, _, buyer)| buyer)), &context).unwrap();

        dealt.sort_by_key(|(worker, bucket, _)| (*worker, *bucket));
        let mut merged = CustomerFold::default();
        for worker in dealt.chunk_by(|one, other| one.0 == other.0) {
            merged.merge(&fold(worker.iter().map(|(_, _, buyer)| buyer)).state().unwrap()).unwrap();
        }
        prop_assert_eq!(finish(merged, &context).unwrap(), at_once);
    }
}

#[test]
fn integer_ids_and_texts_do_not_mix() {
    let mut mixed = fold(&worked());
    let integer = buyer(1, Id::Integer(IdType::key(4)), vec![paid(0, 1)]);
    mixed.merge(&fold([&integer]).state().unwrap()).unwrap();
    assert!(finish(mixed, &signed_shops("2026-06-30")).is_err());
    let mut mixed = fold([&integer]);
    give(&mut mixed, &worked()[..1]);
    assert!(mixed.state().is_err());
}
