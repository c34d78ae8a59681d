//! The columns of every input, as docs/reference/inputs.md lists them: the one declaration that job files, readers and messages use.

/// The kinds of input columns; `accepts.rs` has the Arrow types that each of them accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// Integer or text, never hashed.
    Id,
    /// Decimal, Float64, or Int64 in minor units.
    Money,
    /// Timestamp, Date32, or text `YYYY-MM-DD[ HH:MM:SS]`.
    Time,
    /// Text, or a code that reads as text.
    Text,
    /// Boolean, or integer 0/1.
    Flag,
    /// Any integer.
    Count,
    /// Integer or float.
    Score,
}

/// One column of an input.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The standard name.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: InputKind,
    /// Whether the input cannot be read without it.
    pub required: bool,
    /// Whether any table uses it.
    pub used: bool,
}

/// One input.
#[derive(Debug)]
pub struct Input {
    /// The name in job files.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
}

impl Input {
    /// The position of a column.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// The number of the row, counted from 0 over all files of the input in their order. A job maps an id to it where rows have no id, as the
/// lines of most invoices. No row can then supersede another, so the input must have each row once.
pub const ROW: &str = "$row";

const fn required(name: &'static str, kind: InputKind) -> Column {
    Column { name, kind, required: true, used: true }
}

/// A column that no table uses yet: a job can map it, and nothing reads it.
const fn unused(name: &'static str, kind: InputKind) -> Column {
    Column { name, kind, required: false, used: false }
}

const fn optional(name: &'static str, kind: InputKind) -> Column {
    Column { name, kind, required: false, used: true }
}

/// One row per version of an order line.
pub static ORDERS: Input = Input {
    name: "orders",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("order_id", InputKind::Id),
        optional("line_id", InputKind::Id),
        optional("customer_id", InputKind::Id),
        required("created_at", InputKind::Time),
        optional("paid_at", InputKind::Time),
        optional("shipped_at", InputKind::Time),
        optional("completed_at", InputKind::Time),
        optional("status", InputKind::Text),
        optional("order_amount", InputKind::Money),
        required("paid_amount", InputKind::Money),
        optional("refund_amount", InputKind::Money),
        optional("quantity", InputKind::Count),
        optional("category_id", InputKind::Id),
        optional("channel", InputKind::Text),
        optional("province", InputKind::Text),
        optional("modified_at", InputKind::Time),
        optional("item_id", InputKind::Id),
        optional("promotion", InputKind::Text),
        optional("discount_amount", InputKind::Money),
        unused("affiliate_id", InputKind::Id),
        unused("affiliate_plan", InputKind::Id),
        unused("commission", InputKind::Money),
        unused("campaign_id", InputKind::Id),
    ],
};

/// One row per shop and day (and channel).
pub static TRAFFIC: Input = Input {
    name: "traffic",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("date", InputKind::Time),
        optional("channel", InputKind::Text),
        optional("pv", InputKind::Count),
        optional("uv", InputKind::Count),
        optional("ipv", InputKind::Count),
        optional("ipv_uv", InputKind::Count),
        optional("visits", InputKind::Count),
        optional("bounces", InputKind::Count),
        optional("dwell_seconds", InputKind::Count),
        optional("favorites", InputKind::Count),
        optional("cart_adds", InputKind::Count),
        optional("new_visitors", InputKind::Count),
        optional("cost", InputKind::Money),
    ],
};

/// One row per rating (`rated_at`), or one per shop and day (`date`).
pub static RATINGS: Input = Input {
    name: "ratings",
    columns: &[
        optional("shop_id", InputKind::Id),
        optional("order_id", InputKind::Id),
        optional("customer_id", InputKind::Id),
        optional("rated_at", InputKind::Time),
        optional("date", InputKind::Time),
        optional("description", InputKind::Score),
        optional("service", InputKind::Score),
        optional("delivery", InputKind::Score),
        optional("logistics", InputKind::Score),
    ],
};

/// One row per version of a refund application.
pub static REFUNDS: Input = Input {
    name: "refunds",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("refund_id", InputKind::Id),
        required("order_id", InputKind::Id),
        required("created_at", InputKind::Time),
        required("completed_at", InputKind::Time),
        required("amount", InputKind::Money),
        required("status", InputKind::Text),
        optional("customer_id", InputKind::Id),
        optional("intervened", InputKind::Flag),
        optional("modified_at", InputKind::Time),
        optional("line_id", InputKind::Id),
        unused("reason", InputKind::Text),
    ],
};

/// One row per shop.
pub static SHOPS: Input = Input {
    name: "shops",
    columns: &[
        required("shop_id", InputKind::Id),
        optional("name", InputKind::Text),
        optional("annual_target", InputKind::Money),
        optional("category", InputKind::Text),
        optional("opened_at", InputKind::Time),
        optional("shop_group", InputKind::Text),
    ],
};

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

/// What a shop plans to sell, spend and put on sale in a month; `month` is any day of it.
pub static PLANS: Input = Input {
    name: "plans",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("month", InputKind::Time),
        optional("sales_target", InputKind::Money),
        optional("ad_budget", InputKind::Money),
        optional("new_items", InputKind::Count),
    ],
};

/// What a shop plans to spend on a channel in a month; `month` is any day of it.
pub static AD_PLANS: Input = Input {
    name: "ad_plans",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("month", InputKind::Time),
        required("channel", InputKind::Text),
        required("budget", InputKind::Money),
    ],
};

/// Campaigns of shops, one row each.
pub static CAMPAIGNS: Input = Input {
    name: "campaigns",
    columns: &[
        required("campaign_id", InputKind::Id),
        optional("shop_id", InputKind::Id),
        optional("name", InputKind::Text),
        required("starts_on", InputKind::Time),
        required("ends_on", InputKind::Time),
        optional("cost", InputKind::Money),
    ],
};

/// The customers to whom a campaign was sent, and those from whom it was held back; the shop is that of the campaign.
pub static AUDIENCES: Input = Input {
    name: "audiences",
    columns: &[
        required("campaign_id", InputKind::Id),
        required("customer_id", InputKind::Id),
        required("arm", InputKind::Text),
        required("sent_at", InputKind::Time),
    ],
};

/// All inputs that jobs can name.
pub static INPUTS: [&Input; 15] = [
    &ORDERS,
    &TRAFFIC,
    &RATINGS,
    &REFUNDS,
    &SHOPS,
    &COMPLAINTS,
    &SERVICE_SCORES,
    &LISTINGS,
    &VIOLATIONS,
    &BENCHMARKS,
    &SHOP_METRICS,
    &PLANS,
    &AD_PLANS,
    &CAMPAIGNS,
    &AUDIENCES,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (position, input) in INPUTS.iter().enumerate() {
            assert!(INPUTS[..position].iter().all(|other| other.name != input.name));
            for (position, column) in input.columns.iter().enumerate() {
                assert_eq!(input.position(column.name), Some(position), "{}.{}", input.name, column.name);
            }
        }
    }
}
