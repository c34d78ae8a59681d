//! customers: one row per customer with a purchase: figures, lifecycle stage, RFM, value tier.

use arrow::record_batch::RecordBatch;

use super::customer_fold::CustomerFold;
use super::customer_marks::MarkedCustomers;
use super::{Frame, Sink, segment_value};
use crate::error::Result;
use crate::history::Context;
use crate::metric::ratio::{money_per, ratio};
use crate::spec::{Card, Column, Grain, Kind, Need};

const SPECIFICATION: &str = "specification, result tables, B. Customers";
const ONE_DAY: &str = "the customer has one purchase day only, so that there is no interval yet";

/// The card of the table.
pub static CARD: Card = Card {
    name: "customers",
    chinese: "客户价值表",
    question: "Who are the shop's customers, what is each of them worth, and where does each stand today?",
    grain: "one customer of one shop with at least one purchase up to the as-of date",
    key: &["shop_id", "customer_id"],
    columns: &[
        Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop that the customer bought from; who buys in two shops is a customer of each."),
        Column::new("customer_id", Kind::CustomerId, "", "买家", "The customer's id as the orders input has it."),
        Column::new("first_purchase_date", Kind::Date, "date", "首购日期", "The day, in the job's timezone, on which the earliest purchase was paid.")
            .source(SPECIFICATION),
        Column::new("last_purchase_date", Kind::Date, "date", "最近购买日期", "The day on which the latest purchase up to the as-of date was paid."),
        Column::new(
            "purchase_days",
            Kind::Count,
            "days",
            "购买天数",
            "Calendar days with at least one purchase; several orders paid on one day are one purchase day. This is F of RFM.",
        )
        .source(SPECIFICATION),
        Column::new(
            "orders",
            Kind::Count,
            "orders",
            "成交订单数",
            "Purchases: orders that were paid and not refunded in full. An order refunded in full leaves no trace in this row.",
        ),
        Column::new("quantity", Kind::Count, "items", "购买件数", "Items in these orders; where the job maps no quantity every order line counts as 1."),
        Column::new("paid_amount", Kind::Money, "CNY", "成交金额", "What was paid for these orders, partial refunds not deducted."),
        Column::new("refund_amount", Kind::Money, "CNY", "退款金额", "What of paid_amount was refunded by the as-of date. It can still grow for recent orders."),
        Column::new("net_revenue", Kind::Money, "CNY", "净成交额", "What was paid for the purchases less what of it was refunded. This is M of RFM.")
            .formula("paid_amount − refund_amount"),
        Column::new("order_value", Kind::Ratio, "CNY per order", "笔单价", "What one of the customer's orders brings on average, before refunds.")
            .formula("paid_amount / orders"),
        Column::new(
            "recency_days",
            Kind::Count,
            "days",
            "最近购买距今天数",
            "Days from the last purchase day to the as-of date: 0 for who bought on that very day. This is R of RFM.",
        )
        .formula("as-of date − last_purchase_date"),
        Column::new("age_days", Kind::Count, "days", "首购距今天数", "Days from the first purchase day to the as-of date: how long the shop has known the customer.")
            .formula("as-of date − first_purchase_date"),
        Column::new(
            "mean_interval_days",
            Kind::Ratio,
            "days",
            "平均回购周期",
            "Mean days between two consecutive purchase days. The time since the last purchase, which has not ended, is not in it.",
        )
        .formula("(last_purchase_date − first_purchase_date) / (purchase_days − 1)")
        .null_when(ONE_DAY),
        Column::new(
            "median_interval_days",
            Kind::Ratio,
            "days",
            "回购周期中位数",
            "Median of the days between consecutive purchase days; of an even number of intervals the mean of the two in the middle.",
        )
        .null_when(ONE_DAY),
        Column::new("last_interval_days", Kind::Count, "days", "最近一次回购间隔", "Days between the last purchase day and the one before it.")
            .null_when(ONE_DAY),
        Column::new("cohort_month", Kind::Date, "date", "首购月份", "The first day of the calendar month of the first purchase."),
        Column::new(
            "first_channel",
            Kind::Text,
            "",
            "首购渠道",
            "The traffic source that brought the first purchase, the earliest by paid time and then by order id.",
        )
        .null_when("the first purchase has no channel, or the job maps none"),
        Column::new("first_category", Kind::Text, "", "首购类目", "The category of the first line (lowest line id) of the first purchase.")
            .null_when("the first purchase has no category, or the job maps none"),
        Column::new(
            "province",
            Kind::Text,
            "",
            "省份",
            "The province of the last purchase; of purchases paid at the same time the one with the greater order id is the later.",
        )
        .null_when("the last purchase has no province, or the job maps none"),
        Column::new(
            "lifecycle",
            Kind::Text,
            "",
            "生命周期阶段",
            "Where the customer stands by recency_days: new, active, reactivated, quiet, dormant or churned.",
        )
        .formula(
            "recency_days <= active_days: new with one purchase day, reactivated with last_interval_days > dormant_days, else active; \
             <= quiet_days: quiet; <= dormant_days: dormant; else churned",
        )
        .source(SPECIFICATION),
        Column::new("r_score", Kind::Count, "1 to 5", "R 分", "How recent the last purchase is among the shop's customers, 5 for the most recent.")
            .formula("1 + (5 × customers of the shop with a longer recency_days) div customers of the shop; or by the job's thresholds")
            .source(SPECIFICATION),
        Column::new("f_score", Kind::Count, "1 to 5", "F 分", "How many purchase days the customer has among the shop's customers, 5 for the most.")
            .formula("1 + (5 × customers of the shop with fewer purchase_days) div customers of the shop; or by the job's thresholds")
            .source(SPECIFICATION),
        Column::new("m_score", Kind::Count, "1 to 5", "M 分", "How much net revenue the customer brought among the shop's customers, 5 for the most.")
            .formula("1 + (5 × customers of the shop with less net_revenue) div customers of the shop; or by the job's thresholds")
            .source(SPECIFICATION),
        Column::new(
            "rfm_segment",
            Kind::Text,
            "",
            "RFM 客户类型",
            "Which of R, F and M are high, that is not below the shop's mean score: HHH champion, HLH promising, LHH must_keep, LLH win_back, \
             HHL regular, HLL recent, LHL fading, LLL lost.",
        )
        .formula("high: score × customers of the shop >= sum of the shop's scores")
        .source(SPECIFICATION),
        Column::new(
            "value_tier",
            Kind::Text,
            "",
            "价值等级",
            "A for the customers who bring the first 80 % of the shop's net revenue, B for the next 15 %, C for the rest; \
             all C where the shop's net revenue is not positive.",
        )
        .formula("by net_revenue descending, customer_id ascending: A while the net revenue of those before is under 80 % of the shop's, B while under 95 %")
        .source(SPECIFICATION),
    ],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &["quantity", "channel", "category_id", "province"],
};

/// Rows of one batch.
const BATCH: usize = 65_536;

impl CustomerFold {
    /// Puts all customers in order, marks them, and hands out those of the two tables that are wanted: the batches of
    /// `customers`, then the one of `segment_value`. Each table has at least one batch, if an empty one.
    ///
    /// # Errors
    /// What the sink returns; [`crate::error::Error::Defect`] where a customer came twice.
    pub fn finish(self, context: &Context, wants_customers: bool, wants_segments: bool, sink: &mut Sink<'_>) -> Result<()> {
        if !wants_customers && !wants_segments {
            return Ok(());
        }
        let customers = MarkedCustomers::of(context, self)?;
        if wants_customers {
            write(&customers, sink)?;
        }
        if wants_segments {
            sink(&segment_value::CARD, segment_value::table(&customers)?)?;
        }
        Ok(())
    }
}

/// Hands out batch after batch; while the sink has one, the next is made beside it.
fn write(customers: &MarkedCustomers<'_>, sink: &mut Sink<'_>) -> Result<()> {
    let number = customers.order.len();
    let mut next = Some(batch(customers, 0..number.min(BATCH)));
    let mut start = BATCH;
    while let Some(ready) = next.take() {
        let ready = ready?;
        rayon::in_place_scope(|scope| {
            if start < number {
                scope.spawn(|_| next = Some(batch(customers, start..number.min(start + BATCH))));
            }
            sink(&CARD, ready)
        })?;
        start += BATCH;
    }
    Ok(())
}

/// The customers at these positions of the result.
fn batch(customers: &MarkedCustomers<'_>, positions: std::ops::Range<usize>) -> Result<RecordBatch> {
    let MarkedCustomers { context, columns, .. } = customers;
    let order = &customers.order[positions.clone()];
    let marks = &customers.marks[positions];
    let rows = || order.iter().map(|row| *row as usize);
    let intervals = |row: usize| i64::from(columns.purchase_days[row]) - 1;
    let mut frame = Frame::new(&CARD, context);
    frame
        .shops("shop_id", rows().map(|row| columns.shop[row]))
        .customers("customer_id", rows().map(|row| columns.customer_id.get(row)))
        .dates("first_purchase_date", rows().map(|row| columns.first_day[row]))
        .dates("last_purchase_date", rows().map(|row| columns.last_day[row]))
        .counts("purchase_days", rows().map(|row| Some(i64::from(columns.purchase_days[row]))))
        .counts("orders", rows().map(|row| Some(i64::from(columns.orders[row]))))
        .counts("quantity", rows().map(|row| Some(columns.quantity[row])))
        .money("paid_amount", rows().map(|row| Some(columns.paid_amount[row])))
        .money("refund_amount", rows().map(|row| Some(columns.refund_amount[row])))
        .money("net_revenue", rows().map(|row| Some(columns.net_revenue(row))))
        .numbers("order_value", rows().map(|row| money_per(columns.paid_amount[row], i64::from(columns.orders[row]))))
        .counts("recency_days", rows().map(|row| Some(customers.recency(row))))
        .counts("age_days", rows().map(|row| Some(customers.recency(row) + columns.interval_days(row))))
        .numbers("mean_interval_days", rows().map(|row| ratio(columns.interval_days(row), intervals(row))))
        .numbers(
            "median_interval_days",
            rows().map(|row| columns.last_interval(row).and_then(|_| ratio(i64::from(columns.doubled_median_interval[row]), 2))),
        )
        .counts("last_interval_days", rows().map(|row| columns.last_interval(row).map(i64::from)))
        .dates("cohort_month", rows().map(|row| Grain::Month.start(Grain::Month.index(columns.first_day[row]))))
        .text("first_channel", rows().map(|row| context.channels.value(columns.first_channel[row])))
        .text("first_category", rows().map(|row| context.categories.value(columns.first_category[row])))
        .text("province", rows().map(|row| context.provinces.value(columns.province[row])))
        .text("lifecycle", marks.iter().map(|mark| Some(mark.stage.name())))
        .counts("r_score", marks.iter().map(|mark| Some(i64::from(mark.scores[0]))))
        .counts("f_score", marks.iter().map(|mark| Some(i64::from(mark.scores[1]))))
        .counts("m_score", marks.iter().map(|mark| Some(i64::from(mark.scores[2]))))
        .text("rfm_segment", marks.iter().map(|mark| Some(mark.segment.name())))
        .text("value_tier", marks.iter().map(|mark| Some(mark.tier.name())))
        .finish()
}
