//! interval_histogram: the number of repurchase intervals by length in days.

use std::sync::{Arc, OnceLock};

use super::cohort_dimensions::{ByDimensions, DIMENSION, DIMENSION_VALUE};
use crate::fold::intervals::INTERVALS;
use crate::spec::Need;
use crate::table::column::Value::{Count, Shop, Text};
use crate::table::column::{column, same};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

/// One length of the intervals after the nth purchase day.
pub struct Row {
    shop: u32,
    dimension: &'static str,
    value: Arc<str>,
    nth: i64,
    days: i32,
    intervals: i64,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "interval_histogram",
    chinese: "回购周期分布",
    question: "After how many days do returning customers come back?",
    grain: "one length in days of the observed intervals from the nth purchase day of a shop's customers (by dimension value) to the \
         next; only lengths that occurred",
    key: &["shop_id", "dimension", "dimension_value", "nth", "days"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[],
    reads: &[Read::Fold(&INTERVALS)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop that the customers bought at."),
        same(DIMENSION, Text(|row| Some(row.dimension))),
        same(DIMENSION_VALUE, Text(|row| Some(&row.value))),
        column(
            "nth",
            Count(|row| Some(row.nth)),
            "",
            "第几次购买",
            "The interval starts at the customer's nth purchase day; 0 stands for all intervals together, those after more than \
             `max_nth` purchase days included.",
        ),
        column(
            "days",
            Count(|row| Some(row.days.into())),
            "days",
            "间隔天数",
            "Length of the interval: the days from one purchase day of a customer to the next, at least 1.",
        ),
        column(
            "intervals",
            Count(|row| Some(row.intervals)),
            "intervals",
            "间隔数",
            "Intervals of that length which ended by the as-of date. Long ones have had less time to end: for chances read \
             repurchase_survival.",
        ),
    ]],
    rows: |night, out| {
        for group in night.fold(&INTERVALS)?.groups(&night.context) {
            for (nth, counts) in (0..).zip(&group.by_nth) {
                out.all(counts.iter().filter(|count| count.events > 0).map(|count| Row {
                    shop: group.shop,
                    dimension: group.dimension,
                    value: Arc::clone(&group.value),
                    nth,
                    days: count.days,
                    intervals: count.events,
                }))?;
            }
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The table in the catalogue, with the columns of the dimensions that a job chooses.
pub static TABLE_BY_DIMENSIONS: ByDimensions<Row> = ByDimensions { table: &TABLE };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::*;

    #[test]
    fn a_case_by_hand() {
        let customers =
            [bought_on(0, &[10, 20, 50]), bought_on(0, &[40, 50]), bought_on(0, &[90]), bought_on(1, &[3]), bought_on(2, &[1, 2])];
        let found = made(&TABLE, &integer_shops(0, 100), &customers);
        // Shop 20 has nobody who came back, and no rows.
        assert_eq!(known(&found, "shop_id"), [10, 10, 10, 10, 30, 30]);
        assert_eq!(known(&found, "nth"), [0, 0, 1, 2, 0, 1]);
        assert_eq!(known(&found, "days"), [10, 30, 10, 30, 1, 1]);
        assert_eq!(known(&found, "intervals"), [2, 1, 2, 1, 1, 1]);
    }

    #[test]
    fn provinces_stand_apart() {
        let order = |day, province| paid(day, 100).coded(0, province);
        // Who moved from one province to the other belongs to the last one.
        let customers = [customer(0, vec![order(10, 2), order(20, 1)]), customer(0, vec![order(10, 2), order(40, 2)])];
        let mut context = integer_shops(0, 100);
        context.params.cohort.dimensions = vec!["province".to_owned()];
        let found = made(&TABLE, &context, &customers);
        let values = ["all", "all", "all", "all", "上海", "上海", "广东省", "广东省"];
        assert_eq!(texts(&found, "dimension_value"), values.map(|value| Some(value.to_owned())));
        assert_eq!(known(&found, "nth"), [0, 0, 1, 1, 0, 1, 0, 1]);
        assert_eq!(known(&found, "days"), [10, 30, 10, 30, 10, 10, 30, 30]);
        assert_eq!(known(&found, "intervals"), [1; 8]);
    }

    #[test]
    fn where_nobody_came_back_there_are_no_rows() {
        assert_eq!(made(&TABLE, &integer_shops(0, 100), &[bought_on(0, &[10])]).num_rows(), 0);
    }
}
