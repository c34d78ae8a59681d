//! Tables about the stage of a shop (店铺阶段): which it is in, by which rule, and how the metrics do that matter there.

mod decision;
mod figures;
mod item_figures;
pub mod metrics;
pub mod registry;
mod shop_months;
pub mod store_stage;
mod store_stage_columns;
pub mod store_stages;

#[cfg(test)]
mod tests;
