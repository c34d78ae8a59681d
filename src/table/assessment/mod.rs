//! Assessment: the platform's rules applied to every shop, cycle by cycle.

pub mod assess;
pub mod figures;
mod group;
pub mod judge;
mod outlook;
mod projection;
pub mod results;
mod season;
pub mod summary;
