//! Tables about shops by day and by period.

pub(crate) mod columns;
pub mod daily;
pub(crate) mod days;
mod driver_columns;
pub(crate) mod driver_spans;
pub mod events;
pub(crate) mod means;
pub(crate) mod period_columns;
pub mod periods;
pub(crate) mod refunded;
pub(crate) mod returning;
pub mod revenue_bridge;
pub mod sales_drivers;
pub mod shops;
pub(crate) mod unrecorded;
pub mod viewed;
