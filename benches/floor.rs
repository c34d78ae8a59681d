//! The floor of a run: all inputs of a job decoded and nothing done with their rows, which no program that reads them can undercut.
//!
//! `cargo bench --bench floor -- JOB.yaml --only shop_daily,customers --threads 2`
//!
//! The plan, the reader, the columns and the pieces are those of `huitou run`; the batches are dropped as they come.

use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use clap::Parser;
use huitou::input::mapping::dataset::Dataset;
use huitou::job::Job;
use huitou::nightly::Plan;
use rayon::prelude::*;

#[derive(Parser)]
#[command(name = "floor", about = "Decode what `huitou run` would decode, do nothing with it, and print seconds and rows as JSON")]
struct Options {
    /// The job file.
    job: PathBuf,
    /// Decode what these tables need.
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    only: Vec<String>,
    /// Threads to decode with [default: all processors].
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    threads: usize,
    /// Passed by `cargo bench` to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let started = Instant::now();
    let job = Job::load(&options.job, &[], &Plan::catalogue())?;
    // Everything is decoded whatever the as-of date is, so a job of `yesterday` may stand at any day.
    let as_of = job.as_of.day(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build()?;
    let plan = pool.install(|| Plan::new(job, as_of, &options.only))?;
    let opened = started.elapsed();
    let rows = pool.install(|| decode(&plan))?;
    let report = serde_json::json!({
        "seconds": started.elapsed().as_secs_f64(),
        "open_seconds": opened.as_secs_f64(),
        "decode_seconds": (started.elapsed() - opened).as_secs_f64(),
        "threads": pool.current_num_threads(),
        "rows": rows,
    });
    println!("{report}");
    Ok(())
}

/// Every piece of every input, the orders first, taken by whichever thread is free; returns the rows.
fn decode(plan: &Plan) -> huitou::error::Result<u64> {
    let pieces: Vec<_> =
        plan.datasets.values().flat_map(|dataset| dataset.pieces().into_iter().map(move |piece| (dataset, piece))).collect();
    let next = AtomicUsize::new(0);
    (0..rayon::current_num_threads())
        .into_par_iter()
        .map(|_| {
            let mut rows = 0;
            while let Some((dataset, piece)) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
                Dataset::read(dataset, *piece, |batch| {
                    rows += batch.rows as u64;
                    black_box(batch);
                    Ok(())
                })?;
            }
            Ok(rows)
        })
        .sum()
}
