//! Ready: orders counted, what names orders joined to them, and orders that name two customers decided about, before any history is settled.

use super::load::{Loaded, calibration_ends};
use super::plan::Plan;
use crate::error::Result;
use crate::history::OrderIdTypes;
use crate::history::affiliates::{AffiliateIndex, affiliate_lookups};
use crate::history::conflicts::Conflicts;
use crate::history::order_index::{OrderFindings, OrderLookup};
use crate::history::refunds::{RefundIndex, past_refund_lookups, refund_lookups};
use crate::history::shuffle::Shuffled;

/// Counts the orders; `rated` are the hashes of rated ones.
///
/// # Errors
/// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
pub fn count_orders(loaded: &Loaded, rated: Vec<u64>) -> Result<OrderFindings> {
    let Some(orders) = &loaded.orders else { return Ok(OrderFindings::default()) };
    Ok(divided(loaded, orders.count(rated, lookups(loaded))?))
}

/// Counts the orders of some partitions; what is found is still to be [divided].
///
/// # Errors
/// As [`count_orders`].
pub(super) fn count_some_orders(loaded: &Loaded, partitions: &[usize], rated: Vec<u64>) -> Result<OrderFindings> {
    let Some(orders) = &loaded.orders else { return Ok(OrderFindings::default()) };
    orders.count_some(partitions, rated, lookups(loaded))
}

/// What names orders: refunds, affiliate rows, refunds as the snapshot before knew them, numbered one after the other.
fn lookups(loaded: &Loaded) -> Vec<OrderLookup> {
    let shop_hashes = loaded.shuffled.shop_hashes();
    let (refunds, affiliates) = (loaded.applications.len() as u32, loaded.affiliates.len() as u32);
    let mut lookups = refund_lookups(&loaded.applications, shop_hashes);
    lookups.extend(affiliate_lookups(&loaded.affiliates, refunds, shop_hashes));
    lookups.extend(past_refund_lookups(&loaded.refund_changes.all, refunds + affiliates));
    lookups
}

/// What was found of the orders of all partitions, by whom it is of: refunds, affiliate rows, refunds as the snapshot before knew them.
pub(super) fn divided(loaded: &Loaded, findings: OrderFindings) -> OrderFindings {
    findings.divided(loaded.applications.len() as u32, loaded.affiliates.len() as u32)
}

/// Joins the affiliate rows to the lines, after [`count_orders`] has found their orders.
pub fn join_affiliates(loaded: &mut Loaded, findings: &mut OrderFindings) {
    let (rows, places) = (std::mem::take(&mut loaded.affiliates), findings.take_affiliates());
    let affiliates = AffiliateIndex::new(rows, places, loaded.shuffled.shop_hashes());
    loaded.shuffled = std::mem::take(&mut loaded.shuffled).with_affiliates(affiliates);
}

/// What is known before histories are settled.
pub struct Ready {
    /// What counting the orders found.
    pub findings: OrderFindings,
    /// The refunds by order.
    pub refunds: RefundIndex,
    /// The rows that histories leave out.
    pub conflicts: Conflicts,
}

/// Joins what names orders to them, once these are counted. `judge` decides about orders that may name two customers.
///
/// # Errors
/// Those of `judge`.
pub(super) fn ready(
    plan: &Plan,
    loaded: &mut Loaded,
    mut findings: OrderFindings,
    judge: impl FnOnce(&Shuffled, &OrderFindings, &OrderIdTypes) -> Result<Conflicts>,
) -> Result<Ready> {
    join_affiliates(loaded, &mut findings);
    let (applications, lines) = (std::mem::take(&mut loaded.applications), std::mem::take(&mut loaded.refund_lines));
    let refunds = RefundIndex::new(applications, lines, &mut findings, loaded.shuffled.shop_hashes());
    let refunds = match loaded.context.features.customers {
        true => refunds.with_returns(loaded.shuffled.buckets()),
        false => refunds,
    };
    let conflicts = judge(&loaded.shuffled, &findings, &OrderIdTypes::of(|column| plan.id_type(column)))?;
    calibrate(plan, loaded, &conflicts);
    Ok(Ready { findings, refunds, conflicts })
}

/// Moves the ends of the calibrations where orders are left out.
pub(super) fn calibrate(plan: &Plan, loaded: &mut Loaded, conflicts: &Conflicts) {
    if let Some(first_placed) = &conflicts.first_placed {
        loaded.context.calibration_ends = calibration_ends(first_placed, plan.as_of, loaded.context.shops.len());
    }
}
