//! Order lines from both reports: the items from the item report; buyer, times and amounts from the order report. Every import builds
//! them again from all imported files, so that the reports may be imported in any order.

use std::path::Path;

use hashbrown::HashMap;

use super::convert::Rejection;
use super::order_line::{MergedOrder, OrderLine, ReportedOrder, lines_of};
use super::origin::{Imported, imported};
use super::parquet_file::ParquetFile;
use super::parquet_rows::each_row;
use super::rejects::Rejects;
use super::report::Report;
use super::staging::Staging;
use super::value::Value;
use crate::error::Result;
use crate::input::declared::columns::{InputKind, ORDERS};
use crate::spec::{Id, id_hash};

/// The folder of the order lines.
pub const FOLDER: &str = "order_lines";
const FILE: &str = "order_lines.parquet";
/// Rows of both reports that are held in memory at once. With more, the files are read several times, each time for a part of the orders.
const ROWS_IN_MEMORY: u64 = 300_000;

/// Whether the order lines exist.
pub fn exists(to: &Path) -> bool {
    to.join(FOLDER).join(FILE).is_file()
}

/// Writes the order lines of the imported files of a folder, if an item report is among them.
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
    let parts = rows / ROWS_IN_MEMORY + 1;
    let mut counts = LineCounts::default();
    for part in 0..parts {
        let is_here = |order: &str| id_hash(Id::Text(order)) % parts == part;
        for order in collect_orders(&orders, &items, is_here)? {
            counts.orders += u64::from(order.order.is_some());
            counts.without_lines += u64::from(order.lines.is_empty());
            match lines_of(&order, columns.has("customer_id")) {
                Ok(lines) => {
                    counts.lines += lines.len() as u64;
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
    if counts.lines > 0 {
        staging.show(&hidden, path.clone());
    }
    staging.remove(path);
    let rejects_path = to.join("rejects").join("order_lines.csv");
    if rejects.finish()? {
        staging.show(&hidden_rejects, rejects_path.clone());
        let first = rejects.first.first().map_or(String::new(), super::report::Message::of_rejection);
        report.warn(format!(
            "lines of the item reports without an order: {}, all in {}; the first one: {first}",
            rejects.rows,
            rejects_path.display()
        ));
    }
    staging.remove(rejects_path);
    staging.commit()?;
    report.info(format!(
        "{} order lines from both reports; {} of {} orders have no items there and become one line each",
        counts.lines, counts.without_lines, counts.orders
    ));
    Ok(())
}

#[derive(Default)]
struct LineCounts {
    lines: u64,
    orders: u64,
    without_lines: u64,
}

/// The columns that are written: those columns of orders that at least one file has.
struct Columns(Vec<(String, InputKind)>);

impl Columns {
    fn of(orders: &[Imported], items: &[Imported]) -> Result<Self> {
        let mut there = vec!["shop_id".to_owned(), "order_id".to_owned(), "line_id".to_owned()];
        there.extend(["created_at", "paid_at", "order_amount", "paid_amount"].map(str::to_owned));
        for file in orders.iter().chain(items) {
            there.extend(super::parquet_rows::columns(&file.path)?);
        }
        // Where the reports name buyers in different ways, the order report counts: here it names none.
        if !orders.is_empty() && orders.iter().all(|file| file.origin.buyers.is_empty()) {
            there.retain(|column| column != "customer_id");
        }
        let columns = ORDERS.columns.iter().filter(|column| there.iter().any(|name| name == column.name));
        Ok(Columns(columns.map(|column| (column.name.to_owned(), column.kind)).collect()))
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(column, _)| column == name)
    }

    fn values(&self, order: &MergedOrder, line: &OrderLine) -> Vec<Value> {
        self.0.iter().map(|(name, _)| line.value(name, &order.id)).collect()
    }
}

/// The orders for which `is_here` holds, with their lines, in the order of the files. Of an order that is in several files, the last
/// one counts, and so do the lines of the last file that has any.
fn collect_orders(orders: &[Imported], items: &[Imported], is_here: impl Fn(&str) -> bool) -> Result<Vec<MergedOrder>> {
    let mut found: Vec<MergedOrder> = Vec::new();
    let mut places: HashMap<String, usize, foldhash::fast::FixedState> = HashMap::default();
    let mut place = |found: &mut Vec<MergedOrder>, id: &str| match places.get(id) {
        Some(place) => *place,
        None => {
            found.push(MergedOrder { id: id.to_owned(), ..MergedOrder::default() });
            places.insert(id.to_owned(), found.len() - 1);
            found.len() - 1
        }
    };
    for file in orders {
        each_row(&file.path, |row| {
            if let Some(id) = row.text("order_id").filter(|id| is_here(id)) {
                let place = place(&mut found, id);
                if let Some(lines) = found.get_mut(place) {
                    lines.order = Some(ReportedOrder::read(row));
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
                    let mut line = OrderLine::read(row);
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
