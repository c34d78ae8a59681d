//! The arguments of `step` and `engine`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::output_folder::output_folder;

/// Options of `step`.
#[derive(Debug, Args)]
pub struct StepOptions {
    /// Which step
    #[command(subcommand)]
    pub step: StepCommand,
}

/// The steps.
#[derive(Debug, Subcommand)]
pub enum StepCommand {
    /// Deal the order files of a job out to scans; the rows on standard output are what all other steps begin with
    Plan(StepPlanOptions),
    /// Read the order files of a scan, in one thread
    Scan(ScanOptions),
    /// Count the orders of some partitions, and check all inputs
    Census(ShareOptions),
    /// Collect the lines of orders that may name two customers
    Suspects(ShareOptions),
    /// Settle the lines of some buckets, and fold them
    Fold(ShareOptions),
    /// Add up what several tasks folded
    Merge(ShareOptions),
    /// Make the tables of all that was folded, and publish the snapshot
    Finish(ShareOptions),
}

/// Options of `step plan`.
#[derive(Debug, Args)]
pub struct StepPlanOptions {
    /// The job file
    pub job: PathBuf,
    /// The last day whose events count: YYYY-MM-DD or `yesterday`; overrides the job's `as_of`
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// The output folder; overrides the job's `output.path`
    #[arg(long, value_name = "DIR", value_parser = output_folder)]
    pub out: Option<PathBuf>,
    /// Build only these tables; the snapshot is an experiment, as with `--set`
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Set a key of the job file, as `huitou run` does; can be repeated. The snapshot is an experiment
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// With `--set` or `--only`: move `latest`, and count the lists, as a run without them does
    #[arg(long)]
    pub publish: bool,
    /// Publish this once although an input is past its `freshness.error`
    #[arg(long)]
    pub allow_stale: bool,
    /// Number of scans [default: one for two million rows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub scans: Option<u32>,
    /// Number of buckets, rounded up to a power of two [default: one for 16,384 rows, 4,096 at most]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4_096))]
    pub buckets: Option<u32>,
}

/// Options of `step scan`.
#[derive(Debug, Args)]
pub struct ScanOptions {
    /// Memory limit, such as 1GiB; a step that needs more uses the disk [default: half of the machine's or container's memory]
    #[arg(long, value_name = "SIZE", value_parser = super::memory::size)]
    pub memory: Option<u64>,
}

/// Options of the other steps.
#[derive(Debug, Args)]
pub struct ShareOptions {
    /// Number of threads [default: 1, of `finish` all processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Memory limit, such as 1GiB; a step that needs more uses the disk [default: half of the machine's or container's memory]
    #[arg(long, value_name = "SIZE", value_parser = super::memory::size)]
    pub memory: Option<u64>,
}

/// Options of `engine`.
#[derive(Debug, Args)]
pub struct EngineOptions {
    /// The engine
    pub engine: Engine,
}

/// Engines that can run a job in steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Apache Spark 3.4 and later, and what speaks Spark Connect
    Spark,
}
