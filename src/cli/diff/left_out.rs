//! Tables of which no rows can be chosen.

/// A table that lacks a column by which rows are chosen.
#[derive(Debug)]
pub struct LeftOut {
    /// The table.
    pub table: String,
    /// The columns that it lacks.
    pub lacks: Vec<String>,
}
