//! Fold: what is counted while walking over histories; what tables say is made of it.

pub mod activity;
mod calendar;
pub(crate) mod campaigns;
pub mod cohorts;
pub mod customer;
pub mod customers;
pub mod interval_counts;
pub mod intervals;
pub(crate) mod items;
pub mod open_orders;
pub mod outcomes;
pub(crate) mod shop_buffer;
pub mod tally;
