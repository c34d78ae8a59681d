//! A scene: a folder with a job and data in it, made by a test, and what the program makes of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{Field, Schema};
use arrow::util::display::array_value_to_string;
use huitou::job::Job;
use huitou::nightly::{Plan, RunOutcome, Silent};
use huitou::publish::{Published, Store};
use huitou::spec::Day;
use huitou::spec::period::parse_day;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;

/// A day, in microseconds.
pub const DAY: i64 = 86_400_000_000;

/// The smallest valid job.
pub const JOB: &str = "job: test
timezone: Asia/Shanghai
as_of: 2026-03-31
inputs:
  orders: { path: orders.parquet }
output: { path: out }
";

/// A temporary folder.
pub struct Scene {
    folder: tempfile::TempDir,
}

/// The output of the program and how it ended.
pub struct Ran {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error, the scene's folder as `$`.
    pub stderr: String,
}

impl Ran {
    /// Exit code and standard error, for a snapshot.
    pub fn exit_and_stderr(&self) -> String {
        format!("exit {}\n{}", self.code.map_or("by signal".to_owned(), |code| code.to_string()), self.stderr.trim_end())
    }
}

impl Scene {
    /// An empty one.
    pub fn new() -> Scene {
        Scene { folder: tempfile::tempdir().unwrap() }
    }

    /// One with the small job and `orders` in `orders.parquet`.
    pub fn with(orders: &Columns) -> Scene {
        let scene = Scene::new();
        scene.job(JOB);
        scene.parquet("orders.parquet", orders);
        scene
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Writes the job file.
    pub fn job(&self, yaml: &str) {
        self.write("job.yaml", yaml);
    }

    /// Writes a Parquet file.
    pub fn parquet(&self, name: &str, columns: &Columns) {
        self.parquet_of(name, &columns.batch(), None);
    }

    /// Writes a Parquet file with row groups of that many rows.
    pub fn parquet_of(&self, name: &str, batch: &RecordBatch, group: Option<usize>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        let properties = WriterProperties::builder().set_max_row_group_row_count(group).build();
        let mut writer = ArrowWriter::try_new(File::create(self.path(name)).unwrap(), batch.schema(), Some(properties)).unwrap();
        writer.write(batch).unwrap();
        writer.close().unwrap();
    }

    /// Runs the program in the scene's folder.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_in(arguments, &[])
    }

    /// Runs the program with environment variables.
    pub fn run_in(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huitou"));
        // Seconds differ from run to run, so lines with seconds are left out.
        let quiet: &[&str] = if arguments.first() == Some(&"run") { &["--progress", "never"] } else { &[] };
        command
            .current_dir(self.folder.path())
            .args(arguments)
            .args(quiet)
            .env_remove("FAILPOINTS")
            .env("LC_ALL", "C.UTF-8")
            .envs(environment.iter().copied());
        let output = command.output().unwrap();
        let plain = |bytes: &[u8]| {
            let folder = fs::canonicalize(self.folder.path()).unwrap();
            let text = String::from_utf8_lossy(bytes).replace(folder.to_str().unwrap(), "$");
            text.replace(self.folder.path().to_str().unwrap(), "$")
        };
        let ran = Ran { code: output.status.code(), stdout: plain(&output.stdout), stderr: plain(&output.stderr) };
        // An error that a message holds as it is, its lines and all.
        assert!(!ran.stderr.contains(r"\n  help: "), "{}", ran.stderr);
        ran
    }

    /// Publishes a snapshot from good data, runs the job on what the test prepared, and sees to it that `latest` is what
    /// it was. `prepare` comes after the good run.
    pub fn refuses(prepare: impl FnOnce(&Scene)) -> String {
        Scene::refuses_with(&["run", "job.yaml"], prepare)
    }

    /// As [`Scene::refuses`], with other arguments.
    pub fn refuses_with(arguments: &[&str], prepare: impl FnOnce(&Scene)) -> String {
        let scene = Scene::with(&orders());
        let good = scene.run(&["run", "job.yaml", "--quiet"]);
        assert_eq!(good.code, Some(0), "{}", good.stderr);
        let before = scene.published();
        prepare(&scene);
        // Without `--quiet`, the tables that cannot be built are listed too.
        let is_plain_run = arguments.first() == Some(&"run") && !arguments.contains(&"--log");
        let quiet: &[&str] = if is_plain_run { &["--quiet"] } else { &[] };
        let ran = scene.run(&[arguments, quiet].concat());
        assert_ne!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(scene.published(), before, "a failed run changed what is published");
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        ran.exit_and_stderr()
    }

    /// What readers see: the target of `latest` and every byte below it.
    pub fn published(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let out = self.path("out");
        let Ok(latest) = fs::read_link(out.join("latest")) else { return Vec::new() };
        let mut files = vec![(latest.clone(), Vec::new())];
        walk(&out.join(latest), &mut files);
        files.sort();
        files
    }

    /// Plans and runs the job in this process, as of a day, on so many threads.
    pub fn publish(&self, as_of: &str, out: &str, threads: usize) -> huitou::error::Result<Published> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let job = Job::load(&self.path("job.yaml"), &[], &Plan::catalogue())?;
            let plan = Plan::new(job, day(as_of), &[])?;
            let outcome = huitou::nightly::run(&plan, &Store::open(&self.path(out))?, &Silent)?;
            let (RunOutcome::Published(published) | RunOutcome::Unchanged(published)) = outcome;
            Ok(*published)
        })
    }
}

fn walk(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
}

/// The digests of all result tables except those about files.
pub fn digests(published: &Published) -> Vec<(String, String)> {
    let tables = published.manifest.tables.iter().filter(|table| !["inputs", "rejects"].contains(&table.name.as_str()));
    tables.flat_map(|table| table.parts.iter().map(|part| (part.file.clone(), part.sha256.clone()))).collect()
}

/// The rows of all result tables except those about files and about the snapshot before, as text, so that they are the same for ids of any type.
pub fn figures(published: &Published) -> BTreeMap<String, Vec<String>> {
    let tables = published.manifest.tables.iter().filter(|table| !["inputs", "rejects", "restatements"].contains(&table.name.as_str()));
    tables.map(|table| (table.name.clone(), rows(published, &table.name))).collect()
}

/// The rows of a result table, cells as text, joined by `|`.
pub fn rows(published: &Published, table: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for part in &published.manifest.table(table).unwrap().parts {
        let file = File::open(published.path.join(&part.file)).unwrap();
        for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
            let batch = batch.unwrap();
            let cell = |column: &ArrayRef, row: usize| array_value_to_string(column, row).unwrap();
            let row = |row: usize| batch.columns().iter().map(|column| cell(column, row)).collect::<Vec<_>>().join("|");
            rows.extend((0..batch.num_rows()).map(row));
        }
    }
    rows
}

/// A day of the calendar.
pub fn day(iso: &str) -> Day {
    parse_day(iso).unwrap()
}

/// The columns of a file, by name.
#[derive(Debug, Clone)]
pub struct Columns(pub Vec<(String, ArrayRef)>);

impl Columns {
    /// The same with another column, in the place of that of the same name.
    pub fn with(mut self, name: &str, array: impl arrow::array::Array + 'static) -> Columns {
        match self.0.iter_mut().find(|(own, _)| own == name) {
            Some((_, values)) => *values = Arc::new(array),
            None => self.0.push((name.to_owned(), Arc::new(array))),
        }
        self
    }

    /// The same without a column.
    pub fn without(mut self, name: &str) -> Columns {
        self.0.retain(|(own, _)| own != name);
        self
    }

    /// The same with a column called otherwise.
    pub fn renamed(mut self, name: &str, other: &str) -> Columns {
        self.0.iter_mut().filter(|(own, _)| own == name).for_each(|(own, _)| *own = other.to_owned());
        self
    }

    /// As a batch of nullable columns.
    pub fn batch(&self) -> RecordBatch {
        let fields: Vec<Field> = self.0.iter().map(|(name, array)| Field::new(name, array.data_type().clone(), true)).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), self.0.iter().map(|(_, array)| array.clone()).collect()).unwrap()
    }
}

/// Local times at noon of days.
pub fn noons(days: &[&str]) -> TimestampMicrosecondArray {
    days.iter().map(|iso| (!iso.is_empty()).then(|| i64::from(day(iso)) * DAY + DAY / 2)).collect()
}

/// Amounts in minor units as Decimal(18,2).
pub fn money(minor: &[i64]) -> Decimal128Array {
    Decimal128Array::from_iter_values(minor.iter().map(|value| i128::from(*value))).with_precision_and_scale(18, 2).unwrap()
}

/// Days.
pub fn dates(days: &[&str]) -> Date32Array {
    Date32Array::from_iter_values(days.iter().map(|iso| day(iso)))
}

/// Four good orders of three customers of one shop.
pub fn orders() -> Columns {
    Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 1, 1, 1]))
        .with("order_id", Int64Array::from(vec![101, 102, 103, 104]))
        .with("customer_id", Int64Array::from(vec![11, 12, 11, 13]))
        .with("created_at", noons(&["2026-01-05", "2026-01-20", "2026-02-14", "2026-03-01"]))
        .with("paid_at", noons(&["2026-01-05", "2026-01-20", "2026-02-14", ""]))
        .with("paid_amount", money(&[10_000, 5_000, 7_500, 0]))
}

/// Two good days of traffic of the same shop.
pub fn traffic() -> Columns {
    Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 1]))
        .with("date", dates(&["2026-01-05", "2026-01-06"]))
        .with("pv", Int64Array::from(vec![300, 200]))
        .with("uv", Int64Array::from(vec![100, 80]))
}

/// Text.
pub fn texts(values: &[&str]) -> StringArray {
    StringArray::from(values.to_vec())
}
