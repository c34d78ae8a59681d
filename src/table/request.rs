//! The requests of a job besides its inputs.

use crate::job::{self, Job};

/// The requests of a job besides its inputs. They decide which tables it has and what those read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The forecast of customers.
    pub forecast: job::ForecastParams,
    /// Whether each shop has the lifecycle limits that its own intervals suggest.
    pub lifecycle_is_suggested: bool,
    /// Whether it names rule files.
    pub has_rules: bool,
    /// Whether it names strategy files.
    pub has_strategies: bool,
    /// Whether it has an input of campaigns.
    pub has_campaigns: bool,
    /// Whether it takes shops together.
    pub has_totals: bool,
}

impl Request {
    /// The requests of a job with orders only, without a forecast.
    pub const NOTHING: Request = Request {
        forecast: job::ForecastParams { model: job::ModelChoice::None, horizon_days: 1, months: 1 },
        lifecycle_is_suggested: false,
        has_rules: false,
        has_strategies: false,
        has_campaigns: false,
        has_totals: false,
    };

    /// The requests of the job.
    pub fn of(job: &Job) -> Self {
        Request {
            forecast: job.params.forecast,
            lifecycle_is_suggested: job.params.lifecycle.is_suggested,
            has_rules: !job.assessments.is_empty(),
            has_strategies: !job.strategies.is_empty(),
            has_campaigns: job.inputs.get("campaigns").is_some(),
            has_totals: !job.params.totals.is_empty(),
        }
    }
}
