//! Sums, products and quotients, worked by hand.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array,
    UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use arrow::record_batch::RecordBatch;

use crate::input::expression::Expressions;

fn decimals(values: [i128; 2], scale: i8) -> ArrayRef {
    Arc::new(Decimal128Array::from(values.to_vec()).with_precision_and_scale(38, scale).unwrap())
}

/// Two rows.
fn batch() -> RecordBatch {
    RecordBatch::try_from_iter([
        ("fen", Arc::new(UInt16Array::from(vec![19_900, 60_000])) as ArrayRef),
        ("off", Arc::new(UInt16Array::from(vec![20_000, 1])) as ArrayRef),
        ("num", Arc::new(UInt8Array::from(vec![4, 200])) as ArrayRef),
        ("tiny", Arc::new(Int8Array::from(vec![-128, 127])) as ArrayRef),
        ("small", Arc::new(Int16Array::from(vec![-32_768, 32_767])) as ArrayRef),
        ("int", Arc::new(Int32Array::from(vec![2_147_483_647, -2_147_483_648])) as ArrayRef),
        ("unsigned", Arc::new(UInt32Array::from(vec![4_294_967_295, 0])) as ArrayRef),
        ("big", Arc::new(Int64Array::from(vec![9_223_372_036_854_775_807, -7])) as ArrayRef),
        ("hash", Arc::new(UInt64Array::from(vec![18_446_744_073_709_551_615, 1])) as ArrayRef),
        ("id", Arc::new(Int64Array::from(vec![4_013_245_678_901_234_001, 4_013_245_678_901_234_002])) as ArrayRef),
        ("order_id", Arc::new(UInt64Array::from(vec![4_013_245_678_901_234_001_u64, 4_013_245_678_901_234_003])) as ArrayRef),
        ("missing", Arc::new(Int64Array::from(vec![None, None])) as ArrayRef),
        ("price", decimals([1_005, -1_005], 2)),
        ("zhe", decimals([85, 95], 1)),
        ("gross", decimals([11_357, 10], 2)),
        ("fine", decimals([1_000_000_000_000_000_000, 500_000_000_000_000_001], 18)),
        ("long", decimals([10_i128.pow(38) - 1, 1], 2)),
        ("rate", Arc::new(Float64Array::from(vec![0.5, -7.5])) as ArrayRef),
        ("single", Arc::new(Float32Array::from(vec![1_234_567.9, 0.1])) as ArrayRef),
    ])
    .unwrap()
}

fn evaluated(text: &str) -> Result<ArrayRef, String> {
    let mut expressions = Expressions::default();
    expressions.column(0, Expressions::parse(text).map_err(|refused| refused.cause)?);
    let found = expressions.evaluate(&batch(), &[])?.columns.remove(0).1;
    assert_eq!(expressions.check(&batch().schema(), &[]).unwrap().columns[0].1.data_type(), found.data_type(), "{text}");
    Ok(found)
}

fn integers(text: &str) -> Vec<i64> {
    let found = evaluated(text).unwrap_or_else(|cause| panic!("{text}: {cause}"));
    found.as_primitive_opt::<Int64Type>().unwrap_or_else(|| panic!("{text}: {}", found.data_type())).iter().flatten().collect()
}

/// The values as text, with all places.
fn exact(text: &str) -> Vec<String> {
    let found = evaluated(text).unwrap_or_else(|cause| panic!("{text}: {cause}"));
    let DataType::Decimal128(38, _) = found.data_type() else { panic!("{text}: {}", found.data_type()) };
    let found = found.as_primitive::<Decimal128Type>();
    (0..found.len()).map(|row| if found.is_null(row) { "null".to_owned() } else { found.value_as_string(row) }).collect()
}

fn truths(text: &str) -> Vec<Option<bool>> {
    let found = evaluated(text).unwrap_or_else(|cause| panic!("{text}: {cause}"));
    found.as_any().downcast_ref::<BooleanArray>().unwrap().iter().collect()
}

#[test]
fn whole_numbers_of_few_bits_do_not_begin_anew() {
    for (text, expected) in [
        ("fen * num", vec![79_600, 12_000_000]),
        ("fen + off", vec![39_900, 60_001]),
        ("fen - off", vec![-100, 59_999]),
        ("num * 2", vec![8, 400]),
        ("-num", vec![-4, -200]),
        ("tiny - 1", vec![-129, 126]),
        ("ABS(tiny)", vec![128, 127]),
        ("-small", vec![32_768, -32_767]),
        ("int + int", vec![4_294_967_294, -4_294_967_296]),
        ("unsigned * unsigned // unsigned", vec![4_294_967_295]),
        ("unsigned * 2", vec![8_589_934_590, 0]),
        ("COALESCE(num, 0) * 100", vec![400, 20_000]),
        ("CASE WHEN num > 100 THEN num ELSE -1 END", vec![-1, 200]),
        ("2000000000 * 2", vec![4_000_000_000; 2]),
        ("big - 1", vec![9_223_372_036_854_775_806, -8]),
        ("order_id - id", vec![0, 1]),
    ] {
        if text.starts_with("unsigned * unsigned") {
            // 4294967295 * 4294967295 is more than 2^63.
            assert!(evaluated(text).unwrap_err().contains("does not fit BIGINT"), "{text}");
        } else {
            assert_eq!(integers(text), expected, "{text}");
        }
    }
    assert_eq!(truths("num * 2 > 300"), [Some(false), Some(true)]);
    assert_eq!(truths("POWER(fen, 2) = 396010000"), [Some(true), Some(false)]);
}

#[test]
fn what_is_larger_than_bigint_stops_and_the_advice_works() {
    for text in ["big + 1", "big * 2", "0 - big - 2", "hash + 0", "-(0 - big - 1)"] {
        let cause = evaluated(text).unwrap_err();
        assert!(cause.contains("does not fit BIGINT, which ends at 9223372036854775807"), "{text}: {cause}");
    }
    assert_eq!(exact("CAST(big AS DECIMAL(38, 0)) * 2"), ["18446744073709551614", "-14"]);
    assert_eq!(evaluated("CAST(big AS DOUBLE) * 2").unwrap().as_primitive::<Float64Type>().value(0), 1.844_674_407_370_955_2e19);
    assert!(evaluated("long * 100").unwrap_err().contains("more than the 38 digits of a decimal"));
    assert!(evaluated("CAST(long AS DOUBLE) * 100").is_ok());
}

#[test]
fn decimals_keep_their_places_until_the_end() {
    for (text, expected) in [
        // 10.05 × 8.5 / 10 × 100 = 854.25, and -10.05 × 9.5 / 10 × 100 = -954.75.
        ("price * (zhe / 10) * 100", ["854.25", "-954.75"]),
        ("price * zhe", ["85.425", "-95.475"]),
        ("price * 0.85", ["8.5425", "-8.5425"]),
        ("0.85 * price * num", ["34.17", "-1708.5"]),
        ("price * (1 - 0.15)", ["8.5425", "-8.5425"]),
        ("price + zhe", ["18.55", "-0.55"]),
        ("1 - price", ["-9.05", "11.05"]),
        // 113.57 / 113 = 1.00504424778761061946…, of which 18 places are kept, and 0.10 / 113 = 0.000884955752212389|38…
        ("gross / 113 * 100", ["100.5044247787610619", "0.0884955752212389"]),
        ("gross / num * num", ["113.57", "0.1"]),
        ("fine * fine", ["1", "0.250000000000000001"]),
        ("price % 3", ["1.05", "-1.05"]),
    ] {
        let found: Vec<f64> = match evaluated(text).unwrap_or_else(|cause| panic!("{text}: {cause}")).data_type() {
            DataType::Float64 => evaluated(text).unwrap().as_primitive::<Float64Type>().values().to_vec(),
            _ => {
                let found = exact(text);
                let trimmed: Vec<&str> = found.iter().map(|value| value.trim_end_matches('0').trim_end_matches('.')).collect();
                assert_eq!(trimmed, expected, "{text}");
                continue;
            }
        };
        assert_eq!(found, expected.map(|value| value.parse::<f64>().unwrap()), "{text}");
    }
    assert_eq!(exact("gross / 0"), ["null", "null"]);
    assert_eq!(exact("price * missing"), ["null", "null"]);
    // A half to the even neighbour at the last of 18 places: 0.000000000000000001 / 2.
    assert_eq!(exact("(fine - 0.5) / 1000000000000000000 / 2")[0], "0.000000000000000000");
}

#[test]
fn quotients_without_fraction_go_towards_zero_and_remainders_keep_the_sign() {
    // As DuckDB and PostgreSQL have it.
    for (text, expected) in [
        ("-10 // 4", vec![-2, -2]),
        ("10 // 4", vec![2, 2]),
        ("DIV(-7, 2)", vec![-3, -3]),
        ("-7 % 2", vec![-1, -1]),
        ("MOD(-7, 2)", vec![-1, -1]),
        ("MOD(7, -2)", vec![1, 1]),
        ("big % 2", vec![1, -1]),
        ("price // 3", vec![3, -3]),
        // Null where it divides by zero.
        ("big // (num - 4)", vec![0]),
        ("big % (num - 4)", vec![-7]),
    ] {
        assert_eq!(integers(text), expected, "{text}");
    }
    assert_eq!(evaluated("rate % 2").unwrap().as_primitive::<Float64Type>().values(), &[0.5, -1.5]);
    assert_eq!(truths("-7.5 // 2 = -3"), [Some(true); 2]);
}

#[test]
fn floats_and_times_are_what_they_were() {
    assert_eq!(evaluated("10 / 4").unwrap().as_primitive::<Float64Type>().value(0), 2.5);
    assert_eq!(evaluated("rate * num").unwrap().as_primitive::<Float64Type>().values(), &[2.0, -1_500.0]);
    // By the digits of the float of four bytes.
    assert_eq!(evaluated("single * 1").unwrap().as_primitive::<Float64Type>().values(), &[1_234_567.9, 0.1]);
    assert_eq!(truths("DATE '2026-01-31' - DATE '2026-01-30' = INTERVAL '1 day'"), [Some(true); 2]);
    assert_eq!(truths("'a' + 'b' = 'ab' AND 'a' || 'b' = 'ab'"), [Some(true); 2]);
}

#[test]
fn unsigned_ids_do_not_become_floats() {
    assert_eq!(truths("order_id = id"), [Some(true), Some(false)]);
    assert_eq!(truths("order_id <> id"), [Some(false), Some(true)]);
    assert_eq!(truths("COALESCE(missing, order_id) = 4013245678901234001"), [Some(true), Some(false)]);
    assert_eq!(truths("GREATEST(id, order_id) = 4013245678901234003"), [Some(false), Some(true)]);
    assert_eq!(truths("CONCAT('t', COALESCE(missing, order_id)) = 't4013245678901234003'"), [Some(false), Some(true)]);
    assert_eq!(truths("CONCAT('t', IF(num = 4, id, order_id)) = 't4013245678901234001'"), [Some(true), Some(false)]);
    assert_eq!(truths("CAST(id AS BIGINT UNSIGNED) = id + 1 OR order_id BETWEEN id AND id"), [Some(true), Some(false)]);
    assert_eq!(truths("CONCAT('t', hash) = 't18446744073709551615'"), [Some(true), Some(false)]);
    let cause = evaluated("hash = id").unwrap_err();
    assert!(cause.contains("18446744073709551615 does not fit BIGINT") && cause.contains("CAST(a AS VARCHAR)"), "{cause}");
    assert_eq!(truths("CAST(hash AS VARCHAR) = CAST(id AS VARCHAR)"), [Some(false); 2]);
}

/// Decimals of many places are the floats of their digits: 854.25, and not a neighbour.
#[test]
fn decimals_beside_floats_are_the_nearest_ones() {
    for text in [
        "price * (zhe / 10) * 100 = CASE WHEN num = 4 THEN 854.25 ELSE -954.75 END",
        "price * (zhe / 10) * 100 IN (854.25, -954.75)",
        "price * (zhe / 10) * 100 BETWEEN 854.25 AND 854.25 OR num = 200",
        "CAST(price * (zhe / 10) * 100 AS DOUBLE) = 854.25 OR num = 200",
        "COALESCE(price * (zhe / 10) * 100, 0.0) = 854.25 OR num = 200",
        "gross / 10 * 10 > 113.56 OR gross / 10 * 10 <= 0.1",
    ] {
        assert_eq!(truths(text), [Some(true); 2], "{text}");
    }
    assert_eq!(evaluated("CAST(long AS DOUBLE)").unwrap().as_primitive::<Float64Type>().values(), &[1e36, 0.01]);
    assert_eq!(evaluated("CASE WHEN num > 0 THEN zhe / 10 ELSE 0.0 END").unwrap().as_primitive::<Float64Type>().values(), &[0.85, 0.95]);
}
