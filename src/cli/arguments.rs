//! The arguments of every command: one declaration serves the parser and the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::date_step::Step;
use super::diff_arguments::DiffOptions;
use super::history_arguments::HistoryOptions;
use super::import_arguments::ImportOptions;
use super::list_arguments::ListOptions;
use super::output_folder::output_folder;
use super::output_format::{OutputFormat, RowFormat};
use super::report_arguments::ReportOptions;
use super::step_arguments::{EngineOptions, StepOptions};
use super::verify::VerifyOptions;

use crate::job::json_schema::FileKind;
use crate::spec::Lang;

/// Turns order and traffic histories of online shops into exact result tables.
#[derive(Debug, Parser)]
#[command(name = "huitou", version, about, long_about = None, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The language of messages, names and definitions [default: Chinese in a Chinese locale, else English]
    #[arg(long, value_name = "LANG", global = true)]
    pub lang: Option<Lang>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a job and publish a snapshot of its result tables
    Run(RunOptions),
    /// Read a job and the footers of its inputs, and print what a run would do; computes nothing
    Check(CheckOptions),
    /// Turn exports of seller centres (CSV, XLSX) into Parquet inputs, and write a job that runs on them
    Import(ImportOptions),
    /// Write a realistic, deterministic data set with a job that runs on it
    Sample(SampleOptions),
    /// Print the catalogue of result tables, or the columns of one table with their definitions
    Tables(TablesOptions),
    /// Print a table of the latest snapshot
    Show(ShowOptions),
    /// Show the lists of customers to contact, export one, or remember that one was sent
    List(Box<ListOptions>),
    /// Write the report of a snapshot, one HTML page that opens without a network, or its brief, a small page for mail
    Report(ReportOptions),
    /// Run a job as of many days of the past, and print how often the pass probabilities of its assessments came true
    Backtest(BacktestOptions),
    /// List the snapshots of an output folder
    History(HistoryOptions),
    /// Compare two snapshots: what rows, columns and values differ
    Diff(DiffOptions),
    /// Compare every byte of a snapshot with its manifest
    Verify(VerifyOptions),
    /// Remove old snapshots of an output folder, never the latest one
    Gc(GcOptions),
    /// Print the JSON Schema of job, rule, strategy and stage files, or a table of their keys
    Schema(SchemaOptions),
    /// Print the completions of commands and options for a shell
    Completions(CompletionsOptions),
    /// Print or write the manual pages, in the form that `man` reads
    Man(ManOptions),
    /// One step of a run that several processes share; the script of `huitou engine` starts them
    Step(Box<StepOptions>),
    /// Print the script by which an engine such as Spark runs a job on several machines
    Engine(EngineOptions),
    /// Print the licences of what the program is made of
    Licenses,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// The job file
    pub job: PathBuf,
    /// The last day whose events count: YYYY-MM-DD or `yesterday`; overrides the job's `as_of`. With `--step` a range of dates, FROM..TO
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Publish a snapshot for each month end, week end or day of the range
    #[arg(long, value_name = "STEP")]
    pub step: Option<Step>,
    /// The output folder; overrides the job's `output.path`
    #[arg(long, value_name = "DIR", value_parser = output_folder)]
    pub out: Option<PathBuf>,
    /// Build only these tables; the snapshot is an experiment, as with `--set`
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Number of threads [default: all processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Memory limit, such as 8GiB; a run that needs more uses the disk [default: half of the machine's or container's memory]
    #[arg(long, value_name = "SIZE", value_parser = super::memory::size)]
    pub memory: Option<u64>,
    /// Set a key of the job file, such as `params.lifecycle.active_days=50`; can be repeated. The snapshot is an experiment: `latest`, the
    /// database and the cool-down of lists stay as they are
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// With `--set` or `--only`: move `latest`, load the database, and count the lists, as a run without them does
    #[arg(long)]
    pub publish: bool,
    /// Read all rows, without those that earlier nights kept; the tables are the same
    #[arg(long)]
    pub full: bool,
    /// Publish this once although an input is past its `freshness.error`; missing days then look like days without sales
    #[arg(long)]
    pub allow_stale: bool,
    /// Print the plan as `check` does, and compute nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Progress bars: on a terminal, always, or never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub progress: When,
    /// The format of messages on standard error
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log: LogFormat,
    /// Print more details
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Print errors only
    #[arg(short, long)]
    pub quiet: bool,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// The job file
    pub job: PathBuf,
    /// Build only these tables
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Set a key of the job file, such as `params.lifecycle.active_days=50`; can be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: OutputFormat,
}

/// Options of `sample`.
#[derive(Debug, Args)]
pub struct SampleOptions {
    /// The folder to write to; it must be empty or not exist
    pub dir: PathBuf,
    /// Number of order lines, not counting later versions: 20000, 1m, 100m
    #[arg(long, value_name = "LINES", default_value = "1m", value_parser = number)]
    pub orders: u64,
    /// Number of customers [default: a tenth of the lines]
    #[arg(long, value_name = "N", value_parser = number)]
    pub customers: Option<u64>,
    /// Number of shops
    #[arg(long, value_name = "N", default_value_t = 12)]
    pub shops: u32,
    /// Number of calendar months
    #[arg(long, value_name = "N", default_value_t = 24)]
    pub months: u32,
    /// Another seed gives another data set
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub seed: u64,
    /// The type of the ids
    #[arg(long, value_name = "TYPE", default_value = "int")]
    pub ids: IdsOption,
    /// Share of bad rows
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    pub dirty: f64,
    /// Share of order rows that a later version supersedes
    #[arg(long, value_name = "SHARE", default_value_t = 0.10)]
    pub superseded: f64,
    /// One file of orders for each month, or one folder `dt=YYYY-MM-DD` for each day
    #[arg(long, value_name = "LAYOUT", default_value = "files")]
    pub layout: LayoutOption,
    /// Number of threads [default: all processors]; the files do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// Options of `tables`.
#[derive(Debug, Args)]
pub struct TablesOptions {
    /// The table [default: all tables]
    pub name: Option<String>,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: CatalogueFormat,
}

/// Options of `show`.
#[derive(Debug, Clone, Args)]
pub struct ShowOptions {
    /// The table
    pub table: String,
    /// The output folder
    #[arg(long, value_name = "DIR", default_value = "out", value_parser = output_folder)]
    pub out: PathBuf,
    /// The snapshot: its name, as `huitou history` lists it, its as-of date, or `latest`
    #[arg(long, value_name = "NAME", default_value = "latest")]
    pub snapshot: String,
    /// Print only the rows of this shop
    #[arg(long, value_name = "ID")]
    pub shop: Option<String>,
    /// Print only the rows for which this SQL condition holds, such as "net_revenue > 1000 AND grain = 'month'"
    #[arg(long = "where", value_name = "SQL")]
    pub condition: Option<String>,
    /// Sort by these columns; `desc` after a column puts its greatest values first [default: the table's key]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub sort: Vec<String>,
    /// Print at most this many rows; 0 for all [default: 20]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Print only these columns, in this order
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Print all columns, even if they do not fit the terminal
    #[arg(long)]
    pub wide: bool,
    /// The output format [default: table, or the chart of a table that has one]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<RowFormat>,
    /// Write CSV for spreadsheet programs: with the mark of UTF-8, and no text that they would take for a formula
    #[arg(long)]
    pub excel: bool,
    /// Write to this file, which is replaced as a whole, instead of printing
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

/// Options of `backtest`.
#[derive(Debug, Args)]
pub struct BacktestOptions {
    /// The job file
    pub job: PathBuf,
    /// Use only this assessment
    #[arg(long, value_name = "NAME")]
    pub assessment: Option<String>,
    /// Try the forecasts of customers and months instead of the assessments
    #[arg(long, conflicts_with = "assessment")]
    pub forecast: bool,
    /// The day by which outcomes are known: YYYY-MM-DD or `yesterday`; overrides the job's `as_of`
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Days between two runs
    #[arg(long, value_name = "DAYS", default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=366))]
    pub step: u16,
    /// Number of runs, counted back from the as-of date
    #[arg(long, value_name = "N", default_value_t = 26, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub runs: u16,
    /// Also list every projection
    #[arg(long)]
    pub list: bool,
    /// Set a key of the job file, such as `params.min_peers=3`; can be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Number of threads [default: all processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// Options of `gc`.
#[derive(Debug, Args)]
pub struct GcOptions {
    /// Number of as-of dates to keep: the latest ones, each with the last run of a job. Of snapshots that the cool-down of lists needs, the lists also stay
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: u32,
    /// Print what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: OutputFormat,
    /// The output folder
    #[arg(long, value_name = "DIR", default_value = "out", value_parser = output_folder)]
    pub out: PathBuf,
}

/// Options of `schema`.
#[derive(Debug, Args)]
pub struct SchemaOptions {
    /// The kind of file [default: job; all kinds in Markdown]
    #[arg(value_name = "KIND")]
    pub kind: Option<FileKind>,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub format: SchemaFormat,
    /// Write to this file, which is replaced as a whole, instead of printing
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

/// How a schema is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaFormat {
    /// JSON Schema, 2020-12.
    Json,
    /// A table of the keys.
    Markdown,
}

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsOptions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub struct ManOptions {
    /// Write one page for each command to this folder, instead of printing the page of huitou
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
}

/// When to draw progress bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The format of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object for each line.
    Json,
}

/// The type of ids in a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IdsOption {
    /// Int64.
    Int,
    /// Utf8.
    Text,
}

/// How a sample is divided into files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LayoutOption {
    /// One file for each month.
    Files,
    /// One Hive partition for each day.
    Daily,
}

/// The format of a catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CatalogueFormat {
    /// For the terminal.
    Text,
    /// Markdown tables.
    Markdown,
    /// One JSON document.
    Json,
}

/// A number with `k`, `m` or `g` for thousands, millions, billions.
fn number(text: &str) -> Result<u64, String> {
    let lower = text.to_ascii_lowercase().replace('_', "");
    let (digits, factor) = match lower.strip_suffix(['k', 'm', 'g']) {
        Some(digits) => (
            digits,
            if lower.ends_with('k') {
                1_000
            } else if lower.ends_with('m') {
                1_000_000
            } else {
                1_000_000_000
            },
        ),
        None => (lower.as_str(), 1),
    };
    let number: u64 = digits.parse().map_err(|_| "a whole number is expected, such as 20000, 20k or 1m".to_owned())?;
    number.checked_mul(factor).ok_or("the number is too large".to_owned())
}
