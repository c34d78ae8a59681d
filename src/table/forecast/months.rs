//! forecast_months: the expected sales of each shop in the coming months, and what it takes to reach the plan.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::existing_customers::{self, ExistingCustomers};
use super::new_customers::{self, NewCustomers};
use super::season::Season;
use super::shop::ShopForecast;
use super::span::Span;
use super::{FORECASTS, Forecasts};
use crate::fold::activity::{ACTIVITY, ActivityFold};
use crate::fold::outcomes::{OUTCOMES, OutcomeFold};
use crate::history::Context;
use crate::input::records::facts::{Facts, MonthPlan};
use crate::metric::damped_trend::LEAST_MONTHS;
use crate::metric::ratio::{in_units_of, ratio_of};
use crate::metric::unknown_season::UNKNOWN_SEASON;
use crate::spec::{Grain, NO_DAY, Need};
use crate::table::column::Value::{Count, Date, Flag, Money, Number, Ratio, Share, Shop, Text};
use crate::table::column::column;
use crate::table::night::{Read, Shared, always};
use crate::table::scores::{SCORED_CUSTOMERS, ScoredCustomers};
use crate::table::shop::days::of_shop;
use crate::table::unit::{Table, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Forecast of the shop";
const NO_MODEL: &str = "no model of the shop's customers, or of what they spend, can be used (forecast_models says why)";
const NO_TREND: &str = "reason is not null";
const NO_TARGET: &str = "the plans have no sales_target for the month, or expected_sales is null";
const NO_GAP: &str = "gap is null, or the plan is reached without";

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "forecast_months",
    chinese: "月度预测",
    question: "What will each shop sell in the months to come, to customers it has and to new ones, and what does it take to reach the plan?",
    grain: "one month of a shop: the one that runs, where days of it are to come, and params.forecast.months that follow",
    key: &["shop_id", "month"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[],
    reads: &[Read::Shared(&MONTH_FORECASTS)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
        column("month", Date(|row| Grain::Month.start(row.span.month)), "date", "月份", "The first day of the month."),
        column("days_to_come", Count(|row| Some(row.span.days().into())), "days", "剩余天数", "Days of the month after the as-of date."),
        column(
            "sales_to_date",
            Money(|row| Some(row.sales_to_date)),
            "CNY",
            "已成交净额",
            "Net revenue of the month's days up to the as-of date: paid, less what of these payments was refunded by then. 0 for a \
             month that has not begun.",
        ),
        column(
            "known_customers",
            Count(|row| Some(row.known_customers)),
            "customers",
            "老客户数",
            "Customers with a purchase up to the as-of date.",
        ),
        column(
            "season",
            Ratio(|row: &Row| row.season),
            "1",
            "季节系数",
            "How much more known customers buy on these days than the model expects in the mean of a year: their repeat purchases on the \
             same days of the last two years against what the model expected of them, drawn towards 1 as far as the two years differ by \
             chance; the shop's own beside that of all shops of the run.",
        )
        .formula(
            "1 + w × (repeat purchases on the same days of two years / expected ones − 1), w being the share of the variance that recurs \
             in both years",
        )
        .null_when("no shop of the run knows two years, or has a model that can be used: then it counts as 1 and the interval is wider")
        .source(SPECIFICATION),
        column(
            "known_purchases",
            Ratio(|row: &Row| Some(row.existing?.purchases)),
            "purchase days",
            "老客预期购买天数",
            "Purchase days expected of them in the days to come, by the models times season, if that is known.",
        )
        .null_when(NO_MODEL)
        .source(SPECIFICATION),
        column(
            "known_revenue",
            Number(|row: &Row| Some(row.existing?.revenue)),
            "CNY",
            "老客预期净额",
            "Net revenue expected of them in the days to come: over the customers, purchase days times what a purchase day of each \
             brings.",
        )
        .null_when(NO_MODEL)
        .source(SPECIFICATION),
        column(
            "new_customers",
            Ratio(|row: &Row| Some(row.new?.customers)),
            "customers",
            "预期新客数",
            "Customers expected to buy for the first time in the days to come: the damped trend of the last twelve whole months and, \
             where there are two years of them, the season. Of the month that runs, the part of new customers that came on the same \
             days a year before, in all shops.",
        )
        .null_when(NO_TREND)
        .source("Gardner & McKenzie 1985, Management Science 31(10); slope: Theil 1950, Sen 1968; season: classical decomposition"),
        column(
            "has_season",
            Flag(|row: &Row| row.has_season),
            "",
            "含季节性",
            "Whether two years of whole months showed a season of new customers.",
        )
        .null_when(NO_TREND),
        column(
            "new_first_revenue",
            Number(|row: &Row| Some(row.new?.first_revenue)),
            "CNY",
            "新客首购净额",
            "What their first purchase days are expected to bring: each the mean of the shop's new customers of the last 180 days, or \
             of all where these are under 30.",
        )
        .null_when(NO_TREND),
        column(
            "new_repeat_revenue",
            Number(|row: &Row| Some(row.new?.repeat_revenue)),
            "CNY",
            "新客复购净额",
            "What customers who first buy after the as-of date are expected to bring by coming again in the month.",
        )
        .null_when(NO_TREND),
        column("expected_sales", Number(Row::expected), "CNY", "预期净支付金额", "What the month is expected to end with.")
            .formula("sales_to_date + known_revenue + new_first_revenue + new_repeat_revenue")
            .null_when(NO_TREND),
        column(
            "lower",
            Number(|row: &Row| Some(row.interval()?.0)),
            "CNY",
            "预测下限",
            "In one month of ten the sales end below, if the months to come scatter as the past ones did: purchases and model by the \
             hold-out, new customers by their trend, and all by a quarter more where season is null. Never below sales_to_date.",
        )
        .formula("expected_sales − 1.2816 standard deviations")
        .null_when("reason is not null, or nothing could be held out, so that nobody knows how far the model is off"),
        column("upper", Number(|row: &Row| Some(row.interval()?.1)), "CNY", "预测上限", "In one month of ten the sales end above.")
            .formula("expected_sales + 1.2816 standard deviations")
            .null_when("lower is null"),
        column("sales_target", Money(|row: &Row| row.target), "CNY", "销售目标", "The plan's target for the month.")
            .null_when("the plans have none"),
        column("gap", Number(Row::gap), "CNY", "目标缺口", "What is missing to the target; below 0 what is expected beyond it.")
            .formula("sales_target − expected_sales")
            .null_when(NO_TARGET),
        column(
            "value_per_new_customer",
            Ratio(|row: &Row| Some(row.new?.value_of_one)),
            "CNY per customer",
            "新客当月价值",
            "What one more new customer is expected to bring within the month, early repurchases included, if won on a day of those to \
             come like any other.",
        )
        .null_when(NO_TREND),
        column(
            "new_customers_to_close",
            Ratio(Row::new_customers_to_close),
            "customers",
            "补缺所需新客数",
            "New customers beyond new_customers that close the gap.",
        )
        .formula("gap / value_per_new_customer")
        .null_when(NO_GAP),
        column(
            "recent_new_customers",
            Count(|row: &Row| row.recent.uv.map(|_| row.recent.new_customers)),
            "customers",
            "近28天新客数",
            "New customers of those of the last 28 days that have a UV.",
        )
        .null_when("none of them has one"),
        column(
            "recent_uv",
            Count(|row: &Row| row.recent.uv),
            "daily visitors",
            "近28天UV合计",
            "The UV of these days added up: daily visitors, not people.",
        )
        .null_when("none of them has a UV"),
        column(
            "uv_to_close",
            Ratio(Row::uv_to_close),
            "daily visitors",
            "补缺所需UV",
            "Daily visitors, added up over the days to come, beyond the usual ones that close the gap, if as many of them become new \
             customers as in the last 28 days.",
        )
        .formula("new_customers_to_close / (recent_new_customers / recent_uv)")
        .null_when("new_customers_to_close is null, recent_uv is null or 0, or recent_new_customers is 0"),
        column(
            "returning_share",
            Share(|row: &Row| row.returning_share(0.0)),
            "1",
            "老客成交占比",
            "The part of what is to come that known customers bring.",
        )
        .formula("known_revenue / (known_revenue + new_first_revenue + new_repeat_revenue)")
        .null_when("reason is not null, or nothing is expected"),
        column(
            "returning_share_to_close",
            Share(|row: &Row| row.returning_share(row.missing()?)),
            "1",
            "补缺所需老客占比",
            "What that part has to rise to, if known customers alone are to close the gap.",
        )
        .formula("(known_revenue + gap) / (known_revenue + new_first_revenue + new_repeat_revenue + gap)")
        .null_when(NO_GAP),
        column("reason", Text(|row: &Row| row.reason.as_deref()), "", "无预测原因", "Why there is no forecast.").null_when("there is one"),
    ]],
    rows: |night, out| out.all(night.shared(&MONTH_FORECASTS)?.iter().cloned()),
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The months to come of all shops with customers, ascending by shop and month.
pub static MONTH_FORECASTS: Shared<Vec<Row>> = Shared {
    name: "month_forecasts",
    not_requested: always,
    reads: |_| vec![Read::Shared(&FORECASTS), Read::Shared(&SCORED_CUSTOMERS), Read::Fold(&ACTIVITY), Read::Fold(&OUTCOMES)],
    make: |night| {
        let (customers, forecasts) = (night.shared(&SCORED_CUSTOMERS)?, night.shared(&FORECASTS)?);
        let (activity, outcomes) = (night.fold(&ACTIVITY)?, night.fold(&OUTCOMES)?);
        let (context, facts) = (night.context.as_ref(), night.facts.as_ref());
        let spans = Span::of(context.as_of, context.params.forecast.months);
        let season = Season::of(context, &activity, &forecasts, &spans);
        let of_shop = |forecast| rows(&customers, &forecasts, forecast, (&activity, &outcomes), facts, (&spans, &season));
        let shops: Vec<Vec<Row>> = forecasts.shops.par_iter().map(of_shop).collect();
        Ok(shops.into_iter().flatten().collect())
    },
};

/// The central 80 % of a normal distribution lie within this many standard deviations of the mean.
const EIGHTY_PER_CENT: f64 = 1.281_551_565_544_600_4;

/// The days over which the share of visitors who become new customers is measured.
const RECENT_DAYS: i32 = 28;

/// New customers and visitors of the last days that have a UV.
#[derive(Debug, Clone, Copy, Default)]
struct Recent {
    new_customers: i64,
    uv: Option<i64>,
}

/// One month of a shop.
#[derive(Debug, Clone)]
pub struct Row {
    shop: u32,
    span: Span,
    season: Option<f64>,
    sales_to_date: i64,
    known_customers: i64,
    existing: Option<ExistingCustomers>,
    new: Option<NewCustomers>,
    has_season: Option<bool>,
    target: Option<i64>,
    recent: Recent,
    reason: Option<String>,
}

impl Row {
    /// The code of the shop.
    pub fn shop(&self) -> u32 {
        self.shop
    }

    /// The number of the month, as [`Grain::Month`] counts them.
    pub fn month(&self) -> i32 {
        self.span.month
    }

    fn sales_to_date(&self) -> f64 {
        in_units_of(100.0, self.sales_to_date as f64)
    }

    /// The revenue expected of existing and of new customers.
    fn to_come(&self) -> Option<(f64, f64)> {
        let new = self.new?;
        Some((self.existing?.revenue, new.first_revenue + new.repeat_revenue))
    }

    /// What the month is expected to end with, in units of the currency; `None` without a forecast.
    pub fn expected(&self) -> Option<f64> {
        self.to_come().map(|(existing, new)| self.sales_to_date() + existing + new)
    }

    /// Lower and upper end of the interval.
    fn interval(&self) -> Option<(f64, f64)> {
        // The same season is that of known and of new customers.
        let (existing, new) = self.to_come()?;
        let unknown = if self.season.is_none() { UNKNOWN_SEASON * (existing + new) } else { 0.0 };
        let half = EIGHTY_PER_CENT * (self.existing?.variance + self.new?.variance + unknown * unknown).sqrt();
        let expected = self.expected().filter(|_| half.is_finite())?;
        Some(((expected - half).max(self.sales_to_date()), expected + half))
    }

    fn gap(&self) -> Option<f64> {
        Some(in_units_of(100.0, self.target? as f64) - self.expected()?)
    }

    /// The gap, if it is positive.
    fn missing(&self) -> Option<f64> {
        self.gap().filter(|gap| *gap > 0.0)
    }

    fn new_customers_to_close(&self) -> Option<f64> {
        ratio_of(self.missing()?, self.new?.value_of_one)
    }

    fn uv_to_close(&self) -> Option<f64> {
        let uv = self.recent.uv.filter(|uv| *uv > 0)?;
        ratio_of(self.new_customers_to_close()? * uv as f64, self.recent.new_customers as f64)
    }

    fn returning_share(&self, more: f64) -> Option<f64> {
        let (existing, new) = self.to_come()?;
        ratio_of(existing + more, existing + new + more)
    }
}

/// The reason why there is no forecast, if there is none.
fn reason(existing: Option<ExistingCustomers>, new: Option<NewCustomers>) -> Option<String> {
    match (existing, new) {
        (None, _) => Some("no model of the shop's customers, or of what they spend, can be used: forecast_models says why".to_owned()),
        (_, None) => Some(format!("fewer than {LEAST_MONTHS} whole months of new customers are known")),
        _ => None,
    }
}

/// The rows of a shop.
fn rows(
    customers: &ScoredCustomers,
    forecasts: &Forecasts,
    forecast: &ShopForecast,
    (activity, outcomes): (&ActivityFold, &OutcomeFold),
    facts: &Facts,
    (spans, season): (&[Span], &Season),
) -> Vec<Row> {
    let ScoredCustomers { context, columns, .. } = customers;
    let shop = forecast.shop;
    let existing = existing_customers::expected(forecast, columns, &forecasts.cells, spans, season);
    let known_from = context.first_days.get(shop as usize).copied().filter(|day| *day != NO_DAY).unwrap_or(context.as_of);
    let newly = new_customers::expected(forecast, columns, context.as_of, known_from, spans, season);
    let plans = of_shop(facts.plans.as_deref().unwrap_or_default(), shop, |plan: &MonthPlan| plan.shop);
    let recent = recent(context, activity, facts, shop);
    let row = |(place, span): (usize, &Span)| {
        let first = Grain::Month.start(span.month);
        let paid: i64 = activity.days(shop, first, context.as_of).iter().map(|day| day.paid_amount).sum();
        let plan = plans.iter().find(|plan| plan.month == span.month);
        let existing = existing.as_ref().and_then(|spans| spans.get(place).copied());
        let new = newly.as_ref().and_then(|(spans, _)| spans.get(place).copied());
        Row {
            shop,
            span: *span,
            season: season.factor(shop, place),
            sales_to_date: paid - outcomes.between(shop, first, context.as_of).refunded,
            known_customers: forecast.rows.len() as i64,
            existing,
            new,
            has_season: newly.as_ref().map(|(_, has_season)| *has_season),
            target: plan.and_then(|plan| plan.sales_target),
            recent,
            reason: reason(existing, new),
        }
    };
    spans.iter().enumerate().map(row).collect()
}

fn recent(context: &Context, activity: &ActivityFold, facts: &Facts, shop: u32) -> Recent {
    let first = context.as_of - RECENT_DAYS + 1;
    let days = activity.days(shop, first, context.as_of);
    let traffic = facts.traffic.iter().flat_map(|traffic| traffic.of_shop(shop));
    let mut recent = Recent::default();
    for traffic in traffic {
        let day = usize::try_from(traffic.day - first).ok().and_then(|place| days.get(place));
        if let (Some(day), Some(uv)) = (day, traffic.uv) {
            recent.new_customers += day.new_customers;
            recent.uv = Some(recent.uv.unwrap_or(0) + uv);
        }
    }
    recent
}
