//! `params.member_levels`: the levels of a shop's members (会员等级), as the shop sets them.

use super::keys::{Key, MEMBER_LEVEL, Shape};
use super::section::Section;
use super::tree::{Entry, Node, SourceLocation, Value};
use super::values;
use crate::spec::NONE;

/// A level that customers reach by what they brought or by how often they ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberLevel {
    /// The shop's name for it.
    pub name: String,
    /// The net revenue that reaches it, in minor units; `None` if no amount does.
    pub min_amount: Option<i64>,
    /// The purchases that reach it; `None` if no number does.
    pub min_orders: Option<i64>,
}

/// Reads the levels of `params`, ascending; none if they are not written. Reads all, so that the problems of each one are noted.
pub(super) fn read(params: &Section<'_>) -> Option<Vec<MemberLevel>> {
    let key = params.key("member_levels")?;
    let Some(entry) = params.entry("member_levels") else { return Some(Vec::new()) };
    let items = match &entry.node.value {
        Value::List(items) if !items.is_empty() => items,
        _ => {
            params.wrong(key, &entry.node, &values::found(&entry.node));
            return None;
        }
    };
    let levels: Vec<Option<(MemberLevel, SourceLocation)>> = items.iter().map(|item| level(params, key, item)).collect();
    let mut known: Vec<(MemberLevel, SourceLocation)> = Vec::new();
    let mut all_ascend = true;
    for (level, place) in levels.iter().flatten() {
        if let Some(fault) = known.iter().find_map(|(before, _)| fault_beside(before, level)) {
            params.check.note(*place, format!("`{}.member_levels`: {fault}", params.path), "each level needs more than the one before");
            all_ascend = false;
        }
        known.push((level.clone(), *place));
    }
    (all_ascend && known.len() == items.len()).then(|| known.into_iter().map(|(level, _)| level).collect())
}

/// One level, and where it stands.
fn level(params: &Section<'_>, key: &Key, item: &Node) -> Option<(MemberLevel, SourceLocation)> {
    let Value::Mapping(entries) = &item.value else {
        params.wrong(key, item, &values::found(item));
        return None;
    };
    let section = opened(params, item, entries);
    let name = section.value("name", |_, node| values::text(node).and_then(|name| not_none(node, name)));
    let min_amount = section.optional("min_amount", |_, node| values::amount(node).and_then(|amount| values::not_negative(node, amount)));
    let min_orders = section.optional("min_orders", |shape, node| match shape {
        Shape::Integer { from, to } => values::integer(node, *from, *to),
        _ => Err(values::found(node)),
    });
    let level = MemberLevel { name: name?, min_amount: min_amount?, min_orders: min_orders? };
    if level.min_amount.is_none() && level.min_orders.is_none() {
        let message = format!("the level `{}` has neither `min_amount` nor `min_orders`", values::shortened(&level.name));
        params.check.note(item.place, message, "write `min_amount: 0` for a level that every customer has");
        return None;
    }
    Some((level, item.place))
}

fn opened<'a>(params: &Section<'a>, item: &'a Node, entries: &'a [Entry]) -> Section<'a> {
    Section::open(params.check, format!("{}.member_levels", params.path), item.place, entries, MEMBER_LEVEL)
}

/// The word for customers without a level is no name of one.
fn not_none(node: &Node, name: String) -> Result<String, String> {
    if name == NONE { Err(values::found(node)) } else { Ok(name) }
}

/// What is wrong with a level beside one before it.
fn fault_beside(before: &MemberLevel, level: &MemberLevel) -> Option<String> {
    let names = (values::shortened(&level.name), values::shortened(&before.name));
    if before.name == level.name {
        return Some(format!("the level `{}` is there twice", names.0));
    }
    let is_less = |limits: (Option<i64>, Option<i64>)| limits.0.zip(limits.1).is_some_and(|(before, now)| now <= before);
    let limits = [("min_amount", (before.min_amount, level.min_amount)), ("min_orders", (before.min_orders, level.min_orders))];
    let (limit, _) = limits.into_iter().find(|(_, limits)| is_less(*limits))?;
    Some(format!("`{limit}` of `{}` is not above that of `{}`, which stands before it", names.0, names.1))
}
