//! What an expression may contain: constants, columns, operators and functions of one row.

use sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, CeilFloorKind, DataType, DateTimeField, ExactNumberInfo, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArguments, Interval, ObjectNamePart, Spanned, Subscript, TimezoneInfo, TypedString, UnaryOperator, Value,
    ValueWithSpan,
};

use super::functions::{MANY_ROWS, find, instead_of};
use super::refused::{Refused, Text};
use crate::spec::period::parse_day;

/// Returns the parts of an expression, if the expression itself is allowed.
///
/// # Errors
/// The reason why it is not.
pub(super) fn parts<'a>(node: &'a Expr, text: Text<'_>) -> Result<Vec<&'a Expr>, Refused> {
    use Expr::{
        Array, Between, BinaryOp, Case, Cast, Ceil, CompoundFieldAccess, CompoundIdentifier, Extract, Floor, ILike, Identifier, InList,
        IsDistinctFrom, IsFalse, IsNotDistinctFrom, IsNotFalse, IsNotNull, IsNotTrue, IsNotUnknown, IsNull, IsTrue, IsUnknown, Like,
        Nested, Position, RLike, Substring, Trim, UnaryOp,
    };
    match node {
        Identifier(_) | CompoundIdentifier(_) => Ok(Vec::new()),
        Expr::Value(value) => constant(value, text),
        Expr::TypedString(typed) => day_or_time(typed, text),
        Expr::Interval(interval) => duration(interval, text),
        Expr::Function(function) => arguments(function, text),
        Nested(part) | IsTrue(part) | IsNotTrue(part) | IsFalse(part) | IsNotFalse(part) | IsNull(part) | IsNotNull(part)
        | IsUnknown(part) | IsNotUnknown(part) => Ok(vec![part]),
        // The parser takes all that follows for the right side.
        IsDistinctFrom(_, right) | IsNotDistinctFrom(_, right)
            if matches!(**right, BinaryOp { op: BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Xor, .. }) =>
        {
            let what = format!("IS DISTINCT FROM before `{}`{} has AND or OR behind it", start(right, text), text.at(right.span().start));
            Err(Refused::new(what).help("put it in parentheses: (a IS DISTINCT FROM b) AND c"))
        }
        IsDistinctFrom(left, right) | IsNotDistinctFrom(left, right) => Ok(vec![left, right]),
        Between { expr, low, high, .. } => Ok(vec![expr, low, high]),
        BinaryOp { left, op, right } if is_operator(op) => match bare_day(left, op, right) {
            None => Ok(vec![left, right]),
            Some(day) => Err(Refused::new(format!("`{day}`{} is a number: a year less a month less a day", text.at(left.span().start)))
                .help(format!("a day is written DATE '{day}', and a time TIMESTAMP '{day} 10:00:00'"))),
        },
        BinaryOp { op, right, .. } => Err(Refused::new(format!("the operator `{op}` before `{}` is not known", start(right, text)))
            .help("there are + - * / // %, = <> < <= > >= <=>, AND OR NOT, ||, LIKE ILIKE RLIKE ~, IN BETWEEN IS; powers are POWER(a, b)")),
        UnaryOp { op: UnaryOperator::Plus | UnaryOperator::Minus | UnaryOperator::Not, expr } => Ok(vec![expr]),
        Like { any: false, expr, pattern, escape_char: None, .. } | ILike { any: false, expr, pattern, escape_char: None, .. } => {
            Ok(vec![expr, pattern])
        }
        RLike { expr, pattern, .. } => Ok(vec![expr, pattern]),
        InList { expr, list, .. } => elements(list, text).map(|_| vec![expr.as_ref()]),
        // Polars makes one for the whole batch, not one for each row.
        Array(array) => {
            let at = text.at(node.span().start);
            let what = if array.elem.is_empty() { "a list without elements" } else { "a list" };
            Err(Refused::new(format!("{what}{at} stands behind no IN")).help("lists are written as `column IN ('a', 'b')`"))
        }
        CompoundFieldAccess { root, access_chain } => match access_chain.as_slice() {
            [AccessExpr::Subscript(Subscript::Index { index })] => Ok(vec![root, index]),
            _ => Err(unknown(node, text)),
        },
        Cast { kind: CastKind::Cast | CastKind::TryCast | CastKind::SafeCast | CastKind::DoubleColon, expr, data_type, array, format } => {
            match (array, format) {
                (false, None) => kind(data_type).map(|()| vec![expr.as_ref()]),
                _ => Err(unknown(node, text).help("write CAST(column AS type), and STRPTIME(column, format) for days and times")),
            }
        }
        Case { operand, conditions, else_result, .. } => {
            let branches = conditions.iter().flat_map(|branch| [&branch.condition, &branch.result]);
            Ok(branches.chain(operand.as_deref()).chain(else_result.as_deref()).collect())
        }
        Ceil { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) }
        | Floor { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => Ok(vec![expr]),
        Ceil { .. } => Err(Refused::new("`CEIL` takes 1 argument").help(instead_of("CEIL"))),
        Floor { .. } => Err(Refused::new("`FLOOR` takes 1 argument").help(instead_of("FLOOR"))),
        Extract { field, expr, .. } => part_of_time(&field.to_string()).map(|()| vec![expr.as_ref()]),
        Position { expr, r#in } => Ok(vec![expr, r#in]),
        Substring { substring_from: Some(from), .. } if is_before_text(from) => {
            let what = format!("SUBSTR{} begins before the first letter, which is 1", text.at(from.span().start));
            Err(Refused::new(what).help("RIGHT(a, 2) gives the last 2 letters, and LEFT(a, 2) the first 2"))
        }
        Substring { expr, substring_from: Some(from), substring_for, .. } => {
            Ok([expr, from].into_iter().chain(substring_for).map(AsRef::as_ref).collect())
        }
        Trim { expr, trim_what, trim_characters: None, .. } => match trim_what.as_deref() {
            None | Some(Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(_), .. })) => Ok(vec![expr]),
            Some(_) => Err(Refused::new("TRIM takes characters off that are written as a text").help(instead_of("TRIM"))),
        },
        _ => Err(unknown(node, text)),
    }
}

/// The text of a whole number that is written.
fn digits(node: &Expr) -> Option<&str> {
    match node {
        Expr::Value(ValueWithSpan { value: Value::Number(number, _), .. }) => Some(number.as_str()),
        _ => None,
    }
}

/// The day that an operation reads as, where its quotes are missing: four digits less two less two.
fn bare_day(left: &Expr, operator: &BinaryOperator, right: &Expr) -> Option<String> {
    let (Expr::BinaryOp { left: year, op: BinaryOperator::Minus, right: month }, BinaryOperator::Minus) = (left, operator) else {
        return None;
    };
    let (year, month, day) = (digits(year)?, digits(month)?, digits(right)?);
    ([year.len(), month.len(), day.len()] == [4, 2, 2]).then(|| format!("{year}-{month}-{day}"))
}

/// The arguments of a function of one row.
fn arguments<'a>(function: &'a Function, text: Text<'_>) -> Result<Vec<&'a Expr>, Refused> {
    let [ObjectNamePart::Identifier(ident)] = function.name.0.as_slice() else {
        return Err(
            Refused::new("a function has a name with points in it").help("write the name of the function alone, such as ROUND(a, 2)")
        );
    };
    let (name, at) = (&ident.value, text.at(ident.span.start));
    if function.over.is_some() || MANY_ROWS.iter().any(|other| other.eq_ignore_ascii_case(name)) {
        let kind = if function.over.is_some() { "a window over" } else { "computed from" };
        return Err(Refused::new(format!("`{name}`{at} is {kind} many rows, and an expression sees one row at a time"))
            .help("compute it where the files are written; of the columns of one row there are GREATEST(a, b), LEAST(a, b), and a + b"));
    }
    let known = find(name).ok_or_else(|| Refused::new(format!("`{name}`{at} is not a function here")).help(instead_of(name)))?;
    let only_arguments = || Refused::new(format!("`{name}`{at} takes arguments, and nothing beside them")).help(instead_of(name));
    let has_more = function.filter.is_some()
        || function.null_treatment.is_some()
        || function.uses_odbc_syntax
        || !function.within_group.is_empty()
        || !matches!(function.parameters, FunctionArguments::None);
    let FunctionArguments::List(list) = &function.args else { return Err(only_arguments()) };
    if has_more || list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
        return Err(only_arguments());
    }
    let found: Option<Vec<&Expr>> = list.args.iter().map(plain).collect();
    let found = found.ok_or_else(only_arguments)?;
    let example = || format!("for example, {} is true", known.example);
    let (least, most) = (*known.arguments.start(), *known.arguments.end());
    if !known.arguments.contains(&found.len()) {
        let takes = match (least, most) {
            (least, usize::MAX) => format!("{least} or more"),
            (least, most) if least == most => least.to_string(),
            (least, most) => format!("{least} to {most}"),
        };
        let takes = format!("`{name}`{at} takes {takes} argument{}, and has {}", if takes == "1" { "" } else { "s" }, found.len());
        return Err(Refused::new(takes).help(example()));
    }
    if let (true, Some(Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(part), .. }))) =
        (known.name == "DATE_PART", found.first())
    {
        part_of_time(part)?;
    }
    if ["LPAD", "RPAD"].contains(&known.name) && !found.get(1).is_some_and(|length| is_padding(length)) {
        let cause = format!("the length that `{name}`{at} fills up to is not a number from 0 to {MOST_PADDED}");
        return Err(Refused::too_large(cause).help(example()));
    }
    Ok(found)
}

/// The most characters that LPAD and RPAD fill up to: Polars takes memory for any length that it is given.
const MOST_PADDED: u16 = 1_000;

/// Whether the expression is a constant length that texts can be filled up to.
fn is_padding(length: &Expr) -> bool {
    digits(length).and_then(|length| length.parse::<u16>().ok()).is_some_and(|length| length <= MOST_PADDED)
}

/// Whether a place is written that is 0 or less: databases do not agree on what SUBSTR gives from there.
fn is_before_text(place: &Expr) -> bool {
    match place {
        Expr::Nested(place) => is_before_text(place),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => matches!(**expr, Expr::Value(_)),
        place => digits(place).is_some_and(|place| place.parse() == Ok(0)),
    }
}

fn plain(argument: &FunctionArg) -> Option<&Expr> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
        _ => None,
    }
}

/// The elements of a list: Polars accepts constants only.
fn elements<'a>(list: &'a [Expr], text: Text<'_>) -> Result<Vec<&'a Expr>, Refused> {
    let is_constant = |element: &&Expr| match element {
        Expr::Value(_) | Expr::TypedString(_) => true,
        Expr::UnaryOp { op: UnaryOperator::Plus | UnaryOperator::Minus, expr } | Expr::Cast { expr, .. } => {
            matches!(**expr, Expr::Value(_))
        }
        _ => false,
    };
    for element in list {
        if !is_constant(&element) {
            return Err(Refused::new(format!("`{}` in a list is not a constant", start(element, text)))
                .help("lists hold texts and numbers; compare columns by OR: a = b OR a = c"));
        }
        // One level: none of these has more.
        parts(element, text)?.into_iter().try_for_each(|part| parts(part, text).map(|_| ()))?;
    }
    Ok(Vec::new())
}

fn constant<'a>(value: &ValueWithSpan, text: Text<'_>) -> Result<Vec<&'a Expr>, Refused> {
    let at = text.at(value.span.start);
    match &value.value {
        Value::Number(digits, _) => {
            let is_read = if digits.contains('.') { digits.parse::<f64>().is_ok() } else { digits.parse::<i64>().is_ok() };
            let refused = || Refused::new(format!("the number `{digits}`{at} is neither whole, of at most 18 digits, nor has it a point"));
            if is_read { Ok(Vec::new()) } else { Err(refused().help("write all digits, such as 100000 or 0.00001")) }
        }
        Value::Boolean(_) | Value::Null | Value::SingleQuotedString(_) | Value::DollarQuotedString(_) => Ok(Vec::new()),
        Value::Placeholder(name) => Err(Refused::new(format!("`{name}`{at} is not a column"))
            .help("`$row` stands alone, as the whole of a column; other names are those of the files")),
        other => Err(Refused::new(format!("the constant `{other}`{at} is not known")).help("write a number, or a text in single quotes")),
    }
}

/// `DATE '2026-01-31'`: Polars makes null of a day that no calendar has.
fn day_or_time<'a>(typed: &TypedString, text: Text<'_>) -> Result<Vec<&'a Expr>, Refused> {
    let at = text.at(typed.value.span.start);
    let Value::SingleQuotedString(written) = &typed.value.value else {
        return Err(Refused::new(format!("{} before a constant{at} needs single quotes", typed.data_type)));
    };
    let day = match typed.data_type {
        DataType::Date => Some(written.as_str()),
        DataType::Timestamp(..) | DataType::Datetime(_) => Some(written.get(..10).unwrap_or(written)),
        DataType::Time(..) => None,
        _ => {
            let what = format!("{} before a constant{at} is not known", typed.data_type);
            return Err(Refused::new(what).help("there are DATE, TIME and TIMESTAMP; otherwise write CAST('…' AS type)"));
        }
    };
    match day {
        Some(day) if parse_day(day).is_none() => {
            Err(Refused::new(format!("{} '{written}'{at} is not a day of the calendar", typed.data_type))
                .help("write the day as DATE '2026-01-31', and the time as TIMESTAMP '2026-01-31 14:30:00'"))
        }
        _ => Ok(Vec::new()),
    }
}

fn duration<'a>(interval: &'a Interval, text: Text<'_>) -> Result<Vec<&'a Expr>, Refused> {
    let refused = |at: String| {
        Refused::new(format!("the INTERVAL{at} is not one that is known"))
            .help("write it as a text, such as INTERVAL '7 days' or INTERVAL '1 month'")
    };
    let Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(written), span }) = interval.value.as_ref() else {
        return Err(refused(String::new()));
    };
    // Polars panics over a text that it cannot parse.
    if interval.leading_field.is_some() || polars::prelude::Duration::try_parse_interval(written).is_err() {
        return Err(refused(text.at(span.start)));
    }
    Ok(Vec::new())
}

/// Checks that a column may be cast to a type. Polars refuses the types that it does not have, but panics over these.
fn kind(data_type: &DataType) -> Result<(), Refused> {
    use DataType::{BigDecimal, Dec, Decimal, HugeInt, Int128, Numeric, Time, Timestamp, UHugeInt};
    match data_type {
        Timestamp(_, TimezoneInfo::Tz | TimezoneInfo::WithTimeZone) | Time(_, TimezoneInfo::Tz | TimezoneInfo::WithTimeZone) => {
            Err(Refused::new(format!("the type {data_type} is not known")).help(ZONES))
        }
        Int128 | HugeInt | UHugeInt => {
            Err(Refused::new(format!("the type {data_type} is not known")).help("the largest whole numbers are BIGINT"))
        }
        Decimal(size) | Numeric(size) | Dec(size) | BigDecimal(size) => {
            let (digits, decimals) = match size {
                ExactNumberInfo::None => (38, 9),
                ExactNumberInfo::Precision(digits) => (*digits, 0),
                ExactNumberInfo::PrecisionAndScale(digits, decimals) => (*digits, *decimals),
            };
            let is_known = (1..=38).contains(&digits) && u64::try_from(decimals).is_ok_and(|decimals| decimals <= digits);
            let refused = || Refused::new(format!("the type {data_type} is not known")).help("money is DECIMAL(18, 2): at most 38 digits");
            if is_known { Ok(()) } else { Err(refused()) }
        }
        _ => Ok(()),
    }
}

/// The parts of a day or time that EXTRACT and DATE_PART give.
const PARTS: [&str; 19] = [
    "century",
    "day",
    "decade",
    "dow",
    "doy",
    "epoch",
    "hour",
    "isodow",
    "isoweek",
    "isoyear",
    "microsecond",
    "millennium",
    "millisecond",
    "minute",
    "month",
    "quarter",
    "second",
    "week",
    "year",
];

fn part_of_time(part: &str) -> Result<(), Refused> {
    let is_known = PARTS.iter().any(|known| known.eq_ignore_ascii_case(part));
    if is_known {
        Ok(())
    } else {
        Err(Refused::new(format!("`{part}` is not a part of a day or time")).help(format!("there are {}", PARTS.join(", "))))
    }
}

fn is_operator(operator: &BinaryOperator) -> bool {
    use BinaryOperator::{
        And, BitwiseAnd, BitwiseOr, Divide, DuckIntegerDivide, Eq, Gt, GtEq, Lt, LtEq, Minus, Modulo, Multiply, NotEq, Or, PGILikeMatch,
        PGLikeMatch, PGNotILikeMatch, PGNotLikeMatch, PGRegexIMatch, PGRegexMatch, PGRegexNotIMatch, PGRegexNotMatch, PGStartsWith, Plus,
        Spaceship, StringConcat, Xor,
    };
    let of_numbers = matches!(operator, Plus | Minus | Multiply | Divide | DuckIntegerDivide | Modulo | BitwiseAnd | BitwiseOr);
    let compares = matches!(operator, Eq | NotEq | Spaceship | Gt | GtEq | Lt | LtEq | And | Or | Xor);
    let of_texts = matches!(operator, StringConcat | PGStartsWith | PGLikeMatch | PGNotLikeMatch | PGILikeMatch | PGNotILikeMatch);
    of_numbers || compares || of_texts || matches!(operator, PGRegexMatch | PGRegexNotMatch | PGRegexIMatch | PGRegexNotIMatch)
}

/// How a job declares zones, instead of in SQL.
const ZONES: &str = "times have no zone in SQL: those of a column or text that names one are converted to the job's timezone before, \
                     also by CAST(… AS TIMESTAMP); whose clock others show is said by the key `times` of the input, such as `times: utc`";

/// The first word of an expression.
fn start(node: &Expr, text: Text<'_>) -> String {
    text.word(node.span().start)
}

/// SQL that expressions do not have.
fn unknown(node: &Expr, text: Text<'_>) -> Refused {
    let (word, at) = (start(node, text), text.at(node.span().start));
    match node {
        Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => {
            Refused::new(format!("a query begins{}, and an expression sees one row at a time", text.at(query(node))))
                .help("write the values as a list, such as `channel IN ('web', 'app')`")
        }
        Expr::AnyOp { .. } | Expr::AllOp { .. } => {
            Refused::new(format!("ANY and ALL{at} look at many rows, and an expression sees one row at a time"))
                .help("write the values as a list, such as `channel IN ('web', 'app')`")
        }
        Expr::AtTimeZone { .. } => {
            Refused::new(format!("AT TIME ZONE behind `{word}`{at} is SQL that expressions do not have")).help(ZONES)
        }
        _ => Refused::new(format!("`{word}`{at} is SQL that expressions do not have")).help(instead_of(&word)),
    }
}

/// Where the query within an expression begins.
fn query(node: &Expr) -> sqlparser::tokenizer::Location {
    match node {
        Expr::InSubquery { subquery, .. } | Expr::Exists { subquery, .. } | Expr::Subquery(subquery) => subquery.span().start,
        _ => node.span().start,
    }
}
