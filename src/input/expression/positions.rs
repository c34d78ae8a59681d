//! STRPOS and POSITION: Polars counts bytes, and takes null for a text that is not found.

use polars::prelude::{
    Column, DataType, Expr, Field, FunctionExpr, Int64Chunked, IntoColumn, NewChunkedArray, Operator, PolarsError, PolarsResult,
    StringFunction,
};

/// The expression in which positions are counted in letters from 1; null of null, and 0 where the text is not found.
pub(super) fn in_letters(expression: Expr) -> Expr {
    expression.map_expr(|node| match node {
        Expr::Function { input, function: FunctionExpr::FillNull } => match input.first().and_then(found) {
            Some((text, part)) => text.map_many(positions, &[part], field),
            None => Expr::Function { input, function: FunctionExpr::FillNull },
        },
        node => node,
    })
}

/// The text and the part of what Polars makes of STRPOS: the place from 0 on, and 1 added.
fn found(node: &Expr) -> Option<(Expr, Expr)> {
    let Expr::BinaryExpr { left, op: Operator::Plus, .. } = node else { return None };
    match left.as_ref() {
        Expr::Function { input, function: FunctionExpr::StringExpr(StringFunction::Find { .. }) } => match input.as_slice() {
            [text, part] => Some((text.clone(), part.clone())),
            _ => None,
        },
        _ => None,
    }
}

fn field(_: &polars::prelude::Schema, fields: &[Field]) -> PolarsResult<Field> {
    if let Some(other) = fields.iter().find(|field| !matches!(field.dtype(), DataType::String | DataType::Null)) {
        return Err(not_text(other.dtype()));
    }
    let name = fields.first().map(|field| field.name().clone()).unwrap_or_default();
    Ok(Field::new(name, DataType::Int64))
}

fn not_text(found: &DataType) -> PolarsError {
    PolarsError::InvalidOperation(format!("STRPOS and POSITION look into texts, and not into the type {found}").into())
}

fn positions(columns: &mut [Column]) -> PolarsResult<Column> {
    let [text, part] = columns else { return Err(PolarsError::NoData("a text".into())) };
    let letters = |column: &Column| match column.dtype() {
        DataType::String | DataType::Null => column.cast(&DataType::String),
        other => Err(not_text(other)),
    };
    let (texts, parts) = (letters(text)?, letters(part)?);
    let (texts, parts) = (texts.str()?, parts.str()?);
    let length = if texts.len() == 1 { parts.len() } else { texts.len() };
    let place = |row| {
        let at = |side: &polars::prelude::StringChunked| side.get(if side.len() == 1 { 0 } else { row }).map(str::to_owned);
        let (text, part) = (at(texts)?, at(parts)?);
        let before = text.split_once(&part).map(|(before, _)| before.chars().count() + 1);
        Some(before.map_or(0, |place| place as i64))
    };
    Ok(Int64Chunked::from_iter_options(text.name().clone(), (0..length).map(place)).into_column())
}
