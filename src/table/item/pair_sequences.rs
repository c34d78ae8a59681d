//! Pair sequences: which customers bought one item of a pair and later, on another day, the other one.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use rayon::prelude::*;

use super::pair_counts::Pair;
use crate::fold::basket_store::{Chunk, Orders};
use crate::spec::Day;
use crate::statistics::quantile::Distribution;

/// Customers who bought one item and later the other, by the days from the first day with the one to the next day with the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sequence(Distribution);

/// Who bought one item and later the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Later {
    /// How many customers.
    pub customers: i64,
    /// The median of their days; `None` without any.
    pub median_days: Option<f64>,
}

impl Sequence {
    /// How many they are, and the median of their days.
    pub fn later(&self) -> Later {
        Later { customers: self.0.count(), median_days: self.0.quantile(50) }
    }
}

/// Both directions of a pair: the second item after the first, and the first after the second.
pub(super) type Directions = [Sequence; 2];

/// The sequences of pairs, in their order. `pairs` ascend by shop and items.
pub(super) fn sequences(chunks: &[Chunk], pairs: &[Pair]) -> Vec<Directions> {
    let index = Index::new(pairs);
    let mut found: Vec<((u32, u8, i32), i64)> = chunks
        .par_iter()
        .flat_map_iter(|chunk| {
            let mut days: HashMap<(u32, u8, i32), i64, foldhash::fast::FixedState> = HashMap::default();
            let mut bought = Vec::new();
            chunk.each_customer(|shop, orders| {
                index.each(shop, orders, &mut bought, |pair, direction, gap| *days.entry((pair, direction, gap)).or_default() += 1);
            });
            days
        })
        .collect();
    found.par_sort_unstable();
    let mut counts: BTreeMap<(u32, u8), Vec<(i64, i64)>> = BTreeMap::new();
    for ((pair, direction, gap), customers) in found {
        let own = counts.entry((pair, direction)).or_default();
        match own.last_mut() {
            Some((last, count)) if *last == i64::from(gap) => *count += customers,
            _ => own.push((i64::from(gap), customers)),
        }
    }
    let mut of = |pair: u32, direction: u8| Sequence(Distribution::of(counts.remove(&(pair, direction)).unwrap_or_default()));
    (0..pairs.len() as u32).map(|pair| [of(pair, 0), of(pair, 1)]).collect()
}

/// The pairs of each item.
struct Index {
    /// By shop and item: the other item, the place of the pair, and whether the other one is its second.
    partners: HashMap<(u32, u32), Vec<Partner>, foldhash::fast::FixedState>,
}

#[derive(Clone, Copy)]
struct Partner {
    item: u32,
    pair: u32,
    /// 0 where the partner is the second item of the pair.
    direction: u8,
}

impl Index {
    fn new(pairs: &[Pair]) -> Self {
        let mut partners: HashMap<(u32, u32), Vec<Partner>, foldhash::fast::FixedState> = HashMap::default();
        for (pair, Pair { shop, a, b, .. }) in (0..).zip(pairs) {
            partners.entry((*shop, *a)).or_default().push(Partner { item: *b, pair, direction: 0 });
            partners.entry((*shop, *b)).or_default().push(Partner { item: *a, pair, direction: 1 });
        }
        Index { partners }
    }

    /// Calls `each` with the place of a pair, the direction and the days between, for every pair that a customer bought one after the other.
    fn each(&self, shop: u32, orders: Orders<'_>, bought: &mut Vec<(u32, Day)>, mut each: impl FnMut(u32, u8, i32)) {
        if orders.count() < 2 {
            return;
        }
        bought.clear();
        orders.each(|day, items| {
            bought.extend(items.iter().filter(|item| self.partners.contains_key(&(shop, **item))).map(|item| (*item, day)));
        });
        bought.sort_unstable();
        bought.dedup();
        for days in bought.chunk_by(|one, next| one.0 == next.0) {
            let Some((item, first)) = days.first() else { continue };
            for partner in self.partners.get(&(shop, *item)).into_iter().flatten() {
                // The first day with the partner after that day.
                let next = bought.partition_point(|other| *other <= (partner.item, *first));
                if let Some((_, day)) = bought.get(next).filter(|(other, _)| *other == partner.item) {
                    each(partner.pair, partner.direction, day - first);
                }
            }
        }
    }
}
