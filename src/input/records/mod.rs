//! Records: one reader for each input, and the rows that they read.

pub mod ad_plans;
pub mod audiences;
pub mod benchmarks;
pub mod campaigns;
pub mod channel_days;
pub mod complaints;
pub mod facts;
pub mod listings;
pub(super) mod order_columns;
pub mod orders;
pub mod plans;
pub(super) mod rated_days;
pub mod ratings;
pub mod refund_lines;
pub(super) mod refund_record;
pub mod refunds;
pub mod service_scores;
pub mod shop_metrics;
pub(super) mod shop_rows;
pub mod shops;
pub mod traffic;
pub mod violations;
