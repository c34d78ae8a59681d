//! Identity fold: the customers of each shop as people, whatever ids they have, and as the ids that their orders name.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout};
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Tally, add_sum};
use crate::error::{Error, Result};
use crate::history::{Fold, History};
use crate::spec::Day;

/// Days up to the as-of date, this one included, whose buyers are recent.
pub const RECENT_DAYS: Day = 365;

/// Customers by one way of telling who is who.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Identified {
    /// Customers with a purchase.
    pub customers: i64,
    /// Of these, those with a second purchase day.
    pub repeat: i64,
    /// Customers with a purchase in the last [`RECENT_DAYS`].
    pub recent: i64,
    /// Of these, those with a purchase before.
    pub returning: i64,
}

impl Identified {
    /// A customer with these purchase days, ascending and distinct, of which `before` is the last that is not recent.
    fn of(days: &[Day], before: Day) -> Self {
        let (Some(first), Some(last)) = (days.first(), days.last()) else { return Identified::default() };
        let is_recent = *last > before;
        Identified {
            customers: 1,
            repeat: i64::from(days.len() > 1),
            recent: i64::from(is_recent),
            returning: i64::from(is_recent && *first <= before),
        }
    }

    fn own(&mut self) -> [&mut i64; 4] {
        [&mut self.customers, &mut self.repeat, &mut self.recent, &mut self.returning]
    }

    fn plus(&mut self, mut other: Identified) {
        self.own().into_iter().zip(other.own()).for_each(|(own, more)| *own += *more);
    }
}

/// The customers of a shop in both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Identities {
    /// Each person once.
    pub linked: Identified,
    /// Each id once that the first line of an order names.
    pub strict: Identified,
    /// What they brought, in minor units, the same in both.
    pub net_revenue: i64,
}

impl Cell<9> for Identities {
    fn counters(&self) -> [i64; 9] {
        let Identities { mut linked, mut strict, net_revenue } = *self;
        let [a, b, c, d] = linked.own().map(|counter| *counter);
        let [e, f, g, h] = strict.own().map(|counter| *counter);
        [a, b, c, d, e, f, g, h, net_revenue]
    }

    fn add(&mut self, counters: &[i64; 9]) -> Option<()> {
        let own = self.linked.own().into_iter().chain(self.strict.own()).chain([&mut self.net_revenue]);
        own.zip(counters).try_for_each(|(own, more)| add_sum(own, *more))
    }
}

/// The state; `linked_…` and `strict_…` are the counts of [`Identified`].
const SHOPS: Layout<1, 9> = Layout {
    keys: [Key::Code(CodeOf::Shop)],
    position: "zero",
    counters: [
        "linked_customers",
        "linked_repeat",
        "linked_recent",
        "linked_returning",
        "strict_customers",
        "strict_repeat",
        "strict_recent",
        "strict_returning",
        "net_revenue",
    ],
};

/// The customers of each shop in both ways.
pub static IDENTITIES: FoldSpec<IdentityFold> =
    FoldSpec { name: "identities", version: 1, pace: Pace::ByShop, new: |context, _| IdentityFold::new(context.as_of) };

/// Counts [`Identities`] by shop.
#[derive(Debug)]
pub struct IdentityFold {
    /// The last day that is not recent.
    before: Day,
    /// All counts at position 0.
    shops: Tally<1, Identities>,
    /// The ids that a person's purchases name, with their days.
    named: Vec<(u32, Day)>,
    days: Vec<Day>,
}

impl IdentityFold {
    /// An empty fold.
    pub fn new(as_of: Day) -> Self {
        IdentityFold { before: as_of.saturating_sub(RECENT_DAYS), shops: Tally::default(), named: Vec::new(), days: Vec::new() }
    }

    /// The shops with customers, ascending.
    pub fn shops(&self) -> impl Iterator<Item = (u32, Identities)> {
        self.shops.sorted().into_iter().map(|([shop], line)| (*shop as u32, line.at(0)))
    }
}

impl Fold for IdentityFold {
    fn update(&mut self, history: &History<'_>) {
        let mut purchases = history.purchases();
        let Some(first) = purchases.next() else { return };
        let IdentityFold { before, shops, named, days } = self;
        let linked = Identified::of(history.purchase_days, *before);
        let identities = shops.line_mut([history.shop as i32]).cell(0);
        identities.linked.plus(linked);
        identities.net_revenue += history.purchases().map(|order| order.net_revenue()).sum::<i64>() - history.returned_by(Day::MAX);
        // Nearly everybody has one id.
        if purchases.all(|order| order.alias == first.alias) {
            identities.strict.plus(linked);
            return;
        }
        named.clear();
        named.extend(history.purchases().map(|order| (order.alias, order.paid_day)));
        named.sort_unstable();
        named.dedup();
        for one in named.chunk_by(|a, b| a.0 == b.0) {
            days.clear();
            days.extend(one.iter().map(|(_, day)| *day));
            identities.strict.plus(Identified::of(days, *before));
        }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.shops.state(&SHOPS)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        match state {
            [] => Ok(()),
            [shops] => self.shops.merge(&SHOPS, shops),
            other => Err(Error::bug(format!("a state of {} batches given to the identity fold", other.len()))),
        }
    }
}
