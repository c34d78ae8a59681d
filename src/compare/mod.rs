//! Compare: two snapshots, table by table, and row by row by the key. Published tables are sorted by their keys, so that the rows of both are
//! merged batch by batch, in constant memory.
//!
//! ```text
//! Shape::of(schemas) ──► Pages of A ──┐
//!   key, columns, types  Pages of B ──┴──► steps by key ──► differing cells ──► Counts, and each changed row to the caller
//! ```

mod cells;
mod counts;
mod merge;
mod pages;
mod shape;
mod table;
#[cfg(test)]
mod tests;

pub use cells::{Cell, Difference};
pub use counts::{ColumnCount, Counts, Largest};
pub use pages::Filter;
pub use shape::{Shape, TypeChange};
pub use table::{Change, ChangeKind, ChangedCell, ComparedRow, Presence, TableDifference, compare_table, names};
