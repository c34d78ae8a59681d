//! repurchase_intervals: the share of customers who come back after their nth purchase day, and after how many days.

use std::sync::OnceLock;

use crate::fold::intervals::INTERVALS;
use crate::metric::repurchase_rate::ReachedCounts;
use crate::spec::Need;
use crate::statistics::kaplan_meier::Curve;
use crate::statistics::quantile::Distribution;
use crate::table::column::Value::{Count, Ratio, Share, Shop};
use crate::table::column::{ValueColumn, column};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const KAPLAN_MEIER: &str = "Kaplan & Meier 1958, J. Am. Stat. Assoc. 53, 457–481";
const TYPE_7: &str = "Hyndman & Fan 1996, The American Statistician 50, 361–365, type 7";
const NONE_OBSERVED: &str = "repurchased is 0";
const NOT_REACHED: &str =
    "nobody has been at risk for so many days yet, so that the curve does not reach that far; not where everybody had come back before";

/// The customers of a shop after their nth purchase day.
pub struct Row {
    shop: u32,
    nth: i64,
    customers: i64,
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
    grain: "one nth purchase day of a shop's customers (0: all purchase days together), as far as somebody has reached it",
    key: &["shop_id", "nth"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[],
    reads: &[Read::Fold(&INTERVALS)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop that the customers bought at."),
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
        quantile(
            "p75",
            |row| row.observed.quantile(75),
            "间隔75分位",
            "Three quarters of the observed intervals are shorter, interpolated.",
        ),
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
    ]],
    rows: |night, out| {
        for shop in night.fold(&INTERVALS)?.shops() {
            let reached = (0..).zip(&shop.by_nth).filter(|(_, counts)| !counts.is_empty());
            out.all(reached.map(|(nth, counts)| Row {
                shop: shop.shop,
                nth,
                customers: counts.iter().map(|count| count.events + count.censored).sum(),
                observed: Distribution::of(counts.iter().map(|count| (i64::from(count.days), count.events))),
                curve: Curve::of(counts),
            }))?;
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

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
