//! The small inputs of a run: reads each whole into facts, and sorts them when all shops are known.

use std::cmp::Ordering;
use std::sync::Arc;

use super::observe::Observer;
use super::order_lines;
use super::page_views::{self, CountedViews};
use super::plan::Plan;
use super::rows_read::are_read;
use crate::error::{Error, Problem, Result};
use crate::history::affiliates::INDEXED_ROW_BYTES;
use crate::history::refunds::INDEXED_REFUND_BYTES;
use crate::input::declared::columns::REFUNDS;
use crate::input::mapping::dataset::Dataset;
use crate::input::records::affiliates::{Affiliates, ROW_BYTES};
use crate::input::records::audiences::Members;
use crate::input::records::do_not_contact::DoNotContact;
use crate::input::records::facts::{AdPlan, Facts, Scores, ShopMetric, Violation};
use crate::input::records::keyword_traffic::KeywordRows;
use crate::input::records::refund_lines::RefundLines;
use crate::input::records::refunds::{Application, Refunds};
use crate::input::records::refunds_then::{RefundChanges, Then};
use crate::input::records::{
    ad_plans, affiliate_orders, audiences, benchmarks, campaigns, complaints, do_not_contact, events, item_traffic, keyword_traffic,
    listings, plans, ratings, refunds, service_scores, shop_metrics, shops, traffic, violations,
};
use crate::input::rows::ledger::Ledger;
use crate::input::rows::scan::Scan;
use crate::input::values::codes::Codes;
use crate::input::values::money::LARGEST;
use crate::partition::Budget;
use crate::table::channel::{CHANNELS, keywords};
use crate::table::item::visits::ITEM_VISITS;

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

/// Reads all inputs of a plan but the orders, whose `items` those of other inputs join. `refunds_then` is what the snapshot before read of the
/// refunds, where it is known.
///
/// # Errors
/// [`Error::Output`] where the disk is full.
pub(super) fn read_small(
    plan: &Plan,
    scan: &Scan<'_>,
    codes: &Codes,
    items: &Codes,
    (budget, refunds_then): (&Arc<Budget>, Option<&Then>),
    observer: &dyn Observer,
) -> Result<Small> {
    let mut small = Small::default();
    let mut sent = None;
    let reads_lines = order_lines::are_read(&plan.datasets, REFUNDS.name);
    for (name, dataset) in &plan.datasets {
        let Small {
            facts,
            applications,
            refund_lines,
            refund_changes,
            refund_reasons,
            affiliates,
            rated_orders,
            views,
            problems,
            warnings,
            ledgers: _,
        } = &mut small;
        let ledger = match *name {
            "audiences" => collect_problems(audiences::read(scan, dataset), problems)?.map(|(found, ledger)| {
                sent = Some(found);
                ledger
            }),
            "ad_plans" => store(ad_plans::read(scan, dataset, codes), &mut facts.ad_plans, problems)?,
            name if !are_read(plan, name) => continue,
            "affiliate_orders" => {
                let reads_lines = order_lines::are_read(&plan.datasets, name);
                collect_problems(affiliate_orders::read(scan, dataset, codes, budget, reads_lines), problems)?.map(|(found, ledger)| {
                    let bytes = ROW_BYTES + INDEXED_ROW_BYTES;
                    budget.reserve(found.rows.len() as u64 * bytes);
                    let amounts = found.rows.iter().map(|row| row.commission.estimated);
                    problems.extend(money_overflow(plan, name, amounts.fold(0, i64::saturating_add)));
                    *affiliates = found;
                    ledger
                })
            }
            "benchmarks" => store(benchmarks::read(scan, dataset), &mut facts.benchmarks, problems)?,
            "campaigns" => store(campaigns::read(scan, dataset, codes), &mut facts.campaigns, problems)?,
            "complaints" => store(complaints::read(scan, dataset, codes), &mut facts.complaints, problems)?,
            "do_not_contact" => collect_problems(do_not_contact::read(scan, dataset, codes), problems)?.map(|(found, ledger)| {
                warnings.extend(of_all_shops(&found, dataset));
                warnings.extend(not_yet(&ledger));
                facts.do_not_contact = Some(Arc::new(found));
                ledger
            }),
            "events" => store(events::read(scan, dataset, codes), &mut facts.events, problems)?,
            "keyword_traffic" => {
                let keeps_rows = plan.wants(keywords::TABLE.name);
                collect_problems(keyword_traffic::read(scan, dataset, codes, keeps_rows, budget), problems)?.map(|(found, ledger)| {
                    let KeywordRows { traffic, warnings: found, money } = found;
                    budget.reserve(size_of_val(traffic.days.as_slice()) as u64);
                    problems.extend(money_overflow(plan, name, money));
                    warnings.extend(found);
                    facts.keyword_traffic = Some(traffic);
                    ledger
                })
            }
            "item_traffic" => {
                let keeps = plan.reads(ITEM_VISITS.name);
                collect_problems(item_traffic::read(scan, dataset, codes, (items, keeps), budget), problems)?.map(|(found, ledger)| {
                    budget.reserve(size_of_val(found.days.as_slice()) as u64);
                    facts.item_traffic = Some(found);
                    ledger
                })
            }
            "listings" => store(listings::read(scan, dataset, codes), &mut facts.listings, problems)?,
            // It counts its rows as they are read: there are many more of them than of any other input.
            "page_views" => {
                if let Some((found, ledger)) = collect_problems(page_views::read(plan, scan, dataset, codes, budget, observer), problems)? {
                    *views = found;
                    small.ledgers.push((*name, ledger));
                }
                continue;
            }
            "plans" => store(plans::read(scan, dataset, codes), &mut facts.plans, problems)?,
            "ratings" => collect_problems(ratings::read(scan, dataset, codes, budget), problems)?.map(|(found, ledger)| {
                facts.scores = Some(found.scores);
                *rated_orders = found.orders;
                ledger
            }),
            "refunds" => {
                let read = refunds::read(scan, dataset, codes, budget, (reads_lines, refunds_then));
                collect_problems(read, problems)?.map(|(found, ledger)| {
                    let Refunds { applications: found, lines, reasons, changes } = found;
                    budget.reserve(found.len() as u64 * INDEXED_REFUND_BYTES);
                    let amounts = found.iter().map(|application| application.refund.amount);
                    problems.extend(money_overflow(plan, name, amounts.fold(0, i64::saturating_add)));
                    (*applications, *refund_lines, *refund_reasons, *refund_changes) = (Some(found), lines, reasons, changes);
                    ledger
                })
            }
            "service_scores" => store(service_scores::read(scan, dataset, codes), &mut facts.service_scores, problems)?,
            "shop_metrics" => store(shop_metrics::read(scan, dataset, codes), &mut facts.shop_metrics, problems)?,
            "shops" => store(shops::read(scan, dataset, codes), &mut facts.shops, problems)?,
            "traffic" => {
                let keeps_channels = plan.reads(CHANNELS.name);
                collect_problems(traffic::read(scan, dataset, codes, keeps_channels, budget), problems)?.map(|(found, ledger)| {
                    problems.extend(money_overflow(plan, name, found.cost));
                    warnings.extend(parts_only(found.unknown_days, found.days.len(), dataset));
                    (facts.traffic, facts.channel_traffic) = (Some(found.days), found.by_channel);
                    ledger
                })
            }
            "violations" => store(violations::read(scan, dataset, codes), &mut facts.violations, problems)?,
            _ => continue,
        };
        observer.step(dataset.rows());
        small.ledgers.extend(ledger.map(|ledger| (*name, ledger)));
    }
    if let Some(views) = &mut small.views {
        views.join(&mut small.facts);
    }
    let amounts = small.facts.plans.iter().flatten().flat_map(|plan| [plan.sales_target, plan.ad_budget]).flatten();
    small.problems.extend(money_overflow(plan, "plans", amounts.fold(0, i64::saturating_add)));
    let budgets = small.facts.ad_plans.iter().flatten().map(|plan| plan.budget);
    small.problems.extend(money_overflow(plan, "ad_plans", budgets.fold(0, i64::saturating_add)));
    if let Some(sent) = sent {
        let Members { members, unknown, in_both_arms } = sent.of(small.facts.campaigns.as_deref().unwrap_or_default(), scan);
        small.facts.audiences = Some(Arc::new(members));
        if in_both_arms > 0 {
            small.warnings.push(format!(
                "audiences: {in_both_arms} people were sent a campaign under one id and held back from it under another by customer_links; they \
                 count as treated"
            ));
        }
        if unknown > 0 {
            small.warnings.push(format!(
                "unknown_campaign: {unknown} members of audiences belong to campaigns that are not there, or have not begun"
            ));
        }
    }
    Ok(small)
}

/// A warning where days have rows of channels and none of the whole shop: channels do not add up to it, since one visitor may come by
/// several.
fn parts_only(unknown: usize, days: usize, dataset: &Dataset) -> Option<String> {
    (unknown > 0 && dataset.has("channel")).then(|| {
        format!(
            "traffic: {unknown} of {days} days have no figures of the whole shop, only rows with a `channel`, which are parts of it; if one \
             value stands for the whole, keep its rows with `filter` and leave `channel` out"
        )
    })
}

/// A warning of customers who unsubscribed from no shop in particular, in an input that has shops.
fn of_all_shops(list: &DoNotContact, dataset: &Dataset) -> Option<String> {
    let count = list.of_all_shops();
    (count > 0 && dataset.has("shop_id"))
        .then(|| format!("do_not_contact: {count} of {} rows have no `shop_id`, and hold for all shops of the job", list.len()))
}

/// A warning where customers unsubscribe after the as-of date only: the lists of that date have them.
fn not_yet(ledger: &Ledger) -> Option<String> {
    let count = ledger.total().after_as_of;
    (count > 0).then(|| {
        format!(
            "do_not_contact: {count} rows have a `since` after the as-of date and do not count yet: lists that are sent later have these \
             customers. Leave `since` out of the job where whoever unsubscribed must be on no list, whatever its date"
        )
    })
}

/// Stores the rows of an input in the facts and returns its ledger.
fn store<T>(read: Result<(Vec<T>, Ledger)>, facts: &mut Option<Vec<T>>, problems: &mut Vec<Problem>) -> Result<Option<Ledger>> {
    Ok(collect_problems(read, problems)?.map(|(rows, ledger)| {
        *facts = Some(rows);
        ledger
    }))
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
