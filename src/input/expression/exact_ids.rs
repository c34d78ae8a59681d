//! Ids that pass through floats: whole numbers that a float does not hold exactly are refused, since different ids become the same.

use std::sync::Arc;

use crate::input::id_text::{DOUBLE, SINGLE};
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
    let exact = match column.dtype() {
        DataType::Float64 => DOUBLE,
        DataType::Float32 => SINGLE,
        _ => return Ok(column),
    };
    let floats = column.cast(&DataType::Float64)?;
    let inexact = floats.f64()?.iter().flatten().find(|value| value.abs() >= exact.below as f64);
    match inexact {
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
