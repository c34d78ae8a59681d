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
    /// By file: where its lines begin; one more at the end. A file's lines lie in few pages of memory.
    starts: Vec<usize>,
}

impl RefundLines {
    /// The lines of these applications, each of which is in the list at most once.
    pub(in crate::input) fn new(mut lines: Vec<RefundLine>) -> Self {
        lines.sort_unstable_by_key(|line| (line.file, line.row));
        let files = lines.last().map_or(0, |last| last.file as usize + 1);
        let mut starts = vec![0; files + 1];
        lines.iter().for_each(|line| starts[line.file as usize + 1] += 1);
        for file in 1..starts.len() {
            starts[file] += starts[file - 1];
        }
        RefundLines { lines, starts }
    }

    /// Whether no application names a line.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The line that the application in that row names, if it names one.
    pub fn of(&self, file: u32, row: u32) -> Option<Id<'_>> {
        let [from, until] = [file as usize, file as usize + 1].map(|file| self.starts.get(file).copied());
        let of_file = self.lines.get(from?..until?)?;
        let at = of_file.binary_search_by_key(&row, |line| line.row).ok()?;
        of_file.get(at).map(|line| line.line.id())
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
        assert_eq!([(0, 0), (1, 2), (2, 0), (u32::MAX, 0)].map(|(file, row)| lines.of(file, row)), [None; 4]);
        assert_eq!(RefundLines::default().of(0, 0), None);
    }
}
