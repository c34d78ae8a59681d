//! The division of customers into cohorts, and tallies of what cohorts did: by the period of the first purchase, undivided and by the values
//! of the dimensions that the job lists.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::dimension::Dimension;
use super::layout::{Key, Layout, Rows};
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
pub struct CohortLine<'a, C> {
    /// Shop code.
    pub shop: u32,
    /// Name of the dimension.
    pub dimension: &'static str,
    /// The customers' value of the dimension.
    pub value: &'a str,
    /// Length of the periods.
    pub grain: Grain,
    /// Index of the cohort's own period (see [`Grain::index`]).
    pub number: i32,
    /// What its customers did.
    pub cells: &'a Line<C>,
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

    /// The cohorts with counts, by (shop, dimension, value, grain, number).
    pub fn cohorts(&self) -> impl Iterator<Item = CohortLine<'_, C>> {
        self.lines().into_iter().filter_map(|([shop, dimension, value, grain, number], cells)| {
            let dimension = self.dimensions.iter().find(|known| known.number() == dimension)?;
            Some(CohortLine {
                shop: shop as u32,
                dimension: dimension.name(),
                value: dimension.value(value)?,
                grain: self.calendars.iter().find(|calendar| calendar.number as i32 == grain)?.grain,
                number,
                cells,
            })
        })
    }

    /// All cohorts with their keys as numbers, in order.
    fn lines(&self) -> Vec<([i32; 5], &Line<C>)> {
        let mut lines = Vec::new();
        let pairs = self.calendars.iter().flat_map(|calendar| self.dimensions.iter().map(move |dimension| (calendar, dimension)));
        for ((calendar, dimension), tally) in pairs.zip(&self.tallies) {
            for (&[shop, value], cohorts) in tally.sorted() {
                let key = |cohort| [shop, dimension.number(), value, calendar.number as i32, cohort];
                lines.extend(cohorts.cells().filter(|(_, cells)| !cells.is_empty()).map(|(cohort, cells)| (key(cohort), cells)));
            }
        }
        lines.sort_unstable_by_key(|(key, _)| *key);
        lines
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
                    let key = |cohort| [shop, codes[value as usize], calendar.number as i32, cohort];
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
