//! What the snapshot before knew.

use super::changed_refund::ChangedRefund;
use crate::history::past_values::PastValues;
use crate::history::shuffle::Shuffled;
use crate::spec::Day;

/// What the snapshot before knew otherwise than this run.
#[derive(Debug)]
pub struct Before {
    /// Its as-of date.
    pub as_of: Day,
    /// The lines of files that it read and that are gone or were changed, with the final codes of this run, in as many buckets.
    pub lines: Shuffled,
    /// By file of this run: whether it did not read it.
    pub is_new: Vec<bool>,
    /// By file of this run: the place of its label among those of all files of both. Of equal versions that of the later file counts.
    pub places: Vec<u32>,
    /// The same by file of `lines`.
    pub places_before: Vec<u32>,
    /// Values that only its lines have.
    pub values: PastValues,
    /// The refunds of which it counted something else, ascending by shop and id.
    pub refunds: Vec<ChangedRefund>,
}
