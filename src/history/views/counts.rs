//! Counts of views: integers by day, by channel and day, and by period, which add up over visitors. No set of visitors is kept.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::input::records::channel_days::{ChannelDay, ChannelTraffic};
use crate::input::records::facts::TrafficDay;
use crate::input::records::viewer_facts::{ViewedDay, ViewedPeriod, ViewerFacts};
use crate::spec::Day;

/// What is counted of the views of a shop on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayCounts {
    /// Views.
    pub pv: i64,
    /// Visitors.
    pub uv: i64,
    /// Views of item pages.
    pub ipv: i64,
    /// Visitors of item pages.
    pub ipv_uv: i64,
    /// Visits that began on the day.
    pub visits: i64,
    /// Of these, those of one view.
    pub bounces: i64,
    /// Seconds on pages, over the views that say so.
    pub dwell_seconds: i64,
    /// The views that say so.
    pub dwelt: i64,
}

/// What is counted of a channel of a shop on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChannelCounts {
    /// Views.
    pub pv: i64,
    /// Visitors with a view by the channel.
    pub uv: i64,
    /// Visits that began on the day by the channel.
    pub visits: i64,
    /// Of these, those of one view.
    pub bounces: i64,
    /// Visitors whose first view of all was on the day by the channel.
    pub new_visitors: i64,
}

/// The people of a period of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PeriodCounts {
    /// Visitors.
    pub uv: i64,
    /// Visitors of item pages.
    pub ipv_uv: i64,
}

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// All counts, shops by provisional code, channels by final code from 1.
#[derive(Debug, Default)]
pub struct ViewCounts {
    days: Map<(u32, Day), DayCounts>,
    channels: Map<(u32, u32, Day), ChannelCounts>,
    periods: Map<(u32, usize, i32), PeriodCounts>,
}

/// Adds numbers that never come near the largest one: views have at most 2^32 seconds, and a run some 2^40 views.
macro_rules! add {
    ($own:ident, $more:ident, $($field:ident),+) => { $($own.$field = $own.$field.saturating_add($more.$field);)+ };
}

impl ViewCounts {
    /// The counts of a day, to add to.
    pub fn day(&mut self, shop: u32, day: Day) -> &mut DayCounts {
        self.days.entry((shop, day)).or_default()
    }

    /// The counts of a channel on a day, to add to.
    pub fn channel(&mut self, shop: u32, channel: u32, day: Day) -> &mut ChannelCounts {
        self.channels.entry((shop, channel, day)).or_default()
    }

    /// The people of a period, to add to.
    pub fn period(&mut self, shop: u32, grain: usize, index: i32) -> &mut PeriodCounts {
        self.periods.entry((shop, grain, index)).or_default()
    }

    /// Adds those of other visitors.
    pub fn merge(&mut self, other: ViewCounts) {
        for ((shop, day), more) in other.days {
            let own = self.day(shop, day);
            add!(own, more, pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, dwelt);
        }
        for ((shop, channel, day), more) in other.channels {
            let own = self.channel(shop, channel, day);
            add!(own, more, pv, uv, visits, bounces, new_visitors);
        }
        for ((shop, grain, index), more) in other.periods {
            let own = self.period(shop, grain, index);
            add!(own, more, uv, ipv_uv);
        }
    }

    /// The counts as traffic of whole shops; figures of items and of dwelling only where the views know them.
    pub fn traffic(&self, knows: Knows) -> Vec<TrafficDay> {
        let mut days: Vec<TrafficDay> = self
            .days
            .iter()
            .map(|((shop, day), counts)| TrafficDay {
                shop: *shop,
                day: *day,
                pv: Some(counts.pv),
                uv: Some(counts.uv),
                ipv: knows.items.then_some(counts.ipv),
                ipv_uv: knows.items.then_some(counts.ipv_uv),
                visits: Some(counts.visits),
                bounces: Some(counts.bounces),
                dwell_seconds: (counts.dwelt > 0).then_some(counts.dwell_seconds),
                favorites: None,
                cart_adds: None,
                is_counted: true,
            })
            .collect();
        days.sort_unstable_by_key(|day| (day.shop, day.day));
        days
    }

    /// The counts as traffic by channel. Who is new is not known within `warmup` days of the first view of a shop: all are, on the first day.
    pub fn channel_traffic(&self, channels: Vec<String>, warmup: i32) -> ChannelTraffic {
        let mut first_days: BTreeMap<u32, Day> = BTreeMap::new();
        for (shop, day) in self.days.keys() {
            first_days.entry(*shop).and_modify(|first| *first = (*first).min(*day)).or_insert(*day);
        }
        let row = |((shop, channel, day), counts): (&(u32, u32, Day), &ChannelCounts)| {
            let is_warm = first_days.get(shop).is_some_and(|first| *day >= first.saturating_add(warmup));
            let ChannelCounts { pv, uv, visits, bounces, new_visitors } = *counts;
            let figures = [Some(pv), Some(uv), Some(visits), Some(bounces), is_warm.then_some(new_visitors), None, None];
            ChannelDay::new(*shop, channel.saturating_sub(1), *day, figures).counted()
        };
        let mut days: Vec<ChannelDay> = self.channels.iter().map(row).collect();
        days.sort_unstable_by_key(|day| (day.shop, day.channel, day.day));
        ChannelTraffic { channels, days: days.into() }
    }

    /// The people; `customers` are the distinct customers by shop and day.
    pub fn viewers(&self, knows: Knows, customers: &BTreeMap<(u32, Day), i64>) -> ViewerFacts {
        let customers_of = |key: &(u32, Day)| customers.get(key).copied().unwrap_or(0);
        let days = self.days.keys().map(|key| ViewedDay { shop: key.0, day: key.1, customers: customers_of(key) });
        let periods = self.periods.iter().map(|((shop, grain, index), counts)| ViewedPeriod {
            shop: *shop,
            grain: *grain,
            index: *index,
            uv: counts.uv,
            ipv_uv: counts.ipv_uv,
        });
        let mut facts =
            ViewerFacts { days: days.collect(), periods: periods.collect(), has_items: knows.items, has_customers: knows.customers };
        facts.rank(&|shop| shop);
        facts
    }
}

/// What the views of a job know beside visitors and times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Knows {
    /// Of which items they are.
    pub items: bool,
    /// Which visitors are customers.
    pub customers: bool,
}
