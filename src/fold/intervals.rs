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

/// The counts of the intervals of a value, and those of its purchases.
type Member<'a> = (&'a Counted<2>, &'a Line<[u32; 2]>);

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
        let group = |(text, members): (Arc<str>, Vec<Member<'_>>)| {
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
        if is_of_items && self.divided.keys() > most { self.state() } else { Ok(Vec::new()) }
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

    fn absorb(&mut self, other: Self) -> Result<()> {
        self.intervals.absorb(other.intervals)?;
        self.recencies.absorb(other.recencies)?;
        self.purchases.absorb(other.purchases)?;
        self.divided.absorb(other.divided);
        Ok(())
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
mod tests;
