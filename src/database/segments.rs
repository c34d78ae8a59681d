//! `segments`: the dimension of customers' segments. A row for every segment of every scheme, with its names in English and Chinese and
//! its place in the order in which people read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;

use super::definition::{ColumnDefinition, Definition, SqlType};
use crate::error::Result;
use crate::spec::NONE;

/// The name of the table.
pub(super) const SEGMENTS: &str = "segments";

/// The columns of its key.
pub(super) const KEY: [&str; 2] = ["scheme", "segment"];

/// The segments that every job has, in the order of a customer's life and worth, with their names.
const NAMED: [(&str, &str, &str, &str); 17] = [
    ("lifecycle", "new", "New", "新客"),
    ("lifecycle", "active", "Active", "活跃"),
    ("lifecycle", "reactivated", "Reactivated", "回流"),
    ("lifecycle", "quiet", "Quiet", "沉默"),
    ("lifecycle", "dormant", "Dormant", "睡眠"),
    ("lifecycle", "churned", "Churned", "流失"),
    ("rfm_segment", "champion", "Champions", "重要价值"),
    ("rfm_segment", "promising", "Promising", "重要发展"),
    ("rfm_segment", "must_keep", "Must keep", "重要保持"),
    ("rfm_segment", "win_back", "Win back", "重要挽留"),
    ("rfm_segment", "regular", "Regular", "一般价值"),
    ("rfm_segment", "recent", "Recent", "一般发展"),
    ("rfm_segment", "fading", "Fading", "一般保持"),
    ("rfm_segment", "lost", "Lost", "一般挽留"),
    ("value_tier", "A", "A", "A 级"),
    ("value_tier", "B", "B", "B 级"),
    ("value_tier", "C", "C", "C 级"),
];

/// The definition of the table.
pub(super) fn definition() -> Definition {
    let column = |name: &str, sql_type, comment: &str| ColumnDefinition::new(name, sql_type, false, comment);
    Definition {
        name: SEGMENTS.to_owned(),
        columns: vec![
            column("scheme", SqlType::Text, "分群方式. How customers are divided, as in segment_value."),
            column("segment", SqlType::Text, "客群. The segment, as in segment_value and segment_migration."),
            column(
                "place",
                SqlType::BigInt,
                "排序. The place of the segment in its scheme, from 1: in the order of a customer's life or worth, on a scale from its lowest \
                 step on, others by name; (none) is last.",
            ),
            column("name", SqlType::Text, "英文名称. What people call it in English; what the shop calls it where that is its own word."),
            column(
                "chinese",
                SqlType::Text,
                "中文名称. What people call it in Chinese; what the shop calls it where that is its own word.",
            ),
        ],
        key: KEY.map(str::to_owned).to_vec(),
        comment: "客群维度. What are the segments of customers called, and in which order do they stand? One row: one segment of a scheme."
            .to_owned(),
    }
}

/// The rows: the segments that every job has, and those in `found`, each with its position where the scheme is a scale.
pub(super) fn rows(found: &BTreeMap<(String, String), Option<i64>>) -> Result<RecordBatch> {
    let mut schemes: BTreeMap<&str, Vec<(Order<'_>, &str, &str)>> = BTreeMap::new();
    for (at, (scheme, segment, name, chinese)) in NAMED.iter().enumerate() {
        schemes.entry(scheme).or_default().push((Order::Named(at, segment), name, chinese));
    }
    for ((scheme, segment), position) in found {
        let is_named = NAMED.iter().any(|(known, named, ..)| (known, named) == (&scheme.as_str(), &segment.as_str()));
        if is_named {
            continue;
        }
        let (order, name, chinese) = match (segment.as_str(), position) {
            (NONE, _) => (Order::Nobody, "None", "无"),
            (segment, Some(position)) => (Order::Scale(*position, segment), segment, segment),
            (segment, None) => (Order::Name(segment), segment, segment),
        };
        schemes.entry(scheme).or_default().push((order, name, chinese));
    }
    let mut rows: Vec<Segment<'_>> = Vec::new();
    for (scheme, mut segments) in schemes {
        segments.sort_unstable();
        rows.extend((1..).zip(segments).map(|(place, (order, name, chinese))| (scheme, order.segment(), place, name, chinese)));
    }
    let texts = |text: &dyn Fn(&Segment<'_>) -> String| Arc::new(StringArray::from_iter_values(rows.iter().map(text))) as ArrayRef;
    Ok(RecordBatch::try_from_iter([
        ("scheme", texts(&|row| row.0.to_owned())),
        ("segment", texts(&|row| row.1.to_owned())),
        ("place", Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.2))) as ArrayRef),
        ("name", texts(&|row| row.3.to_owned())),
        ("chinese", texts(&|row| row.4.to_owned())),
    ])?)
}

/// A row: scheme, segment, place, and the names in both languages.
type Segment<'a> = (&'a str, &'a str, i64, &'a str, &'a str);

/// What decides the place of a segment in its scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order<'a> {
    Named(usize, &'a str),
    Scale(i64, &'a str),
    Name(&'a str),
    Nobody,
}

impl<'a> Order<'a> {
    fn segment(self) -> &'a str {
        match self {
            Order::Named(_, segment) | Order::Scale(_, segment) | Order::Name(segment) => segment,
            Order::Nobody => NONE,
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::util::display::array_value_to_string;

    use crate::metric::lifecycle::Stage;
    use crate::metric::rfm::Segment;
    use crate::metric::value_tier::Tier;

    use super::*;

    fn lines(found: &[(&str, &str, Option<i64>)]) -> Vec<String> {
        let found = found.iter().map(|(scheme, segment, position)| (((*scheme).to_owned(), (*segment).to_owned()), *position)).collect();
        let table = rows(&found).unwrap();
        let cells =
            |row: usize| table.columns().iter().map(|column| array_value_to_string(column, row).unwrap()).collect::<Vec<_>>().join(" ");
        (0..table.num_rows()).map(cells).collect()
    }

    #[test]
    fn every_stage_tier_and_rfm_segment_has_its_names() {
        let mut known: Vec<(&str, &str)> = Stage::ALL.map(|stage| ("lifecycle", stage.name())).to_vec();
        known.extend(Segment::ALL.map(|segment| ("rfm_segment", segment.name())));
        known.extend(Tier::ALL.map(|tier| ("value_tier", tier.name())));
        let mut named: Vec<(&str, &str)> = NAMED.iter().map(|(scheme, segment, ..)| (*scheme, *segment)).collect();
        known.sort_unstable();
        named.sort_unstable();
        assert_eq!(named, known);
    }

    #[test]
    fn segments_stand_in_the_order_of_their_scheme() {
        let found = [
            ("amount_band", "100-200", Some(2)),
            ("amount_band", "50-100", Some(1)),
            ("lifecycle", "(none)", None),
            ("lifecycle", "quiet", None),
            ("member_level", "(none)", Some(0)),
            ("member_level", "金卡", Some(2)),
            ("member_level", "银卡", Some(1)),
            ("province", "上海", None),
            ("province", "(none)", None),
        ];
        let lines = lines(&found);
        // 6 stages and those of nobody, 2 bands, 3 levels, 2 provinces, 8 RFM segments, 3 tiers.
        assert_eq!(lines.len(), 7 + 2 + 3 + 2 + 8 + 3);
        assert_eq!(lines[..2], ["amount_band 50-100 1 50-100 50-100", "amount_band 100-200 2 100-200 100-200"]);
        assert_eq!(lines[2], "lifecycle new 1 New 新客");
        assert_eq!(lines[5], "lifecycle quiet 4 Quiet 沉默");
        assert_eq!(lines[8], "lifecycle (none) 7 None 无");
        assert_eq!(lines[9..12], ["member_level 银卡 1 银卡 银卡", "member_level 金卡 2 金卡 金卡", "member_level (none) 3 None 无"]);
        assert_eq!(lines[12..14], ["province 上海 1 上海 上海", "province (none) 2 None 无"]);
    }
}
