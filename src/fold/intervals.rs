//! Interval fold (回购周期): the days from each purchase day to the next, including the open interval since the last; beside them purchases
//! by number, however many lie on one day.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::dimension::Dimension;
use super::interval_groups::{IntervalGroup, by_nth, by_order};
use super::layout::{Key, Layout, Rows};
use super::shown_values::shown;
use super::sparse_tally::{Counted, SparseTally};
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Line, Tally};
use crate::error::{Error, Result};
use crate::history::{Context, Fold, History};
use crate::metric::lifecycle::{LimitedStage, Stage, StageLimits};
use crate::spec::Day;

/// The candidate limits of lifecycle_thresholds that every job has, in days.
const CANDIDATES: [i32; 10] = [7, 14, 30, 45, 60, 90, 120, 180, 270, 365];

/// Repurchase intervals by length, and customers by recency and number of purchases.
pub static INTERVALS: FoldSpec<IntervalFold> =
    FoldSpec { name: "intervals", version: 2, pace: Pace::ByShop, new: |context, _| IntervalFold::new(context) };

/// The state of the intervals of all customers of a shop; `nth` counts from 1.
const LENGTHS: Layout<2, 2> = Layout { keys: [Key::Code(CodeOf::Shop), Key::Number("nth")], position: "days", counters: ["ended", "open"] };

/// The state of the recencies; see [`IntervalFold::class`].
const RECENCIES: Layout<2, 1> =
    Layout { keys: [Key::Code(CodeOf::Shop), Key::Number("class")], position: "recency_days", counters: ["customers"] };

/// Counts of intervals by (shop, nth, days), and of customers by (shop, recency, class of the last interval) and by (shop, purchases).
///
/// There is a line for each shop, and the position includes nth or class: customers of a shop come in runs, but intervals of one nth do
/// not, and a position needs no hashing. The values of a dimension may be many, with few intervals each, so only those that occur are kept.
#[derive(Debug)]
pub struct IntervalFold {
    as_of: Day,
    max_nth: i32,
    candidates: Vec<i32>,
    /// `all`, then the dimensions of the job.
    dimensions: Vec<Dimension>,
    /// Position `days × (max_nth + 1) + nth − 1`; all later intervals count as nth = max_nth + 1. Closed and open ones.
    intervals: Tally<1, [u32; 2]>,
    /// The same for the other dimensions, by (shop, dimension, value).
    divided: SparseTally<3, 2>,
    /// By (shop, dimension, value) and number of purchases, all above max_nth in one: customers, and their purchases.
    purchases: Tally<3, [u32; 2]>,
    /// Position `recency × classes + class`; see [`IntervalFold::class`].
    recencies: Tally<1, [u32; 1]>,
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
            dimensions: Dimension::of_job(context),
            intervals: Tally::default(),
            divided: SparseTally::default(),
            purchases: Tally::default(),
            recencies: Tally::default(),
        }
    }

    /// The shops with purchases, ascending, with all customers of each.
    pub fn shops(&self) -> impl Iterator<Item = IntervalGroup> {
        self.intervals.sorted().into_iter().filter_map(move |([shop], line)| {
            let (dimension, purchases) = (self.dimensions.first()?, self.purchases.line([*shop, 0, 0])?);
            Some(self.group(*shop, dimension, dimension.name().into(), line.counted(), purchases))
        })
    }

    /// The customers of each shop, undivided and by the values of the dimensions, in the order of the rows. Values are as rows show them
    /// ([`shown`]).
    pub fn groups(&self, context: &Context) -> impl Iterator<Item = IntervalGroup> {
        let mut divided = self.divided.sorted().into_iter().peekable();
        self.shops().flat_map(move |all| {
            let own = std::iter::from_fn(|| divided.next_if(|([shop, ..], _)| *shop == all.shop as i32));
            let own: Vec<([i32; 3], Counted<2>)> = own.collect();
            let of_dimension = |values: &[([i32; 3], Counted<2>)]| self.shown_groups(values, context);
            let groups: Vec<IntervalGroup> =
                own.chunk_by(|([_, one, _], _), ([_, other, _], _)| one == other).flat_map(of_dimension).collect();
            std::iter::once(all).chain(groups)
        })
    }

    /// The groups of the values of a dimension of a shop.
    fn shown_groups(&self, values: &[([i32; 3], Counted<2>)], context: &Context) -> Vec<IntervalGroup> {
        let Some(([shop, number, _], _)) = values.first() else { return Vec::new() };
        let Some(dimension) = self.dimensions.iter().find(|known| known.number() == *number) else { return Vec::new() };
        let values = values.iter().filter_map(|(key, counts)| {
            let purchases = self.purchases.line(*key)?;
            let customers = purchases.counted().map(|(_, [customers, _])| customers).sum();
            Some((key[2], customers, (counts, purchases)))
        });
        let group = |(text, members): (Arc<str>, Vec<(&Counted<2>, &Line<[u32; 2]>)>)| {
            let mut intervals: BTreeMap<i32, [i64; 2]> = BTreeMap::new();
            let mut purchases = Line::default();
            for (counts, of_value) in members {
                for (position, counters) in counts {
                    let sum = intervals.entry(*position).or_default();
                    sum.iter_mut().zip(counters).for_each(|(sum, more)| *sum += i64::from(*more));
                }
                for (position, counters) in of_value.counted() {
                    // The undivided shop has counted the same customers, so that the sum fits.
                    _ = Cell::add(purchases.cell(position), &counters);
                }
            }
            self.group(*shop, dimension, text, intervals.into_iter(), &purchases)
        };
        shown(dimension, values.collect(), context).into_iter().map(group).collect()
    }

    /// A group with counters of its intervals at ascending positions, and its customers by their purchases.
    fn group(
        &self,
        shop: i32,
        dimension: &Dimension,
        value: Arc<str>,
        intervals: impl Iterator<Item = (i32, [i64; 2])>,
        purchases: &Line<[u32; 2]>,
    ) -> IntervalGroup {
        let (by_nth, by_order) = (by_nth(intervals, self.stride()), by_order(purchases, self.stride()));
        IntervalGroup { shop: shop as u32, dimension: dimension.name(), value, by_nth, by_order }
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

    /// The positions of a number of days.
    fn stride(&self) -> i32 {
        self.max_nth + 1
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
        let shop = history.shop as i32;
        let intervals = self.intervals.line_mut([shop]);
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
        self.recencies.line_mut([shop]).cell(position)[0] += 1;

        let orders = history.purchases().count();
        let mut count_purchases = |key| {
            let [customers, purchases] = self.purchases.line_mut(key).cell(1 + place(orders.saturating_sub(1)));
            *customers += 1;
            *purchases += orders as u32;
        };
        count_purchases([shop, 0, 0]);
        let (Some(first), true) = (history.purchases().next(), self.dimensions.len() > 1) else { return };
        let latest = history.purchases().last().unwrap_or(first);
        for dimension in self.dimensions.iter().skip(1) {
            let key = [shop, dimension.number(), dimension.place(first, latest)];
            count_purchases(key);
            let intervals = self.divided.line_mut(key);
            days.windows(2).enumerate().for_each(|(nth, pair)| intervals.add((pair[1] - pair[0]) * stride + place(nth), [1, 0]));
            intervals.add(recency * stride + place(days.len() - 1), [0, 1]);
        }
    }

    fn hand_over(&mut self, most: usize) -> Result<Vec<RecordBatch>> {
        let is_of_items = self.dimensions.iter().any(Dimension::is_of_items);
        if is_of_items && self.divided.len() > most { self.state() } else { Ok(Vec::new()) }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let (stride, classes) = (self.stride(), self.classes());
        let mut intervals = Rows::new(&LENGTHS);
        let apart = |position: i32| (position.rem_euclid(stride) + 1, position.div_euclid(stride));
        for (shop, line) in std::mem::take(&mut self.intervals).sorted() {
            let counted = line.counted().map(|(position, counts)| (apart(position), counts));
            counted.for_each(|((nth, days), counts)| intervals.push([shop[0], nth], days, counts));
        }
        let mut recencies = Rows::new(&RECENCIES);
        for (shop, line) in std::mem::take(&mut self.recencies).sorted() {
            let apart = |(position, count): (i32, [i64; 1])| (position.rem_euclid(classes), position.div_euclid(classes), count);
            line.counted().map(apart).for_each(|(class, recency, count)| recencies.push([shop[0], class], recency, count));
        }
        let mut state = vec![intervals.into_batch()?, recencies.into_batch()?];
        let (purchases, divided) = (std::mem::take(&mut self.purchases), std::mem::take(&mut self.divided).sorted());
        for dimension in &self.dimensions {
            let (layout, codes) = (purchases_of(dimension), dimension.codes());
            let mut rows = Rows::new(&layout);
            for ([shop, _, value], line) in purchases.sorted().into_iter().filter(|([_, number, _], _)| *number == dimension.number()) {
                line.counted().for_each(|(purchases, counts)| rows.push([*shop, codes.of(*value)], purchases, counts));
            }
            state.push(rows.into_batch()?);
        }
        for dimension in self.dimensions.iter().skip(1) {
            let (layout, codes) = (lengths_of(dimension), dimension.codes());
            let mut rows = Rows::new(&layout);
            for ([shop, _, value], counts) in divided.iter().filter(|([_, number, _], _)| *number == dimension.number()) {
                for (position, counters) in counts {
                    let (nth, days) = apart(*position);
                    rows.push([*shop, codes.of(*value), nth], days, counters.map(i64::from));
                }
            }
            state.push(rows.into_batch()?);
        }
        Ok(state)
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        match state {
            [] => Ok(()),
            [intervals, recencies, rest @ ..] if rest.len() + 1 == 2 * self.dimensions.len() => {
                let (stride, classes) = (self.stride(), self.classes());
                let position = |nth: i32, days: i32| days.checked_mul(stride)?.checked_add(nth - 1);
                LENGTHS
                    .rows(intervals, |[shop, nth], days, counts| self.intervals.line_mut([shop]).cell(position(nth, days)?).add(counts))?;
                RECENCIES.rows(recencies, |[shop, class], recency, counts| {
                    self.recencies.line_mut([shop]).cell(recency.checked_mul(classes)?.checked_add(class)?).add(counts)
                })?;
                let (purchases, divided) = rest.split_at(self.dimensions.len());
                for (dimension, batch) in self.dimensions.iter().zip(purchases) {
                    purchases_of(dimension).rows(batch, |[shop, code], purchases, counts| {
                        let key = [shop, dimension.number(), dimension.place_of(code)?];
                        self.purchases.line_mut(key).cell(purchases).add(counts)
                    })?;
                }
                for (dimension, batch) in self.dimensions.iter().skip(1).zip(divided) {
                    lengths_of(dimension).rows(batch, |[shop, code, nth], days, counts| {
                        let key = [shop, dimension.number(), dimension.place_of(code)?];
                        self.divided.line_mut(key).add_counters(position(nth, days)?, counts)
                    })?;
                }
                Ok(())
            }
            other => {
                Err(Error::bug(format!("a state of intervals of {} dimensions is not {} batches", self.dimensions.len(), other.len())))
            }
        }
    }
}

/// The state of the purchases of the values of a dimension.
fn purchases_of(dimension: &Dimension) -> Layout<2, 2> {
    Layout { keys: [Key::Code(CodeOf::Shop), dimension.key()], position: "purchases", counters: ["customers", "orders"] }
}

/// The state of the intervals of the values of a dimension; `nth` counts from 1.
fn lengths_of(dimension: &Dimension) -> Layout<3, 2> {
    Layout { keys: [Key::Code(CodeOf::Shop), dimension.key(), Key::Number("nth")], position: LENGTHS.position, counters: LENGTHS.counters }
}

#[cfg(test)]
mod tests {
    use crate::job::Lifecycle;

    use super::*;
    use crate::fold::folds::Gathered;
    use crate::history::Order;
    use crate::input::values::codes::OwnedId;
    use crate::statistics::kaplan_meier::Count;
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
        let order = (0_i32..400, 0_u32..3).prop_map(|(day, code)| Order { item: code, ..paid(day, 100).coded(code, code) });
        // One more on the day of the first order, so that days and orders differ.
        let twice = |mut orders: Vec<Order>| {
            orders.extend(orders.first().copied());
            orders
        };
        let one = (0_u32..3, prop::collection::vec(order, 0..7).prop_map(twice), 0_usize..4);
        let one = one.prop_map(|(shop, orders, part)| (customer(shop, orders), part));
        prop::collection::vec(one, 0..60)
    }

    /// The stage of a customer, from the days themselves.
    fn stage_of(customer: &Customer, as_of: Day, limits: StageLimits) -> Option<Stage> {
        let days = &customer.days;
        let last = *days.last()?;
        Some(Stage::of(limits, i64::from(as_of - last), days.len().checked_sub(2).map(|place| (last - days[place]) as u32)))
    }

    /// Two counts by shop, nth and days.
    type Counted = BTreeMap<(u32, usize, i32), [i64; 2]>;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_split_merges_to_the_same_tables(customers in customers(), max_nth in 1_u32..8) {
            let (customers, parts): (Vec<Customer>, Vec<usize>) = customers.into_iter().unzip();
            let mut context = integer_shops(0, 400);
            context.params.max_nth = max_nth;
            context.features.item = true;
            context.item_ids = vec![OwnedId::Integer(7), OwnedId::Integer(8)];
            context.params.cohort.dimensions = ["province", "first_channel", "first_item"].map(str::to_owned).to_vec();
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
        fn values_of_a_dimension_add_up_to_all(customers in customers(), max_nth in 1_u32..5) {
            let customers: Vec<Customer> = customers.into_iter().map(|(customer, _)| customer).collect();
            let mut context = integer_shops(0, 400);
            context.params.max_nth = max_nth;
            context.params.cohort.dimensions = vec!["province".to_owned(), "first_channel".to_owned()];
            // By dimension: the intervals by (shop, nth, days), the customers by (shop, nth, −1).
            let mut sums: BTreeMap<&str, Counted> = BTreeMap::new();
            for group in folded(IntervalFold::new(&context), &customers).groups(&context) {
                let lengths = group.by_nth.iter().enumerate().flat_map(|(nth, counts)| {
                    counts.iter().map(move |count| ((group.shop, nth, count.days), [count.events, count.censored]))
                });
                let orders = group.by_order.iter().enumerate().map(|(nth, counts)| ((group.shop, nth, -1), [counts.reached, counts.repurchased]));
                for (key, [one, other]) in lengths.chain(orders) {
                    let sum = sums.entry(group.dimension).or_default().entry(key).or_default();
                    *sum = [sum[0] + one, sum[1] + other];
                }
            }
            prop_assert!(sums.is_empty() || sums.len() == 3);
            let all = sums.get("all").cloned().unwrap_or_default();
            sums.values().try_for_each(|sum| { prop_assert_eq!(sum, &all); Ok(()) })?;
            // Of all, by their orders: who has so many, and who has more; at 0 the orders, and those that are not the last one.
            for ((shop, nth, _), counts) in all.iter().filter(|((_, _, days), _)| *days == -1) {
                let own = || customers.iter().filter(|customer| customer.shop == *shop).map(|customer| customer.orders.len());
                let expected = match nth {
                    0 => [own().sum::<usize>(), own().map(|orders| orders.saturating_sub(1)).sum()],
                    nth => [own().filter(|orders| orders >= nth).count(), own().filter(|orders| orders > nth).count()],
                };
                prop_assert_eq!(counts, &expected.map(|count| count as i64));
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
