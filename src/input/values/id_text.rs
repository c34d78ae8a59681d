//! Ids that a program has kept as floating-point numbers: `13085.0` is the integer that it was; `4.0e18` and an integer of more digits
//! than a float keeps have lost digits, and are not ids.

/// Below which number a float holds every whole number.
pub(in crate::input) struct Exact {
    /// The number.
    pub below: u64,
    /// As messages write it.
    pub shown: &'static str,
}

/// 64-bit floats.
pub(in crate::input) const DOUBLE: Exact = Exact { below: 1 << 53, shown: "2^53 (9,007,199,254,740,992)" };
/// 32-bit floats.
pub(in crate::input) const SINGLE: Exact = Exact { below: 1 << 24, shown: "2^24 (16,777,216)" };

/// Whether a text is a long number that a program rounded when it was saved as text: `1.23457E+17`, `4.0e18`,
/// `4000000000000000000.00`. An id such as `12E7` is not one, nor is a buyer's name such as `4e18`, which an export replaced by digits.
pub fn is_rounded(text: &str) -> bool {
    // Names begin with other letters, and most numbers have neither a point nor an E.
    if !text.starts_with(|first: char| first.is_ascii_digit() || first == '.') || !text.contains(['.', 'E', 'e']) {
        return false;
    }
    if whole_part(text).is_some_and(|whole| whole.parse::<u64>().map_or(true, |number| number >= DOUBLE.below)) {
        return true;
    }
    text.split_once(['E', 'e']).is_some_and(|(digits, power)| {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let (bare, has_sign) = power.strip_prefix('+').map_or((power, false), |bare| (bare, true));
        is_number(digits) && is_number(bare) && (has_sign || digits.contains('.'))
    })
}

/// The integer that an id such as `13085.0` was; other ids as they are.
#[inline]
pub fn whole(text: &str) -> &str {
    if text.ends_with('0') { whole_part(text).unwrap_or(text) } else { text }
}

/// The digits before a decimal point that only zeros follow. Few ids get here, so that the others' way stays short.
#[inline(never)]
fn whole_part(text: &str) -> Option<&str> {
    let (whole, part) = text.split_once('.')?;
    let is_whole = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    (is_whole && !part.is_empty() && part.bytes().all(|byte| byte == b'0')).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_with_zeros_behind_the_point_is_the_integer() {
        for (text, id) in
            [("13085.0", "13085"), ("13085.00", "13085"), ("13085", "13085"), ("10", "10"), ("1.50", "1.50"), ("a.0", "a.0"), (".0", ".0")]
        {
            assert_eq!(whole(text), id, "{text}");
        }
    }

    #[test]
    fn digits_that_are_lost_are_no_id() {
        assert!(
            ["1.23457E+17", "4.0e18", "4e+18", "4000000000000000000.00", "9007199254740992.0", "99999999999999999999.0"]
                .into_iter()
                .all(is_rounded)
        );
        assert!(!["12E7", "4e18", "13085.0", "9007199254740991.0", "4000000000000000001", "E+", "1E5"].into_iter().any(is_rounded));
    }
}
