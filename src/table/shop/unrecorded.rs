//! Unrecorded steps: months of a shop whose orders say nothing of shipping or of completion although those of other months do, as where
//! an older export lacked the column. What is counted of such orders would be 0 and mean that nobody knows.

use crate::fold::payment_funnel::{Funnel, PAYMENT_FUNNEL};
use crate::spec::period::iso;
use crate::spec::{Day, Grain, NO_DAY};
use crate::table::night::{Night, Read, Shared, always};

/// Days after the end of a month within which its orders may all still be on their way.
const ON_THEIR_WAY: Day = 30;

/// What orders wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// `shipped_at`.
    Shipping,
    /// `completed_at`.
    Completion,
}

impl Recorded {
    const ALL: [Recorded; 2] = [Recorded::Shipping, Recorded::Completion];

    /// The column that says it.
    fn column(self) -> &'static str {
        match self {
            Recorded::Shipping => "shipped_at",
            Recorded::Completion => "completed_at",
        }
    }

    /// Whether an order got there, and whether one should have or has not yet, and no status says that it waits for it.
    fn of(self, funnel: &Funnel) -> Seen {
        match self {
            Recorded::Shipping => Seen { reached: funnel.shipped > 0, unsaid: funnel.unsaid_shipments > 0 },
            Recorded::Completion => Seen { reached: funnel.completed > 0, unsaid: funnel.unsaid_completions > 0 },
        }
    }
}

/// What the orders placed in a month say of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    reached: bool,
    unsaid: bool,
}

/// The months of shops, as [`Grain::Month`] numbers them, whose orders say nothing of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnrecordedSteps {
    /// By shop and [`Recorded`]: the months, ascending.
    months: Vec<[Vec<i32>; 2]>,
}

/// What orders of all shops say nothing of.
pub static UNRECORDED_STEPS: Shared<UnrecordedSteps> = Shared {
    name: "unrecorded_steps",
    not_requested: always,
    reads: |_| vec![Read::Fold(&PAYMENT_FUNNEL)],
    make: |night| {
        let (context, fold) = (&night.context, night.fold(&PAYMENT_FUNNEL)?);
        let features = &context.features;
        let of_shop = |shop: u32| {
            let first = night.facts.first_days.get(shop as usize).copied().filter(|day| *day != NO_DAY && *day <= context.as_of);
            let Some(first) = first else { return <[Vec<i32>; 2]>::default() };
            let months = Grain::Month.index(first)..=Grain::Month.index(context.as_of);
            let funnels: Vec<(i32, Funnel)> = months.map(|month| (month, fold.funnel(shop, Grain::Month, month))).collect();
            Recorded::ALL.map(|step| {
                let is_mapped = match step {
                    Recorded::Shipping => features.shipped,
                    Recorded::Completion => features.completed,
                };
                if is_mapped {
                    unrecorded(funnels.iter().map(|(month, funnel)| (*month, step.of(funnel))), context.as_of)
                } else {
                    Vec::new()
                }
            })
        };
        Ok(UnrecordedSteps { months: (0..context.shops.len() as u32).map(of_shop).collect() })
    },
};

/// The months without any order that got to a step although some should have, of which no status says that they wait: before the newest
/// month with one, or long over.
fn unrecorded(months: impl Iterator<Item = (i32, Seen)> + Clone, as_of: Day) -> Vec<i32> {
    let Some(newest) = months.clone().filter(|(_, seen)| seen.reached).map(|(month, _)| month).max() else { return Vec::new() };
    let is_over = |month: i32| month < newest || Grain::Month.end(month).saturating_add(ON_THEIR_WAY) <= as_of;
    months.filter(|(month, seen)| seen.unsaid && !seen.reached && is_over(*month)).map(|(month, _)| month).collect()
}

impl UnrecordedSteps {
    /// Whether a step is recorded of the orders of a shop placed from a day to another: none of the months of these days lacks it.
    pub fn is_recorded(&self, step: Recorded, shop: u32, from: Day, to: Day) -> bool {
        let lacking = self.months.get(shop as usize).map_or(&[][..], |steps| steps[step as usize].as_slice());
        let (first, last) = (Grain::Month.index(from), Grain::Month.index(to));
        !lacking.iter().any(|month| (first..=last).contains(month))
    }

    /// For each step a warning of the months that lack it.
    pub fn warnings(&self, night: &Night) -> Vec<String> {
        let warning = |step: Recorded| {
            let of_step = || (0..).zip(&self.months).filter_map(move |(shop, steps)| Some((shop, steps.get(step as usize)?)));
            let with_some = || of_step().filter(|(_, months)| !months.is_empty());
            let (shop, months) = with_some().next()?;
            let (shops, all) = (with_some().count(), with_some().map(|(_, months)| months.len()).sum::<usize>());
            let month = months.first().map(|month| iso(Grain::Month.start(*month)))?;
            let (name, column) = (night.context.shop_name(shop).unwrap_or_default(), step.column());
            Some(format!(
                "no order of a month has `{column}` although those of other months of the shop have (months: {all}, shops: {shops}, the first: \
                 {month} of {name}): payment_funnel and revenue_bridge are null there and in the quarters and years with such a month, not \
                 0; export these orders again with the column"
            ))
        };
        Recorded::ALL.into_iter().filter_map(warning).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::day;

    /// Months from January 2024 on: `+` has an order that got there, `-` has one that should have and says nothing, `.` has neither.
    fn months(text: &str, as_of: &str) -> Vec<i32> {
        let first = Grain::Month.index(day("2024-01-01"));
        let seen = |letter| Seen { reached: letter == '+', unsaid: letter == '-' };
        let months: Vec<(i32, Seen)> = (first..).zip(text.chars().map(seen)).collect();
        unrecorded(months.into_iter(), day(as_of)).into_iter().map(|month| month - first + 1).collect()
    }

    #[test]
    fn months_before_the_newest_one_that_got_there_and_those_long_over_lack_it() {
        assert_eq!(months("--.+", "2024-04-02"), [1, 2]);
        assert_eq!(months("+-+", "2024-03-31"), [2]);
        // The newest orders are still on their way: February ended 29 days ago, and 30.
        assert_eq!(months("+--", "2024-03-29"), Vec::<i32>::new());
        assert_eq!(months("+--", "2024-03-30"), [2]);
        // Nothing is ever recorded, so that no month lacks what others have.
        assert_eq!(months("---", "2025-01-01"), Vec::<i32>::new());
    }

    #[test]
    fn a_period_lacks_what_one_of_its_months_lacks() {
        let january = Grain::Month.index(day("2024-01-01"));
        let steps = UnrecordedSteps { months: vec![[vec![january], Vec::new()]] };
        let is_recorded = |step, from, to| steps.is_recorded(step, 0, day(from), day(to));
        assert!(!is_recorded(Recorded::Shipping, "2024-01-29", "2024-02-04"));
        assert!(is_recorded(Recorded::Shipping, "2024-02-05", "2024-02-11"));
        assert!(is_recorded(Recorded::Completion, "2024-01-01", "2024-12-31"));
    }
}
