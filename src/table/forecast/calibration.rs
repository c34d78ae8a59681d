//! forecast_calibration: predicted and actual purchases in the hold-out, by tenths of the customers in the order of the predictions.

use std::sync::OnceLock;

use super::FORECASTS;
use super::selection::fitted::Fitted;
use super::selection::hold_out::HoldOut;
use super::shop::ShopForecast;
use crate::metric::ranking::Decile;
use crate::metric::ratio::ratio_of;
use crate::spec::Need;
use crate::table::column::Value::{Count, Flag, Ratio, Shop, Text};
use crate::table::column::column;
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

/// One tenth of a shop's hold-out, by one model.
pub struct Row {
    shop: u32,
    model: &'static str,
    is_used: bool,
    tenth: Decile,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "forecast_calibration",
    chinese: "预测校准",
    question: "Did the customers of whom much was expected in the hold-out buy much, and as much as was expected?",
    grain: "one tenth of the customers of a shop's hold-out, by what one of its models predicted for them",
    key: &["shop_id", "model", "decile"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[],
    reads: &[Read::Shared(&FORECASTS)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
        column(
            "model",
            Text(|row| Some(row.model)),
            "",
            "模型",
            "The model of purchases, fitted to the calibration, as in forecast_models. One that could not be used has no rows.",
        ),
        column(
            "decile",
            Count(|row: &Row| Some(row.tenth.decile.into())),
            "1 to 10",
            "十分位",
            "1 for the customers with the lowest predictions, 10 for those with the highest. Customers with equal predictions are in \
             one tenth, so that the next ones may be missing.",
        )
        .formula("1 + (10 × customers with a lower prediction) div hold_out_customers"),
        column("is_used", Flag(|row| Some(row.is_used)), "", "是否采用", "Whether the forecast of the shop rests on the model."),
        column("customers", Count(|row| i64::try_from(row.tenth.customers).ok()), "customers", "客户数", "Customers of the tenth."),
        column(
            "predicted_purchases",
            Ratio(|row| Some(row.tenth.predicted)),
            "purchase days",
            "预测购买天数",
            "Purchase days predicted for them in the hold-out, together.",
        ),
        column(
            "actual_purchases",
            Count(|row| i64::try_from(row.tenth.actual).ok()),
            "purchase days",
            "实际购买天数",
            "Their purchase days in the hold-out.",
        ),
        column(
            "predicted_per_customer",
            Ratio(|row: &Row| ratio_of(row.tenth.predicted, row.tenth.customers as f64)),
            "purchase days per customer",
            "人均预测购买天数",
            "Predicted for one of them, on average.",
        )
        .formula("predicted_purchases / customers"),
        column(
            "actual_per_customer",
            Ratio(|row: &Row| ratio_of(row.tenth.actual as f64, row.tenth.customers as f64)),
            "purchase days per customer",
            "人均实际购买天数",
            "What one of them did, on average.",
        )
        .formula("actual_purchases / customers"),
    ]],
    rows: |night, out| night.shared(&FORECASTS)?.shops.iter().try_for_each(|forecast| out.all(rows(forecast))),
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The rows of a shop, ascending by (model, decile).
fn rows(forecast: &ShopForecast) -> Vec<Row> {
    let used = forecast.chosen.map(|chosen| chosen.place);
    let mut models: Vec<_> = forecast.fitted.iter().zip(&forecast.hold_outs).enumerate().collect();
    models.sort_by_key(|(_, (fitted, _))| fitted.kind.name());
    let of_model = |(place, (fitted, hold_out)): (usize, (&Fitted, &Option<HoldOut>))| {
        let row = |tenth: &Decile| Row { shop: forecast.shop, model: fitted.kind.name(), is_used: used == Some(place), tenth: *tenth };
        hold_out.iter().flat_map(|hold_out| &hold_out.deciles).map(row).collect::<Vec<_>>()
    };
    models.into_iter().flat_map(of_model).collect()
}
