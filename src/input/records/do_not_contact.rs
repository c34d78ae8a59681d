//! Do not contact: the customers who unsubscribed (退订). No list has them.

use std::cmp::Ordering;

use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::Ledger;
use crate::input::rows::repeated::{Placed, last_agreeing};
use crate::input::rows::scan::{RowIds, Scan, each_row, null, reject, unparseable};
use crate::input::values::codes::{Codes, Local, OwnedId};
use crate::input::values::fault::Faults;
use crate::spec::{Id, NO_TIME};

/// A customer who unsubscribed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unsubscribed {
    /// The customer.
    pub customer: OwnedId,
    /// Code of the shop that may not contact the customer; `None` for all shops of the job.
    pub shop: Option<u32>,
}

/// The customers whom no list may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoNotContact {
    /// Ascending by (customer, shop), each once.
    members: Vec<Unsubscribed>,
}

impl DoNotContact {
    /// These customers.
    pub fn new(mut members: Vec<Unsubscribed>) -> Self {
        members.sort_unstable();
        members.dedup();
        DoNotContact { members }
    }

    /// How many there are; who unsubscribed from two shops counts twice.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// How many rows name no shop.
    pub fn of_all_shops(&self) -> usize {
        self.members.iter().filter(|member| member.shop.is_none()).count()
    }

    /// The positions of the members that a customer of a shop is: one for all shops, one for this shop.
    pub fn positions(&self, shop: u32, customer: Id<'_>) -> impl Iterator<Item = usize> {
        [None, Some(shop)].into_iter().filter_map(move |shop| {
            let order = |member: &Unsubscribed| -> Ordering { member.customer.id().cmp(&customer).then(member.shop.cmp(&shop)) };
            self.members.binary_search_by(order).ok()
        })
    }

    /// Whether a shop may not contact a customer.
    pub fn has(&self, shop: u32, customer: Id<'_>) -> bool {
        !self.is_empty() && self.positions(shop, customer).next().is_some()
    }

    /// Replaces provisional codes of shops.
    pub fn rank(&mut self, rank: &dyn Fn(u32) -> u32) {
        self.members.iter_mut().for_each(|member| member.shop = member.shop.map(rank));
        self.members.sort_unstable();
    }
}

/// Reads the customers, shops by provisional code. A row counts from its `since` on, and always without one; a row without a shop holds
/// for all shops: who does not want to be contacted must not be lost because a cell is empty. Of several rows of a customer the earliest
/// counts.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(DoNotContact, Ledger)> {
    // A row without a time counts, whatever the times of its row group are: the footer cannot decide.
    let (mut rows, mut ledger) = scan.rows(dataset, &[], |scan, batch, ledger, rows: &mut Vec<Placed<(Unsubscribed, i64)>>| {
        let mut faults = Faults::default();
        let since = batch.times("since", &mut scan.clock.clone(), &mut faults);
        let (shop_ids, customers) = (batch.ids("shop_id"), batch.ids("customer_id"));
        let mut local = Local::new(shops);
        batch.note_long(&["shop_id"], &mut faults);
        each_row(batch, faults, ledger, |row, fault, ledger| {
            if since[row] != NO_TIME && since[row] >= scan.end() {
                ledger.account(batch.file).after_as_of += 1;
                return;
            }
            let (shop, customer) = (shop_ids.get(row), customers.get(row));
            let judged = match (fault, customer) {
                (Some(fault), _) => Err(unparseable(fault)),
                (None, None) => Err(null("customer_id")),
                (None, Some(customer)) => Ok(customer),
            };
            match judged {
                Ok(customer) => {
                    let member = Unsubscribed { customer: OwnedId::from(scan.person(customer)), shop: shop.map(|shop| local.code(shop)) };
                    rows.push(Placed { file: batch.file, row: batch.first_row + row as u64, value: (member, since[row]) });
                }
                Err(verdict) => reject(batch, row, RowIds { shop, customer, ..RowIds::default() }, verdict, ledger),
            }
        });
    })?;
    // The latest first, so that the one that counts comes last. No time is the earliest of all.
    let earliest = |row: &Placed<(Unsubscribed, i64)>| Some(row.value.1).filter(|since| *since != NO_TIME);
    rows.sort_by_key(|row| std::cmp::Reverse(earliest(row)));
    let rows = last_agreeing(dataset, rows, |(a, _), (b, _)| a.cmp(b), |_, _| true, &mut ledger)?;
    Ok((DoNotContact::new(rows.into_iter().map(|(member, _)| member).collect()), ledger))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_a_shop_holds_for_all_and_one_with_a_shop_for_that() {
        let of = |customer: u64, shop| Unsubscribed { customer: OwnedId::Integer(customer), shop };
        let mut list = DoNotContact::new(vec![of(7, Some(1)), of(5, None), of(7, Some(0)), of(9, Some(0)), of(9, Some(0))]);
        assert_eq!((list.len(), list.of_all_shops()), (4, 1));
        // The shops are ranked the other way round: 9 is of shop 1.
        list.rank(&|shop| 1 - shop);
        let has = |shop, customer| list.has(shop, Id::Integer(customer));
        assert_eq!(
            [has(0, 5), has(1, 5), has(0, 7), has(1, 7), has(0, 9), has(1, 9), has(0, 6)],
            [true, true, true, true, false, true, false]
        );
        assert!(!DoNotContact::default().has(0, Id::Integer(5)));
    }
}
