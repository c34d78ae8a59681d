//! The columns of inputs with the platform's own records and figures of shops.

use super::column::{Input, InputKind, optional, required};

/// Complaints about a shop, one row per day.
pub static COMPLAINTS: Input = Input {
    name: "complaints",
    columns: &[optional("shop_id", InputKind::Id), required("date", InputKind::Time), required("count", InputKind::Count)],
};

/// Basic service scores on the last day of a month; `month` is any day of it.
pub static SERVICE_SCORES: Input = Input {
    name: "service_scores",
    columns: &[optional("shop_id", InputKind::Id), required("month", InputKind::Time), required("score", InputKind::Score)],
};

/// What a shop had on sale in a month; `month` is any day of it.
pub static LISTINGS: Input = Input {
    name: "listings",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("month", InputKind::Time),
        optional("items_live", InputKind::Count),
        optional("items_new", InputKind::Count),
    ],
};

/// Violations of the platform's rules, one row each.
pub static VIOLATIONS: Input = Input {
    name: "violations",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("occurred_at", InputKind::Time),
        required("kind", InputKind::Text),
        required("points", InputKind::Score),
    ],
};

/// Industry figures, one row per category, period and metric.
pub static BENCHMARKS: Input = Input {
    name: "benchmarks",
    columns: &[
        required("category", InputKind::Text),
        required("period_start", InputKind::Time),
        required("metric", InputKind::Text),
        optional("mean", InputKind::Score),
        optional("p10", InputKind::Score),
        optional("p20", InputKind::Score),
    ],
};

/// Figures that only the platform has, one row per shop, period and metric.
pub static SHOP_METRICS: Input = Input {
    name: "shop_metrics",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("period_start", InputKind::Time),
        required("metric", InputKind::Text),
        required("value", InputKind::Score),
    ],
};
