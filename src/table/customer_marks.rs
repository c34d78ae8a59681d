//! What it takes the whole shop to know about a customer: the place in the table, lifecycle stage, RFM scores, value tier.

use std::ops::Range;

use rayon::prelude::*;

use super::customer_columns::CustomerColumns;
use super::customer_fold::CustomerFold;
use crate::error::Result;
use crate::history::{Context, Fold, Rfm};
use crate::metric::below::Below;
use crate::metric::lifecycle::Stage;
use crate::metric::rfm::{self, Segment};
use crate::metric::value_tier::{Tier, ranking, tiers};

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

/// All customers of a run in the order of the result, marked.
pub struct MarkedCustomers<'a> {
    /// What the run shares.
    pub context: &'a Context,
    /// The figures, ascending by (shop, customer id).
    pub columns: CustomerColumns,
    /// The marks, row by row.
    pub marks: Vec<Marks>,
    /// The shops with customers, ascending, and the rows of theirs.
    pub shops: Vec<(u32, Range<usize>)>,
}

impl<'a> MarkedCustomers<'a> {
    /// Puts the customers in order and marks them, shop by shop.
    ///
    /// # Errors
    /// [`crate::error::Error::Defect`] where a customer came twice.
    pub fn of(context: &'a Context, mut fold: CustomerFold) -> Result<Self> {
        let columns = CustomerColumns::in_order(fold.partial()?)?;
        let shops = shop_ranges(&columns);
        let mut marks = vec![Marks::default(); columns.len()];
        let mut tasks = Vec::with_capacity(shops.len());
        let mut rest = marks.as_mut_slice();
        for (_, range) in &shops {
            let (own, others) = rest.split_at_mut(range.len());
            tasks.push((range.clone(), own));
            rest = others;
        }
        tasks.into_par_iter().for_each(|(rows, own)| mark(context, &columns, rows, own));
        Ok(MarkedCustomers { context, columns, marks, shops })
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

/// Marks the customers of one shop, whose rows and marks these are.
fn mark(context: &Context, columns: &CustomerColumns, rows: Range<usize>, marks: &mut [Marks]) {
    let rows = || rows.clone();
    let number = marks.len() as u64;
    let net_revenue: Vec<i64> = rows().map(|row| columns.net_revenue(row)).collect();
    let descending = ranking(&net_revenue);
    for (mark, tier) in marks.iter_mut().zip(tiers(&net_revenue, &descending)) {
        mark.tier = tier;
    }
    let recency = |row: usize| i64::from(context.as_of) - i64::from(columns.last_day[row]);
    let last_day = |row: usize| i64::from(columns.last_day[row]);
    let purchase_days = |row: usize| i64::from(columns.purchase_days[row]);
    match &context.rfm {
        Rfm::Quantile => {
            // A longer recency is an earlier last day.
            let earlier = Below::of(rows().map(last_day));
            let rarer = Below::of(rows().map(purchase_days));
            let monetary = rfm::quantile_scores(&net_revenue, &descending);
            for ((mark, row), monetary) in marks.iter_mut().zip(rows()).zip(monetary) {
                let score = |worse| rfm::quantile_score(worse, number);
                mark.scores = [score(earlier.count(last_day(row))), score(rarer.count(purchase_days(row))), monetary];
            }
        }
        Rfm::Fixed { recency_days, frequency, monetary, per_purchase_day } => {
            for ((mark, row), net) in marks.iter_mut().zip(rows()).zip(&net_revenue) {
                let pieces = if *per_purchase_day { purchase_days(row) } else { 1 };
                mark.scores = [
                    rfm::recency_score(recency_days, recency(row)),
                    rfm::frequency_score(frequency, purchase_days(row)),
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
    for (mark, row) in marks.iter_mut().zip(rows()) {
        mark.stage = Stage::of(context.lifecycle, recency(row), columns.last_interval(row));
        mark.segment = Segment::of(std::array::from_fn(|dimension| rfm::is_high(mark.scores[dimension], number, sums[dimension])));
    }
}
