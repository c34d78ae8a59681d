//! Traffic: visitors and buyers of nine days of Taobao, what changed its sales within them, and the visitors of a web site whose export
//! writes numbers as text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Date32Array, Float64Array, Int64Array, StringArray};
use arrow::datatypes::Int64Type;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::public_data;
use super::result::{Snapshot, reference, run};

/// The shop's traffic by Beijing day, counted from the events of all users: page views, and users with any event. The days are moved by so
/// many.
fn traffic(events: &Path, to: &Path, moved: i32) {
    let mut days: BTreeMap<i32, (i64, BTreeSet<i64>)> = BTreeMap::new();
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(events).unwrap()).unwrap().build().unwrap();
    for batch in reader.map(|batch| batch.unwrap()) {
        let column = |name: &str| batch.column_by_name(name).unwrap();
        let behaviors = arrow::compute::cast(column("behavior"), &arrow::datatypes::DataType::Utf8).unwrap();
        let (users, times) = (column("user_id").as_primitive::<Int64Type>(), column("ts").as_primitive::<Int64Type>());
        for (row, time) in times.iter().enumerate() {
            let Some(time) = time else { continue };
            let (pv, uv) = days.entry(((time + 8 * 3_600) / 86_400) as i32).or_default();
            *pv += i64::from(behaviors.as_string::<i32>().value(row) == "pv");
            uv.insert(users.value(row));
        }
    }
    days.retain(|day, _| (17_495..=17_503).contains(day)); // 2017-11-25 to 2017-12-03
    write(
        to,
        [
            ("date", Arc::new(Date32Array::from_iter_values(days.keys().map(|day| day + moved)))),
            ("pv", Arc::new(Int64Array::from_iter_values(days.values().map(|(pv, _)| *pv)))),
            ("uv", Arc::new(Int64Array::from_iter_values(days.values().map(|(_, uv)| uv.len() as i64)))),
        ],
    );
}

fn write<const N: usize>(to: &Path, columns: [(&str, ArrayRef); N]) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(to).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn taobao() -> Option<Snapshot> {
    taobao_moved(0, &[], None)
}

/// The same with the days of the traffic moved, and with these options of the job.
fn taobao_moved(moved: i32, sets: &[&str], as_of: Option<&str>) -> Option<Snapshot> {
    let events = public_data::file("taobao_user_behavior_a.parquet")?;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("traffic.parquet");
    traffic(&events, &path, moved);
    reference("taobao", &[sets, &[&format!("inputs.traffic={}", path.display())]].concat(), as_of)
}

#[test]
fn taobao_visitors_buyers_and_conversion_by_day() {
    let Some(snapshot) = taobao() else { return };
    let daily = snapshot.table("shop_daily");
    let column = |name: &str| daily.rows().map(|row| row.count(name).unwrap()).collect::<Vec<_>>();
    let (uv, buyers) = ([295, 302, 296, 306, 306, 286, 301, 399, 402], [47, 61, 64, 62, 67, 59, 57, 67, 65]);
    assert_eq!((daily.rows().next().unwrap().text("date"), daily.batch.num_rows()), ("2017-11-25".into(), 9));
    assert_eq!((column("uv"), column("paying_customers")), (uv.to_vec(), buyers.to_vec()));
    assert_eq!(column("pv"), [3971, 3927, 3953, 4169, 3720, 4019, 4013, 5378, 5108]);
    for ((row, uv), buyers) in daily.rows().zip(uv).zip(buyers) {
        assert_eq!(row.number("conversion"), Some(buyers as f64 / uv as f64));
    }
    // Daily means and not sums of people: (47 + … + 65) / 9 buyers a day for (295 + … + 402) / 9 visitors a day.
    let periods = snapshot.table("shop_periods");
    let year = periods.row(&[("grain", "year")]);
    let (uv, buyers): (i64, i64) = (uv.iter().sum(), buyers.iter().sum());
    assert_eq!((uv, buyers), (2_893, 549));
    assert_eq!((year.number("uv_daily_mean"), year.number("uv_conversion")), (Some(2_893.0 / 9.0), Some(549.0 / 2_893.0)));
    assert!(periods.batch.column_by_name("uv").is_none(), "the visitors of the period are not known, and not 2,893");
}

/// The events themselves as page views; `kept` says which of them, within the nine days.
fn taobao_views(kept: &str) -> Option<Snapshot> {
    let events = public_data::file("taobao_user_behavior_a.parquet")?;
    let within = "ts >= 1511539200 AND ts < 1512316800";
    let view = format!(
        "inputs.page_views={{ path: {}, filter: \"{kept} AND {within}\", columns: {{ visitor_id: user_id, customer_id: user_id, \
         viewed_at: CAST((ts + 28800) * 1000000 AS TIMESTAMP) }} }}",
        events.display()
    );
    reference("taobao", &[&view], None)
}

#[test]
fn taobao_visitors_and_views_counted_from_the_events() {
    // Whoever does anything is a visitor; a page view is an event `pv`.
    let Some(of_events) = taobao_views("behavior <> ''") else { return };
    let Some(of_views) = taobao_views("behavior = 'pv'") else { return };
    let column =
        |snapshot: &Snapshot, name: &str| -> Vec<i64> { snapshot.table("shop_daily").rows().map(|row| row.count(name).unwrap()).collect() };
    let (uv, buyers) = ([295, 302, 296, 306, 306, 286, 301, 399, 402], [47, 61, 64, 62, 67, 59, 57, 67, 65]);
    assert_eq!((column(&of_events, "uv"), column(&of_events, "paying_customers")), (uv.to_vec(), buyers.to_vec()));
    assert_eq!(column(&of_views, "pv"), [3971, 3927, 3953, 4169, 3720, 4019, 4013, 5378, 5108]);
    // By a query of its own in DuckDB: of the events `pv` the users by day.
    assert_eq!(column(&of_views, "uv"), [290, 295, 285, 296, 299, 279, 292, 393, 396]);
    // Visits end half an hour after the last view, by a query with lag() over the events of each user.
    assert_eq!(column(&of_views, "visits"), [703, 720, 749, 721, 714, 689, 692, 881, 937]);
    assert_eq!(column(&of_views, "bounces"), [214, 225, 245, 194, 241, 222, 210, 272, 302]);
    // Buying is an event too: every buyer did something on the day.
    assert_eq!((column(&of_events, "viewing_customers"), column(&of_events, "viewed_paid_customers")), (uv.to_vec(), buyers.to_vec()));
    // Of 408 users 408 did something in the nine days: people, where the days add up to 2,893. 275 of them bought.
    let periods = of_events.table("shop_periods");
    let year = periods.row(&[("grain", "year")]);
    assert_eq!((year.count("uv"), year.count("uv_sum"), year.text("uv_source")), (Some(408), Some(2_893), "page_views".to_owned()));
    assert_eq!(year.number("conversion"), Some(275.0 / 408.0));
    assert_eq!((year.count("viewing_customer_days"), year.count("viewed_paid_customer_days")), (Some(2_893), Some(549)));
}

#[test]
fn taobao_buyers_of_the_whole_window() {
    let Some(snapshot) = taobao() else { return };
    let customers = snapshot.table("customers");
    let more_than_one = |column: &str| customers.rows().filter(|row| row.count(column).unwrap() > 1).count();
    assert_eq!(customers.batch.num_rows(), 275);
    assert_eq!((more_than_one("orders"), more_than_one("purchase_days")), (175, 145));
    let periods = snapshot.table("shop_periods");
    assert_eq!(periods.row(&[("grain", "year")]).count("paying_customers"), Some(275), "a buyer of three days is one buyer");
}

/// Why the last two of the nine days sold more than the first two. The days are moved by two, so that they begin on a Monday: a week, and
/// two days of the next one. The events have no amounts; an item costs here the remainder of its number divided by 97, and 1 yuan.
///
/// The sheet, counted from the events by a query of its own in DuckDB: users with any event by Beijing day; of the events `buy` the users
/// by day, new on the first day on which they buy; their number; their amount.
///
/// | | visitors | | paying | orders | amount |
/// | --- | ---: | --- | ---: | ---: | ---: |
/// | days 1 and 2 | 295 + 302 | new | 94 | 132 | 5,567 |
/// | | | returning | 14 | 21 | 1,007 |
/// | days 8 and 9 | 399 + 402 | new | 34 | 52 | 2,746 |
/// | | | returning | 98 | 139 | 7,102 |
///
/// By mpmath with 30 digits: L(2746, 5567) = 3991.730697 and L(7102, 1007) = 3120.199365, logarithms of the growth of
///
/// | | visitors | conversion | share | orders per customer | price |
/// | --- | ---: | ---: | ---: | ---: | ---: |
/// | new | 0.29394383 | -0.09327314 | -1.21760502 | 0.08537605 | 0.22484720 |
/// | returning | 0.29394383 | -0.09327314 | 1.74523949 | -0.05595865 | 0.06344933 |
///
/// L × logarithm of both groups: 2090.50799, -663.35204, 585.14397, 166.19606, 0, 1095.50402; in fen, the three largest remainders up.
#[test]
fn taobao_sales_drivers_against_a_sheet() {
    let sets = [
        "inputs.orders.columns.created_at=CAST((ts + 28800 + 172800) * 1000000 AS TIMESTAMP)",
        "inputs.orders.columns.paid_amount=CAST(item_id % 97 + 1 AS DOUBLE)",
    ];
    let Some(snapshot) = taobao_moved(2, &sets, Some("2017-12-05")) else { return };
    let drivers = snapshot.table("sales_drivers");
    let whole = drivers.row(&[("grain", "week"), ("period_start", "2017-11-27")]);
    let begun = drivers.row(&[("grain", "week"), ("period_start", "2017-12-04")]);
    let counts = |ending: &str| {
        let columns = ["visitors", "new_paying", "new_orders", "new_items", "returning_paying", "returning_orders", "returning_items"];
        columns.map(|column| begun.count(&format!("{column}{ending}")).unwrap())
    };
    assert_eq!((begun.text("is_complete"), begun.count("compared_days")), ("false".into(), Some(2)));
    assert_eq!((counts("_before"), counts("")), ([597, 94, 132, 132, 14, 21, 21], [801, 34, 52, 52, 98, 139, 139]));
    let money = |columns: &[&str]| columns.iter().map(|column| begun.text(column)).collect::<Vec<_>>();
    assert_eq!(
        money(&["new_amount_before", "returning_amount_before", "new_amount", "returning_amount"]),
        ["5567.00", "1007.00", "2746.00", "7102.00"]
    );
    let effects =
        ["traffic_effect", "conversion_effect", "mix_effect", "frequency_effect", "basket_effect", "price_effect", "untracked_effect"];
    assert_eq!(money(&effects), ["2090.51", "-663.35", "585.14", "166.20", "0.00", "1095.50", "0.00"]);
    assert_eq!(begun.text("change"), "3274.00");
    // Visitors and buyers of the whole week are those of its days: 295 + … + 301, 47 + … + 57.
    assert_eq!((whole.count("visitors"), whole.count("paying"), whole.count("new_paying")), (Some(2_092), Some(417), Some(241)));
    assert_eq!(
        (whole.text("amount"), whole.text("change"), whole.text("traffic_effect")),
        ("31306.00".into(), String::new(), String::new())
    );
}

/// Dates as M/D/YYYY and numbers as "2,146": the mapping reads them as they are. The site sells nothing; one order makes it a shop.
#[test]
fn daily_website_visitors_from_text() {
    let Some(csv) = public_data::file("daily_website_visitors.csv") else { return };
    let text = std::fs::read_to_string(csv).unwrap();
    let rows: Vec<Vec<String>> = text.lines().skip(1).map(fields).collect();
    let column = |at: usize| Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row[at]))) as ArrayRef;
    let position = |name: &str| fields(text.lines().next().unwrap()).iter().position(|title| title == name).unwrap();
    let columns = ["Date", "Page.Loads", "Unique.Visits"].map(|name| (name, column(position(name))));
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("traffic.parquet"), columns);
    let order: [(&str, ArrayRef); 4] = [
        ("order_id", Arc::new(Int64Array::from(vec![1]))),
        ("customer_id", Arc::new(Int64Array::from(vec![1]))),
        ("created_at", Arc::new(StringArray::from(vec!["2020-08-19"]))),
        ("paid_amount", Arc::new(Float64Array::from(vec![0.0]))),
    ];
    write(&folder.path().join("orders.parquet"), order);
    let job = folder.path().join("job.yaml");
    let mapping = r#"
job: visitors
timezone: America/New_York
as_of: 2020-08-19
inputs:
  orders: orders.parquet
  traffic:
    path: traffic.parquet
    columns:
      date: STRPTIME(Date, '%m/%d/%Y')
      pv: CAST(REPLACE("Page.Loads", ',', '') AS BIGINT)
      uv: CAST(REPLACE("Unique.Visits", ',', '') AS BIGINT)
"#;
    std::fs::write(&job, mapping).unwrap();
    let snapshot = run(&job, &[], None).unwrap_or_else(|error| panic!("{error}"));
    let daily = snapshot.table("shop_daily");
    let first = daily.rows().next().unwrap();
    assert_eq!((first.text("date"), daily.batch.num_rows()), ("2014-09-14".into(), 2_167));
    assert_eq!((daily.sum("pv"), daily.sum("uv")), (8_921_516, 6_378_882));
    assert_eq!(first.number("pages_per_visitor"), Some(first.count("pv").unwrap() as f64 / first.count("uv").unwrap() as f64));
    // Daily visitors summed are visitor-days, and the column says so; they are never a UV.
    let periods = snapshot.table("shop_periods");
    let years = periods.with(&[("grain", "year")]);
    let sum = |column: &str| years.iter().map(|row| row.count(column).unwrap()).sum::<i64>();
    assert_eq!((sum("pv"), sum("uv_sum"), sum("days_with_traffic")), (8_921_516, 6_378_882, 2_167));
    assert_eq!(format!("{:.6}", sum("pv") as f64 / sum("uv_sum") as f64), "1.398602");
    assert!(periods.batch.column_by_name("uv").is_none());
}

/// The fields of a CSV line, quoted ones with commas in them.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.trim_end().chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            letter => fields.last_mut().unwrap().push(letter),
        }
    }
    fields
}
