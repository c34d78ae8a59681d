//! What asks for much, and what depends on how many rows are evaluated at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, StringArray};
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;

use super::Expressions;
use super::fuzz::{batch, evaluated};

/// A power of a column is computed by other ways where Polars sees one row only, which it takes for a constant.
#[test]
fn functions_of_floats_give_the_same_bits_in_batches_of_any_size() {
    let rows = 257;
    let value = |row: usize, by: f64| (row as f64 + 0.37) * by;
    let batch = RecordBatch::try_from_iter([
        ("a", Arc::new(Float64Array::from_iter_values((0..rows).map(|row| value(row, 0.731)))) as ArrayRef),
        ("b", Arc::new(Float64Array::from_iter_values((0..rows).map(|row| [2.0, 3.0, 9.0, 0.5, 2.834][row % 5]))) as ArrayRef),
    ])
    .unwrap();
    let functions = [
        "POW(a, b)",
        "POWER(a, b)",
        "POW(a, 3.0)",
        "POW(2.5, b)",
        "EXP(b)",
        "LN(a)",
        "LOG(a, 3.0)",
        "LOG10(a)",
        "LOG2(a)",
        "LOG1P(a)",
        "SQRT(a)",
        "CBRT(a)",
        "SIN(a)",
        "COS(a)",
        "TAN(a)",
        "COT(a)",
        "ATAN(a)",
        "ATAN2(a, b)",
        "SIND(a)",
        "DEGREES(a)",
        "a / b",
        "a * b + 0.1",
        "ROUND(a, 3)",
        "a % b",
    ];
    for text in functions {
        let bits = |sizes: usize| -> Vec<u64> {
            let pieces = (0..rows).step_by(sizes).map(|from| batch.slice(from, sizes.min(rows - from)));
            let arrays = pieces.map(|piece| evaluated(text, &piece).unwrap_or_else(|cause| panic!("{text}: {cause}")));
            arrays.flat_map(|array| array.as_any().downcast_ref::<Float64Array>().unwrap().values().to_vec()).map(f64::to_bits).collect()
        };
        let whole = bits(rows);
        for size in [1, 2, 3, 8, 100, 256] {
            assert_eq!(bits(size), whole, "{text} in batches of {size} rows");
        }
    }
}

/// Small texts that ask for much, each within its time; memory is tried by the attack from outside.
#[test]
fn what_asks_for_much_is_refused_or_done() {
    let nested = |open: &str, inner: &str, close: &str, times: usize| format!("{}{inner}{}", open.repeat(times), close.repeat(times));
    let letters = "a".repeat(1_000);
    let list = (0..20_000).map(|number| format!("'t{number}'")).collect::<Vec<_>>().join(", ");
    let refused = [
        "LPAD('a', 2000000000, 'b')".to_owned(),
        "REPEAT('a', 1000000000)".to_owned(),
        format!("'{}' = text", "a".repeat(100_000)),
        format!("REPLACE('{letters}', 'a', '{letters}')"),
        nested("REPLACE(", "text", ", 'a', 'aaaaaaaaaa')", 6),
        nested("ARRAY_TO_STRING(STRING_TO_ARRAY(", "text", ", ''), 'aaaaaaaaaa')", 5),
        "REPLACE(text, 'a', text)".to_owned(),
        "REGEXP_LIKE(text, 'a{1000}{1000}')".to_owned(),
        "text RLIKE '((a{100}){100}){100}'".to_owned(),
        "REGEXP_LIKE(text, text)".to_owned(),
        "REGEXP_LIKE(text, '(')".to_owned(),
        vec!["REGEXP_LIKE(text, '\\w{200}')"; 100].join(" OR "),
        vec!["text = 'a'"; 20_000].join(" OR "),
        vec!["text = 'a'"; 600].join(" OR "),
        vec!["text"; 300].join(" ~~ "),
        nested("SPLIT_PART(", "text", ", '-', 1)", 40),
        nested("RIGHT(", "text", ", number)", 40),
        nested("NULLIF(", "text", ", 'a')", 40),
        nested("(", "text", " BETWEEN 'a' AND 'b')", 40),
        nested("(", "number", ")", 5_000),
        nested("NOT (", "is_new", ")", 5_000),
        nested("CASE WHEN TRUE THEN ", "number", " END", 5_000),
        nested("ABS(", "number", ")", 5_000),
        "CASE WHEN TRUE THEN ".repeat(40),
        "CASE WHEN TRUE THEN ".repeat(4_000),
        "CASE number WHEN CAST(".repeat(20),
        vec!["number"; 400].join(" || "),
        vec!["number"; 100].join(" = "),
        nested("- ", "number", "", 5_000),
    ];
    let done = [
        format!("text IN ({list})"),
        nested("(", "text", " = 'a')", 6),
        vec!["text = 'a'"; 240].join(" OR "),
        format!("REPLACE(text, 'a', '{letters}')"),
        vec!["text"; 80].join(" || "),
        vec!["number"; 80].join(" || "),
        vec!["number"; 240].join(" + "),
        nested("REPLACE(", "text", ", 'a', 'aa')", 12),
        "REGEXP_LIKE(text, '^[\\w.]{1,64}@')".to_owned(),
        vec!["text LIKE '%a%b%'"; 200].join(" OR "),
        nested("SPLIT_PART(", "text", ", '-', 1)", 3),
    ];
    // A thread with the stack that threads have, and not that of the first one.
    std::thread::spawn(move || {
        let batch = batch();
        for (texts, is_refused) in [(&refused[..], true), (&done[..], false)] {
            for text in texts {
                let shown: String = text.chars().take(80).collect();
                let started = Instant::now();
                match Expressions::parse(text) {
                    Ok(_) => {
                        assert!(!is_refused, "{shown} is let through");
                        evaluated(text, &batch).unwrap_or_else(|cause| panic!("{shown}: {cause}"));
                    }
                    Err(cause) => assert!(is_refused && cause.cause.contains("character"), "{shown}: {cause:?}"),
                }
                assert!(started.elapsed() < Duration::from_secs(10), "{shown}: {:?}", started.elapsed());
            }
        }
    })
    .join()
    .unwrap();
}

/// Cells of some MiB, of which an expression makes more, are worked through a few rows at a time.
#[test]
fn long_cells_are_evaluated_in_pieces() {
    let cells: Vec<String> = (0..40).map(|row| format!("{row}-{}", "a".repeat(1 << 20))).collect();
    let batch = RecordBatch::try_from_iter([("text", Arc::new(StringArray::from(cells)) as ArrayRef)]).unwrap();
    let found = evaluated("LEFT(REPLACE(text, 'a', 'bbbb'), 4) || '!'", &batch).unwrap();
    let found = arrow::compute::cast(&found, &DataType::Utf8).unwrap();
    let found: Vec<&str> = found.as_string::<i32>().iter().flatten().collect();
    assert_eq!((found.len(), found[0], found[39]), (40, "0-bb!", "39-b!"));
    let too_much = evaluated("CONCAT(text, text, text, text, text, text, text, text, text, text, text, text, text, text)", &batch);
    assert!(too_much.unwrap_err().contains("more than 256 MiB of 40 rows"));
}
