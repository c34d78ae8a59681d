//! total_daily: every day of shops taken together, their orders, money, customers and visits.

use std::sync::OnceLock;

use super::columns::{TotalRow, scope_columns, shops_column, visitor_columns};
use super::scope_days::SCOPE_DAYS;
use crate::fold::outcomes::OUTCOMES;
use crate::fold::returning::{Returning, SCOPED_RETURNING};
use crate::history::scopes::Scope;
use crate::spec::{Day, Need};
use crate::table::column::Value::Date;
use crate::table::column::column;
use crate::table::night::Read;
use crate::table::shop::columns::{ShopRow, item_page_views, order_columns, page_views, per_visit_columns, rate_columns, visit_columns};
use crate::table::shop::days::Figures;
use crate::table::shop::refunded::{OfPaid, RefundedRow, refunded_columns};
use crate::table::shop::returning::{ReturningRow, returning_columns};
use crate::table::unit::{Table, Witness};

/// A day of a scope.
pub struct Row {
    scope: Scope,
    date: Day,
    shops: i64,
    figures: Figures,
    returning: Returning,
    of_paid: Option<OfPaid>,
    knows_customers: bool,
}

impl ShopRow for Row {
    fn figures(&self) -> &Figures {
        &self.figures
    }

    fn knows_customers(&self) -> bool {
        self.knows_customers
    }
}

impl ReturningRow for Row {
    fn returning(&self) -> &Returning {
        &self.returning
    }
}

impl RefundedRow for Row {
    fn of_paid(&self) -> Option<OfPaid> {
        self.of_paid
    }
}

impl TotalRow for Row {
    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn shops(&self) -> i64 {
        self.shops
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "total_daily",
    chinese: "多店合计日报",
    question: "What did all shops together, and those of each category, place, sell, give back and attract, day by day, each person counted \
         once?",
    grain: "one scope (all shops, or those of a category) and calendar day, from the first day with anything of any of its shops in any \
         input to the as-of date. A customer_id is one person in all shops of the row: new where the first purchase in any of them is",
    key: &["scope", "category", "date"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Shared(&SCOPE_DAYS), Read::Fold(&SCOPED_RETURNING), Read::Fold(&OUTCOMES)],
    columns: &[
        &scope_columns(),
        &[column("date", Date(|row| row.date), "date", "日期", "The local calendar day in the timezone of the job."), shops_column()],
        &order_columns(),
        &[page_views(), item_page_views()],
        &visit_columns(),
        &rate_columns(),
        &per_visit_columns(),
        &returning_columns(),
        &refunded_columns(),
        &visitor_columns(),
    ],
    rows: |night, out| {
        let (context, outcomes) = (&night.context, night.fold(&OUTCOMES)?);
        let returning = night.scoped_fold(&SCOPED_RETURNING)?;
        for of_scope in night.shared(&SCOPE_DAYS)?.iter() {
            let days = &of_scope.days;
            out.all((days.first..=days.last).zip(&days.figures).map(|(date, figures)| Row {
                scope: of_scope.scope.clone(),
                date,
                shops: of_scope.shops_by(date),
                figures: *figures,
                returning: returning.day(days.shop, date),
                of_paid: OfPaid::of(context, of_scope.outcome(&outcomes, date, date)),
                knows_customers: context.features.customers,
            }))?;
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};
