//! Notes about alarms: figures of the last day that are far from what was to be expected.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::note::{Kind, Note, Severity};
use super::shop_codes::Shops;
use super::wording::{Sentence, Wording, readable};
use crate::history::Context;
use crate::spec::period::iso;
use crate::spec::{Day, Lang};
use crate::table::read_back::{Row, rows_of};
use crate::table::shop::daily;
use crate::table::unit::AnyTable;

const SAID: &str = "{metric} of {date}: {value}; expected {expected}.";
const DRIVEN: &str = "What moved it most: {driver}.";
const BY_CHANNEL: &str = "Visitors by {channel}";

/// The sentences, and names that no column of `shop_daily` has.
pub const TEXTS: [&str; 13] = [
    SAID,
    DRIVEN,
    BY_CHANNEL,
    "Disputes",
    "Unpaid share",
    "Late shipments",
    "Refund share",
    "Traffic",
    "Conversion",
    "Mix",
    "Frequency",
    "Basket",
    "Price",
];

/// Alarms of a shop, at most: orders, buyers and sales mostly ring together.
const MOST: usize = 3;

/// The alarms of the last day, by shop.
#[derive(Default)]
pub struct Alarms(BTreeMap<u32, Vec<Alarm>>);

struct Alarm {
    metric: String,
    value: f64,
    expected: f64,
    unit: String,
    score: f64,
    is_good: bool,
    driver: Option<String>,
}

impl Alarms {
    /// Hears rows of `alerts`.
    pub fn hear(&mut self, as_of: Day, shops: &Shops, batch: &RecordBatch) {
        for row in rows_of(batch).filter(|row| row.day("date") == Some(as_of)) {
            if let Some((shop, alarm)) = shops.code(&row).zip(alarm(&row)) {
                self.0.entry(shop).or_default().push(alarm);
            }
        }
    }

    /// The notes: of each shop those that lie farthest from what was expected, bad ones first.
    pub fn notes(self, context: &Context) -> Vec<Note> {
        let of_shop = |(shop, mut alarms): (u32, Vec<Alarm>)| {
            alarms.sort_by(|one, other| one.is_good.cmp(&other.is_good).then(other.score.abs().total_cmp(&one.score.abs())));
            alarms.truncate(MOST);
            alarms.into_iter().map(move |alarm| note(shop, alarm, context))
        };
        self.0.into_iter().flat_map(of_shop).collect()
    }
}

fn alarm(row: &Row<'_>) -> Option<Alarm> {
    if row.text("severity")? != "alarm" {
        return None;
    }
    Some(Alarm {
        metric: row.text("metric")?,
        value: row.number("value")?,
        expected: row.number("expected")?,
        unit: row.text("unit")?,
        score: row.number("score")?,
        is_good: row.text("is_good")? == "true",
        driver: row.text("driver"),
    })
}

fn note(shop: u32, alarm: Alarm, context: &Context) -> Note {
    let date = iso(context.as_of);
    let name = named(&alarm.metric);
    let said = Wording::new(SAID, &context.currency)
        .named("metric", &name.english, &name.chinese)
        .text("date", date.as_str())
        .figure("value", alarm.value, &alarm.unit)
        .figure("expected", alarm.expected, &alarm.unit)
        .sentence();
    let driver = alarm.driver.map(|driver| readable(&driver));
    let driven = driver.map(|driver| Wording::new(DRIVEN, &context.currency).named("driver", &driver, Lang::Zh.text(&driver)).sentence());
    let is_money = alarm.metric == "paid_amount" || alarm.metric == "refund_amount";
    Note {
        shop,
        kind: Kind::Alarm,
        severity: if alarm.is_good { Severity::Watch } else { Severity::Alarm },
        value: Some(alarm.value),
        expected: Some(alarm.expected),
        stake: if is_money { (alarm.value - alarm.expected).abs() } else { 0.0 },
        table: "alerts".to_owned(),
        key: format!("date={date}, metric={}", alarm.metric),
        sentence: match driven {
            Some(driven) => said.and(driven),
            None => said,
        },
        unit: alarm.unit,
    }
}

/// What a metric is called: as the column of `shop_daily` that it is, or by its own name.
fn named(metric: &str) -> Sentence {
    if let Some(channel) = metric.strip_prefix("uv:") {
        return Wording::new(BY_CHANNEL, "").text("channel", channel).sentence();
    }
    let english = readable(metric);
    let chinese = daily::TABLE.card().column(metric).map_or_else(|| Lang::Zh.text(&english).to_owned(), |column| column.chinese.to_owned());
    Sentence { english, chinese }
}
