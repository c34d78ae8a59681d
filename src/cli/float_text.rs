//! Floats as people read them: with as many digits as every decimal number keeps in a float, not with the last one or two that tell apart
//! floats which no calculation means apart (0.1 + 0.2 is 0.30000000000000004).

use arrow::datatypes::DataType;

use crate::compare::Difference;

/// The significant digits of a float in CSV: every decimal number of so many comes back as it was (`DBL_DIG` of C), and spreadsheet programs
/// keep no more.
pub const CSV_DIGITS: usize = 15;
/// The significant digits in tables for people.
pub const TABLE_DIGITS: usize = 6;
/// So many tell any two floats apart.
const ALL_DIGITS: usize = 17;

/// A cell of that type: a float with so many significant digits at most, anything else as it is.
pub fn shortened(data_type: &DataType, text: &str, digits: usize) -> String {
    match (data_type, text.parse()) {
        (DataType::Float64, Ok(value)) => with_digits(value, digits),
        _ => text.to_owned(),
    }
}

/// The old and the new value of a cell, of that type: floats with so many significant digits, more where these would be alike.
pub fn apart(data_type: &DataType, old: Option<String>, new: Option<String>, digits: usize) -> [Option<String>; 2] {
    let (DataType::Float64, Some(before), Some(after)) = (data_type, &old, &new) else {
        return [old, new].map(|text| text.map(|text| shortened(data_type, &text, digits)));
    };
    for digits in [digits, CSV_DIGITS] {
        let [one, other] = [before, after].map(|text| shortened(data_type, text, digits));
        if one != other {
            return [Some(one), Some(other)];
        }
    }
    [old, new]
}

/// A difference, of floats with so many significant digits at most.
pub fn difference(by: Difference, digits: usize) -> String {
    match by {
        Difference::Float(value) => with_digits(value, digits),
        Difference::Exact(..) => by.to_string(),
    }
}

/// The shortest decimal number that rounds to the value at so many significant digits.
fn with_digits(value: f64, digits: usize) -> String {
    let digits = digits.clamp(1, ALL_DIGITS);
    let rounded = format!("{value:.decimals$e}", decimals = digits - 1).parse().unwrap_or(value);
    format!("{rounded:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_float_has_the_digits_that_somebody_means() {
        let csv = |value: f64| with_digits(value, CSV_DIGITS);
        assert_eq!([csv(0.1 + 0.2), csv(1.0 / 3.0), csv(-2.5), csv(3.0)], ["0.3", "0.333333333333333", "-2.5", "3.0"]);
        assert_eq!([csv(0.0), csv(f64::NAN), csv(f64::INFINITY), csv(1e-9)], ["0.0", "NaN", "inf", "1e-9"]);
        assert_eq!(with_digits(0.090_613_236_502_528_45, TABLE_DIGITS), "0.0906132");
        // 15 digits of a decimal number are never lost.
        for text in ["0.123456789012345", "123456789012.345", "0.1", "99999999999999.9"] {
            assert_eq!(csv(text.parse().unwrap()), text);
        }
    }

    #[test]
    fn values_that_differ_are_shown_apart() {
        let pair = |old: f64, new: f64, digits| {
            let [old, new] = apart(&DataType::Float64, Some(format!("{old:?}")), Some(format!("{new:?}")), digits);
            [old.unwrap(), new.unwrap()]
        };
        assert_eq!(pair(0.1 + 0.2, 0.25, CSV_DIGITS), ["0.3", "0.25"]);
        assert_eq!(pair(0.1 + 0.2, 0.3, CSV_DIGITS), ["0.30000000000000004", "0.3"]);
        assert_eq!(pair(0.123_456_78, 0.123_456_79, TABLE_DIGITS), ["0.12345678", "0.12345679"]);
        assert_eq!(apart(&DataType::Float64, None, Some("0.30000000000000004".into()), CSV_DIGITS), [None, Some("0.3".into())]);
        assert_eq!(apart(&DataType::Utf8, Some("0.30000000000000004".into()), None, 6), [Some("0.30000000000000004".into()), None]);
    }

    #[test]
    fn money_is_exact() {
        assert_eq!(difference(Difference::Exact(123_456_789_012_345_678, 2), TABLE_DIGITS), "1234567890123456.78");
        assert_eq!(difference(Difference::Float(0.3 - 0.1), TABLE_DIGITS), "0.2");
    }
}
