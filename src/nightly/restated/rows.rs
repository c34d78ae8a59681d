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
        let Figure { place, unit, old, new, amount, .. } = figure;
        let known = amounts.get(&place).copied().unwrap_or_default();
        let mut effects = [Effect::default(); Cause::COUNT];
        for (at, effect) in effects.iter_mut().enumerate() {
            effect.orders = Some(counts[at]);
            effect.amount = if amount.is_some() && at != OTHER { known[at] } else { 0 };
        }
        effects[OTHER].amount = amount.map_or(0, |amount| amount - effects.iter().map(|effect| effect.amount).sum::<i64>());
        let cause = most(&known, &effects);
        if !are_counted {
            effects.iter_mut().for_each(|effect| effect.orders = None);
        }
        Restatement { cause, place, unit, old, new, amount, effects: Some(effects), detail: None }
    };
    figures.into_iter().map(explain).collect()
}

/// The cause that did most: of a sum or a count by what its step did to it, then by orders, then in the order of the causes. `steps` are what
/// the steps did, `effects` what is told of them.
fn most(steps: &[i64; Cause::COUNT], effects: &[Effect; Cause::COUNT]) -> Cause {
    let mut best = (Cause::Other, (0, 0));
    for ((cause, step), effect) in Cause::COUNTED.into_iter().zip(steps).zip(effects) {
        let weight = (step.unsigned_abs().max(effect.amount.unsigned_abs()), effect.orders.unwrap_or(0));
        if weight > best.1 {
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
