//! Grouping: the rows of a bucket by customer, customers ascending, each customer's rows in the order in which they came.
//!
//! A table of the bucket's few hundred customers and one counting pass replace a sort of its thousands of rows.

use hashbrown::HashTable;

use super::bucket::BucketIds;
use super::row::Row;

/// A customer of the bucket.
#[derive(Debug, Clone, Copy)]
struct BucketCustomer {
    /// One of its rows, from which its id is read.
    row: u32,
    rows: u32,
}

/// Groups rows. Reuses its memory for the next bucket.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    table: HashTable<u32>,
    customers: Vec<BucketCustomer>,
    /// By row: the number of its customer.
    customer_of: Vec<u32>,
    /// Numbers of customers, ascending by (shop, id).
    ascending: Vec<u32>,
    /// By number of the customer: the offset of its rows; while rows are placed, the offset of the next one.
    starts: Vec<u32>,
    grouped: Vec<u32>,
}

impl Grouping {
    /// Groups the rows of a bucket.
    pub fn group(&mut self, rows: &[Row], ids: BucketIds<'_>) {
        let Grouping { table, customers, customer_of, ascending, starts, grouped } = self;
        table.clear();
        customers.clear();
        customer_of.clear();
        let same = |one: &Row, other: &Row| one.shop == other.shop && ids.same_customer(one, other);
        let hash_of = |row: &Row| ids.customer_hash_in_shop(row).rotate_left(32);
        for (at, row) in rows.iter().enumerate() {
            // Lines of one order mostly follow each other.
            let last = customer_of
                .last()
                .copied()
                .filter(|last| customers.get(*last as usize).is_some_and(|last| same(&rows[last.row as usize], row)));
            let number = last.unwrap_or_else(|| {
                let found = table.entry(
                    hash_of(row),
                    |known| same(&rows[customers[*known as usize].row as usize], row),
                    |known| hash_of(&rows[customers[*known as usize].row as usize]),
                );
                let next = customers.len() as u32;
                let number = *found.or_insert(next).get();
                if number == next {
                    customers.push(BucketCustomer { row: at as u32, rows: 0 });
                }
                number
            });
            customers[number as usize].rows += 1;
            customer_of.push(number);
        }
        ascending.clear();
        ascending.extend(0..customers.len() as u32);
        let row_of = |number: &u32| &rows[customers[*number as usize].row as usize];
        ascending.sort_unstable_by(|one, other| {
            let (one, other) = (row_of(one), row_of(other));
            one.shop.cmp(&other.shop).then_with(|| ids.compare_customers(one, other))
        });
        starts.clear();
        starts.resize(customers.len(), 0);
        let mut next = 0;
        for number in ascending.iter() {
            starts[*number as usize] = next;
            next += customers[*number as usize].rows;
        }
        grouped.clear();
        grouped.resize(rows.len(), 0);
        for (at, number) in customer_of.iter().enumerate() {
            let place = &mut starts[*number as usize];
            grouped[*place as usize] = at as u32;
            *place += 1;
        }
    }

    /// Each customer's rows, customers ascending by (shop, id). The caller may reorder the rows of a customer.
    pub fn each(&mut self, mut each: impl FnMut(&mut [u32])) {
        let mut rest = self.grouped.as_mut_slice();
        for number in &self.ascending {
            let rows = self.customers[*number as usize].rows as usize;
            let (own, others) = std::mem::take(&mut rest).split_at_mut(rows);
            each(own);
            rest = others;
        }
    }
}
