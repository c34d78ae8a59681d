//! repurchase_survival: the Kaplan–Meier curve of the time to the next purchase day.

use std::sync::{Arc, OnceLock};

use super::cohort_dimensions::{ByDimensions, DIMENSION, DIMENSION_VALUE};
use crate::fold::intervals::INTERVALS;
use crate::spec::Need;
use crate::statistics::kaplan_meier::{Curve, Point};
use crate::table::column::Value::{Count, Share, Shop, Text};
use crate::table::column::{column, same};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const KAPLAN_MEIER: &str = "Kaplan & Meier 1958, J. Am. Stat. Assoc. 53, 457–481";

/// One day of the curve after the nth purchase day.
pub struct Row {
    shop: u32,
    dimension: &'static str,
    value: Arc<str>,
    nth: i64,
    point: Point,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "repurchase_survival",
    chinese: "回购生存曲线",
    question: "What share of the customers has not come back after so many days, with those who still may counted rightly?",
    grain: "one day after the nth purchase day of a shop's customers (by dimension value) on which one of them came back or was last seen",
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
            "The time runs from the customer's nth purchase day; 0 stands for all purchase days together, those after the \
             `max_nth`-th included, so that a customer counts once for each.",
        ),
        column(
            "days",
            Count(|row| Some(row.point.days.into())),
            "days",
            "天数",
            "Days since that purchase day. Only days with an event or a censoring have a row: between them the curve stays what \
             it was.",
        ),
        column(
            "at_risk",
            Count(|row| Some(row.point.at_risk)),
            "intervals",
            "在险数",
            "Intervals still open at the beginning of the day: neither ended nor censored on an earlier one.",
        ),
        column(
            "events",
            Count(|row| Some(row.point.events)),
            "intervals",
            "回购数",
            "Intervals that ended on the day with the next purchase day.",
        ),
        column(
            "censored",
            Count(|row| Some(row.point.censored)),
            "intervals",
            "删失数",
            "Intervals that were open for just so many days at the as-of date: what becomes of them is not known yet. They count \
             as leaving after the day's events.",
        ),
        column(
            "survival",
            Share(|row: &Row| Some(row.point.survival)),
            "1",
            "未回购概率",
            "The chance that the next purchase day is more than `days` away (S).",
        )
        .formula("product over all days t up to this one of 1 − events(t) / at_risk(t)")
        .source(KAPLAN_MEIER),
        column("std_error", Share(|row: &Row| row.point.std_error), "1", "标准误", "Greenwood's standard error of `survival`.")
            .formula("survival × sqrt(Σ events / (at_risk × (at_risk − events)))")
            .null_when("survival is 0, where the formula divides by 0")
            .source("Greenwood 1926, Reports on Public Health and Medical Subjects 33"),
        column(
            "ci_low",
            Share(|row: &Row| Some(row.point.confidence?.0)),
            "1",
            "95% 置信下限",
            "Lower end of the 95 % confidence interval of `survival`, made on the scale log(−log S) so that it stays within 0..1.",
        )
        .formula("survival ^ exp(+1.959964 × std_error / (survival × |ln survival|))")
        .null_when("survival is 1 or 0")
        .source("Kalbfleisch & Prentice 1980, The Statistical Analysis of Failure Time Data, 1.3"),
        column("ci_high", Share(|row: &Row| Some(row.point.confidence?.1)), "1", "95% 置信上限", "Upper end of the same interval.")
            .formula("survival ^ exp(−1.959964 × std_error / (survival × |ln survival|))")
            .null_when("survival is 1 or 0")
            .source("Kalbfleisch & Prentice 1980, The Statistical Analysis of Failure Time Data, 1.3"),
    ]],
    rows: |night, out| {
        for group in night.fold(&INTERVALS)?.groups(&night.context) {
            for (nth, counts) in (0..).zip(&group.by_nth) {
                out.all(Curve::of(counts).points().iter().map(|point| Row {
                    shop: group.shop,
                    dimension: group.dimension,
                    value: Arc::clone(&group.value),
                    nth,
                    point: *point,
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
        let context = integer_shops(0, 100);
        let customers = [bought_on(1, &[10, 20, 50]), bought_on(1, &[40, 50]), bought_on(1, &[90])];
        let rows = &made(&TABLE, &context, &customers);
        assert_eq!(known(rows, "nth"), [0, 0, 0, 1, 2, 2, 3]);
        assert_eq!(known(rows, "days"), [10, 30, 50, 10, 30, 50, 50]);
        assert_eq!(known(rows, "at_risk"), [6, 3, 2, 3, 2, 1, 1]);
        assert_eq!(known(rows, "events"), [2, 1, 0, 2, 1, 0, 0]);
        assert_eq!(known(rows, "censored"), [1, 0, 2, 1, 0, 1, 1]);
        let third = 1.0 / 3.0;
        assert_close(&numbers(rows, "survival"), &[2.0 * third, 4.0 * third * third, 4.0 * third * third, third, 0.5, 0.5, 1.0].map(Some));
        // Greenwood: 2/(6·4) = 1/12; + 1/(3·2) = 1/4; 2/(3·1) = 2/3; 1/(2·1) = 1/2; nothing.
        let errors = [
            2.0 * third * (1.0_f64 / 12.0).sqrt(),
            2.0 * third * third,
            2.0 * third * third,
            third * (2.0 * third).sqrt(),
            0.125_f64.sqrt(),
            0.125_f64.sqrt(),
            0.0,
        ];
        assert_close(&numbers(rows, "std_error"), &errors.map(Some));
        assert_eq!(numbers(rows, "ci_low")[6], None);
        assert_eq!(numbers(rows, "ci_high")[6], None);
        assert!(numbers(rows, "ci_low")[0] < numbers(rows, "survival")[0] && numbers(rows, "survival")[0] < numbers(rows, "ci_high")[0]);
    }

    #[test]
    fn without_customers_there_are_no_rows() {
        assert_eq!(made(&TABLE, &integer_shops(0, 100), &[]).num_rows(), 0);
    }
}
