//! What expressions answer where a value is null, and where letters begin.

use arrow::array::{Array, StringArray};
use arrow::datatypes::DataType;

use super::Expressions;
use super::tests::{batch, booleans, evaluated, refused};

/// `number` is 6, -1, null; `is_new` true, false, null.
#[test]
fn what_asks_for_truth_answers_null_too() {
    let (yes, no) = (Some(true), Some(false));
    for (text, expected) in [
        ("is_new IS TRUE", [yes, no, no]),
        ("is_new IS NOT TRUE", [no, yes, yes]),
        ("is_new IS FALSE", [no, yes, no]),
        ("is_new IS NOT FALSE", [yes, no, yes]),
        ("is_new IS UNKNOWN", [no, no, yes]),
        ("is_new IS NOT UNKNOWN", [yes, yes, no]),
        ("NOT is_new IS TRUE", [no, yes, yes]),
        ("NOT (is_new IS FALSE)", [yes, no, yes]),
        ("number > 0 IS NOT TRUE", [no, yes, yes]),
        ("(number = 6 AND is_new) IS NOT TRUE", [no, yes, yes]),
        ("number = -1 OR is_new IS NOT TRUE AND text = '天猫'", [no, yes, yes]),
        ("CASE WHEN is_new IS NOT TRUE THEN FALSE ELSE TRUE END", [yes, no, no]),
        ("is_new IS NOT TRUE IS TRUE", [no, yes, yes]),
        ("text LIKE 'it''s%' IS NOT TRUE AND \"unit \"\"price\"\"; --\" > 1", [no, yes, yes]),
        ("is_new = TRUE", [yes, no, None]),
    ] {
        assert_eq!(booleans(text), expected, "{text}");
    }
    assert!(refused("is_new IS DISTINCT FROM TRUE AND number = 6").contains("put it in parentheses: (a IS DISTINCT FROM b) AND c"));
    assert_eq!(booleans("(is_new IS DISTINCT FROM TRUE) AND text = '天猫'"), [no, None, yes]);
}

/// `text` is tb-17, null, 天猫.
#[test]
fn positions_are_counted_in_letters_and_null_of_null() {
    let (yes, no) = (Some(true), Some(false));
    for (text, expected) in [
        ("STRPOS(text, '-') = 0", [no, None, yes]),
        ("STRPOS(text, '猫') = 2", [no, None, yes]),
        ("POSITION('1' IN text) = 4", [yes, None, no]),
        ("STRPOS(text, NULL) = 0", [None, None, None]),
        ("STRPOS('tb-17', text) = 1", [yes, None, no]),
        ("STRPOS(text, '') = 1", [yes, None, yes]),
        ("LEFT(text, STRPOS(text, '-') - 1) = 'tb'", [yes, None, no]),
        ("SUBSTR(text, STRPOS(text, '-') + 1) = '17'", [yes, None, no]),
        ("LEFT(text, -4) = 't'", [yes, None, no]),
        ("RIGHT(text, 2) = '17'", [yes, None, no]),
    ] {
        assert_eq!(booleans(text), expected, "{text}");
    }
    assert!(evaluated("STRPOS(number, '1')", &batch()).unwrap_err().contains("look into texts"));
    for text in ["SUBSTR(text, -2)", "SUBSTRING(text FROM 0 FOR 2)", "SUBSTR(text, (-2), 1)"] {
        assert!(refused(text).contains("begins before the first letter, which is 1; RIGHT(a, 2) gives the last 2 letters"), "{text}");
    }
}

#[test]
fn an_id_of_parts_is_null_where_a_part_is() {
    let id = |text: &str| {
        let mut expressions = Expressions::default();
        expressions.column(0, Expressions::parse(text).unwrap().exact_id());
        let found = expressions.evaluate(&batch(), &[])?.columns.remove(0).1;
        let found = arrow::compute::cast(&found, &DataType::Utf8).unwrap();
        let found = found.as_any().downcast_ref::<StringArray>().unwrap();
        Ok::<_, String>(found.iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>())
    };
    for text in ["CONCAT('north', '-', text)", "CONCAT_WS('-', 'north', text)", "'north' || '-' || text"] {
        assert_eq!(id(text).unwrap(), [Some("north-tb-17".to_owned()), None, Some("north-天猫".to_owned())], "{text}");
    }
    assert_eq!(id("CONCAT('t', COALESCE(number, 0))").unwrap()[2].as_deref(), Some("t0"));
    // Elsewhere CONCAT skips null, as in DuckDB and PostgreSQL.
    assert_eq!(booleans("CONCAT('north', '-', text) = 'north-'"), [Some(false), Some(true), Some(false)]);
    for text in ["CONCAT('t', number / 4)", "CONCAT('t', number * 0.25)", "CONCAT('t', amount)", "CONCAT_WS('-', 't', amount)"] {
        assert!(id(text).unwrap_err().contains("which is not a whole number"), "{text}");
    }
    // What the job casts to text itself is part of a key: a line that is known by its price.
    let by_price = id("CONCAT('t', CAST(COALESCE(number, 1) / 4.0 AS VARCHAR))").unwrap();
    assert_eq!(by_price.iter().filter(|text| text.as_deref() == Some("t0.25")).count(), 1, "{by_price:?}");
    for text in ["CONCAT('t', 4013245678901234001 / 1)", "CONCAT('t', 4013245678901234001 * 1.0)"] {
        assert!(id(text).unwrap_err().contains("have lost their last digits"), "{text}");
    }
}
