//! Zstandard: one context for each thread, since contexts are large and take as long to make as a small page or block to unpack.

use std::cell::RefCell;
use std::io;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::WriteBuf;

/// The lowest level, since every night reads what one night wrote.
const LEVEL: i32 = 1;

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses bytes.
///
/// # Errors
/// Where a context cannot be made.
pub(super) fn compress(bytes: &[u8]) -> io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| match kept {
        Some(compressor) => compressor.compress(bytes),
        None => kept.insert(Compressor::new(LEVEL)?).compress(bytes),
    })
}

/// Unpacks bytes into a buffer, and returns their number.
///
/// # Errors
/// Where they are damaged, or more than the buffer has room for.
pub fn decompress(compressed: &[u8], into: &mut (impl WriteBuf + ?Sized)) -> io::Result<usize> {
    DECOMPRESSOR.with_borrow_mut(|kept| match kept {
        Some(decompressor) => decompressor.decompress_to_buffer(compressed, into),
        None => kept.insert(Decompressor::new()?).decompress_to_buffer(compressed, into),
    })
}
