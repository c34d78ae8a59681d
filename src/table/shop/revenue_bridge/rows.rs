//! The rows of revenue_bridge: refunds by day of payment and day of refund summed over periods, and the chain ladder over the periods.

use super::super::days::{Period, ShopDays};
use super::super::unrecorded::{Recorded, UNRECORDED_STEPS};
use crate::fold::activity::ACTIVITY;
use crate::fold::outcomes::{OUTCOMES, OutcomeFold};
use crate::fold::refund_days::REFUND_DAYS;
use crate::history::{Context, PaidRefund};
use crate::metric::ratio::ratio;
use crate::spec::{Day, Grain};
use crate::statistics::chain_ladder::{Development, to_ultimate};
use crate::table::night::Night;
use crate::table::rows::RowWriter;

/// How many older cohorts an expectation needs.
const ENOUGH_COHORTS: i64 = 6;

/// Refunds whose day is known, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dated {
    /// All that were completed in the period.
    pub in_period: i64,
    /// Those of them whose orders are in the data.
    pub of_known_orders: i64,
    /// Those of the payments of the period.
    pub of_payments: i64,
    /// Those that are both.
    pub of_both: i64,
}

/// A period of a shop.
#[derive(Debug, Clone)]
pub struct Row {
    pub shop: u32,
    pub grain: Grain,
    pub start: Day,
    pub days: i64,
    pub is_complete: bool,
    /// What was paid in the period, in minor units as all that follows.
    pub paid: i64,
    /// What went back of that; `None` where nothing says so.
    pub of_payments: Option<i64>,
    /// What has a day; `None` without a refunds input.
    pub dated: Option<Dated>,
    /// What was paid for the orders completed in the period; `None` where completion is not mapped.
    pub settled: Option<i64>,
    /// What went back of these.
    pub settled_refunded: Option<i64>,
    /// Complete periods before it with a payment.
    pub older_cohorts: i64,
    /// What is expected to go back of the payments in the end.
    pub expected: Option<i64>,
}

impl Row {
    pub fn net_by_payment(row: &Row) -> Option<i64> {
        Some(row.paid - row.of_payments?)
    }

    pub fn refund_share(row: &Row) -> Option<f64> {
        ratio(row.of_payments?, row.paid)
    }

    pub fn refund_share_expected(row: &Row) -> Option<f64> {
        ratio(row.expected?, row.paid)
    }

    pub fn refund_maturity(row: &Row) -> Option<f64> {
        ratio(row.of_payments?, row.expected?)
    }
}

/// Writes the rows of all shops.
pub fn write(night: &Night, out: &mut RowWriter<'_, Row>) -> crate::error::Result<()> {
    let (context, activity, outcomes) = (&night.context, night.fold(&ACTIVITY)?, night.fold(&OUTCOMES)?);
    let refunds = night.fold(&REFUND_DAYS)?.by_shop();
    let unrecorded = night.shared(&UNRECORDED_STEPS)?;
    for days in (0..context.shops.len() as u32).filter_map(|shop| ShopDays::of(context, &activity, &night.facts, shop)) {
        let refunds = refunds.get(&days.shop).map_or(&[][..], Vec::as_slice);
        for grain in context.params.periods() {
            let periods = days.periods(&activity, grain);
            // What is completed in a period was mostly placed in its months or in the one before them.
            let since = |start: Day| Grain::Month.start(Grain::Month.index(start) - 1);
            let is_settled = |period: &Period| unrecorded.is_recorded(Recorded::Completion, days.shop, since(period.start), period.to);
            let knows_settled: Vec<bool> = periods.iter().map(is_settled).collect();
            let mut rows = rows(context, days.shop, grain, &periods, &outcomes, refunds);
            for (row, _) in rows.iter_mut().zip(knows_settled).filter(|(_, is_known)| !is_known) {
                (row.settled, row.settled_refunded) = (None, None);
            }
            out.all(rows)?;
        }
    }
    Ok(())
}

/// The rows of the periods of one grain of a shop.
fn rows(context: &Context, shop: u32, grain: Grain, periods: &[Period], outcomes: &OutcomeFold, refunds: &[PaidRefund]) -> Vec<Row> {
    let dated = dated(grain, periods, refunds);
    let mut older_cohorts = 0;
    let mut rows = Vec::with_capacity(periods.len());
    for (period, dated) in periods.iter().zip(dated) {
        let outcome = outcomes.between(shop, period.from, period.to);
        let features = &context.features;
        let paid = period.figures.activity.paid_amount;
        rows.push(Row {
            shop,
            grain,
            start: period.start,
            days: period.days,
            is_complete: period.is_complete,
            paid,
            of_payments: features.refunded.then_some(outcome.refunded),
            dated: period.figures.refunded.map(|refunded| Dated { in_period: refunded.amount, ..dated }),
            settled: features.completed.then_some(outcome.settled),
            settled_refunded: (features.completed && features.refunded).then_some(outcome.settled_refunded),
            older_cohorts,
            expected: None,
        });
        older_cohorts += i64::from(period.is_complete && paid > 0);
    }
    expect(context, periods, refunds, &mut rows);
    rows
}

/// By period: the sums of the refunds of known orders. Refunds outside the periods count in none of them, as in shop_periods.
fn dated(grain: Grain, periods: &[Period], refunds: &[PaidRefund]) -> Vec<Dated> {
    let mut sums = vec![Dated::default(); periods.len()];
    let first = periods.first().map_or(0, |period| i64::from(period.index));
    let position = |day: Day| usize::try_from(i64::from(grain.index(day)) - first).ok();
    let last_day = periods.last().map(|period| period.to);
    let first_day = periods.first().map(|period| period.from);
    for refund in refunds {
        let is_in_periods = first_day <= Some(refund.day) && Some(refund.day) <= last_day;
        let (paid_in, refunded_in) = (position(refund.order_paid_day), position(refund.day).filter(|_| is_in_periods));
        if let Some(sum) = paid_in.and_then(|place| sums.get_mut(place)) {
            sum.of_payments += refund.amount;
            sum.of_both += if paid_in == refunded_in { refund.amount } else { 0 };
        }
        if let Some(sum) = refunded_in.and_then(|place| sums.get_mut(place)) {
            sum.of_known_orders += refund.amount;
        }
    }
    sums
}

/// Fills in what the refunds of complete periods are expected to come to.
fn expect(context: &Context, periods: &[Period], refunds: &[PaidRefund], rows: &mut [Row]) {
    let mut development = Development::default();
    let mut latest = vec![None; periods.len()];
    let mut rest = refunds;
    for (period, latest) in periods.iter().zip(&mut latest) {
        // Refunds are in the order of their payments, as periods are.
        let of_period = rest.partition_point(|refund| refund.order_paid_day <= period.to);
        let (own, later) = rest.split_at(of_period);
        rest = later;
        if period.is_complete {
            let cumulative = cumulative(own, period.to, context.as_of);
            *latest = cumulative.last().map(|amount| (*amount, cumulative.len() - 1));
            development.add(cumulative);
        }
    }
    let factors = development.factors();
    for (row, latest) in rows.iter_mut().zip(latest) {
        let Some((amount, age)) = latest.filter(|_| row.older_cohorts >= ENOUGH_COHORTS) else { continue };
        let (Some(dated), Some(of_payments), Some(to_come)) = (row.dated, row.of_payments, to_ultimate(&factors, age)) else { continue };
        // Nothing grows to nothing, whatever it is multiplied with.
        if amount > 0 || to_come == 1.0 {
            let expected = (amount as f64 * to_come).round() as i128 + i128::from(of_payments - dated.of_payments);
            // A few fen that came early may have grown to anything: no more can go back than was paid.
            row.expected = i64::try_from(expected).ok().filter(|expected| *expected <= row.paid);
        }
    }
}

/// The refunds of a period of payments, cumulative by days after its last day, up to the as-of date.
fn cumulative(refunds: &[PaidRefund], end: Day, as_of: Day) -> Vec<i64> {
    let mut amounts = vec![0; usize::try_from(i64::from(as_of) - i64::from(end) + 1).unwrap_or(0)];
    for refund in refunds {
        let age = usize::try_from(i64::from(refund.day) - i64::from(end)).unwrap_or(0);
        if let Some(amount) = amounts.get_mut(age) {
            *amount += refund.amount;
        }
    }
    let mut sum = 0;
    amounts.iter_mut().for_each(|amount| {
        sum += *amount;
        *amount = sum;
    });
    amounts
}
