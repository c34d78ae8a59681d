//! A filter of hashes: most orders of a bucket have no record of another input, and one look here says so.

/// Words of the filter.
const WORDS: usize = 128;

/// A bit for each hash that was added; several hashes may share one.
#[derive(Debug, Clone, Copy)]
pub(super) struct HashFilter([u64; WORDS]);

impl HashFilter {
    /// The filter of these hashes.
    pub fn of(hashes: impl Iterator<Item = u64>) -> Self {
        let mut words = [0; WORDS];
        for hash in hashes {
            let (word, bit) = bit_of(hash);
            words[word] |= bit;
        }
        HashFilter(words)
    }

    /// Whether a hash may be among them: `false` is certain.
    #[inline]
    pub fn may_have(&self, hash: u64) -> bool {
        let (word, bit) = bit_of(hash);
        self.0[word] & bit != 0
    }
}

/// The bit that stands for a hash.
fn bit_of(hash: u64) -> (usize, u64) {
    ((hash >> 6) as usize % WORDS, 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_may_be_there() {
        let filter = HashFilter::of([0, 65, u64::MAX].into_iter());
        assert!([0, 65, u64::MAX].into_iter().all(|hash| filter.may_have(hash)));
        assert!(!filter.may_have(1) && !filter.may_have(64));
    }
}
