//! cohort_retention: customers by their first period, those of them who bought in each later one, and their revenue.

use std::sync::{Arc, OnceLock};

use super::cohort_columns::{COHORT, DIMENSION_VALUE, IS_LEFT_TRUNCATED, SHOP_ID};
use super::cohort_dimensions::ByDimensions;
use crate::fold::cohorts::{COHORTS, Cohort};
use crate::history::Context;
use crate::metric::ratio::{money_per, ratio};
use crate::spec::{Day, Grain, Need};
use crate::table::column::Value::{Count, Date, Flag, Money, Number, Share, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const SPEC: &str = "docs/definitions.md, Cohorts";

/// A cohort in one period.
pub struct Row {
    pub(crate) shop: u32,
    dimension: &'static str,
    value: Arc<str>,
    grain: Grain,
    cohort: Day,
    period: i32,
    period_start: Day,
    size: i64,
    active: i64,
    rolling: i64,
    repurchased: i64,
    orders: i64,
    net_revenue: i64,
    cumulative: i64,
    is_complete: bool,
    is_left_truncated: bool,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "cohort_retention",
    chinese: "同期群留存",
    question: "Of the customers who first bought in one period, how many bought again in each period since, and what have they \
         brought so far?",
    grain: "one cohort of customers (by shop, dimension value and grain) in one period since its first, as far as that period has \
         started by the as-of date",
    key: &["shop_id", "dimension", "dimension_value", "grain", "cohort", "period"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[],
    reads: &[Read::Fold(&COHORTS)],
    columns: &[&[same(SHOP_ID, Shop(|row| row.shop))], COLUMNS],
    rows: |night, out| {
        let first_day = |shop: u32| night.context.first_days.get(shop as usize).copied().unwrap_or(night.context.first_day);
        let cohorts = night.fold(&COHORTS)?;
        cohorts.cohorts(&night.context).try_for_each(|cohort| out.all(periods(&night.context, &cohort, first_day(cohort.shop))))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// All columns but that of the shop: those of the cohorts of a group too.
pub(crate) const COLUMNS: &[ValueColumn<Row>] = &[
    column(
        "dimension",
        Text(|row: &Row| Some(row.dimension)),
        "",
        "维度",
        "By what the cohort is divided: `all` (undivided), `first_channel` or `first_category` (channel or category of the \
         customer's first purchase), `first_item` (item of its first line), `first_order_value_band` (1-2, 2-5, 5-10, 10-20 and so on: between which steps its paid amount lies, \
         the lower one included; sorted as texts), `first_promotion` (promotion of the first purchase), `province` (of the last purchase \
         by the as-of date).",
    )
    .source(SPEC),
    same(DIMENSION_VALUE, Text(|row: &Row| Some(&row.value))),
    column(
        "grain",
        Text(|row| Some(row.grain.name())),
        "",
        "周期粒度",
        "The length of cohort and periods: `day`, `week` (from the day of `params.week_starts`, Monday by default), `month` or \
         `quarter`; with `day` the periods are the days since the first purchase day.",
    ),
    same(COHORT, Date(|row| row.cohort)),
    column(
        "period",
        Count(|row| Some(row.period.into())),
        "periods",
        "第几期",
        "How many periods after the cohort's own this one is: 0 is the period of the first purchase.",
    ),
    column("period_start", Date(|row| row.period_start), "date", "期初日期", "The first day of the period that the row is about."),
    column(
        "cohort_size",
        Count(|row| Some(row.size)),
        "customers",
        "同期群人数",
        "Customers whose first purchase lies in the cohort's period: the denominator of both rates, the same in every row of \
         the cohort.",
    ),
    column(
        "active_customers",
        Count(|row| Some(row.active)),
        "customers",
        "当期回购人数",
        "Customers of the cohort with at least one purchase day in the period; in period 0 that is all of them.",
    ),
    column(
        "retention_rate",
        Share(|row: &Row| ratio(row.active, row.size)),
        "1",
        "留存率",
        "The share of the cohort that bought in this very period.",
    )
    .formula("active_customers / cohort_size")
    .source(SPEC),
    column(
        "rolling_active_customers",
        Count(|row| Some(row.rolling)),
        "customers",
        "滚动留存人数",
        "Customers of the cohort with a purchase day in this or a later period up to the as-of date. It can only rise in \
         later runs, when customers come back.",
    ),
    column(
        "rolling_retention_rate",
        Share(|row: &Row| ratio(row.rolling, row.size)),
        "1",
        "滚动留存率",
        "The share of the cohort that is known not to have left before this period.",
    )
    .formula("rolling_active_customers / cohort_size")
    .source(SPEC),
    column(
        "repurchased_customers",
        Count(|row| Some(row.repurchased)),
        "customers",
        "累计复购人数",
        "Customers of the cohort with a second purchase day by the end of the period, or by the as-of date if that is earlier. In period \
         0 those who came back within it.",
    ),
    column(
        "orders",
        Count(|row| Some(row.orders)),
        "orders",
        "成交订单数",
        "Purchases of the cohort paid in the period: paid orders that were not refunded in full by the as-of date.",
    ),
    column(
        "net_revenue",
        Money(|row: &Row| Some(row.net_revenue)),
        "CNY",
        "净支付金额（按支付日）",
        "What was paid for these purchases less what was refunded of them by the as-of date. It stands in the period of the \
         payment, whenever the refund came, and so can still fall in later runs. Refunds of unknown orders that name a customer of \
         the cohort stand in the period in which they were paid out.",
    )
    .formula("Σ (paid amount − refunded) over the purchases paid in the period − refunds of unknown orders in it"),
    column(
        "cumulative_net_revenue",
        Money(|row| Some(row.cumulative)),
        "CNY",
        "累计净支付金额",
        "Net revenue of the cohort from its first period to the end of this one, or to the as-of date if that is earlier.",
    ),
    column(
        "cumulative_revenue_per_customer",
        Number(|row: &Row| money_per(row.cumulative, row.size)),
        "CNY per customer",
        "人均累计净支付金额 (LTV)",
        "What a customer of the cohort has brought on average so far, those who never came back included: customer lifetime \
         value to date.",
    )
    .formula("cumulative_net_revenue / cohort_size"),
    column(
        "is_complete",
        Flag(|row| Some(row.is_complete)),
        "",
        "周期已结束",
        "Whether the period's last day is not after the as-of date. A period that still runs shows too few customers and too \
         little money, not fewer than other cohorts.",
    ),
    same(IS_LEFT_TRUNCATED, Flag(|row| Some(row.is_left_truncated))),
];

/// The table in the catalogue, with the columns of the dimensions that a job chooses.
pub static TABLE_BY_DIMENSIONS: ByDimensions<Row> = ByDimensions { table: &TABLE };

/// A row for every period that has started by the as-of date. `first_day` is that of the data of its shop.
pub(crate) fn periods(context: &Context, cohort: &Cohort<'_>, first_day: Day) -> impl Iterator<Item = Row> {
    let grain = cohort.grain;
    let start = grain.start(cohort.number);
    let last = grain.index(context.as_of) - cohort.number;
    let size = cohort.cell(0).active;
    let (mut rolling, mut repurchased, mut cumulative) = (size, 0, 0);
    let value = Arc::clone(&cohort.value);
    (0..=last).map(move |period| {
        let cell = cohort.cell(period);
        cumulative += cell.net_revenue;
        repurchased += cell.repurchased;
        let row = Row {
            shop: cohort.shop,
            dimension: cohort.dimension,
            value: Arc::clone(&value),
            grain,
            cohort: start,
            period,
            period_start: grain.start(cohort.number + period),
            size,
            active: cell.active,
            rolling,
            repurchased,
            orders: cell.orders,
            net_revenue: cell.net_revenue,
            cumulative,
            is_complete: grain.end(cohort.number + period) <= context.as_of,
            is_left_truncated: start < first_day.saturating_add(context.params.history_warmup),
        };
        // Customers whose last purchase day lies in this period are gone from the next one on.
        rolling -= cell.last_seen;
        row
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use arrow::record_batch::RecordBatch;

    use super::*;
    use crate::fold::cohorts::CohortFold;
    use crate::fold::folds::Gathered;
    use crate::history::Dictionary;
    use crate::spec::WeekStart;
    use crate::table::testing::*;

    pub(crate) fn table(context: &Context, fold: CohortFold) -> RecordBatch {
        made_of(&TABLE, context, Gathered::default().and(&COHORTS, fold))
    }

    /// A buys twice in January and again in March; B once in January, a quarter of it refunded; C once in February, a second
    /// time for a while: that order was refunded in full; D's only order was, too.
    fn four_customers() -> Vec<Customer> {
        let order = |date: &str, amount, code| paid(date, amount).coded(code, code);
        vec![
            customer(0, vec![order("2026-01-05", 10_000, 2), order("2026-01-20", 5_000, 1), order("2026-03-02", 3_000, 0)]),
            customer(0, vec![order("2026-01-31", 8_000, 0).refunding(2_000)]),
            customer(0, vec![order("2026-02-14", 1_000, 1), order("2026-02-20", 4_000, 2).refunding(4_000)]),
            customer(0, vec![order("2026-01-07", 9_000, 1).refunding(9_000)]),
        ]
    }

    #[test]
    fn a_case_by_hand() {
        let context = integer_shops("2025-09-01", "2026-03-10");
        let rows = table(&context, folded(CohortFold::new(&context), &four_customers()));
        let dates = |texts: &[&str]| texts.iter().map(|text| i64::from(day(text))).collect::<Vec<_>>();
        assert_eq!(known(&rows, "shop_id"), [10; 5]);
        assert_eq!(known(&rows, "cohort"), dates(&["2026-01-01", "2026-01-01", "2026-01-01", "2026-02-01", "2026-02-01"]));
        assert_eq!(known(&rows, "period"), [0, 1, 2, 0, 1]);
        assert_eq!(known(&rows, "period_start"), dates(&["2026-01-01", "2026-02-01", "2026-03-01", "2026-02-01", "2026-03-01"]));
        assert_eq!(known(&rows, "cohort_size"), [2, 2, 2, 1, 1]);
        assert_eq!(known(&rows, "active_customers"), [2, 0, 1, 1, 0]);
        assert_close(&numbers(&rows, "retention_rate"), &[1.0, 0.0, 0.5, 1.0, 0.0].map(Some));
        // A is known not to have left in February, because of March.
        assert_eq!(known(&rows, "rolling_active_customers"), [2, 1, 1, 1, 0]);
        assert_close(&numbers(&rows, "rolling_retention_rate"), &[1.0, 0.5, 0.5, 1.0, 0.0].map(Some));
        // A came back in January already; C's second order does not count.
        assert_eq!(known(&rows, "repurchased_customers"), [1, 1, 1, 0, 0]);
        assert_eq!(known(&rows, "orders"), [3, 0, 1, 1, 0]);
        assert_eq!(known(&rows, "net_revenue"), [21_000, 0, 3_000, 1_000, 0]);
        assert_eq!(known(&rows, "cumulative_net_revenue"), [21_000, 21_000, 24_000, 1_000, 1_000]);
        assert_close(&numbers(&rows, "cumulative_revenue_per_customer"), &[105.0, 105.0, 120.0, 10.0, 10.0].map(Some));
        assert_eq!(known(&rows, "is_complete"), [1, 1, 0, 1, 0]);
        assert_eq!(known(&rows, "is_left_truncated"), [0; 5]);
    }

    #[test]
    fn dimensions_take_the_first_channel_and_the_last_province() {
        let mut context = integer_shops("2025-09-01", "2026-01-31");
        context.params.cohort.dimensions = ["province", "first_channel", "first_category"].map(str::to_owned).to_vec();
        let rows = table(&context, folded(CohortFold::new(&context), &four_customers()[..2]));
        // No category is mapped, so that dimension is not there.
        let found: Vec<String> = texts(&rows, "dimension")
            .into_iter()
            .zip(texts(&rows, "dimension_value"))
            .map(|(of, value)| of.unwrap() + " " + &value.unwrap())
            .collect();
        assert_eq!(found, ["all all", "first_channel (none)", "first_channel natural", "province (none)"]);
        assert_eq!(known(&rows, "cohort_size"), [2, 1, 1, 2]);
    }

    #[test]
    fn a_value_written_as_none_is_the_missing_one() {
        let mut context = integer_shops("2026-01-01", "2026-01-31");
        context.params.cohort.dimensions = vec!["first_channel".to_owned()];
        context.channels = Dictionary::new(["!", "(none)", "a"].map(str::to_owned).to_vec());
        let customers: Vec<Customer> =
            [3, 0, 1, 2].map(|channel| customer(1, vec![paid("2026-01-10", 100).coded(channel, channel)])).to_vec();
        let rows = table(&context, folded(CohortFold::new(&context), &customers));
        assert_eq!(texts(&rows, "dimension_value"), ["all", "!", "(none)", "a"].map(|text| Some(text.to_owned())));
        assert_eq!(known(&rows, "cohort_size"), [4, 1, 2, 1]);
    }

    #[test]
    fn day_cohorts_count_days_since_the_first_purchase() {
        let mut context = integer_shops("2025-09-01", "2026-03-10");
        context.params.cohort.grains = vec![Grain::Day];
        let rows = table(&context, folded(CohortFold::new(&context), &four_customers()[..1]));
        // January 5 to March 10 are 64 days, and day 0.
        assert_eq!(known(&rows, "period"), (0..=64).collect::<Vec<i64>>());
        assert_eq!(known(&rows, "cohort"), [i64::from(day("2026-01-05")); 65]);
        let active: Vec<usize> =
            known(&rows, "active_customers").iter().enumerate().filter(|(_, active)| **active > 0).map(|(row, _)| row).collect();
        assert_eq!(active, [0, 15, 56]);
        assert_eq!(known(&rows, "is_complete"), [1; 65]);
    }

    #[test]
    fn weeks_begin_on_monday_and_end_on_sunday() {
        let mut context = integer_shops("2025-09-01", "2026-03-08");
        context.params.cohort.grains = vec![Grain::Week(WeekStart::Monday), Grain::Quarter];
        // 2026-02-22 is a Sunday, 2026-02-23 a Monday.
        let rows = table(&context, folded(CohortFold::new(&context), &[bought_on(0, &["2026-02-22", "2026-02-23"])]));
        assert_eq!(texts(&rows, "grain"), ["quarter", "week", "week", "week"].map(|text| Some(text.to_owned())));
        assert_eq!(known(&rows, "cohort")[1..], [i64::from(day("2026-02-16")); 3]);
        assert_eq!(known(&rows, "active_customers"), [1, 1, 1, 0]);
        assert_eq!(known(&rows, "is_complete"), [0, 1, 1, 1]);
    }

    #[test]
    fn weeks_from_sunday_end_on_saturday() {
        let mut context = integer_shops("2025-09-01", "2026-03-07");
        context.params.cohort.grains = vec![Grain::Week(WeekStart::Sunday)];
        // The same Sunday and Monday, now in one week; the week of the as-of date, a Saturday, ends on it.
        let rows = table(&context, folded(CohortFold::new(&context), &[bought_on(0, &["2026-02-22", "2026-02-23"])]));
        assert_eq!(known(&rows, "cohort"), [i64::from(day("2026-02-22")); 2]);
        assert_eq!(known(&rows, "period_start"), [day("2026-02-22"), day("2026-03-01")].map(i64::from));
        assert_eq!(known(&rows, "active_customers"), [1, 0]);
        assert_eq!(known(&rows, "is_complete"), [1, 1]);
    }

    #[test]
    fn cohorts_of_the_first_90_days_are_left_truncated() {
        let context = integer_shops("2026-01-02", "2026-05-02");
        // January 2 + 90 days is April 2, and the cohort of April starts on April 1.
        let days = ["2026-01-02", "2026-03-31", "2026-04-02", "2026-05-01"];
        let customers: Vec<Customer> = days.iter().map(|text| bought_on(0, &[*text])).collect();
        let rows = table(&context, folded(CohortFold::new(&context), &customers));
        let first_rows = known(&rows, "period").into_iter().zip(known(&rows, "is_left_truncated")).filter(|(period, _)| *period == 0);
        assert_eq!(first_rows.map(|(_, truncated)| truncated).collect::<Vec<_>>(), [1, 1, 1, 0]);
    }

    #[test]
    fn without_customers_there_are_no_rows() {
        let context = integer_shops(0, 0);
        assert_eq!(table(&context, CohortFold::new(&context)).num_rows(), 0);
    }
}
