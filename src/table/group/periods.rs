//! group_periods: the figures of groups of shops by week, month, quarter and year, each person counted once a period.

use std::sync::OnceLock;

use super::columns::SHOP_GROUP;
use crate::fold::outcomes::OUTCOMES;
use crate::fold::over_groups::{GROUP_ACTIVITY, GROUP_RETURNING};
use crate::spec::Need;
use crate::table::column::Value::Text;
use crate::table::column::same;
use crate::table::night::Read;
use crate::table::shop::columns::{item_page_views, order_columns, page_views, per_visit_columns, rate_columns, visit_columns};
use crate::table::shop::period_columns::period_columns;
use crate::table::shop::refunded::refunded_columns;
use crate::table::shop::returning::returning_columns;
use crate::table::total::columns::{TotalRow, visitor_columns};
use crate::table::total::periods::{COMPLETENESS, PERIOD, Row, rows};
use crate::table::total::scope_days::GROUP_DAYS;
use crate::table::unit::{Table, Witness};

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "group_periods",
    chinese: "集团周期报表",
    question: "What did the shops of each group together place, sell, give back and attract in each week, month, quarter and year, each person \
         counted once, and how does that compare with the period before and a year ago?",
    grain: "one group of shops, grain and period that has a day between the first day with anything of any of its shops in any input and the \
         as-of date. A customer_id is one person in all shops of the group: new where the first purchase in any of them is",
    key: &["shop_group", "grain", "period_start"],
    needs: &[Need { input: "orders", column: "" }, Need { input: "shops", column: "shop_group" }],
    uses: &[],
    reads: &[Read::Shared(&GROUP_DAYS), Read::Fold(&GROUP_ACTIVITY), Read::Fold(&GROUP_RETURNING), Read::Fold(&OUTCOMES)],
    columns: &[
        &[same(SHOP_GROUP, Text(|row: &Row| Some(row.scope().shared())))],
        PERIOD,
        &order_columns(),
        &[page_views(), item_page_views()],
        &visit_columns(),
        &rate_columns(),
        &per_visit_columns(),
        &returning_columns(),
        &refunded_columns(),
        COMPLETENESS,
        &visitor_columns(),
        &period_columns(),
    ],
    rows: |night, out| {
        let (context, outcomes) = (&night.context, night.fold(&OUTCOMES)?);
        let (activity, returning) = (night.scoped_fold(&GROUP_ACTIVITY)?, night.scoped_fold(&GROUP_RETURNING)?);
        let days = night.shared(&GROUP_DAYS)?;
        days.iter().try_for_each(|of_group| out.all(rows(context, of_group, &activity, &returning, &outcomes)))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};
