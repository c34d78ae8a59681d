//! Back-test of forecasts: what runs of the past would have foretold for months that have ended by now, and what these brought.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fold::{Folded, fold};
use super::load::load;
use super::observe::Silent;
use super::plan::Plan;
use crate::error::Result;
use crate::fold::activity::ACTIVITY;
use crate::fold::outcomes::OUTCOMES;
use crate::job::Job;
use crate::metric::ratio::ratio_of;
use crate::partition::Budget;
use crate::spec::period::iso;
use crate::spec::{Day, Grain};
use crate::table::catalogue;
use crate::table::forecast::{models, months};
use crate::table::night::Night;
use crate::table::read_back::{Row, rows};

/// The model of a shop on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelThen {
    /// The shop, as people read it.
    pub shop: String,
    /// The day.
    pub made_on: Day,
    /// The model that was used; `None` if none could be.
    pub model: Option<String>,
    /// The verdict on it, or `worse_than_naive` where "as often as before" was used instead.
    pub verdict: Option<String>,
    /// Customers expected not to have left.
    pub expected_alive: Option<f64>,
}

/// A month as it was foretold, and as it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct MonthOutcome {
    /// The shop, as people read it.
    pub shop: String,
    /// The first day of the month.
    pub month: String,
    /// The day on which it was foretold.
    pub made_on: Day,
    /// Months from that day's to this one.
    pub ahead: i32,
    /// Whether a season of known customers was known.
    pub has_season: bool,
    /// What was expected, in units of the currency.
    pub expected: f64,
    /// The interval of 80 %, where there was one.
    pub interval: Option<(f64, f64)>,
    /// Net revenue of the month.
    pub sold: f64,
}

/// Everything that a back-test of forecasts finds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForecastOutcomes {
    /// By day and shop.
    pub models: Vec<ModelThen>,
    /// By day, shop and month.
    pub months: Vec<MonthOutcome>,
}

/// Runs the forecast of a job as of each of those days, ascending, and compares the months that have ended by `last` with what they brought:
/// paid, less what of these payments was refunded by then.
///
/// # Errors
/// Those of the runs.
pub fn forecast_backtest(job: &Job, days: &[Day], last: Day) -> Result<ForecastOutcomes> {
    let ended = sold(&night(job, last)?, last)?;
    let mut outcomes = ForecastOutcomes::default();
    for day in days {
        let night = night(job, *day)?;
        let mut batches: BTreeMap<String, Vec<arrow::array::RecordBatch>> = BTreeMap::new();
        catalogue::write(&night, &|name| TABLES.contains(&name), &mut |card, batch| {
            batches.entry(card.name.to_string()).or_default().push(batch);
            Ok(())
        })?;
        let of = |table: &str| batches.get(table).map_or(&[][..], Vec::as_slice);
        outcomes.models.extend(models_then(*day, of(models::TABLE.name), of(SEGMENTS)));
        for row in rows(of(months::TABLE.name)) {
            outcomes.months.extend(month_outcome(*day, &row, &ended));
        }
    }
    Ok(outcomes)
}

/// The table whose segments add up to the customers of a shop.
const SEGMENTS: &str = "segment_value";

/// What a run of the past makes.
const TABLES: [&str; 3] = ["forecast_models", "forecast_months", SEGMENTS];

fn night(job: &Job, as_of: Day) -> Result<Night> {
    let plan = Plan { restores: true, ..Plan::new(job.clone(), as_of, &TABLES.map(str::to_owned))? };
    let loaded = load(&plan, &Arc::new(Budget::unlimited()), &Silent)?;
    let Folded { night, .. } = fold(&plan, loaded, &Silent)?;
    Ok(night)
}

/// By shop and first day of the month: net revenue of the months that have ended.
fn sold(night: &Night, last: Day) -> Result<BTreeMap<(String, String), f64>> {
    let (activity, outcomes, context) = (night.fold(&ACTIVITY)?, night.fold(&OUTCOMES)?, &night.context);
    let mut sold = BTreeMap::new();
    for (code, id) in (0..context.shops.len() as u32).filter_map(|code| Some((code, context.shops.id(code)?))) {
        let first = Grain::Month.index(context.first_days.get(code as usize).copied().unwrap_or(last));
        for month in first..Grain::Month.index(last + 1) {
            let (from, to) = (Grain::Month.start(month), Grain::Month.end(month));
            let paid: i64 = activity.days(code, from, to).iter().map(|day| day.paid_amount).sum();
            let net = paid - outcomes.between(code, from, to).refunded;
            sold.insert((context.ids.shop.show(id), iso(from)), crate::metric::ratio::in_units_of(100.0, net as f64));
        }
    }
    Ok(sold)
}

fn models_then(made_on: Day, models: &[arrow::array::RecordBatch], segments: &[arrow::array::RecordBatch]) -> Vec<ModelThen> {
    let mut alive: BTreeMap<String, Option<f64>> = BTreeMap::new();
    for row in rows(segments).filter(|row| row.text("scheme").as_deref() == Some("value_tier")) {
        let sum = alive.entry(row.text("shop_id").unwrap_or_default()).or_insert(Some(0.0));
        *sum = sum.zip(row.number("expected_alive")).map(|(sum, more)| sum + more);
    }
    let mut of_shops: BTreeMap<String, ModelThen> = BTreeMap::new();
    for row in rows(models) {
        let shop = row.text("shop_id").unwrap_or_default();
        let expected_alive = alive.get(&shop).copied().flatten();
        let none = ModelThen { shop: shop.clone(), made_on, model: None, verdict: None, expected_alive };
        let then = of_shops.entry(shop).or_insert(none);
        let name = row.text("model").unwrap_or_default();
        if name != "gamma_gamma" && row.text("is_used").as_deref() == Some("true") {
            let is_naive = row.text("chosen_by").as_deref() == Some("worse_than_naive");
            then.verdict = if is_naive { row.text("chosen_by") } else { row.text("verdict") };
            then.model = Some(name);
        }
    }
    of_shops.into_values().collect()
}

fn month_outcome(made_on: Day, row: &Row<'_>, ended: &BTreeMap<(String, String), f64>) -> Option<MonthOutcome> {
    let (shop, month) = (row.text("shop_id")?, row.text("month")?);
    let sold = *ended.get(&(shop.clone(), month.clone()))?;
    let first = crate::spec::period::parse_day(&month)?;
    Some(MonthOutcome {
        shop,
        made_on,
        ahead: Grain::Month.index(first) - Grain::Month.index(made_on),
        month,
        has_season: row.text("season").is_some(),
        expected: row.number("expected_sales")?,
        interval: row.number("lower").zip(row.number("upper")),
        sold,
    })
}

/// How months of one distance ended, those with an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coverage {
    /// Months ahead.
    pub ahead: i32,
    /// Months of shops.
    pub months: usize,
    /// Their shares within, below and above the interval.
    pub within: f64,
    /// See `within`.
    pub below: f64,
    /// See `within`.
    pub above: f64,
    /// All that was expected over all that was sold.
    pub expected_per_sold: Option<f64>,
}

/// The coverage by months ahead, and last (`ahead` −1) that of all.
pub fn coverage(months: &[MonthOutcome]) -> Vec<Coverage> {
    let most = months.iter().map(|month| month.ahead).max().unwrap_or(-1);
    let of = |ahead: i32| {
        let own: Vec<(&MonthOutcome, (f64, f64))> =
            months.iter().filter(|month| ahead < 0 || month.ahead == ahead).filter_map(|month| Some((month, month.interval?))).collect();
        let share = |count: usize| ratio_of(count as f64, own.len() as f64).unwrap_or(0.0);
        let below = share(own.iter().filter(|(month, (lower, _))| month.sold < *lower).count());
        let above = share(own.iter().filter(|(month, (_, upper))| month.sold > *upper).count());
        let sum = |of: fn(&MonthOutcome) -> f64| own.iter().map(|(month, _)| of(month)).sum::<f64>();
        Coverage {
            ahead,
            months: own.len(),
            within: 1.0 - below - above,
            below,
            above,
            expected_per_sold: ratio_of(sum(|month| month.expected), sum(|month| month.sold)),
        }
    };
    (0..=most).chain([-1]).map(of).filter(|coverage| coverage.months > 0).collect()
}

/// A change of the expected customers by this factor from one run to the next, the runs being some days apart, is one of the model and not of
/// the customers.
const FLIP: f64 = 1.5;

/// The runs after which a shop's expected customers were more or fewer by [`FLIP`] than in the run before.
pub fn flips(models: &[ModelThen]) -> Vec<(&ModelThen, &ModelThen)> {
    let mut before: BTreeMap<&str, &ModelThen> = BTreeMap::new();
    let mut flips = Vec::new();
    for then in models {
        if let Some(earlier) = before.insert(&then.shop, then)
            && let Some(change) = earlier.expected_alive.zip(then.expected_alive).and_then(|(one, other)| ratio_of(other, one))
            && !(1.0 / FLIP..=FLIP).contains(&change)
        {
            flips.push((earlier, then));
        }
    }
    flips
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_and_flips_by_hand() {
        let month = |ahead, sold, interval| MonthOutcome {
            shop: "a".into(),
            month: "2026-01-01".into(),
            made_on: 0,
            ahead,
            has_season: false,
            expected: 100.0,
            interval,
            sold,
        };
        let band = Some((80.0, 120.0));
        let months = [month(1, 100.0, band), month(1, 79.0, band), month(2, 121.0, band), month(2, 120.0, band), month(2, 500.0, None)];
        let found = coverage(&months);
        assert_eq!(found.iter().map(|one| (one.ahead, one.months)).collect::<Vec<_>>(), [(1, 2), (2, 2), (-1, 4)]);
        assert_eq!((found[0].within, found[0].below, found[0].above), (0.5, 0.5, 0.0));
        assert_eq!((found[2].within, found[2].below, found[2].above), (0.5, 0.25, 0.25));
        assert_eq!(found[2].expected_per_sold, Some(400.0 / 420.0));
        let then =
            |shop: &str, made_on, expected_alive| ModelThen { shop: shop.into(), made_on, model: None, verdict: None, expected_alive };
        let models =
            [then("a", 1, Some(100.0)), then("b", 1, Some(100.0)), then("a", 2, Some(140.0)), then("b", 2, Some(60.0)), then("b", 3, None)];
        assert_eq!(flips(&models).iter().map(|(one, other)| (one.shop.as_str(), other.made_on)).collect::<Vec<_>>(), [("b", 2)]);
        assert!(coverage(&[]).is_empty() && flips(&[]).is_empty());
    }
}
