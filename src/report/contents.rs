//! What of a snapshot is on the page: tables, columns, which rows, and how they thin out where there are too many.

use super::source::Part;
use super::{detail::Detail, thin};

/// What the page takes of a table.
#[derive(Debug)]
pub struct Extract {
    /// The table.
    pub table: &'static str,
    /// Its columns, `shop_id` first where the rows are a shop's. None holds a customer's id.
    pub columns: &'static [&'static str],
    /// Columns that the page works out from these as their formula says, since they would take more room than they need.
    pub derived: &'static [&'static str],
    /// Of the columns, those that go first where not all of it fits.
    pub optional: &'static [&'static str],
    /// Only rows with one of these values in that column; all that are named hold.
    pub only: &'static [(&'static str, &'static [&'static str])],
    /// Which of these rows stay at a level of detail.
    pub thin: fn(&Part, &Detail) -> Vec<bool>,
}

/// All of it, in the order of the page.
pub const CONTENTS: [Extract; 16] = [
    Extract {
        table: "shop_periods",
        columns: &[
            "shop_id",
            "period_start",
            "days",
            "is_complete",
            "paid_amount",
            "refund_amount",
            "placed_orders",
            "paid_orders",
            "paying_customers",
            "new_customers",
            "returning_customers",
            "uv_daily_mean",
            "uv_conversion",
            "paid_amount_vs_previous",
            "paid_amount_vs_year_ago",
        ],
        derived: &["net_revenue", "payment_rate", "value_per_customer", "returning_share"],
        optional: &[],
        only: &[("grain", &["month"])],
        thin: thin::months,
    },
    Extract {
        table: "shop_daily",
        columns: &["shop_id", "date", "paid_amount", "refund_amount", "paid_orders", "paying_customers", "new_customers", "uv"],
        derived: &["net_revenue", "conversion"],
        optional: &[],
        only: &[],
        thin: thin::days,
    },
    Extract {
        table: "cohort_retention",
        columns: &[
            "shop_id",
            "cohort",
            "period",
            "cohort_size",
            "active_customers",
            "cumulative_revenue_per_customer",
            "is_complete",
            "is_left_truncated",
        ],
        derived: &["retention_rate"],
        optional: &["cumulative_revenue_per_customer"],
        only: &[("dimension", &["all"]), ("grain", &["month"])],
        thin: thin::cohorts,
    },
    Extract {
        table: "repurchase_intervals",
        columns: &[
            "shop_id",
            "nth",
            "customers",
            "repurchased",
            "repurchase_rate",
            "p25",
            "p50",
            "p75",
            "km_median_days",
            "km_within_30",
            "km_within_90",
            "km_within_180",
            "km_within_365",
        ],
        derived: &[],
        optional: &[],
        only: &[],
        thin: thin::purchases,
    },
    Extract {
        table: "repurchase_survival",
        columns: &["shop_id", "nth", "days", "at_risk", "survival", "ci_low", "ci_high"],
        derived: &[],
        optional: &[],
        only: &[],
        thin: thin::survival,
    },
    Extract {
        table: "interval_histogram",
        columns: &["shop_id", "nth", "days", "intervals"],
        derived: &[],
        optional: &[],
        only: &[],
        thin: thin::intervals,
    },
    Extract {
        table: "lifecycle_thresholds",
        columns: &[
            "shop_id",
            "idle_days",
            "idle_customers",
            "return_chance_30_days",
            "return_chance_90_days",
            "suggested",
            "customers_moved",
            "in_force",
        ],
        derived: &[],
        optional: &[],
        only: &[],
        thin: thin::detailed,
    },
    Extract {
        table: "segment_value",
        columns: &[
            "shop_id",
            "scheme",
            "segment",
            "customers",
            "net_revenue",
            "mean_recency_days",
            "repurchase_rate",
            "mean_p_alive",
            "expected_value",
        ],
        derived: &["customer_share", "revenue_share", "revenue_per_customer"],
        optional: &[],
        only: &[("scheme", &["lifecycle", "rfm_segment", "value_tier", "first_channel"])],
        thin: thin::detailed,
    },
    Extract {
        table: "segment_migration",
        columns: &["shop_id", "scheme", "from_segment", "to_segment", "from_date", "customers", "net_revenue"],
        derived: &["share_of_from"],
        optional: &[],
        only: &[],
        thin: thin::migration,
    },
    Extract {
        table: "revenue_concentration",
        columns: &["shop_id", "entity", "top_share", "entities", "top_entities", "top_net_revenue", "revenue_share", "gini"],
        derived: &[],
        optional: &[],
        only: &[],
        thin: thin::detailed,
    },
    Extract {
        table: "assessment_summary",
        columns: &[
            "shop_id",
            "assessment",
            "period_start",
            "period_end",
            "phase",
            "category",
            "days_left",
            "requirements",
            "passed",
            "failed",
            "unknown",
            "status",
            "projected_status",
            "pass_probability",
            "worst_metric",
        ],
        derived: &[],
        optional: &[],
        only: &[],
        thin: thin::cycles,
    },
    Extract {
        table: "assessment_results",
        columns: &[
            "shop_id",
            "assessment",
            "period_start",
            "metric",
            "unit",
            "test",
            "value",
            "threshold",
            "threshold_to_date",
            "peers",
            "peer_mean",
            "rank",
            "status",
            "margin",
            "needed",
            "needed_unit",
            "at_risk_from",
            "pass_probability",
            "level",
            "consequence",
            "reason",
        ],
        derived: &[],
        optional: &[],
        only: &[],
        thin: thin::results,
    },
    Extract {
        table: "forecast_months",
        columns: &[
            "shop_id",
            "month",
            "days_to_come",
            "sales_to_date",
            "known_revenue",
            "new_first_revenue",
            "new_repeat_revenue",
            "expected_sales",
            "lower",
            "upper",
            "sales_target",
            "gap",
            "new_customers",
            "new_customers_to_close",
            "uv_to_close",
            "reason",
        ],
        derived: &[],
        optional: &[],
        only: &[],
        thin: thin::detailed,
    },
    Extract {
        table: "forecast_models",
        columns: &[
            "shop_id",
            "model",
            "fitted_on",
            "status",
            "hold_out_days",
            "hold_out_purchases",
            "predicted_purchases",
            "predicted_per_actual",
        ],
        derived: &[],
        optional: &[],
        only: &[("is_used", &["true"])],
        thin: thin::detailed,
    },
    Extract {
        table: "campaign_effect",
        columns: &[
            "shop_id",
            "campaign_id",
            "part",
            "campaign_name",
            "from_date",
            "to_date",
            "is_complete",
            "net_revenue",
            "net_revenue_before",
            "cost",
            "return_on_cost",
            "members",
            "buyers",
            "conversion",
            "conversion_difference",
            "conversion_low",
            "conversion_high",
            "note",
        ],
        derived: &[],
        optional: &[],
        only: &[("part", &["during", "treated", "control"])],
        thin: thin::campaigns,
    },
    Extract {
        table: "campaign_pooled",
        columns: &[
            "shop_id",
            "campaign_name",
            "scope",
            "campaigns",
            "treated_members",
            "treated_buyers",
            "treated_conversion",
            "control_members",
            "control_buyers",
            "control_conversion",
            "conversion_difference",
            "conversion_low",
            "conversion_high",
            "revenue_difference",
            "revenue_low",
            "revenue_high",
            "note",
        ],
        derived: &[],
        optional: &[],
        only: &[],
        thin: thin::detailed,
    },
];

#[cfg(test)]
#[allow(clippy::panic)]
mod tests {
    use super::*;
    use crate::spec::card::Kind;
    use crate::table;

    #[test]
    fn every_table_and_column_is_there_and_none_is_a_customer() {
        for extract in &CONTENTS {
            let card = table::card(extract.table).unwrap_or_else(|| panic!("{}", extract.table));
            for name in extract.columns.iter().chain(extract.derived).chain(extract.only.iter().map(|(name, _)| name)) {
                let column = card.column(name).unwrap_or_else(|| panic!("{}.{name}", extract.table));
                assert!(!matches!(column.kind, Kind::CustomerId), "{}.{name}", extract.table);
            }
            assert_eq!(extract.columns.first(), Some(&"shop_id"), "{}", extract.table);
        }
    }
}
