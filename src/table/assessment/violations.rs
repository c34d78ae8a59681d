//! Violations to come: as often as in the last year, by a rate from the shop's own past and all shops, at the points that they cost so
//! far.

use std::sync::Arc;

use super::figures::{PAST_DAYS, ShopFigures};
use super::measured::in_millionths;
use crate::input::records::facts::ViolationKind;
use crate::metric::dsr::MILLION;
use crate::metric::ratio::in_units_of;
use crate::spec::{Day, Grain};
use crate::statistics::random::Random;
use crate::statistics::rare::{Cases, Rates};

/// Violations of one kind.
pub struct Violations {
    kind: ViolationKind,
    /// Violations a day.
    rates: Rates,
    /// The points of each.
    points: Vec<f64>,
}

impl Violations {
    /// Those of these shops.
    pub fn of(shops: &[Arc<ShopFigures>], kind: ViolationKind, as_of: Day) -> Violations {
        let first = |shop: &ShopFigures| shop.begin.max(as_of - PAST_DAYS + 1);
        let cases = |shop: &Arc<ShopFigures>| Cases {
            number: shop.points(kind, first(shop), as_of).count() as f64,
            of: f64::from((as_of - first(shop) + 1).max(0)),
        };
        let points = shops.iter().flat_map(|shop| shop.points(kind, first(shop), as_of)).collect();
        Violations { kind, rates: Rates::of(shops.iter().map(cases).collect()), points }
    }

    /// Draws those of the shop at that place on so many days: their points.
    fn draw(&self, place: usize, days: i32, random: &mut Random) -> Vec<f64> {
        let number = self.rates.draw(place, f64::from(days), random);
        (0..number).map(|_| self.points.get(random.below(self.points.len())).copied().unwrap_or(0.0)).collect()
    }

    /// Draws the points of a shop at the end of a period; they lapse with the calendar year.
    pub fn points_at_end(&self, shop: &ShopFigures, place: usize, to: Day, random: &mut Random) -> f64 {
        let new_year = Grain::Year.start(Grain::Year.index(to));
        let to_come = self.draw(place, to - shop.last.max(new_year - 1), random);
        in_units_of(MILLION as f64, in_millionths(shop.points(self.kind, new_year, shop.last).chain(to_come)))
    }

    /// Draws the number of violations of a shop at the end of a period.
    pub fn number_at_end(&self, shop: &ShopFigures, place: usize, (from, to): (Day, Day), random: &mut Random) -> f64 {
        let so_far = shop.points(self.kind, from, shop.last).count();
        (so_far + self.draw(place, to - shop.last, random).len()) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::facts::{Facts, Violation};
    use crate::metric::sums::Sums;
    use crate::table::testing::day;

    /// A shop with a year of days up to the as-of date, and violations of so many points.
    fn shop(as_of: Day, violations: &[(&str, f64)]) -> Arc<ShopFigures> {
        let kind = ViolationKind::General;
        let violations = violations.iter().map(|(on, points)| Violation { shop: 0, day: day(on), kind, points: *points });
        let facts = Arc::new(Facts { violations: Some(violations.collect()), ..Facts::default() });
        Arc::new(ShopFigures::invented(0, as_of - PAST_DAYS + 1, &[Sums::default(); PAST_DAYS as usize], &facts))
    }

    /// What is drawn for the end of a day.
    fn points(shop: &Arc<ShopFigures>, to: Day) -> Vec<f64> {
        let to_come = Violations::of(&[Arc::clone(shop)], ViolationKind::General, shop.last);
        let mut random = Random::new(19);
        (0..4_000).map(|_| to_come.points_at_end(shop, 0, to, &mut random)).collect()
    }

    #[test]
    fn points_of_the_year_before_have_lapsed() {
        // Two in a year: in 20 days none, more often than not.
        let shop = shop(day("2026-03-11"), &[("2025-12-10", 6.0), ("2026-02-01", 3.0)]);
        let least = |to: &str| points(&shop, day(to)).into_iter().fold(f64::INFINITY, f64::min);
        assert_eq!([least("2026-03-31"), least("2027-01-31")], [3.0, 0.0]);
    }

    #[test]
    fn points_to_come_before_new_year_lapse_too() {
        let months: Vec<(String, f64)> = (1..=12).map(|month| (format!("2026-{month:02}-01"), 1.0)).collect();
        let months: Vec<(&str, f64)> = months.iter().map(|(on, points)| (on.as_str(), *points)).collect();
        let shop = shop(day("2026-12-01"), &months);
        // 12 of 365 days: 12.5 / 365 a day, which weighs as 50 cases of 1,460 days; 62 / 1,825 of the 31 days of January. The standard
        // error is 0.02; by all 61 days to come it would be 2.07.
        let drawn = points(&shop, day("2027-01-31"));
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        assert!((mean - 31.0 * 62.0 / 1_825.0).abs() < 0.08, "{mean}");
    }
}
