//! Tables about orders, whoever placed them.

pub mod bands;
pub mod basket_value;
mod paid_month;
pub mod payment_funnel;
pub mod promotions;
pub mod timing;
