//! group_customers: the customers of groups of shops, each one row whatever shops of the group they bought in.

use std::sync::OnceLock;

use super::columns::{NEEDS, SHOP_GROUP};
use super::scores::SCORED_GROUP_CUSTOMERS;
use crate::table::array_table::{ArrayTable, same_array};
use crate::table::arrays::scopes;
use crate::table::customer::batch::CustomerBatch;
use crate::table::customer::customers;
use crate::table::night::Read;
use crate::table::unit::Witness;

/// The table.
pub static TABLE: ArrayTable<CustomerBatch> = ArrayTable {
    name: "group_customers",
    chinese: "集团客户价值表",
    question: "Who are the customers of a group of shops, what is each of them worth in all its shops together, and where does each stand \
         today?",
    grain: "one customer of one group of shops with at least one purchase in any of its shops up to the as-of date. The columns are those of \
         customers, with the group in place of the shop: first and last purchase are those in any of its shops, and scores and tier are \
         those among all customers of the group",
    key: &["shop_group", "customer_id"],
    needs: NEEDS,
    uses: &["channel", "category_id", "province", "item_id"],
    reads: &[Read::Shared(&SCORED_GROUP_CUSTOMERS)],
    columns: &[
        &[same_array(SHOP_GROUP, |batch: &CustomerBatch| scopes(batch.context(), batch.each(|columns, row| columns.keys.shop[row])))],
        customers::COLUMNS,
    ],
    rows: |night| Ok(CustomerBatch::of(&night.shared(&SCORED_GROUP_CUSTOMERS)?, None)),
    witness: Witness::Sql,
    card: OnceLock::new(),
};
