//! Versions of affiliate orders: the last one of each row counts, and of an order line only one publisher may earn.

use super::affiliates::{AffiliateRow, Commission};
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Account, Reason, Reject, RowKeys};
use crate::input::rows::partition_parts::Parts;
use crate::input::rows::repeated::{Placed, Repeats};
use crate::input::values::codes::Codes;
use crate::partition::record::{Records, put};
use crate::partition::{Writer, partition_of};
use crate::spec::{Day, Id, IdType, id_hash, id_hash_in_shop};

/// A version of a row, with ids in the bytes of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version<'a> {
    pub file: u32,
    pub row: u32,
    /// When it was made, as [`crate::input::rows::scan::Scan::version`] orders them.
    pub modified: i64,
    /// Provisional code.
    pub shop: u32,
    /// One more than the provisional code, 0 for none.
    pub plan: u32,
    /// Provisional code.
    pub publisher: u32,
    pub order: Id<'a>,
    pub line: Option<Id<'a>>,
    pub settled_day: Day,
    pub commission: Commission,
}

/// Which ids of the input are texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct AffiliateTextIds {
    order: bool,
    line: bool,
}

impl AffiliateTextIds {
    pub fn of(dataset: &Dataset) -> Self {
        let is_text = |column| dataset.id_type(column).is_some_and(|id_type| !id_type.is_integer());
        AffiliateTextIds { order: is_text("order_id"), line: is_text("line_id") }
    }
}

/// Two numbers of 32 bits in one word.
fn joined(upper: u32, lower: u32) -> u64 {
    u64::from(upper) << 32 | u64::from(lower)
}

impl<'a> Version<'a> {
    /// Adds the version to the partition of its order.
    pub fn put(&self, shop_hash: u64, writer: &mut Writer) {
        let partition = partition_of(id_hash_in_shop(shop_hash, id_hash(self.order)), writer.partitions());
        let Commission { estimated, settled, clawed_back } = self.commission;
        let words = [
            joined(self.file, self.row),
            joined(self.shop, self.plan),
            joined(self.publisher, u32::from(self.line.is_some())),
            self.modified as u64,
            self.settled_day as u64,
            estimated as u64,
            settled as u64,
            clawed_back as u64,
        ];
        match self.line {
            None => put(writer, partition, &words, &[self.order]),
            Some(line) => put(writer, partition, &words, &[self.order, line]),
        }
    }

    fn read(records: &mut Records<'a>, texts: AffiliateTextIds) -> Option<Version<'a>> {
        let [place, shop, publisher, modified, settled_day, estimated, settled, clawed_back, order] = records.words()?;
        let line = if publisher as u32 == 0 { None } else { Some(records.words::<1>()?) };
        let order = records.id(texts.order, order)?;
        let line = match line {
            None => None,
            Some([word]) => Some(records.id(texts.line, word)?),
        };
        Some(Version {
            file: (place >> 32) as u32,
            row: place as u32,
            modified: modified as i64,
            shop: (shop >> 32) as u32,
            plan: shop as u32,
            publisher: (publisher >> 32) as u32,
            order,
            line,
            settled_day: settled_day as Day,
            commission: Commission { estimated: estimated as i64, settled: settled as i64, clawed_back: clawed_back as i64 },
        })
    }

    /// What a row is about: versions of it have the same.
    fn key(&self) -> (u32, Id<'a>, Option<Id<'a>>, u32) {
        (self.shop, self.order, self.line, self.publisher)
    }
}

/// How versions are known, and what the codes mean.
pub(super) struct Rules<'a> {
    pub texts: AffiliateTextIds,
    /// Whether rows have a time of modification; without one, different rows of one file or of two parts are no versions.
    pub has_versions: bool,
    pub parts: &'a Parts,
    /// By provisional code of a plan or publisher: its place among all.
    pub plan_ranks: &'a [u32],
    pub publisher_ranks: &'a [u32],
    pub publishers: &'a [String],
    pub shops: &'a Codes,
    /// Those of shops, orders and lines.
    pub types: [IdType; 3],
}

impl Rules<'_> {
    fn publisher(&self, version: &Version<'_>) -> u32 {
        self.publisher_ranks.get(version.publisher as usize).copied().unwrap_or(0)
    }

    fn name(&self, publisher: u32) -> &str {
        self.publishers.get(publisher as usize).map_or("", String::as_str)
    }
}

/// The last versions of rows.
pub(super) struct Settled {
    pub rows: Vec<AffiliateRow>,
    pub rejects: Vec<Reject>,
    /// By file: rows used and rows superseded.
    pub accounts: Vec<Account>,
    /// Rows of one key where nothing says which of them is newer.
    pub repeats: Repeats,
    /// Rows superseded by a row of another part of the input.
    pub across_parts: u64,
}

/// The smallest and the greatest of the publishers of some rows.
#[derive(Debug, Clone, Copy)]
struct Publishers {
    least: u32,
    most: u32,
}

impl Publishers {
    const NONE: Publishers = Publishers { least: u32::MAX, most: 0 };

    fn of(rows: &[Version<'_>], rules: &Rules<'_>) -> Publishers {
        rows.iter().fold(Publishers::NONE, |found, row| {
            let own = rules.publisher(row);
            Publishers { least: found.least.min(own), most: found.most.max(own) }
        })
    }

    /// One that is not this one.
    fn other_than(self, publisher: u32) -> Option<u32> {
        [self.least, self.most].into_iter().find(|other| *other != publisher && self.least <= self.most)
    }
}

impl Settled {
    pub fn new(files: usize) -> Self {
        Settled {
            rows: Vec::new(),
            rejects: Vec::new(),
            accounts: vec![Account::default(); files],
            repeats: Repeats::default(),
            across_parts: 0,
        }
    }

    /// Adds the last version of each row of a partition: by modification, then by the order of files and rows.
    pub fn last_versions(&mut self, bytes: &[u8], rules: &Rules<'_>) {
        let mut records = Records::new(bytes);
        let mut versions: Vec<Version<'_>> = Vec::new();
        while let Some(version) = Version::read(&mut records, rules.texts) {
            versions.push(version);
        }
        versions.sort_unstable_by(|a, b| (a.key(), a.modified, a.file, a.row).cmp(&(b.key(), b.modified, b.file, b.row)));
        let mut last: Vec<Version<'_>> = Vec::new();
        for versions in versions.chunk_by(|a, b| a.key() == b.key()) {
            let Some((used, older)) = versions.split_last() else { continue };
            if !rules.has_versions && !older.is_empty() {
                let rows: Vec<Placed<&Version<'_>>> =
                    versions.iter().map(|value| Placed { file: value.file as usize, row: u64::from(value.row), value }).collect();
                self.repeats
                    .note(rules.parts, &rows, |a, b| (a.plan, a.settled_day, a.commission) == (b.plan, b.settled_day, b.commission));
            }
            let part = |version: &Version<'_>| rules.parts.of_file(version.file as usize);
            self.across_parts += older.iter().filter(|version| part(version) != part(used)).count() as u64;
            for version in older {
                if let Some(account) = self.accounts.get_mut(version.file as usize) {
                    account.superseded += 1;
                }
            }
            last.push(*used);
        }
        for order in last.chunk_by(|a, b| (a.shop, a.order) == (b.shop, b.order)) {
            self.judge(order, rules);
        }
    }

    /// Keeps the rows of an order, of which those without a line come first, unless another publisher claims the same line: a row without a
    /// line claims all.
    fn judge(&mut self, order: &[Version<'_>], rules: &Rules<'_>) {
        let lines = order.partition_point(|row| row.line.is_none());
        let (whole, lines) = order.split_at(lines);
        let of_whole = Publishers::of(whole, rules);
        let of_all = Publishers::of(order, rules);
        for row in whole {
            self.keep(row, of_all, rules);
        }
        for same_line in lines.chunk_by(|a, b| a.line == b.line) {
            let of_line = Publishers::of(same_line, rules);
            let claiming = Publishers { least: of_line.least.min(of_whole.least), most: of_line.most.max(of_whole.most) };
            for row in same_line {
                self.keep(row, claiming, rules);
            }
        }
    }

    /// Keeps a row whose line only its own publisher claims, and rejects another.
    fn keep(&mut self, row: &Version<'_>, claiming: Publishers, rules: &Rules<'_>) {
        let publisher = rules.publisher(row);
        if let Some(other) = claiming.other_than(publisher) {
            let [shop_type, order_type, line_type] = &rules.types;
            self.rejects.push(Reject {
                file: row.file as usize,
                row: u64::from(row.row),
                reason: Reason::PublisherConflict,
                detail: format!("publisher_id: {}, the same line is claimed by {}", rules.name(publisher), rules.name(other)),
                keys: RowKeys {
                    shop: rules.shops.value(row.shop).map(|shop| shop_type.show(shop.id())),
                    order: Some(order_type.show(row.order)),
                    line: row.line.map(|line| line_type.show(line)),
                    customer: None,
                },
            });
            return;
        }
        if let Some(account) = self.accounts.get_mut(row.file as usize) {
            account.used += 1;
        }
        let plan = (row.plan as usize).checked_sub(1).and_then(|plan| rules.plan_ranks.get(plan)).map_or(0, |rank| rank + 1);
        self.rows.push(AffiliateRow {
            file: row.file,
            row: row.row,
            shop: row.shop,
            plan,
            publisher: publisher + 1,
            order: row.order.into(),
            line: row.line.map(Into::into),
            settled_day: row.settled_day,
            commission: row.commission,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::partition::{Budget, Partitions};

    /// A version of row `row`, made at `modified`: publisher and line of order 8.
    fn version(row: u32, modified: i64, publisher: u32, line: Option<u64>) -> Version<'static> {
        Version {
            file: 0,
            row,
            modified,
            shop: 0,
            plan: 1,
            publisher,
            order: Id::Text("八"),
            line: line.map(Id::Integer),
            settled_day: 9,
            commission: Commission::of(i64::from(row) + 100, None, 0),
        }
    }

    /// The rows that are used, and those that are rejected with their details.
    fn settled(versions: &[Version<'_>]) -> (Vec<u32>, Vec<(u64, String)>, u64) {
        let mut writer = Writer::new(1, Arc::new(Budget::unlimited()));
        versions.iter().for_each(|version| version.put(0, &mut writer));
        let mut bytes = Vec::new();
        Partitions::new(vec![writer]).unwrap().read(0, &mut bytes).unwrap();
        let (parts, shops) = (Parts::default(), Codes::default());
        let publishers = ["甲", "乙"].map(str::to_owned);
        let rules = Rules {
            texts: AffiliateTextIds { order: true, line: false },
            has_versions: true,
            parts: &parts,
            plan_ranks: &[0],
            publisher_ranks: &[0, 1],
            publishers: &publishers,
            shops: &shops,
            types: [IdType::text(), IdType::text(), IdType::of(&arrow::datatypes::DataType::UInt64).unwrap()],
        };
        let mut settled = Settled::new(1);
        settled.last_versions(&bytes, &rules);
        settled.rows.sort_by_key(|row| row.row);
        settled.rejects.sort();
        let superseded = settled.accounts[0].superseded;
        assert_eq!(settled.accounts[0].used, settled.rows.len() as u64);
        (
            settled.rows.iter().map(|row| row.row).collect(),
            settled.rejects.into_iter().map(|reject| (reject.row, reject.detail)).collect(),
            superseded,
        )
    }

    #[test]
    fn the_last_version_of_each_line_and_publisher_counts() {
        let found = settled(&[version(0, 30, 0, Some(1)), version(1, 20, 0, Some(1)), version(2, 10, 0, Some(2)), version(3, 10, 0, None)]);
        assert_eq!(found, (vec![0, 2, 3], vec![], 1));
    }

    #[test]
    fn a_line_of_two_publishers_is_rejected_and_the_other_lines_are_kept() {
        let conflict = |row, own: &str, other: &str| (row, format!("publisher_id: {own}, the same line is claimed by {other}"));
        let found = settled(&[version(0, 1, 0, Some(1)), version(1, 1, 1, Some(1)), version(2, 1, 1, Some(2))]);
        assert_eq!(found, (vec![2], vec![conflict(0, "甲", "乙"), conflict(1, "乙", "甲")], 0));
        // A row without a line claims all of them: 甲's own line stays, that of 乙 and the whole order do not.
        let found = settled(&[version(0, 1, 0, None), version(1, 1, 0, Some(1)), version(2, 1, 1, Some(2))]);
        assert_eq!(found, (vec![1], vec![conflict(0, "甲", "乙"), conflict(2, "乙", "甲")], 0));
    }

    #[test]
    fn a_commission_is_settled_clawed_back_or_due() {
        let of = |estimated, settled, clawed_back| {
            let commission = Commission::of(estimated, settled, clawed_back);
            [commission.estimated, commission.settled, commission.clawed_back, commission.due()]
        };
        assert_eq!(of(1000, None, 0), [1000, 0, 0, 1000]);
        // Taken back before the settlement, more than there was.
        assert_eq!(of(1000, None, 1200), [1000, 0, 1000, 0]);
        // A settlement below the estimate: the rest will not come.
        assert_eq!(of(1000, Some(700), 0), [1000, 700, 300, 0]);
        assert_eq!(of(1000, Some(1000), 1000), [1000, 0, 1000, 0]);
        // A settlement above it corrects the estimate.
        assert_eq!(of(1000, Some(1100), 0), [1100, 1100, 0, 0]);
        assert_eq!(of(1000, Some(1100), 300), [1100, 800, 300, 0]);
    }
}
