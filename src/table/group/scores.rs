//! Scores of the customers of groups: order, lifecycle stage, RFM scores and value tier among all customers of the group.

use crate::fold::over_groups::{GROUP_CUSTOMERS, GROUP_INTERVALS};
use crate::table::night::{Read, Shared};
use crate::table::repurchase::lifecycle_limits::LifecycleLimits;
use crate::table::scores::ScoredCustomers;
use crate::table::total::scope_days::no_groups;

/// All customers of all groups, in order and scored. With suggested limits between lifecycle stages a group has those that its own intervals
/// suggest.
pub static SCORED_GROUP_CUSTOMERS: Shared<ScoredCustomers> = Shared {
    name: "scored_group_customers",
    not_requested: no_groups,
    reads: |request| match request.lifecycle_is_suggested {
        true => vec![Read::Fold(&GROUP_CUSTOMERS), Read::Fold(&GROUP_INTERVALS)],
        false => vec![Read::Fold(&GROUP_CUSTOMERS)],
    },
    make: |night| {
        let limits = match night.request.lifecycle_is_suggested {
            true => LifecycleLimits::suggested(&night.context, night.scoped_fold(&GROUP_INTERVALS)?.as_ref()),
            false => LifecycleLimits::of_job(&night.context),
        };
        ScoredCustomers::of(&night.context, night.take_scoped_fold(&GROUP_CUSTOMERS)?, &limits)
    },
};
