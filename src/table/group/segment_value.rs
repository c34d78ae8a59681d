//! group_segment_value: the value of each segment of a group's customers.

use std::sync::OnceLock;

use super::columns::{NEEDS, SHOP_GROUP};
use super::scores::SCORED_GROUP_CUSTOMERS;
use crate::table::column::Value::Scope;
use crate::table::column::same;
use crate::table::customer::segment_value::{COLUMNS, Row, all};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "group_segment_value",
    chinese: "集团客群价值表",
    question: "How many customers has each segment of a group of shops, what share of the group's revenue do they bring, and do they come back?",
    grain: "one segment with customers, of one scheme of segments, of one group of shops. The columns are those of segment_value, with the \
         group in place of the shop: the segments are those of group_customers, and figures are over the customers' purchases in all shops \
         of the group up to the as-of date",
    key: &["shop_group", "scheme", "segment"],
    needs: NEEDS,
    uses: &["channel", "province"],
    reads: &[Read::Shared(&SCORED_GROUP_CUSTOMERS)],
    columns: &[&[same(SHOP_GROUP, Scope(|row| row.shop))], COLUMNS],
    rows: |night, out| all(&*night.shared(&SCORED_GROUP_CUSTOMERS)?, None, |rows| out.all(rows)),
    witness: Witness::Sql,
    card: OnceLock::new(),
};
