//! Nightly: the whole run, from a checked job to a published snapshot.
//!
//! ```text
//! Plan::new   inputs opened, shapes checked, tables chosen
//! load        rows typed, checked, shuffled by customer; small inputs settled
//! fold        orders counted, histories settled once, every fold updated with them
//! write       folds become tables, tables become files
//! publish     one swap makes them the latest snapshot
//! ```

pub mod backtest;
mod buyers;
mod contacted;
mod contradictions;
mod facts;
mod fold;
pub mod forecast_backtest;
pub mod freshness;
mod item_memory;
mod links;
pub mod list_now;
mod listed;
mod load;
mod manifest;
mod missing_days;
mod observe;
mod opened;
mod order_lines;
pub mod overlap;
mod page_views;
mod placed_lines;
mod plan;
mod plausible;
mod read_orders;
mod ready;
mod restated;
mod rows_read;
mod run;
mod shop_columns;
mod small_inputs;
pub mod state;
mod state_use;
pub mod steps;
mod superseded_files;
mod unheard;
mod unsent;
mod whole_refunds;

pub use fold::{Folded, fold};
pub use load::{Loaded, load, load_from};
pub use observe::{Observer, Silent};
pub use plan::{ALWAYS, Plan, Skipped};
pub use ready::{count_orders, join_affiliates};
pub use run::{RunOutcome, finish, run};
pub use state_use::{LeftBy, StateUse};
