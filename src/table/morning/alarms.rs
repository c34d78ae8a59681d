//! Notes about alerts: figures of the last day that are far from what was to be expected. A day without any order need not be an alarm there: where a
//! shop mostly has few, none is not far enough from what was expected. So bad figures that are to be watched are told too.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::note::{Kind, Note, Severity};
use super::shop_codes::Shops;
use super::wording::{Sentence, Wording, readable};
use crate::history::Context;
use crate::spec::period::iso;
use crate::spec::{Day, Lang};
use crate::table::read_back::{Row, rows_on};
use crate::table::shop::daily;
use crate::table::unit::AnyTable;

const SAID: &str = "{metric} of {date}: {value}; expected {expected}.";
const DRIVEN: &str = "What moved it most: {driver}.";
const TOGETHER: &str = "Also off: {others}.";
const BY_CHANNEL: &str = "Visitors by {channel}";

/// What to look at, by what is worse than expected.
const SOURCES: &str = "See which sources brought fewer, and whether what is advertised still runs.";
const SOURCE: &str = "See whether the shop is still shown there as before.";
const OFFER: &str = "See whether the best items are in stock, at their price, and can be paid for.";
pub const RETURNS: &str = "See which items are sent back, and why.";
const SHIPPING: &str = "See which orders wait to be shipped.";
const UNPAID: &str = "See whether orders can be paid for, and remind those who have not paid.";

/// The sentences, and names that no column of `shop_daily` has.
pub const TEXTS: [&str; 20] = [
    SAID,
    DRIVEN,
    TOGETHER,
    BY_CHANNEL,
    SOURCES,
    SOURCE,
    OFFER,
    RETURNS,
    SHIPPING,
    UNPAID,
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

/// How metrics of one source of visitors begin.
const CHANNEL: &str = "uv:";

/// Lines of a shop, at most.
const MOST: usize = 3;

/// Metrics that rise and fall together: orders make buyers and sales, and buyers conversion. What goes the same way among them is one line.
const FAMILY: [&str; 4] = ["paid_amount", "placed_orders", "paying_customers", "conversion"];

/// The alarms of the last day and the bad figures to be watched, by shop.
#[derive(Default)]
pub struct Alarms(BTreeMap<u32, Vec<Alarm>>);

struct Alarm {
    metric: String,
    value: f64,
    expected: f64,
    unit: String,
    score: f64,
    is_good: bool,
    is_alarm: bool,
    driver: Option<String>,
}

/// A line: the figure that it is about, and those that go the same way.
type Line = (Alarm, Vec<Alarm>);

impl Alarms {
    /// Hears rows of `alerts`.
    pub fn hear(&mut self, as_of: Day, shops: &Shops, batch: &RecordBatch) {
        for row in rows_on(batch, "date", |day| day == as_of) {
            if let Some((shop, alarm)) = shops.code(&row).zip(alarm(&row)) {
                self.0.entry(shop).or_default().push(alarm);
            }
        }
    }

    /// The notes: of each shop those that lie farthest from what was expected, bad ones first, of them alarms first.
    pub fn notes(self, context: &Context) -> Vec<Note> {
        let of_shop = |(shop, alarms): (u32, Vec<Alarm>)| {
            let mut lines = lines(alarms);
            lines.truncate(MOST);
            lines.into_iter().map(move |line| note(shop, line, context))
        };
        self.0.into_iter().flat_map(of_shop).collect()
    }
}

/// The lines of a shop, the gravest first.
fn lines(mut alarms: Vec<Alarm>) -> Vec<Line> {
    alarms.sort_by(|one, other| {
        let grave = (one.is_good, !one.is_alarm).cmp(&(other.is_good, !other.is_alarm));
        grave.then(other.score.abs().total_cmp(&one.score.abs())).then_with(|| one.metric.cmp(&other.metric))
    });
    let mut lines: Vec<Line> = Vec::new();
    for alarm in alarms {
        let is_kin = |(first, _): &&mut Line| alarm.is_in_family() && first.is_in_family() && first.is_good == alarm.is_good;
        match lines.iter_mut().find(is_kin) {
            Some((_, others)) => others.push(alarm),
            None => lines.push((alarm, Vec::new())),
        }
    }
    lines
}

impl Alarm {
    fn is_in_family(&self) -> bool {
        FAMILY.contains(&self.metric.as_str())
    }

    /// What to look at; nothing where it is good news, or no one thing can be named.
    fn advice(&self) -> Option<&'static str> {
        if self.is_good {
            return None;
        }
        match (self.metric.as_str(), self.driver.as_deref()) {
            (metric, _) if metric.starts_with(CHANNEL) => Some(SOURCE),
            ("uv", _) | (_, Some("traffic")) => Some(SOURCES),
            ("conversion", _) | (_, Some("conversion")) => Some(OFFER),
            ("refund_amount" | "refund_share" | "disputes", _) => Some(RETURNS),
            ("late_shipments", _) => Some(SHIPPING),
            ("unpaid_share" | "payment_rate", _) => Some(UNPAID),
            _ => None,
        }
    }

    /// The money that is more or less than expected.
    fn stake(&self) -> f64 {
        let is_money = self.metric == "paid_amount" || self.metric == "refund_amount";
        if is_money { (self.value - self.expected).abs() } else { 0.0 }
    }
}

fn alarm(row: &Row<'_>) -> Option<Alarm> {
    let is_alarm = row.text("severity")? == "alarm";
    let is_good = row.text("is_good")? == "true";
    if !is_alarm && (is_good || row.text("severity")? != "watch") {
        return None;
    }
    Some(Alarm {
        metric: row.text("metric")?,
        value: row.number("value")?,
        expected: row.number("expected")?,
        unit: row.text("unit")?,
        score: row.number("score")?,
        is_good,
        is_alarm,
        driver: row.text("driver"),
    })
}

fn note(shop: u32, (alarm, others): Line, context: &Context) -> Note {
    let date = iso(context.as_of);
    let advice =
        std::iter::once(&alarm).chain(&others).find_map(Alarm::advice).map(|advice| Wording::new(advice, &context.currency).sentence());
    let stake = others.iter().map(Alarm::stake).fold(alarm.stake(), f64::max);
    let name = named(&alarm.metric);
    let said = Wording::new(SAID, &context.currency)
        .named("metric", &name.english, &name.chinese)
        .text("date", date.as_str())
        .figure("value", alarm.value, &alarm.unit)
        .figure("expected", alarm.expected, &alarm.unit)
        .sentence();
    let driver = alarm.driver.map(|driver| readable(&driver));
    let driven = driver.map(|driver| Wording::new(DRIVEN, &context.currency).translated("driver", &driver).sentence());
    let names: Vec<Sentence> = others.iter().map(|other| named(&other.metric)).collect();
    let listed = |name: fn(&Sentence) -> &str, mark: &str| names.iter().map(name).collect::<Vec<_>>().join(mark);
    let together = (!names.is_empty()).then(|| {
        let (english, chinese) = (listed(|name| name.english.as_str(), ", "), listed(|name| name.chinese.as_str(), "、"));
        Wording::new(TOGETHER, &context.currency).named("others", &english, &chinese).sentence()
    });
    Note {
        shop,
        kind: Kind::Alarm,
        is_lost: false,
        severity: if alarm.is_alarm && !alarm.is_good { Severity::Alarm } else { Severity::Watch },
        value: Some(alarm.value),
        expected: Some(alarm.expected),
        stake,
        table: "alerts".to_owned(),
        key: format!("date={date}, metric={}", alarm.metric),
        sentence: [driven, together, advice].into_iter().flatten().fold(said, Sentence::and),
        unit: alarm.unit,
    }
}

/// What a metric is called: as the column of `shop_daily` that it is, or by its own name.
fn named(metric: &str) -> Sentence {
    if let Some(channel) = metric.strip_prefix(CHANNEL) {
        return Wording::new(BY_CHANNEL, "").text("channel", channel).sentence();
    }
    let english = readable(metric);
    let chinese = daily::TABLE.card().column(metric).map_or_else(|| Lang::Zh.text(&english).to_owned(), |column| column.chinese.to_owned());
    Sentence { english, chinese }
}
