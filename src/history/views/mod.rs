//! Views: page views shuffled by visitor, each visitor's views walked once in the order of time, and the customers among the visitors kept
//! for the walk over the orders.
//!
//! `record` is a view in the shuffle, `shuffle` deals views out to buckets, `bucket` puts those of a bucket in order, `walk` counts those of a
//! visitor, `counts` is what it counts, `viewers` the days on which customers viewed pages.

mod bucket;
pub mod counts;
mod record;
pub mod shuffle;
pub mod viewers;
pub mod walk;

pub use shuffle::{ViewShuffle, ViewShuffler};
pub use viewers::Viewers;
