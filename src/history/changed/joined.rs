//! Joined rows: those of a bucket whose customers have an order that may differ, from both snapshots.

use hashbrown::HashSet;

use super::before::Before;
use crate::history::bucket::{Bucket, BucketIds};
use crate::history::record::moved;
use crate::history::row::{Row, TextIds};
use crate::spec::day_of_time;

/// Which of both snapshots has a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Both, in a file that did not change.
    Both,
    /// The one before.
    Before,
    /// This one.
    Now,
}

/// Rows of some customers, from both snapshots.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// The rows, whose files are places among those of both.
    pub bucket: Bucket,
    /// By row: who has it.
    pub origins: Vec<Origin>,
}

impl Joined {
    /// The rows of customers with an order that may differ: with rows of one snapshot alone, or refunds that the one before did not count.
    /// `now` is the bucket of this run, `newly_refunded` the hashes of orders with such refunds.
    pub fn of(before: &Before, gone: Bucket, now: &Bucket, newly_refunded: &HashSet<u64>, text: TextIds, shop_hashes: &[u64]) -> Joined {
        let Bucket { rows: gone, mut bytes } = gone;
        let is_new = |row: &Row| before.is_new.get(row.file as usize).copied().unwrap_or(true);
        let ids = BucketIds { bytes: &now.bytes, text, shop_hashes };
        let ids_before = BucketIds { bytes: &bytes, text, shop_hashes };
        let mut customers: HashSet<u64> = gone.iter().map(|row| key(row, ids_before)).collect();
        for row in &now.rows {
            // What was placed later says nothing of a period that was over.
            let is_of_then = is_new(row) && day_of_time(row.created) <= before.as_of;
            if is_of_then || (!newly_refunded.is_empty() && newly_refunded.contains(&ids.order_hash(row))) {
                customers.insert(key(row, ids));
            }
        }
        let mut joined = Joined::default();
        if customers.is_empty() {
            return joined;
        }
        let place = |places: &[u32], file: u32| places.get(file as usize).copied().unwrap_or(u32::MAX);
        for row in gone {
            joined.bucket.rows.push(Row { file: place(&before.places_before, row.file), ..row });
            joined.origins.push(Origin::Before);
        }
        let shift = bytes.len();
        if text != TextIds::default() {
            bytes.extend_from_slice(&now.bytes);
        }
        let moved = |is_text: bool, place: u64| if is_text { moved(place, shift) } else { place };
        for row in now.rows.iter().filter(|row| customers.contains(&key(row, ids))) {
            joined.bucket.rows.push(Row {
                customer: moved(text.customer, row.customer),
                order: moved(text.order, row.order),
                line: moved(text.line, row.line),
                file: place(&before.places, row.file),
                ..*row
            });
            joined.origins.push(if is_new(row) { Origin::Now } else { Origin::Both });
        }
        joined.bucket.bytes = bytes;
        joined
    }
}

/// Whom the orders of a row are nobody else's: the customer, and without one the order.
fn key(row: &Row, ids: BucketIds<'_>) -> u64 {
    if row.is_anonymous { !ids.order_hash(row) } else { ids.customer_hash_in_shop(row) }
}
