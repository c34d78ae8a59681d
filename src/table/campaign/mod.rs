//! Tables about campaigns and what they did.

pub(crate) mod arms;
mod columns;
pub mod effect;
mod parts;
pub mod pooled;
