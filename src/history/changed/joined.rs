//! Joined rows: those of a bucket whose customers have an order that may differ, from both snapshots.

use hashbrown::{HashMap, HashSet};

use super::before::Before;
use super::difference::figures;
use super::two_customers::TwoCustomers;
use crate::history::bucket::{Bucket, BucketIds};
use crate::history::record::moved;
use crate::history::row::{Row, TextIds};
use crate::spec::{day_of_time, id_hash};

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
    /// The rows of customers with an order that may differ: with rows of one snapshot alone, or refunds of which the one before counted something
    /// else. `now` is the bucket of this run with the rows that it drops, `refunded` are the hashes of orders with such refunds, `returned` those of
    /// customers whom such refunds name. `two_customers` are the orders that this run rejects, or that came to another customer.
    pub fn of(
        before: &Before,
        gone: Bucket,
        (now, dropped): (&Bucket, &[Row]),
        (refunded, returned, two_customers): (&HashSet<u64>, HashSet<u64>, &TwoCustomers),
        (text, shop_hashes): (TextIds, &[u64]),
    ) -> Joined {
        let Bucket { rows: mut gone, mut bytes } = gone;
        let is_new = |row: &Row| before.is_new.get(row.file as usize).copied().unwrap_or(true);
        let ids = BucketIds { bytes: &now.bytes, text, shop_hashes };
        let ids_before = BucketIds { bytes: &bytes, text, shop_hashes };
        let TwoCustomers { rejected, came, .. } = two_customers;
        // What the snapshot before made of an order that is rejected now is not known.
        let is_rejected = |row: &Row, ids: BucketIds<'_>| !rejected.is_empty() && rejected.contains(&ids.order_hash(row));
        gone.retain(|row| !is_rejected(row, ids_before));
        // Files that were written anew mostly say the same: then what came and what went cancel out.
        let mut left: HashMap<u64, u64> = HashMap::new();
        for row in &gone {
            let sum = left.entry(key(row, ids_before)).or_default();
            *sum = sum.wrapping_sub(digest(row, ids_before));
        }
        // What this run drops the snapshot before had, where it had the file, and the row that names another customer has come since then.
        let dropped = || dropped.iter().filter(|row| !is_new(row) && !is_rejected(row, ids) && came.contains(&ids.order_hash(row)));
        for row in dropped() {
            let sum = left.entry(key(row, ids)).or_default();
            *sum = sum.wrapping_sub(digest(row, ids));
        }
        let mut customers = returned;
        for row in &now.rows {
            // What was placed later says nothing of a period that was over.
            if is_new(row) && day_of_time(row.created) <= before.as_of {
                let sum = left.entry(key(row, ids)).or_default();
                *sum = sum.wrapping_add(digest(row, ids));
            }
            if !refunded.is_empty() && refunded.contains(&ids.order_hash(row)) {
                customers.insert(key(row, ids));
            }
        }
        customers.extend(left.into_iter().filter(|(_, sum)| *sum != 0).map(|(customer, _)| customer));
        let mut joined = Joined::default();
        if customers.is_empty() {
            return joined;
        }
        let place = |places: &[u32], file: u32| places.get(file as usize).copied().unwrap_or(u32::MAX);
        let is_of = |row: &Row, ids: BucketIds<'_>| customers.contains(&key(row, ids));
        for row in gone.into_iter().filter(|row| is_of(row, ids_before)).collect::<Vec<Row>>() {
            joined.bucket.rows.push(Row { file: place(&before.places_before, row.file), ..row });
            joined.origins.push(Origin::Before);
        }
        let shift = bytes.len();
        if text != TextIds::default() {
            bytes.extend_from_slice(&now.bytes);
        }
        let moved = |is_text: bool, place: u64| if is_text { moved(place, shift) } else { place };
        let mut add = |row: &Row, origin: Origin| {
            joined.bucket.rows.push(Row {
                customer: moved(text.customer, row.customer),
                order: moved(text.order, row.order),
                line: moved(text.line, row.line),
                file: place(&before.places, row.file),
                ..*row
            });
            joined.origins.push(origin);
        };
        now.rows.iter().filter(|row| is_of(row, ids)).for_each(|row| add(row, if is_new(row) { Origin::Now } else { Origin::Both }));
        dropped().filter(|row| is_of(row, ids)).for_each(|row| add(row, Origin::Before));
        joined.bucket.bytes = bytes;
        joined
    }
}

/// Whom the orders of a row are nobody else's: the customer, and without one the order.
fn key(row: &Row, ids: BucketIds<'_>) -> u64 {
    if row.is_anonymous { !ids.order_hash(row) } else { ids.customer_hash_in_shop(row) }
}

/// A digest of what a row says, whatever file it stands in: the sum over rows that are the same in another order is the same.
fn digest(row: &Row, ids: BucketIds<'_>) -> u64 {
    // An odd number whose bits are spread evenly: the golden ratio.
    let mix = |digest: u64, word: u64| (digest ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let of_ids = [ids.order_hash(row), id_hash(ids.line(row)), row.modified as u64];
    let words = of_ids.into_iter().chain(figures(row).into_iter().map(|figure| figure as u64));
    words.fold(0, mix)
}
