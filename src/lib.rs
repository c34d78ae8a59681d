//! x
pub mod error;
pub mod publish;
pub mod spec;
