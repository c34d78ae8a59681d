//! Season: how much more, or less, is bought on the days to come than on the mean of a year, as the years before had it.
//!
//! The models of customers know no season: they foretell a mean year. Promotions and holidays come again on the same days, for all
//! shops of a run more or less alike; so what a shop's own years tell is weighed against what those of all shops together do.

use super::super::activity::{Activity, ActivityFold};
use super::span::Span;
use crate::history::Context;
use crate::spec::{Day, Grain, NO_DAY};

/// Years that are looked back at.
const YEARS: i32 = 2;

/// Days on either side of the middle of a span a year ago that make a mean year.
const HALF_YEAR: Day = 182;

/// What all shops tell weighs as much as so many purchases of the shop.
const WEIGHT_OF_ALL: f64 = 100.0;

/// What was counted on the days of a span in earlier years, and what mean years would have had.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Seen {
    counted: f64,
    mean: f64,
}

impl Seen {
    fn plus(self, other: Seen) -> Seen {
        Seen { counted: self.counted + other.counted, mean: self.mean + other.mean }
    }
}

/// The season of each span for each shop.
#[derive(Debug, Clone)]
pub struct Season {
    /// By span, all shops together.
    of_all: Vec<Seen>,
    /// By shop code and span.
    of_shops: Vec<Vec<Seen>>,
    /// By span, the part of the month's new customers that come on its days, all shops together.
    parts: Vec<Option<f64>>,
}

impl Season {
    /// The season of the spans, from the years before.
    pub fn of(context: &Context, activity: &ActivityFold, spans: &[Span]) -> Season {
        let shops = 0..context.shops.len() as u32;
        let of_shops: Vec<Vec<Seen>> = shops.map(|shop| spans.iter().map(|span| seen(context, activity, shop, *span)).collect()).collect();
        let of_all = (0..spans.len())
            .map(|place| of_shops.iter().filter_map(|of_shop| of_shop.get(place)).fold(Seen::default(), |all, seen| all.plus(*seen)))
            .collect();
        Season { of_all, of_shops, parts: spans.iter().map(|span| part_of_month(context, activity, *span)).collect() }
    }

    /// What a mean year's purchases of a shop are to be multiplied with in the span at that place; 1 where no year is known.
    pub fn factor(&self, shop: u32, span: usize) -> f64 {
        let ratio = |seen: Seen| if seen.mean > 0.0 { seen.counted / seen.mean } else { 1.0 };
        let all = self.of_all.get(span).map_or(1.0, |seen| ratio(*seen));
        let own = self.of_shops.get(shop as usize).and_then(|of_shop| of_shop.get(span)).copied().unwrap_or_default();
        ratio(own.plus(Seen { counted: WEIGHT_OF_ALL * all, mean: WEIGHT_OF_ALL }))
    }

    /// The part of a month's new customers that come on the days of the span at that place, as a year before; by days where that is
    /// not known.
    pub fn part_of_month(&self, place: usize, span: &Span) -> f64 {
        let days = Grain::Month.start(span.month + 1) - Grain::Month.start(span.month);
        self.parts.get(place).copied().flatten().unwrap_or(f64::from(span.days()) / f64::from(days))
    }
}

/// The days of a span so many years before: from the same day of the month to its end.
fn years_before(context: &Context, span: Span, years: i32) -> (Day, Day) {
    let month = span.month - 12 * years;
    let offset = context.as_of + span.after + 1 - Grain::Month.start(span.month);
    let end = Grain::Month.end(month);
    ((Grain::Month.start(month) + offset).min(end), end)
}

fn sum(activity: &ActivityFold, shop: u32, (from, to): (Day, Day), of: fn(&Activity) -> i64) -> f64 {
    activity.days(shop, from, to).iter().map(of).sum::<i64>() as f64
}

fn seen(context: &Context, activity: &ActivityFold, shop: u32, span: Span) -> Seen {
    let known_from = context.first_days.get(shop as usize).copied().filter(|day| *day != NO_DAY).unwrap_or(Day::MAX);
    let mut all = Seen::default();
    for years in 1..=YEARS {
        let days = years_before(context, span, years);
        let middle = days.0 + (days.1 - days.0) / 2;
        let year = (middle - HALF_YEAR, (middle + HALF_YEAR).min(context.as_of));
        if known_from <= year.0 && days.1 <= context.as_of {
            let length = |(from, to): (Day, Day)| f64::from(to - from + 1);
            let mean = sum(activity, shop, year, |day| day.purchases) * length(days) / length(year);
            all = all.plus(Seen { counted: sum(activity, shop, days, |day| day.purchases), mean });
        }
    }
    all
}

fn part_of_month(context: &Context, activity: &ActivityFold, span: Span) -> Option<f64> {
    let days = years_before(context, span, 1);
    let whole = (Grain::Month.start(span.month - 12), days.1);
    let all =
        |days: (Day, Day)| (0..context.shops.len() as u32).map(|shop| sum(activity, shop, days, |day| day.new_customers)).sum::<f64>();
    (context.first_day <= whole.0 && days.1 <= context.as_of)
        .then(|| (all(days), all(whole)))
        .filter(|(_, whole)| *whole > 0.0)
        .map(|(part, whole)| part / whole)
}
