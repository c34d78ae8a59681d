//! What it takes the whole shop to know about a customer: the place in the table, lifecycle stage, RFM scores, value tier.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::error::Result;
use crate::fold::customer::columns::CustomerColumns;
use crate::fold::customers::{CUSTOMERS, CustomerFold};
use crate::history::{Context, Fold, Rfm};
use crate::metric::lifecycle::Stage;
use crate::metric::rfm::{self, Segment};
use crate::metric::value_tier::{Tier, ranking, tiers};
use crate::spec::Day;
use crate::statistics::below::Below;
use crate::table::night::{Read, Shared, always};
use crate::table::repurchase::lifecycle_limits::{LIFECYCLE_LIMITS, LifecycleLimits};

/// How one customer is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// Lifecycle stage on the as-of date.
    pub stage: Stage,
    /// R, F and M, each 1 to 5.
    pub scores: [u8; 3],
    /// What the scores say together.
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

/// All customers of a run in the order of the result, marked.
pub struct ScoredCustomers {
    /// What the run shares.
    pub context: Arc<Context>,
    /// The figures, ascending by (shop, customer id).
    pub columns: CustomerColumns,
    /// The marks, row by row.
    pub marks: Vec<Marks>,
    /// The shops with customers, ascending, and the rows of theirs.
    pub shops: Vec<(u32, Range<usize>)>,
}

/// What customers of one shop are marked by, as it stood at the end of a day; by position, ascending by customer id.
pub struct Standing<'a> {
    /// The day.
    pub day: Day,
    /// Active, quiet and dormant days of the shop.
    pub limits: [i32; 3],
    /// Last purchase days.
    pub last_day: &'a [Day],
    /// Purchase days, at least 1.
    pub purchase_days: &'a [u32],
    /// The intervals before the last purchase days; 0 with one purchase day.
    pub last_interval: &'a [u32],
    /// What the purchases brought, in minor units.
    pub net_revenue: &'a [i64],
}

impl ScoredCustomers {
    /// Puts the customers in order and marks them, shop by shop. `limits` are the active, quiet and dormant days of a shop.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] where a customer came twice.
    pub fn of(context: &Arc<Context>, mut fold: CustomerFold, limits: &LifecycleLimits) -> Result<Self> {
        let columns = CustomerColumns::in_order(fold.state()?)?;
        let shops = shop_ranges(&columns);
        let mut marks = vec![Marks::default(); columns.len()];
        let mut tasks = Vec::with_capacity(shops.len());
        let mut rest = marks.as_mut_slice();
        for (shop, range) in &shops {
            let (own, others) = rest.split_at_mut(range.len());
            tasks.push((*shop, range.clone(), own));
            rest = others;
        }
        tasks.into_par_iter().for_each(|(shop, rows, own)| {
            let net_revenue: Vec<i64> = rows.clone().map(|row| columns.net_revenue(row)).collect();
            let standing = Standing {
                day: context.as_of,
                limits: limits.of(shop),
                last_day: &columns.last_day[rows.clone()],
                purchase_days: &columns.purchase_days[rows.clone()],
                last_interval: &columns.last_interval[rows],
                net_revenue: &net_revenue,
            };
            standing.mark(&context.rfm, own);
        });
        Ok(ScoredCustomers { context: Arc::clone(context), columns, marks, shops })
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

impl Standing<'_> {
    /// Marks the customers by what the whole shop tells about each; `marks` are theirs, by position.
    pub fn mark(&self, rfm: &Rfm, marks: &mut [Marks]) {
        let number = marks.len() as u64;
        let recency = |at: usize| i64::from(self.day) - i64::from(self.last_day[at]);
        let purchase_days = |at: usize| i64::from(self.purchase_days[at]);
        let descending = ranking(self.net_revenue);
        for (mark, tier) in marks.iter_mut().zip(tiers(self.net_revenue, &descending)) {
            mark.tier = tier;
        }
        match rfm {
            Rfm::Quantile => {
                // A longer recency is an earlier last day.
                let earlier = Below::of(self.last_day.iter().map(|day| i64::from(*day)));
                let rarer = Below::of(self.purchase_days.iter().map(|days| i64::from(*days)));
                let monetary = rfm::quantile_scores(self.net_revenue, &descending);
                for (at, (mark, monetary)) in marks.iter_mut().zip(monetary).enumerate() {
                    let score = |worse| rfm::quantile_score(worse, number);
                    mark.scores = [score(earlier.count(i64::from(self.last_day[at]))), score(rarer.count(purchase_days(at))), monetary];
                }
            }
            Rfm::Fixed { recency_days, frequency, monetary, per_purchase_day } => {
                for (at, (mark, net)) in marks.iter_mut().zip(self.net_revenue).enumerate() {
                    let pieces = if *per_purchase_day { purchase_days(at) } else { 1 };
                    mark.scores = [
                        rfm::recency_score(recency_days, recency(at)),
                        rfm::frequency_score(frequency, purchase_days(at)),
                        rfm::monetary_score(monetary, *net, pieces),
                    ];
                }
            }
        }
        let mut sums = [0u64; 3];
        for mark in marks.iter() {
            for (sum, score) in sums.iter_mut().zip(mark.scores) {
                *sum += u64::from(score);
            }
        }
        for (at, mark) in marks.iter_mut().enumerate() {
            let last_interval = (self.purchase_days[at] > 1).then_some(self.last_interval[at]);
            mark.stage = Stage::of(self.limits, recency(at), last_interval);
            mark.segment = Segment::of(std::array::from_fn(|dimension| rfm::is_high(mark.scores[dimension], number, sums[dimension])));
        }
    }
}
