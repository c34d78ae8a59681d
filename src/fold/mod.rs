//! Fold: aggregations over histories, from which tables are computed.

pub mod activity;
mod calendar;
pub mod campaigns;
pub mod codes;
pub mod cohorts;
pub mod customer;
pub mod customers;
pub mod folds;
pub mod interval_counts;
pub mod intervals;
pub mod items;
pub mod layout;
pub mod open_orders;
pub mod outcomes;
pub mod partial;
pub mod selection;
pub mod shop_buffer;
pub mod spec;
pub mod tally;
