//! Affiliate rows by order: assigned to the bucket of the order's lines, and found there by the order's id, as refunds are.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::customer::{Affiliated, Order};
use super::hash_filter::HashFilter;
use super::order_index::{OrderLookup, OrderPlace};
use super::order_refunds::LineRevenue;
use crate::input::records::affiliates::AffiliateRow;
use crate::input::values::codes::OwnedId;
use crate::spec::{Id, id_hash, id_hash_in_shop};

/// A row in the bucket of its order.
#[derive(Debug, Clone, Copy)]
struct IndexedRow {
    bucket: u32,
    position: u32,
    /// The hash of the order within its shop.
    hash: u64,
}

/// Bytes that the index takes for each row, the row itself not included.
pub const INDEXED_ROW_BYTES: u64 = (size_of::<IndexedRow>() + size_of::<OrderPlace>() + size_of::<OrderLookup>()) as u64;

/// The affiliate rows, found by their orders.
#[derive(Debug, Default)]
pub struct AffiliateIndex {
    rows: Vec<AffiliateRow>,
    /// Ascending by (bucket, hash of the order, position).
    entries: Vec<IndexedRow>,
}

/// Affiliate rows, and what they were estimated at. Additive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AffiliateTotal {
    /// How many.
    pub rows: u64,
    /// In minor units.
    pub estimated: i64,
}

impl AffiliateTotal {
    /// Adds a row.
    fn note(&mut self, row: &AffiliateRow) {
        self.add(AffiliateTotal { rows: 1, estimated: row.commission.estimated });
    }

    pub(super) fn add(&mut self, other: AffiliateTotal) {
        self.rows += other.rows;
        self.estimated += other.estimated;
    }

    /// What is left without another total.
    pub fn without(self, other: AffiliateTotal) -> AffiliateTotal {
        AffiliateTotal { rows: self.rows - other.rows, estimated: self.estimated - other.estimated }
    }
}

/// What became of the affiliate rows of the orders that a pass met. Additive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AffiliatesMet {
    /// Rows whose order line is there, paid or not.
    pub known: AffiliateTotal,
    /// Of these, those of orders that were not paid by the as-of date.
    pub unpaid: AffiliateTotal,
}

impl AffiliatesMet {
    pub(super) fn add(&mut self, other: AffiliatesMet) {
        self.known.add(other.known);
        self.unpaid.add(other.unpaid);
    }
}

/// The lookups of the orders of rows whose shops are final codes, numbered from `first` on; `shop_hashes` are the hashes of the shops' ids by
/// code.
pub fn affiliate_lookups(rows: &[AffiliateRow], first: u32, shop_hashes: &[u64]) -> Vec<OrderLookup> {
    let numbered = rows.par_iter().zip(0_u32..rows.len() as u32);
    numbered.map(|(row, position)| OrderLookup { order_hash: order_hash(row, shop_hashes), position: first + position }).collect()
}

fn order_hash(row: &AffiliateRow, shop_hashes: &[u64]) -> u64 {
    id_hash_in_shop(shop_hashes.get(row.shop as usize).copied().unwrap_or(0), id_hash(row.order.id()))
}

impl AffiliateIndex {
    /// Builds the index over settled rows with final codes of shops, whose buckets were found by [`affiliate_lookups`].
    pub fn new(rows: Vec<AffiliateRow>, places: Vec<OrderPlace>, shop_hashes: &[u64]) -> Self {
        let indexed = places.into_par_iter().filter_map(|OrderPlace { bucket, position }| {
            let row = rows.get(position as usize)?;
            Some(IndexedRow { bucket, position, hash: order_hash(row, shop_hashes) })
        });
        let mut entries: Vec<IndexedRow> = indexed.collect();
        entries.par_sort_unstable_by_key(|entry| (entry.bucket, entry.hash, entry.position));
        // The lines of two customers of an order may lie in one bucket.
        entries.dedup_by_key(|entry| (entry.bucket, entry.position));
        AffiliateIndex { rows, entries }
    }

    /// All rows.
    pub fn total(&self) -> AffiliateTotal {
        let mut total = AffiliateTotal::default();
        self.rows.iter().for_each(|row| total.note(row));
        total
    }

    /// The rows of the orders of one bucket.
    pub(super) fn of_bucket(&self, bucket: usize) -> BucketAffiliates<'_> {
        let from = self.entries.partition_point(|entry| (entry.bucket as usize) < bucket);
        let until = self.entries.partition_point(|entry| entry.bucket as usize <= bucket);
        let entries = &self.entries[from..until];
        BucketAffiliates { rows: &self.rows, entries, filter: HashFilter::of(entries.iter().map(|entry| entry.hash)) }
    }
}

/// The affiliate rows of the orders of one bucket.
#[derive(Debug)]
pub(super) struct BucketAffiliates<'a> {
    rows: &'a [AffiliateRow],
    entries: &'a [IndexedRow],
    filter: HashFilter,
}

impl<'a> BucketAffiliates<'a> {
    /// Whether the bucket has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Collects the rows of an order. `hash` is that of the order within its shop.
    #[inline]
    pub fn of(&self, hash: u64, shop: u32, order: Id<'_>, into: &mut Vec<&'a AffiliateRow>) {
        into.clear();
        if !self.filter.may_have(hash) {
            return;
        }
        let from = self.entries.partition_point(|entry| entry.hash < hash);
        let own = self.entries[from..].iter().take_while(|entry| entry.hash == hash);
        let rows = own.filter_map(|entry| self.rows.get(entry.position as usize));
        into.extend(rows.filter(|row| row.shop == shop && row.order.id() == order));
    }
}

/// Assigns the lines of an order, ascending by their ids, to the rows that claim them: a row that names a line has that line, one that names
/// none has the lines that no other row names. Of each line one row at most is left by then. Adds what each row of a paid order brought to
/// `into`, and what became of the rows to `met`.
pub(super) fn claim(
    order: &Order,
    rows: &mut [&AffiliateRow],
    lines: &[LineRevenue<'_>],
    into: &mut Vec<Affiliated>,
    met: &mut AffiliatesMet,
) {
    rows.sort_unstable_by(|a, b| a.line.cmp(&b.line));
    let is_named = |line: &LineRevenue<'_>| rows.binary_search_by(|row| row.line.as_ref().map(OwnedId::id).cmp(&Some(line.id))).is_ok();
    let of_rest = lines.iter().filter(|line| !is_named(line));
    let rest = of_rest.fold((0, 0), |(paid, net), line| (paid + line.paid_amount, net + line.net_revenue));
    for row in rows.iter() {
        let (paid_amount, net_revenue) = match &row.line {
            None => rest,
            Some(line) => match lines.binary_search_by(|other| other.id.cmp(&line.id())).ok().and_then(|found| lines.get(found)) {
                Some(found) => (found.paid_amount, found.net_revenue),
                None => continue,
            },
        };
        met.known.note(row);
        if !order.is_paid() {
            met.unpaid.note(row);
            continue;
        }
        into.push(Affiliated {
            rank: order.rank,
            plan: row.plan,
            publisher: row.publisher,
            paid_amount,
            net_revenue,
            settled_day: row.settled_day,
            commission: row.commission,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::affiliates::Commission;
    use crate::spec::NO_DAY;
    use crate::table::testing::{paid, placed};

    fn row(line: Option<u64>, estimated: i64) -> AffiliateRow {
        AffiliateRow {
            file: 0,
            row: 0,
            shop: 0,
            plan: 1,
            publisher: 1,
            order: OwnedId::Integer(7),
            line: line.map(OwnedId::Integer),
            settled_day: NO_DAY,
            commission: Commission::of(estimated, None, 0),
        }
    }

    /// What the rows of an order of lines 1, 2 and 3 brought, in the order of lines, and what was met.
    fn claimed(order: &Order, rows: &[AffiliateRow]) -> (Vec<[i64; 3]>, AffiliatesMet) {
        let line = |id, paid_amount, net_revenue| LineRevenue { id: Id::Integer(id), paid_amount, net_revenue };
        let lines = [line(1, 1000, 1000), line(2, 200, 150), line(3, 30, 0)];
        let (mut found, mut met) = (Vec::new(), AffiliatesMet::default());
        claim(order, &mut rows.iter().collect::<Vec<_>>(), &lines, &mut found, &mut met);
        (found.iter().map(|own| [own.paid_amount, own.net_revenue, own.commission.estimated]).collect(), met)
    }

    #[test]
    fn a_row_has_its_line_and_one_of_the_order_the_lines_that_are_left() {
        let order = paid("2024-01-01", 1230);
        let total = |rows, estimated| AffiliateTotal { rows, estimated };
        // 10.00 of line 1, and of the lines 2 and 3 what was paid and what is left of them.
        let (found, met) = claimed(&order, &[row(Some(1), 50), row(None, 7)]);
        assert_eq!(found, [[230, 150, 7], [1000, 1000, 50]]);
        assert_eq!((met.known, met.unpaid), (total(2, 57), total(0, 0)));
        // Line 9 is not there.
        let (found, met) = claimed(&order, &[row(Some(9), 50), row(Some(2), 7)]);
        assert_eq!((found, met.known), (vec![[200, 150, 7]], total(1, 7)));
        let (found, met) = claimed(&placed("2024-01-01", 1230), &[row(None, 7)]);
        assert_eq!((found, met.known, met.unpaid), (vec![], total(1, 7), total(1, 7)));
    }
}
