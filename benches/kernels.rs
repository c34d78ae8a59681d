//! The kernels of a run, one by one, in nanoseconds per order row: enough to judge a change in seconds.
//!
//! `cargo bench --bench kernels` makes a million lines below `target/` and measures on them;
//! `cargo bench --bench kernels -- JOB.yaml --repeat 3 --threads 1` measures on other data.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use arrow::record_batch::RecordBatch;
use clap::Parser;
use huitou::fold::folds::Folds;
use huitou::history::conflicts::{self, Conflicts};
use huitou::history::refunds::RefundIndex;
use huitou::history::{Fold, History, OrderIdTypes, pass};
use huitou::job::Job;
use huitou::nightly::{self, Plan, Silent};
use huitou::partition::Budget;
use huitou::publish::{Begin, Store};
use huitou::sample;
use huitou::spec::Card;
use huitou::table::{Night, catalogue};

/// What may go wrong on any thread.
type Failure = Box<dyn Error + Send + Sync>;

#[derive(Parser)]
#[command(name = "kernels", about = "Measure the kernels of a run: nanoseconds per order row, the median of several rounds")]
struct Options {
    /// The job file [default: a sample of a million lines below `target/`].
    job: Option<PathBuf>,
    /// Rounds.
    #[arg(long, value_name = "N", default_value_t = 5)]
    repeat: usize,
    /// Threads [default: all processors].
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    threads: usize,
    /// Passed by `cargo bench` to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// A fold that only looks: what remains is the cost of reading buckets and settling histories.
struct Nothing(u64);

impl Fold for Nothing {
    fn update(&mut self, history: &History<'_>) {
        self.0 += history.orders.len() as u64;
    }

    fn state(&mut self) -> huitou::error::Result<Vec<RecordBatch>> {
        std::hint::black_box(self.0);
        Ok(Vec::new())
    }

    fn merge(&mut self, _: &[RecordBatch]) -> huitou::error::Result<()> {
        Ok(())
    }
}

/// Seconds by kernel, in the order in which kernels were first met.
#[derive(Default)]
struct Clock {
    names: Vec<String>,
    seconds: BTreeMap<String, Vec<f64>>,
}

impl Clock {
    fn note(&mut self, name: &str, seconds: f64) {
        if !self.seconds.contains_key(name) {
            self.names.push(name.to_owned());
        }
        self.seconds.entry(name.to_owned()).or_default().push(seconds);
    }

    fn time<T>(&mut self, name: &str, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let done = work();
        self.note(name, started.elapsed().as_secs_f64());
        done
    }

    fn median(&self, name: &str) -> f64 {
        let mut seconds = self.seconds.get(name).cloned().unwrap_or_default();
        seconds.sort_by(f64::total_cmp);
        seconds.get(seconds.len() / 2).copied().unwrap_or(0.0)
    }
}

fn main() -> Result<(), Failure> {
    let options = Options::parse();
    let job = match &options.job {
        Some(job) => job.clone(),
        None => made(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench/kernels"))?,
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build()?;
    let mut clock = Clock::default();
    let mut rows = 0;
    for _ in 0..options.repeat.max(1) {
        rows = pool.install(|| round(&job, &mut clock))?;
    }
    println!("{rows} order rows, {} threads, median of {} rounds\n", pool.current_num_threads(), options.repeat.max(1));
    println!("| kernel | ms | ns per row |\n| --- | ---: | ---: |");
    for name in &clock.names {
        let seconds = clock.median(name);
        println!("| {name} | {:.1} | {:.1} |", seconds * 1e3, seconds * 1e9 / rows.max(1) as f64);
    }
    Ok(())
}

/// The sample that is measured on where no other is named.
fn made(folder: &Path) -> Result<PathBuf, Failure> {
    let job = folder.join("job.yaml");
    if !job.exists() {
        std::fs::create_dir_all(folder)?;
        sample::write(folder, &sample::Options { orders: 1_000_000, ..sample::Options::default() }, &|_, _| ())?;
    }
    Ok(job)
}

/// One round over all kernels; returns how many rows the orders have.
fn round(job: &Path, clock: &mut Clock) -> Result<u64, Failure> {
    let job = Job::load(job, &[], &Plan::catalogue())?;
    let as_of = job.as_of.day(0);
    let plan = clock.time("open: footers of all inputs", || Plan::new(job, as_of, &[]))?;
    let rows = plan.datasets.get("orders").map_or(0, |orders| orders.rows());
    let budget = Arc::new(Budget::unlimited());
    let loaded = clock.time("load: decode, check, shuffle", || nightly::load(&plan, &budget, &Silent))?;
    let types = OrderIdTypes::of(|column| plan.id_type(column));
    let (none, refunds) = (Conflicts::default(), RefundIndex::default());
    // A first walk brings the lines into the caches that there are.
    let settle = || pass::run(&loaded.shuffled, &refunds, &none, &|| Nothing(0), &|| ());
    settle()?;
    let started = Instant::now();
    settle()?;
    let settled = started.elapsed().as_secs_f64();
    clock.note("settle: buckets read, versions settled", settled);
    let counted = clock.time("order index: orders counted", || nightly::count_orders(&loaded, loaded.rated_orders.clone()))?;
    let started = Instant::now();
    let conflicts = conflicts::judge(&loaded.shuffled, &counted, &types)?;
    pass::run(&loaded.shuffled, &refunds, &conflicts, &|| Nothing(0), &|| ())?;
    clock.note("conflicts: suspected orders judged and dropped", started.elapsed().as_secs_f64() - settled);
    for tables in [["shop_daily"].as_slice(), &["cohort_retention"], &["repurchase_intervals"], &["customers"]] {
        let selection = catalogue::selection(&|table| tables.contains(&table), &plan.job.strategies, &plan.request());
        let started = Instant::now();
        pass::run(&loaded.shuffled, &refunds, &none, &|| Folds::start(&loaded.context, &selection), &|| ())?;
        // What settling takes is taken off: the fold remains.
        clock.note(&format!("fold of {}", tables.join(", ")), started.elapsed().as_secs_f64() - settled);
    }
    let folded = clock.time("fold: order index, refunds, settling, all folds", || nightly::fold(&plan, loaded, &Silent))?;
    let mut last = Instant::now();
    let mut finished: BTreeMap<String, f64> = BTreeMap::new();
    let mut made: Vec<(Card, RecordBatch)> = Vec::new();
    catalogue::write(&folded.night, &|table| plan.wants(table), &mut |card, batch| {
        *finished.entry(card.name.to_string()).or_default() += last.elapsed().as_secs_f64();
        made.push((card.clone(), batch));
        last = Instant::now();
        Ok(())
    })?;
    for card in &plan.tables {
        if let Some(seconds) = finished.get(card.name.as_ref()) {
            clock.note(&format!("finish of {}", card.name), *seconds);
        }
    }
    clock.time("write: all tables checked, encoded, synced", || write(&plan, &folded.night, made))?;
    Ok(rows)
}

/// Writes finished tables into a draft that nobody publishes.
fn write(plan: &Plan, night: &Night, tables: Vec<(Card, RecordBatch)>) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let Begin::Work(draft) = Store::open(folder.path())?.begin(&plan.work(&[]))? else { return Ok(()) };
    let mut writers = BTreeMap::new();
    for (card, batch) in tables {
        if !writers.contains_key(&card.name) {
            writers.insert(card.name.clone(), draft.result(&card, &night.context.ids, &night.context.currency)?);
        }
        if let Some(writer) = writers.get_mut(&card.name) {
            writer.write(&batch)?;
        }
    }
    for (_, writer) in writers {
        writer.finish()?;
    }
    Ok(())
}
