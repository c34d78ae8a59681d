//! Rejected rows, written to a CSV file that spreadsheet programs open: the position of each row and what is wrong with it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::convert::Rejection;
use crate::error::{Error, Result};

/// The rejected rows of one export.
pub struct Rejects {
    path: PathBuf,
    file: String,
    writer: Option<csv::Writer<BufWriter<File>>>,
    /// The first three, which the report quotes.
    pub first: Vec<Rejection>,
    /// The number of rejected rows.
    pub rows: u64,
}

impl Rejects {
    /// No rejected rows yet of the export `file`; `path` is created with the first one.
    pub fn new(path: PathBuf, file: String) -> Self {
        Rejects { path, file, writer: None, first: Vec::new(), rows: 0 }
    }

    /// Writes a rejected row.
    ///
    /// # Errors
    /// [`Error::Output`] where the file cannot be written.
    pub fn push(&mut self, rejection: Rejection) -> Result<()> {
        let failed = |cause: csv::Error| Error::output(&self.path, cause);
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let mut writer = csv::Writer::from_writer(create_with_bom(&self.path)?);
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

    /// Completes the file. Returns whether there is one.
    ///
    /// # Errors
    /// [`Error::Output`] where the file cannot be written.
    pub fn finish(&mut self) -> Result<bool> {
        match self.writer.take() {
            None => Ok(false),
            Some(mut writer) => writer.flush().map(|()| true).map_err(|cause| Error::system(&self.path, &cause)),
        }
    }
}

/// Creates a file that begins with a byte order mark. Without it, spreadsheet programs do not recognise UTF-8.
fn create_with_bom(path: &Path) -> Result<BufWriter<File>> {
    let mut file = BufWriter::new(File::create_new(path).map_err(|cause| Error::system(path, &cause))?);
    file.write_all("\u{feff}".as_bytes()).map_err(|cause| Error::system(path, &cause))?;
    Ok(file)
}
