//! Spans: the remaining days of months, counted from the as-of date.

use crate::spec::{Day, Grain};

/// The remaining days of a month; day 1 is the day after the as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The number of the month, as [`Grain::Month`] counts them.
    pub month: i32,
    /// The days between the as-of date and the first day of the span.
    pub after: i32,
    /// The last day of the span.
    pub until: i32,
}

impl Span {
    /// The rest of the month of the as-of date, unless that is its last day, and the `months` that follow.
    pub fn of(as_of: Day, months: u32) -> Vec<Span> {
        let current = Grain::Month.index(as_of);
        let end = |month: i32| Grain::Month.end(month) - as_of;
        let span = |month: i32| Span { month, after: if month == current { 0 } else { end(month - 1) }, until: end(month) };
        (current..=current + months as i32).map(span).filter(|span| span.days() > 0).collect()
    }

    /// The number of its days.
    pub fn days(&self) -> i32 {
        self.until - self.after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::period::day_of;

    #[test]
    fn what_is_left_of_the_month_and_those_after_it() {
        let spans = |as_of| Span::of(as_of, 2).iter().map(|span| (span.after, span.until)).collect::<Vec<_>>();
        // 2026-11-21: nine days of November, then December and January.
        assert_eq!(spans(day_of(2026, 11, 21).unwrap()), [(0, 9), (9, 40), (40, 71)]);
        assert_eq!(spans(day_of(2026, 11, 30).unwrap()), [(0, 31), (31, 62)]);
    }
}
