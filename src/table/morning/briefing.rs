//! The briefing: hears the rows of all tables that a night writes, and keeps the notes that they are worth.

use std::sync::{Mutex, PoisonError};

use arrow::record_batch::RecordBatch;

use super::alarms::{self, Alarms};
use super::assessments::{self, Assessments};
use super::falling_items::{self, Items};
use super::growing_refunds::{self, Refunds};
use super::note::{Note, first_of_each_shop};
use super::plans_behind::{self, Plans};
use super::ready_lists::{self, Lists};
use super::restated_figures::{self, Restated};
use super::shop_codes::Shops;
use super::stage_changes::{self, Stages};
use crate::history::Context;
use crate::spec::{Card, Day};
use crate::table::night::{Shared, always};

/// The briefing of a night: the catalogue passes it the rows of the tables that the job has.
pub static BRIEFING: Shared<Mutex<Briefing>> =
    Shared { name: "briefing", not_requested: always, reads: |_| Vec::new(), make: |night| Ok(Mutex::new(Briefing::new(&night.context))) };

/// The tables that it hears besides the lists.
pub const HEARD: [&str; 7] = ["alerts", "assessment_results", "plan_progress", "revenue_bridge", "store_stage", "items", "restatements"];

/// Notes so far.
pub struct Briefing {
    as_of: Day,
    shops: Shops,
    alarms: Alarms,
    assessments: Assessments,
    plans: Plans,
    refunds: Refunds,
    restated: Restated,
    items: Items,
    stages: Stages,
    lists: Lists,
}

impl Briefing {
    /// A briefing that has heard nothing.
    pub fn new(context: &Context) -> Self {
        Briefing {
            as_of: context.as_of,
            shops: Shops::of(context),
            alarms: Alarms::default(),
            assessments: Assessments::default(),
            plans: Plans::default(),
            refunds: Refunds::default(),
            restated: Restated::default(),
            items: Items::default(),
            stages: Stages::default(),
            lists: Lists::default(),
        }
    }

    /// Hears the next rows of a table.
    pub fn hear(&mut self, card: &Card, batch: &RecordBatch) {
        let name = card.name.as_ref();
        match name {
            "alerts" => self.alarms.hear(self.as_of, &self.shops, batch),
            "assessment_results" => {
                self.assessments.hear(self.as_of, &self.shops, batch);
                self.restated.hear_results(&self.shops, batch);
            }
            "plan_progress" => self.plans.hear_progress(&self.shops, batch),
            "forecast_months" => self.plans.hear_forecasts(&self.shops, batch),
            "shop_daily" => self.plans.hear_days(self.as_of, &self.shops, batch),
            "revenue_bridge" => self.refunds.hear(&self.shops, batch),
            "restatements" => self.restated.hear(&self.shops, batch),
            "store_stage" => self.stages.hear(&self.shops, batch),
            "item_refunds" => self.refunds.hear_items(&self.shops, batch),
            "items" => self.items.hear(&self.shops, batch),
            _ => self.lists.hear(&self.shops, name, batch),
        }
    }

    /// The notes, those of a shop in the order of what matters, at most so many of each.
    pub fn notes(&mut self, context: &Context, most: usize) -> Vec<Note> {
        let paces = self.assessments.paces(context);
        let notes = [
            std::mem::take(&mut self.alarms).notes(context),
            std::mem::take(&mut self.assessments).notes(context),
            std::mem::take(&mut self.plans).notes(context, &paces),
            std::mem::take(&mut self.refunds).notes(context),
            std::mem::take(&mut self.restated).notes(context),
            std::mem::take(&mut self.items).notes(context),
            std::mem::take(&mut self.stages).notes(context),
            std::mem::take(&mut self.lists).notes(context),
        ];
        first_of_each_shop(notes.concat(), most)
    }
}

/// The sentences of all notes, and the names in them, for the list of translations.
pub fn texts() -> impl Iterator<Item = &'static str> {
    [
        &alarms::TEXTS[..],
        &assessments::TEXTS,
        &plans_behind::TEXTS,
        &growing_refunds::TEXTS,
        &restated_figures::TEXTS,
        &falling_items::TEXTS,
        &stage_changes::TEXTS,
        &ready_lists::TEXTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Hears rows for the briefing of a night.
pub fn hear(briefing: &Mutex<Briefing>, card: &Card, batch: &RecordBatch) {
    briefing.lock().unwrap_or_else(PoisonError::into_inner).hear(card, batch);
}

#[cfg(test)]
mod tests;
