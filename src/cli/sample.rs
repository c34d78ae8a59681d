//! `huitou sample`: writes a data set to try everything on.

use std::cell::Cell;

use super::arguments::{IdsOption, LayoutOption, SampleOptions, When};
use super::log;
use super::progress::Progress;
use super::stdout::print;
use super::threads::pool;
use crate::error::Result;
use crate::nightly::Observer;
use crate::sample::{self, Ids, Layout, Options};

/// Writes a sample.
pub fn sample(options: &SampleOptions) -> Result<()> {
    let settings = Options {
        orders: options.orders,
        customers: options.customers,
        shops: options.shops,
        months: options.months,
        seed: options.seed,
        ids: match options.ids {
            IdsOption::Int => Ids::Int,
            IdsOption::Text => Ids::Text,
        },
        dirty: options.dirty,
        superseded: options.superseded,
        layout: match options.layout {
            LayoutOption::Files => Layout::Files,
            LayoutOption::Daily => Layout::Daily,
        },
        ..Options::default()
    };
    let progress = Progress::new(When::Auto);
    let summary = pool(options.threads.map(usize::from))?.install(|| {
        let reported = Cell::new(None);
        let report = |done: u64, total: u64| {
            let before = reported.get().unwrap_or_else(|| {
                progress.phase("sample", total);
                0
            });
            progress.step(done.saturating_sub(before));
            reported.set(Some(done));
        };
        sample::write(&options.dir, &settings, &report)
    });
    progress.finish();
    for input in &summary?.inputs {
        log::info(&format!(
            "{:<16} {:>12} rows in {} files, {} bytes, {} bad rows",
            input.name, input.rows, input.files, input.bytes, input.bad_rows
        ));
    }
    print(&format!("{}\n", options.dir.join("job.yaml").display()))
}
