//! Parquet files: which files of a folder count, their footers, and the bytes of their columns.

pub(super) mod bytes;
pub(super) mod decodable;
pub(super) mod encryption;
pub(crate) mod file_order;
pub mod files;
mod files_in_store;
#[cfg(test)]
mod files_tests;
pub mod find;
pub(super) mod footer;
pub(super) mod footer_limits;
pub mod left_out;
pub mod open_file;
pub(super) mod page_limits;
pub(super) mod pages;
mod partitions;
pub mod patterns;
pub mod place;
pub(super) mod prefetch;
pub mod reopen;
pub(super) mod table_logs;
mod thrift;
