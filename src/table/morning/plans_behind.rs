//! Notes about plans: what the running month is behind, and what closes the gap.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::assessments::Pace;
use super::note::{Kind, Note, Severity};
use super::recent_days::RecentDays;
use super::shop_codes::Shops;
use super::wording::{Sentence, Wording, readable};
use crate::history::Context;
use crate::metric::ratio::ratio_of;
use crate::spec::{Day, Lang};
use crate::table::read_back::{Row, rows_of};

/// What is said where the forecast knows what it takes.
const CLOSED_BY: &str = "{measure} of {month}: {actual} of the plan of {plan}, {gap} behind where it should be by now. Some {customers} new customers \
                         or {visitors} visitors more than usual close the month's gap.";
/// What is said without a forecast.
const BEHIND: &str = "{measure} of {month}: {actual} of the plan of {plan}, {gap} behind where it should be by now.";

/// What each day to come must bring, alone, and beside what the last days brought: more than that, less, or as much.
const NEEDED: &str = "That takes {needed} a day for {days}.";
const NEEDED_MORE: &str = "That takes {needed} a day for {days}; the last 7 days brought {recent} a day.";
const NEEDED_LESS: &str = "That takes {needed} a day for {days}; the last 7 days brought {recent} a day, which is enough.";
/// What visitors would have to do for it.
const VISITORS: &str = "{visitors} more a day, at {paid} each as in these days, make up the difference.";
/// Which of two goals of a day counts, where an assessment of the platform has one too: the greater one, if it lasts as long.
const ASSESSED_MORE: &str = "The {takes} a day that {assessment} takes are enough for this plan too.";
const ASSESSED_LESS: &str = "What this plan takes is enough for what {assessment} asks of sales too.";
/// What is missing of things that are counted.
const MISSING: &str = "The plan takes {missing} more within {days}.";

/// The sentences, and what is planned.
pub const TEXTS: [&str; 13] = [
    CLOSED_BY,
    BEHIND,
    NEEDED,
    NEEDED_MORE,
    NEEDED_LESS,
    VISITORS,
    ASSESSED_MORE,
    ASSESSED_LESS,
    MISSING,
    SALES,
    NET_SALES,
    "New items",
    YEAR_TO_DATE,
];

const SALES: &str = "Sales";
const YEAR_TO_DATE: &str = "Sales year to date";

/// What net_sales is called where people read: as the columns of the same meaning.
const NET_SALES: &str = "Net by payment";

/// Measures of money, of which the first that is behind is said: the others say the same.
const MONEY: [&str; 3] = ["sales", "net_sales", "sales_year_to_date"];

/// Measures of what is paid, which is what `shop_daily` has of each day.
const PAID: [&str; 2] = ["sales", "sales_year_to_date"];

/// The measure that `forecast_months` foretells.
const FORECAST: &str = "net_sales";

/// Plans that are behind, and what forecasts say of their months.
#[derive(Default)]
pub struct Plans {
    behind: Vec<Behind>,
    /// New customers and visitors that close the gap, by shop and month.
    closing: BTreeMap<(u32, String), (f64, f64)>,
    recent: RecentDays,
}

struct Behind {
    shop: u32,
    measure: String,
    month: String,
    unit: String,
    actual: f64,
    plan: f64,
    expected: f64,
    gap: f64,
    projected_gap: f64,
    /// What each of so many days to come must bring.
    needed: Option<(f64, f64)>,
}

impl Plans {
    /// Hears rows of `plan_progress`.
    pub fn hear_progress(&mut self, shops: &Shops, batch: &RecordBatch) {
        self.behind.extend(rows_of(batch).filter_map(|row| behind(shops, &row)));
    }

    /// Hears rows of `forecast_months`.
    pub fn hear_forecasts(&mut self, shops: &Shops, batch: &RecordBatch) {
        let closing = |row: Row<'_>| {
            let takes = row.number("new_customers_to_close").zip(row.number("uv_to_close"))?;
            Some(((shops.code(&row)?, row.text("month")?), takes))
        };
        self.closing.extend(rows_of(batch).filter_map(closing));
    }

    /// Hears rows of `shop_daily`.
    pub fn hear_days(&mut self, as_of: Day, shops: &Shops, batch: &RecordBatch) {
        self.recent.hear(as_of, shops, batch);
    }

    /// The notes, beside what assessments take of what is paid on a day.
    pub fn notes(self, context: &Context, paces: &BTreeMap<u32, Pace>) -> Vec<Note> {
        let place = |measure: &str| MONEY.iter().position(|money| *money == measure);
        // By shop: the first measure of money that is behind.
        let mut first: BTreeMap<u32, usize> = BTreeMap::new();
        for (shop, place) in self.behind.iter().filter_map(|own| Some((own.shop, place(&own.measure)?))) {
            first.entry(shop).and_modify(|first| *first = place.min(*first)).or_insert(place);
        }
        let is_said_before = |own: &Behind| place(&own.measure).zip(first.get(&own.shop)).is_some_and(|(own, first)| *first < own);
        self.behind.iter().filter(|own| !is_said_before(own)).map(|own| self.note(own, paces.get(&own.shop), context)).collect()
    }

    fn note(&self, own: &Behind, pace: Option<&Pace>, context: &Context) -> Note {
        let currency = context.currency.as_str();
        let is_money = MONEY.contains(&own.measure.as_str());
        let takes = self.closing.get(&(own.shop, own.month.clone())).filter(|_| own.measure == FORECAST);
        let measure = if own.measure == FORECAST { NET_SALES.to_owned() } else { readable(&own.measure) };
        let month = own.month.get(..7).unwrap_or(&own.month);
        let (month_chinese, measure_chinese) = in_chinese(month, &measure);
        let (month, measure) = in_english(month, &measure);
        let wording = Wording::new(if takes.is_some() { CLOSED_BY } else { BEHIND }, currency)
            .named("measure", &measure, &measure_chinese)
            .named("month", &month, &month_chinese)
            .figure("actual", own.actual, if is_money { &own.unit } else { "" })
            .figure("plan", own.plan, &own.unit)
            // Things are counted whole.
            .figure("gap", if is_money { own.gap } else { own.gap.ceil() }, &own.unit);
        let wording = match takes {
            Some((customers, visitors)) => wording.figure("customers", customers.ceil(), "").figure("visitors", visitors.ceil(), ""),
            None => wording,
        };
        let ways = self.ways(own, currency).into_iter().chain(assessed(own, pace, context));
        let sentence = ways.fold(wording.sentence(), Sentence::and);
        Note {
            shop: own.shop,
            kind: Kind::PlanBehind,
            is_lost: false,
            severity: if own.projected_gap > 0.0 { Severity::Alarm } else { Severity::Watch },
            value: Some(own.actual),
            expected: Some(own.expected),
            unit: own.unit.clone(),
            stake: if is_money { own.gap } else { 0.0 },
            table: "plan_progress".to_owned(),
            key: format!("month={}, measure={}, channel=(all)", own.month, own.measure),
            sentence,
        }
    }

    /// What closes a gap: what each day to come must bring, beside what the last days brought, and how many more visitors that would be.
    fn ways(&self, own: &Behind, currency: &str) -> Vec<Sentence> {
        let Some((needed, days)) = own.needed else { return Vec::new() };
        let wording = |template| Wording::new(template, currency).figure("days", days, "days");
        if !MONEY.contains(&own.measure.as_str()) {
            return vec![wording(MISSING).figure("missing", (own.plan - own.actual).ceil(), &own.unit).sentence()];
        }
        let wording = |template| wording(template).figure("needed", needed, &own.unit);
        let recent = self.recent.paid_per_day(own.shop).filter(|_| PAID.contains(&own.measure.as_str()));
        let Some(recent) = recent else { return vec![wording(NEEDED).sentence()] };
        let template = if recent < needed { NEEDED_MORE } else { NEEDED_LESS };
        let mut ways = vec![wording(template).figure("recent", recent, &own.unit).sentence()];
        let paid = self.recent.paid_per_visitor(own.shop).filter(|_| recent < needed);
        if let Some((paid, visitors)) = paid.and_then(|paid| Some((paid, ratio_of(needed - recent, paid)?))) {
            let wording = Wording::new(VISITORS, currency).figure("paid", paid, &own.unit);
            ways.push(wording.figure("visitors", visitors.ceil(), "visitors").sentence());
        }
        ways
    }
}

/// Which goal of a day counts, that of the plan or that of the assessment; nothing where to reach one is not to reach the other.
fn assessed(own: &Behind, pace: Option<&Pace>, context: &Context) -> Option<Sentence> {
    let (pace, (needed, days)) = pace.filter(|_| PAID.contains(&own.measure.as_str())).zip(own.needed)?;
    let plan_ends = context.as_of + days as Day;
    let template = if pace.a_day >= needed && pace.end >= plan_ends {
        ASSESSED_MORE
    } else if needed >= pace.a_day && plan_ends >= pace.end {
        ASSESSED_LESS
    } else {
        return None;
    };
    let wording = Wording::new(template, &context.currency).figure("takes", pace.a_day, &own.unit);
    Some(wording.translated("assessment", &pace.assessment).sentence())
}

/// A month and what is planned, in English: of a year to date the year is named, and the month up to which it is.
fn in_english(month: &str, measure: &str) -> (String, String) {
    match (month.split_once('-'), measure) {
        (Some((year, _)), YEAR_TO_DATE) => (format!("{year} up to {month}"), SALES.to_owned()),
        _ => (month.to_owned(), measure.to_owned()),
    }
}

/// A month and what is planned, in Chinese: of a year to date the year is named, and the month up to which it is.
fn in_chinese(month: &str, measure: &str) -> (String, String) {
    let name = Lang::Zh.text(measure).to_owned();
    match (month.split_once('-'), measure) {
        (Some((year, number)), YEAR_TO_DATE) => (year.to_owned(), format!("{name}（至 {} 月）", number.trim_start_matches('0'))),
        _ => (month.to_owned(), name),
    }
}

/// A plan that is behind; budgets are none: to have spent less is no failure.
fn behind(shops: &Shops, row: &Row<'_>) -> Option<Behind> {
    let measure = row.text("measure")?;
    let gap = row.number("gap_by_now")?;
    // Less than one item is no gap.
    if row.text("status")? != "behind" || measure == "ad_cost" || (!MONEY.contains(&measure.as_str()) && gap < 1.0) {
        return None;
    }
    Some(Behind {
        shop: shops.code(row)?,
        month: row.text("month")?,
        unit: row.text("unit")?,
        actual: row.number("actual")?,
        plan: row.number("plan")?,
        expected: row.number("expected_by_now")?,
        gap,
        projected_gap: row.number("projected_gap").unwrap_or(0.0),
        needed: row.number("needed_per_day").zip(row.number("days_to_come")),
        measure,
    })
}
