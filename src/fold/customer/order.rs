//! The order of the customers table: merges ascending runs of (shop, customer id), in parts that fit a cache.

use std::cmp::Ordering;
use std::ops::Range;

use rayon::prelude::*;

use super::keys::{CustomerIds, CustomerKeys};
use crate::error::{Error, Result};

/// Customers of one part, roughly.
const PART: usize = 1 << 16;
/// Rows sampled for each limit between two parts.
const SAMPLES: usize = 16;

/// A row with the part of its key that fits a machine word.
#[derive(Clone, Copy)]
struct Entry {
    shop: u32,
    row: u32,
    key: u64,
}

/// Sorts the rows by (shop, customer id); `None` if they are sorted.
///
/// Every run is cut at the same sampled limits, and each part is sorted on its own. Keys are distinct, so the order depends neither on the
/// limits nor on the threads.
///
/// # Errors
/// [`Error::Bug`] if a customer occurs twice, or if there are more rows than a 32-bit number can count.
pub(crate) fn ascending(keys: &CustomerKeys) -> Result<Option<Vec<u32>>> {
    let runs = keys.runs();
    if runs.len() <= 1 { Ok(None) } else { ascending_in_parts(keys, &runs, PART).map(Some) }
}

fn ascending_in_parts(keys: &CustomerKeys, runs: &[usize], part: usize) -> Result<Vec<u32>> {
    let number = keys.shop.len();
    if u32::try_from(number).is_err() {
        return Err(Error::bug(format!("{number} customers are more than huitou can number")));
    }
    // Very short runs are not cut: then all rows are one part.
    let parts = if runs.len() * 64 > number { 1 } else { number.div_ceil(part) };
    let limits = limits(keys, parts);
    let run_ends = runs.iter().skip(1).copied().chain([number]);
    let run_ranges: Vec<Range<usize>> = runs.iter().copied().zip(run_ends).map(|(start, end)| start..end).collect();
    let cuts: Vec<Vec<usize>> = run_ranges.par_iter().map(|run| cut(keys, run, &limits)).collect();
    let mut order = vec![0; number];
    let mut tasks = Vec::with_capacity(parts);
    let mut rest = order.as_mut_slice();
    for number in 0..parts {
        let ranges: Vec<Range<usize>> = cuts.iter().map(|cut| cut[number]..cut[number + 1]).filter(|range| !range.is_empty()).collect();
        let (own, others) = rest.split_at_mut(ranges.iter().map(ExactSizeIterator::len).sum());
        tasks.push((ranges, own));
        rest = others;
    }
    tasks.into_par_iter().try_for_each(|(ranges, own)| sort(keys, &ranges, own))?;
    Ok(order)
}

/// Rows whose keys are the limits between `parts` parts of about the same size.
fn limits(keys: &CustomerKeys, parts: usize) -> Vec<usize> {
    let samples = parts * SAMPLES;
    let mut sampled: Vec<usize> = (0..samples).map(|sample| sample * keys.shop.len() / samples).collect();
    sampled.sort_unstable_by(|one, other| keys.compare(*one, *other));
    sampled.into_iter().skip(SAMPLES).step_by(SAMPLES).collect()
}

/// The positions of the limits in a run: its start, the first row not below each limit, its end.
fn cut(keys: &CustomerKeys, run: &Range<usize>, limits: &[usize]) -> Vec<usize> {
    let mut cuts = Vec::with_capacity(limits.len() + 2);
    let mut from = run.start;
    cuts.push(from);
    for &limit in limits {
        let (mut low, mut high) = (from, run.end);
        while low < high {
            let middle = low.midpoint(high);
            if keys.compare(middle, limit).is_lt() { low = middle + 1 } else { high = middle }
        }
        from = low;
        cuts.push(from);
    }
    cuts.push(run.end);
    cuts
}

fn sort(keys: &CustomerKeys, ranges: &[Range<usize>], own: &mut [u32]) -> Result<()> {
    let rows = || ranges.iter().cloned().flatten();
    let entry = |row: usize, key| Entry { shop: keys.shop[row], row: row as u32, key };
    let mut entries: Vec<Entry> = Vec::with_capacity(own.len());
    let whole = |entry: &Entry| (u128::from(entry.shop) << 64) | u128::from(entry.key);
    match &keys.id {
        CustomerIds::Integer(ids) => {
            entries.extend(rows().map(|row| entry(row, ids[row])));
            sort_entries(&mut entries, |one, other| whole(one).cmp(&whole(other)));
        }
        CustomerIds::Text { offsets, texts } => {
            let text = |row: usize| &texts.as_bytes()[offsets[row] as usize..offsets[row + 1] as usize];
            // Ids of one source often have a common prefix: the word is taken from behind the prefix of this part.
            let shared = shared_prefix(keys, ranges, text);
            entries.extend(rows().map(|row| entry(row, word(&text(row)[shared..]))));
            sort_entries(&mut entries, |one, other| {
                whole(one).cmp(&whole(other)).then_with(|| text(one.row as usize).cmp(text(other.row as usize)))
            });
        }
    }
    let is_same = |one: &Entry, other: &Entry| whole(one) == whole(other) && keys.compare(one.row as usize, other.row as usize).is_eq();
    if let Some(pair) = entries.windows(2).find(|pair| is_same(&pair[0], &pair[1])) {
        let id = keys.id.get(pair[0].row as usize);
        return Err(Error::bug(format!("customer {id:?} of shop number {} came twice", pair[0].shop)));
    }
    for (place, entry) in own.iter_mut().zip(&entries) {
        *place = entry.row;
    }
    Ok(())
}

/// Parts are sorted in parallel, each by one thread; only a part that has all rows uses all threads.
fn sort_entries(entries: &mut [Entry], compare: impl Fn(&Entry, &Entry) -> Ordering + Sync) {
    if entries.len() > 8 * PART { entries.par_sort_unstable_by(compare) } else { entries.sort_unstable_by(compare) }
}

/// The length of the common prefix of all texts in these ascending ranges: that of their first and last rows; 0 if they belong to several
/// shops.
fn shared_prefix<'a>(keys: &CustomerKeys, ranges: &[Range<usize>], text: impl Fn(usize) -> &'a [u8]) -> usize {
    let mut ends = ranges.iter().flat_map(|range| [range.start, range.end - 1]);
    let Some(first) = ends.next() else { return 0 };
    ends.try_fold(text(first).len(), |shared, row| {
        let same_shop = keys.shop[row] == keys.shop[first];
        same_shop.then(|| text(first).iter().zip(text(row)).take(shared).take_while(|(one, other)| one == other).count())
    })
    .unwrap_or(0)
}

/// The first eight bytes as a number with the same order.
fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    let taken = bytes.len().min(8);
    word[..taken].copy_from_slice(&bytes[..taken]);
    u64::from_be_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Id, IdType};
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    /// Keys dealt out to runs, each run ascending.
    fn dealt<T: Ord + Clone>(keys: &[(u32, T)], deal: &[usize]) -> Vec<(u32, T)> {
        let mut dealt: Vec<(usize, (u32, T))> = deal.iter().copied().cycle().zip(keys.iter().cloned()).collect();
        dealt.sort();
        dealt.into_iter().map(|(_, key)| key).collect()
    }

    fn table<'a>(rows: impl Iterator<Item = (u32, Id<'a>)>) -> CustomerKeys {
        let mut keys = CustomerKeys::default();
        for (shop, id) in rows {
            assert!(keys.id.push(id));
            keys.shop.push(shop);
        }
        keys
    }

    fn is_in_order(keys: &CustomerKeys, part: usize) -> bool {
        let order = ascending_in_parts(keys, &keys.runs(), part).unwrap();
        order.len() == keys.shop.len() && order.is_sorted_by(|one, other| keys.compare(*one as usize, *other as usize).is_lt())
    }

    proptest! {
        #[test]
        fn integers_in_any_runs_and_parts(
            keys in btree_set((0u32..3, prop_oneof![-300i64..300, any::<i64>()]), 0..400),
            deal in vec(0usize..5, 1..40),
            part in 1usize..50,
        ) {
            let keys = dealt(&keys.into_iter().collect::<Vec<_>>(), &deal);
            prop_assert!(is_in_order(&table(keys.iter().map(|(shop, id)| (*shop, Id::Integer(IdType::key(*id))))), part));
        }

        #[test]
        fn texts_that_begin_alike_or_end_early_in_any_runs_and_parts(
            keys in btree_set((0u32..2, prop_oneof!["[ab\0]{0,12}", "buyer_0000_[a-c]{0,10}", "买家[甲乙]{0,4}"]), 0..400),
            deal in vec(0usize..5, 1..40),
            part in 1usize..50,
        ) {
            let keys = dealt(&keys.into_iter().collect::<Vec<_>>(), &deal);
            prop_assert!(is_in_order(&table(keys.iter().map(|(shop, id)| (*shop, Id::Text(id)))), part));
        }
    }

    #[test]
    fn a_customer_who_came_twice_is_a_bug() {
        let keys = table([(0, "a"), (0, "b"), (0, "b"), (0, "c")].map(|(shop, id)| (shop, Id::Text(id))).into_iter());
        assert!(ascending(&keys).is_err());
    }
}
