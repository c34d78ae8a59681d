//! customers: one row per customer with a purchase: figures, lifecycle stage, RFM, value tier, forecast.
//!
//! A run has millions of rows: the table is on whole arrays, and the next batch is made while one is written.

use std::sync::OnceLock;

use super::batch::CustomerBatch;
use crate::fold::customer::columns::CustomerColumns;
use crate::fold::customers::FIRSTS;
use crate::history::Context;
use crate::metric::member_level;
use crate::metric::ratio::{money_per, ratio};
use crate::spec::{Grain, Id, Kind, Need};
use crate::table::array_table::{ArrayColumn, ArrayTable, array_column, same_array};
use crate::table::arrays::{categories, customers, dates, integers, items, money, numbers, shops, texts};
use crate::table::forecast::{self, FORECASTS};
use crate::table::night::Read;
use crate::table::scores::SCORED_CUSTOMERS;
use crate::table::unit::Witness;

const SPECIFICATION: &str = "docs/definitions.md, Customers";
const NO_LINKS: &str = "the job has no customer_links, or none of them is valid";
const ONE_DAY: &str = "the customer has one purchase day only, so that there is no interval yet";

/// The table.
pub static TABLE: ArrayTable<CustomerBatch> = ArrayTable {
    name: "customers",
    chinese: "客户价值表",
    question: "Who are the shop's customers, what is each of them worth, and where does each stand today?",
    grain: "one customer of one shop with at least one purchase up to the as-of date",
    key: &["shop_id", "customer_id"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &["channel", "category_id", "province", "item_id"],
    reads: &[Read::Shared(&SCORED_CUSTOMERS), Read::Part(&FIRSTS), Read::IfRequested(&FORECASTS)],
    columns: &[
        &[array_column(
            "shop_id",
            Kind::ShopId,
            "",
            "店铺",
            "The shop that the customer bought from; who buys in two shops is a customer of each.",
            |batch| shops(batch.context(), batch.each(|columns, row| columns.keys.shop[row])),
        )],
        COLUMNS,
        &[
            same_array(forecast::columns::P_ALIVE, |batch| numbers(batch.forecasts().map(|forecast| forecast?.probability_alive))),
            same_array(forecast::columns::EXPECTED_PURCHASES, |batch| {
                numbers(batch.forecasts().map(|forecast| Some(forecast?.expected_purchases)))
            }),
            same_array(forecast::columns::EXPECTED_VALUE, |batch| money(batch.forecasts().map(|forecast| forecast?.expected_value))),
        ],
    ],
    rows: CustomerBatch::all,
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// All columns but those of the shop and of its forecast: those of a group's customers too.
pub(crate) const COLUMNS: &[ArrayColumn<CustomerBatch>] = &[
    array_column("customer_id", Kind::CustomerId, "", "买家", "The customer's id as the orders input has it.", |batch| {
        customers(batch.context(), batch.each(|columns, row| columns.keys.id.get(row)))
    }),
    array_column(
        "first_purchase_date",
        Kind::Date,
        "date",
        "首购日期",
        "The day, in the job's timezone, on which the earliest purchase was paid.",
        |batch: &CustomerBatch| dates(batch.each(|columns, row| columns.first_day[row])),
    )
    .source(SPECIFICATION),
    array_column(
        "last_purchase_date",
        Kind::Date,
        "date",
        "最近购买日期",
        "The day on which the latest purchase up to the as-of date was paid.",
        |batch| dates(batch.each(|columns, row| columns.last_day[row])),
    ),
    array_column(
        "second_purchase_date",
        Kind::Date,
        "date",
        "第二个购买日",
        "The second purchase day: the first one after first_purchase_date.",
        |batch: &CustomerBatch| dates(batch.each(|columns, row| columns.second_day[row])),
    )
    .null_when("the customer has one purchase day only"),
    array_column(
        "purchase_days",
        Kind::Count,
        "days",
        "购买天数",
        "Calendar days with at least one purchase; several orders paid on one day are one purchase day. This is F of RFM.",
        |batch: &CustomerBatch| integers(batch.each(|columns, row| Some(i64::from(columns.purchase_days[row])))),
    )
    .source(SPECIFICATION),
    array_column(
        "orders",
        Kind::Count,
        "orders",
        "成交订单数",
        "Purchases: orders that were paid and not refunded in full. An order refunded in full leaves no trace in this row.",
        |batch| integers(batch.each(|columns, row| Some(i64::from(columns.orders[row])))),
    ),
    array_column(
        "quantity",
        Kind::Count,
        "items",
        "购买件数",
        "Items in these orders; where the job maps no quantity every order line counts as 1.",
        |batch| integers(batch.each(|columns, row| Some(columns.quantity[row]))),
    ),
    array_column(
        "paid_amount",
        Kind::Money,
        "CNY",
        "成交金额",
        "What was paid for these orders, partial refunds not deducted.",
        |batch| money(batch.each(|columns, row| Some(columns.paid_amount[row]))),
    ),
    array_column(
        "refund_amount",
        Kind::Money,
        "CNY",
        "退款金额",
        "What of paid_amount was refunded by the as-of date, refunds of unknown orders that name the customer included. It can still grow for recent orders.",
        |batch| money(batch.each(|columns, row| Some(columns.refund_amount[row]))),
    ),
    array_column(
        "net_revenue",
        Kind::Money,
        "CNY",
        "净支付金额（按支付日）",
        "What was paid for the purchases less what of it was refunded. This is M of RFM.",
        |batch: &CustomerBatch| money(batch.each(|columns, row| Some(columns.net_revenue(row)))),
    )
    .formula("paid_amount − refund_amount"),
    array_column(
        "order_value",
        Kind::Ratio,
        "CNY per order",
        "笔单价",
        "What one of the customer's orders brings on average, before refunds.",
        |batch: &CustomerBatch| numbers(batch.each(|columns, row| money_per(columns.paid_amount[row], i64::from(columns.orders[row])))),
    )
    .formula("paid_amount / orders"),
    array_column(
        "recency_days",
        Kind::Count,
        "days",
        "最近购买距今天数",
        "Days from the last purchase day to the as-of date: 0 for who bought on that very day. This is R of RFM.",
        |batch: &CustomerBatch| integers(batch.rows().map(|row| Some(batch.customers.recency(row)))),
    )
    .formula("as-of date − last_purchase_date"),
    array_column(
        "age_days",
        Kind::Count,
        "days",
        "首购距今天数",
        "Days from the first purchase day to the as-of date: how long the shop has known the customer.",
        |batch: &CustomerBatch| integers(batch.each(|columns, row| Some(batch.customers.recency(row) + columns.interval_days(row)))),
    )
    .formula("as-of date − first_purchase_date"),
    array_column(
        "mean_interval_days",
        Kind::Ratio,
        "days",
        "平均回购周期",
        "Mean days between two consecutive purchase days. The time since the last purchase, which has not ended, is not in it.",
        |batch: &CustomerBatch| {
            numbers(batch.each(|columns, row| ratio(columns.interval_days(row), i64::from(columns.purchase_days[row]) - 1)))
        },
    )
    .formula("(last_purchase_date − first_purchase_date) / (purchase_days − 1)")
    .null_when(ONE_DAY),
    array_column(
        "median_interval_days",
        Kind::Ratio,
        "days",
        "回购周期中位数",
        "Median of the days between consecutive purchase days; of an even number of intervals the mean of the two in the middle.",
        |batch: &CustomerBatch| numbers(batch.each(median_interval)),
    )
    .null_when(ONE_DAY),
    array_column(
        "last_interval_days",
        Kind::Count,
        "days",
        "最近一次回购间隔",
        "Days between the last purchase day and the one before it.",
        |batch: &CustomerBatch| integers(batch.each(|columns, row| columns.last_interval(row).map(i64::from))),
    )
    .null_when(ONE_DAY),
    array_column(
        "cohort_month",
        Kind::Date,
        "date",
        "首购月份",
        "The first day of the calendar month of the first purchase.",
        |batch| dates(batch.each(|columns, row| Grain::Month.start(Grain::Month.index(columns.first_day[row])))),
    ),
    array_column(
        "first_channel",
        Kind::Text,
        "",
        "首购渠道",
        "The traffic source that brought the first purchase, the earliest by paid time and then by order id.",
        |batch: &CustomerBatch| texts(batch.each(|columns, row| batch.context().channels.value(columns.first_channel[row]))),
    )
    .null_when("the first purchase has no channel, or the job maps none"),
    array_column(
        "first_category",
        Kind::CategoryId,
        "",
        "首购类目",
        "The category of the first line (lowest line id) of the first purchase.",
        |batch: &CustomerBatch| categories(batch.context(), batch.each(|columns, row| columns.first_category[row])),
    )
    .null_when("the first purchase has no category, or the job maps none"),
    array_column(
        "first_item_id",
        Kind::ItemId,
        "",
        "首购商品",
        "The item of the first line (lowest line id) of the first purchase.",
        |batch: &CustomerBatch| items(batch.context(), batch.each(|columns, row| columns.first_item[row])),
    )
    .null_when("the first purchase has no item, or the job maps none"),
    array_column(
        "first_order_amount",
        Kind::Money,
        "CNY",
        "首单金额",
        "What was paid for the first purchase, partial refunds not deducted.",
        |batch| money(batch.each(|columns, row| Some(columns.first_order_amount[row]))),
    ),
    array_column(
        "province",
        Kind::Text,
        "",
        "省份",
        "The province of the last purchase; of purchases paid at the same time the one with the greater order id is the later.",
        |batch: &CustomerBatch| texts(batch.each(|columns, row| batch.context().provinces.value(columns.province[row]))),
    )
    .null_when("the last purchase has no province, or the job maps none"),
    array_column(
        "lifecycle",
        Kind::Text,
        "",
        "生命周期阶段",
        "Where the customer stands by recency_days: new, active, reactivated, quiet, dormant or churned.",
        |batch: &CustomerBatch| texts(batch.scores().map(|score| Some(score.stage.name()))),
    )
    .formula(
        "recency_days <= active_days: new with one purchase day, reactivated with last_interval_days > dormant_days, else active; \
         <= quiet_days: quiet; <= dormant_days: dormant; else churned",
    )
    .source(SPECIFICATION),
    array_column(
        "r_score",
        Kind::Count,
        "1 to 5",
        "R 分",
        "How recent the last purchase is, 5 for the most recent: by the lifecycle limits in force in the shop, or by the customer's place among all.",
        |batch: &CustomerBatch| integers(batch.scores().map(|score| Some(i64::from(score.rfm.recency)))),
    )
    .formula(
        "5 up to half of active_days, 4 up to active_days, 3 up to quiet_days, 2 up to dormant_days, else 1; with `recency: quantile` 1 + (5 × \
         customers of the shop with a longer recency_days) div customers of the shop; or by the job's thresholds",
    )
    .source(SPECIFICATION),
    array_column(
        "f_score",
        Kind::Count,
        "1 to 5",
        "F 分",
        "How many purchase days the customer has among the shop's customers, 5 for the most.",
        |batch: &CustomerBatch| integers(batch.scores().map(|score| Some(i64::from(score.rfm.frequency)))),
    )
    .formula("1 + (5 × customers of the shop with fewer purchase_days) div customers of the shop; or by the job's thresholds")
    .source(SPECIFICATION),
    array_column(
        "m_score",
        Kind::Count,
        "1 to 5",
        "M 分",
        "How much net revenue the customer brought among the shop's customers, 5 for the most.",
        |batch: &CustomerBatch| integers(batch.scores().map(|score| Some(i64::from(score.rfm.monetary)))),
    )
    .formula("1 + (5 × customers of the shop with less net_revenue) div customers of the shop; or by the job's thresholds")
    .source(SPECIFICATION),
    array_column(
        "rfm_segment",
        Kind::Text,
        "",
        "RFM 客户类型",
        "Which of R, F and M are high: HHH champion, HLH promising, LHH must_keep, LLH win_back, HHL regular, HLL recent, LHL fading, LLL \
         lost. F and M are high where they are not below the shop's mean score; R where the customer is not dormant yet, or where it is \
         scored otherwise like F and M.",
        |batch: &CustomerBatch| texts(batch.scores().map(|score| Some(score.segment.name()))),
    )
    .formula("high: score × customers of the shop >= sum of the shop's scores; R by the lifecycle limits: r_score >= 3")
    .source(SPECIFICATION),
    array_column(
        "value_tier",
        Kind::Text,
        "",
        "价值等级",
        "A for the customers who bring the first 80 % of the shop's net revenue, B for the next 15 %, C for the rest; all C where \
         the shop's net revenue is not positive.",
        |batch: &CustomerBatch| texts(batch.scores().map(|score| Some(score.tier.name()))),
    )
    .formula(
        "by net_revenue descending, customer_id ascending: A while the net revenue of those before is under 80 % of the shop's, B \
         while under 95 %",
    )
    .source(SPECIFICATION),
    array_column(
        "member_level",
        Kind::Text,
        "",
        "会员等级",
        "The highest level of params.member_levels that the customer has reached, by net_revenue or by orders: all that was bought up to \
         the as-of date counts.",
        |batch: &CustomerBatch| {
            let levels = &batch.context().params.member_levels;
            let reached = |columns: &CustomerColumns, row: usize| {
                member_level::reached(levels, columns.net_revenue(row), i64::from(columns.orders[row]))
            };
            texts(batch.each(reached).map(|level| Some(levels.get(level?)?.name.as_str())))
        },
    )
    .formula("the last level with net_revenue >= min_amount or orders >= min_orders")
    .null_when("the job has no levels, or the customer has not reached the first")
    .source("docs/definitions.md, Customers"),
    array_column(
        "next_level_amount",
        Kind::Money,
        "CNY",
        "升级还差金额",
        "The net revenue that the customer lacks to reach the level above member_level, the first one where member_level is null.",
        |batch: &CustomerBatch| {
            let levels = &batch.context().params.member_levels;
            money(batch.each(|columns, row| member_level::missing_amount(levels, columns.net_revenue(row), i64::from(columns.orders[row]))))
        },
    )
    .formula("min_amount of the next level − net_revenue")
    .null_when("the job has no levels, the customer has the highest, or no amount reaches the next one")
    .source("docs/definitions.md, Customers"),
    array_column(
        "linked_ids",
        Kind::Count,
        "ids",
        "关联编号数",
        "Other ids of the same person by customer_links, in whatever shop: customer_id is the smallest of all.",
        |batch: &CustomerBatch| {
            let links = &batch.context().links;
            let others =
                |columns: &CustomerColumns, row: usize| (!links.is_empty()).then(|| links.others(columns.keys.id.get(row)).count() as i64);
            integers(batch.each(others))
        },
    )
    .null_when(NO_LINKS)
    .source("docs/definitions.md, Linked ids"),
    array_column(
        "linked_id_list",
        Kind::Text,
        "",
        "关联编号",
        "These ids, ascending and divided by blanks; of more than ten the first ten, and how many more there are.",
        |batch: &CustomerBatch| texts(batch.each(|columns, row| id_list(batch.context(), columns.keys.id.get(row)))),
    )
    .null_when("the customer has no other id")
    .source("docs/definitions.md, Linked ids"),
];

/// The other ids of a person; `None` where there is none.
fn id_list(context: &Context, person: Id<'_>) -> Option<String> {
    const MOST: usize = 10;
    let mut others = context.links.others(person);
    let mut list: Vec<String> = others.by_ref().take(MOST).map(|id| context.ids.customer.show(id)).collect();
    let more = others.count();
    if more > 0 {
        list.push(format!("+{more}"));
    }
    (!list.is_empty()).then(|| list.join(" "))
}

/// Half the doubled median; `None` with one purchase day.
fn median_interval(columns: &CustomerColumns, row: usize) -> Option<f64> {
    columns.last_interval(row).and_then(|_| ratio(i64::from(columns.doubled_median_interval[row]), 2))
}

#[cfg(test)]
mod tests;
