//! Violations to come: as often as in the last year, by a rate from the shop's own past and all shops, at the points that they cost so
//! far.

use std::sync::Arc;

use super::figures::ShopFigures;
use super::measured::in_millionths;
use super::rare::{Cases, Rates};
use crate::input::records::facts::ViolationKind;
use crate::metric::dsr::MILLION;
use crate::metric::ratio::in_units_of;
use crate::spec::{Day, Grain};
use crate::statistics::random::Random;

/// The days that give a rate: a year.
const PAST_DAYS: i32 = 365;

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
