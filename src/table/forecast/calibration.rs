//! forecast_calibration: by tenths of what a model predicted for the hold-out, how much was predicted and what came.

use std::borrow::Cow;

use arrow::record_batch::RecordBatch;

use super::super::Frame;
use super::FORECASTS;
use super::Forecasts;
use crate::error::Result;
use crate::history::Context;
use crate::metric::ranking::Decile;
use crate::metric::ratio::ratio_of;
use crate::spec::{Card, Column, Kind, Need};
use crate::table::night::Read;
use crate::table::unit::{FrameTable, Witness};

/// What the table and its columns mean.
pub static CARD: Card = Card {
    name: Cow::Borrowed("forecast_calibration"),
    chinese: "预测校准",
    question: Cow::Borrowed("Did the customers of whom much was expected in the hold-out buy much, and as much as was expected?"),
    grain: "one tenth of the customers of a shop's hold-out, by what one of its models predicted for them",
    key: &["shop_id", "model", "decile"],
    columns: Cow::Borrowed(&[
        Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop."),
        Column::new(
            "model",
            Kind::Text,
            "",
            "模型",
            "The model of purchases, fitted to the calibration, as in forecast_models. One that could not be used has no rows.",
        ),
        Column::new(
            "decile",
            Kind::Count,
            "1 to 10",
            "十分位",
            "1 for the customers with the lowest predictions, 10 for those with the highest. Customers with equal predictions are in one tenth, so that \
             the next ones may be missing.",
        )
        .formula("1 + (10 × customers with a lower prediction) div hold_out_customers"),
        Column::new("is_used", Kind::Flag, "", "是否采用", "Whether the forecast of the shop rests on the model."),
        Column::new("customers", Kind::Count, "customers", "客户数", "Customers of the tenth."),
        Column::new("predicted_purchases", Kind::Ratio, "purchase days", "预测购买天数", "Purchase days predicted for them in the hold-out, together."),
        Column::new("actual_purchases", Kind::Count, "purchase days", "实际购买天数", "Their purchase days in the hold-out."),
        Column::new("predicted_per_customer", Kind::Ratio, "purchase days per customer", "人均预测购买天数", "Predicted for one of them, on average.")
            .formula("predicted_purchases / customers"),
        Column::new("actual_per_customer", Kind::Ratio, "purchase days per customer", "人均实际购买天数", "What one of them did, on average.")
            .formula("actual_purchases / customers"),
    ]),
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &["paid_at", "status", "refund_amount"],
};

/// The table.
pub static TABLE: FrameTable = FrameTable {
    card: &CARD,
    reads: &[Read::Shared(&FORECASTS)],
    write: |night, sink| sink(&CARD, table(&night.context, night.shared(&FORECASTS)?.as_ref())?),
    witness: Witness::Cited("tests/oracle/README.md"),
};

/// One row.
struct Row {
    shop: u32,
    model: &'static str,
    is_used: bool,
    decile: Decile,
}

/// The table in one batch.
///
/// # Errors
/// A bug where the columns do not fit the card.
pub fn table(context: &Context, forecasts: &Forecasts) -> Result<RecordBatch> {
    let mut rows = Vec::new();
    for forecast in &forecasts.shops {
        let used = forecast.chosen.map(|chosen| chosen.place);
        let mut models: Vec<_> = forecast.fitted.iter().zip(&forecast.hold_outs).enumerate().collect();
        models.sort_by_key(|(_, (fitted, _))| fitted.kind.name());
        for (place, (fitted, hold_out)) in models {
            let row =
                |decile: &Decile| Row { shop: forecast.shop, model: fitted.kind.name(), is_used: used == Some(place), decile: *decile };
            rows.extend(hold_out.iter().flat_map(|hold_out| &hold_out.deciles).map(row));
        }
    }
    let each = || rows.iter();
    let count = |number: u64| i64::try_from(number).ok();
    Frame::new(&CARD, context)
        .shops("shop_id", each().map(|row| row.shop))
        .text("model", each().map(|row| Some(row.model)))
        .counts("decile", each().map(|row| Some(i64::from(row.decile.decile))))
        .flags("is_used", each().map(|row| Some(row.is_used)))
        .counts("customers", each().map(|row| count(row.decile.customers)))
        .numbers("predicted_purchases", each().map(|row| Some(row.decile.predicted)))
        .counts("actual_purchases", each().map(|row| count(row.decile.actual)))
        .numbers("predicted_per_customer", each().map(|row| ratio_of(row.decile.predicted, row.decile.customers as f64)))
        .numbers("actual_per_customer", each().map(|row| ratio_of(row.decile.actual as f64, row.decile.customers as f64)))
        .finish()
}
