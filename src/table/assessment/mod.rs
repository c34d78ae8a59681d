//! Assessment: the platform's rules applied to every shop, cycle by cycle.

pub mod assess;
pub mod figures;
mod group;
pub mod judge;
mod outlook;
mod peers;
mod projection;
pub mod quarterly;
mod records;
pub mod results;
mod rows;
mod season;
pub mod summary;
