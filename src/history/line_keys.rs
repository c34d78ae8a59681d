//! The keys of a line: by what it is dealt out, found and sampled, whether it was read or stored.

use crate::input::records::orders::Line;
use crate::spec::{Id, id_hash, id_hash_in_shop};

/// One of this many customers is in the sample from which the number of customers is estimated.
pub(super) const SAMPLED: u64 = 1 << 10;

/// The keys of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineKeys<'a> {
    /// Whom the line goes to: without customers every order is a customer of its own.
    pub customer: Id<'a>,
    /// The hash that decides about the bucket.
    pub customer_hash: u64,
    /// The hash of the order within its shop.
    pub order_hash: u64,
    /// The hash that decides about the sample.
    sample_hash: u64,
}

impl<'a> LineKeys<'a> {
    /// The keys of a line.
    #[inline(always)]
    pub fn of(line: &Line<'a>) -> Self {
        let customer = line.customer.unwrap_or(line.order);
        let (own_hash, order_hash) = (id_hash(customer), id_hash_in_shop(line.shop_hash, id_hash(line.order)));
        // Orders that name nobody are dealt out by themselves: all of a shop in one bucket would be too many. The hash is another one
        // than that of a customer whose id is the order's.
        let customer_hash = if line.is_anonymous { !order_hash } else { own_hash };
        // Tables have a row for each shop that a customer bought in, so the sample is of customers of shops.
        let sample_hash = if line.is_anonymous { customer_hash } else { id_hash_in_shop(line.shop_hash, own_hash) };
        LineKeys { customer, customer_hash, order_hash, sample_hash }
    }

    /// The texts of the ids of a record of the line, in their order.
    #[inline(always)]
    pub fn texts(self, line: &Line<'a>) -> impl Iterator<Item = &'a [u8]> {
        let ids = [Some(self.customer), Some(line.order), line.line];
        ids.into_iter().filter_map(|id| if let Some(Id::Text(text)) = id { Some(text.as_bytes()) } else { None })
    }

    /// Where the customer is in the sample: its hash, and the bytes of its id where that is a text, 0 for an integer.
    #[inline(always)]
    pub fn sampled(self) -> Option<(u64, u64)> {
        let text = if let Id::Text(text) = self.customer { text.len() as u64 } else { 0 };
        self.sample_hash.is_multiple_of(SAMPLED).then_some((self.sample_hash, text))
    }
}
