//! Texts of times that are compared as texts: letter by letter 2026-08-31T16:30:00Z comes before 2026-09-01, though the clock of the job
//! shows September by then. Such comparisons are refused where the texts show another clock than that of the expression.

use std::sync::Arc;

use jiff::tz::TimeZone;
use polars::prelude::{
    BooleanFunction, Column, DataType, Expr, FunctionExpr, LiteralValue, Operator, PolarsError, PolarsResult, StringFunction,
};

use super::roots::{roots, settled};
use crate::input::times::clock::Clock;
use crate::input::times::time_text::{TextTime, offset, parse, split};
use crate::spec::iso_time;

/// The expression in which texts that name their zones are not compared with other texts unless they show the clock of `zone`.
pub(super) fn by_one_clock(expression: Expr, zone: &TimeZone) -> Expr {
    expression.map_expr(|node| match node {
        Expr::BinaryExpr { left, op, right } if is_comparison(op) && may_be_times([left.as_ref(), right.as_ref()].into_iter()) => {
            let checked = |side: Arc<Expr>| Arc::new(of_clock(Arc::unwrap_or_clone(side), zone));
            Expr::BinaryExpr { left: checked(left), op, right: checked(right) }
        }
        Expr::Function { input, function } if compares(&function) && may_be_times(input.iter()) => {
            let mut input = input;
            if let Some(text) = input.first_mut() {
                *text = of_clock(std::mem::take(text), zone);
            }
            Expr::Function { input, function }
        }
        node => node,
    })
}

/// Whether an operator compares its sides.
pub(super) fn is_comparison(operator: Operator) -> bool {
    use Operator::{Eq, EqValidity, Gt, GtEq, Lt, LtEq, NotEq, NotEqValidity};
    matches!(operator, Eq | EqValidity | NotEq | NotEqValidity | Lt | LtEq | Gt | GtEq)
}

fn compares(function: &FunctionExpr) -> bool {
    match function {
        FunctionExpr::Boolean(function) => matches!(function, BooleanFunction::IsBetween { .. } | BooleanFunction::IsIn { .. }),
        FunctionExpr::StringExpr(function) => {
            matches!(function, StringFunction::Contains { .. } | StringFunction::StartsWith | StringFunction::EndsWith)
        }
        _ => false,
    }
}

/// Whether what is compared may be times: it is, where a text is written in the expression, one with a digit that is no offset.
fn may_be_times<'e>(sides: impl Iterator<Item = &'e Expr>) -> bool {
    let literals =
        sides.flat_map(|side| side.into_iter()).filter_map(|node| if let Expr::Literal(value) = node { Some(value) } else { None });
    let mut texts = literals.flat_map(texts).peekable();
    let is_time = |text: String| text.contains(|letter: char| letter.is_ascii_digit()) && offset(&text).is_none();
    texts.peek().is_none() || texts.any(is_time)
}

fn texts(value: &LiteralValue) -> Vec<String> {
    match value {
        LiteralValue::Series(series) => series.str().map_or(Vec::new(), |texts| texts.iter().flatten().map(str::to_owned).collect()),
        value => value.extract_str().map(str::to_owned).into_iter().collect(),
    }
}

/// The text, refused where it is made of a time that shows another clock than that of `zone`.
fn of_clock(text: Expr, zone: &TimeZone) -> Expr {
    let roots = roots(&text);
    if roots.is_empty() {
        return text;
    }
    let zone = zone.clone();
    let check = move |columns: &mut [Column]| -> PolarsResult<Column> {
        let Some((text, roots)) = columns.split_first() else { return Err(PolarsError::NoData("a text".into())) };
        if text.dtype() == &DataType::String {
            let mut clock = Clock::new(zone.clone());
            for root in roots.iter().filter(|root| root.dtype() == &DataType::String && root.len() == text.len()) {
                for (text, whole) in text.str()?.iter().zip(root.str()?.iter()).filter_map(|(text, whole)| text.zip(whole)) {
                    if let Some(shown) = other_clock(text, whole, &mut clock) {
                        let what = format!(
                            "`{whole}` is compared as a text, and it is {shown} by the clock of this input: compare times, as in \
                             `CAST({} AS TIMESTAMP) >= TIMESTAMP '{shown}'`",
                            root.name()
                        );
                        return Err(PolarsError::ComputeError(what.into()));
                    }
                }
            }
        }
        Ok(text.clone())
    };
    text.map_many(check, &roots, |_, fields| settled(fields.first().ok_or_else(|| PolarsError::NoData("a text".into()))?))
}

/// What the clock shows at the moment of a text of which another one is a part, where it is not what the text shows.
fn other_clock(part: &str, whole: &str, clock: &mut Clock) -> Option<String> {
    let Some(TextTime::Moment(moment)) = parse(whole) else { return None };
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (part_digits, whole_digits) = (digits(part), digits(whole));
    if part_digits.is_empty() || !whole_digits.contains(&part_digits) || offset(part.trim()).is_some() {
        return None;
    }
    let shown = iso_time(clock.shows(moment)?);
    let bare = split(whole.trim()).map_or(whole, |(bare, _)| bare);
    let written = digits(bare.get(..19).unwrap_or(bare));
    (!digits(&shown).starts_with(&written)).then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_shows_another_clock_is_found_in_its_parts() {
        let mut clock = Clock::new(TimeZone::get("Asia/Shanghai").unwrap());
        let mut other = |part: &str, whole: &str| other_clock(part, whole, &mut clock);
        let utc = "2026-08-31T16:30:00Z";
        for part in [utc, "2026-08-31", "2026-08", "08", "2026-08-31T16:30:00"] {
            assert_eq!(other(part, utc).as_deref(), Some("2026-09-01 00:30:00"), "{part}");
        }
        assert_eq!(other("Z", utc), None);
        assert_eq!(other("+09:00", "2026-08-31 16:30:00+09:00"), None);
        // The clock of the job, with seconds and without.
        for own in ["2026-08-31 16:30:00+08:00", "2026-08-31T16:30+0800", "2026-08-31 16:30:00.25 +08", "2026-08-31 16:30:00 Asia/Shanghai"]
        {
            assert_eq!(other(own, own), None, "{own}");
        }
        assert_eq!(other("2026-08-31 16:30:00", "2026-08-31 16:30:00"), None);
    }
}
