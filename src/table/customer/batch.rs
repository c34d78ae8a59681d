//! The data of a batch of `customers`: some rows of the customers of a run, and their forecasts.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::error::Result;
use crate::fold::customer::columns::CustomerColumns;
use crate::history::Context;
use crate::table::forecast::{CustomerForecast, FORECASTS, Forecasts};
use crate::table::night::Night;
use crate::table::rows::BATCH;
use crate::table::scores::{SCORED_CUSTOMERS, ScoredCustomers, Scores};

/// Some customers of a run.
pub struct CustomerBatch {
    pub(super) customers: Arc<ScoredCustomers>,
    forecasts: Option<Arc<Forecasts>>,
    rows: Range<usize>,
    /// The forecast of each, made at first use, since several columns use it.
    expected: OnceLock<Vec<Option<CustomerForecast>>>,
}

impl CustomerBatch {
    /// All customers of a run.
    ///
    /// # Errors
    /// Those of scoring the customers and of their forecast.
    pub fn all(night: &Night) -> Result<Vec<CustomerBatch>> {
        Ok(CustomerBatch::of(&night.shared(&SCORED_CUSTOMERS)?, night.if_requested(&FORECASTS)?.as_ref()))
    }

    /// These customers.
    pub(crate) fn of(customers: &Arc<ScoredCustomers>, forecasts: Option<&Arc<Forecasts>>) -> Vec<CustomerBatch> {
        let number = customers.columns.len();
        let batch = |start: usize| CustomerBatch {
            customers: Arc::clone(customers),
            forecasts: forecasts.cloned(),
            rows: start..number.min(start + BATCH),
            expected: OnceLock::new(),
        };
        (0..number).step_by(BATCH).map(batch).collect()
    }

    pub(crate) fn context(&self) -> &Context {
        &self.customers.context
    }

    pub(super) fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }

    /// A value of each customer.
    pub(crate) fn each<'a, T>(&'a self, value: impl Fn(&'a CustomerColumns, usize) -> T) -> impl Iterator<Item = T> {
        let columns = &self.customers.columns;
        self.rows().map(move |row| value(columns, row))
    }

    /// The scores of each.
    pub(super) fn scores(&self) -> impl Iterator<Item = &Scores> {
        self.customers.scores[self.rows()].iter()
    }

    /// The forecast of each.
    pub(super) fn forecasts(&self) -> impl Iterator<Item = Option<&CustomerForecast>> {
        let expected = |columns, row| self.forecasts.as_ref().and_then(|forecasts| forecasts.customer(columns, row));
        self.expected.get_or_init(|| self.each(expected).collect()).iter().map(Option::as_ref)
    }
}
