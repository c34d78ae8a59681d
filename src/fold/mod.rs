//! Fold: aggregations over histories, from which tables are computed.
//!
//! `spec` declares a fold, `selection` holds those that a run needs, `folds` runs them, `scope_set` those over several shops. `tally` counts by key and position; `layout` and
//! `codes` describe the columns of a state, so that `partial` can carry it to a process that numbers the values in another order.
//! `dated_tally` is a tally of days with one of each grain's periods beside it. `dimension` divides customers by a value that they have,
//! `cohort_tallies` into cohorts. `sparse_tally` counts where few keys occur; `interval_groups` is what `intervals` tells tables. Every
//! other file is one fold.

pub mod acquisitions;
pub mod activity;
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
pub mod interval_counts;
pub mod interval_groups;
pub mod intervals;
pub mod items;
pub mod layout;
pub mod open_orders;
pub mod order_hours;
pub mod outcomes;
pub mod partial;
pub mod paying_groups;
pub mod payment_funnel;
pub mod refund_days;
pub mod returning;
mod scope_set;
pub mod selection;
pub mod shop_buffer;
pub mod sparse_tally;
pub mod spec;
pub mod tally;
pub mod waits;
