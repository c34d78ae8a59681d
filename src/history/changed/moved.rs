//! Orders that went from one customer to another: gone from one bucket and there in another, or under another id in the same one.

use hashbrown::HashSet;
use rayon::prelude::*;

use super::before::Before;
use crate::error::Result;
use crate::history::bucket::Bucket;
use crate::history::shuffle::Shuffled;
use crate::spec::day_of_time;

/// The hashes of the orders that the snapshot before had of one customer and this run has of another; `dropped` are rows that this run drops,
/// since a later one names another customer.
///
/// # Errors
/// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
pub(super) fn moved(before: &Before, now: &Shuffled, dropped: &HashSet<(u32, u32)>) -> Result<HashSet<u64>> {
    if before.lines.rows() == 0 && dropped.is_empty() {
        return Ok(HashSet::new());
    }
    let of_buckets: Vec<Result<(Vec<u64>, Vec<u64>)>> = (0..now.buckets())
        .into_par_iter()
        .map(|number| {
            let mut gone = Bucket::default();
            before.lines.read(number, &mut gone)?;
            let pairs = |bucket: &Bucket| -> HashSet<(u64, u64)> {
                let ids = now.ids(&bucket.bytes);
                bucket.rows.iter().map(|row| (ids.order_hash(row), ids.customer_hash(row))).collect()
            };
            let mut were = pairs(&gone);
            let (mut new, mut dropped_rows) = (Bucket::default(), Vec::new());
            let is_new = |file: u32| before.is_new.get(file as usize).copied().unwrap_or(true);
            // New lines are those that this run has dealt out; dropped ones may be stored.
            now.decode(number, !dropped.is_empty(), &mut new.bytes, |row, _| {
                let is_dropped = dropped.contains(&(row.file, row.row));
                if is_new(row.file) && !is_dropped && day_of_time(row.created) <= before.as_of {
                    new.rows.push(row);
                } else if !is_new(row.file) && is_dropped {
                    dropped_rows.push(row);
                }
            })?;
            let are = pairs(&new);
            let bytes = std::mem::take(&mut new.bytes);
            were.extend(pairs(&Bucket { rows: dropped_rows, bytes }));
            let only = |one: &HashSet<(u64, u64)>, other: &HashSet<(u64, u64)>| one.difference(other).map(|(order, _)| *order).collect();
            Ok((only(&were, &are), only(&are, &were)))
        })
        .collect();
    let (mut left, mut came) = (HashSet::new(), HashSet::new());
    for bucket in of_buckets {
        let (of_left, of_came) = bucket?;
        left.extend(of_left);
        came.extend(of_came);
    }
    Ok(left.intersection(&came).copied().collect())
}
