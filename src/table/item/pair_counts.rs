//! Pair counts: how many orders have both of two items, exactly, for all pairs with enough of them.
//!
//! There may be many more pairs of items than memory. Pairs are counted in rounds: each counts those whose first item falls to it by its
//! hash, and forgets those with too few orders at its end. Items with too few orders alone are no part of any pair that stays, so they are
//! left out first.

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::fold::basket_store::Chunk;
use crate::fold::baskets::Baskets;
use crate::partition::{partition_of, partitions_for};
use crate::spec::{Id, id_hash};

/// Two items of a shop that were in one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    /// Code of the shop.
    pub shop: u32,
    /// Code of the first item, below that of the second.
    pub a: u32,
    /// Code of the second item.
    pub b: u32,
    /// Orders with both.
    pub orders: u32,
}

/// Pairs that a round counts at most, about: 17 bytes each, and as much again while their table grows.
const ROUND: u64 = 2_000_000;

/// The pairs with at least `least` orders, ascending by shop and items.
pub(super) fn count(baskets: &Baskets, items: usize, least: u32) -> Vec<Pair> {
    count_in_rounds(baskets, items, least, ROUND)
}

fn count_in_rounds(baskets: &Baskets, items: usize, least: u32, round: u64) -> Vec<Pair> {
    // Enough orders in any shop: the few that have them in another one only are found to have too few in the end.
    let mut is_frequent = vec![false; items + 1];
    for ((_, item), sold) in &baskets.items {
        if sold.orders >= least
            && let Some(is_frequent) = is_frequent.get_mut(*item as usize)
        {
            *is_frequent = true;
        }
    }
    let is_frequent = |item: u32| is_frequent.get(item as usize).copied().unwrap_or(false);
    let met: u64 = baskets.chunks.par_iter().map(|chunk| occurrences(chunk, &is_frequent)).sum();
    let rounds = partitions_for(met, round);
    let mut pairs: Vec<Pair> = (0..rounds)
        .into_par_iter()
        .flat_map_iter(|round| {
            let mut orders: HashMap<(u32, u32, u32), u32, foldhash::fast::FixedState> = HashMap::default();
            let mut own = Vec::new();
            for chunk in &baskets.chunks {
                chunk.each_order(|shop, items| {
                    own.clear();
                    own.extend(items.iter().copied().filter(|item| is_frequent(*item)));
                    for (place, a) in own.iter().enumerate().take(own.len().saturating_sub(1)) {
                        if rounds > 1 && partition_of(hash(shop, *a), rounds) != round {
                            continue;
                        }
                        for b in own.iter().skip(place + 1) {
                            *orders.entry((shop, *a, *b)).or_default() += 1;
                        }
                    }
                });
            }
            let enough = orders.into_iter().filter(move |(_, orders)| *orders >= least);
            enough.map(|((shop, a, b), orders)| Pair { shop, a, b, orders }).collect::<Vec<_>>()
        })
        .collect();
    pairs.par_sort_unstable();
    pairs
}

/// How many pairs of frequent items the orders of a chunk have, each counted as often as it is met.
fn occurrences(chunk: &Chunk, is_frequent: &(impl Fn(u32) -> bool + Sync)) -> u64 {
    let mut met = 0;
    chunk.each_order(|_, items| {
        let frequent = items.iter().filter(|item| is_frequent(**item)).count() as u64;
        met += (frequent * frequent.saturating_sub(1)) >> 1;
    });
    met
}

fn hash(shop: u32, item: u32) -> u64 {
    id_hash(Id::Integer(u64::from(shop) << 32 | u64::from(item)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::fold::baskets::BasketFold;
    use crate::table::testing::{customer, folded, paid};

    proptest! {
        #[test]
        fn rounds_find_what_counting_all_at_once_finds(
            orders in prop::collection::vec((0..2_u32, prop::collection::btree_set(1..9_u32, 1..6)), 0..60),
            least in 1..5_u32,
        ) {
            let mut expected: BTreeMap<(u32, u32, u32), u32> = BTreeMap::new();
            for (shop, items) in &orders {
                for a in items {
                    for b in items.iter().filter(|b| *b > a) {
                        *expected.entry((*shop, *a, *b)).or_default() += 1;
                    }
                }
            }
            let expected: Vec<Pair> = expected.into_iter().filter(|(_, orders)| *orders >= least)
                .map(|((shop, a, b), orders)| Pair { shop, a, b, orders }).collect();
            let bought = |(shop, items): &(u32, std::collections::BTreeSet<u32>)| {
                let lines: Vec<(u32, u32, u32, i64)> = items.iter().map(|item| (0, *item, 1, 100)).collect();
                customer(*shop, vec![paid(10, 100 * items.len() as i64)]).with_lines(&lines)
            };
            let customers: Vec<_> = orders.iter().map(bought).collect();
            let baskets = folded(BasketFold::default(), &customers).finish();
            prop_assert_eq!(count(&baskets, 8, least), expected.clone());
            // Two pairs a round.
            prop_assert_eq!(count_in_rounds(&baskets, 8, least, 2), expected);
        }
    }
}
