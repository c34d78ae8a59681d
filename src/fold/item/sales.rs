//! Item sales fold: what was sold of each item, who bought it, whom it won, and when the same item was bought again.

use arrow::record_batch::RecordBatch;

use super::super::spec::{FoldSpec, Pace};
use super::item_store::{Items, ROWS};
use super::sold::{self, Sold, SoldColumns};
use super::sold_items::SoldItems;
use super::tallies::{KIND, Kind, Tallies};
use crate::error::{Error, Result};
use crate::history::{Context, Fold, History};
use crate::spec::{Day, NO_VALUE};

/// What was sold of items, and to whom.
pub static ITEM_SALES: FoldSpec<ItemSalesFold> =
    FoldSpec { name: "item_sales", version: 1, pace: Pace::AsTheyCome, new: |context, _| ItemSalesFold::new(context) };

/// Tallies of an item, on average, beyond which a thread hands over what it counted although its items are few.
const TALLIES_OF_ITEM: usize = 8;

/// Days of the last sales, and of those before them.
const RECENT: Day = 30;

/// Days since the first purchase within which coming back counts.
const REPURCHASE: Day = 90;

/// Days since the first purchase over which the worth of customers is compared.
const HORIZON: Day = 180;

/// Counts by shop and item.
#[derive(Debug)]
pub struct ItemSalesFold {
    as_of: Day,
    items: Items,
    tallies: Tallies,
    /// The distinct items of the current order.
    of_order: Vec<u32>,
    /// What the current customer kept: the place of an item, the day, pieces.
    kept: Vec<(u32, Day, u32)>,
}

impl ItemSalesFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        ItemSalesFold { as_of: context.as_of, items: Items::default(), tallies: Tallies::default(), of_order: Vec::new(), kept: Vec::new() }
    }

    /// All that was counted, in order.
    pub fn into_sold_items(self) -> SoldItems {
        SoldItems::of(self.items, self.tallies)
    }

    /// Counts the sales of one history, and notes what a customer kept.
    fn count_sales(&mut self, history: &History<'_>) {
        let ItemSalesFold { items, kept, of_order, as_of, .. } = self;
        kept.clear();
        for (order, lines) in history.orders_with_items() {
            of_order.clear();
            let age = *as_of - order.paid_day;
            for line in lines {
                let place = items.place(history.shop, line.item);
                let sold = items.sold(place);
                sold.note_category(order.paid_day, line.category);
                sold.first_sold = sold.first_sold.min(order.paid_day);
                sold.paid_amount += line.paid_amount;
                sold.net_revenue += line.net_revenue;
                sold.quantity += i64::from(line.quantity);
                if age < RECENT {
                    sold.amount_30 += line.paid_amount;
                } else if age < 2 * RECENT {
                    sold.amount_30_before += line.paid_amount;
                }
                of_order.push(place);
                if line.is_kept(order) && !history.is_anonymous {
                    kept.push((place, order.paid_day, line.quantity));
                }
            }
            of_order.sort_unstable();
            of_order.dedup();
            of_order.iter().for_each(|place| items.sold(*place).orders += 1);
        }
    }

    /// Counts who bought what again. Sorts what the customer kept.
    fn count_customers(&mut self) {
        let ItemSalesFold { items, kept, tallies, as_of, .. } = self;
        kept.sort_unstable();
        for of_item in kept.chunk_by(|one, other| one.0 == other.0) {
            let Some((place, ..)) = of_item.first().copied() else { continue };
            let mut before: Option<Day> = None;
            let mut days = 0;
            for of_day in of_item.chunk_by(|one, other| one.1 == other.1) {
                let Some((_, day, _)) = of_day.first().copied() else { continue };
                let pieces = of_day.iter().fold(0_u32, |sum, (.., pieces)| sum.saturating_add(*pieces));
                if pieces != 1 {
                    tallies.count(place, Kind::Pieces, pieces);
                }
                if let Some(before) = before {
                    tallies.count(place, Kind::Ended, day.abs_diff(before));
                }
                before = Some(day);
                days += 1;
            }
            if let Some(last) = before {
                tallies.count(place, Kind::Open, as_of.abs_diff(last));
            }
            let sold = items.sold(place);
            sold.customers += 1;
            sold.rebuyers += u32::from(days > 1);
        }
    }

    /// Counts what became of a customer, for the shop and for each item of the first purchase.
    fn count_new_customer(&mut self, history: &History<'_>) {
        let Some(first) = history.purchases().next() else { return };
        let age = self.as_of - first.paid_day;
        let is_within = |since: Day, days: Day| first.paid_day.saturating_add(days) >= since;
        let mut brought = 0;
        if age >= HORIZON {
            let orders = history.purchases().take_while(|order| is_within(order.paid_day, HORIZON));
            brought = orders.map(|order| order.net_revenue()).sum::<i64>() - history.returned_by(first.paid_day.saturating_add(HORIZON));
        }
        let is_back = history.purchase_days.get(1).is_some_and(|second| is_within(*second, REPURCHASE));
        let count = |sold: &mut Sold| {
            sold.new_customers += 1;
            if age >= REPURCHASE {
                sold.customers_90 += 1;
                sold.repurchased_90 += u32::from(is_back);
            }
            if age >= HORIZON {
                sold.customers_180 += 1;
                sold.net_revenue_180 += brought;
            }
        };
        // Code 0 stands for the shop.
        let shop = self.items.place(history.shop, NO_VALUE);
        let sold = self.items.sold(shop);
        sold.customers += 1;
        count(sold);
        let lines = history.orders_with_items().find(|(order, _)| order.is_purchase());
        let Some((order, lines)) = lines.filter(|(order, _)| order.rank == first.rank) else { return };
        self.of_order.clear();
        let kept = lines.iter().filter(|line| line.is_kept(order));
        self.of_order.extend(kept.map(|line| self.items.place(history.shop, line.item)));
        self.of_order.sort_unstable();
        self.of_order.dedup();
        self.of_order.iter().for_each(|place| count(self.items.sold(*place)));
    }
}

impl Fold for ItemSalesFold {
    fn update(&mut self, history: &History<'_>) {
        self.count_sales(history);
        if !history.is_anonymous {
            self.count_customers();
            self.count_new_customer(history);
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn reads_lines(&self) -> bool {
        true
    }

    fn hand_over(&mut self, most: usize) -> Result<Vec<RecordBatch>> {
        let is_much = self.items.len() > most || self.tallies.len() > most.saturating_mul(TALLIES_OF_ITEM);
        if is_much { self.state() } else { Ok(Vec::new()) }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let items = std::mem::take(&mut self.items);
        let codes = |place: u32| items.get(place).map_or((0, 0), |of| (of.shop, of.item));
        let mut batches = self.tallies.take_batches(ROWS, codes)?;
        // Each piece is freed when its batch is made.
        for piece in items.into_pieces() {
            batches.push(sold::batch(&piece)?);
        }
        Ok(batches)
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        let ItemSalesFold { items, tallies, .. } = self;
        for batch in state {
            if batch.column_by_name(KIND).is_some() {
                tallies.merge(batch, |shop, item| items.place(shop, item))?;
                continue;
            }
            let columns = SoldColumns::of(batch)?;
            for of in (0..batch.num_rows()).filter_map(|row| columns.row(row)) {
                let place = items.place(of.shop, of.item);
                items.sold(place).add(&of.sold).ok_or_else(|| Error::bug("what was sold of an item overflows"))?;
            }
        }
        Ok(())
    }
}
