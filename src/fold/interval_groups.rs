//! Interval groups: the intervals and purchases of the customers of a shop, all together or those with one value of a dimension.

use std::sync::Arc;

use super::tally::Line;
use crate::metric::repurchase_rate::ReachedCounts;
use crate::statistics::kaplan_meier::Count;

/// The customers of a shop with one value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntervalGroup {
    /// Shop code.
    pub shop: u32,
    /// Name of the dimension.
    pub dimension: &'static str,
    /// The customers' value of the dimension.
    pub value: Arc<str>,
    /// By nth: the intervals from the nth purchase day to the next; at 0 all intervals, including those after more than `max_nth` purchase
    /// days. Events are intervals that ended with a purchase; censored ones were open at the as-of date.
    pub by_nth: Vec<Vec<Count>>,
    /// By nth: the customers who reached the nth purchase, however many lie on one day, and those of them with a further one; at 0 all
    /// purchases, and those that were followed by another one.
    pub by_order: Vec<ReachedCounts>,
}

/// Counts of intervals by nth, from their counters at positions `days × stride + nth − 1`, ascending. The last nth, which is `stride`,
/// stands for all later ones and is part of the intervals at 0 only.
pub fn by_nth(counted: impl Iterator<Item = (i32, [i64; 2])>, stride: i32) -> Vec<Vec<Count>> {
    let mut by_nth: Vec<Vec<Count>> = vec![Vec::new(); stride as usize];
    for (position, [events, censored]) in counted {
        let (days, nth) = (position.div_euclid(stride), position.rem_euclid(stride) + 1);
        let count = Count { days, events, censored };
        if let Some(counts) = by_nth.get_mut(nth as usize) {
            counts.push(count);
        }
        match by_nth[0].last_mut() {
            Some(all) if all.days == days => {
                all.events += events;
                all.censored += censored;
            }
            _ => by_nth[0].push(count),
        }
    }
    by_nth
}

/// Customers by the purchase that they reached, from the number of customers, and of their purchases, at each number of purchases. The last
/// number, which is `stride`, stands for all greater ones.
pub fn by_order(line: &Line<[u32; 2]>, stride: i32) -> Vec<ReachedCounts> {
    let mut by_order = vec![ReachedCounts { reached: 0, repurchased: 0 }; stride as usize];
    let (mut further, mut purchases) = (0, 0);
    for nth in (1..=stride).rev() {
        let [customers, of_them] = line.at(nth).map(i64::from);
        let reached = further + customers;
        if let Some(counts) = by_order.get_mut(nth as usize) {
            *counts = ReachedCounts { reached, repurchased: further };
        }
        (further, purchases) = (reached, purchases + of_them);
    }
    // Each customer's last purchase was not followed by another one.
    by_order[0] = ReachedCounts { reached: purchases, repurchased: purchases - further };
    by_order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reached_a_purchase_by_hand() {
        // Three customers with one purchase, two with two, one with five; all above two count as three.
        let mut line = Line::default();
        *line.cell(1) = [3, 3];
        *line.cell(2) = [2, 4];
        *line.cell(3) = [1, 5];
        let found: Vec<[i64; 2]> = by_order(&line, 3).iter().map(|counts| [counts.reached, counts.repurchased]).collect();
        // 12 purchases, of which 6 are the last ones of their customers; 6 customers, 3 with two and more, 1 with three and more.
        assert_eq!(found, [[12, 6], [6, 3], [3, 1]]);
    }
}
