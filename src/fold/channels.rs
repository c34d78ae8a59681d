//! Channel fold: orders paid by channel and day, and the distinct customers who paid them, by day and by period.

use arrow::record_batch::RecordBatch;

use super::calendar::Calendar;
use super::codes::CodeOf;
use super::layout::{Key, Layout, Rows};
use super::missing::Missing;
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Line, Tally, add_count, add_sum};
use crate::error::{Error, Result};
use crate::history::{Context, Fold, History};
use crate::spec::{Day, Grain};

/// What customers paid by a channel on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChannelOrders {
    /// What was paid for the orders, in minor units.
    pub paid_amount: i64,
    /// Orders paid.
    pub orders: u32,
    /// Distinct customers who paid them.
    pub paying_customers: u32,
}

impl Cell<3> for ChannelOrders {
    fn counters(&self) -> [i64; 3] {
        [self.paid_amount, self.orders.into(), self.paying_customers.into()]
    }

    fn add(&mut self, &[paid_amount, orders, paying_customers]: &[i64; 3]) -> Option<()> {
        add_sum(&mut self.paid_amount, paid_amount)?;
        add_count(&mut self.orders, orders)?;
        add_count(&mut self.paying_customers, paying_customers)
    }
}

/// The state of the days.
const DAYS: Layout<2, 3> = Layout {
    keys: [Key::Code(CodeOf::Shop), Key::Code(CodeOf::Channel)],
    position: "day",
    counters: ["paid_amount", "orders", "paying_customers"],
};

/// The state of the periods. A grain is known by its place in [`Grain::periods`].
const PERIODS: Layout<3, 1> = Layout {
    keys: [Key::Code(CodeOf::Shop), Key::Code(CodeOf::Channel), Key::Number("grain")],
    position: "period",
    counters: ["paying_customers"],
};

/// Orders paid, and who paid them, by shop and channel.
pub static CHANNEL_ORDERS: FoldSpec<ChannelFold> =
    FoldSpec { name: "channel_orders", version: 1, pace: Pace::ByShop, new: |context, _| ChannelFold::new(context) };

/// A [`Line`] for each code of a channel.
type ByChannel<C> = Tally<1, Line<C>>;

/// Counts, by shop and channel, the [`ChannelOrders`] of each day and the distinct paying customers of each period.
pub struct ChannelFold {
    days: ByChannel<ChannelOrders>,
    /// One for each of [`Grain::periods`].
    periods: [ByChannel<[u32; 1]>; 4],
    calendar: Calendar,
    missing: Missing,
    /// The channel and the day of each paid order of the current customer.
    paid: Vec<(u32, Day)>,
}

impl ChannelFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        ChannelFold {
            days: Tally::default(),
            periods: Default::default(),
            calendar: Calendar::new(context),
            missing: Missing::of(&context.channels),
            paid: Vec::new(),
        }
    }

    /// The channels of the paid orders of a shop, ascending by code, each with its days, ascending.
    pub fn of_shop(&self, shop: u32) -> impl Iterator<Item = (u32, Vec<(Day, ChannelOrders)>)> {
        let channels = self.days.line([shop as i32]).into_iter().flat_map(Line::cells);
        channels.filter(|(_, days)| !days.is_empty()).map(|(channel, days)| {
            let counted = days.cells().filter(|(_, cell)| **cell != ChannelOrders::default());
            (channel as u32, counted.map(|(day, cell)| (day, *cell)).collect())
        })
    }

    /// The distinct customers who paid by a channel in the period with that index; the grain is one of the job's
    /// [`Grain::periods`].
    pub fn paying_customers(&self, shop: u32, channel: u32, grain: Grain, index: i32) -> i64 {
        let channels =
            self.calendar.place(grain).and_then(|place| self.periods.get(place)).and_then(|channels| channels.line([shop as i32]));
        channels.map_or(0, |channels| channels.at(channel as i32).at(index)[0].into())
    }
}

impl Fold for ChannelFold {
    fn update(&mut self, history: &History<'_>) {
        let ChannelFold { days, periods, calendar, missing, paid } = self;
        let channels = days.line_mut([history.shop as i32]);
        paid.clear();
        for order in history.paid_orders() {
            let channel = missing.settled(order.channel);
            let cell = channels.cell(channel).cell(order.paid_day);
            cell.orders += 1;
            cell.paid_amount += order.paid_amount;
            paid.push((channel as u32, order.paid_day));
        }
        if history.is_anonymous {
            return;
        }
        paid.sort_unstable();
        paid.dedup();
        for same_channel in paid.chunk_by(|one, next| one.0 == next.0) {
            let mut known = [None; 4];
            for (channel, day) in same_channel {
                channels.cell(*channel as i32).cell(*day).paying_customers += 1;
                for ((by_channel, index), known) in periods.iter_mut().zip(calendar.periods(*day)).zip(&mut known) {
                    if *known != Some(index) {
                        by_channel.line_mut([history.shop as i32]).cell(*channel as i32).cell(index)[0] += 1;
                        *known = Some(index);
                    }
                }
            }
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let mut days = Rows::new(&DAYS);
        for (&[shop], channels) in std::mem::take(&mut self.days).sorted() {
            for (channel, line) in channels.cells() {
                line.counted().for_each(|(day, counters)| days.push([shop, channel], day, counters));
            }
        }
        let mut periods = Rows::new(&PERIODS);
        for (tally, grain) in std::mem::take(&mut self.periods).iter().zip(0..) {
            for (&[shop], channels) in tally.sorted() {
                for (channel, line) in channels.cells() {
                    line.counted().for_each(|(index, counters)| periods.push([shop, channel, grain], index, counters));
                }
            }
        }
        Ok(vec![days.into_batch()?, periods.into_batch()?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        let (days, periods) = match state {
            [] => return Ok(()),
            [days, periods] => (days, periods),
            other => return Err(Error::bug(format!("a state of {} batches given to the channel fold", other.len()))),
        };
        DAYS.rows(days, |[shop, channel], day, counters| self.days.line_mut([shop]).cell(channel).cell(day).add(counters))?;
        PERIODS.rows(periods, |[shop, channel, grain], index, counters| {
            let tally = self.periods.get_mut(usize::try_from(grain).ok()?)?;
            tally.line_mut([shop]).cell(channel).cell(index).add(counters)
        })
    }

    fn absorb(&mut self, other: Self) -> Result<()> {
        self.days.absorb_lines(other.days)?;
        self.periods.iter_mut().zip(other.periods).try_for_each(|(own, more)| own.absorb_lines(more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{NONE, WeekStart};
    use crate::table::testing::{customer, day, folded, paid, text_shops};

    #[test]
    fn a_customer_counts_once_a_channel_day_and_period() {
        let context = text_shops(1, "2024-03-31");
        let one = customer(
            0,
            vec![
                paid("2024-01-30", 100).coded(1, 0),
                paid("2024-01-30", 200).coded(2, 0),
                paid("2024-01-30", 300).coded(1, 0),
                paid("2024-02-01", 400).coded(1, 0), // the same week, another month
                paid("2024-03-01", 500).refunding(500),
            ],
        );
        let fold = folded(ChannelFold::new(&context), &[one]);
        let cell = |paid_amount, orders, paying_customers| ChannelOrders { paid_amount, orders, paying_customers };
        let expected = vec![
            (0, vec![(day("2024-03-01"), cell(500, 1, 1))]),
            (1, vec![(day("2024-01-30"), cell(400, 2, 1)), (day("2024-02-01"), cell(400, 1, 1))]),
            (2, vec![(day("2024-01-30"), cell(200, 1, 1))]),
        ];
        assert_eq!(fold.of_shop(0).collect::<Vec<_>>(), expected);
        assert_eq!(fold.of_shop(1).count(), 0);
        let paying = |channel, grain, on| fold.paying_customers(0, channel, grain, Grain::index(grain, day(on)));
        assert_eq!([Grain::Week(WeekStart::Monday), Grain::Month, Grain::Quarter].map(|grain| paying(1, grain, "2024-01-30")), [1, 1, 1]);
        assert_eq!(
            [paying(1, Grain::Month, "2024-02-01"), paying(2, Grain::Month, "2024-02-01"), paying(0, Grain::Year, "2024-01-01")],
            [1, 0, 1]
        );
    }

    #[test]
    fn a_channel_that_is_called_none_is_the_missing_one() {
        let mut context = text_shops(1, "2024-03-31");
        context.channels = crate::history::Dictionary::new(vec![NONE.to_owned(), "search".to_owned()]);
        let one = customer(0, vec![paid("2024-01-30", 100), paid("2024-01-30", 200).coded(1, 0), paid("2024-01-30", 1).coded(2, 0)]);
        let days: Vec<_> = folded(ChannelFold::new(&context), &[one]).of_shop(0).map(|(channel, days)| (channel, days[0].1)).collect();
        let cell = |paid_amount, orders| ChannelOrders { paid_amount, orders, paying_customers: 1 };
        assert_eq!(days, [(0, cell(300, 2)), (2, cell(1, 1))]);
    }

    #[test]
    fn a_foreign_state_is_refused() {
        let mut fold = ChannelFold::new(&text_shops(1, "2024-03-31"));
        let state = fold.state().unwrap();
        assert!(fold.merge(&state[..1]).is_err());
        assert!(fold.merge(&[state[1].clone(), state[0].clone()]).is_err());
    }
}
