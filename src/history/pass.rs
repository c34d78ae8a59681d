//! The pass: settles every bucket once and gives every customer's history to every fold, on all threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::changed::Comparison;
use super::conflicts::Conflicts;
use super::fold::Fold;
use super::refunds::RefundIndex;
use super::settle::Settler;
use super::settled::Settled;
use super::shuffle::Shuffled;
use crate::error::Result;

/// Items that a thread keeps for itself at most, about: their counters stay in the cache of its processor. What it counted of more of them
/// goes to the fold that all threads share, and memory holds each item once, whatever the number of threads.
pub const ITEMS_OF_THREAD: usize = 1 << 14;

/// The result of a pass.
pub struct Passed<F> {
    /// The folds, updated with every customer.
    pub fold: F,
    /// Accounts, first days, refunds that exceed what was paid.
    pub settled: Settled,
}

/// Settles all histories, without the rows that `conflicts` drops, and updates the folds. `start` makes an empty fold for each thread;
/// `tick` is called after each bucket.
///
/// # Errors
/// Those of the folds; [`crate::error::Error::Output`] where what was written to the disk cannot be read.
pub fn run<F: Fold>(
    shuffled: &Shuffled,
    refunds: &RefundIndex,
    conflicts: &Conflicts,
    start: &(dyn Fn() -> F + Sync),
    tick: &(dyn Fn() + Sync),
) -> Result<Passed<F>> {
    run_beside(shuffled, refunds, conflicts, start, None, tick)
}

/// The same, and each bucket is compared with what the snapshot before knew, where `comparison` is there.
///
/// # Errors
/// As for [`run`].
pub fn run_beside<F: Fold>(
    shuffled: &Shuffled,
    refunds: &RefundIndex,
    conflicts: &Conflicts,
    start: &(dyn Fn() -> F + Sync),
    comparison: Option<&Comparison<'_, F>>,
    tick: &(dyn Fn() + Sync),
) -> Result<Passed<F>> {
    let buckets: Vec<usize> = (0..shuffled.buckets()).collect();
    run_of((shuffled, &buckets), refunds, conflicts, start, comparison, tick)
}

/// The same of some of the buckets.
///
/// # Errors
/// As for [`run`].
pub fn run_of<F: Fold>(
    (shuffled, buckets): (&Shuffled, &[usize]),
    refunds: &RefundIndex,
    conflicts: &Conflicts,
    start: &(dyn Fn() -> F + Sync),
    comparison: Option<&Comparison<'_, F>>,
    tick: &(dyn Fn() + Sync),
) -> Result<Passed<F>> {
    let next = AtomicUsize::new(0);
    let shared = Mutex::new(start());
    let workers: Vec<Result<_>> = (0..rayon::current_num_threads())
        .into_par_iter()
        .map(|_| {
            let mut fold = start();
            let mut settler = Settler::new(fold.reads_lines(), fold.reads_item_refunds());
            while let Some(number) = buckets.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
                settler.bucket(shuffled, number, refunds, &conflicts.dropped, |history| fold.update(history))?;
                settler.inquirers_without_orders().for_each(|(shop, inquiries)| fold.update_inquirer(shop, inquiries));
                fold.end_bucket();
                comparison.map_or(Ok(()), |comparison| comparison.bucket(number, settler.last()))?;
                let of_items = fold.hand_over(ITEMS_OF_THREAD)?;
                if !of_items.is_empty() {
                    shared.lock().unwrap_or_else(PoisonError::into_inner).merge(&of_items)?;
                }
                tick();
            }
            // What waits is counted here, by all threads at once.
            fold.flush();
            Ok((fold, settler.settled))
        })
        .collect();
    let mut fold = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut settled = Settled::default();
    for worker in workers {
        let (other, found) = worker?;
        fold.absorb(other)?;
        settled.add(found);
    }
    settled.excessive_refunds.sort_unstable();
    Ok(Passed { fold, settled })
}
