//! How long the texts become that an expression makes: a few words can ask for all memory, such as a REPLACE of each letter by a long text
//! within another one.

use std::ops::Add;

use sqlparser::ast::{BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned, Value, ValueWithSpan};

use super::allowed;
use super::refused::{Refused, Text};

/// The most bytes of a text that an expression makes of the texts that are written in it.
const MOST_OWN: u64 = 10_000;
/// The most times that a text may be as long as those of the columns.
const MOST_TIMES: u64 = 10_000;
/// Bytes of a number or time as a text.
const SCALAR: u64 = 40;
/// Bytes that a letter becomes at most by NORMALIZE, and the count of a format by STRFTIME: `%c` is a whole day and time.
const NORMALIZED: u64 = 11;
const FORMATTED: u64 = 32;
/// Bytes of an element of a list, for each byte of its text.
const ELEMENT: u64 = 16;
/// Bytes of a letter.
const LETTER: u64 = 4;

/// The most bytes of a value: `own` of what is written in the expression, and `times` those that the columns of the row have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Growth {
    pub own: u64,
    pub times: u64,
}

impl Add for Growth {
    type Output = Growth;

    fn add(self, other: Growth) -> Growth {
        Growth { own: self.own.saturating_add(other.own), times: self.times.saturating_add(other.times) }
    }
}

impl Growth {
    fn max(self, other: Growth) -> Growth {
        Growth { own: self.own.max(other.own), times: self.times.max(other.times) }
    }

    fn by(self, factor: u64) -> Growth {
        Growth { own: self.own.saturating_mul(factor), times: self.times.saturating_mul(factor) }
    }
}

/// The bytes of all texts that are made on the way to the value of an expression for a row.
///
/// # Errors
/// A text that may become too long, and where it is made.
pub(super) fn all(expression: &Expr, text: Text<'_>) -> Result<Growth, Refused> {
    let mut all = Growth::default();
    value(expression, text, &mut all)?;
    Ok(all)
}

fn value(node: &Expr, text: Text<'_>, all: &mut Growth) -> Result<Growth, Refused> {
    let parts = allowed::parts(node, text)?.into_iter().map(|part| value(part, text, all)).collect::<Result<Vec<_>, _>>()?;
    let sum = parts.iter().copied().fold(Growth::default(), Growth::add);
    let first = parts.first().copied().unwrap_or_default();
    let none = Growth::default();
    let (value, is_made) = match node {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => (Growth { own: 0, times: 1 }, false),
        Expr::Value(ValueWithSpan { value, .. }) => (Growth { own: length(value), times: 0 }, false),
        Expr::TypedString(_) | Expr::Interval(_) => (Growth { own: SCALAR, times: 0 }, false),
        Expr::Function(function) => {
            let (value, beside) = of_function(function, &parts, text)?;
            *all = *all + beside;
            (value, true)
        }
        Expr::BinaryOp { op: BinaryOperator::StringConcat | BinaryOperator::Plus, .. } => (sum, true),
        Expr::Case { .. } => (parts.iter().copied().fold(none, Growth::max), true),
        Expr::Cast { .. } => (first + Growth { own: SCALAR, times: 0 }, true),
        Expr::Nested(_) | Expr::UnaryOp { .. } => (first, false),
        Expr::Substring { .. } | Expr::Trim { .. } | Expr::CompoundFieldAccess { .. } => (first, true),
        // Numbers, times, true and false.
        _ => (none, false),
    };
    let at = || text.at(node.span().start);
    if value.own > MOST_OWN {
        let what = match node {
            Expr::Value(_) => format!("the text{} has {} bytes, {MOST_OWN} at most", at(), value.own),
            _ => format!("what begins{} makes texts of {} bytes of those in the expression, {MOST_OWN} at most", at(), value.own),
        };
        return Err(Refused::too_large(what).help("write longer texts into a column of the files"));
    }
    if value.times > MOST_TIMES {
        let what = format!("what begins{} can make a text {} times as long as it was, {MOST_TIMES} at most", at(), value.times);
        return Err(
            Refused::too_large(what).help("REPLACE fewer letters by long texts within each other, or do it where the files are written")
        );
    }
    if is_made {
        *all = *all + value;
    }
    Ok(value)
}

fn length(value: &Value) -> u64 {
    match value {
        Value::SingleQuotedString(text) => text.len() as u64,
        Value::DollarQuotedString(text) => text.value.len() as u64,
        _ => SCALAR,
    }
}

/// The value of a function, and what it takes beside it.
fn of_function(function: &Function, parts: &[Growth], text: Text<'_>) -> Result<(Growth, Growth), Refused> {
    let none = Growth::default();
    let part = |place: usize| parts.get(place).copied().unwrap_or_default();
    let sum = parts.iter().copied().fold(none, Growth::add);
    let written = |place: usize, what: &str| match part(place) {
        Growth { own, times: 0 } => Ok(own),
        _ => Err(Refused::new(format!("{what} of `{}`{} is not written in the expression", function.name, text.at(function.span().start)))
            .help("write it as a text in single quotes, and several by CASE WHEN … THEN …")),
    };
    Ok(match function.name.to_string().to_uppercase().as_str() {
        "REPLACE" => {
            let new = written(2, "the new text")?;
            let factor = match argument(function, 1).map_or(0, |old| old.len() as u64) {
                // Before each letter, and behind the last one.
                0 => new.saturating_add(1),
                old => new.div_ceil(old).max(1),
            };
            (part(0).by(factor) + Growth { own: new, times: 0 }, none)
        }
        "ARRAY_TO_STRING" => {
            let between = written(1, "the text between the elements")?.saturating_add(if parts.len() > 2 {
                written(2, "the text for null")?
            } else {
                0
            });
            (part(0).by(between.saturating_add(1)) + Growth { own: between, times: 0 }, none)
        }
        "STRING_TO_ARRAY" => (part(0), part(0).by(ELEMENT)),
        "SPLIT_PART" => (part(0), part(0).by(ELEMENT)),
        "LPAD" | "RPAD" => {
            let length = number(function, 1).unwrap_or(0);
            (part(0) + Growth { own: length.saturating_mul(LETTER), times: 0 }, none)
        }
        "NORMALIZE" => (part(0).by(NORMALIZED), none),
        "STRFTIME" => (part(1).by(FORMATTED), none),
        "GREATEST" | "LEAST" | "COALESCE" | "IF" | "IFNULL" | "NULLIF" => (parts.iter().copied().fold(none, Growth::max), none),
        "LEFT" | "RIGHT" | "LTRIM" | "RTRIM" | "UPPER" | "LOWER" | "REVERSE" | "ARRAY_GET" => (part(0), none),
        "CONCAT_WS" => (sum + part(0).by(parts.len() as u64), none),
        "CONCAT" => (sum, none),
        _ => (sum, none),
    })
}

fn constant(function: &Function, place: usize) -> Option<&Value> {
    let FunctionArguments::List(list) = &function.args else { return None };
    match list.args.get(place)? {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(ValueWithSpan { value, .. }))) => Some(value),
        _ => None,
    }
}

/// An argument that is written as a text.
pub(super) fn argument(function: &Function, place: usize) -> Option<&str> {
    match constant(function, place)? {
        Value::SingleQuotedString(text) => Some(text),
        _ => None,
    }
}

fn number(function: &Function, place: usize) -> Option<u64> {
    match constant(function, place)? {
        Value::Number(digits, _) => digits.parse().ok(),
        _ => None,
    }
}
