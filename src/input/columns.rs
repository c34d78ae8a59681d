//! The columns of every input as `1-inputs.md` names them: the one declaration that job files, readers and messages go by.

/// The kinds of input columns; which Arrow types each accepts stands in [`Kind::accepts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
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
    /// Our name.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: Kind,
    /// Whether the input cannot be read without it.
    pub required: bool,
    /// Whether any table makes something of it.
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

/// What a job maps an id to whose rows have none of their own, as the lines of most invoices: the number of the row, counted
/// from 0 over all files of the input in their order. Every row then has an id of its own, so none can supersede another:
/// for inputs that have each row once.
pub const ROW: &str = "$row";

const fn required(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, required: true, used: true }
}

/// A column of the contract that no table uses yet: a job can map it, and nothing reads it.
const fn unused(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, required: false, used: false }
}

const fn optional(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, required: false, used: true }
}

/// One row per version of an order line.
pub static ORDERS: Input = Input {
    name: "orders",
    columns: &[
        optional("shop_id", Kind::Id),
        required("order_id", Kind::Id),
        optional("line_id", Kind::Id),
        optional("customer_id", Kind::Id),
        required("created_at", Kind::Time),
        optional("paid_at", Kind::Time),
        optional("shipped_at", Kind::Time),
        optional("completed_at", Kind::Time),
        optional("status", Kind::Text),
        optional("order_amount", Kind::Money),
        required("paid_amount", Kind::Money),
        optional("refund_amount", Kind::Money),
        optional("quantity", Kind::Count),
        optional("category_id", Kind::Id),
        optional("channel", Kind::Text),
        optional("province", Kind::Text),
        optional("modified_at", Kind::Time),
        optional("item_id", Kind::Id),
        unused("affiliate_id", Kind::Id),
        unused("affiliate_plan", Kind::Id),
        unused("commission", Kind::Money),
        unused("campaign_id", Kind::Id),
    ],
};

/// One row per shop and day (and channel).
pub static TRAFFIC: Input = Input {
    name: "traffic",
    columns: &[
        optional("shop_id", Kind::Id),
        required("date", Kind::Time),
        optional("channel", Kind::Text),
        optional("pv", Kind::Count),
        optional("uv", Kind::Count),
        optional("ipv", Kind::Count),
        optional("ipv_uv", Kind::Count),
        optional("visits", Kind::Count),
        optional("bounces", Kind::Count),
        optional("dwell_seconds", Kind::Count),
        optional("favorites", Kind::Count),
        optional("cart_adds", Kind::Count),
        unused("new_visitors", Kind::Count),
        unused("cost", Kind::Money),
    ],
};

/// One row per rating (`rated_at`), or one per shop and day (`date`).
pub static RATINGS: Input = Input {
    name: "ratings",
    columns: &[
        optional("shop_id", Kind::Id),
        optional("order_id", Kind::Id),
        optional("customer_id", Kind::Id),
        optional("rated_at", Kind::Time),
        optional("date", Kind::Time),
        optional("description", Kind::Score),
        optional("service", Kind::Score),
        optional("delivery", Kind::Score),
        optional("logistics", Kind::Score),
    ],
};

/// One row per version of a refund application.
pub static REFUNDS: Input = Input {
    name: "refunds",
    columns: &[
        optional("shop_id", Kind::Id),
        required("refund_id", Kind::Id),
        required("order_id", Kind::Id),
        required("created_at", Kind::Time),
        required("completed_at", Kind::Time),
        required("amount", Kind::Money),
        required("status", Kind::Text),
        optional("intervened", Kind::Flag),
        optional("modified_at", Kind::Time),
        unused("line_id", Kind::Id),
        unused("reason", Kind::Text),
    ],
};

/// One row per shop.
pub static SHOPS: Input = Input {
    name: "shops",
    columns: &[
        required("shop_id", Kind::Id),
        unused("name", Kind::Text),
        optional("annual_target", Kind::Money),
        optional("category", Kind::Text),
        optional("opened_at", Kind::Time),
    ],
};

/// Complaints about a shop, one row per day.
pub static COMPLAINTS: Input =
    Input { name: "complaints", columns: &[optional("shop_id", Kind::Id), required("date", Kind::Time), required("count", Kind::Count)] };

/// Basic service scores on the last day of a month; `month` is any day of it.
pub static SERVICE_SCORES: Input = Input {
    name: "service_scores",
    columns: &[optional("shop_id", Kind::Id), required("month", Kind::Time), required("score", Kind::Score)],
};

/// What a shop had on sale in a month; `month` is any day of it.
pub static LISTINGS: Input = Input {
    name: "listings",
    columns: &[
        optional("shop_id", Kind::Id),
        required("month", Kind::Time),
        optional("items_live", Kind::Count),
        optional("items_new", Kind::Count),
    ],
};

/// Violations of the platform's rules, one row each.
pub static VIOLATIONS: Input = Input {
    name: "violations",
    columns: &[
        optional("shop_id", Kind::Id),
        required("occurred_at", Kind::Time),
        required("kind", Kind::Text),
        required("points", Kind::Score),
    ],
};

/// Industry figures, one row per category, period and metric.
pub static BENCHMARKS: Input = Input {
    name: "benchmarks",
    columns: &[
        required("category", Kind::Text),
        required("period_start", Kind::Time),
        required("metric", Kind::Text),
        optional("mean", Kind::Score),
        optional("p10", Kind::Score),
        optional("p20", Kind::Score),
    ],
};

/// Figures that only the platform has, one row per shop, period and metric.
pub static SHOP_METRICS: Input = Input {
    name: "shop_metrics",
    columns: &[
        optional("shop_id", Kind::Id),
        required("period_start", Kind::Time),
        required("metric", Kind::Text),
        required("value", Kind::Score),
    ],
};

/// What a shop means to sell, spend and put on sale in a month; `month` is any day of it.
pub static PLANS: Input = Input {
    name: "plans",
    columns: &[
        optional("shop_id", Kind::Id),
        required("month", Kind::Time),
        optional("sales_target", Kind::Money),
        optional("ad_budget", Kind::Money),
        optional("new_items", Kind::Count),
    ],
};

/// Campaigns of shops, one row each.
pub static CAMPAIGNS: Input = Input {
    name: "campaigns",
    columns: &[
        required("campaign_id", Kind::Id),
        optional("shop_id", Kind::Id),
        optional("name", Kind::Text),
        required("starts_on", Kind::Time),
        required("ends_on", Kind::Time),
        optional("cost", Kind::Money),
    ],
};

/// Whom a campaign was sent to, and whom it was held back from; the shop is that of the campaign.
pub static AUDIENCES: Input = Input {
    name: "audiences",
    columns: &[
        required("campaign_id", Kind::Id),
        required("customer_id", Kind::Id),
        required("arm", Kind::Text),
        required("sent_at", Kind::Time),
    ],
};

/// All inputs that jobs can name.
pub static INPUTS: [&Input; 14] = [
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
