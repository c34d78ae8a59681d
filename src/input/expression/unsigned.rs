//! Unsigned numbers of 64 bits beside signed ones: Polars compares both as floats, which are the same for different ids.

use std::sync::Arc;

use polars::prelude::{
    BooleanFunction, Column, DataType, DataTypeExpr, Expr, Field, FunctionExpr, Int64Chunked, IntoColumn, NewChunkedArray, PolarsError,
    PolarsResult,
};

use super::compared::is_comparison;
use super::roots::settled;

/// Whether an expression makes such numbers.
pub(super) fn makes_any(expression: &Expr) -> bool {
    expression.into_iter().any(|node| matches!(node, Expr::Cast { dtype: DataTypeExpr::Literal(DataType::UInt64), .. }))
}

/// The expression in which such numbers are compared, and chosen among others, as signed ones; those that are too large stop it.
pub(super) fn signed(expression: Expr) -> Expr {
    let of = |side: Arc<Expr>| Arc::new(narrowed(Arc::unwrap_or_clone(side)));
    expression.map_expr(|node| match node {
        Expr::BinaryExpr { left, op, right } if is_comparison(op) => Expr::BinaryExpr { left: of(left), op, right: of(right) },
        Expr::Ternary { predicate, truthy, falsy } => Expr::Ternary { predicate, truthy: of(truthy), falsy: of(falsy) },
        Expr::Function { input, function } if chooses(&function) => {
            Expr::Function { input: input.into_iter().map(narrowed).collect(), function }
        }
        node => node,
    })
}

/// Whether a function compares its arguments, or chooses one of them.
pub(super) fn chooses(function: &FunctionExpr) -> bool {
    match function {
        FunctionExpr::Coalesce | FunctionExpr::MaxHorizontal | FunctionExpr::MinHorizontal | FunctionExpr::FillNull => true,
        FunctionExpr::Boolean(function) => matches!(function, BooleanFunction::IsBetween { .. } | BooleanFunction::IsIn { .. }),
        _ => false,
    }
}

fn narrowed(value: Expr) -> Expr {
    if let Expr::Literal(_) = value {
        return value;
    }
    value.map(narrow, |_, field| match field.dtype() {
        DataType::UInt64 => Ok(Field::new(field.name().clone(), DataType::Int64)),
        _ => settled(field),
    })
}

fn narrow(column: Column) -> PolarsResult<Column> {
    if column.dtype() != &DataType::UInt64 {
        return Ok(column);
    }
    let signed = |value: Option<u64>| {
        let signed = value.map(i64::try_from).transpose();
        signed.map_err(|_| {
            let what = format!(
                "{} does not fit BIGINT, which ends at {}: write CAST(a AS VARCHAR) where the number is an id",
                value.unwrap_or_default(),
                i64::MAX
            );
            PolarsError::ComputeError(what.into())
        })
    };
    let values = column.u64()?.iter().map(signed).collect::<PolarsResult<Vec<Option<i64>>>>()?;
    Ok(Int64Chunked::from_iter_options(column.name().clone(), values.into_iter()).into_column())
}
