//! What the columns of an export become: which of its cells are read as which of our columns.

use super::header::Header;
use super::options::What;
use super::preset::kind;
use super::privacy::is_personal;
use crate::input::columns::{Kind, ROW};

/// Our columns of a file.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Our columns: those of the input in its order, then those for reckoning.
    pub columns: Vec<Column>,
}

/// One of our columns.
#[derive(Debug, Clone)]
pub struct Column {
    /// Our name.
    pub name: String,
    /// The kind of its values.
    pub kind: Kind,
    /// Where it is in the file; nowhere if it follows from others.
    pub cell: Option<usize>,
    /// What the file calls it.
    pub theirs: String,
    /// Whether it is an address, of which only the province is kept.
    pub is_address: bool,
}

impl Layout {
    /// The layout of a file with that header.
    pub fn new(what: &What, header: &Header) -> Self {
        let input = what.input();
        // An order is paid when it is created, or created when it is paid, where an export has one time only.
        let orders: &[&str] = if what.folder() == "orders" { &["shop_id", "order_id", "created_at", "paid_at"] } else { &["shop_id"] };
        let added = if what.is_orders() || input.name == "traffic" { orders } else { &[] };
        let is_reckoned = |name: &str| {
            added.contains(&name)
                || (name == "order_amount" && header.position("_goods").is_some())
                || mapped(what, name).is_some_and(|theirs| theirs == ROW)
        };
        let names = input.columns.iter().map(|column| column.name).chain(["_goods", "_postage", "_price"]);
        let columns = names.filter(|name| header.position(name).is_some() || is_reckoned(name)).map(|name| {
            let theirs = header.theirs(name).to_owned();
            // Whatever stands under a preset's names for provinces, as 省份: people write whole addresses there.
            let is_address = name == "province" && (is_personal(&theirs) || theirs.contains('省') || matches!(what, What::Known(_)));
            Column { name: name.to_owned(), kind: kind(input, name), cell: header.position(name), theirs, is_address }
        });
        let mut columns: Vec<Column> = columns.collect();
        if what.folder() == "items" {
            // Where a line stands in its export, for who looks for the order that it lacks.
            let (name, theirs) = ("_row".to_owned(), String::new());
            columns.push(Column { name, kind: Kind::Count, cell: None, theirs, is_address: false });
        }
        Layout { columns }
    }

    /// The position of one of our columns.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Whether the file itself has one of our columns.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name && column.cell.is_some())
    }

    /// The columns that are written: those for reckoning only with lines of orders, whose amounts may yet follow from them.
    pub fn written(&self, what: &What) -> Vec<usize> {
        let is_written = |column: &Column| !column.name.starts_with('_') || what.folder() == "items";
        self.columns.iter().enumerate().filter(|(_, column)| is_written(column)).map(|(position, _)| position).collect()
    }
}

/// What a map of one's own says of one of our columns.
fn mapped<'a>(what: &'a What, name: &str) -> Option<&'a str> {
    match what {
        What::Generic { map, .. } => map.get(name).map(String::as_str),
        What::Known(_) => None,
    }
}
