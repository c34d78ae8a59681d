//! The memory limit: spilling to disk changes no table; a full disk or a crash meanwhile loses nothing.

use std::path::PathBuf;

use arrow::array::{Date32Array, Int64Array, StringArray, TimestampMicrosecondArray};

use super::scene::{Columns, DAY, JOB, Scene, day, money};

/// A scene with a shop history of some forty megabytes of lines, too much for the smallest limit.
fn scene() -> Scene {
    let scene = Scene::new();
    let data = scene.path("data");
    let sample = ["sample", data.to_str().unwrap(), "--orders", "800k", "--months", "6", "--dirty", "0.0002"];
    assert_eq!(scene.run(&sample).code, Some(0));
    scene
}

/// Tables that read every large input.
const TABLES: &str =
    "tables=[shop_daily, shop_periods, customers, cohort_retention, items, item_pairs, affiliate_plans, service_conversion]";

fn run(scene: &Scene, more: &[&str], environment: &[(&str, &str)]) -> super::scene::Ran {
    let mut arguments = vec!["run", "data/job.yaml", "--out", "out", "--threads", "1", "--set", TABLES, "--publish"];
    arguments.extend(more);
    scene.run_in(&arguments, environment)
}

/// The files of the latest snapshot except the manifest, which contains memory and seconds.
fn tables(scene: &Scene) -> Vec<(PathBuf, Vec<u8>)> {
    scene.published().into_iter().filter(|(path, _)| !path.ends_with("manifest.json")).collect()
}

fn manifest(scene: &Scene) -> huitou::publish::Manifest {
    huitou::publish::latest(&scene.path("out")).unwrap().unwrap().manifest
}

fn spilled(scene: &Scene) -> u64 {
    manifest(scene).spilled_bytes
}

fn peak(scene: &Scene) -> u64 {
    manifest(scene).peak_memory_bytes
}

#[test]
fn spilling_to_disk_changes_no_table() {
    let scene = scene();
    // What stays in memory whatever the limit is must not be the most: curves by channel are.
    let undivided = ["--set", "params.cohort.dimensions=[]", "--memory"];
    let unlimited = run(&scene, &[&undivided, &["64GiB"][..]].concat(), &[]);
    assert_eq!((unlimited.code, spilled(&scene)), (Some(0), 0), "{}", unlimited.stderr);
    let needed = peak(&scene);
    let expected = tables(&scene);
    std::fs::remove_dir_all(scene.path("out")).unwrap();
    let limited = run(&scene, &[&undivided, &["32MiB"][..]].concat(), &[]);
    assert_eq!(limited.code, Some(0), "{}", limited.stderr);
    assert!(spilled(&scene) > 10 << 20, "{}", spilled(&scene));
    assert!(peak(&scene) < needed, "{} bytes with a limit, {needed} without", peak(&scene));
    assert!(limited.stderr.contains("MiB were spilled to disk"), "{}", limited.stderr);
    assert!(tables(&scene) == expected, "the tables differ");
    assert_eq!(std::fs::read_dir(scene.path("out/tmp")).unwrap().count(), 0);
}

#[cfg(feature = "failpoints")]
#[test]
fn a_full_disk_or_a_crash_while_spilling_loses_nothing() {
    let scene = scene();
    assert_eq!(run(&scene, &["--as-of", "2026-10-31"], &[]).code, Some(0));
    let before = scene.published();
    let full = run(&scene, &["--memory", "32MiB"], &[("FAILPOINTS", "partition::spill=return(full)")]);
    assert_eq!(full.code, Some(4), "{}", full.stderr);
    assert!(full.stderr.contains("no storage space") && full.stderr.contains("make room"), "{}", full.stderr);
    assert!(scene.published() == before);
    assert_eq!(std::fs::read_dir(scene.path("out/tmp")).unwrap().count(), 0);
    let dead = run(&scene, &["--memory", "32MiB"], &[("FAILPOINTS", "partition::spill=40*off->return(abort)")]);
    assert_eq!(dead.code, None, "{}", dead.stderr);
    assert!(scene.published() == before);
    assert!(std::fs::read_dir(scene.path("out/tmp")).unwrap().count() > 0, "nothing was spilled before it died");
    assert_eq!(run(&scene, &["--memory", "32MiB"], &[]).code, Some(0));
    assert!(scene.published() != before);
    assert_eq!(std::fs::read_dir(scene.path("out/tmp")).unwrap().count(), 0);
}

/// More items than a thread keeps for itself, most of them sold once or twice, some twice together.
fn many_items() -> Columns {
    const LINES: i64 = 200_000;
    const ITEMS: i64 = 120_000;
    let order = |line: i64| line / 2;
    let moments = || (0..LINES).map(|line| (i64::from(day("2025-10-01")) + order(line) * 7 % 180) * DAY);
    Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values((0..LINES).map(|line| 1 + order(line) % 3)))
        .with("order_id", Int64Array::from_iter_values((0..LINES).map(order)))
        .with("line_id", Int64Array::from_iter_values(0..LINES))
        .with("customer_id", Int64Array::from_iter_values((0..LINES).map(|line| order(line) * 31 % 15_000)))
        .with("item_id", Int64Array::from_iter_values((0..LINES).map(|line| line * 7_919 % ITEMS)))
        .with("created_at", TimestampMicrosecondArray::from_iter_values(moments()))
        .with("paid_at", TimestampMicrosecondArray::from_iter_values(moments()))
        .with("quantity", Int64Array::from_iter_values((0..LINES).map(|line| 1 + line % 3)))
        .with("paid_amount", money(&(0..LINES).map(|line| 100 + line * 37 % 20_000).collect::<Vec<_>>()))
}

#[test]
fn items_are_the_same_whatever_threads_share_them_and_whatever_the_memory() {
    let scene = Scene::new();
    scene.parquet("orders.parquet", &many_items());
    scene.job(&format!("{JOB}params: {{ min_customers: 2, min_pair_orders: 2 }}\n"));
    let mut found = ["1", "2", "8"].into_iter().zip(["64GiB", "64GiB", "32MiB"]).map(|(threads, memory)| {
        let tables_of_items = "tables=[items, item_pairs, revenue_concentration]";
        let run = ["run", "job.yaml", "--threads", threads, "--memory", memory, "--set", tables_of_items, "--publish", "--quiet"];
        let ran = scene.run(&run);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let found = tables(&scene);
        let rows = |table: &str| manifest(&scene).table(table).map(|table| table.rows);
        assert_eq!((rows("items"), rows("item_pairs")), (Some(120_000), Some(3_000)));
        std::fs::remove_dir_all(scene.path("out")).unwrap();
        found
    });
    let first = found.next().unwrap();
    assert!(found.all(|other| other == first), "the tables differ");
}

/// Shops that sell now and then and have traffic every day, of the whole shop and by four channels.
const MANY_SHOPS: i64 = 1_200;
const TRAFFIC_DAYS: i32 = 60;

fn traffic_of_many_shops() -> Columns {
    const CHANNELS: [Option<&str>; 5] = [None, Some("search"), Some("ads"), Some("live"), Some("home")];
    let rows = || (0..MANY_SHOPS).flat_map(|shop| (0..TRAFFIC_DAYS).flat_map(move |on| CHANNELS.map(|channel| (shop, on, channel))));
    let uv = |(shop, on, channel): (i64, i32, Option<&str>)| shop * 13 % 700 + i64::from(on % 7) * 20 + channel.map_or(900, |_| 0);
    Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values(rows().map(|(shop, ..)| shop)))
        .with("date", Date32Array::from_iter_values(rows().map(|(_, on, _)| day("2026-01-31") + on)))
        .with("channel", rows().map(|(.., channel)| channel).collect::<StringArray>())
        .with("pv", Int64Array::from_iter_values(rows().map(|row| uv(row) * 3)))
        .with("uv", Int64Array::from_iter_values(rows().map(uv)))
}

fn orders_of_many_shops() -> Columns {
    let lines = MANY_SHOPS * 10;
    let moments = || (0..lines).map(|line| (i64::from(day("2026-01-31")) + line * 7 % 60) * DAY);
    Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values((0..lines).map(|line| line % MANY_SHOPS)))
        .with("order_id", Int64Array::from_iter_values(0..lines))
        .with("customer_id", Int64Array::from_iter_values((0..lines).map(|line| line * 31 % 4_000)))
        .with("created_at", TimestampMicrosecondArray::from_iter_values(moments()))
        .with("paid_at", TimestampMicrosecondArray::from_iter_values(moments()))
        .with("paid_amount", money(&(0..lines).map(|line| 100 + line * 37 % 20_000).collect::<Vec<_>>()))
}

#[test]
fn traffic_of_many_shops_is_not_held_whole_and_the_tables_are_the_same() {
    let scene = Scene::new();
    scene.parquet("orders.parquet", &orders_of_many_shops());
    scene.parquet("traffic.parquet", &traffic_of_many_shops());
    scene.job(&JOB.replace("inputs:\n", "inputs:\n  traffic: { path: traffic.parquet }\n"));
    let mut found = ["1", "4", "4"].into_iter().zip(["64GiB", "64GiB", "32MiB"]).map(|(threads, memory)| {
        let tables_of_shops = "tables=[shop_daily, shop_periods, traffic_sources]";
        let run = ["run", "job.yaml", "--threads", threads, "--memory", memory, "--set", tables_of_shops, "--publish", "--quiet"];
        let ran = scene.run(&run);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        // 360,000 rows of more than 20 bytes: nearly all of them wait on the disk where memory allows nothing.
        assert_eq!(spilled(&scene) > 6 << 20, memory == "32MiB", "{} bytes with {memory}", spilled(&scene));
        let found = tables(&scene);
        let days = manifest(&scene).table("shop_daily").map(|table| table.rows);
        assert_eq!(days, Some((MANY_SHOPS * i64::from(TRAFFIC_DAYS)) as u64));
        std::fs::remove_dir_all(scene.path("out")).unwrap();
        found
    });
    let first = found.next().unwrap();
    assert!(found.all(|other| other == first), "the tables differ");
}
