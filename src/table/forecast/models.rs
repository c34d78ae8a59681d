//! forecast_models: the models behind the forecast of each shop, with standard errors and accuracy on the hold-out.

use std::sync::OnceLock;

use super::FORECASTS;
use super::columns::SPECIFICATION;
use super::model_columns::{HOLD_OUT, PARAMETERS, count};
use super::model_row::{Row, finite, rows};
use super::selection::choice::ChosenBy;
use crate::spec::Need;
use crate::table::column::Value::{Count, Flag, Number, Shop, Text};
use crate::table::column::{ValueColumn, column};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const NOTHING_FITTED: &str = "the model was not fitted (too_few), or is naive";

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "forecast_models",
    chinese: "预测模型",
    question: "Which model stands behind the forecast of each shop's customers, can it be believed, and how well did it foresee what is known \
         by now?",
    grain: "one model of one shop with customers: all of purchases, or the one that the job names; naive where it is used; and \
         gamma_gamma for the value of a purchase",
    key: &["shop_id", "model"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[],
    reads: &[Read::Shared(&FORECASTS)],
    columns: &[&MODEL, &PARAMETERS, &SEARCH, &HOLD_OUT],
    rows: |night, out| night.shared(&FORECASTS)?.shops.iter().try_for_each(|forecast| out.all(rows(forecast))),
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The model, and what it was fitted to.
static MODEL: [ValueColumn<Row>; 12] = [
    column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
    column(
        "model",
        Text(|row: &Row| Some(row.model)),
        "",
        "模型",
        "bg_nbd, mbg_nbd, pareto_nbd, bg_cnbd_k or mbg_cnbd_k for when customers buy and leave, gamma_gamma for what a purchase day \
         brings. naive is not a model but \"as often as before\", and has a row where it is used.",
    )
    .source(
        "Fader, Hardie & Lee 2005; Batislam, Denizel & Filiztekin 2007; Schmittlein, Morrison & Colombo 1987; Platzer & Reutterer \
         2016; Fader & Hardie 2013",
    ),
    column(
        "is_used",
        Flag(|row| Some(row.is_used)),
        "",
        "是否采用",
        "Whether the forecast columns of customers and segment_value rest on it. One model of purchases, or none; gamma_gamma where \
         it can be used with one. Of naive: expected_purchases and expected_value; p_alive is then null.",
    ),
    column(
        "chosen_by",
        Text(|row: &Row| row.chosen_by.map(ChosenBy::name)),
        "",
        "选择依据",
        "hold_out: the simplest of the models that can be used, in the order mbg_nbd, pareto_nbd, bg_nbd, mbg_cnbd_k, bg_cnbd_k, that \
         no other one beats: in the hold-out by more than two standard errors of the difference per customer (used_gain), and in the \
         whole history too. log_likelihood: it was not tried on a hold-out, and the whole history alone decides. job: the job names \
         it. worse_than_naive: of naive, where models that could be used rank customers worse. Of a shop that takes the parameters of \
         all shops, the customers of all shops together decide.",
    )
    .null_when("the model is not used, or is gamma_gamma, which has no rival"),
    column(
        "fitted_on",
        Text(|row: &Row| Some(row.fitted_on.name())),
        "",
        "拟合范围",
        "Whose customers the parameters were fitted to: shop, or all_shops where the shop has fewer than 200 customers with a \
         repeat purchase and is not the only one.",
    )
    .source(SPECIFICATION),
    column(
        "status",
        Text(|row| Some(row.status.name())),
        "",
        "状态",
        "ok: can be used. not_identified: the data do not determine the parameters: quite different ones explain them as well. too_few: \
         not fitted. not_converged: no maximum was found. worse_than_naive: in the hold-out it ranks the shop's customers worse than \
         \"as often as before\" (verdict is ranks_worse). Only with ok are there predictions.",
    ),
    column("reason", Text(|row: &Row| (!row.status.is_ok()).then_some(row.reason.as_str())), "", "原因", "Why the model cannot be used.")
        .null_when("status is ok"),
    column("customers", Count(|row| count(row.customers)), "customers", "客户数", "Customers of the shop."),
    column(
        "repeat_customers",
        Count(|row| count(row.repeat_customers)),
        "customers",
        "复购客户数",
        "Customers of the shop with at least two purchase days.",
    ),
    column(
        "fitted_customers",
        Count(|row| count(row.fitted_customers)),
        "customers",
        "拟合客户数",
        "Customers that the model was fitted to, or would have been; of gamma_gamma those whose repeat purchase days brought \
         something.",
    ),
    column(
        "cells",
        Count(|row| count(row.cells)),
        "histories",
        "不同历史数",
        "Different histories among them: the model sees a customer as purchase days after the first, days from the first to the \
         last and to the as-of date; gamma_gamma as the first of these and the mean value.",
    ),
    column(
        "regularity",
        Count(|row: &Row| row.regularity.map(i64::from)),
        "",
        "规律性 k",
        "k: intervals between purchases are Erlang-k distributed, the more regular the higher k. 1, exponential intervals, makes \
         bg_cnbd_k and mbg_cnbd_k the same as bg_nbd and mbg_nbd. Chosen by log_likelihood, from 1 up as long as that rises; for \
         the hold-out anew, by the calibration.",
    )
    .null_when("the model is not bg_cnbd_k or mbg_cnbd_k, or was not fitted (too_few)")
    .source("Platzer & Reutterer 2016, Marketing Science 35(5), section 4"),
];

/// The search for the parameters.
static SEARCH: [ValueColumn<Row>; 2] = [
    column(
        "log_likelihood",
        Number(|row: &Row| finite(row.log_likelihood)),
        "",
        "对数似然",
        "Log-density of the histories at these parameters, without the factorials of the purchase counts, times in weeks; with a \
         regularity above 1 it contains the logarithms of all intervals, so that models compare.",
    )
    .null_when(NOTHING_FITTED),
    column(
        "iterations",
        Count(|row| Some(row.iterations.into())),
        "steps",
        "迭代次数",
        "Steps of the search for the maximum, on all customers; 0 where there was none.",
    ),
];
