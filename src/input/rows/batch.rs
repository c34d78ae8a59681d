//! Batches: the rows of a dataset, decoded a row group at a time, expressions evaluated, columns by their position in the input.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringArray, new_null_array};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{DataType, Float64Type};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};

use crate::error::{Error, Problem, Result};
use crate::input::declared::columns::InputKind;
use crate::input::mapping::dataset::Dataset;
use crate::input::parquet_files::bytes::readable_rows;
use crate::input::parquet_files::open_file::{ColumnSource, OpenFile};
use crate::input::parquet_files::page_limits::{self, Refusal};
use crate::input::parquet_files::pages::Pages;
use crate::input::parquet_files::prefetch::Prefetched;
use crate::input::parquet_files::reopen::{reopened, unread};
use crate::input::times::clock::Clock;
use crate::input::times::time::{Moments, TimeColumn, has_zone};
use crate::input::values::fault::Faults;
use crate::input::values::id_text::is_rounded;
use crate::input::values::ids::{Ids, LONGEST_NAME};
use crate::input::values::integers::{self, NO_COUNT};
use crate::input::values::money;
use crate::input::values::text::{NO_VALUE, Texts};
use crate::spec::IdType;

/// Rows decoded at a time: enough to amortise the work per batch, few enough to stay in the caches.
const BATCH_ROWS: usize = 8_192;

/// A row group of a file: the unit of work of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Position in [`Dataset::files`].
    pub file: usize,
    /// The row group.
    pub row_group: usize,
    /// The row of the file that it begins with.
    pub first_row: u64,
}

/// Some consecutive rows of a file.
pub struct Batch<'a> {
    /// Position in [`Dataset::files`].
    pub file: usize,
    /// The row of the file that the batch begins with.
    pub first_row: u64,
    /// How many rows there are.
    pub rows: usize,
    /// Which rows the job's filter keeps; `None` without a filter.
    pub keep: Option<BooleanArray>,
    dataset: &'a Dataset,
    columns: Vec<Option<ArrayRef>>,
}

/// What stands in the file of some consecutive rows.
#[derive(Debug)]
pub(super) struct DecodedBatch {
    /// The row of the file that the batch begins with.
    pub first_row: u64,
    /// How many rows there are.
    pub rows: usize,
    /// The positions of columns in the input, and their values: those of columns of the file and of expressions.
    pub columns: Vec<(usize, ArrayRef)>,
    /// Which rows the job's filter keeps; `None` without a filter.
    pub keep: Option<BooleanArray>,
}

impl Dataset {
    /// All pieces, in the order of files and rows.
    pub fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (file, opened) in self.files.iter().enumerate() {
            let mut first_row = 0;
            for (row_group, rows) in opened.row_groups.iter().enumerate() {
                pieces.push(Piece { file, row_group, first_row });
                first_row += rows;
            }
        }
        pieces
    }

    /// The first local time of a column among the first rows of the input; `None` where they have none.
    pub fn first_time(&self, column: &'static str, clock: &mut Clock) -> Option<i64> {
        let mut found = None;
        let piece = self.pieces().into_iter().next()?;
        // What cannot be read was reported before.
        let _ = self.read(piece, |batch| {
            let times = batch.times(column, clock, &mut Faults::default());
            found = found.or_else(|| times.iter().copied().find(|time| *time != crate::spec::NO_TIME));
            Ok(())
        });
        found
    }

    /// Decodes a piece, batch by batch.
    ///
    /// # Errors
    /// [`Error::Input`] where the file turns out to be damaged, or an expression fails on its rows; what `each` returns.
    pub fn read(&self, piece: Piece, mut each: impl FnMut(Batch<'_>) -> Result<()>) -> Result<()> {
        self.decode(piece, |decoded| each(self.batch(piece, decoded)?))
    }

    /// Decodes the columns of a piece and evaluates the expressions over them, batch by batch.
    ///
    /// # Errors
    /// As [`Dataset::read`].
    pub(super) fn decode(&self, piece: Piece, mut each: impl FnMut(DecodedBatch) -> Result<()>) -> Result<()> {
        let opened = self.files.get(piece.file).ok_or_else(|| Error::bug("a piece of a file that is not there"))?;
        let damaged = |cause: String| {
            let what = format!("row group {} cannot be decoded: {cause}", piece.row_group);
            Error::Input(vec![
                Problem::new(&opened.file.label, what).help("the file is damaged or was changed during the run; write it anew"),
            ])
        };
        let file = reopened(opened)?;
        let projection = self.projection(opened);
        let mask = ProjectionMask::roots(opened.metadata.parquet_schema(), projection.iter().copied());
        let row_group =
            opened.metadata.metadata().row_groups().get(piece.row_group).ok_or_else(|| Error::bug("a row group that is not there"))?;
        let file = guarded(|| Prefetched::columns(file, opened.bytes, row_group, |leaf| mask.leaf_included(leaf)))
            .map_err(&damaged)?
            .map_err(|cause| unread(opened, cause, damaged))?;
        let refused = |refusal: Refusal| match refusal {
            Refusal::Damaged(what) => damaged(what),
            Refusal::TooLarge(what) => {
                let what = format!("row group {}, {what}", piece.row_group);
                Error::Input(vec![Problem::new(&opened.file.label, what).help("write the column without such cells, or in pages of 1 MiB")])
            }
        };
        let checked = |leaf: usize| {
            let sizes = || guarded(|| page_limits::check(&file, row_group, leaf)).unwrap_or_else(|cause| Err(Refusal::Damaged(cause)));
            mask.leaf_included(leaf).then(sizes).transpose().map_err(refused)
        };
        let sizes = (0..row_group.columns().len()).map(checked).collect::<Result<Vec<_>>>()?;
        let pages = Pages { file: Arc::new(file), metadata: opened.metadata.metadata(), row_group, sizes };
        let reader = parquet_to_arrow_field_levels(opened.metadata.parquet_schema(), mask, Some(opened.metadata.schema().fields()))
            .and_then(|levels| {
                let rows = BATCH_ROWS.min(pages.num_rows());
                ParquetRecordBatchReader::try_new_with_row_groups(&levels, &pages, rows, None)
            })
            .map_err(|cause| damaged(cause.to_string()))?;
        let mut first_row = piece.first_row;
        let mut reader = reader;
        while let Some(batch) = guarded(|| reader.next()).map_err(&damaged)? {
            let batch = batch.map_err(|cause| damaged(cause.to_string()))?;
            let is_uuid = |column: usize| projection.get(column).is_some_and(|at| opened.uuids.contains(at));
            let batch =
                guarded(|| readable_rows(batch, is_uuid)).and_then(|rows| rows.map_err(|cause| cause.to_string())).map_err(&damaged)?;
            let evaluated = guarded(|| self.expressions.evaluate(&batch, &opened.file.partitions))
                .and_then(|evaluated| evaluated)
                .map_err(|cause| {
                    let last = first_row + batch.num_rows() as u64 - 1;
                    let what = format!("input `{}`: an expression fails within rows {first_row} to {last}: {cause}", self.input.name);
                    let other_forms = if cause.contains("conversion from `str` to `date") || cause.contains("strptime") {
                        ": STRPTIME(t, '%m/%d/%Y %H:%M') reads times of another form, and TRY_CAST(t AS type) gives null for what cannot be \
                         converted"
                    } else {
                        ""
                    };
                    let help = format!("fix the expression at {}, or the values in the file{other_forms}", self.spec.place);
                    Error::Input(vec![Problem::new(&opened.file.label, what).help(help)])
                })?;
            let of_file = opened.sources.iter().enumerate().filter_map(|(position, source)| match source {
                ColumnSource::Column(at) => {
                    let place = projection.binary_search(at).ok()?;
                    Some((position, Arc::clone(batch.columns().get(place)?)))
                }
                _ => None,
            });
            let columns: Vec<(usize, ArrayRef)> = of_file.chain(evaluated.columns).collect();
            let rows = batch.num_rows();
            each(DecodedBatch { first_row, rows, columns, keep: evaluated.filter })?;
            first_row += rows as u64;
        }
        Ok(())
    }

    /// The batch of a piece with what stands in its file, and with what follows from the file's place among the others.
    ///
    /// # Errors
    /// [`Error::Bug`] of a piece whose file is not there.
    pub(super) fn batch(&self, piece: Piece, decoded: DecodedBatch) -> Result<Batch<'_>> {
        let opened = self.files.get(piece.file).ok_or_else(|| Error::bug("a piece of a file that is not there"))?;
        let DecodedBatch { first_row, rows, columns: of_file, keep } = decoded;
        let of_place = |source: &ColumnSource| -> Option<ArrayRef> {
            match source {
                ColumnSource::Partition(Some(value)) => Some(Arc::new(StringArray::from_iter_values(std::iter::repeat_n(value, rows)))),
                ColumnSource::Partition(None) => Some(new_null_array(&DataType::Null, rows)),
                ColumnSource::Row(first) => {
                    let from = (first + first_row) as i64;
                    Some(Arc::new(Int64Array::from_iter_values(from..from + rows as i64)))
                }
                ColumnSource::Column(_) | ColumnSource::Absent | ColumnSource::Expression => None,
            }
        };
        let mut columns: Vec<Option<ArrayRef>> = opened.sources.iter().map(of_place).collect();
        for (position, array) in of_file {
            if let Some(column) = columns.get_mut(position) {
                *column = Some(array);
            }
        }
        for (position, column) in columns.iter_mut().enumerate() {
            if let Some(array) = column.as_mut().filter(|array| array.data_type() == &DataType::Null) {
                *array = new_null_array(&self.type_of_nulls(position), rows);
            }
        }
        Ok(Batch { file: piece.file, first_row, rows, keep, dataset: self, columns })
    }

    /// The type of a column in files that have no value for it: that of the other files. An id is text if it has no value in any file, so
    /// that it is there all the same, and null.
    fn type_of_nulls(&self, position: usize) -> DataType {
        let kind = self.input.columns.get(position).map(|column| column.kind);
        match self.types.get(position) {
            Some(Some(DataType::Null) | None) | None if kind == Some(InputKind::Id) => DataType::Utf8,
            Some(Some(data_type)) => data_type.clone(),
            Some(None) | None => DataType::Null,
        }
    }

    /// The positions of the columns to decode, ascending.
    pub(super) fn projection(&self, opened: &OpenFile) -> Vec<usize> {
        let schema = opened.metadata.schema();
        let roots = self.expressions.roots();
        let plain = opened.sources.iter().filter_map(|source| if let ColumnSource::Column(at) = source { Some(*at) } else { None });
        let mut positions: Vec<usize> = plain.chain(roots.iter().filter_map(|root| schema.index_of(root).ok())).collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

/// Runs code that may panic over unforeseen bytes or expressions, as decoders of damaged pages do. Returns the panic as an error.
pub(in crate::input) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).map_err(|cause| {
        let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
        text.unwrap_or("no cause is known").to_owned()
    })
}

impl Batch<'_> {
    /// Whether the filter keeps a row.
    pub fn keeps(&self, row: usize) -> bool {
        self.keep.as_ref().is_none_or(|keep| keep.is_valid(row) && keep.value(row))
    }

    fn column(&self, name: &str) -> Option<&ArrayRef> {
        let column = self.columns.get(self.dataset.input.position(name)?)?.as_ref()?;
        (column.data_type() != &DataType::Null).then_some(column)
    }

    /// The type of an id column in the result tables.
    pub fn id_type(&self, name: &str) -> Option<IdType> {
        self.dataset.id_type(name)
    }

    /// Whether the batch has the column.
    pub fn has(&self, name: &str) -> bool {
        self.column(name).is_some()
    }

    /// An id column.
    pub fn ids(&self, name: &str) -> Ids {
        self.column(name).and_then(Ids::of).unwrap_or(Ids::Absent)
    }

    /// A time column as local time; absent is all [`crate::spec::NO_TIME`].
    pub fn times(&self, name: &'static str, clock: &mut Clock, faults: &mut Faults) -> ScalarBuffer<i64> {
        self.read_times(name, false, clock, faults).local
    }

    /// A time column as local times, and as values that never run backwards, as wall clocks do in autumn: the same kind of value in all
    /// files of the input. They are moments where any file has them, else the local times.
    pub fn moments(&self, name: &'static str, clock: &mut Clock, faults: &mut Faults) -> Moments {
        self.read_times(name, self.has_moments(name), clock, faults)
    }

    /// Whether a column has moments in any file, or texts that may be.
    pub fn has_moments(&self, name: &str) -> bool {
        self.dataset.has_moments(name)
    }

    fn read_times(&self, name: &'static str, as_moments: bool, clock: &mut Clock, faults: &mut Faults) -> Moments {
        let Some(array) = self.column(name) else {
            let none: ScalarBuffer<i64> = vec![crate::spec::NO_TIME; self.rows].into();
            return Moments { local: none.clone(), moments: none };
        };
        let shown = self.dataset.spec.times.of(name, has_zone(array.data_type()));
        TimeColumn { name, shown, as_moments }.read(array, clock, faults)
    }

    /// A money column in minor units; absent is all [`money::NO_MONEY`].
    pub fn amounts(&self, name: &'static str, faults: &mut Faults) -> ScalarBuffer<i64> {
        match self.column(name) {
            Some(array) => money::amounts(array, self.dataset.spec.money, name, faults),
            None => vec![money::NO_MONEY; self.rows].into(),
        }
    }

    /// Records the cells of text columns that are longer than [`LONGEST_NAME`] as faults.
    pub fn note_long(&self, names: &[&'static str], faults: &mut Faults) {
        for name in names {
            let Some(array) = self.column(name) else { continue };
            // Of a dictionary only the few values are checked; the rows only where one of them is too long.
            let values = array.as_any_dictionary_opt().map_or(array, |dictionary| dictionary.values());
            let is_long = |texts: &Texts, row: usize| texts.get(row).is_some_and(|text| text.len() > LONGEST_NAME);
            if !Texts::of(values).is_some_and(|texts| (0..texts.len()).any(|row| is_long(&texts, row))) {
                continue;
            }
            if let Some(texts) = Texts::of(array) {
                for row in (0..texts.len()).filter(|row| is_long(&texts, *row)) {
                    let bytes = texts.get(row).map_or(0, str::len);
                    faults.note(row, name, || format!("a text of {bytes} bytes, {LONGEST_NAME} at most"));
                }
            }
        }
    }

    /// Records the ids that have lost digits, such as `1.23457E+17`, as faults: different ones may have become the same.
    pub fn note_rounded(&self, names: &[&'static str], faults: &mut Faults) {
        for name in names {
            let Some(array) = self.column(name) else { continue };
            // Of a dictionary only the few values are checked first.
            let values = array.as_any_dictionary_opt().map_or(array, |dictionary| dictionary.values());
            let is_lost = |texts: &Texts, row: usize| texts.get(row).is_some_and(is_rounded);
            if !Texts::of(values).is_some_and(|texts| (0..texts.len()).any(|row| is_lost(&texts, row))) {
                continue;
            }
            if let Some(texts) = Texts::of(array) {
                for row in (0..texts.len()).filter(|row| is_lost(&texts, *row)) {
                    faults.note(row, name, || {
                        format!("`{}` is a number that has lost digits, and not an id", texts.get(row).unwrap_or_default())
                    });
                }
            }
        }
    }

    /// A text column; integer codes become text. Absent is all null.
    pub fn texts(&self, name: &str) -> Texts {
        let array = self.column(name).cloned().unwrap_or_else(|| new_null_array(&DataType::Utf8, self.rows));
        let texts = Texts::of(&array).or_else(|| Texts::of(&arrow::compute::cast(&array, &DataType::Utf8).ok()?));
        texts.unwrap_or_else(|| Texts::Dictionary(vec![NO_VALUE; self.rows], Box::new(Texts::Utf8(StringArray::new_null(0)))))
    }

    /// Counts; absent and null are [`NO_COUNT`].
    pub fn counts(&self, name: &'static str, faults: &mut Faults) -> ScalarBuffer<i64> {
        match self.column(name) {
            Some(array) => integers::counts(array, name, faults),
            None => vec![NO_COUNT; self.rows].into(),
        }
    }

    /// Scores; absent is all null.
    pub fn scores(&self, name: &str) -> Float64Array {
        let floats = self.column(name).and_then(|array| arrow::compute::cast(array, &DataType::Float64).ok());
        floats.map_or_else(|| Float64Array::new_null(self.rows), |array| array.as_primitive::<Float64Type>().clone())
    }

    /// Scores without bounds; absent and null are `None`. A number that is not finite is `None` and recorded as a fault.
    pub fn figures(&self, name: &'static str, faults: &mut Faults) -> Vec<Option<f64>> {
        let mut figures: Vec<Option<f64>> = self.scores(name).iter().collect();
        for (row, figure) in figures.iter_mut().enumerate() {
            if let Some(value) = figure.take_if(|value| !value.is_finite()) {
                faults.note(row, name, || format!("{value} is not a number"));
            }
        }
        figures
    }

    /// Flags; absent and null are `None`.
    pub fn flags(&self, name: &'static str, faults: &mut Faults) -> Vec<Option<bool>> {
        let mut flags = Vec::with_capacity(self.rows);
        if let Some(array) = self.column(name) {
            if let Some(booleans) = array.as_boolean_opt() {
                flags.extend(booleans.iter());
            } else {
                integers::each(array, |row, value| {
                    if value.is_some_and(|value| value != 0 && value != 1) {
                        faults.note(row, name, || "a flag is 0 or 1".to_owned());
                    }
                    flags.push(value.map(|value| value == 1));
                });
            }
        }
        flags.resize(self.rows, None);
        flags
    }
}
