//! shop_periods: the figures of shop_daily by week, month, quarter and year, customers counted once a period.

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use super::columns::{ShopRow, VisitorColumns, shop_columns};
use super::days::{Figures, Period, ShopDays};
use super::means::*;
use super::refunded::{OfPaid, RefundedRow, refunded_columns};
use super::returning::{ReturningRow, returning_columns};
use crate::fold::activity::ACTIVITY;
use crate::fold::outcomes::OUTCOMES;
use crate::fold::returning::{RETURNING, Returning};
use crate::metric::ratio::ratio;
use crate::spec::{Column, Grain, Kind, NO_DAY, Need};
use crate::table::column::Value::{Count, Date, Flag, Money, Number, Ratio, Share, Shop, Text};
use crate::table::column::{column, same};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const PEOPLE_DO_NOT_ADD_UP: &str =
    "always, so far: it counts people, who do not add up over days, and traffic rows count the people of one day each";

const VISITORS: VisitorColumns = VisitorColumns {
    uv: Column::new(
        "uv",
        Kind::Count,
        "visitors",
        "访客数",
        "Distinct visitors of the shop in the period. See uv_daily_mean for the mean of the daily figures.",
    )
    .null_when(PEOPLE_DO_NOT_ADD_UP),
    ipv_uv: Column::new("ipv_uv", Kind::Count, "visitors", "商品访客数", "Distinct visitors of item pages in the period.")
        .null_when(PEOPLE_DO_NOT_ADD_UP),
    conversion: Column::new(
        "conversion",
        Kind::Ratio,
        "1",
        "转化率",
        "Paying customers for each distinct visitor of the period. See uv_conversion for the conversion of the daily means.",
    )
    .formula("paying_customers / uv")
    .null_when("uv is null, which it always is so far"),
    pages_per_visitor: Column::new(
        "pages_per_visitor",
        Kind::Ratio,
        "page views per visitor",
        "人均浏览量",
        "Page views for each distinct visitor of the period.",
    )
    .formula("pv / uv")
    .null_when("uv is null, which it always is so far"),
};

/// A period of a shop.
pub struct Row {
    shop: u32,
    grain: Grain,
    period: Period,
    returning: Returning,
    is_left_truncated: bool,
    /// The paid amount of the period before.
    previous: Option<i64>,
    /// The paid amount of the period a year ago.
    year_ago: Option<i64>,
    of_paid: Option<OfPaid>,
    knows_customers: bool,
}

impl RefundedRow for Row {
    fn of_paid(&self) -> Option<OfPaid> {
        self.of_paid
    }
}

impl ShopRow for Row {
    fn figures(&self) -> &Figures {
        &self.period.figures
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

impl Row {
    fn change_from(&self, before: Option<i64>) -> Option<f64> {
        ratio(self.activity().paid_amount - before?, before?).filter(|_| self.period.is_complete)
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "shop_periods",
    chinese: "店铺周期报表",
    question: "What did each shop place, sell, give back and attract in each week, month, quarter and year, and how does that \
         compare with the period before and a year ago?",
    grain: "one shop, grain and period that has a day between the first day with anything of the shop in any input and the as-of \
         date",
    key: &["shop_id", "grain", "period_start"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&ACTIVITY), Read::Fold(&RETURNING), Read::Fold(&OUTCOMES)],
    columns: &[
        &[
            column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
            column(
                "grain",
                Text(|row| Some(row.grain.name())),
                "",
                "周期",
                "The length of the period: month, quarter, week (from the day of `params.week_starts`, Monday by default) or year.",
            ),
            column(
                "period_start",
                Date(|row| row.period.start),
                "date",
                "周期首日",
                "The first day of the period by the calendar, also where the shop's data begin later.",
            ),
        ],
        &shop_columns(&VISITORS),
        &returning_columns(),
        &refunded_columns(),
        &[
            column(
                "is_left_truncated",
                Flag(|row: &Row| Some(row.is_left_truncated)),
                "",
                "左截断",
                "Whether the period starts within `history_warmup` days of the shop's first order: its new customers may have bought \
                 before the data begin.",
            )
            .formula("period_start < first day of data + history_warmup"),
            same(DAYS, Count(|row| Some(row.period.days))),
            same(DAYS_WITH_TRAFFIC, Count(|row| Some(row.period.means.days_with_traffic))),
            column(
                "is_complete",
                Flag(|row| Some(row.period.is_complete)),
                "",
                "是否完整",
                "Whether the whole period lies between the first day of the shop in any input and the as-of date. Otherwise \
                 counts and money are those of some of its days.",
            ),
            same(UV_SUM, Count(|row| row.period.means.uv_sum)),
            same(UV_DAILY_MEAN, Ratio(|row| row.period.means.uv_daily_mean())),
            same(PAYING_CUSTOMER_DAYS, Count(|row| row.period.means.paying_customer_days)),
            same(PAYING_DAILY_MEAN, Ratio(|row| row.period.means.paying_daily_mean())),
            same(UV_CONVERSION, Ratio(|row| row.period.means.uv_conversion())),
            column(
                "placed_paid_orders",
                Count(|row| Some(row.activity().placed_paid_orders)),
                "orders",
                "拍下且已付订单数",
                "Of the orders placed in the period, those paid by the as-of date, in this period or later. It can still grow.",
            ),
            column(
                "placed_paid_rate",
                Share(|row: &Row| ratio(row.activity().placed_paid_orders, row.activity().placed_orders)),
                "1",
                "拍下支付率",
                "The share of the orders placed in the period that was paid by the as-of date; payment_rate is paid in the period \
                 / placed in the period instead.",
            )
            .formula("placed_paid_orders / placed_orders")
            .null_when("no order was placed"),
            column(
                "active_days",
                Count(|row| Some(row.period.active_days)),
                "days",
                "有成交天数",
                "Days of the period with at least one paid order, those refunded later included.",
            ),
            column(
                "paid_amount_previous",
                Money(|row: &Row| row.previous),
                "CNY",
                "上期支付宝成交额",
                "paid_amount of the period before, of the same grain.",
            )
            .null_when("the period before is not there or not complete"),
            column(
                "paid_amount_vs_previous",
                Number(|row: &Row| row.change_from(row.previous)),
                "1",
                "成交额环比",
                "Relative change of paid_amount against the period before: 0.1 is 10 % more.",
            )
            .formula("paid_amount / paid_amount_previous - 1")
            .null_when(
                "the period before is not there, not complete or had no paid amount, or the period itself is not complete: part \
                 of a period is not to be compared with a whole one",
            ),
            column(
                "paid_amount_year_ago",
                Money(|row: &Row| row.year_ago),
                "CNY",
                "去年同期支付宝成交额",
                "paid_amount of the same month, quarter or year a year before; of a week that of the week 52 weeks before.",
            )
            .null_when("that period is not there or not complete"),
            column(
                "paid_amount_vs_year_ago",
                Number(|row: &Row| row.change_from(row.year_ago)),
                "1",
                "成交额同比",
                "Relative change of paid_amount against the same period a year before: 0.1 is 10 % more.",
            )
            .formula("paid_amount / paid_amount_year_ago - 1")
            .null_when("that period is not there, not complete or had no paid amount, or the period itself is not complete"),
        ],
    ],
    rows: |night, out| {
        let (context, activity) = (&night.context, night.fold(&ACTIVITY)?);
        let (returning, outcomes) = (night.fold(&RETURNING)?, night.fold(&OUTCOMES)?);
        for days in (0..context.shops.len() as u32).filter_map(|shop| ShopDays::of(context, &activity, &night.facts, shop)) {
            let first_order = context.first_days.get(days.shop as usize).copied().filter(|day| *day != NO_DAY);
            let warm_from = first_order.map(|day| day.saturating_add(context.params.history_warmup));
            for grain in context.params.periods() {
                let periods = days.periods(&activity, grain);
                let paid_before = |position: usize, periods_before: usize| {
                    let before = periods.get(position.checked_sub(periods_before)?)?;
                    before.is_complete.then_some(before.figures.activity.paid_amount)
                };
                out.all(periods.iter().enumerate().map(|(position, period)| Row {
                    shop: days.shop,
                    grain,
                    period: *period,
                    returning: returning.period(days.shop, grain, period.index),
                    // A shop without orders has no new customers.
                    is_left_truncated: warm_from.is_some_and(|warm_from| period.start < warm_from),
                    of_paid: OfPaid::of(context, outcomes.between(days.shop, period.from, period.to)),
                    previous: paid_before(position, 1),
                    year_ago: paid_before(position, periods_in_year(grain)),
                    knows_customers: context.features.customers,
                }))?;
            }
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The number of periods between a period and that of a year ago.
pub(super) fn periods_in_year(grain: Grain) -> usize {
    match grain {
        Grain::Day => 365,
        Grain::Week(_) => 52,
        Grain::Month => 12,
        Grain::Quarter => 4,
        Grain::Year => 1,
    }
}
