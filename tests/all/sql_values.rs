//! Values that SQL in mappings, filters and conditions makes: exact, or the run stops. The figures are worked by hand.

use arrow::array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Int32Array, Int64Array, StringArray, TimestampMillisecondArray, UInt8Array,
    UInt16Array, UInt64Array,
};

use super::import::{cells, files, import};
use super::scene::{Columns, Ran, Scene, texts};
use super::time_zones::{NAMES, RIGHT, days, expected, job, orders, published, times};

fn ran(columns: &Columns, keys: &str) -> Ran {
    let scene = Scene::with(columns);
    scene.job(&job(keys));
    scene.run(&["run", "job.yaml"])
}

/// The keys of an input with a further column.
fn mapped(column: &str) -> String {
    format!("columns: {{ created_at: created, paid_at: paid, {column} }}")
}

/// Four orders at the times of the clock in Shanghai.
fn shop() -> Columns {
    orders(times(8))
}

fn repeated(value: impl Array + 'static) -> ArrayRef {
    let four = arrow::array::UInt32Array::from(vec![0, 0, 0, 0]);
    arrow::compute::take(&value, &four, None).unwrap()
}

fn decimal(digits: i128, precision: u8, scale: i8) -> ArrayRef {
    repeated(Decimal128Array::from(vec![digits]).with_precision_and_scale(precision, scale).unwrap())
}

#[test]
fn whole_numbers_of_few_bits_are_not_cut() {
    let columns = shop()
        .with("fen", repeated(UInt16Array::from(vec![19_900])))
        .with("off", repeated(UInt16Array::from(vec![20_000])))
        .with("num", repeated(UInt8Array::from(vec![200])));
    // 199 yuan × 200, and three days with one, two and one of them.
    let found = published(&columns, &format!("money: minor, {}", mapped("paid_amount: fen * num")));
    assert_eq!(days(&found), expected([("2026-08-31", 1, 3_980_000), ("2026-09-01", 2, 7_960_000), ("2026-10-01", 1, 3_980_000)]));
    let found = published(&columns, &format!("{}, filter: num * 2 > 300", mapped("quantity: num * 2")));
    assert_eq!(days(&found), expected(RIGHT));
    let told = ran(&columns, &format!("money: minor, {}", mapped("paid_amount: fen - off")));
    assert!(told.code == Some(3) && told.stderr.contains("negative_amount: paid_amount: -1.00"), "{}", told.stderr);
    let large = shop().with("num", repeated(Int64Array::from(vec![i64::MAX])));
    let told = ran(&large, &format!("{NAMES}, filter: num * 2 > 0"));
    assert!(told.code == Some(3) && told.stderr.contains("9223372036854775807 * 2 does not fit BIGINT"), "{}", told.stderr);
    let advised = published(&large, &format!("{NAMES}, filter: \"CAST(num AS DECIMAL(38, 0)) * 2 > 0\""));
    assert_eq!(days(&advised), expected(RIGHT));
}

/// 10.05 yuan at 8.5 tenths of the price, 100 pieces: 854.25.
#[test]
fn decimals_are_rounded_once_as_they_are_at_the_import() {
    let columns = shop()
        .with("price", decimal(1_005, 10, 2))
        .with("zhe", decimal(85, 4, 1))
        .with("discount", decimal(85, 10, 2))
        .with("num", repeated(Int32Array::from(vec![100])))
        .with("one", repeated(Int32Array::from(vec![1])))
        .with("spark", decimal(12_345_000_000_000_000_000, 38, 18));
    for (sql, fen) in [
        ("price * (zhe / 10) * num", 85_425),
        ("price * discount * num", 85_425),
        ("price * 0.85 * num", 85_425),
        // 8.5425, and half of 17.085, a tie: to the even 8.54.
        ("price * discount * one", 854),
        ("price * discount * 2 / 2", 854),
        // 1.005 to the even 1.00, and 3.015 to the even 3.02, for once rounded.
        ("price / 10", 100),
        ("price * 3 / 10", 302),
        // 12.345 to the even 12.34.
        ("spark * one", 1_234),
    ] {
        let found = published(&columns, &mapped(&format!("paid_amount: {sql}")));
        assert_eq!(days(&found), expected([("2026-08-31", 1, fen), ("2026-09-01", 2, 2 * fen), ("2026-10-01", 1, fen)]), "{sql}");
    }
    let scene = Scene::new();
    scene.write("shop.csv", "单号,会员,时间,price,discount,num\n1,甲,2026-01-05,10.05,0.85,100\n2,甲,2026-01-06,10.05,0.85,1\n");
    let names = ["--map", "order_id=单号", "--map", "customer_id=会员", "--map", "created_at=时间"];
    import(&scene, &[&["generic", "shop.csv", "--map", "paid_amount=price*discount*num"], names.as_slice()].concat());
    let imported: Vec<String> = files(&scene, "shop/orders").iter().flat_map(|file| cells(file, &["order_id", "paid_amount"])).collect();
    assert_eq!(imported, ["1|854.25", "2|8.54"]);
}

#[test]
fn is_not_true_keeps_the_rows_without_a_value() {
    let columns = shop().with("is_test", BooleanArray::from(vec![None, None, Some(false), Some(true)]));
    let kept = expected([("2026-08-31", 1, 1_000), ("2026-09-01", 2, 5_000)]);
    for filter in ["is_test IS NOT TRUE", "(is_test = TRUE) IS NOT TRUE", "NOT (is_test IS TRUE)", "COALESCE(is_test, FALSE) IS FALSE"] {
        assert_eq!(days(&published(&columns, &format!("{NAMES}, filter: \"{filter}\""))), kept, "{filter}");
    }
}

#[test]
fn an_id_of_parts_is_missing_where_a_part_is() {
    let ids = StringArray::from(vec![Some("1"), None, Some("3"), None]);
    let columns = shop().with("id", ids).with("region", texts(&["north"; 4])).with("rows", texts(&["a", "b", "c", "d"]));
    for id in ["region || '-' || id", "CONCAT(region, '-', id)", "CONCAT_WS('-', region, id)"] {
        let told = ran(&columns, &mapped(&format!("order_id: \"{id}\"")));
        assert!(told.stderr.contains("null_key"), "{id}: {}", told.stderr);
        let found = published(&columns, &format!("{}, filter: id IS NOT NULL", mapped(&format!("order_id: \"{id}\""))));
        assert_eq!(days(&found), expected([("2026-08-31", 1, 1_000), ("2026-09-01", 1, 3_000)]), "{id}");
    }
}

#[test]
fn ids_of_unsigned_numbers_stay_apart() {
    let first = 4_013_245_678_901_234_001_u64;
    let columns = shop()
        .with("id", UInt64Array::from((0..4).map(|row| first + row).collect::<Vec<_>>()))
        .with("parent", Int64Array::from(vec![None; 4]))
        .with("watched", repeated(Int64Array::from(vec![first as i64 + 3])));
    for id in
        ["CONCAT('t', COALESCE(parent, id))", "COALESCE(parent, id)", "GREATEST(parent, id)", "CONCAT('t', IF(parent = 1, parent, id))"]
    {
        assert_eq!(days(&published(&columns, &mapped(&format!("order_id: \"{id}\"")))), expected(RIGHT), "{id}");
    }
    for id in ["CONCAT('t', id / 1)", "CONCAT('t', id * 1.0)", "CONCAT_WS('-', 't', CAST(id AS DOUBLE))"] {
        let told = ran(&columns, &mapped(&format!("order_id: \"{id}\"")));
        assert!(told.code == Some(3) && told.stderr.contains("have lost their last digits"), "{id}: {}", told.stderr);
    }
    assert_eq!(days(&published(&columns, &format!("{NAMES}, filter: id <> watched"))), expected([RIGHT[0], RIGHT[1]]));
    assert_eq!(days(&published(&columns, &format!("{NAMES}, filter: id = watched"))), expected([RIGHT[2]]));
}

#[test]
fn a_day_of_another_clock_than_that_of_the_shop_stops_the_run() {
    let both = |created: &str, paid: &str| format!("columns: {{ created_at: \"{created}\", paid_at: \"{paid}\" }}, times: utc");
    let utc = orders(times(0));
    let texts_of_utc = orders(texts(&["2026-08-31 15:50:00", "2026-08-31 16:10:00", "2026-08-31 23:59:59", "2026-09-30 17:00:00"]));
    let texts_with_zone = orders(texts(&["2026-08-31T15:50:00Z", "2026-08-31T16:10:00Z", "2026-08-31T23:59:59Z", "2026-09-30T17:00:00Z"]));
    let counts = orders(Int64Array::from(times(0).values().iter().map(|time| time / 1_000).collect::<Vec<_>>()));
    let millis = orders(TimestampMillisecondArray::from(times(0).values().iter().map(|time| time / 1_000).collect::<Vec<_>>()));
    for (columns, sql) in [
        (&utc, "CAST(# AS DATE)"),
        (&utc, "STRFTIME(#, '%Y-%m-%d')"),
        (&utc, "LEFT(CAST(# AS VARCHAR), 10)"),
        (&millis, "CAST(# AS DATE)"),
        (&counts, "CAST(CAST(# * 1000 AS TIMESTAMP) AS DATE)"),
        (&texts_of_utc, "LEFT(#, 10)"),
        (&texts_of_utc, "CAST(CAST(# AS TIMESTAMP) AS DATE)"),
        (&texts_with_zone, "CAST(# AS DATE)"),
    ] {
        let told = ran(columns, &both(&sql.replace('#', "created"), &sql.replace('#', "paid")));
        let cause = "2026-08-31 is the day at 2026-08-31 16:10:00 by the clock of UTC, and that of Asia/Shanghai shows 2026-09-01 00:10:00";
        assert!(told.code == Some(3) && told.stderr.contains(cause), "{sql}: {}", told.stderr);
        assert!(told.stderr.contains("map the whole time"), "{sql}: {}", told.stderr);
    }
    // As the message advises, and with the hour in the text.
    for columns in [&utc, &millis, &texts_of_utc] {
        assert_eq!(days(&published(columns, &format!("{NAMES}, times: utc"))), expected(RIGHT));
    }
    let hours = "STRFTIME(#, '%Y-%m-%d %H:%M:%S')";
    assert_eq!(days(&published(&utc, &both(&hours.replace('#', "created"), &hours.replace('#', "paid")))), expected(RIGHT));
    // By the clock of the shop a day is its day.
    let local = "columns: { created_at: CAST(created AS DATE), paid_at: CAST(paid AS DATE) }";
    assert_eq!(days(&published(&shop(), local)), expected(RIGHT));
    // Days that are days in the file.
    let dates = orders(texts(&["2026-08-31", "2026-09-01", "2026-09-01", "2026-10-01"]));
    assert_eq!(days(&published(&dates, &both("CAST(created AS DATE)", "CAST(paid AS DATE)"))), expected(RIGHT));
}
