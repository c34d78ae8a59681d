//! The shuffle of views: deals them out by a hash of shop and visitor, so that all views of a visitor of a shop are in one bucket.

use std::sync::Arc;

use super::record::{self, MOST};
use crate::error::Result;
use crate::input::records::page_views::PageView;
use crate::partition::{Budget, Partitions, Writer, partition_of, partitions_for};
use crate::spec::{Id, id_hash, id_hash_in_shop};

/// Views of a bucket at most, roughly: they fit the caches of a processor while they are put in order.
const BUCKET_VIEWS: u64 = 16_384;

/// Bytes of a bucket that a thread should buffer before it writes them to disk: disks are read in pieces of that size.
const BUCKET_BYTES: u64 = 16 << 10;

/// Bytes that a view takes while its bucket is counted, roughly: as a record and as a row.
const COUNTING_BYTES: u64 = 160;

/// The part of the limit that the buckets being counted may take.
const COUNTING_SHARE: u64 = 8;

/// The shuffle, shared by all threads.
#[derive(Debug)]
pub struct ViewShuffle {
    buckets: usize,
    budget: Arc<Budget>,
}

impl ViewShuffle {
    /// Starts a shuffle of that many views. The number of buckets, a power of two, depends on views, threads and memory; no figure does.
    pub fn new(views: u64, budget: &Arc<Budget>) -> Self {
        let threads = rayon::current_num_threads() as u64;
        let best = partitions_for(views, BUCKET_VIEWS);
        let fitting = 1_usize << (budget.left() / (threads * BUCKET_BYTES)).max(1).ilog2().min(usize::BITS - 1);
        let needed = partitions_for(views.saturating_mul(COUNTING_BYTES * threads), (budget.limit() / COUNTING_SHARE).max(1));
        ViewShuffle { buckets: best.min(fitting.max(needed)), budget: Arc::clone(budget) }
    }

    /// A writer for one thread.
    pub fn shuffler(&self) -> ViewShuffler {
        ViewShuffler { writer: Writer::new(self.buckets, Arc::clone(&self.budget)) }
    }
}

/// The writer of one thread.
#[derive(Debug)]
pub struct ViewShuffler {
    writer: Writer,
}

impl ViewShuffler {
    /// Adds a view.
    #[inline]
    pub fn push(&mut self, view: &PageView<'_>) {
        let bucket = partition_of(id_hash_in_shop(view.shop_hash, id_hash(view.visitor)), self.writer.partitions());
        self.writer.put::<MOST>(bucket, |room| record::write(view, room));
        for id in [Some(view.visitor), view.customer] {
            if let Some(Id::Text(text)) = id {
                self.writer.append(bucket, text.as_bytes());
            }
        }
    }

    /// Checks that all views were written.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where the disk is full.
    pub fn check(&self) -> Result<()> {
        self.writer.check()
    }
}

/// The views of all threads, to be read bucket by bucket.
///
/// # Errors
/// [`crate::error::Error::Output`] where the disk was full.
pub fn shuffled(shufflers: Vec<ViewShuffler>) -> Result<Partitions> {
    Partitions::new(shufflers.into_iter().map(|shuffler| shuffler.writer).collect())
}
