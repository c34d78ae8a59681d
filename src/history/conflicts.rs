//! Conflicts: orders whose lines name two customers lie in two places of the shuffle; they are found by a hash and judged by their ids.

use hashbrown::HashSet;
use rayon::prelude::*;

use super::row::Row;
use super::settle::{Names, count_of};
use super::shuffle::{Bucket, Shuffled, hash};
use crate::error::Result;
use crate::input::codes::OwnedId;
use crate::spec::IdType;

/// What is to be left out of the histories, and why.
#[derive(Debug, Default)]
pub struct Conflicts {
    /// Rows by (file, row): older versions under another customer, and lines of orders that name two customers.
    pub(super) dropped: HashSet<(u32, u32)>,
    /// By file: the older versions among them.
    pub superseded: Vec<u64>,
    /// The lines of conflicting orders: file, row, what was found, keys.
    pub rejected: Vec<Conflict>,
}

/// A line of an order that names two customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The file's position in the dataset.
    pub file: u32,
    /// The row of the file.
    pub row: u32,
    /// Code of the shop.
    pub shop: u32,
    /// `order_id`, `line_id`, `customer_id` as people read them.
    pub keys: [String; 3],
    /// Another customer that the order names.
    pub other: String,
}

struct Suspect {
    shop: u32,
    order: OwnedId,
    line: OwnedId,
    customer: OwnedId,
    version: (i64, u32, u32),
}

/// Looks at all lines of the suspected orders together: the latest version of each line counts, whoever the customer of
/// older ones was; if those lines name two customers, all of them are rejected. `suspects` are hashes of the census.
///
/// # Errors
/// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
pub(super) fn judge(shuffled: &Shuffled, suspects: &HashSet<u64>, types: &[IdType; 3]) -> Result<Conflicts> {
    if suspects.is_empty() {
        return Ok(Conflicts::default());
    }
    let provisional = shuffled.provisional_shops();
    let provisional = |shop: u32| provisional.get(shop as usize).copied().unwrap_or(0);
    let found: Vec<Result<Vec<Suspect>>> = (0..shuffled.buckets())
        .into_par_iter()
        .map_init(Bucket::default, |bucket, number| {
            shuffled.gather(number, bucket)?;
            let names = Names { text: &bucket.bytes, is_text: shuffled.is_text };
            let is_suspect = |row: &&Row| suspects.contains(&hash(provisional(row.shop), names.order(row)));
            let suspect = |row: &Row| Suspect {
                shop: row.shop,
                order: names.order(row).into(),
                line: names.line(row).into(),
                customer: names.customer(row).into(),
                version: (row.modified, row.file, row.row),
            };
            Ok(bucket.rows.iter().filter(is_suspect).map(suspect).collect())
        })
        .collect();
    let mut found: Vec<Suspect> = found.into_iter().collect::<Result<Vec<Vec<Suspect>>>>()?.into_iter().flatten().collect();
    found.sort_unstable_by(|a, b| (a.shop, &a.order, &a.line, a.version).cmp(&(b.shop, &b.order, &b.line, b.version)));
    let mut conflicts = Conflicts::default();
    for lines in found.chunk_by(|a, b| (a.shop, &a.order) == (b.shop, &b.order)) {
        let versions: Vec<&[Suspect]> = lines.chunk_by(|a, b| a.line == b.line).collect();
        let latest: Vec<&Suspect> = versions.iter().filter_map(|versions| versions.last()).collect();
        let other = |customer: &OwnedId| latest.iter().find(|line| line.customer != *customer).map(|line| &line.customer);
        let is_conflict = latest.first().is_some_and(|line| other(&line.customer).is_some());
        for versions in &versions {
            let Some((line, older)) = versions.split_last() else { continue };
            for version in older {
                // Older versions under the same customer stay where they are and are settled there.
                if version.customer != line.customer || is_conflict {
                    let (_, file, row) = version.version;
                    conflicts.dropped.insert((file, row));
                    *count_of(&mut conflicts.superseded, file as usize) += 1;
                }
            }
            if let (true, Some(other)) = (is_conflict, other(&line.customer)) {
                let (_, file, row) = line.version;
                conflicts.dropped.insert((file, row));
                let keys = [&line.order, &line.line, &line.customer];
                conflicts.rejected.push(Conflict {
                    file,
                    row,
                    shop: line.shop,
                    keys: std::array::from_fn(|key| types[key].show(keys[key].id())),
                    other: types[2].show(other.id()),
                });
            }
        }
    }
    Ok(conflicts)
}
