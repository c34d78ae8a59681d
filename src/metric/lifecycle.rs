//! Lifecycle stages (生命周期阶段): how long a customer has been silent, against three limits in days.

/// The stage of a customer with at least one purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// One purchase day, not longer ago than the active limit.
    New,
    /// Silent no longer than the active limit.
    Active,
    /// Silent for more than that, up to the quiet limit.
    Quiet,
    /// Silent for more than that, up to the dormant limit.
    Dormant,
    /// Silent for longer than the dormant limit.
    Churned,
    /// Active again after an interval longer than the dormant limit.
    Reactivated,
}

impl Stage {
    /// The name in result tables.
    pub fn name(self) -> &'static str {
        match self {
            Stage::New => "new",
            Stage::Active => "active",
            Stage::Quiet => "quiet",
            Stage::Dormant => "dormant",
            Stage::Churned => "churned",
            Stage::Reactivated => "reactivated",
        }
    }
}

/// The stage of a customer whose last purchase day lies `recency` days back, after an interval of `last_interval` days
/// (`None` with one purchase day). `limits` are the active, quiet and dormant days, each inclusive.
pub fn stage(recency: i32, last_interval: Option<i32>, limits: [i32; 3]) -> Stage {
    let [active, quiet, dormant] = limits;
    if recency <= active {
        match last_interval {
            None => Stage::New,
            Some(interval) if interval > dormant => Stage::Reactivated,
            Some(_) => Stage::Active,
        }
    } else if recency <= quiet {
        Stage::Quiet
    } else if recency <= dormant {
        Stage::Dormant
    } else {
        Stage::Churned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_inclusive() {
        let at = |recency| stage(recency, Some(10), [30, 90, 180]).name();
        assert_eq!([0, 30, 31, 90, 91, 180, 181].map(at), ["active", "active", "quiet", "quiet", "dormant", "dormant", "churned"]);
    }

    #[test]
    fn only_who_is_active_can_be_new_or_reactivated() {
        assert_eq!(stage(30, None, [30, 90, 180]), Stage::New);
        assert_eq!(stage(31, None, [30, 90, 180]), Stage::Quiet);
        assert_eq!(stage(5, Some(180), [30, 90, 180]), Stage::Active);
        assert_eq!(stage(5, Some(181), [30, 90, 180]), Stage::Reactivated);
        assert_eq!(stage(40, Some(181), [30, 90, 180]), Stage::Quiet);
    }
}
