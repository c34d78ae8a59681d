//! The fold of a run: counts orders, settles histories, updates the folds, and records findings in the ledgers.

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashSet;
use rayon::slice::ParallelSliceMut;

use super::buyers;
use super::load::Loaded;
use super::observe::Observer;
use super::order_lines;
use super::plan::Plan;
use super::ready::{Ready, count_orders, ready};
use super::restated::{self, Changes, RefundSteps, refund_steps};
use crate::error::{Error, Result};
use crate::fold::folds::Folds;
use crate::fold::shared_folds::SharedFolds;
use crate::history::affiliates::{AffiliateTotal, AffiliatesMet};
use crate::history::changed::{Before, Comparison, Found};
use crate::history::conflicts::{self, Conflict, Conflicts};
use crate::history::pass::Passed;
use crate::history::past_values::PastValues;
use crate::history::refunds::RefundIndex;
use crate::history::settled::Settled;
use crate::history::{Context, pass};
use crate::input::declared::columns;
use crate::input::records::facts::{Facts, LastDays, Refund, Scores, TrafficDays};
use crate::input::records::refunds::Application;
use crate::input::rows::ledger::{Account, Ledger, Reason, Reject, RowKeys};
use crate::input::rows::newest;
use crate::input::values::money::yuan;
use crate::job::rule::{AssessedPeriod, Rule};
use crate::spec::period::iso;
use crate::spec::{Day, NO_DAY, NO_TIME, day_of_time};
use crate::table::assessment::assess::ASSESSED;
use crate::table::night::{InputAccount, InputFile, Night};

/// The result of the fold.
pub struct Folded {
    /// The sources of all tables.
    pub night: Night,
    /// Warnings, including those of the plan.
    pub warnings: Vec<String>,
    /// What is otherwise than in the snapshot before; `None` where that is not known.
    pub changes: Option<Changes>,
}

/// Folds the loaded inputs, and completes facts and ledgers.
///
/// # Errors
/// [`Error::Input`] where more rows are rejected than the job allows; [`Error::Output`] where what was written to the disk
/// cannot be read.
pub fn fold(plan: &Plan, loaded: Loaded, observer: &dyn Observer) -> Result<Folded> {
    fold_beside(plan, loaded, None, observer)
}

/// The same, beside what the snapshot before knew.
///
/// # Errors
/// As for [`fold`].
pub fn fold_beside(plan: &Plan, mut loaded: Loaded, before: Option<&Before>, observer: &dyn Observer) -> Result<Folded> {
    close(plan, &mut loaded.ledgers)?;
    observer.phase("fold", loaded.shuffled.buckets() as u64);
    let rated = std::mem::take(&mut loaded.rated_orders);
    let findings = count_orders(&loaded, rated)?;
    loaded.orders = None;
    let ready = ready(plan, &mut loaded, findings, conflicts::judge)?;
    let selection = plan.selection();
    let shared = SharedFolds::pay(&loaded.context).then(|| Folds::shared(&loaded.context, &selection));
    let start = || Folds::start(&loaded.context, &selection).beside(shared.clone());
    let compared = restated::selection(plan);
    let values = before.map(|before| before.values.clone()).unwrap_or_default();
    let beside = (!values.is_empty()).then(|| values.beside(&loaded.context));
    let start_compared = || Folds::start(beside.as_ref().unwrap_or(&loaded.context), &compared);
    let Ready { findings, refunds, conflicts } = &ready;
    let comparison =
        before.map(|before| Comparison::new(before, &loaded.shuffled, (refunds, conflicts, findings), &start_compared)).transpose()?;
    let mut passed = pass::run_beside(&loaded.shuffled, refunds, conflicts, &start, comparison.as_ref(), &|| observer.step(1))?;
    let changed = comparison.map(Comparison::into_found);
    passed.fold.take_in(shared)?;
    concluded(plan, loaded, ready, passed, before.zip(changed.map(|found| (found, values))))
}

/// What a snapshot knew before, what is otherwise now, and the values that only it has.
type Compared<'a> = (&'a Before, (Found<Folds>, PastValues));

/// Completes facts and ledgers by what was found, and has the sources of all tables.
///
/// # Errors
/// As for [`fold`].
pub(super) fn concluded(
    plan: &Plan,
    mut loaded: Loaded,
    ready: Ready,
    passed: Passed<Folds>,
    compared: Option<Compared<'_>>,
) -> Result<Folded> {
    let Ready { findings, refunds, conflicts } = ready;
    let affiliates = loaded.shuffled.affiliates().total();
    // The lines are folded: their memory is free for the tables.
    loaded.shuffled = Default::default();
    let mut warnings = plan.warnings.clone();
    warnings.append(&mut loaded.warnings);
    let found = PassFindings { settled: &passed.settled, conflicts: &conflicts, refunds: &refunds, unknown_rated: findings.unknown_rated };
    record_findings(plan, &mut loaded, &found, &mut warnings);
    warnings.extend(affiliates_left_out(affiliates, &passed.settled.affiliates));
    close(plan, &mut loaded.ledgers)?;
    warnings.extend(nothing_used(plan, &loaded.ledgers));
    let shop = |shop: u32| loaded.context.shop_name(shop).unwrap_or_default();
    warnings.extend(loaded.freshness.iter().flat_map(|input| input.warnings(&shop)));
    loaded.context.first_days = passed.settled.first_days.clone();
    loaded.context.first_days.resize(loaded.context.shops.len(), NO_DAY);
    let before = compared.as_ref().map(|(before, (found, _))| (*before, found));
    let refunds = settle_facts(&mut loaded, refunds.into_applications(), &passed.settled, before);
    warnings.extend(without_opening(plan, &loaded));
    warnings.extend(without_orders(&loaded));
    let Loaded { context, facts, ledgers, .. } = loaded;
    let mut night = Night::new(Arc::new(context), Arc::new(facts), plan.request(), passed.fold.finish());
    night.inputs = ledgers.into_iter().map(|(name, ledger)| account(plan, name, ledger)).collect();
    Ok(Folded { night, warnings, changes: compared.map(|(_, (found, values))| Changes { found, refunds, values }) })
}

/// An input with its files and its ledger.
fn account(plan: &Plan, name: &'static str, ledger: Ledger) -> InputAccount {
    let files = plan.datasets.get(name).map_or(&[][..], |dataset| &dataset.files);
    let files = files.iter().map(|file| InputFile { label: file.file.label.clone(), bytes: file.bytes }).collect();
    InputAccount { name, files, ledger }
}

/// A warning if no order is used: the run is before the first day of the data, or the filter keeps nothing. The tables are then rightly
/// empty, and the warning says why.
fn nothing_used(plan: &Plan, ledgers: &[(&'static str, Ledger)]) -> Option<String> {
    let total = ledgers.iter().find(|(name, _)| *name == columns::ORDERS.name)?.1.total();
    let Account { rows, used, superseded: _, rejected, after_as_of, filtered, null_faults: _ } = total;
    let of = format!("of {rows} rows {after_as_of} lie after that day, {filtered} are filtered out, {rejected} rejected");
    (used == 0).then(|| format!("no order counts as of {}, so tables of orders are empty: {of}", iso(plan.as_of)))
}

/// Warnings of campaigns, plans and events of shops without orders: usually their `shop_id` differs from that of the orders, and a missing effect
/// is missing data.
fn without_orders(loaded: &Loaded) -> Vec<String> {
    let days = &loaded.context.first_days;
    let has_none = |shop: u32| days.get(shop as usize).is_none_or(|day| *day == NO_DAY);
    let facts = &loaded.facts;
    let campaigns: Vec<u32> = facts.campaigns.iter().flatten().map(|campaign| campaign.shop).filter(|shop| has_none(*shop)).collect();
    let mut planned = facts.plans.iter().flatten().map(|plan| plan.shop).chain(facts.ad_plans.iter().flatten().map(|plan| plan.shop));
    let shops_of = |shops: &mut dyn Iterator<Item = u32>| shops.filter(|shop| has_none(*shop)).collect::<BTreeSet<u32>>();
    let planned = shops_of(&mut planned);
    let with_events = shops_of(&mut facts.events.iter().flatten().filter_map(|event| event.shop));
    let with_campaigns: BTreeSet<u32> = campaigns.iter().copied().collect();
    let found = [
        (campaigns.len(), with_campaigns, "campaigns are of shops"),
        (planned.len(), planned, "shops have plans and are"),
        (with_events.len(), with_events, "shops have events and are"),
    ];
    let warning = |(count, shops, what): (usize, BTreeSet<u32>, &str)| {
        let names = loaded.context.shop_names(shops.into_iter())?;
        Some(format!("{count} {what} without any order ({names}): is their `shop_id` that of the orders?"))
    };
    found.into_iter().filter_map(warning).collect()
}

/// Warnings of shops that an assessment cannot judge, since its periods count from an opening that is not known.
fn without_opening(plan: &Plan, loaded: &Loaded) -> Vec<String> {
    let shops = loaded.facts.shops.as_deref().unwrap_or_default();
    let known = shops.iter().filter(|shop| shop.opened != NO_DAY).count();
    let missing = loaded.context.shops.len().saturating_sub(known);
    let counts_from_opening = |rule: &&Rule| matches!(rule.period, AssessedPeriod::RollingYear { .. } | AssessedPeriod::Window { .. });
    let mut names: Vec<&str> = plan.job.assessments.iter().filter(counts_from_opening).map(|rule| rule.assessment.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let is_wanted = plan.reads(ASSESSED.name);
    let warning =
        |name: &str| format!("{name}: {missing} shops without `opened_at` in the input `shops` are not judged, its periods count from it");
    names.into_iter().filter(|_| missing > 0 && is_wanted).map(warning).collect()
}

/// Stops the run where an input has too many rejected rows.
pub(super) fn close(plan: &Plan, ledgers: &mut [(&'static str, Ledger)]) -> Result<()> {
    let mut problems = Vec::new();
    for (name, ledger) in ledgers {
        if let Some(dataset) = plan.datasets.get(name) {
            match ledger.close(dataset, plan.job.params.max_reject_share) {
                Ok(()) => {}
                Err(Error::Input(found)) => problems.extend(found),
                Err(other) => return Err(other),
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Input(problems)) }
}

/// The findings of counting and settling, for the ledgers.
struct PassFindings<'a> {
    settled: &'a Settled,
    conflicts: &'a Conflicts,
    refunds: &'a RefundIndex,
    unknown_rated: usize,
}

/// Records what settling found in the ledgers of orders and refunds, and adds warnings.
fn record_findings(plan: &Plan, loaded: &mut Loaded, found: &PassFindings<'_>, warnings: &mut Vec<String>) {
    let PassFindings { settled, conflicts, refunds, unknown_rated } = found;
    let context = &loaded.context;
    let has = |column: &str| plan.datasets.get(columns::ORDERS.name).is_some_and(|orders| orders.has(column));
    for (name, ledger) in &mut loaded.ledgers {
        let dataset = plan.datasets.get(name);
        warnings.extend(dataset.into_iter().flat_map(|dataset| ledger.null_warnings(dataset)));
        if *name == columns::ORDERS.name {
            for (file, lines) in settled.used.iter().enumerate() {
                ledger.account(file).used += lines;
            }
            for superseded in [&settled.superseded, &conflicts.superseded] {
                for (file, lines) in superseded.iter().enumerate() {
                    ledger.account(file).superseded += lines;
                }
            }
            for conflict in &conflicts.rejected {
                let Conflict { order, line, customer, other_customer, .. } = conflict.clone();
                ledger.reject(Reject {
                    file: conflict.file as usize,
                    row: u64::from(conflict.row),
                    reason: Reason::CustomerConflict,
                    detail: format!("customer_id: {customer}, another line of the order has {other_customer}"),
                    keys: RowKeys {
                        shop: context.shop_name(conflict.shop),
                        order: Some(order),
                        line: has("line_id").then_some(line),
                        customer: Some(customer),
                    },
                });
            }
            warnings.extend(anonymous(settled));
            ledger.across_parts += settled.across_parts;
            if context.features.customers {
                warnings.extend(buyers::warnings(plan, context, settled));
            }
            warnings.extend(differing(settled).filter(|_| has("line_id") && !has("modified_at")));
            let Account { rows, superseded, .. } = ledger.total();
            if superseded > 0 && !has("line_id") && !has("modified_at") {
                warnings.push(format!(
                    "orders: {superseded} of {rows} rows are taken for older versions of an order, by their place in the files, since \
                     neither line_id nor modified_at is mapped; if they are lines, map line_id (`$row` where lines have no id)"
                ));
            }
        }
        if *name == columns::REFUNDS.name {
            let applications = refunds.applications();
            for position in &settled.excessive_refunds {
                if let Some(application) = applications.get(*position as usize) {
                    ledger.account(application.file as usize).used -= 1;
                    ledger.reject(Reject {
                        file: application.file as usize,
                        row: u64::from(application.row),
                        reason: Reason::RefundExceedsPaid,
                        detail: "with the refunds before it, it exceeds what was paid for the order".to_owned(),
                        keys: RowKeys {
                            shop: context.shop_name(application.refund.shop),
                            order: application.order.as_ref().map(|order| plan.id_type("order_id").show(order.id())),
                            line: refunds.line(*position).map(|line| plan.id_type("line_id").show(line)),
                            ..RowKeys::default()
                        },
                    });
                }
            }
            warnings.extend(order_lines::unknown(settled.refunds_of_unknown_lines));
            let unknown = refunds.unknown();
            if unknown > 0 {
                let named = match refunds.returns() {
                    0 => String::new(),
                    named => format!("; {named} of them name a customer, whose net revenue they lower"),
                };
                warnings.push(format!("unknown_order: refund applications of orders that are not there: {unknown}{named}"));
            }
        }
        if *name == columns::RATINGS.name && *unknown_rated > 0 {
            warnings.push(format!("unknown_order: ratings of orders that are not there: {unknown_rated}"));
        }
        warnings.extend(dataset.and_then(|dataset| dataset.parts_warning(ledger.across_parts)));
    }
}

/// The warnings about affiliate rows that no table has.
fn affiliates_left_out(all: AffiliateTotal, met: &AffiliatesMet) -> Vec<String> {
    let warning = |found: AffiliateTotal, what: &str| {
        let AffiliateTotal { rows, estimated } = found;
        (rows > 0).then(|| format!("{what}: {rows}, with {} of estimated commission; affiliate_plans leaves them out", yuan(estimated)))
    };
    let unknown = warning(all.without(met.known), "unknown_order: affiliate rows of orders or lines that are not there");
    unknown.into_iter().chain(warning(met.unpaid, "affiliate rows of orders that are not paid")).collect()
}

/// The warning about orders that name no customer.
fn anonymous(settled: &Settled) -> Option<String> {
    let Settled { all, anonymous, .. } = settled;
    (anonymous.orders > 0).then(|| {
        format!(
            "orders: {} of {} name no customer, with {} of {} paid: they count in the figures of shops and in no table of customers \
             (`customers: required` rejects them)",
            anonymous.orders,
            all.orders,
            yuan(anonymous.paid_amount),
            yuan(all.paid_amount)
        )
    })
}

/// The warning about lines that may be no versions of the lines that supersede them.
fn differing(settled: &Settled) -> Option<String> {
    (settled.differing_lines > 0).then(|| {
        format!(
            "orders: {} paid rows, with {} in all, are taken for older versions of a row of the same file, since they have its line_id, \
             though item, quantity or amount differ: if they are lines of their own, write `line_id: $row` under `columns:`; if they are \
             versions, map modified_at",
            settled.differing_lines,
            yuan(settled.differing_amount)
        )
    })
}

/// Completes the facts that depend on settled histories: refunds without those that exceed what was paid, and each shop's first day. Returns
/// the refunds of which the snapshot before counted something else.
fn settle_facts(
    loaded: &mut Loaded,
    applications: Vec<Application>,
    settled: &Settled,
    before: Option<(&Before, &Found<Folds>)>,
) -> RefundSteps {
    let excessive: HashSet<u32> = settled.excessive_refunds.iter().copied().collect();
    let steps = before.map(|(before, found)| refund_steps(before, found, &applications, &excessive)).unwrap_or_default();
    let facts = &mut loaded.facts;
    facts.refunds = loaded.context.features.refunds.then(|| {
        let kept = applications.into_iter().enumerate().filter(|(at, _)| !excessive.contains(&(*at as u32)));
        let mut refunds: Vec<Refund> = kept.map(|(_, application)| application.refund).collect();
        refunds.par_sort_unstable_by_key(|refund| (refund.shop, refund.created, refund.completed, refund.amount, refund.intervened));
        refunds
    });
    facts.first_days = first_days(&loaded.context, facts);
    facts.last_days = last_days(loaded.context.shops.len(), &loaded.ledgers);
    steps
}

/// By shop code: the newest days of the shop, of the inputs whose events have days.
fn last_days(shops: usize, ledgers: &[(&'static str, Ledger)]) -> Vec<LastDays> {
    // No day is the least of all.
    let mut days = vec![LastDays { any: NO_DAY, orders: NO_DAY }; shops];
    // Inquiries are read only where a table wants them, and no figure may depend on that.
    let with_days = ledgers.iter().filter(|(name, _)| newest::has_days(name) && *name != columns::INQUIRIES.name);
    for (name, ledger) in with_days {
        for (shop, events) in ledger.events.shops() {
            let Some(last) = days.get_mut(shop as usize) else { continue };
            last.any = last.any.max(events.newest);
            if *name == columns::ORDERS.name {
                last.orders = events.newest;
            }
        }
    }
    days
}

/// By shop code: the first day of any event of the shop in any input. Figures of whole months and periods have no day.
fn first_days(context: &Context, facts: &Facts) -> Vec<Day> {
    let mut days = context.first_days.clone();
    let mut note = |shop: u32, day: Day| {
        if let Some(first) = days.get_mut(shop as usize)
            && (*first == NO_DAY || day < *first)
        {
            *first = day;
        }
    };
    facts.traffic.iter().flat_map(TrafficDays::firsts).for_each(|row| note(row.shop, row.day));
    facts.keyword_traffic.iter().flat_map(|traffic| &traffic.first_days).for_each(|(shop, day)| note(*shop, *day));
    facts.complaints.iter().flatten().for_each(|row| note(row.shop, row.day));
    facts.violations.iter().flatten().for_each(|row| note(row.shop, row.day));
    facts.item_traffic.iter().flat_map(|traffic| &traffic.first_days).for_each(|(shop, day)| note(*shop, *day));
    facts
        .refunds
        .iter()
        .flatten()
        .filter(|refund| refund.created != NO_TIME)
        .for_each(|refund| note(refund.shop, day_of_time(refund.created)));
    match &facts.scores {
        Some(Scores::Events(days)) => days.iter().for_each(|row| note(row.shop, row.day)),
        Some(Scores::Snapshots(days)) => days.iter().for_each(|row| note(row.shop, row.day)),
        None => {}
    }
    days
}
