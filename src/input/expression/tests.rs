//! What expressions may and may not be, tried on Polars itself.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
use arrow::compute::concat;
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::functions::MANY_ROWS;
use super::syntax::MOST_LEVELS;
use super::{Expressions, FORMS, FUNCTIONS};

pub(super) fn batch() -> RecordBatch {
    let times = [1_769_869_800_000_000, 0, -1];
    RecordBatch::try_from_iter([
        ("number", Arc::new(Int64Array::from(vec![Some(6), Some(-1), None])) as ArrayRef),
        ("amount", Arc::new(Float64Array::from(vec![Some(2.55), None, Some(-0.0)])) as ArrayRef),
        ("text", Arc::new(StringArray::from(vec![Some("tb-17"), None, Some("天猫")])) as ArrayRef),
        ("day", Arc::new(Date32Array::from(vec![Some(20_484), Some(0), None])) as ArrayRef),
        ("paid_at", Arc::new(TimestampMicrosecondArray::from(times.to_vec())) as ArrayRef),
        ("is_new", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])) as ArrayRef),
        ("unit \"price\"; --", Arc::new(Int64Array::from(vec![1, 2, 3])) as ArrayRef),
    ])
    .unwrap()
}

pub(super) fn evaluated(text: &str, batch: &RecordBatch) -> Result<ArrayRef, String> {
    let mut expressions = Expressions::default();
    expressions.column(0, Expressions::parse(text).map_err(|refused| refused.cause)?);
    expressions.evaluate(batch, &[]).map(|evaluated| Arc::clone(&evaluated.columns[0].1))
}

pub(super) fn booleans(text: &str) -> Vec<Option<bool>> {
    let array = evaluated(text, &batch()).unwrap_or_else(|cause| panic!("{text}: {cause}"));
    array.as_any().downcast_ref::<BooleanArray>().unwrap_or_else(|| panic!("{text}: {}", array.data_type())).iter().collect()
}

/// The refusal of a text: cause and help.
pub(super) fn refused(text: &str) -> String {
    match Expressions::parse(text) {
        Ok(_) => panic!("{text} is let through"),
        Err(refused) => format!("{}; {}", refused.cause, refused.help.unwrap_or_default()),
    }
}

fn invoices() -> RecordBatch {
    RecordBatch::try_from_iter([
        ("Quantity", Arc::new(Int64Array::from(vec![Some(6), Some(-1), None])) as ArrayRef),
        ("UnitPrice", Arc::new(Float64Array::from(vec![2.55, 3.39, 1.0])) as ArrayRef),
        ("Customer ID", Arc::new(StringArray::from(vec!["17850", "13047", "天猫"])) as ArrayRef),
    ])
    .unwrap()
}

#[test]
fn columns_and_filter() {
    let mut expressions = Expressions::default();
    expressions.column(3, Expressions::parse("Quantity * UnitPrice").unwrap());
    expressions.column(5, Expressions::parse("CASE WHEN \"Customer ID\" = '天猫' THEN 'T' ELSE \"Customer ID\" END").unwrap());
    expressions.column(7, Expressions::parse("1").unwrap());
    expressions.filter(Expressions::parse("Quantity > 0 AND UnitPrice > 0").unwrap());
    assert_eq!(expressions.roots().into_iter().collect::<Vec<_>>(), ["Customer ID", "Quantity", "UnitPrice"]);
    let found = expressions.evaluate(&invoices(), &[]).unwrap();
    let amounts = found.columns[0].1.as_any().downcast_ref::<Float64Array>().unwrap();
    assert_eq!((amounts.value(0), amounts.is_null(2)), (6.0 * 2.55, true));
    assert_eq!(found.columns[1].1.len(), 3);
    assert_eq!(found.columns[2].1.len(), 3);
    assert_eq!(found.filter.unwrap().iter().collect::<Vec<_>>(), [Some(true), Some(false), None]);
    assert_eq!(expressions.check(&invoices().schema(), &[]).unwrap().columns[0].1.data_type(), &DataType::Float64);
}

#[test]
fn what_cannot_be_evaluated_says_why() {
    let mut expressions = Expressions::default();
    expressions.column(0, Expressions::parse("Quantty * 2").unwrap());
    assert!(expressions.check(&invoices().schema(), &[]).unwrap_err().contains("Quantty"));
    let mut expressions = Expressions::default();
    expressions.filter(Expressions::parse("Quantity + 1").unwrap());
    assert!(expressions.evaluate(&invoices(), &[]).unwrap_err().contains("true or false"));
}

#[test]
fn each_example_is_true() {
    let functions = FUNCTIONS.iter().map(|function| (function.name, function.example));
    for (name, example) in functions.chain(FORMS.iter().copied()) {
        let call = format!("{name}(");
        assert!(example.contains(&call) || name == "CASE", "{name}: {example}");
        assert_eq!(booleans(example), [Some(true); 3], "{example}");
    }
    for list in [FUNCTIONS.iter().map(|function| function.name).collect::<Vec<_>>(), FORMS.iter().map(|form| form.0).collect()] {
        assert!(list.is_sorted_by(|one, other| one < other), "{list:?}");
    }
}

#[test]
fn every_function_of_polars_is_known_here() {
    // `COLUMNS` names many columns; the others wait for features of Polars that this program leaves out.
    let left_out = ["COLUMNS", "BIT_COUNT", "INITCAP"];
    for name in polars::sql::keywords::all_functions() {
        let name = name.to_uppercase();
        let of_one_row = FUNCTIONS.iter().map(|function| function.name).chain(FORMS.iter().map(|form| form.0));
        let places = of_one_row.chain(MANY_ROWS.iter().copied()).chain(left_out).filter(|known| *known == name).count();
        assert_eq!(places, 1, "{name}");
    }
}

#[test]
fn as_many_arguments_as_a_function_takes() {
    for function in FUNCTIONS {
        let (least, most) = (*function.arguments.start(), *function.arguments.end());
        let call = |count: usize| format!("{}({})", function.name, vec!["text"; count].join(", "));
        for count in (0..least).chain(most.checked_add(1)) {
            let message = refused(&call(count));
            assert!(
                message.contains(" takes ") && message.contains(&format!("and has {count}; for example, {}", function.example)),
                "{message}"
            );
        }
    }
}

#[test]
fn what_works() {
    for (text, expected) in [
        ("number > 0 OR amount BETWEEN 1 AND 3", [Some(true), None, None]),
        ("text LIKE 'tb-%' OR text ILIKE '%猫'", [Some(true), None, Some(true)]),
        ("text IN ('sum(1)', '天猫', 'it''s', '-- ;')", [Some(false), None, Some(true)]),
        ("number IN (6, -1)", [Some(true), Some(true), None]),
        ("day >= DATE '2026-01-31'", [Some(true), Some(false), None]),
        ("day + INTERVAL '1 month' = DATE '2026-02-28'", [Some(true), Some(false), None]),
        ("EXTRACT(HOUR FROM paid_at) = 14", [Some(true), Some(false), Some(false)]),
        ("paid_at < TIMESTAMP '1970-01-01 00:00:00'", [Some(false), Some(false), Some(true)]),
        ("CASE number WHEN 6 THEN is_new WHEN -1 THEN TRUE ELSE FALSE END", [Some(true), Some(true), Some(false)]),
        ("COALESCE(number, 0) = 0", [Some(false), Some(false), Some(true)]),
        ("CAST(number AS VARCHAR) || '-' = '6-'", [Some(true), Some(false), None]),
        ("(number * 2 + 1) % 5 = 3 AND NOT is_new IS NULL", [Some(true), Some(false), Some(false)]),
        ("\"unit \"\"price\"\"; --\" = 2", [Some(false), Some(true), Some(false)]),
        ("number::DOUBLE / 4 = 1.5", [Some(true), Some(false), None]),
        ("STRING_TO_ARRAY(text, '-')[2] = '17'", [Some(true), None, None]),
        ("text ~ '^tb' AND LENGTH(TRIM(text)) = 5 AND text <> 'avg(number)'", [Some(true), None, Some(false)]),
        ("number IS DISTINCT FROM 6", [Some(false), Some(true), Some(true)]),
    ] {
        assert_eq!(booleans(text), expected, "{text}");
    }
}

#[test]
fn a_column_has_the_name_that_is_written() {
    let names = ["*", "^n.*$", "$row", "店铺 ID", "a.b", "sum(x)", "'", "x;y"];
    let columns = names.iter().enumerate().map(|(number, name)| (*name, Arc::new(Int64Array::from(vec![number as i64])) as ArrayRef));
    let batch = RecordBatch::try_from_iter(columns.chain([("number", Arc::new(Int64Array::from(vec![99])) as ArrayRef)])).unwrap();
    for (number, name) in names.iter().enumerate() {
        let mut expressions = Expressions::default();
        expressions.column(0, Expressions::parse(&format!("\"{name}\" + 1")).unwrap());
        assert_eq!(expressions.roots().into_iter().collect::<Vec<_>>(), [*name]);
        let found = expressions.evaluate(&batch, &[]).unwrap();
        assert_eq!(found.columns[0].1.as_any().downcast_ref::<Int64Array>().unwrap().values(), &[number as i64 + 1], "{name}");
    }
}

#[test]
fn what_looks_at_many_rows_is_refused() {
    for name in MANY_ROWS {
        let message = refused(&format!("1 + {}(number)", name.to_lowercase()));
        assert!(message.starts_with(&format!("`{}` at character 5 is computed from many rows", name.to_lowercase())), "{message}");
    }
    for window in ["ABS(number) OVER ()", "ROW_NUMBER() OVER (ORDER BY number)", "my_own(number) OVER w"] {
        assert!(refused(window).contains(" at character 1 is a window over many rows"), "{window}");
    }
    for query in ["number IN (SELECT 1)", "(SELECT 1)", "EXISTS (SELECT 1)", "number > (SELECT 1)", "number = ANY(SELECT 1)"] {
        assert!(refused(query).contains("an expression sees one row at a time; write the values as a list"), "{}", refused(query));
    }
}

#[test]
fn what_is_refused_is_reported_with_its_place_and_what_to_write() {
    for (text, expected) in [
        ("", "it is empty; write an expression over the columns"),
        (" \n ", "it is empty; "),
        ("1; 2", "`;` at character 2 ends a statement; "),
        ("number -- 1", "a comment begins at character 8; "),
        ("number /* of items */", "a comment begins at character 8; "),
        ("text = 'it", "unterminated string literal at character 8; quotes come in pairs"),
        ("\"text = 'a'", "expected close delimiter '\"' before EOF at character 1; quotes come in pairs"),
        ("number *", "it ends where an expression is expected; "),
        ("number > > 3", "`>` at character 10 stands where an expression is expected; "),
        ("number\n > > 3\n", "`>` at line 2, character 4 stands where an expression is expected; "),
        ("(number", "it ends where ) is expected; "),
        ("number)", "`)` at character 7 follows a whole expression; "),
        ("unit price", "`price` at character 6 is a second name; "),
        ("number AS n", "`n` at character 11 is a second name; "),
        ("*", "`*` at character 1 stands for all columns; "),
        ("number + rond(amount, 2)", "`rond` at character 10 is not a function here; did you mean `ROUND`? ROUND(2.347, 2) = 2.35 is true"),
        ("date_format(day, '%Y')", "`date_format` at character 1 is not a function here; did you mean `STRFTIME`? "),
        ("qqqqqqqq(1)", "`qqqqqqqq` at character 1 is not a function here; there are ABS, ACOS, "),
        ("orders.abs(1)", "a function has a name with points in it; "),
        ("ABS(DISTINCT number)", "`ABS` at character 1 takes arguments, and nothing beside them; "),
        ("ABS(*)", "`ABS` at character 1 takes arguments, and nothing beside them; "),
        ("ABS(number) FILTER (WHERE TRUE)", "`ABS` at character 1 takes arguments, and nothing beside them; "),
        ("CEIL(amount, 1)", "`CEIL` takes 1 argument; "),
        (
            "LPAD(text, 2000000000, 'b')",
            "the length that `LPAD` at character 1 fills up to is not a number from 0 to 1000; for example, LPAD('17', 4, '0') = '0017' is true",
        ),
        ("RPAD(text, number)", "the length that `RPAD` at character 1 fills up to is not a number from 0 to 1000; "),
        ("LPAD(text, 2.5)", "the length that `LPAD` at character 1 fills up to is not a number from 0 to 1000; "),
        ("LPAD(text, INTERVAL '1 day')", "the length that `LPAD` at character 1 fills up to is not a number from 0 to 1000; "),
        ("number ^ 2", "the operator `^` before `2` is not known; there are + - "),
        ("$row + 1", "`$row` at character 1 is not a column; `$row` stands alone"),
        ("1e5", "the number `1e5` at character 1 is neither whole"),
        ("DATE '2026-02-30'", "DATE '2026-02-30' at character 6 is not a day of the calendar; "),
        ("TIMESTAMP '2026-02-30 10:00:00'", "TIMESTAMP '2026-02-30 10:00:00' at character 11 is not a day of the calendar; "),
        ("paid_at - INTERVAL 'soon'", "the INTERVAL at character 20 is not one that is known; "),
        ("CAST(number AS DECIMAL(99, 2))", "the type DECIMAL(99,2) is not known; money is DECIMAL(18, 2)"),
        ("CAST(number AS UHUGEINT)", "the type UHUGEINT is not known; "),
        ("number IN (6, amount)", "`amount` in a list is not a constant; "),
        ("DATE_PART('fortnight', day)", "`fortnight` is not a part of a day or time; there are century, day, "),
        (
            "paid_at AT TIME ZONE 'UTC'",
            "AT TIME ZONE behind `paid_at` at character 1 is SQL that expressions do not have; times have no zone in SQL: ",
        ),
    ] {
        let found = refused(text);
        assert!(found.starts_with(expected), "{text}\n   found: {found}\nexpected: {expected}");
    }
}

#[test]
fn deep_is_refused_and_not_a_crash() {
    let chain = |terms: usize| vec!["number"; terms].join(" + ");
    let branches = |count: usize| format!("CASE {} END = 1", "WHEN number = 1 THEN 2 ".repeat(count));
    let list = format!("number IN ({})", (0..30_000).map(|number| number.to_string()).collect::<Vec<_>>().join(", "));
    // A thread with the stack that threads have, and not that of the first one.
    std::thread::spawn(move || {
        for text in [chain(MOST_LEVELS), branches(MOST_LEVELS - 5), list] {
            evaluated(&text, &batch()).unwrap();
        }
        for text in [chain(MOST_LEVELS + 2), branches(MOST_LEVELS + 2), chain(9_000), branches(2_000)] {
            assert!(
                refused(&text).starts_with(&format!("more than {MOST_LEVELS} operations lie within each other at character ")),
                "{}",
                refused(&text)
            );
        }
        assert!(refused(&chain(20_000)).starts_with("it has more than 20000 words and signs, and goes on at character 90001; "));
        for name in FUNCTIONS.iter().map(|function| function.name).chain(FORMS.iter().map(|form| form.0)).chain([""]) {
            let message = refused(&format!("{}1", format!("{name}(").repeat(3_000)));
            assert!(
                message.starts_with("its parentheses, functions and CASEs lie too deep within each other at character "),
                "{name}: {message}"
            );
        }
        for before in ["CASE WHEN ", "- ", "NOT ", "ARRAY[", "[", "{", "INTERVAL ", "x IN (", "x BETWEEN ", "(1, ", "EXISTS(", "CASE ("] {
            // Whatever is said of it, it is said at once. `NOT NOT` is NOT of a column that is called so.
            let _ = [30, 3_000].map(|times| Expressions::parse(&before.repeat(times)).is_ok());
        }
    })
    .join()
    .unwrap();
}

/// Words, signs and characters of which expressions, and what is nearly one, are put together.
fn word() -> impl Strategy<Value = String> {
    let names = FUNCTIONS.iter().map(|function| function.name).chain(FORMS.iter().map(|form| form.0)).chain(MANY_ROWS.iter().copied());
    let names: Vec<String> = names.map(|name| format!("{name}(")).collect();
    let words = "number amount text day paid_at is_new \"text\" ( ) ( ) , , + - * / // % || = <> < > AND OR NOT IN BETWEEN LIKE ILIKE RLIKE IS \
                 NULL TRUE CASE WHEN THEN ELSE END FROM FOR AS INT VARCHAR DATE TIME TIMESTAMP DOUBLE DECIMAL(18,2) INTERVAL ARRAY[ [ ] :: 1 0 \
                 -1 2.5 9223372036854775807 '' 'a' '%d' '%' '[' '1 month' '2026-01-31' DATE'2026-01-31' ; -- ' \" . $row @ # ~ ^ OVER ( SELECT \\";
    let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    prop_oneof![4 => prop::sample::select(words), 3 => prop::sample::select(names), 1 => "\\PC{0,3}"]
}

/// A call with arguments of any type, which mostly is an expression.
fn call() -> impl Strategy<Value = String> {
    let argument = prop::sample::select(vec![
        "number",
        "amount",
        "text",
        "day",
        "paid_at",
        "is_new",
        "NULL",
        "1",
        "-1",
        "0",
        "2.5",
        "''",
        "'a'",
        "'%Y-%m'",
        "'['",
        "'month'",
        "TRUE",
        "9223372036854775807",
        "STRING_TO_ARRAY(text, '-')",
        "INTERVAL '1 day'",
    ]);
    (prop::sample::select(FUNCTIONS), prop::collection::vec(argument, 0..4))
        .prop_map(|(function, arguments)| format!("{}({})", function.name, arguments.join(", ")))
}

/// Where a function takes memory for a length that it is given, this test ends by a signal.
#[test]
fn no_length_takes_all_memory() {
    let batch = batch();
    let most = i64::MAX.to_string();
    let others = ["text", "number", "amount", "paid_at", "STRING_TO_ARRAY(text, '-')", "INTERVAL '1 day'", most.as_str()];
    for function in FUNCTIONS {
        for count in (1..=3_usize).filter(|count| function.arguments.contains(count)) {
            for (place, number) in (0..count).flat_map(|place| (0..others.len().pow(2)).map(move |number| (place, number))) {
                let mut arguments = [others[number % others.len()], others[number / others.len()], others[number % others.len()]];
                arguments[place] = &most;
                let _ = evaluated(&format!("{}({})", function.name, arguments[..count].join(", ")), &batch);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(words in prop::collection::vec(word(), 0..12), characters in "\\PC{0,40}") {
        for text in [words.join(" "), characters] {
            let _ = evaluated(&text, &batch());
        }
    }

    #[test]
    fn a_row_gives_the_same_alone_as_among_others(text in call()) {
        let batch = batch();
        if let Ok(together) = evaluated(&text, &batch) {
            // Polars checks fewer types where all rows are null.
            let alone: Result<Vec<ArrayRef>, String> = (0..batch.num_rows()).map(|row| evaluated(&text, &batch.slice(row, 1))).collect();
            let Ok(alone) = alone else { return Ok(()) };
            let alone: Vec<&dyn Array> = alone.iter().map(AsRef::as_ref).collect();
            prop_assert_eq!(format!("{together:?}"), format!("{:?}", concat(&alone).unwrap()), "{}", text);
        }
    }
}
