//! The division of customers into cohorts, and tallies of what cohorts did: by the period of the first purchase, undivided and by the values
//! of the dimensions that the job lists.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::dimension::Dimension;
use super::layout::{Key, Layout, Rows};
use super::shown_values::{Value, shown};
use super::tally::{Cell, Line, Tally};
use crate::error::{Error, Result};
use crate::history::{Context, History};
use crate::spec::{Day, Grain};

/// The names of the grains, in order. States have a grain as its index here.
const GRAINS: [&str; 5] = ["day", "month", "quarter", "week", "year"];

/// The most days in the tables of periods; those of other days are computed.
const CALENDAR_DAYS: i32 = 40_000;

/// By (shop, dimension, value, grain, cohort): a line of counters.
#[derive(Debug)]
pub struct CohortTallies<C, const N: usize> {
    dimensions: Vec<Dimension>,
    calendars: Vec<Calendar>,
    /// For each calendar and each dimension: by (shop, value) and index of the cohort, a line.
    tallies: Vec<Tally<2, Line<C>>>,
    names: CounterNames<N>,
}

/// The names of what stands on a line, as states have them.
#[derive(Debug, Clone, Copy)]
pub struct CounterNames<const N: usize> {
    /// The position of a cell.
    pub position: &'static str,
    /// Its counters.
    pub counters: [&'static str; N],
}

/// The periods of one grain.
#[derive(Debug)]
pub struct Calendar {
    /// Index in [`GRAINS`].
    number: usize,
    grain: Grain,
    first_day: Day,
    /// The period of each day from `first_day` on; other days are computed.
    periods: Vec<i32>,
}

/// One cohort of one dimension value.
#[derive(Debug)]
pub struct CohortLine<'a, C: Clone> {
    /// Shop code.
    pub shop: u32,
    /// Name of the dimension.
    pub dimension: &'static str,
    /// The customers' value of the dimension.
    pub value: Arc<str>,
    /// Length of the periods.
    pub grain: Grain,
    /// Index of the cohort's own period (see [`Grain::index`]).
    pub number: i32,
    /// What its customers did.
    pub cells: Cow<'a, Line<C>>,
}

impl<C: Cell<N>, const N: usize> CohortTallies<C, N> {
    /// Empty tallies for the grains and dimensions of the job. Leaves out dimensions whose column the orders input does not have.
    pub fn new(context: &Context, names: CounterNames<N>) -> Self {
        let dimensions = Dimension::of_job(context);
        let grain = |name: &str| context.params.cohort.grains.iter().copied().find(|grain| grain.name() == name);
        let grains = GRAINS.iter().enumerate().filter_map(|(number, name)| Some((number, grain(name)?)));
        let calendars: Vec<Calendar> = grains.map(|(number, grain)| Calendar::new(number, grain, context)).collect();
        CohortTallies { tallies: vec![Tally::default(); calendars.len() * dimensions.len()], dimensions, calendars, names }
    }

    /// The cohorts with counts, by (shop, dimension, value, grain, number). Values are as rows show them ([`shown`]).
    pub fn cohorts(&self, context: &Context) -> impl Iterator<Item = CohortLine<'_, C>> {
        let mut cohorts = Vec::new();
        for (place, dimension) in self.dimensions.iter().enumerate() {
            for (shop, values) in self.values(place) {
                for (value, of_value) in shown(dimension, values, context) {
                    let cohort = |((calendar, number), cells): ((usize, i32), _)| {
                        let grain = self.calendars.get(calendar)?.grain;
                        Some(CohortLine { shop, dimension: dimension.name(), value: Arc::clone(&value), grain, number, cells })
                    };
                    cohorts.extend(together(of_value).into_iter().filter_map(cohort));
                }
            }
        }
        // Calendars stand in the order of their names, dimensions too, and what has one shop stays in that order.
        cohorts.sort_by_key(|cohort| cohort.shop);
        cohorts.into_iter()
    }

    /// The values of a dimension by shop, each with its customers and its lines by the number of their calendar.
    fn values(&self, place: usize) -> BTreeMap<u32, Vec<Value<LinesOfValue<'_, C>>>> {
        let mut lines: BTreeMap<[i32; 2], LinesOfValue<'_, C>> = BTreeMap::new();
        for (calendar, tallies) in self.tallies.chunks(self.dimensions.len()).enumerate() {
            for (&key, line) in tallies.get(place).into_iter().flat_map(Tally::sorted) {
                lines.entry(key).or_default().push((calendar, line));
            }
        }
        let mut values: BTreeMap<u32, Vec<Value<LinesOfValue<'_, C>>>> = BTreeMap::new();
        for ([shop, value], lines) in lines {
            // The first counter of the first position is of the whole cohort, whatever the grain.
            let cohorts = lines.first().into_iter().flat_map(|(_, line)| line.cells());
            let customers = cohorts.map(|(_, cells)| cells.at(0).counters()[0]).sum();
            values.entry(shop as u32).or_default().push((value, customers, lines));
        }
        values
    }

    /// Calls `count` with the line of each cohort of a customer, the index of the cohort, and the calendar of its grain.
    pub fn of_customer(&mut self, history: &History<'_>, count: impl Fn(&mut Line<C>, i32, &Calendar)) {
        let mut purchases = history.purchases();
        let Some(first) = purchases.next() else { return };
        let last = purchases.last().unwrap_or(first);
        let mut tallies = self.tallies.iter_mut();
        for calendar in &self.calendars {
            let cohort = calendar.index(first.paid_day);
            for (dimension, tally) in self.dimensions.iter().zip(&mut tallies) {
                let value = dimension.place(first, last);
                count(tally.line_mut([history.shop as i32, value]).cell(cohort), cohort, calendar);
            }
        }
    }

    /// The state, if there are lines of more than `most` items; see [`crate::history::Fold::hand_over`].
    ///
    /// # Errors
    /// As for [`CohortTallies::state`].
    pub fn hand_over(&mut self, most: usize) -> Result<Vec<RecordBatch>> {
        let of_dimensions = self.dimensions.iter().zip(&self.tallies);
        let items: usize = of_dimensions.filter(|(dimension, _)| dimension.is_of_items()).map(|(_, tally)| tally.keys()).sum();
        if items > most { self.state() } else { Ok(Vec::new()) }
    }

    /// Returns the counters as a batch for each dimension. The tallies are empty afterwards.
    ///
    /// # Errors
    /// [`Error::Bug`] where Arrow refuses the arrays.
    pub fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let mut batches = Vec::new();
        for (place, dimension) in self.dimensions.iter().enumerate() {
            let (layout, codes) = (layout(dimension, self.names), dimension.codes());
            let mut rows = Rows::new(&layout);
            for (calendar, tallies) in self.calendars.iter().zip(self.tallies.chunks(self.dimensions.len())) {
                for (&[shop, value], cohorts) in tallies.get(place).into_iter().flat_map(Tally::sorted) {
                    let key = |cohort| [shop, codes.of(value), calendar.number as i32, cohort];
                    for (cohort, cells) in cohorts.cells() {
                        cells.counted().for_each(|(position, counters)| rows.push(key(cohort), position, counters));
                    }
                }
            }
            batches.push(rows.into_batch()?);
        }
        self.tallies.fill(Tally::default());
        Ok(batches)
    }

    /// Adds the counters of other tallies of the same job.
    ///
    /// # Errors
    /// [`Error::Bug`] where a sum overflows.
    pub fn absorb(&mut self, other: Self) -> Result<()> {
        self.tallies.iter_mut().zip(other.tallies).try_for_each(|(own, more)| own.absorb_lines(more))
    }

    /// Adds such batches.
    ///
    /// # Errors
    /// [`Error::Bug`] where a batch has other columns, or a sum overflows.
    pub fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        let CohortTallies { dimensions, calendars, tallies, names } = self;
        for batch in state {
            let own = dimensions.iter().enumerate().find(|(_, dimension)| layout(dimension, *names).fits(batch));
            let Some((place, dimension)) = own else {
                return Err(Error::bug(format!("a state of cohorts of no dimension of this run: {}", batch.schema())));
            };
            layout(dimension, *names).rows(batch, |[shop, code, grain, cohort], position, counters| {
                let calendar = calendars.iter().position(|known| known.number as i32 == grain)?;
                let tally = tallies.get_mut(calendar * dimensions.len() + place)?;
                tally.line_mut([shop, dimension.place_of(code)?]).cell(cohort).cell(position).add(counters)
            })?;
        }
        Ok(())
    }
}

/// The lines of a value, each with the number of its calendar.
type LinesOfValue<'a, C> = Vec<(usize, &'a Line<Line<C>>)>;

/// The cohorts of values that stand under one text, by (calendar, number), their counters added up.
fn together<C: Cell<N>, const N: usize>(values: Vec<LinesOfValue<'_, C>>) -> BTreeMap<(usize, i32), Cow<'_, Line<C>>> {
    let mut cohorts: BTreeMap<(usize, i32), Cow<'_, Line<C>>> = BTreeMap::new();
    for (calendar, line) in values.into_iter().flatten() {
        for (number, cells) in line.cells().filter(|(_, cells)| !cells.is_empty()) {
            match cohorts.entry((calendar, number)) {
                Entry::Vacant(place) => _ = place.insert(Cow::Borrowed(cells)),
                Entry::Occupied(mut place) => {
                    let sum = place.get_mut().to_mut();
                    for (position, counters) in cells.counted() {
                        // The undivided cohort has counted the same customers, so that the sum fits.
                        _ = sum.cell(position).add(&counters);
                    }
                }
            }
        }
    }
    cohorts
}

/// The columns of the state of a dimension.
fn layout<const N: usize>(dimension: &Dimension, names: CounterNames<N>) -> Layout<4, N> {
    Layout {
        keys: [Key::Code(CodeOf::Shop), dimension.key(), Key::Number("grain"), Key::Number("cohort")],
        position: names.position,
        counters: names.counters,
    }
}

impl Calendar {
    fn new(number: usize, grain: Grain, context: &Context) -> Self {
        let first_day = context.first_day.min(context.as_of);
        let last_day = context.as_of.min(first_day.saturating_add(CALENDAR_DAYS));
        Calendar { number, grain, first_day, periods: (first_day..=last_day).map(|day| grain.index(day)).collect() }
    }

    /// The period in which a day lies.
    pub fn index(&self, day: Day) -> i32 {
        let place = i64::from(day) - i64::from(self.first_day);
        match usize::try_from(place).ok().and_then(|place| self.periods.get(place)) {
            Some(period) => *period,
            None => self.grain.index(day),
        }
    }
}
