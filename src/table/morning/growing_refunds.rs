//! Notes about refunds: they are expected to take more of the last month's payments than of the month before.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use arrow::datatypes::Decimal128Type;
use arrow::record_batch::RecordBatch;

use super::alarms::RETURNS;
use super::note::{Kind, Note, Severity};
use super::shop_codes::Shops;
use super::wording::{Sentence, Wording, item_name};
use crate::history::Context;
use crate::metric::ratio::in_units_of;
use crate::spec::Grain;
use crate::spec::period::iso;
use crate::table::read_back::rows_of;

const GROW: &str = "Refunds are expected to take {share} of what was paid in {month}, after {before} the month before.";

/// What grew the most, where it is known: of an item for a reason, or of an item where refunds name none.
const FOR_REASON: &str =
    "What grew most in the last 30 days is {item}, for the reason {reason}: {amount}, after {before} in the 30 days before.";
const WITHOUT_REASON: &str =
    "What grew most in the last 30 days is {item}, with no reason given: {amount}, after {before} in the 30 days before.";

/// The sentences.
pub const TEXTS: [&str; 3] = [GROW, FOR_REASON, WITHOUT_REASON];

/// What `item_refunds` has of refunds that name no reason.
const NO_REASON: &str = "(none)";

/// From this much more of the payments on, in parts of 1, and this many times as much: below, months differ by chance.
const MORE: f64 = 0.02;
const TIMES: f64 = 1.25;

/// The last two complete months of each shop.
#[derive(Default)]
pub struct Refunds {
    months: BTreeMap<u32, (Option<Month>, Month)>,
    growing: BTreeMap<u32, Growing>,
}

/// What of an item was refunded for a reason, in minor units of the currency.
struct Growing {
    item: String,
    reason: Option<String>,
    amount: i128,
    before: i128,
}

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
            let before = self.months.remove(&shop).map(|(_, last)| last);
            self.months.insert(shop, (before, month));
        }
    }

    /// Hears rows of `item_refunds`. Of millions only those that grew are read.
    pub fn hear_items(&mut self, shops: &Shops, batch: &RecordBatch) {
        let amounts = |name| batch.column_by_name(name).and_then(|amounts| amounts.as_primitive_opt::<Decimal128Type>());
        let (Some(amounts), Some(befores)) = (amounts("refunded_30"), amounts("refunded_30_before")) else { return };
        for ((row, amount), before) in rows_of(batch).zip(amounts).zip(befores) {
            let Some((amount, before)) = amount.zip(before).filter(|(amount, before)| amount > before) else { continue };
            let Some((shop, item)) = shops.code(&row).zip(row.text("item_id")) else { continue };
            // Rows come by item and reason: of equal ones the first stays.
            if self.growing.get(&shop).is_none_or(|most| most.amount - most.before < amount - before) {
                let item = item_name(&row, &item);
                let reason = row.text("reason").filter(|reason| reason != NO_REASON);
                self.growing.insert(shop, Growing { item, reason, amount, before });
            }
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
                .sentence()
                .and(advice(self.growing.get(&shop), &context.currency));
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
        self.months.into_iter().filter_map(note).collect()
    }
}

/// What to look at.
fn advice(growing: Option<&Growing>, currency: &str) -> Sentence {
    let Some(growing) = growing else { return Wording::new(RETURNS, currency).sentence() };
    let wording = Wording::new(if growing.reason.is_some() { FOR_REASON } else { WITHOUT_REASON }, currency);
    let money = |amount: i128| in_units_of(100.0, amount as f64);
    let wording = wording.figure("amount", money(growing.amount), "CNY").figure("before", money(growing.before), "CNY");
    wording.text("item", &growing.item).text("reason", growing.reason.as_deref().unwrap_or_default()).sentence()
}
