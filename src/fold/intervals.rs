//! Interval fold (回购周期): the days from each purchase day to the next, including the open interval since the last.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout, Rows};
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Tally};
use crate::error::{Error, Result};
use crate::history::{Context, Fold, History};
use crate::metric::lifecycle::{LimitedStage, Stage, StageLimits};
use crate::spec::Day;
use crate::statistics::kaplan_meier::Count;

/// The candidate limits of lifecycle_thresholds that every job has, in days.
const CANDIDATES: [i32; 10] = [7, 14, 30, 45, 60, 90, 120, 180, 270, 365];

/// Repurchase intervals by length, and customers by recency.
pub static INTERVALS: FoldSpec<IntervalFold> =
    FoldSpec { name: "intervals", version: 1, pace: Pace::ByShop, new: |context, _| IntervalFold::new(context) };

/// The state of the intervals; `nth` counts from 1.
const LENGTHS: Layout<2, 2> = Layout { keys: [Key::Code(CodeOf::Shop), Key::Number("nth")], position: "days", counters: ["ended", "open"] };

/// The state of the recencies; see [`IntervalFold::class`].
const RECENCIES: Layout<2, 1> =
    Layout { keys: [Key::Code(CodeOf::Shop), Key::Number("class")], position: "recency_days", counters: ["customers"] };

/// Counts of intervals by (shop, nth, days), and of customers by (shop, recency, class of the last interval).
///
/// There is a line for each shop, and the position includes nth or class: customers of a shop come in runs, but intervals of one nth do
/// not, and a position needs no hashing.
#[derive(Debug)]
pub struct IntervalFold {
    as_of: Day,
    max_nth: i32,
    candidates: Vec<i32>,
    /// Position `days × (max_nth + 1) + nth − 1`; all later intervals count as nth = max_nth + 1. Closed and open ones.
    intervals: Tally<1, [u32; 2]>,
    /// Position `recency × classes + class`; see [`IntervalFold::class`].
    recencies: Tally<1, [u32; 1]>,
}

/// The intervals of one shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopIntervals {
    /// Shop code.
    pub shop: u32,
    /// By nth: the intervals from the nth purchase day to the next; at 0 all intervals, including those after more than `max_nth` purchase
    /// days. Events are intervals that ended with a purchase; censored ones were open at the as-of date.
    pub by_nth: Vec<Vec<Count>>,
}

/// The candidate limits of lifecycle_thresholds: the usual ones, the job's stage limits and the job's own candidates.
pub fn candidates(context: &Context) -> Vec<i32> {
    let limits = StageLimits::from(&context.params.lifecycle);
    let of_stages = LimitedStage::ALL.map(|stage| limits.of(stage));
    let own = context.params.lifecycle.thresholds.iter().copied();
    let mut days: Vec<i32> = CANDIDATES.into_iter().chain(of_stages).chain(own).filter(|days| *days >= 0).collect();
    days.sort_unstable();
    days.dedup();
    days
}

impl IntervalFold {
    /// An empty fold that counts the first `max_nth` intervals of a customer separately.
    pub fn new(context: &Context) -> Self {
        IntervalFold {
            as_of: context.as_of,
            max_nth: i32::try_from(context.params.max_nth).unwrap_or(i32::MAX).min(MOST_NTH),
            candidates: candidates(context),
            intervals: Tally::default(),
            recencies: Tally::default(),
        }
    }

    /// The shops with purchases, ascending, and their intervals.
    pub fn shops(&self) -> impl Iterator<Item = ShopIntervals> {
        let stride = self.max_nth + 1;
        self.intervals.sorted().into_iter().map(move |(key, line)| {
            let mut by_nth: Vec<Vec<Count>> = vec![Vec::new(); stride as usize];
            for (position, [events, censored]) in line.counted() {
                let (days, nth) = (position.div_euclid(stride), position.rem_euclid(stride) + 1);
                let count = Count { days, events, censored };
                if let Some(counts) = by_nth.get_mut(nth as usize) {
                    counts.push(count);
                }
                match by_nth[0].last_mut() {
                    Some(all) if all.days == days => {
                        all.events += events;
                        all.censored += censored;
                    }
                    _ => by_nth[0].push(count),
                }
            }
            ShopIntervals { shop: key[0] as u32, by_nth }
        })
    }

    /// The number of customers of the shop whose lifecycle stage differs between the limits `others` and `own`; each limit is a candidate
    /// or the job's.
    pub fn customers_moved(&self, shop: u32, own: StageLimits, others: StageLimits) -> i64 {
        let Some(line) = self.recencies.line([shop as i32]) else { return 0 };
        let moves = line.counted().filter(|(position, _)| {
            let recency = i64::from(position.div_euclid(self.classes()));
            let interval = self.interval_of_class(position.rem_euclid(self.classes()));
            Stage::of(own, recency, interval) != Stage::of(others, recency, interval)
        });
        moves.map(|(_, [customers])| customers).sum()
    }

    fn classes(&self) -> i32 {
        self.candidates.len() as i32 + 2
    }

    /// The class of a last interval: 0 for one purchase day, else 1 + the number of candidates below it, which is all that a stage depends
    /// on.
    fn class(&self, last_interval: Option<i32>) -> i32 {
        last_interval.map_or(0, |days| 1 + self.candidates.partition_point(|candidate| *candidate < days) as i32)
    }

    /// A last interval with that class.
    fn interval_of_class(&self, class: i32) -> Option<u32> {
        match class {
            0 => None,
            1 => Some(0),
            longer => self.candidates.get(longer as usize - 2).map(|candidate| candidate.unsigned_abs() + 1),
        }
    }
}

/// More would overflow positions for the longest intervals.
const MOST_NTH: i32 = 1_000;

impl Fold for IntervalFold {
    fn update(&mut self, history: &History<'_>) {
        let days = history.purchase_days;
        let Some(last) = days.last() else { return };
        let shop = [history.shop as i32];
        let intervals = self.intervals.line_mut(shop);
        let stride = self.max_nth + 1;
        let place = |nth_from_0: usize| i32::try_from(nth_from_0).unwrap_or(i32::MAX).min(stride - 1);
        let mut last_interval = None;
        for (number, pair) in days.windows(2).enumerate() {
            let interval = pair[1] - pair[0];
            intervals.cell(interval * stride + place(number))[0] += 1;
            last_interval = Some(interval);
        }
        let recency = self.as_of - last;
        intervals.cell(recency * stride + place(days.len() - 1))[1] += 1;
        let position = recency * self.classes() + self.class(last_interval);
        self.recencies.line_mut(shop).cell(position)[0] += 1;
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let (stride, classes) = (self.max_nth + 1, self.classes());
        let mut intervals = Rows::new(&LENGTHS);
        for (shop, line) in std::mem::take(&mut self.intervals).sorted() {
            let apart = |(position, counts): (i32, [i64; 2])| (position.rem_euclid(stride) + 1, position.div_euclid(stride), counts);
            line.counted().map(apart).for_each(|(nth, days, counts)| intervals.push([shop[0], nth], days, counts));
        }
        let mut recencies = Rows::new(&RECENCIES);
        for (shop, line) in std::mem::take(&mut self.recencies).sorted() {
            let apart = |(position, count): (i32, [i64; 1])| (position.rem_euclid(classes), position.div_euclid(classes), count);
            line.counted().map(apart).for_each(|(class, recency, count)| recencies.push([shop[0], class], recency, count));
        }
        Ok(vec![intervals.into_batch()?, recencies.into_batch()?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        match state {
            [] => Ok(()),
            [intervals, recencies] => {
                let (stride, classes) = (self.max_nth + 1, self.classes());
                LENGTHS.rows(intervals, |[shop, nth], days, counts| {
                    self.intervals.line_mut([shop]).cell(days.checked_mul(stride)?.checked_add(nth - 1)?).add(counts)
                })?;
                RECENCIES.rows(recencies, |[shop, class], recency, counts| {
                    self.recencies.line_mut([shop]).cell(recency.checked_mul(classes)?.checked_add(class)?).add(counts)
                })
            }
            other => Err(Error::bug(format!("a state of intervals is 2 batches, not {}", other.len()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::job::Lifecycle;

    use super::*;
    use crate::fold::folds::Gathered;
    use crate::table::repurchase::{interval_histogram, intervals, lifecycle_thresholds, survival};
    use crate::table::testing::*;
    use crate::table::unit::AnyTable;
    use proptest::prelude::*;

    /// All rows of the four tables that the fold feeds.
    fn tables(context: &Context, fold: IntervalFold) -> Vec<RecordBatch> {
        let night = night_of(context, Gathered::default().and(&INTERVALS, fold));
        let tables: [&dyn AnyTable; 4] = [&survival::TABLE, &intervals::TABLE, &interval_histogram::TABLE, &lifecycle_thresholds::TABLE];
        tables.map(|table| of_night(table, &night)).to_vec()
    }

    fn customers() -> impl Strategy<Value = Vec<(Customer, usize)>> {
        let one = (0_u32..3, prop::collection::btree_set(0_i32..400, 0..7), 0_usize..4);
        let one = one.prop_map(|(shop, days, part)| (bought_on(shop, &days.into_iter().collect::<Vec<_>>()), part));
        prop::collection::vec(one, 0..60)
    }

    /// The stage of a customer, from the days themselves.
    fn stage_of(customer: &Customer, as_of: Day, limits: StageLimits) -> Option<Stage> {
        let days = &customer.days;
        let last = *days.last()?;
        Some(Stage::of(limits, i64::from(as_of - last), days.len().checked_sub(2).map(|place| (last - days[place]) as u32)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_split_merges_to_the_same_tables(customers in customers(), max_nth in 1_u32..8) {
            let (customers, parts): (Vec<Customer>, Vec<usize>) = customers.into_iter().unzip();
            let mut context = integer_shops(0, 400);
            context.params.max_nth = max_nth;
            let whole = tables(&context, folded(IntervalFold::new(&context), &customers));
            prop_assert_eq!(whole, tables(&context, folded_in_parts(|| IntervalFold::new(&context), &customers, &parts)));
        }

        #[test]
        fn every_purchase_day_begins_one_interval(customers in customers(), max_nth in 1_u32..8) {
            let customers: Vec<Customer> = customers.into_iter().map(|(customer, _)| customer).collect();
            let mut context = integer_shops(0, 400);
            context.params.max_nth = max_nth;
            for shop in folded(IntervalFold::new(&context), &customers).shops() {
                let own: Vec<&Customer> = customers.iter().filter(|customer| customer.shop == shop.shop).collect();
                let sum = |counts: &[Count], of: fn(&Count) -> i64| counts.iter().map(of).sum::<i64>();
                for (nth, counts) in shop.by_nth.iter().enumerate().skip(1) {
                    let reached = |nth| own.iter().filter(|customer| customer.days.len() >= nth).count() as i64;
                    prop_assert_eq!(sum(counts, |count| count.events + count.censored), reached(nth));
                    prop_assert_eq!(sum(counts, |count| count.events), reached(nth + 1));
                }
                let all = &shop.by_nth[0];
                prop_assert!(all.is_sorted_by(|one, next| one.days < next.days));
                let begun: i64 = own.iter().map(|customer| customer.days.len() as i64).sum();
                prop_assert_eq!(sum(all, |count| count.events + count.censored), begun);
                // Closed and open intervals of a customer together span the time since the first purchase.
                let span: i64 = own.iter().filter_map(|customer| customer.days.first()).map(|first| i64::from(400 - first)).sum();
                prop_assert_eq!(sum(all, |count| i64::from(count.days) * (count.events + count.censored)), span);
            }
        }

        #[test]
        fn customers_moved_are_those_whose_stage_changes(customers in customers(), number in 0_usize..3, candidate in 0_usize..10) {
            let customers: Vec<Customer> = customers.into_iter().map(|(customer, _)| customer).collect();
            let context = integer_shops(0, 400);
            let own = StageLimits::from(&context.params.lifecycle);
            let limits = own.with(LimitedStage::ALL[number], candidates(&context)[candidate]);
            let fold = folded(IntervalFold::new(&context), &customers);
            for shop in 0..3 {
                let changes = |customer: &Customer| stage_of(customer, 400, limits) != stage_of(customer, 400, own);
                let moves = |customer: &&Customer| customer.shop == shop && changes(customer);
                prop_assert_eq!(fold.customers_moved(shop, own, limits), customers.iter().filter(moves).count() as i64);
            }
        }
    }

    #[test]
    fn candidates_are_the_usual_ones_and_the_jobs_own() {
        let mut context = integer_shops(0, 0);
        context.params.lifecycle = Lifecycle { active_days: 50, dormant_days: 200, thresholds: vec![21, 30], ..context.params.lifecycle };
        assert_eq!(candidates(&context), [7, 14, 21, 30, 45, 50, 60, 90, 120, 180, 200, 270, 365]);
    }
}
