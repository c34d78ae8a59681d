//! group_cohort_retention: customers by their first period in any shop of a group, and those of them who came back to any of its shops.

use std::sync::OnceLock;

use super::columns::{NEEDS, SHOP_GROUP};
use super::groups::GROUPS;
use crate::fold::over_groups::GROUP_COHORTS;
use crate::table::column::Value::Scope;
use crate::table::column::same;
use crate::table::night::Read;
use crate::table::repurchase::cohort_dimensions::ByDimensions;
use crate::table::repurchase::cohort_retention::{COLUMNS, Row, periods};
use crate::table::unit::{Table, Witness};

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "group_cohort_retention",
    chinese: "集团同期群留存",
    question: "Of the customers who first bought in any shop of a group in one period, how many bought again in any of its shops in each \
         period since, and what have they brought so far?",
    grain: "one cohort of a group's customers (by dimension value and grain) in one period since its first, as far as that period has started \
         by the as-of date. The columns are those of cohort_retention, with the group in place of the shop",
    key: &["shop_group", "dimension", "dimension_value", "grain", "cohort", "period"],
    needs: NEEDS,
    uses: &[],
    reads: &[Read::Shared(&GROUPS), Read::Fold(&GROUP_COHORTS)],
    columns: &[&[same(SHOP_GROUP, Scope(|row| row.shop))], COLUMNS],
    rows: |night, out| {
        let (groups, cohorts) = (night.shared(&GROUPS)?, night.scoped_fold(&GROUP_COHORTS)?);
        cohorts.cohorts(&night.context).try_for_each(|cohort| out.all(periods(&night.context, &cohort, groups.first_day(cohort.shop))))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The table in the catalogue, with the columns of the dimensions that a job chooses.
pub static TABLE_BY_DIMENSIONS: ByDimensions<Row> = ByDimensions { table: &TABLE };
