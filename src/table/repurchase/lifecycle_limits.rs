//! The limits between lifecycle stages in each shop: those of the job, or those that the shop's own intervals suggest.

use hashbrown::HashMap;

use crate::fold::intervals::{INTERVALS, IntervalFold, candidates};
use crate::history::Context;
use crate::metric::lifecycle::{LimitedStage, StageLimits};
use crate::statistics::kaplan_meier::{Count, Curve};
use crate::table::night::{Read, Shared, always};

/// The chance to come back within 90 days more under which the limit of a stage is suggested.
fn low_chance(stage: LimitedStage) -> f64 {
    match stage {
        LimitedStage::Active => 0.50,
        LimitedStage::Quiet => 0.20,
        LimitedStage::Dormant => 0.05,
    }
}

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

/// The limits of each shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecycleLimits {
    of_job: StageLimits,
    of_shops: HashMap<u32, StageLimits>,
    /// Shops whose intervals suggest no limit for the stage.
    without: Vec<(u32, LimitedStage)>,
}

impl LifecycleLimits {
    /// The limits of the job for every shop.
    pub fn of_job(context: &Context) -> Self {
        LifecycleLimits { of_job: StageLimits::from(&context.params.lifecycle), of_shops: HashMap::new(), without: Vec::new() }
    }

    /// The limits that the intervals of each shop suggest. A limit that they do not suggest is the job's, and so is one that would lie below
    /// the limit before it.
    pub fn suggested(context: &Context, fold: &IntervalFold) -> Self {
        let mut limits = LifecycleLimits::of_job(context);
        let candidates = candidates(context);
        for shop in fold.shops() {
            let counts = shop.by_nth.first().map_or(&[][..], Vec::as_slice);
            let mut least = 0;
            let mut own = limits.of_job;
            let suggested = SuggestedLimits::of(counts, &candidates);
            for stage in LimitedStage::ALL {
                let suggestion = suggested.limit(stage);
                least = suggestion.filter(|days| *days >= least).unwrap_or(own.of(stage)).max(least);
                own = own.with(stage, least);
                if suggestion.is_none() {
                    limits.without.push((shop.shop, stage));
                }
            }
            limits.of_shops.insert(shop.shop, own);
        }
        limits
    }

    /// For each stage, the shops whose intervals suggest no limit for it, as a run warns of them.
    pub fn warnings(&self, context: &Context) -> Vec<String> {
        let warning = |stage: LimitedStage| {
            let without = self.without.iter().filter(|(_, other)| *other == stage);
            let shops = context.shop_names(without.map(|(shop, _)| *shop))?;
            Some(format!(
                "lifecycle: suggested: the intervals of {shops} suggest no limit for {}, since there is no number of idle days from \
                 which on the chance to come back within 90 more is known to stay below {:.0} %: the limit is that of the job or the \
                 default; see lifecycle_thresholds",
                stage.name(),
                low_chance(stage) * 100.0
            ))
        };
        LimitedStage::ALL.into_iter().filter_map(warning).collect()
    }

    /// The limits of a shop.
    pub fn of(&self, shop: u32) -> StageLimits {
        self.of_shops.get(&shop).copied().unwrap_or(self.of_job)
    }
}

/// The limits that the intervals of a shop suggest.
pub struct SuggestedLimits {
    /// The chance to come back within 90 days more, by candidate, as far as it is known.
    chances: Vec<(i32, f64)>,
}

impl SuggestedLimits {
    /// `counts` are all intervals of the shop (nth 0), `candidates` ascending.
    pub fn of(counts: &[Count], candidates: &[i32]) -> Self {
        let curve = Curve::of(counts);
        SuggestedLimits { chances: candidates.iter().filter_map(|days| Some((*days, curve.within_after(*days, 90)?))).collect() }
    }

    /// The limit of a stage: the first candidate after the last one whose chance is not below the stage's. So a chance that only dips below
    /// for a while (everybody buys every 150 days) suggests nothing; nor does one that is below from the first candidate on (where people
    /// seldom come back at all), since its limit may lie anywhere before; nor one that is below at the last known candidate only.
    pub fn limit(&self, stage: LimitedStage) -> Option<i32> {
        let last_above = self.chances.iter().rposition(|(_, chance)| *chance >= low_chance(stage))?;
        match self.chances.get(last_above + 1..) {
            Some([(days, _), _, ..]) => Some(*days),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Lifecycle;
    use crate::table::testing::*;

    /// The limits that are suggested for active, quiet and dormant.
    fn suggested(counts: &[Count], candidates: &[i32]) -> [Option<i32>; 3] {
        let limits = SuggestedLimits::of(counts, candidates);
        LimitedStage::ALL.map(|stage| limits.limit(stage))
    }

    /// Of a hundred 50 come back after 5 days, 20 after 40, 10 after 80, 5 after 150, one after 300, and 14 have been away for a thousand: S
    /// is 0.5, 0.3, 0.2, 0.15 and 0.14.
    const FADING: [(i64, i32); 5] = [(50, 5), (20, 40), (10, 80), (5, 150), (1, 300)];

    /// The chance to come back within 90 days more is 0.6 up to 30 idle days, 0.33 at 45, 0.5 at 60, 0.25 at 90 and 120, 0 at 180, 0.07 at 270
    /// and 0 at 365.
    #[test]
    fn a_limit_is_where_the_chance_falls_below_for_good() {
        let mut counts: Vec<Count> = FADING.iter().map(|(events, days)| Count { days: *days, events: *events, censored: 0 }).collect();
        counts.push(Count { days: 1000, events: 0, censored: 14 });
        let usual = [7, 14, 30, 45, 60, 90, 120, 180, 270, 365];
        // Below a half at 45 is a dip. Below 5 % for good is only the last candidate, where the grid ends.
        assert_eq!(suggested(&counts, &usual), [Some(90), Some(180), None]);
        assert_eq!(suggested(&counts, &[7, 14, 30, 45, 60, 90, 120, 180, 270, 365, 400]), [Some(90), Some(180), Some(365)]);
    }

    #[test]
    fn a_chance_that_is_low_from_the_first_day_on_suggests_nothing() {
        // A shop of which one customer in ten ever comes back.
        let counts = [Count { days: 40, events: 10, censored: 0 }, Count { days: 700, events: 0, censored: 90 }];
        assert_eq!(suggested(&counts, &[7, 14, 30, 45, 60, 90]), [None, None, Some(45)]);
        assert_eq!(suggested(&[], &[7, 14]), [None; 3]);
    }

    #[test]
    fn a_limit_that_is_not_suggested_is_the_jobs_and_the_run_says_so() {
        let mut context = integer_shops(0, 1000);
        context.params.lifecycle = Lifecycle { quiet_days: 60, dormant_days: 70, ..context.params.lifecycle };
        // Shop 0: everybody comes back every 150 days, so that nobody who has been idle for 7 days does within 90 more, and everybody who
        // has been for 60. Shop 1 was met on the last day, nothing is known. Shop 2 fades away.
        let mut customers = vec![bought_on(0, &[0, 150, 300, 450, 600, 750, 900]), bought_on(1, &[1000])];
        for (number, days) in FADING {
            customers.extend((0..number).map(|_| bought_on(2, &[1000 - days, 1000])));
        }
        customers.extend((0..14).map(|_| bought_on(2, &[0])));
        let fold = folded(IntervalFold::new(&context), &customers);
        let limits = LifecycleLimits::suggested(&context, &fold);
        let of_job = StageLimits { active_days: 30, quiet_days: 60, dormant_days: 70 };
        assert_eq!([limits.of(0), limits.of(1)], [of_job; 2]);
        let of_two = StageLimits { active_days: 90, quiet_days: 180, dormant_days: 180 };
        assert_eq!(limits.of(2), of_two, "the job's 70 days would lie below");
        let warnings = limits.warnings(&context);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert!(warnings[0].contains("no limit for active") && warnings[0].contains("stay below 50 %"), "{warnings:?}");
        assert!(warnings[2].contains("no limit for dormant") && warnings[2].contains("lifecycle_thresholds"), "{warnings:?}");
        assert_eq!(LifecycleLimits::of_job(&context).of(0), of_job);
        assert!(LifecycleLimits::of_job(&context).warnings(&context).is_empty());
    }
}
