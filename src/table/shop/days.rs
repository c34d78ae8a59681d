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

/// The figures of a shop on a day or in a period, or of several shops together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Orders and customers.
    pub activity: Activity,
    /// Refunds by the day of completion; `None` without a refunds input.
    pub refunded: Option<Refunded>,
    /// Traffic; where there are several days or shops the sums over those with a value, UV and IPV-UV unknown.
    pub traffic: TrafficDay,
    /// Whether of a day of a shop either bounces or visits are unknown, so that they are not of the same visits.
    pub is_bounced_in_part: bool,
    /// The same for the time spent.
    pub is_dwelt_in_part: bool,
    /// The same for the views.
    pub is_viewed_in_part: bool,
    /// Visitors and paying customers over the days of each shop that have a UV.
    pub means: DailyMeans,
    /// Where these UVs come from.
    pub uv_sources: UvSources,
    /// Whether views are those of a row of traffic.
    pub has_views_of_traffic: bool,
}

/// The inputs that UVs come from: of a day one of them, of a period or of several shops perhaps both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UvSources {
    traffic: bool,
    page_views: bool,
}

impl UvSources {
    /// The name in tables; `None` without any UV.
    pub fn name(self) -> Option<&'static str> {
        match (self.traffic, self.page_views) {
            (true, false) => Some("traffic"),
            (false, true) => Some("page_views"),
            (true, true) => Some("mixed"),
            (false, false) => None,
        }
    }

    /// Whether any UV is counted from page views: of a day, whether its UV is.
    pub fn is_counted(self) -> bool {
        self.page_views
    }
}

impl Figures {
    /// The figures of a shop on a day with that traffic.
    fn visit(&mut self, traffic: &TrafficDay, knows_customers: bool) {
        self.traffic = *traffic;
        self.is_bounced_in_part = traffic.bounces.is_some() != traffic.visits.is_some();
        self.is_dwelt_in_part = traffic.dwell_seconds.is_some() != traffic.visits.is_some();
        self.is_viewed_in_part = traffic.pv.is_some() != traffic.visits.is_some();
        self.uv_sources =
            UvSources { traffic: traffic.uv.is_some() && !traffic.is_counted, page_views: traffic.uv.is_some() && traffic.is_counted };
        self.has_views_of_traffic = traffic.pv.is_some() && !traffic.is_counted;
        self.means = DailyMeans::over([(traffic.uv, knows_customers.then_some(self.activity.paying_customers))]);
    }

    /// Adds the figures of another day or shop that add up: all but orders and customers.
    fn add_facts(&mut self, more: &Figures) {
        if let Some(more) = more.refunded {
            let sum = self.refunded.get_or_insert_default();
            sum.refunds += more.refunds;
            sum.amount += more.amount;
        }
        self.traffic = sum_of_traffic(&self.traffic, &more.traffic);
        self.is_bounced_in_part |= more.is_bounced_in_part;
        self.is_dwelt_in_part |= more.is_dwelt_in_part;
        self.is_viewed_in_part |= more.is_viewed_in_part;
        self.uv_sources.traffic |= more.uv_sources.traffic;
        self.uv_sources.page_views |= more.uv_sources.page_views;
        self.has_views_of_traffic |= more.has_views_of_traffic;
        self.means = self.means.plus(more.means);
    }

    /// Bounces per visit.
    pub fn bounce_rate(&self) -> Option<f64> {
        ratio_known(self.traffic.bounces, self.traffic.visits).filter(|_| !self.is_bounced_in_part)
    }

    /// Views per visit.
    pub fn depth(&self) -> Option<f64> {
        ratio_known(self.traffic.pv, self.traffic.visits).filter(|_| !self.is_viewed_in_part)
    }

    /// Seconds per visit.
    pub fn dwell_per_visit(&self) -> Option<f64> {
        ratio_known(self.traffic.dwell_seconds, self.traffic.visits).filter(|_| !self.is_dwelt_in_part)
    }
}

/// A shop's figures of each day from its first to the as-of date.
pub struct ShopDays {
    /// Shop code; of several shops together the code of their scope.
    pub shop: u32,
    /// The first day.
    pub first: Day,
    /// The last day: the as-of date.
    pub last: Day,
    /// One for each day, in order.
    pub figures: Vec<Figures>,
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
}

impl ShopDays {
    /// The shop's days; `None` without any event up to the as-of date.
    pub fn of(context: &Context, fold: &ActivityFold, facts: &Facts, shop: u32) -> Option<ShopDays> {
        let first = facts.first_days.get(shop as usize).copied().filter(|day| *day != NO_DAY && *day <= context.as_of)?;
        let mut days = ShopDays::of_orders(fold, shop, first, context.as_of);
        let refunded = facts.refunds.as_deref().map(|_| Refunded::default());
        days.figures.iter_mut().for_each(|figures| figures.refunded = refunded);
        for refund in of_shop(facts.refunds.as_deref().unwrap_or_default(), shop, |refund: &Refund| refund.shop) {
            if refund.completed == NO_TIME {
                continue;
            }
            if let Some(refunded) = days.on(day_of_time(refund.completed)).and_then(|figures| figures.refunded.as_mut()) {
                refunded.refunds += 1;
                refunded.amount += refund.amount;
            }
        }
        for traffic in facts.traffic.iter().flat_map(|traffic| traffic.of_shop(shop)) {
            if let Some(figures) = days.on(traffic.day) {
                figures.visit(&traffic, context.features.customers);
            }
        }
        Some(days)
    }

    /// The days of several shops together, from the first day of any of them: as `fold` counted orders and customers of `code`, all else
    /// added up. `None` without shops.
    pub fn together(fold: &ActivityFold, code: u32, shops: &[ShopDays]) -> Option<ShopDays> {
        let first = shops.iter().map(|shop| shop.first).min()?;
        let mut days = ShopDays::of_orders(fold, code, first, shops.first()?.last);
        for shop in shops {
            let own = days.figures.iter_mut().skip(shop.first.abs_diff(first) as usize);
            own.zip(&shop.figures).for_each(|(figures, more)| figures.add_facts(more));
        }
        Some(days)
    }

    /// The days with orders and customers only.
    fn of_orders(fold: &ActivityFold, shop: u32, first: Day, last: Day) -> ShopDays {
        let figures = fold.days(shop, first, last).into_iter().map(|activity| Figures { activity, ..Figures::default() }).collect();
        ShopDays { shop, first, last, figures }
    }

    fn on(&mut self, day: Day) -> Option<&mut Figures> {
        let offset = usize::try_from(i64::from(day) - i64::from(self.first)).ok()?;
        self.figures.get_mut(offset)
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
        let mut figures = Figures::default();
        for day in days {
            figures.activity.add_countable(&day.activity);
            figures.add_facts(day);
        }
        figures.activity.placed_customers = people.placed;
        figures.activity.paying_customers = people.paying;
        figures.activity.returning_customers = people.purchasing - figures.activity.new_customers;
        Period {
            index,
            start,
            from,
            to,
            figures,
            days: i64::from(to - from) + 1,
            active_days: days.iter().filter(|day| day.activity.paid_orders > 0).count() as i64,
            is_complete: self.first <= start && end <= self.last,
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

/// The sums of what adds up over days and shops, each over those that have it.
fn sum_of_traffic(one: &TrafficDay, other: &TrafficDay) -> TrafficDay {
    let sum = |part: fn(&TrafficDay) -> Option<i64>| match (part(one), part(other)) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
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
        is_counted: false,
    }
}

/// The rows of one shop, from rows sorted by shop.
pub fn of_shop<T>(rows: &[T], shop: u32, shop_of: impl Fn(&T) -> u32) -> &[T] {
    let start = rows.partition_point(|row| shop_of(row) < shop);
    let end = rows.partition_point(|row| shop_of(row) <= shop);
    &rows[start..end]
}
