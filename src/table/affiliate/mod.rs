//! Tables about affiliates (淘客).

pub mod plans;
