//! Channel days: the traffic of a shop by one channel on a day. There are many more of them than days of shops, so they are small.

use hashbrown::HashSet;
use rayon::prelude::*;

use super::day_figures::DayFigures;
use super::packed_rows::{PackedRow, PackedRows, Unpacked};
use crate::input::values::short_numbers::{put, put_signed, take, take_signed};
use crate::spec::Day;

/// The figures of a channel on a day. UV counts people: it adds up neither over channels nor over days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum ChannelFigure {
    /// Page views.
    Pv,
    /// Distinct visitors who came by the channel.
    Uv,
    /// Visits.
    Visits,
    /// Visits of one page.
    Bounces,
    /// Visitors who had never come before.
    NewVisitors,
    /// Items added to carts.
    CartAdds,
    /// Money spent on the channel, in minor units.
    Cost,
}

/// How many figures there are.
pub const CHANNEL_FIGURES: usize = 7;

/// One row of traffic with a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelDay {
    /// Shop code.
    pub shop: u32,
    /// The channel's position in [`ChannelTraffic::channels`].
    pub channel: u32,
    /// The day.
    pub day: Day,
    /// Whether the figures are counted from page views, and not those of a row of traffic.
    pub is_counted: bool,
    /// By [`ChannelFigure`].
    figures: DayFigures<CHANNEL_FIGURES>,
}

impl ChannelDay {
    /// A day with these figures, in the order of [`ChannelFigure`]; `None` where the column is not mapped or the cell is null.
    pub fn new(shop: u32, channel: u32, day: Day, figures: [Option<i64>; CHANNEL_FIGURES]) -> Self {
        ChannelDay { shop, channel, day, is_counted: false, figures: DayFigures::new(figures) }
    }

    /// The same of figures that are counted from page views.
    #[must_use]
    pub fn counted(self) -> Self {
        ChannelDay { is_counted: true, ..self }
    }

    /// The row with the figures that were written in their order.
    pub fn read_figures(shop: u32, channel: u32, day: Day, bytes: &mut &[u8]) -> Option<Self> {
        Some(ChannelDay { shop, channel, day, is_counted: false, figures: DayFigures::read(bytes)? })
    }

    /// One of the figures, if it is known.
    pub fn figure(&self, figure: ChannelFigure) -> Option<i64> {
        self.figures.get(figure as usize)
    }
}

impl PackedRow for ChannelDay {
    fn shop(&self) -> u32 {
        self.shop
    }

    fn write(&self, before: Option<&Self>, into: &mut Vec<u8>) {
        put_signed(i64::from(self.day) - before.map_or(0, |before| before.day.into()), into);
        put(u64::from(self.channel) << 1 | u64::from(self.is_counted), into);
        self.figures.write(into);
    }

    fn read(shop: u32, before: Option<&Self>, bytes: &mut &[u8]) -> Option<Self> {
        let day = Day::try_from(take_signed(bytes)?.saturating_add(before.map_or(0, |before| before.day.into()))).ok()?;
        let source = take(bytes)?;
        let is_counted = source & 1 == 1;
        ChannelDay::read_figures(shop, (source >> 1) as u32, day, bytes).map(|read| ChannelDay { is_counted, ..read })
    }
}

/// Traffic by channel in few bytes a row, sorted by shop, channel and day.
pub type ChannelDays = PackedRows<ChannelDay>;

/// The traffic of shops by channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChannelTraffic {
    /// The channels, ascending.
    pub channels: Vec<String>,
    /// One row a (shop, channel, day), sorted by them.
    pub days: ChannelDays,
}

impl ChannelTraffic {
    /// Replaces provisional codes of shops.
    pub fn rank(&mut self, rank: &dyn Fn(u32) -> u32) {
        self.days.rank(rank);
    }

    /// The days of a shop, by channel and day.
    pub fn of_shop(&self, shop: u32) -> Unpacked<'_, ChannelDay> {
        self.days.of_shop(shop)
    }

    /// The channels on which money was spent.
    pub fn channels_with_cost(&self) -> impl Iterator<Item = &str> {
        let of_shop = |shop: u32| {
            let costs = self.of_shop(shop).filter(|day| day.figure(ChannelFigure::Cost).is_some_and(|cost| cost > 0));
            costs.map(|day| day.channel as usize).collect::<HashSet<usize>>()
        };
        let shops: Vec<u32> = self.days.shops().collect();
        let with_cost = shops.into_par_iter().map(of_shop).reduce(HashSet::new, |one, other| one.union(&other).copied().collect());
        self.channels.iter().enumerate().filter(move |(place, _)| with_cost.contains(place)).map(|(_, channel)| channel.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_day_keeps_what_is_known_and_what_is_not() {
        let day = ChannelDay::new(0, 1, 5, [Some(9), Some(0), None, None, None, None, Some(250)]);
        assert_eq!(
            [ChannelFigure::Pv, ChannelFigure::Uv, ChannelFigure::Cost].map(|figure| day.figure(figure)),
            [Some(9), Some(0), Some(250)]
        );
        assert_eq!([ChannelFigure::Visits, ChannelFigure::CartAdds].map(|figure| day.figure(figure)), [None, None]);
        assert_eq!(size_of::<ChannelDay>(), 72);
    }

    #[test]
    fn days_come_by_shop_channel_and_day() {
        let cost = |shop, channel, day, cost| ChannelDay::new(shop, channel, day, [None, None, None, None, None, None, cost]);
        let days = vec![cost(0, 1, 5, Some(0)), cost(1, 0, 5, None), cost(1, 0, 6, Some(3)), cost(1, 1, 5, None)];
        let mut traffic = ChannelTraffic { channels: vec!["paid".to_owned(), "search".to_owned()], days: days.into() };
        // The shops are ranked the other way round.
        traffic.rank(&|shop| 1 - shop);
        let keys = |shop| traffic.of_shop(shop).map(|day| (day.channel, day.day)).collect::<Vec<_>>();
        assert_eq!((keys(0), keys(1), keys(2)), (vec![(0, 5), (0, 6), (1, 5)], vec![(1, 5)], vec![]));
        // Search was never paid for: 0 is no cost.
        assert_eq!(traffic.channels_with_cost().collect::<Vec<_>>(), ["paid"]);
    }
}
