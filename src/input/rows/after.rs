//! Row groups after the as-of date: found by the statistics in the footer, and not decoded.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::compute::concat;
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;

use super::batch::Piece;
use crate::input::mapping::dataset::Dataset;
use crate::input::parquet_files::open_file::{ColumnSource, OpenFile};
use crate::input::times::clock::Clock;
use crate::input::times::time::{TimeColumn, has_zone};
use crate::input::values::fault::Faults;
use crate::spec::DAY_MICROSECONDS;

impl Dataset {
    /// Returns the number of rows of a piece if all of them lie at `end` or later by one of these columns: then there is no need to decode
    /// them. Uses the statistics in the footer; `None` where there are none, and where the job has a filter, which applies first.
    pub(in crate::input) fn rows_after(&self, piece: Piece, columns: &[&'static str], end: i64, clock: &mut Clock) -> Option<u64> {
        if self.spec.filter.is_some() {
            return None;
        }
        let file = self.files.get(piece.file)?;
        let is_after = |column: &'static str, clock: &mut Clock| {
            let source = file.sources.get(self.input.position(column)?)?;
            let mut faults = Faults::default();
            let stored = least_and_greatest(file, source, piece.row_group)?;
            let shown = self.spec.times.of(column, has_zone(stored.data_type()));
            let least_and_greatest = TimeColumn { name: column, shown, as_moments: false }.read(&stored, clock, &mut faults).local;
            // Wall clocks run back in autumn: a later moment may have an earlier time, though not by a day. A value that is not a
            // time is not later either: its row will be rejected.
            Some(least_and_greatest.iter().all(|time| *time >= end.saturating_add(DAY_MICROSECONDS)))
        };
        let is_known_to_be_after = columns.iter().any(|column| is_after(column, clock).unwrap_or(false));
        if is_known_to_be_after { file.row_groups.get(piece.row_group).copied() } else { None }
    }
}

/// The least and the greatest value of a column in a row group; `None` where there are nulls or no statistics.
fn least_and_greatest(file: &OpenFile, source: &ColumnSource, row_group: usize) -> Option<ArrayRef> {
    let position = match source {
        ColumnSource::Column(position) => *position,
        ColumnSource::Partition(Some(value)) => return Some(Arc::new(StringArray::from(vec![value.as_str()]))),
        ColumnSource::Absent | ColumnSource::Partition(None) | ColumnSource::Expression | ColumnSource::Row(_) => return None,
    };
    let field = file.metadata.schema().fields().get(position)?;
    // The statistics of texts may be truncated, and a text that is not a time may lie anywhere in their order.
    if !matches!(field.data_type(), DataType::Timestamp(..) | DataType::Date32 | DataType::Date64) {
        return None;
    }
    let converter = StatisticsConverter::try_new(field.name(), file.metadata.schema(), file.metadata.parquet_schema())
        .ok()?
        .with_missing_null_counts_as_zero(false);
    let row_groups = [file.metadata.metadata().row_groups().get(row_group)?];
    let nulls = converter.row_group_null_counts(row_groups).ok()?;
    if nulls.is_null(0) || nulls.value(0) > 0 {
        return None;
    }
    let least = converter.row_group_mins(row_groups).ok()?;
    let greatest = converter.row_group_maxes(row_groups).ok()?;
    if least.is_null(0) || greatest.is_null(0) {
        return None;
    }
    concat(&[&least, &greatest]).ok()
}
