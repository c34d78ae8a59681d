//! Assessment: the platform's rules applied to every shop, cycle by cycle.

pub mod assess;
pub mod figures;
mod group;
pub mod judge;
pub mod measured;
mod metric_columns;
mod outlook;
mod peer_columns;
mod peers;
mod projection;
pub mod quarterly;
pub mod results;
mod rows;
mod season;
pub mod summary;

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod tests;
