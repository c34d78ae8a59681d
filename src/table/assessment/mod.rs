//! Assessment: the platform's rules applied to every shop, cycle by cycle.

pub mod assess;
mod at_end;
mod days_to_come;
mod drift;
pub mod figures;
mod group;
mod idle;
pub mod judge;
mod level;
pub mod measured;
mod metric_columns;
mod month_scores;
mod outlook;
mod peer_columns;
mod peers;
mod projection;
pub mod quarterly;
mod rare_days;
pub mod results;
mod rows;
mod season;
pub mod summary;
mod violations;
mod weeks;

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod calibration;
#[cfg(test)]
mod invented;
#[cfg(test)]
mod tests;
