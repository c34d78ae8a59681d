//! The lists of a run: candidates shop after shop, as the batches of `customers` come.

use std::ops::Range;

use arrow::array::BooleanArray;
use arrow::record_batch::RecordBatch;

use super::super::Sink;
use super::candidates::{Candidate, Figures};
use super::conditions::Conditions;
use super::selection::Selection;
use super::shop_figures::ShopFigures;
use crate::error::Result;
use crate::fold::intervals::IntervalFold;
use crate::fold::open_orders::{OpenOrderFold, OpenOrders};
use crate::history::Context;
use crate::input::facts::Listed;
use crate::spec::Id;
use crate::table::customer::scores::MarkedCustomers;

/// What the lists are made from beside the customers.
pub struct ListFolds<'a> {
    /// Orders that wait.
    pub open: OpenOrderFold,
    /// Repurchase intervals.
    pub intervals: &'a IntervalFold,
    /// When customers stood on a list last, ascending by (shop, customer).
    pub listed: &'a [Listed],
}

/// Takes all customers in the order of (shop, customer id) and hands out the lists, a shop at a time.
pub struct Lists<'a> {
    context: &'a Context,
    customers: &'a MarkedCustomers<'a>,
    open: OpenOrders,
    shops: Vec<ShopFigures>,
    listed: &'a [Listed],
    conditions: Conditions,
    /// The first row of `open` that was not reached.
    next_open: usize,
    /// Rows of `open` whose customers have no purchase, of the shop that is being selected.
    alone: Vec<usize>,
    selection: Option<Selection<'a>>,
}

impl<'a> Lists<'a> {
    /// Lists without anybody.
    ///
    /// # Errors
    /// [`crate::error::Error::Usage`] where a condition is no SQL; [`crate::error::Error::Bug`] where a customer came twice.
    pub fn new(customers: &'a MarkedCustomers<'a>, folds: ListFolds<'a>) -> Result<Self> {
        let context = customers.context;
        let (open, completions) = folds.open.finish()?;
        Ok(Lists {
            context,
            customers,
            shops: ShopFigures::all(customers, folds.intervals, &completions),
            open,
            listed: folds.listed,
            conditions: Conditions::new(&context.strategies)?,
            next_open: 0,
            alone: Vec::new(),
            selection: None,
        })
    }

    /// Takes the customers in `rows`, which are `batch` of the table.
    ///
    /// # Errors
    /// [`crate::error::Error::Usage`] where a condition cannot be evaluated; what the sink returns.
    pub fn take(&mut self, rows: Range<usize>, batch: &RecordBatch, sink: &mut Sink<'_>) -> Result<()> {
        let keys = &self.customers.columns.keys;
        let shops = keys.shop.get(rows.clone()).unwrap_or_default();
        let mut start = 0;
        for own in shops.chunk_by(|one, other| one == other) {
            let Some(shop) = own.first().copied() else { continue };
            self.reach(shop, sink)?;
            let candidates: Vec<Candidate> = (rows.start + start..rows.start + start + own.len())
                .map(|row| Candidate { shop, customer: Some(row), open: self.open_of(shop, keys.id.get(row)) })
                .collect();
            let figures = self.figures();
            let own_rows = figures.with_purchase(&candidates, &batch.slice(start, own.len()))?;
            self.select(&candidates, &own_rows)?;
            start += own.len();
        }
        Ok(())
    }

    /// Hands out what is left: the last shop with customers, and those that only have orders that wait.
    ///
    /// # Errors
    /// As for [`Lists::take`].
    pub fn finish(mut self, sink: &mut Sink<'_>) -> Result<()> {
        self.reach(u32::MAX, sink)
    }

    fn figures(&self) -> Figures<'_> {
        Figures { context: self.context, customers: &self.customers.columns, open: &self.open, shops: &self.shops }
    }

    /// Ends the shops before that one and begins with it.
    fn reach(&mut self, shop: u32, sink: &mut Sink<'_>) -> Result<()> {
        loop {
            let current = self.selection.as_ref().map(Selection::shop);
            if current == Some(shop) {
                return Ok(());
            }
            if let Some(current) = current {
                self.end(current, sink)?;
            }
            // A shop before it that has no customer with a purchase.
            let next = self.open.keys.shop.get(self.next_open).copied().filter(|next| *next < shop);
            if next.is_none() && shop == u32::MAX {
                return Ok(());
            }
            self.selection = Some(Selection::new(self.context, next.unwrap_or(shop), self.listed));
        }
    }

    /// Takes the rest of a shop, who have no purchase, and hands out its lists.
    fn end(&mut self, shop: u32, sink: &mut Sink<'_>) -> Result<()> {
        while self.open.keys.shop.get(self.next_open) == Some(&shop) {
            self.alone.push(self.next_open);
            self.next_open += 1;
        }
        let alone = std::mem::take(&mut self.alone);
        if !alone.is_empty() {
            let candidates: Vec<Candidate> = alone.into_iter().map(|row| Candidate { shop, customer: None, open: Some(row) }).collect();
            let rows = self.figures().without_purchase(&candidates)?;
            self.select(&candidates, &rows)?;
        }
        self.selection.take().map_or(Ok(()), |selection| selection.finish(sink))
    }

    /// The row of a customer among the orders that wait; customers come in order.
    fn open_of(&mut self, shop: u32, customer: Id<'_>) -> Option<usize> {
        while let Some(row) = Some(self.next_open).filter(|row| self.open.keys.shop.get(*row) == Some(&shop)) {
            let ordering = self.open.keys.id.get(row).cmp(&customer);
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

    /// Gives candidates to the selection of their shop.
    fn select(&mut self, candidates: &[Candidate], rows: &RecordBatch) -> Result<()> {
        let met = self.conditions.evaluate(&self.context.strategies, rows)?;
        if !met.iter().any(BooleanArray::has_true) {
            return Ok(());
        }
        let figures = Figures { context: self.context, customers: &self.customers.columns, open: &self.open, shops: &self.shops };
        self.selection.as_mut().map_or(Ok(()), |selection| selection.take(&figures, candidates, rows, &met))
    }
}
