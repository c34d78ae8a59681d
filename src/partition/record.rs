//! Records of a few words and ids, for rows that are distributed and read again once.

use super::Writer;
use crate::spec::Id;

/// The most words of a record, those of its ids included.
const MOST: usize = 16;

/// Adds a record to a partition: its words, then one word for each id, then the texts of ids. A word of an integer id is its key, that of
/// a text its length.
pub fn put(writer: &mut Writer, partition: usize, words: &[u64], ids: &[Id<'_>]) {
    let word_of = |id: &Id<'_>| match id {
        Id::Integer(key) => *key,
        Id::Text(text) => text.len() as u64,
    };
    let all = words.iter().copied().chain(ids.iter().map(word_of)).take(MOST);
    writer.put::<{ 8 * MOST }>(partition, |room| {
        let mut written = 0;
        for (room, word) in room.chunks_exact_mut(8).zip(all) {
            room.copy_from_slice(&word.to_le_bytes());
            written += 8;
        }
        written
    });
    for id in ids {
        if let Id::Text(text) = id {
            writer.append(partition, text.as_bytes());
        }
    }
}

/// Reads the records of a partition, one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Records<'a>(&'a [u8]);

impl<'a> Records<'a> {
    /// The records in these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Records(bytes)
    }

    /// The next words; `None` at the end.
    pub fn words<const N: usize>(&mut self) -> Option<[u64; N]> {
        let mut words = [0; N];
        let mut rest = self.0;
        for word in &mut words {
            let (bytes, behind) = rest.split_first_chunk::<8>()?;
            *word = u64::from_le_bytes(*bytes);
            rest = behind;
        }
        self.0 = rest;
        Some(words)
    }

    /// The bytes that are left.
    pub fn left(&self) -> usize {
        self.0.len()
    }

    /// The id with that word: the next text, if it is one.
    pub fn id(&mut self, is_text: bool, word: u64) -> Option<Id<'a>> {
        if !is_text {
            return Some(Id::Integer(word));
        }
        let (text, behind) = self.0.split_at_checked(usize::try_from(word).ok()?)?;
        self.0 = behind;
        Some(Id::Text(std::str::from_utf8(text).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::partition::{Budget, Partitions};

    #[test]
    fn words_and_ids_come_back_as_they_went() {
        let mut writer = Writer::new(1, Arc::new(Budget::unlimited()));
        put(&mut writer, 0, &[7, u64::MAX], &[Id::Text("淘客"), Id::Integer(9)]);
        put(&mut writer, 0, &[8, 0], &[Id::Text(""), Id::Integer(0)]);
        let mut bytes = Vec::new();
        Partitions::new(vec![writer]).unwrap().read(0, &mut bytes).unwrap();
        let mut records = Records::new(&bytes);
        let mut next = || {
            let [one, two, text, key] = records.words()?;
            Some(([one, two], records.id(true, text)?, records.id(false, key)?))
        };
        assert_eq!(next(), Some(([7, u64::MAX], Id::Text("淘客"), Id::Integer(9))));
        assert_eq!(next(), Some(([8, 0], Id::Text(""), Id::Integer(0))));
        assert_eq!(next(), None);
    }
}
