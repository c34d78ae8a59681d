//! Items of a shop by month: how many of them carry it, and what new ones bring.

use crate::fold::item::months::ItemMonth;
use crate::spec::{Day, Grain, NO_VALUE};

/// The months whose sales are looked at: a month and the two before it.
pub const MONTHS: i32 = 3;

/// The days before the end of a month within which an item that is first sold is new.
pub const NEW_DAYS: Day = 90;

/// An item carries a shop from one part in so many on.
const HIT: i128 = 10;

/// The items of a shop in the three months that end with a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ItemFigures {
    /// What was paid for items, in minor units.
    pub paid_amount: i64,
    /// What of it was paid for items first sold within [`NEW_DAYS`] before the end of the month.
    pub new_amount: i64,
    /// Items that bring a tenth of it or more each.
    pub hit_items: i64,
}

/// The figures of a shop for `count` months from the month `first` on. `sales` are those of all shops, ascending by shop, item and month.
pub fn of_months(sales: &[ItemMonth], shop: u32, first: i32, count: usize) -> Vec<ItemFigures> {
    let from = sales.partition_point(|sale| (sale.shop, sale.item) <= (shop, NO_VALUE));
    let to = sales.partition_point(|sale| sale.shop <= shop);
    let own = sales.get(from..to).unwrap_or_default();
    let mut figures = vec![ItemFigures::default(); count];
    let place = |month: i32| usize::try_from(i64::from(month) - i64::from(first)).ok();
    // A month counts in itself and in the two that follow.
    for sale in own {
        let month = sale.month();
        for place in (month..month + MONTHS).filter_map(place) {
            if let Some(figures) = figures.get_mut(place) {
                figures.paid_amount += sale.paid_amount;
            }
        }
    }
    let mut months: Vec<(i32, i64)> = Vec::new();
    for item in own.chunk_by(|one, other| one.item == other.item) {
        let Some(first_sold) = item.first().map(|sale| sale.first_day) else { continue };
        months.clear();
        months.extend(item.iter().map(|sale| (sale.month(), sale.paid_amount)));
        each_three_months(&months, |month, amount| {
            let Some(of_month) = place(month).and_then(|place| figures.get_mut(place)) else { return };
            if amount > 0 && i128::from(amount) * HIT >= i128::from(of_month.paid_amount) {
                of_month.hit_items += 1;
            }
            if first_sold > Grain::Month.end(month) - NEW_DAYS {
                of_month.new_amount += amount;
            }
        });
    }
    figures
}

/// Calls `each` with every month that has a sale of an item in it or in the two before it, and the sum of these three. The sales are by month,
/// ascending, each month once.
fn each_three_months(months: &[(i32, i64)], mut each: impl FnMut(i32, i64)) {
    let mut done = i32::MIN;
    for (at, (sold, _)) in months.iter().enumerate() {
        // Of the months up to this sale and the two after it, those that no sale before it had.
        for month in (*sold..sold + MONTHS).filter(|month| *month > done) {
            // No sale of the three months is further away than two others.
            let near = months.iter().take(at + MONTHS as usize).skip(at.saturating_sub(MONTHS as usize - 1));
            each(month, near.filter(|(other, _)| (month - MONTHS + 1..=month).contains(other)).map(|(_, amount)| amount).sum());
        }
        done = done.max(sold + MONTHS - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_three_months() {
        let mut sums = Vec::new();
        each_three_months(&[(3, 1), (4, 10), (9, 100)], |month, sum| sums.push((month, sum)));
        assert_eq!(sums, [(3, 1), (4, 11), (5, 11), (6, 10), (9, 100), (10, 100), (11, 100)]);
        each_three_months(&[], |_, _| panic!("there is no sale"));
    }
}
