//! Refunds of which only the status of lines is known: a line went back whole, or not at all.

use std::collections::BTreeMap;

use crate::input::declared::columns::{ORDERS, REFUNDS};
use crate::input::mapping::dataset::Dataset;

/// A warning where nothing says how much was refunded of a line of which a part went back.
pub(super) fn warning(datasets: &BTreeMap<&'static str, Dataset>) -> Option<String> {
    let orders = datasets.get(ORDERS.name)?;
    let knows_amounts = orders.has("refund_amount") || datasets.contains_key(REFUNDS.name);
    (orders.has("status") && !knows_amounts).then(|| {
        "orders: only `status` says what was refunded, of a line all or nothing, so that what went back in part counts as kept; map \
         `refund_amount`, or give the input `refunds`"
            .to_owned()
    })
}
