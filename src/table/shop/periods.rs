//! shop_periods: the figures of shop_daily by week, month, quarter and year, customers counted once a period.

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use super::columns::{
    ShopRow, VisitorColumns, conversion, former_net_revenue, order_columns, per_visit_columns, rate_columns, view_columns, visit_columns,
};
use super::days::{Figures, ShopDays};
use super::means::*;
use super::period_columns::{ComparedPeriod, GRAIN, IS_COMPLETE, PERIOD_START, PeriodRow, period_columns};
use super::refunded::{OfPaid, RefundedRow, refunded_columns};
use super::returning::{ReturningRow, returning_columns};
use super::viewed::{PAGE_VIEWS, VIEWED, Viewed, ViewedRow, uv_source_column, viewed_day_columns};
use crate::fold::activity::ACTIVITY;
use crate::fold::outcomes::OUTCOMES;
use crate::fold::returning::{RETURNING, Returning};
use crate::history::Features;
use crate::input::records::facts::Facts;
use crate::metric::ratio::ratio_known;
use crate::metric::uv_conversion::DailyMeans;
use crate::spec::{Column, Day, Kind, NO_DAY, Need};
use crate::table::column::Value::{Count, Date, Flag, Ratio, Shop, Text};
use crate::table::column::{column, same};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

/// Rows of traffic count the people of one day each, and people do not add up over days.
const NO_VIEWS: &str = "the shop's page views begin after the first day of the period that lies in its data, or end before the last one; rows of \
                        traffic cannot say it";

const PEOPLE: &str = "docs/definitions.md, Page views";

const VISITORS: VisitorColumns = VisitorColumns {
    uv: Column::new(
        "uv",
        Kind::Count,
        "visitors",
        "访客数",
        "Distinct visitors of the shop in the period, each counted once, from page_views. See uv_daily_mean for the mean of the daily figures, \
         and days_with_page_views for days on which nobody was counted.",
    )
    .source(PEOPLE)
    .needs(PAGE_VIEWS)
    .null_when(NO_VIEWS),
    ipv_uv: Column::new("ipv_uv", Kind::Count, "visitors", "商品访客数", "Distinct visitors of item pages in the period, from page_views.")
        .source(PEOPLE)
        .needs(PAGE_VIEWS)
        .null_when("uv is null, or the job maps no item_id of page_views"),
    conversion: Column::new(
        "conversion",
        Kind::Ratio,
        "1",
        "支付转化率",
        "Paying customers for each distinct visitor of the period. See uv_conversion for the conversion of the daily means.",
    )
    .formula("paying_customers / uv")
    .needs(PAGE_VIEWS)
    .null_when("uv is null, or the job maps no customer_id"),
    pages_per_visitor: Column::new(
        "pages_per_visitor",
        Kind::Ratio,
        "page views per visitor",
        "人均浏览量",
        "Page views for each distinct visitor of the period.",
    )
    .formula("pv / uv")
    .needs(PAGE_VIEWS)
    .null_when("uv is null, or pv has views of traffic rows, which another counter counted"),
};

/// A period of a shop.
pub struct Row {
    shop: u32,
    compared: ComparedPeriod,
    returning: Returning,
    viewed: Option<Viewed>,
    /// Days of the period with a page view.
    viewed_days: i64,
    of_paid: Option<OfPaid>,
    features: Features,
}

impl Row {
    fn means(&self) -> &DailyMeans {
        &self.figures().means
    }
}

impl ViewedRow for Row {
    fn viewed(&self) -> Option<Viewed> {
        self.viewed
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
    reads: &[Read::Fold(&ACTIVITY), Read::Fold(&RETURNING), Read::Fold(&OUTCOMES), Read::IfRequested(&VIEWED)],
    columns: &[
        &[
            column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
            same(GRAIN, Text(|row| Some(row.compared.grain.name()))),
            same(PERIOD_START, Date(|row| row.compared.period.start)),
        ],
        &order_columns(),
        &[former_net_revenue()],
        &view_columns(&VISITORS),
        &visit_columns(),
        &[conversion(&VISITORS)],
        &rate_columns(),
        &[same(
            VISITORS.pages_per_visitor,
            Ratio(|row: &Row| ratio_known(row.traffic().pv, row.traffic().uv).filter(|_| !row.figures().has_views_of_traffic)),
        )],
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
            same(IS_COMPLETE, Flag(|row| Some(row.compared.period.is_complete))),
            same(UV_SUM, Count(|row| row.means().uv_sum)),
            same(UV_DAILY_MEAN, Ratio(|row| row.means().uv_daily_mean())),
            same(PAYING_CUSTOMER_DAYS, Count(|row| row.means().paying_customer_days)),
            same(PAYING_DAILY_MEAN, Ratio(|row| row.means().paying_daily_mean())),
            same(UV_CONVERSION, Ratio(|row| row.means().uv_conversion())),
        ],
        &period_columns(),
        &[
            uv_source_column(),
            column(
                "days_with_page_views",
                Count(|row: &Row| Some(row.viewed_days)),
                "days",
                "有浏览明细天数",
                "Days of these with a page view of the shop: where they are fewer than `days`, visitors of some days may be missing in uv.",
            )
            .source(PEOPLE)
            .needs(PAGE_VIEWS),
        ],
        &viewed_day_columns(),
    ],
    rows: |night, out| {
        let (context, activity) = (&night.context, night.fold(&ACTIVITY)?);
        let (returning, outcomes, viewed) = (night.fold(&RETURNING)?, night.fold(&OUTCOMES)?, night.if_requested(&VIEWED)?);
        let viewed = viewed.as_deref().map(AsRef::as_ref);
        for days in (0..context.shops.len() as u32).filter_map(|shop| ShopDays::of(context, &activity, &night.facts, shop)) {
            let first_order = context.first_days.get(days.shop as usize).copied().filter(|day| *day != NO_DAY);
            for (place, grain) in context.params.periods().into_iter().enumerate() {
                out.all(ComparedPeriod::all(context, &days, &activity, grain, first_order).map(|compared| Row {
                    shop: days.shop,
                    compared: with_people(compared, &night.facts, days.shop, place),
                    viewed: Viewed::between(viewed, &night.facts, days.shop, compared.period.from, compared.period.to),
                    viewed_days: viewed_days(&night.facts, days.shop, compared.period.from, compared.period.to),
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

/// The period with the people whom page views counted in it, where they reach over it. `grain` is its place among the grains of the job.
fn with_people(mut compared: ComparedPeriod, facts: &Facts, shop: u32, grain: usize) -> ComparedPeriod {
    let period = &mut compared.period;
    if let Some(viewers) = facts.viewers.as_ref().filter(|viewers| viewers.reach(shop, period.from, period.to)) {
        let people = viewers.period(shop, grain, period.index);
        period.figures.traffic.uv = people.map(|people| people.uv);
        period.figures.traffic.ipv_uv = people.map(|people| people.ipv_uv).filter(|_| viewers.has_items);
    }
    compared
}

fn viewed_days(facts: &Facts, shop: u32, from: Day, to: Day) -> i64 {
    facts.viewers.as_ref().map_or(0, |viewers| viewers.between(shop, from, to).len() as i64)
}
