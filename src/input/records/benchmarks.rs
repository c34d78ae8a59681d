//! Benchmarks: the platform's figures for a whole category, for jobs with too few shops to represent it.

use super::facts::Benchmark;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::Ledger;
use crate::input::rows::repeated::{Placed, last_by_key};
use crate::input::rows::scan::{RowIds, Scan, each_row, null, reject, unparseable};
use crate::input::values::fault::Faults;
use crate::input::values::text::Texts;
use crate::spec::{NO_TIME, day_of_time};

/// The figures by (category, metric, first day of the period).
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key.
pub fn read(scan: &Scan<'_>, dataset: &Dataset) -> Result<(Vec<Benchmark>, Ledger)> {
    let (rows, mut ledger) = scan.rows(dataset, &["period_start"], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let starts = batch.times("period_start", &mut scan.clock.clone(), &mut faults);
        let (categories, metrics) = (batch.texts("category"), batch.texts("metric"));
        let [means, tenths, fifths] = ["mean", "p10", "p20"].map(|name| batch.figures(name, &mut faults));
        batch.note_long(&["category", "metric"], &mut faults);
        each_row(batch, faults, ledger, |row, fault, ledger| {
            if starts[row] >= scan.end() {
                ledger.account(batch.file).after_as_of += 1;
                return;
            }
            let name = |texts: &Texts| texts.get(row).filter(|text| !text.is_empty()).map(str::to_owned);
            let judged = match (fault, name(&categories), name(&metrics)) {
                (Some(fault), _, _) => Err(unparseable(fault)),
                (None, None, _) => Err(null("category")),
                (None, _, None) => Err(null("metric")),
                _ if starts[row] == NO_TIME => Err(null("period_start")),
                (None, Some(category), Some(metric)) => {
                    let start = day_of_time(starts[row]);
                    Ok(Benchmark { category, start, metric, mean: means[row], p10: tenths[row], p20: fifths[row] })
                }
            };
            match judged {
                Ok(value) => rows.push(Placed { file: batch.file, row: batch.first_row + row as u64, value }),
                Err(verdict) => reject(batch, row, RowIds::default(), verdict, ledger),
            }
        });
    })?;
    let by_key = |a: &Benchmark, b: &Benchmark| (&a.category, &a.metric, a.start).cmp(&(&b.category, &b.metric, b.start));
    let rows = last_by_key(dataset, rows, by_key, &mut ledger)?;
    Ok((rows, ledger))
}
