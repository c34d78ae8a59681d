//! The memory budget: how much memory a run may use, and where it writes data that do not fit.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Bytes that a writer requests at once, if the limit allows: a multiple of the large pages of common processors (2 MiB), of which
/// the system must create fewer than of small ones.
const REGION: usize = 8 << 20;

/// The smallest region: with less, the pieces written to disk would be too small.
const LEAST_REGION: usize = 256 << 10;

/// One part in this many of the limit stays unused.
const SLACK: u64 = 16;

/// One part in this many of the limit is available to writers even if it is not left.
const LEAST_SHARE: u64 = 8;

/// Writers that a thread has at the same time: for lines and for the index of orders.
const WRITERS_OF_THREAD: u64 = 2;

/// The memory that partitions may use while the whole process stays below the limit. Shared by all writers.
#[derive(Debug)]
pub struct Budget {
    limit: u64,
    /// What a writer may take at least.
    least_share: u64,
    region: usize,
    folder: PathBuf,
    files: AtomicUsize,
    held: AtomicU64,
    reserved: AtomicU64,
    spilled: AtomicU64,
}

impl Budget {
    /// A budget that lets the process grow to `limit` bytes of resident memory; further data are written to `folder`, which is
    /// created when it is first needed.
    pub fn new(limit: u64, folder: &Path) -> Self {
        let writers = rayon::current_num_threads() as u64 * WRITERS_OF_THREAD;
        let least_share = if limit == u64::MAX { 0 } else { limit / (LEAST_SHARE * writers) };
        let fitting = usize::try_from(least_share.max(1)).map_or(REGION, |share| 1 << share.ilog2());
        Budget {
            limit,
            least_share,
            region: if limit == u64::MAX { REGION } else { fitting.clamp(LEAST_REGION, REGION) },
            folder: folder.to_owned(),
            files: AtomicUsize::new(0),
            held: AtomicU64::new(0),
            reserved: AtomicU64::new(0),
            spilled: AtomicU64::new(0),
        }
    }

    /// A budget without a limit.
    pub fn unlimited() -> Self {
        Budget::new(u64::MAX, Path::new(""))
    }

    /// The same budget with regions of another size, for tests that need not fill megabytes.
    #[cfg(test)]
    pub(super) fn with_region(mut self, region: usize) -> Self {
        self.region = region;
        self
    }

    /// Bytes that a writer requests at once.
    pub(super) fn region(&self) -> usize {
        self.region
    }

    /// Reserves `bytes` more for data that the run will need later and cannot write to disk.
    pub fn reserve(&self, bytes: u64) {
        self.reserved.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Takes back what was reserved for data that are no longer needed.
    pub fn unreserve(&self, bytes: u64) {
        self.reserved.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Bytes that the writers of all threads to one set of partitions take even if they do not fit.
    pub fn least_of_writers(&self) -> u64 {
        (self.least_regions() * self.region * rayon::current_num_threads()) as u64
    }

    /// The limit; the greatest number if there is none.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Bytes that are left after the memory of the process and the reserved bytes.
    pub fn left(&self) -> u64 {
        if self.limit == u64::MAX {
            return u64::MAX;
        }
        // Memory that is mapped but not yet written to is not resident; the greater of the two counts covers it.
        let taken = self.held.load(Ordering::Relaxed).max(resident_bytes()) + self.reserved.load(Ordering::Relaxed);
        // Some slack, because allocators round up and decoding a row group needs memory for a moment.
        (self.limit - self.limit / SLACK).saturating_sub(taken)
    }

    /// Regions that a writer gets even if they do not fit: writing less at once would make reading very slow.
    pub(super) fn least_regions(&self) -> usize {
        (self.least_share / self.region as u64).max(1) as usize
    }

    /// Whether one more region fits; if so, counts it as held.
    pub(super) fn try_hold(&self) -> bool {
        let fits = self.left() >= self.region as u64;
        if fits {
            self.hold();
        }
        fits
    }

    /// Counts one more region as held, even if it does not fit.
    pub(super) fn hold(&self) {
        self.held.fetch_add(self.region as u64, Ordering::Relaxed);
    }

    /// Counts `regions` as released.
    pub(super) fn release(&self, regions: usize) {
        self.held.fetch_sub((regions * self.region) as u64, Ordering::Relaxed);
    }

    /// The path for the next spill file.
    pub(super) fn next_file(&self) -> PathBuf {
        self.folder.join(format!("{:04}", self.files.fetch_add(1, Ordering::Relaxed)))
    }

    /// Counts bytes written to the disk.
    pub(super) fn note_spilled(&self, bytes: u64) {
        self.spilled.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes written to the disk so far.
    pub fn spilled_bytes(&self) -> u64 {
        self.spilled.load(Ordering::Relaxed)
    }

    /// Removes the folder with the spill files.
    pub fn clean(&self) {
        if self.files.load(Ordering::Relaxed) > 0 {
            // The next run removes what cannot be removed now, when it empties `tmp`.
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        self.clean();
    }
}

/// The resident memory of this process; 0 if the system does not report it.
fn resident_bytes() -> u64 {
    /// Pages of Linux are 4 KiB on every processor that huitou is built for; with larger ones it would only spill later.
    const PAGE: u64 = 4096;
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * PAGE
}
