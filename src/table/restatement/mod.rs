//! Restatements: what this snapshot says differently from the one before it.

pub mod restatement;
pub mod restatements;
