//! Conflicts: orders whose lines name two customers. Their lines may lie in two buckets; a hash finds them, their ids decide.

use hashbrown::HashSet;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::bucket::Bucket;
use super::order_index::OrderFindings;
use super::row::Row;
use super::settled::count_of;
use super::shuffle::Shuffled;
use crate::error::Result;
use crate::input::values::codes::OwnedId;
use crate::spec::IdType;

/// The rows that histories leave out, and why.
#[derive(Debug, Default)]
pub struct Conflicts {
    /// Rows by (file, row): older versions under another customer, and lines of orders that name two customers.
    pub(super) dropped: HashSet<(u32, u32)>,
    /// By file: the older versions among them.
    pub superseded: Vec<u64>,
    /// The lines of conflicting orders.
    pub rejected: Vec<Conflict>,
    /// By shop code: when the first remaining order was placed, [`i64::MAX`] for a shop without any. `None` where no row is dropped.
    pub first_placed: Option<Vec<i64>>,
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
    /// `order_id` as people read it.
    pub order: String,
    /// `line_id` as people read it.
    pub line: String,
    /// `customer_id` as people read it.
    pub customer: String,
    /// Another customer that the order names.
    pub other_customer: String,
}

/// The types of the ids of the orders input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderIdTypes {
    /// Of `order_id`.
    pub order: IdType,
    /// Of `line_id`.
    pub line: IdType,
    /// Of `customer_id`.
    pub customer: IdType,
}

impl OrderIdTypes {
    /// Collects the types by the names of the columns.
    pub fn of(id_type: impl Fn(&str) -> IdType) -> Self {
        OrderIdTypes { order: id_type("order_id"), line: id_type("line_id"), customer: id_type("customer_id") }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Suspect {
    shop: u32,
    order: OwnedId,
    line: OwnedId,
    /// `None` for nobody.
    customer: Option<OwnedId>,
    version: (i64, u32, u32),
    created: i64,
}

/// The lines of suspected orders, and what else their buckets know. Additive.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Suspects {
    lines: Vec<Suspect>,
    /// By shop code: when the first of the other orders was placed, [`i64::MAX`] for a shop without any.
    first_placed: Vec<i64>,
}

impl Suspects {
    /// Adds those of other buckets.
    pub fn add(&mut self, other: Suspects) {
        self.lines.extend(other.lines);
        (0..).zip(other.first_placed).for_each(|(shop, time)| note_placed(&mut self.first_placed, shop, time));
    }
}

/// Compares all lines of the suspected orders. The latest version of each line counts, whatever customer older versions name; if the
/// latest versions name two customers, all of them are rejected.
///
/// # Errors
/// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
pub fn judge(shuffled: &Shuffled, findings: &OrderFindings, types: &OrderIdTypes) -> Result<Conflicts> {
    Ok(decide(collect(shuffled, &(0..shuffled.buckets()).collect::<Vec<usize>>(), findings)?, types))
}

/// Collects the lines of the suspected orders in some buckets.
///
/// # Errors
/// As [`judge`].
pub fn collect(shuffled: &Shuffled, buckets: &[usize], findings: &OrderFindings) -> Result<Suspects> {
    let suspects = &findings.suspects;
    if suspects.is_empty() {
        return Ok(Suspects::default());
    }
    let found: Vec<Result<Suspects>> = buckets
        .par_iter()
        .map_init(Bucket::default, |bucket, number| {
            shuffled.read(*number, bucket)?;
            let ids = shuffled.ids(&bucket.bytes);
            let is_suspect = |row: &&Row| suspects.contains(&ids.order_hash(row));
            let suspect = |row: &Row| Suspect {
                shop: row.shop,
                order: ids.order(row).into(),
                line: ids.line(row).into(),
                customer: (!row.is_anonymous).then(|| ids.customer(row).into()),
                version: (row.modified, row.file, row.row),
                created: row.created,
            };
            let mut first_placed = Vec::new();
            bucket.rows.iter().filter(|row| !is_suspect(row)).for_each(|row| note_placed(&mut first_placed, row.shop, row.created));
            Ok(Suspects { lines: bucket.rows.iter().filter(is_suspect).map(suspect).collect(), first_placed })
        })
        .collect();
    let mut all = Suspects::default();
    for found in found {
        all.add(found?);
    }
    Ok(all)
}

/// Decides about the suspected orders, of which all lines are known.
pub fn decide(suspects: Suspects, types: &OrderIdTypes) -> Conflicts {
    let Suspects { lines: mut found, mut first_placed } = suspects;
    found.sort_unstable_by(|a, b| (a.shop, &a.order, &a.line, a.version).cmp(&(b.shop, &b.order, &b.line, b.version)));
    let mut conflicts = Conflicts::default();
    let show = |customer: &Option<OwnedId>| customer.as_ref().map_or_else(|| "null".to_owned(), |id| types.customer.show(id.id()));
    for lines in found.chunk_by(|a, b| (a.shop, &a.order) == (b.shop, &b.order)) {
        let versions: Vec<&[Suspect]> = lines.chunk_by(|a, b| a.line == b.line).collect();
        let latest: Vec<&Suspect> = versions.iter().filter_map(|versions| versions.last()).collect();
        let other = |customer: &Option<OwnedId>| latest.iter().find(|line| line.customer != *customer).map(|line| &line.customer);
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
                conflicts.rejected.push(Conflict {
                    file,
                    row,
                    shop: line.shop,
                    order: types.order.show(line.order.id()),
                    line: types.line.show(line.line.id()),
                    customer: show(&line.customer),
                    other_customer: show(other),
                });
            }
        }
    }
    if !conflicts.dropped.is_empty() {
        let stays = |suspect: &&Suspect| !conflicts.dropped.contains(&(suspect.version.1, suspect.version.2));
        found.iter().filter(stays).for_each(|suspect| note_placed(&mut first_placed, suspect.shop, suspect.created));
        conflicts.first_placed = Some(first_placed);
    }
    conflicts
}

/// Records the time at which an order of a shop was placed, if no earlier one is recorded.
#[inline]
pub fn note_placed(first_placed: &mut Vec<i64>, shop: u32, time: i64) {
    match first_placed.get_mut(shop as usize) {
        Some(first) => *first = time.min(*first),
        None => {
            first_placed.resize(shop as usize, i64::MAX);
            first_placed.push(time);
        }
    }
}
