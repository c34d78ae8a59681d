//! A row of payment_funnel: the orders that a shop received in a period, and how long they waited.

use crate::fold::payment_funnel::{Funnel, PeriodFunnel, Step};
use crate::fold::waits::{WaitCounts, seconds_of};
use crate::history::Features;
use crate::metric::ratio::{in_units_of, ratio};
use crate::spec::{Day, Grain};
use crate::statistics::kaplan_meier::{Count, median};
use crate::statistics::quantile::Distribution;

/// Seconds in an hour.
const HOUR: f64 = 3600.0;

/// How long orders waited for a step, in hours or days.
#[derive(Debug, Clone, Copy)]
pub struct Waited {
    /// The mean of those that got there.
    pub mean: Option<f64>,
    /// Their median and their ninth decile, interpolated.
    pub p50: Option<f64>,
    pub p90: Option<f64>,
    /// The Kaplan–Meier median, with those that have not got there.
    pub km_median: Option<f64>,
}

/// The orders that a shop received in a period.
pub struct Row {
    pub shop: u32,
    pub grain: Grain,
    pub start: Day,
    pub is_complete: bool,
    pub funnel: Funnel,
    /// What the job maps, and the orders of the period record.
    pub features: Features,
    pub payment: Option<Waited>,
    pub shipping: Option<Waited>,
    pub completion: Option<Waited>,
    pub cash: Option<Waited>,
}

impl Row {
    /// The row of a period whose orders have these features.
    pub fn of(shop: u32, grain: Grain, start: Day, is_complete: bool, period: &PeriodFunnel, features: &Features) -> Row {
        let (funnel, features) = (period.funnel, *features);
        let Features { paid, shipped, completed, .. } = features;
        Row {
            shop,
            grain,
            start,
            is_complete,
            funnel,
            features,
            payment: paid.then(|| in_hours(period, Step::Payment, funnel.payment_seconds, funnel.paid)),
            shipping: (paid && shipped).then(|| in_hours(period, Step::Shipping, funnel.shipping_seconds, funnel.shipped)),
            completion: (shipped && completed).then(|| in_days(period, Step::Completion)),
            cash: (paid && completed).then(|| in_days(period, Step::Cash)),
        }
    }

    /// Orders that were not paid.
    pub fn unpaid(&self) -> Option<i64> {
        self.features.knows_payment().then(|| i64::from(self.funnel.placed) - i64::from(self.funnel.paid))
    }

    /// Those of them that were closed, where a status says so.
    pub fn closed(&self) -> Option<i64> {
        self.features.status.then(|| i64::from(self.funnel.closed))
    }

    /// Orders due to be shipped, and those of them that were late.
    pub fn shipments(&self) -> Option<[i64; 2]> {
        (self.features.paid && self.features.shipped).then(|| [self.funnel.due, self.funnel.late].map(i64::from))
    }
}

/// The waits of a step on the scale of ticks. `seconds` are those of the `orders` that got there, summed: their mean is exact.
fn in_hours(period: &PeriodFunnel, step: Step, seconds: i64, orders: u32) -> Waited {
    let waited = waited(period.waits(step), seconds_of);
    let hours = |seconds: Option<f64>| seconds.map(|seconds| in_units_of(HOUR, seconds));
    Waited {
        mean: hours(ratio(seconds, orders.into())),
        p50: hours(waited.p50),
        p90: hours(waited.p90),
        km_median: hours(waited.km_median),
    }
}

/// The waits of a step in whole days.
fn in_days(period: &PeriodFunnel, step: Step) -> Waited {
    waited(period.waits(step), i64::from)
}

/// The figures of waits which ended or last; `time` gives the seconds or days of a tick.
fn waited(waits: &[(i32, WaitCounts)], time: impl Fn(i32) -> i64) -> Waited {
    let ended = Distribution::of(waits.iter().map(|(tick, [ended, _])| (time(*tick), i64::from(*ended))));
    // The median is that of the ticks: they ascend as their times do, and these may not fit a number of days.
    let count = |(tick, counts): &(i32, WaitCounts)| {
        let [events, censored] = counts.map(i64::from);
        Count { days: *tick, events, censored }
    };
    let median = median(&waits.iter().map(count).collect::<Vec<_>>());
    let km_median = median.map(|tick| time(tick) as f64);
    Waited { mean: ended.mean(), p50: ended.quantile(50), p90: ended.quantile(90), km_median }
}
