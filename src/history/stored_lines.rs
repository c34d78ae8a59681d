//! Stored lines: the lines of files that an earlier run read, kept as records in blocks, and how they come back: a few blocks as lines that
//! are dealt out anew, many of them bucket by bucket, whenever the run needs one.

use hashbrown::HashMap;

use super::bucket::BucketIds;
use super::ranks::Ranks;
use super::record::{self, PADDING};
use super::row::{NOT_COMPLETED, NOT_SHIPPED, Row, TextIds};
use crate::input::records::orders::Line;
use crate::partition::stored::StoredPartitions;
use crate::spec::{DAY_MICROSECONDS, NO_TIME, NO_VALUE};

/// The number of a file that is not read any more.
pub const NO_FILE: u32 = u32::MAX;

/// What the codes of stored lines stand for in this run: provisional codes by stored code, those of shops from 0, all others from 1.
#[derive(Debug, Clone, Default)]
pub struct StoredCodes {
    /// The shops, each with the hash of its id.
    pub shops: HashMap<u32, (u32, u64)>,
    /// Channels.
    pub channels: HashMap<u32, u32>,
    /// Provinces.
    pub provinces: HashMap<u32, u32>,
    /// Categories.
    pub categories: HashMap<u32, u32>,
    /// Items.
    pub items: HashMap<u32, u32>,
    /// Promotions.
    pub promotions: HashMap<u32, u32>,
    /// Titles of items.
    pub titles: HashMap<u32, u32>,
    /// By stored file: its place among the files of the input, or [`NO_FILE`].
    pub files: Vec<u32>,
}

impl StoredCodes {
    fn of(map: &HashMap<u32, u32>, code: u32) -> u32 {
        if code == NO_VALUE { NO_VALUE } else { map.get(&code).copied().unwrap_or(NO_VALUE) }
    }

    /// Calls `each` with the stored lines in `bytes`, to which it appends the bytes that a reader may touch behind the last record.
    pub fn lines(&self, bytes: &mut Vec<u8>, text: TextIds, mut each: impl FnMut(Line<'_>)) {
        let end = bytes.len();
        bytes.resize(end + PADDING, 0);
        let mut at = 0;
        while at < end {
            let Some((row, title)) = record::read(bytes, &mut at, text) else { break };
            let file = self.files.get(row.file as usize).copied().unwrap_or(NO_FILE);
            let Some((shop, shop_hash)) = self.shops.get(&row.shop).copied().filter(|_| file != NO_FILE) else { continue };
            let row = Row { file, shop, ..row };
            let line = line_of(&row, BucketIds { bytes, text, shop_hashes: &[] });
            each(Line {
                shop_hash,
                category: Self::of(&self.categories, row.category),
                channel: Self::of(&self.channels, row.channel.into()),
                province: Self::of(&self.provinces, row.province.into()),
                item: Self::of(&self.items, row.item),
                promotion: Self::of(&self.promotions, row.promotion.into()),
                title: Self::of(&self.titles, title),
                ..line
            });
        }
    }

    /// The final codes by stored code, where `ranks` has those by provisional code.
    pub fn ranked(&self, ranks: &Ranks) -> Ranks {
        let by_code = |map: &HashMap<u32, u32>, ranks: Option<&[u32]>| {
            let codes = map.keys().max().map_or(1, |last| *last as usize + 1);
            let mut found = vec![0; codes];
            for (stored, code) in map {
                if let Some(place) = found.get_mut(*stored as usize) {
                    *place = ranks.map_or(*code, |ranks| ranks.get(*code as usize).copied().unwrap_or(0));
                }
            }
            found
        };
        let shops = self.shops.iter().map(|(stored, (code, _))| (*stored, *code)).collect();
        Ranks {
            shops: by_code(&shops, Some(&ranks.shops)),
            channels: by_code(&self.channels, Some(&ranks.channels)),
            provinces: by_code(&self.provinces, Some(&ranks.provinces)),
            categories: by_code(&self.categories, Some(&ranks.categories)),
            items: by_code(&self.items, Some(&ranks.items)),
            promotions: by_code(&self.promotions, Some(&ranks.promotions)),
            titles: by_code(&self.titles, None),
        }
    }
}

/// The line of a row, with the row's codes and without title.
pub(super) fn line_of<'a>(row: &Row, ids: BucketIds<'a>) -> Line<'a> {
    Line {
        file: row.file,
        row: row.row,
        shop: row.shop,
        shop_hash: 0,
        order: ids.order(row),
        line: Some(ids.line(row)),
        customer: Some(ids.customer(row)),
        alias: row.alias,
        is_anonymous: row.is_anonymous,
        modified: row.modified,
        created: row.created,
        paid: row.paid,
        shipped: if row.shipped == NOT_SHIPPED { NO_TIME } else { i64::from(row.shipped) * 1_000_000 },
        completed: if row.completed == NOT_COMPLETED { NO_TIME } else { i64::from(row.completed) * DAY_MICROSECONDS },
        placed_amount: row.placed_amount,
        paid_amount: row.paid_amount,
        refunded: row.refunded,
        quantity: row.quantity,
        category: row.category,
        channel: row.channel.into(),
        province: row.province.into(),
        item: row.item,
        promotion: row.promotion.into(),
        title: NO_VALUE,
        discount: row.discount,
        is_closed: row.is_closed,
        awaited: row.awaited,
    }
}

/// The stored lines that a run reads bucket by bucket.
#[derive(Debug)]
pub struct StoredLines {
    /// The records, by customer.
    pub lines: StoredPartitions,
    /// How many there are.
    pub rows: u64,
    /// Their codes.
    pub codes: StoredCodes,
    /// The final codes by stored code.
    pub ranks: Ranks,
}
