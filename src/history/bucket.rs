//! Buckets: the lines of all customers whose hashes have the same leading bits, and the ids in them.

use std::cmp::Ordering;

use super::record::text_at;
use super::row::{Row, TextIds};
use crate::partition::{STATE_BUCKETS, partition_of};
use crate::spec::{Id, id_hash, id_hash_in_shop};

/// The durable bucket of a customer, a number below [`STATE_BUCKETS`] that follows from the customer's id alone: the upper 12 bits of its
/// [`crate::spec::id_hash`]. The shop has no part in it, so that what one person bought in several shops lies in one bucket. Signed
/// integer ids of any width are the same customer; signed and unsigned ones are not.
pub fn state_bucket(customer: Id<'_>) -> usize {
    partition_of(id_hash(customer), STATE_BUCKETS)
}

/// The lines of a bucket, with final codes.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    pub rows: Vec<Row>,
    /// The records as they were written: text ids are offsets into them.
    pub bytes: Vec<u8>,
}

/// The ids of a bucket's rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct BucketIds<'a> {
    pub bytes: &'a [u8],
    pub text: TextIds,
    /// By shop code: the hash of the shop's id.
    pub shop_hashes: &'a [u64],
}

impl<'a> BucketIds<'a> {
    fn id(self, is_text: bool, place: u64) -> Id<'a> {
        if is_text { Id::Text(std::str::from_utf8(text_at(self.bytes, place)).unwrap_or_default()) } else { Id::Integer(place) }
    }

    pub fn customer(self, row: &Row) -> Id<'a> {
        self.id(self.text.customer, row.customer)
    }

    pub fn order(self, row: &Row) -> Id<'a> {
        self.id(self.text.order, row.order)
    }

    pub fn line(self, row: &Row) -> Id<'a> {
        self.id(self.text.line, row.line)
    }

    /// The hash of a shop's id.
    pub fn shop_hash(self, shop: u32) -> u64 {
        self.shop_hashes.get(shop as usize).copied().unwrap_or(0)
    }

    fn hash(self, shop: u32, id: Id<'_>) -> u64 {
        id_hash_in_shop(self.shop_hash(shop), id_hash(id))
    }

    /// The hash of a row's customer, the same in all shops: it decides about the bucket.
    pub fn customer_hash(self, row: &Row) -> u64 {
        id_hash(self.customer(row))
    }

    /// The hash of a row's customer within its shop.
    pub fn customer_hash_in_shop(self, row: &Row) -> u64 {
        self.hash(row.shop, self.customer(row))
    }

    /// The hash of a row's order within its shop.
    pub fn order_hash(self, row: &Row) -> u64 {
        self.hash(row.shop, self.order(row))
    }

    fn compare(self, is_text: bool, a: u64, b: u64) -> Ordering {
        if is_text { text_at(self.bytes, a).cmp(text_at(self.bytes, b)) } else { a.cmp(&b) }
    }

    pub fn same_customer(self, a: &Row, b: &Row) -> bool {
        self.compare_customers(a, b).is_eq()
    }

    pub fn compare_customers(self, a: &Row, b: &Row) -> Ordering {
        a.is_anonymous.cmp(&b.is_anonymous).then_with(|| self.compare(self.text.customer, a.customer, b.customer))
    }

    pub fn same_order(self, a: &Row, b: &Row) -> bool {
        self.compare(self.text.order, a.order, b.order).is_eq()
    }

    /// Compares by order, line, version: the last version of a line counts.
    pub fn by_version(self, a: &Row, b: &Row) -> Ordering {
        self.compare(self.text.order, a.order, b.order)
            .then_with(|| self.compare(self.text.line, a.line, b.line))
            .then_with(|| (a.modified, a.file, a.row).cmp(&(b.modified, b.file, b.row)))
    }

    pub fn same_line(self, a: &Row, b: &Row) -> bool {
        self.same_order(a, b) && self.compare(self.text.line, a.line, b.line).is_eq()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int8Array, Int32Array, Int64Array};

    use super::*;
    use crate::input::values::ids::Ids;
    use crate::spec::IdType;

    #[test]
    fn a_customer_has_its_durable_bucket_for_ever() {
        // Worked out in Python from the table of `spec::id_hash`: h(customer) >> 52.
        let integer = |id| Id::Integer(IdType::key(id));
        let long = "一二三四五六七八九十一二三四五六七八九十";
        let buckets = [
            (integer(1), 3_522),
            (integer(2), 3_588),
            (integer(-7), 2_919),
            (integer(0), 1_153),
            (integer(42), 575),
            (Id::Text("tb_10086"), 3_658),
            (Id::Text("o0Zx8kQ3vLm5Rw7yTnB2cD4eF6gH"), 2_266),
            (Id::Text(long), 3_417),
        ];
        for (customer, bucket) in buckets {
            assert_eq!(state_bucket(customer), bucket, "{customer:?}");
        }
    }

    #[test]
    fn an_integer_id_is_the_same_customer_in_columns_of_any_width() {
        let columns: [ArrayRef; 3] =
            [Arc::new(Int8Array::from(vec![-7])), Arc::new(Int32Array::from(vec![-7])), Arc::new(Int64Array::from(vec![-7]))];
        for column in columns {
            let ids = Ids::of(&column).unwrap();
            assert_eq!(state_bucket(ids.get(0).unwrap()), 2_919, "{}", column.data_type());
        }
    }
}
