//! Campaigns of the shops: promotions of the platform, which all customers see, and messages to existing customers with a control arm.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, StringArray};

use super::audience::{Effect, Member, members};
use super::calendar::DAY;
use super::columns::{Money, Times};
use super::ids::{self, IdColumn};
use super::shop::Shop;
use super::small::write_file;
use super::summary::InputSummary;
use super::world::World;
use crate::error::Result;
use crate::spec::Day;
use crate::spec::period::{Grain, civil, day_of};

/// A recurring kind of campaign.
struct CampaignKind {
    name: &'static str,
    /// The months in which it takes place, January being 1.
    months: &'static [i32],
    /// The first and the last day of the month.
    days: (i32, i32),
    /// The hour of the first day at which messages are sent; `None` for a campaign without messages.
    hour: Option<u32>,
    /// The effect of the messages.
    effect: Effect,
    /// The cost beside the messages, as a share of a thousand yuan.
    cost: f64,
}

/// Double 11 has no control arm, and Double 12 no messages. The recall has an effect, members' day has none.
const KINDS: [CampaignKind; 5] = [
    CampaignKind { name: "618大促", months: &[6], days: (16, 20), hour: Some(10), effect: Effect { lift: 1.3, control: 0.2 }, cost: 8.0 },
    CampaignKind {
        name: "双11大促", months: &[11], days: (9, 12), hour: Some(20), effect: Effect { lift: 1.3, control: 0.0 }, cost: 20.0
    },
    CampaignKind { name: "双12大促", months: &[12], days: (10, 12), hour: None, effect: Effect { lift: 1.0, control: 0.0 }, cost: 6.0 },
    CampaignKind {
        name: "老客召回",
        months: &[1, 3, 5, 7, 9, 11],
        days: (15, 21),
        hour: Some(10),
        effect: Effect { lift: 1.8, control: 0.3 },
        cost: 0.5,
    },
    CampaignKind {
        name: "会员日",
        months: &[2, 4, 8, 10],
        days: (8, 8),
        hour: Some(9),
        effect: Effect { lift: 1.0, control: 0.5 },
        cost: 0.2,
    },
];

/// The cost of a message, in fen.
const MESSAGE: i64 = 5;

/// A campaign.
pub struct Campaign<'a> {
    id: i64,
    shop: &'a Shop,
    name: &'static str,
    starts: Day,
    ends: Day,
    cost: i64,
    members: Vec<Member>,
}

/// All campaigns that begin within the data, by shop and day.
pub fn campaigns(world: &World) -> Vec<Campaign<'_>> {
    world.shops.iter().flat_map(|shop| of_shop(world, shop)).collect()
}

fn of_shop<'a>(world: &'a World, shop: &'a Shop) -> Vec<Campaign<'a>> {
    let calendar = &world.calendar;
    let last = calendar.first + calendar.days as i32 - 1;
    let opened = calendar.first + shop.opened.max(0);
    let mut campaigns = Vec::new();
    for month in Grain::Month.index(opened)..=Grain::Month.index(last) {
        let (year, month_of_year, _) = civil(Grain::Month.start(month));
        for (number, kind) in KINDS.iter().enumerate().filter(|(_, kind)| kind.months.contains(&month_of_year)) {
            let day = |day_of_month: i32| day_of(year, month_of_year, day_of_month);
            let (Some(starts), Some(ends)) = (day(kind.days.0), day(kind.days.1)) else { continue };
            if starts < opened || starts > last {
                continue;
            }
            let index = ((shop.index as u64) << 32) | (u64::from(month.unsigned_abs()) << 8) | number as u64;
            let mut draws = world.streams.campaigns.at(index);
            let extra = kind.cost * draws.between(0.7, 1.3) * 1_000.0;
            let sent = kind.hour.map(|hour| (starts - calendar.first) as u32 * DAY + hour * 3_600);
            let members = sent.map_or_else(Vec::new, |sent| members(world, shop, sent, kind.effect, &mut draws));
            let messages = members.iter().filter(|member| member.is_treated).count() as i64;
            campaigns.push(Campaign {
                id: campaign_id(shop, month, number),
                shop,
                name: kind.name,
                starts,
                ends,
                cost: extra as i64 * 100 + messages * MESSAGE,
                members,
            });
        }
    }
    campaigns
}

/// Ids as from a marketing tool: meaningless, and unique over all shops.
fn campaign_id(shop: &Shop, month: i32, number: usize) -> i64 {
    70_000_000 + (shop.index as i64 * 4_000 + i64::from(month)) * 8 + number as i64
}

/// Writes `campaigns.parquet`.
pub fn write_campaigns(world: &World, dir: &Path, campaigns: &[Campaign<'_>]) -> Result<InputSummary> {
    let (mut ids, mut shop_ids, mut costs) = (IdColumn::new(world), IdColumn::new(world), Money::default());
    for campaign in campaigns {
        ids.push(Some(campaign.id));
        shop_ids.push(Some(ids::shop(campaign.shop)));
        costs.push(Some(campaign.cost));
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("campaign_id", ids.finish()),
        ("shop_id", shop_ids.finish()),
        ("name", Arc::new(campaigns.iter().map(|campaign| Some(campaign.name)).collect::<StringArray>())),
        ("starts_on", Arc::new(campaigns.iter().map(|campaign| Some(campaign.starts)).collect::<Date32Array>())),
        ("ends_on", Arc::new(campaigns.iter().map(|campaign| Some(campaign.ends)).collect::<Date32Array>())),
        ("cost", costs.finish()),
    ];
    write_file(dir, "campaigns", columns)
}

/// Writes `audiences.parquet`.
pub fn write_audiences(world: &World, dir: &Path, campaigns: &[Campaign<'_>]) -> Result<InputSummary> {
    let (mut ids, mut customers, mut times) = (IdColumn::new(world), IdColumn::new(world), Times::default());
    let mut arms = Vec::new();
    for (campaign, member) in campaigns.iter().flat_map(|campaign| campaign.members.iter().map(move |member| (campaign, member))) {
        ids.push(Some(campaign.id));
        customers.push_person(Some(member.person));
        arms.push(Some(if member.is_treated { "treated" } else { "control" }));
        times.push(world, member.sent);
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("campaign_id", ids.finish()),
        ("customer_id", customers.finish()),
        ("arm", Arc::new(StringArray::from(arms))),
        ("sent_at", times.finish()),
    ];
    write_file(dir, "audiences", columns)
}
