//! Days and times that are compared with numbers, which Polars takes for days after the first of January 1970; and amounts that are compared
//! with texts, which it does letter by letter.

use polars::prelude::{BooleanFunction, DataType, Expr, FunctionExpr, Schema};

use super::compared::is_comparison;
use super::roots::settled;

/// Refuses an expression over columns of these types that compares a day or a time with a number, or an amount with a text.
///
/// # Errors
/// What is compared, and how days are written.
pub(super) fn refuse(expression: &Expr, schema: &Schema) -> Result<(), String> {
    for node in expression {
        let compared: Vec<&Expr> = match node {
            Expr::BinaryExpr { left, op, right } if is_comparison(*op) => vec![left, right],
            Expr::Function { input, function } if compares(function) => input.iter().collect(),
            _ => continue,
        };
        // A part whose type Polars does not know is left to the evaluation, which says why.
        let types: Vec<Option<DataType>> = compared
            .iter()
            .map(|side| side.to_field(schema).and_then(|field| settled(&field)).ok().map(|field| element(field.dtype())))
            .collect();
        let is_text = |found: &Option<DataType>| matches!(found, Some(DataType::String));
        if types.iter().any(|found| matches!(found, Some(DataType::Decimal(..)))) && types.iter().any(is_text) {
            return Err("an amount is compared with a text, letter by letter: numbers have no quotes, as in `paid_amount > 5`".to_owned());
        }
        let is_number = |found: &Option<DataType>| found.as_ref().is_some_and(DataType::is_numeric);
        let time = types.iter().zip(&compared).find(|(found, _)| matches!(found, Some(DataType::Date | DataType::Datetime(..))));
        if let (Some((found, side)), true) = (time, types.iter().any(is_number)) {
            let kind = if found == &Some(DataType::Date) { "day" } else { "time" };
            let what = match side {
                Expr::Column(name) => format!("`{name}` is a {kind}, and it"),
                _ => format!("a {kind}"),
            };
            return Err(format!(
                "{what} is compared with a number: a day is written DATE '2026-01-31'; without quotes 2026-01-31 is the number 1994"
            ));
        }
    }
    Ok(())
}

/// The type of what a list holds, of anything else its own.
fn element(found: &DataType) -> DataType {
    match found {
        DataType::List(element) => element.as_ref().clone(),
        found => found.clone(),
    }
}

fn compares(function: &FunctionExpr) -> bool {
    matches!(function, FunctionExpr::Boolean(BooleanFunction::IsBetween { .. } | BooleanFunction::IsIn { .. }))
}

#[cfg(test)]
mod tests {
    use crate::input::expression::Expressions;
    use crate::input::expression::tests::batch;

    /// What is said of an expression before any row is read.
    fn checked(text: &str) -> Result<(), String> {
        let mut expressions = Expressions::default();
        expressions
            .column(0, Expressions::parse(text).map_err(|refused| format!("{}; {}", refused.cause, refused.help.unwrap_or_default()))?);
        let batch = batch();
        expressions.check(batch.schema_ref(), &[]).map(|_| ())
    }

    #[test]
    fn a_day_without_quotes_is_refused_wherever_it_stands() {
        for text in [
            "day >= 2026-01-31",
            "2026-01-31 <= day",
            "number >= 2026-01-31",
            "day BETWEEN 2026-01-01 AND 2026-01-31",
            "COALESCE(day, DATE '2026-01-31') >= 2026-01-31",
            "paid_at >= CAST(2026-01-31 AS TIMESTAMP)",
        ] {
            let found = checked(text).expect_err(text);
            assert!(found.contains("is a number: a year less a month less a day; a day is written DATE '2026-01-"), "{text}: {found}");
        }
        assert!(checked("day > 2026-01-31").unwrap_err().starts_with("`2026-01-31` at character 7 is a number"));
        assert_eq!(checked("number > 2026 - 1 - 31"), Ok(()));
    }

    #[test]
    fn a_day_is_not_compared_with_a_number() {
        for text in [
            "paid_at < 20260131",
            "paid_at = number",
            "day IN (20260131, 20260201)",
            "day NOT IN (20260131)",
            "CASE WHEN day > 2026 THEN 1 ELSE 2 END = 1",
            "is_new AND (number > 3 OR CAST(text AS TIMESTAMP) <> amount)",
        ] {
            let found = checked(text).expect_err(text);
            assert!(found.ends_with("a day is written DATE '2026-01-31'; without quotes 2026-01-31 is the number 1994"), "{text}: {found}");
        }
        let named = "`day` is a day, and it is compared with a number: ";
        assert!(checked("day > 20260131").unwrap_err().starts_with(named));
        assert!(checked("CAST(day AS TIMESTAMP) > 5").unwrap_err().starts_with("a time is compared with a number: "));
    }

    #[test]
    fn an_amount_is_not_compared_with_a_text() {
        for text in [
            "CAST(amount AS DECIMAL(18, 2)) > '5'",
            "CAST(amount AS DECIMAL(18, 2)) BETWEEN '1' AND '5'",
            "'3' = CAST(amount AS DECIMAL(18, 2))",
        ] {
            assert!(checked(text).expect_err(text).starts_with("an amount is compared with a text"), "{text}");
        }
        assert_eq!(checked("CAST(amount AS DECIMAL(18, 2)) > 5"), Ok(()));
    }

    #[test]
    fn days_with_days_and_numbers_with_numbers_are_compared() {
        for text in [
            "day >= DATE '2026-01-31'",
            "day = NULL",
            "day IN (DATE '2026-01-31')",
            "paid_at >= day",
            "EXTRACT(year FROM paid_at) >= 2026",
            "number IN (1, 2)",
            "paid_at - INTERVAL '1 day' > TIMESTAMP '2026-01-31 10:00:00'",
            "CASE WHEN is_new THEN day ELSE NULL END > DATE '2026-01-31'",
        ] {
            assert_eq!(checked(text), Ok(()), "{text}");
        }
    }
}
