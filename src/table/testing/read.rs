//! Readers of result columns: integers, numbers, texts, single values, whole rows, and what is asserted of them.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type};
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;

use crate::spec::{Day, Grain};

/// A column of counts, money in minor units, days or flags.
pub fn integers(batch: &RecordBatch, name: &str) -> Vec<Option<i64>> {
    let column = batch.column_by_name(name).unwrap();
    match column.data_type() {
        DataType::Decimal128(_, _) => column.as_primitive::<Decimal128Type>().iter().map(|value| value.map(|value| value as i64)).collect(),
        DataType::Date32 => column.as_primitive::<Date32Type>().iter().map(|value| value.map(i64::from)).collect(),
        DataType::Boolean => column.as_boolean().iter().map(|value| value.map(i64::from)).collect(),
        _ => column.as_primitive::<Int64Type>().iter().collect(),
    }
}

/// The same of columns that are never null.
pub fn known(batch: &RecordBatch, name: &str) -> Vec<i64> {
    integers(batch, name).into_iter().map(|value| value.unwrap()).collect()
}

/// A column of numbers that are not whole.
pub fn numbers(batch: &RecordBatch, name: &str) -> Vec<Option<f64>> {
    batch.column_by_name(name).unwrap().as_primitive::<Float64Type>().iter().collect()
}

/// A column of texts.
pub fn texts(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    batch.column_by_name(name).unwrap().as_string::<i32>().iter().map(|value| value.map(str::to_owned)).collect()
}

/// A column as it is displayed; null is empty.
pub fn column(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).unwrap();
    (0..batch.num_rows()).map(|row| array_value_to_string(column, row).unwrap()).collect()
}

/// Each row as the columns named, with blanks between.
pub fn shown(batch: &RecordBatch, names: &[&str]) -> Vec<String> {
    let columns: Vec<Vec<String>> = names.iter().map(|name| column(batch, name)).collect();
    (0..batch.num_rows()).map(|row| columns.iter().map(|column| column[row].as_str()).collect::<Vec<_>>().join(" ")).collect()
}

/// A column in the rows of quarters and years.
pub fn of_periods(batch: &RecordBatch, name: &str) -> Vec<Option<i64>> {
    let values = integers(batch, name);
    rows_of(batch, &["quarter", "year"]).into_iter().map(|row| values[row]).collect()
}

/// The sums of the column over the months of these quarters and years; `None` where it is null in one of them.
pub fn of_their_months(batch: &RecordBatch, name: &str) -> Vec<Option<i64>> {
    let (values, starts) = (integers(batch, name), integers(batch, "period_start"));
    let start = |row: usize| Day::try_from(starts[row].unwrap()).unwrap();
    let months = rows_of(batch, &["month"]);
    let sum = |row: usize| {
        let grain = if value(batch, row, "grain") == "year" { Grain::Year } else { Grain::Quarter };
        let days = start(row)..=grain.end(grain.index(start(row)));
        let of_shop = |month: &usize| value(batch, *month, "shop_id") == value(batch, row, "shop_id");
        months.iter().filter(|month| of_shop(month) && days.contains(&start(**month))).map(|month| values[*month]).sum()
    };
    rows_of(batch, &["quarter", "year"]).into_iter().map(sum).collect()
}

fn rows_of(batch: &RecordBatch, grains: &[&str]) -> Vec<usize> {
    (0..batch.num_rows()).filter(|row| grains.contains(&value(batch, *row, "grain").as_str())).collect()
}

/// A value as text: counts and money in minor units as integers, dates as days, flags as true and false; null as `-`.
pub fn value(batch: &RecordBatch, row: usize, column: &str) -> String {
    let array = batch.column_by_name(column).unwrap();
    if array.is_null(row) {
        return "-".to_owned();
    }
    match array.data_type() {
        DataType::Decimal128(_, _) => array.as_primitive::<Decimal128Type>().value(row).to_string(),
        // Without the `.0` of a whole number.
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).to_string(),
        _ => array_value_to_string(array, row).unwrap(),
    }
}

/// Asserts values of the row whose first columns have the values of the key.
#[track_caller]
pub fn assert_row(batch: &RecordBatch, key: &[&str], expected: &[(&str, &str)]) {
    let schema = batch.schema();
    let is_it = |row: &usize| key.iter().zip(schema.fields()).all(|(part, field)| value(batch, *row, field.name()) == *part);
    let row = (0..batch.num_rows()).find(is_it).unwrap();
    for (column, expected) in expected {
        assert_eq!(value(batch, row, column), *expected, "{column} of {key:?}");
    }
}

/// Asserts numbers but for the last digits.
#[track_caller]
pub fn assert_close(found: &[Option<f64>], expected: &[Option<f64>]) {
    let close = |(found, expected): (&Option<f64>, &Option<f64>)| match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
        (found, expected) => found == expected,
    };
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(close), "{found:?} where {expected:?} was worked out");
}
