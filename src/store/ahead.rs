//! Bytes of an object that are fetched before they are asked for, while others are decoded.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use bytes::Bytes;

use super::bucket::{Bucket, Object};
use super::failure::Failure;

/// The most bytes that are on their way, or there, and that nobody has asked for yet: of all objects together.
const MOST: u64 = 256 << 20;

/// How many there are.
static WAITING: AtomicU64 = AtomicU64::new(0);

/// What a request for ranges gives.
type Parts = Vec<Result<Bytes, Failure>>;

/// Ranges that are on their way.
#[derive(Debug)]
struct Begun {
    ranges: Vec<Range<u64>>,
    bytes: u64,
    thread: Option<JoinHandle<Parts>>,
}

impl Drop for Begun {
    fn drop(&mut self) {
        WAITING.fetch_sub(self.bytes, Relaxed);
    }
}

/// The ranges of one object that are on their way.
#[derive(Debug, Default)]
pub struct Ahead(Mutex<Vec<Begun>>);

impl Ahead {
    /// Begins to fetch ranges, unless too many bytes wait for somebody who asks for them.
    pub fn begin(&self, bucket: &Arc<Bucket>, object: &Arc<Object>, ranges: Vec<Range<u64>>) {
        let bytes = ranges.iter().map(|range| range.end - range.start).sum();
        if WAITING.fetch_add(bytes, Relaxed).saturating_add(bytes) > MOST {
            WAITING.fetch_sub(bytes, Relaxed);
            return;
        }
        let (bucket, object, asked) = (Arc::clone(bucket), Arc::clone(object), ranges.clone());
        let read = move || bucket.read(&asked.into_iter().map(|range| (&*object, range)).collect::<Vec<_>>());
        // Without a thread, whoever asks fetches them.
        let thread = Builder::new().name("ahead".to_owned()).spawn(read).ok();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Begun { ranges, bytes, thread });
    }

    /// Ranges that were begun: waits for them. `None` for others.
    pub fn take(&self, ranges: &[Range<u64>]) -> Option<Parts> {
        let mut begun = {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let place = waiting.iter().position(|begun| begun.ranges == ranges)?;
            waiting.swap_remove(place)
        };
        begun.thread.take()?.join().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_is_given_once() {
        let bucket = Bucket::in_memory("ahead", &[("a", b"0123456789")]);
        let object = Arc::new(bucket.list("").unwrap().remove(0));
        let ahead = Ahead::default();
        ahead.begin(&bucket, &object, vec![1..3, 5..6]);
        assert!(ahead.take(&[1..3, 5..7]).is_none());
        let parts: Vec<Bytes> = ahead.take(&[1..3, 5..6]).unwrap().into_iter().map(Result::unwrap).collect();
        assert_eq!(parts, ["12", "5"]);
        assert!(ahead.take(&[1..3, 5..6]).is_none());
        ahead.begin(&bucket, &object, vec![0..MOST, 0..1]);
        assert!(ahead.take(&[0..MOST, 0..1]).is_none(), "too many at once");
    }
}
