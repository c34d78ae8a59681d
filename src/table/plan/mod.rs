//! Tables about what shops plan.

mod measured;
pub mod progress;
mod row;

pub use row::ON_TRACK;
