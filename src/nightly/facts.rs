//! The small inputs of a run: facts that are read whole, and sorted when all shops are known.

use std::cmp::Ordering;
use std::sync::Arc;

use super::page_views::CountedViews;
use super::plan::Plan;
use crate::error::{Error, Problem, Result};
use crate::input::records::affiliates::Affiliates;
use crate::input::records::events;
use crate::input::records::facts::{AdPlan, Facts, Scores, ShopMetric, Violation};
use crate::input::records::refund_lines::RefundLines;
use crate::input::records::refunds::Application;
use crate::input::records::refunds_then::RefundChanges;
use crate::input::rows::ledger::Ledger;
use crate::spec::currency::LARGEST;

/// The content of the small inputs, shops by provisional code.
#[derive(Default)]
pub(super) struct Small {
    /// All facts but the refunds.
    pub facts: Facts,
    /// Refund applications; `None` without a refunds input.
    pub applications: Option<Vec<Application>>,
    /// The lines that they name.
    pub refund_lines: RefundLines,
    /// What the snapshot before counted otherwise of them.
    pub refund_changes: RefundChanges,
    /// Their reasons, ascending; none where no table reads them.
    pub refund_reasons: Vec<String>,
    /// What publishers earn by orders; nothing where no table reads it.
    pub affiliates: Affiliates,
    /// The hash of the order of each rating.
    pub rated_orders: Vec<u64>,
    /// The page views; `None` without that input.
    pub views: Option<CountedViews>,
    /// By input in the order of their names.
    pub ledgers: Vec<(&'static str, Ledger)>,
    /// Problems of files, to be reported together with those of the orders.
    pub problems: Vec<Problem>,
    /// Warnings: what users should know but does not stop the run.
    pub warnings: Vec<String>,
}

/// Returns the rows of an input, or `None` after adding its file problems to `problems`, so that all inputs are reported at once.
pub(super) fn collect_problems<T>(read: Result<T>, problems: &mut Vec<Problem>) -> Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Error::Input(found)) => {
            problems.extend(found);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// Returns a problem if the absolute amounts of an input add up to more than a result column can hold. Below that, no sum of money in any
/// table overflows.
pub(super) fn money_overflow(plan: &Plan, input: &str, total: i64) -> Option<Problem> {
    let place = plan.job.inputs.get(input).map_or(input, |spec| spec.place.as_str());
    let what = format!("input `{input}`: its amounts add up to more than Decimal(18,2) can hold, 9 999 999 999 999 999.99");
    (total > LARGEST).then(|| {
        Problem::new(place, what).help("are they in the right unit? Look for `money:` in the job and for amounts in the trillions")
    })
}

/// Replaces provisional codes of shops by final ones, and those of items by `items`, and sorts all facts as [`Facts`] documents. Benchmarks and audiences have no shop and are
/// sorted already.
pub(super) fn rank_facts(facts: &mut Facts, rank: &dyn Fn(u32) -> u32, items: &[u32]) {
    let Facts {
        traffic,
        viewers,
        channel_traffic,
        scores,
        refunds: _,
        shops,
        complaints,
        service_scores,
        listings,
        violations,
        benchmarks: _,
        shop_metrics,
        plans,
        ad_plans,
        keyword_traffic,
        do_not_contact,
        events,
        item_traffic,
        campaigns,
        audiences: _,
        listed: _,
        first_days: _,
        last_days: _,
    } = facts;
    if let Some(traffic) = traffic {
        traffic.rank(rank);
    }
    if let Some(traffic) = channel_traffic {
        traffic.rank(rank);
    }
    if let Some(viewers) = viewers {
        viewers.rank(rank);
    }
    if let Some(traffic) = item_traffic {
        traffic.rank(rank, items);
    }
    match scores {
        Some(Scores::Events(days)) => {
            days.iter_mut().for_each(|row| row.shop = rank(row.shop));
            days.sort_by_key(|row| (row.shop, row.day));
        }
        Some(Scores::Snapshots(days)) => {
            days.iter_mut().for_each(|row| row.shop = rank(row.shop));
            days.sort_by_key(|row| (row.shop, row.day));
        }
        None => {}
    }
    put_in_order(shops, rank, |row| &mut row.shop, |a, b| a.shop.cmp(&b.shop));
    put_in_order(complaints, rank, |row| &mut row.shop, |a, b| (a.shop, a.day).cmp(&(b.shop, b.day)));
    put_in_order(service_scores, rank, |row| &mut row.shop, |a, b| (a.shop, a.month).cmp(&(b.shop, b.month)));
    put_in_order(listings, rank, |row| &mut row.shop, |a, b| (a.shop, a.month).cmp(&(b.shop, b.month)));
    let by_kind = |a: &Violation, b: &Violation| (a.shop, a.day, a.kind).cmp(&(b.shop, b.day, b.kind));
    put_in_order(violations, rank, |row| &mut row.shop, |a, b| by_kind(a, b).then(a.points.total_cmp(&b.points)));
    let by_metric = |a: &ShopMetric, b: &ShopMetric| (a.shop, &a.metric, a.start).cmp(&(b.shop, &b.metric, b.start));
    put_in_order(plans, rank, |row| &mut row.shop, |a, b| (a.shop, a.month).cmp(&(b.shop, b.month)));
    let by_channel = |a: &AdPlan, b: &AdPlan| (a.shop, a.month, &a.channel).cmp(&(b.shop, b.month, &b.channel));
    put_in_order(ad_plans, rank, |row| &mut row.shop, by_channel);
    if let Some(traffic) = keyword_traffic {
        traffic.rank(rank);
    }
    if let Some(list) = do_not_contact {
        Arc::make_mut(list).rank(rank);
    }
    if let Some(events) = events {
        events::rank(events, rank);
    }
    put_in_order(campaigns, rank, |row| &mut row.shop, |a, b| a.id.cmp(&b.id));
    put_in_order(shop_metrics, rank, |row| &mut row.shop, by_metric);
}

fn put_in_order<T>(
    rows: &mut Option<Vec<T>>,
    rank: &dyn Fn(u32) -> u32,
    shop: impl Fn(&mut T) -> &mut u32,
    order: impl Fn(&T, &T) -> Ordering,
) {
    let Some(rows) = rows else { return };
    for row in rows.iter_mut() {
        let shop = shop(row);
        *shop = rank(*shop);
    }
    rows.sort_by(order);
}
