//! Decimal numbers as they are written: amounts are rounded half to even on their digits, and not on a float that lies near them, so that
//! the same text is the same amount wherever it comes from.

use crate::spec::currency::LARGEST;

/// Digits behind the point that are kept; what follows only says whether there was more.
const KEPT: usize = 14;

/// A decimal number: `units` of 10^-`scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    units: i128,
    scale: u32,
}

impl Decimal {
    /// One.
    pub const ONE: Decimal = Decimal { units: 1, scale: 0 };

    /// Reads digits with a sign, a decimal point and commas between thousands; `None` for another text, or more than twenty digits before
    /// the point.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (sign, digits) = match text.strip_prefix(['-', '−']) {
            Some(digits) => (-1, digits),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = without_commas(whole)?;
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && part.is_empty()) || !is_digits(&whole) || !is_digits(part) || whole.len() > 20 {
            return None;
        }
        let (kept, cut) = part.split_at_checked(KEPT).unwrap_or((part, ""));
        let kept = if cut.is_empty() { kept.trim_end_matches('0') } else { kept };
        // One more digit says that more follows: no rounding to fewer digits takes the number for a half.
        let more = if cut.bytes().any(|byte| byte != b'0') { "1" } else { "" };
        let units: i128 = format!("0{whole}{kept}{more}").parse().ok()?;
        Some(Decimal { units: sign * units, scale: (kept.len() + more.len()) as u32 })
    }

    /// The product; `None` where it has too many digits.
    pub fn times(self, other: Decimal) -> Option<Decimal> {
        let scale = self.scale.checked_add(other.scale).filter(|scale| *scale <= 36)?;
        Some(Decimal { units: self.units.checked_mul(other.units)?, scale })
    }

    /// The number in units of 10^-`places`, rounded half to even; `None` where it has too many digits.
    pub fn rounded(self, places: u32) -> Option<i128> {
        let Some(digits) = self.scale.checked_sub(places) else {
            return self.units.checked_mul(10_i128.checked_pow(places - self.scale)?);
        };
        let unit = 10_i128.checked_pow(digits)?;
        let (whole, rest) = (self.units.div_euclid(unit), self.units.rem_euclid(unit));
        Some(whole + i128::from(rest > unit - rest || (rest == unit - rest && whole % 2 != 0)))
    }

    /// The number in hundredths, rounded half to even; `None` where it is not an amount.
    pub fn fen(self) -> Option<i64> {
        self.rounded(2).and_then(|fen| i64::try_from(fen).ok()).filter(|fen| (-LARGEST..=LARGEST).contains(fen))
    }
}

/// A whole number without the commas between its thousands; `None` where they stand elsewhere.
fn without_commas(text: &str) -> Option<String> {
    if !text.contains([',', '，']) {
        return Some(text.to_owned());
    }
    let mut groups = text.split([',', '，']);
    let first = groups.next()?;
    let is_right = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    is_right.then(|| text.replace([',', '，'], ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fen(text: &str) -> Option<i64> {
        Decimal::parse(text)?.fen()
    }

    #[test]
    fn a_half_goes_to_the_even_digit() {
        // 2.675 as a float lies below the half, as a text on it.
        for (text, expected) in [("0.125", 12), ("0.135", 14), ("2.675", 268), ("1.005", 100), ("-0.135", -14), ("-0.125", -12)] {
            assert_eq!(fen(text), Some(expected), "{text}");
        }
        // A little more than a half, however little.
        assert_eq!(fen("0.12500000000000000000000001"), Some(13));
        assert_eq!(fen("0.1250000000000000000000"), Some(12));
        assert_eq!(fen("-0.12500000000000000000000001"), Some(-13));
    }

    #[test]
    fn numbers_as_they_are_written() {
        for (text, expected) in
            [("1,234.5", 123_450), (".5", 50), ("7", 700), ("7.", 700), ("+3", 300), ("9999999999999999.99", 999_999_999_999_999_999)]
        {
            assert_eq!(fen(text), Some(expected), "{text}");
        }
        for text in ["", ".", "-", "1e5", "12,34", "1.2.3", "99999999999999999999", "10000000000000000"] {
            assert_eq!(fen(text), None, "{text}");
        }
    }

    #[test]
    fn products_and_other_places() {
        let product = Decimal::parse("2.55").unwrap().times(Decimal::parse("-6").unwrap()).unwrap();
        assert_eq!((product.fen(), product.rounded(0), product.rounded(3)), (Some(-1_530), Some(-15), Some(-15_300)));
        let large = Decimal::parse("99999999999999999999").unwrap();
        assert_eq!(large.times(large).and_then(|product| product.times(large)), None);
    }
}
