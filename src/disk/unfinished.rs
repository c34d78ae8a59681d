//! What this process has begun and not finished on disks, so that a signal that ends it can take that away.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, TryLockError};
use std::time::{Duration, Instant};

type Removal = Box<dyn Fn() + Send>;

static BEGUN: Mutex<Vec<(u64, Removal)>> = Mutex::new(Vec::new());

fn begun() -> MutexGuard<'static, Vec<(u64, Removal)>> {
    // A panic leaves no half-changed list.
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something that is begun; finished, or taken back by its owner, when it is dropped.
#[derive(Debug)]
pub struct Unfinished(u64);

impl Unfinished {
    /// Registers what removes it.
    pub fn new(remove: impl Fn() + Send + 'static) -> Unfinished {
        let mut begun = begun();
        let number = begun.iter().map(|(number, _)| number + 1).max().unwrap_or(0);
        begun.push((number, Box::new(remove)));
        Unfinished(number)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        begun().retain(|(number, _)| *number != self.0);
    }
}

/// Held while something that is finished takes its place.
static PLACING: Mutex<()> = Mutex::new(());

/// How long the end of the process waits for something that takes its place: a disk that is slow, not one that is gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// Puts something finished in its place in steps of which a signal must see all or none: what such a signal takes away could have become
/// part of what is finished. Once a signal is ending the process this never returns.
pub fn place<T>(steps: impl FnOnce() -> T) -> T {
    let _placing = PLACING.lock().unwrap_or_else(PoisonError::into_inner);
    steps()
}

/// Held for reading while a file or folder is created.
static CREATING: RwLock<()> = RwLock::new(());

/// Creates a file or a folder that a signal may have to take away: other threads go on while one removes what all of them have written. Once a
/// signal is ending the process this never returns.
pub fn create<T>(step: impl FnOnce() -> T) -> T {
    let _creating = CREATING.read().unwrap_or_else(PoisonError::into_inner);
    step()
}

/// Removes all that is unfinished, for a process that is about to end: nothing is created and nothing takes its place from then on. Returns
/// whether it was removed; where something does not come to its end, everything stays, as after a kill, and the next run removes it.
pub fn remove_all() -> bool {
    let started = Instant::now();
    let Some(placing) = patiently(started, || PLACING.try_lock()) else { return false };
    let Some(creating) = patiently(started, || CREATING.try_write()) else { return false };
    std::mem::forget((placing, creating));
    for (_, remove) in begun().drain(..) {
        remove();
    }
    true
}

/// Tries until it has a lock; `None` where whoever holds it does not come to an end.
fn patiently<G>(started: Instant, attempt: impl Fn() -> Result<G, TryLockError<G>>) -> Option<G> {
    loop {
        match attempt() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(guard)) => return Some(guard.into_inner()),
            Err(TryLockError::WouldBlock) if started.elapsed() > PATIENCE => return None,
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn what_is_finished_is_not_removed() {
        let removed = Arc::new(AtomicU32::new(0));
        let begin = |bit: u32| {
            let removed = Arc::clone(&removed);
            Unfinished::new(move || {
                removed.fetch_add(bit, Ordering::Relaxed);
            })
        };
        let (first, second) = (begin(1), begin(2));
        drop(first);
        let third = begin(4);
        // Other tests may have begun something of their own meanwhile, so only these are removed here.
        for number in [second.0, third.0] {
            begun().iter().filter(|(each, _)| *each == number).for_each(|(_, remove)| remove());
        }
        assert_eq!(removed.load(Ordering::Relaxed), 6);
    }
}
