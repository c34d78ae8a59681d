//! Calendar: a table of the periods of every day of a run, because computing months and years for every order is too slow.

use crate::history::Context;
use crate::spec::{Day, Grain};

/// The numbers of the periods of each day.
pub struct Calendar {
    grains: [Grain; 4],
    first: Day,
    periods: Vec<[i32; 4]>,
}

impl Calendar {
    /// The most days in the table, some 110 years; the periods of earlier days are computed.
    const MOST: i32 = 40_000;

    /// The days from the first order to the as-of date.
    pub fn new(context: &Context) -> Self {
        let first = context.first_day.max(context.as_of.saturating_sub(Self::MOST));
        let grains = context.params.periods();
        Calendar { grains, first, periods: (first..=context.as_of).map(|day| periods_of(grains, day)).collect() }
    }

    /// The place of a grain among those of the job, in the order of [`Grain::periods`]; `None` for weeks that begin on another day.
    pub fn place(&self, grain: Grain) -> Option<usize> {
        self.grains.iter().position(|other| *other == grain)
    }

    /// The number of the period that a day lies in, for each of [`Grain::periods`].
    #[inline]
    pub fn periods(&self, day: Day) -> [i32; 4] {
        let offset = i64::from(day) - i64::from(self.first);
        usize::try_from(offset).ok().and_then(|offset| self.periods.get(offset)).copied().unwrap_or_else(|| periods_of(self.grains, day))
    }
}

fn periods_of(grains: [Grain; 4], day: Day) -> [i32; 4] {
    grains.map(|grain| grain.index(day))
}
