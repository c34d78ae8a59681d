//! The keys of a rule file: name, shape, default and meaning, declared like those of the job file in `keys`.

use super::keys::{Key, MOST_DAYS, Numbers, Presence, Shape, key};

use Presence::{Default, Optional, Required};

/// The longest exemption, trial or age in a rule, in months: ten years.
const MOST_MONTHS: i64 = 120;

const fn months(name: &'static str, default: &'static str, doc: &'static str) -> Key {
    key(name, Shape::Integer { from: 0, to: MOST_MONTHS }, Default(default), doc)
}

/// The top level of a rule file.
pub const RULE: &[Key] = &[
    key("assessment", Shape::Name, Required, "the name of the assessment; several files may have it, each with its own time"),
    key("valid_from", Shape::Date, Optional, "periods that begin before this day are not judged by the file"),
    key("valid_to", Shape::Date, Optional, "periods that begin after this day are not judged by the file"),
    key(
        "period",
        Shape::Choice(&["month", "quarter", "year", "rolling_year", "window", "trailing"]),
        Required,
        "what is assessed at a time: a calendar period, years from the opening, days after it, or the days up to the as-of date",
    ),
    months("exempt_months", "3", "calendar months after the opening in which nothing is assessed"),
    months("trial_months", "12", "calendar months after those that are the trial period"),
    key("from_day", Shape::Integer { from: 1, to: MOST_DAYS }, Optional, "the first day of the window; the day of the opening is day 1"),
    key("to_day", Shape::Integer { from: 1, to: MOST_DAYS }, Optional, "the last day of the window"),
    key("days", Shape::Integer { from: 1, to: 366 }, Optional, "how many days are assessed, the as-of date being the last"),
    key(
        "peers",
        Shape::Choice(&["category", "all"]),
        Default("category"),
        "whom ranks and means compare with: the shops of the same main category, or all",
    ),
    key("eligible", Shape::Section(ELIGIBLE), Optional, "which shops are assessed"),
    key(
        "min_peers",
        Shape::Integer { from: 1, to: 1_000_000 },
        Optional,
        "the smallest number of shops that can represent their industry; `params.min_peers` of the job if absent",
    ),
    key("requirements", Shape::List(REQUIREMENT), Required, "what must hold, all of it"),
];

/// The keys of [`RULE`] that one period gives a meaning, with that period, and whether it needs them.
pub const PERIOD_KEYS: [(&str, &str, bool); 5] = [
    ("exempt_months", "rolling_year", false),
    ("trial_months", "rolling_year", false),
    ("from_day", "window", true),
    ("to_day", "window", true),
    ("days", "trailing", true),
];

/// Below `eligible`.
pub const ELIGIBLE: &[Key] =
    &[months("open_months", "0", "whole months that a shop must have been open when the period begins; else it is exempt")];

/// One of `requirements`.
pub const REQUIREMENT: &[Key] = &[
    key("metric", Shape::Metric, Required, "what is judged"),
    key(
        "test",
        Shape::Choice(&["at_least", "at_most", "not_bottom", "at_least_peer_mean", "at_most_peer_mean"]),
        Required,
        "how it is judged: against a number, the shop's rank or the mean of its peers",
    ),
    key("value", Shape::ByCategory(Numbers::Any), Optional, "the number of at_least and at_most, where no `column` has one"),
    key("column", Shape::ThresholdColumn, Optional, "the input that has the number of each shop; where it has none, `value` counts"),
    key("share", Shape::Measure(Numbers::Part), Optional, "the part of the peers among whose worst a shop must not be"),
    key(
        "base",
        Shape::Choice(&["paid", "net_by_payment", "net_by_refund", "settled"]),
        Default("paid"),
        "which money paid_amount means: paid, less its refunds, less the period's refunds, or completed",
    ),
    key("k", Shape::Integer { from: 1, to: 12 }, Optional, "how many of twelve months must reach the number"),
    key("standard", Shape::ByCategory(Numbers::Any), Optional, "the score that a month must reach not to be counted"),
    key("trial_share", Shape::ByCategory(Numbers::PartOrAll), Optional, "in the trial period, the part of the number that is asked for"),
    key("when", Shape::ByMetric(CONDITION), Optional, "other metrics and their bounds; outside of them the requirement does not apply"),
    key("levels", Shape::Levels, Optional, "points and what follows from reaching them; without `value` the first of them is the limit"),
];

/// A metric's bounds below `when`.
pub const CONDITION: &[Key] = &[
    key("at_least", Shape::Measure(Numbers::Any), Optional, "the metric is not below this"),
    key("at_most", Shape::Measure(Numbers::Any), Optional, "the metric is not above this"),
];

/// The input whose metrics rule files can name beside those of the program.
pub const SHOP_METRICS: &str = "shop_metrics";
/// How a column of thresholds begins that is a metric of that input.
pub const SHOP_METRICS_PREFIX: &str = "shop_metrics.";
/// The column of thresholds that is a target of each shop.
pub const ANNUAL_TARGET: &str = "shops.annual_target";

/// The keys of [`REQUIREMENT`] that one metric needs and no other has, with that metric.
pub const METRIC_KEYS: [(&str, &str); 2] = [("k", "service_score_kth"), ("standard", "service_months_below")];

/// The metrics that count points, which have levels.
pub const POINT_METRICS: [&str; 3] = ["violation_points", "serious_violation_points", "red_line_violations"];
