//! Shop days: all figures of a shop day by day, from orders, refunds and traffic, and their sums over periods.

use crate::fold::activity::{Activity, ActivityFold};
use crate::history::Context;
use crate::input::records::facts::{Facts, Refund, TrafficDay};
use crate::metric::ratio::ratio_known;
use crate::metric::uv_conversion::DailyMeans;
use crate::spec::{Day, Grain, NO_DAY, NO_TIME, day_of_time};

/// Refunds to customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Refunded {
    /// Refunds completed.
    pub refunds: i64,
    /// The amount refunded, in minor units.
    pub amount: i64,
}

/// The figures of a shop on a day or in a period.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Orders and customers.
    pub activity: Activity,
    /// Refunds by the day of completion; `None` without a refunds input.
    pub refunded: Option<Refunded>,
    /// Traffic; for a period the sums over the days with a value, UV and IPV-UV unknown.
    pub traffic: TrafficDay,
    /// Bounces per visit.
    pub bounce_rate: Option<f64>,
    /// Seconds per visit.
    pub dwell_per_visit: Option<f64>,
}

/// A shop's figures of each day from its first to the as-of date.
pub struct ShopDays {
    /// Shop code.
    pub shop: u32,
    /// The first day.
    pub first: Day,
    /// The last day: the as-of date.
    pub last: Day,
    /// One for each day, in order.
    pub figures: Vec<Figures>,
    knows_customers: bool,
}

/// A shop's figures in the part of a period between the shop's first day and the as-of date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period {
    /// The number of the period.
    pub index: i32,
    /// Its first day by the calendar.
    pub start: Day,
    /// The first of its days that is a day of the shop.
    pub from: Day,
    /// The last of its days that is not after the as-of date.
    pub to: Day,
    /// The figures, customers counted once.
    pub figures: Figures,
    /// Days of the period between the shop's first day and the as-of date.
    pub days: i64,
    /// Days of these with a paid order.
    pub active_days: i64,
    /// Whether the whole period lies between the shop's first day and the as-of date.
    pub is_complete: bool,
    /// Daily means over the days with traffic.
    pub means: DailyMeans,
}

impl ShopDays {
    /// The shop's days; `None` without any event up to the as-of date.
    pub fn of(context: &Context, fold: &ActivityFold, facts: &Facts, shop: u32) -> Option<ShopDays> {
        let first = facts.first_days.get(shop as usize).copied().filter(|day| *day != NO_DAY && *day <= context.as_of)?;
        let refunded = facts.refunds.as_deref().map(|_| Refunded::default());
        let mut figures: Vec<Figures> = fold
            .days(shop, first, context.as_of)
            .into_iter()
            .map(|activity| Figures { activity, refunded, ..Figures::default() })
            .collect();
        let position = |day: Day| usize::try_from(i64::from(day) - i64::from(first)).ok();
        for refund in of_shop(facts.refunds.as_deref().unwrap_or_default(), shop, |refund: &Refund| refund.shop) {
            if refund.completed == NO_TIME {
                continue;
            }
            let day = position(day_of_time(refund.completed)).and_then(|offset| figures.get_mut(offset));
            if let Some(refunded) = day.and_then(|figures| figures.refunded.as_mut()) {
                refunded.refunds += 1;
                refunded.amount += refund.amount;
            }
        }
        for traffic in of_shop(facts.traffic.as_deref().unwrap_or_default(), shop, |traffic: &TrafficDay| traffic.shop) {
            if let Some(figures) = position(traffic.day).and_then(|offset| figures.get_mut(offset)) {
                figures.traffic = *traffic;
                figures.bounce_rate = ratio_known(traffic.bounces, traffic.visits);
                figures.dwell_per_visit = ratio_known(traffic.dwell_seconds, traffic.visits);
            }
        }
        Some(ShopDays { shop, first, last: context.as_of, figures, knows_customers: context.features.customers })
    }

    /// The figures of the periods that intersect the shop's days, ascending.
    pub fn periods(&self, fold: &ActivityFold, grain: Grain) -> Vec<Period> {
        (grain.index(self.first)..=grain.index(self.last)).map(|index| self.period(fold, grain, index)).collect()
    }

    fn period(&self, fold: &ActivityFold, grain: Grain, index: i32) -> Period {
        let (start, end) = (grain.start(index), grain.end(index));
        let (from, to) = (start.max(self.first), end.min(self.last));
        let days = &self.figures[(from - self.first) as usize..=(to - self.first) as usize];
        let people = fold.people(self.shop, grain, index);
        let mut activity = Activity::default();
        let mut refunded: Option<Refunded> = None;
        for day in days {
            activity.add_countable(&day.activity);
            if let Some(more) = day.refunded {
                let sum = refunded.get_or_insert_default();
                sum.refunds += more.refunds;
                sum.amount += more.amount;
            }
        }
        activity.placed_customers = people.placed;
        activity.paying_customers = people.paying;
        activity.returning_customers = people.purchasing - activity.new_customers;
        let traffic = sum_of_traffic(days);
        let per_visit = |part: fn(&TrafficDay) -> Option<i64>| {
            let same_days = days.iter().all(|day| part(&day.traffic).is_some() == day.traffic.visits.is_some());
            same_days.then(|| ratio_known(part(&traffic), traffic.visits)).flatten()
        };
        let (bounce_rate, dwell_per_visit) = (per_visit(|day| day.bounces), per_visit(|day| day.dwell_seconds));
        Period {
            index,
            start,
            from,
            to,
            figures: Figures { activity, refunded, traffic, bounce_rate, dwell_per_visit },
            days: i64::from(to - from) + 1,
            active_days: days.iter().filter(|day| day.activity.paid_orders > 0).count() as i64,
            is_complete: self.first <= start && end <= self.last,
            means: DailyMeans::over(days.iter().map(|day| (day.traffic.uv, self.knows_customers.then_some(day.activity.paying_customers)))),
        }
    }
}

impl Activity {
    /// Adds the figures that add up over days: all except distinct customers, of which only new ones do.
    fn add_countable(&mut self, day: &Activity) {
        self.placed_orders += day.placed_orders;
        self.placed_amount += day.placed_amount;
        self.placed_paid_orders += day.placed_paid_orders;
        self.paid_orders += day.paid_orders;
        self.paid_amount += day.paid_amount;
        self.paid_quantity += day.paid_quantity;
        self.purchases += day.purchases;
        self.new_customers += day.new_customers;
    }
}

/// The sums of what adds up over days, each over the days that have it.
fn sum_of_traffic(days: &[Figures]) -> TrafficDay {
    let sum = |part: fn(&TrafficDay) -> Option<i64>| {
        days.iter().filter_map(|day| part(&day.traffic)).fold(None, |sum: Option<i64>, value| Some(sum.unwrap_or(0) + value))
    };
    TrafficDay {
        shop: 0,
        day: NO_DAY,
        pv: sum(|day| day.pv),
        uv: None,
        ipv: sum(|day| day.ipv),
        ipv_uv: None,
        visits: sum(|day| day.visits),
        bounces: sum(|day| day.bounces),
        dwell_seconds: sum(|day| day.dwell_seconds),
        favorites: sum(|day| day.favorites),
        cart_adds: sum(|day| day.cart_adds),
    }
}

/// The rows of one shop, from rows sorted by shop.
pub fn of_shop<T>(rows: &[T], shop: u32, shop_of: impl Fn(&T) -> u32) -> &[T] {
    let start = rows.partition_point(|row| shop_of(row) < shop);
    let end = rows.partition_point(|row| shop_of(row) <= shop);
    &rows[start..end]
}
