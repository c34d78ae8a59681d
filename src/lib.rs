//! x
pub mod error;
pub mod job;
pub mod spec;
