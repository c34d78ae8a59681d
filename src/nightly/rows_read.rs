//! Which inputs' rows a run reads.

use super::plan::Plan;
use crate::fold::affiliates::AFFILIATES;
use crate::fold::service::SERVICE;
use crate::input::declared::columns::INQUIRIES;

/// Whether a run reads the rows of an input: those of some large ones only where a table has something of them.
pub fn are_read(plan: &Plan, input: &str) -> bool {
    match input {
        "affiliate_orders" => plan.selection().has(AFFILIATES.name),
        name if name == INQUIRIES.name => plan.selection().has(SERVICE.name),
        _ => true,
    }
}
