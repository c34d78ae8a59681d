//! The restatements of a night: figures that differ, each with what the orders of each cause did to it.

use hashbrown::HashMap;

use super::figures::Figure;
use crate::history::Context;
use crate::spec::Day;
use crate::table::restatement::cause::Cause;
use crate::table::restatement::restatement::{Effect, Place, Restatement};

/// By place of a figure: what the orders of each cause did to it.
pub type Effects = HashMap<Place, [Effect; Cause::COUNTED.len()]>;

/// The place of [`Cause::Other`] among the counted causes.
const OTHER: usize = Cause::COUNTED.len() - 1;

/// The restatements of figures. What the orders do not explain of an amount is of another cause.
pub fn explained(figures: Vec<Figure>, effects: &Effects) -> Vec<Restatement> {
    let explain = |figure: Figure| {
        let Figure { place, unit, old, new, amount } = figure;
        let mut of_causes = effects.get(&place).copied().unwrap_or_default();
        match amount {
            Some(amount) => {
                let known: i64 = of_causes.iter().take(OTHER).map(|effect| effect.amount).sum();
                of_causes[OTHER].amount = amount - known;
            }
            None => of_causes.iter_mut().for_each(|effect| effect.amount = 0),
        }
        Restatement { cause: most(&of_causes), place, unit, old, new, amount, effects: Some(of_causes), detail: None }
    };
    figures.into_iter().map(explain).collect()
}

/// The cause that did most: by amount, then by orders, then in the order of the causes.
fn most(effects: &[Effect; Cause::COUNTED.len()]) -> Cause {
    let weight = |effect: &Effect| (effect.amount.unsigned_abs(), effect.orders);
    let mut best = (Cause::Other, (0, 0));
    for (cause, effect) in Cause::COUNTED.into_iter().zip(effects) {
        if weight(effect) > best.1 {
            best = (cause, weight(effect));
        }
    }
    best.0
}

/// One row a shop that says why nothing is compared.
pub fn not_compared(context: &Context, as_of: Day, (cause, detail): &(Cause, String)) -> Vec<Restatement> {
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
        cause: *cause,
        effects: None,
        detail: Some(detail.clone()),
    };
    shops.map(row).collect()
}
