//! Input: files to typed, checked rows; what is wrong with a row is said with file and row.

pub mod facts;
