//! Driver spans: the sales of a shop over a period, and over as much of another one as compares with it.

use super::period_columns::periods_in_year;
use crate::fold::paying_groups::{Group, PayingDay, PayingGroupFold};
use crate::history::Context;
use crate::input::records::facts::Facts;
use crate::metric::sales_drivers::{Effects, GroupSales, Sales};
use crate::spec::{Day, Grain, NO_DAY};

/// What was sold on some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// What was paid on them in all, in minor units.
    pub paid_amount: i64,
    /// Days of them with a UV.
    pub days_with_traffic: i64,
    /// The sales of the days with a UV to known customers.
    pub sales: Sales,
}

/// A change of what was paid, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// All of it.
    pub amount: i64,
    /// What its factors made of it; `None` where one of both spans has no factors.
    pub effects: Option<Effects>,
}

impl Change {
    /// What no factor made: the rest.
    pub fn untracked(&self) -> i64 {
        self.amount - self.effects.map_or(0, |effects| effects.sum())
    }
}

impl Span {
    /// The sales; `None` where no day has a UV, so that nothing is known of their factors.
    pub fn tracked(&self) -> Option<&Sales> {
        (self.days_with_traffic > 0).then_some(&self.sales)
    }

    /// The change since another span.
    pub fn since(&self, before: &Span) -> Change {
        let effects = self.tracked().zip(before.tracked()).and_then(|(now, before)| now.effects_since(before));
        Change { amount: self.paid_amount - before.paid_amount, effects }
    }
}

/// A period of a shop beside those that it compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    /// The first day of the period by the calendar.
    pub start: Day,
    /// Whether the whole period lies between the shop's first day and the as-of date.
    pub is_complete: bool,
    /// The days that are compared.
    pub days: i64,
    /// The sales of these days.
    pub now: Span,
    /// Those of the period before; `None` where it is not there or not complete.
    pub before: Option<Span>,
    /// Those of the period a year before; likewise.
    pub year_ago: Option<Span>,
}

/// What a shop sold each day from its first to the as-of date.
pub struct DriverDays {
    first: Day,
    last: Day,
    days: Vec<DriverDay>,
}

#[derive(Default)]
struct DriverDay {
    uv: Option<i64>,
    paid: PayingDay,
}

impl DriverDays {
    /// The shop's days; `None` without any event up to the as-of date.
    pub fn of(context: &Context, fold: &PayingGroupFold, facts: &Facts, shop: u32) -> Option<DriverDays> {
        let first = facts.first_days.get(shop as usize).copied().filter(|day| *day != NO_DAY && *day <= context.as_of)?;
        let mut days: Vec<DriverDay> =
            fold.days(shop, first, context.as_of).map(|paid| DriverDay { paid, ..DriverDay::default() }).collect();
        for traffic in facts.traffic.iter().flat_map(|traffic| traffic.of_shop(shop)) {
            let position = usize::try_from(i64::from(traffic.day) - i64::from(first)).ok();
            if let Some(day) = position.and_then(|position| days.get_mut(position)) {
                day.uv = traffic.uv;
            }
        }
        Some(DriverDays { first, last: context.as_of, days })
    }

    /// What was sold on a day to known customers; `None` where the day has no UV.
    pub fn on(&self, day: Day) -> Option<Sales> {
        let DriverDay { uv, paid } = self.days.get(usize::try_from(i64::from(day) - i64::from(self.first)).ok()?)?;
        Some(Sales { visitors: (*uv)?, new: sales_of(&paid.new), returning: sales_of(&paid.returning) })
    }

    /// The periods that intersect the shop's days, ascending.
    pub fn periods(&self, grain: Grain) -> impl Iterator<Item = Compared> {
        (grain.index(self.first)..=grain.index(self.last)).map(move |index| self.period(grain, index))
    }

    fn period(&self, grain: Grain, index: i32) -> Compared {
        let (start, end) = (grain.start(index), grain.end(index));
        let is_running = end > self.last;
        let length_before = start - grain.start(index - 1);
        // As many days of both: the end of March has no counterpart in February.
        let last = if is_running && start >= self.first { self.last.min(start + length_before - 1) } else { self.last.min(end) };
        let from = start.max(self.first);
        let compared = |index: i32| {
            let (other_start, other_end) = (grain.start(index), grain.end(index));
            let other_last = if is_running { other_end.min(other_start + (last - start)) } else { other_end };
            (other_start >= self.first).then(|| self.span(other_start, other_last))
        };
        Compared {
            start,
            is_complete: self.first <= start && !is_running,
            days: i64::from(last - from) + 1,
            now: self.span(from, last),
            before: compared(index - 1),
            year_ago: compared(index - periods_in_year(grain) as i32),
        }
    }

    /// What was sold from one of the shop's days to another.
    fn span(&self, from: Day, to: Day) -> Span {
        let mut span = Span::default();
        for DriverDay { uv, paid } in &self.days[(from - self.first) as usize..=(to - self.first) as usize] {
            span.paid_amount += paid.new.amount + paid.returning.amount + paid.anonymous_amount;
            if let Some(uv) = uv {
                span.days_with_traffic += 1;
                span.sales.visitors += uv;
                span.sales.new = span.sales.new.and(sales_of(&paid.new));
                span.sales.returning = span.sales.returning.and(sales_of(&paid.returning));
            }
        }
        span
    }
}

fn sales_of(group: &Group) -> GroupSales {
    GroupSales { paying: group.customers.into(), orders: group.orders.into(), items: group.items, amount: group.amount }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::WeekStart;
    use crate::table::testing::{bought_on, day, facts, folded, text_shops};

    /// A shop that is known from a day on, with a purchase of 1.00 on each of these days by one customer.
    fn shop(first: &str, as_of: &str, days: &[&str]) -> DriverDays {
        let fold = folded(PayingGroupFold::default(), &[bought_on(0, days)]);
        DriverDays::of(&text_shops(1, as_of), &fold, &facts(&[first]), 0).unwrap()
    }

    /// Of the period that begins on a day: its days, whether it is complete, and what was paid in it, in the one before and a year ago.
    fn compared(shop: &DriverDays, grain: Grain, start: &str) -> (i64, bool, i64, Option<i64>, Option<i64>) {
        let found = shop.periods(grain).find(|compared| compared.start == day(start)).unwrap();
        let paid = |span: Option<Span>| span.map(|span| span.paid_amount);
        (found.days, found.is_complete, found.now.paid_amount, paid(found.before), paid(found.year_ago))
    }

    #[test]
    fn a_whole_period_compares_with_a_whole_one_and_a_running_one_with_as_many_days() {
        let days = ["2023-02-01", "2023-03-10", "2023-03-11", "2023-04-10", "2023-04-11"];
        let running = shop("2023-01-15", "2023-04-10", &days);
        // January is not whole: neither it nor February has anything to compare with.
        assert_eq!(compared(&running, Grain::Month, "2023-01-01"), (17, false, 0, None, None));
        assert_eq!(compared(&running, Grain::Month, "2023-02-01"), (28, true, 100, None, None));
        assert_eq!(compared(&running, Grain::Month, "2023-03-01"), (31, true, 200, Some(100), None));
        // 1 to 10 April beside 1 to 10 March.
        assert_eq!(compared(&running, Grain::Month, "2023-04-01"), (10, false, 100, Some(100), None));
        let whole = shop("2023-01-15", "2023-04-30", &days);
        assert_eq!(compared(&whole, Grain::Month, "2023-04-01"), (30, true, 200, Some(200), None));
    }

    #[test]
    fn the_end_of_march_has_no_counterpart_in_february() {
        let days = ["2023-02-28", "2023-03-28", "2023-03-29", "2023-03-30"];
        let running = shop("2023-01-01", "2023-03-30", &days);
        assert_eq!(compared(&running, Grain::Month, "2023-03-01"), (28, false, 100, Some(100), None));
        let whole = shop("2023-01-01", "2023-03-31", &days);
        assert_eq!(compared(&whole, Grain::Month, "2023-03-01"), (31, true, 300, Some(100), None));
    }

    #[test]
    fn a_year_ago_is_the_same_month_and_the_week_52_weeks_before() {
        let days = ["2023-02-28", "2024-01-31", "2024-02-28", "2024-02-29"];
        let leap_day = shop("2023-01-01", "2024-02-29", &days);
        assert_eq!(compared(&leap_day, Grain::Month, "2024-02-01"), (29, true, 200, Some(100), Some(100)));
        // Thursday 29 February ends four days of the week from Monday 26; 52 weeks before it are those from 27 February 2023.
        assert_eq!(compared(&leap_day, Grain::Week(WeekStart::Monday), "2024-02-26"), (4, false, 200, Some(0), Some(100)));
        let day_before = shop("2023-01-01", "2024-02-27", &days[..2]);
        assert_eq!(compared(&day_before, Grain::Month, "2024-02-01"), (27, false, 0, Some(0), Some(0)));
        assert_eq!(compared(&day_before, Grain::Year, "2024-01-01"), (58, false, 100, Some(0), Some(0)));
    }
}
