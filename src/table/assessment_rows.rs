//! Assessment rows: what a shop's quarter comes to, and where that stands among the shop's peers.

use std::collections::BTreeMap;

use super::activity::ActivityFold;
use super::quarters::{Outcome, QuarterFold};
use super::shop_days::{Period, ShopDays, of_shop};
use crate::history::Context;
use crate::input::facts::{Facts, Refund, ScoreDay, ScoreSnapshot, Scores, Shop};
use crate::metric::dsr::Dsr;
use crate::metric::peers::{Best, Standings};
use crate::metric::ratio::ratio;
use crate::metric::refund_applications::RefundApplications;
use crate::spec::{Day, Grain, NO_DAY, day_of_time};

/// A shop's quarter.
pub struct Row<'a> {
    pub shop: u32,
    pub category: Option<&'a str>,
    pub opened: Day,
    pub is_eligible: bool,
    pub is_complete: bool,
    pub peers: Option<i64>,
    pub period: Period,
    pub outcome: Outcome,
    pub dsr: Dsr,
    /// `None` without a refunds input.
    pub applications: Option<RefundApplications>,
    /// One for each of [`COMPARISONS`].
    pub standings: [Standing; COMPARISONS.len()],
}

/// Where a shop stands among its peers with one metric.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Standing {
    pub peers: Option<i64>,
    pub mean: Option<f64>,
    pub rank: Option<i64>,
}

/// How shops compare by a metric.
pub struct Comparison {
    /// Which end is the good one.
    pub best: Best,
    /// Units of the value in one unit of the mean: 100 for money in minor units.
    pub scale: f64,
    /// The value; equal figures give the same number to the last bit, so that they tie.
    pub value: fn(&Row<'_>) -> Option<f64>,
}

const fn comparison(best: Best, value: fn(&Row<'_>) -> Option<f64>) -> Comparison {
    Comparison { best, scale: 1.0, value }
}

/// The metrics by which shops are compared, in the order of their columns.
pub static COMPARISONS: [Comparison; 8] = [
    // Whole minor units are exact as floats up to 2^53.
    Comparison { best: Best::Most, scale: 100.0, value: |row| Some(row.paid_amount() as f64) },
    comparison(Best::Most, |row| row.period.means.uv_conversion()),
    comparison(Best::Most, |row| row.payment_rate()),
    comparison(Best::Most, |row| row.dsr.mean),
    comparison(Best::Least, |row| row.applications?.dispute_rate()),
    comparison(Best::Least, |row| row.refund_rate()),
    comparison(Best::Least, |row| row.applications?.refund_hours()),
    comparison(Best::Least, |row| row.delivery_hours()),
];

impl Row<'_> {
    /// What was paid in the quarter, in minor units.
    pub fn paid_amount(&self) -> i64 {
        self.period.figures.activity.paid_amount
    }

    /// Paid orders per placed order.
    pub fn payment_rate(&self) -> Option<f64> {
        ratio(self.period.figures.activity.paid_orders, self.period.figures.activity.placed_orders)
    }

    /// Refund applications per paid order.
    pub fn refund_rate(&self) -> Option<f64> {
        self.applications?.refund_rate(self.period.figures.activity.paid_orders)
    }

    /// The mean time from paid to shipped, in hours.
    pub fn delivery_hours(&self) -> Option<f64> {
        ratio(self.outcome.shipping_seconds, self.outcome.shipped_orders * 3600)
    }
}

/// All rows, by shop and quarter.
pub fn rows<'a>(context: &Context, activity: &ActivityFold, quarters: &QuarterFold, facts: &'a Facts) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for days in (0..context.shops.len() as u32).filter_map(|shop| ShopDays::of(context, activity, facts, shop)) {
        let shop = days.shop;
        let listed = of_shop(facts.shops.as_deref().unwrap_or_default(), shop, |row: &Shop| row.shop).last();
        let opened = listed.map_or(NO_DAY, |row| row.opened);
        let periods = days.periods(activity, Grain::Quarter);
        let applications = facts.refunds.as_deref().map(|refunds| by_quarter(refunds, shop, &periods));
        rows.extend(periods.into_iter().enumerate().map(|(position, period)| {
            let end = Grain::Quarter.end(period.index);
            Row {
                shop,
                category: listed.and_then(|row| row.category.as_deref()),
                opened,
                // Quarters begin with a month, so that three months before is where the quarter before begins.
                is_eligible: opened == NO_DAY || opened <= Grain::Quarter.start(period.index - 1),
                is_complete: end <= context.as_of,
                peers: None,
                outcome: quarters.outcome(shop, period.index),
                dsr: dsr(facts.scores.as_ref(), shop, period.start, end.min(context.as_of)),
                applications: applications.as_ref().and_then(|all| all.get(position).copied()),
                standings: [Standing::default(); COMPARISONS.len()],
                period,
            }
        }));
    }
    compare(&mut rows, context.min_peers);
    rows
}

/// A shop's refund applications by the quarter in which they were made.
fn by_quarter(refunds: &[Refund], shop: u32, periods: &[Period]) -> Vec<RefundApplications> {
    let mut all = vec![RefundApplications::default(); periods.len()];
    let first = periods.first().map_or(0, |period| period.index);
    for refund in of_shop(refunds, shop, |refund: &Refund| refund.shop) {
        let offset = Grain::Quarter.index(day_of_time(refund.created)) - first;
        if let Some(applications) = usize::try_from(offset).ok().and_then(|offset| all.get_mut(offset)) {
            applications.add(refund);
        }
    }
    all
}

fn dsr(scores: Option<&Scores>, shop: u32, start: Day, last: Day) -> Dsr {
    match scores {
        None => Dsr::default(),
        Some(Scores::Events(days)) => Dsr::of_ratings(of_shop(days, shop, |day: &ScoreDay| day.shop), last),
        Some(Scores::Snapshots(days)) => Dsr::of_snapshots(of_shop(days, shop, |day: &ScoreSnapshot| day.shop), start, last),
    }
}

/// Fills in peers and standings: the eligible shops of one category in one quarter compare with each other.
fn compare(rows: &mut [Row<'_>], least: usize) {
    // Rows come by shop, and so do the members of a group: sums of floats have one order.
    let mut groups: BTreeMap<(i32, &str), Vec<usize>> = BTreeMap::new();
    for (position, row) in rows.iter().enumerate() {
        if let Some(category) = row.category {
            groups.entry((row.period.index, category)).or_default().push(position);
        }
    }
    for positions in groups.into_values() {
        let (eligible, others): (Vec<usize>, Vec<usize>) = positions.into_iter().partition(|position| rows[*position].is_eligible);
        for position in eligible.iter().chain(&others) {
            rows[*position].peers = Some(eligible.len() as i64);
        }
        for (number, comparison) in COMPARISONS.iter().enumerate() {
            let values: Vec<Option<f64>> = eligible.iter().map(|position| (comparison.value)(&rows[*position])).collect();
            let standings = Standings::of(&values, comparison.best, least);
            let peers = Some(standings.with_value as i64);
            for (position, rank) in eligible.iter().zip(&standings.ranks) {
                let mean = standings.mean.map(|mean| mean / comparison.scale);
                rows[*position].standings[number] = Standing { peers, mean, rank: *rank };
            }
            for position in &others {
                rows[*position].standings[number].peers = peers;
            }
        }
    }
}
