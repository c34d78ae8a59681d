//! What is worth a line and what is not, by rows made by hand.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, StringArray};
use arrow::record_batch::RecordBatch;

use super::*;
use crate::table::card;
use crate::table::morning::note::Severity;
use crate::table::testing::{day, text_shops};

mod plans;

const AS_OF: &str = "2026-11-21";

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn numbers(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn days(values: &[&str]) -> ArrayRef {
    Arc::new(Date32Array::from_iter_values(values.iter().map(|value| day(value))))
}

/// The notes of shops a and b after hearing rows of tables.
fn notes(tables: &[(&str, Vec<(&str, ArrayRef)>)], most: usize) -> Vec<Note> {
    let context = text_shops(2, AS_OF);
    let mut briefing = Briefing::new(&context);
    for (name, columns) in tables {
        let batch = RecordBatch::try_from_iter(columns.clone()).expect("columns of one length");
        briefing.hear(&card(name).expect("a table of the catalogue"), &batch);
    }
    briefing.notes(&context, most)
}

/// Kinds, severities and keys of notes.
fn told(notes: &[Note]) -> Vec<(u32, &str, &str, &str)> {
    notes.iter().map(|note| (note.shop, note.kind.name(), note.severity.name(), note.key.as_str())).collect()
}

fn results(status: &[&str], ends: &[&str], chances: &[f64]) -> (&'static str, Vec<(&'static str, ArrayRef)>) {
    let all = |value: &'static str| texts(&vec![value; status.len()]);
    let columns = vec![
        ("shop_id", all("a")),
        ("assessment", all("tmall_annual")),
        ("period_start", days(&vec!["2026-01-01"; status.len()])),
        ("period_end", days(ends)),
        ("metric", texts(&["paid_amount", "uv_conversion", "refund_rate"][..status.len()])),
        ("test", texts(&["at_least", "at_least_peer_mean", "at_most"][..status.len()])),
        ("unit", texts(&["CNY", "1", "1"][..status.len()])),
        ("status", texts(status)),
        ("pass_probability", numbers(chances)),
        ("value", numbers(&[160_000.0, 0.03, 0.1][..status.len()])),
        ("threshold", numbers(&[180_000.0, 0.04, 0.05][..status.len()])),
        ("threshold_to_date", numbers(&[170_000.0, 0.04, 0.05][..status.len()])),
        ("needed", numbers(&[1_500.0, 0.05, 0.01][..status.len()])),
        ("needed_unit", texts(&["CNY a day", "rate of the days to come", "rate of the days to come"][..status.len()])),
    ];
    ("assessment_results", columns)
}

#[test]
fn what_is_missed_soon_is_an_alarm_and_what_passes_is_no_line() {
    // The year ends in 40 days, a quarter in 9; the third passes and will.
    let found = notes(
        &[results(&["running_fail", "running_fail", "running_pass"], &["2026-12-31", "2026-11-30", "2026-11-30"], &[0.9, 0.1, 0.5])],
        8,
    );
    let key = |metric| format!("assessment=tmall_annual, period_start=2026-01-01, metric={metric}");
    let expected = [(0, "assessment_at_risk", "alarm", &*key("uv_conversion")), (0, "assessment_at_risk", "watch", &*key("paid_amount"))];
    assert_eq!(told(&found), expected);
    // The threshold of the whole year is said; what should be there by now is expected.
    let [conversion, paid] = &found[..] else { panic!("two notes") };
    assert_eq!(
        paid.sentence.english,
        "Paid amount: 160,000 CNY; Tmall annual asks for at least 180,000 CNY by 2026-12-31. That takes 1,500 CNY a day from now on."
    );
    assert_eq!((paid.value, paid.expected), (Some(160_000.0), Some(170_000.0)));
    assert_eq!(conversion.sentence.chinese, "日均成交UV转化率 3.0%；天猫年度考核要求截至 2026-11-30 不低于 4.0%。此后的日子需达到 5.0%。");
    // What passes so far and will probably not is to be watched.
    let doubtful = notes(&[results(&["running_pass"], &["2026-11-30"], &[0.49])], 8);
    assert_eq!(told(&doubtful), [(0, "assessment_at_risk", "watch", &*key("paid_amount"))]);
    assert!(doubtful[0].sentence.english.ends_with("As things go it will rather be missed: the chance to pass is 49.0%."));
}

#[test]
fn a_window_that_ends_today_and_was_missed_is_to_be_watched_and_one_of_the_past_is_no_line() {
    let (name, mut columns) = results(&["fail", "fail", "pass"], &[AS_OF, "2026-09-30", AS_OF], &[0.0, 0.0, 0.0]);
    columns.retain(|(column, _)| !["pass_probability", "needed", "needed_unit"].contains(column));
    let found = notes(&[(name, columns)], 8);
    assert_eq!(told(&found), [(0, "assessment_at_risk", "watch", "assessment=tmall_annual, period_start=2026-01-01, metric=paid_amount")]);
    let said = "Paid amount: 160,000 CNY; Tmall annual asks for at least 180,000 CNY by 2026-11-21.";
    assert_eq!(found[0].sentence.english, said);
}

#[test]
fn where_less_is_better_a_bound_is_a_limit_and_what_is_lost_is_told() {
    // Not to be among the bottom of disputes is to have at most so many; 1.2 of a rate is beyond all.
    let table = |metric: &'static str, test: &'static str, needed: f64| {
        let (name, mut columns) = results(&["running_fail"], &["2026-12-31"], &[0.0]);
        for (column, values) in &mut columns {
            match *column {
                "metric" => *values = texts(&[metric]),
                "test" => *values = texts(&[test]),
                "unit" => *values = texts(&["1"]),
                "value" | "threshold" => *values = numbers(&[if *column == "value" { 0.3333 } else { 0.25 }]),
                "needed" => *values = numbers(&[needed]),
                "needed_unit" => *values = texts(&["rate of the days to come"]),
                _ => {}
            }
        }
        notes(&[(name, columns)], 8)
    };
    let disputes = table("dispute_rate", "not_bottom", 0.142);
    assert_eq!(
        disputes[0].sentence.english,
        "Dispute rate: 33.3%; Tmall annual allows 25.0% at most until 2026-12-31. The days to come may have 14.2% at most."
    );
    assert_eq!(disputes[0].severity, Severity::Watch);
    let lost = table("payment_rate", "not_bottom", 1.2);
    assert!(lost[0].sentence.english.ends_with("asks for at least 25.0% by 2026-12-31. It cannot be met any more in this cycle."));
    assert_eq!((lost[0].severity, lost[0].is_lost), (Severity::Watch, true));
}

#[test]
fn requirements_that_cannot_be_met_any_more_come_last_and_no_more_than_two_of_them() {
    // Of `lost` requirements nothing makes the rate good; `open` ones want 0.5. The names are in the order of the letters.
    let table = |lost: usize, open: usize| {
        let metrics: Vec<String> = (0..lost).map(|at| format!("a{at}")).chain((0..open).map(|at| format!("b{at}"))).collect();
        let metrics: Vec<&str> = metrics.iter().map(String::as_str).collect();
        let all = |value: &str| texts(&vec![value; lost + open]);
        let needed: Vec<f64> = (0..lost).map(|_| 1.2).chain((0..open).map(|_| 0.5)).collect();
        let columns = vec![
            ("shop_id", all("a")),
            ("assessment", all("own")),
            ("period_start", days(&vec!["2026-01-01"; lost + open])),
            ("period_end", days(&vec!["2026-12-31"; lost + open])),
            ("metric", texts(&metrics)),
            ("test", all("at_least")),
            ("unit", all("1")),
            ("status", all("running_fail")),
            ("value", numbers(&vec![0.2; lost + open])),
            ("threshold", numbers(&vec![0.4; lost + open])),
            ("threshold_to_date", numbers(&vec![0.4; lost + open])),
            ("needed", numbers(&needed)),
            ("needed_unit", all("rate of the days to come")),
        ];
        ("assessment_results", columns)
    };
    let list = (
        "audience_vip_care",
        vec![
            ("shop_id", texts(&["a"])),
            ("arm", texts(&["treated"])),
            ("unpaid_amount", numbers(&[0.0])),
            ("net_revenue", numbers(&[1.0])),
        ],
    );
    let told = |lost, open| {
        let found = notes(&[table(lost, open), list.clone()], 8);
        found.iter().map(|note| note.key.rsplit('=').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    // The list, whose key is empty, comes before what is lost.
    assert_eq!(told(3, 1), ["b0", "", "a0", "a1"]);
    assert_eq!(told(3, 3), ["b0", "b1", "b2", "", "a0"]);
    assert_eq!(told(1, 6), ["b0", "b1", "b2", "b3", ""]);
}

#[test]
fn refunds_grow_by_a_quarter_and_by_two_points() {
    let refunded = |[this, reason]: [&'static str; 2]| {
        let money =
            |fen: [i128; 3]| Arc::new(Decimal128Array::from(fen.to_vec()).with_precision_and_scale(18, 2).expect("fen")) as ArrayRef;
        let columns = vec![
            ("shop_id", texts(&["a", "a", this])),
            ("item_id", texts(&["7", "8", "9"])),
            ("title", Arc::new(StringArray::from(vec![None, Some("dress"), None])) as ArrayRef),
            ("reason", texts(&["size", reason, "late"])),
            ("refunded_30", money([50_000, 61_000, 99_000])),
            ("refunded_30_before", money([45_000, 20_050, 0])),
        ];
        ("item_refunds", columns)
    };
    let with_items = |items: Vec<(&'static str, Vec<(&'static str, ArrayRef)>)>, shares: [f64; 3]| {
        let columns = vec![
            ("shop_id", texts(&["a"; 3])),
            ("grain", texts(&["month"; 3])),
            ("period_start", days(&["2026-08-01", "2026-09-01", "2026-10-01"])),
            ("is_complete", Arc::new(BooleanArray::from(vec![true; 3])) as ArrayRef),
            ("paid_amount", numbers(&[10_000.0; 3])),
            ("refund_share_expected", numbers(&shares)),
        ];
        notes(&[items, vec![("revenue_bridge", columns)]].concat(), 8)
    };
    let bridge = |shares| with_items(Vec::new(), shares);
    let grown = bridge([0.30, 0.08, 0.11]);
    assert_eq!(told(&grown), [(0, "refunds_grow", "watch", "grain=month, period_start=2026-10-01")]);
    let said = "Refunds are expected to take 11.0% of what was paid in 2026-10, after 8.0% the month before.";
    assert_eq!(grown[0].sentence.english, format!("{said} See which items are sent back, and why."));
    // Of the shop's own items 7 grew by 50.00, 8 by 409.50; 9 is of another shop.
    let of_reason = |reason| with_items(vec![refunded(["b", reason])], [0.30, 0.08, 0.11])[0].sentence.clone();
    let grew = "What grew most in the last 30 days is dress (8)";
    let amounts = "610 CNY, after 200.50 CNY in the 30 days before.";
    assert_eq!(of_reason("broken").english, format!("{said} {grew}, for the reason broken: {amounts}"));
    assert!(of_reason("broken").chinese.ends_with("近30天增加最多的是dress (8)，原因“broken”：610 元，之前30天为 200.50 元。"));
    assert_eq!(of_reason("(none)").english, format!("{said} {grew}, with no reason given: {amounts}"));
    // 0.50 is 0.05 more than 0.45, which is less than a quarter; 0.02 is twice 0.01, which is less than two points.
    assert_eq!(bridge([0.1, 0.45, 0.50]), []);
    assert_eq!(bridge([0.1, 0.01, 0.02]), []);
}

#[test]
fn lists_are_counted_without_their_control_and_come_last() {
    let list = (
        "audience_unpaid_reminder",
        vec![
            ("shop_id", texts(&["a", "a", "a", "b"])),
            ("arm", texts(&["treated", "treated", "control", "control"])),
            ("unpaid_amount", numbers(&[100.0, 50.5, 70.0, 10.0])),
            ("net_revenue", numbers(&[1.0, 2.0, 4.0, 8.0])),
        ],
    );
    let items = (
        "items",
        vec![
            ("shop_id", texts(&["a"; 4])),
            ("item_id", texts(&["1", "2", "3", "4"])),
            ("tier", texts(&["A", "A", "B", "A"])),
            ("trend", numbers(&[-0.5, -0.6, -1.0, -0.49])),
            ("last_sold", days(&["2026-11-14", "2026-11-13", "2026-09-30", "2026-11-21"])),
            ("amount_30", numbers(&[500.0, 40.0, 0.0, 5_100.0])),
            ("amount_30_before", numbers(&[1_000.0, 100.0, 90_000.0, 10_000.0])),
        ],
    );
    let found = notes(&[list.clone(), items.clone()], 8);
    // Item 1 lost 500, item 2 only 60; item 3 is of tier B, and item 4 fell by less than half.
    assert_eq!(told(&found), [(0, "item_falls", "watch", "item_id=1"), (0, "list_ready", "watch", "")]);
    // Sold last a week ago: it is still sold now and then. Item 2 alone has stopped for eight days.
    assert!(found[0].sentence.english.ends_with("See whether its stock, price, reviews or visitors have changed."));
    let (_, mut second) = items.clone();
    second[2].1 = texts(&["B", "A", "B", "B"]);
    let stopped = &notes(&[("items", second)], 8)[0].sentence.english;
    assert!(stopped.ends_with("It was last sold on 2026-11-13: see whether it is still on sale and in stock."), "{stopped}");
    assert_eq!(found[1].sentence.english, "Unpaid reminder: 2 customers to contact, with unpaid orders of 150.50 CNY.");
    assert_eq!(found[1].table, "audience_unpaid_reminder");
    // One customer of others with an unpaid order makes no list about unpaid orders.
    let (_, mut of_best) = list.clone();
    of_best[2].1 = numbers(&[100.0, 0.0, 70.0, 10.0]);
    let best = notes(&[("audience_vip_care", of_best)], 8);
    assert_eq!(best[0].sentence.english, "VIP care: 2 customers to contact, who brought 3 CNY so far.");
    assert_eq!(best[0].severity, Severity::Info);
    assert_eq!(told(&notes(&[list, items], 1)), [(0, "item_falls", "watch", "item_id=1")]);
}

#[test]
fn alarms_of_the_last_day_are_told_and_those_that_go_together_are_one_line() {
    let metrics = ["conversion", "new_customers", "paid_amount", "placed_orders", "uv", "uv:paid"];
    let alerts = (
        "alerts",
        vec![
            ("shop_id", texts(&["a"; 6])),
            ("date", days(&[AS_OF, AS_OF, AS_OF, AS_OF, "2026-11-20", AS_OF])),
            ("metric", texts(&metrics)),
            ("unit", texts(&["1", "customers", "CNY", "orders", "visitors", "visitors"])),
            ("value", numbers(&[0.01, 40.0, 900.0, 12.0, 1.0, 5.0])),
            ("expected", numbers(&[0.04, 12.6, 2_500.4, 40.0, 300.0, 60.0])),
            ("score", numbers(&[-5.5, 7.0, -6.0, -5.2, -9.0, -4.0])),
            ("severity", texts(&["alarm", "alarm", "alarm", "alarm", "alarm", "watch"])),
            ("is_good", Arc::new(BooleanArray::from(vec![false, true, false, false, false, false])) as ArrayRef),
            ("driver", Arc::new(StringArray::from(vec![None, None, Some("conversion"), None, None, None])) as ArrayRef),
        ],
    );
    let found = notes(&[alerts], 8);
    let key = |metric| format!("date={AS_OF}, metric={metric}");
    // By score: sales −6.0, conversion −5.5, placed orders −5.2, which fall together. The new customers are good, the visitors of the day before
    // are past, and those of a channel are to be watched only.
    let expected = [
        (0, "alarm", "alarm", &*key("paid_amount")),
        (0, "alarm", "watch", &*key("new_customers")),
        (0, "alarm", "watch", &*key("uv:paid")),
    ];
    assert_eq!(told(&found), expected);
    assert_eq!(
        found[0].sentence.english,
        "Paid amount of 2026-11-21: 900 CNY; expected 2,500 CNY. What moved it most: Conversion. Also off: Conversion, Placed orders. See whether \
         the best items are in stock, at their price, and can be paid for."
    );
    let chinese = &found[0].sentence.chinese;
    assert!(chinese.ends_with("同时异常：支付转化率、拍下订单数。请查看主力商品的库存、价格和付款是否正常。"), "{chinese}");
    // Visitors of a channel: what brings them. Good news asks for nothing.
    assert!(found[2].sentence.english.ends_with("expected 60 visitors. See whether the shop is still shown there as before."));
    assert_eq!(found[1].sentence.chinese, "2026-11-21 新客数 40 人，预期 13 人。");
}

/// A row of `alerts`: metric, value, expected, score, severity, whether it is good.
type AlertRow<'a> = (&'a str, f64, f64, f64, &'a str, bool);

/// Rows of `alerts` of shop a; all of the last day but for the last row.
fn alerts(rows: &[AlertRow<'_>]) -> (&'static str, Vec<(&'static str, ArrayRef)>) {
    let of = |figure: fn(&AlertRow<'_>) -> f64| numbers(&rows.iter().map(figure).collect::<Vec<_>>());
    let unit = |metric: &str| match metric {
        "paid_amount" => "CNY",
        "conversion" => "1",
        _ => "orders",
    };
    let dates: Vec<&str> = (1..=rows.len()).map(|at| if at == rows.len() { "2026-11-20" } else { AS_OF }).collect();
    let columns = vec![
        ("shop_id", texts(&vec!["a"; rows.len()])),
        ("date", days(&dates)),
        ("metric", texts(&rows.iter().map(|row| row.0).collect::<Vec<_>>())),
        ("unit", texts(&rows.iter().map(|row| unit(row.0)).collect::<Vec<_>>())),
        ("value", of(|row| row.1)),
        ("expected", of(|row| row.2)),
        ("score", of(|row| row.3)),
        ("severity", texts(&rows.iter().map(|row| row.4).collect::<Vec<_>>())),
        ("is_good", Arc::new(rows.iter().map(|row| Some(row.5)).collect::<BooleanArray>()) as ArrayRef),
    ];
    ("alerts", columns)
}

#[test]
fn a_day_without_orders_is_told_though_it_is_no_alarm() {
    // 257 visitors and no order where 8.4 were expected: far off, and not so far as an alarm is.
    let past = ("uv", 1.0, 300.0, -9.0, "alarm", false);
    let collapsed = [
        ("conversion", 0.0, 0.0327, -3.4, "watch", false),
        ("paid_amount", 0.0, 1_000.0, -2.9, "watch", false),
        ("paying_customers", 0.0, 8.1, -3.3, "watch", false),
        ("placed_orders", 0.0, 8.4, -3.1, "watch", false),
        ("refund_share", 0.0, 0.1, -3.9, "watch", true),
        past,
    ];
    let found = notes(&[alerts(&collapsed)], 8);
    assert_eq!(told(&found), [(0, "alarm", "watch", "date=2026-11-21, metric=conversion")]);
    assert_eq!(
        found[0].sentence.english,
        "Conversion of 2026-11-21: 0.0%; expected 3.3%. Also off: Paying customers, Placed orders, Paid amount. See whether the best items are in \
         stock, at their price, and can be paid for."
    );
    // What is at stake are the sales that did not come.
    assert_eq!((found[0].stake, found[0].expected), (1_000.0, Some(0.0327)));
    // An alarm speaks for its family, even where one to be watched is farther off; what rises together is another line, and the fourth is none.
    let mixed = [
        ("conversion", 0.01, 0.03, -5.9, "watch", false),
        ("late_shipments", 9.0, 2.0, 3.2, "watch", false),
        ("paid_amount", 900.0, 300.0, 6.5, "alarm", true),
        ("placed_orders", 1.0, 8.4, -5.1, "alarm", false),
        ("unpaid_share", 9.0, 2.0, 3.1, "watch", false),
        past,
    ];
    let key = |metric| format!("date={AS_OF}, metric={metric}");
    let expected = [
        (0, "alarm", "alarm", &*key("placed_orders")),
        (0, "alarm", "watch", &*key("late_shipments")),
        (0, "alarm", "watch", &*key("unpaid_share")),
    ];
    let found = notes(&[alerts(&mixed)], 8);
    assert_eq!(told(&found), expected);
    let advice = [
        "See whether the best items are in stock, at their price, and can be paid for.",
        "See which orders wait to be shipped.",
        "See whether orders can be paid for, and remind those who have not paid.",
    ];
    for (note, advice) in found.iter().zip(advice) {
        assert!(note.sentence.english.ends_with(advice), "{}", note.sentence.english);
    }
}

#[test]
fn another_stage_is_told_in_its_first_month_only() {
    let months = ["2026-08-01", "2026-09-01", "2026-10-01"];
    let stages = |stages: [&str; 3]| {
        let columns = vec![("shop_id", texts(&["b"; 3])), ("month", days(&months)), ("stage", texts(&stages))];
        notes(&[("store_stage", columns)], 8)
    };
    let entered = stages(["growth", "growth", "maturity"]);
    assert_eq!(told(&entered), [(1, "stage_changed", "info", "month=2026-10-01")]);
    assert_eq!(entered[0].sentence.chinese, "店铺 2026-10 进入成熟期，此前为成长期。");
    assert_eq!(stages(["growth", "maturity", "maturity"]), []);
}
