//! Channel names: the channels of the orders and those of the traffic, brought together by their texts.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::history::Context;
use crate::input::records::channel_days::{ChannelDay, ChannelTraffic};
use crate::spec::NONE;
use crate::table::night::{Shared, always};

/// The channels of a run. Traffic by channel is kept only where a table to build reads this.
pub static CHANNELS: Shared<Channels> = Shared {
    name: "channels",
    not_requested: always,
    reads: |_| Vec::new(),
    make: |night| Ok(Channels::of(&night.context, night.facts.channel_traffic.as_ref())),
};

/// The channels of orders and traffic: the same text is the same channel.
#[derive(Debug, PartialEq, Eq)]
pub struct Channels {
    /// The names, ascending; [`NONE`] stands for orders without a channel.
    names: Vec<Arc<str>>,
    /// By code of a channel of orders: the place of its name.
    of_orders: Vec<usize>,
    /// By code of a channel of traffic: the place of its name.
    of_traffic: Vec<usize>,
}

/// What is known of a channel of a shop.
#[derive(Debug)]
pub struct Sides<'a, T> {
    /// The orders by it, if any.
    pub orders: Option<T>,
    /// Its days of traffic, ascending.
    pub traffic: &'a [ChannelDay],
}

impl Channels {
    fn of(context: &Context, traffic: Option<&ChannelTraffic>) -> Self {
        let of_orders = || (0..context.channels.codes() as u32).map(|code| context.channels.value(code).unwrap_or(NONE));
        let of_traffic = || traffic.into_iter().flat_map(|traffic| traffic.channels.iter().map(String::as_str));
        let mut names: Vec<Arc<str>> = of_orders().chain(of_traffic()).map(Arc::from).collect();
        names.sort_unstable();
        names.dedup();
        let place = |name: &str| names.partition_point(|known| known.as_ref() < name);
        Channels { of_orders: of_orders().map(place).collect(), of_traffic: of_traffic().map(place).collect(), names }
    }

    /// The channels of a shop in the order of their names: those of its orders, by code of a channel of orders, and those of its traffic.
    pub fn of_shop<'a, T>(
        &self,
        orders: impl Iterator<Item = (u32, T)>,
        traffic: &'a [ChannelDay],
    ) -> impl Iterator<Item = (Arc<str>, Sides<'a, T>)> {
        let mut sides: BTreeMap<usize, Sides<'a, T>> = BTreeMap::new();
        for (code, orders) in orders {
            let place = self.of_orders.get(code as usize).copied().unwrap_or(0);
            sides.insert(place, Sides { orders: Some(orders), traffic: &[] });
        }
        for days in traffic.chunk_by(|one, next| one.channel == next.channel) {
            let channel = days.first().map_or(0, |day| day.channel);
            let place = self.of_traffic.get(channel as usize).copied().unwrap_or(0);
            sides.entry(place).or_insert(Sides { orders: None, traffic: &[] }).traffic = days;
        }
        sides.into_iter().filter_map(|(place, sides)| Some((Arc::clone(self.names.get(place)?), sides)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::text_shops;

    #[test]
    fn one_text_is_one_channel_on_both_sides() {
        // The orders have activity (1), natural (2) and orders without a channel (0).
        let traffic = ChannelTraffic { channels: ["natural", "paid"].map(str::to_owned).to_vec(), ..ChannelTraffic::default() };
        let channels = Channels::of(&text_shops(1, "2024-01-31"), Some(&traffic));
        let day = |channel, day| ChannelDay::new(0, channel, day, [None; 7]);
        let days = [day(0, 1), day(0, 2), day(1, 1)];
        let sides = channels.of_shop([(2, "by natural"), (0, "by none")].into_iter(), &days);
        let shown: Vec<(String, Option<&str>, usize)> =
            sides.map(|(name, sides)| (name.to_string(), sides.orders, sides.traffic.len())).collect();
        let expected = [("(none)", Some("by none"), 0), ("natural", Some("by natural"), 2), ("paid", None, 1)];
        assert_eq!(shown, expected.map(|(name, orders, days)| (name.to_owned(), orders, days)));
    }
}
