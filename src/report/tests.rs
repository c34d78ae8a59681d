//! The page of a small snapshot against the tables in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray};
use serde_json::Value;

use super::page::page_within;
use super::thin::MOST_VALUES;
use super::{MOST_BYTES, page};
use crate::publish::{Begin, InputEntry, Manifest, RowEquation, SkippedTable, Snapshot, Store, Work};
use crate::spec::card::{Card, Kind};
use crate::spec::period::parse_day;
use crate::spec::schema::schema;
use crate::spec::{Day, IdType, IdTypes, Lang};
use crate::table::repurchase::{cohort_retention, cohort_value};
use crate::table::shop::{daily as shop_daily, periods as shop_periods, shops};
use crate::table::unit::AnyTable;

fn ids() -> IdTypes {
    IdTypes { shop: IdType::text(), customer: IdType::text(), category: IdType::text(), item: IdType::text(), campaign: IdType::text() }
}

/// A cell of a test's row: money in fen, dates as texts, flags as 0 and 1.
#[derive(Clone)]
pub(super) enum Cell {
    Number(f64),
    Text(String),
}

pub(super) type Row = BTreeMap<&'static str, Cell>;

pub(super) fn row(texts: &[(&'static str, &str)], numbers: &[(&'static str, f64)]) -> Row {
    let texts = texts.iter().map(|(name, text)| (*name, Cell::Text((*text).to_owned())));
    texts.chain(numbers.iter().map(|(name, number)| (*name, Cell::Number(*number)))).collect()
}

/// Rows of a table. Missing cells are null if the card allows it, else 0 or an empty text.
fn batch(card: &Card, rows: &[Row]) -> RecordBatch {
    let arrays = card.columns.iter().map(|column| -> ArrayRef {
        let number = |row: &Row| match row.get(column.name) {
            Some(Cell::Number(number)) => Some(*number),
            _ => (!column.is_nullable()).then_some(0.0),
        };
        let text = |row: &Row| match row.get(column.name) {
            Some(Cell::Text(text)) => Some(text.clone()),
            _ => (!column.is_nullable()).then(String::new),
        };
        match column.kind {
            Kind::Money => {
                let fen: Decimal128Array = rows.iter().map(|row| number(row).map(|number| number as i128)).collect();
                Arc::new(fen.with_precision_and_scale(18, 2).unwrap())
            }
            Kind::Date => Arc::new(rows.iter().map(|row| text(row).and_then(|text| parse_day(&text))).collect::<Date32Array>()),
            Kind::Flag => Arc::new(rows.iter().map(|row| number(row).map(|number| number == 1.0)).collect::<BooleanArray>()),
            Kind::Count | Kind::Integer => Arc::new(rows.iter().map(|row| number(row).map(|number| number as i64)).collect::<Int64Array>()),
            Kind::Share | Kind::Ratio | Kind::Number => Arc::new(rows.iter().map(number).collect::<Float64Array>()),
            _ => Arc::new(rows.iter().map(text).collect::<StringArray>()),
        }
    });
    RecordBatch::try_new(schema(card, &ids()), arrays.collect()).unwrap()
}

/// A snapshot with these tables.
pub(super) fn snapshot(place: &std::path::Path, as_of: &str, tables: &[(&'static Card, Vec<Row>)]) -> Snapshot {
    let as_of: Day = parse_day(as_of).unwrap();
    let store = Store::open(place).unwrap();
    let Begin::Work(draft) = store.begin(&Work::new(as_of, [b"job".as_slice()])).unwrap() else { panic!("nothing is there yet") };
    for (card, rows) in tables {
        let mut writer = draft.result(card, &ids(), "CNY").unwrap();
        writer.write(&batch(card, rows)).unwrap();
        writer.finish().unwrap();
    }
    let equation = RowEquation { rows: 10, used: 7, superseded: 2, rejected: 1, ..RowEquation::default() };
    let manifest = Manifest {
        job: "nightly".to_owned(),
        inputs: vec![InputEntry { name: "orders".to_owned(), path: "data/orders".to_owned(), equation, ..InputEntry::default() }],
        skipped: vec![SkippedTable { name: "campaign_effect".to_owned(), reason: "the job has no input campaigns".to_owned() }],
        warnings: vec!["<b>odd</b>".to_owned()],
        ..Manifest::default()
    };
    let published = draft.publish(manifest).unwrap();
    Snapshot { path: published.path, manifest: published.manifest }
}

/// The document in a page.
fn data(page: &str) -> Value {
    let start = page.find(r#"id="data">"#).unwrap() + r#"id="data">"#.len();
    serde_json::from_str(&page[start..start + page[start..].find('<').unwrap()]).unwrap()
}

/// The cells of a column as the page stores them, written out.
fn cells(data: &Value, table: &str, column: &str) -> Vec<Option<i64>> {
    let column = &data["tables"][table]["columns"][column];
    let numbers = |form: &str| column[form].as_array().map(|cells| cells.iter().map(Value::as_i64).collect::<Vec<_>>());
    let unrolled = |runs: Vec<Option<i64>>| runs.chunks(2).flat_map(|run| vec![run[0]; run[1].unwrap() as usize]).collect::<Vec<_>>();
    let added = |steps: Vec<Option<i64>>| {
        let mut sum = 0;
        steps
            .into_iter()
            .map(|step| {
                sum += step.unwrap();
                Some(sum)
            })
            .collect::<Vec<_>>()
    };
    numbers("cells")
        .or_else(|| numbers("runs").map(unrolled))
        .or_else(|| numbers("steps").map(added))
        .or_else(|| numbers("step_runs").map(unrolled).map(added))
        .unwrap()
}

fn months() -> Vec<Row> {
    let month = |shop, start, paid, refunded: Option<f64>, conversion| {
        let texts = [("shop_id", shop), ("grain", "month"), ("period_start", start)];
        let mut row = row(&texts, &[("is_complete", 1.0), ("paid_amount", paid), ("paid_orders", 3.0), ("uv_conversion", conversion)]);
        if let Some(refunded) = refunded {
            row.insert("refund_amount", Cell::Number(refunded));
        }
        row
    };
    let year = row(&[("shop_id", "002"), ("grain", "year"), ("period_start", "2026-01-01")], &[("paid_amount", 9e9)]);
    vec![
        month("001", "2026-09-01", 123_456.0, Some(56.0), 1.0 / 3.0),
        month("001", "2026-10-01", 10.0, None, 0.025),
        month("002", "2026-10-01", 0.0, Some(99_900.0), 0.00004),
        year,
    ]
}

#[test]
fn the_page_has_the_figures_of_the_tables() {
    let place = tempfile::tempdir().unwrap();
    let cohort = |period: f64, active: f64| {
        let texts = [
            ("shop_id", "001"),
            ("dimension", "all"),
            ("dimension_value", "all"),
            ("grain", "month"),
            ("cohort", "2026-09-01"),
            ("period_start", "2026-09-01"),
        ];
        row(
            &texts,
            &[("period", period), ("cohort_size", 8.0), ("active_customers", active), ("cumulative_revenue_per_customer", 10.005 + period)],
        )
    };
    let mut channel = cohort(0.0, 5.0);
    channel.insert("dimension", Cell::Text("first_channel".to_owned()));
    let tables =
        [(shop_periods::TABLE.card(), months()), (cohort_retention::TABLE.card(), vec![cohort(0.0, 8.0), cohort(1.0, 2.0), channel])];
    let data = data(&page(&snapshot(place.path(), "2026-10-31", &tables), Lang::Zh).unwrap());
    assert_eq!((&data["lang"], &data["as_of"], &data["job"]), (&"zh".into(), &"2026-10-31".into(), &"nightly".into()));
    assert_eq!(data["shops"], serde_json::json!(["001", "002"]));
    // The year's row is not on the page. Money is in fen, shares are in hundredths of a percent: 1/3 is 33.33 %.
    assert_eq!(cells(&data, "shop_periods", "shop_id"), [Some(0), Some(0), Some(1)]);
    assert_eq!(cells(&data, "shop_periods", "paid_amount"), [Some(123_456), Some(10), Some(0)]);
    assert_eq!(cells(&data, "shop_periods", "refund_amount"), [Some(56), None, Some(99_900)]);
    assert_eq!(cells(&data, "shop_periods", "uv_conversion"), [Some(3333), Some(250), Some(0)]);
    // 2026-09-01 is day 20697: 56 years of 365 days, 14 leap days, and 243 days of 2026.
    assert_eq!(56 * 365 + 14 + 243, 20_697);
    assert_eq!(cells(&data, "shop_periods", "period_start"), [Some(20_697), Some(20_727), Some(20_727)]);
    let conversion = &data["tables"]["shop_periods"]["columns"]["uv_conversion"];
    assert_eq!(
        (&conversion["decimals"], &conversion["kind"], &conversion["zh"]),
        (&4.into(), &"number".into(), &"支付转化率（日均）".into())
    );
    assert!(conversion["definition"]["en"].as_str().unwrap().starts_with("Conversion as the platform assesses it"));
    // Only the undivided cohorts; rates are left to the page, which has both counts.
    assert_eq!(cells(&data, "cohort_retention", "active_customers"), [Some(8), Some(2)]);
    assert_eq!(cells(&data, "cohort_retention", "cumulative_revenue_per_customer"), [Some(1001), Some(1101)]);
    assert_eq!(data["tables"]["cohort_retention"]["columns"]["retention_rate"]["formula"]["en"], "active_customers / cohort_size");
    assert!(data["tables"]["cohort_retention"]["columns"]["retention_rate"].get("cells").is_none());
}

#[test]
fn divided_cohorts_keep_the_values_with_the_most_customers_of_the_last_year() {
    let place = tempfile::tempdir().unwrap();
    let cohort = |dimension, value: &str, month, customers: f64| {
        let texts = [("shop_id", "001"), ("dimension", dimension), ("dimension_value", value), ("grain", "month"), ("cohort", month)];
        row(&texts, &[("days", 30.0), ("customers", customers), ("repurchased_customers", 1.0)])
    };
    let mut rows = vec![cohort("all", "all", "2025-09-01", 7.0), cohort("all", "all", "2025-10-01", 200.0)];
    // Fourteen channels of 101 to 114 customers; a year before the as-of date began the month of 2025-10, and none before it is divided.
    for channel in 1..=14 {
        let name = format!("channel {channel:02}");
        rows.push(cohort("first_channel", &name, "2025-09-01", 1_000.0));
        rows.push(cohort("first_channel", &name, "2025-10-01", 100.0 + f64::from(channel)));
    }
    let tables = [(cohort_value::TABLE_BY_DIMENSIONS.card(), rows)];
    let data = data(&page(&snapshot(place.path(), "2026-10-31", &tables), Lang::En).unwrap());
    let wanted: Vec<Option<i64>> = [7, 200].into_iter().chain(103..=114).map(Some).collect();
    assert_eq!(cells(&data, "cohort_value", "customers"), wanted);
}

#[test]
fn what_would_bring_a_missing_table_is_said() {
    let place = tempfile::tempdir().unwrap();
    let data = data(&page(&snapshot(place.path(), "2026-10-31", &[(shop_periods::TABLE.card(), months())]), Lang::En).unwrap());
    assert_eq!((&data["missing_names"]["campaign_effect"], &data["missing_names"]["shop_periods"]), (&"活动效果".into(), &Value::Null));
    // The columns without which an input cannot be read; not of the input that is there.
    assert_eq!(data["needed_columns"]["campaigns"], "campaign_id, starts_on, ends_on");
    assert!(data["needed_columns"].get("orders").is_none());
}

#[test]
fn the_page_says_how_many_values_it_shows() {
    let said = format!("const MOST_VALUES = {MOST_VALUES};");
    assert!(include_str!("assets/windows.js").contains(&said), "{said}");
    let texts = include_str!("assets/texts.js");
    let line = texts.lines().find(|line| line.contains("windows_values_remark")).unwrap();
    assert_eq!(line.matches(&MOST_VALUES.to_string()).count(), 2, "{line}");
}

#[test]
fn a_missing_table_is_named_with_its_reason() {
    let place = tempfile::tempdir().unwrap();
    let data = data(&page(&snapshot(place.path(), "2026-10-31", &[(shop_periods::TABLE.card(), months())]), Lang::En).unwrap());
    assert_eq!(data["missing"]["campaign_effect"], "the job has no input campaigns");
    // The run did not request it, so there is no reason.
    assert!(data["missing"].get("shop_daily").is_some_and(Value::is_null));
    assert!(data["missing"].get("shop_periods").is_none());
    assert_eq!(data["warnings"], serde_json::json!(["<b>odd</b>"]));
    assert_eq!((&data["inputs"][0]["rows"], &data["inputs"][0]["superseded"]), (&10.into(), &2.into()));
    assert!(data["left_out"].is_null());
}

#[test]
fn a_shop_of_any_name_stays_a_text() {
    let place = tempfile::tempdir().unwrap();
    let evil = "</script><b onclick=alert(1)><!--";
    let shop = row(&[("shop_id", evil), ("grain", "month"), ("period_start", "2026-10-01")], &[("paid_amount", 1.0)]);
    let page = page(&snapshot(place.path(), "2026-10-31", &[(shop_periods::TABLE.card(), vec![shop])]), Lang::En).unwrap();
    assert!(!page.contains(evil));
    assert_eq!(data(&page)["shops"], serde_json::json!([evil]));
}

#[test]
fn the_same_snapshot_gives_the_same_bytes_and_asks_no_network() {
    let place = tempfile::tempdir().unwrap();
    let snapshot = snapshot(place.path(), "2026-10-31", &[(shop_periods::TABLE.card(), months())]);
    let first = page(&snapshot, Lang::En).unwrap();
    assert!(first == page(&snapshot, Lang::En).unwrap());
    assert!(first.contains("default-src 'none'"));
    for loading in ["<link", "src=", "@import", "url("] {
        let before_the_program = &first[..first.find("<script>").unwrap()];
        assert!(!before_the_program.contains(loading), "{loading}");
    }
}

/// Days of many shops, the first of which sold most.
fn days(shops: usize, days: i32) -> Vec<(&'static Card, Vec<Row>)> {
    let last = parse_day("2026-10-31").unwrap();
    let name = |shop: usize| format!("shop-{shop:04}");
    let mut daily = Vec::new();
    let mut monthly = Vec::new();
    for shop in 0..shops {
        for day in last - days + 1..=last {
            let date = crate::spec::period::iso(day);
            let paid = f64::from((day * 7919 + shop as i32 * 104_729) % 1_000_003);
            daily.push(row(&[("shop_id", &name(shop)), ("date", &date)], &[("paid_amount", paid), ("paid_orders", f64::from(day % 97))]));
        }
        let paid = (shops - shop) as f64 * 100.0;
        for month in ["2026-08-01", "2026-09-01", "2026-10-01"] {
            monthly.push(row(&[("shop_id", &name(shop)), ("grain", "month"), ("period_start", month)], &[("paid_amount", paid)]));
        }
    }
    vec![(shop_periods::TABLE.card(), monthly), (shop_daily::TABLE.card(), daily)]
}

#[test]
fn a_page_keeps_to_its_budget_and_says_what_it_left_out() {
    let place = tempfile::tempdir().unwrap();
    let snapshot = snapshot(place.path(), "2026-10-31", &days(60, 400));
    let whole = page(&snapshot, Lang::En).unwrap();
    assert!(whole.len() < MOST_BYTES);
    assert_eq!(cells(&data(&whole), "shop_daily", "paid_amount").len(), 60 * 400);
    // What the page takes without its data.
    let empty = whole.len() - serde_json::to_string(&data(&whole)).unwrap().len();
    let mut days_before = 401;
    for room in [300_000, 150_000, 60_000, 36_000, 32_000] {
        let page = page_within(&snapshot, Lang::En, empty + room).unwrap();
        assert!(page.len() <= empty + room, "{room}");
        let data = data(&page);
        let daily = cells(&data, "shop_daily", "date");
        let (days, shops) = (data["left_out"]["days"].as_i64(), data["left_out"]["shops"].as_i64());
        if let (Some(days), Some(shops)) = (days, shops) {
            assert_eq!(daily.len() as i64, days.min(400) * shops, "{room}");
            assert!(days <= days_before, "{room}");
            days_before = days;
        }
        // The last day is the as-of date, whatever is left out: 2026-10-31 is day 20757.
        assert_eq!(daily.last(), Some(&Some(20_757)), "{room}");
        // Every shop has its line, for which two months are there; those with details have all three.
        let detailed = shops.map_or(60, |shops| shops as usize);
        assert_eq!(cells(&data, "shop_periods", "paid_amount").len(), 3 * detailed + 2 * (60 - detailed), "{room}");
    }
    let error = page_within(&snapshot, Lang::En, empty + 100).unwrap_err();
    assert_eq!(error.exit_code(), 4);
    assert!(error.to_string().contains("output.report"), "{error}");
}

#[test]
fn the_title_says_whose_report_it_is_and_of_which_day() {
    let titled = |ids: &[&str], names: &[Row], lang| {
        let place = tempfile::tempdir().unwrap();
        let month = |id: &&str| row(&[("shop_id", id), ("grain", "month"), ("period_start", "2026-10-01")], &[("paid_amount", 1.0)]);
        let tables = [(shop_periods::TABLE.card(), ids.iter().map(month).collect()), (shops::TABLE.card(), names.to_vec())];
        let page = page(&snapshot(place.path(), "2026-10-31", &tables), lang).unwrap();
        page.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap().to_owned()
    };
    let named = [row(&[("shop_id", "001"), ("name", "Leaf & Co")], &[])];
    assert_eq!(titled(&["001"], &named, Lang::En), "Leaf &amp; Co · 2026-10-31 · Shop report");
    assert_eq!(titled(&["001"], &[], Lang::Zh), "001 · 2026-10-31 · 店铺经营报告");
    assert_eq!(titled(&["001", "002"], &named, Lang::Zh), "2 家店铺 · 2026-10-31 · 店铺经营报告");
    assert_eq!(titled(&["001", "002"], &named, Lang::En), "2 shops · 2026-10-31 · Shop report");
}
