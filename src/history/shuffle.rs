//! The shuffle: order lines brought to buckets by a hash of their customer, so that all that belongs to a customer lies together.

use crate::input::ids::LONGEST_ID;
use crate::input::orders::Line;
use crate::spec::{Id, NO_TIME, day_of_time, id_hash, id_hash_within};

/// A line as it travels: ids are order-preserving keys, or places in the text of its bucket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub customer: u64,
    pub order: u64,
    pub line: u64,
    pub modified: i64,
    pub created: i64,
    pub paid: i64,
    pub placed_amount: i64,
    pub paid_amount: i64,
    pub refunded: i64,
    /// Whole seconds since 1970, local time; [`NOT_SHIPPED`].
    pub shipped: u32,
    pub quantity: u32,
    pub file: u32,
    pub row: u32,
    pub shop: u32,
    pub category: u32,
    pub channel: u16,
    pub province: u16,
    /// Days since 1970; [`NOT_COMPLETED`].
    pub completed: u16,
}

/// The shipping time of what was not shipped.
pub(super) const NOT_SHIPPED: u32 = u32::MAX;

/// The completion day of what was not completed.
pub(super) const NOT_COMPLETED: u16 = u16::MAX;

/// Rows of a chunk: chunks never move once they are full, so that no row is copied by growing.
const CHUNK_ROWS: usize = 256;

/// Bits of the length in a place; the reader of the orders rejects ids longer than that (see [`LONGEST_ID`]).
const LENGTH_BITS: u32 = (LONGEST_ID + 1).trailing_zeros();

/// Distinct channels and provinces that a run can tell apart.
pub const MOST_VALUES: usize = u16::MAX as usize - 1;

/// Lines of one bucket as one thread met them.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub chunks: Vec<Vec<Row>>,
    pub text: Vec<u8>,
}

impl Part {
    fn push(&mut self, row: Row) {
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < chunk.capacity() => chunk.push(row),
            last => {
                // Small jobs have many almost empty buckets: chunks begin small.
                let rows = last.map_or(16, |chunk| (chunk.capacity() * 2).min(CHUNK_ROWS));
                let mut chunk = Vec::with_capacity(rows);
                chunk.push(row);
                self.chunks.push(chunk);
            }
        }
    }

    fn place(&mut self, id: Id<'_>) -> u64 {
        match id {
            Id::Integer(key) => key,
            Id::Text(text) => {
                let place = (self.text.len() as u64) << LENGTH_BITS | text.len() as u64;
                self.text.extend_from_slice(text.as_bytes());
                place
            }
        }
    }
}

/// The bytes of a text at a place.
pub(super) fn text_at(text: &[u8], place: u64) -> &[u8] {
    let from = (place >> LENGTH_BITS) as usize;
    text.get(from..from + (place & LONGEST_ID as u64) as usize).unwrap_or_default()
}

/// The place of a text after `base` bytes were put before it.
pub(super) fn moved(place: u64, base: usize) -> u64 {
    place + ((base as u64) << LENGTH_BITS)
}

/// A hash of an id within a shop; only ever a hint where to look, never an identity.
pub(super) fn hash(shop: u32, id: Id<'_>) -> u64 {
    id_hash_within(shop, id_hash(id))
}

/// One thread's side of the shuffle.
#[derive(Debug)]
pub struct Shuffler {
    pub(super) parts: Vec<Part>,
    pub(super) rows: u64,
}

impl Shuffler {
    /// A shuffler into that many buckets, a power of two.
    pub fn new(buckets: usize) -> Self {
        Shuffler { parts: (0..buckets).map(|_| Part::default()).collect(), rows: 0 }
    }

    /// Buckets for that many lines: some thousand lines each, so that a bucket is sorted within the caches.
    pub fn buckets_for(lines: u64) -> usize {
        (lines / 24_576).next_power_of_two().clamp(1, 2_048) as usize
    }

    /// Takes a line in.
    #[inline]
    pub fn push(&mut self, line: &Line<'_>) {
        // Without customers every order stands for itself.
        let customer = line.customer.unwrap_or(line.order);
        let bucket = (hash(line.shop, customer) >> 32) as usize & (self.parts.len() - 1);
        let part = &mut self.parts[bucket];
        let row = Row {
            customer: part.place(customer),
            order: part.place(line.order),
            line: line.line.map_or(0, |id| part.place(id)),
            modified: line.modified,
            created: line.created,
            paid: line.paid,
            placed_amount: line.placed_amount,
            paid_amount: line.paid_amount,
            refunded: line.refunded,
            shipped: if line.shipped == NO_TIME { NOT_SHIPPED } else { u32::try_from(line.shipped / 1_000_000).unwrap_or(NOT_SHIPPED) },
            quantity: line.quantity,
            file: line.file,
            row: line.row,
            shop: line.shop,
            category: line.category,
            channel: line.channel as u16,
            province: line.province as u16,
            completed: if line.completed == NO_TIME {
                NOT_COMPLETED
            } else {
                u16::try_from(day_of_time(line.completed)).unwrap_or(NOT_COMPLETED)
            },
        };
        part.push(row);
        self.rows += 1;
    }
}

/// Provisional codes to codes in the order of the values.
#[derive(Debug, Default)]
pub struct Ranks {
    /// By provisional code of a shop.
    pub shops: Vec<u32>,
    /// By provisional code from 1; [0] is 0.
    pub channels: Vec<u32>,
    /// As `channels`.
    pub provinces: Vec<u32>,
    /// As `channels`.
    pub categories: Vec<u32>,
}

/// What all threads shuffled, ready to be read bucket by bucket.
#[derive(Debug, Default)]
pub struct Shuffled {
    shufflers: Vec<Shuffler>,
    ranks: Ranks,
    /// Whether customers, orders, lines are text.
    pub(super) is_text: [bool; 3],
}

/// The lines of a bucket, their codes put in order.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    pub rows: Vec<Row>,
    pub text: Vec<u8>,
}

impl Shuffled {
    /// All shufflers together; `is_text` says whether customers, orders and lines are text.
    pub fn new(shufflers: Vec<Shuffler>, ranks: Ranks, is_text: [bool; 3]) -> Self {
        Shuffled { shufflers, ranks, is_text }
    }

    /// How many buckets there are.
    pub fn buckets(&self) -> usize {
        self.shufflers.first().map_or(0, |shuffler| shuffler.parts.len())
    }

    /// How many lines there are.
    pub fn rows(&self) -> u64 {
        self.shufflers.iter().map(|shuffler| shuffler.rows).sum()
    }

    /// Gathers a bucket into `bucket`, whose memory is used again.
    pub(super) fn gather(&self, number: usize, bucket: &mut Bucket) {
        bucket.rows.clear();
        bucket.text.clear();
        let rank = |ranks: &[u32], code: u32| ranks.get(code as usize).copied().unwrap_or(0);
        for part in self.shufflers.iter().filter_map(|shuffler| shuffler.parts.get(number)) {
            let base = bucket.text.len();
            bucket.text.extend_from_slice(&part.text);
            for row in part.chunks.iter().flatten() {
                let mut row = *row;
                row.shop = rank(&self.ranks.shops, row.shop);
                row.category = rank(&self.ranks.categories, row.category);
                row.channel = rank(&self.ranks.channels, u32::from(row.channel)) as u16;
                row.province = rank(&self.ranks.provinces, u32::from(row.province)) as u16;
                for (is_text, place) in self.is_text.iter().zip([&mut row.customer, &mut row.order, &mut row.line]) {
                    if *is_text {
                        *place = moved(*place, base);
                    }
                }
                bucket.rows.push(row);
            }
        }
    }
}
