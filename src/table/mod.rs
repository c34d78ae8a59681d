//! Table: one file a result table, its card and what fills it.

use arrow::record_batch::RecordBatch;

use crate::error::Result;
use crate::job::strategy::Strategy;
use crate::spec::Card;

pub mod activity;
pub mod assessment;
mod assessment_peers;
pub mod assessment_quarterly;
mod assessment_records;
mod assessment_rows;
pub mod audience;
mod by_shop;
mod calendar;
mod campaign_arms;
mod campaign_columns;
pub mod campaign_effect;
mod campaign_fold;
pub mod campaign_pooled;
pub mod cohort_fold;
pub mod cohort_retention;
pub mod condition;
pub mod customer_columns;
pub mod customer_fold;
pub mod customer_keys;
pub mod customer_marks;
mod customer_order;
mod customer_tables;
pub mod customers;
pub mod forecast;
pub mod frame;
pub mod inputs;
pub mod interval_fold;
pub mod interval_histogram;
mod item_fold;
mod lifecycle_limits;
pub mod lifecycle_thresholds;
mod mean_columns;
pub mod outcomes;
pub mod rejects;
pub mod repurchase_intervals;
pub mod repurchase_survival;
pub mod revenue_concentration;
pub mod rows;
pub mod segment_migration;
pub mod segment_value;
mod shop_columns;
pub mod shop_daily;
mod shop_days;
pub mod shop_periods;
pub mod suite;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod customer_cases;
#[cfg(test)]
mod shop_case;

pub use customer_fold::CustomerFold;
pub use frame::Frame;
pub use suite::Suite;

/// Where finished rows go: a table's batches come in the order of its key, those of different tables in any order.
pub type Sink<'a> = dyn FnMut(&'static Card, RecordBatch) -> Result<()> + 'a;

/// All result tables, for the catalogue: those made from histories, what lists look like, and those about the run itself.
pub fn cards() -> impl Iterator<Item = &'static Card> {
    suite::CARDS.iter().copied().chain([&audience::card::TEMPLATE, &audience::excluded::CARD, &rejects::CARD, &inputs::CARD])
}

/// The tables that a job with these strategies can have: a list for each of them.
pub fn cards_of(strategies: &[Strategy]) -> impl Iterator<Item = &'static Card> {
    let lists: Vec<&'static Card> = strategies.iter().map(audience::card::card_of).collect();
    cards().flat_map(move |card| if std::ptr::eq(card, &audience::card::TEMPLATE) { lists.clone() } else { vec![card] })
}

/// The table of that name, if there is one; that of a list too, whatever job it belongs to.
pub fn card(name: &str) -> Option<&'static Card> {
    cards().find(|card| card.name == name).or_else(|| audience::card::card_named(name))
}
