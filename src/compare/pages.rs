//! The rows of one table, batch by batch in the order of the key.

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, UInt32Array, make_comparator};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{SortOptions, cast, take};

use super::cells::Cell;
use super::shape::Shape;
use crate::error::{Error, Problem, Result};
use crate::publish::Snapshot;

/// Which rows of a batch are compared: true, false or null, which counts as false.
pub type Filter<'a> = &'a (dyn Fn(&RecordBatch) -> Result<BooleanArray> + Sync);

/// Why a table cannot be read to its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// It is damaged, or the filter cannot be evaluated.
    Failed(Error),
    /// Its rows are not in the order of the key: where.
    Unsorted(String),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

impl From<arrow::error::ArrowError> for Stop {
    fn from(cause: arrow::error::ArrowError) -> Stop {
        Stop::Failed(Error::from(cause))
    }
}

/// Some rows that follow each other.
#[derive(Debug)]
pub(super) struct Page {
    /// The columns of the key, in types that both tables have.
    pub keys: Vec<ArrayRef>,
    /// The compared columns, in the order of the shape.
    pub values: Vec<ArrayRef>,
    /// The rows for which the filter holds; `None` without one.
    pub holds: Option<BooleanBuffer>,
}

impl Page {
    pub fn rows(&self) -> usize {
        self.keys.first().map_or(0, Array::len)
    }

    /// The key of a row as text.
    pub fn key(&self, row: usize) -> Result<Vec<Option<String>>> {
        self.keys.iter().map(|array| Cell { array, row }.text()).collect()
    }

    /// Whether the filter holds for a row.
    pub fn holds(&self, row: usize) -> bool {
        self.holds.as_ref().is_none_or(|holds| holds.value(row))
    }
}

/// Reads the pages of a table.
pub(super) struct Pages<'a> {
    snapshot: &'a Snapshot,
    table: &'a str,
    shape: &'a Shape,
    filter: Option<Filter<'a>>,
    batches: Box<dyn Iterator<Item = Result<RecordBatch>> + 'a>,
    /// The key of the last row so far.
    last: Option<Vec<ArrayRef>>,
    rows: u64,
}

impl<'a> Pages<'a> {
    pub fn new(snapshot: &'a Snapshot, table: &'a str, shape: &'a Shape, filter: Option<Filter<'a>>) -> Pages<'a> {
        Pages { snapshot, table, shape, filter, batches: Box::new(snapshot.batches(table)), last: None, rows: 0 }
    }

    /// The next rows; `None` after the last.
    pub fn read(&mut self) -> Result<Option<Page>, Stop> {
        loop {
            let Some(batch) = self.batches.next().transpose()? else { return Ok(None) };
            if batch.num_rows() > 0 {
                let page = self.page(&batch)?;
                self.check_order(&page)?;
                return Ok(Some(page));
            }
        }
    }

    fn page(&self, batch: &RecordBatch) -> Result<Page> {
        let column = |name: &String| {
            batch.column_by_name(name).cloned().ok_or_else(|| {
                let place = self.snapshot.path.join(self.table).display().to_string();
                let what = format!("a part has no column `{name}`, which the first part has");
                Error::Input(vec![Problem::new(place, what).help("run the job again as of its date")])
            })
        };
        let keys = self.shape.key.iter().zip(&self.shape.key_types);
        let keys = keys.map(|(name, data_type)| Ok(cast(&column(name)?, data_type)?)).collect::<Result<_>>()?;
        let values = self.shape.columns.iter().map(column).collect::<Result<_>>()?;
        let holds = self.filter.map(|filter| filter(batch)).transpose()?.map(|found| match found.nulls() {
            Some(valid) => found.values() & valid.inner(),
            None => found.values().clone(),
        });
        Ok(Page { keys, values, holds })
    }

    /// Sees to it that the keys go up, as a merge needs it.
    fn check_order(&mut self, page: &Page) -> Result<(), Stop> {
        let comparators = |left: &[ArrayRef]| {
            let pairs = left.iter().zip(&page.keys);
            pairs.map(|(left, right)| make_comparator(left, right, SortOptions::default())).collect::<Result<Vec<_>, _>>()
        };
        if let Some(last) = &self.last
            && !comparators(last)?.iter().map(|compare| compare(0, 0)).find(|order| order.is_ne()).is_some_and(|order| order.is_lt())
        {
            return Err(self.unsorted(page, 0)?);
        }
        let within = comparators(&page.keys)?;
        let is_wrong = |row: &usize| {
            !within.iter().map(|compare| compare(row - 1, *row)).find(|order| order.is_ne()).is_some_and(|order| order.is_lt())
        };
        if let Some(row) = (1..page.rows()).find(is_wrong) {
            return Err(self.unsorted(page, row)?);
        }
        // Copies one row; a slice would keep the whole batch in memory.
        let row = UInt32Array::from_iter_values(u32::try_from(page.rows() - 1).ok());
        self.last = Some(page.keys.iter().map(|column| take(column, &row, None)).collect::<Result<_, _>>()?);
        self.rows += page.rows() as u64;
        Ok(())
    }

    fn unsorted(&self, page: &Page, row: usize) -> Result<Stop> {
        let key: Vec<String> = page.key(row)?.into_iter().map(|part| part.unwrap_or("null".to_owned())).collect();
        let (number, name) = (self.rows + row as u64 + 1, &self.snapshot.manifest.name);
        Ok(Stop::Unsorted(format!(
            "row {number} of {name}, with the key ({}), does not come after the row before it: its rows are not sorted by the key",
            key.join(", ")
        )))
    }
}
