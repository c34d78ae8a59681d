//! The pass: settles every bucket once and gives every customer's history to every fold, on all threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::conflicts::Conflicts;
use super::fold::Fold;
use super::refunds::RefundIndex;
use super::settle::{Settled, Settler};
use super::shuffle::Shuffled;
use crate::error::Result;

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
    let next = AtomicUsize::new(0);
    let workers: Vec<Result<_>> = (0..rayon::current_num_threads())
        .into_par_iter()
        .map(|_| {
            let mut fold = start();
            let mut settler = Settler::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= shuffled.buckets() {
                    break;
                }
                settler.bucket(shuffled, number, refunds, &conflicts.dropped, |history| fold.update(history))?;
                fold.end_bucket();
                tick();
            }
            Ok((fold.state()?, settler.settled))
        })
        .collect();
    let mut fold = start();
    let mut settled = Settled::default();
    for worker in workers {
        let (state, found) = worker?;
        fold.merge(&state)?;
        settled.add(found);
    }
    settled.excessive_refunds.sort_unstable();
    Ok(Passed { fold, settled })
}
