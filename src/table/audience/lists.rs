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

/// Takes all customers in the order of (shop, customer id) and writes the lists, one shop at a time. Conditions are evaluated for the customers
/// of many shops together: to evaluate one costs more than a thousand rows of it.
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
    selection: Option<Selection<'a>>,
}

/// Rows of `open` that are evaluated together, where their customers have no purchase.
const ALONE: usize = 1 << 16;

/// Candidates of some shops, ascending by shop.
struct Judged {
    candidates: Candidates,
    rows: RecordBatch,
    /// By strategy: whether they meet its condition.
    met: Vec<BooleanArray>,
}

impl<'a> Lists<'a> {
    /// Empty lists.
    ///
    /// # Errors
    /// [`crate::error::Error::Usage`] where a condition is not SQL.
    pub fn new(context: &'a Context, figures: &'a Figures, cards: &'a [Card], facts: &'a Facts) -> Result<Self> {
        let conditions = Conditions::new(&context.strategies)?;
        Ok(Lists { context, cards, figures, taken: 0, facts, conditions, next_open: 0, selection: None })
    }

    /// Takes the next rows of `customers`.
    ///
    /// # Errors
    /// [`crate::error::Error::Usage`] where a condition cannot be evaluated; what the sink returns.
    pub fn take(&mut self, batch: &RecordBatch, sink: &mut Sink<'_>) -> Result<()> {
        let keys = &self.figures.customers.columns.keys;
        let (mut each, mut alone) = (Vec::with_capacity(batch.num_rows()), Vec::new());
        for row in self.taken..self.taken + batch.num_rows() {
            let Some(shop) = keys.shop.get(row).copied() else { break };
            each.push(Candidate { shop, customer: Some(row), open: self.open_of(shop, keys.id.get(row), &mut alone) });
        }
        self.taken += batch.num_rows();
        let candidates = self.candidates(each);
        let rows = candidates.with_purchase(batch)?;
        let mut judged = vec![self.judged(candidates, rows)?];
        for some in alone.chunks(ALONE) {
            judged.push(self.judged_alone(some)?);
        }
        self.select(&judged, sink)
    }

    /// Writes the rest: customers that only have open orders, and the last shop.
    ///
    /// # Errors
    /// As for [`Lists::take`].
    pub fn finish(mut self, sink: &mut Sink<'_>) -> Result<()> {
        let rest: Vec<usize> = (self.next_open..self.figures.open().keys.shop.len()).collect();
        for some in rest.chunks(ALONE) {
            let judged = self.judged_alone(some)?;
            self.select(&[judged], sink)?;
        }
        self.selection.take().map_or(Ok(()), |selection| selection.finish(sink))
    }

    fn candidates(&self, each: Vec<Candidate>) -> Candidates {
        Candidates { figures: self.figures.clone(), each }
    }

    /// The row of a customer among the open orders; customers come in order, and `alone` gets the rows of those without a purchase before it.
    fn open_of(&mut self, shop: u32, customer: Id<'_>, alone: &mut Vec<usize>) -> Option<usize> {
        let keys = &self.figures.open().keys;
        while let Some(open_shop) = keys.shop.get(self.next_open) {
            let row = self.next_open;
            let ordering = open_shop.cmp(&shop).then_with(|| keys.id.get(row).cmp(&customer));
            if ordering.is_gt() {
                return None;
            }
            self.next_open += 1;
            if ordering.is_eq() {
                return Some(row);
            }
            alone.push(row);
        }
        None
    }

    /// Evaluates the conditions for candidates.
    fn judged(&self, candidates: Candidates, rows: RecordBatch) -> Result<Judged> {
        let met = self.conditions.evaluate(&self.context.strategies, &rows)?;
        Ok(Judged { candidates, rows, met })
    }

    /// The same of customers who only have open orders, by their rows.
    fn judged_alone(&self, open: &[usize]) -> Result<Judged> {
        let shops = &self.figures.open().keys.shop;
        let each = open.iter().filter_map(|row| Some(Candidate { shop: *shops.get(*row)?, customer: None, open: Some(*row) }));
        let candidates = self.candidates(each.collect());
        let rows = candidates.without_purchase()?;
        self.judged(candidates, rows)
    }

    /// Adds candidates to the selections of their shops, and writes the lists of the shops before the last one.
    fn select(&mut self, judged: &[Judged], sink: &mut Sink<'_>) -> Result<()> {
        let mut shops: Vec<u32> = judged.iter().flat_map(|judged| &judged.candidates.each).map(|candidate| candidate.shop).collect();
        shops.sort_unstable();
        shops.dedup();
        for shop in shops {
            if self.selection.as_ref().is_none_or(|selection| selection.shop() != shop) {
                let selection = Selection::new(self.context, self.cards, shop, self.facts);
                self.selection.replace(selection).map_or(Ok(()), |ended| ended.finish(sink))?;
            }
            let Some(selection) = &mut self.selection else { continue };
            for Judged { candidates, rows, met } in judged {
                let start = candidates.each.partition_point(|candidate| candidate.shop < shop);
                let own = candidates.each.iter().skip(start).take_while(|candidate| candidate.shop == shop).count();
                let met: Vec<BooleanArray> = met.iter().map(|met| met.slice(start, own)).collect();
                if met.iter().any(BooleanArray::has_true) {
                    let each = candidates.each.iter().skip(start).take(own).copied().collect();
                    selection.take(&Candidates { figures: candidates.figures.clone(), each }, &rows.slice(start, own), &met)?;
                }
            }
        }
        Ok(())
    }
}
