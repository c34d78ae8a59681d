//! The limits between lifecycle stages in each shop: those of the job, or those that the shop's own intervals suggest.

use hashbrown::HashMap;

use crate::fold::intervals::{INTERVALS, IntervalFold, candidates};
use crate::history::Context;
use crate::metric::lifecycle::StageLimits;
use crate::statistics::kaplan_meier::{Count, Curve};
use crate::table::night::{Read, Shared, always};

/// The stages whose upper limit can be suggested, in their order in `params.lifecycle`, with the chance to come back within
/// 90 days more under which a limit is suggested.
pub const STAGES: [(&str, f64); 3] = [("active", 0.50), ("quiet", 0.20), ("dormant", 0.05)];

/// The limits between lifecycle stages in each shop.
pub static LIFECYCLE_LIMITS: Shared<LifecycleLimits> = Shared {
    name: "lifecycle_limits",
    not_requested: always,
    reads: |request| if request.lifecycle_is_suggested { vec![Read::Fold(&INTERVALS)] } else { Vec::new() },
    make: |night| match night.request.lifecycle_is_suggested {
        true => Ok(LifecycleLimits::suggested(&night.context, night.fold(&INTERVALS)?.as_ref())),
        false => Ok(LifecycleLimits::of_job(&night.context)),
    },
};

/// Active, quiet and dormant days, by shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecycleLimits {
    of_job: StageLimits,
    of_shops: HashMap<u32, StageLimits>,
}

impl LifecycleLimits {
    /// The limits of the job for every shop.
    pub fn of_job(context: &Context) -> Self {
        LifecycleLimits { of_job: StageLimits::from(&context.params.lifecycle), of_shops: HashMap::new() }
    }

    /// The limits that the intervals of each shop suggest. A limit that they do not suggest, because the curve does not reach that far,
    /// is the job's, but never below the limit before it.
    pub fn suggested(context: &Context, fold: &IntervalFold) -> Self {
        let mut limits = LifecycleLimits::of_job(context);
        let candidates = candidates(context);
        for shop in fold.shops() {
            let counts = shop.by_nth.first().map_or(&[][..], Vec::as_slice);
            let mut least = 0;
            let mut own = limits.of_job.days();
            for (limit, suggested) in own.iter_mut().zip(suggested_limits(counts, &candidates)) {
                *limit = suggested.unwrap_or(*limit).max(least);
                least = *limit;
            }
            limits.of_shops.insert(shop.shop, StageLimits::of_days(own));
        }
        limits
    }

    /// The limits of a shop.
    pub fn of(&self, shop: u32) -> StageLimits {
        self.of_shops.get(&shop).copied().unwrap_or(self.of_job)
    }
}

/// The limits that a shop's intervals suggest for the active, quiet and dormant stage; `None` if no candidate's chance is known to be low
/// enough. `counts` are all intervals of the shop (nth 0), `candidates` ascending.
pub fn suggested_limits(counts: &[Count], candidates: &[i32]) -> [Option<i32>; 3] {
    let curve = Curve::of(counts);
    STAGES.map(|(_, below)| candidates.iter().copied().find(|days| curve.within_after(*days, 90).is_some_and(|chance| chance < below)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Lifecycle;
    use crate::table::testing::*;

    #[test]
    fn a_limit_that_is_not_suggested_is_the_jobs_but_not_below_the_one_before() {
        let mut context = integer_shops(0, 1000);
        context.params.lifecycle = Lifecycle { quiet_days: 60, dormant_days: 70, ..context.params.lifecycle };
        // Shop 0: everybody comes back every 150 days, so that nobody who has been idle for 7 days does within 90 more. Shop 1 was
        // met on the last day, nothing is known. Shop 2: of ten intervals five end after 90 days, two after 175, two after 250,
        // and one is open for 300: S is 0.5, 0.3, 0.1. Within 90 days of 60 come back 0.5, of 90 0.4; from 180 on two thirds,
        // and what comes after 300 days is not known.
        let mut customers = vec![bought_on(0, &[0, 150, 300, 450, 600, 750, 900]), bought_on(1, &[1000]), bought_on(2, &[700])];
        for (number, days) in [(5, 90), (2, 175), (2, 250)] {
            customers.extend((0..number).map(|_| bought_on(2, &[1000 - days, 1000])));
        }
        let fold = folded(IntervalFold::new(&context), &customers);
        let limits = LifecycleLimits::suggested(&context, &fold);
        assert_eq!(limits.of(0).days(), [7, 7, 7]);
        assert_eq!(limits.of(1).days(), [30, 60, 70]);
        assert_eq!(limits.of(2).days(), [90, 90, 90]);
        assert_eq!(LifecycleLimits::of_job(&context).of(0).days(), [30, 60, 70]);
    }

    #[test]
    fn suggested_limits_may_fall_on_one_day() {
        let counts = [Count { days: 5, events: 4, censored: 0 }, Count { days: 500, events: 0, censored: 6 }];
        assert_eq!(suggested_limits(&counts, &[3, 7, 14]), [Some(3), Some(7), Some(7)]);
    }
}
