//! Progress callbacks of a run. The observer also measures time: there is no clock below the command line.

use crate::publish::Phase;

/// Receives the progress of a run, and measures it.
pub trait Observer: Sync {
    /// A phase begins, with that many steps (0 if unknown); the phase before it ends.
    fn phase(&self, name: &'static str, steps: u64);
    /// That many further steps of the phase are done.
    fn step(&self, steps: u64);
    /// The phases so far, the present one included.
    fn phases(&self) -> Vec<Phase>;
    /// The greatest resident memory of the process so far, in bytes; 0 if unknown.
    fn peak_memory_bytes(&self) -> u64;
}

/// An observer that does nothing.
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
