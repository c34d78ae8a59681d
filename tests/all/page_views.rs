//! Page views: which rows count, that tables of traffic are made of them, and that the bytes of all tables are the same whatever the memory,
//! the threads and the files are.

use std::sync::Arc;

use arrow::array::{Int64Array, StringArray, TimestampMicrosecondArray};
use huitou::job::Job;
use huitou::nightly::{Plan, RunOutcome, Silent, load, run};
use huitou::partition::Budget;
use huitou::publish::{Published, Store};
use huitou::statistics::random::Random;

use super::scene::{Columns, DAY, JOB, Scene, day, digests, noons, orders, rows, texts, traffic};
use super::small_inputs::{account, plan, scene};

const MINUTE: i64 = 60_000_000;

/// Times so many minutes after the beginning of 2026-01-05.
fn minutes(after: &[Option<i64>]) -> TimestampMicrosecondArray {
    let first = i64::from(day("2026-01-05")) * DAY;
    after.iter().map(|minutes| Some(first + (*minutes)? * MINUTE)).collect()
}

/// Nine rows of shop 1: four good ones, of which two are equal, one of the day after the as-of date, and four that are wrong.
fn views() -> Columns {
    let (wrong, long) = (Some("v9"), "c".repeat(300));
    let minutes = minutes(&[Some(60), Some(60), Some(75), Some(2_000), Some(90 * 1_440), Some(1), None, Some(2), Some(3)]);
    let visitors = [Some("v1"), Some("v1"), Some("v1"), Some("v2"), Some("v1"), None, wrong, wrong, wrong];
    let channels = [Some("search"), Some("search"), None, Some("ads"), None, None, None, None, Some(long.as_str())];
    Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 9]))
        .with("visitor_id", StringArray::from(visitors.to_vec()))
        .with("viewed_at", minutes)
        .with("item_id", Int64Array::from(vec![Some(7), Some(7), None, None, None, None, None, None, None]))
        .with("channel", StringArray::from(channels.to_vec()))
        .with("dwell_seconds", Int64Array::from(vec![Some(5), Some(5), Some(7), None, None, None, None, Some(-1), None]))
        .with("customer_id", Int64Array::from(vec![Some(11), Some(11), None, None, None, None, None, None, None]))
}

#[test]
fn equal_rows_are_two_views_and_bad_ones_are_refused() {
    let scene = scene(&[("page_views", views())]);
    let plan = plan(&scene, "2026-03-31").unwrap();
    let loaded = load(&plan, &Arc::new(Budget::unlimited()), &Silent).unwrap();
    let (counts, rejects) = account(&loaded, "page_views");
    assert_eq!(counts, [4, 0, 4, 1]);
    let expected = [
        "5 null_key: visitor_id is null",
        "6 null_key: viewed_at is null",
        "7 negative_amount: dwell_seconds: -1",
        "8 unparseable_value: channel: a text of 300 bytes, 255 at most",
    ];
    assert_eq!(rejects, expected);
    let traffic = loaded.facts.traffic.as_ref().unwrap();
    let shown: Vec<_> = traffic.iter().map(|day| (day.pv, day.uv, day.ipv_uv, day.visits, day.bounces, day.dwell_seconds)).collect();
    // On the first day one visit of three views by one visitor, two of them of an item; on the second one view.
    let (first, second) = ((Some(3), Some(1), Some(1), Some(1), Some(0), Some(17)), (Some(1), Some(1), Some(0), Some(1), Some(1), None));
    assert_eq!(shown, [first, second]);
}

#[test]
fn page_views_are_the_traffic_of_days_without_a_row_of_it() {
    // Traffic has 5 and 6 January; page views 5 January and 7 January, on which customer 11 looks and does not pay.
    let later = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 3]))
        .with("visitor_id", texts(&["v1", "v2", "v2"]))
        .with("viewed_at", noons(&["2026-01-05", "2026-01-07", "2026-01-07"]))
        .with("customer_id", Int64Array::from(vec![Some(11), Some(11), None]));
    let both = scene(&[("page_views", later.clone()), ("traffic", traffic())]);
    let published = both.publish("2026-01-07", "out", 2).unwrap();
    let daily = |published: &Published| -> Vec<Vec<String>> {
        let columns = ["date", "pv", "uv", "visits", "uv_source", "viewing_customers", "viewed_paid_customers", "viewed_paid_rate"];
        picked(published, "shop_daily", &columns)
    };
    let expected = [
        ["2026-01-05", "300", "100", "", "traffic", "1", "1", "1.0"],
        ["2026-01-06", "200", "80", "", "traffic", "", "", ""],
        ["2026-01-07", "2", "1", "1", "page_views", "1", "0", "0.0"],
    ];
    assert_eq!(daily(&published), expected.map(|row| row.map(str::to_owned).to_vec()));
    let month = picked(&published, "shop_periods", &["grain", "uv", "uv_source", "days_with_page_views", "pages_per_visitor"]);
    assert_eq!(month[0], ["month", "2", "mixed", "2", ""]);
    // Without traffic the tables that need a UV are made of page views.
    let only = scene(&[("page_views", later)]);
    let published = only.publish("2026-01-07", "out", 2).unwrap();
    assert!(published.manifest.table("sales_drivers").is_some());
    assert!(published.manifest.table("traffic_sources").is_none(), "they name no channel");
    let expected =
        [["2026-01-05", "1", "1", "1", "page_views"], ["2026-01-06", "", "", "", ""], ["2026-01-07", "2", "1", "1", "page_views"]];
    assert_eq!(
        daily(&published).iter().map(|row| row[..5].to_vec()).collect::<Vec<_>>(),
        expected.map(|row| row.map(str::to_owned).to_vec())
    );
    let neither = scene(&[]).publish("2026-01-07", "out", 2).unwrap();
    let reason = neither.manifest.skipped.iter().find(|skipped| skipped.name == "sales_drivers").unwrap();
    assert_eq!(reason.reason, "the job has no input `traffic`");
}

/// Two views of two days, one of them of a customer.
fn good() -> Columns {
    Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 2]))
        .with("visitor_id", texts(&["v1", "v2"]))
        .with("viewed_at", noons(&["2026-01-05", "2026-03-31"]))
        .with("customer_id", Int64Array::from(vec![Some(11), None]))
}

#[test]
fn columns_of_people_are_there_with_page_views_only() {
    let with = |inputs: &[(&str, Columns)]| {
        let scene = scene(inputs);
        let published = scene.publish("2026-03-31", "out", 1).unwrap();
        let has = |column: &str| names(&published, "shop_periods").iter().any(|name| name == column);
        ["uv", "conversion", "uv_source", "viewing_customer_days"].map(has)
    };
    assert_eq!(with(&[("traffic", traffic())]), [false; 4]);
    assert_eq!(with(&[("page_views", good().without("customer_id"))]), [true, true, true, false]);
    assert_eq!(with(&[("page_views", good())]), [true; 4]);
}

/// Views of a week before the first order: whoever reads them knows the shop from then on.
#[test]
fn tables_without_visitors_are_the_same_without_page_views_and_nothing_is_kept_for_them() {
    let early = good().with("viewed_at", noons(&["2025-12-29", "2026-03-31"]));
    let tables = "tables: [order_timing, cohort_retention, cohort_value, repurchase_intervals, repurchase_survival, interval_histogram, \
                  lifecycle_thresholds, customers, segment_value, segment_migration, revenue_concentration, rejects, inputs]\n";
    let with = |inputs: &[(&str, Columns)]| {
        let scene = scene(inputs);
        let job = std::fs::read_to_string(scene.path("job.yaml")).unwrap();
        scene.job(&(job + tables));
        scene
    };
    let viewed = with(&[("page_views", early)]);
    let plan = plan(&viewed, "2026-03-31").unwrap();
    let loaded = load(&plan, &Arc::new(Budget::unlimited()), &Silent).unwrap();
    assert!(loaded.facts.traffic.is_none() && loaded.facts.viewers.is_none());
    assert_eq!(account(&loaded, "page_views").0, [2, 0, 0, 0]);
    let figures = |scene: &Scene| digests(&scene.publish("2026-03-31", "out", 2).unwrap());
    assert_eq!(figures(&viewed), figures(&with(&[])));
}

#[test]
fn a_gap_between_days_with_views_is_told() {
    let days: Vec<i64> = (0..80).filter(|day| !(40..50).contains(day)).collect();
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; days.len()]))
        .with("visitor_id", Int64Array::from(vec![1; days.len()]))
        .with("viewed_at", minutes(&days.iter().map(|day| Some(day * 1_440)).collect::<Vec<_>>()));
    let published = scene(&[("page_views", columns)]).publish("2026-03-31", "out", 1).unwrap();
    let told = published.manifest.warnings.iter().find(|warning| warning.contains("page_views: no page was viewed")).unwrap();
    assert!(told.contains("from 2026-02-14 to 2026-02-23 (10 days) in shop 1"), "{told}");
    let newest = published.manifest.inputs.iter().find(|input| input.name == "page_views").unwrap();
    assert_eq!((newest.newest_event.as_deref(), newest.days_without_event), (Some("2026-03-25"), Some(6)));
}

/// The cells of some columns of a table; an empty text is null.
fn picked(published: &Published, table: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let names = names(published, table);
    let places: Vec<usize> = columns.iter().map(|column| names.iter().position(|name| name == column).unwrap()).collect();
    let cells = |row: &String| row.split('|').map(str::to_owned).collect::<Vec<_>>();
    rows(published, table).iter().map(cells).map(|cells| places.iter().map(|place| cells[*place].clone()).collect()).collect()
}

fn names(published: &Published, table: &str) -> Vec<String> {
    let part = &published.manifest.table(table).unwrap().parts[0];
    let file = std::fs::File::open(published.path.join(&part.file)).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    reader.schema().fields().iter().map(|field| field.name().clone()).collect()
}

/// Many views of three shops: texts of visitors, four channels, customers who pay, in any order.
fn many() -> Columns {
    const VIEWS: usize = 120_000;
    let mut random = Random::new(17);
    let mut below = |bound: u64| (random.bits() % bound) as i64;
    let (mut shops, mut visitors, mut times, mut channels, mut items, mut dwell, mut customers) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let first = i64::from(day("2026-01-01")) * DAY;
    for _ in 0..VIEWS {
        let visitor = below(4_000);
        shops.push(1 + below(3));
        visitors.push(format!("visitor-{visitor}"));
        times.push(first + below(90) * DAY + below(6) * 600 * 1_000_000 + below(3) * DAY / 3);
        channels.push([None, Some("ads"), Some("live"), Some("search")][below(4) as usize]);
        items.push((below(2) == 0).then_some(5));
        dwell.push((below(3) > 0).then(|| below(100)));
        customers.push((visitor < 400).then_some(11 + visitor % 3));
    }
    Columns(Vec::new())
        .with("shop_id", Int64Array::from(shops))
        .with("visitor_id", StringArray::from(visitors))
        .with("viewed_at", TimestampMicrosecondArray::from(times))
        .with("item_id", Int64Array::from(items))
        .with("channel", StringArray::from(channels))
        .with("dwell_seconds", Int64Array::from(dwell))
        .with("customer_id", Int64Array::from(customers))
}

fn published(scene: &Scene, threads: usize, memory: u64, out: &str) -> Published {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let job = Job::load(&scene.path("job.yaml"), &[], &Plan::catalogue()).unwrap();
        let mut plan = Plan::new(job, day("2026-03-31"), &[]).unwrap();
        plan.memory_limit = memory;
        let (RunOutcome::Published(published) | RunOutcome::Unchanged(published)) =
            run(&plan, &Store::open(&scene.path(out)).unwrap(), &Silent).unwrap();
        *published
    })
}

#[test]
fn the_same_bytes_for_any_memory_threads_and_files() {
    let scene = Scene::with(&orders());
    scene.job(&JOB.replace("output:", "  page_views: { path: views }\noutput:"));
    let batch = many().batch();
    scene.parquet_of("views/all.parquet", &batch, Some(10_000));
    let whole = published(&scene, 1, u64::MAX, "whole");
    assert_eq!(whole.manifest.spilled_bytes, 0);
    let spilled = published(&scene, 3, 1 << 20, "spilled");
    assert!(spilled.manifest.spilled_bytes > 1 << 20, "{} bytes", spilled.manifest.spilled_bytes);
    assert_eq!(digests(&spilled), digests(&whole));
    // The rows in three files, the last ones first.
    std::fs::remove_file(scene.path("views/all.parquet")).unwrap();
    let third = batch.num_rows() / 3;
    for (file, part) in ["c", "b", "a"].iter().zip(0..3) {
        scene.parquet_of(&format!("views/{file}.parquet"), &batch.slice(part * third, third), Some(7_000));
    }
    assert_eq!(digests(&published(&scene, 2, u64::MAX, "turned")), digests(&whole));
    let year = &picked(&whole, "shop_periods", &["grain", "uv", "uv_source"]);
    let years: Vec<_> = year.iter().filter(|row| row[0] == "year").collect();
    assert_eq!(years.len(), 3);
    assert!(years.iter().all(|row| row[1].parse::<i64>().unwrap() > 3_900 && row[2] == "page_views"), "{years:?}");
}
