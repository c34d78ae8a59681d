//! Ids that pass through floats: whole numbers that a float does not hold exactly are refused, since different ids become the same.

use std::sync::Arc;

use crate::input::id_text::{INEXACT, INEXACT_32};
use polars::prelude::{Column, DataType, DataTypeExpr, Expr, PolarsError, PolarsResult};

/// The expression of an id, in which columns of floats, and floats that are cast to other types, are refused where they are not exact.
pub(super) fn exact(expression: Expr) -> Expr {
    expression.map_expr(|node| match node {
        Expr::Cast { expr, dtype: DataTypeExpr::Literal(dtype), options } if !dtype.is_float() => {
            Expr::Cast { expr: Arc::new(checked(Arc::unwrap_or_clone(expr))), dtype: DataTypeExpr::Literal(dtype), options }
        }
        Expr::Column(_) => checked(node),
        node => node,
    })
}

fn checked(value: Expr) -> Expr {
    value.map(check, |_, field| Ok(field.clone()))
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
