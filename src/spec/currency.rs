//! The currency of amounts: cards are written in CNY, and their texts are shown in the currency of the job.

use std::borrow::Cow;

/// The currency in which cards are written, and that of a job which names none.
pub const CNY: &str = "CNY";

/// The greatest amount of a table, in minor units: Decimal(18,2) holds no more.
pub const LARGEST: i64 = 999_999_999_999_999_999;

/// A text of a card in another currency: `CNY per customer` is `EUR per customer`.
pub fn in_currency<'a>(text: &'a str, currency: &str) -> Cow<'a, str> {
    if currency == CNY || !text.contains(CNY) { Cow::Borrowed(text) } else { Cow::Owned(text.replace(CNY, currency)) }
}

/// Whether a unit is that of an amount of money: the three capitals of a currency alone.
pub fn is_currency(unit: &str) -> bool {
    unit.len() == 3 && unit.bytes().all(|letter| letter.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_in_another_currency() {
        assert_eq!(["CNY", "CNY a day", "orders"].map(|unit| in_currency(unit, "EUR").into_owned()), ["EUR", "EUR a day", "orders"]);
        assert_eq!(in_currency("CNY per customer", CNY), "CNY per customer");
        assert_eq!(["USD", "CNY", "cny", "CNY a day", "1", ""].map(is_currency), [true, true, false, false, false, false]);
    }
}
