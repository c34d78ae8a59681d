//! forecast_models: the models behind the forecast of each shop, how well they are known and how well they foresaw the hold-out.

use std::borrow::Cow;

use arrow::record_batch::RecordBatch;

use super::super::Frame;
use super::FORECASTS;
use super::Forecasts;
use super::choice::ChosenBy;
use super::hold_out::{Accuracy, HoldOut};
use super::shop::{FittedOn, ShopForecast};
use crate::error::Result;
use crate::history::Context;
use crate::metric::ratio::ratio_of;
use crate::model::estimate::{Parameter, Status};
use crate::spec::{Card, Column, Day, Kind, NO_DAY, Need};
use crate::table::night::Read;
use crate::table::unit::{FrameTable, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Forecast of customers";
/// The model of values, in the column `model`.
pub const GAMMA_GAMMA: &str = "gamma_gamma";
const NOTHING_FITTED: &str = "the model was not fitted (too_few)";
const NO_HOLD_OUT: &str = "nothing is held out, or the model is gamma_gamma";
const NOT_TRIED: &str =
    "nothing is held out, the model cannot be used, or could not be at the end of the calibration; or it is gamma_gamma";

const fn parameter(name: &'static str, chinese: &'static str, definition: &'static str) -> Column {
    Column::new(name, Kind::Ratio, "", chinese, definition).null_when("the model has no such parameter, or was not fitted (too_few)")
}

const fn error(name: &'static str, chinese: &'static str, definition: &'static str) -> Column {
    Column::new(name, Kind::Ratio, "", chinese, definition)
        .formula("sqrt of the diagonal of the inverse of minus the second derivatives of the log-likelihood")
        .null_when("the parameter is null, or the likelihood has no peak there")
}

/// The parameters with the columns of their values and standard errors.
const PARAMETERS: [(&str, &str); 9] = [
    ("r", "r_std_error"),
    ("alpha", "alpha_std_error"),
    ("a", "a_std_error"),
    ("b", "b_std_error"),
    ("s", "s_std_error"),
    ("beta", "beta_std_error"),
    ("p", "p_std_error"),
    ("q", "q_std_error"),
    ("gamma", "gamma_std_error"),
];

/// What the table and its columns mean.
pub static CARD: Card = Card {
    name: Cow::Borrowed("forecast_models"),
    chinese: "预测模型",
    question: Cow::Borrowed("Which model stands behind the forecast of each shop's customers, can it be believed, and how well did it foresee what is known by now?"),
    grain: "one model of one shop with customers: all of purchases, or the one that the job names, and gamma_gamma for the value of a purchase",
    key: &["shop_id", "model"],
    columns: Cow::Borrowed(&[
        Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop."),
        Column::new(
            "model",
            Kind::Text,
            "",
            "模型",
            "bg_nbd, mbg_nbd, pareto_nbd, bg_cnbd_k or mbg_cnbd_k for when customers buy and leave, gamma_gamma for what a purchase day brings.",
        )
        .source(
            "Fader, Hardie & Lee 2005; Batislam, Denizel & Filiztekin 2007; Schmittlein, Morrison & Colombo 1987; Platzer & Reutterer 2016; \
             Fader & Hardie 2013",
        ),
        Column::new(
            "is_used",
            Kind::Flag,
            "",
            "是否采用",
            "Whether the forecast columns of customers and segment_value rest on it. One model of purchases, or none; gamma_gamma where it can be used with one.",
        ),
        Column::new(
            "chosen_by",
            Kind::Text,
            "",
            "选择依据",
            "hold_out: it has the best hold_out_log_likelihood of the models that can be used. log_likelihood: nothing could be held out, it has the best \
             log_likelihood. job: the job names it. Of a shop that takes the parameters of all shops, the hold-outs of all shops together decide.",
        )
        .null_when("the model is not used, or is gamma_gamma, which has no rival"),
        Column::new(
            "fitted_on",
            Kind::Text,
            "",
            "拟合范围",
            "Whose customers the parameters were fitted to: shop, or all_shops where the shop has fewer than 200 customers with a repeat purchase \
             and is not the only one.",
        )
        .source(SPECIFICATION),
        Column::new(
            "status",
            Kind::Text,
            "",
            "状态",
            "ok: can be used. not_identified: the data do not tell the parameters, quite different ones explain them as well. too_few: not fitted. \
             not_converged: no maximum was found. Only with ok are there predictions.",
        ),
        Column::new("reason", Kind::Text, "", "原因", "Why the model cannot be used.").null_when("status is ok"),
        Column::new("customers", Kind::Count, "customers", "客户数", "Customers of the shop."),
        Column::new("repeat_customers", Kind::Count, "customers", "复购客户数", "Customers of the shop with at least two purchase days."),
        Column::new(
            "fitted_customers",
            Kind::Count,
            "customers",
            "拟合客户数",
            "Customers that the model was fitted to, or would have been; of gamma_gamma those whose repeat purchase days brought something.",
        ),
        Column::new(
            "cells",
            Kind::Count,
            "histories",
            "不同历史数",
            "Different histories among them: the model sees a customer as purchase days after the first, days from the first to the last and to the as-of \
             date; gamma_gamma as the first of these and the mean value.",
        ),
        Column::new(
            "regularity",
            Kind::Count,
            "",
            "规律性 k",
            "k: intervals between purchases are Erlang-k distributed, the more regular the higher k. 1, exponential intervals, makes bg_cnbd_k and \
             mbg_cnbd_k the same as bg_nbd and mbg_nbd. Chosen by log_likelihood, from 1 up as long as that rises; for the hold-out anew, by the calibration.",
        )
        .null_when("the model is not bg_cnbd_k or mbg_cnbd_k, or was not fitted (too_few)")
        .source("Platzer & Reutterer 2016, Marketing Science 35(5), section 4"),
        parameter("r", "参数 r", "Shape of the gamma distribution of customers' purchase rates (per week; with a regularity, of their rates of k-th parts)."),
        error("r_std_error", "r 标准误", "Standard error of r."),
        parameter("alpha", "参数 α", "Rate parameter of that distribution, in weeks: r / (alpha × k) purchases a week on average while alive."),
        error("alpha_std_error", "α 标准误", "Standard error of alpha."),
        parameter("a", "参数 a", "First parameter of the beta distribution of customers' chances to leave after a purchase: a / (a + b) on average."),
        error("a_std_error", "a 标准误", "Standard error of a."),
        parameter("b", "参数 b", "Second parameter of that distribution."),
        error("b_std_error", "b 标准误", "Standard error of b."),
        parameter("s", "参数 s", "pareto_nbd: shape of the gamma distribution of customers' rates of leaving (per week)."),
        error("s_std_error", "s 标准误", "Standard error of s."),
        parameter("beta", "参数 β", "Rate parameter of that distribution, in weeks."),
        error("beta_std_error", "β 标准误", "Standard error of beta."),
        parameter("p", "参数 p", "gamma_gamma: shape of the gamma distribution of the values of a customer's purchase days."),
        error("p_std_error", "p 标准误", "Standard error of p."),
        parameter("q", "参数 q", "gamma_gamma: shape of the gamma distribution of the rates of these distributions over customers."),
        error("q_std_error", "q 标准误", "Standard error of q."),
        parameter("gamma", "参数 γ", "gamma_gamma: rate parameter of that distribution, in CNY: the mean value of a purchase day is p × gamma / (q − 1)."),
        error("gamma_std_error", "γ 标准误", "Standard error of gamma."),
        Column::new(
            "log_likelihood",
            Kind::Number,
            "",
            "对数似然",
            "Log-density of the histories at these parameters, without the factorials of the purchase counts, times in weeks; with a regularity above 1 \
             it contains the logarithms of all intervals, so that models compare.",
        )
        .null_when(NOTHING_FITTED),
        Column::new("iterations", Kind::Count, "steps", "迭代次数", "Steps of the search for the maximum, on all customers; 0 where there was none."),
        Column::new(
            "calibration_end",
            Kind::Date,
            "date",
            "校准期末日",
            "The last day of the calibration. The last fifth of the days from the shop's first order to the as-of date, the hold-out, lies after it: models \
             are fitted a second time without it and tried on it.",
        )
        .null_when(NO_HOLD_OUT)
        .source(SPECIFICATION),
        Column::new("hold_out_days", Kind::Count, "days", "验证期天数", "Days of the hold-out.").null_when(NO_HOLD_OUT),
        Column::new(
            "hold_out_customers",
            Kind::Count,
            "customers",
            "验证期客户数",
            "Customers of the shop who had bought by calibration_end: those that the hold-out is about.",
        )
        .null_when(NO_HOLD_OUT),
        Column::new("hold_out_purchases", Kind::Count, "purchase days", "验证期购买天数", "Purchase days of these customers in the hold-out.").null_when(NO_HOLD_OUT),
        Column::new("hold_out_status", Kind::Text, "", "校准拟合状态", "The status of the model as fitted to the calibration.").null_when(NO_HOLD_OUT),
        Column::new("hold_out_reason", Kind::Text, "", "校准拟合原因", "Why that fit cannot be used.")
            .null_when("hold_out_status is null or ok"),
        Column::new(
            "hold_out_log_likelihood",
            Kind::Number,
            "",
            "验证期对数似然",
            "Log-density of what these customers did in the hold-out given what they had done before, under the model fitted to the calibration. The \
             higher the better; what auto compares.",
        )
        .formula("sum over hold_out_customers of ln L(history up to the as-of date) − ln L(history up to calibration_end)")
        .null_when(NOT_TRIED),
        Column::new(
            "predicted_purchases",
            Kind::Ratio,
            "purchase days",
            "预测购买天数",
            "Purchase days in the hold-out that the model, fitted to the calibration, expected of these customers.",
        )
        .null_when(NOT_TRIED),
        Column::new("predicted_per_actual", Kind::Ratio, "1", "预测/实际", "1 where the sum was foreseen, more where the model expected too much.")
            .formula("predicted_purchases / hold_out_purchases")
            .null_when("predicted_purchases is null, or hold_out_purchases is 0"),
        Column::new("mean_absolute_error", Kind::Ratio, "purchase days per customer", "平均绝对误差", "By how much the prediction misses a customer, on average.")
            .formula("sum of |predicted − actual| / hold_out_customers")
            .null_when(NOT_TRIED),
        Column::new("root_mean_squared_error", Kind::Ratio, "purchase days per customer", "均方根误差", "The same with large misses weighing more.")
            .formula("sqrt(sum of (predicted − actual)² / hold_out_customers)")
            .null_when(NOT_TRIED),
        Column::new(
            "gini",
            Kind::Number,
            "1",
            "标准化基尼系数",
            "How well predictions rank customers: the Gini coefficient of the actual purchases in the order of the predictions by that in the order of \
             the actual purchases. 1 is a perfect ranking, 0 chance. Customers with equal predictions count as spread evenly, so that no order of rows matters.",
        )
        .null_when("nothing was predicted, or all customers did the same"),
        Column::new(
            "naive_purchases",
            Kind::Ratio,
            "purchase days",
            "按原频率预测购买天数",
            "What \"as often as before\" expected: a model is worth something where it does better than this.",
        )
        .formula("sum of purchase days after the first / days from the first to calibration_end × hold_out_days; 0 for who first bought on that day")
        .null_when(NO_HOLD_OUT),
        Column::new("naive_mean_absolute_error", Kind::Ratio, "purchase days per customer", "按原频率平均绝对误差", "mean_absolute_error of it.").null_when(NO_HOLD_OUT),
        Column::new("naive_root_mean_squared_error", Kind::Ratio, "purchase days per customer", "按原频率均方根误差", "root_mean_squared_error of it.")
            .null_when(NO_HOLD_OUT),
        Column::new("naive_gini", Kind::Number, "1", "按原频率标准化基尼系数", "gini of it.").null_when("nothing is held out, all customers did the same, or the model is gamma_gamma"),
        Column::new(
            "value_correlation",
            Kind::Number,
            "1",
            "频次与金额相关系数",
            "Pearson's correlation, over fitted_customers, of the number of repeat purchase days and their mean value. gamma_gamma takes it to be 0: far from \
             0 (beyond ±0.3, say) expected_value is biased.",
        )
        .null_when("the model is not gamma_gamma, or one of the two does not vary")
        .source("Fader, Hardie & Lee 2005, RFM and CLV, Journal of Marketing Research 42(4), section on independence"),
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
struct Row<'a> {
    forecast: &'a ShopForecast,
    model: &'static str,
    chosen_by: Option<ChosenBy>,
    is_used: bool,
    fitted_on: FittedOn,
    status: Status,
    reason: &'a str,
    fitted_customers: u64,
    cells: usize,
    regularity: Option<u32>,
    parameters: &'a [Parameter],
    log_likelihood: Option<f64>,
    iterations: u32,
    /// Status and reason of the fit to the calibration; `None` of gamma_gamma.
    calibration: Option<(Status, &'a str)>,
    hold_out: Option<&'a HoldOut>,
    correlation: Option<f64>,
}

/// The rows of a shop, ascending by the name of the model.
fn rows(forecast: &ShopForecast) -> Vec<Row<'_>> {
    let of_purchases = forecast.fitted.iter().zip(&forecast.hold_outs).enumerate().map(|(place, (fitted, hold_out))| {
        let chosen_by = forecast.chosen.filter(|chosen| chosen.place == place).map(|chosen| chosen.by);
        let regularity = fitted.whole.model.filter(|_| fitted.kind.has_regularity()).map(|model| model.regularity());
        Row {
            forecast,
            model: fitted.kind.name(),
            chosen_by,
            is_used: chosen_by.is_some(),
            fitted_on: forecast.fitted_on,
            status: fitted.whole.status,
            reason: &fitted.whole.reason,
            fitted_customers: fitted.whole.customers,
            cells: fitted.whole.cells,
            regularity,
            parameters: &fitted.whole.parameters,
            log_likelihood: fitted.whole.log_likelihood,
            iterations: fitted.whole.iterations,
            calibration: fitted.calibration.as_ref().map(|fit| (fit.status, fit.reason.as_str())),
            hold_out: hold_out.as_ref(),
            correlation: None,
        }
    });
    let fit = &forecast.value.fit;
    let value = Row {
        forecast,
        model: GAMMA_GAMMA,
        chosen_by: None,
        is_used: forecast.value.model().is_some() && forecast.chosen.is_some(),
        fitted_on: forecast.value_fitted_on,
        status: fit.status,
        reason: &fit.reason,
        fitted_customers: fit.customers,
        cells: fit.cells,
        regularity: None,
        parameters: &fit.parameters,
        log_likelihood: fit.log_likelihood,
        iterations: fit.iterations,
        calibration: None,
        hold_out: None,
        correlation: forecast.value.correlation,
    };
    let mut rows: Vec<Row<'_>> = of_purchases.chain([value]).collect();
    rows.sort_by_key(|row| row.model);
    rows
}

impl<'a> Row<'a> {
    fn parameter(&self, name: &str) -> Option<&'a Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// What was held out, for models of purchases.
    fn held_out(&self) -> Option<&'a super::base::HeldOut> {
        self.forecast.base.held_out.as_ref().filter(|_| self.model != GAMMA_GAMMA)
    }

    fn naive(&self) -> Option<&'a Accuracy> {
        self.forecast.naive.as_ref().filter(|_| self.model != GAMMA_GAMMA)
    }

    fn calibration_end(&self) -> Day {
        self.held_out().map_or(NO_DAY, |held_out| held_out.calibration_end)
    }

    fn calibration(&self) -> Option<(Status, &'a str)> {
        self.calibration.filter(|_| self.held_out().is_some())
    }
}

/// The table in one batch.
///
/// # Errors
/// A bug where the columns do not fit the card.
pub fn table(context: &Context, forecasts: &Forecasts) -> Result<RecordBatch> {
    let rows: Vec<Row<'_>> = forecasts.shops.iter().flat_map(rows).collect();
    let each = || rows.iter();
    let count = |number: u64| i64::try_from(number).ok();
    let known = |number: Option<f64>| number.filter(|number| number.is_finite());
    let accuracy = |row: &Row<'_>| row.hold_out.map(|hold_out| hold_out.accuracy.clone());
    let mut frame = Frame::new(&CARD, context);
    frame
        .shops("shop_id", each().map(|row| row.forecast.shop))
        .text("model", each().map(|row| Some(row.model)))
        .flags("is_used", each().map(|row| Some(row.is_used)))
        .text("chosen_by", each().map(|row| row.chosen_by.map(ChosenBy::name)))
        .text("fitted_on", each().map(|row| Some(row.fitted_on.name())))
        .text("status", each().map(|row| Some(row.status.name())))
        .text("reason", each().map(|row| (row.status != Status::Ok).then_some(row.reason)))
        .counts("customers", each().map(|row| count(row.forecast.cells().customers())))
        .counts("repeat_customers", each().map(|row| count(row.forecast.cells().repeaters())))
        .counts("fitted_customers", each().map(|row| count(row.fitted_customers)))
        .counts("cells", each().map(|row| count(row.cells as u64)))
        .counts("regularity", each().map(|row| row.regularity.map(i64::from)));
    for (value, standard_error) in PARAMETERS {
        frame
            .numbers(value, each().map(|row| known(Some(row.parameter(value)?.value))))
            .numbers(standard_error, each().map(|row| known(row.parameter(value)?.standard_error)));
    }
    frame
        .numbers("log_likelihood", each().map(|row| known(row.log_likelihood)))
        .counts("iterations", each().map(|row| Some(i64::from(row.iterations))))
        .dates("calibration_end", each().map(Row::calibration_end))
        .counts("hold_out_days", each().map(|row| Some(i64::from(row.held_out()?.days))))
        .counts("hold_out_customers", each().map(|row| count(row.held_out()?.customers())))
        .counts("hold_out_purchases", each().map(|row| count(row.held_out()?.purchases())))
        .text("hold_out_status", each().map(|row| row.calibration().map(|(status, _)| status.name())))
        .text("hold_out_reason", each().map(|row| row.calibration().filter(|(status, _)| *status != Status::Ok).map(|(_, reason)| reason)))
        .numbers("hold_out_log_likelihood", each().map(|row| known(Some(row.hold_out?.log_likelihood))))
        .numbers("predicted_purchases", each().map(|row| known(Some(accuracy(row)?.predicted))))
        .numbers("predicted_per_actual", each().map(|row| ratio_of(accuracy(row)?.predicted, row.held_out()?.purchases() as f64)))
        .numbers("mean_absolute_error", each().map(|row| accuracy(row)?.mean_absolute_error))
        .numbers("root_mean_squared_error", each().map(|row| accuracy(row)?.root_mean_squared_error))
        .numbers("gini", each().map(|row| accuracy(row)?.gini))
        .numbers("naive_purchases", each().map(|row| Some(row.naive()?.predicted)))
        .numbers("naive_mean_absolute_error", each().map(|row| row.naive()?.mean_absolute_error))
        .numbers("naive_root_mean_squared_error", each().map(|row| row.naive()?.root_mean_squared_error))
        .numbers("naive_gini", each().map(|row| row.naive()?.gini))
        .numbers("value_correlation", each().map(|row| row.correlation))
        .finish()
}
