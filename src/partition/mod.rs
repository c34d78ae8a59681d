//! Partitions: distributes records by a hash, in memory as long as the budget allows, then on disk.

mod budget;
pub mod record;
mod spill;
pub mod stored;
mod writer;
pub mod zstandard;

pub use budget::Budget;
pub use writer::Writer;

use crate::error::Result;

/// The records of several writers, to be read partition by partition.
#[derive(Debug, Default)]
pub struct Partitions {
    writers: Vec<Writer>,
}

impl Partitions {
    /// The records of these writers, which must all have the same number of partitions.
    ///
    /// # Errors
    /// The error of a writer that could not write to the disk.
    pub fn new(writers: Vec<Writer>) -> Result<Self> {
        for writer in &writers {
            writer.check()?;
        }
        Ok(Partitions { writers })
    }

    /// The number of partitions.
    pub fn len(&self) -> usize {
        self.writers.first().map_or(0, Writer::partitions)
    }

    /// Whether there are no partitions.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the bytes of a partition into `into`, whose memory is reused: those of one writer after the other, each in the order
    /// in which they were put.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where a spill file cannot be read.
    pub fn read(&self, partition: usize, into: &mut Vec<u8>) -> Result<()> {
        into.clear();
        self.writers.iter().try_for_each(|writer| writer.read(partition, into))
    }
}

/// The number of a division that is written down, as that of stored customers: it follows neither threads nor memory. Partitions
/// of a run are unions of its buckets where there are fewer of them, and parts of its buckets where there are more.
pub const STATE_BUCKETS: usize = 1 << 12;

/// The partition of a hash among so many: `floor(hash × partitions / 2^64)`. Among 2^n partitions these are the upper n bits of
/// the hash, so that each of them is the union of two partitions among 2^(n + 1).
#[inline]
pub fn partition_of(hash: u64, partitions: usize) -> usize {
    ((u128::from(hash) * partitions as u128) >> 64) as usize
}

/// How many partitions so many records are best dealt out to, at most `each` records in one where hashes are even: a power of
/// two, so that the partitions of any two runs nest.
pub fn partitions_for(records: u64, each: u64) -> usize {
    records.div_ceil(each).clamp(1, MOST_PARTITIONS).next_power_of_two() as usize
}

/// The largest number of partitions: with more, unfinished blocks would take most of the memory.
const MOST_PARTITIONS: u64 = 1 << 14;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    /// Distributes the records and returns the contents of each partition.
    fn distributed(records: &[(usize, Vec<u8>)], partitions: usize, budget: Budget) -> Vec<Vec<u8>> {
        let budget = Arc::new(budget);
        let mut writers: Vec<Writer> = (0..2).map(|_| Writer::new(partitions, Arc::clone(&budget))).collect();
        for (number, (partition, record)) in records.iter().enumerate() {
            let writer = &mut writers[number % 2];
            writer.put::<8>(partition % partitions, |room| {
                *room = (record.len() as u64).to_le_bytes();
                8
            });
            writer.append(partition % partitions, record);
        }
        let partitions = Partitions::new(writers).unwrap();
        (0..partitions.len())
            .map(|partition| {
                let mut bytes = Vec::new();
                partitions.read(partition, &mut bytes).unwrap();
                bytes
            })
            .collect()
    }

    /// The expected contents of each partition, computed without blocks.
    fn expected(records: &[(usize, Vec<u8>)], partitions: usize) -> Vec<Vec<u8>> {
        let mut expected = vec![Vec::new(); partitions];
        for writer in 0..2 {
            for (partition, record) in records.iter().skip(writer).step_by(2) {
                expected[partition % partitions].extend((record.len() as u64).to_le_bytes());
                expected[partition % partitions].extend(record);
            }
        }
        expected
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn records_are_read_back_from_memory_and_from_disk(
            records in prop::collection::vec((0usize..7, prop::collection::vec(any::<u8>(), 0..9_000)), 0..200),
            partitions in 1usize..5,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let wanted = expected(&records, partitions);
            prop_assert_eq!(distributed(&records, partitions, Budget::new(u64::MAX, folder.path())), wanted.clone());
            // No budget at all: every writer spills whenever its one region is full.
            prop_assert_eq!(distributed(&records, partitions, Budget::new(0, folder.path()).with_region(16 * 1024)), wanted);
        }
    }

    proptest! {
        #[test]
        fn partitions_nest_in_the_durable_division(hashes in prop::collection::vec(any::<u64>(), 1..50), exponent in 0u32..=14) {
            let partitions = 1_usize << exponent;
            for hash in hashes {
                let (partition, bucket) = (partition_of(hash, partitions), partition_of(hash, STATE_BUCKETS));
                // A union of whole buckets, or a part of one bucket.
                let (first, width) = (partition * STATE_BUCKETS / partitions, (STATE_BUCKETS / partitions).max(1));
                prop_assert!((first..first + width).contains(&bucket), "{hash}: {partition} of {partitions}, bucket {bucket}");
            }
        }
    }

    #[test]
    fn hashes_are_distributed_evenly_and_within_bounds() {
        assert_eq!(partition_of(0, 3), 0);
        assert_eq!(partition_of(u64::MAX, 3), 2);
        assert_eq!(partition_of(u64::MAX / 2, 4), 1);
        assert_eq!(partitions_for(0, 10), 1);
        assert_eq!(partitions_for(20, 10), 2);
        assert_eq!(partitions_for(21, 10), 4);
        assert_eq!(partitions_for(u64::MAX, 1), MOST_PARTITIONS as usize);
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_reported_after_all_records() {
        let folder = tempfile::tempdir().unwrap();
        let budget = Arc::new(Budget::new(0, &folder.path().join("file/below")).with_region(4096));
        std::fs::write(folder.path().join("file"), "").unwrap();
        let mut writer = Writer::new(1, budget);
        writer.append(0, &[7; 10_000]);
        assert_eq!(Partitions::new(vec![writer]).unwrap_err().exit_code(), 4);
    }
}
