//! Declared: the columns of every input, the types that each accepts, and the keys of rows.

pub(super) mod accepts;
mod column;
pub mod columns;
mod platform;
pub mod row_key;
pub mod stand_ins;
