//! Restatements: what this snapshot says differently from the one before it.

pub mod restated_figure;
pub mod restatements;
