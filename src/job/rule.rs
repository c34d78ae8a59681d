//! Rules: what a platform asks of a shop in an assessment, as a rule file says it, checked.

use std::collections::BTreeMap;

use crate::spec::{Day, Grain};

/// One rule file: the requirements of one assessment while they were in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The assessment: `tmall_quarterly`. Several files may have one, each with its own time.
    pub assessment: String,
    /// The file as the job names it.
    pub file: String,
    /// Where the job names the file.
    pub place: String,
    /// Periods that begin before this day are not judged by it.
    pub valid_from: Option<Day>,
    /// Nor are periods that begin after this one.
    pub valid_to: Option<Day>,
    /// What is assessed at a time.
    pub period: AssessedPeriod,
    /// Whom ranks and means compare with.
    pub peers: Peers,
    /// Whole months that a shop must have been open when the period begins; before that it is exempt, and nobody's peer.
    pub open_months: u32,
    /// Peers that a comparison needs at least; `None`: as the job has it.
    pub min_peers: Option<u32>,
    /// All must hold. At least one; no metric twice.
    pub requirements: Vec<Requirement>,
}

/// What is assessed at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssessedPeriod {
    /// `month`, `quarter` or `year` of the calendar.
    Calendar(Grain),
    /// `rolling_year`: from the opening, exempt months, a trial of some months, then twelve months after twelve months.
    RollingYear {
        /// Calendar months that are exempt.
        exempt_months: u32,
        /// Calendar months of the trial.
        trial_months: u32,
    },
    /// `window`: once, the days from `from_day` to `to_day` after the opening; the day of the opening is day 1.
    Window {
        /// The first day.
        from_day: u32,
        /// The last day.
        to_day: u32,
    },
    /// `trailing`: the days that end with the as-of date.
    Trailing {
        /// How many.
        days: u32,
    },
}

/// Whom ranks and means compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peers {
    /// The shops of the same main category.
    Category,
    /// All shops.
    All,
}

/// One requirement.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    /// The metric's name.
    pub metric: String,
    /// How the metric is judged.
    pub test: Test,
    /// Which money `paid_amount` means; else [`Base::Paid`].
    pub base: Base,
    /// `service_score_kth` only: so many of twelve months must reach the threshold.
    pub k: Option<u32>,
    /// `service_months_below` only: the score that a month must reach.
    pub standard: Option<ByCategory>,
    /// In the trial period of a rolling year the threshold is multiplied by this.
    pub trial_share: Option<ByCategory>,
    /// Where one of these does not hold, the requirement does not apply.
    pub when: Vec<Condition>,
    /// Points and what follows from reaching them, ascending; only of metrics that count points. None: an empty list.
    pub levels: Vec<Level>,
}

/// How a metric is judged.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Not below the threshold.
    AtLeast(Threshold),
    /// Not above the threshold.
    AtMost(Threshold),
    /// Not among the worst `floor(share × n)` of n eligible peers with a value.
    NotBottom {
        /// The share, above 0 and below 1.
        share: f64,
    },
    /// Not below the mean of the eligible peers with a value.
    AtLeastPeerMean,
    /// Not above it.
    AtMostPeerMean,
}

/// What a value is held against. At least one of both is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// A column of an input, which counts where it has a value.
    pub column: Option<ThresholdColumn>,
    /// Numbers in the rule file.
    pub value: Option<ByCategory>,
}

/// A column that has thresholds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThresholdColumn {
    /// `shops.annual_target`.
    AnnualTarget,
    /// `shop_metrics.NAME`: the metric of that name for the same shop and period.
    ShopMetric(String),
}

/// A number for every category, some having their own. Money is in the major unit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ByCategory {
    /// By main category.
    pub own: BTreeMap<String, f64>,
    /// For all others, and for shops whose category is unknown.
    pub others: Option<f64>,
}

impl ByCategory {
    /// The number of a category.
    pub fn of(&self, category: Option<&str>) -> Option<f64> {
        category.and_then(|category| self.own.get(category).copied()).or(self.others)
    }
}

/// A condition on a metric of the same shop and period. At least one of both bounds is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The metric's name.
    pub metric: String,
    /// Not below this.
    pub at_least: Option<f64>,
    /// Not above this.
    pub at_most: Option<f64>,
}

/// Points from which on something follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The points.
    pub points: f64,
    /// What follows.
    pub consequence: String,
}

/// The four revenue bases (店铺交易额), which the platform's text does not tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Base {
    /// What was paid in the period.
    #[default]
    Paid,
    /// Less what of these payments was refunded.
    NetByPayment,
    /// Less what was refunded in the period.
    NetByRefund,
    /// Orders that were completed in the period.
    Settled,
}

impl Base {
    /// All, with their names in rule files.
    pub const NAMES: [(&'static str, Base); 4] =
        [("paid", Base::Paid), ("net_by_payment", Base::NetByPayment), ("net_by_refund", Base::NetByRefund), ("settled", Base::Settled)];
}
