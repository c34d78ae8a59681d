//! items: what each item brought, whom it won, and when its customers bought it again.

mod columns;
mod customer_columns;
mod row;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use super::ranked::RANKED_ITEMS;
use super::refund_reasons::REFUND_REASONS;
use super::visits::ITEM_VISITS;
use crate::spec::{NO_DAY, Need};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};
use row::{Beside, RECENT, Row};

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "items",
    chinese: "商品表",
    question: "Which products carry the shop: what does each bring, is it growing, does it win customers who stay, and how soon do they buy \
         it again?",
    grain: "one item of a shop that was in a paid order",
    key: &["shop_id", "item_id"],
    needs: &[Need { input: "orders", column: "item_id" }],
    uses: &["item_id", "category_id", "item_title"],
    reads: &[Read::Shared(&RANKED_ITEMS), Read::IfRequested(&ITEM_VISITS), Read::IfRequested(&REFUND_REASONS)],
    columns: &[
        &columns::SALES,
        &columns::REASONS,
        &columns::TREND,
        &columns::VISITS,
        &customer_columns::CUSTOMERS,
        &customer_columns::REBUYING,
    ],
    rows: |night, out| {
        let context = &night.context;
        let (features, min_customers) = (context.features, context.params.min_customers);
        let has_before = |shop: u32| {
            let first = context.first_days.get(shop as usize).copied().filter(|first| *first != NO_DAY);
            first.is_some_and(|first| first <= context.as_of.saturating_sub(RECENT - 1))
        };
        let visits = night.if_requested(&ITEM_VISITS)?;
        let reasons = night.if_requested(&REFUND_REASONS)?;
        night.shared(&RANKED_ITEMS)?.each(|item| {
            let (shop, code) = (item.item.shop, item.item.item);
            let beside = Beside {
                title: context.item_titles.of(shop, code).map(str::to_owned),
                visited: visits.as_ref().map(|visits| visits.of(shop, code)).unwrap_or_default(),
                main_reason: reasons.as_ref().and_then(|reasons| reasons.main(shop, code)),
                has_before: has_before(shop),
            };
            out.row(Row::of(item, beside, min_customers, features))
        })
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};
