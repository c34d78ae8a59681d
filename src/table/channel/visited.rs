//! Visits of a channel: its traffic over the days of a period.

use crate::input::records::channel_days::{ChannelDay, ChannelFigure};
use crate::metric::ratio::ratio_known;

/// The traffic of a channel in a period, each figure summed over the days that have it; `None` where no day does.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Visited {
    /// Page views.
    pub pv: Option<i64>,
    /// Visits.
    pub visits: Option<i64>,
    /// Visits of one page.
    pub bounces: Option<i64>,
    /// Bounces per visit; `None` where a day has one of them without the other.
    pub bounce_rate: Option<f64>,
    /// New visitors.
    pub new_visitors: Option<i64>,
    /// Items added to carts.
    pub cart_adds: Option<i64>,
    /// Money spent on the channel, in minor units.
    pub cost: Option<i64>,
    /// Days with a cost.
    pub cost_days: i64,
    /// The UV of the days with a cost; `None` where there is none, or one of them has no UV.
    pub uv_with_cost: Option<i64>,
    /// Whether a day with any figure has no cost.
    pub lacks_cost: bool,
}

impl Visited {
    /// The traffic of these days.
    pub fn over(days: &[ChannelDay]) -> Self {
        let sum = |figure| days.iter().filter_map(|day| day.figure(figure)).reduce(|sum, more| sum + more);
        let (visits, bounces) = (sum(ChannelFigure::Visits), sum(ChannelFigure::Bounces));
        let knows = |day: &ChannelDay, figure| day.figure(figure).is_some();
        let same_days = days.iter().all(|day| knows(day, ChannelFigure::Visits) == knows(day, ChannelFigure::Bounces));
        let with_cost = || days.iter().filter(|day| knows(day, ChannelFigure::Cost));
        Visited {
            pv: sum(ChannelFigure::Pv),
            visits,
            bounces,
            bounce_rate: same_days.then(|| ratio_known(bounces, visits)).flatten(),
            new_visitors: sum(ChannelFigure::NewVisitors),
            cart_adds: sum(ChannelFigure::CartAdds),
            cost: sum(ChannelFigure::Cost),
            uv_with_cost: with_cost().map(|day| day.figure(ChannelFigure::Uv)).reduce(|sum, uv| Some(sum? + uv?)).flatten(),
            lacks_cost: days.iter().any(|day| !knows(day, ChannelFigure::Cost)),
            cost_days: with_cost().count() as i64,
        }
    }

    /// The cost, if each of the days has one.
    pub fn whole_cost(&self) -> Option<i64> {
        self.cost.filter(|_| !self.lacks_cost)
    }
}
