//! Wording: the sentences of notes in both languages, with figures as people read them.

use crate::spec::Lang;
use crate::spec::currency::{CNY, in_currency};
use crate::table::read_back::Row;

/// A sentence in English with `{name}` for each figure; the list of translations has the Chinese one.
pub struct Wording<'a> {
    template: &'static str,
    /// The names with their texts in English and Chinese.
    values: Vec<(&'static str, String, String)>,
    currency: &'a str,
}

impl<'a> Wording<'a> {
    /// A sentence without figures so far.
    pub fn new(template: &'static str, currency: &'a str) -> Self {
        Wording { template, values: Vec::new(), currency }
    }

    /// With a text that is the same in both languages: an id, a date, what the job calls something.
    pub fn text(mut self, name: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        self.values.push((name, text.clone(), text));
        self
    }

    /// With a name that has a translation.
    pub fn named(mut self, name: &'static str, english: &str, chinese: &str) -> Self {
        self.values.push((name, english.to_owned(), chinese.to_owned()));
        self
    }

    /// With a name that the list of translations has.
    pub fn translated(self, name: &'static str, english: &str) -> Self {
        self.named(name, english, Lang::Zh.text(english))
    }

    /// With a figure in a unit.
    pub fn figure(mut self, name: &'static str, value: f64, unit: &str) -> Self {
        let english = figure(value, unit, self.currency, Lang::En);
        self.values.push((name, english, figure(value, unit, self.currency, Lang::Zh)));
        self
    }

    /// The sentence in English and in Chinese.
    pub fn sentence(self) -> Sentence {
        let english = filled(self.template, |name| self.values.iter().find(|value| value.0 == name).map(|value| value.1.as_str()));
        let chinese =
            filled(Lang::Zh.text(self.template), |name| self.values.iter().find(|value| value.0 == name).map(|value| value.2.as_str()));
        Sentence { english, chinese }
    }
}

/// A template with its places filled, in one pass: a text that is put in may have braces of its own.
fn filled<'v>(template: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        match after.split_once('}').and_then(|(name, after)| Some((value(name)?, after))) {
            Some((value, after)) => {
                text.push_str(value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text + rest
}

/// What is said, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// In English.
    pub english: String,
    /// In Chinese.
    pub chinese: String,
}

impl Sentence {
    /// With another sentence after it.
    pub fn and(self, other: Sentence) -> Sentence {
        Sentence { english: format!("{} {}", self.english, other.english), chinese: self.chinese + &other.chinese }
    }
}

/// What an item is called: by its title, where the row of a table has one, with its id.
pub fn item_name(row: &Row<'_>, item: &str) -> String {
    row.text("title").map_or_else(|| item.to_owned(), |title| format!("{title} ({item})"))
}

/// A figure with its unit: shares in percent with one decimal, money of a thousand and more and what is counted in whole numbers.
fn figure(value: f64, unit: &str, currency: &str, lang: Lang) -> String {
    if unit == "1" {
        return format!("{:.1}%", value * 100.0);
    }
    // What is expected of things that are counted is told whole where tenths of one do not matter.
    let is_counted = !unit.contains(CNY) && !unit.contains(currency) && value.abs() >= 10.0;
    let is_whole = value.fract() == 0.0 || value.abs() >= 1_000.0 || is_counted;
    let number = grouped(value, if is_whole { 0 } else { 2 });
    // What follows a comma says how far a scale goes.
    let unit = unit.split(',').next().unwrap_or_default();
    let unit = in_currency(unit, currency);
    let unit = lang.text(&unit);
    // One of many is called so: "1 order".
    let unit = if lang == Lang::En && number == "1" { unit.strip_suffix('s').unwrap_or(unit) } else { unit };
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

/// A number with its thousands apart.
pub fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let mut number = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            number.push(',');
        }
        number.push(digit);
    }
    if !rest.is_empty() {
        number.push('.');
        number.push_str(rest);
    }
    let is_nothing = number.chars().all(|letter| !letter.is_ascii_digit() || letter == '0');
    if value < 0.0 && !is_nothing { format!("-{number}") } else { number }
}

/// A name of the tables as people read it: `refund_rate` is "Refund rate".
pub fn readable(name: &str) -> String {
    const CAPITALS: [(&str, &str); 5] = [("uv", "UV"), ("dsr", "DSR"), ("id", "ID"), ("vip", "VIP"), ("rfm", "RFM")];
    let word = |word| CAPITALS.iter().find(|(known, _)| *known == word).map_or(word, |(_, capitals)| *capitals);
    let text = name.split('_').map(word).collect::<Vec<_>>().join(" ");
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_people_read_them() {
        assert_eq!(
            ["refund_rate", "uv_conversion", "vip_care", "sales", ""].map(readable),
            ["Refund rate", "UV conversion", "VIP care", "Sales", ""]
        );
    }

    #[test]
    fn a_text_with_braces_is_put_in_as_it_is() {
        let values = [("item", "{amount} {"), ("amount", "1")];
        let value = |name: &str| values.iter().find(|value| value.0 == name).map(|value| value.1);
        assert_eq!(filled("{item}: {amount}, {other} }", value), "{amount} {: 1, {other} }");
    }

    #[test]
    fn figures_as_people_read_them() {
        let cases = [
            (1_234_567.0, "CNY", "1,234,567 CNY"),
            (999.5, "CNY", "999.50 CNY"),
            (-12_000.4, "CNY", "-12,000 CNY"),
            (-0.001, "CNY", "0.00 CNY"),
            (100.0, "customers", "100 customers"),
            (1.0, "customers", "1 customer"),
            (1.0, "CNY", "1 CNY"),
            (0.1234, "1", "12.3%"),
            (7.0, "", "7"),
            (32.59, "visitors", "33 visitors"),
            (4.9, "items", "4.90 items"),
            (4.5, "points, 1 to 5", "4.50 points"),
        ];
        for (value, unit, expected) in cases {
            assert_eq!(figure(value, unit, "CNY", Lang::En), expected);
        }
        assert_eq!(figure(12.5, "CNY", "EUR", Lang::En), "12.50 EUR");
    }
}
