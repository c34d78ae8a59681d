//! Reading ahead: what the next pieces need is on its way while a piece is decoded, where files lie in a store, which answers late.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use parquet::arrow::ProjectionMask;

use super::batch::Piece;
use crate::input::mapping::dataset::Dataset;
use crate::input::parquet_files::place::Place;
use crate::input::parquet_files::prefetch::Prefetched;

/// Pieces that are on their way for each thread.
const FOR_EACH_THREAD: usize = 4;

impl Dataset {
    /// Begins to fetch what decoding a piece will ask for, if its file lies in a store.
    fn begin(&self, piece: Piece) {
        let Some(opened) = self.files.get(piece.file) else { return };
        let Place::Store(file) = &opened.file.place else { return };
        let Some(row_group) = opened.metadata.metadata().row_groups().get(piece.row_group) else { return };
        let mask = ProjectionMask::roots(opened.metadata.parquet_schema(), self.projection(opened));
        if let Some(ranges) = Prefetched::ranges(row_group, opened.bytes, true, |leaf| mask.leaf_included(leaf)) {
            file.ahead.begin(&file.bucket, &file.object, ranges);
        }
    }
}

/// How far ahead of the pieces that are decoded others are on their way.
pub(super) struct Lead<'a> {
    dataset: &'a Dataset,
    pieces: &'a [Piece],
    next: AtomicUsize,
}

impl<'a> Lead<'a> {
    /// One for the pieces of a dataset; `None` where its files are on a disk.
    pub fn of(dataset: &'a Dataset, pieces: &'a [Piece]) -> Option<Self> {
        let is_in_store = dataset.files.first().is_some_and(|file| file.file.place.on_disk().is_none());
        is_in_store.then_some(Lead { dataset, pieces, next: AtomicUsize::new(0) })
    }

    /// Keeps the lead when a thread takes the piece at that place; only pieces that `is_decoded` are fetched.
    pub fn keep(&self, taken: usize, mut is_decoded: impl FnMut(Piece) -> bool) {
        self.next.fetch_max(taken + 1, Relaxed);
        let end = self.pieces.len().min(taken + 1 + FOR_EACH_THREAD * rayon::current_num_threads());
        while let Ok(at) = self.next.fetch_update(Relaxed, Relaxed, |next| (next < end).then_some(next + 1)) {
            if let Some(piece) = self.pieces.get(at).filter(|piece| is_decoded(**piece)) {
                self.dataset.begin(*piece);
            }
        }
    }
}
