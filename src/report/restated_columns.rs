//! The contents of the part about what changed since the snapshot before.

use super::extract::{Extract, Thinning};

/// The table.
pub(super) const TABLE: &str = "restatements";

/// Its extract.
pub(super) const RESTATED: [Extract; 1] = [Extract {
    table: TABLE,
    columns: &[
        "shop_id",
        "table",
        "metric",
        "grain",
        "period_start",
        "dimension",
        "unit",
        "old",
        "new",
        "difference",
        "relative",
        "cause",
        "detail",
        "late_payment_orders",
        "late_payment_amount",
        "late_refund_orders",
        "late_refund_amount",
        "new_version_orders",
        "new_version_amount",
        "late_order_orders",
        "late_order_amount",
        "vanished_orders",
        "vanished_amount",
        "moved_orders",
        "moved_amount",
        "other_orders",
        "other_amount",
    ],
    derived: &[],
    optional: &[],
    only: &[],
    thin: Thinning::Restated,
}];
