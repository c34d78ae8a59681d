//! Which restatements are worth a line, by rows made by hand.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, StringArray};

use super::*;
use crate::table::testing::{day, text_shops};

type Columns = Vec<(&'static str, ArrayRef)>;

/// A restatement of shop a: table, metric, grain, dimension, unit, old, new.
type Figure<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, Option<f64>, Option<f64>);

fn texts(values: impl Iterator<Item = String>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn numbers(values: Vec<Option<f64>>) -> ArrayRef {
    Arc::new(Float64Array::from(values))
}

/// Restatements of October or of the quarter from then on, because of late orders: two, with the whole of a difference of money.
fn restatements(figures: &[Figure<'_>]) -> Columns {
    let text = |of: fn(&Figure<'_>) -> String| texts(figures.iter().map(of));
    let number = |of: fn(&Figure<'_>) -> Option<f64>| numbers(figures.iter().map(of).collect());
    let difference: fn(&Figure<'_>) -> Option<f64> = |figure| Some(figure.6.unwrap_or(0.0) - figure.5.unwrap_or(0.0));
    vec![
        ("table", text(|figure| figure.0.to_owned())),
        ("metric", text(|figure| figure.1.to_owned())),
        ("shop_id", text(|_| "a".to_owned())),
        ("grain", text(|figure| figure.2.to_owned())),
        ("period_start", Arc::new(Date32Array::from(vec![day("2026-10-01"); figures.len()]))),
        ("dimension", text(|figure| figure.3.to_owned())),
        ("unit", text(|figure| figure.4.to_owned())),
        ("old", number(|figure| figure.5)),
        ("new", number(|figure| figure.6)),
        ("difference", number(difference)),
        ("relative", number(|figure| figure.5.filter(|old| *old != 0.0).map(|old| (figure.6.unwrap_or(0.0) - old) / old))),
        ("cause", text(|_| "late_order".to_owned())),
        ("late_order_orders", number(|_| Some(2.0))),
        ("late_order_amount", numbers(figures.iter().map(|figure| difference(figure).filter(|_| figure.4 == "CNY")).collect())),
    ]
}

/// The requirement to convert at least 4 % of the visitors in the last quarter.
fn results(test: &str, status: &str) -> Columns {
    let all = |text: &str| texts(std::iter::once(text.to_owned()));
    vec![
        ("shop_id", all("a")),
        ("assessment", all("tmall_quarterly")),
        ("period_start", Arc::new(Date32Array::from(vec![day("2026-10-01")]))),
        ("metric", all("uv_conversion")),
        ("test", all(test)),
        ("threshold", numbers(vec![Some(0.04)])),
        ("status", all(status)),
    ]
}

fn notes(results: Option<Columns>, restatements: Columns) -> Vec<Note> {
    let context = text_shops(2, "2026-11-21");
    let (shops, mut restated) = (Shops::of(&context), Restated::default());
    let batch = |columns: Columns| RecordBatch::try_from_iter(columns).expect("columns of one length");
    if let Some(results) = results {
        restated.hear_results(&shops, &batch(results));
    }
    restated.hear(&shops, &batch(restatements));
    restated.notes(&context)
}

#[test]
fn the_largest_change_of_a_month_is_told_and_trifles_are_not() {
    // 100 of 10,000 are just enough, and more than 60 of 5,000; buyers, the quarter and the bridge are no lines.
    let october = |paid: f64| {
        restatements(&[
            ("revenue_bridge", "paid_amount", "month", "all", "CNY", Some(10_000.0), Some(90_000.0)),
            ("shop_periods", "net_by_payment", "month", "all", "CNY", Some(5_000.0), Some(4_940.0)),
            ("shop_periods", "paid_amount", "month", "all", "CNY", Some(10_000.0), Some(paid)),
            ("shop_periods", "paid_amount", "quarter", "all", "CNY", Some(30_000.0), Some(90_000.0)),
            ("shop_periods", "paying_customers", "month", "all", "customers", Some(10.0), Some(90.0)),
        ])
    };
    let [note] = &notes(None, october(10_100.0))[..] else { panic!("one note") };
    assert_eq!(
        note.sentence.english,
        "Paid amount of 2026-10 is 10,100 CNY now, 100 CNY (1.0%) more than was published before. Main cause: orders that came late (2 \
         orders, 100 CNY)."
    );
    assert_eq!(
        note.sentence.chinese,
        "2026-10 支付金额现为 10,100 元，比此前公布的多 100 元（1.0%）。主要原因：补录订单（2 单，100 元）。"
    );
    assert_eq!((note.weight(), note.value, note.expected, note.stake), (45, Some(10_100.0), Some(10_000.0), 100.0));
    assert_eq!(note.key, "table=shop_periods, metric=paid_amount, grain=month, period_start=2026-10-01, dimension=all");
    // 99 are 0.99 %, so that what was left of the payments is told.
    let [note] = &notes(None, october(10_099.0))[..] else { panic!("one note") };
    assert!(
        note.sentence.english.starts_with("Net by payment of 2026-10 is 4,940 CNY now, 60 CNY (1.2%) less than"),
        "{}",
        note.sentence.english
    );
    let trifle = [("shop_periods", "paid_amount", "month", "all", "CNY", Some(10_000.0), Some(9_901.0))];
    assert_eq!(notes(None, restatements(&trifle)), []);
}

#[test]
fn of_equal_changes_that_of_payments_is_told_and_what_was_not_there_has_no_share() {
    let figures = [
        ("shop_periods", "net_by_payment", "month", "all", "CNY", None, Some(80.0)),
        ("shop_periods", "paid_amount", "month", "all", "CNY", None, Some(80.0)),
    ];
    let [note] = &notes(None, restatements(&figures))[..] else { panic!("one note") };
    assert!(
        note.sentence.english.starts_with("Paid amount of 2026-10 is 80 CNY now; nothing was published before."),
        "{}",
        note.sentence.english
    );
}

#[test]
fn an_assessment_that_changes_its_side_comes_before_every_amount() {
    let figures = |old: f64, new: f64| {
        restatements(&[
            ("assessment_results", "uv_conversion", "cycle", "tmall_quarterly", "1", Some(old), Some(new)),
            ("shop_periods", "paid_amount", "month", "all", "CNY", Some(10_000.0), Some(90_000.0)),
        ])
    };
    let told = |results: Columns, figures: Columns| {
        let [note] = &notes(Some(results), figures)[..] else { panic!("one note") };
        (note.weight(), note.key.clone(), note.sentence.english.clone())
    };
    let (weight, key, said) = told(results("at_least", "fail"), figures(0.041, 0.039));
    assert_eq!(
        (weight, key.as_str()),
        (65, "table=assessment_results, metric=uv_conversion, grain=cycle, period_start=2026-10-01, dimension=tmall_quarterly")
    );
    assert_eq!(
        said,
        "UV conversion in Tmall quarterly from 2026-10-01 on is 3.9% now and was 4.1%: 4.0% is asked for, which was met and is missed. Main \
         cause: orders that came late (2 orders)."
    );
    // A limit that is kept now; what passes now weighs as much as an amount.
    let passing = notes(
        Some(results("at_most", "pass")),
        restatements(&[("assessment_results", "uv_conversion", "cycle", "tmall_quarterly", "1", Some(0.05), Some(0.04))]),
    );
    assert_eq!(passing.iter().map(Note::weight).collect::<Vec<_>>(), [45]);
    assert!(passing[0].sentence.english.contains("which was missed and is met."), "{}", passing[0].sentence.english);
    // On the same side, running, or held against other shops, whose values of then nobody knows: the amount is told.
    for (results, figures) in [
        (results("at_least", "fail"), figures(0.038, 0.039)),
        (results("at_least", "running_fail"), figures(0.041, 0.039)),
        (results("at_least_peer_mean", "fail"), figures(0.041, 0.039)),
    ] {
        assert!(told(results, figures).1.starts_with("table=shop_periods, metric=paid_amount"));
    }
}
