//! repurchase_survival: the Kaplan–Meier curve of the time to the next purchase day.

use std::borrow::Cow;

use crate::error::Result;
use crate::fold::intervals::INTERVALS;
use crate::fold::intervals::IntervalFold;
use crate::history::Context;
use crate::spec::{Card, Column, Kind, Need};
use crate::statistics::kaplan_meier::{Curve, Point};
use crate::table::night::Read;
use crate::table::unit::{FrameTable, Witness};
use crate::table::{Frame, Sink};
use arrow::record_batch::RecordBatch;

const KAPLAN_MEIER: &str = "Kaplan & Meier 1958, J. Am. Stat. Assoc. 53, 457–481";

/// What the table and its columns mean.
pub static CARD: Card = Card {
    name: Cow::Borrowed("repurchase_survival"),
    chinese: "回购生存曲线",
    question: Cow::Borrowed("What share of the customers has not come back after so many days, with those who still may counted rightly?"),
    grain: "one day after the nth purchase day of a shop's customers on which one of them came back or was last seen",
    key: &["shop_id", "nth", "days"],
    columns: Cow::Borrowed(&[
        Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop that the customers bought at."),
        Column::new(
            "nth",
            Kind::Count,
            "",
            "第几次购买",
            "The time runs from the customer's nth purchase day; 0 stands for all purchase days together, those after the \
             `max_nth`-th included, so that a customer counts once for each.",
        ),
        Column::new(
            "days",
            Kind::Count,
            "days",
            "天数",
            "Days since that purchase day. Only days with an event or a censoring have a row: between them the curve stays what it was.",
        ),
        Column::new(
            "at_risk",
            Kind::Count,
            "intervals",
            "在险数",
            "Intervals still open at the beginning of the day: neither ended nor censored on an earlier one.",
        ),
        Column::new("events", Kind::Count, "intervals", "回购数", "Intervals that ended on the day with the next purchase day."),
        Column::new(
            "censored",
            Kind::Count,
            "intervals",
            "删失数",
            "Intervals that were open for just so many days at the as-of date: what becomes of them is not known yet. They count as \
             leaving after the day's events.",
        ),
        Column::new("survival", Kind::Share, "1", "未回购概率", "The chance that the next purchase day is more than `days` away (S).")
            .formula("product over all days t up to this one of 1 − events(t) / at_risk(t)")
            .source(KAPLAN_MEIER),
        Column::new("std_error", Kind::Share, "1", "标准误", "Greenwood's standard error of `survival`.")
            .formula("survival × sqrt(Σ events / (at_risk × (at_risk − events)))")
            .null_when("survival is 0, where the formula divides by 0")
            .source("Greenwood 1926, Reports on Public Health and Medical Subjects 33"),
        Column::new(
            "ci_low",
            Kind::Share,
            "1",
            "95% 置信下限",
            "Lower end of the 95 % confidence interval of `survival`, made on the scale log(−log S) so that it stays within 0..1.",
        )
        .formula("survival ^ exp(+1.959964 × std_error / (survival × |ln survival|))")
        .null_when("survival is 1 or 0")
        .source("Kalbfleisch & Prentice 1980, The Statistical Analysis of Failure Time Data, 1.3"),
        Column::new("ci_high", Kind::Share, "1", "95% 置信上限", "Upper end of the same interval.")
            .formula("survival ^ exp(−1.959964 × std_error / (survival × |ln survival|))")
            .null_when("survival is 1 or 0")
            .source("Kalbfleisch & Prentice 1980, The Statistical Analysis of Failure Time Data, 1.3"),
    ]),
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &["paid_at", "status", "refund_amount"],
};

/// The table.
pub static TABLE: FrameTable = FrameTable {
    card: &CARD,
    reads: &[Read::Fold(&INTERVALS)],
    write: |night, sink| write(&night.context, night.fold(&INTERVALS)?.as_ref(), sink),
    witness: Witness::Sql,
};

/// Writes the table in batches of a shop, at least one batch.
///
/// # Errors
/// What the sink returns; a bug where the columns do not fit the card.
pub fn write(context: &Context, fold: &IntervalFold, sink: &mut Sink<'_>) -> Result<()> {
    let mut written = false;
    for shop in fold.shops() {
        let mut rows: Vec<(i64, Point)> = Vec::new();
        for (nth, counts) in (0..).zip(&shop.by_nth) {
            rows.extend(Curve::of(counts).points().iter().map(|point| (nth, *point)));
        }
        sink(&CARD, batch(context, shop.shop, &rows)?)?;
        written = true;
    }
    // Even a table without rows has a schema.
    if written { Ok(()) } else { sink(&CARD, batch(context, 0, &[])?) }
}

fn batch(context: &Context, shop: u32, rows: &[(i64, Point)]) -> Result<RecordBatch> {
    let points = || rows.iter().map(|(_, point)| point);
    Frame::new(&CARD, context)
        .shops("shop_id", rows.iter().map(|_| shop))
        .counts("nth", rows.iter().map(|(nth, _)| Some(*nth)))
        .counts("days", points().map(|point| Some(i64::from(point.days))))
        .counts("at_risk", points().map(|point| Some(point.at_risk)))
        .counts("events", points().map(|point| Some(point.events)))
        .counts("censored", points().map(|point| Some(point.censored)))
        .numbers("survival", points().map(|point| Some(point.survival)))
        .numbers("std_error", points().map(|point| point.std_error))
        .numbers("ci_low", points().map(|point| point.confidence.map(|ends| ends.0)))
        .numbers("ci_high", points().map(|point| point.confidence.map(|ends| ends.1)))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::cases::*;

    #[test]
    fn a_case_by_hand() {
        let context = context(0, 100);
        let customers = [bought_on(1, &[10, 20, 50]), bought_on(1, &[40, 50]), bought_on(1, &[90])];
        let mut batches = Vec::new();
        write(&context, &folded(IntervalFold::new(&context), &customers), &mut |_, batch| {
            batches.push(batch);
            Ok(())
        })
        .unwrap();
        let rows = &batches[0];
        assert_eq!(batches.len(), 1);
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
    fn without_customers_there_is_one_batch_without_rows() {
        let context = context(0, 100);
        let mut sizes = Vec::new();
        write(&context, &IntervalFold::new(&context), &mut |card, batch| {
            sizes.push((card.name.to_string(), batch.num_rows()));
            Ok(())
        })
        .unwrap();
        assert_eq!(sizes, [("repurchase_survival".to_owned(), 0)]);
    }
}
