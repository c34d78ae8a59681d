//! campaign_pooled: the effect of a repeated campaign, over all its repeats.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::arms::{CAMPAIGN_ARMS, CampaignArms, Effect, seed, seed_of_text};
use super::columns::effect_columns;
use super::pooled_notes::{FEW, NO_CONTROL, RUNNING, UNSETTLED};
use crate::input::records::facts::{Campaign, Facts};
use crate::metric::conversion_difference::pooled_difference;
use crate::metric::ratio::{money_per, ratio};
use crate::metric::revenue_difference::{Arms, revenue_difference};
use crate::spec::Need;
use crate::statistics::fisher;
use crate::table::column::Value::{Count, Money, Number, Share, Shop, Text};
use crate::table::column::column;
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

/// The campaigns of one name, in one shop or in all of them.
pub struct Row {
    name: String,
    /// `None` for all shops.
    shop: Option<u32>,
    campaigns: i64,
    running: i64,
    without_arm: i64,
    /// Members and buyers of the campaigns that count.
    counts: fisher::Table,
    treated_revenue: i64,
    control_revenue: i64,
    effect: Effect,
}

impl Row {
    fn note(&self) -> Option<&'static str> {
        match (self.effect.conversion, self.effect.revenue) {
            (None, _) | (_, None) if self.running > 0 => Some(RUNNING),
            (None, _) | (_, None) => Some(NO_CONTROL),
            (Some(conversion), Some(revenue)) if conversion.interval.is_none() || revenue.interval.is_none() => Some(FEW),
            (_, Some(revenue)) => (!revenue.is_settled()).then_some(UNSETTLED),
        }
    }
}

impl AsRef<Effect> for Row {
    fn as_ref(&self) -> &Effect {
        &self.effect
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "campaign_pooled",
    chinese: "活动效果汇总",
    question: "Over all repeats of a campaign, do those it is sent to buy more than those it is held back from?",
    grain: "one name of campaigns with an audience in one shop, or in all shops where several have campaigns of that name",
    key: &["campaign_name", "scope", "shop_id"],
    needs: &[
        Need { input: "orders", column: "customer_id" },
        Need { input: "campaigns", column: "name" },
        Need { input: "audiences", column: "" },
    ],
    uses: &[],
    reads: &[Read::Shared(&CAMPAIGN_ARMS)],
    columns: &[
        &[
            column(
                "campaign_name",
                Text(|row| Some(&row.name)),
                "",
                "活动名称",
                "What the shops call it. Campaigns without a name are in no row.",
            ),
            column(
                "scope",
                Text(|row| Some(if row.shop.is_some() { "shop" } else { "all" })),
                "",
                "范围",
                "shop: the campaigns of one shop; all: those of all shops.",
            ),
            column("shop_id", Shop(|row: &Row| row.shop.unwrap_or(u32::MAX)), "", "店铺", "The shop.").null_when("scope is all"),
            column(
                "campaigns",
                Count(|row| Some(row.campaigns)),
                "campaigns",
                "计入活动数",
                "Campaigns that count: both arms have members, and no window still runs. All figures of the row are over these.",
            ),
            column(
                "campaigns_running",
                Count(|row| Some(row.running)),
                "campaigns",
                "观察期未满活动数",
                "Campaigns left out because a window still runs.",
            ),
            column(
                "campaigns_without_arm",
                Count(|row| Some(row.without_arm)),
                "campaigns",
                "无对照活动数",
                "Campaigns left out because one of the arms has no members.",
            ),
            column(
                "treated_members",
                Count(|row| Some(row.counts.treated)),
                "customers",
                "发送人数",
                "Members of the treated arms; who is in several campaigns is in it several times.",
            ),
            column(
                "treated_buyers",
                Count(|row| Some(row.counts.treated_buyers)),
                "customers",
                "发送组购买人数",
                "Of them, those with a purchase in their window.",
            ),
            column(
                "control_members",
                Count(|row| Some(row.counts.control)),
                "customers",
                "对照人数",
                "Members of the control arms, counted likewise.",
            ),
            column(
                "control_buyers",
                Count(|row| Some(row.counts.control_buyers)),
                "customers",
                "对照组购买人数",
                "Of them, those with a purchase in their window.",
            ),
            column(
                "treated_net_revenue",
                Money(|row| Some(row.treated_revenue)),
                "CNY",
                "发送组净支付金额",
                "What the purchases of the treated brought, refunds by the as-of date deducted.",
            ),
            column(
                "control_net_revenue",
                Money(|row| Some(row.control_revenue)),
                "CNY",
                "对照组净支付金额",
                "The same of the control arms.",
            ),
            column(
                "treated_conversion",
                Share(|row: &Row| ratio(row.counts.treated_buyers, row.counts.treated)),
                "1",
                "发送组转化率",
                "The share of the treated who bought. Not to be compared with control_conversion: campaigns with a high \
                 conversion may have had a small control arm; conversion_difference compares within campaigns.",
            )
            .formula("treated_buyers / treated_members")
            .null_when("no campaign counts"),
            column(
                "control_conversion",
                Share(|row: &Row| ratio(row.counts.control_buyers, row.counts.control)),
                "1",
                "对照组转化率",
                "The share of the control arms that bought.",
            )
            .formula("control_buyers / control_members")
            .null_when("no campaign counts"),
            column(
                "treated_revenue_per_member",
                Number(|row: &Row| money_per(row.treated_revenue, row.counts.treated)),
                "CNY per member",
                "发送组人均成交",
                "Net revenue for each of the treated.",
            )
            .formula("treated_net_revenue / treated_members")
            .null_when("no campaign counts"),
            column(
                "control_revenue_per_member",
                Number(|row: &Row| money_per(row.control_revenue, row.counts.control)),
                "CNY per member",
                "对照组人均成交",
                "Net revenue for each member of the control arms.",
            )
            .formula("control_net_revenue / control_members")
            .null_when("no campaign counts"),
        ],
        &effect_columns(),
        &[column("note", Text(|row: &Row| row.note()), "", "说明", "Why the row has no effect, no limits, or none that leave 0 out.")
            .null_when("it has")],
    ],
    rows: |night, out| out.all(rows(&night.shared(&CAMPAIGN_ARMS)?, &night.facts)),
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The campaigns of a row: those that count, and those left out.
#[derive(Default)]
struct PooledCampaigns {
    counts: Vec<fisher::Table>,
    spending: Vec<Arms>,
    /// The seed of the first of them, as long as there is no other.
    only: Option<u64>,
    running: i64,
    without_arm: i64,
}

impl PooledCampaigns {
    fn take(&mut self, campaign: &Campaign, arms: &CampaignArms) {
        if !arms.has_both() {
            self.without_arm += 1;
        } else if !arms.is_complete() {
            self.running += 1;
        } else {
            self.only = self.counts.is_empty().then(|| seed(campaign.id.id()));
            self.counts.push(arms.counts());
            self.spending.push(arms.spending());
        }
    }

    fn total(&self, of: fn(&fisher::Table) -> i64) -> i64 {
        self.counts.iter().map(of).sum()
    }

    fn revenue(&self, of: fn(&Arms) -> i64) -> i64 {
        self.spending.iter().map(of).sum()
    }

    fn row(&self, name: &str, shop: Option<u32>) -> Row {
        // A single campaign has the same numbers as in campaign_effect.
        let seed = self.only.unwrap_or(seed_of_text(name) ^ shop.map_or(0, |shop| u64::from(shop) + 1));
        Row {
            name: name.to_owned(),
            shop,
            campaigns: self.counts.len() as i64,
            running: self.running,
            without_arm: self.without_arm,
            counts: fisher::Table {
                treated: self.total(|table| table.treated),
                treated_buyers: self.total(|table| table.treated_buyers),
                control: self.total(|table| table.control),
                control_buyers: self.total(|table| table.control_buyers),
            },
            treated_revenue: self.revenue(|arms| arms.treated.total()),
            control_revenue: self.revenue(|arms| arms.control.total()),
            effect: Effect { conversion: pooled_difference(&self.counts), revenue: revenue_difference(&self.spending, seed) },
        }
    }
}

/// The rows. Campaigns come by id, so that sums of floats have a fixed order.
fn rows(arms: &[CampaignArms], facts: &Facts) -> Vec<Row> {
    let mut all: BTreeMap<(&str, Option<u32>), PooledCampaigns> = BTreeMap::new();
    for (campaign, arms) in facts.campaigns.iter().flatten().zip(arms) {
        let Some(name) = campaign.name.as_deref().filter(|_| arms.treated.members + arms.control.members > 0) else { continue };
        for scope in [Some(campaign.shop), None] {
            all.entry((name, scope)).or_default().take(campaign, arms);
        }
    }
    let is_of_several = |name: &str| all.range((name, Some(0))..).take_while(|((other, _), _)| *other == name).count() > 1;
    let kept: Vec<(&(&str, Option<u32>), &PooledCampaigns)> =
        all.iter().filter(|((name, shop), _)| shop.is_some() || is_of_several(name)).collect();
    kept.par_iter().map(|((name, shop), repeats)| repeats.row(name, *shop)).collect()
}
