//! `import generic`: the columns that the command line maps, checked against those of the input.

use std::collections::BTreeMap;

use super::export_file::ExportFile;
use super::header::{Name, Search};
use super::layout::Layout;
use super::options::What;
use super::preset;
use super::privacy::{is_buyer, is_personal};
use super::product;
use crate::error::{Error, Problem, Result};
use crate::input::declared::columns::{INPUTS, Input, InputKind, ROW};
use crate::job::nearest;

/// The columns that the number of the row may stand for.
const NUMBERED: [(&str, &str); 3] = [("orders", "order_id"), ("orders", "line_id"), ("refunds", "refund_id")];

/// A table of any kind for the input of that name, with the columns mapped. A column that is not mapped is looked for under our name.
///
/// # Errors
/// [`Error::Usage`] with all problems of the map.
pub fn generic(input: &str, map: BTreeMap<String, String>) -> Result<What> {
    let Some(found) = preset::input(input) else {
        let names: Vec<&str> = INPUTS.iter().map(|input| input.name).collect();
        let near = nearest(input, names.iter().copied()).map_or(String::new(), |near| format!("did you mean `{near}`? "));
        let problem = Problem::new("--input", format!("`{input}` is not an input")).help(format!("{near}there are {}", names.join(", ")));
        return Err(Error::Usage(vec![problem]));
    };
    let names: Vec<&str> = found.columns.iter().map(|column| column.name).collect();
    let mut problems = Vec::new();
    for (ours, theirs) in &map {
        if !names.contains(&ours.as_str()) {
            let near = nearest(ours, names.iter().copied()).map_or(String::new(), |near| format!("did you mean `{near}`? "));
            let help = format!("{near}our name comes first, as in --map paid_amount=实付金额; {input} has {}", names.join(", "));
            problems.push(Problem::new("--map", format!("`{ours}` is not a column of {input}")).help(help));
        }
        if theirs == ROW && !NUMBERED.contains(&(found.name, ours.as_str())) {
            let what = format!("`{ROW}`, the number of the row, can only stand for the order_id or line_id of orders, or for a refund_id");
            problems.push(Problem::new("--map", what));
        }
        let is_money = found.columns.iter().any(|column| column.name == ours && column.kind == InputKind::Money);
        if product::terms(theirs).is_some() && !is_money {
            let what = format!("`{theirs}`: only an amount can be a product of columns, and `{ours}` is none");
            problems.push(Problem::new("--map", what));
        }
    }
    if problems.is_empty() { Ok(What::Generic { input: found, map }) } else { Err(Error::Usage(problems)) }
}

/// The columns to find in the header. Those that are mapped and those that the input requires must be there.
pub fn search(input: &Input, map: &BTreeMap<String, String>) -> Search {
    let mut search = Search { names: Vec::new(), needs: Vec::new() };
    for column in input.columns {
        let mapped = map.get(column.name);
        if mapped.is_some_and(|theirs| theirs == ROW) {
            continue;
        }
        if let Some(theirs) = mapped.filter(|theirs| product::terms(theirs).is_some()) {
            let factors = product::names(column.name, theirs);
            search.needs.extend(factors.iter().map(|factor| vec![factor.ours.clone()]));
            search.names.extend(factors);
            continue;
        }
        let theirs = vec![mapped.cloned().unwrap_or_else(|| column.name.to_owned())];
        search.names.push(Name { ours: column.name.to_owned(), theirs });
        if mapped.is_some() || column.required {
            search.needs.push(vec![column.name.to_owned()]);
        }
    }
    search
}

/// Refuses columns about people. One may only stand for the customer, and only under a pseudonym unless it is the name of a buyer.
///
/// # Errors
/// A problem for each such column that is mapped.
pub fn refuse_personal(source: &ExportFile, layout: &Layout, has_pseudonyms: bool) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    for column in &layout.columns {
        let is_customer = column.name == "customer_id" && (has_pseudonyms || is_buyer(&column.theirs));
        if column.cell.is_some() && is_personal(&column.theirs) && !is_customer && !column.is_address {
            let help = if column.name == "customer_id" { "add --pseudonymise" } else { "map another column" };
            let message = format!("`{}`, mapped to `{}`, is about a person and is not imported unchanged", column.theirs, column.name);
            problems.push(Problem::new(source.path.display().to_string(), message).help(help));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}
