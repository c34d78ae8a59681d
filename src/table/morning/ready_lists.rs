//! Notes about lists: who can be contacted tonight, and what they are expected to bring.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::note::{Kind, Note, Severity, first_of_each_shop};
use super::shop_codes::Shops;
use super::wording::{Wording, readable};
use crate::history::Context;
use crate::job::strategy::{EXCLUDED, TABLE_PREFIX};
use crate::table::read_back::rows_of;

const UNPAID: &str = "{list}: {customers} to contact, with unpaid orders of {value}.";
const BROUGHT: &str = "{list}: {customers} to contact, who brought {value} so far.";

/// The sentences.
pub const TEXTS: [&str; 2] = [UNPAID, BROUGHT];

/// Lists of a shop, at most: others need their lines too.
const MOST: usize = 3;

/// The lists of each shop.
#[derive(Default)]
pub struct Lists(BTreeMap<(u32, String), Sums>);

#[derive(Default)]
struct Sums {
    customers: u32,
    /// Of them, those with an unpaid order.
    waiting: u32,
    unpaid: f64,
    brought: f64,
}

impl Lists {
    /// Hears rows of a table; of others than lists there is nothing to note.
    pub fn hear(&mut self, shops: &Shops, table: &str, batch: &RecordBatch) {
        let Some(list) = table.strip_prefix(TABLE_PREFIX).filter(|list| *list != EXCLUDED) else { return };
        for row in rows_of(batch).filter(|row| row.text("arm").as_deref() == Some("treated")) {
            let Some(shop) = shops.code(&row) else { continue };
            let sums = self.0.entry((shop, list.to_owned())).or_default();
            sums.customers = sums.customers.saturating_add(1);
            let unpaid = row.number("unpaid_amount").unwrap_or(0.0);
            sums.waiting = sums.waiting.saturating_add(u32::from(unpaid > 0.0));
            sums.unpaid += unpaid;
            sums.brought += row.number("net_revenue").unwrap_or(0.0);
        }
    }

    /// The notes.
    pub fn notes(self, context: &Context) -> Vec<Note> {
        let note = |((shop, list), sums): ((u32, String), Sums)| {
            let Sums { customers, waiting, unpaid, brought } = sums;
            // A list about unpaid orders has customers with such orders only, and cannot wait.
            let is_unpaid = customers == waiting;
            let (template, value) = if is_unpaid { (UNPAID, unpaid) } else { (BROUGHT, brought) };
            let title = context.strategies.iter().find(|strategy| strategy.name == list).map_or("", |strategy| strategy.title.as_str());
            let chinese = Some(without_english(title)).filter(|title| !title.is_empty()).unwrap_or(&list);
            let sentence = Wording::new(template, &context.currency)
                .named("list", &readable(&list), chinese)
                .figure("customers", f64::from(customers), "customers")
                .figure("value", value, "CNY")
                .sentence();
            Note {
                shop,
                kind: Kind::ListReady,
                is_lost: false,
                severity: if is_unpaid { Severity::Watch } else { Severity::Info },
                value: Some(f64::from(customers)),
                expected: None,
                unit: "customers".to_owned(),
                stake: value,
                table: format!("{TABLE_PREFIX}{list}"),
                key: String::new(),
                sentence,
            }
        };
        first_of_each_shop(self.0.into_iter().map(note).collect(), MOST)
    }
}

/// A Chinese title without the English one that follows in brackets, as in the strategies that come with the program.
fn without_english(title: &str) -> &str {
    match title.split_once(" (") {
        Some((chinese, rest)) if !chinese.is_ascii() && rest.is_ascii() && rest.ends_with(')') => chinese,
        _ => title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_english_title_behind_a_chinese_one_is_left_out() {
        let titles = ["高价值客户关怀 (champions)", "Win back (gold members)", "促销 (甲)", ""];
        assert_eq!(titles.map(without_english), ["高价值客户关怀", "Win back (gold members)", "促销 (甲)", ""]);
    }
}
