//! Why the month changed: the factors of its sales, and the shops in which they changed, in whole units that add up to the change.

use super::markup::{Cell, Tone, amounts, heading, paragraph};
use super::morning::{Drivers, Shop};
use super::words::{Words, signed_units};
use crate::spec::period::iso;
use crate::spec::{Grain, Lang};

/// Shops that are named as those that made a change, at most.
const MOST_MOVERS: usize = 3;

/// The factor of shops whose month before is not there as a whole: what they were paid more has no other reason.
const YOUNG_SHOPS: &str = "young_shops_effect";

/// How the sales of the month changed; amounts are in minor units.
struct Change<'a> {
    /// What is said of the month, as each of the shops says it.
    of: &'a Drivers,
    /// The effect of each factor; they add up to the change.
    factors: Vec<(&'static str, i64)>,
    /// The change of each shop; they add up to the change too.
    shops: Vec<(&'a Shop, i64)>,
}

/// The part of the page that says why the month of a shop, or of several together, changed; empty where no shop has a month before.
pub fn why(shops: &[Shop], words: Words<'_>) -> String {
    let Some(change) = change(shops) else { return String::new() };
    let factors = allotted(&change.factors.iter().map(|(_, amount)| *amount).collect::<Vec<_>>());
    let mut shown: Vec<(&str, i64)> = change.factors.iter().map(|(name, _)| *name).zip(factors).filter(|(_, whole)| *whole != 0).collect();
    shown.sort_by_key(|(_, whole)| std::cmp::Reverse(whole.abs()));
    let total: i64 = shown.iter().map(|(_, whole)| whole).sum();
    let parts: Vec<(String, Cell)> = shown.into_iter().map(|(name, whole)| (words.name(name), amount(whole))).collect();
    let month: String = iso(change.of.month).chars().take(7).collect();
    let money = format!("{} {}", signed_units(total), words.unit());
    let title = match words.lang {
        Lang::En => format!("Why {month} changed: {money}"),
        Lang::Zh => format!("{month} 支付金额变化：{money}"),
    };
    let mut html = heading(&title) + &paragraph(Tone::Faint, &against(change.of, words));
    if !parts.is_empty() {
        html += &amounts("", &parts);
    }
    if total != 0 && change.shops.len() > 1 {
        html += &by_shop(&change.shops, words);
    }
    html
}

/// What the month is compared with.
fn against(of: &Drivers, words: Words<'_>) -> String {
    let days = of.days;
    match (words.lang, of.is_complete) {
        (Lang::En, true) => "against the month before; the parts add up".to_owned(),
        (Lang::En, false) => format!("against the first {days} days of last month; the parts add up"),
        (Lang::Zh, true) => "对比上月，各项合计等于变化额".to_owned(),
        (Lang::Zh, false) => format!("对比上月前 {days} 天，各项合计等于变化额"),
    }
}

fn amount(whole: i64) -> Cell {
    let tone = match whole {
        1.. => Tone::Good,
        0 => Tone::Faint,
        _ => Tone::Bad,
    };
    Cell::number(&signed_units(whole)).toned(tone)
}

/// The change of the shops together; `None` where no shop has a month before, or where they are about other days.
fn change(shops: &[Shop]) -> Option<Change<'_>> {
    let is_known = |shop: &&Shop| shop.drivers.as_ref().is_some_and(|drivers| drivers.change.is_some());
    let (whole, young): (Vec<&Shop>, Vec<&Shop>) = shops.iter().partition(is_known);
    let known: Vec<&Drivers> = whole.iter().filter_map(|shop| shop.drivers.as_ref()).collect();
    let of = *known.first()?;
    if known.iter().any(|other| (other.month, other.days) != (of.month, of.days)) {
        return None;
    }
    let mut factors: Vec<(&'static str, i64)> =
        Drivers::FACTORS.iter().enumerate().map(|(at, name)| (*name, known.iter().map(|drivers| drivers.effects[at]).sum())).collect();
    let young: Vec<(&Shop, i64)> = young.into_iter().map(|shop| (shop, since_month_before(shop, of))).collect();
    factors.push((YOUNG_SHOPS, young.iter().map(|(_, amount)| amount).sum()));
    let shops = whole.into_iter().zip(known.iter().filter_map(|drivers| drivers.change)).chain(young).collect();
    Some(Change { of, factors, shops })
}

/// What a shop was paid in the days of a month more than in those of the month before.
fn since_month_before(shop: &Shop, of: &Drivers) -> i64 {
    let paid = |months_before: i32| {
        let month = Grain::Month.index(of.month) - months_before;
        let first = Grain::Month.start(month);
        let last = if of.is_complete { Grain::Month.end(month) } else { first + of.days - 1 };
        shop.days.paid(first, last)
    };
    paid(0) - paid(1)
}

/// The shops that made most of the change, and all others together.
fn by_shop(shops: &[(&Shop, i64)], words: Words<'_>) -> String {
    let named = movers(shops);
    if named.is_empty() {
        return String::new();
    }
    let sum = |shops: &[(&Shop, i64)]| shops.iter().map(|(_, amount)| amount).sum::<i64>();
    let mut exact: Vec<i64> = named.iter().map(|(_, amount)| *amount).collect();
    exact.push(sum(shops) - sum(&named));
    let whole = allotted(&exact);
    let mut names: Vec<String> = named.iter().map(|(shop, _)| shop.title().to_owned()).collect();
    match (words.lang, shops.len() - named.len()) {
        (_, 0) => {}
        (Lang::En, 1) => names.push("1 other".to_owned()),
        (Lang::En, count) => names.push(format!("{count} others")),
        (Lang::Zh, 1) => names.push("另一家店铺".to_owned()),
        (Lang::Zh, count) => names.push(format!("其余 {count} 家店铺")),
    }
    let parts: Vec<(String, Cell)> = names.into_iter().zip(whole.into_iter().map(amount)).collect();
    amounts(words.say("By shop: ", "分店铺："), &parts)
}

/// The shops that made most of a change, those that made the most first: as many as make half of it, at most [`MOST_MOVERS`]. Where these made
/// more than twice of it, shops cancel out: then the largest of either way.
fn movers<'a>(shops: &[(&'a Shop, i64)]) -> Vec<(&'a Shop, i64)> {
    let all: i64 = shops.iter().map(|(_, amount)| amount).sum();
    let on_side = |side: i64| {
        let mut found: Vec<(&Shop, i64)> = shops.iter().copied().filter(|(_, amount)| all != 0 && amount.signum() == side).collect();
        found.sort_by_key(|(_, amount)| std::cmp::Reverse(amount.abs()));
        found
    };
    let (along, opposed) = (on_side(all.signum()), on_side(-all.signum()));
    let mut named: Vec<(&Shop, i64)> = Vec::new();
    let made = |named: &[(&Shop, i64)]| named.iter().map(|(_, amount)| amount).sum::<i64>().abs();
    for each in &along {
        if named.len() < MOST_MOVERS && 2 * made(&named) < all.abs() {
            named.push(*each);
        }
    }
    if let (Some(first), Some(other), true) = (along.first(), opposed.first(), made(&named) > 2 * all.abs()) {
        return vec![*first, *other];
    }
    named
}

/// Amounts in minor units as whole units that add up to their sum in whole units, halves away from 0, by the largest remainder: each is rounded
/// down, and the units that are missing go to those that lost the most, of equal ones to the first.
fn allotted(minor: &[i64]) -> Vec<i64> {
    let sum: i64 = minor.iter().sum();
    let mut whole: Vec<i64> = minor.iter().map(|amount| amount.div_euclid(100)).collect();
    let missing = sum.signum() * (sum.abs() + 50).div_euclid(100) - whole.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..minor.len()).collect();
    order.sort_by_key(|place| std::cmp::Reverse(minor[*place].rem_euclid(100)));
    for place in order.into_iter().take(usize::try_from(missing).unwrap_or(0)) {
        whole[place] += 1;
    }
    whole
}
