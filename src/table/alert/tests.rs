//! Days of a shop worked by hand: what is expected, what is out of the ordinary, and what nobody can tell.

use arrow::record_batch::RecordBatch;

use super::alerts::TABLE;
use crate::history::{Context, Order};
use crate::input::records::channel_days::{ChannelDay, ChannelTraffic};
use crate::input::records::events::EventDay;
use crate::input::records::facts::{Facts, LastDays, Refund, TrafficDay};
use crate::spec::{DAY_MICROSECONDS, Day, NO_TIME};
use crate::table::request::Request;
use crate::table::testing::{Customer, assert_row, customer, day, facts, made_with, paid, text_shops, value};

/// The last day of the cases.
const AS_OF: &str = "2024-03-31";

/// Customers who each bought once, so many on each of these days, for 1.00.
fn buyers(days: impl IntoIterator<Item = (Day, usize)>) -> Vec<Customer> {
    days.into_iter().flat_map(|(on, count)| (0..count).map(move |_| customer(0, vec![paid(on, 100)]))).collect()
}

/// 16 customers on each of the days before the last `last.len()` days, and then these.
fn sixteen_a_day_and_then(last: &[usize]) -> Vec<Customer> {
    let as_of = day(AS_OF);
    let first_of_last = as_of - last.len() as Day + 1;
    let before = (as_of - 90..first_of_last).map(|on| (on, 16));
    buyers(before.chain((first_of_last..).zip(last.iter().copied())))
}

fn shop(alert_days: i32) -> (Context, Facts) {
    let mut context = text_shops(1, AS_OF);
    context.params.alert_days = alert_days;
    (context, facts(&["2024-01-01"]))
}

fn filled((context, facts): &(Context, Facts), customers: &[Customer]) -> RecordBatch {
    made_with(&TABLE, context, facts, Request::NOTHING, &[customers])
}

/// One column of the row of a day and metric.
fn cell(table: &RecordBatch, date: &str, metric: &str, column: &str) -> String {
    let is_row = |row: &usize| value(table, *row, "date") == date && value(table, *row, "metric") == metric;
    value(table, (0..table.num_rows()).find(is_row).unwrap_or_else(|| panic!("no row of {metric} on {date}")), column)
}

fn number(table: &RecordBatch, date: &str, metric: &str, column: &str) -> f64 {
    cell(table, date, metric, column).parse().unwrap()
}

#[test]
fn a_day_with_a_quarter_of_the_orders_is_to_be_watched() {
    let table = filled(&shop(2), &sixteen_a_day_and_then(&[4]));
    assert_row(
        &table,
        &["a", AS_OF, "placed_orders"],
        &[("channel", "-"), ("unit", "orders"), ("value", "4"), ("expected", "16"), ("severity", "watch"), ("direction", "down")],
    );
    assert_row(&table, &["a", AS_OF, "placed_orders"], &[("is_good", "false"), ("reason", "-"), ("event", "-"), ("driver", "-")]);
    // As worked in `a_constant_count_deviates_by_chance_alone`.
    for (column, expected) in [("expected_lower", 5.05728), ("expected_upper", 32.83119), ("score", -3.41799)] {
        let found = number(&table, AS_OF, "placed_orders", column);
        assert!((found - expected).abs() < 1e-4, "{column}: {found}");
    }
    // The amount is of pieces of 1.00: the same.
    assert_eq!(cell(&table, AS_OF, "paid_amount", "score"), cell(&table, AS_OF, "placed_orders", "score"));
    // All bought for the first time: the share of those who came back is as expected.
    assert_row(&table, &["a", AS_OF, "returning_share"], &[("value", "0"), ("severity", "none")]);
    // The day before is as always, and no direction.
    assert_row(
        &table,
        &["a", "2024-03-30", "placed_orders"],
        &[("value", "16"), ("score", "0"), ("severity", "none"), ("direction", "-"), ("is_good", "-")],
    );
    // Every metric of each of both days, and no more.
    let metrics = 9;
    assert_eq!(table.num_rows(), 2 * metrics);
}

#[test]
fn three_days_in_a_row_on_one_side_are_an_alarm() {
    let severities = |last: &[usize]| {
        let table = filled(&shop(last.len() as i32), &sixteen_a_day_and_then(last));
        let dates = (1 - last.len() as Day..=0).map(|before| crate::spec::period::iso(day(AS_OF) + before));
        dates.map(|date| cell(&table, &date, "placed_orders", "severity")).collect::<Vec<_>>()
    };
    assert_eq!(severities(&[4, 4, 4, 4]), ["watch", "watch", "alarm", "alarm"]);
    // The other side begins anew, and so does a day as always.
    assert_eq!(severities(&[4, 4, 36, 4]), ["watch", "watch", "watch", "watch"]);
    assert_eq!(severities(&[4, 4, 16, 4]), ["watch", "watch", "none", "watch"]);
    // A day without any order before one with some: 2√16.375 − 2√0.375 = 6.87 over 1.144 is 6.0.
    assert_eq!(severities(&[0, 16]), ["alarm", "none"]);
    // The days before the first one shown count.
    let table = filled(&shop(1), &sixteen_a_day_and_then(&[4, 4, 4]));
    assert_row(&table, &["a", AS_OF, "placed_orders"], &[("severity", "alarm")]);
}

#[test]
fn after_the_last_day_of_data_nobody_knows_anything() {
    let (context, mut facts) = shop(3);
    facts.last_days = vec![LastDays { any: day(AS_OF), orders: day("2024-03-30") }];
    let mut customers = sixteen_a_day_and_then(&[0]);
    let table = filled(&(context.clone(), facts.clone()), &customers);
    assert_row(
        &table,
        &["a", AS_OF, "placed_orders"],
        &[("value", "-"), ("expected", "-"), ("score", "-"), ("severity", "none"), ("reason", "no_data")],
    );
    // With orders of that day it is known that there were two only: (2√2.375 − 2√16.375) / 1.14392 is −4.38.
    facts.last_days = vec![LastDays { any: day(AS_OF), orders: day(AS_OF) }];
    customers.extend(buyers([(day(AS_OF), 2)]));
    let table = filled(&(context, facts), &customers);
    assert_row(&table, &["a", AS_OF, "placed_orders"], &[("value", "2"), ("severity", "watch")]);
}

#[test]
fn a_day_with_visitors_and_orders_of_other_shops_only_is_a_day_without_orders() {
    let (context, facts) = shop(3);
    let customers = sixteen_a_day_and_then(&[0]);
    let day_before = day("2024-03-30");
    let of = |uv, others| {
        let mut facts = with_traffic(facts.clone(), uv);
        facts.last_days = vec![LastDays { any: day(AS_OF), orders: day_before }, LastDays { any: day(AS_OF), orders: others }];
        filled(&(context.clone(), facts), &customers)
    };
    // 2√0.375 − 2√16.375 = −6.87, over 1.144.
    assert_row(&of(Some(100), day(AS_OF)), &["a", AS_OF, "placed_orders"], &[("value", "0"), ("severity", "alarm"), ("reason", "-")]);
    // Nobody came; nobody's orders have come; nothing says who came.
    for (uv, others) in [(Some(0), day(AS_OF)), (Some(100), day_before), (None, day(AS_OF))] {
        assert_row(&of(uv, others), &["a", AS_OF, "placed_orders"], &[("value", "-"), ("reason", "no_data")]);
    }
}

#[test]
fn a_shop_of_three_weeks_has_no_expectation() {
    let as_of = day(AS_OF);
    let (context, _) = shop(1);
    let table = filled(&(context, facts(&["2024-03-10"])), &buyers((as_of - 21..=as_of).map(|on| (on, 16))));
    assert_row(&table, &["a", AS_OF, "placed_orders"], &[("value", "16"), ("expected", "-"), ("reason", "history"), ("severity", "none")]);
}

/// Traffic of 100 visitors a day, and of so many on the last.
fn with_traffic(facts: Facts, last: Option<i64>) -> Facts {
    let as_of = day(AS_OF);
    let uv = |on: Day| if on == as_of { last } else { Some(100) };
    let days = (as_of - 90..=as_of).filter(|on| uv(*on).is_some());
    let traffic = days.clone().map(|on| TrafficDay { day: on, uv: uv(on), ..TrafficDay::default() }).collect();
    let channel = |on| ChannelDay::new(0, 0, on, [None, uv(on), None, None, None, None, None]);
    let channels = ChannelTraffic { channels: vec!["search".to_owned()], days: days.map(channel).collect() };
    Facts { traffic: Some(traffic), channel_traffic: Some(channels), ..facts }
}

#[test]
fn visitors_and_what_they_do_are_judged_where_there_is_traffic() {
    let (context, facts) = shop(1);
    let halved = (context.clone(), with_traffic(facts.clone(), Some(50)));
    let table = filled(&halved, &sixteen_a_day_and_then(&[4]));
    // 2√50.375 − 2√100.375 = −5.84236, over 1.14392.
    for metric in ["uv", "uv:search"] {
        assert!((number(&table, AS_OF, metric, "score") + 5.10730).abs() < 1e-3);
        assert_row(&table, &["a", AS_OF, metric], &[("value", "50"), ("expected", "100"), ("severity", "alarm"), ("unit", "visitors")]);
    }
    assert_row(&table, &["a", AS_OF, "uv:search"], &[("channel", "search")]);
    assert_row(&table, &["a", AS_OF, "conversion"], &[("value", "0.08"), ("expected", "0.16"), ("unit", "1")]);
    // Half of the visitors came, and half of those paid: both moved sales as much, and the first of them is named.
    assert_row(&table, &["a", AS_OF, "paid_amount"], &[("driver", "traffic"), ("severity", "watch")]);
    let as_many = (context.clone(), with_traffic(facts.clone(), Some(100)));
    assert_eq!(cell(&filled(&as_many, &sixteen_a_day_and_then(&[4])), AS_OF, "paid_amount", "driver"), "conversion");
    // A day without a row of traffic, and one with nobody.
    let table = filled(&(context.clone(), with_traffic(facts.clone(), None)), &sixteen_a_day_and_then(&[4]));
    for metric in ["uv", "uv:search", "conversion"] {
        assert_row(&table, &["a", AS_OF, metric], &[("value", "-"), ("expected", "-"), ("reason", "no_data"), ("severity", "none")]);
    }
    assert_row(&table, &["a", AS_OF, "paid_amount"], &[("severity", "watch"), ("driver", "-")]);
    let table = filled(&(context, with_traffic(facts, Some(0))), &sixteen_a_day_and_then(&[4]));
    assert_row(&table, &["a", AS_OF, "conversion"], &[("value", "-"), ("reason", "no_denominator")]);
    assert_row(&table, &["a", AS_OF, "uv"], &[("value", "0"), ("severity", "alarm")]);
}

/// The same shop, whose visitors are counted from page views on the last `days` days: so many, and `last` on the last.
fn counted_at_last(facts: Facts, days: Day, uv: i64, last: i64) -> Facts {
    let as_of = day(AS_OF);
    let mut facts = with_traffic(facts, Some(100));
    let of = |on: Day| (on > as_of - days).then_some(if on == as_of { last } else { uv });
    let whole = |day: TrafficDay| of(day.day).map_or(day, |uv| TrafficDay { uv: Some(uv), is_counted: true, ..day });
    facts.traffic = facts.traffic.map(|traffic| traffic.iter().map(whole).collect());
    let counted = |day: Day, uv| ChannelDay::new(0, 0, day, [None, Some(uv), None, None, None, None, None]).counted();
    let of_channel = |day: ChannelDay| of(day.day).map_or(day, |uv| counted(day.day, uv));
    if let Some(traffic) = &mut facts.channel_traffic {
        traffic.days = traffic.days.iter().map(of_channel).collect();
    }
    facts
}

#[test]
fn visitors_are_compared_with_those_of_the_same_source_only() {
    let (context, facts) = shop(12);
    let customers = sixteen_a_day_and_then(&[16]);
    // Ten days ago page views took the place of rows of traffic: 60 visitors where there were 100. That is no alarm, on no day.
    let table = filled(&(context.clone(), counted_at_last(facts.clone(), 10, 60, 60)), &customers);
    for (metric, value) in [("uv", "60"), ("uv:search", "60"), ("conversion", "0.26666666666666666")] {
        for date in ["2024-03-22", AS_OF] {
            assert_row(&table, &["a", date, metric], &[("severity", "none"), ("expected", "-"), ("reason", "history")]);
        }
        assert_row(&table, &["a", AS_OF, metric], &[("value", value)]);
        // The day before the change, of rows of traffic as all before it.
        assert_row(&table, &["a", "2024-03-21", metric], &[("severity", "none"), ("score", "0"), ("reason", "-")]);
    }
    // Of 34 days before with page views the last one is judged by them: 60 are as always, although most of the 56 days had 100.
    let table = filled(&(context.clone(), counted_at_last(facts.clone(), 35, 60, 60)), &customers);
    for metric in ["uv", "uv:search"] {
        assert_row(&table, &["a", AS_OF, metric], &[("expected", "60"), ("score", "0"), ("severity", "none")]);
    }
    // The quarter of the orders is not the fault of visitors, of whom there are as many by the same source.
    let table = filled(&(context, counted_at_last(facts, 35, 60, 60)), &sixteen_a_day_and_then(&[4]));
    assert_row(&table, &["a", AS_OF, "paid_amount"], &[("severity", "watch"), ("driver", "conversion")]);
}

fn event(shop: Option<u32>, name: &str, date: &str) -> EventDay {
    EventDay { shop, name: name.to_owned(), day: day(date) }
}

#[test]
fn an_event_is_compared_with_the_same_a_year_before_or_with_nothing() {
    let as_of = day(AS_OF);
    // 8 a day and 100 at the fair of a year before, 16 a day now and 150 at the fair.
    let then = day("2023-03-28");
    let year_before = (as_of - 450..as_of - 200).map(|on| (on, if on == then { 100 } else { 8 }));
    let now = (as_of - 90..as_of).map(|on| (on, 16)).chain([(as_of, 150)]);
    let customers = buyers(year_before.chain(now));
    let (context, mut facts) = shop(4);
    facts.first_days = vec![as_of - 450];
    let table = filled(&(context.clone(), facts.clone()), &customers);
    assert_row(&table, &["a", AS_OF, "placed_orders"], &[("expected", "16"), ("severity", "alarm"), ("is_good", "true"), ("event", "-")]);
    facts.events = Some(vec![event(None, "fair", "2023-03-28"), event(None, "fair", AS_OF), event(Some(0), "stock-out", "2024-03-28")]);
    let table = filled(&(context.clone(), facts.clone()), &customers);
    assert_row(&table, &["a", AS_OF, "placed_orders"], &[("value", "150"), ("expected", "200"), ("severity", "none"), ("event", "fair")]);
    // As worked in `an_event_is_expected_from_the_one_a_year_before_and_the_growth_since`.
    assert!((number(&table, AS_OF, "placed_orders", "score") + 1.70958).abs() < 1e-4);
    // Of the stock-out of 28 March nothing is known from before, until two days after it.
    for (date, expected) in [("2024-03-28", "-"), ("2024-03-29", "-"), ("2024-03-30", "-")] {
        assert_row(&table, &["a", date, "placed_orders"], &[("expected", expected), ("reason", "event"), ("event", "stock-out")]);
    }
    // That of another shop changes nothing.
    facts.events = Some(vec![event(Some(1), "stock-out", "2024-03-28")]);
    let table = filled(&(context, facts), &customers);
    assert_row(&table, &["a", "2024-03-28", "placed_orders"], &[("expected", "16"), ("event", "-"), ("reason", "-")]);
}

#[test]
fn refunds_disputes_shipments_and_payments() {
    let as_of = day(AS_OF);
    let (mut context, mut facts) = shop(2);
    let noon = |on: Day| i64::from(on) * DAY_MICROSECONDS + DAY_MICROSECONDS / 2;
    let refund = |on: Day, amount, intervened| Refund {
        shop: 0,
        created: noon(on),
        completed: noon(on),
        amount,
        intervened: Some(intervened),
        is_open: false,
        reason: 0,
    };
    // Five refunds of 1.00 a day; thirty on the last, and a dispute, which is not paid out.
    let usual = (as_of - 90..as_of).flat_map(|on| (0..5).map(move |_| on));
    let mut refunds: Vec<Refund> = usual.chain(std::iter::repeat_n(as_of, 30)).map(|on| refund(on, 100, false)).collect();
    refunds.push(Refund { completed: NO_TIME, ..refund(as_of, 100, true) });
    facts.refunds = Some(refunds);
    context.inputs.add("refunds", ["intervened"]);
    // All orders are shipped at once but those of 29 March, whose promise of 48 hours ends on the last day.
    let shipped = |mut buyer: Customer| {
        let of = |order: &Order| if order.paid_day == as_of - 2 { -1 } else { 60 };
        buyer.orders.iter_mut().for_each(|order| order.shipping_seconds = of(order));
        buyer
    };
    let mut customers: Vec<Customer> = sixteen_a_day_and_then(&[16]).into_iter().map(shipped).collect();
    // Four of the last day are paid not at all, or on the next day.
    customers.extend((0..4).map(|_| customer(0, vec![crate::table::testing::placed(as_of, 100)])));
    let table = filled(&(context, facts), &customers);
    assert_row(
        &table,
        &["a", AS_OF, "refund_amount"],
        &[("value", "30"), ("expected", "5"), ("severity", "alarm"), ("is_good", "false"), ("unit", "CNY")],
    );
    assert_row(&table, &["a", AS_OF, "refund_share"], &[("value", "1.875"), ("expected", "0.3125"), ("severity", "alarm")]);
    assert_row(&table, &["a", AS_OF, "disputes"], &[("value", "1"), ("expected", "0"), ("severity", "none"), ("is_good", "false")]);
    assert_row(&table, &["a", AS_OF, "late_shipments"], &[("value", "16"), ("expected", "0"), ("severity", "alarm")]);
    assert_row(&table, &["a", AS_OF, "unpaid_share"], &[("value", "0.2"), ("expected", "0"), ("is_good", "false")]);
    assert_row(&table, &["a", AS_OF, "payment_rate"], &[("value", "0.8"), ("direction", "down"), ("is_good", "false")]);
    assert_row(&table, &["a", "2024-03-30", "unpaid_share"], &[("value", "0"), ("direction", "-")]);
}

#[test]
fn what_the_job_does_not_have_has_no_rows() {
    let (mut context, facts) = shop(1);
    (context.features.customers, context.features.shipped, context.features.paid, context.features.status) = (false, false, false, false);
    let table = filled(&(context, facts), &sixteen_a_day_and_then(&[4]));
    let metrics: Vec<String> = (0..table.num_rows()).map(|row| value(&table, row, "metric")).collect();
    assert_eq!(metrics, ["paid_amount", "placed_orders"]);
}
