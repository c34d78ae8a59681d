//! Warnings of customers who may be none: a word such as `NULL`, or the account to which a shop books whoever has none.

use super::plan::Plan;
use crate::history::Context;
use crate::history::buyers::Suspect;
use crate::history::settled::Settled;
use crate::input::declared::columns;
use crate::spec::Id;

/// The warnings, with the mapping that makes each of them null.
pub(super) fn warnings(plan: &Plan, context: &Context, settled: &Settled) -> Vec<String> {
    let id_type = &context.ids.customer;
    let column = plan.datasets.get(columns::ORDERS.name).map_or(String::new(), |orders| orders.in_sql("customer_id"));
    let warning = |suspect: Suspect| {
        let Suspect { shop, customer, orders, of } = suspect;
        let shown = id_type.show(customer.id());
        let literal = match customer.id() {
            Id::Integer(_) => shown.clone(),
            Id::Text(_) => format!("'{}'", shown.replace('\'', "''")),
        };
        // In tenths of a percent, rounded down.
        let share = orders.saturating_mul(1_000).checked_div(of).unwrap_or(0);
        let share = format!("{}.{} %", share / 10, share % 10);
        let what = match shop.and_then(|shop| context.shop_name(shop)) {
            None => format!(
                "the id `{shown}`, as programs write it for nobody, names the customer of {orders} of the {of} orders that have one ({share})"
            ),
            Some(shop) => format!(
                "the customer `{shown}` of shop {shop} has {orders} of its {of} orders with a customer ({share}), more than one person has: it may \
                 be the account of whoever has none"
            ),
        };
        format!(
            "placeholder_customer: {what}; it counts as one customer who comes back; `customer_id: NULLIF({column}, {literal})` under \
             `columns:` of `orders` makes these orders the shop's and no customer's, `filter: {column} IS DISTINCT FROM {literal}` leaves them out"
        )
    };
    settled.buyers.suspects(&|id| id_type.show(id)).into_iter().map(warning).collect()
}
