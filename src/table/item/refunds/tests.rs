//! Reasons of one shop worked by hand, and states that are merged.

use arrow::record_batch::RecordBatch;

use super::*;
use crate::history::{Context, Dictionary, ItemRefund};
use crate::input::records::facts::Facts;
use crate::input::records::item_titles::Titles;
use crate::input::values::codes::OwnedId;
use crate::spec::MappedInputs;
use crate::table::request::Request;
use crate::table::testing::{Customer, assert_row, customer, day, made_with, paid, shown, text_shops};

const DRESS: u32 = 1;
const CUP: u32 = 2;
const BROKEN: u16 = 1;
const SIZE: u16 = 3;

/// The data have the text of no reason, too.
fn context() -> Context {
    let mut context = text_shops(1, "2024-12-31");
    context.item_ids = ["a-dress", "b-cup"].map(|text| OwnedId::Text(text.into())).to_vec();
    context.refund_reasons = Dictionary::new(["!破损", "(none)", "尺码不合适"].map(str::to_owned).to_vec());
    context.item_titles = Arc::new(Titles::new(vec![((0, DRESS), "连衣裙".into())]));
    let mut inputs = MappedInputs::default();
    inputs.add("orders", ["item_id", "item_title"]);
    inputs.add("refunds", ["reason"]);
    context.inputs = inputs;
    context
}

fn back(rank: u32, item: u32, reason: u16, on: Option<&str>, amount: i64) -> ItemRefund {
    ItemRefund { rank, item, reason, day: on.map_or(NO_DAY, day), amount }
}

fn customers() -> Vec<Customer> {
    // Two lines of the dress in one order, which came back for one reason; 30.00 of them by the status alone.
    let orders = vec![paid("2024-09-01", 100_00).refunding(70_00), paid("2024-11-01", 50_00).refunding(50_00)];
    let mut anna = customer(0, orders).with_lines(&[(0, DRESS, 1, 60_00), (0, DRESS, 1, 40_00), (1, DRESS, 1, 50_00)]);
    anna.orders.iter_mut().zip(0..).for_each(|(order, rank)| order.rank = rank);
    anna.lines[0].net_revenue = 30_00;
    anna.lines[1].net_revenue = 0;
    anna.item_refunds = vec![
        back(0, DRESS, SIZE, Some("2024-09-10"), 30_00),
        back(0, DRESS, SIZE, Some("2024-12-02"), 10_00),
        back(0, DRESS, 0, None, 30_00),
        back(1, DRESS, SIZE, Some("2024-12-01"), 50_00),
    ];
    let mut ben = customer(0, vec![paid("2024-11-20", 80_00).refunding(50_00)]).with_lines(&[(0, DRESS, 1, 40_00), (0, CUP, 2, 40_00)]);
    ben.lines[0].net_revenue = 10_00;
    ben.lines[1].net_revenue = 20_00;
    // The text (none) of the data is no reason.
    ben.item_refunds = vec![
        back(0, DRESS, 2, Some("2024-12-31"), 20_00),
        back(0, DRESS, BROKEN, Some("2024-11-02"), 10_00),
        back(0, CUP, SIZE, Some("2024-11-01"), 20_00),
    ];
    vec![anna, ben]
}

fn table(parts: &[&[Customer]]) -> RecordBatch {
    let request = Request { has_refund_reasons: true, ..Request::NOTHING };
    made_with(&TABLE, &context(), &Facts::default(), request, parts)
}

#[test]
fn reasons_of_two_items_by_hand() {
    let table = table(&[&customers()]);
    assert_eq!(
        shown(&table, &["item_id", "reason", "title", "reason_rank", "refunded_orders", "refunded_of_paid", "item_refunded_of_paid"]),
        [
            "a-dress !破损 连衣裙 3 1 10.00 150.00",
            "a-dress (none) 连衣裙 2 2 50.00 150.00",
            "a-dress 尺码不合适 连衣裙 1 2 90.00 150.00",
            "b-cup 尺码不合适  1 1 20.00 20.00",
        ]
    );
    // Of 190.00 that were paid for the dress. Of both items 170.00 came back, 110.00 of them for the size.
    assert_row(
        &table,
        &["a", "a-dress", "尺码不合适"],
        &[
            ("reason_share", "0.6"),
            ("paid_amount", "19000"),
            ("refund_share", "0.47368421052631576"),
            ("shop_reason_refunded", "11000"),
            ("shop_refunded", "17000"),
            ("shop_reason_share", "0.6470588235294118"),
            // December 2 is the first of the last 30 days; November 2 the first of the 30 before.
            ("refunded_30", "1000"),
            ("refunded_30_before", "5000"),
            ("refund_trend", "-0.8"),
        ],
    );
    // What only a status says has no day.
    assert_row(&table, &["a", "a-dress", "(none)"], &[("refunded_30", "2000"), ("refunded_30_before", "0"), ("refund_trend", "-")]);
    assert_row(&table, &["a", "a-dress", "!破损"], &[("refunded_30", "0"), ("refunded_30_before", "1000"), ("refund_trend", "-1")]);
    assert_row(&table, &["a", "b-cup", "尺码不合适"], &[("refunded_30_before", "0"), ("refund_share", "0.5")]);
}

#[test]
fn items_have_their_main_reason_and_their_title() {
    let request = Request { has_refund_reasons: true, ..Request::NOTHING };
    let table = made_with(&crate::table::item::items::TABLE, &context(), &Facts::default(), request, &[&customers()]);
    assert_eq!(
        shown(
            &table,
            &["item_id", "title", "refunded_of_paid", "main_refund_reason", "main_refund_reason_amount", "main_refund_reason_share"]
        ),
        ["a-dress 连衣裙 150.00 尺码不合适 90.00 0.6", "b-cup  20.00 尺码不合适 20.00 1.0"]
    );
}

#[test]
fn of_equal_reasons_the_lesser_text_is_the_main_one() {
    let mut customers = customers();
    customers[0].item_refunds =
        vec![back(0, DRESS, SIZE, None, 35_00), back(0, DRESS, BROKEN, None, 25_00), back(1, DRESS, 0, None, 35_00)];
    customers[1].item_refunds = vec![back(0, DRESS, BROKEN, None, 10_00)];
    let table = table(&[&customers]);
    assert_eq!(shown(&table, &["reason", "reason_rank"]), ["!破损 1", "(none) 2", "尺码不合适 3"]);
}

#[test]
fn parts_folded_apart_and_merged_are_the_whole() {
    let customers = customers();
    assert_eq!(table(&[&customers[1..], &customers[..1]]), table(&[&customers]));
}
