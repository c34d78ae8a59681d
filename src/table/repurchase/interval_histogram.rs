//! interval_histogram: how many repurchase intervals lasted how many days.

use crate::error::Result;
use crate::fold::intervals::{IntervalFold, ShopIntervals};
use crate::history::Context;
use crate::spec::{Card, Column, Kind, Need};
use crate::table::{Frame, Sink};

/// What the table and its columns mean.
pub static CARD: Card = Card {
    name: "interval_histogram",
    chinese: "回购周期分布",
    question: "After how many days do those customers who come back come back?",
    grain: "one length in days of the observed intervals from the nth purchase day of a shop's customers to the next; only lengths \
         that occurred",
    key: &["shop_id", "nth", "days"],
    columns: &[
        Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop that the customers bought at."),
        Column::new(
            "nth",
            Kind::Count,
            "",
            "第几次购买",
            "The interval starts at the customer's nth purchase day; 0 stands for all intervals together, those after more than \
             `max_nth` purchase days included.",
        ),
        Column::new(
            "days",
            Kind::Count,
            "days",
            "间隔天数",
            "Length of the interval: the days from one purchase day of a customer to the next, at least 1.",
        ),
        Column::new(
            "intervals",
            Kind::Count,
            "intervals",
            "间隔数",
            "Intervals of that length which ended by the as-of date. Long ones have had less time to end: for chances read \
             repurchase_survival.",
        ),
    ],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &["paid_at", "status", "refund_amount"],
};

/// Writes the table in batches of a shop, at least one batch.
///
/// # Errors
/// What the sink returns; a bug where the columns do not fit the card.
pub fn write(context: &Context, fold: &IntervalFold, sink: &mut Sink<'_>) -> Result<()> {
    let mut written = false;
    for shop in fold.shops() {
        written |= write_shop(context, &shop, sink)?;
    }
    // Even a table without rows has a schema.
    if !written {
        sink(
            &CARD,
            Frame::new(&CARD, context).shops("shop_id", []).counts("nth", []).counts("days", []).counts("intervals", []).finish()?,
        )?;
    }
    Ok(())
}

/// Whether the shop had an interval to write.
fn write_shop(context: &Context, intervals: &ShopIntervals, sink: &mut Sink<'_>) -> Result<bool> {
    let observed =
        |counts: &[crate::statistics::kaplan_meier::Count]| counts.iter().copied().filter(|count| count.events > 0).collect::<Vec<_>>();
    let rows: Vec<(i64, i64, i64)> = (0_i64..)
        .zip(&intervals.by_nth)
        .flat_map(|(nth, counts)| observed(counts).into_iter().map(move |count| (nth, i64::from(count.days), count.events)))
        .collect();
    if rows.is_empty() {
        return Ok(false);
    }
    let batch = Frame::new(&CARD, context)
        .shops("shop_id", rows.iter().map(|_| intervals.shop))
        .counts("nth", rows.iter().map(|row| Some(row.0)))
        .counts("days", rows.iter().map(|row| Some(row.1)))
        .counts("intervals", rows.iter().map(|row| Some(row.2)))
        .finish()?;
    sink(&CARD, batch)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::cases::*;
    use arrow::record_batch::RecordBatch;

    fn batches(context: &Context, customers: &[Customer]) -> Vec<RecordBatch> {
        let mut batches = Vec::new();
        write(context, &folded(IntervalFold::new(context), customers), &mut |_, batch| {
            batches.push(batch);
            Ok(())
        })
        .unwrap();
        batches
    }

    #[test]
    fn a_case_by_hand() {
        let customers =
            [bought_on(0, &[10, 20, 50]), bought_on(0, &[40, 50]), bought_on(0, &[90]), bought_on(1, &[3]), bought_on(2, &[1, 2])];
        let found = batches(&context(0, 100), &customers);
        // Shop 20 has nobody who came back, and no rows.
        assert_eq!(found.iter().map(|rows| known(rows, "shop_id")[0]).collect::<Vec<_>>(), [10, 30]);
        assert_eq!(known(&found[0], "nth"), [0, 0, 1, 2]);
        assert_eq!(known(&found[0], "days"), [10, 30, 10, 30]);
        assert_eq!(known(&found[0], "intervals"), [2, 1, 2, 1]);
        assert_eq!(known(&found[1], "days"), [1, 1]);
    }

    #[test]
    fn where_nobody_came_back_there_is_one_batch_without_rows() {
        let found = batches(&context(0, 100), &[bought_on(0, &[10])]);
        assert_eq!(found.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [0]);
    }
}
