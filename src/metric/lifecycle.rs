//! Lifecycle stages of customers (生命周期阶段), by the time since the last purchase.

use crate::job::Lifecycle;

/// A customer's stage. The variants are in the order of their names, by which segments are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Stage {
    /// 活跃: bought recently, after an ordinary interval.
    #[default]
    Active,
    /// 流失: longer ago than the dormant limit.
    Churned,
    /// 睡眠: longer ago than the quiet limit.
    Dormant,
    /// 新客: one purchase day, and that recently.
    New,
    /// 沉默: longer ago than the active limit.
    Quiet,
    /// 回流: bought recently, after a pause that was longer than the dormant limit.
    Reactivated,
}

/// The limits between stages: the days since the last purchase up to which a customer is active, quiet, dormant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageLimits {
    /// Active (or new, or reactivated) up to this many.
    pub active_days: i32,
    /// Quiet up to this many.
    pub quiet_days: i32,
    /// Dormant up to this many, churned after that.
    pub dormant_days: i32,
}

impl From<&Lifecycle> for StageLimits {
    fn from(lifecycle: &Lifecycle) -> Self {
        let Lifecycle { active_days, quiet_days, dormant_days, .. } = *lifecycle;
        StageLimits { active_days, quiet_days, dormant_days }
    }
}

impl StageLimits {
    /// The limit of a stage.
    pub fn of(self, stage: LimitedStage) -> i32 {
        match stage {
            LimitedStage::Active => self.active_days,
            LimitedStage::Quiet => self.quiet_days,
            LimitedStage::Dormant => self.dormant_days,
        }
    }

    /// The limits with another one for a stage.
    pub fn with(self, stage: LimitedStage, days: i32) -> Self {
        match stage {
            LimitedStage::Active => StageLimits { active_days: days, ..self },
            LimitedStage::Quiet => StageLimits { quiet_days: days, ..self },
            LimitedStage::Dormant => StageLimits { dormant_days: days, ..self },
        }
    }
}

/// A stage that ends at a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitedStage {
    /// Ends at `active_days`.
    Active,
    /// Ends at `quiet_days`.
    Quiet,
    /// Ends at `dormant_days`.
    Dormant,
}

impl LimitedStage {
    /// All of them, ascending by their limits.
    pub const ALL: [LimitedStage; 3] = [LimitedStage::Active, LimitedStage::Quiet, LimitedStage::Dormant];

    /// The name in result tables.
    pub fn name(self) -> &'static str {
        match self {
            LimitedStage::Active => Stage::Active.name(),
            LimitedStage::Quiet => Stage::Quiet.name(),
            LimitedStage::Dormant => Stage::Dormant.name(),
        }
    }
}

impl Stage {
    /// All stages, ascending by name.
    pub const ALL: [Stage; 6] = [Stage::Active, Stage::Churned, Stage::Dormant, Stage::New, Stage::Quiet, Stage::Reactivated];

    /// The name in result tables.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Active => "active",
            Stage::Churned => "churned",
            Stage::Dormant => "dormant",
            Stage::New => "new",
            Stage::Quiet => "quiet",
            Stage::Reactivated => "reactivated",
        }
    }

    /// The stage of a customer whose last purchase day is `recency` days before the as-of date and lies
    /// `last_interval` days after the purchase day before it (`None` with one purchase day). A recency equal to a limit is still
    /// within it.
    pub fn of(limits: StageLimits, recency: i64, last_interval: Option<u32>) -> Stage {
        let [active, quiet, dormant] = LimitedStage::ALL.map(|stage| i64::from(limits.of(stage)));
        match last_interval {
            None if recency <= active => Stage::New,
            Some(interval) if recency <= active && i64::from(interval) > dormant => Stage::Reactivated,
            Some(_) if recency <= active => Stage::Active,
            _ if recency <= quiet => Stage::Quiet,
            _ if recency <= dormant => Stage::Dormant,
            _ => Stage::Churned,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_belongs_to_the_stage_it_ends() {
        let stage = |recency, interval| Stage::of(StageLimits { active_days: 30, quiet_days: 90, dormant_days: 180 }, recency, interval);
        let one_day = [(0, Stage::New), (30, Stage::New), (31, Stage::Quiet), (90, Stage::Quiet), (91, Stage::Dormant)];
        for (recency, expected) in one_day.into_iter().chain([(180, Stage::Dormant), (181, Stage::Churned), (9_999, Stage::Churned)]) {
            assert_eq!(stage(recency, None), expected, "one purchase day, {recency} days ago");
        }
        for (recency, interval, expected) in [
            (0, 1, Stage::Active),
            (30, 180, Stage::Active),
            (30, 181, Stage::Reactivated),
            (0, 400, Stage::Reactivated),
            (31, 400, Stage::Quiet),
            (90, 5, Stage::Quiet),
            (91, 5, Stage::Dormant),
            (180, 400, Stage::Dormant),
            (181, 400, Stage::Churned),
        ] {
            assert_eq!(stage(recency, Some(interval)), expected, "{recency} days ago, {interval} after the one before");
        }
    }

    #[test]
    fn names_ascend() {
        assert!(Stage::ALL.is_sorted_by_key(|stage| stage.name()));
        assert!(Stage::ALL.iter().enumerate().all(|(position, stage)| *stage as usize == position));
    }
}
