//! Keyed rows: rows of a key that wait until the last one of their key is known. They are dealt out in few bytes each, in memory as long as the
//! budget allows and then on disk, and settled part by part, so that no input is held whole.

use std::sync::Arc;

use rayon::prelude::*;

use super::ledger::{Account, Ledger};
use super::partition_parts::Parts;
use super::repeated::{Placed, Repeats};
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::values::short_numbers::{put, put_signed, take, take_signed};
use crate::partition::{Budget, Partitions, Writer, partition_of, partitions_for};
use crate::spec::{Id, id_hash, id_hash_in_shop};

/// Rows of a partition, roughly.
const PARTITION: u64 = 16_384;

/// The rows that one thread read.
pub(in crate::input) struct KeyedWriter {
    writer: Writer,
    bytes: Vec<u8>,
}

impl KeyedWriter {
    /// A writer for the rows of a dataset.
    pub fn new(dataset: &Dataset, budget: &Arc<Budget>) -> Self {
        KeyedWriter::of(partitions_for(dataset.rows(), PARTITION), budget)
    }

    fn of(partitions: usize, budget: &Arc<Budget>) -> Self {
        KeyedWriter { writer: Writer::new(partitions, Arc::clone(budget)), bytes: Vec::new() }
    }

    /// Adds a row. `together` are two numbers of its key: rows that have them in common are settled together. `digest` is a hash of all that
    /// was read of it, and `figures` writes what is kept.
    pub fn put<const K: usize>(
        &mut self,
        (file, row): (usize, u64),
        key: [i64; K],
        together: (u32, u32),
        digest: u64,
        figures: impl FnOnce(&mut Vec<u8>),
    ) {
        let bytes = &mut self.bytes;
        bytes.clear();
        figures(bytes);
        let length = bytes.len();
        put(file as u64, bytes);
        put(row, bytes);
        key.iter().for_each(|number| put_signed(*number, bytes));
        bytes.extend_from_slice(&digest.to_le_bytes());
        put(length as u64, bytes);
        let (figures, head) = bytes.split_at(length);
        let (shop, other) = together;
        let hash = id_hash_in_shop(id_hash(Id::Integer(shop.into())), id_hash(Id::Integer(other.into())));
        let partition = partition_of(hash, self.writer.partitions());
        self.writer.append(partition, head);
        self.writer.append(partition, figures);
    }

    /// Checks that all rows were stored.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where the disk is full.
    pub fn check(&self) -> Result<()> {
        self.writer.check()
    }
}

/// A row that waited.
#[derive(Debug, Clone, Copy)]
pub(in crate::input) struct KeyedRow<'a, const K: usize> {
    /// Its key.
    pub key: [i64; K],
    /// What is kept of it.
    pub figures: &'a [u8],
    digest: u64,
}

fn read<'a, const K: usize>(bytes: &mut &'a [u8]) -> Option<Placed<KeyedRow<'a, K>>> {
    let (file, row) = (take(bytes)? as usize, take(bytes)?);
    let mut key = [0; K];
    for number in &mut key {
        *number = take_signed(bytes)?;
    }
    let (digest, rest) = bytes.split_first_chunk::<8>()?;
    *bytes = rest;
    let length = take(bytes)? as usize;
    let (figures, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(Placed { file, row, value: KeyedRow { key, figures, digest: u64::from_le_bytes(*digest) } })
}

/// What a thread settled.
struct Settled<O> {
    made: Vec<O>,
    /// By file: rows used and rows superseded.
    accounts: Vec<Account>,
    repeats: Repeats,
    bytes: Vec<u8>,
}

/// Keeps the last row of each key and records all in the ledger as used or superseded. `make` is called with the rows kept of a part of the
/// keys, ascending by key.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file has rows of one key that are not equal in all its columns, or two parts of the input have
/// rows of one key; [`crate::error::Error::Output`] where rows cannot be read back.
pub(in crate::input) fn last_of_each<const K: usize, O: Send>(
    dataset: &Dataset,
    writers: Vec<KeyedWriter>,
    ledger: &mut Ledger,
    make: impl Fn(&[KeyedRow<'_, K>]) -> O + Sync,
) -> Result<Vec<O>> {
    let partitions = Partitions::new(writers.into_iter().map(|writer| writer.writer).collect())?;
    let parts = Parts::of(dataset);
    let start = || Settled {
        made: Vec::new(),
        accounts: vec![Account::default(); dataset.files.len()],
        repeats: Repeats::default(),
        bytes: Vec::new(),
    };
    let shares: Vec<Result<Settled<O>>> = (0..partitions.len())
        .into_par_iter()
        .fold(
            || Ok(start()),
            |settled: Result<Settled<O>>, partition| {
                let mut settled = settled?;
                partitions.read(partition, &mut settled.bytes)?;
                settle(&mut settled, &parts, &make);
                Ok(settled)
            },
        )
        .collect();
    drop(partitions);
    let (mut made, mut repeats) = (Vec::new(), Repeats::default());
    for share in shares {
        let share = share?;
        made.extend(share.made);
        repeats.merge(share.repeats);
        share.accounts.iter().enumerate().for_each(|(file, account)| ledger.account(file).add(account));
    }
    repeats.check(dataset, &parts)?;
    Ok(made)
}

/// Settles the rows of a partition.
fn settle<const K: usize, O>(settled: &mut Settled<O>, parts: &Parts, make: &impl Fn(&[KeyedRow<'_, K>]) -> O) {
    let Settled { made, accounts, repeats, bytes } = settled;
    let mut rest = bytes.as_slice();
    let mut rows: Vec<Placed<KeyedRow<'_, K>>> = Vec::new();
    while let Some(row) = read(&mut rest) {
        rows.push(row);
    }
    // Rows of a file come in order: what is sorted in runs is merged.
    rows.sort_by_key(|row| (row.value.key, row.file, row.row));
    let mut kept = Vec::with_capacity(rows.len());
    for same in rows.chunk_by(|a, b| a.value.key == b.value.key) {
        let Some((last, older)) = same.split_last() else { continue };
        if !older.is_empty() {
            repeats.note(parts, same, |a, b| a.digest == b.digest);
        }
        let mut count = |file: usize, add: fn(&mut Account)| accounts.get_mut(file).into_iter().for_each(add);
        older.iter().for_each(|row| count(row.file, |account| account.superseded += 1));
        count(last.file, |account| account.used += 1);
        kept.push(last.value);
    }
    made.push(make(&kept));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row that is kept: its key and its figures.
    type Kept = ([i64; 2], Vec<u8>);

    /// What is settled of rows with a place, a key, and one figure that is their digest too.
    fn settled(rows: &[((usize, u64), [i64; 2], u8)], writers: usize) -> (Vec<Kept>, Vec<(u64, u64)>) {
        let budget = Arc::new(Budget::unlimited());
        let mut all: Vec<KeyedWriter> = (0..writers).map(|_| KeyedWriter::of(1, &budget)).collect();
        for (at, (place, key, figure)) in rows.iter().enumerate() {
            all[at % writers].put(*place, *key, (key[0] as u32, 0), u64::from(*figure), |bytes| bytes.push(*figure));
        }
        let partitions = Partitions::new(all.into_iter().map(|writer| writer.writer).collect()).unwrap();
        let mut settled =
            Settled { made: Vec::new(), accounts: vec![Account::default(); 3], repeats: Repeats::default(), bytes: Vec::new() };
        partitions.read(0, &mut settled.bytes).unwrap();
        let kept = |rows: &[KeyedRow<'_, 2>]| rows.iter().map(|row| (row.key, row.figures.to_vec())).collect::<Vec<_>>();
        settle(&mut settled, &Parts::default(), &kept);
        (settled.made.concat(), settled.accounts.iter().map(|account| (account.used, account.superseded)).collect())
    }

    #[test]
    fn the_last_row_of_a_key_counts_whoever_read_it() {
        // Shop 7 has day -1 in files 0 and 2, shop 3 day 5 in file 1 twice, and shop 3 day 4 once.
        let rows = [((2, 0), [7, -1], 20), ((0, 9), [7, -1], 10), ((1, 8), [3, 5], 40), ((1, 2), [3, 5], 30), ((0, 1), [3, 4], 50)];
        let kept = vec![([3, 4], vec![50]), ([3, 5], vec![40]), ([7, -1], vec![20])];
        for writers in 1..4 {
            assert_eq!(settled(&rows, writers), (kept.clone(), vec![(1, 1), (1, 1), (1, 0)]));
        }
    }

    #[test]
    fn a_row_takes_few_bytes_while_it_waits() {
        let mut writer = KeyedWriter::of(1, &Arc::new(Budget::unlimited()));
        let rows = 10_000;
        // The last of twenty million rows by shop, day and channel, of which no figure is read: a file 1, a row 4, a shop 2, a day 3, a
        // channel 1, a digest 8, no figures 1.
        for row in 0..rows {
            writer.put((0, 20_000_000 + row), [5_000, 20_000, 6], (5_000, 0), u64::MAX, |_| {});
        }
        let mut bytes = Vec::new();
        Partitions::new(vec![writer.writer]).unwrap().read(0, &mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, 20 * rows);
    }
}
