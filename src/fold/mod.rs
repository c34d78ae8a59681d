//! Fold: aggregations over histories, from which tables are computed.
//!
//! `spec` declares a fold, `selection` holds those that a run needs, `folds` runs them, `scope_set` those over several shops. `tally` counts by key and position; `layout` and
//! `codes` describe the columns of a state, so that `partial` can carry it to a process that numbers the values in another order.
//! `dated_tally` is a tally of days with one of each grain's periods beside it. `dimension` divides customers by a value that they have,
//! `cohort_tallies` into cohorts. `sparse_tally` counts where few keys occur; `interval_groups` is what `intervals` tells tables; `missing` is
//! the code of orders without a value, `brought` what `affiliates` counts. Every other file is one fold.

pub mod acquisitions;
pub mod activity;
pub mod affiliates;
pub mod alert_days;
pub mod basket_store;
pub mod baskets;
pub mod brought;
mod calendar;
pub mod campaigns;
pub mod channels;
pub mod codes;
pub mod cohort_tallies;
pub mod cohort_values;
pub mod cohorts;
pub mod customer;
pub mod customers;
pub mod dated_tally;
pub mod dimension;
mod fold_set;
pub mod folds;
pub mod identities;
pub mod interval_counts;
pub mod interval_groups;
pub mod intervals;
pub mod item;
pub mod items;
pub mod layout;
pub mod missing;
pub mod open_orders;
pub mod order_amounts;
pub mod order_hours;
pub mod order_items;
pub mod outcomes;
pub mod over_groups;
pub mod overlaps;
pub mod partial;
pub mod paying_groups;
pub mod payment_funnel;
pub mod promotions;
pub mod refund_days;
pub mod returning;
mod scope_set;
pub mod selection;
pub mod service;
pub mod shared_folds;
pub mod shop_buffer;
mod shown_values;
pub mod sparse_tally;
pub mod spec;
mod started;
mod state_column;
pub mod tally;
pub mod unsubscribed;
pub mod viewed_paid;
pub mod waits;
