//! Cells to values: ids, money, counts, scores, flags, texts. A message quotes what cannot be read, as far as redaction allows.

use super::redaction::redacted;
use super::row::{Cell, plain};
use super::time;
use crate::input::declared::columns::InputKind;
use crate::input::values::decimal::Decimal;
use crate::input::values::id_text::{is_rounded, whole};
use crate::metric::ratio::in_units_of;

/// A value of an input column.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Null.
    #[default]
    Null,
    /// An id or a text.
    Text(String),
    /// Money in fen, a time in microseconds, a count, or a flag as 0 or 1.
    Integer(i64),
    /// A score.
    Number(f64),
}

impl Value {
    /// The integer; `None` for other values.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Value::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The text; `None` for other values.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads a cell as a value of a kind.
///
/// # Errors
/// What was found and what was expected.
pub fn read(cell: &Cell, kind: InputKind) -> Result<Value, String> {
    let integer = |value: Option<i64>| value.map_or(Value::Null, Value::Integer);
    match kind {
        InputKind::Id => id(cell),
        InputKind::Text => Ok(text(cell).map_or(Value::Null, Value::Text)),
        InputKind::Money => amount(cell).map(integer),
        InputKind::Time => time::time(cell).map(integer),
        InputKind::Count => count(cell).map(integer),
        InputKind::Flag => flag(cell).map(integer),
        InputKind::Score => score(cell).map(|value| value.map_or(Value::Null, Value::Number)),
    }
}

/// A text; `None` for an empty cell or a dash.
pub fn text(cell: &Cell) -> Option<String> {
    let text = cell.shown();
    let is_nothing = matches!(text.as_str(), "" | "-" | "--" | "null" | "NULL");
    (!is_nothing).then(|| text.replace(char::is_control, " "))
}

/// An id. A spreadsheet keeps 15 digits of a number, so ids of 16 and more that were saved as numbers have lost digits and are refused.
fn id(cell: &Cell) -> Result<Value, String> {
    match cell {
        Cell::Number(number) if number.abs() >= 1e15 => {
            Err("a spreadsheet program kept 15 digits of this number, the others are lost; export it anew and import that file".to_owned())
        }
        Cell::Text(text) if is_rounded(plain(text)) => {
            Err("a spreadsheet program rounded this number; export it anew and import that file".to_owned())
        }
        Cell::Fault(text) => Err(format!("{}: an id is expected", redacted(text))),
        _ => Ok(text(cell).map_or(Value::Null, |text| Value::Text(whole(&text).to_owned()))),
    }
}

/// An amount in fen, rounded half to even on its digits; `None` for another text.
fn fen(text: &str) -> Option<i64> {
    Decimal::parse(text)?.fen()
}

/// An amount of money in fen; `None` for an empty cell or a text that says that no refund was requested.
pub fn amount(cell: &Cell) -> Result<Option<i64>, String> {
    let wrong = |text: &str| format!("{}: an amount in units of the currency is expected", redacted(text));
    match cell {
        Cell::Empty => Ok(None),
        Cell::Number(number) => fen(&number.to_string()).map(Some).ok_or_else(|| wrong(&number.to_string())),
        Cell::Text(text) => {
            let text = plain(text);
            let bare = text.trim_start_matches(['￥', '¥']).trim_end_matches('元').trim();
            match bare {
                "" | "-" | "--" | "无" | "null" | "NULL" | "无退款申请" | "没有申请退款" | "无退款" => Ok(None),
                _ => fen(bare).map(Some).ok_or_else(|| wrong(text)),
            }
        }
        Cell::Time(_) | Cell::Fault(_) => Err(wrong(&cell.shown())),
    }
}

/// A whole number; decimals that are zero are allowed.
fn count(cell: &Cell) -> Result<Option<i64>, String> {
    let wrong = |text: &str| format!("{}: a whole number is expected", redacted(text));
    let whole = |text: &str| {
        let thousandths = Decimal::parse(text)?.rounded(3)?;
        i64::try_from(thousandths / 1_000).ok().filter(|_| thousandths % 1_000 == 0).map(Some)
    };
    match cell {
        Cell::Empty => Ok(None),
        Cell::Number(number) => whole(&number.to_string()).ok_or_else(|| wrong(&number.to_string())),
        Cell::Text(text) => match plain(text) {
            "" | "-" | "--" | "null" | "NULL" => Ok(None),
            text => whole(text).ok_or_else(|| wrong(text)),
        },
        Cell::Time(_) | Cell::Fault(_) => Err(wrong(&cell.shown())),
    }
}

/// A number; a percentage is divided by 100.
fn score(cell: &Cell) -> Result<Option<f64>, String> {
    let wrong = |text: &str| format!("{}: a number is expected", redacted(text));
    match cell {
        Cell::Empty => Ok(None),
        Cell::Number(number) => Ok(Some(*number)),
        Cell::Text(text) => match plain(text) {
            "" | "-" | "--" | "null" | "NULL" => Ok(None),
            text => {
                let (digits, unit) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits, 100.0));
                let is_number = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b','));
                let number = digits.replace(',', "").parse::<f64>().ok().filter(|_| is_number);
                number.map(|number| Some(in_units_of(unit, number))).ok_or_else(|| wrong(text))
            }
        },
        Cell::Time(_) | Cell::Fault(_) => Err(wrong(&cell.shown())),
    }
}

/// Yes or no.
fn flag(cell: &Cell) -> Result<Option<i64>, String> {
    match cell.shown().to_lowercase().as_str() {
        "" | "-" | "--" | "null" => Ok(None),
        "是" | "true" | "1" | "yes" | "y" => Ok(Some(1)),
        "否" | "false" | "0" | "no" | "n" => Ok(Some(0)),
        text => Err(format!("{}: 是 or 否, true or false, 1 or 0 is expected", redacted(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fen(text: &str) -> Result<Option<i64>, String> {
        amount(&Cell::Text(text.to_owned()))
    }

    #[test]
    fn amounts_in_the_forms_that_exports_have() {
        for text in ["1234.50", "1,234.50", "￥1,234.5", "¥ 1234.50", "1234.50元", "1234.5 元", "=\"1234.50\"", "'1234.5", "+1234.500"]
        {
            assert_eq!(fen(text), Ok(Some(123_450)), "{text}");
        }
        for text in ["", "-", "--", "无退款申请", "没有申请退款", "null"] {
            assert_eq!(fen(text), Ok(None), "{text}");
        }
        assert_eq!(fen("0.00"), Ok(Some(0)));
        assert_eq!(fen("-3"), Ok(Some(-300)));
        assert_eq!(fen(".5"), Ok(Some(50)));
        for text in ["12,34", "1.2.3", "abc", "190.25万", "1e5", "-", "99999999999999999999"].iter().filter(|text| **text != "-") {
            assert!(fen(text).is_err(), "{text}");
        }
    }

    #[test]
    fn more_decimals_round_half_to_even() {
        assert_eq!([fen("0.125"), fen("0.135"), fen("0.1251"), fen("-0.135")], [Ok(Some(12)), Ok(Some(14)), Ok(Some(13)), Ok(Some(-14))]);
        // 18.9 as a spreadsheet stores it after an addition.
        assert_eq!(amount(&Cell::Number(18.900_000_000_000_002)), Ok(Some(1_890)));
        assert!(amount(&Cell::Number(f64::INFINITY)).is_err());
    }

    #[test]
    fn ids_that_a_spreadsheet_rounded_are_refused() {
        let read = |cell: Cell| read(&cell, InputKind::Id);
        assert_eq!(read(Cell::Text("=\"1234567890123456789\"".to_owned())), Ok(Value::Text("1234567890123456789".to_owned())));
        assert_eq!(read(Cell::Number(123.0)), Ok(Value::Text("123".to_owned())));
        assert!(read(Cell::Number(1_234_567_890_123_456_789.0)).is_err());
        for text in ["1.23457E+17", "4.0e18", "4.00E+18", "4e+18", "4000000000000000000.00"] {
            assert!(read(Cell::Text(text.to_owned())).is_err(), "{text}");
        }
        for (text, id) in [
            ("12E7", "12E7"),
            ("4e18", "4e18"),
            ("58501149.00", "58501149"),
            ("2.0", "2"),
            ("0.0", "0"),
            ("1E5", "1E5"),
            ("1.2.0", "1.2.0"),
        ] {
            assert_eq!(read(Cell::Text(text.to_owned())), Ok(Value::Text(id.to_owned())));
        }
        assert_eq!(read(Cell::Text("E+".to_owned())), Ok(Value::Text("E+".to_owned())));
    }

    #[test]
    fn counts_scores_and_flags() {
        let read = |text: &str, kind| read(&Cell::Text(text.to_owned()), kind);
        assert_eq!(read("2,146", InputKind::Count), Ok(Value::Integer(2_146)));
        assert_eq!(read("3.0", InputKind::Count), Ok(Value::Integer(3)));
        assert!(read("3.5", InputKind::Count).is_err());
        assert_eq!(read("12.5%", InputKind::Score), Ok(Value::Number(0.125)));
        assert_eq!(read("4.8", InputKind::Score), Ok(Value::Number(4.8)));
        assert!(read("inf", InputKind::Score).is_err());
        assert_eq!((read("是", InputKind::Flag), read("0", InputKind::Flag)), (Ok(Value::Integer(1)), Ok(Value::Integer(0))));
        assert!(read("maybe", InputKind::Flag).is_err());
    }
}
