//! Tables about campaigns and their effects.

pub(crate) mod arms;
mod columns;
pub mod effect;
mod parts;
pub mod pooled;
mod pooled_notes;
