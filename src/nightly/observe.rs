//! Observers: who is told how far a run is, and who knows the time; below the command line there is no clock.

use crate::publish::Phase;

/// Is told what the run does, and measures it.
pub trait Observer: Sync {
    /// A phase begins, of so many steps (0 where they are not known); the phase before it is over.
    fn phase(&self, name: &'static str, steps: u64);
    /// So many steps of the phase are done.
    fn step(&self, steps: u64);
    /// The phases so far, the present one included.
    fn phases(&self) -> Vec<Phase>;
    /// The greatest resident memory of the process so far, in bytes; 0 where it is not known.
    fn peak_memory_bytes(&self) -> u64;
}

/// Nobody listens.
pub struct Silent;

impl Observer for Silent {
    fn phase(&self, _: &'static str, _: u64) {}
    fn step(&self, _: u64) {}
    fn phases(&self) -> Vec<Phase> {
        Vec::new()
    }
    fn peak_memory_bytes(&self) -> u64 {
        0
    }
}
