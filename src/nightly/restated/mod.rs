//! Restated: what the tables of a night say differently from the snapshot before it about periods that were over there, and why.
//!
//! ```text
//! tables of the draft ─┐
//! snapshot before ─────┴─► figures that differ ─┐
//! rows of both ──► orders that changed ──► what they did to each figure ─┴─► restatements
//! ```

mod changed;
mod compared;
mod earlier;
mod effects;
mod figures;
mod orders;
mod refund_steps;
mod restate;
mod rows;

pub(super) use earlier::{Earlier, earlier};
pub(super) use effects::{Changes, amounts, selection};
pub(super) use refund_steps::{RefundSteps, refund_steps};
pub(super) use restate::{Explained, restate};
