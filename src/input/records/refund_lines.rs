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
    /// By file: where its lines begin; one more at the end.
    starts: Vec<usize>,
    /// By file: where its rows begin in `places`; one more at the end.
    rows: Vec<usize>,
    /// By row of a file, up to its last one with a line: the place of the line, or [`NO_LINE`]. Empty where few rows have one: they are searched
    /// for.
    places: Vec<u32>,
}

/// The place of the line of an application that names none.
pub const NO_LINE: u32 = u32::MAX;

/// Rows for each line up to which every row has a place: a search of a file's lines reads as many lines of memory as it has steps.
const ROWS_PER_LINE: usize = 4;

impl RefundLines {
    /// The lines of these applications, each of which is in the list at most once.
    pub(in crate::input) fn new(mut lines: Vec<RefundLine>) -> Self {
        lines.sort_unstable_by_key(|line| (line.file, line.row));
        let files = lines.last().map_or(0, |last| last.file as usize + 1);
        let (mut starts, mut rows) = (vec![0; files + 1], vec![0; files + 1]);
        for line in &lines {
            starts[line.file as usize + 1] += 1;
            // The last row of the file is the largest.
            rows[line.file as usize + 1] = line.row as usize + 1;
        }
        for file in 1..starts.len() {
            starts[file] += starts[file - 1];
            rows[file] += rows[file - 1];
        }
        let all = rows.last().copied().unwrap_or_default();
        let is_dense = all <= ROWS_PER_LINE * lines.len() && lines.len() < NO_LINE as usize;
        let mut places = if is_dense { vec![NO_LINE; all] } else { Vec::new() };
        for (place, line) in lines.iter().enumerate().filter(|_| is_dense) {
            places[rows[line.file as usize] + line.row as usize] = place as u32;
        }
        RefundLines { lines, starts, rows, places }
    }

    /// The line that the application in that row names, if it names one.
    pub fn of(&self, file: u32, row: u32) -> Option<Id<'_>> {
        self.at(self.place(file, row)?)
    }

    /// The line at a place.
    #[inline]
    pub fn at(&self, place: u32) -> Option<Id<'_>> {
        self.lines.get(place as usize).map(|line| line.line.id())
    }

    /// The place of the line that the application in that row names, if it names one.
    pub fn place(&self, file: u32, row: u32) -> Option<u32> {
        let file = file as usize;
        if self.places.is_empty() {
            let (from, until) = (*self.starts.get(file)?, *self.starts.get(file + 1)?);
            let place = from + self.lines.get(from..until)?.binary_search_by_key(&row, |line| line.row).ok()?;
            return u32::try_from(place).ok();
        }
        let (from, until) = (*self.rows.get(file)?, *self.rows.get(file + 1)?);
        self.places.get(from..until)?.get(row as usize).copied().filter(|place| *place != NO_LINE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(file: u32, row: u32, line: u64) -> RefundLine {
        RefundLine { file, row, line: OwnedId::Integer(line) }
    }

    fn found<const N: usize>(lines: &RefundLines, at: [(u32, u32); N]) -> [Option<Id<'_>>; N] {
        at.map(|(file, row)| lines.of(file, row))
    }

    #[test]
    fn a_line_is_found_by_file_and_row() {
        let dense = RefundLines::new(vec![line(1, 0, 7), line(0, 9, 8), line(0, 2, 9)]);
        let sparse = RefundLines::new(vec![line(1, 0, 7), line(0, 900, 8), line(0, 2, 9)]);
        assert_eq!((dense.places.len(), sparse.places.len()), (11, 0));
        for (lines, last) in [(dense, 9), (sparse, 900)] {
            assert_eq!(found(&lines, [(0, 2), (0, last), (1, 0)]), [9, 8, 7].map(|id| Some(Id::Integer(id))));
            assert_eq!(found(&lines, [(0, 0), (0, last + 1), (1, 2), (2, 0), (u32::MAX, 0)]), [None; 5]);
        }
        assert_eq!(RefundLines::default().of(0, 0), None);
    }
}
