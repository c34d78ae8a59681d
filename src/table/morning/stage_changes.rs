//! Notes about stages: the shop has entered another one in the last month.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::note::{Kind, Note, Severity};
use super::shop_codes::Shops;
use super::wording::{Wording, readable};
use crate::history::Context;
use crate::table::read_back::rows_of;

const ENTERED: &str = "The shop has entered another stage in {month}: {stage}, after {before}.";

/// The sentences, and the stages of the rules that come with the program.
pub const TEXTS: [&str; 6] = [ENTERED, "Incubation", "Growth", "Maturity", "Maintenance", "Bottleneck"];

/// The stages of the last two months of each shop, with the last month.
#[derive(Default)]
pub struct Stages(BTreeMap<u32, (Option<String>, String, String)>);

impl Stages {
    /// Hears rows of `store_stage`, whose months come in their order.
    pub fn hear(&mut self, shops: &Shops, batch: &RecordBatch) {
        for row in rows_of(batch) {
            let (Some(shop), Some(month), Some(stage)) = (shops.code(&row), row.text("month"), row.text("stage")) else { continue };
            let before = self.0.remove(&shop).map(|(_, stage, _)| stage);
            self.0.insert(shop, (before, stage, month));
        }
    }

    /// The notes.
    pub fn notes(self, context: &Context) -> Vec<Note> {
        let currency = context.currency.as_str();
        let note = |(shop, (before, stage, month)): (u32, (Option<String>, String, String))| {
            let before = before.filter(|before| *before != stage)?;
            let (before, stage) = (readable(&before), readable(&stage));
            let sentence = Wording::new(ENTERED, currency)
                .text("month", month.get(..7).unwrap_or(&month))
                .translated("stage", &stage)
                .translated("before", &before)
                .sentence();
            Some(Note {
                shop,
                kind: Kind::StageChanged,
                is_lost: false,
                severity: Severity::Info,
                value: None,
                expected: None,
                unit: "".to_owned(),
                stake: 0.0,
                table: "store_stage".to_owned(),
                key: format!("month={month}"),
                sentence,
            })
        };
        self.0.into_iter().filter_map(note).collect()
    }
}
