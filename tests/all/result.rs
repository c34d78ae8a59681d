//! Results: jobs run into a folder of their own, and the tables of the snapshot read back, cell by cell.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use huitou::error::Result;
use huitou::job::{AsOf, Job};
use huitou::nightly::{Plan, RunOutcome, Silent, StateUse, run as run_plan};
use huitou::publish::{Manifest, Store};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use super::public_data;

/// A published snapshot in a folder that goes with it.
pub struct Snapshot {
    _folder: Option<TempDir>,
    path: PathBuf,
    pub manifest: Manifest,
}

/// Runs a job with `--set` options, as of its own date or that one.
pub fn run(job: &Path, sets: &[&str], as_of: Option<&str>) -> Result<Snapshot> {
    let folder = tempfile::tempdir().unwrap();
    let found = run_into(folder.path(), job, sets, as_of)?;
    Ok(Snapshot { _folder: Some(folder), ..found })
}

/// The same into a folder that has the snapshots of earlier nights.
pub fn run_into(out: &Path, job: &Path, sets: &[&str], as_of: Option<&str>) -> Result<Snapshot> {
    let sets: Vec<String> = sets.iter().map(|option| (*option).to_owned()).collect();
    let job = Job::load(job, &sets, &Plan::catalogue())?;
    let AsOf::Date(own) = job.as_of else { panic!("a test needs a date, not yesterday") };
    let as_of = match as_of.map(|text| AsOf::parse(text).expect("a date")) {
        Some(AsOf::Date(day)) => day,
        _ => own,
    };
    let store = Store::open(out)?;
    let mut plan = Plan::new(job, as_of, &[])?;
    plan.state = StateUse::of(true, true);
    match run_plan(&plan, &store, &Silent)? {
        RunOutcome::Published(published) => {
            Ok(Snapshot { _folder: None, path: published.path.clone(), manifest: published.manifest.clone() })
        }
        RunOutcome::Unchanged(_) => panic!("an empty folder has no snapshot"),
    }
}

/// A job of tests/jobs, whose `data/` is the folder of the public data; `None`, with a line of output, where there is none.
pub fn reference(job: &str, sets: &[&str], as_of: Option<&str>) -> Option<Snapshot> {
    let data = public_data::folder()?;
    let name = format!("{job}.yaml");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jobs").join(&name)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let placed = folder.path().join(name);
    std::fs::write(&placed, text.replace("path: data/", &format!("path: {}/", data.display()))).unwrap();
    Some(run(&placed, sets, as_of).unwrap_or_else(|error| panic!("{error}")))
}

impl Snapshot {
    /// A table of the snapshot, its parts in order.
    pub fn table(&self, name: &str) -> Table {
        let folder = self.path.join(name);
        let mut parts: Vec<PathBuf> = std::fs::read_dir(&folder)
            .unwrap_or_else(|cause| panic!("there is no table {name}: {cause}"))
            .map(|entry| entry.unwrap().path())
            .collect();
        parts.sort();
        let mut batches: Vec<RecordBatch> = Vec::new();
        let mut schema = None;
        for part in parts {
            let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(part).unwrap()).unwrap();
            schema = Some(reader.schema().clone());
            batches.extend(reader.build().unwrap().map(|batch| batch.unwrap()));
        }
        Table { batch: concat_batches(&schema.expect("a part"), &batches).unwrap() }
    }

    /// Why a table was left out.
    pub fn reason(&self, table: &str) -> &str {
        self.manifest.skipped.iter().find(|skipped| skipped.name == table).map_or("", |skipped| &skipped.reason)
    }
}

/// A result table.
pub struct Table {
    pub batch: RecordBatch,
}

/// A row of it.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    table: &'a Table,
    row: usize,
}

impl Table {
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.batch.num_rows()).map(|row| Row { table: self, row })
    }

    /// The rows whose cells read like that.
    pub fn with<'a>(&'a self, cells: &[(&str, &str)]) -> Vec<Row<'a>> {
        self.rows().filter(|row| cells.iter().all(|(column, text)| row.text(column) == *text)).collect()
    }

    /// The one row whose cells read like that.
    #[track_caller]
    pub fn row<'a>(&'a self, cells: &[(&str, &str)]) -> Row<'a> {
        let found = self.with(cells);
        assert_eq!(found.len(), 1, "rows with {cells:?}");
        found[0]
    }

    /// The sum of a column of counts, nulls left out.
    pub fn sum(&self, column: &str) -> i64 {
        self.rows().filter_map(|row| row.count(column)).sum()
    }

    /// The sum of a column of money, as people write it.
    pub fn money(&self, column: &str) -> String {
        let array = self.column(column).as_primitive::<Decimal128Type>();
        let sum: i128 = array.iter().flatten().sum();
        format!("{}{}.{:02}", if sum < 0 { "-" } else { "" }, sum.abs() / 100, sum.abs() % 100)
    }

    fn column(&self, column: &str) -> &dyn Array {
        self.batch.column_by_name(column).unwrap_or_else(|| panic!("there is no column {column}")).as_ref()
    }
}

impl Row<'_> {
    /// The cell as text: dates as YYYY-MM-DD, money with two decimals, null as nothing.
    pub fn text(&self, column: &str) -> String {
        array_value_to_string(self.table.column(column), self.row).unwrap()
    }

    pub fn data_type(&self, column: &str) -> DataType {
        self.table.column(column).data_type().clone()
    }

    pub fn count(&self, column: &str) -> Option<i64> {
        let array = self.table.column(column).as_primitive::<Int64Type>();
        array.is_valid(self.row).then(|| array.value(self.row))
    }

    pub fn number(&self, column: &str) -> Option<f64> {
        let array = self.table.column(column).as_primitive::<Float64Type>();
        array.is_valid(self.row).then(|| array.value(self.row))
    }

    /// The number with as many decimals as a publication gives.
    pub fn rounded(&self, column: &str, decimals: usize) -> String {
        self.number(column).map_or(String::new(), |number| format!("{number:.decimals$}"))
    }
}
