//! stage_metrics: for the stage that a shop is in, the metrics that matter there, beside what they were and what peers have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::registry::{MonthOfShop, STAGE_METRICS, StageMetric, named};
use super::shop_months::{ShopMonths, category};
use super::store_stage_columns::STAGE_OF_MONTH;
use super::store_stages::{STORE_STAGES, StageMonth};
use crate::error::Result;
use crate::fold::activity::ACTIVITY;
use crate::fold::order_items::ORDER_ITEMS;
use crate::fold::returning::RETURNING;
use crate::input::records::facts::Campaign;
use crate::input::records::inquiries::ALL_AGENTS;
use crate::job::stage::Stage;
use crate::metric::peers::{Best, PeerRanks};
use crate::spec::{Grain, Need};
use crate::statistics::fisher::Table as Arms;
use crate::statistics::robust::median;
use crate::table::campaign::arms::{CAMPAIGN_ARMS, CampaignArms};
use crate::table::column::Value::{Count, Date, Number, Shop, Text, Unit};
use crate::table::column::{column, same};
use crate::table::night::{Night, Read};
use crate::table::service::conversion::{Row as Service, SERVICE_MONTHS};
use crate::table::unit::{Table, Witness};

const SOURCE: &str = "docs/definitions.md, Stages";
const NO_PEERS: &str =
    "the job has no shops input, or no category of the shop, or fewer shops of it have a value than the job's min_peers (5)";

/// Months back to the value that a value is compared with.
const BACK: usize = 3;

/// A metric of a shop in a month.
pub struct Row {
    shop: u32,
    month: i32,
    metric: &'static StageMetric,
    stage: Stage,
    value: Option<f64>,
    before: Option<f64>,
    peers: Peers,
    reason: Option<String>,
}

/// The values of the shops of a category in a month.
#[derive(Debug, Clone, Copy, Default)]
struct Peers {
    shops: Option<i64>,
    median: Option<f64>,
    rank: Option<i64>,
}

impl Row {
    /// How the value stands to another one.
    fn against(&self, other: Option<f64>) -> Option<&'static str> {
        let (value, other) = (self.value?, other?);
        let is_more_better = self.metric.best == Best::Most;
        Some(if value == other {
            "equal"
        } else if (value > other) == is_more_better {
            "better"
        } else {
            "worse"
        })
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "stage_metrics",
    chinese: "阶段指标表",
    question: "How do the metrics do that matter in the stage of each shop?",
    grain: "one shop, a whole month of it in which it has a stage, and a metric of the stage",
    key: &["shop_id", "month", "metric"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &["item_id"],
    reads: &[
        Read::Shared(&STORE_STAGES),
        Read::Fold(&ACTIVITY),
        Read::Fold(&RETURNING),
        Read::Fold(&ORDER_ITEMS),
        Read::IfRequested(&SERVICE_MONTHS),
        Read::IfRequested(&CAMPAIGN_ARMS),
    ],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
        column("month", Date(|row| Grain::Month.start(row.month)), "date", "月份", "The first day of the month."),
        column(
            "metric",
            Text(|row| Some(row.metric.name)),
            "",
            "指标",
            "The metric, by its name in the stage file. docs/reference/stages.md lists them with the table that has each.",
        ),
        column("metric_chinese", Text(|row: &Row| Some(row.metric.chinese)), "", "指标名称", "Its Chinese name."),
        same(STAGE_OF_MONTH, Text(|row: &Row| Some(row.stage.name()))).source(SOURCE),
        column("unit", Unit(|row: &Row| Some(row.metric.unit)), "", "单位", "The unit of the values of the row."),
        column(
            "better_when",
            Text(|row: &Row| Some(if row.metric.best == Best::Most { "more" } else { "less" })),
            "",
            "改善方向",
            "Whether more or less of the metric is better.",
        ),
        column("value", Number(|row: &Row| row.value), "see unit", "数值", "The metric in the month.").null_when("reason is not null"),
        column(
            "value_before",
            Number(|row: &Row| row.before),
            "see unit",
            "三个月前数值",
            "The metric three months before, whatever the stage was then.",
        )
        .null_when("that month is not a whole month of the shop's data, or has no figure of it"),
        column(
            "versus_before",
            Text(|row: &Row| row.against(row.before)),
            "",
            "较三个月前",
            "better, worse or equal: the value against that of three months before.",
        )
        .null_when("value or value_before is null"),
        column(
            "peers",
            Count(|row: &Row| row.peers.shops),
            "shops",
            "有值同行数",
            "Shops of the job in the same category that have a value in the month, this one included where it has one. They may be in other stages.",
        )
        .null_when("the job has no shops input, or no category of the shop"),
        column("peer_median", Number(|row: &Row| row.peers.median), "see unit", "同行中位数", "The median of their values.")
            .null_when(NO_PEERS),
        column(
            "peer_rank",
            Count(|row: &Row| row.peers.rank),
            "rank",
            "同行排名",
            "The place of the shop among them, 1 the best. Ties share the better place.",
        )
        .null_when("value is null, or peer_median is null"),
        column(
            "versus_peers",
            Text(|row: &Row| row.against(row.peers.median)),
            "",
            "较同行中位数",
            "better, worse or equal: the value against the median of peers.",
        )
        .null_when("value or peer_median is null"),
        column("reason", Text(|row: &Row| row.reason.as_deref()), "", "无数值原因", "Why there is no value.").null_when("there is one"),
    ]],
    rows: |night, out| out.all(rows(night)?),
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The values of all metrics that the stage file names, of a shop's months.
struct ShopValues {
    months: ShopMonths,
    /// By month, then by metric.
    values: Vec<Vec<Option<f64>>>,
}

fn rows(night: &Night) -> Result<Vec<Row>> {
    let (context, stages) = (night.context.as_ref(), night.shared(&STORE_STAGES)?);
    let Some(file) = &context.stages else { return Ok(Vec::new()) };
    let wanted: BTreeSet<&str> = file.metrics.iter().flatten().map(String::as_str).collect();
    // A stage file names metrics of the registry only.
    let metrics: Vec<&'static StageMetric> = wanted.into_iter().filter_map(named).collect();
    let shops = values(night, &metrics, &stages)?;
    let peers = peers(night, &metrics, &shops);
    let mut of_rows = stages.iter();
    let mut rows = Vec::new();
    for (shop, ShopValues { months, values }) in shops.iter().enumerate() {
        for place in months.places() {
            // The rows of the stages are these months, in this order.
            let Some(stage) = of_rows.next().and_then(|row| row.decision.stage) else { continue };
            let of_stage = file.metrics.get(stage as usize).map_or(&[][..], Vec::as_slice);
            for (number, metric) in metrics.iter().enumerate().filter(|(_, metric)| of_stage.iter().any(|name| name == metric.name)) {
                let at = |place: usize| values.get(place)?.get(number).copied().flatten();
                let value = at(place);
                rows.push(Row {
                    shop: months.shop,
                    month: months.month(place),
                    metric,
                    stage,
                    value,
                    before: place.checked_sub(BACK).and_then(at),
                    peers: peers.get(&(shop, place)).and_then(|peers| peers.get(number).copied()).unwrap_or_default(),
                    reason: if value.is_none() { Some(reason(night, metric)) } else { None },
                });
            }
        }
    }
    Ok(rows)
}

/// Why a metric has no value.
fn reason(night: &Night, metric: &StageMetric) -> String {
    let has = |input: &&&'static str| night.context.inputs.has(&Need { input, column: "" });
    if metric.inputs.iter().any(|input| has(&input)) {
        return format!("{} has no figure of the month from which it follows", metric.table);
    }
    let inputs: Vec<String> = metric.inputs.iter().map(|input| format!("`{input}`")).collect();
    format!("the job has no input {}", inputs.join(" or "))
}

/// The values of these metrics in all months of all shops. `stages` has the same shops and months.
fn values(night: &Night, metrics: &[&'static StageMetric], stages: &[StageMonth]) -> Result<Vec<ShopValues>> {
    let (context, facts) = (night.context.as_ref(), night.facts.as_ref());
    let (activity, returning, orders) = (night.fold(&ACTIVITY)?, night.fold(&RETURNING)?, night.fold(&ORDER_ITEMS)?);
    let service = night.if_requested(&SERVICE_MONTHS)?;
    let arms = night.if_requested(&CAMPAIGN_ARMS)?;
    let service = by_month(service.as_deref().map_or(&[][..], Vec::as_slice));
    let arms = arms_by_month(facts.campaigns.as_deref().unwrap_or_default(), arms.as_deref().map_or(&[][..], Vec::as_slice));
    let mut of_rows = stages.iter();
    let mut shops = Vec::new();
    for months in ShopMonths::all(context, &activity, facts) {
        let mut values = Vec::with_capacity(months.figures.len());
        for (place, figures) in months.figures.iter().enumerate() {
            let Some(StageMonth { figures: stage, .. }) = of_rows.next() else { continue };
            let key = (months.shop, months.month(place));
            let (service, agents) = service.get(&key).copied().unwrap_or_default();
            let month = MonthOfShop {
                figures,
                returning: returning.period(key.0, Grain::Month, key.1),
                orders: orders.month(key.0, key.1),
                service,
                agents,
                arms: arms.get(&key).copied(),
                stage,
                features: context.features,
            };
            values.push(metrics.iter().map(|metric| (metric.value)(&month)).collect());
        }
        shops.push(ShopValues { months, values });
    }
    Ok(shops)
}

/// By shop and month: what all agents were asked, where the month is complete, and how many agents were asked.
fn by_month(rows: &[Service]) -> BTreeMap<(u32, i32), (Option<&Service>, i64)> {
    let mut months: BTreeMap<(u32, i32), (Option<&Service>, i64)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.is_complete) {
        let (all, agents) = months.entry((row.shop, row.month)).or_default();
        if row.agent.as_ref() == ALL_AGENTS { *all = Some(row) } else { *agents += 1 }
    }
    months
}

/// By shop and month: the arms of the campaigns that began in it, where both have members and no window still runs.
fn arms_by_month(campaigns: &[Campaign], arms: &[CampaignArms]) -> BTreeMap<(u32, i32), Arms> {
    let mut months: BTreeMap<(u32, i32), Arms> = BTreeMap::new();
    for (campaign, own) in campaigns.iter().zip(arms).filter(|(_, own)| own.has_both() && own.is_complete()) {
        let (sum, more) = (months.entry((campaign.shop, Grain::Month.index(campaign.starts))).or_default(), own.counts());
        sum.treated += more.treated;
        sum.treated_buyers += more.treated_buyers;
        sum.control += more.control;
        sum.control_buyers += more.control_buyers;
    }
    months
}

/// By the place of a shop and that of its month: what the shops of its category have of each metric.
fn peers(night: &Night, metrics: &[&'static StageMetric], shops: &[ShopValues]) -> BTreeMap<(usize, usize), Vec<Peers>> {
    let least = night.context.params.min_peers as usize;
    let mut groups: BTreeMap<(&str, i32), Vec<(usize, usize)>> = BTreeMap::new();
    for (shop, ShopValues { months, .. }) in shops.iter().enumerate() {
        let Some(category) = category(&night.facts, months.shop) else { continue };
        months.places().for_each(|place| groups.entry((category, months.month(place))).or_default().push((shop, place)));
    }
    let mut all: BTreeMap<(usize, usize), Vec<Peers>> = BTreeMap::new();
    for members in groups.into_values() {
        for (number, metric) in metrics.iter().enumerate() {
            let value = |(shop, place): &(usize, usize)| shops.get(*shop)?.values.get(*place)?.get(number).copied().flatten();
            let values: Vec<Option<f64>> = members.iter().map(value).collect();
            let ranks = PeerRanks::of(&values, metric.best, least);
            let median = median(&mut values.iter().flatten().copied().collect::<Vec<f64>>()).filter(|_| ranks.mean.is_some());
            for (member, rank) in members.iter().zip(ranks.ranks) {
                all.entry(*member).or_default().push(Peers { shops: Some(ranks.with_value as i64), median, rank });
            }
        }
    }
    all
}

/// The names that stage files can use.
pub fn names() -> Vec<&'static str> {
    STAGE_METRICS.iter().map(|metric| metric.name).collect()
}
