//! Day figures: what is known of something of a shop on a day. There are many rows of them, so an unknown figure takes no room of its own.

use crate::input::values::integers::NO_COUNT;
use crate::input::values::short_numbers::{put_known, take_known};

/// So many figures, each of which may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayFigures<const N: usize>([i64; N]);

impl<const N: usize> DayFigures<N> {
    /// These figures; `None` where the column is not mapped or the cell is null.
    pub fn new(figures: [Option<i64>; N]) -> Self {
        DayFigures(figures.map(|figure| figure.unwrap_or(NO_COUNT)))
    }

    /// The figures as columns have them: [`NO_COUNT`] is unknown.
    pub fn of_counts(counts: [i64; N]) -> Self {
        DayFigures(counts)
    }

    /// Writes the figures in few bytes.
    pub fn write(&self, into: &mut Vec<u8>) {
        (0..N).for_each(|position| put_known(self.get(position), into));
    }

    /// Reads figures that were written, and leaves what is behind them.
    pub fn read(bytes: &mut &[u8]) -> Option<Self> {
        let mut figures = [NO_COUNT; N];
        for figure in &mut figures {
            *figure = take_known(bytes)?.unwrap_or(NO_COUNT);
        }
        Some(DayFigures(figures))
    }

    /// The figure at a position, if it is known.
    pub fn get(&self, position: usize) -> Option<i64> {
        self.0.get(position).copied().filter(|value| *value != NO_COUNT)
    }
}

/// The rows of a shop among rows that ascend by `shop_of`.
pub fn of_shop<T>(rows: &[T], shop: u32, shop_of: impl Fn(&T) -> u32) -> &[T] {
    let start = rows.partition_point(|row| shop_of(row) < shop);
    let end = rows.partition_point(|row| shop_of(row) <= shop);
    &rows[start..end]
}
