//! The contents of the page: tables, columns, rows, and which rows stay if there are too many.

/// The part of a table that the page uses.
#[derive(Debug)]
pub struct Extract {
    /// The table.
    pub table: &'static str,
    /// Its columns, with `shop_id` first if the rows belong to shops. None has ids of customers.
    pub columns: &'static [&'static str],
    /// Columns that the page computes from these by their formula, to save space.
    pub derived: &'static [&'static str],
    /// The columns that are left out first if not everything fits.
    pub optional: &'static [&'static str],
    /// Only rows with one of the values in each of these columns.
    pub only: &'static [(&'static str, &'static [&'static str])],
    /// Which of these rows stay at a level of detail.
    pub thin: Thinning,
}

/// Which rows of a part stay at a level of detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thinning {
    /// The last months; for a shop without details, the last complete one and the current one.
    Months,
    /// The last days.
    Days,
    /// The cohorts of the last months.
    Cohorts,
    /// The first repurchases, and all together.
    Purchases,
    /// The curves of the first repurchases, thinned to the last row of every step of days. A curve is flat between rows, so the remaining
    /// points are exact.
    Survival,
    /// The histograms of the first repurchases.
    Intervals,
    /// All rows of the shops with details.
    Detailed,
    /// The migration between life stages, and between the segments of other schemes if there is room.
    Migration,
    /// The last cycles of each assessment; the list of shops needs those of every shop in it.
    Cycles,
    /// The requirements in the last cycles of each assessment.
    Results,
    /// The last campaigns of each shop, by the first day of their rows.
    Campaigns,
}

/// All extracts, in the order of the page.
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
        thin: Thinning::Months,
    },
    Extract {
        table: "shop_daily",
        columns: &["shop_id", "date", "paid_amount", "refund_amount", "paid_orders", "paying_customers", "new_customers", "uv"],
        derived: &["net_revenue", "conversion"],
        optional: &[],
        only: &[],
        thin: Thinning::Days,
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
        thin: Thinning::Cohorts,
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
        only: &[("dimension", &["all"])],
        thin: Thinning::Purchases,
    },
    Extract {
        table: "repurchase_survival",
        columns: &["shop_id", "nth", "days", "at_risk", "survival", "ci_low", "ci_high"],
        derived: &[],
        optional: &[],
        only: &[("dimension", &["all"])],
        thin: Thinning::Survival,
    },
    Extract {
        table: "interval_histogram",
        columns: &["shop_id", "nth", "days", "intervals"],
        derived: &[],
        optional: &[],
        only: &[("dimension", &["all"])],
        thin: Thinning::Intervals,
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
        thin: Thinning::Detailed,
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
        thin: Thinning::Detailed,
    },
    Extract {
        table: "segment_migration",
        columns: &["shop_id", "scheme", "from_segment", "to_segment", "from_date", "customers", "net_revenue"],
        derived: &["share_of_from"],
        optional: &[],
        only: &[],
        thin: Thinning::Migration,
    },
    Extract {
        table: "revenue_concentration",
        columns: &["shop_id", "entity", "top_share", "entities", "top_entities", "top_net_revenue", "revenue_share", "gini"],
        derived: &[],
        optional: &[],
        only: &[],
        thin: Thinning::Detailed,
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
        thin: Thinning::Cycles,
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
        thin: Thinning::Results,
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
        thin: Thinning::Detailed,
    },
    Extract {
        table: "forecast_models",
        columns: &[
            "shop_id",
            "model",
            "chosen_by",
            "fitted_on",
            "status",
            "hold_out_days",
            "hold_out_purchases",
            "predicted_purchases",
            "predicted_per_actual",
            "verdict",
        ],
        derived: &[],
        optional: &[],
        only: &[("is_used", &["true"])],
        thin: Thinning::Detailed,
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
        thin: Thinning::Campaigns,
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
        thin: Thinning::Detailed,
    },
];

#[cfg(test)]
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
