//! Who is in the cool-down of lists: who was sent a list, and where nobody records what is sent, who was on one.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use hashbrown::HashMap;

use super::listed::listed;
use crate::error::{self, Result};
use crate::history::Context;
use crate::input::declared::columns::CAMPAIGNS;
use crate::input::records::facts::{AudienceMember, Campaign, Facts, Listed};
use crate::job::CoolDown;
use crate::job::strategy::{Strategy, is_id_of_list, is_name_of_strategy};
use crate::publish::EarlierList;
use crate::spec::{Day, Id, day_of_time};

/// The most campaigns that a message names.
const MOST_NAMED: usize = 5;

/// What a customer was sent that counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sendings<'a> {
    /// Lists: of these strategies, by whose names the campaigns of sent lists are called, and of others by the ids that `list sent` makes.
    Lists(&'a [Strategy]),
    /// All campaigns beside these lists: a list by the hour leaves no snapshot, so nothing else says whom it had.
    All(&'a [Strategy]),
}

/// A list of an earlier night, and its rows.
pub(super) type ListRows<'a> = (&'a EarlierList, Vec<RecordBatch>);

/// Returns the last list of each customer that counts for the cool-down, ascending by (shop, customer): of the lists of earlier nights, and of
/// what was sent by `facts`.
///
/// # Errors
/// [`crate::error::Error::Bug`] if a list has columns that are not ids.
pub(super) fn contacted(context: &Context, facts: &Facts, lists: Vec<ListRows<'_>>, sendings: Sendings<'_>) -> Result<Vec<Listed>> {
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
    let named = |campaign: &Campaign| -> Option<Arc<str>> {
        match (sendings, is_list(strategies, campaign), &campaign.name) {
            (_, true, Some(name)) => Some(Strategy::table_of(name).into()),
            (Sendings::Lists(_), ..) => None,
            (Sendings::All(_), _, name) => Some(name.as_deref().unwrap_or(CAMPAIGNS.name).into()),
        }
    };
    let names: Vec<Option<Arc<str>>> = campaigns.iter().map(named).collect();
    let of_member = |member: &AudienceMember| {
        let (campaign, list) = (campaigns.get(member.campaign as usize)?, names.get(member.campaign as usize)?.as_ref()?);
        let day = day_of_time(member.sent);
        Some(Listed { shop: campaign.shop, customer: member.customer.clone(), day, cools_from: day, list: Arc::clone(list) })
    };
    members.into_iter().flatten().filter_map(of_member).collect()
}

/// Whether a campaign is a list that was sent: it has the name of a strategy of the job, or the id of a list of a strategy that the job named
/// before. Who renames a strategy has sent its lists all the same.
fn is_list(strategies: &[Strategy], campaign: &Campaign) -> bool {
    let Some(name) = campaign.name.as_deref() else { return false };
    let has_id_of_list = || matches!(campaign.id.id(), Id::Text(id) if is_id_of_list(id, name));
    strategies.iter().any(|strategy| strategy.name == name) || has_id_of_list()
}

/// Names that may be those of strategies which the job does not name any more, in campaigns of the last `days` days whose ids are numbers, from which
/// nobody knows whether they were lists.
pub(super) fn unknown_sendings(context: &Context, facts: &Facts, strategies: &[Strategy], days: i32) -> Option<String> {
    let (campaigns, members) = (facts.campaigns.as_deref()?, facts.audiences.as_deref()?);
    let is_unknown = |campaign: &Campaign| {
        let may_be = campaign.name.as_deref().is_some_and(is_name_of_strategy);
        may_be && matches!(campaign.id.id(), Id::Integer(_)) && !is_list(strategies, campaign)
    };
    let unknown: Vec<bool> = campaigns.iter().map(is_unknown).collect();
    let is_within = |member: &&AudienceMember| context.as_of - day_of_time(member.sent) < days;
    let names: BTreeSet<&str> = members
        .iter()
        .filter(|member| unknown.get(member.campaign as usize).copied().unwrap_or(false))
        .filter(is_within)
        .filter_map(|member| campaigns.get(member.campaign as usize)?.name.as_deref())
        .collect();
    (!names.is_empty()).then(|| {
        let named = error::listed(names.into_iter().map(str::to_owned), MOST_NAMED);
        format!(
            "campaigns of the last {days} days have no name of a strategy of the job, and nobody is left out for them: {named}; where that is the \
             earlier name of a strategy, keep this name for as many days"
        )
    })
}

/// The last list of every customer, ascending by (shop, customer).
fn last_of_each(mut listed: Vec<Listed>) -> Vec<Listed> {
    // The longest cool-down first; of two that end on one day the later list, and of two lists of one day the first by name.
    listed.sort_unstable_by(|one, other| {
        let who = (one.shop, &one.customer).cmp(&(other.shop, &other.customer));
        who.then_with(|| (other.cools_from, other.day, &one.list).cmp(&(one.cools_from, one.day, &other.list)))
    });
    listed.dedup_by(|later, first| (later.shop, &later.customer) == (first.shop, &first.customer));
    listed
}
