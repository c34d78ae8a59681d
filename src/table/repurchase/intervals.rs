//! repurchase_intervals: the share of customers who come back after their nth purchase day, and after how many days.

use std::sync::{Arc, OnceLock};

use super::cohort_dimensions::{ByDimensions, DIMENSION, DIMENSION_VALUE};
use crate::fold::interval_groups::IntervalGroup;
use crate::fold::intervals::INTERVALS;
use crate::metric::repurchase_rate::ReachedCounts;
use crate::spec::Need;
use crate::statistics::kaplan_meier::Curve;
use crate::statistics::quantile::Distribution;
use crate::table::column::Value::{Count, Ratio, Share, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const DEFINITIONS: &str = "docs/definitions.md, Repurchase intervals";
const KAPLAN_MEIER: &str = "Kaplan & Meier 1958, J. Am. Stat. Assoc. 53, 457–481";
const TYPE_7: &str = "Hyndman & Fan 1996, The American Statistician 50, 361–365, type 7";
const NONE_OBSERVED: &str = "repurchased is 0";
const NOT_REACHED: &str =
    "nobody has been at risk for so many days yet, so that the curve does not reach that far; not where everybody had come back before";

/// The customers of a shop with one value of a dimension, after their nth purchase day.
pub struct Row {
    pub(crate) shop: u32,
    dimension: &'static str,
    value: Arc<str>,
    nth: i64,
    customers: i64,
    by_order: ReachedCounts,
    observed: Distribution,
    curve: Curve,
}

const fn quantile(name: &'static str, value: fn(&Row) -> Option<f64>, chinese: &'static str, definition: &'static str) -> ValueColumn<Row> {
    column(name, Ratio(value), "days", chinese, definition)
        .formula("linear interpolation between order statistics at (n − 1) × p")
        .null_when(NONE_OBSERVED)
        .source(TYPE_7)
}

const fn within(name: &'static str, value: fn(&Row) -> Option<f64>, chinese: &'static str, definition: &'static str) -> ValueColumn<Row> {
    column(name, Share(value), "1", chinese, definition)
        .formula("1 − S(days), S as in repurchase_survival, where at_risk and events of each day stand")
        .null_when(NOT_REACHED)
        .source(KAPLAN_MEIER)
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "repurchase_intervals",
    chinese: "回购周期",
    question: "Of the customers who bought an nth time, how many bought again, and after how many days?",
    grain: "one nth purchase day of a shop's customers by dimension value (0: all purchase days together), as far as somebody has reached \
            it",
    key: &["shop_id", "dimension", "dimension_value", "nth"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[],
    reads: &[Read::Fold(&INTERVALS)],
    columns: &[&[column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop that the customers bought at.")], COLUMNS],
    rows: |night, out| {
        let intervals = night.fold(&INTERVALS)?;
        intervals.groups(&night.context).try_for_each(|group| out.all(rows(&group)))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// All columns but that of the shop: those of the customers of a group too.
pub(crate) const COLUMNS: &[ValueColumn<Row>] = &[
    same(DIMENSION, Text(|row| Some(row.dimension))),
    same(DIMENSION_VALUE, Text(|row| Some(&row.value))),
    column(
        "nth",
        Count(|row| Some(row.nth)),
        "",
        "第几次购买",
        "From the customer's nth purchase day to the next one; 0 stands for all intervals together, those after more than \
         `max_nth` purchase days included.",
    ),
    column(
        "customers",
        Count(|row| Some(row.customers)),
        "customers",
        "达到人数",
        "Customers with at least n purchase days. In the row nth = 0 it counts intervals begun, that is purchase days: a \
         customer with three purchase days counts three times there.",
    ),
    column(
        "repurchased",
        Count(|row| Some(row.observed.count())),
        "customers",
        "回购人数",
        "Of these, the customers who had a further purchase day by the as-of date; in the row nth = 0 the intervals that ended.",
    ),
    column(
        "repurchase_rate",
        Share(|row: &Row| ReachedCounts { reached: row.customers, repurchased: row.observed.count() }.came_back_share()),
        "1",
        "回购率",
        "The share of these customers that has come back so far. It rises as time goes on, since recent customers have had \
         little time: km_within_… compare fairly. The repurchase_rate of segment_value is another figure: the share of a \
         segment's customers with at least two purchase days.",
    )
    .formula("repurchased / customers"),
    column(
        "customers_by_order",
        Count(|row| Some(row.by_order.reached)),
        "customers",
        "达到人数（按订单）",
        "Customers with at least n purchases, counted by orders: two orders of one day are two, where `customers` has one purchase day. \
         In the row nth = 0 all purchases. The rows end with the last purchase day that somebody reached, even where somebody has more \
         orders than that.",
    ),
    column(
        "repurchased_by_order",
        Count(|row| Some(row.by_order.repurchased)),
        "customers",
        "回购人数（按订单）",
        "Of these, the customers with a further purchase by the as-of date, of the same day or a later one; in the row nth = 0 the \
         purchases that were followed by another one of their customer.",
    ),
    column(
        "repurchase_rate_by_order",
        Share(|row: &Row| row.by_order.came_back_share()),
        "1",
        "回购率（按订单）",
        "The share of the customers with at least n orders that has a further one, as tools print it that count orders (for nth = 1 \
         their repeat purchase rate). For nth = 1 it is never lower than repurchase_rate: whoever pays for two orders on one day \
         counts as having come back.",
    )
    .formula("repurchased_by_order / customers_by_order")
    .source(DEFINITIONS),
    column(
        "mean_days",
        Ratio(|row: &Row| row.observed.mean()),
        "days",
        "平均间隔",
        "Mean of the observed intervals. This and the other figures of observed intervals are too short as a picture of all \
         customers, because the long ones have not ended yet.",
    )
    .null_when(NONE_OBSERVED),
    column(
        "std_days",
        Ratio(|row: &Row| row.observed.deviation()),
        "days",
        "间隔标准差",
        "Sample standard deviation of the observed intervals, with divisor n − 1.",
    )
    .formula("sqrt((n Σx² − (Σx)²) / (n (n − 1)))")
    .null_when("repurchased is under 2"),
    column("min_days", Count(|row: &Row| row.observed.min()), "days", "最短间隔", "The shortest observed interval.")
        .null_when(NONE_OBSERVED),
    quantile("p10", |row| row.observed.quantile(10), "间隔10分位", "One in ten of the observed intervals is shorter, interpolated."),
    quantile("p25", |row| row.observed.quantile(25), "间隔25分位", "A quarter of the observed intervals is shorter, interpolated."),
    quantile(
        "p50",
        |row| row.observed.quantile(50),
        "间隔中位数",
        "The median of the observed intervals. It leaves out all who have not come back: km_median_days does not.",
    ),
    quantile("p75", |row| row.observed.quantile(75), "间隔75分位", "Three quarters of the observed intervals are shorter, interpolated."),
    quantile("p90", |row| row.observed.quantile(90), "间隔90分位", "Nine in ten of the observed intervals are shorter, interpolated."),
    column("max_days", Count(|row: &Row| row.observed.max()), "days", "最长间隔", "The longest observed interval.")
        .null_when(NONE_OBSERVED),
    column(
        "km_median_days",
        Count(|row: &Row| row.curve.median().map(i64::from)),
        "days",
        "回购中位天数 (KM)",
        "Days until half of all who reached n have come back, by the Kaplan–Meier estimate: customers who have not come back \
         count as not yet back at the as-of date.",
    )
    .formula("smallest t with S(t) <= 0.5")
    .null_when("the curve has not come down to one half")
    .source(KAPLAN_MEIER),
    within(
        "km_within_30",
        |row| row.curve.within(30),
        "30天内回购概率",
        "The chance to come back within 30 days, by the Kaplan–Meier estimate.",
    ),
    within(
        "km_within_60",
        |row| row.curve.within(60),
        "60天内回购概率",
        "The chance to come back within 60 days, by the Kaplan–Meier estimate.",
    ),
    within(
        "km_within_90",
        |row| row.curve.within(90),
        "90天内回购概率",
        "The chance to come back within 90 days, by the Kaplan–Meier estimate.",
    ),
    within(
        "km_within_180",
        |row| row.curve.within(180),
        "180天内回购概率",
        "The chance to come back within 180 days, by the Kaplan–Meier estimate.",
    ),
    within(
        "km_within_365",
        |row| row.curve.within(365),
        "365天内回购概率",
        "The chance to come back within 365 days, by the Kaplan–Meier estimate.",
    ),
];

/// The table in the catalogue, with the columns of the dimensions that a job chooses.
pub static TABLE_BY_DIMENSIONS: ByDimensions<Row> = ByDimensions { table: &TABLE };

/// A row for every purchase day that somebody reached.
pub(crate) fn rows(group: &IntervalGroup) -> impl Iterator<Item = Row> + '_ {
    let reached = (0..).zip(group.by_nth.iter().zip(&group.by_order)).filter(|(_, (counts, _))| !counts.is_empty());
    reached.map(|(nth, (counts, by_order))| Row {
        shop: group.shop,
        dimension: group.dimension,
        value: Arc::clone(&group.value),
        nth,
        customers: counts.iter().map(|count| count.events + count.censored).sum(),
        by_order: *by_order,
        observed: Distribution::of(counts.iter().map(|count| (i64::from(count.days), count.events))),
        curve: Curve::of(counts),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::intervals::IntervalFold;
    use crate::history::Fold;
    use crate::statistics::kaplan_meier;
    use crate::table::testing::*;

    /// Seen until day 100: A buys on days 10, 20 and 50, B on 40 and 50, C on 90.
    fn three_customers() -> Vec<Customer> {
        vec![bought_on(2, &[10, 20, 50]), bought_on(2, &[40, 50]), bought_on(2, &[90])]
    }

    #[test]
    fn a_case_by_hand() {
        let rows = made(&TABLE, &integer_shops(0, 100), &three_customers());
        assert_eq!(known(&rows, "shop_id"), [30; 4]);
        assert_eq!(known(&rows, "nth"), [0, 1, 2, 3]);
        assert_eq!(known(&rows, "customers"), [6, 3, 2, 1]);
        assert_eq!(known(&rows, "repurchased"), [3, 2, 1, 0]);
        assert_close(&numbers(&rows, "repurchase_rate"), &[0.5, 2.0 / 3.0, 0.5, 0.0].map(Some));
        // All intervals: 10, 10 and 30; 1,100 − 2,500/3 = 800/3 over n − 1 = 2.
        assert_close(&numbers(&rows, "mean_days"), &[Some(50.0 / 3.0), Some(10.0), Some(30.0), None]);
        assert_close(&numbers(&rows, "std_days"), &[Some((400.0_f64 / 3.0).sqrt()), Some(0.0), None, None]);
        assert_eq!(integers(&rows, "min_days"), [Some(10), Some(10), Some(30), None]);
        assert_eq!(integers(&rows, "max_days"), [Some(30), Some(10), Some(30), None]);
        let quantiles = ["p10", "p25", "p50", "p75", "p90"].map(|name| numbers(&rows, name)[0]);
        assert_close(&quantiles, &[10.0, 10.0, 10.0, 20.0, 26.0].map(Some));
        // From any purchase day: 2 of 6 end on day 10, then C is out of sight; 1 of 3 on day 30; 2 are seen until day 50:
        // S(10) = 4/6, S(30) = 4/9. From the first: 2 of 3 on day 10, when C is out of sight, so that day 30 is not reached.
        assert_eq!(integers(&rows, "km_median_days"), [Some(30), Some(10), Some(30), None]);
        assert_close(&numbers(&rows, "km_within_30"), &[Some(5.0 / 9.0), None, Some(0.5), Some(0.0)]);
        assert_close(&numbers(&rows, "km_within_60"), &[None; 4]);
    }

    /// A comes by channel 1, twice on day 10, and by channel 2 on day 20; B by channel 2; C by none that is known; D by channel 2, twice on
    /// one day. The channel of the first purchase is that of the customer.
    #[test]
    fn orders_of_one_day_and_channels_by_hand() {
        let order = |day, channel| paid(day, 100).coded(channel, 0);
        let customers = [
            customer(0, vec![order(10, 1), order(10, 2), order(20, 2)]),
            customer(0, vec![order(40, 2)]),
            customer(0, vec![order(50, 0)]),
            customer(0, vec![order(60, 2), order(60, 2)]),
        ];
        let mut context = integer_shops(0, 100);
        context.params.cohort.dimensions = vec!["first_channel".to_owned()];
        let rows = made(&TABLE, &context, &customers);
        let of = |value: &'static str, rows: usize| std::iter::repeat_n(Some(value.to_owned()), rows);
        assert_eq!(texts(&rows, "dimension"), of("all", 3).chain(of("first_channel", 7)).collect::<Vec<_>>());
        let values = of("all", 3).chain(of("(none)", 2)).chain(of("activity", 3)).chain(of("natural", 2));
        assert_eq!(texts(&rows, "dimension_value"), values.collect::<Vec<_>>());
        assert_eq!(known(&rows, "nth"), [0, 1, 2, 0, 1, 0, 1, 2, 0, 1]);
        assert_eq!(known(&rows, "customers"), [5, 4, 1, 1, 1, 2, 1, 1, 2, 2]);
        assert_eq!(known(&rows, "repurchased"), [1, 1, 0, 0, 0, 1, 1, 0, 0, 0]);
        // Orders: A 3, B 1, C 1, D 2. D has a second one and no second purchase day.
        assert_eq!(known(&rows, "customers_by_order"), [7, 4, 2, 1, 1, 3, 1, 1, 3, 2]);
        assert_eq!(known(&rows, "repurchased_by_order"), [3, 2, 1, 0, 0, 2, 1, 1, 1, 1]);
        let rates = [3.0 / 7.0, 0.5, 0.5, 0.0, 0.0, 2.0 / 3.0, 1.0, 1.0, 1.0 / 3.0, 0.5];
        assert_close(&numbers(&rows, "repurchase_rate_by_order"), &rates.map(Some));
    }

    #[test]
    fn intervals_after_the_last_nth_count_with_all_only() {
        let mut context = integer_shops(0, 100);
        context.params.max_nth = 1;
        let rows = made(&TABLE, &context, &three_customers());
        assert_eq!(known(&rows, "nth"), [0, 1]);
        assert_eq!(known(&rows, "customers"), [6, 3]);
        assert_close(&numbers(&rows, "mean_days"), &[Some(50.0 / 3.0), Some(10.0)]);
    }

    #[test]
    fn who_was_refunded_in_full_never_reached_the_first() {
        let rows = made(&TABLE, &integer_shops(0, 100), &[customer(0, vec![paid(10, 500).refunding(500)])]);
        assert_eq!(rows.num_rows(), 0);
    }

    #[test]
    fn observed_intervals_alone_would_mislead() {
        // One comes back after 5 days, nine have been silent for 95: half will not be back within 5 days.
        let mut customers = vec![bought_on(0, &[0, 5])];
        customers.extend((0..9).map(|_| bought_on(0, &[5])));
        let rows = made(&TABLE, &integer_shops(0, 100), &customers);
        assert_close(&numbers(&rows, "p50"), &[Some(5.0), Some(5.0), None]);
        assert_eq!(integers(&rows, "km_median_days"), [None; 3]);
        assert_close(&numbers(&rows, "km_within_90")[1..2], &[Some(0.1)]);
    }

    #[test]
    fn shops_stand_apart_and_a_purchase_on_the_last_day_is_open_for_0_days() {
        let context = integer_shops(0, 100);
        let fold = folded(IntervalFold::new(&context), &[bought_on(2, &[100]), bought_on(0, &[99, 100])]);
        let shops: Vec<_> = fold.shops().map(|shop| (shop.shop, shop.by_nth[0].clone())).collect();
        let ended = kaplan_meier::Count { days: 1, events: 1, censored: 0 };
        let open = kaplan_meier::Count { days: 0, events: 0, censored: 1 };
        assert_eq!(shops, [(0, vec![open, ended]), (2, vec![open])]);
    }

    #[test]
    fn a_state_of_another_fold_is_refused() {
        let state = IntervalFold::new(&integer_shops(0, 0)).state().unwrap();
        assert!(IntervalFold::new(&integer_shops(0, 0)).merge(&state[..1]).is_err());
    }
}
