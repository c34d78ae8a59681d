//! The audience of a message, its control arm, and the effect of the message.
//!
//! Orders follow from the seed alone, so a message cannot cause one. It need not: purchase and treatment have a joint distribution,
//! which is the same whether the arm is drawn first and then the purchase, as in a shop, or the purchase first and then the arm by
//! Bayes' rule, as here. The data show an effect of the size given in [`Effect`].

use std::collections::BTreeSet;

use super::calendar::DAY;
use super::customer::{Walk, arrived};
use super::order::{NEVER, Order};
use super::random::Draws;
use super::renamed::person_at;
use super::shop::Shop;
use super::world::World;

/// Days after a message in which it has an effect.
const EFFECT_DAYS: u32 = 14;
/// The largest number of members of an audience, and their largest share of the shop's customers so far.
const MOST: u32 = 600;
const SHARE: f64 = 0.25;
/// Members who never bought, as a share of the others: they are known by a telephone number only.
const STRANGERS: f64 = 0.05;

/// The effect of a message.
#[derive(Debug, Clone, Copy)]
pub struct Effect {
    /// The share of the treated who buy within [`EFFECT_DAYS`] days, divided by that of the control arm.
    pub lift: f64,
    /// The share of the audience that is held out.
    pub control: f64,
}

/// A member of an audience.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// The person.
    pub person: u64,
    /// Whether the message was sent.
    pub is_treated: bool,
    /// The second in which it was sent, or would have been sent.
    pub sent: u32,
}

/// The audience of a message that a shop sends from `sent` on: customers who ordered before, and a few who never did.
pub fn members(world: &World, shop: &Shop, sent: u32, effect: Effect, draws: &mut Draws) -> Vec<Member> {
    let known = arrived(shop, (sent / DAY) as usize);
    let wanted = ((f64::from(known) * SHARE) as u32).min(MOST);
    let chosen: BTreeSet<u32> = (0..wanted).map(|_| draws.below(u64::from(known)) as u32).collect();
    let found: Vec<(u32, bool)> = chosen.into_iter().filter_map(|within| Some((within, bought(world, shop, within, sent)?))).collect();
    let buyers = found.iter().filter(|(_, bought)| *bought).count() as f64;
    let treated = treated_given(effect, buyers / (found.len() as f64).max(1.0));
    let strangers = (found.len() as f64 * STRANGERS) as u32;
    // People who never become customers of the shop, as long as there are any.
    let last = (shop.customers + strangers).min(world.people.min(u64::from(u32::MAX)) as u32);
    let others = (shop.customers..last).map(|within| (within, false));
    let everyone: Vec<(u32, bool)> = found.iter().copied().chain(others).collect();
    let member = |(within, bought): (u32, bool)| Member {
        person: person_at(world, shop, shop.first_customer + within, sent),
        is_treated: draws.chance(treated[usize::from(bought)]),
        // Messages are sent one after the other, about ten in a second.
        sent: sent + draws.below(60) as u32,
    };
    everyone.into_iter().map(member).collect()
}

/// The probabilities of having been treated, for those who did not buy and those who did, if `share` of all bought: Bayes' rule, with
/// the probabilities to buy of both arms chosen so that together they give that share.
fn treated_given(effect: Effect, share: f64) -> [f64; 2] {
    let (treated, control) = (1.0 - effect.control, effect.control);
    let of_control = share / (treated * effect.lift + control);
    let of_treated = (of_control * effect.lift).min(1.0);
    let given =
        |of_treated: f64, of_control: f64| treated * of_treated / (treated * of_treated + control * of_control).max(f64::MIN_POSITIVE);
    [given(1.0 - of_treated, 1.0 - of_control), given(of_treated, of_control)]
}

/// Whether a customer paid an order within [`EFFECT_DAYS`] days from a second on; `None` if it had placed none before.
fn bought(world: &World, shop: &Shop, within: u32, sent: u32) -> Option<bool> {
    let mut walk = Walk::new(world, shop, within);
    let mut is_known = false;
    while let Some((number, created)) = walk.next(world) {
        is_known |= created < sent;
        if !is_known || created >= sent + EFFECT_DAYS * DAY {
            break;
        }
        let paid = Order::new(world, shop, shop.first_customer + within, number, created).paid;
        if paid != NEVER && (sent..sent + EFFECT_DAYS * DAY).contains(&paid) {
            return Some(true);
        }
    }
    is_known.then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bayes_gives_back_what_it_was_given() {
        // 4 % of the control arm buy and, with a lift of 1.5, 6 % of the treated; three of four are treated.
        let effect = Effect { lift: 1.5, control: 0.25 };
        let share = 0.75 * 0.06 + 0.25 * 0.04;
        let [of_others, of_buyers] = treated_given(effect, share);
        assert!((share * of_buyers + (1.0 - share) * of_others - 0.75).abs() < 1e-12, "three of four are treated");
        assert!((share * of_buyers / 0.75 - 0.06).abs() < 1e-12, "and 6 % of them buy");
        assert!((share * (1.0 - of_buyers) / 0.25 - 0.04).abs() < 1e-12, "4 % of the others do");
        assert_eq!(treated_given(Effect { lift: 2.0, control: 0.0 }, 0.0), [1.0, 0.0]);
    }
}
