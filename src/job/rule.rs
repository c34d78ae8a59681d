//! Rules: the requirements of a platform in an assessment, from a checked rule file.

use std::collections::BTreeMap;

use crate::spec::{Day, Grain};

/// One rule file: the requirements of one assessment for the time in which they are valid.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The assessment: `tmall_quarterly`. Several files may have one, each with its own time.
    pub assessment: String,
    /// The file as the job names it.
    pub file: String,
    /// Where the job names the file.
    pub place: String,
    /// The file does not judge periods that begin before this day.
    pub valid_from: Option<Day>,
    /// The file does not judge periods that begin after this day.
    pub valid_to: Option<Day>,
    /// The period that is assessed.
    pub period: AssessedPeriod,
    /// The shops that ranks and means compare with.
    pub peers: Peers,
    /// Whole months that a shop must have been open when the period begins; a younger shop is exempt, and is not a peer.
    pub open_months: u32,
    /// The smallest number of peers for a comparison; `None` for that of the job.
    pub min_peers: Option<u32>,
    /// The requirements, which must all hold: at least one, each of another metric.
    pub requirements: Vec<Requirement>,
}

/// The period that is assessed.
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

/// The shops that ranks and means compare with.
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
    /// The amount that `paid_amount` means; [`Base::Paid`] for other metrics.
    pub base: Base,
    /// `service_score_kth` only: the number of months, of twelve, that must reach the threshold.
    pub k: Option<u32>,
    /// `service_months_below` only: the score that a month must reach.
    pub standard: Option<ByCategory>,
    /// In the trial period of a rolling year the threshold is multiplied by this.
    pub trial_share: Option<ByCategory>,
    /// The requirement applies only if all of these hold.
    pub when: Vec<Condition>,
    /// Points and the consequences of reaching them, ascending; only for metrics that count points, else empty.
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
    /// Not above that mean.
    AtMostPeerMean,
}

/// The number that a value is compared with. At least one of both fields is set.
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

/// A number for all categories, with exceptions for some. Money is in the major unit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ByCategory {
    /// By main category.
    pub own: BTreeMap<String, f64>,
    /// For all other categories, and for shops whose category is unknown.
    pub others: Option<f64>,
}

impl ByCategory {
    /// The number of a category.
    pub fn of(&self, category: Option<&str>) -> Option<f64> {
        category.and_then(|category| self.own.get(category).copied()).or(self.others)
    }
}

/// A condition on a metric of the same shop and period. At least one of both bounds is set.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The metric's name.
    pub metric: String,
    /// Not below this.
    pub at_least: Option<f64>,
    /// Not above this.
    pub at_most: Option<f64>,
}

/// Points and the consequence of reaching them.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The points.
    pub points: f64,
    /// The consequence.
    pub consequence: String,
}

/// The four revenue bases (店铺交易额), between which the platform's text does not distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Base {
    /// What was paid in the period.
    #[default]
    Paid,
    /// Less the refunds of these payments.
    NetByPayment,
    /// Less the refunds made in the period.
    NetByRefund,
    /// Orders that were completed in the period.
    Settled,
}

impl Base {
    /// All, with their names in rule files.
    pub const NAMES: [(&'static str, Base); 4] =
        [("paid", Base::Paid), ("net_by_payment", Base::NetByPayment), ("net_by_refund", Base::NetByRefund), ("settled", Base::Settled)];
}
