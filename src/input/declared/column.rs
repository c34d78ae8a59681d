//! What an input and a column of it are.

/// The kinds of input columns; `accepts.rs` has the Arrow types that each of them accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// Integer or text, never hashed.
    Id,
    /// Decimal, Float64, or Int64 in minor units.
    Money,
    /// Timestamp, Date32, or text `YYYY-MM-DD[ HH:MM:SS]`.
    Time,
    /// Text, or a code that reads as text.
    Text,
    /// Boolean, or integer 0/1.
    Flag,
    /// Any integer.
    Count,
    /// Integer or float.
    Score,
}

/// One column of an input.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The standard name.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: InputKind,
    /// Whether the input cannot be read without it.
    pub required: bool,
    /// Whether any table uses it.
    pub used: bool,
}

/// One input.
#[derive(Debug)]
pub struct Input {
    /// The name in job files.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
}

impl Input {
    /// The position of a column.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// A column without which the input cannot be read.
pub(super) const fn required(name: &'static str, kind: InputKind) -> Column {
    Column { name, kind, required: true, used: true }
}

/// A column that no table uses yet: a job can map it, and nothing reads it.
pub(super) const fn unused(name: &'static str, kind: InputKind) -> Column {
    Column { name, kind, required: false, used: false }
}

/// A column that a job may leave out.
pub(super) const fn optional(name: &'static str, kind: InputKind) -> Column {
    Column { name, kind, required: false, used: true }
}
