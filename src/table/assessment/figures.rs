//! Figures: the sums of each shop's days between any two days.

use std::sync::Arc;

use crate::fold::activity::{ACTIVITY, ActivityFold};
use crate::fold::outcomes::{OUTCOMES, OutcomeFold};
use crate::history::{Context, Features};
use crate::input::records::facts::{Complaints, Facts, Refund, ScoreDay, Scores, Shop};
use crate::metric::dsr::{Score, WINDOW_DAYS};
use crate::metric::refund_applications;
use crate::metric::sums::{Quantity, Sums};
use crate::spec::{Day, NO_DAY, day_of_time};
use crate::table::night::{Read, Shared, always};
use crate::table::shop::days::{ShopDays, of_shop};

/// The days of the past that tell how often something rare happens: a year.
pub(super) const PAST_DAYS: i32 = 365;

/// The figures of all shops.
pub static SHOP_FIGURES: Shared<Vec<Arc<ShopFigures>>> = Shared {
    name: "shop_figures",
    not_requested: always,
    reads: |_| vec![Read::Fold(&ACTIVITY), Read::Fold(&OUTCOMES)],
    make: |night| Ok(ShopFigures::all(&night.context, night.fold(&ACTIVITY)?.as_ref(), night.fold(&OUTCOMES)?.as_ref(), &night.facts)),
};

/// One shop's figures.
pub struct ShopFigures {
    /// Shop code.
    pub shop: u32,
    /// Its main category.
    category: Option<String>,
    /// The day on which it entered the platform.
    pub opened: Option<Day>,
    /// Its sales target of a year, in minor units.
    pub annual_target: Option<i64>,
    /// The day from which it exists: its opening, or the first day of any event of it; not before the data begin.
    pub begin: Day,
    /// The first day of any event of it in any input; its opening without any.
    pub first: Day,
    /// The first day from which the shop's orders and visitors are complete: its first order or day with traffic; or the first of any shop,
    /// if it opened later than that.
    pub(super) known_from: Option<Day>,
    /// The as-of date.
    pub last: Day,
    /// The sums of all days before each day, from the first day on; one more entry than days.
    totals: Vec<Sums<i64>>,
    /// Whether the shops input has it.
    pub(super) is_listed: bool,
    pub(super) features: Features,
    pub(super) facts: Arc<Facts>,
}

impl ShopFigures {
    /// The figures of all shops that have any, by shop code.
    pub fn all(context: &Context, activity: &ActivityFold, outcomes: &OutcomeFold, facts: &Arc<Facts>) -> Vec<Arc<Self>> {
        let Some(data_begin) = facts.first_days.iter().copied().filter(|day| *day != NO_DAY).min() else { return Vec::new() };
        (0..context.shops.len() as u32)
            .filter_map(|shop| Self::of(context, activity, outcomes, facts, shop, data_begin).map(Arc::new))
            .collect()
    }

    /// The figures of a shop; `None` without any event up to the as-of date. `data_begin` is the first day of any event of any shop.
    fn of(
        context: &Context,
        activity: &ActivityFold,
        outcomes: &OutcomeFold,
        facts: &Arc<Facts>,
        shop: u32,
        data_begin: Day,
    ) -> Option<Self> {
        let listed = of_shop(facts.shops.as_deref().unwrap_or_default(), shop, |row: &Shop| row.shop).last();
        let opened = listed.map(|row| row.opened).filter(|opened| *opened != NO_DAY);
        let first_traffic = facts.traffic.as_ref().and_then(|traffic| traffic.of_shop(shop).next()).map(|day| day.day);
        let first_order = context.first_days.get(shop as usize).copied().filter(|day| *day != NO_DAY);
        let own = first_traffic.into_iter().chain(first_order).min();
        // The data of a shop that opened when others already sold are complete.
        let known_from = opened.filter(|opened| context.first_day <= *opened && *opened <= context.as_of).into_iter().chain(own).min();
        // An open shop without any event sells nothing.
        let (first, figures) = match ShopDays::of(context, activity, facts, shop) {
            Some(ShopDays { first, figures, .. }) => (first, figures),
            None => (opened.filter(|opened| *opened <= context.as_of)?.max(data_begin), Vec::new()),
        };
        let last = context.as_of;
        let mut days = vec![Sums::<i64>::default(); figures.len()];
        for ((day, figures), outcome) in days.iter_mut().zip(&figures).zip(outcomes.days(shop, first, last)) {
            day[Quantity::Paid] = figures.activity.paid_amount;
            day[Quantity::RefundedOfPaid] = outcome.refunded;
            day[Quantity::Refunded] = figures.refunded.map_or(0, |refunded| refunded.amount);
            day[Quantity::Settled] = outcome.settled;
            day[Quantity::PaidOrders] = figures.activity.paid_orders;
            day[Quantity::PlacedOrders] = figures.activity.placed_orders;
            day[Quantity::ShippedOrders] = outcome.shipped_orders;
            day[Quantity::ShippingSeconds] = outcome.shipping_seconds;
            if let Some(visitors) = figures.traffic.uv {
                day[Quantity::Visitors] = visitors;
                day[Quantity::PayingCustomers] = figures.activity.paying_customers;
            }
        }
        let at = |day: Day| usize::try_from(i64::from(day) - i64::from(first)).ok();
        for refund in of_shop(facts.refunds.as_deref().unwrap_or_default(), shop, |refund: &Refund| refund.shop) {
            if let Some(day) = at(day_of_time(refund.created)).and_then(|at| days.get_mut(at)) {
                refund_applications::count(day, refund);
            }
        }
        for complaints in of_shop(facts.complaints.as_deref().unwrap_or_default(), shop, |complaints: &Complaints| complaints.shop) {
            if let Some(day) = at(complaints.day).and_then(|at| days.get_mut(at)) {
                day[Quantity::Complaints] += complaints.count;
            }
        }
        if let Some(Scores::Events(ratings)) = &facts.scores {
            for rated in of_shop(ratings, shop, |day: &ScoreDay| day.shop) {
                let Some(day) = at(rated.day).and_then(|at| days.get_mut(at)) else { continue };
                for (score, (sum, count)) in Score::ALL.into_iter().zip(rated.sums.iter().zip(rated.counts)) {
                    day[Quantity::ScoreSum(score)] += sum;
                    day[Quantity::Ratings(score)] += count;
                }
            }
        }
        let mut totals = Vec::with_capacity(days.len() + 1);
        let mut total = Sums::default();
        totals.push(total);
        for day in days {
            total = total.with(&day, i64::saturating_add);
            totals.push(total);
        }
        Some(ShopFigures {
            shop,
            category: listed.and_then(|row| row.category.clone()),
            opened,
            annual_target: listed.and_then(|row| row.annual_target),
            begin: opened.unwrap_or(first).min(first).max(data_begin),
            first,
            known_from,
            last,
            totals,
            is_listed: listed.is_some(),
            features: context.features,
            facts: Arc::clone(facts),
        })
    }

    /// An invented shop that was there from a day on, with the sums of its days.
    #[cfg(test)]
    pub fn invented(shop: u32, first: Day, days: &[Sums<i64>], facts: &Arc<Facts>) -> Self {
        let mut totals = vec![Sums::default()];
        for (place, day) in days.iter().enumerate() {
            totals.push(totals[place].with(day, |total: i64, more| total + more));
        }
        ShopFigures {
            shop,
            category: None,
            opened: None,
            annual_target: None,
            begin: first,
            first,
            known_from: Some(first),
            last: first + days.len() as Day - 1,
            totals,
            is_listed: false,
            features: Features::default(),
            facts: Arc::clone(facts),
        }
    }

    /// Its main category.
    pub fn category(&self) -> Option<&str> {
        self.category.as_deref()
    }

    /// The sums of the days from one to another, both included; days without data count as empty.
    pub fn counted(&self, from: Day, to: Day) -> Sums<i64> {
        let (Some(upper), Some(lower)) = (self.before(to.saturating_add(1)), self.before(from)) else { return Sums::default() };
        upper.with(lower, |upper, lower| upper - lower)
    }

    /// One of them.
    pub fn quantity(&self, quantity: Quantity, from: Day, to: Day) -> i64 {
        let [upper, lower] = [to.saturating_add(1), from].map(|day| self.before(day).map_or(0, |sums| sums[quantity]));
        upper - lower
    }

    /// The sums of all days before that one.
    fn before(&self, day: Day) -> Option<&Sums<i64>> {
        let at = (i64::from(day) - i64::from(self.first)).clamp(0, (self.totals.len() as i64 - 1).max(0));
        self.totals.get(at as usize)
    }

    /// The same as fractions, to compute rates.
    pub fn sums(&self, from: Day, to: Day) -> Sums<f64> {
        self.counted(from, to).map(|sum| sum as f64)
    }

    /// The sums of the days from one on that will still count at the end of another: of the ratings, those within the [`WINDOW_DAYS`] that
    /// end then.
    pub fn sums_that_count_on(&self, from: Day, on: Day) -> Sums<f64> {
        self.sums(from, self.last).with_ratings_of(&self.sums(on - WINDOW_DAYS + 1, self.last))
    }
}
