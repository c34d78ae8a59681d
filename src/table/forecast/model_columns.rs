//! Columns of `forecast_models`: the parameters of a model, and its performance on the hold-out.

use super::columns::SPECIFICATION;
use super::model_row::{Row, finite};
use crate::metric::ratio::ratio_of;
use crate::model::estimate::Status;
use crate::spec::NO_DAY;
use crate::table::column::Value::{Count, Date, Flag, Number, Ratio, Text};
use crate::table::column::{Value, ValueColumn, column};

const NO_HOLD_OUT: &str = "nothing is held out, or the model is gamma_gamma";
const NOT_TRIED: &str =
    "nothing is held out, the model cannot be used, or could not be at the end of the calibration; or it is gamma_gamma";

const NOT_COMPARED: &str = "the model is the used one, cannot be used, is gamma_gamma or naive; or no model is used";
const NOT_AGAINST: &str = "mean_absolute_error is null, the hold-out has one customer, or the model is naive";
const NOT_RANKED: &str = "gini or naive_gini is null, or the model is naive";
const VUONG: &str = "Vuong 1989, Econometrica 57(2)";

/// A count as columns hold it.
pub(super) fn count(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

const fn parameter(name: &'static str, value: Value<Row>, chinese: &'static str, definition: &'static str) -> ValueColumn<Row> {
    column(name, value, "", chinese, definition).null_when("the model has no such parameter, or was not fitted (too_few)")
}

const fn error(name: &'static str, value: Value<Row>, chinese: &'static str, definition: &'static str) -> ValueColumn<Row> {
    column(name, value, "", chinese, definition)
        .formula("sqrt of the diagonal of the inverse of minus the second derivatives of the log-likelihood")
        .null_when("the parameter is null, or the likelihood has no peak there")
}

/// The parameters, each with its standard error.
pub(super) static PARAMETERS: [ValueColumn<Row>; 18] = [
    parameter(
        "r",
        Ratio(|row| row.parameter("r")),
        "参数 r",
        "Shape of the gamma distribution of customers' purchase rates (per week; with a regularity, of their rates of k-th parts).",
    ),
    error("r_std_error", Ratio(|row| row.standard_error("r")), "r 标准误", "Standard error of r."),
    parameter(
        "alpha",
        Ratio(|row| row.parameter("alpha")),
        "参数 α",
        "Rate parameter of that distribution, in weeks: r / (alpha × k) purchases a week on average while alive.",
    ),
    error("alpha_std_error", Ratio(|row| row.standard_error("alpha")), "α 标准误", "Standard error of alpha."),
    parameter(
        "a",
        Ratio(|row| row.parameter("a")),
        "参数 a",
        "First parameter of the beta distribution of customers' chances to leave after a purchase: a / (a + b) on average.",
    ),
    error("a_std_error", Ratio(|row| row.standard_error("a")), "a 标准误", "Standard error of a."),
    parameter("b", Ratio(|row| row.parameter("b")), "参数 b", "Second parameter of that distribution."),
    error("b_std_error", Ratio(|row| row.standard_error("b")), "b 标准误", "Standard error of b."),
    parameter(
        "s",
        Ratio(|row| row.parameter("s")),
        "参数 s",
        "pareto_nbd: shape of the gamma distribution of customers' rates of leaving (per week).",
    ),
    error("s_std_error", Ratio(|row| row.standard_error("s")), "s 标准误", "Standard error of s."),
    parameter("beta", Ratio(|row| row.parameter("beta")), "参数 β", "Rate parameter of that distribution, in weeks."),
    error("beta_std_error", Ratio(|row| row.standard_error("beta")), "β 标准误", "Standard error of beta."),
    parameter(
        "p",
        Ratio(|row| row.parameter("p")),
        "参数 p",
        "gamma_gamma: shape of the gamma distribution of the values of a customer's purchase days.",
    ),
    error("p_std_error", Ratio(|row| row.standard_error("p")), "p 标准误", "Standard error of p."),
    parameter(
        "q",
        Ratio(|row| row.parameter("q")),
        "参数 q",
        "gamma_gamma: shape of the gamma distribution of the rates of these distributions over customers.",
    ),
    error("q_std_error", Ratio(|row| row.standard_error("q")), "q 标准误", "Standard error of q."),
    parameter(
        "gamma",
        Ratio(|row| row.parameter("gamma")),
        "参数 γ",
        "gamma_gamma: rate parameter of that distribution, in CNY: the mean value of a purchase day is p × gamma / (q − 1).",
    ),
    error("gamma_std_error", Ratio(|row| row.standard_error("gamma")), "γ 标准误", "Standard error of gamma."),
];

/// The performance on the hold-out of the model fitted to the calibration.
pub(super) static HOLD_OUT: [ValueColumn<Row>; 25] = [
    column(
        "calibration_end",
        Date(|row: &Row| row.held_out.map_or(NO_DAY, |held_out| held_out.calibration_end)),
        "date",
        "校准期末日",
        "The last day of the calibration. The last fifth of the days from the shop's first order to the as-of date, the hold-out, \
         lies after it: models are fitted a second time without it and tried on it.",
    )
    .null_when(NO_HOLD_OUT)
    .source(SPECIFICATION),
    column("hold_out_days", Count(|row: &Row| Some(row.held_out?.days.into())), "days", "验证期天数", "Days of the hold-out.")
        .null_when(NO_HOLD_OUT),
    column(
        "hold_out_customers",
        Count(|row: &Row| count(row.held_out?.customers)),
        "customers",
        "验证期客户数",
        "Customers of the shop who had bought by calibration_end: those that the hold-out is about.",
    )
    .null_when(NO_HOLD_OUT),
    column(
        "hold_out_purchases",
        Count(|row: &Row| count(row.held_out?.purchases)),
        "purchase days",
        "验证期购买天数",
        "Purchase days of these customers in the hold-out.",
    )
    .null_when(NO_HOLD_OUT),
    column(
        "hold_out_status",
        Text(|row: &Row| Some(row.calibration.as_ref()?.0.name())),
        "",
        "校准拟合状态",
        "The status of the model as fitted to the calibration.",
    )
    .null_when(NO_HOLD_OUT),
    column(
        "hold_out_reason",
        Text(|row: &Row| row.calibration.as_ref().filter(|(status, _)| *status != Status::Ok).map(|(_, reason)| reason.as_str())),
        "",
        "校准拟合原因",
        "Why that fit cannot be used.",
    )
    .null_when("hold_out_status is null or ok"),
    column(
        "hold_out_log_likelihood",
        Number(|row: &Row| finite(row.hold_out_log_likelihood)),
        "",
        "验证期对数似然",
        "Log-density of what these customers did in the hold-out given what they had done before, under the model fitted to the \
         calibration. The higher the better; auto compares it customer by customer (used_gain).",
    )
    .formula("sum over hold_out_customers of ln L(history up to the as-of date) − ln L(history up to calibration_end)")
    .null_when(NOT_TRIED),
    column(
        "used_gain",
        Number(|row: &Row| finite(Some(row.used_gain?.value))),
        "per customer",
        "采用模型的人均对数似然优势",
        "By how much a customer's log-density is higher under the used model: in the hold-out where both were tried on it, else in \
         the whole history. With a regularity above 1, the logarithms of a customer's several intervals are taken from their sum.",
    )
    .formula("mean over customers of ln L under the used model − ln L under this one")
    .null_when(NOT_COMPARED)
    .source(VUONG),
    column(
        "used_gain_std_error",
        Ratio(|row: &Row| finite(Some(row.used_gain?.std_error))),
        "per customer",
        "优势标准误",
        "Standard error of used_gain. A model with a used_gain below −2 of these is better beyond chance, and is not used only where \
         the whole history says the opposite.",
    )
    .formula("standard deviation of the differences / sqrt(customers)")
    .null_when(NOT_COMPARED)
    .source(VUONG),
    column(
        "predicted_purchases",
        Ratio(|row: &Row| finite(Some(row.accuracy.as_ref()?.predicted))),
        "purchase days",
        "预测购买天数",
        "Purchase days in the hold-out that the model, fitted to the calibration, expected of these customers.",
    )
    .null_when(NOT_TRIED),
    column(
        "predicted_per_actual",
        Ratio(|row: &Row| ratio_of(row.accuracy.as_ref()?.predicted, row.held_out?.purchases as f64)),
        "1",
        "预测/实际",
        "1 where the sum was foreseen, more where the model expected too much.",
    )
    .formula("predicted_purchases / hold_out_purchases")
    .null_when("predicted_purchases is null, or hold_out_purchases is 0"),
    column(
        "mean_absolute_error",
        Ratio(|row: &Row| row.accuracy.as_ref()?.mean_absolute_error),
        "purchase days per customer",
        "平均绝对误差",
        "By how much the prediction misses a customer, on average.",
    )
    .formula("sum of |predicted − actual| / hold_out_customers")
    .null_when(NOT_TRIED),
    column(
        "root_mean_squared_error",
        Ratio(|row: &Row| row.accuracy.as_ref()?.root_mean_squared_error),
        "purchase days per customer",
        "均方根误差",
        "The same with large misses weighing more.",
    )
    .formula("sqrt(sum of (predicted − actual)² / hold_out_customers)")
    .null_when(NOT_TRIED),
    column(
        "gini",
        Number(|row: &Row| row.accuracy.as_ref()?.gini),
        "1",
        "标准化基尼系数",
        "How well predictions rank customers: the Gini coefficient of the actual purchases in the order of the predictions by that \
         in the order of the actual purchases. 1 is a perfect ranking, 0 chance. Customers with equal predictions count as spread \
         evenly, so that no order of rows matters.",
    )
    .null_when("nothing was predicted, or all customers did the same"),
    column(
        "naive_purchases",
        Ratio(|row: &Row| Some(row.naive.as_ref()?.predicted)),
        "purchase days",
        "按原频率预测购买天数",
        "What \"as often as before\" expected: a model is worth something where it does better than this.",
    )
    .formula(
        "sum of purchase days after the first / days from the first to calibration_end × hold_out_days; 0 for who first bought on \
         that day",
    )
    .null_when(NO_HOLD_OUT),
    column(
        "naive_mean_absolute_error",
        Ratio(|row: &Row| row.naive.as_ref()?.mean_absolute_error),
        "purchase days per customer",
        "按原频率平均绝对误差",
        "mean_absolute_error of it.",
    )
    .null_when(NO_HOLD_OUT),
    column(
        "naive_root_mean_squared_error",
        Ratio(|row: &Row| row.naive.as_ref()?.root_mean_squared_error),
        "purchase days per customer",
        "按原频率均方根误差",
        "root_mean_squared_error of it.",
    )
    .null_when(NO_HOLD_OUT),
    column("naive_gini", Number(|row: &Row| row.naive.as_ref()?.gini), "1", "按原频率标准化基尼系数", "gini of it.")
        .null_when("nothing is held out, all customers did the same, or the model is gamma_gamma"),
    column(
        "mean_absolute_error_gain",
        Number(|row: &Row| finite(Some(row.against_naive?.error_gain?.value))),
        "purchase days per customer",
        "误差改善",
        "By how much the model misses a customer less than \"as often as before\" does.",
    )
    .formula("naive_mean_absolute_error − mean_absolute_error")
    .null_when(NOT_AGAINST),
    column(
        "mean_absolute_error_gain_std_error",
        Ratio(|row: &Row| finite(Some(row.against_naive?.error_gain?.std_error))),
        "purchase days per customer",
        "误差改善标准误",
        "Standard error of that, of the differences of the same customers.",
    )
    .formula("standard deviation of |naive − actual| − |predicted − actual| over customers / sqrt(hold_out_customers)")
    .null_when(NOT_AGAINST),
    column(
        "gini_gain",
        Number(|row: &Row| finite(Some(row.against_naive?.gini_gain?.value))),
        "1",
        "排序改善",
        "By how much the model ranks customers better than \"as often as before\" does.",
    )
    .formula("gini − naive_gini")
    .null_when(NOT_RANKED),
    column(
        "gini_gain_std_error",
        Ratio(|row: &Row| finite(Some(row.against_naive?.gini_gain?.std_error))),
        "1",
        "排序改善标准误",
        "Standard error of that: what a bootstrap over customers would find, computed by the infinitesimal jackknife.",
    )
    .null_when(NOT_RANKED)
    .source("Efron 1982, The Jackknife, the Bootstrap and Other Resampling Plans, chapter 6"),
    column("beats_naive", Flag(|row: &Row| row.against_naive?.beats()), "", "是否优于原频率", "Whether the verdict is better.")
        .null_when(NOT_AGAINST),
    column(
        "verdict",
        Text(|row: &Row| Some(row.against_naive?.verdict()?.name())),
        "",
        "结论",
        "better: the model misses customers by less than \"as often as before\", or ranks them better, by more than two standard errors, \
         and is in neither worse by as much. no_better: neither differs by so much. misses_more: it ranks customers no worse, and misses \
         them by more. ranks_worse: it ranks them worse, and is not used (status is worse_than_naive).",
    )
    .null_when(NOT_AGAINST),
    column(
        "value_correlation",
        Number(|row: &Row| row.correlation),
        "1",
        "频次与金额相关系数",
        "Pearson's correlation, over fitted_customers, of the number of repeat purchase days and their mean value. gamma_gamma \
         takes it to be 0: far from 0 (beyond ±0.3, say) expected_value is biased.",
    )
    .null_when("the model is not gamma_gamma, or one of the two does not vary")
    .source("Fader, Hardie & Lee 2005, RFM and CLV, Journal of Marketing Research 42(4), section on independence"),
];
