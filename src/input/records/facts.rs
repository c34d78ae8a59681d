//! Facts: the rows of the small inputs once they are read, checked and settled, by shop code and day.

use std::sync::Arc;

use super::channel_days::ChannelTraffic;
use super::do_not_contact::DoNotContact;
use super::events::EventDay;
use super::item_traffic::ItemTraffic;
use super::keyword_days::KeywordTraffic;
use super::packed_rows::PackedRows;
use super::viewer_facts::ViewerFacts;
use crate::input::values::codes::OwnedId;
use crate::spec::{Day, Id, NO_DAY};

/// The whole-shop traffic of a day: a row of traffic, or page views counted; `None` where the column is not mapped or the cell is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrafficDay {
    /// Shop code.
    pub shop: u32,
    /// The day.
    pub day: Day,
    /// Page views.
    pub pv: Option<i64>,
    /// Distinct visitors of the shop.
    pub uv: Option<i64>,
    /// Views of item pages.
    pub ipv: Option<i64>,
    /// Distinct visitors of item pages.
    pub ipv_uv: Option<i64>,
    /// Visits.
    pub visits: Option<i64>,
    /// Visits of one page.
    pub bounces: Option<i64>,
    /// Seconds on the shop's pages.
    pub dwell_seconds: Option<i64>,
    /// Items added to favourites.
    pub favorites: Option<i64>,
    /// Items added to carts.
    pub cart_adds: Option<i64>,
    /// Whether it was counted from page views, and is no row of traffic.
    pub is_counted: bool,
}

impl TrafficDay {
    /// Whether nothing is known of the whole shop.
    pub fn is_unknown(&self) -> bool {
        *self == TrafficDay { shop: self.shop, day: self.day, is_counted: self.is_counted, ..TrafficDay::default() }
    }
}

/// Whole-shop traffic in few bytes a row, one row a (shop, day), sorted by them.
pub type TrafficDays = PackedRows<TrafficDay>;

/// Ratings of a shop on a day, by the rule that only the first three of each (customer, calendar month) count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScoreDay {
    /// Shop code.
    pub shop: u32,
    /// The day of the ratings.
    pub day: Day,
    /// Sums of description, service, delivery, logistics scores, in millionths.
    pub sums: [i64; 4],
    /// How many scores of each there are.
    pub counts: [i64; 4],
}

/// A shop's scores as the platform shows them on a day: description, service, delivery, logistics.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ScoreSnapshot {
    /// Shop code.
    pub shop: u32,
    /// The day of the snapshot.
    pub day: Day,
    /// The four scores, 1 to 5.
    pub scores: [Option<f64>; 4],
}

/// The source of a shop's dynamic scores; a job maps one of the two.
#[derive(Debug, Clone, PartialEq)]
pub enum Scores {
    /// Single ratings, by (shop, day).
    Events(Vec<ScoreDay>),
    /// Daily snapshots, by (shop, day).
    Snapshots(Vec<ScoreSnapshot>),
}

/// One refund application as it stood at the end of the as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refund {
    /// Shop code.
    pub shop: u32,
    /// Applied for, local time in microseconds.
    pub created: i64,
    /// Completed with success, local time in microseconds, or [`crate::spec::NO_TIME`]: no money went back.
    pub completed: i64,
    /// What went back, in minor units.
    pub amount: i64,
    /// Whether the platform intervened (小二介入); `None` where the column is not mapped or the cell is null.
    pub intervened: Option<bool>,
    /// Whether it is open on the as-of date: undecided, or decided and not paid out.
    pub is_open: bool,
    /// Code of the reason in [`crate::history::Context::refund_reasons`]; 0 where none is known, and where no wanted table reads reasons.
    pub reason: u16,
}

/// One shop of the shops input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// Shop code.
    pub shop: u32,
    /// What people call it.
    pub name: Option<String>,
    /// Main category (主营类目).
    pub category: Option<String>,
    /// The brand or agency that it belongs to with other shops.
    pub group: Option<String>,
    /// Entered the platform, or [`crate::spec::NO_DAY`].
    pub opened: Day,
    /// The sales target of an assessed year, in minor units.
    pub annual_target: Option<i64>,
}

/// Complaints (投诉) about a shop on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Complaints {
    /// Shop code.
    pub shop: u32,
    /// The day.
    pub day: Day,
    /// How many.
    pub count: i64,
}

/// A shop's basic service score (基础服务考核分) on the last day of a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServiceScore {
    /// Shop code.
    pub shop: u32,
    /// The number of the month, as [`crate::spec::Grain::Month`] counts them.
    pub month: i32,
    /// The score, in the platform's points.
    pub score: f64,
}

/// What a shop had on sale in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing {
    /// Shop code.
    pub shop: u32,
    /// The number of the month, as [`crate::spec::Grain::Month`] counts them.
    pub month: i32,
    /// Items live in the month; `None` where the column is not mapped or the cell is null.
    pub live: Option<i64>,
    /// Items that were new in the month; `None` as before.
    pub new: Option<i64>,
}

/// How grave a violation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ViolationKind {
    /// 一般违规.
    General,
    /// 严重违规.
    Serious,
    /// 红线: the shop is closed at once.
    RedLine,
}

/// A violation of the platform's rules (违规扣分).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Violation {
    /// Shop code.
    pub shop: u32,
    /// The day on which it occurred.
    pub day: Day,
    /// How grave it is.
    pub kind: ViolationKind,
    /// The points that it costs, not negative.
    pub points: f64,
}

/// The platform's figures for a whole category in a period, by one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Benchmark {
    /// The category.
    pub category: String,
    /// The first day of the period.
    pub start: Day,
    /// The metric.
    pub metric: String,
    /// The mean over the industry.
    pub mean: Option<f64>,
    /// The limit of the worst tenth.
    pub p10: Option<f64>,
    /// The limit of the worst fifth.
    pub p20: Option<f64>,
}

/// A figure of a shop that only the platform has.
#[derive(Debug, Clone, PartialEq)]
pub struct ShopMetric {
    /// Shop code.
    pub shop: u32,
    /// The first day of the period.
    pub start: Day,
    /// The metric.
    pub metric: String,
    /// Its value.
    pub value: f64,
}

/// The last list that counts as having reached a customer: one that was sent, or one of an earlier snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Shop code.
    pub shop: u32,
    /// The customer.
    pub customer: OwnedId,
    /// The day of sending, or the as-of date of the snapshot.
    pub day: Day,
    /// The first day of the cool-down: that of sending, or the day after the snapshot's, on which its list can be sent.
    pub cools_from: Day,
    /// The table of the list, or the name of the campaign that was none.
    pub list: Arc<str>,
}

/// The plan of a shop for a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthPlan {
    /// Shop code.
    pub shop: u32,
    /// The number of the month, as [`crate::spec::Grain::Month`] counts them.
    pub month: i32,
    /// The sales target, in minor units; `None` where the column is not mapped or the cell is null.
    pub sales_target: Option<i64>,
    /// The advertising budget, in minor units; `None` as before.
    pub ad_budget: Option<i64>,
    /// New items to put on sale; `None` as before.
    pub new_items: Option<i64>,
}

/// What a shop means to spend on a channel in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdPlan {
    /// Shop code.
    pub shop: u32,
    /// The number of the month, as [`crate::spec::Grain::Month`] counts them.
    pub month: i32,
    /// The channel, as traffic calls it.
    pub channel: String,
    /// The budget, in minor units.
    pub budget: i64,
}

/// A campaign of a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Its id, unique over all shops.
    pub id: OwnedId,
    /// Shop code.
    pub shop: u32,
    /// What the shop calls it; repeats of a campaign have one name. `None` where the column is not mapped or the cell is empty.
    pub name: Option<String>,
    /// Its first day.
    pub starts: Day,
    /// Its last day, not before the first.
    pub ends: Day,
    /// What it cost, in minor units; `None` where the column is not mapped or the cell is null.
    pub cost: Option<i64>,
}

/// The two groups of an audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arm {
    /// The customers to whom the message was sent.
    Treated,
    /// The customers from whom it was held back, with whom the others are compared.
    Control,
}

impl Arm {
    /// Both.
    pub const ALL: [Arm; 2] = [Arm::Treated, Arm::Control];

    /// The name in the input and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Arm::Treated => "treated",
            Arm::Control => "control",
        }
    }
}

/// A customer to whom a campaign was sent, or from whom it was held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceMember {
    /// The campaign's position in [`Facts::campaigns`].
    pub campaign: u32,
    /// The customer; one of the campaign's shop, or one who never ordered there.
    pub customer: OwnedId,
    /// The group.
    pub arm: Arm,
    /// When the message was sent, or would have been, local time in microseconds: purchases count from then on.
    pub sent: i64,
}

impl AudienceMember {
    /// The customer's id.
    pub fn customer(&self) -> Id<'_> {
        self.customer.id()
    }
}

/// The newest days of a shop up to the as-of date, as [`crate::input::rows::events`] notes them; figures of whole months have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastDays {
    /// Of any event in any input, or [`crate::spec::NO_DAY`].
    pub any: Day,
    /// Of its orders, placed or paid, or [`crate::spec::NO_DAY`].
    pub orders: Day,
}

/// The small inputs of a run; `None` where the job does not map the input. Each sorted by shop and time.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Whole-shop traffic.
    pub traffic: Option<TrafficDays>,
    /// What page views say of people.
    pub viewers: Option<ViewerFacts>,
    /// Traffic by channel; `None` also where the job maps no channel of traffic, or no wanted table reads it.
    pub channel_traffic: Option<ChannelTraffic>,
    /// Ratings.
    pub scores: Option<Scores>,
    /// Refund applications.
    pub refunds: Option<Vec<Refund>>,
    /// Shops.
    pub shops: Option<Vec<Shop>>,
    /// Complaints, one row a (shop, day).
    pub complaints: Option<Vec<Complaints>>,
    /// Service scores, one row a (shop, month).
    pub service_scores: Option<Vec<ServiceScore>>,
    /// Listings, one row a (shop, month).
    pub listings: Option<Vec<Listing>>,
    /// Violations, by (shop, day, kind, points).
    pub violations: Option<Vec<Violation>>,
    /// Industry figures, one row a (category, metric, start), sorted by them.
    pub benchmarks: Option<Vec<Benchmark>>,
    /// Figures that only the platform has, one row a (shop, metric, start), sorted by them.
    pub shop_metrics: Option<Vec<ShopMetric>>,
    /// Plans, one row a (shop, month).
    pub plans: Option<Vec<MonthPlan>>,
    /// Advertising plans, one row a (shop, month, channel).
    pub ad_plans: Option<Vec<AdPlan>>,
    /// Keyword traffic; its rows stay only where a wanted table reads them.
    pub keyword_traffic: Option<KeywordTraffic>,
    /// Customers who must not be contacted.
    pub do_not_contact: Option<Arc<DoNotContact>>,
    /// Events, by (shop, name, day); those of all shops first.
    pub events: Option<Vec<EventDay>>,
    /// Traffic of items.
    pub item_traffic: Option<ItemTraffic>,
    /// Campaigns, one row each, by id.
    pub campaigns: Option<Vec<Campaign>>,
    /// Audiences, one row a (campaign, customer), by both.
    pub audiences: Option<Arc<Vec<AudienceMember>>>,
    /// The last list of each customer, one row a (shop, customer), sorted by them; none without strategies.
    pub listed: Vec<Listed>,
    /// By shop code: the first day of any event of the shop in any input; `NO_DAY` where there is none.
    pub first_days: Vec<Day>,
    /// By shop code: the newest days of the shop.
    pub last_days: Vec<LastDays>,
}

impl Facts {
    /// The first day of any event of a shop in any input; [`NO_DAY`] where there is none.
    pub fn first_day(&self, shop: u32) -> Day {
        self.first_days.get(shop as usize).copied().unwrap_or(NO_DAY)
    }
}
