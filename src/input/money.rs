//! Money cells as integers of the minor unit.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{DataType, Decimal32Type, Decimal64Type, Decimal128Type, Float32Type, Float64Type, Int64Type};

use super::cells;
use super::fault::Faults;
use super::integers;
use crate::job::MoneyUnit;

/// A missing amount, among amounts in minor units.
pub const NO_MONEY: i64 = i64::MIN;

/// The largest amount that Decimal(18,2) can hold, in minor units.
pub const LARGEST: i64 = 999_999_999_999_999_999;

/// An amount in minor units as text with two decimals.
pub fn yuan(minor: i64) -> String {
    format!("{}{}.{:02}", if minor < 0 { "-" } else { "" }, minor.unsigned_abs() / 100, minor.unsigned_abs() % 100)
}

/// The amounts of a column in minor units; null is [`NO_MONEY`]. So is a value that is not an amount, which is recorded as a fault.
pub fn amounts(array: &ArrayRef, unit: MoneyUnit, column: &'static str, faults: &mut Faults) -> ScalarBuffer<i64> {
    // Hundredths already, as in most files: checked in one loop.
    let hundredths = match array.data_type() {
        DataType::Decimal64(_, 2) => Some(cells::filled(array.as_primitive::<Decimal64Type>(), NO_MONEY)),
        DataType::Decimal128(_, 2) => {
            // A value that is too large for an amount stays too large.
            let narrow = |value| i64::try_from(value).unwrap_or(i64::MAX);
            Some(cells::converted(array.as_primitive::<Decimal128Type>(), NO_MONEY, narrow))
        }
        DataType::Int64 if unit == MoneyUnit::Minor => Some(cells::filled(array.as_primitive::<Int64Type>(), NO_MONEY)),
        _ => None,
    };
    if let Some(amounts) = hundredths
        && amounts.iter().filter(|amount| !(-LARGEST..=LARGEST).contains(*amount)).count() == array.null_count()
    {
        return amounts;
    }
    let mut minor = Vec::with_capacity(array.len());
    let mut push = |row: usize, value: Result<Option<i128>, String>| match value {
        Ok(None) => minor.push(NO_MONEY),
        Ok(Some(value)) if value.unsigned_abs() <= u128::from(LARGEST.unsigned_abs()) => minor.push(value as i64),
        Ok(Some(value)) => {
            faults.note(row, column, || format!("{value} minor units do not fit Decimal(18,2)"));
            minor.push(NO_MONEY);
        }
        Err(text) => {
            faults.note(row, column, || format!("`{text}` is not an amount"));
            minor.push(NO_MONEY);
        }
    };
    let mut decimals = |values: &mut dyn Iterator<Item = Option<i128>>, scale: i8| {
        for (row, value) in values.enumerate() {
            push(row, Ok(value.map(|value| rescale(value, scale))));
        }
    };
    match array.data_type() {
        DataType::Decimal32(_, scale) => {
            decimals(&mut array.as_primitive::<Decimal32Type>().iter().map(|value| value.map(i128::from)), *scale)
        }
        DataType::Decimal64(_, scale) => {
            decimals(&mut array.as_primitive::<Decimal64Type>().iter().map(|value| value.map(i128::from)), *scale)
        }
        DataType::Decimal128(_, scale) => decimals(&mut array.as_primitive::<Decimal128Type>().iter(), *scale),
        DataType::Float64 => {
            for (row, value) in array.as_primitive::<Float64Type>().iter().enumerate() {
                push(row, float(value));
            }
        }
        DataType::Float32 => {
            for (row, value) in array.as_primitive::<Float32Type>().iter().enumerate() {
                push(row, float(value.map(f64::from)));
            }
        }
        _ => {
            let factor = if unit == MoneyUnit::Minor { 1 } else { 100 };
            integers::each(array, |row, value| push(row, Ok(value.map(|value| value * factor))));
        }
    }
    minor.resize(array.len(), NO_MONEY);
    minor.into()
}

/// A decimal of that scale in hundredths, rounded half to even.
fn rescale(value: i128, scale: i8) -> i128 {
    match u32::try_from(i32::from(scale) - 2) {
        Err(_) => value.saturating_mul(10_i128.saturating_pow(u32::from((2 - scale).unsigned_abs()))),
        Ok(0) => value,
        Ok(digits) => {
            let unit = 10_i128.saturating_pow(digits);
            let (whole, rest) = (value.div_euclid(unit), value.rem_euclid(unit));
            whole + i128::from(rest * 2 > unit || (rest * 2 == unit && whole % 2 != 0))
        }
    }
}

/// A float in hundredths, rounded half to even from its exact value: the product with 100 may itself be rounded
/// onto a half, so the error of the product (exact by fused multiply-add) decides there.
fn float(value: Option<f64>) -> Result<Option<i128>, String> {
    let Some(value) = value else { return Ok(None) };
    if !value.is_finite() || value.abs() > 1e16 {
        return Err(value.to_string());
    }
    let product = value * 100.0;
    let error = value.mul_add(100.0, -product);
    let below = product.floor();
    let rounded =
        if product - below == 0.5 && error != 0.0 { if error > 0.0 { below + 1.0 } else { below } } else { product.round_ties_even() };
    Ok(Some(rounded as i128))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_round_half_to_even_from_their_exact_value() {
        let minor = |value: f64| float(Some(value)).unwrap().unwrap();
        assert_eq!(minor(0.125), 12); // exactly a half: to the even 12
        assert_eq!(minor(0.375), 38); // exactly a half: to the even 38
        assert_eq!(minor(1.005), 100); // the double lies below 1.005
        assert_eq!(minor(2.675), 267); // 2.67499999999999982236431605997495353221893310546875
        assert_eq!(minor(-0.125), -12);
        assert_eq!(minor(19.99), 1999);
        assert!(float(Some(f64::NAN)).is_err());
    }

    #[test]
    fn decimals_of_four_places_round_half_to_even() {
        assert_eq!(rescale(12_350, 4), 124); // 1.2350 lies between 1.23 and 1.24: even is 1.24
        assert_eq!(rescale(12_250, 4), 122);
        assert_eq!(rescale(12_251, 4), 123);
        assert_eq!(rescale(-12_250, 4), -122);
        assert_eq!(rescale(7, 0), 700);
        assert_eq!(rescale(7, -1), 7_000);
    }
}
