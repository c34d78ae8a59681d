//! Ids that pass through floats: whole numbers that a float does not hold exactly are refused, since different ids become the same.

use std::sync::Arc;

use crate::input::id_text::{INEXACT, INEXACT_32};
use polars::prelude::{Column, DataType, DataTypeExpr, Expr, PolarsError, PolarsResult};

/// The expression of an id, in which columns of floats, and floats that are cast to other types, are refused where they are not exact.
pub(super) fn exact(expression: Expr) -> Expr {
    expression.map_expr(|node| match node {
        Expr::Cast { expr, dtype: DataTypeExpr::Literal(dtype), options } if !dtype.is_float() => {
            let value = checked(Arc::unwrap_or_clone(expr));
            let value = if dtype.is_integer() { value.map(whole, |_, field| Ok(field.clone())) } else { value };
            Expr::Cast { expr: Arc::new(value), dtype: DataTypeExpr::Literal(dtype), options }
        }
        Expr::Column(_) => checked(node),
        node => node,
    })
}

fn checked(value: Expr) -> Expr {
    value.map(check, |_, field| Ok(field.clone()))
}

/// Refuses floats whose fraction a cast to an integer would drop: 1.5 and 1 would be one id.
fn whole(column: Column) -> PolarsResult<Column> {
    if !column.dtype().is_float() {
        return Ok(column);
    }
    let floats = column.cast(&DataType::Float64)?;
    match floats.f64()?.iter().flatten().find(|value| value.is_finite() && value.fract() != 0.0) {
        None => Ok(column),
        Some(value) => {
            let what = format!("an id is the float {value}, which is not a whole number: map another column, or cast it to VARCHAR");
            Err(PolarsError::ComputeError(what.into()))
        }
    }
}

fn check(column: Column) -> PolarsResult<Column> {
    let (limit, power) = match column.dtype() {
        DataType::Float64 => (INEXACT as f64, "2^53 (9,007,199,254,740,992)"),
        DataType::Float32 => (INEXACT_32 as f64, "2^24 (16,777,216)"),
        _ => return Ok(column),
    };
    let floats = column.cast(&DataType::Float64)?;
    let inexact = floats.f64()?.iter().flatten().find(|value| value.abs() >= limit);
    match inexact {
        None => Ok(column),
        Some(value) => Err(PolarsError::ComputeError(
            format!(
                "an id is the float {value}, and floats of {power} and more have lost their last digits, so that different ids are the \
                 same: write the file anew with ids as text or integers"
            )
            .into(),
        )),
    }
}
