//! campaign_pooled: what a campaign that is repeated does, over all its repeats.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use super::arms::CAMPAIGN_ARMS;
use super::arms::{CampaignArms, Effect, seed, seed_of_text};
use super::columns::*;
use crate::error::Result;
use crate::history::Context;
use crate::input::facts::{Campaign, Facts};
use crate::metric::conversion_difference::pooled_difference;
use crate::metric::ratio::{money_per, ratio};
use crate::metric::revenue_difference::{Arms, revenue_difference};
use crate::spec::{Card, Column, Kind, Need};
use crate::statistics::fisher::Table;
use crate::table::Frame;
use crate::table::night::Read;
use crate::table::unit::{FrameTable, Witness};

const fn count(name: &'static str, unit: &'static str, chinese: &'static str, definition: &'static str) -> Column {
    Column::new(name, Kind::Count, unit, chinese, definition)
}

/// What the table and its columns mean.
pub static CARD: Card = Card {
    name: Cow::Borrowed("campaign_pooled"),
    chinese: "活动效果汇总",
    question: Cow::Borrowed("Over all repeats of a campaign, do those it is sent to buy more than those it is held back from?"),
    grain: "one name of campaigns with an audience in one shop, or in all shops where several have campaigns of that name",
    key: &["campaign_name", "scope", "shop_id"],
    columns: Cow::Borrowed(&[
        Column::new("campaign_name", Kind::Text, "name", "活动名称", "What the shops call it. Campaigns without a name are in no row."),
        Column::new("scope", Kind::Text, "name", "范围", "shop: the campaigns of one shop; all: those of all shops."),
        Column::new("shop_id", Kind::ShopId, "id", "店铺", "The shop.").null_when("scope is all"),
        count(
            "campaigns",
            "campaigns",
            "计入活动数",
            "Campaigns that count: both arms have members, and no window still runs. All figures of the row are over these.",
        ),
        count("campaigns_running", "campaigns", "观察期未满活动数", "Campaigns left out because a window still runs."),
        count("campaigns_without_arm", "campaigns", "无对照活动数", "Campaigns left out because one of the arms has no members."),
        count("treated_members", "customers", "发送人数", "Members of the treated arms; who is in several campaigns is in it several times."),
        count("treated_buyers", "customers", "发送组购买人数", "Of them, those with a purchase in their window."),
        count("control_members", "customers", "对照人数", "Members of the control arms, counted likewise."),
        count("control_buyers", "customers", "对照组购买人数", "Of them, those with a purchase in their window."),
        Column::new("treated_net_revenue", Kind::Money, "CNY", "发送组净销售额", "What the purchases of the treated brought, refunds by the as-of date deducted."),
        Column::new("control_net_revenue", Kind::Money, "CNY", "对照组净销售额", "The same of the control arms."),
        Column::new(
            "treated_conversion",
            Kind::Share,
            "1",
            "发送组转化率",
            "The share of the treated who bought. Not to be compared with control_conversion: campaigns with a high conversion may have had a small control arm; conversion_difference compares within campaigns.",
        )
        .formula("treated_buyers / treated_members")
        .null_when("no campaign counts"),
        Column::new("control_conversion", Kind::Share, "1", "对照组转化率", "The share of the control arms that bought.")
            .formula("control_buyers / control_members")
            .null_when("no campaign counts"),
        Column::new("treated_revenue_per_member", Kind::Number, "CNY per member", "发送组人均成交", "Net revenue for each of the treated.")
            .formula("treated_net_revenue / treated_members")
            .null_when("no campaign counts"),
        Column::new("control_revenue_per_member", Kind::Number, "CNY per member", "对照组人均成交", "Net revenue for each member of the control arms.")
            .formula("control_net_revenue / control_members")
            .null_when("no campaign counts"),
        CONVERSION_DIFFERENCE,
        CONVERSION_LOW,
        CONVERSION_HIGH,
        CONVERSION_P_VALUE,
        CONVERSION_METHOD,
        REVENUE_DIFFERENCE,
        REVENUE_LOW,
        REVENUE_HIGH,
        REVENUE_P_VALUE,
        REVENUE_METHOD,
        Column::new("note", Kind::Text, "text", "说明", "Why the row has no effect, or no limits.").null_when("it has"),
    ]),
    needs: &[
        Need { input: "orders", column: "customer_id" },
        Need { input: "campaigns", column: "name" },
        Need { input: "audiences", column: "" },
    ],
    uses: &["refund_amount"],
};

/// The table.
pub static TABLE: FrameTable = FrameTable {
    card: &CARD,
    reads: &[Read::Shared(&CAMPAIGN_ARMS)],
    write: |night, sink| sink(&CARD, table(&night.context, &night.shared(&CAMPAIGN_ARMS)?, &night.facts)?),
    witness: Witness::Sql,
};

const NO_CONTROL: &str = "no campaign with two arms: the effect cannot be told from the season";
const RUNNING: &str = "windows of all campaigns with two arms still run";
const FEW: &str = "too few buyers in an arm over all campaigns for limits";

/// A row: the campaigns that count, and those left out.
#[derive(Default)]
struct Row {
    counts: Vec<Table>,
    spending: Vec<Arms>,
    /// The seed of the first of them, as long as there is no other.
    only: Option<u64>,
    running: i64,
    without_arm: i64,
}

impl Row {
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

    fn total(&self, of: fn(&Table) -> i64) -> i64 {
        self.counts.iter().map(of).sum()
    }

    fn revenue(&self, of: fn(&Arms) -> i64) -> i64 {
        self.spending.iter().map(of).sum()
    }

    fn note(&self, effect: &Effect) -> Option<&'static str> {
        match (effect.conversion, effect.revenue) {
            (None, _) | (_, None) if self.running > 0 => Some(RUNNING),
            (None, _) | (_, None) => Some(NO_CONTROL),
            (Some(conversion), Some(revenue)) => (conversion.interval.is_none() || revenue.interval.is_none()).then_some(FEW),
        }
    }
}

/// The table. Campaigns come by id, so that sums of floats have one order.
///
/// # Errors
/// [`crate::error::Error::Bug`] where columns and card disagree.
pub fn table(context: &Context, arms: &[CampaignArms], facts: &Facts) -> Result<RecordBatch> {
    let mut rows: BTreeMap<(&str, Option<u32>), Row> = BTreeMap::new();
    for (campaign, arms) in facts.campaigns.iter().flatten().zip(arms) {
        let Some(name) = campaign.name.as_deref().filter(|_| arms.treated.members + arms.control.members > 0) else { continue };
        for scope in [Some(campaign.shop), None] {
            rows.entry((name, scope)).or_default().take(campaign, arms);
        }
    }
    let is_of_several = |name: &str| rows.range((name, Some(0))..).take_while(|((other, _), _)| *other == name).count() > 1;
    let kept: Vec<(&(&str, Option<u32>), &Row)> = rows.iter().filter(|((name, shop), _)| shop.is_some() || is_of_several(name)).collect();
    let effect = |((name, shop), row): &(&(&str, Option<u32>), &Row)| {
        // One campaign alone has the numbers that campaign_effect has.
        let seed = row.only.unwrap_or(seed_of_text(name) ^ shop.map_or(0, |shop| u64::from(shop) + 1));
        Effect { conversion: pooled_difference(&row.counts), revenue: revenue_difference(&row.spending, seed) }
    };
    let effects: Vec<Effect> = kept.par_iter().map(effect).collect();
    let total = |of: fn(&Table) -> i64| kept.iter().map(move |(_, row)| row.total(of));
    let revenue = |of: fn(&Arms) -> i64| kept.iter().map(move |(_, row)| row.revenue(of));
    let share =
        |buyers: fn(&Table) -> i64, members: fn(&Table) -> i64| total(buyers).zip(total(members)).map(|(part, whole)| ratio(part, whole));
    let per_member =
        |money: fn(&Arms) -> i64, members: fn(&Table) -> i64| revenue(money).zip(total(members)).map(|(fen, whole)| money_per(fen, whole));
    let mut frame = Frame::new(&CARD, context);
    frame
        .text("campaign_name", kept.iter().map(|((name, _), _)| Some(*name)))
        .text("scope", kept.iter().map(|((_, shop), _)| Some(if shop.is_some() { "shop" } else { "all" })))
        .shops("shop_id", kept.iter().map(|((_, shop), _)| shop.unwrap_or(u32::MAX)))
        .counts("campaigns", kept.iter().map(|(_, row)| Some(row.counts.len() as i64)))
        .counts("campaigns_running", kept.iter().map(|(_, row)| Some(row.running)))
        .counts("campaigns_without_arm", kept.iter().map(|(_, row)| Some(row.without_arm)))
        .counts("treated_members", total(|table| table.treated).map(Some))
        .counts("treated_buyers", total(|table| table.treated_buyers).map(Some))
        .counts("control_members", total(|table| table.control).map(Some))
        .counts("control_buyers", total(|table| table.control_buyers).map(Some))
        .money("treated_net_revenue", revenue(|arms| arms.treated.total()).map(Some))
        .money("control_net_revenue", revenue(|arms| arms.control.total()).map(Some))
        .numbers("treated_conversion", share(|table| table.treated_buyers, |table| table.treated))
        .numbers("control_conversion", share(|table| table.control_buyers, |table| table.control))
        .numbers("treated_revenue_per_member", per_member(|arms| arms.treated.total(), |table| table.treated))
        .numbers("control_revenue_per_member", per_member(|arms| arms.control.total(), |table| table.control));
    push_effects(&mut frame, &effects);
    frame.text("note", kept.iter().zip(&effects).map(|((_, row), effect)| row.note(effect))).finish()
}
