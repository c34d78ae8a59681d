//! Rare days: interventions of the platform and complaints to come. Weeks of the past have too few of them to draw from, and of the
//! applications that are still open nobody knows yet whether the platform will intervene.

use std::sync::Arc;

use super::at_end::PreparedRequirement;
use super::figures::ShopFigures;
use super::rare::{Cases, Rates};
use crate::input::records::facts::Refund;
use crate::metric::measure::Measure;
use crate::metric::sums::{Quantity, Sums};
use crate::spec::{Day, day_of_time};
use crate::statistics::random::Random;
use crate::table::shop::days::of_shop;

/// The days that give a rate: a year.
const PAST_DAYS: i32 = 365;

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
