//! The pass: every bucket settled once, every customer's history given to every fold, on all threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::HashSet;
use rayon::prelude::*;

use super::conflicts::{self, Conflicts};
use super::fold::Fold;
use super::refunds::RefundIndex;
use super::settle::{Settled, Settler};
use super::shuffle::Shuffled;
use crate::error::Result;
use crate::spec::IdType;

/// What a pass leaves: the folds that have seen every customer, and what settling found.
pub struct Passed<F> {
    /// The folds.
    pub fold: F,
    /// Accounts, first days, refunds that exceed what was paid.
    pub settled: Settled,
    /// Orders whose lines name two customers.
    pub conflicts: Conflicts,
}

/// Walks over all histories. `start` makes an empty fold for each thread; `types` are those of order, line and customer
/// ids; `has_customers` says whether orders can be in conflict about theirs; `tick` is called after each bucket.
///
/// An order whose lines name two customers lies in two places. That is rare, and finding out beforehand would cost every
/// run a sort of all orders; so the pass collects a hash of each order, and only where one comes twice are the
/// suspects judged by their ids, and the pass made anew without what they lose.
///
/// # Errors
/// Those of the folds.
pub fn run<F: Fold>(
    shuffled: &Shuffled,
    refunds: &RefundIndex,
    types: &[IdType; 3],
    has_customers: bool,
    start: &(dyn Fn() -> F + Sync),
    tick: &(dyn Fn() + Sync),
) -> Result<Passed<F>> {
    let (fold, settled) = walk(shuffled, refunds, &HashSet::new(), start, tick)?;
    let mut conflicts = Conflicts::default();
    let suspects = conflicts::repeated(&settled.orders);
    if has_customers && !suspects.is_empty() {
        conflicts = conflicts::judge(shuffled, &suspects, types);
        if !conflicts.dropped.is_empty() {
            drop((fold, settled));
            let (fold, settled) = walk(shuffled, refunds, &conflicts.dropped, start, tick)?;
            return Ok(Passed { fold, settled, conflicts });
        }
    }
    Ok(Passed { fold, settled, conflicts })
}

fn walk<F: Fold>(
    shuffled: &Shuffled,
    refunds: &RefundIndex,
    dropped: &HashSet<(u32, u32)>,
    start: &(dyn Fn() -> F + Sync),
    tick: &(dyn Fn() + Sync),
) -> Result<(F, Settled)> {
    refunds.forget();
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
                settler.bucket(shuffled, number, refunds, dropped, |history| fold.customer(history));
                tick();
            }
            Ok((fold.partial()?, settler.settled))
        })
        .collect();
    let mut fold = start();
    let mut settled = Settled::default();
    for worker in workers {
        let (partial, found) = worker?;
        fold.absorb(&partial)?;
        settled.add(found);
    }
    settled.orders.par_sort_unstable();
    settled.excessive_refunds.sort_unstable();
    Ok((fold, settled))
}
