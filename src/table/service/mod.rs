//! Tables about the agents who answer customers (客服).

pub mod conversion;
