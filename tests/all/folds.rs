//! The folds: partial results of customers shared out over any number of suites add up to the same tables, and so do
//! buckets of any number.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::compute::concat_batches;
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use huitou::fold::folds::Folds;
use huitou::fold::selection::Selection;
use huitou::history::campaigns::CampaignIndex;
use huitou::history::conflicts;
use huitou::history::context::ShopIds;
use huitou::history::customer::History;
use huitou::history::order_index::OrderIndex;
use huitou::history::ranks::Ranks;
use huitou::history::refunds::RefundIndex;
use huitou::history::scopes::Scopes;
use huitou::history::shuffle::{Shuffle, Shuffled, Shuffler};
use huitou::history::views::Viewers;
use huitou::history::views::viewers::ViewerWriter;
use huitou::history::{Context, Dictionary, Features, Fold, OrderIdTypes, TextIds, pass};
use huitou::input::records::awaited::Awaited;
use huitou::input::records::facts::{Arm, AudienceMember, Campaign, Facts, Shop};
use huitou::input::records::orders::Line;
use huitou::input::records::viewer_facts::{ViewedDay, ViewerFacts};
use huitou::input::values::codes::OwnedId;
use huitou::input::values::links::NO_ALIAS;
use huitou::input::values::money::NO_MONEY;
use huitou::job::rule::{AssessedPeriod, Base, Peers, Requirement, Rule, Test};
use huitou::job::stage::{Stage, StageBound, StageFigure, StageRule, Stages};
use huitou::job::strategy::{self, Ordering};
use huitou::job::{Cohort, GroupIds, Lifecycle, Params, Total};
use huitou::partition::Budget;
use huitou::spec::schema::schema;
use huitou::spec::{Card, Grain, Id, IdType, IdTypes, MappedInputs, NO_DAY, NO_TIME, NO_VALUE, id_hash};
use huitou::table::request::Request;
use huitou::table::{self, Night, catalogue};
use proptest::prelude::*;

use super::scene::DAY;

const SHOPS: u32 = 3;
/// 2026-01-01.
const NEW_YEAR: i64 = 20_454;

/// Folds that share their customers out over several, and bring them together through states only.
struct DistributedFold {
    shares: Vec<Folds>,
}

impl Fold for DistributedFold {
    fn update(&mut self, history: &History<'_>) {
        let share = id_hash(history.customer) as usize % self.shares.len();
        self.shares[share].update(history);
    }

    fn end_bucket(&mut self) {
        self.shares.iter_mut().for_each(Fold::end_bucket);
        // As threads do when they have met many items: here every one of them, after each bucket.
        let (first, others) = self.shares.split_first_mut().unwrap();
        for other in others {
            first.merge(&other.hand_over(0).unwrap()).unwrap();
        }
    }

    fn reads_lines(&self) -> bool {
        self.shares.iter().any(Fold::reads_lines)
    }

    fn state(&mut self) -> huitou::error::Result<Vec<RecordBatch>> {
        let (first, others) = self.shares.split_first_mut().unwrap();
        // From the last one on, so that the order of merging is not that of the customers.
        for other in others.iter_mut().rev() {
            let partial = other.state()?;
            assert!(partial.iter().flat_map(|batch| batch.schema().fields().to_vec()).all(|field| !field.data_type().is_nested()));
            first.merge(&partial)?;
            // Nothing stays behind.
            first.merge(&other.state()?)?;
        }
        first.state()
    }

    fn merge(&mut self, state: &[RecordBatch]) -> huitou::error::Result<()> {
        self.shares[0].merge(state)
    }
}

/// One order line as it is drawn: shop, customer, day, days until paid, amount, refunded, codes.
pub(super) type DrawnLine = (u32, u64, i64, Option<i64>, i64, bool, u32);

pub(super) fn drawn_lines() -> impl Strategy<Value = Vec<DrawnLine>> {
    let drawn =
        (0..SHOPS, 0..15_u64, 0..200_i64, prop::option::weighted(0.9, 0..3_i64), 0..90_000_i64, prop::bool::weighted(0.1), 0..4_u32);
    prop::collection::vec(drawn, 1..200)
}

fn line(number: usize, drawn: &DrawnLine) -> Line<'static> {
    let (shop, customer, on, paid, amount, is_refunded, code) = *drawn;
    let created = (NEW_YEAR + on) * DAY + number as i64;
    let paid = paid.map_or(NO_TIME, |days| created + days * DAY);
    let paid_amount = if paid == NO_TIME { 0 } else { amount };
    Line {
        file: 0,
        row: number as u32,
        shop,
        shop_hash: id_hash(Id::Integer(IdType::key(i64::from(shop)))),
        order: Id::Integer(number as u64),
        line: None,
        customer: Some(Id::Integer(customer)),
        is_anonymous: false,
        modified: NO_TIME,
        created,
        paid,
        shipped: if paid == NO_TIME || number.is_multiple_of(3) { NO_TIME } else { paid + 3_600_000_000 },
        completed: if paid == NO_TIME || number.is_multiple_of(2) { NO_TIME } else { paid + 5 * DAY },
        placed_amount: amount,
        paid_amount,
        refunded: if is_refunded { paid_amount } else { 0 },
        quantity: 1 + number as u32 % 3,
        category: code % 3,
        channel: code,
        province: code % 2,
        item: code,
        promotion: code % 3,
        alias: if code == 3 { 7 } else { NO_ALIAS },
        title: if code == 2 { 9 } else { NO_VALUE },
        discount: if code == 3 || paid == NO_TIME { NO_MONEY } else { amount / 4 },
        is_closed: paid == NO_TIME && number.is_multiple_of(2),
        awaited: match number % 4 {
            _ if paid == NO_TIME => Awaited::Unsaid,
            0 => Awaited::Shipping,
            1 => Awaited::Completion,
            _ => Awaited::Unsaid,
        },
    }
}

/// Half of the shops are at the bottom of what was paid in a month, whoever they are.
fn rule() -> Rule {
    let requirement = |metric: &str, test: Test| Requirement {
        metric: metric.to_owned(),
        test,
        base: Base::Paid,
        k: None,
        standard: None,
        trial_share: None,
        when: Vec::new(),
        levels: Vec::new(),
    };
    Rule {
        assessment: "monthly".to_owned(),
        file: String::new(),
        place: String::new(),
        valid_from: None,
        valid_to: None,
        period: AssessedPeriod::Calendar(Grain::Month),
        peers: Peers::All,
        open_months: 0,
        min_peers: Some(1),
        requirements: vec![requirement("paid_amount", Test::NotBottom { share: 0.5 }), requirement("payment_rate", Test::AtLeastPeerMean)],
    }
}

/// Growth while a month brings as much as the one before, and maintenance otherwise; metrics of each kind of fold.
fn stages() -> Stages {
    let bound = |figure, at_least| StageBound { figure, at_least: Some(at_least), at_most: None, or_unknown: false };
    let metrics = || ["campaign_conversion_difference", "hit_items", "pair_order_share", "response_seconds"].map(str::to_owned).to_vec();
    Stages {
        rules: vec![
            StageRule { stage: Stage::Growth, bounds: vec![bound(StageFigure::NewItemShare, 0.1), bound(StageFigure::HitItems, 2.0)] },
            StageRule { stage: Stage::Maintenance, bounds: Vec::new() },
        ],
        metrics: [Vec::new(), metrics(), Vec::new(), metrics(), Vec::new()],
    }
}

/// A campaign of every shop in February, and one of the first shop that overlaps it.
fn campaigns() -> Vec<Campaign> {
    let campaign = |id: i64, shop, starts: i64, ends: i64| Campaign {
        id: OwnedId::Integer(IdType::key(id)),
        shop,
        name: Some("recall".to_owned()),
        starts: (NEW_YEAR + starts) as i32,
        ends: (NEW_YEAR + ends) as i32,
        cost: Some(10_000),
    };
    let of_shop = |shop| campaign(i64::from(shop) + 1, shop, 31, 58);
    (0..SHOPS).map(of_shop).chain([campaign(9, 0, 50, 80)]).collect()
}

/// The same, some customers treated and some not.
fn index() -> Arc<CampaignIndex> {
    let campaigns = campaigns();
    let member = |campaign: usize, customer: i64| AudienceMember {
        campaign: campaign as u32,
        customer: OwnedId::Integer(IdType::key(customer)),
        arm: if (campaign as i64 + customer) % 3 == 0 { Arm::Control } else { Arm::Treated },
        sent: i64::from(campaigns[campaign].starts) * DAY,
    };
    let members = (0..campaigns.len()).flat_map(|campaign| (0..12).map(move |customer| (campaign, customer)));
    let members = members.map(|(campaign, customer)| member(campaign, customer)).collect();
    let days = [NEW_YEAR as i32, (NEW_YEAR + 180) as i32];
    Arc::new(CampaignIndex::new(&campaigns, Arc::new(members), days, 30))
}

/// The three customers of a shop who are most worth a message.
fn best() -> strategy::Strategy {
    strategy::Strategy {
        name: "best".to_owned(),
        title: String::new(),
        place: String::new(),
        condition: "orders > 0 OR unpaid_orders > 0".to_owned(),
        condition_place: String::new(),
        order_by: vec![Ordering { column: "net_revenue".to_owned(), is_descending: true }],
        order_place: String::new(),
        max_size: 3,
        cool_down_days: 30,
        min_hours_since_order: 48,
        control_share: 0.5,
    }
}

/// Every customer viewed pages on some days.
fn viewers() -> Viewers {
    let mut writer = ViewerWriter::new(8, &Arc::new(Budget::unlimited()));
    for customer in 0..15_u64 {
        for day in (0..180).filter(|day| (*day + customer as i32) % 3 > 0) {
            writer.push(customer as u32 % SHOPS, NEW_YEAR as i32 + day, Id::Integer(customer));
        }
    }
    Viewers::new(vec![writer]).unwrap().ranked((0..SHOPS).collect())
}

/// The same as tables see it.
fn viewer_facts() -> ViewerFacts {
    let customers = viewers().customers().unwrap();
    let days = customers.into_iter().map(|((shop, day), customers)| ViewedDay { shop, day, customers }).collect();
    ViewerFacts { days, has_customers: true, ..ViewerFacts::default() }
}

pub(super) fn context() -> Context {
    let integer = || IdType::of(&DataType::Int64).unwrap();
    let values = |values: &[&str]| Dictionary::new(values.iter().map(|value| (*value).to_owned()).collect());
    let ids = IdTypes { shop: integer(), customer: integer(), category: integer(), item: integer(), campaign: integer() };
    let shops = ShopIds::Integer((0..u64::from(SHOPS)).map(|shop| IdType::key(shop as i64)).collect());
    let defaults = Params::default();
    let params = Params {
        cohort: Cohort {
            grains: vec![Grain::Week(defaults.week_starts), Grain::Month],
            dimensions: ["first_channel", "first_category", "first_item", "first_order_value_band", "first_promotion", "province"]
                .map(str::to_owned)
                .to_vec(),
        },
        history_warmup: 10,
        lifecycle: Lifecycle { active_days: 10, quiet_days: 30, dormant_days: 60, thresholds: vec![15], ..defaults.lifecycle },
        min_peers: 1,
        ..defaults
    };
    Context {
        first_day: NEW_YEAR as i32,
        calibration_ends: vec![NEW_YEAR as i32 + 140; SHOPS as usize],
        channels: values(&["activity", "natural", "paid"]),
        provinces: values(&["浙江"]),
        promotions: values(&["coupon", "满减"]),
        refund_reasons: values(&["(none)", "质量问题"]),
        categories: values(&["1", "2"]),
        item_ids: [7, 8, 9].map(|id| OwnedId::Integer(IdType::key(id))).to_vec(),
        category_ids: [1, 2].map(|id| OwnedId::Integer(IdType::key(id))).to_vec(),
        features: Features {
            customers: true,
            quantity: true,
            channel: true,
            category: true,
            province: true,
            promotion: true,
            discount: true,
            item: true,
            status: true,
            shipped: true,
            completed: true,
            paid: true,
            refunded: true,
            refunds: false,
        },
        inputs: mapped(),
        viewers: Arc::new(viewers()),
        rules: vec![Arc::new(rule())],
        campaigns: index(),
        strategies: vec![best()],
        stages: Some(stages()),
        scopes: Arc::new(Scopes::new(&[Total::All, Total::Category], GroupIds::Shared, SHOPS as usize, &categories())),
        ..Context::new((NEW_YEAR + 180) as i32, params, shops, ids)
    }
}

fn mapped() -> MappedInputs {
    let mut inputs = MappedInputs::default();
    inputs.add("page_views", ["visitor_id", "viewed_at", "customer_id"]);
    inputs
}

/// The first two shops sell tea and are of one group, and the third names neither category nor group.
fn categories() -> Vec<Shop> {
    let shop = |shop| Shop {
        shop,
        name: None,
        category: Some("茶".to_owned()),
        group: Some("north".to_owned()),
        opened: NO_DAY,
        annual_target: None,
    };
    (0..2).map(shop).collect()
}

/// A job that has everything.
const REQUEST: Request = Request {
    forecast: huitou::job::ForecastParams { model: huitou::job::ModelChoice::Auto, horizon_days: 90, months: 3 },
    lifecycle_is_suggested: false,
    has_rules: true,
    has_strategies: true,
    has_stages: true,
    has_inquiries: true,
    has_campaigns: true,
    has_totals: true,
    has_groups: true,
    has_page_views: true,
    has_refills: true,
    has_offers: true,
    has_item_traffic: true,
    has_refund_reasons: true,
};

/// The folds that those tables read.
pub(super) fn selection(context: &Context, wants: &dyn Fn(&str) -> bool) -> Selection {
    catalogue::selection(wants, &context.strategies, &REQUEST)
}

/// Those lines by bucket, shuffled by so many threads into so many buckets, and the index of their orders.
pub(super) fn shuffled(drawn_lines: &[DrawnLine], context: &Context, shufflers: usize, buckets: usize) -> (Shuffled, Option<OrderIndex>) {
    let shuffle = Shuffle::new(0, true, &Arc::new(Budget::unlimited())).into_buckets(buckets);
    let mut shuffled: Vec<Shuffler<'_>> = (0..shufflers).map(|_| shuffle.shuffler()).collect();
    let end = (i64::from(context.as_of) + 1) * DAY;
    let lines = drawn_lines.iter().enumerate().map(|(number, drawn)| line(number, drawn));
    for line in lines.filter(|line| line.created < end && line.paid < end && line.shipped < end && line.completed < end) {
        shuffled[line.row as usize % shufflers].push(&line);
    }
    let [shops, channels, provinces, promotions, items] = [SHOPS, 4, 2, 3, 4].map(|count| (0..count).collect::<Vec<u32>>());
    let categories = promotions.clone();
    let ranks = Ranks { shops, channels, provinces, categories, items, promotions, titles: Vec::new() };
    Shuffled::new(shuffled, ranks, context.shops.hashes(), TextIds::default()).unwrap()
}

/// All tables of those lines: shuffled by so many threads into so many buckets, customers shared out over so many folds, which count by shop
/// for themselves or into folds that they share.
fn tables(drawn_lines: &[DrawnLine], shufflers: usize, buckets: usize, shares: usize, is_shared: bool) -> BTreeMap<String, RecordBatch> {
    let mut context = context();
    let (shuffled, orders) = shuffled(drawn_lines, &context, shufflers, buckets);
    let findings = orders.unwrap().count(Vec::new(), Vec::new()).unwrap();
    let types = OrderIdTypes::of(|_| IdType::of(&DataType::Int64).unwrap());
    let selection = selection(&context, &|_| true);
    let shared = is_shared.then(|| Folds::shared(&context, &selection));
    let start = || DistributedFold { shares: (0..shares).map(|_| Folds::start(&context, &selection).beside(shared.clone())).collect() };
    let mut passed =
        pass::run(&shuffled, &RefundIndex::default(), &conflicts::judge(&shuffled, &findings, &types).unwrap(), &start, &|| ()).unwrap();
    let mut folds = Folds::start(&context, &selection);
    folds.merge(&passed.fold.state().unwrap()).unwrap();
    drop(passed.fold);
    folds.take_in(shared).unwrap();
    let mut first_days = passed.settled.first_days.clone();
    first_days.resize(SHOPS as usize, NO_DAY);
    context.first_days = first_days.clone();
    let facts = Facts { first_days, campaigns: Some(campaigns()), viewers: Some(viewer_facts()), ..Facts::default() };
    let night = Night::new(Arc::new(context), Arc::new(facts), REQUEST, folds.finish());
    let cards = || table::tables_of(&night.context.strategies).map(|(_, card)| card);
    let mut found: BTreeMap<String, Vec<RecordBatch>> = cards().map(|card| (card.name.to_string(), Vec::new())).collect();
    catalogue::write(&night, &|_| true, &mut |card, batch| {
        found.get_mut(card.name.as_ref()).unwrap().push(batch);
        Ok(())
    })
    .unwrap();
    let published = |card: &Card| schema(&card.published(&|need| night.context.inputs.has(need)), &night.context.ids);
    let whole = |card: &Card| concat_batches(&published(card), &found[card.name.as_ref()]).unwrap();
    cards().map(|card| (card.name.to_string(), whole(&card))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn shares_and_buckets_make_the_same_tables(
        drawn_lines in drawn_lines(),
        shufflers in 1..4_usize,
        buckets in 0..9_u32,
        shares in 1..6_usize,
        is_shared in any::<bool>(),
    ) {
        let whole = tables(&drawn_lines, 1, 1, 1, false);
        let shared = tables(&drawn_lines, shufflers, 1 << buckets, shares, is_shared);
        prop_assert_eq!(whole.keys().collect::<Vec<_>>(), shared.keys().collect::<Vec<_>>());
        for (name, table) in &whole {
            prop_assert_eq!(table, &shared[name], "{}", name);
        }
    }
}

#[test]
fn a_state_of_other_folds_is_refused() {
    let context = context();
    let mut all = Folds::start(&context, &selection(&context, &|_| true));
    let mut few = Folds::start(&context, &selection(&context, &|table| table == "interval_histogram"));
    assert_eq!(few.merge(&all.state().unwrap()).unwrap_err().exit_code(), 1);
    assert_eq!(all.merge(&few.state().unwrap()).unwrap_err().exit_code(), 1);
}
