//! Columns of items: the customers whom an item won, whether they stay, and when they buy it again.

use super::row::Row;
use crate::metric::ratio::{money_per, ratio_known, ratio_of};
use crate::table::column::Value::{Count, Money, Number, Ratio, Share};
use crate::table::column::{ValueColumn, column};

const NO_CUSTOMERS: &str = "the job maps no customer_id";
const KAPLAN_MEIER: &str = "Kaplan & Meier 1958, J. Am. Stat. Assoc. 53, 457–481";

impl Row {
    /// The median days between two purchases of the item.
    fn median_days(&self) -> Option<f64> {
        self.enough(self.sold.rebuyers).and(self.rebuying.median_days)
    }

    /// The median pieces of a purchase.
    fn median_quantity(&self) -> Option<f64> {
        self.enough(self.sold.customers).and(self.rebuying.median_quantity).filter(|_| self.features.quantity)
    }
}

/// Whom the item won.
pub const CUSTOMERS: [ValueColumn<Row>; 17] = [
    column(
        "customers",
        Count(|row: &Row| row.people(row.sold.customers)),
        "customers",
        "购买人数",
        "Distinct customers who bought the item and kept some of it: in a purchase, by a line that was not refunded in full.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "new_customers",
        Count(|row: &Row| row.people(row.sold.new_customers)),
        "customers",
        "新客数",
        "Those of them whose first purchase at the shop had it. A purchase with several items is the first one of each.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "gateway_share",
        Share(|row: &Row| ratio_known(row.people(row.sold.new_customers), row.enough(row.sold.customers))),
        "1",
        "引流新客占比",
        "The part of the item's customers who came to the shop with it: high for a gateway (引流款), low for what is bought by those who know \
         the shop.",
    )
    .formula("new_customers / customers")
    .null_when("customers is null or below `params.min_customers`"),
    column(
        "customers_90",
        Count(|row: &Row| row.people(row.sold.customers_90)),
        "customers",
        "满90天新客数",
        "Of the new customers those whose first purchase day lies at least 90 days before the as-of date.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "repurchased_90",
        Count(|row: &Row| row.people(row.sold.repurchased_90)),
        "customers",
        "90天内复购人数",
        "Of these, those with a second purchase day within 90 days of the first, whatever they bought then.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "repurchase_rate_90",
        Share(|row: &Row| ratio_known(row.people(row.sold.repurchased_90), row.enough(row.sold.customers_90))),
        "1",
        "90天复购率",
        "The share of the customers who came with the item that bought again within 90 days, among those who are old enough.",
    )
    .formula("repurchased_90 / customers_90")
    .null_when("customers_90 is null or below `params.min_customers`"),
    column(
        "shop_customers_90",
        Count(|row: &Row| row.people(row.totals.customers.customers_90)),
        "customers",
        "店铺满90天新客数",
        "The same customers whatever their first purchase had.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "shop_repurchased_90",
        Count(|row: &Row| row.people(row.totals.customers.repurchased_90)),
        "customers",
        "店铺90天内复购人数",
        "Of these, those with a second purchase day within 90 days of the first.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "shop_repurchase_rate_90",
        Share(|row: &Row| {
            let shop = &row.totals.customers;
            ratio_known(row.people(shop.repurchased_90), row.enough(shop.customers_90))
        }),
        "1",
        "店铺90天复购率",
        "The share of these that bought again within 90 days: what the item's rate is to be held against.",
    )
    .formula("shop_repurchased_90 / shop_customers_90")
    .null_when("shop_customers_90 is null or below `params.min_customers`"),
    column(
        "customers_180",
        Count(|row: &Row| row.people(row.sold.customers_180)),
        "customers",
        "满180天新客数",
        "Of the new customers those whose first purchase day lies at least 180 days before the as-of date.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "net_revenue_180",
        Money(|row: &Row| row.people(row.sold.customers_180).map(|_| row.sold.net_revenue_180)),
        "CNY",
        "180天净支付金额",
        "What these brought from the first purchase day to 180 days after it, whatever they bought, less what of it was refunded by the \
         as-of date and what was returned in these days without a known order.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "net_revenue_per_customer_180",
        Number(|row: &Row| money_per(row.sold.net_revenue_180, row.enough(row.sold.customers_180)?)),
        "CNY per customer",
        "180天人均净支付金额",
        "What a customer who came with the item brings within 180 days on average, those who never come back included.",
    )
    .formula("net_revenue_180 / customers_180")
    .null_when("customers_180 is null or below `params.min_customers`"),
    column(
        "shop_customers_180",
        Count(|row: &Row| row.people(row.totals.customers.customers_180)),
        "customers",
        "店铺满180天新客数",
        "The same customers whatever their first purchase had.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "shop_net_revenue_180",
        Money(|row: &Row| row.people(row.totals.customers.customers_180).map(|_| row.totals.customers.net_revenue_180)),
        "CNY",
        "店铺180天净支付金额",
        "What these brought from the first purchase day of each to 180 days after it.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "shop_net_revenue_per_customer_180",
        Number(|row: &Row| {
            let shop = &row.totals.customers;
            money_per(shop.net_revenue_180, row.enough(shop.customers_180)?)
        }),
        "CNY per customer",
        "店铺180天人均净支付金额",
        "What a new customer of the shop brings within 180 days on average: what the item's figure is to be held against.",
    )
    .formula("shop_net_revenue_180 / shop_customers_180")
    .null_when("shop_customers_180 is null or below `params.min_customers`"),
    column(
        "rebuyers",
        Count(|row: &Row| row.people(row.sold.rebuyers)),
        "customers",
        "同款复购人数",
        "Customers who bought the item and kept some of it on at least two days.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "rebuy_rate",
        Share(|row: &Row| ratio_known(row.people(row.sold.rebuyers), row.enough(row.sold.customers))),
        "1",
        "同款复购率",
        "The part of the item's customers who have bought it again.",
    )
    .formula("rebuyers / customers")
    .null_when("customers is null or below `params.min_customers`"),
];

/// How long it lasts.
pub const REBUYING: [ValueColumn<Row>; 5] = [
    column(
        "rebuy_intervals",
        Count(|row: &Row| row.features.customers.then_some(row.rebuying.intervals)),
        "intervals",
        "同款复购间隔数",
        "Intervals from a day on which a customer bought the item to the next such day.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "rebuy_median_days",
        Ratio(|row: &Row| row.median_days()),
        "days",
        "同款复购中位天数",
        "The median of these intervals. It leaves out all who have not bought it again: rebuy_km_median_days does not.",
    )
    .null_when("rebuyers is null or below `params.min_customers`"),
    column(
        "rebuy_km_median_days",
        Count(|row: &Row| row.enough(row.sold.customers).and(row.rebuying.km_median_days)),
        "days",
        "同款复购中位天数 (KM)",
        "The days by which half of the item's purchases were followed by another one, with those that were not yet (Kaplan–Meier, censored at \
         the as-of date).",
    )
    .null_when("half have not been followed by another one, or customers is null or below `params.min_customers`")
    .source(KAPLAN_MEIER),
    column(
        "median_quantity",
        Ratio(|row: &Row| row.median_quantity()),
        "items",
        "每次购买件数中位数",
        "The median of the pieces that a customer buys and keeps on a day.",
    )
    .null_when("customers is null or below `params.min_customers`, or the job maps no quantity"),
    column(
        "days_per_unit",
        Ratio(|row: &Row| ratio_of(row.median_days()?, row.median_quantity()?)),
        "days per item",
        "单件使用天数",
        "How long one piece lasts those who buy it again: what a consumable is reordered by.",
    )
    .formula("rebuy_median_days / median_quantity")
    .null_when("rebuy_median_days or median_quantity is null, or median_quantity is 0"),
];
