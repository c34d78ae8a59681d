//! Period columns: the columns that tables of shops, and of shops taken together, have by period only, and the comparisons with other periods.

use super::columns::{NO_PAYMENT_RATE, ShopRow};
use super::days::{Period, ShopDays};
use crate::fold::activity::ActivityFold;
use crate::history::Context;
use crate::metric::ratio::ratio;
use crate::spec::{Column, Day, Grain, Kind};
use crate::table::column::Value::{Count, Money, Number, Share};
use crate::table::column::{ValueColumn, column};

/// The grain of tables by period.
pub const GRAIN: Column = Column::new(
    "grain",
    Kind::Text,
    "",
    "周期",
    "The length of the period: month, quarter, week (from the day of `params.week_starts`, Monday by default) or year.",
);

/// The first day of a period.
pub const PERIOD_START: Column = Column::new(
    "period_start",
    Kind::Date,
    "date",
    "周期首日",
    "The first day of the period by the calendar, also where the shop's data begin later.",
);

/// Whether a period is whole, of tables with counts and money.
pub const IS_COMPLETE: Column = Column::new(
    "is_complete",
    Kind::Flag,
    "",
    "是否完整",
    "Whether the whole period lies between the first day of the shop in any input and the as-of date. Otherwise counts and money are those of \
     some of its days.",
);

/// A period with what it is compared with.
#[derive(Debug, Clone, Copy)]
pub struct ComparedPeriod {
    /// The length of the period.
    pub grain: Grain,
    /// The period.
    pub period: Period,
    /// Whether it starts within the warm-up of the first order; never without orders, since nobody is new then.
    pub is_left_truncated: bool,
    /// The paid amount of the period before.
    pub previous: Option<i64>,
    /// The paid amount of the period a year ago.
    pub year_ago: Option<i64>,
}

impl ComparedPeriod {
    /// The periods of a grain that intersect the days, ascending. `first_order` is the day of the first order, if there is one.
    pub fn all(
        context: &Context,
        days: &ShopDays,
        fold: &ActivityFold,
        grain: Grain,
        first_order: Option<Day>,
    ) -> impl Iterator<Item = ComparedPeriod> {
        let periods = days.periods(fold, grain);
        let warm_from = first_order.map(|day| day.saturating_add(context.params.history_warmup));
        (0..periods.len()).map(move |position| {
            let period = periods[position];
            let paid_before = |periods_before: usize| {
                let before = periods.get(position.checked_sub(periods_before)?)?;
                before.is_complete.then_some(before.figures.activity.paid_amount)
            };
            ComparedPeriod {
                grain,
                period,
                is_left_truncated: warm_from.is_some_and(|warm_from| period.start < warm_from),
                previous: paid_before(1),
                year_ago: paid_before(periods_in_year(grain)),
            }
        })
    }

    fn change_from(&self, before: Option<i64>) -> Option<f64> {
        ratio(self.period.figures.activity.paid_amount - before?, before?).filter(|_| self.period.is_complete)
    }
}

/// The number of periods between a period and that of a year ago.
pub(crate) fn periods_in_year(grain: Grain) -> usize {
    match grain {
        Grain::Day => 365,
        Grain::Week(_) => 52,
        Grain::Month => 12,
        Grain::Quarter => 4,
        Grain::Year => 1,
    }
}

/// A row of a period.
pub trait PeriodRow: ShopRow {
    /// The period.
    fn compared(&self) -> &ComparedPeriod;
}

/// Placed orders that were paid, active days, and comparisons.
pub const fn period_columns<Row: PeriodRow>() -> [ValueColumn<Row>; 7] {
    [
        column(
            "placed_paid_orders",
            Count(|row: &Row| Some(row.activity().placed_paid_orders)),
            "orders",
            "拍下且已付订单数",
            "Of the orders placed in the period, those paid by the as-of date, in this period or later. It can still grow.",
        ),
        column(
            "placed_paid_rate",
            Share(|row: &Row| {
                ratio(row.activity().placed_paid_orders, row.activity().placed_orders).filter(|_| row.features().knows_payment())
            }),
            "1",
            "拍下支付率（按订单）",
            "The share of the orders placed in the period that was paid by the as-of date; payment_rate is paid in the period \
             / placed in the period instead.",
        )
        .formula("placed_paid_orders / placed_orders")
        .null_when(NO_PAYMENT_RATE),
        column(
            "active_days",
            Count(|row: &Row| Some(row.compared().period.active_days)),
            "days",
            "有成交天数",
            "Days of the period with at least one paid order, those refunded later included.",
        ),
        column(
            "paid_amount_previous",
            Money(|row: &Row| row.compared().previous),
            "CNY",
            "上期支付金额",
            "paid_amount of the period before, of the same grain.",
        )
        .null_when("the period before is not there or not complete"),
        column(
            "paid_amount_vs_previous",
            Number(|row: &Row| row.compared().change_from(row.compared().previous)),
            "1",
            "支付金额环比",
            "Relative change of paid_amount against the period before: 0.1 is 10 % more.",
        )
        .formula("paid_amount / paid_amount_previous - 1")
        .null_when(
            "the period before is not there, not complete or had no paid amount, or the period itself is not complete: part \
             of a period is not to be compared with a whole one",
        ),
        column(
            "paid_amount_year_ago",
            Money(|row: &Row| row.compared().year_ago),
            "CNY",
            "去年同期支付金额",
            "paid_amount of the same month, quarter or year a year before; of a week that of the week 52 weeks before.",
        )
        .null_when("that period is not there or not complete"),
        column(
            "paid_amount_vs_year_ago",
            Number(|row: &Row| row.compared().change_from(row.compared().year_ago)),
            "1",
            "支付金额同比",
            "Relative change of paid_amount against the same period a year before: 0.1 is 10 % more.",
        )
        .formula("paid_amount / paid_amount_year_ago - 1")
        .null_when("that period is not there, not complete or had no paid amount, or the period itself is not complete"),
    ]
}
