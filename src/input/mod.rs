//! Input: reads files into typed, checked rows, and reports what is wrong with a row by file and row.
//!
//! Its parts, each of which names only those before it:
//!
//! - [`declared`]: the columns of every input, the types that they accept, the keys of rows
//! - [`values`]: cells as ids, integers, money, texts and states
//! - [`times`]: cells as points in time
//! - [`expression`]: SQL over the columns of a file
//! - [`parquet_files`]: the files that count, their footers and bytes
//! - [`mapping`]: the columns of an input held against those of its files
//! - [`rows`]: batches of rows, and what became of each row
//! - [`records`]: a reader for each input, and what it reads

pub mod declared;
pub mod expression;
pub mod mapping;
pub mod parquet_files;
pub mod records;
pub mod rows;
pub mod times;
pub mod values;
