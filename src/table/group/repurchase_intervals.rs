//! group_repurchase_intervals: the share of customers who come back to any shop of a group after their nth purchase day, and after how many
//! days.

use std::sync::OnceLock;

use super::columns::{NEEDS, SHOP_GROUP};
use super::groups::GROUPS;
use crate::fold::over_groups::GROUP_INTERVALS;
use crate::table::column::Value::Scope;
use crate::table::column::same;
use crate::table::night::Read;
use crate::table::repurchase::cohort_dimensions::ByDimensions;
use crate::table::repurchase::intervals::{COLUMNS, Row, rows};
use crate::table::unit::{Table, Witness};

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "group_repurchase_intervals",
    chinese: "集团回购周期",
    question: "Of the customers who bought an nth time in the shops of a group, how many bought again in any of them, and after how many \
         days?",
    grain: "one nth purchase day of a group's customers by dimension value (0: all purchase days together), as far as somebody has reached \
         it. The columns are those of repurchase_intervals, with the group in place of the shop: purchases of one day in two of its shops \
         are one purchase day",
    key: &["shop_group", "dimension", "dimension_value", "nth"],
    needs: NEEDS,
    uses: &[],
    reads: &[Read::Shared(&GROUPS), Read::Fold(&GROUP_INTERVALS)],
    columns: &[&[same(SHOP_GROUP, Scope(|row| row.shop))], COLUMNS],
    rows: |night, out| {
        // Only a job that has groups has the table.
        night.shared(&GROUPS)?;
        let intervals = night.scoped_fold(&GROUP_INTERVALS)?;
        intervals.groups(&night.context).try_for_each(|group| out.all(rows(&group)))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The table in the catalogue, with the columns of the dimensions that a job chooses.
pub static TABLE_BY_DIMENSIONS: ByDimensions<Row> = ByDimensions { table: &TABLE };
