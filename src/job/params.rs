//! The parameters of a job: the numbers that definitions depend on.

use super::cool_down::CoolDown;
use super::forecast::{ForecastParams, ModelChoice};
use super::inputs::choice;
use super::keys::{RFM_FIXED, SUGGESTED, Shape};
use super::member_level::{self, MemberLevel};
use super::price_ending::{self, PriceEnding};
use super::section::{Section, joined};
use super::totals::{GroupIds, Total};
use super::tree::Node;
use super::values;
use crate::spec::{Grain, WeekStart};

/// The numbers that definitions depend on.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// The cohorts of `cohort_retention` and `cohort_value`; the tables about repurchases have the same dimensions.
    pub cohort: Cohort,
    /// Days after the first day of data in which new customers may be old ones.
    pub history_warmup: i32,
    /// The limits between the stages of a customer's life.
    pub lifecycle: Lifecycle,
    /// The day on which weeks begin, in every table that has weeks.
    pub week_starts: WeekStart,
    /// How far back `segment_migration` looks.
    pub migration_period: Grain,
    /// How recency, frequency and money are scored.
    pub rfm: Rfm,
    /// The forecast of customers' purchases.
    pub forecast: ForecastParams,
    /// The last purchase day whose interval to the next has rows of its own.
    pub max_nth: u32,
    /// Hours from paid to shipped that a shop promises, above which `payment_funnel` counts a shipment as late.
    pub promise_hours: i32,
    /// Days up to the as-of date, this one included, whose orders `order_timing` counts.
    pub timing_days: i32,
    /// Days up to the as-of date, this one included, of which `alerts` has rows.
    pub alert_days: i32,
    /// The smallest number of customers of an item whose rates say something.
    pub min_customers: u32,
    /// The amounts at which a shop sets its prices and thresholds.
    pub price_ending: PriceEnding,
    /// The share of an input's rows that may be rejected before the run stops.
    pub max_reject_share: f64,
    /// The smallest number of shops that can represent their industry.
    pub min_peers: u32,
    /// The orders that have both items of a pair in `item_pairs`, at least.
    pub min_pair_orders: u32,
    /// The pairs of a shop in `item_pairs`, at most.
    pub max_pairs: u32,
    /// The lines of a shop in `brief`, at most.
    pub brief_size: u32,
    /// How the effect of campaigns is measured.
    pub campaign: Campaign,
    /// What the cool-down of lists counts.
    pub cool_down: CoolDown,
    /// The levels of a shop's members, ascending.
    pub member_levels: Vec<MemberLevel>,
    /// The limits between bands of net revenue, ascending and in minor units; the usual steps if there is none.
    pub amount_bands: Vec<i64>,
    /// The shops that are taken together in `total_daily` and `total_periods`, ascending.
    pub totals: Vec<Total>,
    /// What a customer's id means in the shops of a group.
    pub group_ids: GroupIds,
}

impl Params {
    /// The grains of tables with a `grain` key column, in the order of the rows.
    pub fn periods(&self) -> [Grain; 4] {
        Grain::periods(self.week_starts)
    }
}

impl Default for Params {
    /// What a job has that names no parameters.
    fn default() -> Self {
        Params {
            cohort: Cohort { grains: vec![Grain::Month], dimensions: Vec::new() },
            history_warmup: 90,
            lifecycle: Lifecycle { active_days: 30, quiet_days: 90, dormant_days: 180, is_suggested: false, thresholds: Vec::new() },
            week_starts: WeekStart::Monday,
            migration_period: Grain::Month,
            rfm: Rfm { method: RfmMethod::Quantile(RecencyScore::Stages), monetary_value: MonetaryValue::NetRevenue },
            forecast: ForecastParams { model: ModelChoice::Auto, horizon_days: 90, months: 3 },
            max_nth: 10,
            promise_hours: 48,
            timing_days: 90,
            alert_days: 30,
            min_customers: 20,
            price_ending: PriceEnding::default(),
            max_reject_share: 0.001,
            min_peers: 5,
            min_pair_orders: 5,
            max_pairs: 1_000,
            brief_size: 8,
            campaign: Campaign { window_days: 14 },
            cool_down: CoolDown::Auto,
            member_levels: Vec::new(),
            amount_bands: Vec::new(),
            totals: Vec::new(),
            group_ids: GroupIds::Separate,
        }
    }
}

/// How the effect of campaigns is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Days from the sending of a message on in which purchases count.
    pub window_days: i32,
}

/// The cohorts of `cohort_retention` and `cohort_value`; the tables about repurchases have the same dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// The lengths of their periods, ascending; at least one.
    pub grains: Vec<Grain>,
    /// What cohorts and repurchases are split by, beside all customers together; in alphabetical order.
    pub dimensions: Vec<String>,
}

/// Days since the last purchase: `active_days < quiet_days < dormant_days`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    /// A customer is active (or new, or reactivated) up to this many.
    pub active_days: i32,
    /// Quiet up to this many.
    pub quiet_days: i32,
    /// Dormant up to this many, churned after that.
    pub dormant_days: i32,
    /// Whether each shop uses the limits that its own intervals suggest; the limits above then apply only to shops without suggestions.
    pub is_suggested: bool,
    /// Candidates that `lifecycle_thresholds` tries beside its own, ascending.
    pub thresholds: Vec<i32>,
}

/// How recency, frequency and money are scored from 1 to 5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rfm {
    /// By rank or by limits.
    pub method: RfmMethod,
    /// The money that is scored.
    pub monetary_value: MonetaryValue,
}

/// How scores are assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RfmMethod {
    /// By the customer's rank among all of the shop; recency by that or by the limits of the stages.
    Quantile(RecencyScore),
    /// By limits, four and ascending.
    Fixed {
        /// Days since the last purchase: score 5 below the first, 4 from it on, 1 from the last on.
        recency_days: [i32; 4],
        /// Purchase days: score 1 below the first, 2 from it on, 5 from the last on.
        frequency: [i64; 4],
        /// Minor units: score 1 below the first, 2 from it on, 5 from the last on.
        monetary: [i64; 4],
    },
}

/// What scores recency where frequency and money are scored by rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecencyScore {
    /// The limits between the stages of a customer's life, in force in the shop.
    Stages,
    /// The customer's rank among all of the shop.
    Quantile,
}

impl RecencyScore {
    /// The name in job files.
    pub fn name(self) -> &'static str {
        match self {
            RecencyScore::Stages => "stages",
            RecencyScore::Quantile => "quantile",
        }
    }
}

/// The money that RFM scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonetaryValue {
    /// All net revenue of the customer.
    NetRevenue,
    /// Net revenue for each purchase day.
    PerPurchaseDay,
}

impl MonetaryValue {
    /// The name in job files.
    pub fn name(self) -> &'static str {
        match self {
            MonetaryValue::NetRevenue => "net_revenue",
            MonetaryValue::PerPurchaseDay => "per_purchase_day",
        }
    }
}

/// Reads `params`. Reads all parts, so that the problems of each one are noted.
pub(super) fn read(params: &Section<'_>) -> Option<Params> {
    let week_starts = params.value("week_starts", week_start);
    // Where it is wrong, weeks are still weeks to the problems of other keys.
    let grain = |shape: &Shape, node: &Node| grain(shape, node, week_starts.unwrap_or_default());
    let cohort = params.section("cohort").and_then(|section| cohort(&section, grain));
    let history_warmup = params.value("history_warmup", integer);
    let lifecycle = lifecycle(params);
    let migration_period = params.value("migration_period", grain);
    let rfm = params.section("rfm").and_then(|section| rfm(&section));
    let forecast = params.section("forecast").and_then(|section| forecast(&section));
    let max_nth = params.value("max_nth", integer);
    let promise_hours = params.value("promise_hours", integer);
    let timing_days = params.value("timing_days", integer);
    let alert_days = params.value("alert_days", integer);
    let min_customers = params.value("min_customers", integer);
    let price_ending = price_ending::read(params);
    let max_reject_share = params.value("max_reject_share", number);
    let min_peers = params.value("min_peers", integer);
    let min_pair_orders = params.value("min_pair_orders", integer);
    let max_pairs = params.value("max_pairs", integer);
    let brief_size = params.value("brief_size", integer);
    let window_days = params.section("campaign").and_then(|section| section.value("window_days", integer));
    let cool_down = params
        .value("cool_down", |shape, node| choice(shape, node).and_then(|name| CoolDown::parse(name).ok_or_else(|| values::found(node))));
    let member_levels = member_level::read(params);
    let amount_bands = params.list("amount_bands", |_, node| values::amount(node).and_then(|amount| values::not_negative(node, amount)));
    let totals =
        params.list("totals", |shape, node| choice(shape, node).and_then(|name| Total::parse(name).ok_or_else(|| values::found(node))));
    let totals = totals.map(|mut totals| {
        totals.sort_unstable();
        totals
    });
    let group_ids = params
        .value("group_ids", |shape, node| choice(shape, node).and_then(|name| GroupIds::parse(name).ok_or_else(|| values::found(node))));
    Some(Params {
        cohort: cohort?,
        history_warmup: history_warmup?,
        lifecycle: lifecycle?,
        week_starts: week_starts?,
        migration_period: migration_period?,
        rfm: rfm?,
        forecast: forecast?,
        max_nth: max_nth?,
        promise_hours: promise_hours?,
        timing_days: timing_days?,
        alert_days: alert_days?,
        min_customers: min_customers?,
        price_ending: price_ending?,
        max_reject_share: max_reject_share?,
        min_peers: min_peers?,
        min_pair_orders: min_pair_orders?,
        max_pairs: max_pairs?,
        brief_size: brief_size?,
        campaign: Campaign { window_days: window_days? },
        cool_down: cool_down?,
        member_levels: member_levels?,
        amount_bands: amount_bands?,
        totals: totals?,
        group_ids: group_ids?,
    })
}

/// A whole number, converted to the type of its field.
pub(super) fn integer<T: TryFrom<i64>>(shape: &Shape, node: &Node) -> Result<T, String> {
    let (Shape::Integer { from, to } | Shape::Integers { from, to, .. }) = *shape else { return Err(values::found(node)) };
    values::integer(node, from, to)?.try_into().map_err(|_| values::found(node))
}

fn number(shape: &Shape, node: &Node) -> Result<f64, String> {
    let Shape::Number { from, to } = *shape else { return Err(values::found(node)) };
    values::number(node, from, to)
}

fn week_start(shape: &Shape, node: &Node) -> Result<WeekStart, String> {
    choice(shape, node).and_then(|name| WeekStart::parse(name).ok_or_else(|| values::found(node)))
}

fn grain(shape: &Shape, node: &Node, week_starts: WeekStart) -> Result<Grain, String> {
    choice(shape, node).and_then(|name| Grain::parse(name, week_starts).ok_or_else(|| values::found(node)))
}

fn cohort(section: &Section<'_>, grain: impl Fn(&Shape, &Node) -> Result<Grain, String>) -> Option<Cohort> {
    let known = &section.check.catalogue.dimensions;
    let grains = section.list("grain", grain);
    let dimensions = section.list("dimensions", |_, node| values::text(node).and_then(|name| values::known(node, name, known)));
    let (mut grains, mut dimensions) = (grains?, dimensions?);
    grains.sort_unstable();
    dimensions.sort_unstable();
    Some(Cohort { grains, dimensions })
}

/// The limits of the stages: numbers, or the word `suggested`.
fn lifecycle(params: &Section<'_>) -> Option<Lifecycle> {
    let is_suggested = params.entry("lifecycle").and_then(|entry| entry.node.text()) == Some(SUGGESTED);
    let section = if is_suggested { params.with_defaults("lifecycle") } else { params.section("lifecycle") }?;
    limits(&section, is_suggested)
}

fn limits(section: &Section<'_>, is_suggested: bool) -> Option<Lifecycle> {
    let names = ["active_days", "quiet_days", "dormant_days"];
    let limits: [Option<i32>; 3] = names.map(|name| section.value(name, integer));
    let thresholds = section.list("thresholds", integer);
    for pair in [0, 1] {
        if let (Some(low), Some(high)) = (limits[pair], limits[pair + 1])
            && low >= high
        {
            let origin = |name: &str| if section.entry(name).is_some() { "" } else { ", the default" };
            let (low_name, high_name) = (names[pair], names[pair + 1]);
            let place = section.place_of(if section.entry(high_name).is_some() { high_name } else { low_name });
            section.check.note(
                place,
                format!(
                    "`{}` ({low}{}) must be less than `{}` ({high}{})",
                    joined(&section.path, low_name),
                    origin(low_name),
                    joined(&section.path, high_name),
                    origin(high_name)
                ),
                "customers go from active to quiet to dormant as the days pass",
            );
        }
    }
    let [active_days, quiet_days, dormant_days] = limits;
    let mut thresholds = thresholds?;
    thresholds.sort_unstable();
    Some(Lifecycle { active_days: active_days?, quiet_days: quiet_days?, dormant_days: dormant_days?, is_suggested, thresholds })
}

fn rfm(section: &Section<'_>) -> Option<Rfm> {
    let method = section.value("method", choice);
    let recency = section.value("recency", choice).map(|name| match name {
        "quantile" => RecencyScore::Quantile,
        _ => RecencyScore::Stages,
    });
    let recency_days = section.list("recency_days", integer);
    let frequency = section.list("frequency", integer);
    let monetary = section.list("monetary", |_, node| values::amount(node));
    let monetary_value = section.value("monetary_value", choice).map(|name| match name {
        "per_purchase_day" => MonetaryValue::PerPurchaseDay,
        _ => MonetaryValue::NetRevenue,
    });
    let method = if method? == "fixed" {
        for name in RFM_FIXED {
            section.needed_by(name, "method", "`method: fixed`");
        }
        section.only_with("recency", "`method: quantile`");
        RfmMethod::Fixed {
            recency_days: recency_days?.try_into().ok()?,
            frequency: frequency?.try_into().ok()?,
            monetary: monetary?.try_into().ok()?,
        }
    } else {
        for name in RFM_FIXED {
            section.only_with(name, "`method: fixed`");
        }
        RfmMethod::Quantile(recency?)
    };
    Some(Rfm { method, monetary_value: monetary_value? })
}

fn forecast(section: &Section<'_>) -> Option<ForecastParams> {
    let parse = |name: &str, node: &Node| ModelChoice::parse(name).ok_or_else(|| values::found(node));
    let model = section.value("model", |shape, node| choice(shape, node).and_then(|name| parse(name, node)));
    let horizon_days = section.value("horizon_days", integer);
    let months = section.value("months", integer);
    Some(ForecastParams { model: model?, horizon_days: horizon_days?, months: months? })
}
