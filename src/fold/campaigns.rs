//! Campaign fold: sales of a shop before, during and after its campaigns, and purchases of the members of their audiences.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, Int32Array, Int64Array, PrimitiveArray};
use arrow::datatypes::{Int32Type, Int64Type};
use arrow::record_batch::RecordBatch;

use super::customer::keys::{CustomerIds, mixed};
use super::spec::{FoldSpec, Pace};
use crate::error::{Error, Result};
use crate::history::campaigns::{CampaignIndex, CampaignPart};
use crate::history::{Context, Fold, History, Order};
use crate::spec::{Id, NO_TIME};

/// Sales in a period of a campaign, customers counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sold {
    /// Orders paid.
    pub paid_orders: i64,
    /// What was paid for them, in minor units.
    pub paid_amount: i64,
    /// What of that was refunded by the as-of date, in minor units.
    pub refunded: i64,
    /// Distinct customers who paid an order.
    pub paying_customers: i64,
    /// Distinct customers with a purchase.
    pub purchasing_customers: i64,
    /// Customers whose first purchase lies in the period.
    pub new_customers: i64,
}

/// Counters of [`Sold`].
const COUNTERS: usize = 6;

impl Sold {
    fn counters(&self) -> [i64; COUNTERS] {
        [self.paid_orders, self.paid_amount, self.refunded, self.paying_customers, self.purchasing_customers, self.new_customers]
    }

    fn counters_mut(&mut self) -> [&mut i64; COUNTERS] {
        [
            &mut self.paid_orders,
            &mut self.paid_amount,
            &mut self.refunded,
            &mut self.paying_customers,
            &mut self.purchasing_customers,
            &mut self.new_customers,
        ]
    }
}

/// Purchases of a member of an audience within the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bought {
    /// The member's position in [`CampaignIndex::members`].
    pub member: u32,
    /// Purchases, at least one.
    pub purchases: i64,
    /// Their net revenue, in minor units.
    pub net_revenue: i64,
}

/// Sales of shops around their campaigns, and purchases of their audiences.
pub static CAMPAIGNS: FoldSpec<CampaignFold> =
    FoldSpec { name: "campaigns", version: 1, pace: Pace::ByShop, new: |context, _| CampaignFold::new(context) };

/// The last customers counted in a period, by number.
#[derive(Debug, Clone, Copy, Default)]
struct LastCustomers {
    paid: u32,
    purchased: u32,
}

/// Counts [`Sold`] by period, and [`Bought`] by member with a purchase.
pub struct CampaignFold {
    index: Arc<CampaignIndex>,
    sold: Vec<Sold>,
    bought: Vec<Bought>,
    /// By period.
    last: Vec<LastCustomers>,
    /// The number of the current customer, from 1.
    customer: u32,
}

impl CampaignFold {
    /// An empty fold.
    pub fn new(context: &Context) -> Self {
        let index = Arc::clone(&context.campaigns);
        let periods = index.periods();
        CampaignFold {
            index,
            sold: vec![Sold::default(); periods],
            bought: Vec::new(),
            last: vec![LastCustomers::default(); periods],
            customer: 0,
        }
    }

    /// Sales in a period of the campaign at that position.
    pub fn sold(&self, campaign: usize, part: CampaignPart) -> Sold {
        self.sold.get(part.number(campaign)).copied().unwrap_or_default()
    }

    /// The members with a purchase, ascending.
    pub fn bought(&self) -> Vec<Bought> {
        let mut bought = self.bought.clone();
        bought.sort_unstable();
        bought
    }

    fn count_periods(&mut self, history: &History<'_>) {
        let CampaignFold { index, sold, last, customer, .. } = self;
        for order in history.paid_orders() {
            for period in index.periods_of(history.shop, order.paid_day) {
                let (Some(sold), Some(LastCustomers { paid, purchased })) =
                    (sold.get_mut(*period as usize), last.get_mut(*period as usize))
                else {
                    continue;
                };
                sold.paid_orders += 1;
                sold.paid_amount += order.paid_amount;
                sold.refunded += order.refunded;
                if history.is_anonymous {
                    continue;
                }
                sold.paying_customers += i64::from(std::mem::replace(paid, *customer) != *customer);
                if order.is_purchase() {
                    sold.purchasing_customers += i64::from(std::mem::replace(purchased, *customer) != *customer);
                }
            }
        }
        if let Some(first) = history.first_purchase_day().filter(|_| !history.is_anonymous) {
            for period in index.periods_of(history.shop, first) {
                if let Some(sold) = sold.get_mut(*period as usize) {
                    sold.new_customers += 1;
                }
            }
        }
    }

    fn count_messages(&mut self, history: &History<'_>) {
        let CampaignFold { index, bought, .. } = self;
        for (number, member) in index.members_of(history.shop, history.customer) {
            let end = index.window_end(member);
            let orders = history.paid_orders();
            let from = orders.partition_point(|order| order.paid < member.sent);
            let within = orders[from..].iter().take_while(|order| order.paid != NO_TIME && order.paid < end);
            let (purchases, net_revenue) = within
                .filter(|order| order.is_purchase())
                .fold((0, 0), |(purchases, net_revenue), order| (purchases + 1, net_revenue + Order::net_revenue(order)));
            if purchases > 0 {
                bought.push(Bought { member: number, purchases, net_revenue });
            }
        }
    }
}

impl Fold for CampaignFold {
    fn update(&mut self, history: &History<'_>) {
        self.customer += 1;
        self.count_periods(history);
        if !history.is_anonymous {
            self.count_messages(history);
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let periods = self.sold.len();
        let sold = std::mem::replace(&mut self.sold, vec![Sold::default(); periods]);
        let bought = self.bought();
        self.bought.clear();
        self.last = vec![LastCustomers::default(); periods];
        Ok(vec![self.sold_state(&sold)?, self.bought_state(&bought)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        match state {
            [] => Ok(()),
            [sold, bought] => {
                self.merge_sold(sold)?;
                self.merge_bought(bought)
            }
            other => Err(Error::bug(format!("a state of campaigns is 2 batches, not {}", other.len()))),
        }
    }
}

/// The counters of [`Sold`] in states.
const SOLD: [&str; COUNTERS] = ["paid_orders", "paid_amount", "refunded", "paying_customers", "purchasing_customers", "new_customers"];

/// States name campaigns and customers by their ids.
impl CampaignFold {
    /// Sales: a row for each period of a campaign with any.
    fn sold_state(&self, sold: &[Sold]) -> Result<RecordBatch> {
        let (mut ids, mut parts) = (CustomerIds::default(), Vec::new());
        let periods =
            self.index.campaigns().iter().flat_map(|campaign| (0..CampaignPart::ALL.len() as i32).map(move |part| (campaign, part)));
        let (periods, sold): (Vec<_>, Vec<Sold>) = periods.zip(sold).filter(|(_, sold)| **sold != Sold::default()).unzip();
        for (campaign, part) in periods {
            push(&mut ids, campaign.id())?;
            parts.push(part);
        }
        let counter = |number: usize| Int64Array::from_iter(sold.iter().map(|sold| sold.counters().get(number).copied()));
        let counters = SOLD.iter().enumerate().map(|(number, name)| (*name, Arc::new(counter(number)) as ArrayRef));
        let keys = [("campaign_id", ids.into_array()?), ("part", Arc::new(Int32Array::from(parts)) as ArrayRef)];
        Ok(RecordBatch::try_from_iter(keys.into_iter().chain(counters))?)
    }

    fn merge_sold(&mut self, batch: &RecordBatch) -> Result<()> {
        let campaigns = CustomerIds::concatenated(&[column(batch, "campaign_id")?])?;
        let parts = primitive::<Int32Type>(batch, "part")?;
        let counters = SOLD.iter().map(|name| primitive::<Int64Type>(batch, name)).collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            let period = self.campaign(campaigns.get(row))? * CampaignPart::ALL.len() + parts.value(row) as usize;
            let own = self.sold.get_mut(period).ok_or_else(|| Error::bug("a state of campaigns has a part that campaigns do not have"))?;
            for (counter, more) in own.counters_mut().into_iter().zip(&counters) {
                *counter += more.value(row);
            }
        }
        Ok(())
    }

    /// Purchases of members: a row for each member with any.
    fn bought_state(&self, bought: &[Bought]) -> Result<RecordBatch> {
        let (mut campaigns, mut customers) = (CustomerIds::default(), CustomerIds::default());
        for member in bought.iter().filter_map(|bought| self.index.members().get(bought.member as usize)) {
            let campaign = self.index.campaigns().get(member.campaign as usize);
            push(&mut campaigns, campaign.ok_or_else(|| Error::bug("a member of a campaign that is not there"))?.id())?;
            push(&mut customers, member.customer())?;
        }
        let purchases = Int64Array::from_iter_values(bought.iter().map(|bought| bought.purchases));
        let revenues = Int64Array::from_iter_values(bought.iter().map(|bought| bought.net_revenue));
        let columns: [(&str, ArrayRef); 4] = [
            ("campaign_id", campaigns.into_array()?),
            ("customer_id", customers.into_array()?),
            ("purchases", Arc::new(purchases)),
            ("net_revenue", Arc::new(revenues)),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
    }

    fn merge_bought(&mut self, batch: &RecordBatch) -> Result<()> {
        let campaigns = CustomerIds::concatenated(&[column(batch, "campaign_id")?])?;
        let customers = CustomerIds::concatenated(&[column(batch, "customer_id")?])?;
        let (purchases, revenues) = (primitive::<Int64Type>(batch, "purchases")?, primitive::<Int64Type>(batch, "net_revenue")?);
        for row in 0..batch.num_rows() {
            let member = self.index.position_of_member(self.campaign(campaigns.get(row))?, customers.get(row));
            let member = member.ok_or_else(|| Error::bug("a state has a member of a campaign whom this run does not know"))?;
            self.bought.push(Bought { member, purchases: purchases.value(row), net_revenue: revenues.value(row) });
        }
        Ok(())
    }

    /// The position of a campaign.
    fn campaign(&self, id: Id<'_>) -> Result<usize> {
        let found = self.index.campaigns().binary_search_by(|other| other.id().cmp(&id));
        found.map_err(|_| Error::bug(format!("a state has the campaign {id:?}, which this run does not know")))
    }
}

fn push(ids: &mut CustomerIds, id: Id<'_>) -> Result<()> {
    if ids.push(id) { Ok(()) } else { Err(mixed()) }
}

fn column(batch: &RecordBatch, name: &str) -> Result<ArrayRef> {
    batch.column_by_name(name).cloned().ok_or_else(|| foreign(name))
}

fn primitive<'a, T: ArrowPrimitiveType>(batch: &'a RecordBatch, name: &str) -> Result<&'a PrimitiveArray<T>> {
    let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<T>());
    column.filter(|column| column.null_count() == 0).ok_or_else(|| foreign(name))
}

fn foreign(name: &str) -> Error {
    Error::bug(format!("a state of campaigns has no column {name} of the right type"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::input::records::facts::{Arm, AudienceMember, Campaign};
    use crate::input::values::codes::OwnedId;
    use crate::spec::DAY_MICROSECONDS;
    use crate::table::testing::{any_customers, customer, day, folded, paid, text_shops};

    fn campaign(shop: u32, starts: &str, ends: &str) -> Campaign {
        Campaign { id: OwnedId::Integer(0), shop, name: None, starts: day(starts), ends: day(ends), cost: None }
    }

    /// Customers of tests are numbered from 0.
    fn member(campaign: u32, customer: u64, sent: &str) -> AudienceMember {
        let sent = i64::from(day(sent)) * DAY_MICROSECONDS;
        AudienceMember { campaign, customer: OwnedId::Integer(customer), arm: Arm::Treated, sent }
    }

    fn with(shops: usize, campaigns: &[Campaign], members: Vec<AudienceMember>) -> Context {
        let context = text_shops(shops, "2024-12-31");
        let days = [context.first_day, context.as_of];
        let numbered = (0..).zip(campaigns).map(|(number, campaign)| Campaign { id: OwnedId::Integer(number), ..campaign.clone() });
        let campaigns: Vec<Campaign> = numbered.collect();
        Context { campaigns: Arc::new(CampaignIndex::new(&campaigns, Arc::new(members), days, 7)), ..context }
    }

    /// A campaign of two days, 10 and 11 March. Customer 0 bought on the 9th and twice on the 10th; customer 1 for the first time
    /// on the 11th, half of it refunded; customer 2 on the 12th, refunded in full.
    #[test]
    fn three_periods_by_hand() {
        let customers = [
            customer(0, vec![paid("2024-03-09", 100), paid("2024-03-10", 200), paid("2024-03-10", 300)]),
            customer(0, vec![paid("2024-03-11", 1_000).refunding(500)]),
            customer(0, vec![paid("2024-03-12", 700).refunding(700)]),
            customer(1, vec![paid("2024-03-10", 9_999)]),
        ];
        let context = with(2, &[campaign(0, "2024-03-10", "2024-03-11")], Vec::new());
        let fold = folded(CampaignFold::new(&context), &customers);
        let sold = |paid_orders, paid_amount, refunded, paying_customers, purchasing_customers, new_customers| Sold {
            paid_orders,
            paid_amount,
            refunded,
            paying_customers,
            purchasing_customers,
            new_customers,
        };
        assert_eq!(fold.sold(0, CampaignPart::Before), sold(1, 100, 0, 1, 1, 1));
        assert_eq!(fold.sold(0, CampaignPart::During), sold(3, 1_500, 500, 2, 2, 1));
        assert_eq!(fold.sold(0, CampaignPart::After), sold(1, 700, 700, 1, 0, 0));
    }

    /// Sent at midnight of the 10th, for seven days: the order paid at midnight of the 10th counts, that of the 17th does not.
    #[test]
    fn the_window_begins_with_the_message_and_ends_seven_days_later() {
        let returned = paid("2024-03-13", 400).refunding(400);
        let customers = [
            customer(0, vec![paid("2024-03-09", 1), paid("2024-03-10", 20), returned, paid("2024-03-16", 300), paid("2024-03-17", 5_000)]),
            customer(0, vec![paid("2024-03-17", 5_000)]),
            customer(1, vec![paid("2024-03-10", 77)]),
        ];
        let members = vec![member(0, 0, "2024-03-10"), member(0, 1, "2024-03-10"), member(0, 2, "2024-03-10"), member(0, 99, "2024-03-10")];
        let context = with(2, &[campaign(0, "2024-03-10", "2024-03-10")], members);
        let fold = folded(CampaignFold::new(&context), &customers);
        // Customer 2 is one of the other shop: the same number, but nobody in this audience.
        assert_eq!(fold.bought(), [Bought { member: 0, purchases: 2, net_revenue: 320 }]);
    }

    proptest! {
        #[test]
        fn parts_folded_apart_and_merged_are_the_whole(customers in any_customers(2), cut in 0usize..12) {
            let campaigns = [campaign(0, "2023-05-01", "2023-08-31"), campaign(0, "2023-07-01", "2023-07-31"), campaign(1, "2024-01-01", "2024-06-30")];
            let members = (0..3).flat_map(|of| (0..8).map(move |customer| member(of, customer, "2023-06-01"))).collect();
            let context = with(2, &campaigns, members);
            let cut = cut.min(customers.len());
            let mut whole = folded(CampaignFold::new(&context), &customers);
            let mut one = CampaignFold::new(&context);
            let mut other = CampaignFold::new(&context);
            for (number, customer) in customers.iter().enumerate() {
                let mut alone = folded(CampaignFold::new(&context), [customer]);
                (if number < cut { &mut one } else { &mut other }).merge(&alone.state().unwrap()).unwrap();
            }
            one.merge(&other.state().unwrap()).unwrap();
            prop_assert_eq!(one.state().unwrap(), whole.state().unwrap());
        }

        #[test]
        fn customers_of_a_period_are_those_found_by_asking_each(customers in any_customers(1)) {
            let campaigns = [campaign(0, "2023-05-01", "2023-12-31")];
            let fold = folded(CampaignFold::new(&with(1, &campaigns, Vec::new())), &customers);
            for part in CampaignPart::ALL {
                let (first, last) = part.days(&campaigns[0]);
                let has = |orders: &[Order], is: fn(&Order) -> bool| orders.iter().any(|order| is(order) && order.is_paid() && (first..=last).contains(&order.paid_day));
                let sold = fold.sold(0, part);
                prop_assert_eq!(sold.paying_customers, customers.iter().filter(|customer| has(&customer.orders, |_| true)).count() as i64);
                prop_assert_eq!(sold.purchasing_customers, customers.iter().filter(|customer| has(&customer.orders, Order::is_purchase)).count() as i64);
                prop_assert!(sold.new_customers <= sold.purchasing_customers);
            }
        }
    }

    #[test]
    fn a_foreign_state_is_refused() {
        let context = with(1, &[campaign(0, "2024-03-10", "2024-03-11")], Vec::new());
        let mut fold = CampaignFold::new(&context);
        let state = fold.state().unwrap();
        assert!(fold.merge(&state[..1]).is_err());
        let other = with(1, &[campaign(0, "2024-03-10", "2024-03-11"), campaign(0, "2024-03-10", "2024-03-11")], Vec::new());
        let mut foreign = folded(CampaignFold::new(&other), &[customer(0, vec![paid("2024-03-10", 500)])]);
        let refused = fold.merge(&foreign.state().unwrap()).unwrap_err().to_string();
        assert!(refused.contains("which this run does not know"), "{refused}");
    }
}
