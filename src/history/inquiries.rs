//! Inquiries of a bucket, by the customer who asked.

use std::cmp::Ordering;
use std::ops::Range;

use super::customer::Inquiry;
use crate::error::Result;
use crate::input::records::inquiries::{Asked, Inquiries};
use crate::partition::record::Records;
use crate::spec::Id;

/// The inquiries of all customers, with what the codes of their shops mean.
#[derive(Debug, Default)]
pub(super) struct IndexedInquiries {
    pub inquiries: Inquiries,
    /// By provisional code of a shop: the final one.
    pub shops: Vec<u32>,
}

/// A customer who asked.
#[derive(Debug)]
struct Asker {
    shop: u32,
    /// The key of the id, or the place of its text.
    id: Place,
    asked: Range<usize>,
    has_orders: bool,
}

/// An id in the records of the bucket.
#[derive(Debug, Clone, Copy)]
enum Place {
    Integer(u64),
    Text { start: usize, length: usize },
}

/// An id to compare: texts have the order of their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Integer(u64),
    Text(&'a [u8]),
}

impl<'a> From<Id<'a>> for Key<'a> {
    fn from(id: Id<'a>) -> Self {
        match id {
            Id::Integer(key) => Key::Integer(key),
            Id::Text(text) => Key::Text(text.as_bytes()),
        }
    }
}

impl Place {
    fn key(self, bytes: &[u8]) -> Key<'_> {
        match self {
            Place::Integer(key) => Key::Integer(key),
            Place::Text { start, length } => Key::Text(bytes.get(start..start + length).unwrap_or_default()),
        }
    }
}

/// The inquiries of one bucket. Reuses its memory for the next one.
#[derive(Debug, Default)]
pub(super) struct BucketInquiries {
    bytes: Vec<u8>,
    rows: Vec<(u32, Place, Inquiry)>,
    asked: Vec<Inquiry>,
    /// Ascending by (shop, id).
    askers: Vec<Asker>,
}

impl BucketInquiries {
    /// Reads a bucket.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
    pub fn read(&mut self, all: &IndexedInquiries, bucket: usize) -> Result<()> {
        let BucketInquiries { bytes, rows, asked, askers } = self;
        rows.clear();
        asked.clear();
        askers.clear();
        bytes.clear();
        let Inquiries { partitions, is_text, agents: _, agent_ranks } = &all.inquiries;
        if partitions.is_empty() {
            return Ok(());
        }
        partitions.read(bucket, bytes)?;
        let rank = |ranks: &[u32], code: u32| ranks.get(code as usize).copied().unwrap_or(0);
        let mut records = Records::new(bytes);
        while let Some(Asked { shop, agent, asked, response, customer }) = Asked::read(&mut records, *is_text) {
            let place = match customer {
                Id::Integer(key) => Place::Integer(key),
                // A record ends with its text.
                Id::Text(text) => Place::Text { start: bytes.len() - records.left() - text.len(), length: text.len() },
            };
            let agent = rank(agent_ranks, agent) + 1;
            rows.push((rank(&all.shops, shop), place, Inquiry { asked, agent, response }));
        }
        let by_customer = |(shop, id, inquiry): &(u32, Place, Inquiry), (other_shop, other_id, other): &(u32, Place, Inquiry)| {
            (shop, id.key(bytes), inquiry).cmp(&(other_shop, other_id.key(bytes), other))
        };
        rows.sort_unstable_by(by_customer);
        for customer in rows.chunk_by(|a, b| (a.0, a.1.key(bytes)) == (b.0, b.1.key(bytes))) {
            let Some((shop, id, _)) = customer.first().copied() else { continue };
            let from = asked.len();
            asked.extend(customer.iter().map(|(_, _, inquiry)| *inquiry));
            askers.push(Asker { shop, id, asked: from..asked.len(), has_orders: false });
        }
        Ok(())
    }

    /// What a customer who has orders asked.
    pub fn of(&mut self, shop: u32, customer: Id<'_>) -> &[Inquiry] {
        let BucketInquiries { bytes, askers, asked, .. } = self;
        if askers.is_empty() {
            return &[];
        }
        let customer = Key::from(customer);
        let order = |asker: &Asker| -> Ordering { asker.shop.cmp(&shop).then_with(|| asker.id.key(bytes).cmp(&customer)) };
        let Ok(found) = askers.binary_search_by(order) else { return &[] };
        let Some(asker) = askers.get_mut(found) else { return &[] };
        asker.has_orders = true;
        asked.get(asker.asked.clone()).unwrap_or_default()
    }

    /// The customers without orders so far: the shop, and what they asked.
    pub fn without_orders(&self) -> impl Iterator<Item = (u32, &[Inquiry])> {
        let others = self.askers.iter().filter(|asker| !asker.has_orders);
        others.map(|asker| (asker.shop, self.asked.get(asker.asked.clone()).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::partition::{Budget, Partitions, Writer, record};

    #[test]
    fn who_has_orders_is_found_and_the_others_are_left() {
        let mut writer = Writer::new(1, Arc::new(Budget::unlimited()));
        // Shops and agents by provisional code: shop 0 is the second one, agent 1 the first.
        for (shop, agent, asked, customer) in [(0_u64, 1_u64, 30_u64, "ann"), (0, 0, 10, "ann"), (1, 0, 20, "ann"), (0, 0, 5, "鲍勃")] {
            record::put(&mut writer, 0, &[shop << 32 | agent, asked, 7], &[Id::Text(customer)]);
        }
        let partitions = Partitions::new(vec![writer]).unwrap();
        let inquiries = Inquiries { partitions, is_text: true, agents: Vec::new(), agent_ranks: vec![1, 0] };
        let all = IndexedInquiries { inquiries, shops: vec![1, 0] };
        let mut bucket = BucketInquiries::default();
        for _ in 0..2 {
            bucket.read(&all, 0).unwrap();
            let inquiry = |asked, agent| Inquiry { asked, agent, response: 7 };
            assert_eq!(bucket.of(1, Id::Text("ann")), [inquiry(10, 2), inquiry(30, 1)]);
            assert!(bucket.of(0, Id::Text("鲍勃")).is_empty() && bucket.of(1, Id::Text("bob")).is_empty());
            let left: Vec<(u32, Vec<Inquiry>)> = bucket.without_orders().map(|(shop, asked)| (shop, asked.to_vec())).collect();
            assert_eq!(left, [(0, vec![inquiry(20, 2)]), (1, vec![inquiry(5, 2)])]);
        }
    }
}
