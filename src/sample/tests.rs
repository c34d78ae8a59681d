//! Laws of the data set: always the same bytes, the requested numbers, consistent histories.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::order::{LONGEST, NEVER, Order};
use super::scan::Window;
use super::*;

mod campaigns;
mod items;
mod keywords;
mod links;
mod page_views;
mod platform_records;
mod promotions;
mod refills;

fn small() -> Options {
    Options { orders: 6_000, customers: Some(1_500), ..Options::default() }
}

fn written(options: &Options) -> (tempfile::TempDir, Summary) {
    let dir = tempfile::tempdir().unwrap();
    let summary = write(dir.path(), options, &|_, _| {}).unwrap();
    (dir, summary)
}

/// All files below `dir` by their path from there, with their bytes.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(dir).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The rows of one file.
fn rows_of(path: &Path) -> RecordBatch {
    let builder = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap();
    let schema = builder.schema().clone();
    let batches: Vec<RecordBatch> = builder.build().unwrap().map(|batch| batch.unwrap()).collect();
    concat_batches(&schema, &batches).unwrap()
}

/// The rows of one input, files in the order of their paths.
fn rows(dir: &Path, input: &str) -> RecordBatch {
    let batches: Vec<RecordBatch> = files(&dir.join(input)).keys().map(|path| rows_of(&dir.join(input).join(path))).collect();
    concat_batches(&batches[0].schema(), &batches).unwrap()
}

fn column(batch: &RecordBatch, name: &str) -> ArrayRef {
    batch.column_by_name(name).unwrap().clone()
}

fn integers(batch: &RecordBatch, name: &str) -> Vec<Option<i64>> {
    column(batch, name).as_primitive::<Int64Type>().iter().collect()
}

/// The first id of the customer of each order.
fn people(orders: &RecordBatch, dir: &Path) -> Vec<Option<i64>> {
    let links = rows_of(&dir.join("customer_links.parquet"));
    let older: BTreeMap<_, _> = integers(&links, "customer_id").into_iter().zip(integers(&links, "linked_id")).collect();
    integers(orders, "customer_id").into_iter().map(|id| older.get(&id).copied().unwrap_or(id)).collect()
}

fn fen(batch: &RecordBatch, name: &str) -> Vec<Option<i64>> {
    column(batch, name).as_primitive::<Decimal128Type>().iter().map(|value| value.map(|value| value as i64)).collect()
}

fn micros(batch: &RecordBatch, name: &str) -> Vec<Option<i64>> {
    column(batch, name).as_primitive::<TimestampMicrosecondType>().iter().collect()
}

fn texts(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    column(batch, name).as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

#[test]
fn the_same_bytes_whatever_the_threads() {
    for layout in [Layout::Files, Layout::Daily] {
        let options = Options { layout, months: 4, dirty: 0.01, ids: Ids::Text, ..small() };
        let by_threads = [1, 2, 5].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let dir = tempfile::tempdir().unwrap();
            pool.install(|| write(dir.path(), &options, &|_, _| {})).unwrap();
            files(dir.path())
        });
        assert!(by_threads[0].len() > 5);
        assert!(by_threads[0] == by_threads[1] && by_threads[0] == by_threads[2], "{layout:?}");
        let (other, _) = written(&Options { seed: 8, ..options });
        assert_ne!(by_threads[0], files(other.path()));
    }
}

#[test]
fn windows_of_a_day_find_what_one_window_finds() {
    let world = World::new(&Options { months: 3, ..small() });
    let days = world.calendar.days;
    let whole = scan::scan(&world, Window { from: 0, until: days });
    let (mut orders, mut refunds, mut ratings, mut paid) = (Vec::new(), Vec::new(), Vec::new(), BTreeMap::new());
    for from in 0..days {
        let found = scan::scan(&world, Window { from, until: from + 1 });
        orders.extend(found.orders);
        refunds.extend(found.refunds);
        ratings.extend(found.ratings);
        for (shop, day, count) in found.paid {
            *paid.entry((shop, day)).or_insert(0) += count;
        }
    }
    assert_eq!(orders, whole.orders);
    assert_eq!(refunds, whole.refunds);
    assert_eq!(ratings, whole.ratings);
    assert_eq!(paid, whole.paid.into_iter().map(|(shop, day, count)| ((shop, day), count)).collect());
}

#[test]
fn windows_cover_the_days_once() {
    for orders in [0, 6_000, 3_000_000_000] {
        let world = World::new(&Options { orders, customers: Some(500), ..Options::default() });
        let windows = scan::windows(&world);
        let mut next = 0;
        for window in &windows {
            assert_eq!(window.from, next);
            assert!(window.until > window.from);
            next = window.until;
        }
        assert_eq!(next, world.calendar.days);
        assert!(if orders > 1_000_000 { windows.len() > 300 } else { windows.len() == 24 }, "{}", windows.len());
    }
}

#[test]
fn nothing_happens_in_the_wrong_order_or_after_the_longest_time() {
    let world = World::new(&small());
    for shop in &world.shops {
        for number in 0..3_000 {
            let order = Order::new(&world, shop, shop.first_customer, number, 1_000_000);
            let times = [order.created, order.paid, order.shipped, order.completed];
            assert!(times.is_sorted(), "{order:?}");
            assert!((order.paid == NEVER) != (order.closed == NEVER), "{order:?}");
            let limit = order.created + LONGEST * 86_400;
            let rated = ratings::rated_at(&world, shop, shop.first_customer, number, &order);
            let decided = order.refund.map(|refund| refund.decided);
            for time in times.into_iter().chain([order.closed]).chain(decided).chain(rated).filter(|time| *time != NEVER) {
                assert!(time < limit, "{order:?}");
            }
            if let Some(refund) = order.refund {
                assert!(order.paid <= refund.opened && refund.opened < refund.decided, "{order:?}");
            }
        }
    }
}

#[test]
fn as_many_lines_customers_and_versions_as_requested() {
    let options = Options { orders: 40_000, customers: Some(8_000), ..Options::default() };
    for (options, share) in [(options, 0.10), (Options { superseded: 0.0, ..options }, 0.0), (Options { superseded: 0.5, ..options }, 0.5)]
    {
        let (dir, summary) = written(&options);
        let orders = rows(dir.path(), "orders");
        assert_eq!(summary.inputs[0].rows, orders.num_rows() as u64);
        let lines: BTreeSet<_> = integers(&orders, "line_id").into_iter().collect();
        assert!((lines.len() as f64 / 40_000.0 - 1.0).abs() < 0.04, "{} lines", lines.len());
        let customers: BTreeSet<_> = integers(&orders, "shop_id").into_iter().zip(people(&orders, dir.path())).collect();
        assert_eq!(customers.len(), 8_000);
        let superseded = 1.0 - lines.len() as f64 / orders.num_rows() as f64;
        assert!((superseded - share).abs() < 0.01, "{superseded} instead of {share}");
    }
}

#[test]
fn versions_only_ever_add_to_what_was_known() {
    let (dir, _) = written(&Options { superseded: 0.5, ..small() });
    let orders = rows(dir.path(), "orders");
    let lines = integers(&orders, "line_id");
    let modified = micros(&orders, "modified_at");
    let known: Vec<Vec<Option<i64>>> = ["created_at", "paid_at", "shipped_at", "completed_at"].map(|name| micros(&orders, name)).into();
    let mut same: Vec<Vec<Option<i64>>> = ["order_id", "item_id"].map(|name| integers(&orders, name)).into();
    // A newer version may have the newer id of the same person.
    same.push(people(&orders, dir.path()));
    let mut before: BTreeMap<Option<i64>, usize> = BTreeMap::new();
    let mut superseded = 0;
    for row in 0..orders.num_rows() {
        for times in &known {
            assert!(times[row].is_none_or(|time| time <= modified[row].unwrap()), "a version knows the future");
        }
        if let Some(earlier) = before.insert(lines[row], row) {
            superseded += 1;
            assert!(modified[earlier] < modified[row]);
            for times in &known {
                assert!(times[earlier].is_none() || times[earlier] == times[row]);
            }
            for values in &same {
                assert_eq!(values[earlier], values[row]);
            }
        }
    }
    assert!(superseded > 1_000);
}

#[test]
fn a_file_holds_the_rows_changed_on_its_day() {
    let (dir, _) = written(&Options { layout: Layout::Daily, months: 2, ..small() });
    for (path, _) in files(&dir.path().join("orders")) {
        let day = crate::spec::period::parse_day(path.to_str().unwrap().strip_prefix("dt=").unwrap().split('/').next().unwrap()).unwrap();
        let modified = micros(&rows_of(&dir.path().join("orders").join(&path)), "modified_at");
        assert!(modified.is_sorted());
        for time in modified {
            assert_eq!(time.unwrap().div_euclid(86_400_000_000), i64::from(day));
        }
    }
}

#[test]
fn refunds_and_orders_agree() {
    let (dir, _) = written(&Options { orders: 20_000, ..small() });
    let (orders, refunds) = (rows(dir.path(), "orders"), rows(dir.path(), "refunds"));
    // The row that comes last is the greatest version: files and rows are in the order of modified_at.
    let mut by_orders: BTreeMap<i64, i64> = BTreeMap::new();
    for (line, amount) in integers(&orders, "line_id").into_iter().zip(fen(&orders, "refund_amount")) {
        by_orders.insert(line.unwrap(), amount.unwrap_or(0));
    }
    by_orders.retain(|_, amount| *amount > 0);
    let status = texts(&refunds, "status");
    let mut by_refunds: BTreeMap<i64, i64> = BTreeMap::new();
    for (row, (line, amount)) in integers(&refunds, "line_id").into_iter().zip(fen(&refunds, "amount")).enumerate() {
        if status[row].as_deref() == Some("success") && amount != Some(0) {
            by_refunds.insert(line.unwrap(), amount.unwrap());
        }
    }
    assert!(by_orders.len() > 100);
    assert_eq!(by_orders, by_refunds);
    assert!(["open", "success", "closed"].iter().all(|wanted| status.iter().any(|status| status.as_deref() == Some(wanted))));
    assert!(column(&refunds, "intervened").as_boolean().true_count() > 5);
}

#[test]
fn more_people_look_than_buy() {
    let (dir, _) = written(&small());
    let (orders, traffic) = (rows(dir.path(), "orders"), rows(dir.path(), "traffic"));
    let day = |time: i64| time.div_euclid(86_400_000_000);
    let mut paying: BTreeMap<(i64, i64), BTreeSet<i64>> = BTreeMap::new();
    let (shops, customers) = (integers(&orders, "shop_id"), integers(&orders, "customer_id"));
    for (row, paid) in micros(&orders, "paid_at").into_iter().enumerate() {
        if let Some(paid) = paid {
            paying.entry((shops[row].unwrap(), day(paid))).or_default().insert(customers[row].unwrap());
        }
    }
    let (shops, channels, visitors) = (integers(&traffic, "shop_id"), texts(&traffic, "channel"), integers(&traffic, "uv"));
    let dates = column(&traffic, "date");
    let dates = dates.as_primitive::<arrow::datatypes::Date32Type>();
    let mut totals = 0;
    for row in (0..traffic.num_rows()).filter(|row| channels[*row].is_none()) {
        totals += 1;
        let buyers = paying.get(&(shops[row].unwrap(), i64::from(dates.value(row)))).map_or(0, BTreeSet::len);
        assert!(visitors[row].unwrap() > buyers as i64);
    }
    assert!(totals > 5_000 && totals < traffic.num_rows() / 6);
}

#[test]
fn bad_rows_of_every_kind_follow_the_good_ones() {
    let clean = small();
    let (clean_dir, clean_summary) = written(&clean);
    let (dirty_dir, summary) = written(&Options { dirty: 0.005, ..clean });
    for (path, _) in files(clean_dir.path()).into_iter().filter(|(path, _)| path.extension().is_some_and(|kind| kind == "parquet")) {
        let (good, all) = (rows_of(&clean_dir.path().join(&path)), rows_of(&dirty_dir.path().join(&path)));
        assert_eq!(good, all.slice(0, good.num_rows()), "{path:?}");
    }
    for (clean, dirty) in clean_summary.inputs.iter().zip(&summary.inputs) {
        assert_eq!(clean.bad_rows, 0);
        assert_eq!(clean.rows + dirty.bad_rows, dirty.rows);
    }
    let orders = rows(dirty_dir.path(), "orders");
    let (created, paid_at) = (micros(&orders, "created_at"), micros(&orders, "paid_at"));
    let (paid, refunded) = (fen(&orders, "paid_amount"), fen(&orders, "refund_amount"));
    let (ids, customers) = (integers(&orders, "order_id"), integers(&orders, "customer_id"));
    let all = 0..orders.num_rows();
    let count = |wrong: &dyn Fn(usize) -> bool| all.clone().filter(|row| wrong(*row)).count();
    assert!(count(&|row| customers[row].is_none()) > 0 && count(&|row| ids[row].is_none()) > 0);
    assert!(count(&|row| paid[row].is_some_and(|paid| paid < 0)) > 0);
    assert!(count(&|row| paid_at[row].is_some() && paid_at[row] < created[row]) > 0);
    assert!(count(&|row| paid_at[row].is_some() && paid[row].is_none()) > 0);
    assert!(count(&|row| refunded[row].is_some() && refunded[row] > paid[row] && paid[row] > Some(0)) > 0);
    assert!(texts(&orders, "status").contains(&Some("TRADE_UNDER_REVIEW".to_owned())));
    let mut customers_of: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for row in all.clone() {
        if let (Some(order), Some(customer)) = (ids[row], customers[row]) {
            customers_of.entry(order).or_default().insert(customer);
        }
    }
    assert!(customers_of.values().any(|customers| customers.len() == 2));
    let real: BTreeSet<i64> = ids.iter().flatten().copied().collect();
    for input in ["refunds", "ratings"] {
        let orders = integers(&rows(dirty_dir.path(), input), "order_id");
        assert!(orders.iter().any(Option::is_none), "{input}");
        assert!(orders.iter().flatten().any(|order| !real.contains(order)), "{input}");
    }
    let refunds = rows(dirty_dir.path(), "refunds");
    assert!(fen(&refunds, "amount").contains(&Some(100_000_000)));
    assert!(texts(&refunds, "status").contains(&Some("reviewing".to_owned())));
    let ratings = rows(dirty_dir.path(), "ratings");
    let scores = |name: &str| -> Vec<Option<i32>> { column(&ratings, name).as_primitive::<Int32Type>().iter().collect() };
    assert!(scores("description").contains(&Some(6)) && scores("delivery").contains(&Some(0)));
    let job = fs::read_to_string(dirty_dir.path().join("job.yaml")).unwrap();
    assert!(job.contains("max_reject_share: 0.0"), "{job}");
    assert!(!fs::read_to_string(clean_dir.path().join("job.yaml")).unwrap().contains("max_reject_share"));
}

#[test]
fn strange_options_are_fine() {
    let base = Options { orders: 300, ..Options::default() };
    for options in [
        Options { orders: 0, ..base },
        Options { orders: 0, dirty: 0.1, layout: Layout::Daily, ..base },
        Options { orders: 1, ..base },
        Options { shops: 1, ..base },
        Options { months: 1, ..base },
        Options { shops: 300, months: 2, ..base },
        Options { customers: Some(1), ..base },
        Options { customers: Some(1_000_000), ..base },
        Options { orders: 50_000, customers: Some(1), months: 1, shops: 1, ..base },
        Options { dirty: 0.5, superseded: 0.9, ..base },
        Options { shops: 1, months: 1, dirty: 0.2, layout: Layout::Daily, ids: Ids::Text, ..base },
        Options { last_day: 0, months: 3, ..base },
    ] {
        let (dir, summary) = written(&options);
        assert!(summary.inputs.iter().all(|input| input.files > 0), "{options:?}");
        for input in ["orders", "traffic", "ratings", "refunds"] {
            assert!(rows(dir.path(), input).num_columns() > 5);
        }
        let job = fs::read_to_string(dir.path().join("job.yaml")).unwrap();
        let files: Vec<&str> = job.split_whitespace().filter(|word| word.ends_with(".yaml")).collect();
        // Eight strategies, the stages, and the three rules that ask for nothing but orders, traffic, ratings and refunds.
        assert!(files.len() >= 12, "{files:?}");
        let named: BTreeSet<String> = files.iter().map(|file| (*file).to_owned()).collect();
        let of_folder = |folder: &str| {
            let entries = fs::read_dir(dir.path().join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
            entries.map(|name| format!("{folder}/{}", name.to_str().unwrap())).collect::<Vec<_>>()
        };
        let beside: BTreeSet<String> = ["rules", "strategies"].into_iter().flat_map(of_folder).chain(["stages.yaml".to_owned()]).collect();
        assert_eq!(named, beside, "{options:?}");
        // Without figures of the platform no rule that asks for one is named, nor without violations that about them.
        assert_eq!(job.contains("rules/tmall_trial.yaml"), job.contains("shop_metrics.parquet"), "{job}");
        assert_eq!(job.contains("rules/tmall_violations.yaml"), job.contains("violations.parquet"), "{job}");
    }
}

#[test]
fn options_out_of_range_are_reported_all_at_once() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("precious"), "").unwrap();
    let options = Options { shops: 0, months: 0, dirty: 2.0, ..Options::default() };
    let Err(Error::Usage(problems)) = write(dir.path(), &options, &|_, _| {}) else { panic!("accepted") };
    assert_eq!(problems.iter().map(|problem| problem.place.as_str()).take(3).collect::<Vec<_>>(), ["--shops", "--months", "--dirty"]);
    assert_eq!(problems.len(), 4);
}

#[test]
fn the_sample_of_the_repository_is_small() {
    let (_dir, summary) = written(&Options { orders: 20_000, customers: Some(6_000), dirty: 0.001, ..Options::default() });
    let bytes: u64 = summary.inputs.iter().map(|input| input.bytes).sum();
    assert!(bytes < 4_000_000, "{bytes}");
    assert_eq!(summary.inputs.iter().map(|input| input.files).sum::<u64>(), 24 + 22);
}
