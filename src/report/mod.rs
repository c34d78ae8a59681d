//! Report: a snapshot as one HTML page that opens without a network, for those who read no Parquet.
//!
//! ```text
//! Snapshot ──► source ──► Part ──► detail ──► document ──► page
//!              columns    integers  what fits   JSON         with style, program and charts inside
//! ```
//!
//! The page is made of three things: the data as one JSON document, which this room cuts from the tables; a program in plain JavaScript
//! (`assets/*.js`) that draws them; and Apache ECharts, which it draws them with. The program computes no metric: what a page shows is a
//! cell of a table, a sum or a ratio of such, and every figure names its table and column. Customers' ids are in no report.

mod cells;
mod contents;
mod detail;
mod document;
mod json;
mod meaning;
mod page;
mod source;
#[cfg(test)]
mod tests;
mod thin;

pub use page::{FILE, MOST_BYTES, page};
