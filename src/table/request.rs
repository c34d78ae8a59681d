//! The requests of a job besides its inputs.

use crate::job::strategy::Strategy;
use crate::job::{self, GroupIds, Job};

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
    /// Whether it names a stage file.
    pub has_stages: bool,
    /// Whether it has an input of inquiries.
    pub has_inquiries: bool,
    /// Whether it has an input of campaigns.
    pub has_campaigns: bool,
    /// Whether it takes shops together.
    pub has_totals: bool,
    /// Whether ids mean the same person in all shops of a group.
    pub has_groups: bool,
    /// Whether it has an input of page views.
    pub has_page_views: bool,
    /// Whether a strategy asks what customers run out of.
    pub has_refills: bool,
    /// Whether a strategy asks what to offer beside the last item.
    pub has_offers: bool,
    /// Whether it has an input of the traffic of items.
    pub has_item_traffic: bool,
    /// Whether its refunds name reasons.
    pub has_refund_reasons: bool,
}

impl Request {
    /// The requests of a job with orders only, without a forecast.
    pub const NOTHING: Request = Request {
        forecast: job::ForecastParams { model: job::ModelChoice::None, horizon_days: 1, months: 1 },
        lifecycle_is_suggested: false,
        has_rules: false,
        has_strategies: false,
        has_stages: false,
        has_inquiries: false,
        has_campaigns: false,
        has_totals: false,
        has_groups: false,
        has_page_views: false,
        has_refills: false,
        has_offers: false,
        has_item_traffic: false,
        has_refund_reasons: false,
    };

    /// The requests of the job.
    pub fn of(job: &Job) -> Self {
        Request {
            forecast: job.params.forecast,
            lifecycle_is_suggested: job.params.lifecycle.is_suggested,
            has_rules: !job.assessments.is_empty(),
            has_strategies: !job.strategies.is_empty(),
            has_stages: job.stages.is_some(),
            has_inquiries: job.inputs.get("inquiries").is_some(),
            has_campaigns: job.inputs.get("campaigns").is_some(),
            has_totals: !job.params.totals.is_empty(),
            has_groups: job.params.group_ids == GroupIds::Shared,
            has_page_views: job.inputs.get("page_views").is_some(),
            has_refills: job.strategies.iter().any(|strategy| names(strategy, &REFILL_COLUMNS)),
            has_offers: job.strategies.iter().any(|strategy| names(strategy, &[OFFER_COLUMN])),
            has_item_traffic: job.inputs.get("item_traffic").is_some(),
            // Which columns an input has is known when its files are opened: see `Plan::request`.
            has_refund_reasons: job.inputs.get("refunds").is_some(),
        }
    }

    /// The same, as if the job had all inputs.
    pub fn with_all_inputs(self) -> Self {
        Request { has_campaigns: true, has_page_views: true, has_item_traffic: true, has_refund_reasons: true, ..self }
    }
}

/// The columns of candidates that say what a customer runs out of: see `table/item/refills.rs`.
pub const REFILL_COLUMNS: [&str; 5] = ["refill_item", "ran_out_on", "refill_days", "refill_quantity", "refill_item_pair"];

/// The column of candidates that says what to offer beside the last item: see `table/audience/customer_items.rs`.
pub const OFFER_COLUMN: &str = "last_item_pair";

/// Whether a strategy names one of these columns. One that only looks as if it did, in a text, has them for nothing.
fn names(strategy: &Strategy, columns: &[&str]) -> bool {
    let condition = strategy.condition.to_lowercase();
    let is_named = |column: &&str| condition.contains(column) || strategy.order_by.iter().any(|ordering| ordering.column == **column);
    columns.iter().any(is_named)
}
