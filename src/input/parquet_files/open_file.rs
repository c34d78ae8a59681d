//! An opened file of an input, and the source of each column in it.

use std::collections::BTreeSet;

use parquet::arrow::arrow_reader::ArrowReaderMetadata;

use super::files::DataFile;
use crate::disk::identity::FileIdentity;

/// The source of a column's values in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnSource {
    /// None: the file does not have the column, or nothing needs it.
    Absent,
    /// The file's column of that position.
    Column(usize),
    /// The same value for all rows, or null: a Hive partition.
    Partition(Option<String>),
    /// An expression of the input.
    Expression,
    /// [`ROW`](crate::input::declared::columns::ROW): the number of the row among all rows of the input; the file begins with this one.
    Row(u64),
}

/// An opened file of an input.
#[derive(Debug, Clone)]
pub struct OpenFile {
    /// Its path and name.
    pub file: DataFile,
    /// Its size.
    pub bytes: u64,
    /// What names its contents, if it is on a disk; an object of a store names them itself.
    pub identity: Option<FileIdentity>,
    /// Its rows, by row group.
    pub row_groups: Vec<u64>,
    /// A digest of size, time of change and footer.
    pub fingerprint: String,
    /// A digest of the footer alone.
    pub footer: String,
    /// The top-level columns that are UUIDs.
    pub uuids: BTreeSet<usize>,
    /// The footer, with the types in which columns are to be read.
    pub metadata: ArrowReaderMetadata,
    /// By column of the input: its source.
    pub sources: Vec<ColumnSource>,
}

impl OpenFile {
    /// The number of rows.
    pub fn rows(&self) -> u64 {
        self.row_groups.iter().sum()
    }
}
