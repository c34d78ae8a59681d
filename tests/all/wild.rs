//! Wild input: random rows with nulls, extremes and nonsense, and files with random bytes changed. A run ends with a
//! snapshot or with an error for people, never with a panic and never with a bug; every row is accounted for.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow::datatypes::Int32Type;
use huitou::error::Error;
use huitou::publish::Published;
use proptest::prelude::*;
use proptest::sample::select;

use super::scene::{Columns, DAY, Scene, orders};

const ROWS: usize = 24;

type Nullable<T> = Vec<Option<T>>;

fn cells<T: Clone + std::fmt::Debug + 'static>(values: Vec<T>) -> impl Strategy<Value = Nullable<T>> {
    prop::collection::vec(prop::option::weighted(0.9, select(values)), ROWS)
}

/// 2026-01-01 as a number of days.
const NEW_YEAR: i64 = 20_454;

fn array(values: impl arrow::array::Array + 'static) -> ArrayRef {
    Arc::new(values)
}

fn ids() -> BoxedStrategy<ArrayRef> {
    let long = "长".repeat((1 << 20) / 3 + 1);
    let fits = "x".repeat((1 << 15) - 1);
    let texts = || vec!["", "a", "b", "c", "\0", "0", "\u{10ffff}", " a", "天猫"].into_iter().map(str::to_owned).collect::<Vec<_>>();
    let rare = vec!["a".to_owned(), "b".to_owned(), long, fits];
    prop_oneof![
        4 => cells(vec![1, 2, 3, 4, 5, 0, -1, i64::MIN, i64::MAX]).prop_map(|values| array(Int64Array::from(values))),
        2 => cells(vec![1, 2, 3, u64::MAX, 1 << 63]).prop_map(|values| array(UInt64Array::from(values))),
        4 => cells(texts()).prop_map(|values| array(StringArray::from(values))),
        1 => cells(rare).prop_map(|values| array(StringArray::from(values))),
        2 => cells(vec!["a", "b", "c"]).prop_map(|values| array(values.into_iter().collect::<DictionaryArray<Int32Type>>())),
    ]
    .boxed()
}

fn times() -> BoxedStrategy<ArrayRef> {
    let good = (0..40_i64).map(|step| (NEW_YEAR + step * 3) * DAY + step * 1_000_003);
    let mut micros: Vec<i64> = good.clone().collect();
    micros.extend([i64::MIN, i64::MIN + 1, i64::MAX, -1, 0, 1, -62_135_596_800_000_000, 253_402_300_799_000_000]);
    let mut seconds: Vec<i64> = good.map(|time| time / 1_000_000).collect();
    seconds.extend([i64::MIN, i64::MAX, -1, 0]);
    let texts = [
        "2026-01-05",
        "2026-02-14 12:00:00",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "",
        "2026-02-30",
        "null",
        "天",
        "2026-01-05 2",
        "2026-01-05T12:00:00.123456789",
        "１２３４-01-01",
    ];
    let days: Vec<i32> = (0..40).map(|step| NEW_YEAR as i32 + step * 3).chain([i32::MIN, i32::MAX, 0, -1]).collect();
    prop_oneof![
        4 => cells(micros.clone()).prop_map(|values| array(TimestampMicrosecondArray::from(values))),
        2 => cells(micros).prop_map(|values| array(TimestampMicrosecondArray::from(values).with_timezone("UTC"))),
        2 => cells(seconds).prop_map(|values| array(TimestampSecondArray::from(values).with_timezone("+05:30"))),
        2 => cells(days).prop_map(|values| array(Date32Array::from(values))),
        2 => cells(texts.to_vec()).prop_map(|values| array(StringArray::from(values))),
    ]
    .boxed()
}

fn amounts() -> BoxedStrategy<ArrayRef> {
    let decimals = vec![0, 1, 100, 9_999, 12_345, -1, 999_999_999_999_999_999, 10_i128.pow(37), -(10_i128.pow(37)), 40_000_000_000_000_000];
    let floats = vec![0.0, 0.005, 19.99, 1e3, -0.0, -1.0, f64::NAN, f64::INFINITY, f64::MIN, f64::MAX, 1e15, 9.9e15, 1e16, 5e-324];
    let minor = vec![0, 1, 100, 12_345, -1, i64::MIN, i64::MAX, 999_999_999_999_999_999, 400_000_000_000_000_000];
    let decimal = |values: Nullable<i128>, scale| array(Decimal128Array::from(values).with_precision_and_scale(38, scale).unwrap());
    prop_oneof![
        4 => (cells(decimals), 0..=4_i8).prop_map(move |(values, scale)| decimal(values, scale)),
        3 => cells(floats).prop_map(|values| array(Float64Array::from(values))),
        3 => cells(minor).prop_map(|values| array(Int64Array::from(values))),
        5 => cells((0..50).map(|value| value * 731).collect::<Vec<i64>>()).prop_map(|values| array(Int64Array::from(values))),
    ]
    .boxed()
}

fn words() -> BoxedStrategy<ArrayRef> {
    let long = "长".repeat(100_000);
    let words = vec!["natural".to_owned(), "paid".to_owned(), String::new(), "(none)".to_owned(), "all".to_owned(), long];
    prop_oneof![
        2 => cells(words).prop_map(|values| array(StringArray::from(values))),
        1 => cells(vec![0, 1, i64::MAX]).prop_map(|values| array(Int64Array::from(values))),
    ]
    .boxed()
}

fn statuses() -> BoxedStrategy<ArrayRef> {
    let words = vec!["WAIT_BUYER_PAY", "TRADE_FINISHED", "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO", "交易关闭", "交易成功", "?"];
    cells(words).prop_map(|values| array(StringArray::from(values))).boxed()
}

fn counts() -> BoxedStrategy<ArrayRef> {
    prop_oneof![
        2 => cells(vec![0, 1, 2, 50, -1, i64::MIN, i64::MAX, 1_000_000_000_000_000, 4_294_967_295, 4_294_967_296])
            .prop_map(|values| array(Int64Array::from(values))),
        1 => cells(vec![0, 1, u64::MAX]).prop_map(|values| array(UInt64Array::from(values))),
    ]
    .boxed()
}

fn scores() -> BoxedStrategy<ArrayRef> {
    cells(vec![1.0, 5.0, 3.3, 0.0, 5.1, f64::NAN, f64::INFINITY, -1.0]).prop_map(|values| array(Float64Array::from(values))).boxed()
}

fn flags() -> BoxedStrategy<ArrayRef> {
    prop_oneof![
        cells(vec![true, false]).prop_map(|values| array(BooleanArray::from(values))),
        cells(vec![0, 1, 2, -1]).prop_map(|values| array(Int64Array::from(values))),
    ]
    .boxed()
}

/// A column that may be missing.
type Declared = (&'static str, BoxedStrategy<ArrayRef>, f64);

fn maybe_there(share: f64, values: BoxedStrategy<ArrayRef>) -> BoxedStrategy<Option<ArrayRef>> {
    if share == 1.0 { values.prop_map(Some).boxed() } else { prop::option::weighted(share, values).boxed() }
}

/// A file of 24 random rows; each column comes with its probability.
fn file(columns: Vec<Declared>) -> impl Strategy<Value = Columns> {
    let columns: Vec<_> = columns
        .into_iter()
        .map(|(name, values, share)| maybe_there(share, values).prop_map(move |values| Some((name.to_owned(), values?))))
        .collect();
    columns.prop_map(|columns| Columns(columns.into_iter().flatten().collect()))
}

fn wild_orders() -> impl Strategy<Value = Columns> {
    file(vec![
        ("shop_id", ids(), 0.5),
        ("order_id", ids(), 1.0),
        ("line_id", ids(), 0.4),
        ("customer_id", ids(), 0.9),
        ("created_at", times(), 1.0),
        ("paid_at", times(), 0.7),
        ("shipped_at", times(), 0.5),
        ("completed_at", times(), 0.5),
        ("status", statuses(), 0.5),
        ("order_amount", amounts(), 0.5),
        ("paid_amount", amounts(), 1.0),
        ("refund_amount", amounts(), 0.5),
        ("quantity", counts(), 0.5),
        ("category_id", words(), 0.5),
        ("channel", words(), 0.7),
        ("province", words(), 0.5),
        ("modified_at", times(), 0.6),
        ("promotion", words(), 0.5),
        ("discount_amount", amounts(), 0.5),
        ("item_id", words(), 0.5),
        ("item_title", words(), 0.5),
    ])
}

fn wild_others() -> impl Strategy<Value = Vec<(&'static str, Columns)>> {
    let traffic = file(vec![
        ("shop_id", ids(), 0.5),
        ("date", times(), 1.0),
        ("channel", words(), 0.3),
        ("pv", counts(), 0.9),
        ("uv", counts(), 0.9),
        ("visits", counts(), 0.9),
        ("bounces", counts(), 0.9),
        ("dwell_seconds", counts(), 0.9),
    ]);
    let ratings = file(vec![
        ("shop_id", ids(), 0.5),
        ("rated_at", times(), 1.0),
        ("description", scores(), 0.9),
        ("service", scores(), 0.9),
        ("logistics", scores(), 0.9),
    ]);
    let refunds = file(vec![
        ("shop_id", ids(), 0.5),
        ("refund_id", ids(), 1.0),
        ("order_id", ids(), 1.0),
        ("created_at", times(), 1.0),
        ("completed_at", times(), 1.0),
        ("amount", amounts(), 1.0),
        ("line_id", ids(), 0.3),
        (
            "status",
            cells(vec!["success", "success", "closed", "open", "?"]).prop_map(|values| array(StringArray::from(values))).boxed(),
            1.0,
        ),
        ("intervened", flags(), 0.5),
        ("reason", words(), 0.5),
        ("modified_at", times(), 0.5),
    ]);
    let maybe =
        |name: &'static str, file: BoxedStrategy<Columns>| prop::option::of(file).prop_map(move |file| file.map(|file| (name, file)));
    (maybe("traffic", traffic.boxed()), maybe("ratings", ratings.boxed()), maybe("refunds", refunds.boxed()))
        .prop_map(|(traffic, ratings, refunds)| [traffic, ratings, refunds].into_iter().flatten().collect())
}

/// A snapshot whose rows are all accounted for, or an error that is nobody's bug.
fn assert_told(outcome: Result<Published, Error>) -> Result<(), TestCaseError> {
    match outcome {
        Ok(published) => {
            for input in &published.manifest.inputs {
                prop_assert!(input.equation.holds(), "{:?}", input);
                prop_assert_eq!(input.equation.rows, input.files.iter().map(|file| file.rows).sum::<u64>());
            }
            Ok(())
        }
        Err(error) => {
            prop_assert_ne!(error.exit_code(), 1, "{}", error);
            let (Error::Input(problems) | Error::Usage(problems)) = error else { return Err(TestCaseError::fail(error.to_string())) };
            for problem in problems {
                prop_assert!(!problem.place.is_empty() && !problem.message.is_empty(), "{:?}", problem);
                prop_assert!(problem.message.len() < 4_000, "{:?}", problem);
            }
            Ok(())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn wild_rows_are_used_or_told_about(
        orders in wild_orders(),
        others in wild_others(),
        as_of in select(vec!["2026-03-31", "2026-02-01", "2025-12-31", "1970-01-01", "2027-12-31"]),
    ) {
        let scene = Scene::new();
        let mut job = "job: wild\ntimezone: Asia/Shanghai\nas_of: yesterday\ninputs:\n  orders: { path: orders.parquet, money: minor }\n".to_owned();
        scene.parquet_of("orders.parquet", &orders.batch(), Some(10));
        for (name, columns) in &others {
            scene.parquet_of(&format!("{name}.parquet"), &columns.batch(), None);
            job += &format!("  {name}: {{ path: {name}.parquet{} }}\n", if *name == "refunds" { ", money: minor" } else { "" });
        }
        job += "params:\n  max_reject_share: 1\n  cohort: { grain: [week, month], dimensions: [first_channel, first_category, first_item, first_order_value_band, first_promotion, province] }\n";
        job += "output: { path: out }\n";
        scene.job(&job);
        let outcome = scene.publish(as_of, "out", 2);
        if let Ok(published) = &outcome {
            let again = scene.publish(as_of, "again", 1);
            prop_assert_eq!(again.map(|again| again.manifest.tables), Ok(published.manifest.tables.clone()));
        }
        assert_told(outcome)?;
    }

    #[test]
    fn changed_bytes_are_told_about(
        changes in prop::collection::vec((0.0..1.0_f64, any::<u8>()), 1..6),
        cut in prop::option::weighted(0.2, 0.0..1.0_f64),
        is_text in any::<bool>(),
    ) {
        let mut columns = orders();
        if is_text {
            columns = columns.with("customer_id", super::scene::texts(&["11", "12", "11", "13"]));
        }
        let scene = Scene::with(&columns);
        let mut bytes = std::fs::read(scene.path("orders.parquet")).unwrap();
        for (place, byte) in changes {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate((cut * bytes.len() as f64) as usize);
        }
        scene.write("orders.parquet", &bytes);
        let outcome = scene.publish("2026-03-31", "out", 1);
        if let Err(error) = &outcome {
            prop_assert_ne!(error.exit_code(), 1, "{}", error);
        }
    }
}
