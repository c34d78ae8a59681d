//! The tables made of all customers in their order, one after the other.

use super::customer_fold::CustomerFold;
use super::customer_marks::MarkedCustomers;
use super::forecast::Forecasts;
use super::forecast::interval_counts::IntervalCounts;
use super::item_fold::ItemFold;
use super::lifecycle_limits::LifecycleLimits;
use super::{Sink, customers, forecast, revenue_concentration, segment_migration, segment_value};
use crate::error::Result;
use crate::history::Context;

impl CustomerFold {
    /// Puts all customers in order, marks them, foresees them where that was asked for, and hands out those of their tables that are
    /// wanted, `customers` first. Each has at least one batch, if an empty one.
    ///
    /// # Errors
    /// What the sink returns; [`crate::error::Error::Defect`] where a customer came twice.
    pub fn finish(
        self,
        context: &Context,
        limits: &LifecycleLimits,
        items: &ItemFold,
        intervals: Option<&IntervalCounts>,
        wants: &dyn Fn(&str) -> bool,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let is_foreseen = self.is_foreseen();
        let customers = MarkedCustomers::of(context, self, limits)?;
        let forecasts = is_foreseen.then(|| Forecasts::of(&customers, intervals));
        if wants(customers::CARD.name) {
            customers::write(&customers, forecasts.as_ref(), sink)?;
        }
        if wants(segment_value::CARD.name) {
            sink(&segment_value::CARD, segment_value::table(&customers, forecasts.as_ref())?)?;
        }
        if wants(segment_migration::CARD.name) {
            sink(&segment_migration::CARD, segment_migration::table(&customers, limits)?)?;
        }
        if wants(revenue_concentration::CARD.name) {
            sink(&revenue_concentration::CARD, revenue_concentration::table(context, &customers, items)?)?;
        }
        let Some(forecasts) = forecasts else { return Ok(()) };
        if wants(forecast::models::CARD.name) {
            sink(&forecast::models::CARD, forecast::models::table(context, &forecasts)?)?;
        }
        if wants(forecast::calibration::CARD.name) {
            sink(&forecast::calibration::CARD, forecast::calibration::table(context, &forecasts)?)?;
        }
        Ok(())
    }
}
