//! Reads single values: a scalar of a job or rule file as number, day, amount, path or zone. An error is the text of what was found.

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::as_of::AsOf;
use super::tree::{Node, Value};
use crate::spec::Day;
use crate::spec::currency::is_currency;
use crate::spec::period::parse_day;

/// A value as a message shows it.
pub(super) fn found(node: &Node) -> String {
    match &node.value {
        _ if node.is_nothing() => "nothing".to_owned(),
        Value::Mapping(_) => "a mapping".to_owned(),
        Value::List(items) if items.is_empty() => "an empty list".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Scalar { text, .. } if text.is_empty() => "an empty text".to_owned(),
        Value::Scalar { text, quoted: true } => format!("the text \"{}\"", shortened(text)),
        Value::Scalar { text, quoted: false } => format!("`{}`", shortened(text)),
    }
}

/// Text shortened to fit into a line.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let line: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).take(MOST).collect();
    if text.chars().count() > MOST { format!("{line}…") } else { line }
}

/// Text that is not empty and has no control characters. A number or a flag is read as the text that is written.
pub(super) fn text(node: &Node) -> Result<String, String> {
    match node.text() {
        Some(text) if !text.trim().is_empty() && !text.chars().any(|character| character.is_control()) => Ok(text.to_owned()),
        _ => Err(found(node)),
    }
}

/// A condition or expression: text that may have several lines.
pub(super) fn sql(node: &Node) -> Result<String, String> {
    match node.text() {
        Some(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        _ => Err(found(node)),
    }
}

/// A column of a file or an expression. The name of a column may begin or end with blanks, which YAML keeps in quotes.
pub(super) fn mapping(node: &Node) -> Result<String, String> {
    let text = sql(node)?;
    let written = node.text().unwrap_or_default().trim_matches(['\n', '\r']);
    Ok(if written.contains('\n') { text } else { written.to_owned() })
}

/// A whole number within both bounds.
pub(super) fn integer(node: &Node, from: i64, to: i64) -> Result<i64, String> {
    node.plain().and_then(|text| text.parse().ok()).filter(|value| (from..=to).contains(value)).ok_or_else(|| found(node))
}

/// The three capitals of a currency.
pub(super) fn currency(node: &Node) -> Result<String, String> {
    node.text().filter(|text| is_currency(text)).map(str::to_owned).ok_or_else(|| found(node))
}

/// A number of days within both bounds, as `2d`; a plain number is read as days too.
pub(super) fn days(node: &Node, from: i64, to: i64) -> Result<i32, String> {
    let text = node.text().ok_or_else(|| found(node))?;
    let digits = text.strip_suffix('d').unwrap_or(text);
    let days = digits.parse().ok().filter(|days| (from..=to).contains(days) && digits.bytes().all(|byte| byte.is_ascii_digit()));
    days.and_then(|days| i32::try_from(days).ok()).ok_or_else(|| found(node))
}

/// A finite number within both bounds.
pub(super) fn number(node: &Node, from: f64, to: f64) -> Result<f64, String> {
    node.plain().and_then(decimal).filter(|value| (from..=to).contains(value)).ok_or_else(|| found(node))
}

/// A finite number written in decimal.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let is_decimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    // Without the sign of -0, so that zero has only one text in the fingerprint of the job.
    text.parse().ok().filter(|value: &f64| is_decimal && value.is_finite()).map(|value| value + 0.0)
}

/// An amount of money in the minor unit, exact because no float is used.
pub(super) fn amount(node: &Node) -> Result<i64, String> {
    let minor = |text: &str| -> Option<i64> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        if whole.is_empty() || part.is_empty() || part.len() > 2 || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let part: i64 = if part.len() == 1 { part.parse::<i64>().ok()? * 10 } else { part.parse().ok()? };
        whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part)?.checked_mul(sign)
    };
    node.plain().and_then(minor).ok_or_else(|| found(node))
}

/// The amount, if it is not negative.
pub(super) fn not_negative(node: &Node, amount: i64) -> Result<i64, String> {
    if amount < 0 { Err(found(node)) } else { Ok(amount) }
}

/// One of the words.
pub(super) fn choice(node: &Node, words: &[&'static str]) -> Result<&'static str, String> {
    node.text().and_then(|text| words.iter().find(|word| **word == text)).copied().ok_or_else(|| found(node))
}

/// The name, if it is one of `names`.
pub(super) fn known(node: &Node, name: String, names: &[&str]) -> Result<String, String> {
    if names.contains(&name.as_str()) { Ok(name) } else { Err(found(node)) }
}

/// `yesterday` or a day of the calendar.
pub(super) fn as_of(node: &Node) -> Result<AsOf, String> {
    node.text().and_then(AsOf::parse).ok_or_else(|| found_for_day(node))
}

/// A day of the calendar.
pub(super) fn date(node: &Node) -> Result<Day, String> {
    node.text().and_then(parse_day).ok_or_else(|| found_for_day(node))
}

/// What was found instead of a day, with a remark for a day such as 30 February.
fn found_for_day(node: &Node) -> String {
    let digits = |text: &str| text.chars().map(|character| if character.is_ascii_digit() { '0' } else { character }).collect::<String>();
    let is_date_like = node.text().is_some_and(|text| digits(text) == "0000-00-00");
    format!("{}{}", found(node), if is_date_like { ", which is not in the calendar" } else { "" })
}

/// A name of lower-case letters, digits and `_`.
pub(super) fn name(node: &Node) -> Result<String, String> {
    let is_letter = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
    // Names become names of tables and folders.
    node.text().filter(|text| (1..=100).contains(&text.len()) && text.bytes().all(is_letter)).map(str::to_owned).ok_or_else(|| found(node))
}

/// A zone of the database compiled into the program, so that the same version gives the same days on every machine.
pub(super) fn timezone(node: &Node) -> Result<TimeZone, String> {
    let is_named = |zone: &TimeZone| zone.iana_name().is_some() && !zone.is_unknown();
    node.text().and_then(|text| TimeZoneDatabase::bundled().get(text).ok()).filter(is_named).ok_or_else(|| found(node))
}

/// The names of all zones.
pub(super) fn timezones() -> Vec<String> {
    TimeZoneDatabase::bundled().available().map(|name| name.as_str().to_owned()).collect()
}

/// Replaces each `${NAME}` by the value of the environment variable; an error for each that is not set.
pub(super) fn expand(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<String, Vec<String>> {
    let mut expanded = String::new();
    let mut errors = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        expanded.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            errors.push("has an opening `${` that nothing closes".to_owned());
            return Err(errors);
        };
        let is_name = !name.starts_with(|first: char| first.is_ascii_digit())
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match environment(name).filter(|_| is_name) {
            Some(value) => expanded.push_str(&value),
            None if is_name => errors.push(format!("needs the environment variable `{name}`, which is not set")),
            None => errors.push(format!("has `${{{name}}}`, which is not the name of an environment variable")),
        }
        rest = behind;
    }
    expanded.push_str(rest);
    if errors.is_empty() { Ok(expanded) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tree::{SourceLocation, parse};
    use super::*;
    use crate::spec::period;

    fn node(yaml: &str) -> Node {
        parse(yaml, &|line, column| SourceLocation::File { line, column }).unwrap()
    }

    #[test]
    fn amounts_are_exact() {
        for (yaml, fen) in
            [("0", 0), ("199.9", 19_990), ("199.90", 19_990), ("-0.05", -5), ("0.29", 29), ("90000000000000000", 9_000_000_000_000_000_000)]
        {
            assert_eq!(amount(&node(yaml)), Ok(fen), "{yaml}");
        }
        for yaml in ["1.999", "1,5", "1.", ".5", "1e3", "\"5\"", "--5", "92233720368547758.08", "[1]", "~"] {
            assert!(amount(&node(yaml)).is_err(), "{yaml}");
        }
    }

    #[test]
    fn numbers_keep_their_bounds() {
        assert_eq!(integer(&node("7"), 1, 10), Ok(7));
        assert_eq!(integer(&node("0"), 1, 10), Err("`0`".to_owned()));
        assert_eq!(integer(&node("\"7\""), 1, 10), Err("the text \"7\"".to_owned()));
        assert_eq!(integer(&node("7.0"), 1, 10), Err("`7.0`".to_owned()));
        assert_eq!(number(&node("1e-3"), 0.0, 1.0), Ok(0.001));
        assert_eq!(number(&node("-0.0"), 0.0, 1.0).map(f64::to_bits), Ok(0));
        for yaml in ["nan", ".nan", "inf", "infinity", "1e999", "0x1", "-0.1", "1.1"] {
            assert!(number(&node(yaml), 0.0, 1.0).is_err(), "{yaml}");
        }
    }

    #[test]
    fn days_are_days_of_the_calendar() {
        assert_eq!(as_of(&node("2026-11-21")), Ok(AsOf::Date(period::day_of(2026, 11, 21).unwrap())));
        assert_eq!(as_of(&node("\"2026-11-21\"")), as_of(&node("2026-11-21")));
        assert_eq!(as_of(&node("yesterday")), Ok(AsOf::Yesterday));
        assert_eq!(as_of(&node("2026-02-29")), Err("`2026-02-29`, which is not in the calendar".to_owned()));
        assert_eq!(as_of(&node("21.11.2026")), Err("`21.11.2026`".to_owned()));
        assert_eq!(as_of(&node("today")), Err("`today`".to_owned()));
    }

    #[test]
    fn environment_variables_are_replaced() {
        let environment = |name: &str| (name == "DATA").then(|| "/mnt/data".to_owned());
        assert_eq!(expand("${DATA}/orders", &environment), Ok("/mnt/data/orders".to_owned()));
        assert_eq!(expand("$DATA/a$b", &environment), Ok("$DATA/a$b".to_owned()));
        assert_eq!(
            expand("${A}/${B}/${DATA}", &environment),
            Err(vec![
                "needs the environment variable `A`, which is not set".to_owned(),
                "needs the environment variable `B`, which is not set".to_owned()
            ])
        );
        assert_eq!(expand("${DATA", &environment), Err(vec!["has an opening `${` that nothing closes".to_owned()]));
        assert_eq!(
            expand("${A:-b}", &environment),
            Err(vec!["has `${A:-b}`, which is not the name of an environment variable".to_owned()])
        );
    }

    #[test]
    fn what_was_found_fits_into_a_line() {
        assert_eq!(found(&node(&"长".repeat(100))), format!("`{}…`", "长".repeat(60)));
        assert_eq!(found(&node("|\n  a\n  b\n")), "the text \"a b \"");
        assert_eq!(found(&node("[]")), "an empty list");
        assert_eq!(found(&node("''")), "an empty text");
    }

    proptest! {
        #[test]
        fn every_amount_is_read_back(fen in any::<i64>()) {
            let magnitude = fen.unsigned_abs();
            let text = format!("{}{}.{:02}", if fen < 0 { "-" } else { "" }, magnitude / 100, magnitude % 100);
            // The least i64 has no positive counterpart to come from.
            prop_assume!(fen != i64::MIN);
            prop_assert_eq!(amount(&node(&text)), Ok(fen));
        }
    }
}
