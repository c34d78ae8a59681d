//! Outlook: what it takes to meet a requirement by the end of its cycle, and the day from which it is at risk.

use super::judge::{Judge, Judgement, side_of};
use crate::job::rule::Requirement;
use crate::metric::dsr::{Score, WINDOW_DAYS};
use crate::metric::measure::Measure;
use crate::metric::ratio::{Quotient, in_units_of, ratio_of};
use crate::metric::sums::{Quantity, Sums};
use crate::metric::verdict::Side;
use crate::spec::{Day, NO_DAY};

/// The days up to the as-of date whose mean is the shop's pace.
const PACE_DAYS: i32 = 28;

/// The scores that a rating can give.
const WORST_SCORE: f64 = 1.0;
const BEST_SCORE: f64 = 5.0;

/// What it takes to meet a requirement in a running cycle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// The figure that each remaining day must have, in the unit of results.
    pub needed: Option<f64>,
    /// The meaning of `needed`.
    pub needed_unit: Option<&'static str>,
    /// The first day on which it is missed if every day is like the last 28; the as-of date if it is missed already; [`NO_DAY`] if it is
    /// not missed by the end, or if that is unknown.
    pub at_risk_from: Day,
}

/// The outlook of a requirement that was judged.
pub fn outlook(judge: &Judge<'_>, requirement: &Requirement, judgement: &Judgement) -> Outlook {
    let nothing = Outlook { needed: None, needed_unit: None, at_risk_from: NO_DAY };
    let (Some(value), Some(threshold), Some(is_met)) = (judgement.value, judgement.threshold, judgement.status.is_met()) else {
        return nothing;
    };
    if judge.is_complete() {
        return nothing;
    }
    let measure = Measure::of(requirement);
    let side = side_of(requirement);
    // For a measure that accumulates, the values of peers at the end are unknown.
    let is_open = measure.accumulates() && side == Side::AtLeast && !judgement.is_prorated;
    let (needed, needed_unit) = match needed(judge, &measure, side, value, threshold).filter(|_| !is_open) {
        Some((needed, unit)) => (Some(needed), Some(unit)),
        None => (None, None),
    };
    let at_risk_from = match is_met {
        false => judge.last(),
        true if is_open => NO_DAY,
        true => at_risk_from(judge, &measure, side, threshold, judgement.is_prorated),
    };
    Outlook { needed, needed_unit, at_risk_from }
}

/// The figure that the remaining days must have to keep the threshold, and its unit.
fn needed(judge: &Judge<'_>, measure: &Measure, side: Side, value: f64, threshold: f64) -> Option<(f64, &'static str)> {
    let days_left = f64::from(judge.cycle.end - judge.last());
    let sums = judge.shop.sums(judge.cycle.start, judge.last());
    let days_gone = f64::from(judge.last() - judge.cycle.start + 1);
    match measure {
        Measure::Amount(_) if side == Side::AtLeast => {
            let minor_a_day = ratio_of((threshold - value).max(0.0), days_left)?;
            Some((in_units_of(100.0, minor_a_day), "CNY a day"))
        }
        Measure::NewItems if side == Side::AtLeast => Some((ratio_of((threshold - value).max(0.0), days_left)?, "items a day")),
        Measure::Score(_) | Measure::ScoreMean if side == Side::AtLeast => {
            // The ratings so far that still count at the end, and as many a day as in the last weeks.
            let kept = judge.shop.sums(judge.cycle.end - WINDOW_DAYS + 1, judge.last());
            let pace = pace(judge);
            let ratings = |sums: &Sums<f64>| Score::ALL.map(|score| sums[Quantity::Ratings(score)]).into_iter().fold(0.0, f64::max);
            let (there, coming) = (ratings(&kept), ratings(&pace) * days_left);
            let so_far = measure.over(&kept).unwrap_or(0.0);
            let mean = ratio_of(threshold * (there + coming) - so_far * there, coming)?;
            // A need above the best score cannot be met; one below the worst is met by any.
            (mean <= BEST_SCORE).then(|| (mean.max(WORST_SCORE), "mean of the ratings to come"))
        }
        _ => {
            let Quotient { numerator, denominator } = measure.quotient(&sums)?;
            let coming = ratio_of(denominator, days_gone)? * days_left;
            let rate = ratio_of(threshold * (denominator + coming) - numerator, coming)?;
            let is_share = matches!(measure, Measure::Conversion | Measure::DisputeRate);
            let is_possible = match side {
                Side::AtLeast => !is_share || rate <= 1.0,
                Side::AtMost => rate >= 0.0,
            };
            let most = if is_share { 1.0 } else { f64::INFINITY };
            is_possible.then(|| (rate.clamp(0.0, most), "rate of the days to come"))
        }
    }
}

/// The mean of the last days.
fn pace(judge: &Judge<'_>) -> Sums<f64> {
    let days = PACE_DAYS.min(judge.last() - judge.shop.first + 1).max(1);
    judge.shop.sums(judge.last() - days + 1, judge.last()).map(|sum| in_units_of(f64::from(days), sum))
}

fn at_risk_from(judge: &Judge<'_>, measure: &Measure, side: Side, threshold: f64, is_prorated: bool) -> Day {
    if !measure.is_of_days() {
        return NO_DAY;
    }
    let pace = pace(judge);
    let is_missed = |day: &Day| {
        let days_to_come = f64::from(*day - judge.last());
        let sums = judge.shop.sums_that_count_on(judge.cycle.start, *day).with(&pace, |gone, a_day| gone + a_day * days_to_come);
        let today = if is_prorated { threshold * judge.elapsed(*day) } else { threshold };
        measure.over(&sums).is_some_and(|value| !side.holds(value, today) && (value - today).abs() > NOISE * today.abs())
    };
    (judge.last() + 1..=judge.cycle.end).find(is_missed).unwrap_or(NO_DAY)
}

/// Rounds, so that a pace that keeps a value does not seem to move it.
const NOISE: f64 = 1e-9;
