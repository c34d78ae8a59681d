//! Cells of a table as integers with a number of decimals. Values for the page are rounded only here.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::error::{Error, Result};
use crate::spec::card::{Column, Kind};

/// Distinct texts, numbered in the order in which they first occur.
#[derive(Debug, Default)]
pub struct Texts {
    codes: HashMap<String, i64>,
    texts: Vec<String>,
}

impl Texts {
    /// The number of a text.
    pub fn code(&mut self, text: &str) -> i64 {
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        let code = self.texts.len() as i64;
        self.codes.insert(text.to_owned(), code);
        self.texts.push(text.to_owned());
        code
    }

    /// All texts; the number of each is its position.
    pub fn all(&self) -> &[String] {
        &self.texts
    }
}

/// Decimals that the page shows of a column: money to the fen; shares, ratios and numbers with their unit in another column to a
/// hundredth of a percent; means and other numbers to a hundredth.
pub fn decimals(column: &Column) -> u32 {
    match column.kind {
        Kind::Money => 2,
        Kind::Share => 4,
        Kind::Ratio | Kind::Number if ["1", "see unit", "as in unit", "see needed_unit"].contains(&column.unit) => 4,
        Kind::Ratio | Kind::Number => 2,
        _ => 0,
    }
}

/// Whether the cells of a column are numbers of texts.
pub fn is_text(kind: Kind) -> bool {
    matches!(kind, Kind::ShopId | Kind::CustomerId | Kind::CategoryId | Kind::ItemId | Kind::CampaignId | Kind::Text)
}

/// A column of a batch.
///
/// # Errors
/// [`Error::Bug`] where the batch does not have it.
pub fn array<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    batch.column_by_name(name).ok_or_else(|| Error::bug(format!("a table of the snapshot has no column `{name}`")))
}

/// Appends the selected rows of a column: texts by their numbers, days since 1970-01-01, flags as 0 and 1, other values as integers in
/// units of the last of the [`decimals`]. Nulls stay null.
///
/// # Errors
/// [`Error::Bug`] where the type of the file is not that of the card.
pub fn append(column: &Column, array: &dyn Array, rows: &[usize], texts: &mut Texts, cells: &mut Vec<Option<i64>>) -> Result<()> {
    let there = |row: &usize| array.is_valid(*row).then_some(*row);
    if is_text(column.kind) {
        let options = FormatOptions::new();
        let shown = ArrayFormatter::try_new(array, &options)?;
        // Rows are sorted by their keys, so the text of a row is mostly that of the previous one.
        let mut last: Option<(String, i64)> = None;
        for row in rows {
            let cell = there(row).map(|row| {
                let text = shown.value(row).to_string();
                match &last {
                    Some((before, code)) if *before == text => *code,
                    _ => {
                        let code = texts.code(&text);
                        last = Some((text, code));
                        code
                    }
                }
            });
            cells.push(cell);
        }
        return Ok(());
    }
    let decimals = decimals(column) as usize;
    match array.data_type() {
        DataType::Int64 => cells.extend(rows.iter().map(|row| there(row).map(|row| array.as_primitive::<Int64Type>().value(row)))),
        DataType::Date32 => {
            cells.extend(rows.iter().map(|row| there(row).map(|row| i64::from(array.as_primitive::<Date32Type>().value(row)))));
        }
        DataType::Boolean => cells.extend(rows.iter().map(|row| there(row).map(|row| i64::from(array.as_boolean().value(row))))),
        // Money has eighteen digits, which fit.
        DataType::Decimal128(_, 2) if column.kind == Kind::Money => {
            cells.extend(rows.iter().map(|row| there(row).map(|row| array.as_primitive::<Decimal128Type>().value(row) as i64)));
        }
        DataType::Float64 => {
            cells.extend(
                rows.iter().map(|row| there(row).and_then(|row| rounded(array.as_primitive::<Float64Type>().value(row), decimals))),
            );
        }
        other => return Err(Error::bug(format!("column `{}` of a snapshot is {other}", column.name))),
    }
    Ok(())
}

/// A number in units of its last decimal, rounded by its exact digits, half away from zero. JavaScript's `toFixed`, which rounds the
/// figures that the page derives, rounds in the same way. `None` if no integer can hold it.
pub fn rounded(value: f64, decimals: usize) -> Option<i64> {
    let halves = 2.0 * 10_f64.powi(decimals as i32);
    let twice = value * halves;
    // The number is exactly in the middle: an odd number of halves, with an exact product.
    if twice.abs() < 2_f64.powi(53) && twice.fract() == 0.0 && twice % 2.0 != 0.0 && value.mul_add(halves, -twice) == 0.0 {
        return Some(((twice + twice.signum()) / 2.0) as i64);
    }
    format!("{value:.decimals$}").replace('.', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, BooleanArray, Decimal128Array, Float64Array, StringArray};

    use super::*;

    fn read(column: Column, array: ArrayRef, texts: &mut Texts) -> Vec<Option<i64>> {
        let mut cells = Vec::new();
        let rows: Vec<usize> = (0..array.len()).collect();
        append(&column, array.as_ref(), &rows, texts, &mut cells).unwrap();
        cells
    }

    #[test]
    fn numbers_are_rounded_once_and_nulls_stay() {
        let mut texts = Texts::default();
        let money = Decimal128Array::from(vec![Some(-123_456), None, Some(0)]).with_precision_and_scale(18, 2).unwrap();
        assert_eq!(read(Column::new("m", Kind::Money, "CNY", "", ""), Arc::new(money), &mut texts), [Some(-123_456), None, Some(0)]);
        let share = Float64Array::from(vec![Some(1.0 / 3.0), None, Some(0.00005), Some(1.0)]);
        // 0.00005 lies, in binary, a little above five hundred-thousandths.
        assert_eq!(
            read(Column::new("s", Kind::Share, "1", "", ""), Arc::new(share), &mut texts),
            [Some(3333), None, Some(1), Some(10_000)]
        );
        // 1/32 is 0.03125, exactly in the middle.
        let middle = Float64Array::from(vec![1.0 / 32.0, -1.0 / 32.0, 3.0 / 32.0]);
        assert_eq!(read(Column::new("n", Kind::Number, "1", "", ""), Arc::new(middle), &mut texts), [Some(313), Some(-313), Some(938)]);
        let days = Float64Array::from(vec![Some(45.678), Some(-0.001)]);
        assert_eq!(read(Column::new("d", Kind::Number, "days", "", ""), Arc::new(days), &mut texts), [Some(4568), Some(0)]);
        let flags = BooleanArray::from(vec![Some(true), Some(false), None]);
        assert_eq!(read(Column::new("f", Kind::Flag, "", "", ""), Arc::new(flags), &mut texts), [Some(1), Some(0), None]);
    }

    #[test]
    fn texts_are_numbered_as_they_occur() {
        let mut texts = Texts::default();
        let names = StringArray::from(vec![Some("quiet"), Some("quiet"), Some("active"), None, Some("quiet")]);
        let cells = read(Column::new("t", Kind::Text, "", "", ""), Arc::new(names), &mut texts);
        assert_eq!(cells, [Some(0), Some(0), Some(1), None, Some(0)]);
        assert_eq!(texts.all(), ["quiet", "active"]);
    }

    #[test]
    fn a_type_that_no_card_has_is_a_bug() {
        let column = Column::new("n", Kind::Count, "", "", "");
        let error = append(&column, &arrow::array::Int8Array::from(vec![1]), &[0], &mut Texts::default(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.exit_code(), 1);
    }
}
