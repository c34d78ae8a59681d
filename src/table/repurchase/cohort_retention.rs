//! cohort_retention: how many of those who first bought in one period bought again in each later one, and what they brought.

use std::borrow::Cow;

use arrow::record_batch::RecordBatch;

use crate::error::Result;
use crate::fold::cohorts::COHORTS;
use crate::fold::cohorts::{Cohort, CohortFold};
use crate::history::Context;
use crate::job::{Job, Params};
use crate::metric::ratio::{money_per, ratio};
use crate::spec::{Card, Column, Day, Grain, Kind, Need};
use crate::table::night::Night;
use crate::table::night::Read;
use crate::table::unit::{AnyTable, Witness};
use crate::table::{Frame, Sink};

const SPEC: &str = "docs/definitions.md, Cohorts";

/// What the table and its columns mean.
pub static CARD: Card = Card {
    name: Cow::Borrowed("cohort_retention"),
    chinese: "同期群留存",
    question: Cow::Borrowed(
        "Of the customers who first bought in one period, how many bought again in each period since, and what have they brought so \
         far?",
    ),
    grain: "one cohort of customers (by shop, dimension value and grain) in one period since its first, as far as that period has \
         started by the as-of date",
    key: &["shop_id", "dimension", "dimension_value", "grain", "cohort", "period"],
    columns: Cow::Borrowed(&[
        Column::new(
            "shop_id",
            Kind::ShopId,
            "",
            "店铺",
            "The shop that the customers bought at; a person who buys at two shops is a customer of each.",
        ),
        Column::new(
            "dimension",
            Kind::Text,
            "",
            "维度",
            "By what the cohort is divided: `all` (undivided), `first_channel` or `first_category` (channel or category of the \
             customer's first purchase), `province` (of the last purchase by the as-of date).",
        )
        .source(SPEC),
        Column::new(
            "dimension_value",
            Kind::Text,
            "",
            "维度取值",
            "The value that all customers of the row share; `all` for the undivided cohort, `(none)` for customers whose purchase \
             has no such value. Every customer has exactly one value, so the values of a dimension add up to `all`.",
        ),
        Column::new(
            "grain",
            Kind::Text,
            "",
            "周期粒度",
            "The length of cohort and periods: `day`, `week` (from Monday), `month` or `quarter`; with `day` the periods \
             are the days since the first purchase day.",
        ),
        Column::new(
            "cohort",
            Kind::Date,
            "",
            "首购周期",
            "The first day of the period in which the customers' first purchase lies; with grain `day` that purchase day itself.",
        ),
        Column::new(
            "period",
            Kind::Count,
            "periods",
            "第几期",
            "How many periods after the cohort's own this one is: 0 is the period of the first purchase.",
        ),
        Column::new("period_start", Kind::Date, "", "期初日期", "The first day of the period that the row is about."),
        Column::new(
            "cohort_size",
            Kind::Count,
            "customers",
            "同期群人数",
            "Customers whose first purchase lies in the cohort's period: the denominator of both rates, the same in every row of \
             the cohort.",
        ),
        Column::new(
            "active_customers",
            Kind::Count,
            "customers",
            "当期回购人数",
            "Customers of the cohort with at least one purchase day in the period; in period 0 that is all of them.",
        ),
        Column::new("retention_rate", Kind::Share, "1", "留存率", "The share of the cohort that bought in this very period.")
            .formula("active_customers / cohort_size")
            .source(SPEC),
        Column::new(
            "rolling_active_customers",
            Kind::Count,
            "customers",
            "滚动留存人数",
            "Customers of the cohort with a purchase day in this or a later period up to the as-of date. It can only rise in later \
             runs, when customers come back.",
        ),
        Column::new(
            "rolling_retention_rate",
            Kind::Share,
            "1",
            "滚动留存率",
            "The share of the cohort that is known not to have left before this period.",
        )
        .formula("rolling_active_customers / cohort_size")
        .source(SPEC),
        Column::new(
            "orders",
            Kind::Count,
            "orders",
            "成交订单数",
            "Purchases of the cohort paid in the period: paid orders that were not refunded in full by the as-of date.",
        ),
        Column::new(
            "net_revenue",
            Kind::Money,
            "CNY",
            "净成交额",
            "What was paid for these purchases less what was refunded of them by the as-of date. It stands in the period of the \
             payment, whenever the refund came, and so can still fall in later runs.",
        )
        .formula("Σ (paid amount − refunded) over the purchases paid in the period"),
        Column::new(
            "cumulative_net_revenue",
            Kind::Money,
            "CNY",
            "累计净成交额",
            "Net revenue of the cohort from its first period to the end of this one, or to the as-of date if that is earlier.",
        ),
        Column::new(
            "cumulative_revenue_per_customer",
            Kind::Number,
            "CNY per customer",
            "人均累计净成交额 (LTV)",
            "What a customer of the cohort has brought on average so far, those who never came back included: customer lifetime \
             value to date.",
        )
        .formula("cumulative_net_revenue / cohort_size"),
        Column::new(
            "is_complete",
            Kind::Flag,
            "",
            "周期已结束",
            "Whether the period's last day is not after the as-of date. A period that still runs shows too few customers and too \
             little money, not fewer than other cohorts.",
        ),
        Column::new(
            "is_left_truncated",
            Kind::Flag,
            "",
            "左截断",
            "Whether the cohort starts within `history_warmup` days of the first day of data: its customers may have bought before \
             the data begin, so that the cohort mixes old customers with new ones.",
        )
        .formula("cohort < first day of data + history_warmup"),
    ]),
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[], // the columns of the dimensions that the job lists are added by the plan
};

/// Cohort dimensions and the columns of the orders that they come from.
pub const DIMENSIONS: [(&str, &str); 3] = [("first_channel", "channel"), ("first_category", "category_id"), ("province", "province")];

/// The table.
pub static TABLE: CohortRetention = CohortRetention;

static READS: [Read; 1] = [Read::Fold(&COHORTS)];

/// `cohort_retention`, whose dimensions a job chooses.
pub struct CohortRetention;

impl AnyTable for CohortRetention {
    fn card(&'static self) -> &'static Card {
        &CARD
    }

    fn reads(&self) -> &'static [Read] {
        &READS
    }

    fn uses_with(&self, params: &Params) -> Vec<&'static str> {
        chosen(params).map(|(_, column)| column).collect()
    }

    fn lacks(&self, job: &Job, has: &dyn Fn(&str) -> bool) -> Vec<String> {
        let lacking = chosen(&job.params).filter(|(_, column)| !has(column));
        lacking
            .map(|(dimension, column)| format!("cohort_retention has no dimension `{dimension}`: input `orders` has no `{column}`"))
            .collect()
    }

    fn witness(&self) -> Witness {
        Witness::Sql
    }

    fn write(&'static self, night: &Night, sink: &mut Sink<'_>) -> Result<()> {
        write(&night.context, night.fold(&COHORTS)?.as_ref(), sink)
    }
}

/// The dimensions that a job chooses.
fn chosen(params: &Params) -> impl Iterator<Item = (&'static str, &'static str)> {
    DIMENSIONS.into_iter().filter(|(dimension, _)| params.cohort.dimensions.iter().any(|listed| listed == dimension))
}

/// Rows that are gathered before they go to the sink.
const BATCH_ROWS: usize = 65_536;

/// Writes the table in batches of whole cohorts, at least one batch.
///
/// # Errors
/// What the sink returns; a bug where the columns do not fit the card.
pub fn write(context: &Context, fold: &CohortFold, sink: &mut Sink<'_>) -> Result<()> {
    let mut rows = Vec::new();
    let mut written = false;
    for cohort in fold.cohorts() {
        push_rows(context, &cohort, &mut rows);
        if rows.len() >= BATCH_ROWS {
            sink(&CARD, batch(context, &rows)?)?;
            rows.clear();
            written = true;
        }
    }
    // Even a table without rows has a schema.
    if rows.is_empty() && written { Ok(()) } else { sink(&CARD, batch(context, &rows)?) }
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
struct Row<'a> {
    shop: u32,
    dimension: &'static str,
    value: &'a str,
    grain: Grain,
    cohort: Day,
    period: i32,
    period_start: Day,
    size: i64,
    active: i64,
    rolling: i64,
    orders: i64,
    net_revenue: i64,
    cumulative: i64,
    is_complete: bool,
    is_left_truncated: bool,
}

/// A row for every period that has started by the as-of date.
fn push_rows<'a>(context: &Context, cohort: &Cohort<'a>, rows: &mut Vec<Row<'a>>) {
    let grain = cohort.grain;
    let start = grain.start(cohort.number);
    let first_day = context.first_days.get(cohort.shop as usize).copied().unwrap_or(context.first_day);
    let last = grain.index(context.as_of) - cohort.number;
    let size = cohort.cell(0).active;
    let (mut rolling, mut cumulative) = (size, 0);
    for period in 0..=last {
        let cell = cohort.cell(period);
        cumulative += cell.net_revenue;
        rows.push(Row {
            shop: cohort.shop,
            dimension: cohort.dimension,
            value: cohort.value,
            grain,
            cohort: start,
            period,
            period_start: grain.start(cohort.number + period),
            size,
            active: cell.active,
            rolling,
            orders: cell.orders,
            net_revenue: cell.net_revenue,
            cumulative,
            is_complete: grain.end(cohort.number + period) <= context.as_of,
            is_left_truncated: start < first_day.saturating_add(context.history_warmup),
        });
        // Who is seen for the last time in this period is gone from the next on.
        rolling -= cell.last_seen;
    }
}

fn batch(context: &Context, rows: &[Row<'_>]) -> Result<RecordBatch> {
    Frame::new(&CARD, context)
        .shops("shop_id", rows.iter().map(|row| row.shop))
        .text("dimension", rows.iter().map(|row| Some(row.dimension)))
        .text("dimension_value", rows.iter().map(|row| Some(row.value)))
        .text("grain", rows.iter().map(|row| Some(row.grain.name())))
        .dates("cohort", rows.iter().map(|row| row.cohort))
        .counts("period", rows.iter().map(|row| Some(i64::from(row.period))))
        .dates("period_start", rows.iter().map(|row| row.period_start))
        .counts("cohort_size", rows.iter().map(|row| Some(row.size)))
        .counts("active_customers", rows.iter().map(|row| Some(row.active)))
        .numbers("retention_rate", rows.iter().map(|row| ratio(row.active, row.size)))
        .counts("rolling_active_customers", rows.iter().map(|row| Some(row.rolling)))
        .numbers("rolling_retention_rate", rows.iter().map(|row| ratio(row.rolling, row.size)))
        .counts("orders", rows.iter().map(|row| Some(row.orders)))
        .money("net_revenue", rows.iter().map(|row| Some(row.net_revenue)))
        .money("cumulative_net_revenue", rows.iter().map(|row| Some(row.cumulative)))
        .numbers("cumulative_revenue_per_customer", rows.iter().map(|row| money_per(row.cumulative, row.size)))
        .flags("is_complete", rows.iter().map(|row| Some(row.is_complete)))
        .flags("is_left_truncated", rows.iter().map(|row| Some(row.is_left_truncated)))
        .finish()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::history::Dictionary;
    use crate::table::cases::*;
    use arrow::compute::concat_batches;

    pub(crate) fn table(context: &Context, fold: &CohortFold) -> RecordBatch {
        let mut batches = Vec::new();
        write(context, fold, &mut |card, batch| {
            assert_eq!(card.name, "cohort_retention");
            batches.push(batch);
            Ok(())
        })
        .unwrap();
        concat_batches(&batches[0].schema(), &batches).unwrap()
    }

    /// A buys twice in January and again in March; B once in January, a quarter of it refunded; C once in February, a second
    /// time for a while: that order was refunded in full; D's only order was, too.
    fn four_customers() -> Vec<Customer> {
        vec![
            customer(
                0,
                vec![paid(day("2026-01-05"), 10_000, 0, 2), paid(day("2026-01-20"), 5_000, 0, 1), paid(day("2026-03-02"), 3_000, 0, 0)],
            ),
            customer(0, vec![paid(day("2026-01-31"), 8_000, 2_000, 0)]),
            customer(0, vec![paid(day("2026-02-14"), 1_000, 0, 1), paid(day("2026-02-20"), 4_000, 4_000, 2)]),
            customer(0, vec![paid(day("2026-01-07"), 9_000, 9_000, 1)]),
        ]
    }

    #[test]
    fn a_case_by_hand() {
        let context = context(day("2025-09-01"), day("2026-03-10"));
        let rows = table(&context, &folded(CohortFold::new(&context), &four_customers()));
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
        assert_eq!(known(&rows, "orders"), [3, 0, 1, 1, 0]);
        assert_eq!(known(&rows, "net_revenue"), [21_000, 0, 3_000, 1_000, 0]);
        assert_eq!(known(&rows, "cumulative_net_revenue"), [21_000, 21_000, 24_000, 1_000, 1_000]);
        assert_close(&numbers(&rows, "cumulative_revenue_per_customer"), &[105.0, 105.0, 120.0, 10.0, 10.0].map(Some));
        assert_eq!(known(&rows, "is_complete"), [1, 1, 0, 1, 0]);
        assert_eq!(known(&rows, "is_left_truncated"), [0; 5]);
    }

    #[test]
    fn dimensions_take_the_first_channel_and_the_last_province() {
        let mut context = context(day("2025-09-01"), day("2026-01-31"));
        context.cohort_dimensions = ["province", "first_channel", "first_category"].map(str::to_owned).to_vec();
        let rows = table(&context, &folded(CohortFold::new(&context), &four_customers()[..2]));
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
        let mut context = context(day("2026-01-01"), day("2026-01-31"));
        context.cohort_dimensions = vec!["first_channel".to_owned()];
        context.channels = Dictionary::new(["!", "(none)", "a"].map(str::to_owned).to_vec());
        let customers: Vec<Customer> = [3, 0, 1, 2].map(|channel| customer(1, vec![paid(day("2026-01-10"), 100, 0, channel)])).to_vec();
        let rows = table(&context, &folded(CohortFold::new(&context), &customers));
        assert_eq!(texts(&rows, "dimension_value"), ["all", "!", "(none)", "a"].map(|text| Some(text.to_owned())));
        assert_eq!(known(&rows, "cohort_size"), [4, 1, 2, 1]);
    }

    #[test]
    fn day_cohorts_count_days_since_the_first_purchase() {
        let mut context = context(day("2025-09-01"), day("2026-03-10"));
        context.cohort_grains = vec![Grain::Day];
        let rows = table(&context, &folded(CohortFold::new(&context), &four_customers()[..1]));
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
        let mut context = context(day("2025-09-01"), day("2026-03-08"));
        context.cohort_grains = vec![Grain::Week, Grain::Quarter];
        // 2026-02-22 is a Sunday, 2026-02-23 a Monday.
        let rows = table(&context, &folded(CohortFold::new(&context), &[bought_on(0, &[day("2026-02-22"), day("2026-02-23")])]));
        assert_eq!(texts(&rows, "grain"), ["quarter", "week", "week", "week"].map(|text| Some(text.to_owned())));
        assert_eq!(known(&rows, "cohort")[1..], [i64::from(day("2026-02-16")); 3]);
        assert_eq!(known(&rows, "active_customers"), [1, 1, 1, 0]);
        assert_eq!(known(&rows, "is_complete"), [0, 1, 1, 1]);
    }

    #[test]
    fn cohorts_of_the_first_90_days_are_left_truncated() {
        let context = context(day("2026-01-02"), day("2026-05-02"));
        // January 2 + 90 days is April 2, and the cohort of April starts on April 1.
        let days = ["2026-01-02", "2026-03-31", "2026-04-02", "2026-05-01"];
        let customers: Vec<Customer> = days.iter().map(|text| bought_on(0, &[day(text)])).collect();
        let rows = table(&context, &folded(CohortFold::new(&context), &customers));
        let first_rows = known(&rows, "period").into_iter().zip(known(&rows, "is_left_truncated")).filter(|(period, _)| *period == 0);
        assert_eq!(first_rows.map(|(_, truncated)| truncated).collect::<Vec<_>>(), [1, 1, 1, 0]);
    }

    #[test]
    fn without_customers_there_is_one_batch_without_rows() {
        let context = context(0, 0);
        assert_eq!(table(&context, &CohortFold::new(&context)).num_rows(), 0);
    }
}
