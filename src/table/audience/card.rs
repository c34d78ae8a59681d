//! audience_<strategy>: the customers of one list, with the columns that a message needs.

use std::borrow::Cow;

use super::candidates::{
    AWAITING_DAYS, AWAITING_ORDERS, DAYS_SINCE_FIRST_COMPLETION, LAST_ITEM, LAST_ITEM_PAIR, RAN_OUT_ON, REFILL_ITEM, REFILL_ITEM_PAIR,
    REFILL_QUANTITY, UNPAID_AMOUNT, UNPAID_HOURS, UNPAID_ITEM, UNPAID_ORDERS,
};
use super::conditions::is_about_unpaid;
use crate::job::strategy::{EXCLUDED, Strategy, TABLE_PREFIX};
use crate::spec::{Card, Column, Kind, Need};
use crate::table::shop::shops;

const NO_PURCHASE: &str = "the customer has no purchase, only an order that waits";

/// The inputs that lists need.
pub(super) const NEEDS: &[Need] = &[Need { input: "orders", column: "customer_id" }];

/// Conditions can ask about all columns of `customers`.
pub(super) const USES: &[&str] = &["channel", "category_id", "province", "item_id"];

/// The name beside the id: whoever is given a list must see whose customers these are.
pub(super) const SHOP_NAME: Column =
    Column::new("shop_name", Kind::Text, "", "店铺名称", "What people call the shop.").null_when(shops::UNNAMED);

/// A column as `customers` has it.
const fn as_customers(name: &'static str, kind: Kind, unit: &'static str, chinese: &'static str, definition: &'static str) -> Column {
    Column::new(name, kind, unit, chinese, definition).null_when(NO_PURCHASE)
}

static COLUMNS: [Column; 29] = [
    Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop that contacts its customers."),
    Column::new("customer_id", Kind::CustomerId, "", "买家", "The customer's id as the orders input has it: never a name, telephone number or address."),
    SHOP_NAME,
    Column::new("rank", Kind::Count, "rank", "名次", "The place on the shop's list, 1 for the best by the strategy's order_by; customer_id decides between equals."),
    Column::new(
        "arm",
        Kind::Text,
        "",
        "分组",
        "treated: to be contacted. control: to be left alone, so that the effect can be measured. A customer has the same arm of a strategy every night.",
    )
    .formula("control where the first 53 bits of SHA-256 over strategy and customer_id, as a number from 0 to below 1, are below control_share"),
    LAST_ITEM,
    LAST_ITEM_PAIR,
    as_customers("last_purchase_date", Kind::Date, "date", "最近购买日期", "The day on which the latest purchase up to the as-of date was paid."),
    as_customers("recency_days", Kind::Count, "days", "最近购买距今天数", "Days from the last purchase day to the as-of date."),
    as_customers("purchase_days", Kind::Count, "days", "购买天数", "Calendar days with at least one purchase."),
    as_customers("orders", Kind::Count, "orders", "成交订单数", "Purchases: orders that were paid and not refunded in full."),
    as_customers("paid_amount", Kind::Money, "CNY", "成交金额", "What was paid for these orders, partial refunds not deducted."),
    as_customers("net_revenue", Kind::Money, "CNY", "净支付金额（按支付日）", "What was paid for the purchases less what of it was refunded."),
    as_customers("order_value", Kind::Ratio, "CNY per order", "笔单价", "What one of the customer's orders brings on average, before refunds.")
        .formula("paid_amount / orders"),
    as_customers("lifecycle", Kind::Text, "", "生命周期阶段", "Where the customer stands by recency_days; see customers."),
    as_customers("rfm_segment", Kind::Text, "", "RFM 客户类型", "Which of R, F and M are high; see customers."),
    as_customers("value_tier", Kind::Text, "", "价值等级", "A, B or C by net revenue; see customers."),
    UNPAID_ORDERS,
    UNPAID_AMOUNT,
    UNPAID_HOURS,
    UNPAID_ITEM,
    AWAITING_ORDERS,
    AWAITING_DAYS,
    DAYS_SINCE_FIRST_COMPLETION,
    REFILL_ITEM,
    RAN_OUT_ON,
    REFILL_QUANTITY,
    REFILL_ITEM_PAIR,
    Column::new("strategy", Kind::Text, "", "策略", "The strategy, so that lists can be put together into one table."),
];

/// The common shape of all lists, for the catalogue: a job has a table of this shape for each of its strategies.
pub static TEMPLATE: Card = Card {
    name: Cow::Borrowed("audience_<strategy>"),
    chinese: "营销名单",
    question: Cow::Borrowed("Whom should the shop contact by this strategy of the job, and whom leave alone to see what it does?"),
    grain: "one customer of one shop who is on the list of the strategy, treated or held out",
    key: &["shop_id", "customer_id"],
    columns: Cow::Borrowed(&COLUMNS),
    needs: NEEDS,
    uses: USES,
};

/// What a row is of a list on which nobody can be without an unpaid order.
pub const OF_UNPAID: &str = "one customer of one shop with an unpaid order who is on the list of the strategy, treated or held out";

/// Whether a list is about unpaid orders, by what a row of it is.
pub fn is_of_unpaid(grain: &str) -> bool {
    grain == OF_UNPAID
}

/// How the question of a list ends, after the title of its strategy.
const QUESTION: &str = ": whom should the shop contact, and whom leave alone?";

/// The title of the strategy in the question of its list; `None` if that is no question of a list.
pub fn title_of(question: &str) -> Option<&str> {
    question.strip_suffix(QUESTION)
}

/// The card of a strategy's table.
pub fn card_of(strategy: &Strategy) -> Card {
    let question = format!("{}{QUESTION}", strategy.title);
    let grain = if is_about_unpaid(strategy) { OF_UNPAID } else { TEMPLATE.grain };
    Card { name: Cow::Owned(Strategy::table_of(&strategy.name)), question: Cow::Owned(question), grain, ..TEMPLATE.clone() }
}

/// The card of a list by the table's name, for code without a job; `None` if no list can have that name.
pub fn card_named(table: &str) -> Option<Card> {
    let name = table.strip_prefix(TABLE_PREFIX).filter(|name| !name.is_empty() && *name != EXCLUDED)?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    is_name.then(|| Card { name: Cow::Owned(table.to_owned()), ..TEMPLATE.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::audience::candidates::BESIDE;
    use crate::table::customer::customers;
    use crate::table::unit::AnyTable;

    #[test]
    fn a_list_has_the_columns_of_customers_as_they_are_there() {
        let own = ["shop_id", "customer_id", "shop_name", "rank", "arm", "strategy"];
        for column in COLUMNS.iter().filter(|column| !own.contains(&column.name)) {
            match customers::TABLE.card().column(column.name) {
                Some(theirs) => assert_eq!((theirs.kind, theirs.unit, theirs.chinese), (column.kind, column.unit, column.chinese)),
                None => assert!(BESIDE.iter().any(|beside| beside.meaning.name == column.name), "{}", column.name),
            }
        }
        for word in ["name", "phone", "address"] {
            let mut of_customers = COLUMNS.iter().filter(|column| column.name != SHOP_NAME.name);
            assert!(of_customers.all(|column| !column.name.contains(word)), "{word}");
        }
    }

    #[test]
    fn tables_of_lists_are_known_by_their_names() {
        let card = card_named("audience_vip_care").map(|card| (card.name, card.columns.len()));
        assert_eq!(card, Some((Cow::Borrowed("audience_vip_care"), COLUMNS.len())));
        for other in ["audience_", "audience_excluded", "audience_<strategy>", "customers", "audience_VIP"] {
            assert!(card_named(other).is_none(), "{other}");
        }
    }
}
