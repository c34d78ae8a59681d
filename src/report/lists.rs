//! Lists: how many customers of a shop each list has in either arm, and what is at stake. No id of a customer leaves this file.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, Decimal128Array, RecordBatch};
use arrow::datatypes::Decimal128Type;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::input::records::facts::Arm;
use crate::job::strategy::{EXCLUDED, TABLE_PREFIX};
use crate::publish::Snapshot;
use crate::table::audience::card::title_of;
use crate::table::read_back::rows_of;

/// What a list has of a shop. Amounts are in minor units.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Sums {
    /// Customers to contact.
    treated: u64,
    /// Customers who are held out.
    control: u64,
    /// Of those to contact, the ones with an unpaid order.
    waiting: u64,
    /// What the unpaid orders of those to contact cost.
    unpaid: i64,
    /// What those to contact brought so far.
    brought: i64,
}

/// A list of a snapshot.
#[derive(Debug, Default)]
pub struct List {
    /// The strategy.
    name: String,
    /// What it is for, in a line.
    title: String,
    shops: BTreeMap<String, Sums>,
}

/// The lists of a snapshot, ascending by name.
///
/// # Errors
/// [`Error::Input`] where a file of the snapshot is damaged, [`Error::Bug`] where its schema is not that of a list.
pub fn read(snapshot: &Snapshot) -> Result<Vec<List>> {
    let mut lists = Vec::new();
    for table in &snapshot.manifest.tables {
        let Some(name) = table.name.strip_prefix(TABLE_PREFIX).filter(|name| *name != EXCLUDED) else { continue };
        let schema = snapshot.schema(&table.name)?;
        let title = schema.metadata().get("question").and_then(|question| title_of(question)).unwrap_or(name).to_owned();
        let mut list = List { name: name.to_owned(), title, shops: BTreeMap::new() };
        for batch in snapshot.columns(&table.name, &["shop_id", "arm", "unpaid_amount", "net_revenue"]) {
            list.add(&batch?)?;
        }
        lists.push(list);
    }
    lists.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(lists)
}

impl List {
    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let (unpaid, brought) = (money(batch, "unpaid_amount")?, money(batch, "net_revenue")?);
        for (at, row) in rows_of(batch).enumerate() {
            let sums = self.shops.entry(row.text("shop_id").unwrap_or_default()).or_default();
            if row.text("arm").as_deref() == Some(Arm::Control.name()) {
                sums.control += 1;
                continue;
            }
            // Money has eighteen digits, which fit.
            let cell = |array: &Decimal128Array| if array.is_valid(at) { array.value(at) as i64 } else { 0 };
            sums.treated += 1;
            sums.waiting += u64::from(cell(unpaid) > 0);
            sums.unpaid = sums.unpaid.saturating_add(cell(unpaid));
            sums.brought = sums.brought.saturating_add(cell(brought));
        }
        Ok(())
    }
}

fn money<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Decimal128Array> {
    let array = batch.column_by_name(name).and_then(|array| array.as_primitive_opt::<Decimal128Type>());
    array.ok_or_else(|| Error::bug(format!("a list without {name}")))
}

/// The lists as the page has them: their names and titles, and by shop, for each list in this order, customers to contact, customers held
/// out, those to contact who have an unpaid order, what the unpaid orders cost, and what those to contact brought so far, in minor units.
pub fn document<'a>(lists: &[List], shops: impl Iterator<Item = &'a String>) -> Value {
    let of_shop = |shop: &String| -> Vec<Value> {
        let sums = lists.iter().map(|list| list.shops.get(shop).copied().unwrap_or_default());
        sums.map(|sums| json!([sums.treated, sums.control, sums.waiting, sums.unpaid, sums.brought])).collect()
    };
    let names: Vec<Value> = lists.iter().map(|list| json!({ "name": list.name, "title": list.title })).collect();
    let shops: serde_json::Map<String, Value> = shops.map(|shop| (shop.clone(), json!(of_shop(shop)))).collect();
    json!({ "names": names, "shops": if lists.is_empty() { serde_json::Map::new() } else { shops } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{Row, row, snapshot};
    use crate::spec::Card;
    use crate::table::audience::card::card_named;

    /// A customer of a list: shop, id, arm, then the unpaid orders and the net revenue in fen.
    fn customer([shop, id, arm]: [&str; 3], unpaid: f64, brought: f64) -> Row {
        row(&[("shop_id", shop), ("customer_id", id), ("arm", arm)], &[("unpaid_amount", unpaid), ("net_revenue", brought)])
    }

    #[test]
    fn sizes_and_stakes_are_of_the_shop_and_of_those_to_contact() {
        let card = |name: &str| -> &'static Card { Box::leak(Box::new(card_named(name).unwrap())) };
        let reminder = vec![customer(["one", "1", "treated"], 5_000.0, 100.0), customer(["one", "2", "treated"], 2_550.0, 0.0)];
        let care = vec![
            customer(["one", "3", "treated"], 0.0, 10_001.0),
            customer(["one", "4", "treated"], 700.0, 20_000.0),
            // Who is held out is not at stake.
            customer(["one", "5", "control"], 0.0, 900_000.0),
            customer(["two", "6", "control"], 0.0, 1.0),
        ];
        let place = tempfile::tempdir().unwrap();
        let tables = [(card("audience_vip_care"), care), (card("audience_unpaid_reminder"), reminder)];
        let lists = read(&snapshot(place.path(), "2026-11-21", &tables)).unwrap();
        let shops = ["one".to_owned(), "two".to_owned()];
        let found = document(&lists, shops.iter());
        let names: Vec<&str> = found["names"].as_array().unwrap().iter().filter_map(|list| list["name"].as_str()).collect();
        assert_eq!(names, ["unpaid_reminder", "vip_care"]);
        // 50.00 and 25.50 of unpaid orders; 100.01 and 200.00 that customers brought, of whom one only has an unpaid order, of 7.00.
        assert_eq!(found["shops"]["one"], json!([[2, 0, 2, 7_550, 100], [2, 1, 1, 700, 30_001]]));
        assert_eq!(found["shops"]["two"], json!([[0, 0, 0, 0, 0], [0, 1, 0, 0, 0]]));
        assert_eq!(document(&[], shops.iter())["shops"], json!({}));
    }
}
