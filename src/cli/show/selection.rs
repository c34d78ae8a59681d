//! Selection of rows: by shop, by condition, sorted, up to a limit.

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::{SortColumn, SortOptions, concat_batches, filter_record_batch, lexsort_to_indices, take_record_batch};
use arrow::datatypes::SchemaRef;

use crate::cli::arguments::ShowOptions;
use crate::cli::row_filter::RowFilter;
use crate::error::{Error, Problem, Result};
use crate::job::nearest;

/// The default limit of rows.
const LIMIT: usize = 20;

/// Which rows of a table, and in which order.
#[derive(Debug)]
pub struct Selection {
    filter: RowFilter,
    /// Columns to sort by, each with whether its greatest value comes first.
    order: Vec<(String, bool)>,
    limit: usize,
    /// The columns that are shown; empty for all.
    columns: Vec<String>,
}

/// A column of `--sort`, and whether its greatest value comes first.
fn ordering(written: &str) -> (String, bool) {
    let written = written.trim();
    match written.rsplit_once(' ').map(|(column, direction)| (column.trim(), direction.to_ascii_lowercase())) {
        Some((column, direction)) if direction == "desc" => (column.to_owned(), true),
        Some((column, direction)) if direction == "asc" => (column.to_owned(), false),
        _ => (written.to_owned(), false),
    }
}

/// A column of sentences that is shown, and its twin in the other language that is not.
#[derive(Debug)]
pub struct Told {
    /// The column that is shown.
    pub shown: String,
    /// The one that is not.
    pub hidden: String,
}

/// The rows that were selected.
#[derive(Debug)]
pub struct Selected {
    /// The columns.
    pub schema: SchemaRef,
    /// The rows, at most as many as the limit.
    pub batches: Vec<RecordBatch>,
    /// The number of rows that match, including those beyond the limit.
    pub matching: usize,
    /// The sentences in one language, where those in the other were left out.
    pub told: Option<Told>,
}

impl Selection {
    /// The selection of the options for a table with these columns.
    ///
    /// # Errors
    /// [`Error::Usage`] with all problems of the options.
    pub fn new(options: &ShowOptions, table: &str, schema: &SchemaRef) -> Result<Selection> {
        let mut problems = Vec::new();
        let mut named: Vec<(&str, String)> = options.columns.iter().map(|column| ("--columns", column.clone())).collect();
        let order: Vec<(String, bool)> = options.sort.iter().map(|written| ordering(written)).collect();
        named.extend(order.iter().map(|(column, _)| ("--sort", column.clone())));
        let filter = RowFilter::new(options.shop.as_deref(), options.condition.as_deref()).unwrap_or_else(|problem| {
            problems.push(problem);
            RowFilter::default()
        });
        named.extend(filter.columns());
        for (option, column) in named.iter().filter(|(_, column)| schema.index_of(column).is_err()) {
            let close = nearest(column, schema.fields().iter().map(|field| field.name().as_str()));
            let list = format!("`huitou tables {table}` lists its columns");
            let help = close.map_or(list.clone(), |close| format!("did you mean `{close}`? {list}"));
            problems.push(Problem::new(*option, format!("{table} has no column `{column}`")).help(help));
        }
        if !problems.is_empty() {
            return Err(Error::Usage(problems));
        }
        let limit = options.limit.unwrap_or(LIMIT);
        let limit = if limit == 0 { usize::MAX } else { limit };
        Ok(Selection { filter, order, limit, columns: options.columns.clone() })
    }

    /// Selects the rows of these batches. When sorting, holds no more rows than the limit and one batch.
    ///
    /// # Errors
    /// Those of the batches; [`Error::Usage`] where the condition cannot be evaluated.
    pub fn select(&self, schema: &SchemaRef, batches: impl Iterator<Item = Result<RecordBatch>>) -> Result<Selected> {
        let mut selected = Selected { schema: SchemaRef::clone(schema), batches: Vec::new(), matching: 0, told: None };
        let mut held = 0;
        for batch in batches {
            let batch = self.matching(&batch?)?;
            selected.matching += batch.num_rows();
            if batch.num_rows() == 0 {
                continue;
            }
            if self.order.is_empty() {
                let rows = batch.num_rows().min(self.limit - held);
                held += rows;
                if rows > 0 {
                    selected.batches.push(batch.slice(0, rows));
                }
            } else {
                selected.batches.push(batch);
                selected.batches = vec![self.first(schema, &selected.batches)?];
            }
        }
        if !self.columns.is_empty() {
            let positions = self.columns.iter().map(|column| schema.index_of(column)).collect::<Result<Vec<_>, _>>()?;
            selected.schema = SchemaRef::new(schema.project(&positions)?);
            for batch in &mut selected.batches {
                *batch = batch.project(&positions)?;
            }
        }
        Ok(selected)
    }

    fn matching(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        Ok(match self.filter.holds(batch)? {
            // Null counts as not true.
            Some(holds) => filter_record_batch(batch, &holds)?,
            None => batch.clone(),
        })
    }

    /// The first rows of the sorted order, up to the limit. The key of the table comes last in the order, so that equal rows keep the
    /// order of the table.
    fn first(&self, schema: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatch> {
        let all = concat_batches(schema, batches)?;
        let mut columns = Vec::new();
        for (column, is_descending) in &self.order {
            let values = all.column(schema.index_of(column)?).clone();
            columns.push(SortColumn { values, options: Some(SortOptions { descending: *is_descending, nulls_first: false }) });
        }
        let places: UInt32Array = (0..all.num_rows() as u32).collect();
        columns.push(SortColumn { values: std::sync::Arc::new(places), options: None });
        let indices = lexsort_to_indices(&columns, Some(self.limit))?;
        Ok(take_record_batch(&all, &indices)?)
    }
}
