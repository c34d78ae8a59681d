//! The records of XLS sheets, judged before they are read: the library that reads them makes room for every cell between the first and the
//! last, so that two cells far apart would take all memory.
//!
//! Source: Microsoft, \[MS-XLS\]: Excel Binary File Format, 2.1.4 (records), 2.4 (cells).

/// Columns of a sheet.
const COLUMNS: u16 = 256;
/// Cells that a sheet may have room for whatever it has.
const FEW: u64 = 1 << 22;
/// Places for each cell that is there.
const SPREAD: u64 = 64;

/// Types of records that are, or begin with, a cell: row and column in two bytes each.
const CELLS: [u16; 10] = [0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E];
/// The type that begins a sheet.
const BEGIN: u16 = 0x0809;

/// Checks that the cells of each sheet lie in its 256 columns and near each other.
///
/// # Errors
/// The cause, where they do not.
pub(super) fn check(workbook: &[u8]) -> Result<(), String> {
    let mut sheet = Area::default();
    let mut rest = workbook;
    while let [type_low, type_high, length_low, length_high, following @ ..] = rest {
        let kind = u16::from_le_bytes([*type_low, *type_high]);
        let length = usize::from(u16::from_le_bytes([*length_low, *length_high])).min(following.len());
        let (body, next) = following.split_at(length);
        if kind == BEGIN {
            sheet = Area::default();
        } else if CELLS.contains(&kind)
            && let [row_low, row_high, column_low, column_high, ..] = body
        {
            sheet.add(u16::from_le_bytes([*row_low, *row_high]), u16::from_le_bytes([*column_low, *column_high]), body.len())?;
        }
        rest = next;
    }
    Ok(())
}

/// The cells of a sheet and the rows between which they lie.
#[derive(Default)]
struct Area {
    cells: u64,
    rows: Option<(u64, u64)>,
}

impl Area {
    /// Adds a record of that many bytes, which begins in that cell.
    fn add(&mut self, row: u16, column: u16, bytes: usize) -> Result<(), String> {
        if column >= COLUMNS {
            return Err(format!("a cell is in column {}, and a sheet has {COLUMNS}", u32::from(column) + 1));
        }
        let row = u64::from(row);
        // A record of several cells in a row has six bytes for each.
        self.cells += (bytes as u64 / 6).max(1);
        let (first, last) = self.rows.map_or((row, row), |(first, last)| (first.min(row), last.max(row)));
        self.rows = Some((first, last));
        match (last - first + 1) * u64::from(COLUMNS) > FEW.max(SPREAD * self.cells) {
            true => Err("its cells lie too far apart to be a table".to_owned()),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records of a sheet with a number in each of these cells.
    fn sheet(cells: impl Iterator<Item = (u16, u16)>) -> Vec<u8> {
        let record = |kind: u16, body: Vec<u8>| [kind.to_le_bytes().to_vec(), (body.len() as u16).to_le_bytes().to_vec(), body].concat();
        let number = |(row, column): (u16, u16)| record(0x0203, [&row.to_le_bytes()[..], &column.to_le_bytes()[..], &[0; 10]].concat());
        std::iter::once(record(BEGIN, vec![0; 16])).chain(cells.map(number)).flatten().collect()
    }

    #[test]
    fn tables_pass_and_cells_far_apart_do_not() {
        // The longest sheet, of a few columns, and a note at the end of a short one.
        assert_eq!(check(&sheet((0..=u16::MAX).flat_map(|row| (0..5).map(move |column| (row, column))))), Ok(()));
        assert_eq!(check(&sheet([(0, 0), (9_999, 200)].into_iter())), Ok(()));
        assert!(check(&sheet([(0, 0), (1, 256)].into_iter())).unwrap_err().contains("column 257"));
        assert!(check(&sheet([(0, 0), (60_000, 0)].into_iter())).unwrap_err().contains("too far apart"));
        // Each sheet begins anew; what is cut off in the middle of a record is for the reader to find.
        assert_eq!(check(&[sheet([(0, 0)].into_iter()), sheet([(60_000, 0)].into_iter())].concat()), Ok(()));
        assert_eq!(check(&sheet([(0, 0)].into_iter())[..25]), Ok(()));
    }
}
