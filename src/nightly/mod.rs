//! Nightly: the whole run, from a checked job to a published snapshot.
//!
//! ```text
//! Plan::new   inputs opened, shapes checked, tables chosen
//! load        rows typed, checked, shuffled by customer; small inputs settled
//! pass        histories settled once, every fold walks over them
//! finish      folds become tables, tables become files, one swap shows them
//! ```

mod load;
mod observe;
mod plan;
mod run;

pub use observe::{Observer, Silent};
pub use plan::{Plan, Skipped};
pub use run::{Outcome, run};
