//! Declared: the columns of every input, the types that each accepts, and the keys of rows.

pub(super) mod accepts;
pub mod columns;
pub mod row_key;
