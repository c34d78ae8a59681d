//! Work on threads of its own. Expressions are checked by Polars in a pool of Polars' threads; a thread of a pool that waits for another pool
//! takes the next piece of its own work meanwhile, one within the other, until its stack ends.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;

/// What `each` makes of the items, in their order. It runs on threads that belong to no pool; on this one where the system gives none.
pub(super) fn outside_pools<T: Sync, R: Send>(items: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let share = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            match items.get(at) {
                Some(item) => done.push((at, each(item))),
                None => return done,
            }
        }
    };
    let threads = rayon::current_num_threads().min(items.len());
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map_while(|_| Builder::new().spawn_scoped(scope, share).ok()).collect();
        let own = if started.is_empty() { share() } else { Vec::new() };
        let shares = started.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        own.into_iter().chain(shares.flatten()).collect()
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_items_in_their_order_on_threads_of_no_pool() {
        let items: Vec<usize> = (0..1_000).collect();
        let made = outside_pools(&items, |item| (item * 2, rayon::current_thread_index()));
        assert_eq!(made, items.iter().map(|item| (item * 2, None)).collect::<Vec<_>>());
        assert_eq!(outside_pools(&[] as &[usize], |item| *item), Vec::<usize>::new());
    }
}
