//! Notes about items: the one that carries the shop and lost the most.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Float64Type;
use arrow::record_batch::RecordBatch;

use super::note::{Kind, Note, Severity};
use super::shop_codes::Shops;
use super::wording::{Wording, item_name};
use crate::history::Context;
use crate::spec::Day;
use crate::spec::period::iso;
use crate::table::read_back::rows_of;

const FALLS: &str = "Item {item} sold for {amount} in the last 30 days, after {before} in the 30 days before.";

/// What to look at, where the item is still sold now and then, and where it is not any more.
const LOOK: &str = "See whether its stock, price, reviews or visitors have changed.";
const STOPPED: &str = "It was last sold on {date}: see whether it is still on sale and in stock.";

/// The sentences.
pub const TEXTS: [&str; 3] = [FALLS, LOOK, STOPPED];

/// An item that carries the shop has stopped when nobody has paid for it for more days than these.
const QUIET_DAYS: Day = 7;

/// An item falls that sells half of what it did, or less.
const HALF: f64 = -0.5;

/// The item of each shop that lost the most.
#[derive(Default)]
pub struct Items(BTreeMap<u32, Fall>);

struct Fall {
    item: String,
    name: String,
    amount: f64,
    before: f64,
    last_sold: Option<Day>,
}

impl Items {
    /// Hears rows of `items`. Of millions only those of tier A are read.
    pub fn hear(&mut self, shops: &Shops, batch: &RecordBatch) {
        let tiers = batch.column_by_name("tier").and_then(|tier| tier.as_string_opt::<i32>());
        let trends = batch.column_by_name("trend").and_then(|trend| trend.as_primitive_opt::<Float64Type>());
        let (Some(tiers), Some(trends)) = (tiers, trends) else { return };
        let falls = |row: &usize| tiers.is_valid(*row) && tiers.value(*row) == "A" && trends.is_valid(*row) && trends.value(*row) <= HALF;
        for (_, row) in rows_of(batch).enumerate().filter(|(at, _)| falls(at)) {
            let figures = row.number("amount_30").zip(row.number("amount_30_before"));
            let (Some(shop), Some(item), Some((amount, before))) = (shops.code(&row), row.text("item_id"), figures) else { continue };
            let lost = |fall: &Fall| fall.before - fall.amount;
            let name = item_name(&row, &item);
            let fall = Fall { item, name, amount, before, last_sold: row.day("last_sold") };
            if self.0.get(&shop).is_none_or(|known| lost(known) < lost(&fall)) {
                self.0.insert(shop, fall);
            }
        }
    }

    /// The notes.
    pub fn notes(self, context: &Context) -> Vec<Note> {
        let currency = context.currency.as_str();
        let note = |(shop, Fall { item, name, amount, before, last_sold }): (u32, Fall)| {
            let wording = Wording::new(FALLS, currency).text("item", name);
            let said = wording.figure("amount", amount, "CNY").figure("before", before, "CNY").sentence();
            let stopped = last_sold.filter(|day| context.as_of - day > QUIET_DAYS);
            let advice =
                Wording::new(if stopped.is_some() { STOPPED } else { LOOK }, currency).text("date", stopped.map_or_else(String::new, iso));
            let sentence = said.and(advice.sentence());
            Note {
                shop,
                kind: Kind::ItemFalls,
                is_lost: false,
                severity: Severity::Watch,
                value: Some(amount),
                expected: Some(before),
                unit: "CNY".to_owned(),
                stake: before - amount,
                table: "items".to_owned(),
                key: format!("item_id={item}"),
                sentence,
            }
        };
        self.0.into_iter().map(note).collect()
    }
}
