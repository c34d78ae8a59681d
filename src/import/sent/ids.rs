//! Customers in a file: the ones to whom a platform says that it sent a message.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::{Error, Problem, Result};
use crate::import::export_file::each_row_of;
use crate::import::row::{Cell, plain};

/// What platforms and lists call the column.
const NAMES: [&str; 8] = ["customer_id", "买家", "买家会员名", "买家昵称", "买家id", "会员名", "会员昵称", "用户id"];

/// The column with the shops, as lists have it.
const SHOP: &str = "shop_id";

/// The customers in a file, as its cells have them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct InFile {
    /// The cell of the shop, where the file has one, and that of the customer.
    rows: BTreeSet<(Option<String>, String)>,
    /// Whether it is a workbook, whose texts are what they are; texts of CSV are written so that spreadsheet programs leave them alone.
    is_workbook: bool,
}

impl InFile {
    /// The customers that are meant, with their shop where the file names it: an id that is known as it stands, as `list export` writes it, or
    /// without the padding of other exports.
    pub fn meant(&self, shops: &BTreeSet<&str>, customers: &BTreeSet<&str>) -> BTreeSet<(Option<String>, String)> {
        let id = |cell: &str, known: &BTreeSet<&str>| {
            let exported = if self.is_workbook { cell } else { unescaped(cell) };
            let bare = plain(cell);
            [exported, cell, bare].into_iter().find(|id| known.contains(id)).unwrap_or(bare).to_owned()
        };
        self.rows.iter().map(|(shop, customer)| (shop.as_ref().map(|shop| id(shop, shops)), id(customer, customers))).collect()
    }
}

/// The id that a cell of CSV stands for where `list export` wrote it: digits as `="123"`, and an apostrophe before what spreadsheet programs would
/// compute or take for an apostrophe of their own.
fn unescaped(cell: &str) -> &str {
    let digits = cell.strip_prefix("=\"").and_then(|inner| inner.strip_suffix('"'));
    digits.or_else(|| cell.strip_prefix('\'')).unwrap_or(cell)
}

/// The customers in a file: the column `customer_id` (or 买家, 会员名 …) of CSV or a workbook, with `shop_id` where there is such a column, or a file
/// with an id on each line.
///
/// # Errors
/// [`Error::Usage`] where it cannot be read, has several columns and none of these names, or has no id.
pub fn ids_in_file(file: &Path) -> Result<InFile> {
    let place = file.display().to_string();
    let usage = |problem: Problem| Error::Usage(vec![problem]);
    let (mut found, mut at, mut shop_at, mut others) = (InFile::default(), 0, None, Vec::new());
    let mut is_first = true;
    each_row_of(file, &mut |row| {
        let text = |at: usize| row.cells.get(at).filter(|cell| !cell.shown().is_empty()).map(written);
        if std::mem::take(&mut is_first) {
            found.is_workbook = !row.is_text;
            let names: Vec<String> = row.cells.iter().map(|cell| cell.shown().trim().to_lowercase()).collect();
            if let Some(named) = names.iter().position(|name| NAMES.contains(&name.as_str())) {
                (at, shop_at) = (named, names.iter().position(|name| name == SHOP));
                return true;
            }
            if names.iter().filter(|name| !name.is_empty()).count() > 1 {
                others = row.cells.iter().map(Cell::shown).collect();
                return false;
            }
        }
        let shop = shop_at.and_then(text);
        found.rows.extend(text(at).map(|customer| (shop, customer)));
        true
    })
    .map_err(usage)?;
    if !others.is_empty() {
        let what = format!("has no column `customer_id`, but {}", others.join(", "));
        return Err(usage(Problem::new(place, what).help("name the column customer_id, or give a file with an id on each line")));
    }
    if found.rows.is_empty() {
        return Err(usage(Problem::new(place, "has no ids").help("give the customers to whom the message went, an id on each line")));
    }
    Ok(found)
}

/// The text of a cell as the file has it.
fn written(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        other => other.shown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &[u8], customers: &[&str]) -> Result<Vec<String>> {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("sent.csv");
        std::fs::write(&file, text).unwrap();
        let shown = |(shop, customer): (Option<String>, String)| shop.map_or(customer.clone(), |shop| format!("{shop}:{customer}"));
        let (shops, customers) = (BTreeSet::from(["s"]), customers.iter().copied().collect());
        ids_in_file(&file).map(|found| found.meant(&shops, &customers).into_iter().map(shown).collect())
    }

    #[test]
    fn ids_are_found_by_the_name_of_the_column_or_stand_alone() {
        assert_eq!(ids(b"12\n11\n\n12\n", &[]).unwrap(), ["11", "12"]);
        assert_eq!(ids("\u{feff}rank,customer_id\n1,\"=\"\"007\"\"\"\n2,8\n".as_bytes(), &[]).unwrap(), ["007", "8"]);
        assert_eq!(ids("买家会员名\t状态\n小王\t成功\n".as_bytes(), &[]).unwrap(), ["小王"]);
        // GBK: 会员名, 小王.
        assert_eq!(ids(b"\xbb\xe1\xd4\xb1\xc3\xfb\n\xd0\xa1\xcd\xf5\n", &[]).unwrap(), ["小王"]);
    }

    #[test]
    fn a_shop_belongs_to_its_customer() {
        assert_eq!(ids(b"customer_id,shop_id\n8,s\n9,\n", &[]).unwrap(), ["9", "s:8"]);
    }

    #[test]
    fn what_is_known_as_it_stands_is_meant_before_what_padding_hides() {
        assert_eq!(ids(b"' a\n", &["a", " a"]).unwrap(), [" a"]);
        assert_eq!(ids(b"'=1+1\n", &["=1+1", "1+1"]).unwrap(), ["=1+1"]);
        assert_eq!(ids(b"''b\n", &["'b", "b"]).unwrap(), ["'b"]);
        assert_eq!(ids(b" 12\t\n", &["12"]).unwrap(), ["12"]);
    }

    #[test]
    fn a_file_without_ids_says_what_it_has() {
        let refused = |text: &[u8]| ids(text, &[]).unwrap_err().to_string();
        assert!(refused(b"phone,state\n1,2\n").contains("has no column `customer_id`, but phone, state"));
        assert!(refused(b"customer_id\n").contains("has no ids"));
    }
}
