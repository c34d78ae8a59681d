//! traffic_sources: what each channel brought, cost and sold in each week, month, quarter and year.

use std::sync::OnceLock;

use super::names::CHANNELS;
use super::periods::{self, ChannelPeriod as Row};
use crate::fold::channels::CHANNEL_ORDERS;
use crate::metric::ratio::{money_per, ratio_known};
use crate::spec::Need;
use crate::table::column::Value::{Count, Date, Flag, Money, Number, Ratio, Share, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::night::Read;
use crate::table::shop::period_columns::{GRAIN, IS_COMPLETE, PERIOD_START};
use crate::table::unit::{Table, Witness};

const UV_CONVERSION: &str = "docs/definitions.md, UV conversion";
const NO_TRAFFIC: &str = "the job does not map the traffic column, or no day of the period has a value of it for the channel";
const NO_ORDERS: &str = "no paid order of the shop, in any period, names the channel";

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "traffic_sources",
    chinese: "流量来源报表",
    question: "How many visitors did each channel bring in each week, month, quarter and year, what did they buy, and what did they cost?",
    grain: "one channel of a shop in a period, if the period has a traffic row of the channel or a paid order that names it",
    key: &["shop_id", "grain", "period_start", "channel"],
    needs: &[Need { input: "orders", column: "" }, Need { input: "traffic", column: "channel" }],
    uses: &["channel"],
    reads: &[Read::Fold(&CHANNEL_ORDERS), Read::Shared(&CHANNELS)],
    columns: &[
        &[
            column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
            same(GRAIN, Text(|row: &Row| Some(row.grain.name()))),
            same(PERIOD_START, Date(|row: &Row| row.grain.start(row.index))),
            column(
                "channel",
                Text(|row: &Row| Some(&row.channel)),
                "",
                "流量来源",
                "The channel, by the same text in the traffic and in the orders; (none) for orders without one. Rows of traffic without a \
                 channel are those of the whole shop and not in this table.",
            ),
            same(IS_COMPLETE, Flag(|row| Some(row.is_complete))),
        ],
        &TRAFFIC,
        &ORDERS,
        &BOTH,
    ],
    rows: |night, out| {
        for shop in 0..night.context.shops.len() as u32 {
            out.all(periods::of_shop(night, shop)?)?;
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// What the traffic says.
const TRAFFIC: [ValueColumn<Row>; 11] = [
    column(
        "pv",
        Count(|row: &Row| row.visited.pv),
        "page views",
        "浏览量",
        "Page views that came by the channel, summed over the days with a value.",
    )
    .null_when(NO_TRAFFIC),
    column(
        "days_with_traffic",
        Count(|row: &Row| Some(row.means.days_with_traffic)),
        "days",
        "有流量数据天数",
        "Days of the period for which the traffic input has a UV of the channel. A day without a row is unknown, and no day without \
         visitors.",
    ),
    column(
        "uv_sum",
        Count(|row: &Row| row.means.uv_sum),
        "visitor-days",
        "日访客数合计",
        "The daily UV of the channel summed over the days with one. Not a number of people: who came on two days is in it twice, and who \
         came by two channels is in both.",
    )
    .null_when(NO_TRAFFIC),
    column(
        "uv_daily_mean",
        Ratio(|row: &Row| row.means.uv_daily_mean()),
        "visitors per day",
        "日均访客数",
        "The mean of the channel's daily UV over the days with one.",
    )
    .formula("uv_sum / days_with_traffic")
    .null_when(NO_TRAFFIC),
    column(
        "new_visitors",
        Count(|row: &Row| row.visited.new_visitors),
        "visitors",
        "新访客数",
        "Visitors by the channel whom the platform counts as new, summed over the days with a value. Counted from page views: visitors whose \
         first view of all was on the day by the channel, from `history_warmup` days after the shop's first view on.",
    )
    .null_when(NO_TRAFFIC),
    column(
        "visits",
        Count(|row: &Row| row.visited.visits),
        "visits",
        "访问次数",
        "Visits by the channel, summed over the days with a value.",
    )
    .null_when(NO_TRAFFIC),
    column(
        "bounces",
        Count(|row: &Row| row.visited.bounces),
        "visits",
        "跳失次数",
        "Visits by the channel that saw one page only, summed over the days with a value.",
    )
    .null_when(NO_TRAFFIC),
    column("bounce_rate", Ratio(|row: &Row| row.visited.bounce_rate), "1", "跳失率", "Visits of one page among all visits by the channel.")
        .formula("bounces / visits")
        .null_when("bounces or visits is null, visits is 0, or a day of the period has one of them without the other"),
    column(
        "cart_adds",
        Count(|row: &Row| row.visited.cart_adds),
        "items",
        "加购数",
        "Items that visitors by the channel added to carts, summed over the days with a value.",
    )
    .null_when(NO_TRAFFIC),
    column(
        "cost",
        Money(|row: &Row| row.visited.cost),
        "CNY",
        "推广花费",
        "Money spent on the channel, summed over the days with a value.",
    )
    .null_when(NO_TRAFFIC),
    column(
        "cost_days",
        Count(|row: &Row| Some(row.visited.cost_days)),
        "days",
        "有花费数据天数",
        "Days with a cost of the channel, 0.00 included.",
    ),
];

/// What the orders say.
const ORDERS: [ValueColumn<Row>; 5] = [
    column(
        "orders",
        Count(|row: &Row| Some(row.bought?.orders)),
        "orders",
        "支付订单数",
        "Orders paid in the period that name the channel, whenever they were placed. A later refund does not undo them.",
    )
    .null_when(NO_ORDERS),
    column(
        "paid_amount",
        Money(|row: &Row| row.paid_amount()),
        "CNY",
        "支付金额",
        "What was paid for these orders. Refunds are not deducted. The channels of a period add up to paid_amount of shop_periods.",
    )
    .null_when(NO_ORDERS),
    column(
        "paying_customers",
        Count(|row: &Row| row.bought?.paying_customers),
        "customers",
        "支付买家数",
        "Distinct customers who paid an order by the channel in the period. Who paid by two channels is in both.",
    )
    .null_when("no paid order of the shop, in any period, names the channel, or the job maps no customer_id"),
    column(
        "shop_paid_amount",
        Money(|row: &Row| Some(row.totals.paid_amount)),
        "CNY",
        "店铺支付金额",
        "What was paid for all orders of the shop in the period, by any channel or none.",
    ),
    column(
        "amount_share",
        Share(|row: &Row| ratio_known(row.paid_amount(), Some(row.totals.paid_amount))),
        "1",
        "支付金额占比",
        "The channel's part of what was paid at the shop in the period; over the channels it adds up to 1.",
    )
    .formula("paid_amount / shop_paid_amount")
    .null_when("nothing was paid in the period, or no paid order of the shop, in any period, names the channel"),
];

/// What both say together, and the changes.
const BOTH: [ValueColumn<Row>; 14] = [
    column(
        "paying_customer_days",
        Count(|row: &Row| row.means.paying_customer_days),
        "customer-days",
        "日支付买家数合计",
        "The daily numbers of customers who paid by the channel, summed over the days with a UV of it; who paid on two of these days is in \
         it twice.",
    )
    .null_when("no day of the period has a UV of the channel, no paid order of the shop names it, or the job maps no customer_id"),
    column(
        "conversion",
        Ratio(|row: &Row| row.means.uv_conversion()),
        "1",
        "支付转化率（日均）",
        "The daily mean of the channel's paying customers divided by the daily mean of its visitors, both over the days with a UV of the \
         channel.",
    )
    .formula("paying_customer_days / uv_sum")
    .source(UV_CONVERSION)
    .null_when("paying_customer_days is null, or uv_sum is 0"),
    column(
        "uv_with_cost",
        Count(|row: &Row| row.visited.uv_with_cost),
        "visitor-days",
        "有花费日访客数合计",
        "The daily UV of the channel summed over the days with a cost of it.",
    )
    .null_when("no day of the period has a cost of the channel, or one that has it has no UV"),
    column(
        "cost_per_visitor",
        Ratio(|row: &Row| money_per(row.visited.cost?, row.visited.uv_with_cost?)),
        "CNY per visitor-day",
        "访客成本",
        "What was spent on the channel for each visitor of a day, over the days with a cost.",
    )
    .formula("cost / uv_with_cost")
    .null_when("cost is null, or uv_with_cost is null or 0"),
    column(
        "orders_with_cost",
        Count(|row: &Row| Some(row.bought?.orders_with_cost)),
        "orders",
        "有花费日支付订单数",
        "Orders by the channel that were paid on days with a cost of it.",
    )
    .null_when(NO_ORDERS),
    column(
        "cost_per_order",
        Ratio(|row: &Row| money_per(row.visited.cost?, row.bought?.orders_with_cost)),
        "CNY per order",
        "成交成本",
        "What was spent on the channel for each order paid by it, over the days with a cost.",
    )
    .formula("cost / orders_with_cost")
    .null_when("cost is null, or orders_with_cost is null or 0"),
    column(
        "paid_amount_with_cost",
        Money(|row: &Row| Some(row.bought?.paid_amount_with_cost)),
        "CNY",
        "有花费日支付金额",
        "What was paid for orders_with_cost. Refunds are not deducted.",
    )
    .null_when(NO_ORDERS),
    column(
        "return_on_cost",
        Ratio(|row: &Row| ratio_known(Some(row.bought?.paid_amount_with_cost), row.visited.cost)),
        "1",
        "投入产出比 (ROI)",
        "What was paid by the channel for each yuan spent on it, over the days with a cost. It counts neither refunds nor what the goods \
         cost; see channel_value for what the new customers brought later.",
    )
    .formula("paid_amount_with_cost / cost")
    .null_when("paid_amount_with_cost is null, or cost is null or 0"),
    column(
        "channels_uv_sum",
        Count(|row: &Row| row.totals.uv_sum),
        "visitor-days",
        "各来源日访客数合计",
        "uv_sum of all channels of the shop in the period together. More than the visitors of the shop: who came by two channels is in it \
         twice.",
    )
    .null_when("no channel of the shop has a UV in the period"),
    column(
        "visitor_share",
        Share(|row: &Row| ratio_known(row.means.uv_sum, row.totals.uv_sum)),
        "1",
        "访客占比",
        "The channel's part of the visitors by all channels; over the channels it adds up to 1.",
    )
    .formula("uv_sum / channels_uv_sum")
    .null_when("uv_sum is null, or channels_uv_sum is 0"),
    column(
        "uv_daily_mean_previous",
        Ratio(|row: &Row| row.before?.uv_daily_mean()),
        "visitors per day",
        "上期日均访客数",
        "uv_daily_mean of the channel in the period before, of the same grain.",
    )
    .null_when("the period before is incomplete, or has no UV of the channel"),
    column(
        "uv_daily_mean_vs_previous",
        Number(|row: &Row| row.uv_change()),
        "1",
        "日均访客数环比",
        "The change of uv_daily_mean against the period before. A running period is compared by its days so far.",
    )
    .formula("uv_daily_mean / uv_daily_mean_previous - 1")
    .null_when("uv_daily_mean is null, or uv_daily_mean_previous is null or 0"),
    column(
        "conversion_previous",
        Ratio(|row: &Row| row.before?.uv_conversion()),
        "1",
        "上期支付转化率（日均）",
        "conversion of the channel in the period before, of the same grain.",
    )
    .null_when("the period before is incomplete or has no row of the channel, or conversion is null there"),
    column(
        "conversion_vs_previous",
        Number(|row: &Row| row.conversion_change()),
        "1",
        "支付转化率（日均）环比",
        "The change of conversion against the period before. A running period is compared by its days so far.",
    )
    .formula("conversion / conversion_previous - 1")
    .null_when("conversion is null, or conversion_previous is null or 0"),
];

#[cfg(test)]
mod tests;
