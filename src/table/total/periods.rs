//! total_periods: the figures of total_daily by week, month, quarter and year, each person counted once a period.

use std::sync::OnceLock;

use super::columns::{TotalRow, scope_columns, shops_column, visitor_columns};
use super::scope_days::{SCOPE_DAYS, ScopeDays};
use crate::fold::activity::{ActivityFold, SCOPED_ACTIVITY};
use crate::fold::outcomes::{OUTCOMES, OutcomeFold};
use crate::fold::returning::{Returning, ReturningFold, SCOPED_RETURNING};
use crate::history::scopes::Scope;
use crate::history::{Context, Features};
use crate::spec::Need;
use crate::table::column::Value::{Count, Date, Flag, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::night::Read;
use crate::table::shop::columns::{ShopRow, item_page_views, order_columns, page_views, per_visit_columns, rate_columns, visit_columns};
use crate::table::shop::days::Figures;
use crate::table::shop::period_columns::{ComparedPeriod, GRAIN, PeriodRow, period_columns};
use crate::table::shop::refunded::{OfPaid, RefundedRow, refunded_columns};
use crate::table::shop::returning::{ReturningRow, returning_columns};
use crate::table::unit::{Table, Witness};

/// A period of a scope.
pub struct Row {
    scope: Scope,
    compared: ComparedPeriod,
    shops: i64,
    returning: Returning,
    of_paid: Option<OfPaid>,
    features: Features,
}

impl ShopRow for Row {
    fn figures(&self) -> &Figures {
        &self.compared.period.figures
    }

    fn features(&self) -> &Features {
        &self.features
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

impl PeriodRow for Row {
    fn compared(&self) -> &ComparedPeriod {
        &self.compared
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
    name: "total_periods",
    chinese: "多店合计周期报表",
    question: "What did all shops together, and those of each category, place, sell, give back and attract in each week, month, quarter and \
         year, each person counted once, and how does that compare with the period before and a year ago?",
    grain: "one scope (all shops, or those of a category), grain and period that has a day between the first day with anything of any of its \
         shops in any input and the as-of date. A customer_id is one person in all shops of the row: new where the first purchase in any \
         of them is",
    key: &["scope", "category", "grain", "period_start"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Shared(&SCOPE_DAYS), Read::Fold(&SCOPED_ACTIVITY), Read::Fold(&SCOPED_RETURNING), Read::Fold(&OUTCOMES)],
    columns: &[
        &scope_columns(),
        PERIOD,
        &order_columns(),
        &[page_views(), item_page_views()],
        &visit_columns(),
        &rate_columns(),
        &per_visit_columns(),
        &returning_columns(),
        &refunded_columns(),
        COMPLETENESS,
        &visitor_columns(),
        &period_columns(),
    ],
    rows: |night, out| {
        let (context, outcomes) = (&night.context, night.fold(&OUTCOMES)?);
        let (activity, returning) = (night.scoped_fold(&SCOPED_ACTIVITY)?, night.scoped_fold(&SCOPED_RETURNING)?);
        let days = night.shared(&SCOPE_DAYS)?;
        days.iter().try_for_each(|of_scope| out.all(rows(context, of_scope, &activity, &returning, &outcomes)))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// Which period, and of how many shops.
pub(crate) const PERIOD: &[ValueColumn<Row>] = &[
    same(GRAIN, Text(|row| Some(row.compared.grain.name()))),
    column(
        "period_start",
        Date(|row| row.compared.period.start),
        "date",
        "周期首日",
        "The first day of the period by the calendar, also where the data of all shops begin later.",
    ),
    shops_column(),
];

/// How much of a period the data cover.
pub(crate) const COMPLETENESS: &[ValueColumn<Row>] = &[
    column(
        "is_left_truncated",
        Flag(|row: &Row| Some(row.compared.is_left_truncated)),
        "",
        "左截断",
        "Whether the period starts within `history_warmup` days of the first order of any of the shops: their new customers may \
         have bought before the data begin. Customers of a shop that joins later may be old ones too.",
    )
    .formula("period_start < first day of data + history_warmup"),
    column(
        "days",
        Count(|row| Some(row.compared.period.days)),
        "days",
        "天数",
        "Days from the later of the period's start and the first day of any of the shops in any input to the earlier of the \
         period's end and the as-of date.",
    ),
    column(
        "is_complete",
        Flag(|row| Some(row.compared.period.is_complete)),
        "",
        "是否完整",
        "Whether the whole period lies between the first day of any of the shops in any input and the as-of date. Otherwise counts \
         and money are those of some of its days.",
    ),
];

/// All periods of a scope, ascending by (grain, start), people as folds over scopes of its kind counted them.
pub(crate) fn rows<'a>(
    context: &'a Context,
    of_scope: &'a ScopeDays,
    activity: &'a ActivityFold,
    returning: &'a ReturningFold,
    outcomes: &'a OutcomeFold,
) -> impl Iterator<Item = Row> + 'a {
    context.params.periods().into_iter().flat_map(move |grain| {
        let periods = ComparedPeriod::all(context, &of_scope.days, activity, grain, of_scope.first_order);
        periods.map(move |compared| Row {
            scope: of_scope.scope.clone(),
            shops: of_scope.shops_by(compared.period.to),
            compared,
            returning: returning.period(of_scope.days.shop, grain, compared.period.index),
            of_paid: OfPaid::of(context, of_scope.outcome(outcomes, compared.period.from, compared.period.to)),
            features: context.features,
        })
    })
}
