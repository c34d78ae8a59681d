//! Rows that could not be read, in a file that spreadsheet programs open: where each stands, and what is wrong with it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::convert::Rejection;
use crate::error::{Error, Result};

/// The rejects of one export.
pub struct Rejects {
    path: PathBuf,
    file: String,
    writer: Option<csv::Writer<BufWriter<File>>>,
    /// The first ones, for people to see at once.
    pub first: Vec<Rejection>,
    /// How many there are.
    pub rows: u64,
}

impl Rejects {
    /// Those of the export `file`, written to `path` as soon as there is one.
    pub fn new(path: PathBuf, file: String) -> Self {
        Rejects { path, file, writer: None, first: Vec::new(), rows: 0 }
    }

    /// Adds one.
    ///
    /// # Errors
    /// [`Error::Output`] where it cannot be written.
    pub fn push(&mut self, rejection: Rejection) -> Result<()> {
        let failed = |cause: csv::Error| Error::output(&self.path, cause);
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let mut writer = csv::Writer::from_writer(begin(&self.path)?);
                writer.write_record(["file", "row", "column", "reason"]).map_err(failed)?;
                self.writer.insert(writer)
            }
        };
        let row = rejection.row.to_string();
        let file = rejection.file.as_ref().unwrap_or(&self.file);
        writer.write_record([file, &row, &rejection.column, &rejection.found]).map_err(failed)?;
        self.rows += 1;
        if self.first.len() < 3 {
            self.first.push(rejection);
        }
        Ok(())
    }

    /// Ends the file; whether there is one.
    ///
    /// # Errors
    /// [`Error::Output`] where it cannot be written.
    pub fn finish(&mut self) -> Result<bool> {
        match self.writer.take() {
            None => Ok(false),
            Some(mut writer) => writer.flush().map(|()| true).map_err(|cause| Error::system(&self.path, &cause)),
        }
    }
}

/// Without the mark, spreadsheet programs take UTF-8 for something else.
fn begin(path: &Path) -> Result<BufWriter<File>> {
    let mut file = BufWriter::new(File::create(path).map_err(|cause| Error::system(path, &cause))?);
    file.write_all("\u{feff}".as_bytes()).map_err(|cause| Error::system(path, &cause))?;
    Ok(file)
}
