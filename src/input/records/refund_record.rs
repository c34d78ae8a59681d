//! Versions of refund applications as records, which the shuffle brings to the partition of their application.

use super::facts::Refund;
use crate::input::mapping::dataset::Dataset;
use crate::partition::{Writer, partition_of};
use crate::spec::{Id, id_hash, id_hash_in_shop};

/// Words of a record; one more follows where the refund names a line, then its texts.
const WORDS: usize = 9;

/// One version of a refund application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::input) struct Version<'a> {
    pub file: u32,
    pub row: u32,
    pub modified: i64,
    pub id: Id<'a>,
    /// The order; `None` for a refund that names its customer alone.
    pub order: Option<Id<'a>>,
    /// The customer, where the input names one.
    pub customer: Option<Id<'a>>,
    /// The line of the order, where a paid refund names one.
    pub line: Option<Id<'a>>,
    /// Whether the earlier reading that this one is compared with knew it: see [`super::refunds_then`].
    pub was_known: bool,
    /// The shop is a provisional code.
    pub refund: Refund,
}

/// Which ids of a dataset of refunds are texts; the others are integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::input) struct RefundTextIds {
    pub refund: bool,
    pub order: bool,
    pub customer: bool,
    pub line: bool,
}

impl RefundTextIds {
    pub fn of(dataset: &Dataset) -> RefundTextIds {
        let is_text = |column| dataset.id_type(column).is_some_and(|id_type| !id_type.is_integer());
        RefundTextIds {
            refund: is_text("refund_id"),
            order: is_text("order_id"),
            customer: is_text("customer_id"),
            line: is_text("line_id"),
        }
    }
}

impl<'a> Version<'a> {
    /// Writes it to the partition of its application; `shop_hash` is the hash of the shop's id.
    pub fn put(&self, shop_hash: u64, writer: &mut Writer) {
        let Refund { shop, created, completed, amount, intervened, is_open, reason } = self.refund;
        let partition = partition_of(id_hash_in_shop(shop_hash, id_hash(self.id)), writer.partitions());
        let word = |id: Id<'_>| if let Id::Text(text) = id { text.len() as u64 } else { key(id) };
        let flag = u64::from(reason) << 16
            | u64::from(self.was_known) << 6
            | u64::from(self.line.is_some()) << 5
            | u64::from(self.order.is_some()) << 4
            | u64::from(self.customer.is_some()) << 3
            | u64::from(is_open) << 2
            | intervened.map_or(0, |intervened| 1 + u64::from(intervened));
        let words = [
            word(self.id),
            self.order.map_or(0, word),
            self.customer.map_or(0, word),
            u64::from(self.file) << 32 | u64::from(self.row),
            u64::from(shop) << 32 | flag,
            self.modified as u64,
            created as u64,
            completed as u64,
            amount as u64,
            self.line.map_or(0, word),
        ];
        let written = WORDS + usize::from(self.line.is_some());
        writer.put::<{ 8 * (WORDS + 1) }>(partition, |room| {
            for (room, word) in room.chunks_exact_mut(8).zip(words.into_iter().take(written)) {
                room.copy_from_slice(&word.to_le_bytes());
            }
            8 * written
        });
        for id in [Some(self.id), self.order, self.customer, self.line] {
            if let Some(Id::Text(text)) = id {
                writer.append(partition, text.as_bytes());
            }
        }
    }

    /// Reads the version at the beginning of `bytes`; returns the remaining bytes too.
    pub fn read(bytes: &'a [u8], texts: RefundTextIds) -> Option<(Version<'a>, &'a [u8])> {
        let (record, mut rest) = bytes.split_first_chunk::<{ 8 * WORDS }>()?;
        let mut words = [0_u64; WORDS];
        for (word, bytes) in words.iter_mut().zip(record.chunks_exact(8)) {
            *word = u64::from_le_bytes(*bytes.first_chunk()?);
        }
        let [id, order, customer, place, shop, modified, created, completed, amount] = words;
        let mut line = None;
        if shop & 32 != 0 {
            let (word, behind) = rest.split_first_chunk::<8>()?;
            line = Some(u64::from_le_bytes(*word));
            rest = behind;
        }
        let mut read = |is_text: bool, word: u64| -> Option<Id<'a>> {
            if !is_text {
                return Some(Id::Integer(word));
            }
            let (text, behind) = rest.split_at_checked(word as usize)?;
            rest = behind;
            Some(Id::Text(std::str::from_utf8(text).unwrap_or_default()))
        };
        let id = read(texts.refund, id)?;
        let order = if shop & 16 == 0 { None } else { Some(read(texts.order, order)?) };
        let customer = if shop & 8 == 0 { None } else { Some(read(texts.customer, customer)?) };
        let line = match line {
            Some(word) => Some(read(texts.line, word)?),
            None => None,
        };
        let intervened = if shop & 3 == 0 { None } else { Some(shop & 3 == 2) };
        let refund = Refund {
            shop: (shop >> 32) as u32,
            created: created as i64,
            completed: completed as i64,
            amount: amount as i64,
            intervened,
            is_open: shop & 4 != 0,
            reason: (shop >> 16) as u16,
        };
        let (file, row) = ((place >> 32) as u32, place as u32);
        Some((Version { file, row, modified: modified as i64, id, order, customer, line, was_known: shop & 64 != 0, refund }, rest))
    }
}

fn key(id: Id<'_>) -> u64 {
    if let Id::Integer(key) = id { key } else { 0 }
}
