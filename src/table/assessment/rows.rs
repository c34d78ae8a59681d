//! Assessment rows: a shop's quarter, which computes any assessed metric, with the shop's peers.

use std::sync::Arc;

use super::figures::ShopFigures;
use super::peers::{COMPARED, Candidate, ComparedShop, compare};
use crate::fold::activity::ActivityFold;
use crate::history::Context;
use crate::input::records::facts::Facts;
use crate::job::rule::Base;
use crate::metric::assessed::Assessed;
use crate::metric::cycle::was_open;
use crate::metric::measure::Measure;
use crate::metric::peers::PeerPosition;
use crate::metric::sums::Quantity;
use crate::spec::{Day, Grain};
use crate::table::shop::days::{Period, ShopDays};

/// The months for which a shop must have been open before a quarter to be assessed in it.
const OPEN_MONTHS: u32 = 3;

/// A shop's quarter.
pub struct Row {
    pub shop: Arc<ShopFigures>,
    pub period: Period,
    /// The last day of the quarter, or the as-of date.
    pub last: Day,
    pub is_eligible: bool,
    pub is_complete: bool,
    compared: ComparedShop,
}

impl Row {
    /// The value of an assessed metric, in the measure's own units; `None` if there is nothing to measure or it is unknown.
    pub fn figure(&self, metric: Assessed) -> Option<f64> {
        self.shop.figure_of_known_days(&Measure::named(metric.name), self.period.start, self.last).value()
    }

    /// An assessed metric that is a count.
    pub fn count(&self, metric: Assessed) -> Option<i64> {
        self.figure(metric).map(|value| value as i64)
    }

    /// The amount by a base, in minor units.
    pub fn amount(&self, base: Base) -> Option<i64> {
        self.shop.amount(base, self.period.start, self.last)
    }

    /// A count over the quarter that is not an assessed metric.
    pub fn counted(&self, quantity: Quantity) -> i64 {
        self.shop.counted(self.period.start, self.last)[quantity]
    }

    /// Of the orders paid in the quarter, those shipped by the as-of date.
    pub fn shipped_orders(&self) -> Option<i64> {
        self.shop.features.shipped.then(|| self.counted(Quantity::ShippedOrders))
    }

    /// Of the refund applications made in the quarter, those that succeeded by the as-of date.
    pub fn successful_refunds(&self) -> Option<i64> {
        self.shop.facts.refunds.is_some().then(|| self.counted(Quantity::Successful))
    }

    /// Complaints of the quarter.
    pub fn complaints(&self) -> Option<i64> {
        self.shop.facts.complaints.is_some().then(|| self.counted(Quantity::Complaints))
    }

    /// Eligible shops of its category in the quarter.
    pub fn peers(&self) -> Option<i64> {
        self.compared.peers
    }

    /// The position of the shop among its peers by a metric of [`COMPARED`].
    pub fn position(&self, metric: &str) -> PeerPosition {
        let mut positions = COMPARED.iter().zip(self.compared.positions);
        positions.find(|(compared, _)| compared.name == metric).map(|(_, position)| position).unwrap_or_default()
    }

    /// Ratings behind the scores.
    pub fn ratings(&self) -> Option<i64> {
        self.shop.dsr(self.period.start, self.last).ratings
    }

    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            quarter: self.period.index,
            category: self.shop.category(),
            is_eligible: self.is_eligible,
            values: COMPARED.each_ref().map(|metric| self.figure(*metric)),
        }
    }
}

/// All rows, by shop and quarter.
pub fn rows(context: &Context, activity: &ActivityFold, shops: &[Arc<ShopFigures>], facts: &Facts) -> Vec<Row> {
    let mut rows = Vec::new();
    for shop in shops {
        // An open shop without any event has figures, but no days.
        let Some(days) = ShopDays::of(context, activity, facts, shop.shop) else { continue };
        rows.extend(days.periods(activity, Grain::Quarter).into_iter().map(|period| {
            let end = Grain::Quarter.end(period.index);
            let last = end.min(context.as_of);
            Row {
                shop: Arc::clone(shop),
                last,
                is_eligible: was_open(shop.opened, OPEN_MONTHS, period.start),
                is_complete: end <= context.as_of,
                compared: ComparedShop::default(),
                period,
            }
        }));
    }
    let candidates: Vec<Candidate<'_>> = rows.iter().map(Row::candidate).collect();
    let compared = compare(&candidates, context.params.min_peers as usize);
    rows.iter_mut().zip(compared).for_each(|(row, compared)| row.compared = compared);
    rows
}
