//! The restatements of a night: figures that differ, each with what the orders of each cause did to it.

use super::effects::Amounts;
use super::figures::Figure;
use super::orders::Orders;
use crate::history::Context;
use crate::spec::Day;
use crate::spec::cause::Cause;
use crate::table::restatement::restated_figure::{Effect, Place, Restatement};

/// The place of [`Cause::Other`] among the counted causes.
const OTHER: usize = Cause::COUNT - 1;

/// The restatements of figures. What the orders do not explain of an amount is of another cause.
pub fn explained(figures: Vec<Figure>, amounts: &Amounts, orders: &Orders<'_>) -> Vec<Restatement> {
    let explain = |figure: Figure| {
        let (counts, are_counted) = (orders.of(&figure), Orders::are_counted(&figure));
        let of_traffic = is_of_traffic(&figure.place);
        let Figure { place, unit, old, new, amount, is_by_steps, .. } = figure;
        let mut known = amounts.get(&place).copied().unwrap_or_default();
        // A shop that no row has any more is gone with all that it had, and so is a value of a dimension.
        let is_gone = !orders.has_shop(&place.shop) || (!are_counted && new.is_none());
        if let (Some(amount), true, Some(vanished)) = (amount, is_gone, Cause::Vanished.place()) {
            known[vanished] += amount - known.iter().sum::<i64>();
        }
        let mut effects = [Effect::default(); Cause::COUNT];
        for (at, effect) in effects.iter_mut().enumerate() {
            effect.orders = Some(counts[at]);
            effect.amount = if amount.is_some() && at != OTHER { known[at] } else { 0 };
        }
        effects[OTHER].amount = amount.map_or(0, |amount| amount - effects.iter().map(|effect| effect.amount).sum::<i64>());
        let cause = if of_traffic { Cause::Other } else { most(&known, &effects, is_by_steps) };
        if !are_counted {
            effects.iter_mut().for_each(|effect| effect.orders = None);
        }
        Restatement { cause, place, unit, old, new, amount, effects: Some(effects), detail: None }
    };
    figures.into_iter().map(explain).collect()
}

/// Whether a figure is of visitors alone, which no order changes.
fn is_of_traffic(place: &Place) -> bool {
    const OF_TRAFFIC: [&str; 5] = ["uv_daily_mean", "pages_per_visitor", "bounce_rate", "dwell_per_visit", "depth"];
    place.table == "shop_periods" && OF_TRAFFIC.contains(&place.metric.as_str())
}

/// The cause that did most: of a sum or a count by what its step did to it, of others by orders, then in the order of the causes. `steps` are
/// what the steps did, `effects` what is told of them.
fn most(steps: &[i64; Cause::COUNT], effects: &[Effect; Cause::COUNT], is_by_steps: bool) -> Cause {
    let mut best = (Cause::Other, (0, 0));
    for ((cause, step), effect) in Cause::COUNTED.into_iter().zip(steps).zip(effects) {
        let did = step.unsigned_abs().max(effect.amount.unsigned_abs());
        let weight = (did, effect.orders.unwrap_or(0));
        if weight > best.1 && (did > 0 || !is_by_steps) {
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
