//! `huitou backtest`: prints how often the pass probabilities of assessments came true.

use std::fmt::Write;

use super::arguments::BacktestOptions;
use super::as_of::as_of;
use super::stdout::print;
use super::threads::pool;
use crate::error::{Error, Problem, Result};
use crate::job::Job;
use crate::nightly::Plan;
use crate::nightly::backtest::{backtest, brier, calibration};
use crate::spec::period::iso;

/// Runs a job as of many days and prints the calibration.
pub fn backtest_job(options: &BacktestOptions) -> Result<()> {
    let mut job = Job::load(&options.job, &options.set, &Plan::catalogue())?;
    let last = as_of(&job, options.as_of.as_deref())?;
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
    let days: Vec<i32> = (1..=i32::from(options.runs)).rev().map(|number| last - number * step).collect();
    let forecasts = pool(options.threads.map(usize::from))?.install(|| backtest(&job, &days, last))?;
    let mut text = String::new();
    for name in job.assessments.iter().map(|rule| &rule.assessment).collect::<std::collections::BTreeSet<_>>() {
        let own: Vec<_> = forecasts.iter().filter(|forecast| forecast.assessment == *name).cloned().collect();
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
        text.push('\n');
        if options.list {
            own.iter().for_each(|forecast| {
                let _ = writeln!(text, "{forecast}");
            });
        }
    }
    print(&text)
}
