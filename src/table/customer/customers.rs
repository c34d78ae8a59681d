//! customers: one row per customer with a purchase: figures, lifecycle stage, RFM, value tier, forecast.

use std::borrow::Cow;
use std::ops::Range;

use arrow::record_batch::RecordBatch;

use super::scores::SCORED_CUSTOMERS;
use super::scores::ScoredCustomers;
use crate::error::Result;
use crate::metric::ratio::{money_per, ratio};
use crate::spec::{Card, Column, Grain, Kind, Need};
use crate::table::Frame;
use crate::table::forecast;
use crate::table::forecast::FORECASTS;
use crate::table::forecast::Forecasts;
use crate::table::night::Read;
use crate::table::unit::{FrameTable, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Customers";
const ONE_DAY: &str = "the customer has one purchase day only, so that there is no interval yet";

/// The card of the table.
pub static CARD: Card = Card {
    name: Cow::Borrowed("customers"),
    chinese: "客户价值表",
    question: Cow::Borrowed("Who are the shop's customers, what is each of them worth, and where does each stand today?"),
    grain: "one customer of one shop with at least one purchase up to the as-of date",
    key: &["shop_id", "customer_id"],
    columns: Cow::Borrowed(&[
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
        Column::new("first_category", Kind::CategoryId, "", "首购类目", "The category of the first line (lowest line id) of the first purchase.")
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
        forecast::columns::P_ALIVE,
        forecast::columns::EXPECTED_PURCHASES,
        forecast::columns::EXPECTED_VALUE,
    ]),
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &["quantity", "channel", "category_id", "province"],
};

/// The table.
pub static TABLE: FrameTable = FrameTable {
    card: &CARD,
    reads: &[Read::Shared(&SCORED_CUSTOMERS), Read::IfRequested(&FORECASTS)],
    write: |night, sink| {
        let (customers, forecasts) = (night.shared(&SCORED_CUSTOMERS)?, night.if_requested(&FORECASTS)?);
        each_batch(&customers, forecasts.as_deref(), &mut |_, batch| sink(&CARD, batch))
    },
    witness: Witness::Sql,
};

/// Rows of one batch: as many as a row group of the file, so that none is put together from several.
const BATCH: usize = 131_072;

/// Hands out batch after batch with its rows, at least one, if an empty one; while one is looked at, the next is made beside it.
///
/// # Errors
/// What `each` returns.
pub fn each_batch(
    customers: &ScoredCustomers,
    forecasts: Option<&Forecasts>,
    each: &mut dyn FnMut(Range<usize>, RecordBatch) -> Result<()>,
) -> Result<()> {
    let number = customers.columns.len();
    let mut next = Some(batch(customers, forecasts, 0..number.min(BATCH)));
    let mut start = BATCH;
    while let Some(ready) = next.take() {
        let ready = ready?;
        rayon::in_place_scope(|scope| {
            if start < number {
                scope.spawn(|_| next = Some(batch(customers, forecasts, start..number.min(start + BATCH))));
            }
            each(start - BATCH..number.min(start), ready)
        })?;
        start += BATCH;
    }
    Ok(())
}

/// The customers in these rows.
fn batch(customers: &ScoredCustomers, forecasts: Option<&Forecasts>, range: Range<usize>) -> Result<RecordBatch> {
    let ScoredCustomers { context, columns, .. } = customers;
    let marks = &customers.marks[range.clone()];
    let rows = || range.clone();
    let intervals = |row: usize| i64::from(columns.purchase_days[row]) - 1;
    let mut frame = Frame::new(&CARD, context);
    frame
        .shops("shop_id", rows().map(|row| columns.keys.shop[row]))
        .customers("customer_id", rows().map(|row| columns.keys.id.get(row)))
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
        .categories("first_category", rows().map(|row| columns.first_category[row]))
        .text("province", rows().map(|row| context.provinces.value(columns.province[row])))
        .text("lifecycle", marks.iter().map(|mark| Some(mark.stage.name())))
        .counts("r_score", marks.iter().map(|mark| Some(i64::from(mark.scores[0]))))
        .counts("f_score", marks.iter().map(|mark| Some(i64::from(mark.scores[1]))))
        .counts("m_score", marks.iter().map(|mark| Some(i64::from(mark.scores[2]))))
        .text("rfm_segment", marks.iter().map(|mark| Some(mark.segment.name())))
        .text("value_tier", marks.iter().map(|mark| Some(mark.tier.name())));
    let expected: Vec<_> = rows().map(|row| forecasts.and_then(|forecasts| forecasts.customer(columns, row))).collect();
    forecast::columns::push(&mut frame, &expected);
    frame.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::customers::CustomerFold;
    use crate::history::{Context, Fold, Rfm};
    use crate::spec::IdType;
    use crate::table::customer_cases::{Buyer, BuyerId, column, context, day, finish, fold, paid, worked};
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    fn customers(buyers: &[Buyer], context: &Context) -> RecordBatch {
        let mut batches = finish(fold(buyers), context).unwrap();
        assert_eq!(batches.len(), 2);
        batches.swap_remove(0).1
    }

    #[test]
    fn six_customers_worked_by_hand() {
        let batch = customers(&worked(), &context(day("2026-06-30"), IdType::text()));
        let expect = |name: &str, expected: [&str; 6]| assert_eq!(column(&batch, name), expected, "{name}");
        expect("shop_id", ["7", "7", "7", "7", "7", "8"]);
        expect("customer_id", ["a", "b", "c", "d", "e", "a"]);
        expect("first_purchase_date", ["2026-06-30", "2025-11-01", "2026-01-01", "2025-12-31", "2026-01-01", "2026-05-30"]);
        expect("last_purchase_date", ["2026-06-30", "2026-06-10", "2026-04-01", "2025-12-31", "2026-01-14", "2026-05-30"]);
        expect("purchase_days", ["1", "2", "4", "1", "3", "1"]);
        expect("orders", ["1", "2", "5", "1", "3", "1"]);
        expect("quantity", ["1", "2", "11", "1", "3", "1"]);
        expect("paid_amount", ["100.00", "80.00", "200.00", "20.00", "60.00", "0.00"]);
        expect("refund_amount", ["0.00", "10.00", "0.00", "0.00", "0.00", "0.00"]);
        expect("net_revenue", ["100.00", "70.00", "200.00", "20.00", "60.00", "0.00"]);
        expect("order_value", ["100.0", "40.0", "40.0", "20.0", "20.0", "0.0"]);
        expect("recency_days", ["0", "20", "90", "181", "167", "31"]);
        // b: 20 + 221 days; c: 90 + 90; e: 167 + 13.
        expect("age_days", ["0", "241", "180", "181", "180", "31"]);
        // c: 3, 10 and 77 days; e: 4 and 9.
        expect("mean_interval_days", ["", "221.0", "30.0", "", "6.5", ""]);
        expect("median_interval_days", ["", "221.0", "10.0", "", "6.5", ""]);
        expect("last_interval_days", ["", "221", "77", "", "9", ""]);
        expect("cohort_month", ["2026-06-01", "2025-11-01", "2026-01-01", "2025-12-01", "2026-01-01", "2026-05-01"]);
        expect("first_channel", ["natural", "", "natural", "activity", "natural", ""]);
        expect("first_category", ["tea", "", "", "", "", ""]);
        expect("province", ["上海", "广东省", "", "上海", "广东省", ""]);
        expect("lifecycle", ["new", "reactivated", "quiet", "churned", "dormant", "quiet"]);
        // Of shop 7: recency 0 20 90 181 167; purchase days 1 2 4 1 3; net 100 70 200 20 60.
        expect("r_score", ["5", "4", "3", "1", "2", "1"]);
        expect("f_score", ["1", "3", "5", "1", "4", "1"]);
        expect("m_score", ["4", "3", "5", "1", "2", "1"]);
        // Sums 15, 14, 15: high from 3 in each.
        expect("rfm_segment", ["promising", "champion", "champion", "lost", "fading", "champion"]);
        // Of 450, before c 0, a 200, b 300, e 370 (82.2 %), d 430 (95.6 %); shop 8 has no revenue.
        expect("value_tier", ["A", "A", "A", "C", "B", "C"]);
    }

    #[test]
    fn fixed_thresholds_of_days_and_of_money_per_purchase_day() {
        let context = Context {
            rfm: Rfm::Fixed {
                recency_days: [30, 60, 90, 120],
                frequency: [2, 3, 4, 5],
                monetary: [50_00, 100_00, 150_00, 200_00],
                per_purchase_day: true,
            },
            ..context(day("2026-06-30"), IdType::text())
        };
        let batch = customers(&worked(), &context);
        assert_eq!(column(&batch, "r_score"), ["5", "5", "2", "1", "1", "4"]);
        assert_eq!(column(&batch, "f_score"), ["1", "2", "4", "1", "3", "1"]);
        // 100; 70 on two days; 200 on four days (50 each); 20; 60 on three; 0.
        assert_eq!(column(&batch, "m_score"), ["3", "1", "2", "1", "1", "1"]);
        // Shop 7: sums 14, 11, 8, so high are R from 3, F from 3, M from 2.
        assert_eq!(column(&batch, "rfm_segment"), ["promising", "recent", "must_keep", "lost", "fading", "champion"]);
    }

    #[test]
    fn without_customers_the_tables_are_there_and_empty() {
        let batches = finish(CustomerFold::default(), &context(day("2026-06-30"), IdType::text())).unwrap();
        assert_eq!(
            batches.iter().map(|(name, batch)| (name.clone(), batch.num_rows())).collect::<Vec<_>>(),
            [("customers".to_owned(), 0), ("segment_value".to_owned(), 0)]
        );
    }

    #[test]
    fn a_hundred_and_forty_thousand_customers_in_two_batches_on_any_threads() {
        let number = 140_000;
        let integer = IdType::of(&arrow::datatypes::DataType::Int64).unwrap();
        let context = context(day("2026-06-30"), integer);
        let one = day("2026-01-01");
        // Seven buckets, each ascending.
        let ids = (0..7).flat_map(|bucket| (0..number).filter(move |id| id * 7919 % 7 == bucket));
        let buyers: Vec<Buyer> =
            ids.map(|id| Buyer::new(1, BuyerId::Integer(id - 5_000), vec![paid(one + (id % 150) as i32, id % 97 * 100, 0)])).collect();
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| finish(fold(&buyers), &context).unwrap())
        };
        let batches = on(1);
        assert_eq!(batches.iter().map(|(_, batch)| batch.num_rows()).take(2).collect::<Vec<_>>(), [131_072, 8_928]);
        let ids: Vec<i64> =
            batches.iter().take(2).flat_map(|(_, batch)| column(batch, "customer_id")).map(|id| id.parse().unwrap()).collect();
        assert!(ids.into_iter().eq(-5_000..number - 5_000));
        assert!(on(4).into_iter().map(|(_, batch)| batch).eq(batches.into_iter().map(|(_, batch)| batch)));
    }

    /// Orders of a customer: days ascending, some refunded in part or in full, some unpaid.
    fn orders() -> impl Strategy<Value = Vec<crate::history::Order>> {
        let order = (0i32..400, 0i64..50, 0u32..3, 0u32..3, prop::bool::weighted(0.2));
        vec(order, 1..6).prop_map(|mut orders| {
            orders.sort_unstable();
            let order = |(days, amount, channel, province, is_refunded): (i32, i64, u32, u32, bool)| crate::history::Order {
                channel,
                province,
                ..paid(day("2025-06-01") + days, amount * 100, if is_refunded { amount * days as i64 / 3 } else { 0 })
            };
            orders.into_iter().map(order).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn buckets_and_states_change_no_byte(
            buyers in btree_map((0u32..3, 0u32..500), (orders(), 0usize..4, 0usize..4), 0..120),
            as_text in any::<bool>(),
        ) {
            let id = |number: u32| if as_text { BuyerId::Text(format!("buyer{}", number % 250 * number)) } else { BuyerId::Integer(i64::from(number) - 250) };
            let mut dealt: Vec<(usize, usize, Buyer)> = buyers
                .into_iter()
                .map(|((shop, number), (orders, worker, bucket))| (worker, bucket, Buyer::new(shop, id(number), orders)))
                .collect();
            let mut seen = std::collections::BTreeSet::new();
            dealt.retain(|(_, _, buyer)| seen.insert((buyer.shop, buyer.id.clone())));
            dealt.sort_by(|one, other| (one.2.shop, &one.2.id).cmp(&(other.2.shop, &other.2.id)));
            let id_type = if as_text { IdType::text() } else { IdType::of(&arrow::datatypes::DataType::UInt64).unwrap() };
            let context = context(day("2026-06-30"), id_type);
            let at_once = finish(fold(dealt.iter().map(|(_, _, buyer)| buyer)), &context).unwrap();

            dealt.sort_by_key(|(worker, bucket, _)| (*worker, *bucket));
            let mut merged = CustomerFold::default();
            for worker in dealt.chunk_by(|one, other| one.0 == other.0) {
                merged.merge(&fold(worker.iter().map(|(_, _, buyer)| buyer)).state().unwrap()).unwrap();
            }
            let merged = finish(merged, &context).unwrap();
            prop_assert_eq!(merged.len(), at_once.len());
            for ((card, batch), (same_card, same)) in merged.iter().zip(&at_once) {
                prop_assert_eq!(card, same_card);
                prop_assert_eq!(batch, same);
            }
        }
    }

    #[test]
    fn integer_ids_and_texts_do_not_mix() {
        let mut mixed = fold(&worked());
        let integer = Buyer::new(1, BuyerId::Integer(4), vec![paid(0, 1, 0)]);
        mixed.merge(&fold([&integer]).state().unwrap()).unwrap();
        assert!(finish(mixed, &context(day("2026-06-30"), IdType::text())).is_err());
        let mut mixed = fold([&integer]);
        mixed.update(&worked()[0].history());
        assert!(mixed.state().is_err());
    }
}
