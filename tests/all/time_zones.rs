//! Whose clock times show: read from the file, column by column, or said by the job. Four orders of a shop in Shanghai (UTC+8): one at
//! 23:50 on 2026-08-31, two at 00:10 and 07:59:59 on 2026-09-01, which are still 2026-08-31 in UTC, and one at 01:00 on 2026-10-01.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{Array, AsArray, Decimal128Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{Date32Type, Decimal128Type, Int64Type};
use huitou::publish::Published;
use huitou::spec::period::{iso, parse_day};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type as PhysicalInt64, Int96, Int96Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::scene::{Columns, DAY, Scene, money, texts};

pub const SECOND: i64 = 1_000_000;
pub const HOUR: i64 = 3_600 * SECOND;

/// What the clock in Shanghai shows.
pub const SHOWN: [&str; 4] = ["2026-08-31 23:50:00", "2026-09-01 00:10:00", "2026-09-01 07:59:59", "2026-10-01 01:00:00"];

/// Days, orders and fen of those orders.
pub const RIGHT: [(&str, i64, i128); 3] = [("2026-08-31", 1, 1_000), ("2026-09-01", 2, 5_000), ("2026-10-01", 1, 2_500)];

/// The same, were the moments in UTC taken for local times.
pub const EIGHT_HOURS_EARLY: [(&str, i64, i128); 2] = [("2026-08-31", 3, 6_000), ("2026-09-30", 1, 2_500)];

pub const AMOUNTS: [i64; 4] = [1_000, 2_000, 3_000, 2_500];

/// A time as text in microseconds.
pub fn micros(text: &str) -> i64 {
    let part = |from: usize| text[from..from + 2].parse::<i64>().unwrap();
    i64::from(parse_day(&text[..10]).unwrap()) * DAY + part(11) * HOUR + part(14) * 60 * SECOND + part(17) * SECOND
}

/// The orders as what a clock so many hours from UTC shows.
pub fn times(hours: i64) -> TimestampMicrosecondArray {
    SHOWN.map(|text| micros(text) + (hours - 8) * HOUR).to_vec().into()
}

/// The columns of the orders, their times in `created` and `paid`.
pub fn orders(times: impl Array + Clone + 'static) -> Columns {
    Columns(Vec::new())
        .with("order_id", texts(&["o1", "o2", "o3", "o4"]))
        .with("customer_id", texts(&["c1", "c2", "c3", "c2"]))
        .with("created", times.clone())
        .with("paid", times)
        .with("paid_amount", money(&AMOUNTS))
}

/// A job over `orders.parquet` with further keys of the input.
pub fn job(keys: &str) -> String {
    format!(
        "job: zones\nas_of: 2026-10-31\ninputs: {{ orders: {{ path: orders.parquet, {keys} }} }}\nparams: {{ forecast: {{ model: none }} }}\ntables: [shop_daily]\noutput: {{ path: out }}\n"
    )
}

/// Both columns by their names in the file.
pub const NAMES: &str = "columns: { created_at: created, paid_at: paid }";

/// The days with paid orders: day, orders and fen.
pub fn days(published: &Published) -> Vec<(String, i64, i128)> {
    let mut days = Vec::new();
    for part in &published.manifest.table("shop_daily").unwrap().parts {
        let file = File::open(published.path.join(&part.file)).unwrap();
        for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
            let batch: RecordBatch = batch.unwrap();
            let dates = batch.column_by_name("date").unwrap().as_primitive::<Date32Type>();
            let orders = batch.column_by_name("paid_orders").unwrap().as_primitive::<Int64Type>();
            let amounts: &Decimal128Array = batch.column_by_name("paid_amount").unwrap().as_primitive::<Decimal128Type>();
            let rows = (0..batch.num_rows()).filter(|row| orders.value(*row) > 0);
            days.extend(rows.map(|row| (iso(dates.value(row)), orders.value(row), amounts.value(row))));
        }
    }
    days
}

pub fn expected<const N: usize>(days: [(&str, i64, i128); N]) -> Vec<(String, i64, i128)> {
    days.map(|(day, orders, fen)| (day.to_owned(), orders, fen)).to_vec()
}

/// A published snapshot, and the folder that it lies in.
pub struct Run {
    published: Published,
    _scene: Scene,
}

impl std::ops::Deref for Run {
    type Target = Published;

    fn deref(&self) -> &Published {
        &self.published
    }
}

/// Publishes a job over orders.
pub fn published(orders: &Columns, keys: &str) -> Run {
    let scene = Scene::with(orders);
    scene.job(&job(keys));
    let published = scene.publish("2026-10-31", "out", 2).unwrap_or_else(|error| panic!("{keys}: {error}"));
    Run { published, _scene: scene }
}

/// Writes orders whose times are INT96, with pairs of keys and values in the footer; `shipped` are times in `shipped_at`.
fn write_int96(scene: &Scene, times: &[i64], shipped: &[i64], pairs: &[(&str, &str)]) {
    let schema = "message spark_schema { required binary order_id (UTF8); required binary customer_id (UTF8); required int96 created; \
                  required int96 paid; required int96 shipped_at; required int64 paid_amount (DECIMAL(18, 2)); }";
    let pairs = pairs.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned())).collect();
    let properties = WriterProperties::builder().set_key_value_metadata(Some(pairs)).build();
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(File::create(scene.path("orders.parquet")).unwrap(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    // The day since the beginning of the Julian calendar's count, of which 1970-01-01 is 2,440,588, and the nanoseconds within it.
    let int96 = |time: &i64| {
        let nanos = time.rem_euclid(DAY) as u64 * 1_000;
        let mut value = Int96::new();
        value.set_data(nanos as u32, (nanos >> 32) as u32, (time.div_euclid(DAY) + 2_440_588) as u32);
        value
    };
    let mut place = 0;
    while let Some(mut column) = group.next_column().unwrap() {
        let names = |letter: &str| -> Vec<ByteArray> { (1..=times.len()).map(|row| format!("{letter}{row}").as_str().into()).collect() };
        match place {
            0 => column.typed::<ByteArrayType>().write_batch(&names("o"), None, None).unwrap(),
            1 => column.typed::<ByteArrayType>().write_batch(&names("c"), None, None).unwrap(),
            2 | 3 => column.typed::<Int96Type>().write_batch(&times.iter().map(int96).collect::<Vec<_>>(), None, None).unwrap(),
            4 => column.typed::<Int96Type>().write_batch(&shipped.iter().map(int96).collect::<Vec<_>>(), None, None).unwrap(),
            _ => column.typed::<PhysicalInt64>().write_batch(&AMOUNTS[..times.len()], None, None).unwrap(),
        };
        column.close().unwrap();
        place += 1;
    }
    group.close().unwrap();
    writer.close().unwrap();
}

/// The footer of Spark for columns of that type.
fn spark(kind: &str) -> String {
    let field = |name: &str| format!(r#"{{"name":"{name}","type":"{kind}","nullable":true,"metadata":{{}}}}"#);
    format!(r#"{{"type":"struct","fields":[{},{},{}]}}"#, field("created"), field("paid"), field("shipped_at"))
}

const COLUMNS_OF_SPARK: &str = "org.apache.spark.sql.parquet.row.metadata";

#[test]
fn int96_is_what_the_footer_of_spark_says() {
    let utc: Vec<i64> = times(0).values().to_vec();
    let (instant, clock) = (spark("timestamp"), spark("timestamp_ntz"));
    let run = |pairs: &[(&str, &str)], keys: &str| -> (_, Vec<String>) {
        let scene = Scene::new();
        scene.job(&job(keys));
        write_int96(&scene, &utc, &utc, pairs);
        let published = scene.publish("2026-10-31", "out", 1).unwrap();
        // Eight hours early, October has no order.
        let warnings = published.manifest.warnings.iter().filter(|warning| !warning.starts_with("stale_input: ")).cloned().collect();
        (days(&published), warnings)
    };
    let none: Vec<String> = Vec::new();
    assert_eq!(run(&[(COLUMNS_OF_SPARK, &instant)], NAMES), (expected(RIGHT), none.clone()));
    assert_eq!(run(&[("org.apache.spark.version", "3.5.1")], NAMES), (expected(RIGHT), none.clone()));
    assert_eq!(run(&[(COLUMNS_OF_SPARK, &clock)], NAMES), (expected(EIGHT_HOURS_EARLY), none.clone()));
    // Nothing tells: a warning that names the columns and the ways to say it.
    let (found, warnings) = run(&[], NAMES);
    assert_eq!((found, warnings.len()), (expected(EIGHT_HOURS_EARLY), 1), "{warnings:?}");
    for words in ["`created_at`, `paid_at`, `shipped_at` are INT96", "orders.parquet does not say", "`times: local`", "`times: utc`"] {
        assert!(warnings[0].contains(words), "{warnings:?}");
    }
    let (found, warnings) = run(&[], "columns: { created_at: 'COALESCE(created, paid)', paid_at: paid }");
    assert!(found == expected(EIGHT_HOURS_EARLY) && warnings.len() == 1 && warnings[0].contains("`created`"), "{warnings:?}");
    // The job tells.
    assert_eq!(run(&[], &format!("{NAMES}, times: utc")), (expected(RIGHT), none.clone()));
    assert_eq!(run(&[], &format!("{NAMES}, times: local")), (expected(EIGHT_HOURS_EARLY), none.clone()));
    let columns = "times: { created_at: utc, paid_at: utc, shipped_at: utc }";
    assert_eq!(run(&[], &format!("{NAMES}, {columns}")), (expected(RIGHT), none.clone()));
    assert_eq!(run(&[], "columns: { created_at: 'COALESCE(created, paid)', paid_at: paid }, times: utc"), (expected(RIGHT), none.clone()));
    // For the input the file counts where it tells; for a column the job does.
    assert_eq!(run(&[(COLUMNS_OF_SPARK, &instant)], &format!("{NAMES}, times: local")), (expected(RIGHT), none.clone()));
    let columns = "times: { created_at: local, paid_at: local }";
    assert_eq!(run(&[(COLUMNS_OF_SPARK, &instant)], &format!("{NAMES}, {columns}")), (expected(EIGHT_HOURS_EARLY), none));
}

#[test]
fn int96_has_all_years() {
    // 9999-12-31 stands for "not yet"; in nanoseconds of 64 bits it would be 1816, and 2600 would be 2015.
    let utc: Vec<i64> = times(0).values().to_vec();
    for never in ["9999-12-31 00:00:00", "9999-12-31 23:59:59", "2600-01-01 00:00:00"] {
        for pairs in [vec![], vec![(COLUMNS_OF_SPARK, spark("timestamp"))]] {
            let scene = Scene::new();
            scene.job(&job(&format!("{NAMES}, times: utc")).replace("[shop_daily]", "[shop_daily, rejects, order_timing]"));
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (*key, value.as_str())).collect();
            write_int96(&scene, &utc, &[micros(never); 4], &pairs);
            let published = scene.publish("2026-10-31", "out", 1).unwrap();
            assert_eq!(days(&published), expected(RIGHT), "{never}");
            assert_eq!(published.manifest.table("rejects").unwrap().rows, 0, "{never}");
        }
    }
}

#[test]
fn a_text_that_names_its_zone_is_converted() {
    let forms = [
        ["2026-08-31T15:50:00Z", "2026-08-31T16:10:00Z", "2026-08-31T23:59:59Z", "2026-09-30T17:00:00Z"],
        ["2026-08-31T23:50:00+08:00", "2026-09-01T00:10:00+08:00", "2026-08-31T18:59:59-05:00", "2026-10-01T01:00:00+08:00"],
        ["2026-08-31 15:50:00+00", "2026-08-31 16:10:00+00", "2026-08-31 23:59:59+00", "2026-09-30 17:00:00+00"],
        ["2026-08-31 23:50:00 +0800", "2026-09-01 00:10:00 +0800", "2026-09-01 07:59:59 +0800", "2026-10-01 01:00:00 +0800"],
        [
            "2026-08-31 15:50:00 UTC",
            "2026-09-01 00:10:00.000 Asia/Shanghai",
            "2026-08-31T18:59:59-05:00[America/Chicago]",
            "2026-10-01 01:00 GMT+8",
        ],
        // Some name their zone, others do not: those are local.
        ["2026-08-31 23:50:00", "2026-08-31T16:10:00Z", "2026-09-01 07:59:59", "2026-09-30 17:00:00+00"],
    ];
    for form in forms {
        let columns = orders(texts(&form));
        for keys in [
            NAMES,
            "columns: { created_at: CAST(created AS TIMESTAMP), paid_at: CAST(paid AS TIMESTAMP) }",
            "columns: { created_at: 'created::TIMESTAMP', paid_at: TRY_CAST(paid AS TIMESTAMP) }",
            "columns: { created_at: \"DATETIME(created)\", paid_at: \"COALESCE(NULLIF(paid, ''), created)\" }",
        ] {
            let published = published(&columns, keys);
            assert_eq!(days(&published), expected(RIGHT), "{form:?} {keys}");
            assert_eq!(published.manifest.warnings, Vec::<String>::new());
        }
        let days_only = published(&columns, "columns: { created_at: CAST(created AS DATE), paid_at: DATE(paid) }");
        assert_eq!(days(&days_only), expected(RIGHT), "{form:?}");
        // A text that names no zone shows the clock of `times`.
        if !form.iter().any(|text| text.len() == 19) {
            assert_eq!(days(&published(&columns, &format!("{NAMES}, times: utc"))), expected(RIGHT));
            assert_eq!(
                days(&published(&columns, "columns: { created_at: CAST(created AS TIMESTAMP), paid_at: paid }, times: America/New_York")),
                expected(RIGHT)
            );
        }
    }
}

#[test]
fn times_without_a_zone_show_the_clock_that_the_job_says() {
    // Tokyo is UTC+9; New York is UTC-4 in August and September.
    for (hours, clock) in [(8, "local"), (0, "utc"), (9, "Asia/Tokyo"), (-4, "America/New_York"), (8, "Asia/Shanghai")] {
        let written: Vec<String> = times(hours).values().iter().map(|time| shown(*time)).collect();
        let as_text = StringArray::from(written.clone());
        let us_text = StringArray::from(
            written.iter().map(|text| format!("{}/{}/{} {}", &text[5..7], &text[8..10], &text[..4], &text[11..])).collect::<Vec<_>>(),
        );
        let seconds: arrow::array::TimestampSecondArray = times(hours).values().iter().map(|time| time / SECOND).collect::<Vec<_>>().into();
        for columns in [orders(times(hours)), orders(as_text), orders(seconds)] {
            for keys in [NAMES.to_owned(), "columns: { created_at: \"COALESCE(created, paid)\", paid_at: paid }".to_owned()] {
                assert_eq!(days(&published(&columns, &format!("{keys}, times: {clock}"))), expected(RIGHT), "{clock} {keys}");
                assert_eq!(
                    days(&published(&columns, &format!("{keys}, times: {{ created_at: {clock}, paid_at: {clock} }}"))),
                    expected(RIGHT),
                    "{clock}"
                );
            }
        }
        let keys = "columns: { created_at: \"STRPTIME(created, '%m/%d/%Y %H:%M:%S')\", paid_at: \"STRPTIME(paid, '%m/%d/%Y %H:%M:%S')\" }";
        assert_eq!(days(&published(&orders(us_text), &format!("{keys}, times: {clock}"))), expected(RIGHT), "{clock}");
    }
}

pub fn shown(time: i64) -> String {
    let seconds = time.rem_euclid(DAY) / SECOND;
    format!("{} {:02}:{:02}:{:02}", iso(time.div_euclid(DAY) as i32), seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[test]
fn files_of_one_input_may_differ() {
    // A column with a zone, one without, text with a zone, text without: an order each.
    let scene = Scene::new();
    scene.job(&job(NAMES).replace("orders.parquet", "data"));
    let zoned = orders(times(0).with_timezone("UTC"));
    let local = orders(times(8));
    let instants = orders(texts(&["2026-08-31T15:50:00Z", "2026-08-31T16:10:00Z", "2026-08-31T23:59:59Z", "2026-09-30T17:00:00Z"]));
    let plain = orders(texts(&SHOWN));
    for (row, columns) in [zoned, local, instants, plain].iter().enumerate() {
        scene.parquet_of(&format!("data/{row}.parquet"), &columns.batch().slice(row, 1), None);
    }
    assert_eq!(days(&scene.publish("2026-10-31", "out", 2).unwrap()), expected(RIGHT));
}

#[test]
fn versions_are_compared_as_the_same_kind_of_time() {
    // One line in two files: at 18:00 in Shanghai, as 10:00 UTC, it costs 20.00; at 17:00, as a local time, it cost 10.00.
    let created = TimestampMicrosecondArray::from(vec![micros("2026-09-01 12:00:00")]);
    let line = |fen: i64| {
        Columns(Vec::new())
            .with("order_id", texts(&["o1"]))
            .with("customer_id", texts(&["c1"]))
            .with("created", created.clone())
            .with("paid", created.clone())
            .with("paid_amount", money(&[fen]))
    };
    let moment = TimestampMicrosecondArray::from(vec![micros("2026-09-01 10:00:00")]);
    let later = [
        line(2_000).with("modified_at", moment.clone().with_timezone("UTC")),
        line(2_000).with("modified_at", texts(&["2026-09-01T10:00:00Z"])),
        line(2_000).with("modified_at", texts(&["2026-09-01 18:00:00"])),
    ];
    let earlier = [
        line(1_000).with("modified_at", TimestampMicrosecondArray::from(vec![micros("2026-09-01 17:00:00")])),
        line(1_000).with("modified_at", texts(&["2026-09-01 17:00:00"])),
        line(1_000).with("modified_at", texts(&["2026-09-01 09:00:00+00"])),
    ];
    for later in &later {
        for earlier in &earlier {
            for (first, second) in [("a", "b"), ("b", "a")] {
                let scene = Scene::new();
                scene.job(&job(NAMES).replace("orders.parquet", "data"));
                scene.parquet(&format!("data/{first}.parquet"), later);
                scene.parquet(&format!("data/{second}.parquet"), earlier);
                let published = scene.publish("2026-10-31", "out", 1).unwrap();
                assert_eq!(days(&published), expected([("2026-09-01", 1, 2_000)]), "{later:?} {earlier:?}");
            }
        }
    }
}

#[test]
fn sql_sees_times_of_a_zone_as_local_times() {
    let zoned = orders(times(0).with_timezone("UTC"));
    for keys in [
        "columns: { created_at: CAST(created AS TIMESTAMP), paid_at: paid }",
        "columns: { created_at: CAST(created AS DATE), paid_at: CAST(paid AS DATE) }",
        "columns: { created_at: \"STRPTIME(STRFTIME(created, '%Y%m%d %H%M'), '%Y%m%d %H%M')\", paid_at: paid }",
        "columns: { created_at: created, paid_at: paid }, filter: \"EXTRACT(HOUR FROM created) IN (23, 0, 7, 1)\"",
        "columns: { created_at: created, paid_at: paid }, filter: \"created >= TIMESTAMP '2026-08-31 23:50:00'\"",
        // The input's clock is for times without a zone.
        "columns: { created_at: CAST(created AS TIMESTAMP), paid_at: paid }, times: utc",
        "columns: { created_at: CAST(created AS TIMESTAMP), paid_at: paid }, times: America/New_York",
    ] {
        assert_eq!(days(&published(&zoned, keys)), expected(RIGHT), "{keys}");
    }
    // A column that mixes a zoned one with texts and with one that shows UTC.
    let mixed = orders(times(0).with_timezone("Asia/Tokyo")).with("other", times(0));
    let keys =
        "columns: { created_at: \"IF(order_id = 'o1', other, created)\", paid_at: \"IF(order_id = 'o2', other, paid)\" }, times: utc";
    assert_eq!(days(&published(&mixed, keys)), expected(RIGHT));
}
