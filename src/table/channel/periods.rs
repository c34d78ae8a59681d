//! Channel periods: the traffic and the paid orders of each channel of a shop, by period.

use std::sync::Arc;

use super::names::CHANNELS;
use super::visited::Visited;
use crate::error::Result;
use crate::fold::channels::{CHANNEL_ORDERS, ChannelFold, ChannelOrders};
use crate::history::Context;
use crate::input::records::channel_days::{ChannelDay, ChannelFigure};
use crate::metric::ratio::change_of_ratio;
use crate::metric::uv_conversion::DailyMeans;
use crate::spec::{Day, Grain};
use crate::table::night::Night;

/// A channel of a shop in a period.
pub struct ChannelPeriod {
    /// Shop code.
    pub shop: u32,
    /// The length of the period.
    pub grain: Grain,
    /// The number of the period.
    pub index: i32,
    /// The name of the channel.
    pub channel: Arc<str>,
    /// Its traffic.
    pub visited: Visited,
    /// Daily means over the days with a UV of the channel.
    pub means: DailyMeans,
    /// Those of the period before, if it is complete.
    pub before: Option<DailyMeans>,
    /// The orders by it; `None` where no paid order of the shop, in any period, names it.
    pub bought: Option<Bought>,
    /// All channels together.
    pub totals: Totals,
    /// Whether the whole period lies between the shop's first day and the as-of date.
    pub is_complete: bool,
}

/// What was bought by a channel in a period.
#[derive(Debug, Clone, Copy)]
pub struct Bought {
    /// Orders paid.
    pub orders: i64,
    /// What was paid for them, in minor units.
    pub paid_amount: i64,
    /// Distinct customers who paid them; `None` where the job maps no customers.
    pub paying_customers: Option<i64>,
    /// Orders paid on days with a cost of the channel.
    pub orders_with_cost: i64,
    /// What was paid for these, in minor units.
    pub paid_amount_with_cost: i64,
}

/// The sums over all channels of a shop in a period.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// The daily UV of all channels; `None` where none has one.
    pub uv_sum: Option<i64>,
    /// What was paid for all orders, in minor units.
    pub paid_amount: i64,
}

impl ChannelPeriod {
    /// What was paid by the channel, in minor units.
    pub fn paid_amount(&self) -> Option<i64> {
        Some(self.bought?.paid_amount)
    }

    /// The change of the daily mean of visitors against the period before.
    pub fn uv_change(&self) -> Option<f64> {
        let before = self.before?;
        change_of_ratio((self.means.uv_sum?, self.means.days_with_traffic), (before.uv_sum?, before.days_with_traffic))
    }

    /// The change of the conversion against the period before.
    pub fn conversion_change(&self) -> Option<f64> {
        let before = self.before.filter(|before| before.uv_conversion().is_some())?;
        change_of_ratio((self.means.paying_customer_days?, self.means.uv_sum?), (before.paying_customer_days?, before.uv_sum?))
    }
}

/// The periods of the channels of a shop, ascending by grain, period and channel.
///
/// # Errors
/// Those of reading the fold and the channels.
pub fn of_shop(night: &Night, shop: u32) -> Result<Vec<ChannelPeriod>> {
    let (context, fold, channels) = (&night.context, night.fold(&CHANNEL_ORDERS)?, night.shared(&CHANNELS)?);
    let first = night.facts.first_day(shop);
    let traffic: Vec<ChannelDay> = night.facts.channel_traffic.iter().flat_map(|traffic| traffic.of_shop(shop)).collect();
    let mut rows = Vec::new();
    let orders = fold.of_shop(shop).map(|(code, days)| (code, (code, days)));
    for (name, sides) in channels.of_shop(orders, &traffic) {
        let channel = Channel { shop, name, traffic: sides.traffic, orders: sides.orders, fold: &fold, context, first };
        context.params.periods().into_iter().for_each(|grain| channel.periods(grain, &mut rows));
    }
    // The sort is stable: channels stay in the order of their names.
    rows.sort_by_key(|row| (row.grain.name(), row.index));
    for period in rows.chunk_by_mut(|one, next| (one.grain, one.index) == (next.grain, next.index)) {
        let uv_sum = period.iter().filter_map(|row| row.means.uv_sum).reduce(|sum, more| sum + more);
        let totals = Totals { uv_sum, paid_amount: period.iter().filter_map(ChannelPeriod::paid_amount).sum() };
        period.iter_mut().for_each(|row| row.totals = totals);
    }
    Ok(rows)
}

/// A channel of a shop: its days of traffic and its days with paid orders, both ascending.
struct Channel<'a> {
    shop: u32,
    name: Arc<str>,
    traffic: &'a [ChannelDay],
    /// The code of the channel in the orders, and the days.
    orders: Option<(u32, Vec<(Day, ChannelOrders)>)>,
    fold: &'a ChannelFold,
    context: &'a Context,
    /// The first day of the shop in any input.
    first: Day,
}

impl Channel<'_> {
    /// Adds the rows of the periods of a grain, ascending.
    fn periods(&self, grain: Grain, rows: &mut Vec<ChannelPeriod>) {
        let mut traffic = self.traffic;
        let mut orders = self.orders.as_ref().map_or(&[][..], |(_, days)| days);
        let mut before: Option<(i32, DailyMeans)> = None;
        while let Some(day) = traffic.first().map(|row| row.day).into_iter().chain(orders.first().map(|(day, _)| *day)).min() {
            let index = grain.index(day);
            let end = grain.end(index);
            let (visits, later_visits) = traffic.split_at(traffic.partition_point(|row| row.day <= end));
            let (paid, later_paid) = orders.split_at(orders.partition_point(|(day, _)| *day <= end));
            (traffic, orders) = (later_visits, later_paid);
            let is_complete = grain.lies_within(index, self.first, self.context.as_of);
            let means = self.means(visits, paid);
            rows.push(ChannelPeriod {
                shop: self.shop,
                grain,
                index,
                channel: Arc::clone(&self.name),
                visited: Visited::over(visits),
                means,
                before: before.filter(|(other, _)| *other == index - 1).map(|(_, means)| means),
                bought: self.bought(visits, paid, grain, index),
                totals: Totals::default(),
                is_complete,
            });
            before = is_complete.then_some((index, means));
        }
    }

    /// Daily means over the days with a UV of the channel.
    fn means(&self, visits: &[ChannelDay], paid: &[(Day, ChannelOrders)]) -> DailyMeans {
        let knows_customers = self.orders.is_some() && self.context.features.customers;
        let paying = |day: Day| on(paid, day).map_or(0, |orders| orders.paying_customers.into());
        DailyMeans::over(visits.iter().map(|row| (row.figure(ChannelFigure::Uv), knows_customers.then(|| paying(row.day)))))
    }

    fn bought(&self, visits: &[ChannelDay], paid: &[(Day, ChannelOrders)], grain: Grain, index: i32) -> Option<Bought> {
        let (code, _) = self.orders.as_ref()?;
        let knows_customers = self.context.features.customers;
        let with_cost = || visits.iter().filter(|row| row.figure(ChannelFigure::Cost).is_some()).filter_map(|row| on(paid, row.day));
        Some(Bought {
            orders: paid.iter().map(|(_, orders)| i64::from(orders.orders)).sum(),
            paid_amount: paid.iter().map(|(_, orders)| orders.paid_amount).sum(),
            paying_customers: knows_customers.then(|| self.fold.paying_customers(self.shop, *code, grain, index)),
            orders_with_cost: with_cost().map(|orders| i64::from(orders.orders)).sum(),
            paid_amount_with_cost: with_cost().map(|orders| orders.paid_amount).sum(),
        })
    }
}

/// The orders of a day among those of days, ascending.
fn on(paid: &[(Day, ChannelOrders)], day: Day) -> Option<&ChannelOrders> {
    paid.binary_search_by_key(&day, |(day, _)| *day).ok().and_then(|place| paid.get(place)).map(|(_, orders)| orders)
}
