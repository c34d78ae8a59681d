//! The small inputs of a run: reads them, side by side as far as they are few rows, and stores them among the facts in their order.

use std::sync::Arc;

use rayon::prelude::*;

use super::facts::{Small, collect_problems, money_overflow};
use super::observe::Observer;
use super::order_lines;
use super::page_views;
use super::plan::Plan;
use super::rows_read::are_read;
use crate::error::Result;
use crate::history::affiliates::INDEXED_ROW_BYTES;
use crate::history::refunds::INDEXED_REFUND_BYTES;
use crate::input::mapping::dataset::Dataset;
use crate::input::records::affiliates::ROW_BYTES;
use crate::input::records::audiences::{Audiences, Members};
use crate::input::records::do_not_contact::DoNotContact;
use crate::input::records::facts::Facts;
use crate::input::records::keyword_traffic::KeywordRows;
use crate::input::records::refunds::Refunds;
use crate::input::records::refunds_then::Then;
use crate::input::records::{
    ad_plans, affiliate_orders, audiences, benchmarks, campaigns, complaints, do_not_contact, events, item_traffic, keyword_traffic,
    listings, plans, ratings, refunds, service_scores, shop_metrics, shops, traffic, violations,
};
use crate::input::rows::ledger::Ledger;
use crate::input::rows::scan::Scan;
use crate::input::values::codes::Codes;
use crate::partition::Budget;
use crate::table::channel::{CHANNELS, keywords};
use crate::table::item::visits::ITEM_VISITS;

/// Rows of all inputs together that are read side by side, at most: what reading takes of memory for a moment is little then.
const FEW_ROWS: u64 = 1 << 18;

/// What reading a small input needs.
struct SmallInputs<'a> {
    /// The plan of the run.
    plan: &'a Plan,
    /// How rows are read.
    scan: &'a Scan<'a>,
    /// The codes of shops.
    codes: &'a Codes,
    /// The codes of items.
    items: &'a Codes,
    /// The memory of the run.
    budget: &'a Arc<Budget>,
    /// What the snapshot before read of the refunds, where it is known.
    refunds_then: Option<&'a Then>,
    /// Hears of rows that are read.
    observer: &'a dyn Observer,
}

/// Stores what was read of an input; returns the members of audiences, which wait for the campaigns.
type Store<'a> = Box<dyn FnOnce(&mut Small) -> Option<Audiences> + Send + 'a>;

/// An input that was read and is not stored yet.
struct Stored<'a> {
    /// Its rows.
    ledger: Ledger,
    /// Stores it.
    store: Store<'a>,
}

/// An input that was read, with what stores its rows.
fn stored<'a, T: Send + 'a>((rows, ledger): (T, Ledger), store: impl FnOnce(&mut Small, T) + Send + 'a) -> Stored<'a> {
    let store = move |small: &mut Small| {
        store(small, rows);
        None
    };
    Stored { ledger, store: Box::new(store) }
}

/// The same of rows that are facts as they are.
fn facts<'a, T: Send + 'a>(read: (Vec<T>, Ledger), place: fn(&mut Facts) -> &mut Option<Vec<T>>) -> Stored<'a> {
    stored(read, move |small, rows| *place(&mut small.facts) = Some(rows))
}

impl<'a> SmallInputs<'a> {
    /// Reads an input; nothing for one that is no small one, or that no table reads.
    ///
    /// # Errors
    /// [`crate::error::Error::Input`] where it is damaged, [`crate::error::Error::Output`] where the disk is full.
    fn read(&self, name: &'static str, dataset: &'a Dataset) -> Result<Option<Stored<'a>>> {
        let SmallInputs { plan, scan, codes, items, budget, refunds_then, observer } = *self;
        if !are_read(plan, name) {
            return Ok(None);
        }
        let reads_lines = || order_lines::are_read(&plan.datasets, name);
        let read = match name {
            "ad_plans" => facts(ad_plans::read(scan, dataset, codes)?, |facts| &mut facts.ad_plans),
            "affiliate_orders" => stored(affiliate_orders::read(scan, dataset, codes, budget, reads_lines())?, move |small, found| {
                budget.reserve(found.rows.len() as u64 * (ROW_BYTES + INDEXED_ROW_BYTES));
                let amounts = found.rows.iter().map(|row| row.commission.estimated);
                small.problems.extend(money_overflow(plan, name, amounts.fold(0, i64::saturating_add)));
                small.affiliates = found;
            }),
            "audiences" => {
                let (sent, ledger) = audiences::read(scan, dataset)?;
                Stored { ledger, store: Box::new(move |_| Some(sent)) }
            }
            "benchmarks" => facts(benchmarks::read(scan, dataset)?, |facts| &mut facts.benchmarks),
            "campaigns" => facts(campaigns::read(scan, dataset, codes)?, |facts| &mut facts.campaigns),
            "complaints" => facts(complaints::read(scan, dataset, codes)?, |facts| &mut facts.complaints),
            "do_not_contact" => {
                let (found, ledger) = do_not_contact::read(scan, dataset, codes)?;
                let later = not_yet(&ledger);
                stored((found, ledger), move |small, found| {
                    small.warnings.extend(of_all_shops(&found, dataset));
                    small.warnings.extend(later);
                    small.facts.do_not_contact = Some(Arc::new(found));
                })
            }
            "events" => facts(events::read(scan, dataset, codes)?, |facts| &mut facts.events),
            "item_traffic" => {
                let keeps = plan.reads(ITEM_VISITS.name);
                stored(item_traffic::read(scan, dataset, codes, (items, keeps), budget)?, move |small, found| {
                    budget.reserve(size_of_val(found.days.as_slice()) as u64);
                    small.facts.item_traffic = Some(found);
                })
            }
            "keyword_traffic" => {
                let keeps = plan.wants(keywords::TABLE.name);
                stored(keyword_traffic::read(scan, dataset, codes, keeps, budget)?, move |small, found| {
                    let KeywordRows { traffic, warnings, money } = found;
                    budget.reserve(size_of_val(traffic.days.as_slice()) as u64);
                    small.problems.extend(money_overflow(plan, name, money));
                    small.warnings.extend(warnings);
                    small.facts.keyword_traffic = Some(traffic);
                })
            }
            "listings" => facts(listings::read(scan, dataset, codes)?, |facts| &mut facts.listings),
            "page_views" => {
                let found = page_views::read(plan, scan, dataset, codes, budget, observer)?;
                // It counts its rows as they are read: there are many more of them than of any other input.
                return Ok(Some(stored(found, move |small, views| small.views = views)));
            }
            "plans" => facts(plans::read(scan, dataset, codes)?, |facts| &mut facts.plans),
            "ratings" => stored(ratings::read(scan, dataset, codes, budget)?, move |small, found| {
                small.facts.scores = Some(found.scores);
                small.rated_orders = found.orders;
            }),
            "refunds" => stored(refunds::read(scan, dataset, codes, budget, (reads_lines(), refunds_then))?, move |small, found| {
                let Refunds { applications, lines, reasons, changes } = found;
                budget.reserve(applications.len() as u64 * INDEXED_REFUND_BYTES);
                let amounts = applications.iter().map(|application| application.refund.amount);
                small.problems.extend(money_overflow(plan, name, amounts.fold(0, i64::saturating_add)));
                small.applications = Some(applications);
                (small.refund_lines, small.refund_reasons, small.refund_changes) = (lines, reasons, changes);
            }),
            "service_scores" => facts(service_scores::read(scan, dataset, codes)?, |facts| &mut facts.service_scores),
            "shop_metrics" => facts(shop_metrics::read(scan, dataset, codes)?, |facts| &mut facts.shop_metrics),
            "shops" => facts(shops::read(scan, dataset, codes)?, |facts| &mut facts.shops),
            "traffic" => {
                let keeps = plan.reads(CHANNELS.name);
                stored(traffic::read(scan, dataset, codes, keeps, budget)?, move |small, found| {
                    small.problems.extend(money_overflow(plan, name, found.cost));
                    small.warnings.extend(parts_only(found.unknown_days, found.days.len(), dataset));
                    (small.facts.traffic, small.facts.channel_traffic) = (Some(found.days), found.by_channel);
                })
            }
            "violations" => facts(violations::read(scan, dataset, codes)?, |facts| &mut facts.violations),
            _ => return Ok(None),
        };
        observer.step(dataset.rows());
        Ok(Some(read))
    }
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
    let (mut sent, mut told) = (None, Vec::new());
    let mut keep = |name: &'static str, found: Result<Option<Stored<'_>>>| -> Result<()> {
        if let Some(Stored { ledger, store }) = collect_problems(found, &mut small.problems)?.flatten() {
            sent = store(&mut small).or(sent.take());
            small.ledgers.push((name, ledger));
        }
        told.push((name, std::mem::take(&mut small.problems), std::mem::take(&mut small.warnings)));
        Ok(())
    };
    let reader = SmallInputs { plan, scan, codes, items, budget, refunds_then, observer };
    let mut few: Vec<(&'static str, &Dataset)> = plan.datasets.iter().map(|(name, dataset)| (*name, dataset)).collect();
    few.sort_by_key(|(_, dataset)| dataset.rows());
    let mut rows = 0_u64;
    let is_few = |(_, dataset): &&(&str, &Dataset)| {
        rows = rows.saturating_add(dataset.rows());
        rows <= FEW_ROWS
    };
    // The smallest side by side. Of the others each keeps all threads busy, and what it leaves is in the budget before the next one is read.
    let many = few.split_off(few.iter().take_while(is_few).count());
    let few = few.into_par_iter().rev().with_max_len(1).map(|(name, dataset)| (name, reader.read(name, dataset)));
    few.collect::<Vec<_>>().into_iter().try_for_each(|(name, found)| keep(name, found))?;
    many.into_iter().try_for_each(|(name, dataset)| keep(name, reader.read(name, dataset)))?;
    // Ledgers, problems and warnings stand in the order of the inputs.
    small.ledgers.sort_by_key(|(name, _)| *name);
    told.sort_by_key(|(name, ..)| *name);
    for (_, problems, warnings) in told {
        small.problems.extend(problems);
        small.warnings.extend(warnings);
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
