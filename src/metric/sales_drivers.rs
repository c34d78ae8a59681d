//! Sales drivers (四个公式): the sales of some days as visitors × conversion × value per customer, and a change of sales divided among
//! these factors.

use super::ratio::ratio_wide;
use crate::statistics::largest_remainder::rounded_to;
use crate::statistics::log_mean::log_mean;

/// What paying customers of one group bought on some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupSales {
    /// Paying customers, each once for every day: customer days.
    pub paying: i64,
    /// Paid orders.
    pub orders: i64,
    /// Items in them.
    pub items: i64,
    /// What was paid for them, in minor units.
    pub amount: i64,
}

impl GroupSales {
    /// Both together.
    pub fn and(self, other: GroupSales) -> GroupSales {
        GroupSales {
            paying: self.paying + other.paying,
            orders: self.orders + other.orders,
            items: self.items + other.items,
            amount: self.amount + other.amount,
        }
    }
}

/// The sales of the days with traffic of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sales {
    /// The daily visitors summed: visitor days.
    pub visitors: i64,
    /// What new customers bought.
    pub new: GroupSales,
    /// What returning customers bought.
    pub returning: GroupSales,
}

/// A change of sales by factor, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effects {
    /// Visitors.
    pub traffic: i64,
    /// Paying customers for each visitor.
    pub conversion: i64,
    /// The shares of new and returning customers.
    pub mix: i64,
    /// Orders for each paying customer.
    pub frequency: i64,
    /// Items for each order.
    pub basket: i64,
    /// What was paid for each item.
    pub price: i64,
}

impl Effects {
    /// All together: the change of the sales.
    pub fn sum(&self) -> i64 {
        self.traffic + self.conversion + self.mix + self.frequency + self.basket + self.price
    }
}

/// How many factors there are.
const FACTORS: usize = 6;

impl Sales {
    /// Both groups together.
    pub fn total(&self) -> GroupSales {
        self.new.and(self.returning)
    }

    /// Visitors, paying customers, and paying customers, orders, items and amount of a group: each factor of the group's sales is one of
    /// these for each of the one before it, so that their product is the amount.
    fn steps(&self, group: &GroupSales) -> [i64; FACTORS] {
        [self.visitors, self.total().paying, group.paying, group.orders, group.items, group.amount]
    }

    /// Whether the amount is the product of its factors. Without visitors it can only be so where nothing was sold.
    fn has_factors(&self) -> bool {
        self.visitors > 0 || self.total().amount == 0
    }

    /// The effect of each factor on the change of the amount since `before`: the sum over both groups of
    /// L(A now, A before) × ln(factor now / factor before), L the logarithmic mean, rounded to minor units by largest remainder so that the
    /// effects add up to the change. `None` where one of both sold something without any visitor.
    ///
    /// The logarithm of 0 is not there, and the limit of what it stands for is (Ang and Liu 2007): where a group sold something in one of
    /// both only, its whole change belongs to the first factor that is 0 in the other: the traffic if nobody came, the conversion if nobody
    /// paid, the mix if nobody of the group did, the basket or the price if the group paid for nothing. A group with an amount and no item
    /// in one of both has no price: its amount for each order then belongs to the price, and nothing to the basket.
    ///
    /// Source: Ang, B. W. (2004), "Decomposition analysis for policymaking in energy: which is the preferred method?", Energy Policy 32
    /// (LMDI-I, additive); Ang, B. W. and Liu, N. (2007), "Handling zero values in the logarithmic mean Divisia index decomposition
    /// approach", Energy Policy 35.
    pub fn effects_since(&self, before: &Sales) -> Option<Effects> {
        if !self.has_factors() || !before.has_factors() {
            return None;
        }
        let mut parts = [0.0; FACTORS];
        add_effects(&mut parts, before.steps(&before.new), self.steps(&self.new));
        add_effects(&mut parts, before.steps(&before.returning), self.steps(&self.returning));
        let [traffic, conversion, mix, frequency, basket, price] = rounded_to(self.total().amount - before.total().amount, parts);
        Some(Effects { traffic, conversion, mix, frequency, basket, price })
    }
}

/// The place of orders among the steps.
const ORDERS: usize = 3;
/// The place of items among them.
const ITEMS: usize = 4;

/// Adds the effects on one group's amount, which is the last of its steps.
fn add_effects(parts: &mut [f64; FACTORS], mut before: [i64; FACTORS], mut now: [i64; FACTORS]) {
    let [.., amount_before] = before;
    let [.., amount_now] = now;
    let change = (amount_now - amount_before) as f64;
    if amount_before == 0 || amount_now == 0 {
        let without = if amount_now == 0 { now } else { before };
        // The amount itself is 0 there, so that some factor is.
        if let Some((part, _)) = parts.iter_mut().zip(without).find(|(_, step)| *step == 0) {
            *part += change;
        }
        return;
    }
    if before[ITEMS] == 0 || now[ITEMS] == 0 {
        (before[ITEMS], now[ITEMS]) = (before[ORDERS], now[ORDERS]);
    }
    let weight = log_mean(amount_now as f64, amount_before as f64);
    let (mut last_before, mut last_now) = (1, 1);
    for ((part, step_before), step_now) in parts.iter_mut().zip(before).zip(now) {
        let growth = ratio_wide(i128::from(step_now) * last_before, i128::from(step_before) * last_now);
        *part += weight * growth.map_or(0.0, f64::ln);
        (last_before, last_now) = (step_before.into(), step_now.into());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn group(paying: i64, orders: i64, items: i64, amount: i64) -> GroupSales {
        GroupSales { paying, orders, items, amount }
    }

    fn sales(visitors: i64, new: GroupSales, returning: GroupSales) -> Sales {
        Sales { visitors, new, returning }
    }

    const NOBODY: GroupSales = GroupSales { paying: 0, orders: 0, items: 0, amount: 0 };

    fn effects(before: Sales, now: Sales) -> [i64; FACTORS] {
        let effects = now.effects_since(&before).unwrap();
        assert_eq!(effects.sum(), now.total().amount - before.total().amount);
        let Effects { traffic, conversion, mix, frequency, basket, price } = effects;
        [traffic, conversion, mix, frequency, basket, price]
    }

    #[test]
    fn one_factor_that_changes_alone_has_the_whole_change() {
        let before = sales(100, group(4, 4, 8, 40_000), group(6, 12, 12, 60_000));
        assert_eq!(effects(before, before), [0; 6]);
        // Twice the visitors, and twice of everything that follows from them.
        let traffic = sales(200, group(8, 8, 16, 80_000), group(12, 24, 24, 120_000));
        assert_eq!(effects(before, traffic), [100_000, 0, 0, 0, 0, 0]);
        let conversion = sales(100, group(8, 8, 16, 80_000), group(12, 24, 24, 120_000));
        assert_eq!(effects(before, conversion), [0, 100_000, 0, 0, 0, 0]);
        let frequency = sales(100, group(4, 8, 16, 80_000), group(6, 12, 12, 60_000));
        assert_eq!(effects(before, frequency), [0, 0, 0, 40_000, 0, 0]);
        let basket = sales(100, group(4, 4, 16, 80_000), group(6, 12, 12, 60_000));
        assert_eq!(effects(before, basket), [0, 0, 0, 0, 40_000, 0]);
        let price = sales(100, group(4, 4, 8, 30_000), group(6, 12, 12, 60_000));
        assert_eq!(effects(before, price), [0, 0, 0, 0, 0, -10_000]);
    }

    #[test]
    fn two_factors_share_a_change_by_their_logarithms() {
        // Visitors double and conversion halves: nothing changes, for L = 100,000 and ln 2 = 0.693147….
        let before = sales(100, group(10, 10, 10, 100_000), NOBODY);
        let now = sales(200, group(10, 10, 10, 100_000), NOBODY);
        assert_eq!(effects(before, now), [69_315, -69_315, 0, 0, 0, 0]);
        // Twice the visitors and four times the price: 100,000 to 800,000, of which ln 2 / ln 8 = 1/3 is traffic. 700,000 / 3 leaves
        // remainders of 1/3 and 2/3: the missing unit goes to the price.
        let now = sales(200, group(20, 20, 20, 800_000), NOBODY);
        assert_eq!(effects(before, now), [233_333, 0, 0, 0, 0, 466_667]);
    }

    #[test]
    fn the_mix_is_what_other_customers_spend() {
        // Half of ten customers were new, then two: 50,000 + 100,000 to 20,000 + 160,000.
        // New: L = 30,000 / ln 2.5 = 32740.7, × ln 0.4 = -30,000. Returning: 60,000 / ln 1.6 × ln 1.6 = 60,000.
        let before = sales(100, group(5, 5, 5, 50_000), group(5, 5, 5, 100_000));
        let now = sales(100, group(2, 2, 2, 20_000), group(8, 8, 8, 160_000));
        assert_eq!(effects(before, now), [0, 0, 30_000, 0, 0, 0]);
    }

    #[test]
    fn a_factor_that_is_0_on_one_side_has_the_whole_change_of_its_group() {
        let before = sales(100, group(4, 4, 8, 40_000), group(6, 12, 12, 60_000));
        // No new customer: 40,000 less by the mix. The six returning ones of ten become six of six, and paying customers for each visitor
        // fall from 0.10 to 0.06: ln 0.6 = -0.510826 by conversion, ln(1 / 0.6) by the mix, times L = 60,000.
        let now = sales(100, NOBODY, group(6, 12, 12, 60_000));
        assert_eq!(effects(before, now), [0, -30_650, -40_000 + 30_650, 0, 0, 0]);
        assert_eq!(effects(now, before), [0, 30_650, 40_000 - 30_650, 0, 0, 0]);
        // Visitors and nobody who pays; nobody at all; a gift.
        assert_eq!(effects(before, sales(70, NOBODY, NOBODY)), [0, -100_000, 0, 0, 0, 0]);
        assert_eq!(effects(sales(0, NOBODY, NOBODY), before), [100_000, 0, 0, 0, 0, 0]);
        let gifts = sales(100, group(4, 4, 8, 0), group(6, 12, 12, 60_000));
        assert_eq!(effects(before, gifts), [0, 0, 0, 0, 0, -40_000]);
        let nothing = sales(100, group(4, 4, 0, 0), group(6, 12, 12, 60_000));
        assert_eq!(effects(before, nothing), [0, 0, 0, 0, -40_000, 0]);
        assert_eq!(effects(sales(0, NOBODY, NOBODY), sales(0, NOBODY, NOBODY)), [0; 6]);
    }

    #[test]
    fn an_amount_without_items_is_a_price_of_the_order() {
        // 4 orders of 10,000 to 8 of 5,000 without a known item: orders for each customer double, ln 2 × 40,000 = 27,725.9, and what an
        // order costs halves.
        let before = sales(100, group(4, 4, 8, 40_000), NOBODY);
        let now = sales(100, group(4, 8, 0, 40_000), NOBODY);
        assert_eq!(effects(before, now), [0, 0, 0, 27_726, 0, -27_726]);
    }

    #[test]
    fn what_is_sold_without_visitors_has_no_factors() {
        let (seen, unseen) = (sales(100, group(1, 1, 1, 100), NOBODY), sales(0, group(1, 1, 1, 100), NOBODY));
        assert_eq!((seen.effects_since(&unseen), unseen.effects_since(&seen), unseen.effects_since(&unseen)), (None, None, None));
    }

    fn any_group() -> impl Strategy<Value = GroupSales> {
        // Who pays has an order at least; items and money may be missing.
        (0..50i64, 0..4i64, 0..5i64, prop_oneof![0..10i64, 0..10_000_000i64, 0..9_000_000_000_000i64]).prop_map(
            |(paying, more, items, amount)| {
                if paying == 0 { NOBODY } else { group(paying, paying + more, (paying + more) * items, amount) }
            },
        )
    }

    fn any_sales() -> impl Strategy<Value = Sales> {
        (0..2_000i64, any_group(), any_group()).prop_map(|(visitors, new, returning)| sales(visitors, new, returning))
    }

    proptest! {
        #[test]
        fn effects_add_up_to_the_change(before in any_sales(), now in any_sales()) {
            let unknown = [before, now].iter().any(|side| side.visitors == 0 && side.total().amount > 0);
            let effects = now.effects_since(&before);
            prop_assert_eq!(effects.is_none(), unknown);
            if let Some(effects) = effects {
                prop_assert_eq!(effects.sum(), now.total().amount - before.total().amount);
            }
        }

        #[test]
        fn the_way_back_has_the_opposite_effects(before in any_sales(), now in any_sales()) {
            if let (Some(there), Some(back)) = (now.effects_since(&before), before.effects_since(&now)) {
                let pairs = [(there.traffic, back.traffic), (there.conversion, back.conversion), (there.mix, back.mix),
                    (there.frequency, back.frequency), (there.basket, back.basket), (there.price, back.price)];
                // But for rounding: by a unit, and by the digits that a float does not have.
                let most = 2 + (before.total().amount + now.total().amount) / 1_000_000_000_000;
                prop_assert!(pairs.iter().all(|(there, back)| (there + back).abs() <= most), "{pairs:?}");
            }
        }
    }
}
