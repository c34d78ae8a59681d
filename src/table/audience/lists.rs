//! The lists of a run, made shop by shop from the batches of `customers`.

use std::borrow::Cow;

use arrow::array::BooleanArray;
use arrow::record_batch::RecordBatch;

use super::candidates::{Candidate, Candidates, Figures, Waiting};
use super::card::{TEMPLATE, card_of};
use super::conditions::Conditions;
use super::customer_items::CUSTOMER_ITEMS;
use super::excluded;
use super::selection::Selection;
use super::shop_figures::ShopFigures;
use crate::error::Result;
use crate::fold::customers::LISTS;
use crate::fold::intervals::INTERVALS;
use crate::fold::open_orders::OPEN_ORDERS;
use crate::fold::unsubscribed::UNSUBSCRIBED;
use crate::history::Context;
use crate::input::records::facts::Facts;
use crate::job::Job;
use crate::job::strategy::Strategy;
use crate::spec::{Card, Id};
use crate::table::customer::customers;
use crate::table::night::{Night, Read, Shared, always};
use crate::table::request::Request;
use crate::table::rows::Sink;
use crate::table::scores::SCORED_CUSTOMERS;
use crate::table::unit::{AnyTable, Witness};

/// Customers with open orders, in order; and the days from shipping to completion by shop.
pub static WAITING_CUSTOMERS: Shared<Waiting> = Shared {
    name: "waiting_customers",
    not_requested: |request| (!request.has_strategies).then_some("the job names no strategy files (`strategies`)"),
    reads: |_| vec![Read::Fold(&OPEN_ORDERS)],
    make: |night| night.take_fold(&OPEN_ORDERS)?.finish(),
};

/// Of the customers who must not be contacted, those whom no order names: for a warning.
pub static UNKNOWN_UNSUBSCRIBED: Shared<UnknownUnsubscribed> = Shared {
    name: "unknown_unsubscribed",
    not_requested: always,
    reads: |_| vec![Read::Fold(&UNSUBSCRIBED)],
    make: |night| {
        let fold = night.fold(&UNSUBSCRIBED)?;
        Ok(UnknownUnsubscribed { unknown: fold.unknown(), listed: fold.listed() })
    },
};

/// How many customers who must not be contacted are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownUnsubscribed {
    unknown: usize,
    listed: usize,
}

impl UnknownUnsubscribed {
    /// The warning, if there are any.
    pub fn warning(self) -> Option<String> {
        let UnknownUnsubscribed { unknown, listed } = self;
        (unknown > 0).then(|| {
            format!(
                "unknown_customer: {unknown} of {listed} rows of do_not_contact name customers without any order in their shop: are the \
                 ids those of the orders?"
            )
        })
    }
}

/// The lists of all strategies of a job.
pub static TABLE: ListTables = ListTables;

static READS: [Read; 6] = [
    Read::Shared(&SCORED_CUSTOMERS),
    Read::Part(&LISTS),
    Read::Shared(&WAITING_CUSTOMERS),
    Read::Fold(&INTERVALS),
    Read::Shared(&UNKNOWN_UNSUBSCRIBED),
    Read::IfRequested(&CUSTOMER_ITEMS),
];

/// The tables `audience_<strategy>` and `audience_excluded`. They are computed from the batches of `customers`.
pub struct ListTables;

impl AnyTable for ListTables {
    fn card(&'static self) -> &'static Card {
        &TEMPLATE
    }

    fn cards(&'static self, strategies: &[Strategy]) -> Vec<Cow<'static, Card>> {
        strategies.iter().map(|strategy| Cow::Owned(card_of(strategy))).chain([Cow::Borrowed(&*excluded::CARD)]).collect()
    }

    fn further_cards(&'static self) -> Vec<&'static Card> {
        vec![&excluded::CARD]
    }

    fn reads(&self) -> &'static [Read] {
        &READS
    }

    fn witness(&self) -> Witness {
        Witness::Sql
    }

    fn follows(&self) -> Option<&'static dyn AnyTable> {
        Some(&customers::TABLE)
    }

    fn lacks(&self, job: &Job, has: &dyn Fn(&str) -> bool) -> Vec<String> {
        let request = Request::of(job);
        let missing = |columns: &[&'static str]| columns.iter().copied().find(|column| !has(column));
        let refills = missing(&["item_id", "quantity"]).filter(|_| request.has_refills).map(|column| ("what customers run out of", column));
        let offers = missing(&["item_id"]).filter(|_| request.has_offers).map(|column| ("which item to offer", column));
        let warning = |(what, column)| format!("strategies ask {what}, which nobody knows: input `orders` has no `{column}`");
        refills.into_iter().chain(offers).map(warning).collect()
    }

    fn write(&'static self, night: &Night, sink: &mut Sink<'_>) -> Result<()> {
        let (customers, waiting) = (night.shared(&SCORED_CUSTOMERS)?, night.shared(&WAITING_CUSTOMERS)?);
        night.shared(&UNKNOWN_UNSUBSCRIBED)?;
        let shops = ShopFigures::all(&customers, night.fold(&INTERVALS)?.as_ref(), &waiting.1).into();
        let figures = Figures { customers, waiting, items: night.if_requested(&CUSTOMER_ITEMS)?, shops };
        let cards: Vec<Card> = night.context.strategies.iter().map(card_of).collect();
        let mut lists = Lists::new(&night.context, &figures, &cards, &night.facts)?;
        customers::TABLE.write(night, &mut |card, batch| {
            lists.take(&batch, sink)?;
            sink(card, batch)
        })?;
        lists.finish(sink)
    }
}

/// Takes all customers in the order of (shop, customer id) and writes the lists, one shop at a time.
struct Lists<'a> {
    context: &'a Context,
    /// The card of each list.
    cards: &'a [Card],
    figures: &'a Figures,
    /// The number of rows of customers taken so far.
    taken: usize,
    facts: &'a Facts,
    conditions: Conditions,
    /// The next row of `open`.
    next_open: usize,
    /// Rows of `open` whose customers have no purchase, of the current shop.
    alone: Vec<usize>,
    selection: Option<Selection<'a>>,
}

impl<'a> Lists<'a> {
    /// Empty lists.
    ///
    /// # Errors
    /// [`crate::error::Error::Usage`] where a condition is not SQL.
    pub fn new(context: &'a Context, figures: &'a Figures, cards: &'a [Card], facts: &'a Facts) -> Result<Self> {
        let conditions = Conditions::new(&context.strategies)?;
        Ok(Lists { context, cards, figures, taken: 0, facts, conditions, next_open: 0, alone: Vec::new(), selection: None })
    }

    /// Takes the next rows of `customers`.
    ///
    /// # Errors
    /// [`crate::error::Error::Usage`] where a condition cannot be evaluated; what the sink returns.
    pub fn take(&mut self, batch: &RecordBatch, sink: &mut Sink<'_>) -> Result<()> {
        let keys = &self.figures.customers.columns.keys;
        let rows = self.taken..self.taken + batch.num_rows();
        self.taken = rows.end;
        let shops = keys.shop.get(rows.clone()).unwrap_or_default();
        let mut start = 0;
        for own in shops.chunk_by(|one, other| one == other) {
            let Some(shop) = own.first().copied() else { continue };
            self.advance_to(shop, sink)?;
            let each = (rows.start + start..rows.start + start + own.len())
                .map(|row| Candidate { shop, customer: Some(row), open: self.open_of(shop, keys.id.get(row)) })
                .collect();
            let candidates = self.candidates(each);
            let own_rows = candidates.with_purchase(&batch.slice(start, own.len()))?;
            self.select(&candidates, &own_rows)?;
            start += own.len();
        }
        Ok(())
    }

    /// Writes the rest: the last shop with customers, and those that only have open orders.
    ///
    /// # Errors
    /// As for [`Lists::take`].
    pub fn finish(mut self, sink: &mut Sink<'_>) -> Result<()> {
        self.advance_to(u32::MAX, sink)
    }

    fn candidates(&self, each: Vec<Candidate>) -> Candidates {
        Candidates { figures: self.figures.clone(), each }
    }

    /// Finishes the shops before that one and starts it.
    fn advance_to(&mut self, shop: u32, sink: &mut Sink<'_>) -> Result<()> {
        loop {
            let current = self.selection.as_ref().map(Selection::shop);
            if current == Some(shop) {
                return Ok(());
            }
            if let Some(current) = current {
                self.end(current, sink)?;
            }
            // An earlier shop without a customer with a purchase.
            let next = self.figures.open().keys.shop.get(self.next_open).copied().filter(|next| *next < shop);
            if next.is_none() && shop == u32::MAX {
                return Ok(());
            }
            self.selection = Some(Selection::new(self.context, self.cards, next.unwrap_or(shop), self.facts));
        }
    }

    /// Takes the remaining customers of a shop, who have no purchase, and writes its lists.
    fn end(&mut self, shop: u32, sink: &mut Sink<'_>) -> Result<()> {
        while self.figures.open().keys.shop.get(self.next_open) == Some(&shop) {
            self.alone.push(self.next_open);
            self.next_open += 1;
        }
        let alone = std::mem::take(&mut self.alone);
        if !alone.is_empty() {
            let each = alone.into_iter().map(|row| Candidate { shop, customer: None, open: Some(row) }).collect();
            let candidates = self.candidates(each);
            let rows = candidates.without_purchase()?;
            self.select(&candidates, &rows)?;
        }
        self.selection.take().map_or(Ok(()), |selection| selection.finish(sink))
    }

    /// The row of a customer among the open orders; customers come in order.
    fn open_of(&mut self, shop: u32, customer: Id<'_>) -> Option<usize> {
        let keys = &self.figures.open().keys;
        while let Some(row) = Some(self.next_open).filter(|row| keys.shop.get(*row) == Some(&shop)) {
            let ordering = keys.id.get(row).cmp(&customer);
            if ordering.is_gt() {
                return None;
            }
            self.next_open += 1;
            if ordering.is_eq() {
                return Some(row);
            }
            self.alone.push(row);
        }
        None
    }

    /// Adds candidates to the selection of their shop.
    fn select(&mut self, candidates: &Candidates, rows: &RecordBatch) -> Result<()> {
        let met = self.conditions.evaluate(&self.context.strategies, rows)?;
        if !met.iter().any(BooleanArray::has_true) {
            return Ok(());
        }
        self.selection.as_mut().map_or(Ok(()), |selection| selection.take(candidates, rows, &met))
    }
}
