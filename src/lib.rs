//! x

pub mod error;
pub mod sample;
pub mod spec;
