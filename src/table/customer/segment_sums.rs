//! The sums over the customers of each segment of a shop.

use std::ops::Range;

use super::scales::{Scale, Scales};
use crate::history::Dictionary;
use crate::metric::repurchase_rate::SegmentCounts;
use crate::table::forecast::Forecasts;
use crate::table::forecast::columns::ForecastSums;
use crate::table::scores::ScoredCustomers;

/// The additive figures of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sums {
    pub customers: i64,
    pub orders: i64,
    pub paid_amount: i64,
    pub net_revenue: i64,
    pub recency_days: i64,
    pub interval_days: i64,
    pub intervals: i64,
    pub repeat_customers: i64,
    pub forecast: ForecastSums,
}

impl Sums {
    /// The number of customers, and of those with a second purchase day.
    pub fn repurchase(&self) -> SegmentCounts {
        SegmentCounts { customers: self.customers, repeat_customers: self.repeat_customers }
    }

    /// Adds other sums.
    #[inline]
    pub fn add(&mut self, other: &Sums) {
        self.customers += other.customers;
        self.orders += other.orders;
        self.paid_amount += other.paid_amount;
        self.net_revenue += other.net_revenue;
        self.recency_days += other.recency_days;
        self.interval_days += other.interval_days;
        self.intervals += other.intervals;
        self.repeat_customers += other.repeat_customers;
        self.forecast.add(&other.forecast);
    }
}

/// The figures of one shop, or of some of its customers, by the number of the segment within its scheme.
#[derive(Debug, Default)]
pub(super) struct ShopSums {
    pub channels: Vec<Sums>,
    pub stages: [Sums; 6],
    pub provinces: Vec<Sums>,
    pub segments: [Sums; 8],
    pub tiers: [Sums; 3],
    /// By position on the scale.
    pub scales: [Vec<Sums>; 3],
}

/// The scales in the order of [`ShopSums::scales`].
pub(super) const SCALES: [Scale; 3] = [Scale::AmountBand, Scale::MemberLevel, Scale::OrderCount];

impl ShopSums {
    /// Sums the customers in these rows, who are those of one shop.
    pub fn of(customers: &ScoredCustomers, forecasts: Option<&Forecasts>, scales: &Scales, rows: Range<usize>) -> ShopSums {
        let ScoredCustomers { context, columns, .. } = customers;
        let codes = |wanted: bool, dictionary: &Dictionary| if wanted { vec![Sums::default(); dictionary.codes()] } else { Vec::new() };
        let mut sums = ShopSums {
            channels: codes(context.features.channel, &context.channels),
            provinces: codes(context.features.province, &context.provinces),
            scales: SCALES.map(|scale| if scales.has(scale) { vec![Sums::default(); scales.positions(scale)] } else { Vec::new() }),
            ..ShopSums::default()
        };
        for (row, score) in rows.clone().zip(&customers.scores[rows]) {
            let intervals = i64::from(columns.purchase_days[row]) - 1;
            let own = Sums {
                customers: 1,
                orders: i64::from(columns.orders[row]),
                paid_amount: columns.paid_amount[row],
                net_revenue: columns.net_revenue(row),
                recency_days: customers.recency(row),
                interval_days: columns.interval_days(row),
                intervals,
                repeat_customers: i64::from(intervals > 0),
                forecast: ForecastSums::of(forecasts.and_then(|forecasts| forecasts.customer(columns, row)).as_ref()),
            };
            sums.stages[score.stage as usize].add(&own);
            sums.segments[score.segment as usize].add(&own);
            sums.tiers[score.tier as usize].add(&own);
            for (scale, segments) in SCALES.into_iter().zip(&mut sums.scales) {
                if let Some(segment) = segments.get_mut(scales.position(scale, own.net_revenue, own.orders)) {
                    segment.add(&own);
                }
            }
            if let Some(channel) = sums.channels.get_mut(columns.first_channel[row] as usize) {
                channel.add(&own);
            }
            if let Some(province) = sums.provinces.get_mut(columns.province[row] as usize) {
                province.add(&own);
            }
        }
        sums
    }

    /// Adds both.
    pub fn plus(mut self, other: ShopSums) -> ShopSums {
        let add = |one: &mut [Sums], other: &[Sums]| one.iter_mut().zip(other).for_each(|(one, other)| one.add(other));
        add(&mut self.channels, &other.channels);
        add(&mut self.stages, &other.stages);
        add(&mut self.provinces, &other.provinces);
        add(&mut self.segments, &other.segments);
        add(&mut self.tiers, &other.tiers);
        self.scales.iter_mut().zip(&other.scales).for_each(|(one, other)| add(one, other));
        self
    }
}
