//! Ids that pass through floats: whole numbers that a float does not hold exactly are refused, since different ids become the same.

use std::sync::Arc;

use super::roots::settled;
use crate::input::values::id_text::{DOUBLE, SINGLE};
use polars::prelude::{
    Column, DataType, DataTypeExpr, Expr, Float64Chunked, FunctionExpr, IntoColumn, PlSmallStr, PolarsError, PolarsResult, StringFunction,
};

/// The expression of an id, in which columns of floats, and floats that are cast to other types, are refused where they are not exact or
/// have a fraction; a float that is not a number is null, and so is a CONCAT of parts of which one is null. A part that the job casts to
/// text itself may have a fraction: the price of a line that is known by its price is no id, and its text keeps it.
pub(super) fn exact(expression: Expr) -> Expr {
    match expression {
        // CONCAT makes texts of floats by itself, and skips null: rows without an id would all have the same one.
        Expr::Function { input, function: FunctionExpr::StringExpr(StringFunction::ConcatHorizontal { delimiter, .. }) } => {
            concatenation(input.into_iter().map(part).collect(), delimiter)
        }
        expression => expression.map_expr(exact_node),
    }
}

/// A part of the CONCAT that an id is.
fn part(expression: Expr) -> Expr {
    match expression {
        Expr::Cast { expr, dtype: DataTypeExpr::Literal(dtype), options } if dtype.is_string() => {
            let value = checked(exact(Arc::unwrap_or_clone(expr)));
            Expr::Cast { expr: Arc::new(value), dtype: DataTypeExpr::Literal(dtype), options }
        }
        expression => checked_whole(exact(expression)),
    }
}

fn exact_node(node: Expr) -> Expr {
    match node {
        Expr::Cast { expr, dtype: DataTypeExpr::Literal(dtype), options } if !dtype.is_float() => {
            let check = if dtype.is_integer() || dtype.is_string() { checked_whole } else { checked };
            let value = check(Arc::unwrap_or_clone(expr));
            Expr::Cast { expr: Arc::new(value), dtype: DataTypeExpr::Literal(dtype), options }
        }
        Expr::Function { input, function: FunctionExpr::StringExpr(StringFunction::ConcatHorizontal { delimiter, .. }) } => {
            concatenation(input.into_iter().map(checked_whole).collect(), delimiter)
        }
        Expr::Column(_) => checked(node),
        node => node,
    }
}

/// A CONCAT that is null where a part is.
fn concatenation(input: Vec<Expr>, delimiter: PlSmallStr) -> Expr {
    Expr::Function { input, function: FunctionExpr::StringExpr(StringFunction::ConcatHorizontal { delimiter, ignore_nulls: false }) }
}

fn checked(value: Expr) -> Expr {
    value.map(check, |_, field| settled(field))
}

fn checked_whole(value: Expr) -> Expr {
    checked(value).map(whole, |_, field| settled(field))
}

/// Refuses floats with a fraction: a cast to an integer would drop it, so that 1.5 and 1 would be one id, and as a text it is none.
fn whole(column: Column) -> PolarsResult<Column> {
    if !column.dtype().is_float() {
        return Ok(column);
    }
    let floats = column.cast(&DataType::Float64)?;
    match floats.f64()?.iter().flatten().find(|value| value.is_finite() && value.fract() != 0.0) {
        None => Ok(column),
        Some(value) => {
            let what = format!("an id is the float {value}, which is not a whole number: it is not an id, map another column");
            Err(PolarsError::ComputeError(what.into()))
        }
    }
}

/// Refuses floats that have lost digits, and makes those that are no number null, as pandas writes a missing id.
fn check(column: Column) -> PolarsResult<Column> {
    let exact = match column.dtype() {
        DataType::Float64 => DOUBLE,
        DataType::Float32 => SINGLE,
        _ => return Ok(column),
    };
    let floats = column.cast(&DataType::Float64)?;
    let floats = floats.f64()?;
    match floats.iter().flatten().find(|value| value.abs() >= exact.below as f64) {
        None if floats.iter().flatten().any(f64::is_nan) => {
            let numbers: Float64Chunked = floats.iter().map(|value| value.filter(|value| !value.is_nan())).collect();
            numbers.with_name(column.name().clone()).into_column().cast(column.dtype())
        }
        None => Ok(column),
        Some(value) => Err(PolarsError::ComputeError(
            format!(
                "an id is the float {value}, and floats of {} and more have lost their last digits, so that different ids are the \
                 same: write the file anew with ids as text or integers",
                exact.shown
            )
            .into(),
        )),
    }
}
