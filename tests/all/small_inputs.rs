//! The small inputs that assessments need: what each reader makes of its rows, which of them it refuses, and what the as-of
//! date does not know yet.

use std::sync::Arc;

use arrow::array::{Date32Array, Float64Array, Int64Array, StringArray};
use huitou::error::Error;
use huitou::input::records::facts::{Benchmark, Complaints, Listing, ServiceScore, ShopMetric, Violation, ViolationKind};
use huitou::input::rows::ledger::Account;
use huitou::job::Job;
use huitou::nightly::{Loaded, Plan, Silent, fold, load};
use huitou::partition::Budget;
use huitou::spec::{Day, Grain, NO_DAY};
use insta::assert_snapshot;

use super::scene::{Columns, JOB, Scene, dates, day, money, noons, orders, texts};

/// A scene with good orders of shop 1, in 2026, and other inputs beside them.
pub fn scene(inputs: &[(&str, Columns)]) -> Scene {
    let scene = Scene::with(&orders());
    let mut lines = String::new();
    for (name, columns) in inputs {
        scene.parquet(&format!("{name}.parquet"), columns);
        lines.push_str(&format!("  {name}: {{ path: {name}.parquet }}\n"));
    }
    scene.job(&JOB.replace("output:", &format!("{lines}output:")));
    scene
}

/// As [`scene`], with each row of the inputs in a file of its own: of rows of one key that of the last file counts.
pub fn scene_of_rows(inputs: &[(&str, Columns)]) -> Scene {
    let scene = Scene::with(&orders());
    let mut lines = String::new();
    for (name, columns) in inputs {
        let batch = columns.batch();
        for row in 0..batch.num_rows() {
            scene.parquet_of(&format!("{name}/{row:03}.parquet"), &batch.slice(row, 1), None);
        }
        lines.push_str(&format!("  {name}: {{ path: {name} }}\n"));
    }
    scene.job(&JOB.replace("output:", &format!("{lines}output:")));
    scene
}

pub fn plan(scene: &Scene, as_of: &str) -> Result<Plan, Error> {
    Plan::new(Job::load(&scene.path("job.yaml"), &[], &Plan::catalogue())?, day(as_of), &[])
}

/// What is loaded of one input as of a day, each row from a file of its own.
pub fn loaded(input: &str, columns: &Columns, as_of: &str) -> Loaded {
    let scene = scene_of_rows(&[(input, columns.clone())]);
    let plan = plan(&scene, as_of).unwrap_or_else(|error| panic!("{error}"));
    load(&plan, &Arc::new(Budget::unlimited()), &Silent).unwrap()
}

/// Used, superseded, rejected and after the as-of date, and the rejected rows with their reasons: the row of the one file, or the
/// file of the one row.
pub fn account(loaded: &Loaded, input: &str) -> ([u64; 4], Vec<String>) {
    let (_, ledger) = loaded.ledgers.iter().find(|(name, _)| *name == input).unwrap();
    let Account { rows, used, superseded, rejected, after_as_of, filtered, null_faults: _ } = ledger.total();
    assert_eq!(rows, used + superseded + rejected + after_as_of + filtered);
    let mut rejects: Vec<_> =
        ledger.rejects.iter().map(|reject| (reject.row + reject.file as u64, reject.reason.name(), &reject.detail)).collect();
    rejects.sort_unstable();
    let rejects = rejects.into_iter().map(|(row, reason, detail)| format!("{row} {reason}: {detail}")).collect();
    ([used, superseded, rejected, after_as_of], rejects)
}

pub fn month(iso: &str) -> i32 {
    Grain::Month.index(day(iso))
}

/// Days, empty ones null.
pub fn days(days: &[&str]) -> Date32Array {
    days.iter().map(|iso| (!iso.is_empty()).then(|| day(iso))).collect()
}

#[test]
fn item_traffic() {
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![Some(1), Some(1), Some(2), Some(1), None, Some(1), Some(1), Some(3)]))
        .with("date", days(&["2026-03-30", "2026-03-30", "2026-03-29", "2026-04-01", "2026-03-01", "", "2026-03-01", "2026-03-02"]))
        .with("item_id", Int64Array::from(vec![Some(7), Some(7), Some(7), Some(7), Some(7), Some(7), None, Some(8)]))
        .with("ipv_uv", Int64Array::from(vec![Some(2), Some(3), None, Some(1), Some(1), Some(1), Some(1), Some(-2)]));
    let loaded = loaded("item_traffic", &columns, "2026-03-31");
    let traffic = loaded.facts.item_traffic.as_ref().unwrap();
    // The second row of 30 March is the day's. Shop 2 is a shop though nobody ordered there; shop 3, of which nothing is right, is none.
    assert_eq!(traffic.first_days, [(0, day("2026-03-30")), (1, day("2026-03-29"))]);
    // The orders have no items, so that no table reads these days.
    assert!(traffic.days.is_empty());
    let (counts, rejects) = account(&loaded, "item_traffic");
    assert_eq!(counts, [2, 1, 4, 1]);
    assert_snapshot!(rejects.join("\n"), @r"
    4 null_key: shop_id is null
    5 null_key: date is null
    6 null_key: item_id is null
    7 negative_amount: ipv_uv: -2
    ");
}

#[test]
fn complaints() {
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![Some(1), Some(1), Some(2), Some(1), None, Some(1), Some(1), Some(1), Some(3)]))
        .with(
            "date",
            days(&["2026-03-30", "2026-03-30", "2026-03-31", "2026-04-01", "2026-03-01", "", "2026-03-01", "2026-03-01", "2026-03-02"]),
        )
        .with("count", Int64Array::from(vec![Some(2), Some(3), Some(1), Some(1), Some(1), Some(1), None, Some(i64::MAX), Some(-2)]));
    let loaded = loaded("complaints", &columns, "2026-03-31");
    // The second row of 30 March is the day's count. Shop 2 is a shop though nobody ordered there; shop 3, of which nothing
    // is right, is none.
    let expected = vec![Complaints { shop: 0, day: day("2026-03-30"), count: 3 }, Complaints { shop: 1, day: day("2026-03-31"), count: 1 }];
    assert_eq!(loaded.facts.complaints, Some(expected));
    assert_eq!(loaded.context.shops.len(), 2);
    let (counts, rejects) = account(&loaded, "complaints");
    assert_eq!(counts, [2, 1, 5, 1]);
    assert_eq!(
        rejects,
        [
            "4 null_key: shop_id is null",
            "5 null_key: date is null",
            "6 null_key: count is null",
            "7 unparseable_value: count: 9223372036854775807 is too large for a count",
            "8 negative_amount: count: -2",
        ]
    );
}

#[test]
fn service_scores_are_those_of_the_months_last_day() {
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 7]))
        .with("month", days(&["2026-02-28", "2026-01-15", "2026-01-01", "2026-03-05", "", "2026-01-01", "2026-01-01"]))
        .with("score", Float64Array::from(vec![Some(4.5), Some(3.0), Some(3.5), Some(4.0), Some(4.0), None, Some(-1.0)]));
    let rejects = ["4 null_key: month is null", "5 null_key: score is null", "6 negative_amount: score: -1"];
    let score = |iso, score| ServiceScore { shop: 0, month: month(iso), score };
    // March is over with its 31st: known on that day, whatever day of March the row names.
    let whole = loaded("service_scores", &columns, "2026-03-31");
    let expected = vec![score("2026-01-01", 3.5), score("2026-02-01", 4.5), score("2026-03-01", 4.0)];
    assert_eq!(whole.facts.service_scores, Some(expected));
    assert_eq!(account(&whole, "service_scores"), ([3, 1, 3, 0], rejects.map(str::to_owned).to_vec()));
    let before = loaded("service_scores", &columns, "2026-03-30");
    assert_eq!(before.facts.service_scores, Some(vec![score("2026-01-01", 3.5), score("2026-02-01", 4.5)]));
    assert_eq!(account(&before, "service_scores").0, [2, 1, 3, 1]);
    // On 30 January no month is over; a row without a month may lie anywhere, and is wrong.
    let none = loaded("service_scores", &columns, "2026-01-30");
    assert_eq!(none.facts.service_scores, Some(vec![]));
    assert_eq!(account(&none, "service_scores").0, [0, 0, 1, 6]);
}

#[test]
fn listings_of_a_month_are_known_when_it_begins() {
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 6]))
        .with("month", days(&["2026-02-01", "2026-03-31", "2026-04-01", "2026-02-10", "", "2026-02-01"]))
        .with("items_live", Int64Array::from(vec![Some(10), Some(0), Some(5), None, Some(1), Some(3)]))
        .with("items_new", Int64Array::from(vec![Some(2), None, Some(5), Some(4), Some(1), Some(-3)]));
    let loaded_at = |as_of| loaded("listings", &columns, as_of);
    // The row of 10 February is that of the same month, and comes later: how many are live is then not known.
    let february = Listing { shop: 0, month: month("2026-02-01"), live: None, new: Some(4) };
    let march = Listing { shop: 0, month: month("2026-03-01"), live: Some(0), new: None };
    let running = loaded_at("2026-03-01");
    assert_eq!(running.facts.listings, Some(vec![february, march]));
    let (counts, rejects) = account(&running, "listings");
    assert_eq!(counts, [2, 1, 2, 1]);
    assert_eq!(rejects, ["4 null_key: month is null", "5 negative_amount: items_new: -3"]);
    assert_eq!(loaded_at("2026-02-28").facts.listings, Some(vec![february]));
}

#[test]
fn a_violation_that_is_there_twice_is_two() {
    let occurred = ["2026-03-31", "2026-02-01", "2026-02-01", "2026-02-01", "2026-04-01", "2026-01-01", "2026-01-01", "2026-01-01", ""];
    let kinds = ["red_line", "general", "general", "serious", "general", "minor", "general", "serious", "general"];
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![2, 1, 1, 1, 1, 1, 1, 1, 1]))
        .with("occurred_at", noons(&occurred))
        .with("kind", texts(&kinds))
        .with("points", Float64Array::from(vec![None, Some(3.0), Some(3.0), Some(0.5), Some(1.0), Some(1.0), None, Some(-6.0), Some(1.0)]));
    let loaded = loaded("violations", &columns, "2026-03-31");
    let violation = |shop, iso, kind, points| Violation { shop, day: day(iso), kind, points };
    let expected = vec![
        violation(0, "2026-02-01", ViolationKind::General, 3.0),
        violation(0, "2026-02-01", ViolationKind::General, 3.0),
        violation(0, "2026-02-01", ViolationKind::Serious, 0.5),
        violation(1, "2026-03-31", ViolationKind::RedLine, 0.0),
    ];
    assert_eq!(loaded.facts.violations, Some(expected));
    let (counts, rejects) = account(&loaded, "violations");
    assert_eq!(counts, [4, 0, 4, 1]);
    assert_eq!(
        rejects,
        [
            "5 unknown_status: kind: `minor`, which is none of general, serious, red_line",
            "6 null_key: points is null",
            "7 negative_amount: points: -6",
            "8 null_key: occurred_at is null",
        ]
    );
}

#[test]
fn benchmarks_have_no_shop() {
    let columns = Columns(Vec::new())
        .with(
            "category",
            StringArray::from(vec![Some("shoes"), Some("shoes"), Some("bags"), Some("bags"), None, Some("bags"), Some("bags")]),
        )
        .with("period_start", texts(&["2026-01-01", "2026-01-01", "2026-01-01", "2026-04-01", "2026-01-01", "this quarter", "2026-01-01"]))
        .with("metric", texts(&["dsr_mean", "dsr_mean", "dsr_mean", "dsr_mean", "dsr_mean", "dsr_mean", ""]))
        .with("mean", Float64Array::from(vec![Some(4.0), Some(4.5), None, Some(4.0), Some(4.0), Some(4.0), Some(4.0)]))
        .with("p20", Int64Array::from(vec![3, 4, 4, 4, 4, 4, 4]));
    let loaded = loaded("benchmarks", &columns, "2026-03-31");
    let benchmark = |category: &str, mean| Benchmark {
        category: category.to_owned(),
        start: day("2026-01-01"),
        metric: "dsr_mean".to_owned(),
        mean,
        p10: None,
        p20: Some(4.0),
    };
    assert_eq!(loaded.facts.benchmarks, Some(vec![benchmark("bags", None), benchmark("shoes", Some(4.5))]));
    let (counts, rejects) = account(&loaded, "benchmarks");
    assert_eq!(counts, [2, 1, 3, 1]);
    assert_eq!(
        rejects,
        [
            "4 null_key: category is null",
            "5 unparseable_value: period_start: `this quarter`: a time from 1970-01-01 on is expected, text as YYYY-MM-DD HH:MM:SS",
            "6 null_key: metric is null",
        ]
    );
}

#[test]
fn shop_metrics() {
    let metrics = [Some("training"), Some("training"), Some("live_hours"), Some("training"), None, Some("training"), Some("training")];
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 7]))
        .with("period_start", dates(&["2026-01-01", "2026-01-01", "2026-03-01", "2026-04-01", "2026-01-01", "2026-01-01", "2026-01-01"]))
        .with("metric", StringArray::from(metrics.to_vec()))
        .with("value", Float64Array::from(vec![Some(0.0), Some(1.0), Some(-2.5), Some(1.0), Some(1.0), None, Some(f64::NAN)]));
    let loaded = loaded("shop_metrics", &columns, "2026-03-31");
    let metric = |metric: &str, start, value| ShopMetric { shop: 0, start: day(start), metric: metric.to_owned(), value };
    let expected = vec![metric("live_hours", "2026-03-01", -2.5), metric("training", "2026-01-01", 1.0)];
    assert_eq!(loaded.facts.shop_metrics, Some(expected));
    let (counts, rejects) = account(&loaded, "shop_metrics");
    assert_eq!(counts, [2, 1, 3, 1]);
    assert_eq!(rejects, ["4 null_key: metric is null", "5 null_key: value is null", "6 unparseable_value: value: NaN is not a number"]);
}

#[test]
fn annual_targets() {
    let columns = Columns(Vec::new()).with("shop_id", Int64Array::from(vec![1, 2, 3])).with("annual_target", money(&[120_000_000, 0, -1]));
    let loaded = loaded("shops", &columns, "2026-03-31");
    let targets: Vec<Option<i64>> = loaded.facts.shops.iter().flatten().map(|shop| shop.annual_target).collect();
    assert_eq!(targets, [Some(120_000_000), Some(0)]);
    assert_eq!(account(&loaded, "shops"), ([2, 0, 1, 0], vec!["2 negative_amount: annual_target: -0.01".to_owned()]));
    let none = self::loaded("shops", &columns.without("annual_target"), "2026-03-31");
    assert!(none.facts.shops.iter().flatten().all(|shop| shop.annual_target.is_none()));
}

#[test]
fn names_and_groups_of_shops() {
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 2]))
        .with("name", StringArray::from(vec![Some("茶叶店"), None]))
        .with("shop_group", StringArray::from(vec![Some(""), Some("north")]));
    let loaded = loaded("shops", &columns, "2026-03-31");
    let stated: Vec<_> =
        loaded.facts.shops.iter().flatten().map(|shop| (shop.name.as_deref(), shop.group.as_deref(), shop.category.as_deref())).collect();
    assert_eq!(stated, [(Some("茶叶店"), Some(""), None), (None, Some("north"), None)]);
    // Whether an id is the same person in the shops of a group nobody said.
    let warnings = plan(&scene_of_rows(&[("shops", columns)]), "2026-03-31").unwrap().warnings;
    assert!(warnings.iter().any(|warning| warning.ends_with("the tables `group_…` are left out")), "{warnings:?}");
}

/// Codes are given as shops are met, by whichever thread; the facts come out in the order of the shops' ids all the same.
#[test]
fn the_same_facts_whatever_the_threads() {
    let shops: Vec<i64> = (0..60).map(|row| (row * 7) % 13 + 1).collect();
    let starts: Vec<Day> = (0..60).map(|row| day("2025-01-01") + (row * 31) % 400).collect();
    let of_shop = |time: &str, figure: &str| {
        let figures = Float64Array::from_iter_values((0..60).map(|row| f64::from(row % 5)));
        let columns = Columns(Vec::new()).with("shop_id", Int64Array::from(shops.clone()));
        columns.with(time, Date32Array::from(starts.clone())).with(figure, figures)
    };
    let kinds: Vec<&str> = (0..60).map(|row| ["general", "serious", "red_line"][row % 3]).collect();
    let inputs = [
        ("service_scores", of_shop("month", "score")),
        ("violations", of_shop("occurred_at", "points").with("kind", texts(&kinds))),
        ("shop_metrics", of_shop("period_start", "value").with("metric", texts(&kinds))),
    ];
    let scene = scene_of_rows(&inputs);
    let facts = [1, 2, 5].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let plan = plan(&scene, "2026-03-31").unwrap();
        let loaded = pool.install(|| load(&plan, &Arc::new(Budget::unlimited()), &Silent)).unwrap();
        assert_eq!(loaded.context.shops.len(), 13);
        assert!(loaded.facts.violations.iter().flatten().is_sorted_by_key(|row| (row.shop, row.day, row.kind)));
        format!("{:?}", loaded.facts)
    });
    assert!(facts[0] == facts[1] && facts[0] == facts[2]);
}

#[test]
fn complaints_and_violations_make_a_first_day_and_figures_of_months_do_not() {
    let one =
        |shop: i64, time: &str, iso: &str| Columns(Vec::new()).with("shop_id", Int64Array::from(vec![shop])).with(time, dates(&[iso]));
    let scene = scene(&[
        ("complaints", one(1, "date", "2026-01-02").with("count", Int64Array::from(vec![1]))),
        ("violations", one(2, "occurred_at", "2026-02-03").with("kind", texts(&["general"])).with("points", Int64Array::from(vec![2]))),
        ("service_scores", one(1, "month", "2025-12-01").with("score", Int64Array::from(vec![4]))),
        ("listings", one(3, "month", "2026-01-01").with("items_live", Int64Array::from(vec![7]))),
        ("shop_metrics", one(3, "period_start", "2026-01-01").with("metric", texts(&["x"])).with("value", Int64Array::from(vec![7]))),
    ]);
    let plan = plan(&scene, "2026-03-31").unwrap();
    let loaded = load(&plan, &Arc::new(Budget::unlimited()), &Silent).unwrap();
    let folded = fold(&plan, loaded, &Silent).unwrap_or_else(|error| panic!("{error}"));
    // The first order of shop 1 is of 5 January.
    assert_eq!(folded.night.facts.first_days, [day("2026-01-02"), day("2026-02-03"), NO_DAY]);
}

/// Orders and complaints without shop_id are those of the job's one shop.
#[test]
fn the_jobs_one_shop() {
    let complaints = Columns(Vec::new()).with("date", dates(&["2026-01-02"])).with("count", Int64Array::from(vec![1]));
    let scene = scene(&[("complaints", complaints)]);
    scene.parquet("orders.parquet", &orders().without("shop_id"));
    let plan = plan(&scene, "2026-03-31").unwrap();
    let loaded = load(&plan, &Arc::new(Budget::unlimited()), &Silent).unwrap();
    assert_eq!(loaded.facts.complaints, Some(vec![Complaints { shop: 0, day: day("2026-01-02"), count: 1 }]));
    assert_eq!(loaded.context.shops.len(), 1);
}

#[test]
fn what_does_not_fit_together_is_told_at_once() {
    assert_snapshot!(Scene::refuses(|scene| {
        let shop = |shop_id: &str| Columns(Vec::new()).with("shop_id", texts(&[shop_id]));
        let complaints = shop("a").with("date", dates(&["2026-01-02"])).with("count", Int64Array::from(vec![1]));
        scene.parquet("complaints.parquet", &complaints);
        let benchmarks = Columns(Vec::new()).with("category", texts(&["shoes"])).with("period_start", dates(&["2026-01-01"]));
        scene.parquet("benchmarks.parquet", &benchmarks.with("metric", texts(&["dsr_mean"])).with("average", Int64Array::from(vec![4])));
        scene.parquet("listings.parquet", &Columns(Vec::new()).with("month", dates(&["2026-01-01"])));
        let inputs = ["complaints", "benchmarks", "listings"].map(|name| format!("  {name}: {name}.parquet\n")).concat();
        scene.job(&JOB.replace("output:", &format!("{inputs}output:")));
    }), @r#"
    exit 3
    error: job.yaml:7:3: input `benchmarks` has no figures: none of `mean`, `p10`, `p20`
      help: map one of them at least, or leave the input out
    error: job.yaml:6:3: input `complaints`, column `shop_id`: Utf8 here, Int64 in input `orders`
      help: map one of them with CAST(… AS VARCHAR) or CAST(… AS BIGINT), so that the same id is the same value
    error: job.yaml:8:3: input `listings` has no `shop_id`, and those of the orders are Int64
      help: map the column, or name the one shop of these rows: `shop_id: "CAST(1001 AS BIGINT)"`
    error: job.yaml:8:3: input `listings` has no figures: none of `items_live`, `items_new`
      help: map one of them at least, or leave the input out
    "#);
}
