//! Laws of the whole program: what must not change the figures, over random shops with all inputs.

use std::collections::BTreeSet;

use arrow::array::{ArrayRef, Int64Array, StringArray};
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use huitou::job::{ForecastParams, ModelChoice};
use huitou::publish::Published;
use huitou::table::request::Request;
use huitou::table::unit::AnyTable;
use huitou::table::{self, catalogue, night};
use proptest::prelude::*;

use super::law_inputs::{affiliate_rows, inquiry_rows, keyword_rows, link_rows};
use super::scene::{Columns, DAY, Scene, digests, figures, money};

/// The first day of the data, 2025-11-01, and how many days there are.
pub(super) const FIRST: i64 = 20_393;
const DAYS: i64 = 150;

/// A replay's day in the middle of the data, 2026-01-15, and the last day.
const MIDDLE: (&str, i64) = ("2026-01-15", 20_468);
const LAST: &str = "2026-03-31";

const JOB: &str = "job: laws
timezone: Asia/Shanghai
as_of: 2026-03-31
inputs:
  orders: { path: orders }
  traffic: { path: traffic }
  ratings: { path: ratings }
  refunds: { path: refunds }
  plans: { path: plans }
  affiliate_orders: { path: affiliate_orders }
  inquiries: { path: inquiries }
  keyword_traffic: { path: keyword_traffic }
  customer_links: { path: customer_links }
params:
  cohort: { grain: [week, month], dimensions: [first_channel, first_category, first_item, first_order_value_band, first_promotion, province] }
  history_warmup: 10
  lifecycle: { active_days: 10, quiet_days: 30, dormant_days: 60 }
  max_reject_share: 0.9
  min_pair_orders: 2
  min_customers: 2
strategies: [waiting.yaml, best.yaml]
stages: stages.yaml
output: { path: out }
";

/// Lists that leave somebody out for each reason. Nobody is held out: who is, the text of the id decides.
const STRATEGIES: [(&str, &str); 2] = [
    ("waiting.yaml", "strategy: waiting\nwhere: unpaid_orders > 0\norder_by: unpaid_hours\nmax_size: 2\ncontrol_share: 0\n"),
    ("best.yaml", "strategy: best\nwhere: value_tier IN ('A', 'B') OR open_refunds > 0\nmax_size: 3\ncontrol_share: 0\n"),
];

/// Stages by figures of each kind, with metrics of each kind.
const STAGES: &str = "\
rules:
  - { stage: growth, when: { growth_3m: { at_least: 0.1 } } }
  - { stage: incubation, when: { new_item_share: { at_least: 0.5 }, hit_items: { at_least: 1 } } }
  - stage: maintenance
metrics:
  growth: [uv_conversion, inquiry_next_day, pair_order_share, value_per_customer]
  maintenance: [bounce_rate, paid_amount_per_agent, hit_items, campaign_conversion_difference]
";

/// One order as it is drawn: everything else follows from these numbers.
#[derive(Debug, Clone)]
pub(super) struct DrawnOrder {
    pub shop: i64,
    pub customer: i64,
    pub day: i64,
    /// Days until it was paid, refunded, rated.
    pub paid: Option<i64>,
    pub refunded: Option<i64>,
    pub rated: Option<i64>,
    pub amounts: Vec<i64>,
    pub channel: Option<usize>,
    /// One line of the order names somebody else.
    pub is_muddled: bool,
}

pub(super) fn drawn_order() -> impl Strategy<Value = DrawnOrder> {
    let delays = (prop::option::weighted(0.9, 0..4_i64), prop::option::weighted(0.3, 0..40_i64), prop::option::weighted(0.5, 1..20_i64));
    let facts = (prop::collection::vec(0..50_000_i64, 1..4), prop::option::of(0..3_usize), prop::bool::weighted(0.03));
    (0..3_i64, 0..12_i64, 0..DAYS, delays, facts).prop_map(
        |(shop, customer, day, (paid, refunded, rated), (amounts, channel, is_muddled))| DrawnOrder {
            shop,
            customer,
            day,
            paid,
            refunded,
            rated,
            amounts,
            channel,
            is_muddled,
        },
    )
}

/// An input as rows of text-free numbers, each with the moment at which the shop exported it.
pub(super) struct Rows {
    pub batch: RecordBatch,
    pub known: Vec<i64>,
}

impl Rows {
    pub fn take(&self, rows: &[usize]) -> RecordBatch {
        let rows = Int64Array::from(rows.iter().map(|row| *row as i64).collect::<Vec<_>>());
        let columns = self.batch.columns().iter().map(|column| take(column, &rows, None).unwrap()).collect();
        RecordBatch::try_new(self.batch.schema(), columns).unwrap()
    }
}

pub(super) fn times(values: &[Option<i64>]) -> arrow::array::TimestampMicrosecondArray {
    values.iter().copied().collect()
}

/// Every version of every line. Moments differ all over, so that nothing depends on the order of rows.
pub(super) fn order_rows(drawn_orders: &[DrawnOrder]) -> Rows {
    const CHANNELS: [&str; 3] = ["natural", "paid", "活动"];
    let mut shop = Vec::new();
    let (mut ids, mut created_at, mut paid_at, mut modified_at) = ([vec![], vec![], vec![]], vec![], vec![], vec![]);
    let (mut amount, mut paid_amount, mut channel, mut status) = (vec![], vec![], vec![], vec![]);
    let (mut promotion, mut discount, mut item, mut title) = (vec![], vec![], vec![], vec![]);
    for (number, drawn_order) in drawn_orders.iter().enumerate() {
        let created = (FIRST + drawn_order.day) * DAY + number as i64 * 1_000_003 % DAY;
        let paid = drawn_order.paid.map(|days| created + days * DAY + 60_000_000);
        let closed = paid.zip(drawn_order.refunded).map(|(paid, days)| paid + days * DAY + 1).filter(|_| number % 3 == 0);
        for (line, minor) in drawn_order.amounts.iter().enumerate() {
            let states = [(Some(created), "WAIT_BUYER_PAY"), (paid, "WAIT_SELLER_SEND_GOODS"), (closed, "TRADE_CLOSED")];
            for (at, name) in states {
                let Some(at) = at else { continue };
                let is_paid = paid.is_some_and(|paid| paid <= at);
                shop.push(drawn_order.shop + 1);
                ids[0].push(1_000 + number as i64);
                ids[1].push(1 + line as i64);
                ids[2].push(100 + drawn_order.customer + i64::from(drawn_order.is_muddled && line == 1));
                created_at.push(Some(created));
                paid_at.push(paid.filter(|_| is_paid));
                modified_at.push(Some(at + line as i64));
                amount.push(*minor);
                paid_amount.push(if is_paid { *minor } else { 0 });
                channel.push(drawn_order.channel.map(|channel| CHANNELS[channel]));
                status.push(name);
                promotion.push([None, Some("coupon"), Some("满减")][(*minor % 3) as usize]);
                discount.push(*minor / 4);
                title.push([None, Some("茶"), Some("茶叶 500 g"), Some(" ")][(*minor % 7 % 4) as usize]);
                // Two items are in most baskets, the others in few.
                item.push((*minor % 4 > 0).then_some(if line < 2 { 500 + line as i64 } else { 502 + *minor % 5 }));
            }
        }
    }
    let [order, line, customer] = ids.map(Int64Array::from);
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(shop))
        .with("order_id", order.clone())
        .with("line_id", line)
        .with("customer_id", customer)
        .with("created_at", times(&created_at))
        .with("paid_at", times(&paid_at))
        .with("modified_at", times(&modified_at))
        .with("order_amount", money(&amount))
        .with("paid_amount", money(&paid_amount))
        .with("channel", StringArray::from(channel))
        .with("promotion", StringArray::from(promotion))
        .with("discount_amount", money(&discount))
        .with("item_id", Int64Array::from(item))
        .with("item_title", StringArray::from(title))
        .with("status", StringArray::from(status))
        .with("province", StringArray::from_iter_values(order.values().iter().map(|order| ["浙江", "广东"][(order % 2) as usize])))
        .with("category_id", Int64Array::from_iter_values(order.values().iter().map(|order| order % 5)));
    Rows { batch: columns.batch(), known: modified_at.into_iter().flatten().collect() }
}

/// Applications open, then paid out; now and then more than was paid. They name no line, the first, the last, or one that is not there; some name
/// an order that is not there, or none, and every second one its customer.
fn refund_rows(drawn_orders: &[DrawnOrder]) -> Rows {
    let (mut order, mut line, mut customer) = (Vec::new(), Vec::new(), Vec::new());
    let (mut ids, mut created_at, mut completed_at, mut modified_at) = ([vec![], vec![]], vec![], vec![], vec![]);
    let (mut amount, mut status, mut reason) = (vec![], vec![], vec![]);
    for (number, drawn_order) in drawn_orders.iter().enumerate() {
        let (Some(_), Some(days)) = (drawn_order.paid, drawn_order.refunded) else { continue };
        let created = (FIRST + drawn_order.day + 4) * DAY + number as i64 * 1_000_003 % DAY;
        let completed = created + days * DAY + 5;
        let total: i64 = drawn_order.amounts.iter().sum();
        for (at, name) in [(created, "open"), (completed, "success")] {
            ids[0].push(drawn_order.shop + 1);
            ids[1].push(7_000 + number as i64);
            order.push((number % 19 != 7).then_some(if number % 17 == 5 { 999_999 } else { 1_000 + number as i64 }));
            customer.push((number % 2 == 0 || number % 19 == 7).then_some(100 + drawn_order.customer));
            line.push([None, Some(1), Some(drawn_order.amounts.len() as i64), Some(9)][number % 4]);
            created_at.push(Some(created));
            completed_at.push((name == "success").then_some(at));
            modified_at.push(Some(at));
            amount.push(if number % 13 == 3 { total + 1 } else { total / (1 + days % 2) });
            status.push(name);
            reason.push([None, Some("质量问题"), Some("不喜欢"), Some("")][number % 7 % 4]);
        }
    }
    let [shop, refund] = ids.map(Int64Array::from);
    let columns = Columns(Vec::new())
        .with("shop_id", shop)
        .with("refund_id", refund)
        .with("order_id", Int64Array::from(order))
        .with("customer_id", Int64Array::from(customer))
        .with("line_id", Int64Array::from(line))
        .with("created_at", times(&created_at))
        .with("completed_at", times(&completed_at))
        .with("modified_at", times(&modified_at))
        .with("amount", money(&amount))
        .with("status", StringArray::from(status))
        .with("reason", StringArray::from(reason));
    Rows { batch: columns.batch(), known: modified_at.into_iter().flatten().collect() }
}

fn rating_rows(drawn_orders: &[DrawnOrder]) -> Rows {
    let rated: Vec<(usize, &DrawnOrder, i64)> =
        drawn_orders.iter().enumerate().filter_map(|(number, drawn_order)| Some((number, drawn_order, drawn_order.rated?))).collect();
    let moment =
        |number: usize, drawn_order: &DrawnOrder, days: i64| (FIRST + drawn_order.day + days) * DAY + number as i64 * 1_000_003 % DAY;
    let known: Vec<i64> = rated.iter().map(|(number, drawn_order, days)| moment(*number, drawn_order, *days)).collect();
    let score = |salt: usize| Int64Array::from_iter(rated.iter().map(|(number, _, _)| Some(((number * 7 + salt) % 5) as i64 + 1)));
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values(rated.iter().map(|(_, drawn_order, _)| drawn_order.shop + 1)))
        .with("order_id", Int64Array::from_iter_values(rated.iter().map(|(number, _, _)| 1_000 + *number as i64)))
        .with("customer_id", Int64Array::from_iter_values(rated.iter().map(|(_, drawn_order, _)| 100 + drawn_order.customer)))
        .with("rated_at", times(&known.iter().map(|time| Some(*time)).collect::<Vec<_>>()))
        .with("description", score(0))
        .with("service", score(1))
        .with("logistics", score(3));
    Rows { batch: columns.batch(), known }
}

fn traffic_rows(drawn_orders: &[DrawnOrder]) -> Rows {
    let mut keys: Vec<(i64, i64)> = drawn_orders.iter().map(|drawn_order| (drawn_order.shop + 1, FIRST + drawn_order.day)).collect();
    keys.extend([(1, FIRST), (4, FIRST + 70)]);
    keys.sort_unstable();
    keys.dedup();
    // Each day as a whole and by two channels, one of which no order names.
    let rows = || keys.iter().flat_map(|(shop, day)| [None, Some("paid"), Some("直播")].map(|channel| (*shop, *day, channel)));
    let count = |factor: i64| Int64Array::from_iter_values(rows().map(|(shop, day, _)| (shop * 37 + day) % 90 * factor + 1));
    let costs: Vec<i64> = rows().map(|(shop, day, channel)| channel.map_or(0, |_| (shop * 31 + day) % 70 * 1_000)).collect();
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values(rows().map(|(shop, ..)| shop)))
        .with("date", arrow::array::Date32Array::from_iter_values(rows().map(|(_, day, _)| day as i32)))
        .with("channel", StringArray::from_iter(rows().map(|(.., channel)| channel)))
        .with("pv", count(20))
        .with("uv", count(7))
        .with("visits", count(9))
        .with("bounces", count(3))
        .with("cost", money(&costs));
    Rows { batch: columns.batch(), known: rows().map(|(_, day, _)| day * DAY).collect() }
}

/// The plans of three shops for every month of the data and one more, known long before; the first plans no new items.
fn plan_rows() -> Rows {
    let keys: Vec<(i64, i64)> =
        (1..=3).flat_map(|shop| [20_393, 20_423, 20_454, 20_485, 20_513, 20_544].map(|first| (shop, first))).collect();
    let targets: Vec<i64> = keys.iter().map(|(shop, first)| 100_000 * shop + first * 7).collect();
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values(keys.iter().map(|(shop, _)| *shop)))
        .with("month", arrow::array::Date32Array::from_iter_values(keys.iter().map(|(_, first)| *first as i32)))
        .with("sales_target", money(&targets))
        .with("new_items", Int64Array::from_iter(keys.iter().map(|(shop, first)| (*shop > 1).then_some(first % 30))));
    Rows { batch: columns.batch(), known: vec![0; keys.len()] }
}

/// How rows lie in files.
#[derive(Debug, Clone, Copy)]
struct Layout {
    files: u64,
    group: usize,
    seed: u64,
    /// Only the rows known by the end of that day.
    until: i64,
}

const PLAIN: Layout = Layout { files: 1, group: 100_000, seed: 0, until: i64::MAX };

/// Numbers without a pattern from a seed.
fn scrambled(seed: u64, number: u64) -> u64 {
    let mixed = (seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 20
}

/// The inputs of the job beside the orders.
pub(super) fn other_inputs(drawn_orders: &[DrawnOrder]) -> [(&'static str, Rows); 8] {
    [
        ("refunds", refund_rows(drawn_orders)),
        ("ratings", rating_rows(drawn_orders)),
        ("traffic", traffic_rows(drawn_orders)),
        ("plans", plan_rows()),
        ("affiliate_orders", affiliate_rows(drawn_orders)),
        ("inquiries", inquiry_rows(drawn_orders)),
        ("keyword_traffic", keyword_rows()),
        ("customer_links", link_rows()),
    ]
}

fn scene(drawn_orders: &[DrawnOrder], layout: Layout, ids: &DataType) -> Scene {
    let scene = Scene::new();
    scene.job(JOB);
    STRATEGIES.iter().for_each(|(name, text)| scene.write(name, text));
    scene.write("stages.yaml", STAGES);
    for (name, mut rows) in [("orders", order_rows(drawn_orders))].into_iter().chain(other_inputs(drawn_orders)) {
        rows.batch = with_ids(&rows.batch, ids);
        let known: Vec<usize> = (0..rows.known.len()).filter(|row| rows.known[*row] < layout.until).collect();
        for file in 0..layout.files {
            let mut own: Vec<usize> =
                known.iter().copied().filter(|row| scrambled(layout.seed, *row as u64) % layout.files == file).collect();
            if layout.seed != 0 {
                own.sort_by_key(|row| scrambled(layout.seed + 1, *row as u64));
            }
            let batch = rows.take(&own);
            scene.parquet_of(&format!("{name}/{:08x}.parquet", scrambled(layout.seed + 2, file)), &batch, Some(layout.group));
        }
    }
    scene
}

/// The job with all rows of all inputs, each in one file.
pub(super) fn whole_scene(drawn_orders: &[DrawnOrder]) -> Scene {
    scene(drawn_orders, PLAIN, &DataType::Int64)
}

/// The ids as another type; text is padded, so that its order is that of the numbers.
fn with_ids(batch: &RecordBatch, ids: &DataType) -> RecordBatch {
    let other = |name: &str, column: &ArrayRef| -> ArrayRef {
        if !["shop_id", "order_id", "line_id", "customer_id", "linked_id", "refund_id"].contains(&name) || ids == &DataType::Int64 {
            return column.clone();
        }
        let numbers = column.as_any().downcast_ref::<Int64Array>().unwrap();
        let texts: StringArray = numbers.iter().map(|number| number.map(|number| format!("店{number:09}"))).collect();
        cast(&texts, ids).unwrap()
    };
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| (field.name().clone(), other(field.name(), column)));
    Columns(columns.collect()).batch()
}

fn publish(drawn_orders: &[DrawnOrder], layout: Layout, as_of: &str, threads: usize) -> (Scene, Published) {
    let scene = scene(drawn_orders, layout, &DataType::Int64);
    let published = scene.publish(as_of, "out", threads).unwrap();
    (scene, published)
}

/// The names of the tables that a run made, and of those that it left out.
fn tables_and_skipped(published: &Published) -> (BTreeSet<String>, BTreeSet<String>) {
    let manifest = &published.manifest;
    (manifest.tables.iter().map(|table| table.name.clone()).collect(), manifest.skipped.iter().map(|table| table.name.clone()).collect())
}

/// Of the catalogue, what [`JOB`] requests, with a list for each strategy, and what it has no input for. It names no rule files, and what a job
/// does not request is not skipped either.
fn expected_tables_and_skipped() -> (BTreeSet<String>, BTreeSet<String>) {
    let request = Request {
        forecast: ForecastParams { model: ModelChoice::Auto, ..Request::NOTHING.forecast },
        has_strategies: true,
        has_refund_reasons: true,
        has_stages: true,
        has_inquiries: true,
        ..Request::NOTHING
    };
    let is_requested = |table: &&&'static dyn AnyTable| night::not_requested(table.reads(), &request).is_none();
    let names = |table: &&'static dyn AnyTable| table.card().name.to_string();
    let lists = STRATEGIES.iter().map(|(file, _)| format!("audience_{}", file.strip_suffix(".yaml").unwrap()));
    let template = table::audience::card::TEMPLATE.name.as_ref();
    // The one table that needs an input which the job does not have and which no request is about.
    let lacks_events = |table: &&&'static dyn AnyTable| table.card().needs.iter().any(|need| need.input == "events");
    let requested = || catalogue::TABLES.iter().filter(is_requested).filter(|table| !lacks_events(table));
    let further = requested().flat_map(|table| table.further_cards()).map(|card| card.name.to_string());
    let made = requested().map(names).filter(|name| name != template).chain(lists).chain(further).collect();
    let lacks =
        |table: &&&'static dyn AnyTable| night::not_requested(table.reads(), &request.with_all_inputs()).is_none() && !is_requested(table);
    (made, catalogue::TABLES.iter().filter(|table| lacks(table) || lacks_events(table)).map(names).collect())
}

pub(super) fn equations(published: &Published) -> Vec<(String, huitou::publish::RowEquation)> {
    published.manifest.inputs.iter().map(|input| (input.name.clone(), input.equation)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn threads_and_files_change_no_byte(
        drawn_orders in prop::collection::vec(drawn_order(), 20..250),
        (files, group, seed) in (1..6_u64, 1..80_usize, 1..u64::from(u32::MAX)),
    ) {
        let (_plain, plain) = publish(&drawn_orders, PLAIN, LAST, 1);
        prop_assert!(plain.manifest.table("customers").is_some_and(|table| table.rows > 0));
        prop_assert_eq!(tables_and_skipped(&plain), expected_tables_and_skipped());
        let (_other, other) = publish(&drawn_orders, Layout { files, group, seed, ..PLAIN }, LAST, 2);
        prop_assert_eq!(digests(&other), digests(&plain));
        prop_assert_eq!(equations(&other), equations(&plain));
        // `threads` alone, over the very same files: then even the tables that name files are the same.
        let same = _other.publish(LAST, "again", 1).unwrap();
        prop_assert_eq!(&same.manifest.tables, &other.manifest.tables);
    }

    #[test]
    fn a_replay_knows_nothing_of_later_days(drawn_orders in prop::collection::vec(drawn_order(), 20..250), seed in 1..u64::from(u32::MAX)) {
        let (as_of, day) = MIDDLE;
        let then = Layout { until: (day + 1) * DAY, ..PLAIN };
        let (_then, then) = publish(&drawn_orders, then, as_of, 1);
        let (_now, now) = publish(&drawn_orders, Layout { files: 3, seed, ..PLAIN }, as_of, 2);
        prop_assert_eq!(figures(&now), figures(&then));
        prop_assert_eq!(digests(&now), digests(&then));
        let (then, now) = (equations(&then), equations(&now));
        for ((_, then), (name, now)) in then.iter().zip(&now) {
            prop_assert_eq!(then.after_as_of, 0);
            let later = now.rows - then.rows;
            prop_assert_eq!(now, &huitou::publish::RowEquation { rows: now.rows, after_as_of: later, ..*then }, "{}", name);
        }
    }

    #[test]
    fn ids_as_text_give_the_same_figures(drawn_orders in prop::collection::vec(drawn_order(), 20..200), kind in 0..4_usize) {
        let (_plain, plain) = publish(&drawn_orders, PLAIN, LAST, 2);
        let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let ids = [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View, dictionary][kind].clone();
        let text = scene(&drawn_orders, PLAIN, &ids);
        let text = text.publish(LAST, "out", 2).unwrap();
        let numbers = |figures: std::collections::BTreeMap<String, Vec<String>>| -> Vec<String> {
            let row = |row: &String| row.split('|').map(|cell| match cell.strip_prefix('店') {
                Some(digits) => digits.trim_start_matches('0').to_owned(),
                None => cell.to_owned(),
            }).collect::<Vec<_>>().join("|");
            figures.iter().flat_map(|(name, rows)| rows.iter().map(move |one| format!("{name}: {}", row(one)))).collect()
        };
        prop_assert_eq!(numbers(figures(&text)), numbers(figures(&plain)));
        prop_assert_eq!(equations(&text), equations(&plain));
    }
}

#[test]
fn the_last_version_by_its_time_counts_whatever_file_it_is_in() {
    let base = super::scene::orders().batch().slice(0, 1);
    let version = |modified: i64, minor: i64| -> RecordBatch {
        let schema = base.schema();
        let columns = schema.fields().iter().zip(base.columns()).map(|(field, column)| (field.name().clone(), column.clone()));
        let at = arrow::array::TimestampMicrosecondArray::from(vec![modified]);
        Columns(columns.collect()).with("modified_at", at).with("paid_amount", money(&[minor])).batch()
    };
    let noon = 20_500 * DAY;
    for names in [["a", "b", "c"], ["c", "a", "b"], ["b", "c", "a"], ["c", "b", "a"]] {
        let scene = Scene::new();
        scene.job(&super::scene::JOB.replace("orders.parquet", "orders"));
        for ((name, modified), minor) in names.iter().zip([noon, noon + 2, noon + 1]).zip([100, 300, 200]) {
            scene.parquet_of(&format!("orders/{name}.parquet"), &version(modified, minor), None);
        }
        let published = scene.publish(LAST, "out", 2).unwrap();
        assert!(super::scene::rows(&published, "shop_daily")[0].contains("|3.00|"), "{names:?}");
        let equation = published.manifest.inputs[0].equation;
        assert_eq!((equation.rows, equation.used, equation.superseded), (3, 1, 2));
    }
}
