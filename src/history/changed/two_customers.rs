//! Orders that went from one customer to another: gone from one bucket and there in another, or under another id in the same one. Orders that went
//! from one shop to another: gone there and here in the same bucket, which is that of the customer.

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;

use super::before::Before;
use crate::error::Result;
use crate::history::bucket::Bucket;
use crate::history::conflicts::Conflicts;
use crate::history::row::Row;
use crate::history::shuffle::Shuffled;
use crate::spec::{day_of_time, id_hash};

/// Orders that concern two customers, by their hashes.
#[derive(Debug, Default)]
pub(super) struct TwoCustomers {
    /// Those that the snapshot before had of one customer and this run has of another.
    pub moved: HashSet<u64>,
    /// Those that the snapshot before had of one shop and this run has of another, by the hashes in both.
    pub other_shop: HashSet<u64>,
    /// Those that this run rejects, since their lines name two. What the snapshot before made of them is not known.
    pub rejected: HashSet<u64>,
    /// Orders that have no row of a customer any more that they had, wherever they are now.
    pub left: HashSet<u64>,
    /// Orders with a new row of a customer that they had none of. Of others this run drops only what the snapshot before had dropped too.
    pub came: HashSet<u64>,
}

/// What one bucket has of them.
#[derive(Default)]
struct OfBucket {
    left: Vec<u64>,
    /// Orders of which rows are dropped here.
    dropped: Vec<u64>,
    came: Vec<u64>,
    other_shop: Vec<u64>,
    rejected: Vec<u64>,
}

/// By the hashes of an order and of its customer: the hash of the order in whatever shop.
type Pairs = HashMap<(u64, u64), u64>;

/// Finds the orders that concern two customers. `conflicts` has the rows that this run drops, since a later one, or another line, names another
/// customer.
///
/// # Errors
/// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
pub(super) fn two_customers(before: &Before, now: &Shuffled, conflicts: &Conflicts) -> Result<TwoCustomers> {
    let dropped = &conflicts.dropped;
    if before.lines.rows() == 0 && dropped.is_empty() {
        return Ok(TwoCustomers::default());
    }
    let rejected: HashSet<(u32, u32)> = conflicts.rejected.iter().map(|conflict| (conflict.file, conflict.row)).collect();
    let is_new = |file: u32| before.is_new.get(file as usize).copied().unwrap_or(true);
    let of_buckets: Vec<Result<OfBucket>> = (0..now.buckets())
        .into_par_iter()
        .map(|number| {
            let mut gone = Bucket::default();
            before.lines.read(number, &mut gone)?;
            let pairs = |rows: &[Row], bytes: &[u8]| -> Pairs {
                let ids = now.ids(bytes);
                rows.iter().map(|row| ((ids.order_hash(row), ids.customer_hash(row)), id_hash(ids.order(row)))).collect()
            };
            let gone = pairs(&gone.rows, &gone.bytes);
            let (mut bytes, mut new, mut dropped_rows, mut rejected_rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            // New lines are those that this run has dealt out; dropped ones may be stored.
            now.decode(number, !dropped.is_empty(), &mut bytes, |row, _| {
                let place = (row.file, row.row);
                if !dropped.contains(&place) {
                    if is_new(row.file) && day_of_time(row.created) <= before.as_of {
                        new.push(row);
                    }
                } else {
                    if rejected.contains(&place) {
                        rejected_rows.push(row);
                    }
                    if !is_new(row.file) {
                        dropped_rows.push(row);
                    }
                }
            })?;
            let are = pairs(&new, &bytes);
            let dropped = pairs(&dropped_rows, &bytes);
            let were: Pairs = gone.iter().chain(&dropped).map(|(pair, order)| (*pair, *order)).collect();
            let other_shop = other_shop(&were, &are);
            let only = |one: &Pairs, other: &Pairs| one.keys().filter(|pair| !other.contains_key(*pair)).map(|(order, _)| *order).collect();
            let of_rejected = pairs(&rejected_rows, &bytes).into_keys().map(|(order, _)| order).collect();
            let (left, dropped, came) = (only(&gone, &are), only(&dropped, &are), only(&are, &were));
            Ok(OfBucket { left, dropped, came, other_shop, rejected: of_rejected })
        })
        .collect();
    let (mut all_dropped, mut found) = (Vec::new(), TwoCustomers::default());
    for bucket in of_buckets {
        let OfBucket { left, dropped, came, other_shop, rejected } = bucket?;
        found.other_shop.extend(other_shop);
        found.left.extend(left);
        all_dropped.extend(dropped);
        found.came.extend(came);
        found.rejected.extend(rejected);
    }
    found.left.extend(all_dropped.into_iter().filter(|order| found.came.contains(order)));
    found.moved = found.left.intersection(&found.came).copied().collect();
    Ok(found)
}

/// The hashes of the orders of a bucket that were of one shop and are of another.
fn other_shop(were: &Pairs, are: &Pairs) -> Vec<u64> {
    let left = were.iter().filter(|(pair, _)| !are.contains_key(*pair));
    let left: HashMap<(u64, u64), u64> = left.map(|((order, customer), of_any)| ((*of_any, *customer), *order)).collect();
    let came = are.iter().filter(|(pair, _)| !were.contains_key(*pair));
    let both = came.filter_map(|((order, customer), of_any)| Some([*left.get(&(*of_any, *customer))?, *order]));
    both.flatten().collect()
}
