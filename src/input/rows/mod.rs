//! Rows: the batches of an input, what became of each row, and the rows of one key.

pub(super) mod after;
mod ahead;
pub mod batch;
pub mod decoded;
mod decoded_block;
pub mod distinguishing;
pub mod events;
pub(super) mod keyed_rows;
pub mod ledger;
pub mod newest;
pub(super) mod partition_parts;
pub mod past_files;
pub(super) mod repeated;
pub(super) mod repeated_help;
pub mod scan;
