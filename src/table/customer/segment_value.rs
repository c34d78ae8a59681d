//! segment_value: the value of each segment of a shop's customers, by lifecycle stage, RFM, value tier, channel, province, and by scales.

use std::ops::Range;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::scales::{Scale, Scales};
use super::segment_sums::{ShopSums, Sums};
use crate::error::Result;
use crate::history::{Context, Dictionary};
use crate::metric::lifecycle::Stage;
use crate::metric::ratio::{money_per, ratio};
use crate::metric::rfm::Segment;
use crate::metric::value_tier::Tier;
use crate::spec::{NONE, Need};
use crate::table::column::Value::{Count, Money, Number, Ratio, Share, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::forecast::{FORECASTS, Forecasts, columns};
use crate::table::night::Read;
use crate::table::scores::{SCORED_CUSTOMERS, ScoredCustomers};
use crate::table::unit::{Table, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Segments";

/// One segment of a shop.
pub struct Row {
    pub(crate) shop: u32,
    scheme: &'static str,
    segment: String,
    position: Option<i64>,
    sums: Sums,
    shop_sums: Sums,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "segment_value",
    chinese: "客群价值表",
    question: "How many customers has each segment of a shop, what share of its revenue do they bring, and do they come back?",
    grain: "one segment with customers, of one scheme of segments, of one shop; figures are over the customers' purchases up to the as-of \
         date",
    key: &["shop_id", "scheme", "segment"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &["channel", "province"],
    reads: &[Read::Shared(&SCORED_CUSTOMERS), Read::IfRequested(&FORECASTS)],
    columns: &[
        &[column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop.")],
        COLUMNS,
        &[
            same(columns::FORECAST_CUSTOMERS, Count(|row| Some(row.sums.forecast.customers()))),
            same(columns::EXPECTED_ALIVE, Ratio(|row| row.sums.forecast.alive())),
            same(columns::MEAN_P_ALIVE, Share(|row| row.sums.forecast.mean_alive())),
            same(columns::SEGMENT_PURCHASES, Ratio(|row| row.sums.forecast.purchases())),
            same(columns::SEGMENT_VALUE, Money(|row| row.sums.forecast.value())),
        ],
    ],
    rows: |night, out| {
        let (customers, forecasts) = (night.shared(&SCORED_CUSTOMERS)?, night.if_requested(&FORECASTS)?);
        all(&customers, forecasts.as_deref(), |rows| out.all(rows))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// All columns but those of the shop and of its forecast: those of a group's segments too.
pub(crate) const COLUMNS: &[ValueColumn<Row>] = &[
    column(
        "scheme",
        Text(|row: &Row| Some(row.scheme)),
        "",
        "分群方式",
        "How the shop's customers are divided: amount_band by net revenue, order_count by number of purchases, and first_channel, \
         lifecycle, member_level, province, rfm_segment and value_tier, each the column of that name in customers. Every scheme holds \
         every customer once. first_channel and province are there only where the job maps the column, member_level only where it has \
         levels.",
    )
    .source(SPECIFICATION),
    column(
        "segment",
        Text(|row| Some(row.segment.as_str())),
        "",
        "客群",
        "The value of that column, (none) where it is null; of order_count 1, 2, 3, 4, 5-9 or 10+ purchases; of amount_band the limits \
         in units of the currency, as 100-200 from 100 to just below 200. A segment without customers has no row.",
    ),
    column(
        "position",
        Count(|row: &Row| row.position),
        "",
        "客群次序",
        "The place of the segment on its scale, to sort by: from 1 for the lowest of amount_band, member_level and order_count, 0 for \
         (none).",
    )
    .null_when("the scheme is no scale"),
    column("customers", Count(|row| Some(row.sums.customers)), "customers", "客户数", "Customers of the shop in the segment."),
    column(
        "shop_customers",
        Count(|row| Some(row.shop_sums.customers)),
        "customers",
        "店铺客户数",
        "Customers of the shop in all segments of the scheme together.",
    ),
    column(
        "customer_share",
        Share(|row: &Row| ratio(row.sums.customers, row.shop_sums.customers)),
        "1",
        "客户占比",
        "The segment's part of the shop's customers; over a scheme it adds up to 1.",
    )
    .formula("customers / shop_customers"),
    column(
        "orders",
        Count(|row| Some(row.sums.orders)),
        "orders",
        "成交订单数",
        "Purchases of these customers: orders paid and not refunded in full.",
    ),
    column(
        "paid_amount",
        Money(|row| Some(row.sums.paid_amount)),
        "CNY",
        "成交金额",
        "What was paid for these orders, partial refunds not deducted.",
    ),
    column(
        "net_revenue",
        Money(|row| Some(row.sums.net_revenue)),
        "CNY",
        "净支付金额（按支付日）",
        "What was paid for these orders less what of it was refunded by the as-of date.",
    ),
    column(
        "shop_net_revenue",
        Money(|row| Some(row.shop_sums.net_revenue)),
        "CNY",
        "店铺净支付金额",
        "The net revenue of all segments of the scheme together.",
    ),
    column(
        "revenue_share",
        Number(|row: &Row| ratio(row.sums.net_revenue, row.shop_sums.net_revenue)),
        "1",
        "成交占比",
        "The segment's part of the shop's net revenue; over a scheme it adds up to 1. It can leave 0..1 where refunds exceed what \
         some customers paid.",
    )
    .formula("net_revenue / shop_net_revenue")
    .null_when("the shop's net revenue is 0"),
    column(
        "order_value",
        Ratio(|row: &Row| money_per(row.sums.paid_amount, row.sums.orders)),
        "CNY per order",
        "笔单价",
        "What one order of these customers brings on average, before refunds.",
    )
    .formula("paid_amount / orders"),
    column(
        "revenue_per_customer",
        Number(|row: &Row| money_per(row.sums.net_revenue, row.sums.customers)),
        "CNY per customer",
        "人均净支付金额",
        "Net revenue that one customer of the segment has brought so far, on average.",
    )
    .formula("net_revenue / customers"),
    column(
        "recency_days",
        Count(|row| Some(row.sums.recency_days)),
        "days",
        "距今天数合计",
        "The customers' days since their last purchase, added up.",
    ),
    column(
        "mean_recency_days",
        Ratio(|row: &Row| ratio(row.sums.recency_days, row.sums.customers)),
        "days",
        "平均距今天数",
        "Mean days from the last purchase day to the as-of date.",
    )
    .formula("recency_days / customers"),
    column(
        "interval_days",
        Count(|row| Some(row.sums.interval_days)),
        "days",
        "回购间隔天数合计",
        "Days from the first to the last purchase day, added up over the customers: the sum of all their intervals.",
    ),
    column(
        "intervals",
        Count(|row: &Row| Some(row.sums.intervals)),
        "intervals",
        "回购间隔数",
        "Intervals between consecutive purchase days of these customers.",
    )
    .formula("sum of (purchase_days − 1)"),
    column(
        "mean_interval_days",
        Ratio(|row: &Row| ratio(row.sums.interval_days, row.sums.intervals)),
        "days",
        "平均回购周期",
        "Mean of all intervals of the segment's customers together, so that who buys often weighs more. Intervals that have not \
         ended are not in it, which makes it short; repurchase_survival has the unbiased figures.",
    )
    .formula("interval_days / intervals")
    .null_when("no customer of the segment has a second purchase day")
    .source(SPECIFICATION),
    column(
        "repeat_customers",
        Count(|row| Some(row.sums.repeat_customers)),
        "customers",
        "复购客户数",
        "Customers of the segment with at least two purchase days.",
    ),
    column(
        "repurchase_rate",
        Share(|row: &Row| row.sums.repurchase().repeat_customer_share()),
        "1",
        "复购率",
        "The share of the segment's customers who have bought on at least two days. The repurchase_rate of repurchase_intervals is \
         another figure: the share that came back after the nth purchase day.",
    )
    .formula("repeat_customers / customers")
    .source(SPECIFICATION),
];

/// Calls `each` with the rows of each shop.
///
/// # Errors
/// What `each` returns.
pub(crate) fn all(customers: &ScoredCustomers, forecasts: Option<&Forecasts>, mut each: impl FnMut(Vec<Row>) -> Result<()>) -> Result<()> {
    let scales = Scales::of(&customers.context.params);
    customers.shops.iter().try_for_each(|(shop, rows)| {
        let sums = shop_sums(customers, forecasts, &scales, rows);
        each(shop_rows(&customers.context, &scales, *shop, &sums))
    })
}

/// The sums over the customers in these rows, who are those of one shop.
fn shop_sums(customers: &ScoredCustomers, forecasts: Option<&Forecasts>, scales: &Scales, range: &Range<usize>) -> ShopSums {
    // Whole numbers have the same sum in any grouping, so the threads may share a large shop.
    const CHUNK: usize = 1 << 17;
    let chunk = |chunk: usize| range.start + chunk * CHUNK..range.end.min(range.start + (chunk + 1) * CHUNK);
    let chunks = (0..range.len().div_ceil(CHUNK)).into_par_iter();
    chunks.map(|number| ShopSums::of(customers, forecasts, scales, chunk(number))).reduce_with(ShopSums::plus).unwrap_or_default()
}

/// The rows of a shop, ascending by (scheme, segment).
fn shop_rows(context: &Context, scales: &Scales, shop: u32, sums: &ShopSums) -> Vec<Row> {
    let mut shop_sums = Sums::default();
    sums.tiers.iter().for_each(|tier| shop_sums.add(tier));
    let [amounts, levels, orders] = &sums.scales;
    let schemes = [
        ("amount_band", on_scale(scales, Scale::AmountBand, amounts)),
        ("first_channel", unscaled(by_value(&context.channels, &sums.channels))),
        ("lifecycle", unscaled(by_name(Stage::ALL.map(Stage::name), &sums.stages))),
        ("member_level", on_scale(scales, Scale::MemberLevel, levels)),
        ("order_count", on_scale(scales, Scale::OrderCount, orders)),
        ("province", unscaled(by_value(&context.provinces, &sums.provinces))),
        ("rfm_segment", unscaled(by_name(Segment::ALL.map(Segment::name), &sums.segments))),
        ("value_tier", unscaled(by_name(Tier::ALL.map(Tier::name), &sums.tiers))),
    ];
    let of_scheme = |(scheme, segments): (&'static str, Vec<Segmented<'_>>)| -> Vec<Row> {
        let filled = segments.into_iter().filter(|(_, _, sums)| sums.customers > 0);
        filled.map(|(segment, position, sums)| Row { shop, scheme, segment: segment.to_owned(), position, sums, shop_sums }).collect()
    };
    schemes.into_iter().flat_map(of_scheme).collect()
}

/// A segment: its name, its position on a scale, its figures.
type Segmented<'a> = (&'a str, Option<i64>, Sums);

/// The segments of a scheme that is no scale.
fn unscaled(segments: Vec<(&str, Sums)>) -> Vec<Segmented<'_>> {
    segments.into_iter().map(|(name, sums)| (name, None, sums)).collect()
}

/// The segments of a scale, ascending by name.
fn on_scale<'a>(scales: &'a Scales, scale: Scale, sums: &[Sums]) -> Vec<Segmented<'a>> {
    let named = |(position, sums): (usize, &Sums)| (scales.segment(scale, position), i64::try_from(position).ok(), *sums);
    let mut segments: Vec<Segmented<'a>> = sums.iter().enumerate().map(named).collect();
    segments.sort_by(|one, other| one.0.cmp(other.0));
    segments
}

fn by_name<const N: usize>(names: [&'static str; N], sums: &[Sums; N]) -> Vec<(&'static str, Sums)> {
    names.into_iter().zip(sums.iter().copied()).collect()
}

/// Figures by the value of a code, ascending. Customers without a value are counted with those whose value is literally `(none)`.
fn by_value<'a>(dictionary: &'a Dictionary, sums: &[Sums]) -> Vec<(&'a str, Sums)> {
    let mut named: Vec<(&'a str, Sums)> = (0..).zip(sums).map(|(code, sums)| (dictionary.value(code).unwrap_or(NONE), *sums)).collect();
    named.sort_by(|one, other| one.0.cmp(other.0));
    named.dedup_by(|later, earlier| {
        let is_same = later.0 == earlier.0;
        if is_same {
            earlier.1.add(&later.1);
        }
        is_same
    });
    named
}

#[cfg(test)]
mod tests;
