//! Past files: those that an earlier run read and that are gone, or were written anew. What stood in them was kept decoded.

use arrow::array::Array;

use super::decoded::{Decoded, StoredBatch};
use crate::error::{Error, Problem, Result};
use crate::input::declared::accepts::same_id;
use crate::input::declared::columns::{InputKind, ROW};
use crate::input::mapping::dataset::Dataset;
use crate::input::parquet_files::files::DataFile;
use crate::input::parquet_files::open_file::{ColumnSource, OpenFile};

/// A file that an earlier run read.
#[derive(Debug, Clone)]
pub struct PastFile {
    /// Its label.
    pub label: String,
    /// The row of the input that it began with.
    pub first_row: u64,
    /// Its batches, ascending by row: all of its rows.
    pub batches: Vec<StoredBatch>,
}

impl Dataset {
    /// The same input with past files instead of its own, and their batches, which are all that can be read of it.
    ///
    /// # Errors
    /// [`Error::Output`] where a batch is damaged, or an id is of another type than in the files that are there.
    pub(in crate::input) fn of_past_files(&self, files: &[PastFile]) -> Result<(Dataset, Decoded)> {
        let template = self.files.first().ok_or_else(|| Error::bug("an input without files"))?;
        let mut past = self.of_columns(&|_| true);
        past.files = files.iter().map(|file| self.past_file(template, file)).collect();
        let decoded = Decoded::new([(self.input.name, files.iter().map(|file| file.batches.clone()).collect())].into());
        // The types of a file's columns are the same in all of its batches.
        for PastFile { label, batches, .. } in files {
            let Some(first) = batches.first() else { continue };
            for (position, array) in first.decoded(&mut Vec::new())?.columns {
                let Some((column, known)) = self.input.columns.get(position).zip(past.types.get_mut(position)) else { continue };
                match known {
                    Some(known) if column.kind == InputKind::Id && !same_id(known, array.data_type()) => {
                        let what = format!("`{}` was {} there, and is {known} now", column.name, array.data_type());
                        return Err(Error::Output(Problem::new(label, what)));
                    }
                    Some(_) => {}
                    None => *known = Some(array.data_type().clone()),
                }
            }
        }
        Ok((past, decoded))
    }

    /// A past file: what follows from its name and its place among the others. `template` is any file of the input.
    fn past_file(&self, template: &OpenFile, past: &PastFile) -> OpenFile {
        let file = DataFile::past(&past.label);
        let source = |name: &str| {
            let written = self.spec.columns.get(name).map_or(name, String::as_str);
            match file.partitions.iter().find(|(key, _)| key == written) {
                _ if written == ROW => ColumnSource::Row(past.first_row),
                Some((_, value)) => ColumnSource::Partition(value.clone()),
                // Its batches have it.
                None => ColumnSource::Absent,
            }
        };
        let sources = self.input.columns.iter().map(|column| source(column.name)).collect();
        let mut row_groups: Vec<u64> = Vec::new();
        for StoredBatch { batch, .. } in &past.batches {
            let number = batch.row_group as usize;
            row_groups.resize(row_groups.len().max(number + 1), 0);
            row_groups[number] += u64::from(batch.rows);
        }
        OpenFile { row_groups, sources, file, ..template.clone() }
    }
}
