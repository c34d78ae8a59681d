//! Season: how much more than the models expect known customers buy on the coming days, as in the two years before.
//!
//! The models of customers have no season: they predict a mean year. Promotions and holidays recur on the same days, for all shops of a run
//! more or less alike. What recurs is seen beside the models' own expectation of repeat purchases (`repeats`): many new customers in a
//! month make more repeat purchases in the following ones, and that is not a season.

use super::Forecasts;
use super::repeats::{DAYS, RepeatPurchases, YEAR};
use super::span::Span;
use crate::fold::activity::{Activity, ActivityFold};
use crate::history::Context;
use crate::metric::ratio::ratio_of;
use crate::spec::{Day, Grain};

/// The parts of a year in which a season is looked for.
const PARTS: usize = 12;

/// The standard errors by which a season must be beyond chance: of some hundred shops without one, the worst month of the worst shop is within
/// a tenth of 1.
const DOUBT: f64 = 3.0;

/// Repeat purchases of some days in both years, and what the models expected.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Seen {
    bought: f64,
    expected: f64,
}

impl Seen {
    fn plus(self, other: Seen) -> Seen {
        Seen { bought: self.bought + other.bought, expected: self.expected + other.expected }
    }
}

/// How far a season recurs: what is known of it from the parts of both years.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Recurrence {
    /// The variance of the factors over the year.
    variance: f64,
    /// The variance by chance of a factor, times what was expected.
    chance: f64,
}

/// The parts of the older and of the younger year.
type Years = [[Seen; PARTS]; 2];

impl Recurrence {
    /// What deviates in one year by chance does not deviate in the other: the mean product of the deviations of both years is the variance
    /// of the season, and half the mean square of their difference that of chance. Of the former [`DOUBT`] standard errors are taken off, those
    /// that it has where there is no season, so that a shop without one seldom seems to have it.
    fn of(years: &Years, base: &[f64; PARTS]) -> Recurrence {
        let deviation =
            |year: usize, part: usize| ratio_of(years[year][part].bought, years[year][part].expected * base[part]).map(|ratio| ratio - 1.0);
        let pairs: Vec<(f64, f64)> = (0..PARTS).filter_map(|part| Some((deviation(0, part)?, deviation(1, part)?))).collect();
        let count = pairs.len() as f64;
        let mean = |of: &dyn Fn(&(f64, f64)) -> f64| ratio_of(pairs.iter().map(of).sum(), count).unwrap_or(0.0);
        let common = mean(&|(one, other)| one * other);
        let expected: f64 = years.iter().flatten().map(|seen| seen.expected).sum();
        let of_part = ratio_of(expected, (2 * PARTS) as f64).unwrap_or(0.0);
        // Purchases scatter at least as those that come independently of each other (Poisson): 1 / expected.
        let by_chance = mean(&|(one, other)| 0.5 * (one - other).powi(2)).max(ratio_of(1.0, of_part).unwrap_or(0.0));
        let error = ratio_of(by_chance, count.sqrt()).unwrap_or(0.0);
        Recurrence { variance: (common - DOUBT * error).max(0.0), chance: by_chance * of_part }
    }

    /// The factor of some days against `base`, drawn towards it by what chance explains.
    fn factor(&self, seen: Seen, base: f64) -> f64 {
        let Some(ratio) = ratio_of(seen.bought, seen.expected * base) else { return base };
        let by_chance = ratio_of(self.chance, seen.expected * base).unwrap_or(f64::INFINITY);
        let weight = ratio_of(self.variance, self.variance + by_chance).unwrap_or(0.0);
        base * (1.0 + weight * (ratio - 1.0))
    }
}

/// The season of each span for each shop.
#[derive(Debug, Clone, Default)]
pub struct Season {
    /// By span, all shops together; `None` where no shop knows two years.
    of_all: Vec<Option<f64>>,
    /// By shop code and span; `None` for a shop that does not know two years.
    of_shops: Vec<Option<Vec<f64>>>,
    /// By span: the share of the month's new customers who come on its days, all shops together.
    parts: Vec<Option<f64>>,
}

impl Season {
    /// The season of the spans, from the two years before.
    pub fn of(context: &Context, activity: &ActivityFold, forecasts: &Forecasts, spans: &[Span]) -> Season {
        let of_shop = |shop: u32| forecasts.shop(shop).and_then(|forecast| RepeatPurchases::of(context, activity, forecast));
        let shops: Vec<Option<RepeatPurchases>> = (0..context.shops.len() as u32).map(of_shop).collect();
        let parts = spans.iter().map(|span| part_of_month(context, activity, *span)).collect();
        let all_years = shops.iter().flatten().map(years).fold(Years::default(), |all, own| {
            std::array::from_fn(|year| std::array::from_fn(|part| all[year][part].plus(own[year][part])))
        });
        if shops.iter().all(Option::is_none) {
            return Season { of_all: vec![None; spans.len()], of_shops: vec![None; shops.len()], parts };
        }
        let same_days = |repeats: &RepeatPurchases| -> Vec<Seen> { spans.iter().map(|span| same_days(context, repeats, *span)).collect() };
        let all_days = shops
            .iter()
            .flatten()
            .map(same_days)
            .fold(vec![Seen::default(); spans.len()], |all, own| all.into_iter().zip(own).map(|(all, own)| all.plus(own)).collect());
        let recurrence = Recurrence::of(&all_years, &[1.0; PARTS]);
        let of_all: Vec<f64> = all_days.iter().map(|seen| recurrence.factor(*seen, 1.0)).collect();
        let of_parts: [f64; PARTS] = std::array::from_fn(|part| recurrence.factor(all_years[0][part].plus(all_years[1][part]), 1.0));
        // What a shop has beyond the season of all.
        let own = |repeats: &RepeatPurchases| -> Vec<f64> {
            let recurrence = Recurrence::of(&years(repeats), &of_parts);
            same_days(repeats).iter().zip(&of_all).map(|(seen, base)| recurrence.factor(*seen, *base)).collect()
        };
        let of_shops = shops.iter().map(|repeats| repeats.as_ref().map(own)).collect();
        Season { of_all: of_all.into_iter().map(Some).collect(), of_shops, parts }
    }

    /// The factor of a shop's purchases in the span at that index, relative to a mean year: the shop's own, or that of all shops where the
    /// shop does not know two years; `None` where no shop does.
    pub fn factor(&self, shop: u32, span: usize) -> Option<f64> {
        let own = self.of_shops.get(shop as usize).and_then(|factors| factors.as_ref()?.get(span).copied());
        own.or_else(|| self.of_all.get(span).copied().flatten())
    }

    /// The share of a month's new customers who come on the days of the span at that index, as a year before; the share of its days if that
    /// is unknown.
    pub fn part_of_month(&self, place: usize, span: &Span) -> f64 {
        let days = Grain::Month.start(span.month + 1) - Grain::Month.start(span.month);
        self.parts.get(place).copied().flatten().unwrap_or(f64::from(span.days()) / f64::from(days))
    }
}

/// The parts of both years of a shop.
fn years(repeats: &RepeatPurchases) -> Years {
    let mut years = Years::default();
    for (place, (bought, expected)) in repeats.days().enumerate() {
        let (year, day) = (place / YEAR, place % YEAR);
        let seen = Seen { bought, expected };
        if let Some(part) = years.get_mut(year).and_then(|parts| parts.get_mut(day * PARTS / YEAR)) {
            *part = part.plus(seen);
        }
    }
    years
}

/// The same days in both years, as far as they are among them.
fn same_days(context: &Context, repeats: &RepeatPurchases, span: Span) -> Seen {
    let first = context.as_of - DAYS as Day + 1;
    let mut all = Seen::default();
    for years in 1..=2 {
        let (from, to) = years_before(context, span, years);
        let place = |day: Day| usize::try_from(day - first).ok();
        for (bought, expected) in (from..=to).filter_map(place).filter_map(|place| repeats.day(place)) {
            all = all.plus(Seen { bought, expected });
        }
    }
    all
}

fn years_before(context: &Context, span: Span, years: i32) -> (Day, Day) {
    let month = span.month - 12 * years;
    let offset = context.as_of + span.after + 1 - Grain::Month.start(span.month);
    let end = Grain::Month.end(month);
    ((Grain::Month.start(month) + offset).min(end), end)
}

fn sum(activity: &ActivityFold, shop: u32, (from, to): (Day, Day), of: fn(&Activity) -> i64) -> f64 {
    activity.days(shop, from, to).iter().map(of).sum::<i64>() as f64
}

fn part_of_month(context: &Context, activity: &ActivityFold, span: Span) -> Option<f64> {
    let days = years_before(context, span, 1);
    let whole = (Grain::Month.start(span.month - 12), days.1);
    let all =
        |days: (Day, Day)| (0..context.shops.len() as u32).map(|shop| sum(activity, shop, days, |day| day.new_customers)).sum::<f64>();
    (context.first_day <= whole.0 && days.1 <= context.as_of)
        .then(|| (all(days), all(whole)))
        .filter(|(_, whole)| *whole > 0.0)
        .and_then(|(part, whole)| ratio_of(part, whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::random::Random;

    /// Two years of some expectation per part, of which `bought` says how much was bought.
    fn two_years(bought: impl Fn(usize, usize) -> f64, expected: f64) -> Years {
        std::array::from_fn(|year| std::array::from_fn(|part| Seen { bought: bought(year, part), expected }))
    }

    #[test]
    fn what_recurs_is_a_season_and_what_does_not_is_chance() {
        // In both years twice as much in the last part, and a little less in the others: what differs by chance is at least 1 / 100.
        let recurs = two_years(|_, part| if part == 11 { 200.0 } else { 90.0 }, 100.0);
        let recurrence = Recurrence::of(&recurs, &[1.0; PARTS]);
        let variance: f64 = (1.0 + 11.0 * 0.01) / 12.0 - 3.0 * 0.01 / 12.0_f64.sqrt();
        assert!((recurrence.variance - variance).abs() < 1e-12 && (recurrence.chance - 1.0).abs() < 1e-12, "{recurrence:?}");
        // Of 200 expected ones in both years chance is 1 / 200.
        let twice = Seen { bought: 400.0, expected: 200.0 };
        assert!((recurrence.factor(twice, 1.0) - (1.0 + variance / (variance + 0.005))).abs() < 1e-12);
        // Deviations of 0.1 and −0.1 in the other parts: products 11 × −0.01 and 1, half the squares of the differences 11 × 0.02.
        let some = two_years(|year, part| if part == 11 { 200.0 } else { 110.0 - 20.0 * year as f64 }, 100.0);
        let recurrence = Recurrence::of(&some, &[1.0; PARTS]);
        let by_chance = 0.22 / 12.0;
        let variance: f64 = (1.0 - 0.11) / 12.0 - 3.0 * by_chance / 12.0_f64.sqrt();
        assert!((recurrence.variance - variance).abs() < 1e-12 && (recurrence.chance - by_chance * 100.0).abs() < 1e-12, "{recurrence:?}");
        // What one year had in the last part the other had not.
        let once = two_years(|year, part| if part == 11 { if year == 0 { 200.0 } else { 0.0 } } else { 100.0 }, 100.0);
        let recurrence = Recurrence::of(&once, &[1.0; PARTS]);
        assert_eq!((recurrence.variance, recurrence.factor(twice, 1.0)), (0.0, 1.0));
        // A shop that is like all others has nothing of its own beside their season.
        let recurrence = Recurrence::of(&recurs, &std::array::from_fn(|part| if part == 11 { 2.0 } else { 0.9 }));
        assert_eq!((recurrence.variance, recurrence.factor(twice, 1.8)), (0.0, 1.8));
        assert_eq!(Recurrence::default().factor(Seen::default(), 1.3), 1.3, "nothing was expected");
    }

    /// Purchases that scatter around their expectation by chance alone, a little more than Poisson, in shops of many sizes.
    #[test]
    fn without_a_season_all_factors_are_near_1() {
        let mut random = Random::new(3);
        let mut worst: f64 = 0.0;
        for shop in 0..300 {
            let expected = [30.0, 100.0, 300.0, 1_000.0][shop % 4];
            let drawn: [[f64; PARTS]; 2] =
                std::array::from_fn(|_| std::array::from_fn(|_| (expected + (1.2_f64 * expected).sqrt() * random.normal()).max(0.0)));
            let years = two_years(|year, part| drawn[year][part], expected);
            let recurrence = Recurrence::of(&years, &[1.0; PARTS]);
            let factors: Vec<f64> = (0..PARTS).map(|part| recurrence.factor(years[0][part].plus(years[1][part]), 1.0)).collect();
            worst = factors.iter().map(|factor| (factor - 1.0).abs()).fold(worst, f64::max);
        }
        assert!(worst < 0.1, "{worst}");
    }
}
