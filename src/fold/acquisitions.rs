//! Acquisition fold: customers by the channel and the month of their first purchase, and what they brought in the days since.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout, Rows};
use super::missing::Missing;
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Line, Tally, add_count, add_sum};
use crate::error::{Error, Result};
use crate::history::{Context, Fold, History};
use crate::spec::{Day, Grain};

/// The days since the first purchase over which customers are compared, ascending.
pub const HORIZONS: [i32; 4] = [30, 90, 180, 365];

/// The place in [`HORIZONS`] of the days within which a second purchase day counts.
pub const REPURCHASE: usize = 1;

/// What the customers of a cohort brought by a number of days since the first purchase of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Matured {
    /// Customers whose first purchase lies at least so many days before the as-of date.
    pub customers: u32,
    /// Of these, those with a second purchase day within the days.
    pub repurchased: u32,
    /// The net revenue of these customers within the days, in minor units.
    pub net_revenue: i64,
}

/// The customers of a shop whose first purchase lies in a month and names a channel.
#[derive(Debug, Clone, Default)]
pub struct Acquired {
    /// How many they are.
    pub customers: u32,
    /// Their net revenue by the as-of date, in minor units.
    pub net_revenue: i64,
    /// By place in [`HORIZONS`].
    pub matured: [Matured; 4],
    /// Their net revenue by days since the first purchase of each, in minor units; empty where nothing was spent on the channel.
    ages: Line<Revenue>,
}

/// A net revenue in minor units.
#[derive(Debug, Clone, Copy, Default)]
struct Revenue(i64);

impl Cell<1> for Revenue {
    fn counters(&self) -> [i64; 1] {
        [self.0]
    }

    fn add(&mut self, counters: &[i64; 1]) -> Option<()> {
        add_sum(&mut self.0, counters[0])
    }
}

impl Acquired {
    /// The first number of days since the first purchase by which their net revenue comes to an amount; `None` while it does not.
    pub fn days_to(&self, amount: i64) -> Option<i32> {
        let mut sum = 0;
        self.ages.cells().find_map(|(days, Revenue(more))| {
            sum += more;
            (sum >= amount).then_some(days)
        })
    }

    fn matured_counters(&self) -> [i64; 14] {
        let [one, two, three, four] =
            self.matured.map(|Matured { customers, repurchased, net_revenue }| [customers.into(), repurchased.into(), net_revenue]);
        let mut counters = [0; 14];
        (counters[0], counters[1]) = (self.customers.into(), self.net_revenue);
        counters[2..].iter_mut().zip([one, two, three, four].into_iter().flatten()).for_each(|(counter, own)| *counter = own);
        counters
    }

    fn add_matured(&mut self, counters: &[i64; 14]) -> Option<()> {
        add_count(&mut self.customers, counters[0])?;
        add_sum(&mut self.net_revenue, counters[1])?;
        for (own, more) in self.matured.iter_mut().zip(counters[2..].chunks_exact(3)) {
            add_count(&mut own.customers, more[0])?;
            add_count(&mut own.repurchased, more[1])?;
            add_sum(&mut own.net_revenue, more[2])?;
        }
        Some(())
    }
}

/// The state of the cohorts.
const COHORTS: Layout<2, 14> = Layout {
    keys: [Key::Code(CodeOf::Shop), Key::Code(CodeOf::Channel)],
    position: "month",
    counters: [
        "customers",
        "net_revenue",
        "customers_30",
        "repurchased_30",
        "net_revenue_30",
        "customers_90",
        "repurchased_90",
        "net_revenue_90",
        "customers_180",
        "repurchased_180",
        "net_revenue_180",
        "customers_365",
        "repurchased_365",
        "net_revenue_365",
    ],
};

/// The state of their net revenue by age.
const AGES: Layout<3, 1> = Layout {
    keys: [Key::Code(CodeOf::Shop), Key::Code(CodeOf::Channel), Key::Number("month")],
    position: "days",
    counters: ["net_revenue"],
};

/// Customers by shop, channel and month of their first purchase.
pub static ACQUISITIONS: FoldSpec<AcquisitionFold> =
    FoldSpec { name: "acquisitions", version: 1, pace: Pace::ByShop, new: |context, _| AcquisitionFold::new(context) };

/// Gathers, by shop and channel, the [`Acquired`] of each month.
pub struct AcquisitionFold {
    /// By shop a line of channels, each a line of months.
    cohorts: Tally<1, Line<Acquired>>,
    missing: Missing,
    /// By code of a channel: whether money was spent on it.
    with_cost: Vec<bool>,
    as_of: Day,
}

impl AcquisitionFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        AcquisitionFold {
            cohorts: Tally::default(),
            missing: Missing::of(&context.channels),
            with_cost: context.channels_with_cost.clone(),
            as_of: context.as_of,
        }
    }

    /// The channels of a shop's first purchases, ascending by code, each with the months that have customers, ascending.
    pub fn of_shop(&self, shop: u32) -> impl Iterator<Item = (u32, Vec<(i32, &Acquired)>)> {
        let channels = self.cohorts.line([shop as i32]).into_iter().flat_map(Line::cells);
        let acquired = channels
            .map(|(channel, months)| (channel as u32, months.cells().filter(|(_, acquired)| acquired.customers > 0).collect::<Vec<_>>()));
        acquired.filter(|(_, months)| !months.is_empty())
    }
}

impl Fold for AcquisitionFold {
    fn update(&mut self, history: &History<'_>) {
        let Some(first) = history.purchases().next() else { return };
        let channel = self.missing.settled(first.channel);
        let has_cost = self.with_cost.get(channel as usize).copied().unwrap_or(false);
        let acquired = self.cohorts.line_mut([history.shop as i32]).cell(channel).cell(Grain::Month.index(first.paid_day));
        acquired.customers += 1;
        let age = self.as_of - first.paid_day;
        let second = history.purchase_days.get(1).map(|day| day - first.paid_day);
        for (matured, days) in acquired.matured.iter_mut().zip(HORIZONS) {
            if age >= days {
                matured.customers += 1;
                matured.repurchased += u32::from(second.is_some_and(|second| second <= days));
            }
        }
        let mut add = |since: i32, amount: i64| {
            acquired.net_revenue += amount;
            for (matured, days) in acquired.matured.iter_mut().zip(HORIZONS) {
                if since <= days && days <= age {
                    matured.net_revenue += amount;
                }
            }
            if has_cost {
                acquired.ages.cell(since).0 += amount;
            }
        };
        history.purchases().for_each(|order| add(order.paid_day - first.paid_day, order.net_revenue()));
        history.returns.iter().for_each(|returned| add(returned.day - first.paid_day, -returned.amount));
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let (mut cohorts, mut ages) = (Rows::new(&COHORTS), Rows::new(&AGES));
        for (&[shop], channels) in std::mem::take(&mut self.cohorts).sorted() {
            for (channel, months) in channels.cells() {
                for (month, acquired) in months.cells().filter(|(_, acquired)| acquired.customers > 0) {
                    cohorts.push([shop, channel], month, acquired.matured_counters());
                    acquired.ages.counted().for_each(|(days, counters)| ages.push([shop, channel, month], days, counters));
                }
            }
        }
        Ok(vec![cohorts.into_batch()?, ages.into_batch()?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        let (cohorts, ages) = match state {
            [] => return Ok(()),
            [cohorts, ages] => (cohorts, ages),
            other => return Err(Error::bug(format!("a state of {} batches given to the acquisition fold", other.len()))),
        };
        COHORTS.rows(cohorts, |[shop, channel], month, counters| {
            self.cohorts.line_mut([shop]).cell(channel).cell(month).add_matured(counters)
        })?;
        AGES.rows(ages, |[shop, channel, month], days, counters| {
            self.cohorts.line_mut([shop]).cell(channel).cell(month).ages.cell(days).add(counters)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Return;
    use crate::table::testing::{Customer, customer, day, folded, folded_in_parts, paid, text_shops};

    /// The as-of date lies 100 days after New Year; money was spent on channel 1.
    fn context() -> Context {
        Context { channels_with_cost: vec![false, true, false], ..text_shops(1, "2024-04-10") }
    }

    /// Anna first buys on New Year by channel 1, 30 days later (by another channel), and 90 days later; Ben on January 31 by
    /// channel 1 (70 days ago), an order of which a part is refunded, with a return of an unknown order; Cleo by channel 2.
    fn three() -> Vec<Customer> {
        let anna = vec![paid("2024-01-01", 1000).coded(1, 0), paid("2024-01-31", 200).coded(2, 0), paid("2024-03-31", 30)];
        let mut ben = customer(0, vec![paid("2024-01-31", 5000).coded(1, 0).refunding(1000)]);
        ben.returns = vec![Return { day: day("2024-02-05"), amount: 400 }];
        let cleo = vec![paid("2024-02-01", 70).coded(2, 0)];
        vec![customer(0, anna), ben, customer(0, cleo)]
    }

    #[test]
    fn three_customers_by_hand() {
        let fold = folded(AcquisitionFold::new(&context()), &three());
        let of_shop: Vec<(u32, Vec<(i32, &Acquired)>)> = fold.of_shop(0).collect();
        let january = Grain::Month.index(day("2024-01-01"));
        let months = |place: usize| of_shop[place].1.iter().map(|(month, _)| month - january).collect::<Vec<_>>();
        assert_eq!((of_shop[0].0, months(0), of_shop[1].0, months(1)), (1, vec![0], 2, vec![1]));
        let (first, second) = (of_shop[0].1[0].1, of_shop[1].1[0].1);
        let matured = |customers, repurchased, net_revenue| Matured { customers, repurchased, net_revenue };
        // Day 30 and day 90 are within 30 and 90 days. Ben is 70 days old.
        assert_eq!(first.matured, [matured(2, 1, 1200 + 3600), matured(1, 1, 1230), matured(0, 0, 0), matured(0, 0, 0)]);
        assert_eq!((first.customers, first.net_revenue), (2, 1230 + 3600));
        assert_eq!((second.customers, second.net_revenue, second.matured[0]), (1, 70, matured(1, 0, 70)));
        // By age: 5000 on day 0, 4600 on day 5, 4800 on day 30, 4830 on day 90.
        assert_eq!([5000, 5001, 4801, 4830].map(|cost| first.days_to(cost)), [Some(0), None, Some(0), Some(0)]);
    }

    #[test]
    fn what_is_given_back_may_delay_what_is_reached() {
        let one = vec![paid("2024-01-01", 1000).coded(1, 0), paid("2024-01-31", 200).coded(1, 0), paid("2024-03-31", 30).coded(1, 0)];
        let fold = folded(AcquisitionFold::new(&context()), &[customer(0, one)]);
        let (_, months) = fold.of_shop(0).next().unwrap();
        assert_eq!(
            [1000, 1001, 1200, 1201, 1230, 1231].map(|cost| months[0].1.days_to(cost)),
            [Some(0), Some(30), Some(30), Some(90), Some(90), None]
        );
    }

    #[test]
    fn ages_are_kept_of_channels_with_a_cost_only_and_parts_merge() {
        let customers = three();
        let mut whole = folded(AcquisitionFold::new(&context()), &customers);
        let mut parts = folded_in_parts(|| AcquisitionFold::new(&context()), &customers, &[0, 1, 0]);
        let state = whole.state().unwrap();
        // Channel 1 on days 0, 5, 30 and 90.
        assert_eq!((state[0].num_rows(), state[1].num_rows()), (2, 4));
        assert_eq!(parts.state().unwrap(), state);
        let mut fold = AcquisitionFold::new(&context());
        assert!(fold.merge(&state[..1]).is_err());
        assert!(fold.merge(&[state[1].clone(), state[0].clone()]).is_err());
    }
}
