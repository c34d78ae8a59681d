//! Tables about shops by day and by period.

pub(crate) mod columns;
pub mod daily;
pub(crate) mod days;
pub(crate) mod means;
pub mod periods;
pub mod shops;
