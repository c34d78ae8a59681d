//! Folds over groups of shops: those of shops, shown what people bought in all shops of a group.

use super::activity::{ACTIVITY, ActivityFold};
use super::cohorts::{COHORTS, CohortFold};
use super::customers::{CUSTOMERS, CustomerFold, FIRSTS};
use super::intervals::{INTERVALS, IntervalFold};
use super::overlaps::{OVERLAPS, OverlapFold};
use super::returning::{RETURNING, ReturningFold};
use super::spec::ScopedFold;
use crate::history::scopes::ScopeKind;

/// What people placed and paid.
pub static GROUP_ACTIVITY: ScopedFold<ActivityFold> =
    ScopedFold { name: "group_activity", of: &ACTIVITY, over: ScopeKind::Group, parts: &[] };

/// Who was new, and who returned.
pub static GROUP_RETURNING: ScopedFold<ReturningFold> =
    ScopedFold { name: "group_returning", of: &RETURNING, over: ScopeKind::Group, parts: &[] };

/// Cohorts by the first purchase in any of the shops.
pub static GROUP_COHORTS: ScopedFold<CohortFold> = ScopedFold { name: "group_cohorts", of: &COHORTS, over: ScopeKind::Group, parts: &[] };

/// The days between purchases in any of the shops.
pub static GROUP_INTERVALS: ScopedFold<IntervalFold> =
    ScopedFold { name: "group_intervals", of: &INTERVALS, over: ScopeKind::Group, parts: &[] };

/// The figures of each customer, with those that `customers` has of the first and the second purchase.
pub static GROUP_CUSTOMERS: ScopedFold<CustomerFold> =
    ScopedFold { name: "group_customers", of: &CUSTOMERS, over: ScopeKind::Group, parts: &[&FIRSTS] };

/// Who bought in which of the shops.
pub static GROUP_OVERLAPS: ScopedFold<OverlapFold> =
    ScopedFold { name: "group_overlaps", of: &OVERLAPS, over: ScopeKind::Group, parts: &[] };
