//! Campaign columns: the comparison of two arms, as campaign_effect and campaign_pooled both have it.

use super::arms::Effect;
use crate::metric::comparison::Comparison;
use crate::metric::ratio::in_units_of;
use crate::table::column::Value::{self, Number, Share, Text};
use crate::table::column::{ValueColumn, column};

const NO_EFFECT: &str = "the row does not compare two arms: see note";
const NO_INTERVAL: &str = "the row does not compare two arms, or too few bought: see note";

const fn difference<Row>(
    name: &'static str,
    value: Value<Row>,
    unit: &'static str,
    chinese: &'static str,
    definition: &'static str,
) -> ValueColumn<Row> {
    column(name, value, unit, chinese, definition).null_when(NO_EFFECT)
}

fn conversion(row: &impl AsRef<Effect>) -> Option<Comparison> {
    row.as_ref().conversion
}

fn revenue(row: &impl AsRef<Effect>) -> Option<Comparison> {
    row.as_ref().revenue
}

fn in_units(minor: f64) -> f64 {
    in_units_of(100.0, minor)
}

/// The columns from `conversion_difference` to `revenue_method`, in their order.
pub const fn effect_columns<Row: AsRef<Effect>>() -> [ValueColumn<Row>; 10] {
    [
        difference(
            "conversion_difference",
            Number(|row| Some(conversion(row)?.difference)),
            "1",
            "转化率差",
            "How much greater the share of members who bought is in the treated arm than in the control arm: 0.01 is one of a \
             hundred.",
        ),
        difference(
            "conversion_low",
            Number(|row: &Row| Some(conversion(row)?.interval?.0)),
            "1",
            "转化率差下限",
            "The lower limit of conversion_difference with a confidence of 95 %.",
        )
        .null_when(NO_INTERVAL),
        difference("conversion_high", Number(|row: &Row| Some(conversion(row)?.interval?.1)), "1", "转化率差上限", "The upper limit.")
            .null_when(NO_INTERVAL),
        difference(
            "conversion_p_value",
            Share(|row: &Row| Some(conversion(row)?.p_value)),
            "1",
            "转化率差 p 值",
            "How likely a division of the buyers over the arms that is as rare as this one would be if the message did nothing: \
             two-sided, exact.",
        )
        .source("Fisher 1935; over several campaigns Mehta, Patel and Gray 1985"),
        difference(
            "conversion_method",
            Text(|row: &Row| Some(conversion(row)?.method)),
            "",
            "转化率差区间方法",
            "How the limits were found: newcombe_wilson; newcombe_clopper_pearson where fewer than 5 members of an arm bought, or \
             fewer than 5 did not; mantel_haenszel over several campaigns.",
        )
        .source("Newcombe 1998, method 10; Clopper and Pearson 1934; Greenland and Robins 1985 with the variance of Sato 1989"),
        difference(
            "revenue_difference",
            Number(|row| Some(in_units(revenue(row)?.difference))),
            "CNY per member",
            "人均成交差",
            "How much more net revenue a member of the treated arm brought than one of the control arm, those who bought nothing \
             included.",
        ),
        difference(
            "revenue_low",
            Number(|row: &Row| Some(in_units(revenue(row)?.interval?.0))),
            "CNY per member",
            "人均成交差下限",
            "The lower limit of revenue_difference with a confidence of 95 %.",
        )
        .null_when(NO_INTERVAL),
        difference(
            "revenue_high",
            Number(|row: &Row| Some(in_units(revenue(row)?.interval?.1))),
            "CNY per member",
            "人均成交差上限",
            "The upper limit.",
        )
        .null_when(NO_INTERVAL),
        difference(
            "revenue_p_value",
            Share(|row| Some(revenue(row)?.p_value)),
            "1",
            "人均成交差 p 值",
            "How likely a difference of revenue as great as this one would be if the message did nothing: two-sided, by Welch's \
             test, or by dealing the members anew to the arms.",
        ),
        difference(
            "revenue_method",
            Text(|row: &Row| Some(revenue(row)?.method)),
            "",
            "人均成交差区间方法",
            "How the limits were found: welch with 50 buyers or more in both arms, else bootstrap, which gives none with fewer \
             than 5 buyers in an arm.",
        )
        .source("Welch 1947; Efron and Tibshirani 1993"),
    ]
}
