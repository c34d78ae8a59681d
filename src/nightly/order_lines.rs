//! Lines that refunds and affiliate orders name: whether the inputs allow to read them, and what a run says about them.

use std::collections::BTreeMap;

use crate::input::declared::columns::{AFFILIATE_ORDERS, ORDERS, REFUNDS, ROW};
use crate::input::mapping::dataset::Dataset;

const LINE: &str = "line_id";

/// Whether an input can name lines of orders: both have ids of lines.
pub(super) fn are_read(datasets: &BTreeMap<&'static str, Dataset>, input: &str) -> bool {
    has_lines(datasets, input) && why_not(datasets).is_none()
}

/// Warnings where refunds or affiliate orders have lines and the orders have none that they could name.
pub(super) fn unread(datasets: &BTreeMap<&'static str, Dataset>) -> Vec<String> {
    let Some(why) = why_not(datasets) else { return Vec::new() };
    let inputs = [(REFUNDS.name, "refund"), (AFFILIATE_ORDERS.name, "row")];
    let unread = inputs.into_iter().filter(|(input, _)| has_lines(datasets, input));
    unread.map(|(input, each)| format!("{input}: `{LINE}` is not read, since {why}: each {each} counts for its order as a whole")).collect()
}

/// A warning about refunds that name lines which their orders do not have.
pub(super) fn unknown(refunds: u64) -> Option<String> {
    (refunds > 0).then(|| {
        format!(
            "unknown_line: paid refunds that name a line which their order does not have: {refunds}; they count for the order as a whole \
             (is `{LINE}` of refunds that of orders?)"
        )
    })
}

fn has_lines(datasets: &BTreeMap<&'static str, Dataset>, input: &str) -> bool {
    datasets.get(input).is_some_and(|dataset| dataset.has(LINE))
}

/// Why nothing can name lines of the orders.
fn why_not(datasets: &BTreeMap<&'static str, Dataset>) -> Option<&'static str> {
    if !has_lines(datasets, ORDERS.name) {
        return Some("`line_id` of the orders is not mapped");
    }
    let orders = datasets.get(ORDERS.name)?;
    (orders.spec.columns.get(LINE).map(String::as_str) == Some(ROW))
        .then_some("lines of the orders have no ids of their own (`line_id: $row`)")
}
