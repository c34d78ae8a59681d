//! Promotions of two months worked by hand, and laws: promotions add up to the shop, parts to the whole.

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::*;
use crate::history::Context;
use crate::input::records::facts::Facts;
use crate::input::values::money::NO_MONEY;
use crate::table::request::Request;
use crate::table::shop;
use crate::table::testing::{Customer, any_customers, assert_row, customer, facts, known, made_with, paid, shown, text_shops, value};

/// Orders by coupon (1), by 满减 (2) and by none (0).
fn customers() -> Vec<Customer> {
    let anna = vec![paid("2024-01-10", 8000).promoted(1, 2000), paid("2024-02-03", 5000).promoted(1, 0), paid("2024-02-04", 6000)];
    // New in February by 满减; the coupon a day later is neither a new nor a returning customer's.
    let ben = vec![paid("2024-02-05", 9000).promoted(2, 1000), paid("2024-02-06", 2000).promoted(1, NO_MONEY)];
    // Refunded in full: it was paid all the same, and what was taken off it was taken off.
    let cleo = vec![paid("2024-02-07", 3000).refunding(3000).promoted(1, 1000)];
    [anna, ben, cleo].map(|orders| customer(0, orders)).to_vec()
}

fn table(context: &Context, facts: &Facts, customers: &[Customer]) -> RecordBatch {
    made_with(&TABLE, context, facts, Request::NOTHING, &[customers])
}

#[test]
fn two_months_by_hand() {
    let table = table(&text_shops(1, "2024-02-15"), &facts(&["2024-01-01"]), &customers());
    let keys: Vec<String> =
        shown(&table, &["grain", "period_start", "promotion"]).into_iter().filter(|row| row.starts_with("month")).collect();
    assert_eq!(keys, ["01-01 coupon", "02-01 (none)", "02-01 coupon", "02-01 满减"].map(|row| format!("month 2024-{row}")));
    assert_row(
        &table,
        &["a", "month", "2024-01-01", "coupon"],
        &[
            ("is_complete", "true"),
            ("orders", "1"),
            ("order_share", "1"),
            ("discount_amount", "2000"),
            ("amount_before_discount", "10000"),
            ("discount_depth", "0.2"),
            ("new_customers", "1"),
            ("returning_customers", "0"),
        ],
    );
    // Anna's 50.00, Ben's 20.00 of which nobody knows what was taken off, and Cleo's 30.00 that went back.
    assert_row(
        &table,
        &["a", "month", "2024-02-01", "coupon"],
        &[
            ("is_complete", "false"),
            ("orders", "3"),
            ("shop_paid_orders", "5"),
            ("order_share", "0.6"),
            ("paid_amount", "10000"),
            ("shop_paid_amount", "25000"),
            ("amount_share", "0.4"),
            ("order_value", "33.333333333333336"),
            ("refunded_of_paid", "3000"),
            ("refund_share", "0.3"),
            ("net_by_payment", "7000"),
            ("orders_with_discount_amount", "2"),
            ("discount_amount", "1000"),
            ("amount_before_discount", "9000"),
            ("discount_depth", "0.1111111111111111"),
            ("paying_customers", "3"),
            ("new_customers", "0"),
            ("returning_customers", "1"),
            ("returning_share", "1"),
        ],
    );
    assert_row(
        &table,
        &["a", "month", "2024-02-01", "满减"],
        &[("new_customers", "1"), ("returning_customers", "0"), ("returning_share", "0"), ("discount_depth", "0.1")],
    );
    assert_row(
        &table,
        &["a", "month", "2024-02-01", "(none)"],
        &[
            ("orders", "1"),
            ("orders_with_discount_amount", "0"),
            ("discount_amount", "-"),
            ("amount_before_discount", "-"),
            ("discount_depth", "-"),
            ("returning_customers", "1"),
        ],
    );
    // In the year Anna is new by the coupon of January, and nobody returns.
    assert_row(
        &table,
        &["a", "year", "2024-01-01", "coupon"],
        &[("orders", "4"), ("paying_customers", "3"), ("new_customers", "1"), ("returning_customers", "0"), ("returning_share", "0")],
    );
}

#[test]
fn what_the_job_does_not_map_is_null_and_not_zero() {
    let mut context = text_shops(1, "2024-02-15");
    (context.features.customers, context.features.refunded) = (false, false);
    let table = table(&context, &facts(&["2024-01-01"]), &customers());
    let unknown = ["paying_customers", "new_customers", "returning_customers", "returning_share", "refunded_of_paid", "net_by_payment"];
    assert_row(&table, &["a", "month", "2024-02-01", "coupon"], &unknown.map(|column| (column, "-")));
    assert_row(&table, &["a", "month", "2024-02-01", "coupon"], &[("orders", "3"), ("refund_share", "-"), ("discount_amount", "1000")]);
}

#[test]
fn an_order_of_nothing_has_no_depth_unless_something_was_taken_off() {
    let free = vec![customer(0, vec![paid("2024-01-10", 0).promoted(1, 0), paid("2024-01-10", 0).promoted(2, 700)])];
    let table = table(&text_shops(1, "2024-02-15"), &facts(&["2024-01-01"]), &free);
    assert_row(
        &table,
        &["a", "month", "2024-01-01", "coupon"],
        &[("discount_amount", "0"), ("discount_depth", "-"), ("amount_share", "-")],
    );
    assert_row(&table, &["a", "month", "2024-01-01", "满减"], &[("discount_amount", "700"), ("discount_depth", "1")]);
}

/// The customers with a promotion and a discount, or none, for each order.
fn promoted(customers: Vec<Customer>) -> Vec<Customer> {
    let promoted = |mut customer: Customer| {
        for order in &mut customer.orders {
            let amount = order.placed_amount;
            *order = order.promoted((amount % 3) as u32, if amount % 5 == 0 { NO_MONEY } else { amount / 2 });
        }
        customer
    };
    customers.into_iter().map(promoted).collect()
}

proptest! {
    #[test]
    fn promotions_add_up_to_the_shop(customers in any_customers(2)) {
        let (context, facts, customers) = (text_shops(2, "2024-12-31"), facts(&["2023-01-01", "2023-01-01"]), promoted(customers));
        let periods = made_with(&shop::periods::TABLE, &context, &facts, Request::NOTHING, &[&customers]);
        let table = table(&context, &facts, &customers);
        let key = |batch: &RecordBatch, row| ["shop_id", "grain", "period_start"].map(|column| value(batch, row, column));
        let keys: Vec<[String; 3]> = (0..table.num_rows()).map(|row| key(&table, row)).collect();
        let columns = [
            ("orders", "paid_orders"), ("paid_amount", "paid_amount"), ("refunded_of_paid", "refunded_of_paid"),
            ("net_by_payment", "net_by_payment"), ("new_customers", "new_customers"), ("paying_customers", "paying_customers"),
            ("returning_customers", "returning_customers"),
        ];
        for (own, of_shop) in columns {
            let (parts, totals) = (known(&table, own), (known(&table, "shop_paid_orders"), known(&table, "shop_paid_amount")));
            for (row, whole) in known(&periods, of_shop).into_iter().enumerate() {
                let of_period: Vec<usize> = (0..keys.len()).filter(|place| keys[*place] == key(&periods, row)).collect();
                let sum: i64 = of_period.iter().map(|place| parts[*place]).sum();
                match own {
                    // Who bought by two promotions is in both.
                    "paying_customers" | "returning_customers" => prop_assert!(sum >= whole, "{}", own),
                    _ => prop_assert_eq!(sum, whole, "{}", own),
                }
                match own {
                    "orders" => prop_assert!(of_period.iter().all(|place| totals.0[*place] == whole)),
                    "paid_amount" => prop_assert!(of_period.iter().all(|place| totals.1[*place] == whole)),
                    _ => {}
                }
            }
        }
        let (new, returning) = (known(&table, "new_customers"), known(&table, "returning_customers"));
        let people = known(&table, "paying_customers").into_iter().zip(new).zip(returning);
        for ((paying, new), returning) in people {
            prop_assert!(new + returning <= paying);
        }
    }

    #[test]
    fn parts_folded_apart_and_merged_make_the_same_table(customers in any_customers(2), cut in 0usize..12) {
        let (context, facts, customers) = (text_shops(2, "2024-12-31"), facts(&["2023-01-01", "2023-01-01"]), promoted(customers));
        let cut = cut.min(customers.len());
        let in_parts = made_with(&TABLE, &context, &facts, Request::NOTHING, &[&customers[cut..], &customers[..cut]]);
        prop_assert_eq!(in_parts, table(&context, &facts, &customers));
    }
}
