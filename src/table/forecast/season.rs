//! Season: the ratio of purchases on the coming days to the mean of a year, as in the years before.
//!
//! The models of customers have no season: they predict a mean year. Promotions and holidays recur on the same days, for all shops of a run
//! more or less alike; so the season of a shop's own years is averaged with that of all shops together, by weight.

use super::span::Span;
use crate::fold::activity::{Activity, ActivityFold};
use crate::history::Context;
use crate::spec::{Day, Grain, NO_DAY};

/// The past years that are used.
const YEARS: i32 = 2;

/// The days on either side of the middle of a past span that form its mean year.
const HALF_YEAR: Day = 182;

/// The season of all shops weighs as much as this many purchases of the shop.
const WEIGHT_OF_ALL: f64 = 100.0;

/// The purchases on the days of a span in earlier years, and those of mean years.
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
#[derive(Debug, Clone, Default)]
pub struct Season {
    /// By span, all shops together.
    of_all: Vec<Seen>,
    /// By shop code and span.
    of_shops: Vec<Vec<Seen>>,
    /// By span: the share of the month's new customers who come on its days, all shops together.
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

    /// The factor of a shop's purchases in the span at that index, relative to a mean year; 1 without a past year.
    pub fn factor(&self, shop: u32, span: usize) -> f64 {
        let ratio = |seen: Seen| if seen.mean > 0.0 { seen.counted / seen.mean } else { 1.0 };
        let all = self.of_all.get(span).map_or(1.0, |seen| ratio(*seen));
        let own = self.of_shops.get(shop as usize).and_then(|of_shop| of_shop.get(span)).copied().unwrap_or_default();
        ratio(own.plus(Seen { counted: WEIGHT_OF_ALL * all, mean: WEIGHT_OF_ALL }))
    }

    /// The share of a month's new customers who come on the days of the span at that index, as a year before; the share of its days if that
    /// is unknown.
    pub fn part_of_month(&self, place: usize, span: &Span) -> f64 {
        let days = Grain::Month.start(span.month + 1) - Grain::Month.start(span.month);
        self.parts.get(place).copied().flatten().unwrap_or(f64::from(span.days()) / f64::from(days))
    }
}

/// The days of a span that many years before: from the same day of the month to its end.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::period::day_of;
    use crate::table::testing::{Customer, bought_on, folded, integer_shops};

    fn day(year: i32, month: i32, of_month: i32) -> Day {
        day_of(year, month, of_month).unwrap_or_default()
    }

    /// Someone new buys on every day; on those of November 2025 three do.
    fn a_shop(shop: u32, from: Day, until: Day) -> Vec<Customer> {
        let is_november = |at: Day| (day(2025, 11, 1)..=day(2025, 11, 30)).contains(&at);
        (from..=until).flat_map(|at| (0..if is_november(at) { 3 } else { 1 }).map(move |_| bought_on(shop, &[at]))).collect()
    }

    #[test]
    fn what_a_year_ago_was_three_times_as_much_is_expected_again() {
        let as_of = day(2026, 10, 31);
        let mut context = integer_shops(day(2025, 1, 1), as_of);
        context.first_days = vec![day(2025, 1, 1), day(2026, 6, 1), day(2025, 1, 1)];
        let mut customers = a_shop(0, day(2025, 1, 1), as_of);
        customers.extend(a_shop(1, day(2026, 6, 1), as_of));
        let fold = folded(ActivityFold::new(&context), &customers);
        let spans = Span::of(as_of, 2);
        let season = Season::of(&context, &fold, &spans);
        // November 2025: 90 purchases on 30 days; the 365 days around the 15th have 365 + 60, so 30 mean days have 34.93.
        let all = 90.0 / (425.0 / 365.0 * 30.0);
        let own = (90.0 + 100.0 * all) / (425.0 / 365.0 * 30.0 + 100.0);
        assert!((season.factor(0, 0) - own).abs() < 1e-12 && (own - all).abs() < 1e-12);
        // A shop that did not know the year takes what all shops say; December was a month below the mean.
        assert!((season.factor(1, 0) - all).abs() < 1e-12);
        assert!((season.factor(0, 1) - 1.0 / (425.0 / 365.0)).abs() < 1e-12);
        // The 20th to 30th are 11 of 30 days, in November 2025 as well as by days.
        let rest = Span { month: spans[0].month, after: 19, until: 30 };
        let season = Season::of(&context, &fold, &[rest]);
        assert!((season.part_of_month(0, &rest) - 11.0 / 30.0).abs() < 1e-12);
    }

    #[test]
    fn without_a_year_there_is_no_season() {
        let as_of = day(2025, 11, 20);
        let mut context = integer_shops(day(2025, 10, 1), as_of);
        context.first_days = vec![day(2025, 10, 1); 3];
        let fold = folded(ActivityFold::new(&context), &a_shop(0, day(2025, 10, 1), as_of));
        let spans = Span::of(as_of, 1);
        let season = Season::of(&context, &fold, &spans);
        assert_eq!((season.factor(0, 0), season.factor(7, 9)), (1.0, 1.0));
        assert!((season.part_of_month(0, &spans[0]) - 10.0 / 30.0).abs() < 1e-12);
    }
}
