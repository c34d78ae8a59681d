//! Lines of orders from both reports: what was bought from the item report, who bought it, when and for how much from the order
//! report. Made anew from all imported files with every import, so that the reports may come in any order.

use std::path::Path;

use hashbrown::HashMap;

use super::convert::Rejection;
use super::line::{Line, Lines, Order, lines_of};
use super::origin::{Imported, imported};
use super::parquet_file::ParquetFile;
use super::parquet_rows::each_row;
use super::rejects::Rejects;
use super::report::Report;
use super::staging::Staging;
use super::value::Value;
use crate::error::Result;
use crate::input::columns::{Kind, ORDERS};
use crate::spec::{Id, id_hash};

/// The folder of the lines.
pub const FOLDER: &str = "order_lines";
const FILE: &str = "order_lines.parquet";
/// Rows of both reports that are held in memory together; beyond that the files are read several times, each time for some of the orders.
const TOGETHER: u64 = 300_000;

/// Whether there are lines.
pub fn is_there(to: &Path) -> bool {
    to.join(FOLDER).join(FILE).is_file()
}

/// Makes the lines of what was imported into a folder, if an item report is among it.
///
/// # Errors
/// [`crate::error::Error::Output`] where they cannot be written.
pub fn write(to: &Path, report: &mut Report) -> Result<()> {
    let (orders, items) = (imported(&to.join("orders"))?, imported(&to.join("items"))?);
    if items.is_empty() {
        return Ok(());
    }
    let mut staging = Staging::default();
    let hidden = staging.path(&to.join(FOLDER))?;
    let hidden_rejects = staging.path(&to.join("rejects"))?;
    let mut rejects = Rejects::new(hidden_rejects.clone(), String::new());
    let columns = Columns::of(&orders, &items)?;
    let mut parquet = ParquetFile::create(&hidden, &columns.0)?;
    let rows: u64 = orders.iter().chain(&items).map(|file| file.origin.rows).sum();
    let parts = rows / TOGETHER + 1;
    let mut told = Told::default();
    for part in 0..parts {
        let is_here = |order: &str| id_hash(Id::Text(order)) % parts == part;
        for order in gather(&orders, &items, is_here)? {
            told.orders += u64::from(order.order.is_some());
            told.without_lines += u64::from(order.lines.is_empty());
            match lines_of(&order, columns.has("customer_id")) {
                Ok(lines) => {
                    told.lines += lines.len() as u64;
                    lines.iter().try_for_each(|line| parquet.push(&columns.values(&order, line)))?;
                }
                Err(why) => {
                    let file = items.get(order.file).map_or("", |file| file.origin.file.as_str());
                    for line in &order.lines {
                        rejects.push(Rejection {
                            file: Some(file.to_owned()),
                            row: line.row as u64,
                            column: String::new(),
                            found: why.clone(),
                        })?;
                    }
                }
            }
        }
    }
    parquet.finish(super::origin::KEY, String::new())?;
    let path = to.join(FOLDER).join(FILE);
    if told.lines > 0 {
        staging.show(&hidden, path.clone());
    }
    staging.remove(path);
    let rejects_path = to.join("rejects").join("order_lines.csv");
    if rejects.finish()? {
        staging.show(&hidden_rejects, rejects_path.clone());
        let first = rejects.first.first().map_or(String::new(), super::report::Line::of_rejection);
        report.warn(format!(
            "lines of the item reports without an order: {}, all in {}; the first, {first}",
            rejects.rows,
            rejects_path.display()
        ));
    }
    staging.remove(rejects_path);
    staging.commit()?;
    report.say(format!(
        "{} lines of orders from both reports; {} of {} orders have no items there and stand as one line",
        told.lines, told.without_lines, told.orders
    ));
    Ok(())
}

#[derive(Default)]
struct Told {
    lines: u64,
    orders: u64,
    without_lines: u64,
}

/// The columns that are written: of those of orders the ones that some file has.
struct Columns(Vec<(String, Kind)>);

impl Columns {
    fn of(orders: &[Imported], items: &[Imported]) -> Result<Self> {
        let mut there = vec!["shop_id".to_owned(), "order_id".to_owned(), "line_id".to_owned()];
        there.extend(["created_at", "paid_at", "order_amount", "paid_amount"].map(str::to_owned));
        for file in orders.iter().chain(items) {
            there.extend(super::parquet_rows::columns(&file.path)?);
        }
        // Buyers of two kinds of names are not the same people: those of the order report count.
        if !orders.is_empty() && orders.iter().all(|file| file.origin.buyers.is_empty()) {
            there.retain(|column| column != "customer_id");
        }
        let columns = ORDERS.columns.iter().filter(|column| there.iter().any(|name| name == column.name));
        Ok(Columns(columns.map(|column| (column.name.to_owned(), column.kind)).collect()))
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(column, _)| column == name)
    }

    fn values(&self, order: &Lines, line: &Line) -> Vec<Value> {
        self.0.iter().map(|(name, _)| line.value(name, &order.id)).collect()
    }
}

/// The orders for which `is_here` holds with their lines, in the order in which the files have them. Of an order that several files
/// have, the last one counts; so do the lines of the last file that has any.
fn gather(orders: &[Imported], items: &[Imported], is_here: impl Fn(&str) -> bool) -> Result<Vec<Lines>> {
    let mut found: Vec<Lines> = Vec::new();
    let mut places: HashMap<String, usize, foldhash::fast::FixedState> = HashMap::default();
    let mut place = |found: &mut Vec<Lines>, id: &str| match places.get(id) {
        Some(place) => *place,
        None => {
            found.push(Lines { id: id.to_owned(), ..Lines::default() });
            places.insert(id.to_owned(), found.len() - 1);
            found.len() - 1
        }
    };
    for file in orders {
        each_row(&file.path, |row| {
            if let Some(id) = row.text("order_id").filter(|id| is_here(id)) {
                let place = place(&mut found, id);
                if let Some(lines) = found.get_mut(place) {
                    lines.order = Some(Order::read(row));
                }
            }
            Ok(())
        })?;
    }
    let names_buyers_alike = orders
        .iter()
        .chain(items)
        .all(|file| Some(&file.origin.buyers) == orders.first().or(items.first()).map(|first| &first.origin.buyers));
    for (position, file) in items.iter().enumerate() {
        each_row(&file.path, |row| {
            if let Some(id) = row.text("order_id").filter(|id| is_here(id)) {
                let place = place(&mut found, id);
                if let Some(lines) = found.get_mut(place) {
                    if lines.file != position {
                        lines.lines.clear();
                        lines.file = position;
                    }
                    let mut line = Line::read(row);
                    if !names_buyers_alike && !orders.is_empty() {
                        line.order.customer = None;
                    }
                    lines.lines.push(line);
                }
            }
            Ok(())
        })?;
    }
    Ok(found)
}
