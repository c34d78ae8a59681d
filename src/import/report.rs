//! The report of an import: its lines, and whether the job file was written.

use std::path::PathBuf;

use super::convert::Rejection;

/// A line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Whether the line warns of something that may be wrong.
    pub is_warning: bool,
    /// The text of the line.
    pub text: String,
}

impl Message {
    /// A rejected row as text.
    pub(super) fn of_rejection(rejection: &Rejection) -> String {
        let column = if rejection.column.is_empty() { String::new() } else { format!("{} ", rejection.column) };
        format!("row {}: {column}{}", rejection.row, rejection.found)
    }
}

/// Whether the job file was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobFile {
    /// It was written, and can be run.
    Written(PathBuf),
    /// Somebody has edited it, so it was kept; the text is what would have been written.
    Kept(PathBuf, String),
    /// It was not written, because a run needs orders and there are none yet.
    NoOrders,
}

/// What an import did.
#[derive(Debug)]
pub struct Report {
    /// The lines, in the order in which they are shown.
    pub lines: Vec<Message>,
    /// Whether the job file was written.
    pub job: JobFile,
}

impl Default for Report {
    fn default() -> Self {
        Report { lines: Vec::new(), job: JobFile::NoOrders }
    }
}

impl Report {
    pub(super) fn info(&mut self, text: String) {
        self.lines.push(Message { is_warning: false, text });
    }

    pub(super) fn warn(&mut self, text: String) {
        self.lines.push(Message { is_warning: true, text });
    }
}
