//! Cases of segment_value worked by hand.

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::*;
use crate::fold::customers::CUSTOMERS;
use crate::fold::folds::Gathered;
use crate::history::Features;
use crate::job::MemberLevel;
use crate::table::testing::{Customer, column, customer_fold, day, made_of, shown, signed_shops, worked};

fn segments(buyers: &[Customer], context: &Context) -> RecordBatch {
    made_of(&TABLE, context, Gathered::default().and(&CUSTOMERS, customer_fold(buyers)))
}

#[test]
fn the_segments_of_six_customers_worked_by_hand() {
    // Silver from 70.00 on, gold from 150.00 or 3 orders on: a (100.00) and b (70.00) are silver, c (200.00) and e (60.00, 3 orders) gold, d
    // (20.00) and the customer of shop 8 neither.
    let batch = segments(&worked(), &with_levels(signed_shops("2026-06-30")));
    let expected = [
        "7 amount_band 100-200 1 1 100.00",
        "7 amount_band 20-50 1 1 20.00",
        "7 amount_band 200-500 1 5 200.00",
        "7 amount_band 50-100 2 5 130.00",
        "7 first_channel (none) 1 2 70.00",
        "7 first_channel activity 1 1 20.00",
        "7 first_channel natural 3 9 360.00",
        "7 lifecycle churned 1 1 20.00",
        "7 lifecycle dormant 1 3 60.00",
        "7 lifecycle new 1 1 100.00",
        "7 lifecycle quiet 1 5 200.00",
        "7 lifecycle reactivated 1 2 70.00",
        "7 member_level (none) 1 1 20.00",
        "7 member_level gold 2 8 260.00",
        "7 member_level silver 2 3 170.00",
        "7 order_count 1 2 2 120.00",
        "7 order_count 2 1 2 70.00",
        "7 order_count 3 1 3 60.00",
        "7 order_count 5-9 1 5 200.00",
        "7 province (none) 1 5 200.00",
        "7 province 上海 2 2 120.00",
        "7 province 广东省 2 5 130.00",
        "7 rfm_segment champion 2 7 270.00",
        "7 rfm_segment fading 1 3 60.00",
        "7 rfm_segment lost 1 1 20.00",
        "7 rfm_segment promising 1 1 100.00",
        "7 value_tier A 3 8 370.00",
        "7 value_tier B 1 3 60.00",
        "7 value_tier C 1 1 20.00",
        "8 amount_band <1 1 1 0.00",
        "8 first_channel (none) 1 1 0.00",
        "8 lifecycle quiet 1 1 0.00",
        "8 member_level (none) 1 1 0.00",
        "8 order_count 1 1 1 0.00",
        "8 province (none) 1 1 0.00",
        "8 rfm_segment champion 1 1 0.00",
        "8 value_tier C 1 1 0.00",
    ];
    assert_eq!(shown(&batch, &["shop_id", "scheme", "segment", "customers", "orders", "net_revenue"]), expected);
    let row = |segment: &str, name: &str| {
        let position = expected.iter().position(|row| row.starts_with(segment)).unwrap();
        column(&batch, name).swap_remove(position)
    };
    // Tier A of shop 7: a, b and c.
    for (name, value) in [
        ("shop_customers", "5"),
        ("customer_share", "0.6"),
        ("paid_amount", "380.00"),
        ("shop_net_revenue", "450.00"),
        ("order_value", "47.5"),
        ("recency_days", "110"),
        ("interval_days", "311"),
        ("intervals", "4"),
        ("mean_interval_days", "77.75"),
        ("repeat_customers", "2"),
    ] {
        assert_eq!(row("7 value_tier A", name), value, "{name}");
    }
    for (name, value) in [
        ("revenue_share", 370.0 / 450.0),
        ("revenue_per_customer", 370.0 / 3.0),
        ("mean_recency_days", 110.0 / 3.0),
        ("repurchase_rate", 2.0 / 3.0),
    ] {
        assert!((row("7 value_tier A", name).parse::<f64>().unwrap() - value).abs() < 1e-12, "{name}");
    }
    assert_eq!(row("7 lifecycle new", "mean_interval_days"), "", "no interval, no mean");
    assert_eq!(row("8 value_tier C", "revenue_share"), "", "the shop has no revenue to share");
}

fn with_levels(mut context: Context) -> Context {
    let level = |name: &str, min_amount, min_orders| MemberLevel { name: name.to_owned(), min_amount: Some(min_amount), min_orders };
    context.params.member_levels = vec![level("silver", 70_00, None), level("gold", 150_00, Some(3))];
    context
}

#[test]
fn positions_sort_segments_by_their_meaning() {
    let batch = segments(&worked(), &with_levels(signed_shops("2026-06-30")));
    let mut of_shop = shown(&batch, &["shop_id", "scheme", "position", "segment"]);
    of_shop.retain(|row| row.starts_with("7 ") && ["amount_band", "member_level", "order_count"].iter().any(|scale| row.contains(scale)));
    of_shop.sort();
    // The steps below 100 are 1, 2, 5, 10, 20, 50: 20-50 is the sixth band.
    let expected = [
        "amount_band 6 20-50",
        "amount_band 7 50-100",
        "amount_band 8 100-200",
        "amount_band 9 200-500",
        "member_level 0 (none)",
        "member_level 1 silver",
        "member_level 2 gold",
        "order_count 1 1",
        "order_count 2 2",
        "order_count 3 3",
        "order_count 5 5-9",
    ];
    assert_eq!(of_shop, expected.map(|row| format!("7 {row}")));
}

#[test]
fn limits_of_the_job_and_no_levels() {
    let mut context = signed_shops("2026-06-30");
    context.params.amount_bands = vec![0, 70_00, 100_00];
    let batch = segments(&worked(), &context);
    let rows = shown(&batch, &["shop_id", "scheme", "segment", "position", "customers"]);
    let bands: Vec<&String> = rows.iter().filter(|row| row.contains("amount_band")).collect();
    // A limit lies in the band that it begins: b with 70.00 and a with 100.00.
    assert_eq!(bands, ["7 amount_band 0-70 2 2", "7 amount_band 100+ 4 2", "7 amount_band 70-100 3 1", "8 amount_band 0-70 2 1"]);
    assert!(!rows.iter().any(|row| row.contains("member_level")));
}

#[test]
fn a_dimension_that_is_not_mapped_has_no_rows() {
    let context = signed_shops("2026-06-30");
    let context = Context { features: Features { channel: false, province: false, ..context.features }, ..context };
    let schemes = column(&segments(&worked(), &context), "scheme");
    assert!(
        schemes.iter().all(|scheme| ["amount_band", "lifecycle", "order_count", "rfm_segment", "value_tier"].contains(&scheme.as_str())),
        "{schemes:?}"
    );
}

#[test]
fn a_value_that_is_written_like_a_missing_one_shares_its_row() {
    let dictionary = Dictionary::new(vec!["!".to_owned(), "(none)".to_owned(), "x".to_owned()]);
    let sums = [3, 1, 4, 2].map(|customers| Sums { customers, ..Sums::default() });
    let named: Vec<(&str, i64)> = by_value(&dictionary, &sums).into_iter().map(|(name, sums)| (name, sums.customers)).collect();
    assert_eq!(named, [("!", 1), ("(none)", 7), ("x", 2)]);
}

proptest! {
    #[test]
    fn every_scheme_holds_every_customer_once(kept in prop::collection::vec(any::<bool>(), 8), days in 0i32..400) {
        let buyers: Vec<Customer> = worked().into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(buyer, _)| buyer).collect();
        let batch = segments(&buyers, &signed_shops(day("2026-06-30") + days));
        let keys: Vec<String> = column(&batch, "shop_id").into_iter().zip(column(&batch, "scheme")).map(|(shop, scheme)| shop + " " + &scheme).collect();
        for (part, whole) in [("customers", "shop_customers"), ("net_revenue", "shop_net_revenue")] {
            let number = |name: &str| column(&batch, name).iter().map(|value| value.replace('.', "").parse().unwrap()).collect::<Vec<i64>>();
            let (parts, wholes) = (number(part), number(whole));
            for key in &keys {
                let rows = || (0..keys.len()).filter(|row| keys[*row] == *key);
                let sum: i64 = rows().map(|row| parts[row]).sum();
                prop_assert!(rows().all(|row| wholes[row] == sum), "{} of {}", part, key);
            }
        }
    }
}
