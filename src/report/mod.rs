//! Report: a snapshot as one HTML page that opens without a network, for people who do not read Parquet.
//!
//! ```text
//! Snapshot ──► source ──► TablePart ──► detail ──► document ──► page
//!              columns    integers      what fits   JSON         with style, program and charts inside
//! ```
//!
//! The page has three parts: the data as one JSON document, which this room extracts from the tables; a program in plain JavaScript
//! (`assets/*.js`) that shows them; and Apache ECharts, with which it draws. The program computes no metric: each figure on the page is a
//! cell of a table, or a sum or ratio of cells, and names its table and column. No report contains ids of customers.

pub mod brief;
mod cells;
mod chances;
mod contents;
mod detail;
mod document;
mod extract;
mod goods;
mod json;
mod largest;
mod listed_items;
mod lists;
mod meaning;
mod page;
mod people;
mod restated;
mod restated_columns;
mod source;
mod steering;
#[cfg(test)]
mod tests;
mod thin;

pub use page::{FILE, MOST_BYTES, page};
