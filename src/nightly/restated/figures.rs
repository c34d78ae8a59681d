//! Figures that differ: the tables of a draft beside those of the snapshot before it, of periods that were over there.

use arrow::array::RecordBatch;

use super::compared::{COMPARED, Compared, RowPlace, could_be_compared};
use crate::compare::{Cell, Change, ComparedRow, Presence, Shape, compare_table};
use crate::error::Result;
use crate::input::values::codes::OwnedId;
use crate::publish::{Snapshot, verify_table};
use crate::spec::{Card, Column, Day, IdType, Kind};
use crate::table::catalogue;
use crate::table::restatement::restated_figure::Place;

/// A figure that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Where it stands.
    pub place: Place,
    /// Its unit.
    pub unit: String,
    /// What the snapshot before says.
    pub old: Option<f64>,
    /// What the draft says.
    pub new: Option<f64>,
    /// Whether the steps of the orders say what did it: of sums and counts.
    pub is_by_steps: bool,
    /// The last day of its period; `None` where it is of all days.
    pub period_end: Option<Day>,
    /// The difference in minor units, of sums of money; what is not there counts as 0.
    pub amount: Option<i64>,
}

/// The figures that differ, ascending by their places, and why a table is not compared that both have.
///
/// # Errors
/// [`crate::error::Error::Input`] where a part of the snapshot before is damaged.
pub fn figures(before: &Snapshot, now: &Snapshot, shops: &IdType) -> Result<(Vec<Figure>, Vec<String>)> {
    let (mut found, mut obstacles) = (Vec::new(), Vec::new());
    let is_same_day = before.manifest.as_of == now.manifest.as_of;
    for compared in COMPARED.iter().filter(|compared| is_same_day || !compared.is_of_all_days) {
        let Some(card) = catalogue::card(compared.table) else { continue };
        let (Some(_), Some(_)) = (before.manifest.table(compared.table), now.manifest.table(compared.table)) else { continue };
        verify_table(before, compared.table)?;
        let shape = Shape::of(compared.table, before.schema(compared.table)?.as_ref(), now.schema(compared.table)?.as_ref());
        let of_table = OfTable { compared, card: &card, shape: &shape, before, now, shops };
        let filter = |batch: &RecordBatch| could_be_compared(batch);
        let difference = compare_table(before, now, compared.table, Some(&filter), &mut |change| {
            of_table.add(change, &mut found)?;
            Ok(true)
        })?;
        if let (Presence::Both, Some(reason)) = (difference.presence, difference.reason) {
            obstacles.push(format!("`{}`: {reason}", compared.table));
        }
    }
    found.sort_by(|one: &Figure, other| one.place.cmp(&other.place));
    Ok((found, obstacles))
}

/// One table that is compared.
struct OfTable<'a> {
    compared: &'a Compared,
    card: &'a Card,
    shape: &'a Shape,
    before: &'a Snapshot,
    now: &'a Snapshot,
    shops: &'a IdType,
}

impl OfTable<'_> {
    /// Adds the figures of a row that differ.
    fn add(&self, change: &Change<'_>, found: &mut Vec<Figure>) -> Result<()> {
        let text = |name: &str| self.text(change, name);
        let Some(place) = (self.compared.place)(&text) else { return Ok(()) };
        let is_in_both = change.a.is_some() && change.b.is_some();
        if (self.compared.is_in_both && !is_in_both) || !self.was_over(change, &place)? {
            return Ok(());
        }
        let Some(shop) = text("shop_id").and_then(|text| Some(self.shops.read(&text)?.into())) else { return Ok(()) };
        let day = if place.period_end.is_some() { place.period_start } else { self.now.manifest.as_of };
        for (at, name) in self.shape.columns.iter().enumerate() {
            let Some(column) = self.card.column(name).filter(|column| is_figure(column) && self.compared.has(name, &place)) else {
                continue;
            };
            let cell = |row: Option<ComparedRow<'_>>| row.and_then(|row| row.cell(at)).map_or(Ok(None), |cell| cell.number());
            let (old, new) = (cell(change.a)?, cell(change.b)?);
            if old == new {
                continue;
            }
            let metric = match self.compared.named_by {
                Some(named_by) => text(named_by).unwrap_or_default(),
                None => name.clone(),
            };
            let is_sum = self.compared.sums.contains(&name.as_str());
            let amount = is_sum.then(|| minor(new.unwrap_or(0.0)) - minor(old.unwrap_or(0.0)));
            let unit = if self.compared.named_by.is_some() { text("unit").unwrap_or_default() } else { column.unit.to_owned() };
            let (grain, dimension) = (place.grain.clone(), place.dimension.clone());
            let shop = OwnedId::clone(&shop);
            let of_figure = Place { table: self.compared.table, metric, shop, grain, period_start: day, dimension };
            let is_by_steps = is_sum || (!self.compared.sums.is_empty() && column.kind == Kind::Count);
            found.push(Figure { place: of_figure, unit, old, new, is_by_steps, period_end: place.period_end, amount });
        }
        Ok(())
    }

    /// Whether the period of a row was over in the snapshot before.
    fn was_over(&self, change: &Change<'_>, place: &RowPlace) -> Result<bool> {
        let flag = self.shape.columns.iter().position(|column| column == "is_complete");
        let is_complete = |row: Option<ComparedRow<'_>>| -> Result<Option<bool>> {
            let Some(cell) = row.zip(flag).and_then(|(row, at)| row.cell(at)) else { return Ok(None) };
            Ok(cell.text()?.map(|text| text == "true"))
        };
        match (is_complete(change.a)?, is_complete(change.b)?) {
            (Some(was), _) => Ok(was),
            // A row that was not there, of days that were over.
            (None, Some(is)) => Ok(is && place.period_end.is_some_and(|end| end <= self.before.manifest.as_of)),
            (None, None) => Ok(true),
        }
    }

    /// A value of the row as text: of its key, or else of the new row, or of the old one.
    fn text(&self, change: &Change<'_>, name: &str) -> Option<String> {
        if let Some(at) = self.shape.key.iter().position(|key| key == name) {
            return change.key.get(at).and_then(text_of);
        }
        let at = self.shape.columns.iter().position(|column| column == name)?;
        [change.b, change.a].into_iter().flatten().find_map(|row| text_of(&row.cell(at)?))
    }
}

fn text_of(cell: &Cell<'_>) -> Option<String> {
    cell.text().ok().flatten()
}

fn is_figure(column: &Column) -> bool {
    matches!(column.kind, Kind::Count | Kind::Integer | Kind::Money | Kind::Share | Kind::Ratio | Kind::Number)
}

/// An amount with two decimals in minor units.
fn minor(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}
