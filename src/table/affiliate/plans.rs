//! affiliate_plans: what each plan and publisher (淘客) brought in a month, what it cost, and whom it won, beside what came without any.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use columns::{COMMISSIONS, CUSTOMERS, KEYS, OTHERS, SALES};
use row::Row;

use crate::fold::affiliates::{AFFILIATES, ALL, AffiliateFold};
use crate::fold::brought::Brought;
use crate::input::records::affiliates::ALL_PUBLISHERS;
use crate::spec::{Grain, NONE, Need};
use crate::table::night::{Night, Read};
use crate::table::unit::{Table, Witness};

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "affiliate_plans",
    chinese: "淘客推广计划表",
    question: "What did each affiliate plan and publisher bring, what did its commission come to, and are its customers worth it?",
    grain: "a publisher of a plan, or all of the plan, and a month in which an order that it brought was paid",
    key: &["shop_id", "affiliate_plan", "publisher_id", "month"],
    needs: &[Need { input: "affiliate_orders", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&AFFILIATES)],
    columns: &[&KEYS, &SALES, &COMMISSIONS, &CUSTOMERS, &OTHERS],
    rows: |night, out| {
        let fold = night.fold(&AFFILIATES)?;
        let keys = keys(night, &fold);
        out.all(keys.into_iter().flat_map(|(shop, plan, publisher, line)| rows_of(night, &fold, (shop, plan, publisher), line)))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The months of a publisher of a plan of a shop.
type Months<'a> = Vec<(i32, &'a Brought)>;

/// Shop, plan and publisher, in the order of the key, with the months in which they brought an order.
fn keys<'a>(night: &Night, fold: &'a AffiliateFold) -> Vec<(u32, Arc<str>, Arc<str>, Months<'a>)> {
    let context = &night.context;
    let mut names: HashMap<(bool, u32), Arc<str>> = HashMap::new();
    let mut keys: Vec<_> = fold
        .lines()
        .into_iter()
        .map(|([shop, plan, publisher], line)| {
            let plan = names.entry((true, plan)).or_insert_with(|| Arc::from(context.affiliate_plans.value(plan).unwrap_or(NONE)));
            let plan = Arc::clone(plan);
            let publisher = names.entry((false, publisher)).or_insert_with(|| match publisher {
                ALL => Arc::from(ALL_PUBLISHERS),
                code => Arc::from(context.publishers.value(code).unwrap_or_default()),
            });
            let months: Months<'a> = line.cells().filter(|(_, brought)| brought.orders > 0).collect();
            (shop, plan, Arc::clone(publisher), months)
        })
        .collect();
    // Codes have the order of the texts, but for (none) and (all).
    keys.sort_unstable_by(|one, other| (one.0, &one.1, &one.2).cmp(&(other.0, &other.1, &other.2)));
    keys
}

/// The rows of a publisher of a plan, ascending by month.
fn rows_of(night: &Night, fold: &AffiliateFold, (shop, plan, publisher): (u32, Arc<str>, Arc<str>), months: Months<'_>) -> Vec<Row> {
    let first = night.facts.first_day(shop);
    let row = |(month, own): (i32, &Brought)| Row {
        shop,
        plan: Arc::clone(&plan),
        publisher: Arc::clone(&publisher),
        month,
        is_complete: Grain::Month.lies_within(month, first, night.context.as_of),
        knows_customers: night.context.features.customers,
        own: *own,
        others: fold.others(shop, month),
    };
    months.into_iter().map(row).collect()
}

mod columns;
mod row;

#[cfg(test)]
mod tests;
