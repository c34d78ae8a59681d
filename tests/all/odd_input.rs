//! Odd input that is right all the same: every type that docs/reference/inputs.md names gives the figures of the plain one.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{
    Array, ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int32Array, Int64Array, LargeStringArray, StringArray,
    StringViewArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, TimeUnit};

use super::scene::{Columns, DAY, JOB, Scene, dates, figures, money, noons, orders, rows, texts, traffic};

const AS_OF: &str = "2026-03-31";

/// The figures of the plain orders.
fn plain() -> BTreeMap<String, Vec<String>> {
    let scene = Scene::with(&orders());
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    assert_eq!(rows(&published, "customers").len(), 2);
    figures(&published)
}

/// The figures of orders with other columns, none of which is rejected.
fn figures_of(columns: &Columns, job: &str) -> BTreeMap<String, Vec<String>> {
    let scene = Scene::with(columns);
    scene.job(job);
    let other = scene.publish(AS_OF, "out", 1).unwrap();
    assert!(rows(&other, "rejects").is_empty());
    figures(&other)
}

/// Whether orders with other columns have the figures of the plain ones.
#[track_caller]
fn same_as_plain(columns: &Columns, job: &str) {
    assert_eq!(figures_of(columns, job), plain());
}

/// The same of orders with days for times: all figures but those by the hour.
#[track_caller]
fn same_by_day(columns: &Columns, job: &str) {
    assert_eq!(by_day(figures_of(columns, job)), by_day(plain()));
}

fn by_day(mut figures: BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    figures.remove("order_timing").expect("order_timing counts by the hour");
    figures.remove("payment_funnel").expect("payment_funnel counts hours");
    figures
}

/// An array that owns itself, for [`Columns::with`].
fn cast_to(array: &dyn Array, data_type: &DataType) -> Columns {
    Columns(vec![("value".to_owned(), cast(array, data_type).unwrap())])
}

impl Columns {
    /// The same with a column of another type.
    fn cast(mut self, name: &str, data_type: &DataType) -> Columns {
        for (own, array) in &mut self.0 {
            if own == name {
                *array = cast_to(array, data_type).0.remove(0).1;
            }
        }
        self
    }
}

#[test]
fn ids_of_any_type() {
    let dictionary = |values: DataType| DataType::Dictionary(Box::new(DataType::Int32), Box::new(values));
    let text = [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View, dictionary(DataType::Utf8)];
    let integer = [DataType::Int16, DataType::Int32, DataType::UInt8, DataType::UInt64, dictionary(DataType::Int64)];
    for data_type in text.into_iter().chain(integer) {
        for column in ["shop_id", "order_id", "customer_id"] {
            same_as_plain(&orders().cast(column, &data_type), JOB);
        }
    }
}

#[test]
fn integer_ids_of_different_widths_in_different_files() {
    let plain = plain();
    for (first, second) in [("a", "b"), ("b", "a")] {
        let scene = Scene::with(&orders());
        scene.job(&JOB.replace("orders.parquet", "data"));
        let head = orders().batch().slice(0, 2);
        let tail = orders().cast("customer_id", &DataType::Int16).batch().slice(2, 2);
        scene.parquet_of(&format!("data/{first}.parquet"), &head, None);
        scene.parquet_of(&format!("data/{second}.parquet"), &tail, None);
        assert_eq!(figures(&scene.publish(AS_OF, "out", 1).unwrap()), plain);
    }
}

#[test]
fn unsigned_ids_above_the_signed_ones() {
    // 2^63 and 2^64 - 1 would be negative as signed numbers; as ids they come last.
    let ids = [u64::MAX, 1 << 63, u64::MAX, 7];
    let scene = Scene::with(&orders().with("customer_id", UInt64Array::from(ids.to_vec())).without("paid_at"));
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    let customers: Vec<String> = rows(&published, "customers").iter().map(|row| row.split('|').nth(1).unwrap().to_owned()).collect();
    assert_eq!(customers, ["7", "9223372036854775808", "18446744073709551615"]);
}

#[test]
fn money_of_any_type() {
    let minor = [10_000_i128, 5_000, 7_500, 0];
    for scale in 0..=4_i8 {
        let unscaled = minor.map(|value| value * 10_i128.pow(4) / 100 / 10_i128.pow(4 - scale as u32));
        let amounts = Decimal128Array::from_iter_values(unscaled).with_precision_and_scale(30, scale).unwrap();
        same_as_plain(&orders().with("paid_amount", amounts), JOB);
    }
    same_as_plain(&orders().with("paid_amount", Float64Array::from(vec![100.0, 50.0, 75.0, 0.0])), JOB);
    let job = JOB.replace("orders.parquet }", "orders.parquet, money: minor }");
    for data_type in [DataType::Int64, DataType::Int32, DataType::UInt16] {
        same_as_plain(&orders().with("paid_amount", Int64Array::from(vec![10_000, 5_000, 7_500, 0])).cast("paid_amount", &data_type), &job);
    }
    // Where a null makes floats of integers, they are still fen: taken for yuan they would be a hundred times as much.
    let floats = orders().with("paid_amount", Float64Array::from(vec![10_000.0, 5_000.0, 7_500.0, 0.0]));
    let scene = Scene::with(&floats);
    scene.job(&job);
    let ran = scene.run(&["check", "job.yaml"]);
    let told = "expected integers of minor units, as `money: minor` says, found Float64 in `paid_amount`";
    assert!(ran.code == Some(3) && ran.stderr.contains(told) && ran.stderr.contains("`CAST(paid_amount AS BIGINT)`"), "{}", ran.stderr);
    let mapped = "orders.parquet, money: minor, columns: { paid_amount: CAST(paid_amount AS BIGINT) } }";
    same_as_plain(&floats, &JOB.replace("orders.parquet }", mapped));
}

#[test]
fn money_that_is_not_whole_fen_is_rounded_half_to_even() {
    // 0.125 and 0.375 are exact halves of a fen; 0.12 + 0.38 + 0.01 = 0.51, and 0.0150 rounds to 0.02.
    let amounts = Float64Array::from(vec![0.125, 0.375, 0.01, 0.0]);
    let scene = Scene::with(&orders().with("paid_amount", amounts));
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    let paid = |row: &str| row.split('|').any(|cell| cell == "0.12");
    assert!(rows(&published, "shop_daily").iter().any(|row| paid(row)));
    let amounts = Decimal128Array::from(vec![150, 250, 350, 0]).with_precision_and_scale(10, 4).unwrap();
    let scene = Scene::with(&orders().with("paid_amount", amounts));
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    // 0.0150 -> 0.02, 0.0250 -> 0.02, 0.0350 -> 0.04: halves go to the even fen.
    let yearly: Vec<String> = rows(&published, "shop_periods").into_iter().filter(|row| row.contains("year")).collect();
    assert!(yearly.iter().any(|row| row.split('|').any(|cell| cell == "0.08")), "{yearly:?}");
}

#[test]
fn times_of_any_type() {
    let units = [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond];
    for unit in units {
        let local = DataType::Timestamp(unit, None);
        same_as_plain(&orders().cast("created_at", &local).cast("paid_at", &local), JOB);
        // Noon in Shanghai is 04:00 in UTC; the name of the zone in the file does not change the moment.
        for zone in ["UTC", "+08:00", "America/New_York"] {
            let zoned = |days: &[&str]| -> ArrayRef {
                let utc: TimestampMicrosecondArray = noons(days).unary(|noon: i64| noon - DAY / 3);
                cast(&utc.with_timezone(zone), &DataType::Timestamp(unit, Some(zone.into()))).unwrap()
            };
            let mut columns = orders();
            columns.0[3].1 = zoned(&["2026-01-05", "2026-01-20", "2026-02-14", "2026-03-01"]);
            columns.0[4].1 = zoned(&["2026-01-05", "2026-01-20", "2026-02-14", ""]);
            same_as_plain(&columns, JOB);
        }
    }
    let created = texts(&["2026-01-05 12:00:00", "2026-01-20", "2026-02-14T12:00:00", "2026-03-01 12:00:00.5"]);
    let paid = StringArray::from(vec![Some("2026-01-05 12:00:00"), Some("2026-01-20 00:00"), Some("2026-02-14 12:00:00"), Some("")]);
    same_by_day(&orders().with("created_at", created).with("paid_at", paid.clone()), JOB);
    same_by_day(&orders().with("paid_at", paid).with("created_at", dates(&["2026-01-05", "2026-01-20", "2026-02-14", "2026-03-01"])), JOB);
    let days =
        Date32Array::from_iter([Some("2026-01-05"), Some("2026-01-20"), Some("2026-02-14"), None].map(|iso| iso.map(super::scene::day)));
    let created = dates(&["2026-01-05", "2026-01-20", "2026-02-14", "2026-03-01"]);
    same_by_day(&orders().with("paid_at", days).with("created_at", created), JOB);
}

#[test]
fn a_day_is_a_day_of_the_jobs_timezone() {
    // 2026-01-05 23:30 UTC is the next morning in Shanghai.
    let late: TimestampMicrosecondArray = noons(&["2026-01-05"; 4]).unary(|noon: i64| noon + DAY / 48 * 23);
    let scene = Scene::with(&orders().with("created_at", late.clone().with_timezone("UTC")).with("paid_at", late.with_timezone("UTC")));
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    assert!(rows(&published, "shop_daily")[0].starts_with("1|2026-01-06|"));
}

#[test]
fn statuses_as_dictionaries_and_views() {
    let status = ["TRADE_FINISHED", "交易成功", "WAIT_BUYER_CONFIRM_GOODS", "WAIT_BUYER_PAY"];
    let dictionary: DictionaryArray<Int32Type> = status.into_iter().collect();
    // A status says that nothing was refunded or closed: that is more than the plain orders say.
    let plain_text = figures_of(&orders().with("status", StringArray::from(status.to_vec())), JOB);
    assert_eq!(plain_text["customers"], plain()["customers"]);
    let others: [Columns; 3] = [
        orders().with("status", dictionary),
        orders().with("status", StringViewArray::from(status.to_vec())),
        orders().with("status", LargeStringArray::from(status.to_vec())),
    ];
    others.iter().for_each(|columns| assert_eq!(figures_of(columns, JOB), plain_text));
    // Codes of the shop's own, mapped by the job.
    let job = JOB.replace("orders.parquet }", "orders.parquet, status: { 1: placed, 4: completed } }");
    assert_eq!(figures_of(&orders().with("status", Int32Array::from(vec![4, 4, 4, 1])), &job), plain_text);
}

#[test]
fn columns_by_other_names_and_by_expressions() {
    let columns = orders().renamed("paid_amount", "payment").renamed("customer_id", "Customer ID");
    let inputs = "orders.parquet, columns: { paid_amount: payment, customer_id: '\"Customer ID\" + 0' } }";
    same_as_plain(&columns, &JOB.replace("orders.parquet }", inputs));
    // A plain name with a blank is a name.
    same_as_plain(
        &columns,
        &JOB.replace("orders.parquet }", "orders.parquet, columns: { paid_amount: payment, customer_id: Customer ID } }"),
    );
    let filtered = orders().with("kind", texts(&["good"; 4]));
    same_as_plain(&filtered, &JOB.replace("orders.parquet }", "orders.parquet, filter: \"kind <> 'test'\" }"));
}

#[test]
fn hive_partitions_give_columns() {
    let plain = by_day(plain());
    for path in ["data", "data/dt=*", "data/*/*.parquet", "data/dt=2026-0[1-3]-*"] {
        let scene = Scene::new();
        scene.job(&JOB.replace("orders.parquet }", &format!("\"{path}\", columns: {{ created_at: dt }} }}")));
        for (row, dt) in ["2026-01-05", "2026-01-20", "2026-02-14", "2026-03-01"].iter().enumerate() {
            let batch = orders().without("created_at").batch().slice(row, 1);
            scene.parquet_of(&format!("data/dt={dt}/part-0.parquet"), &batch, None);
        }
        scene.write("data/_SUCCESS", "");
        // What knows only the day lies at hour 0.
        assert_eq!(by_day(figures(&scene.publish(AS_OF, "out", 1).unwrap())), plain, "{path}");
    }
}

#[test]
fn files_without_rows_among_good_ones() {
    let plain = plain();
    let scene = Scene::new();
    scene.job(&JOB.replace("orders.parquet", "data"));
    scene.parquet("data/2026.parquet", &orders());
    scene.parquet_of("data/2025.parquet", &orders().batch().slice(0, 0), None);
    // Not even its optional columns are missed.
    scene.parquet_of("data/2027.parquet", &orders().without("customer_id").without("paid_at").batch().slice(0, 0), None);
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    assert_eq!(figures(&published), plain);
    assert_eq!(published.manifest.warnings, Vec::<String>::new());
    assert_eq!(published.manifest.inputs[0].files.len(), 3);
}

#[test]
fn an_optional_column_that_some_files_lack_is_told() {
    let scene = Scene::new();
    scene.job(&JOB.replace("orders.parquet", "data"));
    scene.parquet_of("data/2026-01.parquet", &orders().batch().slice(0, 2), None);
    scene.parquet_of("data/2026-02.parquet", &orders().without("paid_at").batch().slice(2, 2), None);
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    let expected = "input `orders`: 1 of 2 files have no column `paid_at`, data/2026-02.parquet first: it counts as null there";
    assert_eq!(published.manifest.warnings, [expected]);
    // Both orders of the second file are unpaid.
    assert_eq!(rows(&published, "customers").len(), 2);
    let ran = scene.run(&["run", "job.yaml", "--out", "other"]);
    assert!(ran.code == Some(0) && ran.stderr.contains(&format!("warning: {expected}")), "{}", ran.stderr);
}

/// All tables are there, with their columns and without a row; `inputs` has its files.
fn assert_empty(scene: &Scene, out: &str) {
    let snapshot = huitou::publish::latest(&scene.path(out)).unwrap().unwrap();
    assert_eq!(huitou::publish::verify(&snapshot).unwrap(), Vec::new());
    for table in &snapshot.manifest.tables {
        assert_eq!(table.rows, u64::from(table.name == "inputs"), "{}", table.name);
        assert_eq!(table.parts.len(), 1, "{}", table.name);
        assert_eq!(scene.run(&["show", &table.name, "--out", out]).code, Some(0), "{}", table.name);
    }
    let skipped = snapshot.manifest.skipped.iter().map(|table| &table.name);
    let found: BTreeSet<&str> = snapshot.manifest.tables.iter().map(|table| &table.name).chain(skipped).map(String::as_str).collect();
    let all: Vec<_> = huitou::table::tables_of(&[]).map(|(_, card)| card.name.to_string()).collect();
    // The job has no totals, groups, rules, stages and strategies. Tables whose input it does not have are told.
    let not_requested: Vec<&str> = all.iter().map(String::as_str).filter(|name| !found.contains(name)).collect();
    let expected = [
        "total_daily",
        "total_periods",
        "assessment_results",
        "assessment_summary",
        "group_periods",
        "group_customers",
        "group_segment_value",
        "group_cohort_retention",
        "group_repurchase_intervals",
        "group_overlap",
        "store_stage",
        "stage_metrics",
        "audience_excluded",
    ];
    assert_eq!(not_requested, expected);
}

#[test]
fn a_day_before_the_first_day_gives_empty_tables_and_a_warning() {
    let scene = Scene::with(&orders());
    let ran = scene.run(&["run", "job.yaml", "--as-of", "2025-12-31"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    // Machines read the folder of the snapshot.
    assert!(ran.stdout.starts_with("$/out/snapshots/2025-12-31-"), "{}", ran.stdout);
    let warning = "warning: no order counts as of 2025-12-31, so tables of orders are empty: of 4 rows 4 lie after that day, \
                   0 are filtered out, 0 rejected";
    assert!(ran.stderr.contains(warning), "{}", ran.stderr);
    assert_empty(&scene, "out");
    // A day of the data takes the dashboards over; the day before them does not take them back.
    assert_eq!(scene.run(&["run", "job.yaml"]).code, Some(0));
    let before = scene.published();
    let ran = scene.run(&["run", "job.yaml", "--as-of", "2025-12-30"]);
    assert_eq!((ran.code, scene.published()), (Some(0), before), "{}", ran.stderr);
}

#[test]
fn a_filter_that_keeps_nothing_gives_empty_tables_and_a_warning() {
    let scene = Scene::with(&orders());
    scene.job(&JOB.replace("orders.parquet }", "orders.parquet, filter: order_id < 0 }"));
    let ran = scene.run(&["run", "job.yaml"]);
    assert!(ran.code == Some(0) && ran.stderr.contains("4 are filtered out"), "{}", ran.stderr);
    assert_empty(&scene, "out");
}

#[test]
fn a_day_beyond_all_plans_is_refused() {
    let ran = Scene::with(&orders()).run(&["run", "job.yaml", "--as-of", "9999-12-31"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("9999-12-31 is in the future"), "{}", ran.stderr);
}

#[test]
fn traffic_before_the_first_order_and_shops_without_orders() {
    let scene = Scene::with(&orders());
    scene.parquet(
        "traffic.parquet",
        &traffic().with("shop_id", Int64Array::from(vec![2, 2])).with("date", dates(&["2020-01-01", "2020-01-02"])),
    );
    scene.job(&JOB.replace("inputs:\n", "inputs:\n  traffic: traffic.parquet\n"));
    let published = scene.publish(AS_OF, "out", 2).unwrap();
    assert!(rows(&published, "shop_daily").iter().any(|row| row.starts_with("2|2020-01-01|0|")));
}

#[test]
fn tables_do_not_depend_on_which_are_asked_for() {
    let scene =
        Scene::with(&orders().with("paid_amount", money(&[1, 2, 3, 4])).with("channel", texts(&["natural", "paid", "paid", "paid"])));
    let all = scene.publish(AS_OF, "out", 1).unwrap();
    for table in &all.manifest.tables {
        let out = format!("out-{}", table.name);
        let ran = scene.run(&["run", "job.yaml", "--only", &table.name, "--publish", "--out", &out]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let one = huitou::publish::latest(&scene.path(&out)).unwrap().unwrap();
        assert_eq!(one.manifest.tables, std::slice::from_ref(table));
    }
}
