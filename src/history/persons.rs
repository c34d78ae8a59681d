//! Persons: what one customer id bought in all shops of a scope, as one history, as if the scope were one shop.

use super::customer::{History, ItemLine, Order, PaidRefund, Return};
use super::histories::Histories;
use super::line_places::LinePlaces;
use super::scopes::Scopes;
use crate::spec::{Day, Id};

/// Keeps the histories of a bucket, in which all that a person bought lies, and merges those of each person by scope.
#[derive(Debug, Default)]
pub struct Persons {
    kept: Histories,
    /// Positions of the kept histories, by (customer, shop).
    by_person: Vec<u32>,
    parts: Vec<Part>,
    merged: Merged,
    /// The shops in which a person has a purchase.
    bought_in: Vec<u32>,
}

/// A kept history as a part of what a person bought in a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    scope: u32,
    /// The number of the person, in the order of the ids.
    person: u32,
    /// A position in `by_person`.
    place: u32,
}

impl Persons {
    /// Keeps the history of a customer of a shop.
    #[inline]
    pub fn keep(&mut self, history: &History<'_>) {
        self.kept.push(history);
    }

    /// Calls `each` with the history of every person in every scope, ascending by (scope, customer), and forgets all. The shop of a history
    /// is the code of the scope.
    pub fn each(&mut self, scopes: &Scopes, mut each: impl FnMut(&History<'_>)) {
        let Persons { kept, by_person, parts, merged, bought_in } = self;
        let key = |position: &u32| {
            let (shop, customer) = kept.key(*position as usize);
            (customer, shop)
        };
        by_person.clear();
        by_person.extend(0..kept.len() as u32);
        by_person.sort_unstable_by(|one, other| key(one).cmp(&key(other)));
        parts.clear();
        let mut person = 0;
        for (place, position) in by_person.iter().enumerate() {
            let (customer, shop) = key(position);
            let before = place.checked_sub(1).and_then(|before| by_person.get(before));
            person += u32::from(before.is_some_and(|before| key(before).0 != customer));
            parts.extend(scopes.of(shop).iter().map(|scope| Part { scope: *scope, person, place: place as u32 }));
        }
        parts.sort_unstable();
        let history = |part: &Part| kept.get(by_person[part.place as usize] as usize);
        for person in parts.chunk_by(|one, other| (one.scope, one.person) == (other.scope, other.person)) {
            bought_in.clear();
            bought_in.extend(person.iter().map(history).filter(|part| !part.purchase_days.is_empty()).map(|part| part.shop));
            match person {
                [] => {}
                [only] => each(&History { shop: only.scope, shops: bought_in, ..history(only) }),
                [first, ..] => {
                    let merged = merged.of(person.iter().map(history));
                    each(&History { shop: first.scope, customer: history(first).customer, shops: bought_in, ..merged });
                }
            }
        }
        kept.clear();
    }
}

/// The merged history of one person. Reuses its memory for the next one.
#[derive(Debug, Default)]
struct Merged {
    orders: Vec<Order>,
    lines: Vec<ItemLine>,
    places: LinePlaces,
    purchase_days: Vec<Day>,
    refunds: Vec<PaidRefund>,
    returns: Vec<Return>,
}

impl Merged {
    /// Merges histories, which come in the order of their shops. Orders of the same moment keep that order: it follows from ids, and not from
    /// files or threads.
    ///
    /// A refund without a known order takes away what its own shop sold, as it does in the history of that shop, so that the shops' money
    /// adds up to that of the scope.
    fn of<'a>(&mut self, histories: impl Iterator<Item = History<'a>>) -> History<'_> {
        let Merged { orders, lines, places, purchase_days, refunds, returns } = self;
        orders.clear();
        lines.clear();
        purchase_days.clear();
        refunds.clear();
        returns.clear();
        let mut paid = 0;
        for history in histories {
            let rank = orders.len() as u32;
            orders.extend(history.orders.iter().map(|order| Order { rank: rank + order.rank, ..*order }));
            let ranked = |line: &ItemLine| Some(ItemLine { order: rank + history.orders.get(line.order as usize)?.rank, ..*line });
            lines.extend(history.lines.iter().filter_map(ranked));
            purchase_days.extend_from_slice(history.purchase_days);
            refunds.extend_from_slice(history.refunds);
            returns.extend_from_slice(history.returns);
            paid += history.paid;
        }
        // Sorts that keep the order of equals are quick where sorted parts follow each other.
        orders.sort_by_key(Order::place_in_history);
        places.place(orders, lines);
        purchase_days.sort();
        purchase_days.dedup();
        returns.sort_by_key(|returned| returned.day);
        History {
            shop: 0,
            customer: Id::Integer(0),
            is_anonymous: false,
            orders,
            paid,
            lines,
            purchase_days,
            refunds,
            returns,
            shops: &[],
            affiliated: &[],
            inquiries: &[],
            item_refunds: &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::customer::PaidRefund;
    use crate::job::{GroupIds, Total};
    use crate::table::testing::{Customer, buyer, day, histories, paid, paid_later, placed};

    /// A scope, a person, and the amounts and ranks of the orders.
    type Merged = (u32, String, Vec<(i64, u32)>);

    /// The history of each person by scope, in the order in which they come.
    fn merged(scopes: &Scopes, customers: &[Customer]) -> Vec<Merged> {
        let mut persons = Persons::default();
        let mut found = Vec::new();
        histories(customers).for_each(|history| persons.keep(&history));
        persons.each(scopes, |history| {
            let orders = history.orders.iter().map(|order| (order.placed_amount, order.rank)).collect();
            found.push((history.shop, format!("{:?}", history.customer), orders));
        });
        persons.each(scopes, |_| panic!("a bucket that ended is shown again"));
        found
    }

    #[test]
    fn orders_of_the_same_moment_are_in_the_order_of_the_shops() {
        // Ids among those of one shop are counted from 0.
        let ranked = |mut orders: Vec<Order>| {
            orders.iter_mut().zip(0..).for_each(|(order, rank)| order.rank = rank);
            orders
        };
        let customers = [
            buyer(0, Id::Text("a"), ranked(vec![paid("2024-01-05", 1), paid("2024-01-07", 2), placed("2024-01-02", 3)])),
            buyer(1, Id::Text("a"), ranked(vec![paid("2024-01-05", 4), paid_later("2024-01-01", "2024-01-06", 5)])),
            buyer(1, Id::Text("b"), ranked(vec![paid("2024-01-01", 6)])),
            buyer(2, Id::Text("a"), ranked(vec![placed("2024-01-01", 7), placed("2024-01-02", 8)])),
        ];
        let scopes = Scopes::new(&[Total::All], GroupIds::Separate, 3, &[]);
        let a = vec![(1, 0), (4, 3), (5, 4), (2, 1), (7, 5), (3, 2), (8, 6)];
        let expected = [(0, "Text(\"a\")".to_owned(), a), (0, "Text(\"b\")".to_owned(), vec![(6, 0)])];
        assert_eq!(merged(&scopes, &customers), expected);
        // Whoever comes first: shops in another order are an order of files, and none of ids.
        let backwards: Vec<Customer> = customers.iter().rev().cloned().collect();
        assert_eq!(merged(&scopes, &backwards), expected);
    }

    #[test]
    fn a_merged_history_has_what_its_parts_have() {
        let on = day("2024-02-01");
        let ranked = |rank: u32, order: Order| Order { rank, ..order };
        // Ids among those of one shop are counted from 0; those of the second shop are not in the order of time.
        let one_orders = vec![ranked(0, paid("2024-01-05", 10)), ranked(1, paid("2024-01-09", 10))];
        let other_orders = vec![ranked(2, paid("2024-01-05", 10)), ranked(0, paid("2024-01-07", 10)), ranked(1, placed("2024-01-01", 10))];
        let mut one = buyer(0, Id::Integer(7), one_orders).with_lines(&[(0, 1, 1, 4), (0, 2, 1, 6), (1, 3, 1, 10)]);
        let mut other = buyer(1, Id::Integer(7), other_orders).with_lines(&[(0, 4, 1, 10), (1, 5, 1, 8), (1, 4, 1, 2)]);
        one.returns = vec![Return { day: on, amount: 1 }];
        other.returns = vec![Return { day: on - 1, amount: 2 }, Return { day: on, amount: 3 }];
        one.refunds = vec![PaidRefund { order_paid_day: on - 20, day: on, amount: 4 }];
        other.refunds = vec![PaidRefund { order_paid_day: on - 21, day: on, amount: 5 }];
        let mut persons = Persons::default();
        histories(&[one, other]).for_each(|history| persons.keep(&history));
        let mut seen = 0;
        persons.each(&Scopes::new(&[Total::All, Total::Category], GroupIds::Separate, 2, &[]), |history| {
            seen += 1;
            assert_eq!((history.customer, history.is_anonymous, history.paid, history.orders.len()), (Id::Integer(7), false, 4, 5));
            assert_eq!(history.purchase_days, ["2024-01-05", "2024-01-07", "2024-01-09"].map(day));
            // By time: shop 0 on the 5th, shop 1 on the 5th and the 7th, shop 0 on the 9th.
            let lines = history.lines.iter().map(|line| (line.order, line.item)).collect::<Vec<_>>();
            assert_eq!(lines, [(0, 1), (0, 2), (1, 4), (2, 5), (2, 4), (3, 3)]);
            let of_orders = history.orders_with_items().map(|(order, lines)| (order.paid_day, lines.len())).collect::<Vec<_>>();
            assert_eq!(
                of_orders,
                [("2024-01-05", 2), ("2024-01-05", 1), ("2024-01-07", 2), ("2024-01-09", 1)].map(|(on, lines)| (day(on), lines))
            );
            assert_eq!(history.shops, [0, 1]);
            assert_eq!(history.returns.iter().map(|returned| returned.amount).collect::<Vec<_>>(), [2, 1, 3]);
            assert_eq!(history.refunds.iter().map(|refund| refund.amount).collect::<Vec<_>>(), [4, 5]);
        });
        assert_eq!(seen, 2);
    }
}
