//! Cycles: the periods in which an assessment judges a shop, each with the phase of the shop that it belongs to.

use crate::job::rule::AssessedPeriod;
use crate::spec::period::civil;
use crate::spec::{Day, Grain};

/// The phase of a shop in a cycle, which decides what is required of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is required yet.
    Exempt,
    /// Everything is required, with a lower sales target.
    Trial,
    /// Everything is required.
    Formal,
}

impl Phase {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Exempt => "exempt",
            Phase::Trial => "trial",
            Phase::Formal => "formal",
        }
    }
}

/// A period in which a shop is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    /// The first day.
    pub start: Day,
    /// The last day.
    pub end: Day,
    /// The phase of the shop in it.
    pub phase: Phase,
}

/// The months of a formal cycle of a rolling year.
const FORMAL_MONTHS: i32 = 12;

/// Returns the cycles of a shop that have begun by the as-of date and do not end before `first`, ascending. `opened` is the day on which
/// the shop entered the platform: without it there is no rolling year and no window.
///
/// A shop that opened on the 15th of a month or before is exempt from the 1st of that month on, one that opened later from the 1st of the
/// next (docs/assessments.md). Its exempt cycle exists from the opening on.
///
/// ```
/// use huitou::job::rule::AssessedPeriod;
/// use huitou::metric::cycle::{Phase, cycles};
/// use huitou::spec::period::{iso, parse_day};
/// let day = |text| parse_day(text).unwrap();
/// let year = AssessedPeriod::RollingYear { exempt_months: 3, trial_months: 12 };
/// let all = cycles(year, Some(day("2024-01-16")), day("2024-01-16"), day("2026-11-21"));
/// let starts: Vec<String> = all.iter().map(|cycle| iso(cycle.start)).collect();
/// assert_eq!(starts, ["2024-02-01", "2024-05-01", "2025-05-01", "2026-05-01"]);
/// assert_eq!(all[1].phase, Phase::Trial);
/// ```
pub fn cycles(period: AssessedPeriod, opened: Option<Day>, first: Day, as_of: Day) -> Vec<Cycle> {
    let formal = |start: Day, end: Day| Cycle { start, end, phase: Phase::Formal };
    let mut cycles = Vec::new();
    match period {
        AssessedPeriod::Calendar(grain) => {
            if first <= as_of {
                cycles.extend((grain.index(first)..=grain.index(as_of)).map(|index| formal(grain.start(index), grain.end(index))));
            }
        }
        AssessedPeriod::RollingYear { exempt_months, trial_months } => {
            let Some(opened) = opened.filter(|opened| *opened <= as_of) else { return cycles };
            let (_, _, month_day) = civil(opened);
            let exempt = Grain::Month.index(opened) + i32::from(month_day > 15);
            let trial = exempt.saturating_add_unsigned(exempt_months);
            let formal = trial.saturating_add_unsigned(trial_months);
            let mut cycle = |from: i32, to: i32, phase: Phase| {
                // A phase of no months does not exist.
                if from < to {
                    cycles.push(Cycle { start: Grain::Month.start(from), end: Grain::Month.start(to) - 1, phase });
                }
            };
            cycle(exempt, trial, Phase::Exempt);
            cycle(trial, formal, Phase::Trial);
            let last = Grain::Month.index(as_of);
            for from in (formal..=last).step_by(FORMAL_MONTHS as usize) {
                cycle(from, from + FORMAL_MONTHS, Phase::Formal);
            }
            cycles.retain(|cycle| cycle.start <= as_of || cycle.phase == Phase::Exempt);
        }
        AssessedPeriod::Window { from_day, to_day } => {
            let day = |number: u32| opened.map(|opened| opened.saturating_add_unsigned(number) - 1);
            cycles.extend(day(from_day).zip(day(to_day)).map(|(start, end)| formal(start, end)));
            cycles.retain(|cycle| cycle.start <= as_of);
        }
        AssessedPeriod::Trailing { days } => cycles.push(formal(as_of.saturating_sub_unsigned(days) + 1, as_of)),
    }
    cycles.retain(|cycle| cycle.end >= first);
    cycles
}

/// Whether a shop had been open for that many whole months on a day. True for a shop of unknown opening, and for 0 months.
pub fn was_open(opened: Option<Day>, months: u32, on: Day) -> bool {
    months == 0 || opened.is_none_or(|opened| opened <= months_before(on, months))
}

/// The day of the same number that many months before; the last day of that month if it has no such day.
fn months_before(day: Day, months: u32) -> Day {
    let (_, _, month_day) = civil(day);
    let month = Grain::Month.index(day).saturating_sub_unsigned(months);
    (Grain::Month.start(month) + month_day - 1).min(Grain::Month.end(month))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::period::{iso, parse_day};
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        parse_day(text).unwrap()
    }

    const YEAR: AssessedPeriod = AssessedPeriod::RollingYear { exempt_months: 3, trial_months: 12 };

    fn listed(period: AssessedPeriod, opened: &str, first: &str, as_of: &str) -> Vec<String> {
        let cycles = cycles(period, Some(day(opened)), day(first), day(as_of));
        cycles.iter().map(|cycle| format!("{} {} {}", iso(cycle.start), iso(cycle.end), cycle.phase.name())).collect()
    }

    #[test]
    fn the_fifteenth_is_the_last_day_of_the_first_half() {
        let on_the_15th = ["2024-03-01 2024-05-31 exempt", "2024-06-01 2025-05-31 trial", "2025-06-01 2026-05-31 formal"];
        assert_eq!(listed(YEAR, "2024-03-15", "2024-03-15", "2026-05-31"), on_the_15th);
        assert_eq!(listed(YEAR, "2024-03-01", "2024-03-15", "2026-05-31"), on_the_15th);
        let on_the_16th = ["2024-04-01 2024-06-30 exempt", "2024-07-01 2025-06-30 trial", "2025-07-01 2026-06-30 formal"];
        assert_eq!(listed(YEAR, "2024-03-16", "2024-03-16", "2026-05-31"), on_the_16th);
        assert_eq!(listed(YEAR, "2024-03-31", "2024-03-31", "2026-05-31"), on_the_16th);
    }

    #[test]
    fn the_end_of_february_of_a_leap_year() {
        let cycles = ["2024-03-01 2024-05-31 exempt", "2024-06-01 2025-05-31 trial"];
        assert_eq!(listed(YEAR, "2024-02-29", "2024-02-29", "2024-12-31"), cycles);
        // A formal cycle that ends with 29 February: exempt December to February, trial from March on.
        assert_eq!(
            listed(YEAR, "2026-12-15", "2026-12-15", "2028-03-01")[1..],
            ["2027-03-01 2028-02-29 trial", "2028-03-01 2029-02-28 formal"]
        );
    }

    #[test]
    fn a_shop_of_the_second_half_is_exempt_before_its_exempt_months_begin() {
        assert_eq!(listed(YEAR, "2024-01-20", "2024-01-20", "2024-01-25"), ["2024-02-01 2024-04-30 exempt"]);
        assert_eq!(listed(YEAR, "2024-01-20", "2024-01-20", "2024-01-19"), [] as [&str; 0]);
    }

    #[test]
    fn cycles_before_the_data_are_not_there() {
        assert_eq!(
            listed(YEAR, "2018-01-01", "2025-04-01", "2026-11-21"),
            ["2025-04-01 2026-03-31 formal", "2026-04-01 2027-03-31 formal"]
        );
        assert_eq!(listed(YEAR, "2018-01-01", "2025-03-31", "2026-03-31").len(), 2);
    }

    #[test]
    fn the_window_counts_the_day_of_the_opening_as_its_first() {
        let window = AssessedPeriod::Window { from_day: 61, to_day: 90 };
        // January has 31 days and February 28: day 60 is 1 March, day 90 is 31 March.
        assert_eq!(listed(window, "2026-01-01", "2026-01-01", "2026-03-02"), ["2026-03-02 2026-03-31 formal"]);
        assert_eq!(listed(window, "2026-01-01", "2026-01-01", "2026-03-01"), [] as [&str; 0]);
        assert_eq!(cycles(window, None, 0, day("2026-03-01")), []);
        let trailing = AssessedPeriod::Trailing { days: 30 };
        assert_eq!(listed(trailing, "2026-01-01", "2026-01-01", "2026-03-02"), ["2026-02-01 2026-03-02 formal"]);
    }

    #[test]
    fn three_months_open_to_the_day() {
        let open = |opened: &str, on: &str| was_open(Some(day(opened)), 3, day(on));
        assert!(open("2026-01-01", "2026-04-01") && !open("2026-01-02", "2026-04-01"));
        assert!(open("2026-02-28", "2026-05-31") && !open("2026-03-01", "2026-05-31"));
        assert!(was_open(None, 3, 0) && was_open(Some(1), 0, 0));
    }

    proptest! {
        #[test]
        fn the_cycles_of_a_rolling_year_follow_each_other_without_a_gap(opened in 10_000i32..25_000, open_days in 0i32..3_000) {
            let cycles = cycles(YEAR, Some(opened), opened, opened + open_days);
            prop_assert!(!cycles.is_empty());
            prop_assert!((cycles[0].start - opened).abs() < 17);
            for pair in cycles.windows(2) {
                prop_assert_eq!(pair[0].end + 1, pair[1].start);
            }
            prop_assert!(cycles.last().unwrap().end >= opened + open_days);
        }
    }
}
