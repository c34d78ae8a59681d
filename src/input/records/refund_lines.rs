//! The lines that refunds name.

use crate::input::values::codes::OwnedId;
use crate::spec::Id;

/// The line that an application names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::input) struct RefundLine {
    /// The file of the application, its position in the dataset.
    pub file: u32,
    /// The row of the file.
    pub row: u32,
    /// The id of the line within its order.
    pub line: OwnedId,
}

/// The lines that paid refunds name, found by the rows of the applications. Beside the applications, so that refunds without lines take
/// no memory for them.
#[derive(Debug, Default)]
pub struct RefundLines {
    /// Ascending by (file, row).
    lines: Vec<RefundLine>,
}

impl RefundLines {
    /// The lines of these applications, each of which is in the list at most once.
    pub(in crate::input) fn new(mut lines: Vec<RefundLine>) -> Self {
        lines.sort_unstable_by_key(|line| (line.file, line.row));
        RefundLines { lines }
    }

    /// Whether no application names a line.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The line that the application in that row names, if it names one.
    pub fn of(&self, file: u32, row: u32) -> Option<Id<'_>> {
        let at = self.lines.binary_search_by_key(&(file, row), |line| (line.file, line.row)).ok()?;
        self.lines.get(at).map(|line| line.line.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_by_file_and_row() {
        let line = |file, row, line| RefundLine { file, row, line: OwnedId::Integer(line) };
        let lines = RefundLines::new(vec![line(1, 0, 7), line(0, 9, 8), line(0, 2, 9)]);
        assert_eq!([(0, 2), (0, 9), (1, 0)].map(|(file, row)| lines.of(file, row)), [9, 8, 7].map(|id| Some(Id::Integer(id))));
        assert_eq!([(0, 0), (1, 2), (2, 0)].map(|(file, row)| lines.of(file, row)), [None; 3]);
        assert_eq!(RefundLines::default().of(0, 0), None);
    }
}
