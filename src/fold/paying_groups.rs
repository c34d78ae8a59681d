//! What new and returning customers paid for, by day.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout};
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Tally, add_count, add_sum};
use crate::error::Result;
use crate::history::{Fold, History};
use crate::spec::{Day, NO_DAY};

/// What the paying customers of one group paid for on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Group {
    /// What was paid for their orders, in minor units.
    pub amount: i64,
    /// Items in these orders.
    pub items: i64,
    /// Distinct customers who paid an order.
    pub customers: u32,
    /// Orders that they paid.
    pub orders: u32,
}

/// What was paid for on a day, in one cache line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(align(64))]
pub struct PayingDay {
    /// Customers without a purchase day before this one.
    pub new: Group,
    /// Customers with an earlier purchase day.
    pub returning: Group,
    /// What was paid for orders that name no customer, in minor units.
    pub anonymous_amount: i64,
}

impl Cell<9> for PayingDay {
    fn counters(&self) -> [i64; 9] {
        let of = |group: Group| [group.amount, group.items, group.customers.into(), group.orders.into()];
        let ([a, b, c, d], [e, f, g, h]) = (of(self.new), of(self.returning));
        [a, b, c, d, e, f, g, h, self.anonymous_amount]
    }

    fn add(&mut self, counters: &[i64; 9]) -> Option<()> {
        let [new @ .., _, _, _, _, anonymous_amount] = *counters;
        let [.., amount, items, customers, orders, _] = *counters;
        self.new.add(new)?;
        self.returning.add([amount, items, customers, orders])?;
        add_sum(&mut self.anonymous_amount, anonymous_amount)
    }
}

impl Group {
    fn add(&mut self, [amount, items, customers, orders]: [i64; 4]) -> Option<()> {
        add_sum(&mut self.amount, amount)?;
        add_sum(&mut self.items, items)?;
        add_count(&mut self.customers, customers)?;
        add_count(&mut self.orders, orders)
    }
}

/// The state.
const DAYS: Layout<1, 9> = Layout {
    keys: [Key::Code(CodeOf::Shop)],
    position: "day",
    counters: [
        "new_amount",
        "new_items",
        "new_customers",
        "new_orders",
        "returning_amount",
        "returning_items",
        "returning_customers",
        "returning_orders",
        "anonymous_amount",
    ],
};

/// What new and returning customers paid for, by shop and day.
pub static PAYING_GROUPS: FoldSpec<PayingGroupFold> =
    FoldSpec { name: "paying_groups", version: 1, pace: Pace::ByShop, new: |_, _| PayingGroupFold::default() };

/// Gathers, by shop, a [`PayingDay`] of each day.
#[derive(Default)]
pub struct PayingGroupFold {
    days: Tally<1, PayingDay>,
}

impl PayingGroupFold {
    /// What was paid for at a shop on each day from `first` to `last`.
    pub fn days(&self, shop: u32, first: Day, last: Day) -> impl Iterator<Item = PayingDay> {
        let line = self.days.line([shop as i32]);
        (first..=last).map(move |day| line.map_or_else(PayingDay::default, |line| line.at(day)))
    }
}

impl Fold for PayingGroupFold {
    fn update(&mut self, history: &History<'_>) {
        let line = self.days.line_mut([history.shop as i32]);
        if history.is_anonymous {
            history.paid_orders().iter().for_each(|order| line.cell(order.paid_day).anonymous_amount += order.paid_amount);
            return;
        }
        // A customer whose orders of the day were all refunded in full is what the next purchase will find: no longer new if there was one
        // on an earlier day.
        let first_purchase_day = history.first_purchase_day().unwrap_or(Day::MAX);
        let mut last_day = NO_DAY;
        for order in history.paid_orders() {
            let day = line.cell(order.paid_day);
            let group = if order.paid_day > first_purchase_day { &mut day.returning } else { &mut day.new };
            group.amount += order.paid_amount;
            group.items += order.quantity;
            group.orders += 1;
            group.customers += u32::from(order.paid_day != last_day);
            last_day = order.paid_day;
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.days.state(&DAYS)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        state.iter().try_for_each(|batch| self.days.merge(&DAYS, batch))
    }

    fn absorb(&mut self, other: Self) -> Result<()> {
        self.days.absorb(other.days)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fold::activity::ActivityFold;
    use crate::table::testing::{any_customers, customer, day, folded, histories, paid, text_shops};

    #[test]
    fn who_keeps_nothing_of_a_day_belongs_to_the_group_of_the_next_purchase() {
        let anna = customer(
            0,
            vec![
                paid("2024-01-01", 100).refunding(100),
                paid("2024-01-02", 200),
                paid("2024-01-02", 250).refunding(250),
                paid("2024-01-03", 400).refunding(400),
                paid("2024-01-04", 800),
            ],
        );
        let ben = customer(0, vec![paid("2024-01-03", 1_600).refunding(1_600)]);
        let fold = folded(PayingGroupFold::default(), &[anna, ben]);
        let group = |amount, customers, orders| Group { amount, items: i64::from(orders), customers, orders };
        let expected = [
            (group(100, 1, 1), group(0, 0, 0)),
            (group(450, 1, 2), group(0, 0, 0)),
            (group(1_600, 1, 1), group(400, 1, 1)),
            (group(0, 0, 0), group(800, 1, 1)),
        ];
        let days = fold.days(0, day("2024-01-01"), day("2024-01-04"));
        assert_eq!(days.map(|day| (day.new, day.returning)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_nobody_bought_is_in_no_group() {
        let customers = [customer(0, vec![paid("2024-01-01", 100), paid("2024-01-03", 300)])];
        let mut fold = PayingGroupFold::default();
        histories(&customers).for_each(|history| fold.update(&History { is_anonymous: true, ..history }));
        let days: Vec<PayingDay> = fold.days(0, day("2024-01-01"), day("2024-01-03")).collect();
        assert_eq!(days.iter().map(|day| day.anonymous_amount).collect::<Vec<_>>(), [100, 0, 300]);
        assert!(days.iter().all(|day| (day.new, day.returning) == Default::default()));
    }

    proptest! {
        #[test]
        fn both_groups_are_all_paying_customers_of_a_day(customers in any_customers(2)) {
            let context = text_shops(2, "2024-12-31");
            let groups = folded(PayingGroupFold::default(), &customers).days(1, context.first_day, context.as_of).collect::<Vec<_>>();
            let all = folded(ActivityFold::new(&context), &customers).days(1, context.first_day, context.as_of);
            for (day, all) in groups.iter().zip(all) {
                let sum = |of: fn(&Group) -> i64| of(&day.new) + of(&day.returning);
                prop_assert_eq!(sum(|group| group.customers.into()), all.paying_customers);
                prop_assert_eq!(sum(|group| group.orders.into()), all.paid_orders);
                prop_assert_eq!((sum(|group| group.items), sum(|group| group.amount)), (all.paid_quantity, all.paid_amount));
                // Who has a purchase is in the group that the day counts them in.
                prop_assert!(i64::from(day.new.customers) >= all.new_customers);
                prop_assert!(i64::from(day.returning.customers) >= all.returning_customers);
            }
        }

        #[test]
        fn parts_folded_apart_and_merged_are_the_whole(customers in any_customers(3), cut in 0usize..12) {
            let cut = cut.min(customers.len());
            let mut whole = folded(PayingGroupFold::default(), &customers);
            let mut one = folded(PayingGroupFold::default(), &customers[..cut]);
            one.merge(&folded(PayingGroupFold::default(), &customers[cut..]).state().unwrap()).unwrap();
            prop_assert_eq!(one.state().unwrap(), whole.state().unwrap());
        }
    }
}
