//! Rare days: interventions of the platform and complaints to come. Weeks of the past have too few of them to draw from, and of the
//! applications that are still open nobody knows yet whether the platform will intervene.

use std::sync::Arc;

use super::at_end::PreparedRequirement;
use super::figures::{PAST_DAYS, ShopFigures};
use crate::input::records::facts::Refund;
use crate::metric::measure::Measure;
use crate::metric::sums::{Quantity, Sums};
use crate::spec::{Day, day_of_time};
use crate::statistics::random::Random;
use crate::statistics::rare::{Cases, Rates};
use crate::table::shop::days::of_shop;

/// The rates of what is rare.
pub struct RareDays {
    /// Interventions an application that is decided.
    interventions: Option<Rates>,
    /// Complaints an order.
    complaints: Option<Rates>,
    /// By place: applications of the cycle that are not decided.
    open: Vec<f64>,
}

impl RareDays {
    /// What these requirements need, of a cycle that began on a day.
    pub fn of(shops: &[Arc<ShopFigures>], requirements: &[PreparedRequirement<'_>], start: Day, as_of: Day) -> RareDays {
        let needs = |of: &[Measure]| requirements.iter().any(|requirement| requirement.measures().any(|measure| of.contains(measure)));
        let past = as_of - PAST_DAYS + 1;
        let cases = |shop: &ShopFigures, number: Quantity, of: Quantity, open: f64| {
            let sums = shop.sums(past, as_of);
            Cases { number: sums[number], of: (sums[of] - open).max(sums[number]) }
        };
        let interventions = needs(&[Measure::DisputeRate, Measure::Interventions]).then(|| {
            let of = |shop: &Arc<ShopFigures>| cases(shop, Quantity::Interventions, Quantity::Applications, undecided(shop, past));
            Rates::of(shops.iter().map(of).collect())
        });
        let complaints = needs(&[Measure::ComplaintRate])
            .then(|| Rates::of(shops.iter().map(|shop| cases(shop, Quantity::Complaints, Quantity::PaidOrders, 0.0)).collect()));
        let open = shops.iter().map(|shop| if interventions.is_some() { undecided(shop, start) } else { 0.0 }).collect();
        RareDays { interventions, complaints, open }
    }

    /// Draws what is rare anew, of the shop at that place at the end of a simulation.
    pub fn draw(&self, place: usize, so_far: &Sums<f64>, end: &mut Sums<f64>, random: &mut Random) {
        let to_come = |quantity: Quantity, end: &Sums<f64>| (end[quantity] - so_far[quantity]).max(0.0);
        if let Some(rates) = &self.interventions {
            let of = to_come(Quantity::Applications, end) + self.open.get(place).copied().unwrap_or(0.0);
            let drawn = rates.draw(place, of, random) as f64;
            end[Quantity::Interventions] = (so_far[Quantity::Interventions] + drawn).min(end[Quantity::Applications]);
        }
        if let Some(rates) = &self.complaints {
            let drawn = rates.draw(place, to_come(Quantity::PaidOrders, end), random) as f64;
            end[Quantity::Complaints] = so_far[Quantity::Complaints] + drawn;
        }
    }
}

/// The applications from a day on that are not decided, and in which the platform has not intervened yet.
fn undecided(shop: &ShopFigures, from: Day) -> f64 {
    let refunds = of_shop(shop.facts.refunds.as_deref().unwrap_or_default(), shop.shop, |refund: &Refund| refund.shop);
    let is_undecided = |refund: &&Refund| refund.is_open && refund.intervened != Some(true) && day_of_time(refund.created) >= from;
    refunds.iter().filter(is_undecided).count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::facts::Facts;
    use crate::spec::{DAY_MICROSECONDS, NO_TIME};
    use crate::table::assessment::invented::rule;
    use crate::table::testing::day;

    /// A shop with 50 applications that are decided, the platform intervened in 25 of them, and 10 that are open, all of the last days.
    fn shop(as_of: Day) -> Arc<ShopFigures> {
        let refund = |intervened: bool, is_open: bool| Refund {
            shop: 0,
            created: i64::from(as_of) * DAY_MICROSECONDS,
            completed: NO_TIME,
            amount: 0,
            intervened: Some(intervened),
            is_open,
            reason: 0,
        };
        let refunds = [(true, false, 25), (false, false, 25), (false, true, 10)];
        let refunds = refunds.iter().flat_map(|(intervened, is_open, number)| vec![refund(*intervened, *is_open); *number]).collect();
        let facts = Arc::new(Facts { refunds: Some(refunds), ..Facts::default() });
        let mut days = vec![Sums::default(); 100];
        (days[99][Quantity::Applications], days[99][Quantity::Interventions]) = (60, 25);
        days[99][Quantity::PaidOrders] = 1_000;
        Arc::new(ShopFigures::invented(0, as_of - 99, &days, &facts))
    }

    /// 25.5 / 50 of the applications that are decided, which weighs as 50 cases of 50 / 0.51: 75 of 50 / 0.51 + 50. The platform may still
    /// intervene in the ten that are open, and in 20 to come.
    #[test]
    fn the_platform_may_intervene_in_what_is_open_and_in_what_is_to_come() {
        let as_of = day("2026-11-21");
        let (shops, rule) = ([shop(as_of)], rule("dispute_rate", 0.5));
        let requirements = PreparedRequirement::all(&rule, &shops[0].facts);
        let rare = RareDays::of(&shops, &requirements, day("2026-10-01"), as_of);
        let so_far = shops[0].sums(day("2026-10-01"), as_of);
        let mut random = Random::new(29);
        for (to_come, undecided) in [(0.0, 10.0), (20.0, 30.0)] {
            let drawn = |random: &mut Random| {
                let mut end = so_far;
                end[Quantity::Applications] += to_come;
                rare.draw(0, &so_far, &mut end, random);
                end[Quantity::Interventions] - 25.0
            };
            let mean = (0..4_000).map(|_| drawn(&mut random)).sum::<f64>() / 4_000.0;
            let expected = undecided * 75.0 / (50.0 / 0.51 + 50.0);
            // The standard errors are 0.04 and 0.07.
            assert!((mean - expected).abs() < 0.02 * undecided.max(10.0), "{mean}, not {expected}");
        }
        // Of a cycle that begins tomorrow no application is open.
        let none = RareDays::of(&shops, &requirements, as_of + 1, as_of);
        let mut end = so_far;
        none.draw(0, &so_far, &mut end, &mut random);
        assert_eq!(end[Quantity::Interventions], 25.0);
    }
}
