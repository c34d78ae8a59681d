//! `huitou backtest`: prints how often the pass probabilities of assessments, or the intervals of forecasts, came true.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::arguments::BacktestOptions;
use super::as_of::as_of;
use super::stdout::print;
use super::threads::pool;
use crate::error::{Error, Problem, Result};
use crate::job::Job;
use crate::metric::ratio::{mean, ratio};
use crate::nightly::Plan;
use crate::nightly::backtest::{ProjectionOutcome, backtest, brier, calibration};
use crate::nightly::forecast_backtest::{ModelThen, coverage, flips, forecast_backtest};
use crate::spec::period::iso;

/// Runs a job as of many days and prints the calibration.
pub fn backtest_job(options: &BacktestOptions) -> Result<()> {
    let mut job = Job::load(&options.job, &options.set, &Plan::catalogue())?;
    let last = as_of(&job, options.as_of.as_deref())?;
    if options.forecast {
        return backtest_forecast(options, &job, last);
    }
    let names: Vec<String> = job.assessments.iter().map(|rule| rule.assessment.clone()).collect();
    if let Some(wanted) = &options.assessment {
        job.assessments.retain(|rule| rule.assessment == *wanted);
    }
    if job.assessments.is_empty() {
        let what = match &options.assessment {
            Some(wanted) => format!("there is no assessment `{wanted}`"),
            None => "the job names no rule files".to_owned(),
        };
        let help =
            if names.is_empty() { "list rule files under `assessments`".to_owned() } else { format!("there are {}", names.join(", ")) };
        return Err(Error::Usage(vec![Problem::new(options.job.display().to_string(), what).help(help)]));
    }
    let step = i32::from(options.step);
    let days = days(options, last);
    let forecasts = pool(options.threads.map(usize::from))?.install(|| backtest(&job, &days, last))?;
    let mut text = String::new();
    for name in job.assessments.iter().map(|rule| &rule.assessment).collect::<std::collections::BTreeSet<_>>() {
        let (own, of_requirements): (Vec<_>, Vec<_>) =
            forecasts.iter().filter(|forecast| forecast.assessment == *name).cloned().partition(|forecast| forecast.metric.is_none());
        let _ = writeln!(text, "{name}: {} projections, made every {step} days from {} on", own.len(), iso(*days.first().unwrap_or(&last)));
        if let Some((brier, base)) = brier(&own) {
            let _ = writeln!(text, "Brier score {brier:.3}; {base:.3} for always predicting the share that passed\n");
            let _ =
                writeln!(text, "| predicted | projections | of periods | mean predicted | passed |\n| --- | ---: | ---: | ---: | ---: |");
            for class in calibration(&own) {
                let (from, to) = (class.from * 100.0, class.to * 100.0);
                let _ = writeln!(
                    text,
                    "| {from:.0} to {to:.0} % | {} | {} | {:.0} % | {:.0} % |",
                    class.forecasts,
                    class.periods,
                    class.mean * 100.0,
                    class.passed * 100.0
                );
            }
        }
        write_requirements(&mut text, of_requirements.clone());
        text.push('\n');
        if options.list {
            own.iter().chain(&of_requirements).for_each(|forecast| {
                let _ = writeln!(text, "{forecast}");
            });
        }
    }
    print(&text)
}

/// A line for each requirement: where a probability of the whole is off, these say which part of it.
fn write_requirements(text: &mut String, outcomes: Vec<ProjectionOutcome>) {
    let mut by_metric: BTreeMap<String, Vec<ProjectionOutcome>> = BTreeMap::new();
    for outcome in outcomes {
        by_metric.entry(outcome.metric.clone().unwrap_or_default()).or_default().push(outcome);
    }
    if by_metric.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n| requirement | projections | mean predicted | passed | Brier score | always the share that passed |");
    let _ = writeln!(text, "| --- | ---: | ---: | ---: | ---: | ---: |");
    for (metric, own) in by_metric {
        let Some((brier, base)) = brier(&own) else { continue };
        let probabilities: Vec<f64> = own.iter().map(|outcome| outcome.probability).collect();
        let passed = ratio(own.iter().filter(|outcome| outcome.passed).count() as i64, own.len() as i64);
        let percent = |share: Option<f64>| 100.0 * share.unwrap_or(0.0);
        let (count, mean, passed) = (own.len(), percent(mean(&probabilities)), percent(passed));
        let _ = writeln!(text, "| {metric} | {count} | {mean:.0} % | {passed:.0} % | {brier:.3} | {base:.3} |");
    }
}

/// The days of the runs, ascending.
fn days(options: &BacktestOptions, last: i32) -> Vec<i32> {
    (1..=i32::from(options.runs)).rev().map(|number| last - number * i32::from(options.step)).collect()
}

/// Runs the forecast of a job as of many days and prints how it did.
fn backtest_forecast(options: &BacktestOptions, job: &Job, last: i32) -> Result<()> {
    if !job.params.forecast.is_wanted() {
        let what = "the job wants no forecast (`params.forecast.model: none`)".to_owned();
        return Err(Error::Usage(vec![Problem::new(options.job.display().to_string(), what).help("name a model, or `auto`")]));
    }
    let days = days(options, last);
    let outcomes = pool(options.threads.map(usize::from))?.install(|| forecast_backtest(job, &days, last))?;
    let mut text = String::new();
    let (first, step) = (iso(*days.first().unwrap_or(&last)), options.step);
    let _ = writeln!(text, "forecasts of {} runs, every {step} days from {first} on\n", days.len());
    let mut counted: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for then in &outcomes.models {
        *counted.entry((then.model.as_deref().unwrap_or("none"), then.verdict.as_deref().unwrap_or("-"))).or_default() += 1;
    }
    let _ = writeln!(text, "| used model | verdict | shops × runs |\n| --- | --- | ---: |");
    for ((model, verdict), count) in counted {
        let _ = writeln!(text, "| {model} | {verdict} | {count} |");
    }
    let flips = flips(&outcomes.models);
    let _ = writeln!(text, "\nexpected customers changed by more than half from one run to the next: {} times", flips.len());
    for (before, then) in &flips {
        let alive = |then: &ModelThen| then.expected_alive.unwrap_or(0.0);
        let name = |then: &ModelThen| then.model.clone().unwrap_or("none".to_owned());
        let _ = writeln!(
            text,
            "- shop {}: {:.0} by {} on {}, {:.0} by {} on {}",
            then.shop,
            alive(before),
            name(before),
            iso(before.made_on),
            alive(then),
            name(then),
            iso(then.made_on)
        );
    }
    let _ = writeln!(text, "\n| months ahead | months | within the interval | below | above | all expected / all sold |");
    let _ = writeln!(text, "| --- | ---: | ---: | ---: | ---: | ---: |");
    for of in coverage(&outcomes.months) {
        let ahead = if of.ahead < 0 { "all".to_owned() } else { of.ahead.to_string() };
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let ratio = of.expected_per_sold.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        let _ = writeln!(
            text,
            "| {ahead} | {} | {} | {} | {} | {ratio} |",
            of.months,
            percent(of.within),
            percent(of.below),
            percent(of.above)
        );
    }
    if options.list {
        text.push('\n');
        for month in &outcomes.months {
            let band = month.interval.map_or("-".to_owned(), |(lower, upper)| format!("{lower:.0} to {upper:.0}"));
            let _ = writeln!(
                text,
                "shop {} {} made {}: {:.0} expected ({band}), {:.0} sold",
                month.shop,
                month.month,
                iso(month.made_on),
                month.expected,
                month.sold
            );
        }
    }
    print(&text)
}
