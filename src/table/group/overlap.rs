//! group_overlap: the customers that two shops of a group share.

use std::sync::OnceLock;

use super::columns::{NEEDS, SHOP_GROUP};
use super::groups::GROUPS;
use crate::fold::over_groups::GROUP_OVERLAPS;
use crate::fold::overlaps::OverlapFold;
use crate::metric::ratio::ratio;
use crate::table::column::Value::{Count, Scope, Share, Shop};
use crate::table::column::{column, same};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

/// Two shops of a group.
pub struct Row {
    group: u32,
    shops: [u32; 2],
    customers: [i64; 2],
    both: i64,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "group_overlap",
    chinese: "集团店铺客户重叠",
    question: "How many customers do two shops of a group share, and what part of each shop's customers are they?",
    grain: "two shops of a group that both have customers, shop_a before shop_b, also where they share nobody",
    key: &["shop_group", "shop_a", "shop_b"],
    needs: NEEDS,
    uses: &[],
    reads: &[Read::Shared(&GROUPS), Read::Fold(&GROUP_OVERLAPS)],
    columns: &[&[
        same(SHOP_GROUP, Scope(|row| row.group)),
        column("shop_a", Shop(|row| row.shops[0]), "", "店铺甲", "The one shop."),
        column("shop_b", Shop(|row| row.shops[1]), "", "店铺乙", "The other shop. Each pair has one row, with the lower id as shop_a."),
        column(
            "customers_a",
            Count(|row: &Row| Some(row.customers[0])),
            "customers",
            "店铺甲客户数",
            "Customers with at least one purchase in shop_a up to the as-of date: its rows in customers.",
        ),
        column(
            "customers_b",
            Count(|row| Some(row.customers[1])),
            "customers",
            "店铺乙客户数",
            "Customers with at least one purchase in shop_b up to the as-of date.",
        ),
        column(
            "customers_of_both",
            Count(|row| Some(row.both)),
            "customers",
            "共同客户数",
            "Customers with at least one purchase in each of the two shops, in whatever order.",
        ),
        column(
            "share_of_a",
            Share(|row: &Row| ratio(row.both, row.customers[0])),
            "1",
            "占店铺甲客户比例",
            "The part of the customers of shop_a who have bought in shop_b too.",
        )
        .formula("customers_of_both / customers_a"),
        column(
            "share_of_b",
            Share(|row: &Row| ratio(row.both, row.customers[1])),
            "1",
            "占店铺乙客户比例",
            "The part of the customers of shop_b who have bought in shop_a too.",
        )
        .formula("customers_of_both / customers_b"),
    ]],
    rows: |night, out| {
        let (groups, overlaps) = (night.shared(&GROUPS)?, night.scoped_fold(&GROUP_OVERLAPS)?);
        groups.codes().try_for_each(|group| out.all(pairs(&overlaps, group, night.context.scopes.shops(group).collect())))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The pairs of a group's shops, which ascend.
fn pairs(overlaps: &OverlapFold, group: u32, shops: Vec<u32>) -> impl Iterator<Item = Row> {
    let customers = |shop: u32| (shop, overlaps.customers(group, shop, shop));
    let shops: Vec<(u32, i64)> = shops.into_iter().map(customers).filter(|(_, customers)| *customers > 0).collect();
    (0..shops.len()).flat_map(move |place| {
        let (one, of_one) = shops[place];
        let others: Vec<(u32, i64)> = shops[place + 1..].to_vec();
        others.into_iter().map(move |(other, of_other)| Row {
            group,
            shops: [one, other],
            customers: [of_one, of_other],
            both: overlaps.customers(group, one, other),
        })
    })
}
