//! The columns of every input, as docs/reference/inputs.md lists them: the one declaration that job files, readers and messages use.

pub use super::column::{Column, Input, InputKind};
use super::column::{optional, required, unused};
pub use super::platform::{BENCHMARKS, COMPLAINTS, LISTINGS, SERVICE_SCORES, SHOP_METRICS, VIOLATIONS};

/// The number of the row, counted from 0 over all files of the input in their order. A job maps an id to it where rows have no id, as the
/// lines of most invoices. No row can then supersede another, so the input must have each row once.
pub const ROW: &str = "$row";

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
        optional("item_title", InputKind::Text),
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

/// Page views, one row each. Rows have no key: two equal rows are two views.
pub static PAGE_VIEWS: Input = Input {
    name: "page_views",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("visitor_id", InputKind::Id),
        required("viewed_at", InputKind::Time),
        optional("item_id", InputKind::Id),
        optional("channel", InputKind::Text),
        optional("dwell_seconds", InputKind::Count),
        optional("customer_id", InputKind::Id),
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
        optional("reason", InputKind::Text),
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

/// One row per pair of ids under which the same person is known.
pub static CUSTOMER_LINKS: Input = Input {
    name: "customer_links",
    columns: &[required("customer_id", InputKind::Id), required("linked_id", InputKind::Id), optional("valid_from", InputKind::Time)],
};

/// One row per version of what an affiliate (淘客) earns by an order line, or by an order where the row names no line.
pub static AFFILIATE_ORDERS: Input = Input {
    name: "affiliate_orders",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("order_id", InputKind::Id),
        optional("line_id", InputKind::Id),
        required("publisher_id", InputKind::Id),
        optional("plan", InputKind::Text),
        optional("clicked_at", InputKind::Time),
        optional("paid_at", InputKind::Time),
        optional("settled_at", InputKind::Time),
        required("estimated_commission", InputKind::Money),
        optional("settled_commission", InputKind::Money),
        optional("clawed_back", InputKind::Money),
        optional("modified_at", InputKind::Time),
    ],
};

/// Questions that customers asked the agents of a shop (询单), one row each.
pub static INQUIRIES: Input = Input {
    name: "inquiries",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("agent_id", InputKind::Id),
        required("customer_id", InputKind::Id),
        required("asked_at", InputKind::Time),
        optional("response_seconds", InputKind::Count),
    ],
};

/// The searches that led to a shop, one row per day, keyword and channel.
pub static KEYWORD_TRAFFIC: Input = Input {
    name: "keyword_traffic",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("date", InputKind::Time),
        required("keyword", InputKind::Text),
        optional("channel", InputKind::Text),
        optional("impressions", InputKind::Count),
        optional("clicks", InputKind::Count),
        optional("uv", InputKind::Count),
        optional("orders", InputKind::Count),
        optional("amount", InputKind::Money),
        optional("cost", InputKind::Money),
    ],
};

/// The customers who unsubscribed, one row each; without a shop from all shops.
pub static DO_NOT_CONTACT: Input = Input {
    name: "do_not_contact",
    columns: &[optional("shop_id", InputKind::Id), required("customer_id", InputKind::Id), optional("since", InputKind::Time)],
};

/// What is known to change a shop's business on a day: large promotions, holidays, an item out of stock; without a shop that of all.
pub static EVENTS: Input = Input {
    name: "events",
    columns: &[optional("shop_id", InputKind::Id), required("date", InputKind::Time), required("name", InputKind::Text)],
};

/// Who looked at an item of a shop on a day, and what they did with it.
pub static ITEM_TRAFFIC: Input = Input {
    name: "item_traffic",
    columns: &[
        optional("shop_id", InputKind::Id),
        required("date", InputKind::Time),
        required("item_id", InputKind::Id),
        optional("ipv", InputKind::Count),
        optional("ipv_uv", InputKind::Count),
        optional("favorites", InputKind::Count),
        optional("cart_adds", InputKind::Count),
    ],
};

/// All inputs that jobs can name.
pub static INPUTS: [&Input; 23] = [
    &ORDERS,
    &TRAFFIC,
    &PAGE_VIEWS,
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
    &AFFILIATE_ORDERS,
    &INQUIRIES,
    &KEYWORD_TRAFFIC,
    &DO_NOT_CONTACT,
    &CUSTOMER_LINKS,
    &ITEM_TRAFFIC,
    &EVENTS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (position, input) in INPUTS.iter().enumerate() {
            assert!(INPUTS[..position].iter().all(|other| other.name != input.name));
            let is_first = |(position, column): (usize, &Column)| input.position(column.name) == Some(position);
            assert!(input.columns.iter().enumerate().all(is_first), "{}", input.name);
        }
    }
}
