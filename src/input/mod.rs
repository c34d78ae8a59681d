//! Input: files to typed, checked rows; what is wrong with a row is said with file and row.

pub mod columns;
pub mod dataset;
pub mod expression;
pub mod facts;
pub mod fault;
pub mod files;
pub mod ids;
pub mod integers;
pub mod money;
pub mod text;
pub mod time;
