//! item_pairs: which items are bought together more often than by chance, and which one after the other.

use std::cmp::Ordering;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::pair_counts::{Pair, count};
use super::pair_sequences::{Later, sequences};
use super::titles::{NO_TITLE, TITLES};
use crate::error::Result;
use crate::fold::basket_store::MOST_ITEMS;
use crate::fold::baskets::{BASKETS, Baskets, Sold};
use crate::metric::ratio::{ratio, ratio_wide};
use crate::spec::Need;
use crate::statistics::benjamini_hochberg::q_values;
use crate::statistics::fisher::{self, p_value_greater};
use crate::table::column::Value::{Count, Item, Ratio, Share, Shop, Text};
use crate::table::column::{ValueColumn, column};
use crate::table::night::{Night, Read, Shared, always};
use crate::table::rows::RowWriter;
use crate::table::unit::{Table, Witness};

const ITEM_PAIRS: &str = "docs/definitions.md, Item pairs";
const NO_CUSTOMERS: &str = "the job maps no customer_id";
const NEVER_LATER: &str = "no customer did, or the job maps no customer_id";

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "item_pairs",
    chinese: "商品关联表",
    question: "Which items are bought together more often than by chance, and which one after the other?",
    grain: "two items of a shop that at least `params.min_pair_orders` orders have both, the `params.max_pairs` of them with the highest lift × \
            orders_both",
    key: &["shop_id", "item_a", "item_b"],
    needs: &[Need { input: "orders", column: "item_id" }],
    uses: &["item_id", "item_title"],
    reads: &[Read::Shared(&PAIRS)],
    columns: &[&TOGETHER, &CHANCE, &LATER],
    rows,
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The rows of the table, which lists read too.
pub static PAIRS: Shared<Vec<Row>> = Shared {
    name: "pairs_of_items",
    not_requested: always,
    reads: |_| vec![Read::Fold(&BASKETS), Read::Shared(&LARGE_BASKETS)],
    make: pairs,
};

/// How many orders have too many different items to be looked at.
pub static LARGE_BASKETS: Shared<LargeBaskets> = Shared {
    name: "large_baskets",
    not_requested: always,
    reads: |_| vec![Read::Fold(&BASKETS)],
    make: |night| Ok(LargeBaskets(night.fold(&BASKETS)?.large_orders())),
};

/// Orders that are left out of pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LargeBaskets(i64);

impl LargeBaskets {
    /// The warning, if there are any.
    pub fn warning(self) -> Option<String> {
        let LargeBaskets(large) = self;
        (large > 0).then(|| format!("item_pairs: {large} orders with more than {MOST_ITEMS} different items are left out"))
    }
}

/// The greatest q-value of a pair that is no chance.
const SIGNIFICANT: f64 = 0.05;

/// A pair with its figures.
#[derive(Debug, Clone)]
pub struct Row {
    pair: Pair,
    a: Sold,
    b: Sold,
    /// Orders of the shop.
    orders: i64,
    p_value: f64,
    q_value: f64,
    /// Pairs of the shop that were tested.
    tested: i64,
    /// Both directions; `None` where the job maps no customers.
    later: Option<[Later; 2]>,
    /// What the shop calls the two items.
    titles: [Option<String>; 2],
}

impl Row {
    /// The pair.
    pub(super) fn pair(&self) -> Pair {
        self.pair
    }

    /// Whether both are bought together more often than by chance.
    pub(super) fn is_significant(&self) -> bool {
        let by_chance = i128::from(self.a.orders) * i128::from(self.b.orders);
        self.q_value <= SIGNIFICANT && i128::from(self.both()) * i128::from(self.orders) > by_chance
    }

    /// The order of the best pairs: those with the highest lift × orders_both first, of equals the one with the lower ids.
    pub(super) fn compare(&self, other: &Row) -> Ordering {
        // lift × orders_both: both² × orders / (orders_a × orders_b), compared in whole numbers.
        let gain = |row: &Row| (u128::from(row.pair.orders).pow(2), u128::from(row.a.orders) * u128::from(row.b.orders));
        let ((own, own_expected), (others, others_expected)) = (gain(self), gain(other));
        (others * own_expected).cmp(&(own * others_expected)).then_with(|| self.pair.cmp(&other.pair))
    }

    fn both(&self) -> i64 {
        i64::from(self.pair.orders)
    }

    fn then(&self, direction: usize) -> Option<i64> {
        Some(self.later?.get(direction)?.customers)
    }

    fn median_days(&self, direction: usize) -> Option<f64> {
        self.later?.get(direction)?.median_days
    }

    fn customers(&self, of: Sold) -> Option<i64> {
        self.later.as_ref().map(|_| i64::from(of.customers))
    }
}

/// The pair, and its orders.
const TOGETHER: [ValueColumn<Row>; 12] = [
    column("shop_id", Shop(|row: &Row| row.pair.shop), "", "店铺", "The shop."),
    column("item_a", Item(|row: &Row| row.pair.a), "", "商品A", "The item of the pair with the lower id."),
    column("item_b", Item(|row: &Row| row.pair.b), "", "商品B", "The item of the pair with the higher id."),
    column(
        "title_a",
        Text(|row: &Row| row.titles.first()?.as_deref()),
        "",
        "商品A标题",
        "What the shop called item_a on the last day on which an order with a title of it was placed.",
    )
    .null_when(NO_TITLE)
    .needs(TITLES),
    column("title_b", Text(|row: &Row| row.titles.get(1)?.as_deref()), "", "商品B标题", "The same of item_b.")
        .null_when(NO_TITLE)
        .needs(TITLES),
    column(
        "orders_both",
        Count(|row: &Row| Some(row.both())),
        "orders",
        "同时购买订单数",
        "Purchases that have both items on any of their lines, however many of each, and whatever line of them was sent back.",
    )
    .source(ITEM_PAIRS),
    column("orders_a", Count(|row: &Row| Some(row.a.orders.into())), "orders", "含商品A订单数", "Purchases that have item_a."),
    column("orders_b", Count(|row: &Row| Some(row.b.orders.into())), "orders", "含商品B订单数", "Purchases that have item_b."),
    column(
        "orders",
        Count(|row: &Row| Some(row.orders)),
        "orders",
        "订单数",
        "Purchases of the shop with an item and at most 100 different ones; orders that name no customer count too.",
    ),
    column(
        "support",
        Share(|row: &Row| ratio(row.both(), row.orders)),
        "1",
        "支持度",
        "The share of the shop's orders that have both items.",
    )
    .formula("orders_both / orders"),
    column(
        "confidence_a_b",
        Share(|row: &Row| ratio(row.both(), row.a.orders.into())),
        "1",
        "A到B置信度",
        "Of the orders with item_a the share that has item_b too.",
    )
    .formula("orders_both / orders_a"),
    column(
        "confidence_b_a",
        Share(|row: &Row| ratio(row.both(), row.b.orders.into())),
        "1",
        "B到A置信度",
        "Of the orders with item_b the share that has item_a too.",
    )
    .formula("orders_both / orders_b"),
];

/// Whether it is chance.
const CHANCE: [ValueColumn<Row>; 4] = [
    column(
        "lift",
        Ratio(|row: &Row| {
            ratio_wide(i128::from(row.both()) * i128::from(row.orders), i128::from(row.a.orders) * i128::from(row.b.orders))
        }),
        "1",
        "提升度",
        "How many times as often as by chance both items are in one order: 1 where orders with one have the other as often as all orders do.",
    )
    .formula("orders_both × orders / (orders_a × orders_b)"),
    column(
        "p_value",
        Share(|row: &Row| Some(row.p_value)),
        "1",
        "p值",
        "The probability of as many orders with both or more, if the items had nothing to do with each other: Fisher's exact test, one-sided. 0 \
         below 1e-300.",
    )
    .source("R. A. Fisher, The Design of Experiments, 1935"),
    column(
        "pairs_tested",
        Count(|row: &Row| Some(row.tested)),
        "pairs",
        "检验的商品对数",
        "Pairs of the shop with at least `params.min_pair_orders` orders, those that are no rows included.",
    ),
    column(
        "q_value",
        Share(|row: &Row| Some(row.q_value)),
        "1",
        "q值",
        "The p-value corrected for the number of pairs tested: of the pairs with a q-value up to 0.05 at most one in twenty is expected to be \
         chance.",
    )
    .source("Y. Benjamini, Y. Hochberg, Journal of the Royal Statistical Society B 57, 1995"),
];

/// What is bought later.
const LATER: [ValueColumn<Row>; 8] = [
    column("customers_a", Count(|row: &Row| row.customers(row.a)), "customers", "购买商品A客户数", "Customers with a purchase of item_a.")
        .null_when(NO_CUSTOMERS),
    column(
        "then_customers",
        Count(|row: &Row| row.then(0)),
        "customers",
        "后续购买商品B客户数",
        "Of them, those who bought item_b on a later day than item_a for the first time, whether or not they had bought it before.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "then_share",
        Share(|row: &Row| ratio(row.then(0)?, row.a.customers.into())),
        "1",
        "A后购B比例",
        "The share of the customers of item_a who later bought item_b.",
    )
    .formula("then_customers / customers_a")
    .null_when(NO_CUSTOMERS),
    column(
        "then_median_days",
        Ratio(|row: &Row| row.median_days(0)),
        "days",
        "A后购B间隔中位数",
        "The median of the days from their first purchase of item_a to the next purchase of item_b, of those who did. Who has not yet done so \
         is not in it.",
    )
    .null_when(NEVER_LATER),
    column("customers_b", Count(|row: &Row| row.customers(row.b)), "customers", "购买商品B客户数", "Customers with a purchase of item_b.")
        .null_when(NO_CUSTOMERS),
    column(
        "then_customers_b_a",
        Count(|row: &Row| row.then(1)),
        "customers",
        "后续购买商品A客户数",
        "Of them, those who bought item_a on a later day than item_b for the first time.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "then_share_b_a",
        Share(|row: &Row| ratio(row.then(1)?, row.b.customers.into())),
        "1",
        "B后购A比例",
        "The share of the customers of item_b who later bought item_a.",
    )
    .formula("then_customers_b_a / customers_b")
    .null_when(NO_CUSTOMERS),
    column(
        "then_median_days_b_a",
        Ratio(|row: &Row| row.median_days(1)),
        "days",
        "B后购A间隔中位数",
        "The median of the days from their first purchase of item_b to the next purchase of item_a, of those who did.",
    )
    .null_when(NEVER_LATER),
];

fn rows(night: &Night, out: &mut RowWriter<'_, Row>) -> Result<()> {
    out.all(night.shared(&PAIRS)?.iter().cloned())
}

/// The best pairs of all shops, ascending by shop and items.
fn pairs(night: &Night) -> Result<Vec<Row>> {
    let context = &night.context;
    night.shared(&LARGE_BASKETS)?;
    let baskets = night.take_fold(&BASKETS)?.finish();
    let pairs = count(&baskets, context.item_ids.len(), context.params.min_pair_orders);
    let mut best: Vec<Row> = Vec::new();
    for own in pairs.chunk_by(|one, next| one.shop == next.shop) {
        best.extend(of_shop(&baskets, own, context.params.max_pairs as usize));
    }
    drop(pairs);
    if context.features.customers {
        let chosen: Vec<Pair> = best.iter().map(|row| row.pair).collect();
        let later = sequences(&baskets.chunks, &chosen);
        best.iter_mut().zip(later).for_each(|(row, later)| row.later = Some(later.map(|sequence| sequence.later())));
    }
    for row in &mut best {
        let Pair { shop, a, b, .. } = row.pair;
        row.titles = [a, b].map(|item| context.item_titles.of(shop, item).map(str::to_owned));
    }
    Ok(best)
}

/// The best pairs of a shop, ascending by their items. `pairs` are all that have enough orders.
fn of_shop(baskets: &Baskets, pairs: &[Pair], most: usize) -> Vec<Row> {
    let row = |pair: &Pair| {
        let sold = |item: u32| baskets.items.get(&(pair.shop, item)).copied().unwrap_or_default();
        let (a, b) = (sold(pair.a), sold(pair.b));
        let orders = baskets.shops.get(&pair.shop).map_or(0, |shop| shop.orders);
        // Of the orders with the first item, and of those without it: how many have the second.
        let (both, of_a, of_b) = (i64::from(pair.orders), i64::from(a.orders), i64::from(b.orders));
        let table = fisher::Table { treated: of_a, treated_buyers: both, control: orders - of_a, control_buyers: of_b - both };
        let (p_value, tested) = (p_value_greater(&table), pairs.len() as i64);
        Row { pair: *pair, a, b, orders, p_value, q_value: 1.0, tested, later: None, titles: [None, None] }
    };
    let mut rows: Vec<Row> = pairs.par_iter().map(row).collect();
    let p_values: Vec<f64> = rows.iter().map(|row| row.p_value).collect();
    rows.iter_mut().zip(q_values(&p_values)).for_each(|(row, q_value)| row.q_value = q_value);
    rows.sort_by(Row::compare);
    rows.truncate(most);
    rows.sort_unstable_by_key(|row| row.pair);
    rows
}

#[cfg(test)]
mod tests;
