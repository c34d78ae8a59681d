//! The columns that a part of an expression reads, and the type that it has.

use std::collections::BTreeSet;

use polars::prelude::{Expr, Field, PlSmallStr, PolarsResult};

/// Each column that the expression reads, once. Polars lists it as often as it is read, and what is checked beside such a list would read
/// it twice as often: a few hundred of such checks within each other would never end.
pub(super) fn roots(expression: &Expr) -> Vec<Expr> {
    let names: BTreeSet<PlSmallStr> = expression.clone().meta().root_names().into_iter().collect();
    names.into_iter().map(Expr::Column).collect()
}

/// The field of a part that a check leaves as it is. Polars panics where that is not settled, as that of `CASE WHEN a THEN 'b' END`, whose
/// texts are all constants.
pub(super) fn settled(field: &Field) -> PolarsResult<Field> {
    let data_type = if field.dtype().is_known() { field.dtype().clone() } else { field.dtype().clone().materialize_unknown(true)? };
    Ok(Field::new(field.name().clone(), data_type))
}
