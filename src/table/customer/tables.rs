//! The tables made of all customers in their order, one after the other.

use super::scores::MarkedCustomers;
use super::{customers, revenue_concentration, segment_migration, segment_value};
use crate::error::Result;
use crate::fold::activity::ActivityFold;
use crate::fold::customers::CustomerFold;
use crate::fold::interval_counts::IntervalCounts;
use crate::fold::items::ItemFold;
use crate::fold::outcomes::OutcomeFold;
use crate::history::Context;
use crate::input::facts::Facts;
use crate::table::audience::{ListFolds, Lists};
use crate::table::forecast::Forecasts;
use crate::table::repurchase::lifecycle_limits::LifecycleLimits;
use crate::table::{Sink, forecast};

/// What these tables need beside the customers.
pub struct Beside<'a> {
    /// The limits of the lifecycle stages.
    pub limits: &'a LifecycleLimits,
    /// What items brought.
    pub items: &'a ItemFold,
    /// What models with a regularity need.
    pub interval_counts: Option<&'a IntervalCounts>,
    /// What lists need; `None` where the job has none.
    pub lists: Option<ListFolds<'a>>,
    /// What the shops did by day.
    pub days: Option<(&'a ActivityFold, &'a OutcomeFold)>,
    /// The small inputs.
    pub facts: &'a Facts,
}

impl CustomerFold {
    /// Puts all customers in order, marks them, foresees them where that was asked for, and hands out those of their tables that are
    /// wanted, the lists and `customers` first. Each has at least one batch, if an empty one.
    ///
    /// # Errors
    /// What the sink returns; [`crate::error::Error::Bug`] where a customer came twice.
    pub fn finish(self, context: &Context, beside: Beside<'_>, wants: &dyn Fn(&str) -> bool, sink: &mut Sink<'_>) -> Result<()> {
        let Beside { limits, items, interval_counts, lists, days, facts } = beside;
        let is_foreseen = self.is_foreseen();
        let customers = MarkedCustomers::of(context, self, limits)?;
        let forecasts = is_foreseen.then(|| Forecasts::of(&customers, interval_counts));
        let mut lists = lists.map(|folds| Lists::new(&customers, folds)).transpose()?;
        let wants_customers = wants(customers::CARD.name);
        if wants_customers || lists.is_some() {
            customers::each_batch(&customers, forecasts.as_ref(), &mut |rows, batch| {
                if let Some(lists) = &mut lists {
                    lists.take(rows, &batch, sink)?;
                }
                if wants_customers { sink(&customers::CARD, batch) } else { Ok(()) }
            })?;
        }
        lists.map_or(Ok(()), |lists| lists.finish(sink))?;
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
        if let Some(days) = days.filter(|_| wants(forecast::months::CARD.name)) {
            sink(&forecast::months::CARD, forecast::months::table(&customers, &forecasts, days, facts)?)?;
        }
        Ok(())
    }
}
