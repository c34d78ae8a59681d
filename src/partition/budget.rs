//! The memory budget: how much of the machine a run may fill, and where it writes what does not fit.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Bytes that a writer asks for at a time, where the limit allows: a multiple of the large pages of the common processors
/// (2 MiB), of which there are fewer to be made than of small ones.
const REGION: usize = 8 << 20;

/// Less would be written to the disk in pieces too small.
const LEAST_REGION: usize = 256 << 10;

/// The part of the limit that is left alone.
const SLACK: u64 = 16;

/// The part of the limit that all writers may take whether it is left or not.
const LEAST_SHARE: u64 = 8;

/// Writers that a thread has at a time: of lines and of the index of orders.
const WRITERS_OF_THREAD: u64 = 2;

/// How much memory partitions may fill: as long as the whole process stays below the limit. Shared by all writers.
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
    /// A budget that lets the process grow to `limit` bytes of resident memory; what goes beyond is written to `folder`,
    /// which is made when it is first needed.
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

    /// Bytes that a writer asks for at a time.
    pub(super) fn region(&self) -> usize {
        self.region
    }

    /// Sets so many more bytes aside for what the run will need later and cannot write to the disk.
    pub fn reserve(&self, bytes: u64) {
        self.reserved.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The limit; the greatest number where there is none.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Bytes that are left, the memory that the process has and what is set aside being taken off.
    pub fn left(&self) -> u64 {
        if self.limit == u64::MAX {
            return u64::MAX;
        }
        // What is mapped and not yet written to is not resident: the greater of the two tells what there will be.
        let taken = self.held.load(Ordering::Relaxed).max(resident_bytes()) + self.reserved.load(Ordering::Relaxed);
        // Allocators round up, and a row group being decoded comes and goes.
        (self.limit - self.limit / SLACK).saturating_sub(taken)
    }

    /// Regions that a writer takes whether they fit or not: to write less at a time would make reading a crawl.
    pub(super) fn least_regions(&self) -> usize {
        (self.least_share / self.region as u64).max(1) as usize
    }

    /// Whether one more region fits, which then counts as held.
    pub(super) fn takes_region(&self) -> bool {
        let fits = self.left() >= self.region as u64;
        if fits {
            self.hold();
        }
        fits
    }

    /// Counts one more region as held, whether it fits or not.
    pub(super) fn hold(&self) {
        self.held.fetch_add(self.region as u64, Ordering::Relaxed);
    }

    /// Counts so many regions as let go.
    pub(super) fn release(&self, regions: usize) {
        self.held.fetch_sub((regions * self.region) as u64, Ordering::Relaxed);
    }

    /// A name for one more file to spill to.
    pub(super) fn next_file(&self) -> PathBuf {
        self.folder.join(format!("{:04}", self.files.fetch_add(1, Ordering::Relaxed)))
    }

    /// Notes what went to the disk.
    pub(super) fn note_spilled(&self, bytes: u64) {
        self.spilled.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes written to the disk so far.
    pub fn spilled_bytes(&self) -> u64 {
        self.spilled.load(Ordering::Relaxed)
    }

    /// Removes the folder, and in it the files that readers no longer need.
    pub fn clean(&self) {
        if self.files.load(Ordering::Relaxed) > 0 {
            // What cannot be removed now goes with the next run's sweep of the output's `tmp`.
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        self.clean();
    }
}

/// The resident memory of this process; 0 where the system does not tell.
fn resident_bytes() -> u64 {
    /// Pages of Linux are 4 KiB on every processor that huitou is built for; larger ones would only make it spill later.
    const PAGE: u64 = 4096;
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * PAGE
}
