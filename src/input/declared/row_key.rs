//! The key of each small input: the columns that say what a row is about. Two rows of one file with one key are not versions of each
//! other, since nothing says which of them is newer.

use super::columns::{AFFILIATE_ORDERS, Input, RATINGS, REFUNDS};

/// The columns of the key of an input's rows; none where every row counts, as page views do, and orders by rules of their own.
pub fn row_key(input: &Input) -> &'static [&'static str] {
    match input.name {
        "traffic" => &["shop_id", "date", "channel"],
        // Of the daily scores; a single rating, which has the time `rated_at`, has no key.
        "ratings" => &["shop_id", "date"],
        "refunds" => &["shop_id", "refund_id"],
        "shops" => &["shop_id"],
        "complaints" => &["shop_id", "date"],
        "service_scores" | "listings" | "plans" => &["shop_id", "month"],
        "ad_plans" => &["shop_id", "month", "channel"],
        "benchmarks" => &["category", "period_start", "metric"],
        "shop_metrics" => &["shop_id", "period_start", "metric"],
        "campaigns" => &["campaign_id"],
        "audiences" => &["campaign_id", "customer_id", "sent_at"],
        "affiliate_orders" => &["shop_id", "order_id", "line_id", "publisher_id"],
        "item_traffic" => &["shop_id", "date", "item_id"],
        "keyword_traffic" => &["shop_id", "date", "keyword", "channel"],
        // Who unsubscribes twice did so from the first time on.
        "do_not_contact" => &["shop_id", "customer_id", "since"],
        "events" => &["shop_id", "date", "name"],
        "customer_links" => &["customer_id", "linked_id", "valid_from"],
        _ => &[],
    }
}

/// The column that, where an input has it, makes rows of one key versions or events: then they may repeat.
pub fn repeats_by(input: &Input) -> Option<&'static str> {
    match input.name {
        name if name == RATINGS.name => Some("rated_at"),
        name if name == REFUNDS.name || name == AFFILIATE_ORDERS.name => Some("modified_at"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::{INPUTS, INQUIRIES, ORDERS, PAGE_VIEWS, VIOLATIONS};
    use super::*;

    #[test]
    fn keys_are_columns_of_their_inputs() {
        for input in INPUTS {
            assert!(row_key(input).iter().all(|column| input.position(column).is_some()), "{}", input.name);
            assert!(repeats_by(input).is_none_or(|column| input.position(column).is_some()), "{}", input.name);
            let keyless = [ORDERS.name, PAGE_VIEWS.name, VIOLATIONS.name, INQUIRIES.name];
            assert_eq!(row_key(input).is_empty(), keyless.contains(&input.name), "{}", input.name);
        }
    }
}
