//! Steps: a run whose work several processes share, on one machine or many. An engine carries rows from step to step; every figure is made by the
//! same code as in a run of one process.
//!
//! ```text
//! plan      files dealt out to scans                                         ─► plan, scans
//! scan      some files of the orders ─► lines by bucket, orders by partition ─► summary, lines, orders
//! census    all summaries, the orders of some partitions                     ─► findings
//! suspects  findings, the lines of some buckets                              ─► lines of orders that may name two customers
//! fold      findings, suspects, the lines of some buckets                    ─► states of the folds, what settling counted
//! merge     several of these                                                 ─► one of these
//! finish    all of these                                                     ─► snapshot
//! ```
//!
//! Steps but the last one write nothing but their rows, so that an engine may make any of them again. Each reads the small inputs itself. What is
//! wrong with the inputs travels as a row of kind `problem` and is told by `finish`; what fails is a failure of its step.

mod census;
mod complete;
mod given;
mod plan;
mod scan;
mod settled;

pub use census::{census, suspects};
pub use given::Given;
pub use plan::{Asked, StepPlan};
pub use scan::scan;
pub(super) use settled::folded;
pub use settled::{fold, merge};
