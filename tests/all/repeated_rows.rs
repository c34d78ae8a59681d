//! Rows of one file that are about the same thing and differ: no small input takes one of them silently, and the advice of the message
//! makes the file what it is.

use arrow::array::{Array, DictionaryArray, Float64Array, Int64Array, Int64Builder, ListBuilder, StringArray, TimestampMicrosecondArray};
use arrow::compute::concat_batches;
use arrow::datatypes::Int32Type;
use arrow::record_batch::RecordBatch;
use huitou::error::Error;

use super::result::run;
use super::scene::{Columns, JOB, Scene, dates, money, noons, orders, texts};

/// A scene with good orders and one more input, as its files, with that text in the job beside its path.
fn scene(input: &str, files: &[Columns], more: &str) -> Scene {
    let scene = Scene::with(&orders());
    for (number, columns) in files.iter().enumerate() {
        scene.parquet(&format!("{input}/{number}.parquet"), columns);
    }
    scene.job(&JOB.replace("output:", &format!("  {input}:\n    path: {input}\n{more}output:")));
    scene
}

/// What the run says of it: the message, or `None` where it runs.
pub fn fault(scene: &Scene) -> Option<String> {
    match scene.publish("2026-03-31", "out", 2) {
        Ok(_) => None,
        Err(error @ Error::Input(_)) => Some(error.to_string()),
        Err(other) => panic!("{other}"),
    }
}

/// Two days of a shop, each with a row for all terminals, one for the PC, and one for mobile phones.
fn by_terminal(terminals: impl Array + 'static) -> Columns {
    Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 6]))
        .with("date", dates(&["2026-01-05", "2026-01-05", "2026-01-05", "2026-01-20", "2026-01-20", "2026-01-20"]))
        .with("uv", Int64Array::from(vec![600, 40, 570, 500, 30, 480]))
        .with("pv", Int64Array::from(vec![1_800, 90, 1_700, 1_000, 60, 900]))
        .with("终端", terminals)
        .with("停留", Float64Array::from(vec![1.5, 2.5, 3.5, 4.5, 5.5, 6.5]))
}

const TERMINALS: [&str; 6] = ["PC端", "所有终端", "无线端", "PC端", "所有终端", "无线端"];

fn uv(scene: &Scene) -> [Option<i64>; 2] {
    let snapshot = run(&scene.path("job.yaml"), &[], None).unwrap_or_else(|error| panic!("{error}"));
    let daily = snapshot.table("shop_daily");
    ["2026-01-05", "2026-01-20"].map(|date| daily.row(&[("date", date)]).count("uv"))
}

#[test]
fn rows_of_one_day_name_the_column_that_tells_them_apart() {
    let found = fault(&scene("traffic", &[by_terminal(texts(&TERMINALS))], "")).unwrap();
    assert!(found.contains("2 keys have several rows that differ, where one is expected for each shop_id, date"), "{found}");
    assert!(found.contains("rows 0, 1, 2 are of one key; the column `终端` distinguishes them: PC端, 所有终端, 无线端"), "{found}");
    assert!(found.contains("`filter: 终端 = '所有终端'`"), "{found}");
    // As a dictionary, and as a number with another name.
    let dictionary: DictionaryArray<Int32Type> = TERMINALS.into_iter().collect();
    assert!(fault(&scene("traffic", &[by_terminal(dictionary)], "")).unwrap().contains("the column `终端` distinguishes them: PC端"));
    let codes = by_terminal(Int64Array::from(vec![1, 0, 2, 1, 0, 2])).renamed("终端", "device type").without("停留");
    let found = fault(&scene("traffic", &[codes], "")).unwrap();
    assert!(found.contains("`filter: '\"device type\" = 1'`") && found.contains("`channel: device type`"), "{found}");
}

#[test]
fn the_advice_gives_the_figures_of_the_shop() {
    // The row of all terminals is the second of each day: 40 and 30 visitors in these files.
    let filtered = scene("traffic", &[by_terminal(texts(&TERMINALS))], "    filter: 终端 = '所有终端'\n");
    assert_eq!(uv(&filtered), [Some(40), Some(30)]);
    let codes = || by_terminal(Int64Array::from(vec![1, 0, 2, 1, 0, 2])).renamed("终端", "device type");
    assert_eq!(uv(&scene("traffic", &[codes()], "    filter: '\"device type\" = 1'\n")), [Some(600), Some(500)]);
    // A word of SQL is a column in quotes only.
    let order = || codes().renamed("device type", "order");
    let found = fault(&scene("traffic", &[order()], "")).unwrap();
    assert!(found.contains("`filter: '\"order\" = 1'`"), "{found}");
    assert_eq!(uv(&scene("traffic", &[order()], "    filter: '\"order\" = 1'\n")), [Some(600), Some(500)]);
    // As channels, no row is the whole shop's, and nothing is known.
    assert_eq!(uv(&scene("traffic", &[codes()], "    columns:\n      channel: device type\n")), [None, None]);
}

#[test]
fn a_day_by_source_and_device_names_both_columns() {
    let traffic = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 4]))
        .with("date", dates(&["2026-01-05"; 4]))
        .with("uv", Int64Array::from(vec![10, 20, 30, 40]))
        .with("source", texts(&["search", "search", "live", "live"]))
        .with("device", texts(&["pc", "phone", "pc", "phone"]));
    let found = fault(&scene("traffic", std::slice::from_ref(&traffic), "")).unwrap();
    assert!(found.contains("the columns `source`, `device` together distinguish them"), "{found}");
    let found = fault(&scene("traffic", &[traffic.without("source").without("device")], "")).unwrap();
    assert!(found.contains("no other column distinguishes them") && found.contains("write the file with one row for each"), "{found}");
}

/// An input with two rows of one key that differ in one figure.
pub fn twice() -> Vec<(&'static str, Columns)> {
    let shop = || Columns(Vec::new()).with("shop_id", Int64Array::from(vec![1, 1]));
    let days = || dates(&["2026-01-05", "2026-01-05"]);
    let figures = || Int64Array::from(vec![4, 5]);
    let refunds = shop()
        .with("refund_id", Int64Array::from(vec![9, 9]))
        .with("order_id", Int64Array::from(vec![101, 101]))
        .with("created_at", noons(&["2026-01-08", "2026-01-08"]))
        .with("completed_at", noons(&["2026-01-09", "2026-01-09"]))
        .with("status", texts(&["success", "success"]))
        .with("amount", money(&[100, 200]));
    let audiences = Columns(Vec::new())
        .with("campaign_id", Int64Array::from(vec![7, 7]))
        .with("customer_id", Int64Array::from(vec![11, 11]))
        .with("arm", texts(&["treated", "control"]))
        .with("sent_at", noons(&["2026-02-01", "2026-02-01"]));
    vec![
        ("traffic", shop().with("date", days()).with("uv", figures())),
        ("ratings", shop().with("date", days()).with("service", figures())),
        ("refunds", refunds),
        ("shops", shop().with("annual_target", money(&[100, 200]))),
        ("complaints", shop().with("date", days()).with("count", figures())),
        ("service_scores", shop().with("month", dates(&["2026-01-05", "2026-01-20"])).with("score", figures())),
        ("listings", shop().with("month", dates(&["2026-01-05", "2026-01-20"])).with("items_live", figures())),
        ("plans", shop().with("month", dates(&["2026-01-05", "2026-01-20"])).with("new_items", figures())),
        (
            "benchmarks",
            Columns(Vec::new())
                .with("category", texts(&["a", "a"]))
                .with("period_start", days())
                .with("metric", texts(&["m", "m"]))
                .with("mean", figures()),
        ),
        ("shop_metrics", shop().with("period_start", days()).with("metric", texts(&["m", "m"])).with("value", figures())),
        (
            "ad_plans",
            shop()
                .with("month", dates(&["2026-01-05", "2026-01-20"]))
                .with("channel", texts(&["paid", "paid"]))
                .with("budget", money(&[100, 200])),
        ),
        (
            "campaigns",
            shop()
                .with("campaign_id", Int64Array::from(vec![7, 7]))
                .with("starts_on", days())
                .with("ends_on", days())
                .with("cost", money(&[100, 200])),
        ),
        ("audiences", audiences),
        (
            "keyword_traffic",
            shop().with("date", days()).with("keyword", texts(&["tea", "tea"])).with("clicks", figures()).with("cost", money(&[100, 200])),
        ),
        (
            "affiliate_orders",
            shop()
                .with("order_id", Int64Array::from(vec![101, 101]))
                .with("publisher_id", Int64Array::from(vec![7, 7]))
                .with("estimated_commission", money(&[100, 200])),
        ),
    ]
}

/// As [`scene`], for any small input: audiences need the campaign that they were for.
fn beside_campaigns(input: &str, files: &[Columns]) -> Scene {
    let more = if input == "audiences" { "  campaigns: campaigns.parquet\n" } else { "" };
    let scene = scene(input, files, more);
    let campaigns = Columns(Vec::new())
        .with("campaign_id", Int64Array::from(vec![7]))
        .with("shop_id", Int64Array::from(vec![1]))
        .with("starts_on", dates(&["2026-01-05"]))
        .with("ends_on", dates(&["2026-01-05"]));
    scene.parquet("campaigns.parquet", &campaigns);
    scene
}

/// The rows of these numbers.
fn rows(columns: &Columns, numbers: &[usize]) -> Columns {
    let batch = columns.batch();
    let slices: Vec<RecordBatch> = numbers.iter().map(|row| batch.slice(*row, 1)).collect();
    let chosen = concat_batches(&batch.schema(), &slices).unwrap();
    Columns(batch.schema().fields().iter().zip(chosen.columns()).map(|(field, array)| (field.name().clone(), array.clone())).collect())
}

#[test]
fn every_small_input_refuses_different_rows_of_one_key_in_one_file() {
    for (input, columns) in twice() {
        let scene_of = |files: &[Columns]| beside_campaigns(input, files);
        let found = fault(&scene_of(std::slice::from_ref(&columns))).unwrap_or_else(|| panic!("{input}: two rows of one key passed"));
        assert!(
            found.contains(&format!("input `{input}`: one key has several rows that differ")) && found.contains("rows 0, 1"),
            "{found}"
        );
        // The same row again says nothing new; in another file, it is a later state.
        assert_eq!(fault(&scene_of(&[rows(&columns, &[0, 0])])), None, "{input}");
        assert_eq!(fault(&scene_of(&[rows(&columns, &[0]), rows(&columns, &[1])])), None, "{input}");
    }
}

#[test]
fn rows_are_equal_only_in_all_columns_of_the_file() {
    for (input, columns) in twice() {
        let double = || rows(&columns, &[0, 0]);
        let fault_of = |columns: Columns| fault(&beside_campaigns(input, &[columns]));
        assert_eq!(fault_of(double().with("来源", texts(&["搜索", "搜索"]))), None, "{input}");
        let found = fault_of(double().with("来源", texts(&["搜索", "直播"])));
        if input == "audiences" {
            // Who is named twice in a set is in it once.
            assert_eq!(found, None);
        } else {
            let found = found.unwrap_or_else(|| panic!("{input}: two rows passed as one"));
            assert!(
                found.contains("one key has several rows that differ") && found.contains("`来源` distinguishes them: 搜索, 直播"),
                "{found}"
            );
        }
    }
}

#[test]
fn equal_figures_of_two_hours_or_of_lists_are_no_equal_rows() {
    let noon = noons(&["2026-01-05"]).value(0);
    let figures = || Columns(Vec::new()).with("shop_id", Int64Array::from(vec![1, 1])).with("uv", Int64Array::from(vec![10, 10]));
    let hourly = figures().with("date", TimestampMicrosecondArray::from(vec![noon, noon + 3_600_000_000]));
    let found = fault(&scene("traffic", &[hourly], "")).unwrap();
    assert!(found.contains("the rows are of parts of a day or month"), "{found}");
    // A null is another value than a text, also the text `null`.
    let sources = StringArray::from(vec![None, Some("")]);
    assert!(fault(&scene("traffic", &[figures().with("date", dates(&["2026-01-05"; 2])).with("source", sources)], "")).is_some());
    // Lists, which no condition can name.
    let mut lists = ListBuilder::new(Int64Builder::new());
    lists.append_value([Some(1), Some(2)]);
    lists.append_value([Some(1), Some(3)]);
    let lists = figures().with("date", dates(&["2026-01-05"; 2])).with("parts", lists.finish());
    let found = fault(&scene("traffic", &[lists], "")).unwrap();
    assert!(found.contains("no other column distinguishes them"), "{found}");
}

#[test]
fn versions_and_reminders_may_be_in_one_file() {
    let (_, refunds) = twice().into_iter().find(|(input, _)| *input == "refunds").unwrap();
    let versions = refunds.with("modified_at", noons(&["2026-01-09", "2026-01-10"]));
    assert_eq!(fault(&scene("refunds", &[versions], "")), None);
    let ratings = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 1]))
        .with("rated_at", noons(&["2026-01-09", "2026-01-09"]))
        .with("service", Int64Array::from(vec![4, 5]));
    assert_eq!(fault(&scene("ratings", &[ratings], "")), None);
}

#[test]
fn all_files_are_told_at_once_whatever_the_threads() {
    let both = scene("traffic", &[by_terminal(texts(&TERMINALS)), by_terminal(StringArray::from(TERMINALS.to_vec()))], "");
    let found: Vec<String> = [1, 3].map(|threads| both.publish("2026-03-31", "out", threads).map(|_| ()).unwrap_err().to_string()).to_vec();
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0].matches("distinguishes them").count(), 2, "{}", found[0]);
}

#[test]
fn hours_of_a_day_are_told_as_such() {
    let noon = noons(&["2026-01-05"]).value(0);
    let hourly = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 1]))
        .with("hour", TimestampMicrosecondArray::from(vec![noon, noon + 3_600_000_000]))
        .with("uv", Int64Array::from(vec![10, 20]));
    let found = fault(&scene("traffic", &[hourly], "    columns: { date: hour }\n")).unwrap();
    assert!(found.contains("the column `hour` distinguishes them: 2026-01-05T12:00:00, 2026-01-05T13:00:00"), "{found}");
    assert!(found.contains("the rows are of parts of a day or month"), "{found}");
}

#[test]
fn days_of_parts_alone_are_a_warning() {
    let snapshot = |more: &str| run(&scene("traffic", &[by_terminal(texts(&TERMINALS))], more).path("job.yaml"), &[], None).unwrap();
    let warned =
        |more: &str| snapshot(more).manifest.warnings.iter().any(|warning| warning.starts_with("traffic: 2 of 2 days have no figures"));
    assert!(warned("    columns: { channel: 终端 }\n"));
    assert!(!warned("    filter: 终端 = '所有终端'\n"));
}

/// The same amounts and ids as text in a table that is imported, and as floats and texts in Parquet.
#[test]
fn amounts_and_ids_are_the_same_by_every_way() {
    const AMOUNTS: [&str; 6] = ["2.675", "1.005", "0.125", "18.9", "0.135", "1000000.125"];
    // Half to even on the digits.
    const EXPECTED: [&str; 6] = ["2.68", "1.00", "0.12", "18.90", "0.14", "1000000.12"];
    const CUSTOMERS: [&str; 6] = ["13085.0", "13085", "13085.00", "13085", "a.0", "a.0"];
    const DAYS: [&str; 6] = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05", "2026-01-06"];
    let base = Columns(Vec::new())
        .with("order_id", Int64Array::from(vec![1, 2, 3, 4, 5, 6]))
        .with("customer_id", texts(&CUSTOMERS))
        .with("created_at", dates(&DAYS));
    let floats = Float64Array::from(AMOUNTS.map(|text| text.parse::<f64>().unwrap()).to_vec());
    let figures = |job: std::path::PathBuf| {
        let snapshot = run(&job, &[], None).unwrap_or_else(|error| panic!("{error}"));
        let (daily, customers) = (snapshot.table("shop_daily"), snapshot.table("customers"));
        let amounts: Vec<String> = DAYS.iter().map(|date| daily.row(&[("date", date)]).text("paid_amount")).collect();
        let orders = ["13085", "a.0"].map(|id| customers.row(&[("customer_id", id)]).count("orders"));
        assert_eq!(customers.batch.num_rows(), 2);
        (amounts, orders)
    };
    let expected = (EXPECTED.map(str::to_owned).to_vec(), [Some(4), Some(2)]);
    for (columns, mapped) in [
        (base.clone().with("paid_amount", floats), ""),
        (base.clone().with("amount", texts(&AMOUNTS)), "CAST(amount AS DECIMAL(18,2))"),
        (base.with("amount", texts(&AMOUNTS)), "CAST(amount AS DOUBLE)"),
    ] {
        let scene = Scene::with(&columns);
        let mapping = if mapped.is_empty() { String::new() } else { format!(", columns: {{ paid_amount: '{mapped}' }}") };
        scene.job(&JOB.replace("path: orders.parquet", &format!("path: orders.parquet{mapping}")));
        assert_eq!(figures(scene.path("job.yaml")), expected, "{mapped}");
    }
    let scene = Scene::new();
    let rows: String = (0..6).map(|row| format!("{row},{},{},{}\n", CUSTOMERS[row], DAYS[row], AMOUNTS[row])).collect();
    scene.write("orders.csv", format!("order_id,customer_id,created_at,paid_amount\n{rows}"));
    super::import::import(&scene, &["generic", "orders.csv"]);
    assert_eq!(figures(scene.path("shop/job.yaml")), expected, "import");
}

/// Ids that have lost digits are rejected in Parquet as they are at the import.
#[test]
fn rounded_ids_are_rejected() {
    let columns = orders().with("customer_id", texts(&["1.23457E+17", "4000000000000000000.0", "7.0", "7"]));
    let scene = Scene::with(&columns);
    scene.job(&JOB.replace("output:", "params: { max_reject_share: 0.5 }\noutput:"));
    let snapshot = run(&scene.path("job.yaml"), &[], None).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(snapshot.table("rejects").batch.num_rows(), 2);
    assert_eq!(snapshot.table("customers").row(&[("customer_id", "7")]).count("orders"), Some(1));
}
