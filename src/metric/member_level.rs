//! Member levels (会员等级): which level of the shop a customer has reached, and what is missing to the next.

use crate::job::MemberLevel;

/// The position of the highest level that a customer with this net revenue and so many purchases has reached; `None` below the first.
pub fn reached(levels: &[MemberLevel], net_revenue: i64, orders: i64) -> Option<usize> {
    let is_met = |limit: Option<i64>, value: i64| limit.is_some_and(|limit| value >= limit);
    levels.iter().rposition(|level| is_met(level.min_amount, net_revenue) || is_met(level.min_orders, orders))
}

/// The net revenue that is missing to the level above, in minor units; `None` at the top, or where no amount reaches that level.
pub fn missing_amount(levels: &[MemberLevel], net_revenue: i64, orders: i64) -> Option<i64> {
    let next = reached(levels, net_revenue, orders).map_or(0, |level| level + 1);
    Some(levels.get(next)?.min_amount? - net_revenue)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(name: &str, min_amount: Option<i64>, min_orders: Option<i64>) -> MemberLevel {
        MemberLevel { name: name.to_owned(), min_amount, min_orders }
    }

    #[test]
    fn either_condition_reaches_a_level_and_the_highest_counts() {
        let levels = [level("member", Some(0), None), level("silver", Some(500_00), Some(3)), level("gold", Some(2_000_00), Some(10))];
        let standing = |net, orders| (reached(&levels, net, orders), missing_amount(&levels, net, orders));
        assert_eq!(standing(0, 1), (Some(0), Some(500_00)));
        assert_eq!(standing(499_99, 2), (Some(0), Some(1)));
        assert_eq!(standing(500_00, 1), (Some(1), Some(1_500_00)));
        // By three orders, and by ten.
        assert_eq!(standing(10_00, 3), (Some(1), Some(1_990_00)));
        assert_eq!(standing(10_00, 10), (Some(2), None));
        // More went back than was paid: no member yet.
        assert_eq!(standing(-1_00, 1), (None, Some(1_00)));
    }

    #[test]
    fn no_amount_is_missing_to_a_level_that_only_orders_reach() {
        let levels = [level("bronze", Some(100_00), None), level("regular", None, Some(5))];
        assert_eq!((reached(&levels, 150_00, 2), missing_amount(&levels, 150_00, 2)), (Some(0), None));
        assert_eq!((reached(&levels, 50_00, 5), missing_amount(&levels, 50_00, 5)), (Some(1), None));
        assert_eq!((reached(&[], 50_00, 5), missing_amount(&[], 50_00, 5)), (None, None));
    }
}
