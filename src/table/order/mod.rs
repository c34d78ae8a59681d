//! Tables about orders, whoever placed them.

pub mod timing;
