//! The layout of an export: which of its cells is read as which of our columns.

use super::header::Header;
use super::options::What;
use super::preset::{PARTS, STATE, kind};
use super::privacy::is_personal;
use super::product::{self, Factor};
use crate::input::declared::columns::{InputKind, ROW};

/// Our columns of a file.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Our columns: those of the input in its order, then those that only calculations use.
    pub columns: Vec<Column>,
}

/// One of our columns.
#[derive(Debug, Clone)]
pub struct Column {
    /// Our name.
    pub name: String,
    /// The kind of its values.
    pub kind: InputKind,
    /// The position of its cell in a row of the file; `None` if its value follows from other columns.
    pub cell: Option<usize>,
    /// What its amount is the product of; empty for most columns.
    pub factors: Vec<Factor>,
    /// Its name in the file.
    pub theirs: String,
    /// Whether it is an address. Only the province of an address is kept.
    pub is_address: bool,
}

impl Layout {
    /// The layout of a file with this header.
    pub fn new(what: &What, header: &Header) -> Self {
        let input = what.input();
        // Where an export has only one of the two times of an order, it stands for both.
        let orders: &[&str] = if what.folder() == "orders" { &["shop_id", "order_id", "created_at", "paid_at"] } else { &["shop_id"] };
        let is_of_shops = ["traffic", "affiliate_orders", "item_traffic"].contains(&input.name);
        let added = if what.is_orders() || is_of_shops { orders } else { &[] };
        let is_derived = |name: &str| {
            added.contains(&name)
                || (name == "order_amount" && header.position("_goods").is_some())
                || (name == "clawed_back" && header.position(STATE).is_some())
                || (name == "channel" && PARTS.iter().any(|part| header.position(part).is_some()))
                || mapped(what, name).is_some_and(|theirs| theirs == ROW || product::terms(theirs).is_some())
        };
        let names = input.columns.iter().map(|column| column.name).chain(["_goods", "_postage", "_price", STATE]).chain(PARTS);
        let columns = names.filter(|name| header.position(name).is_some() || is_derived(name)).map(|name| {
            let theirs = header.theirs(name).to_owned();
            // In exports of presets, people write whole addresses into every column for provinces.
            let is_address = name == "province" && (is_personal(&theirs) || theirs.contains('省') || matches!(what, What::Known(_)));
            let product = mapped(what, name).filter(|theirs| product::terms(theirs).is_some());
            Column {
                name: name.to_owned(),
                kind: kind(input, name),
                cell: header.position(name),
                factors: product.map_or(Vec::new(), |terms| product::factors(name, terms, header)),
                theirs: product.map_or(theirs, str::to_owned),
                is_address,
            }
        });
        let mut columns: Vec<Column> = columns.collect();
        if what.folder() == "items" {
            // The row of a line in its export, so that a line without an order can be found there.
            let (name, theirs) = ("_row".to_owned(), String::new());
            columns.push(Column { name, kind: InputKind::Count, cell: None, factors: Vec::new(), theirs, is_address: false });
        }
        Layout { columns }
    }

    /// The position of one of our columns.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Whether the file itself has one of our columns.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name && (column.cell.is_some() || !column.factors.is_empty()))
    }

    /// The positions of the columns that are written. Those that only calculations use are written for order lines, whose amounts may
    /// be calculated from them later.
    pub fn written(&self, what: &What) -> Vec<usize> {
        let is_written = |column: &Column| !column.name.starts_with('_') || what.folder() == "items";
        self.columns.iter().enumerate().filter(|(_, column)| is_written(column)).map(|(position, _)| position).collect()
    }
}

/// The name that the user's map gives for one of our columns.
fn mapped<'a>(what: &'a What, name: &str) -> Option<&'a str> {
    match what {
        What::Generic { map, .. } => map.get(name).map(String::as_str),
        What::Known(_) => None,
    }
}
