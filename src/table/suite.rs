//! The suite: every fold that the wanted tables need, driven as one, and what each becomes.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;

use super::assessment::figures::ShopFigures;
use super::assessment::quarterly as assessment_quarterly;
use super::audience::ListFolds;
use super::campaign::arms::CampaignArms;
use super::campaign::{effect as campaign_effect, pooled as campaign_pooled};
use super::customer::tables::Beside;
use super::customer::{customers, revenue_concentration, segment_migration, segment_value};
use super::repurchase::lifecycle_limits::LifecycleLimits;
use super::repurchase::{
    cohort_retention, interval_histogram, intervals as repurchase_intervals, lifecycle_thresholds, survival as repurchase_survival,
};
use super::shop::{daily as shop_daily, periods as shop_periods};
use super::{Sink, assessment, audience, forecast};
use crate::error::{Error, Result};
use crate::fold::activity::ActivityFold;
use crate::fold::campaigns::CampaignFold;
use crate::fold::cohorts::CohortFold;
use crate::fold::customers::{CustomerFold, Wants};
use crate::fold::interval_counts::IntervalCounts;
use crate::fold::intervals::IntervalFold;
use crate::fold::items::ItemFold;
use crate::fold::open_orders::OpenOrderFold;
use crate::fold::outcomes::OutcomeFold;
use crate::fold::shop_buffer::{ByShop, Waiting};
use crate::history::{Context, Fold, History};
use crate::input::facts::Facts;
use crate::job::strategy::TABLE_PREFIX;
use crate::spec::Card;

/// The tables that are made from histories, in the order in which they are finished.
pub static CARDS: [&Card; 19] = [
    &shop_daily::CARD,
    &shop_periods::CARD,
    &assessment_quarterly::CARD,
    &assessment::results::CARD,
    &assessment::summary::CARD,
    &cohort_retention::CARD,
    &repurchase_intervals::CARD,
    &repurchase_survival::CARD,
    &interval_histogram::CARD,
    &lifecycle_thresholds::CARD,
    &customers::CARD,
    &segment_value::CARD,
    &segment_migration::CARD,
    &revenue_concentration::CARD,
    &forecast::models::CARD,
    &forecast::calibration::CARD,
    &forecast::months::CARD,
    &campaign_effect::CARD,
    &campaign_pooled::CARD,
];

/// The tables that a job without a forecast does not have.
pub static BY_FORECAST: [&Card; 3] = [&forecast::models::CARD, &forecast::calibration::CARD, &forecast::months::CARD];

/// The tables that campaigns and their audiences are indexed for.
pub static CAMPAIGNS: [&Card; 2] = [&campaign_effect::CARD, &campaign_pooled::CARD];

/// The tables that a job without rule files does not have.
pub static BY_RULES: [&Card; 2] = [&assessment::results::CARD, &assessment::summary::CARD];

/// Whether a table is made by the strategies of the job: a list, or those who were left out.
pub fn is_by_strategies(card: &Card) -> bool {
    card.name.starts_with(TABLE_PREFIX)
}

/// The tables that assess.
static ASSESSMENTS: [&Card; 3] = [&assessment_quarterly::CARD, &assessment::results::CARD, &assessment::summary::CARD];

/// The tables that are made of all customers in their order, as those of the forecast are.
static CUSTOMERS: [&Card; 4] = [&customers::CARD, &segment_value::CARD, &segment_migration::CARD, &revenue_concentration::CARD];

/// Those of them that have something of the forecast.
static FORESEEN: [&Card; 2] = [&customers::CARD, &segment_value::CARD];

/// Those of them that have lifecycle stages.
static STAGED: [&Card; 3] = [&customers::CARD, &segment_value::CARD, &segment_migration::CARD];

/// The folds of a run; those that no wanted table needs are not there.
pub struct Suite {
    shops: ShopFolds,
    customers: Option<CustomerFold>,
    items: Option<ItemFold>,
    /// Orders that wait, for the lists.
    open_orders: Option<OpenOrderFold>,
    /// Customers whom the folds by shop have not met yet.
    waiting: ByShop,
}

/// The folds that count by shop, in whatever order its customers come.
struct ShopFolds {
    activity: Option<ActivityFold>,
    outcomes: Option<OutcomeFold>,
    cohorts: Option<CohortFold>,
    intervals: Option<IntervalFold>,
    /// What models with a regularity need beside the customers.
    interval_counts: Option<IntervalCounts>,
    campaigns: Option<CampaignFold>,
}

impl ShopFolds {
    fn is_empty(&self) -> bool {
        self.activity.is_none()
            && self.outcomes.is_none()
            && self.cohorts.is_none()
            && self.intervals.is_none()
            && self.interval_counts.is_none()
            && self.campaigns.is_none()
    }

    /// Shows the customers who wait to one fold after the other.
    fn meet(&mut self, waiting: &mut Waiting) {
        fn meet(fold: &mut Option<impl Fold>, waiting: &Waiting) {
            if let Some(fold) = fold {
                waiting.histories().for_each(|history| fold.customer(&history));
            }
        }
        meet(&mut self.activity, waiting);
        meet(&mut self.outcomes, waiting);
        meet(&mut self.cohorts, waiting);
        meet(&mut self.intervals, waiting);
        meet(&mut self.interval_counts, waiting);
        meet(&mut self.campaigns, waiting);
        waiting.clear();
    }
}

impl Suite {
    /// Empty folds for the tables that `wants` names.
    pub fn new(context: &Context, wants: &dyn Fn(&str) -> bool) -> Self {
        let any = |cards: &[&Card]| any_wanted(wants, cards);
        let mut lists = context.strategies.iter().map(audience::card::card_of).chain([&audience::excluded::CARD]);
        let has_lists = !context.strategies.is_empty() && lists.any(|card| wants(card.name));
        let wants_forecast = context.forecast.is_wanted() && (has_lists || any(&FORESEEN) || any(&BY_FORECAST));
        let wants_months = context.forecast.is_wanted() && any(&[&forecast::months::CARD]);
        let shops = ShopFolds {
            activity: (any(&[&shop_daily::CARD, &shop_periods::CARD, &campaign_effect::CARD]) || wants_months || any(&ASSESSMENTS))
                .then(|| ActivityFold::new(context)),
            outcomes: (wants_months || any(&ASSESSMENTS)).then(OutcomeFold::default),
            cohorts: any(&[&cohort_retention::CARD]).then(|| CohortFold::new(context)),
            intervals: (has_lists
                || any(&[&repurchase_intervals::CARD, &repurchase_survival::CARD, &interval_histogram::CARD, &lifecycle_thresholds::CARD])
                || (context.lifecycle_is_suggested && any(&STAGED)))
            .then(|| IntervalFold::new(context)),
            interval_counts: (wants_forecast && context.forecast.needs_intervals()).then(|| IntervalCounts::new(context)),
            campaigns: any(&CAMPAIGNS).then(|| CampaignFold::new(context)),
        };
        let before = any(&[&segment_migration::CARD]).then_some(context.migration_from);
        let calibration_ends = wants_forecast.then(|| context.calibration_ends.clone());
        let customers = (has_lists || any(&CUSTOMERS) || any(&BY_FORECAST))
            .then(|| CustomerFold::new(Wants { before, calibration_ends, lists: has_lists }));
        let open_orders = has_lists.then(|| OpenOrderFold::new(context));
        let items = (context.features.item && any(&[&revenue_concentration::CARD])).then(ItemFold::default);
        Suite { shops, customers, items, open_orders, waiting: ByShop::new(context) }
    }

    /// Lets the folds by shop meet all who wait.
    fn meet_all(&mut self) {
        self.waiting.shops().for_each(|waiting| self.shops.meet(waiting));
    }

    /// The folds with the names under which their partial results travel.
    fn folds(&mut self) -> impl Iterator<Item = (&'static str, &mut dyn Fold)> {
        fn named<'a, F: Fold + 'a>(name: &'static str, fold: &'a mut Option<F>) -> Option<(&'static str, &'a mut (dyn Fold + 'a))> {
            fold.as_mut().map(|fold| (name, fold as &mut dyn Fold))
        }
        [
            named("activity", &mut self.shops.activity),
            named("outcomes", &mut self.shops.outcomes),
            named("cohorts", &mut self.shops.cohorts),
            named("intervals", &mut self.shops.intervals),
            named("interval_counts", &mut self.shops.interval_counts),
            named("campaigns", &mut self.shops.campaigns),
            named("customers", &mut self.customers),
            named("items", &mut self.items),
            named("open_orders", &mut self.open_orders),
        ]
        .into_iter()
        .flatten()
    }

    /// Makes the wanted tables and gives their rows to `sink`, one table after the other.
    ///
    /// # Errors
    /// What the sink returns; [`Error::Bug`] where a table does not fit its card.
    pub fn finish(mut self, context: &Context, facts: &Facts, wants: &dyn Fn(&str) -> bool, sink: &mut Sink<'_>) -> Result<()> {
        self.meet_all();
        let ShopFolds { activity, outcomes, cohorts, intervals, interval_counts, campaigns } = &self.shops;
        let limits = LifecycleLimits::new(context, intervals.as_ref());
        if let Some(activity) = activity {
            if wants(shop_daily::CARD.name) {
                shop_daily::fill(context, activity, facts, sink)?;
            }
            if wants(shop_periods::CARD.name) {
                sink(&shop_periods::CARD, shop_periods::table(context, activity, facts)?)?;
            }
            if let Some(outcomes) = outcomes.as_ref().filter(|_| any_wanted(wants, &ASSESSMENTS)) {
                let figures = ShopFigures::all(context, activity, outcomes, facts);
                if wants(assessment_quarterly::CARD.name) {
                    let quarters = assessment_quarterly::table(context, activity, outcomes, &figures, facts)?;
                    sink(&assessment_quarterly::CARD, quarters)?;
                }
                if any_wanted(wants, &BY_RULES) {
                    let assessed = assessment::assess::assess(context, &figures, facts);
                    if wants(assessment::results::CARD.name) {
                        sink(&assessment::results::CARD, assessment::results::table(context, &assessed)?)?;
                    }
                    if wants(assessment::summary::CARD.name) {
                        sink(&assessment::summary::CARD, assessment::summary::table(context, &assessed)?)?;
                    }
                }
            }
        }
        if let Some(campaigns) = campaigns {
            let arms = CampaignArms::all(context, campaigns, facts.campaigns.as_ref().map_or(0, Vec::len));
            if let Some(activity) = activity.as_ref().filter(|_| wants(campaign_effect::CARD.name)) {
                sink(&campaign_effect::CARD, campaign_effect::table(context, activity, campaigns, &arms, facts)?)?;
            }
            if wants(campaign_pooled::CARD.name) {
                sink(&campaign_pooled::CARD, campaign_pooled::table(context, &arms, facts)?)?;
            }
        }
        if let Some(cohorts) = cohorts {
            cohort_retention::write(context, cohorts, sink)?;
        }
        if let Some(intervals) = intervals {
            if wants(repurchase_intervals::CARD.name) {
                sink(&repurchase_intervals::CARD, repurchase_intervals::table(context, intervals, facts)?)?;
            }
            if wants(repurchase_survival::CARD.name) {
                repurchase_survival::write(context, intervals, sink)?;
            }
            if wants(interval_histogram::CARD.name) {
                interval_histogram::write(context, intervals, sink)?;
            }
            if wants(lifecycle_thresholds::CARD.name) {
                sink(&lifecycle_thresholds::CARD, lifecycle_thresholds::table(context, intervals, &limits)?)?;
            }
        }
        if let Some(fold) = self.customers {
            let lists = self.open_orders.zip(intervals.as_ref());
            let beside = Beside {
                limits: &limits,
                items: &self.items.unwrap_or_default(),
                interval_counts: interval_counts.as_ref(),
                lists: lists.map(|(open, intervals)| ListFolds { open, intervals, listed: &facts.listed }),
                days: activity.as_ref().zip(outcomes.as_ref()),
                facts,
            };
            fold.finish(context, beside, wants, sink)?;
        }
        Ok(())
    }
}

/// Whether any of those tables is wanted.
fn any_wanted(wants: &dyn Fn(&str) -> bool, cards: &[&Card]) -> bool {
    cards.iter().any(|card| wants(card.name))
}

/// The entry of a batch's schema that says whose partial result it is.
const FOLD: &str = "fold";

impl Fold for Suite {
    fn customer(&mut self, history: &History<'_>) {
        // Here its customers need the order in which buckets have them.
        if let Some(fold) = &mut self.customers {
            fold.customer(history);
        }
        if let Some(fold) = &mut self.items {
            fold.customer(history);
        }
        if let Some(fold) = &mut self.open_orders {
            fold.customer(history);
        }
        if !self.shops.is_empty()
            && let Some(waiting) = self.waiting.wait(history)
        {
            self.shops.meet(waiting);
        }
    }

    fn partial(&mut self) -> Result<Vec<RecordBatch>> {
        self.meet_all();
        let mut all = Vec::new();
        for (name, fold) in self.folds() {
            for batch in fold.partial()? {
                let mut metadata: BTreeMap<String, String> =
                    batch.schema().metadata().iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
                metadata.insert(FOLD.to_owned(), name.to_owned());
                let schema = Schema::new(batch.schema().fields().clone()).with_metadata(metadata);
                all.push(batch.with_schema(Arc::new(schema))?);
            }
        }
        Ok(all)
    }

    fn absorb(&mut self, partial: &[RecordBatch]) -> Result<()> {
        let owner = |batch: &RecordBatch| batch.schema().metadata().get(FOLD).map(|name| name.to_string());
        let mut absorbed = 0;
        for (name, fold) in self.folds() {
            let own: Vec<RecordBatch> = partial.iter().filter(|batch| owner(batch).as_deref() == Some(name)).cloned().collect();
            absorbed += own.len();
            fold.absorb(&own)?;
        }
        if absorbed == partial.len() { Ok(()) } else { Err(Error::bug("a partial result of a fold that this run does not have")) }
    }
}
