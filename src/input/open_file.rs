//! A file of an input, opened, and where the values of each column come from in it.

use parquet::arrow::arrow_reader::ArrowReaderMetadata;

use super::files::DataFile;

/// Where the values of a column come from in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: the file does not have it, or nothing needs it.
    Absent,
    /// The file's column of that position.
    Column(usize),
    /// The same value for all rows: a Hive partition.
    Partition(String),
    /// An expression of the input.
    Expression,
    /// [`ROW`](super::columns::ROW): the number of the row among all rows of the input; the file begins with this one.
    Row(u64),
}

/// A file of an input, opened.
#[derive(Debug, Clone)]
pub struct OpenFile {
    /// Where it is and how it is named.
    pub file: DataFile,
    /// Its size.
    pub bytes: u64,
    /// Its rows, by row group.
    pub row_groups: Vec<u64>,
    /// A digest of size, time of change and footer.
    pub fingerprint: String,
    /// The footer, with the types in which columns are to be read.
    pub metadata: ArrowReaderMetadata,
    /// By column of the input.
    pub sources: Vec<Source>,
}

impl OpenFile {
    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.row_groups.iter().sum()
    }
}
