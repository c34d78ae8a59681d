//! Partners: which item to offer with another one, by the pairs that are bought together more often than by chance.

use hashbrown::HashMap;

use super::pairs::{PAIRS, Row};
use crate::table::night::{Read, Shared};

/// The partners of all items.
pub static PARTNERS: Shared<Partners> = Shared {
    name: "partners_of_items",
    not_requested: |request| (!request.has_refills && !request.has_offers).then_some("no strategy of the job asks for pairs of items"),
    reads: |_| vec![Read::Shared(&PAIRS)],
    make: |night| Ok(Partners::of(night.shared(&PAIRS)?.iter())),
};

/// By shop and item: the other items of its significant pairs, the best pair first.
#[derive(Debug, Default)]
pub struct Partners(HashMap<(u32, u32), Vec<u32>, foldhash::fast::FixedState>);

impl Partners {
    fn of<'a>(pairs: impl Iterator<Item = &'a Row>) -> Self {
        let mut best: Vec<&Row> = pairs.filter(|row| row.is_significant()).collect();
        best.sort_by(|one, other| one.compare(other));
        let mut partners = Partners::default();
        for pair in best.iter().map(|row| row.pair()) {
            partners.0.entry((pair.shop, pair.a)).or_default().push(pair.b);
            partners.0.entry((pair.shop, pair.b)).or_default().push(pair.a);
        }
        partners
    }

    /// The partners of an item of a shop, the best first.
    pub fn of_item(&self, shop: u32, item: u32) -> &[u32] {
        self.0.get(&(shop, item)).map_or(&[], Vec::as_slice)
    }

    /// The other item of an item's best pair.
    pub fn best(&self, shop: u32, item: u32) -> Option<u32> {
        self.of_item(shop, item).first().copied()
    }
}
