//! Times and ids that are not what their column wants: what the messages advise, tried on the program, and warnings of what cannot be.

use arrow::array::{Float64Array, Int64Array, TimestampMicrosecondArray};

use super::scene::{Columns, Ran, Scene, dates, noons, texts};
use super::time_zones::{EIGHT_HOURS_EARLY, NAMES, RIGHT, SECOND, days, expected, job, orders, published, times};

fn ran(columns: &Columns, keys: &str) -> Ran {
    let scene = Scene::with(columns);
    scene.job(&job(keys));
    scene.run(&["run", "job.yaml"])
}

/// The moments of the orders in a unit.
fn counts(per_second: f64) -> Int64Array {
    times(0).values().iter().map(|time| ((time / SECOND) as f64 * per_second) as i64).collect::<Vec<_>>().into()
}

#[test]
fn the_message_of_counts_names_the_mapping_that_is_right() {
    for (unit, per_second) in [("seconds", 1.0), ("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9)] {
        let columns = orders(counts(per_second));
        let told = ran(&columns, NAMES);
        assert_eq!(told.code, Some(3));
        assert!(told.stderr.contains(&format!("the numbers look like {unit} since 1970 in UTC: map it with `")), "{}", told.stderr);
        let mappings: Vec<&str> = told.stderr.split('`').filter(|text| text.starts_with("CAST(")).collect();
        let clocks: Vec<&str> = told.stderr.split('`').filter_map(|text| text.strip_prefix("times: { ")?.strip_suffix(" }")).collect();
        let keys =
            format!("columns: {{ created_at: \"{}\", paid_at: \"{}\" }}, times: {{ {} }}", mappings[0], mappings[1], clocks.join(", "));
        let published = published(&columns, &keys);
        assert_eq!((days(&published), published.manifest.warnings.clone()), (expected(RIGHT), Vec::<String>::new()), "{keys}");
    }
}

#[test]
fn counts_of_which_the_job_does_not_say_the_clock_are_told() {
    let columns = orders(counts(1e3));
    let keys = "columns: { created_at: CAST(created * 1000 AS TIMESTAMP), paid_at: CAST(paid * 1000 AS TIMESTAMP) }";
    let found = published(&columns, keys);
    // One warning for each column, and one that October has no order.
    assert_eq!((days(&found), found.manifest.warnings.len()), (expected(EIGHT_HOURS_EARLY), 3));
    assert!(found.manifest.warnings[0].contains("counts from 1970 are moments in UTC as a rule"), "{:?}", found.manifest.warnings);
    assert!(found.manifest.warnings[0].contains("`times: { created_at: utc }`"), "{:?}", found.manifest.warnings);
    // Hours added by hand are local times, and the job can say so.
    let keys =
        "columns: { created_at: CAST(created * 1000 + 28800000000 AS TIMESTAMP), paid_at: CAST(paid * 1000 + 28800000000 AS TIMESTAMP) }";
    let found = published(&columns, &format!("{keys}, times: local"));
    assert_eq!((days(&found), found.manifest.warnings.clone()), (expected(RIGHT), Vec::<String>::new()));
    // A wrong unit ends in January 1970.
    let keys = "columns: { created_at: CAST(created AS TIMESTAMP), paid_at: CAST(paid AS TIMESTAMP) }, times: utc";
    let found = published(&columns, keys);
    let warning = found.manifest.warnings.join("\n");
    assert!(
        warning.contains("implausible_times: all 4 rows of orders were placed before 2000, the first at 1970-01-22 00:43:11"),
        "{warning}"
    );
}

#[test]
fn orders_that_lie_in_the_future_are_told_with_an_example() {
    let late = orders(noons(&["2031-01-05", "2031-01-06", "2031-01-07", "2031-02-01"]));
    let told = published(&late, NAMES).manifest.warnings.join("\n");
    assert!(told.contains("all 4 rows of orders lie after the as-of date 2026-10-31, the first row at 2031-01-05 12:00:00"), "{told}");
    let one_day = orders(noons(&["2026-10-05"; 4]));
    let told = published(&one_day, NAMES).manifest.warnings.join("\n");
    assert!(told.contains("all 4 rows of orders were placed on 2026-10-05, the first at 2026-10-05 12:00:00"), "{told}");
}

#[test]
fn texts_that_are_no_times_name_the_form_that_they_have() {
    let american = ["08/31/2026 23:50", "09/01/2026 00:10", "09/01/2026 07:59", "10/01/2026 01:00"];
    let columns = orders(texts(&american)).renamed("created", "下单 时间");
    let told = ran(&columns, "columns: { created_at: 下单 时间, paid_at: paid }");
    assert_eq!(told.code, Some(3));
    let form = "`created_at: STRPTIME(\"下单 时间\", '%m/%d/%Y %H:%M')` under `columns:`";
    assert!(told.stderr.contains(form), "{}", told.stderr);
    assert!(told.stderr.contains("left out by `filter: CONDITION`"), "{}", told.stderr);
    let keys = "columns: { created_at: \"STRPTIME(\\\"下单 时间\\\", '%m/%d/%Y %H:%M')\", paid_at: \"STRPTIME(paid, '%m/%d/%Y %H:%M')\" }";
    assert_eq!(days(&published(&columns, keys)), expected(RIGHT));
    // An expression that does not know the form says which one can.
    let told = ran(&orders(texts(&american)), "columns: { created_at: CAST(created AS TIMESTAMP), paid_at: CAST(paid AS TIMESTAMP) }");
    assert!(told.code == Some(3) && told.stderr.contains("STRPTIME(t, '%m/%d/%Y %H:%M') reads times of another form"), "{}", told.stderr);
    // A zone in a format of its own.
    let zoned = american.map(|text| format!("{text}:00 +0800"));
    let columns = orders(texts(&zoned.each_ref().map(String::as_str)));
    for format in ["%m/%d/%Y %H:%M:%S %z", "%m/%d/%Y %H:%M:%S%z", "%m/%d/%Y %T %z"] {
        let keys = format!("columns: {{ created_at: \"STRPTIME(created, '{format}')\", paid_at: \"STRPTIME(paid, '{format}')\" }}");
        for clock in ["", ", times: utc"] {
            assert_eq!(days(&published(&columns, &format!("{keys}{clock}"))), expected(RIGHT), "{format}");
        }
    }
    let utc = times(0).values().iter().map(|time| super::time_zones::shown(*time).replace(' ', "T") + "Z").collect::<Vec<_>>();
    let columns = orders(arrow::array::StringArray::from(utc));
    let keys = "columns: { created_at: \"STRPTIME(created, '%Y-%m-%dT%H:%M:%S%z')\", paid_at: paid }";
    assert_eq!(days(&published(&columns, keys)), expected(RIGHT));
}

#[test]
fn zones_in_sql_are_refused_with_the_way_to_say_them() {
    for expression in ["CAST(created AS TIMESTAMPTZ)", "CAST(created AS TIMESTAMP WITH TIME ZONE)", "created AT TIME ZONE 'UTC'"] {
        let told = ran(&orders(times(8)), &format!("columns: {{ created_at: \"{expression}\", paid_at: paid }}"));
        assert!(told.code == Some(3) && told.stderr.contains("the key `times` of the input, such as `times: utc`"), "{}", told.stderr);
    }
    let told = ran(&orders(times(8)), &format!("{NAMES}, times: {{ paid_amount: utc }}"));
    assert!(told.stderr.contains("`times` names `paid_amount`, which has no times"), "{}", told.stderr);
    let told = ran(&orders(times(8)), &format!("{NAMES}, times: Asia/Tokio"));
    assert!(told.code == Some(2) && told.stderr.contains("did you mean `Asia/Tokyo`?"), "{}", told.stderr);
    let told = ran(&orders(times(8)), &format!("{NAMES}, times: {{ created_at: lokal }}"));
    assert!(told.code == Some(2) && told.stderr.contains("did you mean `local`?"), "{}", told.stderr);
}

#[test]
fn a_zone_is_not_cut_off_in_silence() {
    let columns = orders(texts(&["2026-08-31T15:50:00Z", "2026-08-31T16:10:00Z", "2026-08-31T23:59:59Z", "2026-09-30T17:00:00Z"]));
    // A zone that the format writes out is kept.
    for format in ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%Z", "%+"] {
        let keys = format!("columns: {{ created_at: \"STRPTIME(created, '{format}')\", paid_at: paid }}");
        assert_eq!(days(&published(&columns, &keys)), expected(RIGHT), "{format}");
    }
    for cut in [
        "CAST(SUBSTR(created, 1, 19) AS TIMESTAMP)",
        "CAST(REPLACE(created, 'Z', '') AS TIMESTAMP)",
        "STRPTIME(LEFT(created, 19), '%Y-%m-%dT%H:%M:%S')",
        "STRPTIME(REPLACE(REPLACE(created, 'T', ' '), 'Z', ''), '%Y-%m-%d %H:%M:%S')",
        "CAST(LEFT(created, 10) AS DATE)",
    ] {
        let keys = format!("columns: {{ created_at: \"{cut}\", paid_at: paid }}");
        let told = ran(&columns, &keys);
        assert!(told.code == Some(3) && told.stderr.contains("is cut off before the text becomes a time"), "{cut}: {}", told.stderr);
        // Who says whose clock the rest shows is believed; a day has no clock.
        if !cut.contains("DATE") {
            assert_eq!(days(&published(&columns, &format!("{keys}, times: utc"))), expected(RIGHT), "{cut}");
        }
    }
    let whole = "columns: { created_at: \"CAST(COALESCE(NULLIF(created, ''), paid) AS TIMESTAMP)\", paid_at: paid }";
    assert_eq!(days(&published(&columns, whole)), expected(RIGHT));
}

#[test]
fn long_ids_in_floats_stop_the_run() {
    // Nineteen digits: as floats the four are one number.
    let ids = Float64Array::from((0..4).map(|row| (4_013_245_678_901_234_001_i64 + 17 * row) as f64).collect::<Vec<_>>());
    let columns = orders(times(8)).with("order_id", ids);
    let told = ran(&columns, NAMES);
    assert!(told.code == Some(3) && told.stderr.contains("write the file anew with ids as text or integers"), "{}", told.stderr);
    for cast in ["CAST(order_id AS BIGINT)", "CAST(order_id AS VARCHAR)", "CAST(CAST(order_id AS BIGINT) AS VARCHAR)"] {
        let keys = format!("columns: {{ created_at: created, paid_at: paid, order_id: {cast} }}, filter: order_id IS NOT NULL");
        let told = ran(&columns, &keys);
        assert!(told.code == Some(3) && told.stderr.contains("have lost their last digits"), "{cast}: {}", told.stderr);
    }
    let parts = orders(times(8)).with("order_id", Float64Array::from(vec![1.0, 1.5, 2.0, 3.0]));
    let told = ran(&parts, "columns: { created_at: created, paid_at: paid, order_id: CAST(order_id AS BIGINT) }");
    assert!(told.code == Some(3) && told.stderr.contains("an id is the float 1.5, which is not a whole number"), "{}", told.stderr);
    let short = orders(times(8)).with("order_id", Float64Array::from(vec![1.0, 2.0, 3.0, 9_007_199_254_740_991.0]));
    let keys = "columns: { created_at: created, paid_at: paid, order_id: CAST(order_id AS BIGINT) }";
    assert_eq!(days(&published(&short, keys)), expected(RIGHT));
}

#[test]
fn a_clock_can_be_said_of_orders_without_a_time_of_payment() {
    let columns = orders(times(0)).without("paid");
    assert_eq!(days(&published(&columns, "columns: { created_at: created }, times: utc")), expected(RIGHT));
}

#[test]
fn texts_that_stay_texts_keep_their_zone_too() {
    let columns = orders(texts(&["2026-08-31T15:50:00Z", "2026-08-31T16:10:00Z", "2026-08-31T23:59:00Z", "2026-09-30T17:00:00Z"]));
    assert_eq!(days(&published(&columns, NAMES)), expected(RIGHT));
    for cut in ["LEFT(created, 19)", "LEFT(created, 10)", "REPLACE(created, 'Z', '')", "SPLIT_PART(created, 'Z', 1)"] {
        let keys = format!("columns: {{ created_at: \"{cut}\", paid_at: paid }}");
        let told = ran(&columns, &keys);
        assert!(told.code == Some(3) && told.stderr.contains("is cut off before the text becomes a time"), "{cut}: {}", told.stderr);
        if !cut.contains("10") {
            assert_eq!(days(&published(&columns, &format!("{keys}, times: utc"))), expected(RIGHT), "{cut}");
        }
    }
    let whole = "columns: { created_at: \"COALESCE(NULLIF(created, ''), paid)\", paid_at: paid }";
    assert_eq!(days(&published(&columns, whole)), expected(RIGHT));
}

#[test]
fn texts_that_name_their_zones_are_not_compared_as_texts() {
    let utc = ["2026-08-31T15:50:00Z", "2026-08-31T16:10:00Z", "2026-08-31T23:59:59Z", "2026-09-30T17:00:00Z"];
    // The same moments in Shanghai, New York and UTC.
    let mixed = ["2026-08-31T23:50:00+08:00", "2026-08-31T12:10:00-04:00", "2026-08-31T23:59:59Z", "2026-10-01 01:00:00 +08:00"];
    let september = [("2026-09-01".to_owned(), 2, 5_000), ("2026-10-01".to_owned(), 1, 2_500)];
    for times in [utc, mixed] {
        let columns = orders(texts(&times));
        for condition in [
            "created >= '2026-09-01'",
            "'2026-09-01' <= created",
            "created BETWEEN '2026-09-01' AND '2027'",
            "LEFT(created, 7) <> '2026-08'",
            "SUBSTR(created, 6, 2) = '09'",
            "created LIKE '2026-09%'",
            "STARTS_WITH(created, '2026-09')",
            "LEFT(created, 10) IN ('2026-09-01', '2026-10-01')",
            "NOT (created < '2026-09-01')",
            "paid_amount > 0 AND LEFT(created, 10) >= '2026-09-01'",
            "created >= LEFT(paid, 10)",
            "CASE WHEN created < '2026-09-01' THEN FALSE ELSE TRUE END",
        ] {
            let told = ran(&columns, &format!("{NAMES}, filter: \"{condition}\""));
            assert_eq!(told.code, Some(3), "{condition}");
            assert!(told.stderr.contains("is compared as a text") && told.stderr.contains("by the clock of this input"), "{}", told.stderr);
        }
        let cut = ran(&columns, &format!("{NAMES}, filter: \"CAST(LEFT(created, 19) AS TIMESTAMP) >= TIMESTAMP '2026-09-01 00:00:00'\""));
        assert!(cut.code == Some(3) && cut.stderr.contains("is cut off before the text becomes a time"), "{}", cut.stderr);
        // As the message says, and by what no clock changes.
        for condition in [
            "CAST(created AS TIMESTAMP) >= TIMESTAMP '2026-09-01 00:00:00'",
            "CAST(created AS DATE) >= DATE '2026-09-01' AND created <> ''",
        ] {
            assert_eq!(days(&published(&columns, &format!("{NAMES}, filter: \"{condition}\""))), september, "{condition}");
        }
        // A mapping compares no other way than a filter.
        let mapped = "columns: { created_at: created, paid_at: paid, status: \"CASE WHEN created < '2026-09-01' THEN 'a' ELSE 'b' END\" }";
        let told = ran(&columns, &format!("{mapped}, status: {{ a: paid, b: paid }}"));
        assert!(told.code == Some(3) && told.stderr.contains("is compared as a text"), "{}", told.stderr);
    }
    let told = ran(&orders(texts(&utc)), &format!("{NAMES}, filter: created >= '2026-09-01'"));
    let advice = told.stderr.split('`').find(|quoted| quoted.starts_with("CAST(created AS TIMESTAMP) >= TIMESTAMP")).unwrap();
    assert_eq!(advice, "CAST(created AS TIMESTAMP) >= TIMESTAMP '2026-08-31 23:50:00'");
    assert_eq!(days(&published(&orders(texts(&utc)), &format!("{NAMES}, filter: \"{advice}\""))), expected(RIGHT));
    // Of the clock of the job a text is what it shows; so it is in UTC where the job says UTC.
    let own =
        orders(texts(&["2026-08-31 23:50:00+08:00", "2026-09-01T00:10+0800", "2026-09-01 07:59:59 +08", "2026-10-01 01:00:00+08:00"]));
    assert_eq!(days(&published(&own, &format!("{NAMES}, filter: created >= '2026-09-01'"))), september);
    let zones = format!("{NAMES}, filter: \"created LIKE '%Z' AND RIGHT(created, 6) <> '+08:00' AND created IS NOT NULL\"");
    assert_eq!(days(&published(&orders(texts(&utc)), &zones)), expected(RIGHT));
    let of_utc = published(&orders(texts(&utc)), &format!("{NAMES}, times: utc, filter: created >= '2026-08-31T16'"));
    assert_eq!(days(&of_utc), september);
}

#[test]
fn a_day_of_payment_is_not_before_an_order_of_that_day() {
    let created = texts(&["2026-08-31 23:50:00", "2026-09-01 00:10:00", "2026-09-01 07:59:59", "2026-10-01 01:00:00"]);
    let paid = ["2026-08-31", "2026-09-01", "2026-09-01", "2026-10-01"];
    let midnights: TimestampMicrosecondArray =
        noons(&paid).values().iter().map(|noon| noon - 12 * 3_600 * SECOND).collect::<Vec<_>>().into();
    let columns = orders(created.clone());
    for columns in [
        columns.clone().with("paid", texts(&paid)),
        columns.clone().with("paid", texts(&["2026-08-31", "2026-09-01 00:10:00", "2026-09-01 00:00:00", "2026-10-01"])),
        columns.clone().with("paid", dates(&paid)),
        columns.clone().with("paid", midnights),
        // With moments: 16:10 and 23:59:59 in UTC are of the next day in Shanghai.
        columns
            .clone()
            .with("created", texts(&["2026-08-31T15:50:00Z", "2026-08-31T16:10:00Z", "2026-08-31T23:59:59Z", "2026-09-30T17:00:00Z"]))
            .with("paid", texts(&paid)),
    ] {
        assert_eq!(days(&published(&columns, NAMES)), expected(RIGHT));
    }
    // A day before is before, and so is a second.
    for early in ["2026-08-31", "2026-09-01 00:09:59"] {
        let told = ran(&columns.clone().with("paid", texts(&["2026-08-31", early, "2026-09-01", "2026-10-01"])), NAMES);
        assert!(told.code == Some(3) && told.stderr.contains("row 1: paid_before_created"), "{}", told.stderr);
    }
}
