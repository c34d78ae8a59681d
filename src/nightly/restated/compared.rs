//! The tables whose figures are compared with those of the snapshot before, and how a figure of each is found.

use arrow::array::{AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::kernels::cmp::{eq, neq};
use arrow::compute::{and, cast};
use arrow::datatypes::DataType;

use crate::error::Result;
use crate::spec::Day;
use crate::spec::period::{Grain, WeekStart, parse_day};

/// The value of a column of a row as text, by the column's name.
pub(super) type Text<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where a row stands, in the words that all tables share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowPlace {
    pub grain: String,
    pub period_start: Day,
    pub dimension: String,
    /// The last day of the period; `None` of figures of all days.
    pub period_end: Option<Day>,
}

/// A table whose figures are compared.
pub(super) struct Compared {
    /// The table.
    pub table: &'static str,
    /// Figures that are no statement about the period alone: of other periods, of what is still to come, or said under another name too.
    left_out: &'static [&'static str],
    /// Figures that are sums of money over orders or refunds.
    pub sums: &'static [&'static str],
    /// The place of a row; `None` where it is not compared.
    pub(super) place: fn(Text<'_>) -> Option<RowPlace>,
    /// The column that names the metric of a row, whose figure is `value`; `None` where each column is a metric.
    pub(super) named_by: Option<&'static str>,
    /// Whether a row of one snapshot alone says nothing: cycles of rolling windows come and go with the as-of date.
    pub(super) is_in_both: bool,
    /// Whether its figures are of all days up to the as-of date, so that another date has other ones.
    pub(super) is_of_all_days: bool,
}

impl Compared {
    /// Whether a column is a figure that is compared, in a row of that place.
    pub(super) fn has(&self, column: &str, place: &RowPlace) -> bool {
        // The size of a cohort stands in each of its rows.
        let is_repeated = column == "cohort_size" && !place.dimension.ends_with("period 0");
        !self.left_out.contains(&column) && !is_repeated && (self.named_by.is_none() || column == "value")
    }
}

/// The tables, ascending by name.
pub(super) static COMPARED: [Compared; 5] = [
    Compared {
        table: "assessment_results",
        left_out: &[],
        sums: &[],
        place: of_cycle,
        named_by: Some("metric"),
        is_in_both: true,
        is_of_all_days: false,
    },
    Compared {
        table: "cohort_retention",
        left_out: &["rolling_active_customers", "rolling_retention_rate"],
        sums: &["net_revenue", "cumulative_net_revenue"],
        place: of_cohort,
        named_by: None,
        is_in_both: false,
        is_of_all_days: false,
    },
    Compared {
        table: "repurchase_intervals",
        left_out: &[],
        sums: &[],
        place: of_intervals,
        named_by: None,
        is_in_both: false,
        is_of_all_days: true,
    },
    Compared {
        table: "revenue_bridge",
        left_out: &["older_cohorts", "refunds_expected", "refund_share_expected", "refund_maturity"],
        sums: &[
            "paid_amount",
            "refunds_of_payments",
            "net_by_payment",
            "refunds_in_period",
            "net_by_refund",
            "refunds_of_earlier_payments",
            "refunds_of_unknown_orders",
            "refunds_after_period",
            "refunds_without_day",
            "settled_amount",
            "refunds_of_settled",
            "settled",
        ],
        place: of_period,
        named_by: None,
        is_in_both: false,
        is_of_all_days: false,
    },
    Compared {
        table: "shop_periods",
        left_out: &["net_revenue", "paid_amount_previous", "paid_amount_vs_previous", "paid_amount_year_ago", "paid_amount_vs_year_ago"],
        sums: &[
            "placed_amount",
            "paid_amount",
            "refund_amount",
            "new_net_revenue",
            "returning_net_revenue",
            "refunded_of_paid",
            "net_by_payment",
            "net_by_refund",
        ],
        place: of_period,
        named_by: None,
        is_in_both: false,
        is_of_all_days: false,
    },
];

/// The rows that may be compared, as far as whole columns tell: most rows are of other grains.
pub(super) fn could_be_compared(batch: &RecordBatch) -> Result<BooleanArray> {
    let mut holds = BooleanArray::from(vec![true; batch.num_rows()]);
    if let Some(grains) = batch.column_by_name("grain") {
        let grains = cast(grains, &DataType::Utf8)?;
        for grain in ["day", "week"] {
            holds = and(&holds, &neq(grains.as_string::<i32>(), &StringArray::new_scalar(grain))?)?;
        }
        // Cohorts are compared by month.
        if batch.column_by_name("cohort").is_some() {
            holds = and(&holds, &eq(grains.as_string::<i32>(), &StringArray::new_scalar("month"))?)?;
        }
    }
    if let Some(complete) = batch.column_by_name("is_complete").and_then(|column| column.as_boolean_opt()) {
        holds = and(&holds, complete)?;
    }
    Ok(holds)
}

/// What `dimension` says of a row that is of nothing else.
const ALL: &str = "all";

/// Dimensions by which customers move without an order of then being another one: they are of the province of their last purchase, and which
/// items have a row of their own follows from the purchases of all days.
const MOVING: [&str; 2] = ["province", "first_item"];

/// Calendar periods of a shop, without weeks.
fn of_period(text: Text<'_>) -> Option<RowPlace> {
    let grain = text("grain").filter(|grain| grain != "week")?;
    let period_start = parse_day(&text("period_start")?)?;
    let period_end = Some(end_of(&grain, period_start)?);
    Some(RowPlace { grain, period_start, dimension: ALL.to_owned(), period_end })
}

/// Cohorts of months.
fn of_cohort(text: Text<'_>) -> Option<RowPlace> {
    let grain = text("grain").filter(|grain| grain == "month")?;
    let (dimension, value, period) = (text("dimension")?, text("dimension_value")?, text("period")?);
    if MOVING.contains(&dimension.as_str()) {
        return None;
    }
    let dimension = match dimension.as_str() {
        ALL => format!("period {period}"),
        _ => format!("{dimension}={value}, period {period}"),
    };
    let period_end = Some(end_of(&grain, parse_day(&text("period_start")?)?)?);
    Some(RowPlace { grain, period_start: parse_day(&text("cohort")?)?, dimension, period_end })
}

/// Cycles of assessments.
fn of_cycle(text: Text<'_>) -> Option<RowPlace> {
    let period_start = parse_day(&text("period_start")?)?;
    let period_end = Some(parse_day(&text("period_end")?)?);
    Some(RowPlace { grain: "cycle".to_owned(), period_start, dimension: text("assessment")?, period_end })
}

/// The interval to the second purchase, of all customers.
fn of_intervals(text: Text<'_>) -> Option<RowPlace> {
    let is_compared = text("dimension").as_deref() == Some(ALL) && text("nth").as_deref() == Some("1");
    // The day is that of the snapshot, which the row does not know.
    is_compared.then(|| RowPlace { grain: ALL.to_owned(), period_start: Day::MIN, dimension: ALL.to_owned(), period_end: None })
}

fn end_of(grain: &str, start: Day) -> Option<Day> {
    let grain = Grain::parse(grain, WeekStart::default())?;
    Some(grain.end(grain.index(start)))
}
