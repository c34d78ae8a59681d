//! The division of customers into cohorts, and tallies of what cohorts did: by the period of the first purchase, undivided and by the values
//! of the dimensions that the job lists.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout, Rows};
use super::tally::{Cell, Line, Tally};
use crate::error::{Error, Result};
use crate::history::{Context, Dictionary, History, Order};
use crate::spec::{Day, Grain, NONE};

/// The dimensions in the order of their names, which is the order of the rows; `all` comes first.
const DIMENSIONS: [&str; 4] = ["all", "first_category", "first_channel", "province"];

/// The grains in the order of their names.
const GRAINS: [Grain; 5] = [Grain::Day, Grain::Month, Grain::Quarter, Grain::Week, Grain::Year];

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

/// A dimension: its values in the order of their texts.
#[derive(Debug)]
struct Dimension {
    /// Index in [`DIMENSIONS`].
    number: usize,
    /// By code: the index of its text in `names`.
    place_of_code: Vec<i32>,
    /// Texts, ascending.
    names: Vec<String>,
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
        let listed = |name: &str| context.params.cohort.dimensions.iter().any(|dimension| dimension == name);
        let features = &context.features;
        let sources = [
            None,
            Some((features.category, &context.categories)),
            Some((features.channel, &context.channels)),
            Some((features.province, &context.provinces)),
        ];
        let dimensions = DIMENSIONS.iter().zip(sources).enumerate().filter_map(|(number, (name, source))| match source {
            None => Some(Dimension { number, place_of_code: Vec::new(), names: vec![DIMENSIONS[0].to_owned()] }),
            Some((mapped, values)) => (mapped && listed(name)).then(|| Dimension::new(number, values)),
        });
        let dimensions: Vec<Dimension> = dimensions.collect();
        let calendars = GRAINS.iter().enumerate().filter(|(_, grain)| context.params.cohort.grains.contains(grain));
        let calendars: Vec<Calendar> = calendars.map(|(number, grain)| Calendar::new(number, *grain, context)).collect();
        CohortTallies { tallies: vec![Tally::default(); calendars.len() * dimensions.len()], dimensions, calendars, names }
    }

    /// The cohorts with counts, by (shop, dimension, value, grain, number).
    pub fn cohorts(&self) -> impl Iterator<Item = CohortLine<'_, C>> {
        self.lines().into_iter().filter_map(|([shop, dimension, value, grain, number], cells)| {
            let dimension = self.dimensions.iter().find(|known| known.number as i32 == dimension)?;
            Some(CohortLine {
                shop: shop as u32,
                dimension: DIMENSIONS[dimension.number],
                value: dimension.names.get(value as usize)?,
                grain: *GRAINS.get(grain as usize)?,
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
                let key = |cohort| [shop, dimension.number as i32, value, calendar.number as i32, cohort];
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
            let layout = dimension.layout(self.names);
            let mut rows = Rows::new(&layout);
            for (calendar, tallies) in self.calendars.iter().zip(self.tallies.chunks(self.dimensions.len())) {
                for (&[shop, value], cohorts) in tallies.get(place).into_iter().flat_map(Tally::sorted) {
                    let key = |cohort| [shop, dimension.code_at(value), calendar.number as i32, cohort];
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
            let own = dimensions.iter().enumerate().find(|(_, dimension)| dimension.layout(*names).fits(batch));
            let Some((place, dimension)) = own else {
                return Err(Error::bug(format!("a state of cohorts of no dimension of this run: {}", batch.schema())));
            };
            dimension.layout(*names).rows(batch, |[shop, code, grain, cohort], position, counters| {
                let calendar = calendars.iter().position(|known| known.number as i32 == grain)?;
                let tally = tallies.get_mut(calendar * dimensions.len() + place)?;
                let value = *dimension.place_of_code.get(usize::try_from(code).ok()?).unwrap_or(&0);
                tally.line_mut([shop, value]).cell(cohort).cell(position).add(counters)
            })?;
        }
        Ok(())
    }
}

impl Dimension {
    fn new(number: usize, dictionary: &Dictionary) -> Self {
        let codes = dictionary.codes().max(1);
        let text = |code: usize| dictionary.value(code as u32).unwrap_or(NONE);
        // Codes of numbers ascend as numbers, texts of numbers do not: 10 comes before 2.
        let mut by_text: Vec<usize> = (0..codes).collect();
        by_text.sort_by_key(|code| text(*code));
        let (mut names, mut place_of_code) = (Vec::<String>::new(), vec![0; codes]);
        for code in by_text {
            // The data may have the text "(none)": it is the same value as none, not a second row with the same key.
            if names.last().is_none_or(|last| last != text(code)) {
                names.push(text(code).to_owned());
            }
            place_of_code[code] = names.len() as i32 - 1;
        }
        Dimension { number, place_of_code, names }
    }

    /// The columns of the state of this dimension.
    fn layout<const N: usize>(&self, names: CounterNames<N>) -> Layout<4, N> {
        let value = match self.number {
            1 => Key::Code(CodeOf::Category),
            2 => Key::Code(CodeOf::Channel),
            3 => Key::Code(CodeOf::Province),
            _ => Key::Number("all"),
        };
        Layout {
            keys: [Key::Code(CodeOf::Shop), value, Key::Number("grain"), Key::Number("cohort")],
            position: names.position,
            counters: names.counters,
        }
    }

    /// The first code with the value at an index of `names`.
    fn code_at(&self, place: i32) -> i32 {
        self.place_of_code.iter().position(|other| *other == place).unwrap_or(0) as i32
    }

    /// The index of the customer's value in `names`.
    fn place(&self, first: &Order, last: &Order) -> i32 {
        let code = match self.number {
            1 => first.category,
            2 => first.channel,
            3 => last.province,
            _ => return 0,
        };
        self.place_of_code.get(code as usize).copied().unwrap_or(0)
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
