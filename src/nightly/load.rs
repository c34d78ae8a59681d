//! Loading: reads every input once, orders into the shuffle and small inputs into facts, and ranks all codes.

use std::sync::Arc;

use hashbrown::HashSet;
use rayon::slice::ParallelSliceMut;

use super::facts::{Small, collect_problems, rank_facts};
use super::freshness::{self, InputFreshness};
use super::item_memory::ItemMemory;
use super::links::read_links;
use super::missing_days::DaysOf;
use super::observe::Observer;
use super::plan::Plan;
use super::plausible::after_warning;
use super::read_orders::{Reader, text_ids};
use super::rows_read::are_read;
use super::small_inputs::read_small;
use super::state::{self, Begun, ForState, Found, Restored};
use super::superseded_files;
use crate::error::{Error, Problem, Result};
use crate::fold::affiliates::affiliate_bytes;
use crate::fold::baskets::{BASKETS, LINE_BYTES};
use crate::fold::campaigns::CAMPAIGNS;
use crate::fold::service::service_bytes;
use crate::history::campaigns::{CampaignIndex, SEAT_BYTES};
use crate::history::conflicts::note_placed;
use crate::history::context::ShopIds;
use crate::history::order_index::OrderIndex;
use crate::history::ranks::Ranks;
use crate::history::scopes::Scopes;
use crate::history::shuffle::{MOST_VALUES, Shuffle, Shuffled};
use crate::history::{Context, Dictionary, Features};
use crate::input::declared::columns;
use crate::input::mapping::dataset::Dataset;
use crate::input::records::affiliates::{AffiliateRow, Affiliates};
use crate::input::records::channel_days::ChannelTraffic;
use crate::input::records::facts::Facts;
use crate::input::records::inquiries;
use crate::input::records::orders::Dictionaries;
use crate::input::records::refund_lines::RefundLines;
use crate::input::records::refunds::Application;
use crate::input::records::refunds_then::{RefundChanges, Then};
use crate::input::rows::decoded::Decoded;
use crate::input::rows::ledger::Ledger;
use crate::input::rows::scan::Scan;
use crate::input::values::codes::{Codes, OwnedId};
use crate::partition::Budget;
use crate::publish::ReadingEntry;
use crate::spec::{Day, NO_DAY, NONE, day_of_time};

/// All inputs, read and checked.
pub struct Loaded {
    /// The lines of the orders, by bucket.
    pub shuffled: Shuffled,
    /// The settled refund applications, ascending by (shop, id); none without a refunds input.
    pub applications: Vec<Application>,
    /// The lines that these name.
    pub refund_lines: RefundLines,
    /// What the snapshot before counted otherwise of them; nothing where the run is compared with none.
    pub refund_changes: RefundChanges,
    /// What publishers earn by orders, by file and row; nothing where no table reads it.
    pub affiliates: Vec<AffiliateRow>,
    /// The index of the orders; `None` if nothing needs it.
    pub orders: Option<OrderIndex>,
    /// The hash of the order of each rating.
    pub rated_orders: Vec<u64>,
    /// The small inputs; `refunds` and `first_days` are filled when the histories are settled.
    pub facts: Facts,
    /// The context that folds and tables share.
    pub context: Context,
    /// Orders first, then the other inputs in the order of their names.
    pub ledgers: Vec<(&'static str, Ledger)>,
    /// How recent each input is that has events.
    pub freshness: Vec<InputFreshness>,
    /// Warnings of the small inputs: what users should know but does not stop the run.
    pub warnings: Vec<String>,
    /// How the orders were read.
    pub reading: ReadingEntry,
    /// What the state for the next night follows from.
    pub for_state: ForState,
}

/// What of the inputs this process reads, where several share the work.
#[derive(Debug, Default)]
pub struct Share {
    /// By file of the orders: whether it reads it. It reads no other input then but the links of customers. `None` where it reads all that is
    /// not stored.
    pub only: Option<Vec<bool>>,
    /// The buckets of the lines; `None` for those that suit the process.
    pub buckets: Option<usize>,
    /// What others found wrong in the orders.
    pub problems: Vec<Problem>,
}

/// Reads all inputs of a plan.
///
/// # Errors
/// [`Error::Input`] where a file is damaged.
pub fn load(plan: &Plan, budget: &Arc<Budget>, observer: &dyn Observer) -> Result<Loaded> {
    load_from(plan, &Begun::default(), (None, None), budget, observer)
}

/// The same with the lines that an earlier run kept: the files that they are of are not read again, nor those of which batches were `decoded`.
/// `refunds_then` is what the snapshot before read of the refunds, where the run is compared with it.
///
/// # Errors
/// As [`load`], and [`Error::Output`] where what was kept is damaged.
pub fn load_from(
    plan: &Plan,
    begun: &Begun,
    known: (Option<&Arc<Decoded>>, Option<&Then>),
    budget: &Arc<Budget>,
    observer: &dyn Observer,
) -> Result<Loaded> {
    load_share(plan, &Share::default(), begun, known, budget, observer)
}

/// The same of a process that shares the work with others.
///
/// # Errors
/// As [`load_from`].
pub fn load_share(
    plan: &Plan,
    share: &Share,
    begun: &Begun,
    (decoded, refunds_then): (Option<&Arc<Decoded>>, Option<&Then>),
    budget: &Arc<Budget>,
    observer: &dyn Observer,
) -> Result<Loaded> {
    observer.phase("read", plan.datasets.values().map(Dataset::rows).sum());
    let mut dictionaries = Dictionaries { title_codes: plan.state.writes.then(Codes::default), ..Dictionaries::default() };
    let mut scan = Scan { decoded: decoded.map(Arc::clone), ..plan.scan() };
    let codes = &dictionaries.shops;
    // Who is who comes before all that names customers.
    let linked = read_links(plan, &mut scan, budget, observer)?;
    // The small inputs first: their temporary memory is free again before the lines fill the memory.
    let Small {
        mut facts,
        applications,
        refund_lines,
        refund_changes,
        refund_reasons,
        affiliates,
        rated_orders,
        views,
        mut ledgers,
        problems,
        mut warnings,
    } = match share.only {
        Some(_) => Small::default(),
        None => read_small(plan, &scan, codes, &dictionaries.items, (budget, refunds_then), observer)?,
    };
    warnings.splice(0..0, linked.warnings);
    ledgers.extend(linked.ledger);
    ledgers.sort_by_key(|(name, _)| *name);
    let mut all = linked.problems;
    let names_orders = applications.as_ref().is_some_and(|found| !found.is_empty()) || !refund_changes.all.is_empty();
    let asks_for_orders = !rated_orders.is_empty() || !affiliates.rows.is_empty() || names_orders;
    let Some(dataset) = plan.datasets.get(columns::ORDERS.name) else { return Err(Error::bug("a plan without orders")) };
    if plan.selection().has(BASKETS.name) {
        budget.reserve(dataset.rows() * LINE_BYTES);
    }
    let asked = plan.datasets.get(columns::INQUIRIES.name).filter(|_| share.only.is_none() && are_read(plan, columns::INQUIRIES.name));
    let lines = dataset.rows().saturating_add(asked.map_or(0, Dataset::rows));
    let shuffle = Shuffle::new(lines, asks_for_orders || dataset.has("customer_id"), budget);
    let shuffle = match share.buckets {
        Some(buckets) => shuffle.into_buckets(buckets),
        None => shuffle,
    };
    let inquiries = match asked {
        Some(asked) => collect_problems(inquiries::read(&scan, asked, codes, budget, shuffle.buckets()), &mut all)?,
        None => None,
    };
    let mut inquiries = inquiries.map(|(found, ledger)| {
        observer.step(asked.map_or(0, Dataset::rows));
        budget.reserve(service_bytes(found.agents.len() as u64, asked.map_or(0, Dataset::rows)));
        ledgers.push((columns::INQUIRIES.name, ledger));
        ledgers.sort_unstable_by_key(|(name, _)| *name);
        found
    });
    let item_memory = ItemMemory::new(plan, budget);
    let (text, identity) = (text_ids(plan), state::identity(plan, &scan)?);
    let restored = state::restore(begun, &identity, dataset, &dictionaries, text, &shuffle)?;
    item_memory.reserve(dictionaries.items.len());
    let Restored { found, bases, is_stored, kept, reading } = restored;
    observer.step(dataset.rows() - reading.rows_read);
    let orders = Reader { plan, dataset, dictionaries: &dictionaries, scan: &scan, shuffle: &shuffle, item_memory: &item_memory };
    let is_read = |file: usize| share.only.as_ref().map_or(!is_stored[file], |only| only[file]);
    let orders = match share.problems.is_empty() {
        true => collect_problems(orders.read(&is_read, found, observer), &mut all)?,
        false => {
            // Each task of a step meets what is wrong with all inputs: once is enough.
            for problem in &share.problems {
                if !all.contains(problem) {
                    all.push(problem.clone());
                }
            }
            None
        }
    };
    let of_small = problems.into_iter().filter(|problem| !share.problems.contains(problem));
    all.extend(of_small);
    let Some(Found { shufflers, ledger: orders, placed }) = orders.filter(|_| all.is_empty()) else { return Err(Error::Input(all)) };
    warnings.extend(placed.times.warnings());
    warnings.extend(facts.traffic.iter().flat_map(|traffic| placed.times.traffic_warnings(traffic)));
    warnings.extend(after_warning(dataset, &orders.total(), plan.as_of, &scan.clock));
    let superseded = |(name, ledger): &(&str, Ledger)| superseded_files::warning(plan.datasets.get(name)?, ledger);
    warnings.extend(ledgers.iter().filter_map(superseded));
    ledgers.insert(0, (columns::ORDERS.name, orders));
    let (shop_ids, shop_ranks) = codes.sorted();
    let refund_changes = of_shops(refund_changes, &shop_ids);
    let rank = |shop: u32| shop_ranks.get(shop as usize).copied().unwrap_or(0);
    let (item_ids, item_ranks) = dictionaries.items.take_sorted();
    let item_ranks = from_one(item_ranks);
    let item_titles = std::mem::take(&mut dictionaries.titles).ranked(&rank, &item_ranks);
    rank_facts(&mut facts, &rank, &item_ranks);
    ledgers.iter_mut().for_each(|(_, ledger)| ledger.events.rank(&rank));
    let has_refunds = applications.is_some();
    let applications = ranked(applications.unwrap_or_default(), &rank);
    let Affiliates { rows: mut affiliates, plans, publishers } = affiliates;
    affiliates.iter_mut().for_each(|row| row.shop = rank(row.shop));
    budget.reserve(affiliate_bytes(publishers.len() as u64, affiliates.len() as u64));
    let (channels, channel_ranks) = values(&dictionaries.channels, "channel", plan)?;
    let (provinces, province_ranks) = values(&dictionaries.provinces, "province", plan)?;
    let (promotions, promotion_ranks) = values(&dictionaries.promotions, "promotion", plan)?;
    let (category_ids, category_ranks) = dictionaries.categories.sorted();
    let category_type = plan.id_type("category_id");
    let categories = Dictionary::new(category_ids.iter().map(|id| category_type.show(id.id())).collect());
    let category_ranks = from_one(category_ranks);
    let orders = plan.datasets.get(columns::ORDERS.name);
    let has = |column: &str| orders.is_some_and(|orders| orders.has(column));
    let mut first_placed = vec![i64::MAX; shop_ranks.len()];
    shop_ranks.iter().zip(&placed.first).for_each(|(rank, time)| note_placed(&mut first_placed, *rank, *time));
    let ranks = Ranks {
        shops: shop_ranks,
        channels: channel_ranks,
        provinces: province_ranks,
        categories: category_ranks,
        items: item_ranks,
        promotions: promotion_ranks,
        titles: Vec::new(),
    };
    let features = Features {
        customers: has("customer_id"),
        quantity: has("quantity"),
        channel: has("channel"),
        category: has("category_id"),
        item: has("item_id"),
        status: has("status"),
        province: has("province"),
        promotion: has("promotion"),
        discount: has("discount_amount"),
        shipped: has("shipped_at"),
        completed: has("completed_at"),
        paid: has("paid_at"),
        refunded: has_refunds || has("refund_amount") || has("status"),
        refunds: has_refunds,
    };
    let shop_ids = ShopIds::new(shop_ids);
    let first_day = first_placed.iter().copied().filter(|time| *time != i64::MAX).min().map_or(plan.as_of, day_of_time);
    let calibration_ends = calibration_ends(&first_placed, plan.as_of, shop_ids.len());
    let freshness = freshness::of_ledgers(plan, &ledgers);
    let mut context = Context {
        first_day,
        calibration_ends,
        channels_with_cost: with_cost(&channels, &facts),
        channels,
        provinces,
        categories,
        category_ids,
        item_ids,
        promotions,
        refund_reasons: Dictionary::new(refund_reasons),
        item_titles: Arc::new(item_titles),
        affiliate_plans: Dictionary::new(plans),
        publishers: Dictionary::new(publishers),
        agents: Dictionary::new(inquiries.as_mut().map(|inquiries| std::mem::take(&mut inquiries.agents)).unwrap_or_default()),
        features,
        currency: plan.job.currency.clone(),
        rules: plan.job.assessments.iter().cloned().map(Arc::new).collect(),
        strategies: plan.job.strategies.clone(),
        stages: plan.job.stages.clone(),
        stale_shops: freshness::stale_shops(&freshness, shop_ids.len()),
        inputs: plan.mapped_inputs(),
        moment: plan.moment,
        ..Context::new(plan.as_of, plan.job.params.clone(), shop_ids, plan.id_types())
    };
    if plan.selection().has(CAMPAIGNS.name) {
        let members = facts.audiences.clone().unwrap_or_default();
        budget.reserve(members.len() as u64 * SEAT_BYTES);
        let days = [context.first_day, plan.as_of];
        let campaigns = facts.campaigns.as_deref().unwrap_or_default();
        context.campaigns = Arc::new(CampaignIndex::new(campaigns, members, days, plan.job.params.campaign.window_days));
    }
    if let Some(links) = &scan.links {
        context.links = Arc::clone(links);
    }
    if let Some(list) = &facts.do_not_contact {
        context.do_not_contact = Arc::clone(list);
    }
    let stated = facts.shops.as_deref().unwrap_or_default();
    context.scopes = Arc::new(Scopes::new(&context.params.totals, context.params.group_ids, context.shops.len(), stated));
    let named = |shop: u32| {
        let shop = ranks.shops.get(shop as usize).copied().unwrap_or(0);
        (shop, context.shop_name(shop).unwrap_or_default())
    };
    warnings.extend(placed.times.days.warnings(DaysOf::Orders, &named));
    warnings.extend(views.iter().flat_map(|views| views.missing_days(&named)));
    let shop_ranks = ranks.shops.clone();
    let (stored, stored_orders) = bases.into_iter().map(|base| base.ranked(&ranks)).unzip();
    let (shuffled, orders) = Shuffled::new(shufflers, ranks, context.shops.hashes(), text)?;
    let orders = orders.map(|orders| orders.with_stored(stored_orders));
    let shuffled = shuffled.with_stored(stored).of_parts(dataset.parts()).with_inquiries(inquiries.unwrap_or_default());
    if let Some(views) = views {
        context.viewers = Arc::new(views.viewers.ranked(shop_ranks));
    }
    let for_state = ForState { identity, kept, is_stored, titles: dictionaries.title_codes };
    Ok(Loaded {
        shuffled,
        orders,
        applications,
        refund_lines,
        refund_changes,
        affiliates,
        rated_orders,
        facts,
        context,
        ledgers,
        freshness,
        warnings,
        reading,
        for_state,
    })
}

/// By shop code: the last day of the calibration. The last fifth of the days since the shop's first order is held out. `first_placed` is
/// the time of that order, [`i64::MAX`] for a shop without orders.
pub(super) fn calibration_ends(first_placed: &[i64], as_of: Day, shops: usize) -> Vec<Day> {
    let end = |first: Option<&i64>| first.filter(|first| **first != i64::MAX).map(|first| as_of - (as_of - day_of_time(*first)) / 5);
    (0..shops).map(|shop| end(first_placed.get(shop)).unwrap_or(NO_DAY)).collect()
}

/// The changes of refunds of shops that the run has, ascending by shop and id.
fn of_shops(mut changes: RefundChanges, shops: &[OwnedId]) -> RefundChanges {
    changes.all.retain(|change| shops.binary_search(&change.shop).is_ok());
    changes.all.sort_unstable_by(|a, b| (&a.shop, &a.id).cmp(&(&b.shop, &b.id)));
    changes
}

/// Gives the applications their final shop codes and sorts them by (shop, id).
fn ranked(mut applications: Vec<Application>, rank: &dyn Fn(u32) -> u32) -> Vec<Application> {
    for application in &mut applications {
        application.refund.shop = rank(application.refund.shop);
    }
    applications.par_sort_unstable_by(|a, b| (a.refund.shop, &a.id).cmp(&(b.refund.shop, &b.id)));
    applications
}

/// By code of a channel of orders: whether the traffic has a cost of it.
fn with_cost(channels: &Dictionary, facts: &Facts) -> Vec<bool> {
    let with_cost: HashSet<&str> = facts.channel_traffic.iter().flat_map(ChannelTraffic::channels_with_cost).collect();
    (0..channels.codes() as u32).map(|code| with_cost.contains(channels.value(code).unwrap_or(NONE))).collect()
}

/// The values of a column in order, and by provisional code the final code; both from 1.
fn values(codes: &Codes, column: &str, plan: &Plan) -> Result<(Dictionary, Vec<u32>)> {
    let (values, ranks) = codes.sorted();
    if values.len() > MOST_VALUES {
        let place = plan.job.inputs.get(columns::ORDERS.name).map_or(columns::ORDERS.name, |orders| orders.place_of(column));
        let what = format!("input `orders`, column `{column}`: {} distinct values, {MOST_VALUES} at most", values.len());
        return Err(Error::Input(vec![Problem::new(place, what).help("map a coarser column, or an expression that groups its values")]));
    }
    let texts = values.into_iter().map(|value| match value {
        OwnedId::Text(text) => text.into_string(),
        OwnedId::Integer(key) => key.to_string(),
    });
    Ok((Dictionary::new(texts.collect()), from_one(ranks)))
}

/// Turns ranks from 0 into codes from 1, with the missing value before them.
fn from_one(ranks: Vec<u32>) -> Vec<u32> {
    std::iter::once(0).chain(ranks.into_iter().map(|rank| rank + 1)).collect()
}
