//! shop_periods: the figures of shop_daily by week, month, quarter and year, customers counted once a period.

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use super::columns::{
    ShopRow, VisitorColumns, conversion, former_net_revenue, order_columns, pages_per_visitor, per_visit_columns, rate_columns,
    view_columns, visit_columns,
};
use super::days::{Figures, ShopDays};
use super::means::*;
use super::period_columns::{ComparedPeriod, GRAIN, PeriodRow, period_columns};
use super::refunded::{OfPaid, RefundedRow, refunded_columns};
use super::returning::{ReturningRow, returning_columns};
use crate::fold::activity::ACTIVITY;
use crate::fold::outcomes::OUTCOMES;
use crate::fold::returning::{RETURNING, Returning};
use crate::history::Features;
use crate::metric::uv_conversion::DailyMeans;
use crate::spec::{Column, Kind, NO_DAY, Need};
use crate::table::column::Value::{Count, Date, Flag, Ratio, Shop, Text};
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
    compared: ComparedPeriod,
    returning: Returning,
    of_paid: Option<OfPaid>,
    features: Features,
}

impl Row {
    fn means(&self) -> &DailyMeans {
        &self.figures().means
    }
}

impl RefundedRow for Row {
    fn of_paid(&self) -> Option<OfPaid> {
        self.of_paid
    }
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

impl PeriodRow for Row {
    fn compared(&self) -> &ComparedPeriod {
        &self.compared
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
            same(GRAIN, Text(|row| Some(row.compared.grain.name()))),
            column(
                "period_start",
                Date(|row| row.compared.period.start),
                "date",
                "周期首日",
                "The first day of the period by the calendar, also where the shop's data begin later.",
            ),
        ],
        &order_columns(),
        &[former_net_revenue()],
        &view_columns(&VISITORS),
        &visit_columns(),
        &[conversion(&VISITORS)],
        &rate_columns(),
        &[pages_per_visitor(&VISITORS)],
        &per_visit_columns(),
        &returning_columns(),
        &refunded_columns(),
        &[
            column(
                "is_left_truncated",
                Flag(|row: &Row| Some(row.compared.is_left_truncated)),
                "",
                "左截断",
                "Whether the period starts within `history_warmup` days of the shop's first order: its new customers may have bought \
                 before the data begin.",
            )
            .formula("period_start < first day of data + history_warmup"),
            same(DAYS, Count(|row| Some(row.compared.period.days))),
            same(DAYS_WITH_TRAFFIC, Count(|row| Some(row.means().days_with_traffic))),
            column(
                "is_complete",
                Flag(|row| Some(row.compared.period.is_complete)),
                "",
                "是否完整",
                "Whether the whole period lies between the first day of the shop in any input and the as-of date. Otherwise \
                 counts and money are those of some of its days.",
            ),
            same(UV_SUM, Count(|row| row.means().uv_sum)),
            same(UV_DAILY_MEAN, Ratio(|row| row.means().uv_daily_mean())),
            same(PAYING_CUSTOMER_DAYS, Count(|row| row.means().paying_customer_days)),
            same(PAYING_DAILY_MEAN, Ratio(|row| row.means().paying_daily_mean())),
            same(UV_CONVERSION, Ratio(|row| row.means().uv_conversion())),
        ],
        &period_columns(),
    ],
    rows: |night, out| {
        let (context, activity) = (&night.context, night.fold(&ACTIVITY)?);
        let (returning, outcomes) = (night.fold(&RETURNING)?, night.fold(&OUTCOMES)?);
        for days in (0..context.shops.len() as u32).filter_map(|shop| ShopDays::of(context, &activity, &night.facts, shop)) {
            let first_order = context.first_days.get(days.shop as usize).copied().filter(|day| *day != NO_DAY);
            for grain in context.params.periods() {
                out.all(ComparedPeriod::all(context, &days, &activity, grain, first_order).map(|compared| Row {
                    shop: days.shop,
                    compared,
                    returning: returning.period(days.shop, grain, compared.period.index),
                    of_paid: OfPaid::of(context, outcomes.between(days.shop, compared.period.from, compared.period.to)),
                    features: context.features,
                }))?;
            }
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};
