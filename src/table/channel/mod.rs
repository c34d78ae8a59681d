//! Tables about channels (流量来源): what each brought and cost, and what its customers were worth later.

mod horizons;
mod keyword_periods;
pub mod keywords;
mod names;
mod periods;
mod searched;
pub mod traffic_sources;
pub mod value;
mod visited;

pub use names::CHANNELS;
