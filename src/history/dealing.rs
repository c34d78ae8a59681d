//! Dealing out: stored lines go into the shuffle again, as if their files had been read.

use super::row::TextIds;
use super::shuffle::{Shuffle, Shuffler};
use super::stored_lines::StoredCodes;
use crate::error::Result;
use crate::partition::stored::StoredPartitions;

/// Deals the stored lines of a block out again.
///
/// # Errors
/// [`crate::error::Error::Output`] where the file is damaged or the disk full.
pub fn deal_out(blocks: &StoredPartitions, number: usize, codes: &StoredCodes, text: TextIds, shuffler: &mut Shuffler<'_>) -> Result<()> {
    let mut bytes = Vec::new();
    blocks.read(number, blocks.len(), &mut bytes)?;
    codes.lines(&mut bytes, text, |line| shuffler.push(&line));
    shuffler.check()
}

/// Customers of a sample, each with the hash of its id within its shop and the bytes of its id where that is a text.
pub type Sample = Vec<(u64, u64)>;

/// Counts the customers of stored lines among those of the run.
pub fn count_sample(shuffle: &Shuffle, sample: &Sample) {
    sample.iter().for_each(|(hash, text)| shuffle.count(*hash, *text));
}
