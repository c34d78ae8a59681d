//! Scales: the schemes that divide customers by a quantity, whose segments have an order: member level, number of orders, net revenue.

use crate::job::{MemberLevel, Params};
use crate::metric::amount_band::AmountBands;
use crate::metric::{member_level, order_count};
use crate::spec::NONE;

/// The scales of a run. On each of them a customer has a position; 0 is that of who is not on it, from 1 on the segments ascend.
pub struct Scales {
    levels: Vec<MemberLevel>,
    bands: AmountBands,
}

/// One of the scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// By net revenue.
    AmountBand,
    /// By the levels of the job.
    MemberLevel,
    /// By the number of purchases.
    OrderCount,
}

impl Scale {
    /// The name of the scheme.
    pub const fn name(self) -> &'static str {
        match self {
            Scale::AmountBand => "amount_band",
            Scale::MemberLevel => "member_level",
            Scale::OrderCount => "order_count",
        }
    }
}

impl Scales {
    /// The scales of a job with these parameters.
    pub fn of(params: &Params) -> Self {
        Scales { levels: params.member_levels.clone(), bands: AmountBands::new(&params.amount_bands) }
    }

    /// Whether a scale has segments: without levels nobody has one.
    pub fn has(&self, scale: Scale) -> bool {
        scale != Scale::MemberLevel || !self.levels.is_empty()
    }

    /// How many positions a scale has, with that of who is not on it.
    pub fn positions(&self, scale: Scale) -> usize {
        let segments = match scale {
            Scale::AmountBand => self.bands.number(),
            Scale::MemberLevel => self.levels.len(),
            Scale::OrderCount => order_count::NUMBER,
        };
        segments + 1
    }

    /// The position of a customer with this net revenue and so many purchases, at least 1.
    #[inline]
    pub fn position(&self, scale: Scale, net_revenue: i64, orders: i64) -> usize {
        match scale {
            Scale::AmountBand => self.bands.of(net_revenue) + 1,
            Scale::MemberLevel => member_level::reached(&self.levels, net_revenue, orders).map_or(0, |level| level + 1),
            Scale::OrderCount => order_count::step(orders) + 1,
        }
    }

    /// The name of the segment at a position.
    pub fn segment(&self, scale: Scale, position: usize) -> &str {
        let Some(place) = position.checked_sub(1) else { return NONE };
        let name = match scale {
            Scale::AmountBand => self.bands.names().get(place).map(String::as_str),
            Scale::MemberLevel => self.levels.get(place).map(|level| level.name.as_str()),
            Scale::OrderCount => order_count::NAMES.get(place).copied(),
        };
        name.unwrap_or(NONE)
    }
}
