//! Checks of rows as a run makes them, made at the import, where a message can still name the line of the export.

use super::redaction::redacted;
use super::value::Value;
use crate::input::declared::columns::{Input, InputKind, ORDERS, REFUNDS};
use crate::job::Status;
use crate::spec::{Day, day_of_time, is_midnight, iso_time};

/// Inputs of past events; others, such as plans, may have future days.
const PAST: [&str; 9] =
    ["orders", "traffic", "keyword_traffic", "item_traffic", "affiliate_orders", "ratings", "refunds", "complaints", "violations"];

/// Inputs whose scores cannot be negative.
const NOT_NEGATIVE: [&str; 2] = ["service_scores", "violations"];

/// Checks one value alone.
///
/// # Errors
/// Why a run would reject it.
pub fn value(input: &Input, name: &str, kind: InputKind, value: &Value, today: Day) -> Result<(), String> {
    match (kind, value) {
        // Columns with `_` serve only as weights for allocating amounts.
        (InputKind::Money | InputKind::Count, Value::Integer(value)) if *value < 0 && !name.starts_with('_') => {
            Err(below_zero(kind, *value))
        }
        (InputKind::Count, Value::Integer(value)) if name == "quantity" && u32::try_from(*value).is_err() => {
            Err(format!("{}: is too many items for an order", redacted(&value.to_string())))
        }
        // The clock of the shop and that of this machine may differ by a day.
        (InputKind::Time, Value::Integer(time)) if PAST.contains(&input.name) && day_of_time(*time) > today.saturating_add(1) => {
            Err(format!("`{}`: is in the future; is the year right?", iso_time(*time)))
        }
        (InputKind::Score, Value::Number(score)) if input.name == "ratings" && !(1.0..=5.0).contains(score) => {
            Err(format!("`{score}`: a score from 1 to 5 is expected"))
        }
        (InputKind::Score, Value::Number(score)) if NOT_NEGATIVE.contains(&input.name) && *score < 0.0 => {
            Err(format!("`{score}`: is below zero"))
        }
        _ => Ok(()),
    }
}

fn below_zero(kind: InputKind, value: i64) -> String {
    let shown = if kind == InputKind::Money { crate::input::values::money::yuan(value) } else { value.to_string() };
    format!("{}: is below zero", redacted(&shown))
}

/// Checks that the values of a row agree with each other. `get` returns a value by our name of its column.
///
/// # Errors
/// Our name of the column, and why a run would reject the row.
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
    // A day without its time is not before an order of that day.
    let is_before = |created| if is_midnight(paid_at) { day_of_time(paid_at) < day_of_time(created) } else { paid_at < created };
    if integer("created_at").is_some_and(is_before) {
        return Err(("paid_at", format!("`{}`: is before the time of creation", iso_time(paid_at))));
    }
    Ok(())
}

/// Checks the amounts of an order that was paid.
///
/// # Errors
/// Our name of the column, and why a run would reject the row.
pub fn paid(paid: Option<i64>, refund: Option<i64>) -> Result<(), (&'static str, String)> {
    let Some(paid) = paid else { return Err(("paid_amount", "is empty, though the order has a time of payment".to_owned())) };
    match refund {
        Some(refund) if refund > paid => {
            let yuan = crate::input::values::money::yuan;
            Err(("refund_amount", format!("{}: is more than was paid, {}", redacted(&yuan(refund)), redacted(&yuan(paid)))))
        }
        _ => Ok(()),
    }
}
