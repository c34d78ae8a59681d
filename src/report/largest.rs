//! The rows of a group with the largest cells: of tables that may have millions of rows of a shop, all that the page takes.

use arrow::array::RecordBatch;
use arrow::compute::partition;

use super::cells::{Texts, append, array};
use crate::error::{Error, Result};
use crate::spec::card::Card;

/// The rows that a group keeps.
const MOST: usize = 20;

/// Of the rows of a group those with the largest cells, in their order. Rows without a cell come last, and of equal cells the earlier row
/// comes first.
pub fn largest(mut group: Vec<usize>, cells: &[Option<i64>]) -> Vec<usize> {
    group.sort_by_key(|row| std::cmp::Reverse(cells.get(*row).copied().flatten()));
    group.truncate(MOST);
    group.sort_unstable();
    group
}

/// Of some rows of a batch those with the largest cells in a column, of each run of rows that are one group. What follows in the next batch
/// may have larger ones: the rows are taken from again when all are there.
///
/// # Errors
/// [`Error::Bug`] where the batch does not have the columns.
pub fn largest_of_batch(batch: &RecordBatch, rows: &[usize], card: &Card, by: &str, of: &[&str]) -> Result<Vec<usize>> {
    let column = card.column(by).ok_or_else(|| Error::bug(format!("no column {by} in {}", card.name)))?;
    let mut cells = Vec::with_capacity(rows.len());
    append(column, array(batch, by)?, rows, &mut Texts::default(), &mut cells)?;
    let keys = of.iter().map(|name| array(batch, name).cloned()).collect::<Result<Vec<_>>>()?;
    let groups = partition(&keys)?.ranges();
    let group = |row: usize| rows.get(row).map(|row| groups.partition_point(|group| group.end <= *row));
    let all: Vec<usize> = (0..rows.len()).collect();
    let runs = all.chunk_by(|one, other| group(*one) == group(*other));
    Ok(runs.flat_map(|run| largest(run.to_vec(), &cells)).filter_map(|row| rows.get(row).copied()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_keeps_its_largest_and_of_equal_ones_the_first() {
        // 30 cells that fall and rise again, and one that is not there.
        let cells: Vec<Option<i64>> = (0..30).map(|row: i64| Some((row - 15).abs())).chain([None]).collect();
        // |row − 15| of at least 5 is that of rows 0 to 10 and 20 to 29: 21 rows, of which rows 10 and 20 are equal and the smallest.
        let expected: Vec<usize> = (0..=10).chain(21..=29).collect();
        assert_eq!(largest((0..31).collect(), &cells), expected);
        assert_eq!(largest(vec![30, 4], &cells), [4, 30]);
    }
}
