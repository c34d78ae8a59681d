//! Refunds by order: brought to the bucket in which the order's lines lie, found there by the order's id.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::census::{Asked, Findings};
use super::shuffle::hash;
use crate::input::codes::OwnedId;
use crate::input::facts::Refund;
use crate::input::refunds::Application;
use crate::spec::{Id, NO_TIME};

/// A refund that was paid out by the as-of date, or waits for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The refund's position among the applications.
    pub position: u32,
    /// What was paid out, in minor units.
    pub amount: i64,
    /// Whether it is neither paid out nor closed.
    pub is_open: bool,
}

/// An application where it is looked for, with all that settling needs of it.
#[derive(Debug)]
struct Place {
    bucket: u32,
    position: u32,
    /// Of the order within its shop.
    hash: u64,
    shop: u32,
    /// Whether the pass met the order.
    is_known: AtomicBool,
    order: OwnedId,
    /// When it was paid out, or [`NO_TIME`].
    completed: i64,
    amount: i64,
    is_open: bool,
}

/// Bytes that an application takes beside itself while histories are settled.
pub const PLACE_BYTES: u64 = size_of::<Place>() as u64;

/// The refund applications, found by their orders.
#[derive(Debug, Default)]
pub struct RefundIndex {
    applications: Vec<Application>,
    /// Ascending by (bucket, hash of the order, completion, position).
    places: Vec<Place>,
}

/// The orders that settled applications belong to, whose shops are final codes; `provisional` turns these back.
pub fn asked(applications: &[Application], provisional: &[u32]) -> Vec<Asked> {
    let provisional = |shop: u32| provisional.get(shop as usize).copied().unwrap_or(0);
    let ask = |(position, application): (usize, &Application)| {
        let shop = provisional(application.refund.shop);
        Asked { order: hash(shop, application.order.id()), shop, position: position as u32 }
    };
    applications.par_iter().enumerate().map(ask).collect()
}

impl RefundIndex {
    /// An index over settled applications, whose shops are final codes, and whose buckets the census found. Of refunds completed
    /// at one moment the one that stands first among the applications comes first.
    pub fn new(applications: Vec<Application>, findings: &mut Findings) -> Self {
        let places = std::mem::take(&mut findings.refunds).into_par_iter().filter_map(|(bucket, position)| {
            let application = applications.get(position as usize)?;
            let Refund { shop, completed, amount, is_open, .. } = application.refund;
            let hash = hash(shop, application.order.id());
            Some(Place {
                bucket,
                position,
                hash,
                shop,
                is_known: AtomicBool::new(false),
                order: application.order.clone(),
                completed,
                amount,
                is_open,
            })
        });
        let mut places: Vec<Place> = places.collect();
        places.par_sort_unstable_by_key(|place| (place.bucket, place.hash, place.completed, place.position));
        // Two customers of an order may lie in one bucket.
        places.dedup_by_key(|place| (place.bucket, place.position));
        RefundIndex { applications, places }
    }

    /// The applications, in the order in which they were given.
    pub fn applications(&self) -> &[Application] {
        &self.applications
    }

    /// The applications, the index let go.
    pub fn into_applications(self) -> Vec<Application> {
        self.applications
    }

    /// The refunds of the orders of one bucket.
    pub(super) fn of_bucket(&self, bucket: usize) -> BucketRefunds<'_> {
        let from = self.places.partition_point(|place| (place.bucket as usize) < bucket);
        let until = self.places.partition_point(|place| place.bucket as usize <= bucket);
        let places = &self.places[from..until];
        let mut filter = [0; WORDS];
        for place in places {
            let (word, bit) = bit_of(place.hash);
            filter[word] |= bit;
        }
        BucketRefunds { places, filter }
    }

    /// How many applications belong to orders that the pass did not meet.
    pub fn unknown(&self) -> usize {
        let mut is_known = vec![false; self.applications.len()];
        for place in self.places.iter().filter(|place| place.is_known.load(Ordering::Relaxed)) {
            is_known[place.position as usize] = true;
        }
        is_known.iter().filter(|is_known| !**is_known).count()
    }
}

/// Words of the filter.
const WORDS: usize = 128;

/// The bit of the filter that stands for a hash.
fn bit_of(hash: u64) -> (usize, u64) {
    ((hash >> 6) as usize % WORDS, 1 << (hash & 63))
}

/// The refunds of the orders of one bucket.
pub(super) struct BucketRefunds<'a> {
    places: &'a [Place],
    /// A bit for each hash: most orders have no refund, and this is the shortest way to know it.
    filter: [u64; WORDS],
}

impl<'a> BucketRefunds<'a> {
    /// The refunds of an order that are paid out or open, by (completion, id). The order is known from now on.
    #[inline]
    pub fn of(&self, shop: u32, order: Id<'_>) -> impl Iterator<Item = Claim> {
        let hash = hash(shop, order);
        let (word, bit) = bit_of(hash);
        let places = if self.filter[word] & bit == 0 { &[] } else { self.find(hash) };
        places.iter().filter_map(move |place| {
            if place.shop != shop || place.order.id() != order {
                return None;
            }
            place.is_known.store(true, Ordering::Relaxed);
            let Place { position, amount, is_open, .. } = *place;
            (place.completed != NO_TIME || is_open).then_some(Claim { position, amount, is_open })
        })
    }

    /// The places of a hash.
    fn find(&self, hash: u64) -> &'a [Place] {
        let from = self.places.partition_point(|place| place.hash < hash);
        let rest = &self.places[from..];
        &rest[..rest.iter().take_while(|place| place.hash == hash).count()]
    }
}
