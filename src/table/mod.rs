//! Table: one file a result table, its card and what fills it.

use arrow::record_batch::RecordBatch;

use crate::error::Result;
use crate::job::strategy::Strategy;
use crate::spec::Card;

pub mod assessment;
pub mod audience;
pub mod campaign;
pub mod condition;
pub mod customer;
pub mod forecast;
pub mod frame;
pub mod repurchase;
pub mod rows;
pub mod run;
pub mod shop;
pub mod suite;

#[cfg(test)]
pub(crate) mod cases;
#[cfg(test)]
pub(crate) mod customer_cases;
#[cfg(test)]
pub(crate) mod shop_case;

pub use frame::Frame;
pub use suite::Suite;

/// Where finished rows go: a table's batches come in the order of its key, those of different tables in any order.
pub type Sink<'a> = dyn FnMut(&'static Card, RecordBatch) -> Result<()> + 'a;

/// All result tables, for the catalogue: those made from histories, what lists look like, and those about the run itself.
pub fn cards() -> impl Iterator<Item = &'static Card> {
    suite::CARDS.iter().copied().chain([&audience::card::TEMPLATE, &audience::excluded::CARD, &run::rejects::CARD, &run::inputs::CARD])
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
