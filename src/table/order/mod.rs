//! Tables about orders, whoever placed them.

pub mod payment_funnel;
pub mod promotions;
pub mod timing;
