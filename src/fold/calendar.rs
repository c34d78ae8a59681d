//! Calendar: a table of the periods of every day of a run, because computing months and years for every order is too slow.

use crate::history::Context;
use crate::spec::{Day, Grain};

/// The numbers of the periods of each day.
pub struct Calendar {
    first: Day,
    periods: Vec<[i32; 4]>,
}

impl Calendar {
    /// The most days in the table, some 110 years; the periods of earlier days are computed.
    const MOST: i32 = 40_000;

    /// The days from the first order to the as-of date.
    pub fn new(context: &Context) -> Self {
        let first = context.first_day.max(context.as_of.saturating_sub(Self::MOST));
        Calendar { first, periods: (first..=context.as_of).map(periods_of).collect() }
    }

    /// The number of the period that a day lies in, for each of [`Grain::PERIODS`].
    #[inline]
    pub fn periods(&self, day: Day) -> [i32; 4] {
        let offset = i64::from(day) - i64::from(self.first);
        usize::try_from(offset).ok().and_then(|offset| self.periods.get(offset)).copied().unwrap_or_else(|| periods_of(day))
    }
}

fn periods_of(day: Day) -> [i32; 4] {
    Grain::PERIODS.map(|grain| grain.index(day))
}
