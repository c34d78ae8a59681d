//! The restatements of a night: figures that differ, each with what the orders of each cause did to it.

use hashbrown::HashMap;

use super::effects::Amounts;
use super::figures::Figure;
use super::orders::Orders;
use crate::history::Context;
use crate::metric::ratio::ratio_of;
use crate::spec::Day;
use crate::spec::cause::Cause;
use crate::table::catalogue;
use crate::table::restatement::restated_figure::{Effect, Place, Restatement};

/// The place of [`Cause::Other`] among the counted causes.
const OTHER: usize = Cause::COUNT - 1;

/// The restatements of figures. What the orders do not explain of an amount is of another cause.
pub fn explained(figures: Vec<Figure>, amounts: &Amounts, orders: &Orders<'_>) -> Vec<Restatement> {
    let did: Vec<Did> = figures.iter().map(|figure| did(figure, amounts, orders)).collect();
    let by_place: HashMap<&Place, (&Figure, &Did)> = figures.iter().zip(&did).map(|(figure, did)| (&figure.place, (figure, did))).collect();
    let of_parts: Vec<Option<Cause>> = figures.iter().map(|figure| of_parts(figure, &by_place)).collect();
    let explain = |((figure, did), of_parts): ((Figure, Did), Option<Cause>)| {
        let (counts, are_counted) = (orders.of(&figure), Orders::are_counted(&figure));
        let of_traffic = is_of_traffic(&figure.place);
        let Figure { place, unit, old, new, amount, is_by_steps, .. } = figure;
        let cause = match of_parts {
            _ if of_traffic => Cause::Other,
            Some(cause) => cause,
            None => most(&did, &counts, is_by_steps),
        };
        let effect = |at: usize| Effect { orders: are_counted.then_some(counts[at]), amount: if amount.is_some() { did[at] } else { 0 } };
        let effects = std::array::from_fn(effect);
        Restatement { cause, place, unit, old, new, amount, effects: Some(effects), detail: None }
    };
    drop(by_place);
    figures.into_iter().zip(did).zip(of_parts).map(explain).collect()
}

/// What each counted cause did to a figure.
type Did = [i64; Cause::COUNT];

/// What the steps did to a sum or a count, and what no step did, which is of another cause. Nothing of other figures.
fn did(figure: &Figure, amounts: &Amounts, orders: &Orders<'_>) -> Did {
    let mut did = amounts.get(&figure.place).copied().unwrap_or_default();
    if !figure.is_by_steps {
        return did;
    }
    let counted = || (figure.new.unwrap_or(0.0) - figure.old.unwrap_or(0.0)).round() as i64;
    let rest = figure.amount.unwrap_or_else(counted) - did.iter().sum::<i64>();
    // A shop that no row has any more is gone with all that it had, and so is a value of a dimension.
    let is_gone = !orders.has_shop(&figure.place.shop) || (!Orders::are_counted(figure) && figure.new.is_none());
    let of = Cause::Vanished.place().filter(|_| is_gone).unwrap_or(OTHER);
    did[of] += rest;
    did
}

/// The cause that did most to the sums and counts of which a figure is made by its formula, each of which weighs as much as it changed relative to
/// what it was; `None` where the figure is one itself, or none of its parts changed.
fn of_parts(figure: &Figure, by_place: &HashMap<&Place, (&Figure, &Did)>) -> Option<Cause> {
    if figure.is_by_steps {
        return None;
    }
    let mut weights = [0.0; Cause::COUNT];
    for part in parts(&figure.place) {
        let Some((part, did)) = by_place.get(&part).filter(|(part, _)| part.is_by_steps) else { continue };
        let (old, new) = (part.old.unwrap_or(0.0), part.new.unwrap_or(0.0));
        let all: u64 = did.iter().map(|did| did.unsigned_abs()).sum();
        if let Some(changed) = ratio_of((new - old).abs(), old.abs().max(new.abs())) {
            weights
                .iter_mut()
                .zip(*did)
                .for_each(|(weight, did)| *weight += changed * ratio_of(did.unsigned_abs() as f64, all as f64).unwrap_or(0.0));
        }
    }
    let best = Cause::COUNTED.into_iter().zip(weights).filter(|(_, weight)| *weight > 0.0);
    best.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(cause, _)| cause)
}

/// The places of the columns that the formula of a figure names. The size of a cohort is compared where it stands first.
fn parts(place: &Place) -> Vec<Place> {
    let card = catalogue::card(place.table);
    let formula = card.as_ref().and_then(|card| card.column(&place.metric)).map_or("", |column| column.formula);
    let names = formula.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let is_column = |name: &&str| card.as_ref().is_some_and(|card| card.column(name).is_some());
    let dimension = |name: &str| match (name, place.dimension.rsplit_once(' ')) {
        ("cohort_size", Some((before, _))) => format!("{before} 0"),
        _ => place.dimension.clone(),
    };
    names.filter(is_column).map(|name| Place { metric: name.to_owned(), dimension: dimension(name), ..place.clone() }).collect()
}

/// Whether a figure is of visitors alone, which no order changes.
fn is_of_traffic(place: &Place) -> bool {
    const OF_TRAFFIC: [&str; 5] = ["uv_daily_mean", "pages_per_visitor", "bounce_rate", "dwell_per_visit", "depth"];
    place.table == "shop_periods" && OF_TRAFFIC.contains(&place.metric.as_str())
}

/// The cause that did most: of a sum or a count by what it `did`, of others by orders, then in the order of the causes.
fn most(did: &Did, orders: &[i64; Cause::COUNT], is_by_steps: bool) -> Cause {
    let mut best = (Cause::Other, (0, 0));
    for ((cause, did), orders) in Cause::COUNTED.into_iter().zip(did).zip(orders) {
        let weight = (did.unsigned_abs(), *orders);
        if weight > best.1 && (weight.0 > 0 || !is_by_steps) {
            best = (cause, weight);
        }
    }
    best.0
}

/// One row a shop that says why nothing is compared.
pub fn not_compared(context: &Context, as_of: Day, cause: Cause, detail: &str) -> Vec<Restatement> {
    let shops = (0..context.shops.len() as u32).filter_map(|shop| context.shops.id(shop));
    let row = |shop: crate::spec::Id<'_>| Restatement {
        place: Place {
            table: "(job)",
            metric: cause.name().to_owned(),
            shop: shop.into(),
            grain: "all".to_owned(),
            period_start: as_of,
            dimension: "all".to_owned(),
        },
        unit: String::new(),
        old: None,
        new: None,
        amount: None,
        cause,
        effects: None,
        detail: Some(detail.to_owned()),
    };
    shops.map(row).collect()
}
