//! The tables made of all customers in their order, one after the other.

use super::audience::{ListFolds, Lists};
use super::customer_fold::CustomerFold;
use super::customer_marks::MarkedCustomers;
use super::item_fold::ItemFold;
use super::lifecycle_limits::LifecycleLimits;
use super::{Sink, customers, revenue_concentration, segment_migration, segment_value};
use crate::error::Result;
use crate::history::Context;

impl CustomerFold {
    /// Puts all customers in order, marks them, and hands out those of their tables that are wanted, `customers` first. Each has at
    /// least one batch, if an empty one. The lists of the job, where it has some, are chosen on the way.
    ///
    /// # Errors
    /// What the sink returns; [`crate::error::Error::Defect`] where a customer came twice.
    pub fn finish(
        self,
        context: &Context,
        limits: &LifecycleLimits,
        items: &ItemFold,
        lists: Option<ListFolds<'_>>,
        wants: &dyn Fn(&str) -> bool,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let customers = MarkedCustomers::of(context, self, limits)?;
        let mut lists = lists.map(|folds| Lists::new(&customers, folds)).transpose()?;
        let wants_customers = wants(customers::CARD.name);
        if wants_customers || lists.is_some() {
            customers::each_batch(&customers, &mut |rows, batch| {
                if let Some(lists) = &mut lists {
                    lists.take(rows, &batch, sink)?;
                }
                if wants_customers { sink(&customers::CARD, batch) } else { Ok(()) }
            })?;
        }
        lists.map_or(Ok(()), |lists| lists.finish(sink))?;
        if wants(segment_value::CARD.name) {
            sink(&segment_value::CARD, segment_value::table(&customers)?)?;
        }
        if wants(segment_migration::CARD.name) {
            sink(&segment_migration::CARD, segment_migration::table(&customers, limits)?)?;
        }
        if wants(revenue_concentration::CARD.name) {
            sink(&revenue_concentration::CARD, revenue_concentration::table(context, &customers, items)?)?;
        }
        Ok(())
    }
}
