//! Notes about refunds: they are expected to take more of the last month's payments than of the month before.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::note::{Kind, Note, Severity};
use super::shop_codes::Shops;
use super::wording::Wording;
use crate::history::Context;
use crate::spec::Grain;
use crate::spec::period::iso;
use crate::table::read_back::rows_of;

const GROW: &str = "Refunds are expected to take {share} of what was paid in {month}, after {before} the month before.";

/// The sentences.
pub const TEXTS: [&str; 1] = [GROW];

/// From this much more of the payments on, in parts of 1, and this many times as much: below, months differ by chance.
const MORE: f64 = 0.02;
const TIMES: f64 = 1.25;

/// The last two complete months of each shop.
#[derive(Default)]
pub struct Refunds(BTreeMap<u32, (Option<Month>, Month)>);

#[derive(Clone)]
struct Month {
    /// By number, from January of the year 0.
    month: i32,
    start: String,
    paid: f64,
    expected: f64,
}

impl Refunds {
    /// Hears rows of `revenue_bridge`, whose months come in their order.
    pub fn hear(&mut self, shops: &Shops, batch: &RecordBatch) {
        for row in rows_of(batch) {
            let is_month = row.text("grain").as_deref() == Some("month") && row.text("is_complete").as_deref() == Some("true");
            let figures = row.number("paid_amount").zip(row.number("refund_share_expected"));
            let (true, Some((paid, expected))) = (is_month, figures) else { continue };
            let (Some(shop), Some(day)) = (shops.code(&row), row.day("period_start")) else { continue };
            let month = Month { month: Grain::Month.index(day), start: iso(day), paid, expected };
            let before = self.0.remove(&shop).map(|(_, last)| last);
            self.0.insert(shop, (before, month));
        }
    }

    /// The notes.
    pub fn notes(self, context: &Context) -> Vec<Note> {
        // The last complete month: that of the day after the as-of date is the first that is not.
        let newest = Grain::Month.index(context.as_of + 1) - 1;
        let note = |(shop, (before, last)): (u32, (Option<Month>, Month))| {
            let before = before.filter(|before| last.month == newest && before.month == newest - 1 && before.expected > 0.0)?;
            let grows = last.expected >= before.expected + MORE && last.expected >= before.expected * TIMES;
            if !grows {
                return None;
            }
            let sentence = Wording::new(GROW, &context.currency)
                .figure("share", last.expected, "1")
                .figure("before", before.expected, "1")
                .text("month", last.start.get(..7).unwrap_or(&last.start))
                .sentence();
            Some(Note {
                shop,
                kind: Kind::RefundsGrow,
                is_lost: false,
                severity: Severity::Watch,
                value: Some(last.expected),
                expected: Some(before.expected),
                unit: "1".to_owned(),
                stake: last.paid * (last.expected - before.expected),
                table: "revenue_bridge".to_owned(),
                key: format!("grain=month, period_start={}", last.start),
                sentence,
            })
        };
        self.0.into_iter().filter_map(note).collect()
    }
}
