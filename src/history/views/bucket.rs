//! A bucket of views, put in order: by shop and visitor, then by time.

use super::record::{ViewRow, read};
use crate::error::Result;
use crate::partition::Partitions;

/// The views of a bucket, whose memory is reused.
#[derive(Debug, Default)]
pub(super) struct ViewBucket {
    rows: Vec<ViewRow>,
    /// The records as they were written: texts are offsets into them.
    bytes: Vec<u8>,
}

impl ViewBucket {
    /// Reads a bucket. `channel_ranks` has the final code of each channel: of views of one moment the one with the lesser channel comes
    /// first, whichever thread read it first, and the one without a channel before all.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
    pub fn read(&mut self, partitions: &Partitions, number: usize, channel_ranks: &[u32]) -> Result<()> {
        let ViewBucket { rows, bytes } = self;
        rows.clear();
        partitions.read(number, bytes)?;
        let mut at = 0;
        while let Some(mut row) = read(bytes, &mut at) {
            row.channel = channel_ranks.get(row.channel as usize).copied().unwrap_or(0);
            rows.push(row);
        }
        rows.sort_unstable_by(|a, b| {
            (a.shop, a.visitor.key)
                .cmp(&(b.shop, b.visitor.key))
                .then_with(|| a.visitor.text(bytes).cmp(b.visitor.text(bytes)))
                .then_with(|| (a.day, a.moment, a.channel).cmp(&(b.day, b.moment, b.channel)))
        });
        Ok(())
    }

    /// The views of each visitor of a shop, and the bytes of their texts.
    pub fn visitors(&self) -> (impl Iterator<Item = &[ViewRow]>, &[u8]) {
        let same = |a: &ViewRow, b: &ViewRow| {
            (a.shop, a.visitor.key) == (b.shop, b.visitor.key) && a.visitor.text(&self.bytes) == b.visitor.text(&self.bytes)
        };
        (self.rows.chunk_by(same), &self.bytes)
    }
}
