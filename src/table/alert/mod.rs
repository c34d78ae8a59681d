//! Tables that say which figures of a shop are out of the ordinary.

pub mod alerts;
mod comparable_days;
mod driver;
mod judged;
mod metric_days;
mod metrics;
#[cfg(test)]
mod tests;
