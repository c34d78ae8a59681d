//! Who is in the cool-down of lists: who was sent a list, and where nobody records what is sent, who was on one.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use hashbrown::HashMap;

use super::listed::listed;
use crate::error::Result;
use crate::history::Context;
use crate::input::declared::columns::CAMPAIGNS;
use crate::input::records::facts::{AudienceMember, Facts, Listed};
use crate::job::CoolDown;
use crate::job::strategy::Strategy;
use crate::publish::EarlierList;
use crate::spec::{Day, day_of_time};

/// What a customer was sent that counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sendings<'a> {
    /// Lists of these strategies, by whose names the campaigns of sent lists are called.
    Lists(&'a [Strategy]),
    /// All campaigns beside these lists: a list by the hour leaves no snapshot, so nothing else says whom it had.
    All(&'a [Strategy]),
}

/// Returns the last list of each customer that counts for the cool-down, ascending by (shop, customer): of the lists of earlier nights, and of
/// what was sent by `facts`.
///
/// # Errors
/// [`crate::error::Error::Bug`] if a list has columns that are not ids.
pub(super) fn contacted(
    context: &Context,
    facts: &Facts,
    lists: Vec<(&EarlierList, Vec<RecordBatch>)>,
    sendings: Sendings<'_>,
) -> Result<Vec<Listed>> {
    let by = context.params.cool_down;
    let (Sendings::Lists(strategies) | Sendings::All(strategies)) = sendings;
    let is_sent_unread = by == CoolDown::Listed && matches!(sendings, Sendings::Lists(_));
    let sent = if is_sent_unread { Vec::new() } else { sent(facts, sendings) };
    let of_nights = if by == CoolDown::Sent { Vec::new() } else { listed(context, lists)? };
    let first = if by == CoolDown::Auto { first_sendings(facts, strategies) } else { HashMap::new() };
    Ok(last_of_each(of_nights.into_iter().filter(|listed| counts(listed, &first)).chain(sent).collect()))
}

/// Whether a list of a night counts: in a shop that records what it sends, those of nights of which nothing is recorded yet. What is sent first
/// is a list of the night before, and of that night it is known.
fn counts(listed: &Listed, first: &HashMap<u32, Day>) -> bool {
    first.get(&listed.shop).is_none_or(|first| listed.day < first - 1)
}

/// By shop: the day on which it first recorded that it sent a list.
fn first_sendings(facts: &Facts, strategies: &[Strategy]) -> HashMap<u32, Day> {
    let mut first: HashMap<u32, Day> = HashMap::new();
    for sent in sent(facts, Sendings::Lists(strategies)) {
        first.entry(sent.shop).and_modify(|day| *day = sent.day.min(*day)).or_insert(sent.day);
    }
    first
}

/// Who was sent what, or was held out of it, on which day.
fn sent(facts: &Facts, sendings: Sendings<'_>) -> Vec<Listed> {
    let (campaigns, members) = (facts.campaigns.as_deref().unwrap_or_default(), facts.audiences.as_deref());
    let (Sendings::Lists(strategies) | Sendings::All(strategies)) = sendings;
    let named = |name: Option<&str>| -> Option<Arc<str>> {
        let is_list = strategies.iter().any(|strategy| Some(strategy.name.as_str()) == name);
        match sendings {
            _ if is_list => name.map(|name| Strategy::table_of(name).into()),
            Sendings::Lists(_) => None,
            Sendings::All(_) => Some(name.unwrap_or(CAMPAIGNS.name).into()),
        }
    };
    let names: Vec<Option<Arc<str>>> = campaigns.iter().map(|campaign| named(campaign.name.as_deref())).collect();
    let of_member = |member: &AudienceMember| {
        let (campaign, list) = (campaigns.get(member.campaign as usize)?, names.get(member.campaign as usize)?.as_ref()?);
        Some(Listed { shop: campaign.shop, customer: member.customer.clone(), day: day_of_time(member.sent), list: Arc::clone(list) })
    };
    members.into_iter().flatten().filter_map(of_member).collect()
}

/// The last list of every customer, ascending by (shop, customer).
fn last_of_each(mut listed: Vec<Listed>) -> Vec<Listed> {
    // The latest day first; of two lists of one day the first by name.
    listed.sort_unstable_by(|one, other| {
        let who = (one.shop, &one.customer).cmp(&(other.shop, &other.customer));
        who.then_with(|| (other.day, &one.list).cmp(&(one.day, &other.list)))
    });
    listed.dedup_by(|later, first| (later.shop, &later.customer) == (first.shop, &first.customer));
    listed
}
