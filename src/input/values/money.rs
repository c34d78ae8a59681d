//! Money cells as integers of the minor unit.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{DataType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int64Type, i256};

use super::cells;
use super::decimal::Decimal;
use super::fault::Faults;
use super::integers;
use crate::job::MoneyUnit;
use crate::spec::currency::LARGEST;

/// A missing amount, among amounts in minor units.
pub const NO_MONEY: i64 = i64::MIN;

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
        DataType::Decimal256(_, scale) => {
            // A value that is too large for an amount stays too large.
            let narrow = |value: i256| value.to_i128().unwrap_or(if value.is_negative() { i128::MIN } else { i128::MAX });
            decimals(&mut array.as_primitive::<Decimal256Type>().iter().map(|value| value.map(narrow)), *scale)
        }
        DataType::Float64 => {
            for (row, value) in array.as_primitive::<Float64Type>().iter().enumerate() {
                push(row, float(value));
            }
        }
        DataType::Float32 => {
            for (row, value) in array.as_primitive::<Float32Type>().iter().enumerate() {
                // By its own digits: as a Float64 it would have more of them.
                push(row, float(value.and_then(|value| value.to_string().parse().ok())));
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

/// The same amounts with [`NO_MONEY`] for those below 0, which are recorded as faults.
pub fn without_negatives(amounts: ScalarBuffer<i64>, column: &'static str, faults: &mut Faults) -> ScalarBuffer<i64> {
    let is_negative = |amount: &i64| *amount < 0 && *amount != NO_MONEY;
    if !amounts.iter().any(is_negative) {
        return amounts;
    }
    let mut amounts = amounts.to_vec();
    for (row, amount) in amounts.iter_mut().enumerate().filter(|(_, amount)| is_negative(amount)) {
        faults.note(row, column, || format!("{} is below 0", yuan(*amount)));
        *amount = NO_MONEY;
    }
    amounts.into()
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

/// A float in hundredths, rounded half to even on the digits that it is written with: 2.675 is 2.68 as the text `2.675` is, though the
/// float lies a little below.
fn float(value: Option<f64>) -> Result<Option<i128>, String> {
    let Some(value) = value else { return Ok(None) };
    if !value.is_finite() || value.abs() > 1e16 {
        return Err(value.to_string());
    }
    let product = value * 100.0;
    let rounded = product.round_ties_even();
    // Far from a half the digits cannot say otherwise: neither the product nor the shortest digits are wrong by that much.
    if (product - rounded).abs() < 0.499 && value.abs() < 1e9 {
        return Ok(Some(rounded as i128));
    }
    Decimal::parse(&value.to_string()).and_then(|decimal| decimal.rounded(2)).map(Some).ok_or_else(|| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digits decide as they do for a text; the exact value of the float would say 2.67 of 2.675.
    #[test]
    fn floats_round_half_to_even_on_their_digits() {
        let minor = |value: f64| float(Some(value)).unwrap().unwrap();
        for cents in [0_i64, 1, 4, 5, 267, 268, 99_999, 12_345_678] {
            for thousandths in 0..10 {
                let text = format!("{}.{:02}{thousandths}", cents / 100, cents % 100);
                let expected = cents + i64::from(thousandths > 5 || (thousandths == 5 && cents % 2 != 0));
                assert_eq!(minor(text.parse().unwrap()), i128::from(expected), "{text}");
                assert_eq!(minor(format!("-{text}").parse().unwrap()), -i128::from(expected), "-{text}");
            }
        }
        assert_eq!(minor(1e9 + 0.125), 100_000_000_012);
        assert_eq!(minor(9_999_999_999_999.99), 999_999_999_999_999);
        // What additions leave behind.
        assert_eq!(minor(18.900_000_000_000_002), 1_890);
        assert_eq!(minor(0.125), 12); // exactly a half: to the even 12
        assert_eq!(minor(0.375), 38); // exactly a half: to the even 38
        assert_eq!(minor(1.005), 100); // a half: to the even 100
        assert_eq!(minor(2.675), 268); // a half: to the even 268
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
