//! Plan spread: which part of a month's plan should be reached by each of its days, from the sales of the same month a year before.
//!
//! An ordinary day weighs what its weekday brought on the ordinary days of that month; a promotion day keeps its date.

use super::ratio::ratio_of;

/// Paid orders that the month a year before must have for its days to say something: about one a day.
pub const FEWEST_ORDERS: i64 = 30;

/// A day with more paid orders than this many times those of the month's median day is a promotion.
const PROMOTION: i64 = 3;

/// Paid orders that a promotion has at least: in a shop with one or two a day, four are chance.
const PROMOTION_ORDERS: i64 = 10;

/// Days of a week.
const WEEK: usize = 7;

/// The sales of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DaySales {
    /// Orders paid on it.
    pub paid_orders: i64,
    /// What was paid for them, in minor units.
    pub paid_amount: i64,
}

/// The days of a month and the weights by which its plan is spread over them.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanSpread {
    weights: Vec<f64>,
    is_even: bool,
}

impl PlanSpread {
    /// Every one of so many days weighs the same.
    pub fn even(days: usize) -> Self {
        PlanSpread { weights: vec![1.0; days], is_even: true }
    }

    /// The spread of so many days, of which the first has the weekday `first_weekday`, by the month a year before, whose first day has
    /// `before_weekday`; weekdays count from 0 for Monday. Even where that month says too little.
    pub fn of(days: usize, first_weekday: usize, before: &[DaySales], before_weekday: usize) -> Self {
        by_year_before(days, first_weekday, before, before_weekday)
            .map_or_else(|| PlanSpread::even(days), |weights| PlanSpread { weights, is_even: false })
    }

    /// Whether all days weigh the same.
    pub fn is_even(&self) -> bool {
        self.is_even
    }

    /// The part of the month that lies in its first days; `None` for a month without days.
    pub fn share(&self, days: usize) -> Option<f64> {
        let until: f64 = self.weights.iter().take(days).sum();
        ratio_of(until, self.weights.iter().sum())
    }
}

/// The weights of the days, or `None` where the month a year before has too few orders, or brought nothing.
fn by_year_before(days: usize, first_weekday: usize, before: &[DaySales], before_weekday: usize) -> Option<Vec<f64>> {
    let orders: i64 = before.iter().map(|day| day.paid_orders).sum();
    if orders < FEWEST_ORDERS {
        return None;
    }
    let twice_median = twice_median(before);
    let is_promotion = |day: &DaySales| day.paid_orders >= PROMOTION_ORDERS && 2 * day.paid_orders > PROMOTION * twice_median;
    let mut ordinary = [Mean::default(); WEEK];
    let mut all = Mean::default();
    for (place, day) in before.iter().enumerate().filter(|(_, day)| !is_promotion(day)) {
        ordinary[(before_weekday + place) % WEEK].add(day.paid_amount);
        all.add(day.paid_amount);
    }
    let weight = |place: usize| match before.get(place).filter(|day| is_promotion(day)) {
        Some(day) => Some(day.paid_amount as f64),
        None => ordinary[(first_weekday + place) % WEEK].value().or_else(|| all.value()),
    };
    let weights: Vec<f64> = (0..days).map(weight).collect::<Option<_>>()?;
    weights.iter().any(|weight| *weight > 0.0).then_some(weights)
}

/// Twice the median of the paid orders of a day; of an even number of days the two in the middle together.
fn twice_median(days: &[DaySales]) -> i64 {
    let mut orders: Vec<i64> = days.iter().map(|day| day.paid_orders).collect();
    orders.sort_unstable();
    let middle = orders.len() / 2;
    let upper = orders.get(middle).copied().unwrap_or(0);
    let lower = if orders.len() % 2 == 1 { upper } else { orders.get(middle.wrapping_sub(1)).copied().unwrap_or(0) };
    upper + lower
}

/// A mean of amounts.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: i64,
    number: i64,
}

impl Mean {
    fn add(&mut self, amount: i64) {
        self.sum += amount;
        self.number += 1;
    }

    fn value(self) -> Option<f64> {
        ratio_of(self.sum as f64, self.number as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days of 10 orders each, for these amounts.
    fn days(amounts: &[i64]) -> Vec<DaySales> {
        amounts.iter().map(|amount| DaySales { paid_orders: 10, paid_amount: *amount }).collect()
    }

    #[test]
    fn weekdays_move_and_a_promotion_keeps_its_date() {
        // Ten days from a Saturday (5) on: Saturdays brought 300 and 500, Sundays 200 and 200, the days between 100, and a promotion of 40
        // orders 2,000 on the fourth day, a Tuesday. The median day has 10 orders: a promotion has more than 30.
        let mut before = days(&[300, 200, 100, 2_000, 100, 100, 100, 500, 200, 100]);
        before[3].paid_orders = 40;
        // The month of now begins on a Sunday (6), so its seventh day is a Saturday.
        let spread = PlanSpread::of(10, 6, &before, 5);
        // 200 Sunday, 100 Monday, no ordinary Tuesday: the mean of the nine ordinary days, 1,700 / 9; the fourth day keeps 2,000; Thursday
        // and Friday 100, Saturday 400, Sunday 200, Monday 100, and again a Tuesday.
        let tuesday = 1_700.0 / 9.0;
        let expected = [200.0, 100.0, tuesday, 2_000.0, 100.0, 100.0, 400.0, 200.0, 100.0, tuesday];
        assert_eq!(spread.weights, expected);
        let whole: f64 = 3_200.0 + 2.0 * tuesday;
        assert!(!spread.is_even() && (spread.share(4).unwrap() - (2_300.0 + tuesday) / whole).abs() < 1e-15);
        assert_eq!((spread.share(0), spread.share(10), spread.share(99)), (Some(0.0), Some(1.0), Some(1.0)));
    }

    #[test]
    fn a_day_more_than_a_year_before_is_an_ordinary_one() {
        // 29 February: 28 days a year before, all of 10 orders.
        let spread = PlanSpread::of(29, 3, &days(&[100; 28]), 2);
        assert_eq!(spread.weights, [100.0; 29]);
        assert!(!spread.is_even());
    }

    #[test]
    fn a_promotion_has_ten_orders_at_least() {
        // Four weeks from a Monday on, one order a day: nine on the first Tuesday are chance in a shop so small, ten are not.
        let with = |orders| {
            let mut before = vec![DaySales { paid_orders: 1, paid_amount: 100 }; 28];
            before[1] = DaySales { paid_orders: orders, paid_amount: 1_000 };
            PlanSpread::of(28, 0, &before, 0).weights
        };
        // (1,000 + 3 × 100) / 4 on each of four Tuesdays, or 1,000 on the first and 100 on the others.
        let tuesdays = |weights: Vec<f64>| [1, 8, 15, 22].map(|day| weights[day]);
        assert_eq!(tuesdays(with(9)), [325.0; 4]);
        assert_eq!(tuesdays(with(10)), [1_000.0, 100.0, 100.0, 100.0]);
    }

    #[test]
    fn too_few_orders_and_no_money_spread_evenly() {
        let few: Vec<DaySales> = (0..29).map(|_| DaySales { paid_orders: 1, paid_amount: 100 }).collect();
        for before in [&few[..], &days(&[0; 10]), &[]] {
            let spread = PlanSpread::of(4, 0, before, 0);
            assert_eq!((spread.is_even(), spread.share(1)), (true, Some(0.25)));
        }
        // One order more is enough.
        let enough = [&few[..], &[DaySales { paid_orders: 1, paid_amount: 5 }]].concat();
        assert!(!PlanSpread::of(4, 0, &enough, 0).is_even());
        assert_eq!(PlanSpread::even(0).share(1), None);
    }

    #[test]
    fn the_median_of_an_even_number_of_days_lies_between_two() {
        let days =
            |orders: &[i64]| orders.iter().map(|paid_orders| DaySales { paid_orders: *paid_orders, paid_amount: 1 }).collect::<Vec<_>>();
        assert_eq!([twice_median(&days(&[9, 2, 5])), twice_median(&days(&[9, 2, 5, 4])), twice_median(&[])], [10, 9, 0]);
    }
}
