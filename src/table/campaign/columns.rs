//! Campaign columns: how two arms compare, in campaign_effect and campaign_pooled alike.

use super::arms::Effect;
use crate::metric::comparison::Comparison;
use crate::spec::{Column, Kind};
use crate::table::Frame;

const NO_EFFECT: &str = "the row compares no two arms: see note";
const NO_INTERVAL: &str = "the row compares no two arms, or too few bought to tell: see note";

const fn difference(name: &'static str, kind: Kind, unit: &'static str, chinese: &'static str, definition: &'static str) -> Column {
    Column::new(name, kind, unit, chinese, definition).null_when(NO_EFFECT)
}

pub const CONVERSION_DIFFERENCE: Column = difference(
    "conversion_difference",
    Kind::Number,
    "1",
    "转化率差",
    "How much greater the share of members who bought is in the treated arm than in the control arm: 0.01 is one of a hundred.",
);
pub const CONVERSION_LOW: Column =
    difference("conversion_low", Kind::Number, "1", "转化率差下限", "The lower limit of conversion_difference with a confidence of 95 %.")
        .null_when(NO_INTERVAL);
pub const CONVERSION_HIGH: Column =
    difference("conversion_high", Kind::Number, "1", "转化率差上限", "The upper limit.").null_when(NO_INTERVAL);
pub const CONVERSION_P_VALUE: Column = difference(
    "conversion_p_value",
    Kind::Share,
    "1",
    "转化率差 p 值",
    "How likely a division of the buyers over the arms that is as rare as this one would be if the message did nothing: two-sided, exact.",
)
.source("Fisher 1935; over several campaigns Mehta, Patel and Gray 1985");
pub const CONVERSION_METHOD: Column = difference(
    "conversion_method",
    Kind::Text,
    "name",
    "转化率差区间方法",
    "How the limits were found: newcombe_wilson; newcombe_clopper_pearson where fewer than 5 members of an arm bought, or fewer than 5 did not; mantel_haenszel over several campaigns.",
)
.source("Newcombe 1998, method 10; Clopper and Pearson 1934; Greenland and Robins 1985 with the variance of Sato 1989");
pub const REVENUE_DIFFERENCE: Column = difference(
    "revenue_difference",
    Kind::Number,
    "CNY per member",
    "人均成交差",
    "How much more net revenue a member of the treated arm brought than one of the control arm, those who bought nothing included.",
);
pub const REVENUE_LOW: Column = difference(
    "revenue_low",
    Kind::Number,
    "CNY per member",
    "人均成交差下限",
    "The lower limit of revenue_difference with a confidence of 95 %.",
)
.null_when(NO_INTERVAL);
pub const REVENUE_HIGH: Column =
    difference("revenue_high", Kind::Number, "CNY per member", "人均成交差上限", "The upper limit.").null_when(NO_INTERVAL);
pub const REVENUE_P_VALUE: Column = difference(
    "revenue_p_value",
    Kind::Share,
    "1",
    "人均成交差 p 值",
    "How likely a difference of revenue as great as this one would be if the message did nothing: two-sided, by Welch's test, or by dealing the members anew to the arms.",
);
pub const REVENUE_METHOD: Column = difference(
    "revenue_method",
    Kind::Text,
    "name",
    "人均成交差区间方法",
    "How the limits were found: welch with 50 buyers or more in both arms, else bootstrap, which gives none with fewer than 5 buyers in an arm.",
)
.source("Welch 1947; Efron and Tibshirani 1993");

/// The columns from `conversion_difference` to `revenue_method`, in their order.
pub fn push_effects(frame: &mut Frame<'_>, rows: &[Effect]) {
    let conversion = |of: fn(&Comparison) -> Option<f64>| rows.iter().map(move |row| row.conversion.as_ref().and_then(of));
    let revenue = |of: fn(&Comparison) -> Option<f64>| rows.iter().map(move |row| row.revenue.as_ref().and_then(of));
    let yuan = |of: fn(&Comparison) -> Option<f64>| revenue(of).map(|fen| fen.map(|fen| fen / 100.0));
    let difference: fn(&Comparison) -> Option<f64> = |compared| Some(compared.difference);
    let low: fn(&Comparison) -> Option<f64> = |compared| Some(compared.interval?.0);
    let high: fn(&Comparison) -> Option<f64> = |compared| Some(compared.interval?.1);
    let p_value: fn(&Comparison) -> Option<f64> = |compared| Some(compared.p_value);
    frame
        .numbers(CONVERSION_DIFFERENCE.name, conversion(difference))
        .numbers(CONVERSION_LOW.name, conversion(low))
        .numbers(CONVERSION_HIGH.name, conversion(high))
        .numbers(CONVERSION_P_VALUE.name, conversion(p_value))
        .text(CONVERSION_METHOD.name, rows.iter().map(|row| row.conversion.map(|compared| compared.method)))
        .numbers(REVENUE_DIFFERENCE.name, yuan(difference))
        .numbers(REVENUE_LOW.name, yuan(low))
        .numbers(REVENUE_HIGH.name, yuan(high))
        .numbers(REVENUE_P_VALUE.name, revenue(p_value))
        .text(REVENUE_METHOD.name, rows.iter().map(|row| row.revenue.map(|compared| compared.method)));
}
