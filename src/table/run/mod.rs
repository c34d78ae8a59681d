//! Tables about the run itself.

pub mod inputs;
pub mod rejects;
