//! Parquet files: which files of a folder count, their footers, and the bytes of their columns.

pub(super) mod bytes;
pub(super) mod decodable;
pub(super) mod encryption;
pub mod files;
pub(super) mod footer;
pub mod left_out;
pub mod open_file;
pub(super) mod prefetch;
pub(super) mod table_logs;
