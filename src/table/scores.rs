//! Scores of customers that depend on all customers of the shop: order in the table, lifecycle stage, RFM scores, value tier.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::error::Result;
use crate::fold::customer::columns::CustomerColumns;
use crate::fold::customers::{CUSTOMERS, CustomerFold};
use crate::history::{Context, Fold};
use crate::job::{MonetaryValue, RecencyScore, Rfm, RfmMethod};
use crate::metric::lifecycle::{Stage, StageLimits};
use crate::metric::rfm::{self, PerDimension, Segment};
use crate::metric::value_tier::{Tier, ranking, tiers};
use crate::spec::Day;
use crate::statistics::below::Below;
use crate::table::night::{Read, Shared, always};
use crate::table::repurchase::lifecycle_limits::{LIFECYCLE_LIMITS, LifecycleLimits};

/// The scores of one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scores {
    /// Lifecycle stage on the as-of date.
    pub stage: Stage,
    /// R, F and M, each 1 to 5.
    pub rfm: PerDimension<u8>,
    /// The RFM segment.
    pub segment: Segment,
    /// The tier by net revenue.
    pub tier: Tier,
}

/// All customers of a run, in order and scored.
pub static SCORED_CUSTOMERS: Shared<ScoredCustomers> = Shared {
    name: "scored_customers",
    not_requested: always,
    reads: |_| vec![Read::Fold(&CUSTOMERS), Read::Shared(&LIFECYCLE_LIMITS)],
    make: |night| {
        let limits = night.shared(&LIFECYCLE_LIMITS)?;
        ScoredCustomers::of(&night.context, night.take_fold(&CUSTOMERS)?, &limits)
    },
};

/// All customers of a run in the order of the result, scored.
pub struct ScoredCustomers {
    /// The context of the run.
    pub context: Arc<Context>,
    /// The figures, ascending by (shop, customer id).
    pub columns: CustomerColumns,
    /// The scores, row by row.
    pub scores: Vec<Scores>,
    /// The shops with customers, ascending, and the rows of their customers.
    pub shops: Vec<(u32, Range<usize>)>,
}

/// The figures by which the customers of one shop are scored, as of the end of a day. By position, ascending by customer id.
pub struct ShopToScore<'a> {
    /// The day.
    pub day: Day,
    /// Active, quiet and dormant days of the shop.
    pub limits: StageLimits,
    /// Last purchase days.
    pub last_day: &'a [Day],
    /// Purchase days, at least 1.
    pub purchase_days: &'a [u32],
    /// The intervals before the last purchase days; 0 with one purchase day.
    pub last_interval: &'a [u32],
    /// Net revenue of the purchases, in minor units.
    pub net_revenue: &'a [i64],
}

impl ScoredCustomers {
    /// Sorts the customers and scores them, shop by shop. `limits` are the active, quiet and dormant days of a shop.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] if a customer occurs twice.
    pub fn of(context: &Arc<Context>, mut fold: CustomerFold, limits: &LifecycleLimits) -> Result<Self> {
        let columns = CustomerColumns::in_order(fold.state()?)?;
        let shops = shop_ranges(&columns);
        let mut scores = vec![Scores::default(); columns.len()];
        let mut tasks = Vec::with_capacity(shops.len());
        let mut rest = scores.as_mut_slice();
        for (shop, range) in &shops {
            let (own, others) = rest.split_at_mut(range.len());
            tasks.push((*shop, range.clone(), own));
            rest = others;
        }
        tasks.into_par_iter().for_each(|(shop, rows, own)| {
            let net_revenue: Vec<i64> = rows.clone().map(|row| columns.net_revenue(row)).collect();
            let shop = ShopToScore {
                day: context.as_of,
                limits: limits.of(shop),
                last_day: &columns.last_day[rows.clone()],
                purchase_days: &columns.purchase_days[rows.clone()],
                last_interval: &columns.last_interval[rows],
                net_revenue: &net_revenue,
            };
            shop.score(&context.params.rfm, own);
        });
        Ok(ScoredCustomers { context: Arc::clone(context), columns, scores, shops })
    }

    /// Days from a customer's last purchase day to the as-of date.
    #[inline]
    pub fn recency(&self, row: usize) -> i64 {
        i64::from(self.context.as_of) - i64::from(self.columns.last_day[row])
    }
}

/// The shops of ascending keys and the rows of each.
fn shop_ranges(columns: &CustomerColumns) -> Vec<(u32, Range<usize>)> {
    let mut end = 0;
    let shops = columns.keys.shop.chunk_by(|one, other| one == other);
    shops
        .map(|own| {
            end += own.len();
            (own[0], end - own.len()..end)
        })
        .collect()
}

impl ShopToScore<'_> {
    /// Scores each customer relative to all customers of the shop. Writes to `scores`, by position.
    pub fn score(&self, rfm: &Rfm, scores: &mut [Scores]) {
        let number = scores.len() as u64;
        let recency = |at: usize| i64::from(self.day) - i64::from(self.last_day[at]);
        let purchase_days = |at: usize| i64::from(self.purchase_days[at]);
        let descending = ranking(self.net_revenue);
        for (score, tier) in scores.iter_mut().zip(tiers(self.net_revenue, &descending)) {
            score.tier = tier;
        }
        match &rfm.method {
            RfmMethod::Quantile(by) => {
                // A longer recency is an earlier last day.
                let earlier = Below::of(self.last_day.iter().map(|day| i64::from(*day)));
                let rarer = Below::of(self.purchase_days.iter().map(|days| i64::from(*days)));
                let monetary = rfm::quantile_scores(self.net_revenue, &descending);
                for (at, (score, monetary)) in scores.iter_mut().zip(monetary).enumerate() {
                    let quantile = |worse| rfm::quantile_score(worse, number);
                    score.rfm = PerDimension {
                        recency: match by {
                            RecencyScore::Stages => rfm::stage_score(self.limits, recency(at)),
                            RecencyScore::Quantile => quantile(earlier.count(i64::from(self.last_day[at]))),
                        },
                        frequency: quantile(rarer.count(purchase_days(at))),
                        monetary,
                    };
                }
            }
            RfmMethod::Fixed { recency_days, frequency, monetary } => {
                let recency_days = recency_days.map(i64::from);
                let is_per_day = rfm.monetary_value == MonetaryValue::PerPurchaseDay;
                for (at, (score, net)) in scores.iter_mut().zip(self.net_revenue).enumerate() {
                    let pieces = if is_per_day { purchase_days(at) } else { 1 };
                    score.rfm = PerDimension {
                        recency: rfm::recency_score(&recency_days, recency(at)),
                        frequency: rfm::frequency_score(frequency, purchase_days(at)),
                        monetary: rfm::monetary_score(monetary, *net, pieces),
                    };
                }
            }
        }
        let none = PerDimension::<u64>::default();
        let sums = scores.iter().fold(none, |sums, score| sums.zip(score.rfm, |sum, score| sum + u64::from(score)));
        for (at, score) in scores.iter_mut().enumerate() {
            let last_interval = (self.purchase_days[at] > 1).then_some(self.last_interval[at]);
            score.stage = Stage::of(self.limits, recency(at), last_interval);
            let mut is_high = score.rfm.zip(sums, |score, sum| rfm::is_high(score, number, sum));
            if rfm.method == RfmMethod::Quantile(RecencyScore::Stages) {
                is_high.recency = rfm::is_recent(score.rfm.recency);
            }
            score.segment = Segment::of(is_high);
        }
    }
}
