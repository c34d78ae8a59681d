//! Backtest: compares projections of assessments, made while periods ran, with the results of the periods.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;

use super::fold::{Folded, fold};
use super::load::load;
use super::observe::Silent;
use super::plan::Plan;
use crate::error::Result;
use crate::job::Job;
use crate::metric::ratio::{in_units_of, mean, ratio};
use crate::partition::Budget;
use crate::spec::Day;
use crate::spec::period::{iso, parse_day};
use crate::table::assessment::{results, summary};
use crate::table::catalogue;
use crate::table::read_back::{Row, rows};

/// A projection made while a period ran, and the result of the period.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectionOutcome {
    /// The assessment.
    pub assessment: String,
    /// The shop, as people read it.
    pub shop: String,
    /// The first day of the period.
    pub period_start: String,
    /// The requirement; `None` for all of them together.
    pub metric: Option<String>,
    /// The day on which it was made.
    pub made_on: Day,
    /// Days that the period had left then.
    pub days_left: i64,
    /// The projected probability to pass.
    pub probability: f64,
    /// Whether the shop passed.
    pub passed: bool,
}

/// Runs the job as of each of those days, as that night would have run it, and compares every projection, of whole assessments and of each
/// requirement, with the result in the run as of `last`. Leaves out periods that still run, and those with an unknown result.
///
/// # Errors
/// Those of the runs.
pub fn backtest(job: &Job, days: &[Day], last: Day) -> Result<Vec<ProjectionOutcome>> {
    let mut outcomes: BTreeMap<[Option<String>; 4], bool> = BTreeMap::new();
    let ended = assessed(job, last)?;
    for row in rows(&ended) {
        match row.text("status").as_deref() {
            Some("pass") => outcomes.insert(key(&row), true),
            Some("fail") => outcomes.insert(key(&row), false),
            _ => None,
        };
    }
    let mut forecasts = Vec::new();
    for day in days {
        let batches = assessed(job, *day)?;
        for row in rows(&batches) {
            let key = key(&row);
            let (Some(probability), Some(passed)) = (row.number("pass_probability"), outcomes.get(&key)) else { continue };
            let days_left = row.text("period_end").and_then(|end| parse_day(&end)).map_or(0, |end| i64::from(end - day));
            let [assessment, shop, period_start, metric] = key;
            let [assessment, shop, period_start] = [assessment, shop, period_start].map(Option::unwrap_or_default);
            let outcome =
                ProjectionOutcome { assessment, shop, period_start, metric, made_on: *day, days_left, probability, passed: *passed };
            forecasts.push(outcome);
        }
    }
    Ok(forecasts)
}

/// What a row of either table is about; the metric is null in the summary, which has none.
fn key(row: &Row<'_>) -> [Option<String>; 4] {
    ["assessment", "shop_id", "period_start", "metric"].map(|column| row.text(column))
}

/// assessment_summary and assessment_results as of a day.
fn assessed(job: &Job, as_of: Day) -> Result<Vec<RecordBatch>> {
    let tables = [summary::TABLE.name, results::TABLE.name].map(str::to_owned);
    let plan = Plan { restores: true, ..Plan::new(job.clone(), as_of, &tables)? };
    let loaded = load(&plan, &Arc::new(Budget::unlimited()), &Silent)?;
    let Folded { night, .. } = fold(&plan, loaded, &Silent)?;
    let mut batches = Vec::new();
    catalogue::write(&night, &|name| plan.wants(name), &mut |_, batch| {
        batches.push(batch);
        Ok(())
    })?;
    Ok(batches)
}

/// The share of projections of similar probability that came true.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// The least probability of the class.
    pub from: f64,
    /// The probability below which the class ends; the last one has 1 too.
    pub to: f64,
    /// Projections in it.
    pub forecasts: usize,
    /// Different (shop, period) among them: projections of one period are not independent.
    pub periods: usize,
    /// Their mean probability.
    pub mean: f64,
    /// The share that passed.
    pub passed: f64,
}

/// The classes, each a tenth of the probabilities. Leaves out those without a projection.
pub fn calibration(forecasts: &[ProjectionOutcome]) -> Vec<Calibration> {
    let class = |forecast: &ProjectionOutcome| ((forecast.probability * 10.0) as usize).min(9);
    let tenths = |number: usize| in_units_of(10.0, number as f64);
    (0..10)
        .filter_map(|number| {
            let own: Vec<&ProjectionOutcome> = forecasts.iter().filter(|forecast| class(forecast) == number).collect();
            let mut periods: Vec<_> = own.iter().map(|own| (&own.assessment, &own.shop, &own.period_start)).collect();
            periods.sort_unstable();
            periods.dedup();
            Some(Calibration {
                from: tenths(number),
                to: tenths(number + 1),
                forecasts: own.len(),
                periods: periods.len(),
                mean: mean(&own.iter().map(|forecast| forecast.probability).collect::<Vec<f64>>())?,
                passed: share_that_passed(own.iter().copied())?,
            })
        })
        .collect()
}

/// The share of the projections that passed; `None` for none.
fn share_that_passed<'a>(forecasts: impl ExactSizeIterator<Item = &'a ProjectionOutcome>) -> Option<f64> {
    let all = forecasts.len() as i64;
    ratio(forecasts.filter(|forecast| forecast.passed).count() as i64, all)
}

/// The Brier score: the mean squared distance between probability and outcome, 0 the best (G. Brier, "Verification of forecasts
/// expressed in terms of probability", Monthly Weather Review 78, 1950); and that of always predicting the share that passed.
pub fn brier(forecasts: &[ProjectionOutcome]) -> Option<(f64, f64)> {
    let share = share_that_passed(forecasts.iter())?;
    let squared = |probability: f64, passed: bool| (probability - f64::from(u8::from(passed))).powi(2);
    let own: Vec<f64> = forecasts.iter().map(|forecast| squared(forecast.probability, forecast.passed)).collect();
    let base: Vec<f64> = forecasts.iter().map(|forecast| squared(share, forecast.passed)).collect();
    Some((mean(&own)?, mean(&base)?))
}

/// A projection in a line of text, for lists.
impl std::fmt::Display for ProjectionOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}{} {} {} made {} ({} days left): {:.3} {}",
            self.assessment,
            self.metric.as_ref().map(|metric| format!(" {metric}")).unwrap_or_default(),
            self.shop,
            self.period_start,
            iso(self.made_on),
            self.days_left,
            self.probability,
            if self.passed { "passed" } else { "failed" }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecast(shop: &str, probability: f64, passed: bool) -> ProjectionOutcome {
        ProjectionOutcome {
            assessment: "a".into(),
            shop: shop.into(),
            period_start: "2026-01-01".into(),
            metric: None,
            made_on: 0,
            days_left: 1,
            probability,
            passed,
        }
    }

    #[test]
    fn classes_and_score_by_hand() {
        let forecasts = [
            forecast("x", 0.8, true),
            forecast("x", 0.85, true),
            forecast("y", 0.8, false),
            forecast("z", 1.0, true),
            forecast("z", 0.0, false),
        ];
        let classes = calibration(&forecasts);
        assert_eq!(classes.iter().map(|class| (class.forecasts, class.periods)).collect::<Vec<_>>(), [(1, 1), (3, 2), (1, 1)]);
        assert!((classes[1].passed - 2.0 / 3.0).abs() < 1e-12 && (classes[1].mean - 2.45 / 3.0).abs() < 1e-12);
        // (0.04 + 0.0225 + 0.64 + 0 + 0) / 5; three of five passed: (3 × 0.16 + 2 × 0.36) / 5.
        let (own, base) = brier(&forecasts).unwrap_or_default();
        assert!((own - 0.1405).abs() < 1e-12 && (base - 0.24).abs() < 1e-12, "{own} {base}");
        assert_eq!(brier(&[]), None);
    }
}
