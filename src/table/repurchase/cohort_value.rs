//! cohort_value: who bought again within so many days of the first purchase, and what customers brought in them.

use std::sync::{Arc, OnceLock};

use super::cohort_columns::{COHORT, DIMENSION_VALUE, IS_LEFT_TRUNCATED, SHOP_ID};
use super::cohort_dimensions::ByDimensions;
use crate::fold::cohort_values::{Brought, COHORT_VALUES, WINDOWS};
use crate::metric::ratio::{money_per, ratio};
use crate::spec::{Day, Grain, Need};
use crate::table::column::Value::{Count, Date, Flag, Money, Number, Ratio, Share, Shop, Text};
use crate::table::column::{column, same};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const NOBODY: &str = "nobody of the cohort is old enough yet";

/// A cohort within one window.
pub struct Row {
    shop: u32,
    dimension: &'static str,
    value: Arc<str>,
    grain: Grain,
    cohort: Day,
    days: Day,
    size: i64,
    brought: Brought,
    is_complete: bool,
    is_left_truncated: bool,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "cohort_value",
    chinese: "同期群价值",
    question: "Of the customers who first bought in one period, how many bought again within 30, 60, 90, 180 and 365 days, and what had \
         they brought by then?",
    grain: "one cohort of customers (by shop, dimension value and grain) within 30, 60, 90, 180 or 365 days of each customer's own first \
         purchase day",
    key: &["shop_id", "dimension", "dimension_value", "grain", "cohort", "days"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[],
    reads: &[Read::Fold(&COHORT_VALUES)],
    columns: &[&[
        same(SHOP_ID, Shop(|row| row.shop)),
        column("dimension", Text(|row: &Row| Some(row.dimension)), "", "维度", "By what the cohort is divided, as in cohort_retention."),
        same(DIMENSION_VALUE, Text(|row: &Row| Some(&row.value))),
        column("grain", Text(|row| Some(row.grain.name())), "", "周期粒度", "The length of the cohort's period, as in cohort_retention."),
        same(COHORT, Date(|row| row.cohort)),
        column(
            "days",
            Count(|row| Some(row.days.into())),
            "days",
            "首购后天数",
            "The length of the window: it ends so many days after the first purchase day of each customer, that day included.",
        ),
        column(
            "cohort_size",
            Count(|row| Some(row.size)),
            "customers",
            "同期群人数",
            "Customers whose first purchase lies in the cohort's period, whether they are old enough or not.",
        ),
        column(
            "customers",
            Count(|row: &Row| Some(row.brought.customers)),
            "customers",
            "满期人数",
            "Customers of the cohort who are old enough: their window has ended by the as-of date. All figures of the row are theirs; \
             those of customers with a shorter history would only look smaller.",
        ),
        column(
            "repurchased_customers",
            Count(|row: &Row| Some(row.brought.repurchased)),
            "customers",
            "期内回购人数",
            "Of these, those with a second purchase day in the window. Another order on the first purchase day is no repurchase.",
        ),
        column(
            "repurchase_rate",
            Share(|row: &Row| ratio(row.brought.repurchased, row.brought.customers)),
            "1",
            "期内回购率",
            "The share of the customers old enough who bought again in the window.",
        )
        .formula("repurchased_customers / customers")
        .null_when(NOBODY),
        column(
            "orders",
            Count(|row: &Row| Some(row.brought.orders)),
            "orders",
            "期内成交订单数",
            "Purchases of these customers in the window, the first one included: paid orders that were not refunded in full by the \
             as-of date.",
        ),
        column(
            "orders_per_customer",
            Ratio(|row: &Row| ratio(row.brought.orders, row.brought.customers)),
            "orders per customer",
            "人均成交订单数",
            "Purchases in the window for each customer old enough.",
        )
        .formula("orders / customers")
        .null_when(NOBODY),
        column(
            "net_revenue",
            Money(|row: &Row| Some(row.brought.net_revenue)),
            "CNY",
            "期内净支付金额",
            "What was paid for these purchases less what was refunded of them by the as-of date, so that it can still fall in later runs. \
             Refunds of unknown orders that name one of the customers count on the day on which they were paid out.",
        ),
        column(
            "net_revenue_per_customer",
            Number(|row: &Row| money_per(row.brought.net_revenue, row.brought.customers)),
            "CNY per customer",
            "人均净支付金额 (LTV)",
            "What a customer old enough has brought on average by the end of the window, those who never came back included.",
        )
        .formula("net_revenue / customers")
        .null_when(NOBODY),
        column(
            "is_complete",
            Flag(|row: &Row| Some(row.is_complete)),
            "",
            "是否全部满期",
            "Whether everybody of the cohort is old enough, also who bought first on the last day of its period. Until then the row \
             shows its earlier customers only.",
        )
        .formula("last day of the cohort's period + days <= as-of date"),
        same(IS_LEFT_TRUNCATED, Flag(|row| Some(row.is_left_truncated))),
    ]],
    rows: |night, out| {
        let context = &night.context;
        night.fold(&COHORT_VALUES)?.cohorts(context).try_for_each(|cohort| {
            let start = cohort.grain.start(cohort.number);
            let end = cohort.grain.end(cohort.number);
            let first_day = context.first_days.get(cohort.shop as usize).copied().unwrap_or(context.first_day);
            let value = Arc::clone(&cohort.value);
            // The first window, of no days, has everybody: it is no row.
            out.all(WINDOWS.into_iter().enumerate().skip(1).map(|(window, days)| Row {
                shop: cohort.shop,
                dimension: cohort.dimension,
                value: Arc::clone(&value),
                grain: cohort.grain,
                cohort: start,
                days,
                size: cohort.brought(0).customers,
                brought: cohort.brought(window),
                is_complete: end.saturating_add(days) <= context.as_of,
                is_left_truncated: start < first_day.saturating_add(context.params.history_warmup),
            }))
        })
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The table in the catalogue, with the columns of the dimensions that a job chooses.
pub static TABLE_BY_DIMENSIONS: ByDimensions<Row> = ByDimensions { table: &TABLE };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::cohort_values::CohortValueFold;
    use crate::fold::folds::Gathered;
    use crate::history::Context;
    use crate::table::testing::*;
    use arrow::record_batch::RecordBatch;
    use proptest::prelude::*;

    fn table(context: &Context, fold: CohortValueFold) -> RecordBatch {
        made_of(&TABLE, context, Gathered::default().and(&COHORT_VALUES, fold))
    }

    /// A buys on 5 January, on the 30th day after and on the 31st after that; B on 31 January, a quarter of it refunded, and again on the
    /// same day; C on 1 March, whose 30th day is the day after the as-of date.
    fn three_customers() -> Vec<Customer> {
        vec![
            customer(0, vec![paid("2026-01-05", 10_000), paid("2026-02-04", 5_000), paid("2026-03-07", 3_000)]),
            customer(0, vec![paid("2026-01-31", 8_000).refunding(2_000), paid("2026-01-31", 500)]),
            customer(0, vec![paid("2026-03-01", 700)]),
        ]
    }

    #[test]
    fn a_case_by_hand() {
        // 30 March: A is 84 days old, B 58, C 29.
        let context = integer_shops("2025-09-01", "2026-03-30");
        let rows = table(&context, folded(CohortValueFold::new(&context), &three_customers()));
        assert_eq!(known(&rows, "days"), [30, 60, 90, 180, 365, 30, 60, 90, 180, 365]);
        assert_eq!(known(&rows, "cohort_size"), [2, 2, 2, 2, 2, 1, 1, 1, 1, 1]);
        // Within 30 days both of January, within 60 only A, within 90 nobody; of March nobody.
        assert_eq!(known(&rows, "customers"), [2, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        // The 30th day is within 30 days; the second order of B's first day is no repurchase.
        assert_eq!(known(&rows, "repurchased_customers")[..2], [1, 1]);
        assert_eq!(numbers(&rows, "repurchase_rate")[..3], [Some(0.5), Some(1.0), None]);
        // A's third purchase is 61 days after the first.
        assert_eq!(known(&rows, "orders")[..2], [4, 2]);
        assert_eq!(known(&rows, "net_revenue")[..3], [21_500, 15_000, 0]);
        assert_eq!(numbers(&rows, "net_revenue_per_customer")[..3], [Some(107.5), Some(150.0), None]);
        // 31 January + 30 days is 2 March; + 60 days is 1 April.
        assert_eq!(known(&rows, "is_complete"), [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn refunds_of_unknown_orders_count_on_their_day() {
        let context = integer_shops("2025-09-01", "2026-12-31");
        let mut buyer = customer(0, vec![paid("2026-01-05", 10_000)]);
        buyer.returns = vec![crate::history::Return { day: day("2026-02-05"), amount: 4_000 }];
        let rows = table(&context, folded(CohortValueFold::new(&context), &[buyer]));
        // 5 February is the 31st day.
        assert_eq!(known(&rows, "net_revenue"), [10_000, 6_000, 6_000, 6_000, 0]);
    }

    proptest! {
        #[test]
        fn windows_only_grow_for_who_is_old_enough(days in prop::collection::vec(prop::collection::vec(0_i32..700, 1..6), 1..30)) {
            let mut context = integer_shops(20_000, 20_700);
            context.params.cohort.dimensions = vec!["first_channel".to_owned()];
            let customers: Vec<Customer> = days
                .iter()
                .enumerate()
                .map(|(number, days)| {
                    let orders = days.iter().map(|day| paid(20_000 + day, 100 + i64::from(*day)).coded(number as u32 % 3, 0)).collect();
                    customer(number as u32 % 2, orders)
                })
                .collect();
            let parts: Vec<usize> = (0..customers.len()).map(|number| number % 3).collect();
            let rows = table(&context, folded(CohortValueFold::new(&context), &customers));
            // Any split merges to the same table.
            prop_assert_eq!(&table(&context, folded_in_parts(|| CohortValueFold::new(&context), &customers, &parts)), &rows);
            let (dimensions, window) = (texts(&rows, "dimension"), known(&rows, "days"));
            for name in ["cohort_size", "customers", "repurchased_customers", "orders", "net_revenue"] {
                let values = known(&rows, name);
                for days in [30, 365] {
                    let sum = |wanted: &str| -> i64 {
                        (0..rows.num_rows())
                            .filter(|row| dimensions[*row].as_deref() == Some(wanted) && window[*row] == days)
                            .map(|row| values[row])
                            .sum()
                    };
                    // The values of a dimension add up to `all`.
                    prop_assert_eq!(sum("all"), sum("first_channel"), "{} of {} days", name, days);
                }
            }
            let old: i64 = customers.iter().filter(|customer| 20_700 - customer.days[0] >= 365).count() as i64;
            let customers = known(&rows, "customers");
            let all: i64 = (0..rows.num_rows()).filter(|row| dimensions[*row].as_deref() == Some("all") && window[*row] == 365).map(|row| customers[row]).sum();
            prop_assert_eq!(all, old);
        }
    }
}
