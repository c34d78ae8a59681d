//! Dated tally: counters of each day beside those of each period, for figures that do not add up over days, such as distinct customers.

use arrow::record_batch::RecordBatch;

use super::calendar::Calendar;
use super::codes::CodeOf;
use super::layout::{Key, Layout};
use super::tally::{Cell, Line, Tally};
use crate::error::{Error, Result};
use crate::history::Context;
use crate::spec::Grain;

/// The names of the counters in states: `D` of a day, `P` of a period.
pub struct DatedLayout<const D: usize, const P: usize> {
    days: Layout<1, D>,
    periods: Layout<1, P>,
}

impl<const D: usize, const P: usize> DatedLayout<D, P> {
    /// The layout with those counters.
    pub const fn new(day_counters: [&'static str; D], period_counters: [&'static str; P]) -> Self {
        let keys = [Key::Code(CodeOf::Shop)];
        DatedLayout {
            days: Layout { keys, position: "day", counters: day_counters },
            periods: Layout { keys, position: "period", counters: period_counters },
        }
    }
}

/// By shop: a cell of each day, and one of each period.
pub struct DatedTally<Days, Periods> {
    days: Tally<1, Days>,
    /// One for each of [`Grain::periods`].
    periods: [Tally<1, Periods>; 4],
    calendar: Calendar,
}

impl<Days: Clone + Default, Periods: Clone + Default> DatedTally<Days, Periods> {
    /// An empty tally.
    pub fn new(context: &Context) -> Self {
        DatedTally { days: Tally::default(), periods: Default::default(), calendar: Calendar::new(context) }
    }

    /// The lines of a shop, to add to: its days, and its periods by grain as [`Grain::periods`] has them, with the calendar that numbers
    /// them.
    #[inline]
    pub fn lines(&mut self, shop: u32) -> (&mut Line<Days>, [&mut Line<Periods>; 4], &Calendar) {
        let DatedTally { days, periods, calendar } = self;
        let key = [shop as i32];
        (days.line_mut(key), periods.each_mut().map(|tally| tally.line_mut(key)), calendar)
    }

    /// The days of a shop; `None` where none has counts.
    pub fn days(&self, shop: u32) -> Option<&Line<Days>> {
        self.days.line([shop as i32])
    }

    /// The cell of a shop in the period with that index; the grain is one of the job's [`Grain::periods`].
    pub fn period(&self, shop: u32, grain: Grain, index: i32) -> Periods {
        let tally = self.calendar.place(grain).and_then(|place| self.periods.get(place));
        tally.and_then(|tally| tally.line([shop as i32])).map(|line| line.at(index)).unwrap_or_default()
    }

    /// Returns the counters as batches: the days, and the periods of each grain. The tally is empty afterwards.
    ///
    /// # Errors
    /// [`Error::Bug`] where Arrow refuses the arrays.
    pub fn state<const D: usize, const P: usize>(&mut self, layout: &DatedLayout<D, P>) -> Result<Vec<RecordBatch>>
    where
        Days: Cell<D>,
        Periods: Cell<P>,
    {
        let mut batches = vec![self.days.state(&layout.days)?];
        for tally in &mut self.periods {
            batches.push(tally.state(&layout.periods)?);
        }
        Ok(batches)
    }

    /// Adds the counters of another tally.
    ///
    /// # Errors
    /// [`Error::Bug`] if a sum overflows.
    pub fn absorb<const D: usize, const P: usize>(&mut self, other: Self) -> Result<()>
    where
        Days: Cell<D>,
        Periods: Cell<P>,
    {
        self.days.absorb(other.days)?;
        self.periods.iter_mut().zip(other.periods).try_for_each(|(own, more)| own.absorb(more))
    }

    /// Adds the counters of a state with that layout; no batches have none.
    ///
    /// # Errors
    /// [`Error::Bug`] if the batches are of another layout or number, or a sum overflows.
    pub fn merge<const D: usize, const P: usize>(&mut self, layout: &DatedLayout<D, P>, state: &[RecordBatch]) -> Result<()>
    where
        Days: Cell<D>,
        Periods: Cell<P>,
    {
        let [days, periods @ ..] = state else { return Ok(()) };
        if periods.len() != self.periods.len() {
            return Err(Error::bug(format!("a state of {} batches given to a tally of days and periods", state.len())));
        }
        self.days.merge(&layout.days, days)?;
        self.periods.iter_mut().zip(periods).try_for_each(|(tally, batch)| tally.merge(&layout.periods, batch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::WeekStart;
    use crate::table::testing::{day, text_shops};

    const LAYOUT: DatedLayout<2, 1> = DatedLayout::new(["placed", "paid"], ["people"]);

    fn tally() -> DatedTally<[u32; 2], [u32; 1]> {
        DatedTally::new(&text_shops(2, "2024-12-31"))
    }

    #[test]
    fn days_and_periods_are_counted_apart_and_merged() {
        let (friday, saturday) = (day("2024-03-01"), day("2024-03-02"));
        let mut one = tally();
        let (days, periods, calendar) = one.lines(1);
        for on in [friday, saturday] {
            days.cell(on)[0] += 1;
        }
        // Both days lie in one month and one week: counted once there.
        for (line, index) in periods.into_iter().zip(calendar.periods(friday)) {
            line.cell(index)[0] += 1;
        }
        let mut whole = tally();
        for _ in 0..2 {
            whole.merge(&LAYOUT, &one.state(&LAYOUT).unwrap()).unwrap();
            one.merge(&LAYOUT, &whole.state(&LAYOUT).unwrap()).unwrap();
        }
        assert_eq!(one.days(1).map(|line| [line.at(friday), line.at(saturday)]), Some([[1, 0], [1, 0]]));
        assert!(one.days(0).is_none());
        for grain in Grain::periods(WeekStart::Monday) {
            assert_eq!(one.period(1, grain, grain.index(friday)), [1], "{grain:?}");
            assert_eq!(one.period(1, grain, grain.index(friday) + 1), [0], "{grain:?}");
        }
    }

    #[test]
    fn a_foreign_state_is_refused() {
        let mut one = tally();
        let mut foreign = one.state(&LAYOUT).unwrap();
        foreign.pop();
        assert!(one.merge(&LAYOUT, &foreign).is_err(), "a grain is missing");
        let other =
            DatedTally::<[u32; 2], [u32; 1]>::new(&text_shops(1, "2024-12-31")).state(&DatedLayout::new(["a", "b"], ["c"])).unwrap();
        assert!(one.merge(&LAYOUT, &other).is_err(), "it counts something else");
        assert!(one.merge(&LAYOUT, &[]).is_ok());
    }
}
