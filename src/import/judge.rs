//! What a run would reject, rejected where the line of the export can still be told.

use super::told::told;
use super::value::Value;
use crate::input::columns::{Input, Kind, ORDERS, REFUNDS};
use crate::job::Status;
use crate::spec::{Day, day_of_time};

/// Inputs of what has happened; others, as plans, may speak of days to come.
const PAST: [&str; 6] = ["orders", "traffic", "ratings", "refunds", "complaints", "violations"];

/// Inputs whose scores are not below zero.
const NOT_NEGATIVE: [&str; 2] = ["service_scores", "violations"];

/// The column and the fault of a value that a run would not take, whatever else is in its row.
///
/// # Errors
/// What was found.
pub fn value(input: &Input, name: &str, kind: Kind, value: &Value, today: Day) -> Result<(), String> {
    match (kind, value) {
        // Prices weigh in the sharing of amounts only.
        (Kind::Money | Kind::Count, Value::Integer(value)) if *value < 0 && !name.starts_with('_') => Err(below_zero(kind, *value)),
        (Kind::Count, Value::Integer(value)) if name == "quantity" && u32::try_from(*value).is_err() => {
            Err(format!("{}: no order has as many items", told(&value.to_string())))
        }
        // The clocks of shops and of this machine may be a day apart.
        (Kind::Time, Value::Integer(time)) if PAST.contains(&input.name) && day_of_time(*time) > today.saturating_add(1) => {
            Err(format!("`{}`: lies in the future; is the year right?", super::time::shown(*time)))
        }
        (Kind::Score, Value::Number(score)) if input.name == "ratings" && !(1.0..=5.0).contains(score) => {
            Err(format!("`{score}`: a score from 1 to 5 is expected"))
        }
        (Kind::Score, Value::Number(score)) if NOT_NEGATIVE.contains(&input.name) && *score < 0.0 => {
            Err(format!("`{score}`: is below zero"))
        }
        _ => Ok(()),
    }
}

fn below_zero(kind: Kind, value: i64) -> String {
    let shown = if kind == Kind::Money { crate::input::orders::yuan(value) } else { value.to_string() };
    format!("{}: is below zero", told(&shown))
}

/// The column and the fault of a row whose values do not fit each other. `get` gives a value by our name of its column.
///
/// # Errors
/// Our name of the column, and what was found.
pub fn row<'a>(input: &Input, status: Option<Status>, get: impl Fn(&str) -> &'a Value) -> Result<(), (&'static str, String)> {
    let integer = |name: &str| get(name).integer();
    if input.name == REFUNDS.name && status == Some(Status::Success) {
        for name in ["amount", "completed_at"] {
            if integer(name).is_none() {
                return Err((name, "is empty, though the refund was paid".to_owned()));
            }
        }
    }
    let Some(paid_at) = integer("paid_at").filter(|_| input.name == ORDERS.name) else { return Ok(()) };
    if integer("created_at").is_some_and(|created| paid_at < created) {
        return Err(("paid_at", format!("`{}`: lies before the time of creation", super::time::shown(paid_at))));
    }
    Ok(())
}

/// The column and the fault of amounts of an order that was paid.
///
/// # Errors
/// Our name of the column, and what was found.
pub fn paid(paid: Option<i64>, refund: Option<i64>) -> Result<(), (&'static str, String)> {
    let Some(paid) = paid else { return Err(("paid_amount", "is empty, though the order has a time of payment".to_owned())) };
    match refund {
        Some(refund) if refund > paid => {
            let yuan = crate::input::orders::yuan;
            Err(("refund_amount", format!("{}: is more than was paid, {}", told(&yuan(refund)), told(&yuan(paid)))))
        }
        _ => Ok(()),
    }
}
