//! `huitou show`: a table of a snapshot in the terminal, as rows or as its picture.

mod card;
mod heat_map;
mod histogram;
mod paint;
mod rows;
mod selection;

use std::collections::BTreeSet;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use self::paint::Paint;
use self::selection::{Selected, Selection};
use super::arguments::{RowFormat, ShowOptions};
use super::snapshot::snapshot;
use super::{log, print};
use crate::error::{Error, Problem, Result};
use crate::job::nearest;
use crate::publish::Snapshot;
use crate::table;
use crate::table::assessment::{results, summary};
use crate::table::read_back::rows as rows_of;

/// Prints rows of a table, or its picture.
pub fn show(options: &ShowOptions) -> Result<()> {
    let snapshot = snapshot(&options.out, &options.snapshot)?;
    let name = options.table.as_str();
    if snapshot.manifest.table(name).is_none() {
        return Err(absent(&snapshot, name));
    }
    let schema = snapshot.schema(name)?;
    let selection = Selection::new(options, name, &schema)?;
    // Who says which rows, or how, wants rows.
    let wants_rows = options.format.is_some() || options.limit.is_some() || options.wide;
    if !wants_rows
        && options.sort.is_empty()
        && options.columns.is_empty()
        && let Some(picture) = picture(&snapshot, name, &schema, options)?
    {
        return print(&picture);
    }
    let selected = selection.select(&schema, snapshot.batches(name))?;
    if let (Some(shop), None, 0) = (&options.shop, &options.condition, selected.matching) {
        return Err(no_rows(name, shop));
    }
    let format = options.format.unwrap_or(RowFormat::Table);
    print(&rows::text(&selected, format, options.wide)?)?;
    let shown: usize = selected.batches.iter().map(RecordBatch::num_rows).sum();
    let told = format!("{shown} of {} rows of {name} ({})", selected.matching, snapshot.manifest.name);
    match format {
        RowFormat::Table => print(&format!("{told}\n")),
        // The output is for programs, or for a document.
        _ => {
            log::info(&told);
            Ok(())
        }
    }
}

/// Why the snapshot does not have the table.
fn absent(snapshot: &Snapshot, name: &str) -> Error {
    // The lists of a job have names of their own, which only its snapshots know.
    let tables: BTreeSet<&str> =
        snapshot.manifest.tables.iter().map(|table| table.name.as_str()).chain(table::cards().map(|card| card.name.as_ref())).collect();
    let skipped = snapshot.manifest.skipped.iter().find(|skipped| skipped.name == name);
    let reason = match skipped {
        Some(skipped) => format!(": {}", skipped.reason),
        None if table::cards().any(|card| card.name == name) => ": the run was not asked for it".to_owned(),
        None => String::new(),
    };
    let close = nearest(name, tables.into_iter().filter(|table| *table != name));
    let help = match close.filter(|_| reason.is_empty()) {
        Some(close) => format!("did you mean `{close}`? `huitou tables` lists them"),
        None if reason.is_empty() => "`huitou tables` lists them".to_owned(),
        None => String::new(),
    };
    let place = format!("{}", snapshot.path.display());
    Error::Usage(vec![Problem::new(place, format!("the snapshot has no table `{name}`{reason}")).help(help)])
}

/// The picture of the rows of one shop, for tables that have one; nothing where the rows are of several shops.
fn picture(snapshot: &Snapshot, name: &str, schema: &SchemaRef, options: &ShowOptions) -> Result<Option<String>> {
    let pictured =
        [table::repurchase::cohort_retention::TABLE.name, table::repurchase::interval_histogram::TABLE.name, &summary::CARD.name];
    let has_picture = pictured.contains(&name);
    if !has_picture {
        return Ok(None);
    }
    let all = ShowOptions { limit: Some(0), ..options.clone() };
    let Selected { batches, .. } = Selection::new(&all, name, schema)?.select(schema, snapshot.batches(name))?;
    let shops: BTreeSet<String> = rows_of(&batches).filter_map(|row| row.text("shop_id")).take(10_000).collect();
    let Some(shop) = shops.first().filter(|_| shops.len() == 1) else {
        return match (&options.shop, &options.condition) {
            (Some(shop), None) => Err(no_rows(name, shop)),
            // No row, or those of several shops.
            _ => Ok(None),
        };
    };
    let paint = Paint::for_output();
    let width = terminal_width();
    let title = format!("{name}  shop {shop}  ({})\n", snapshot.manifest.name);
    Ok(Some(match name {
        name if name == summary::CARD.name => {
            let results = snapshot.batches(&results::CARD.name).collect::<Result<Vec<RecordBatch>>>()?;
            card::cards(&batches, &results, shop, paint)
        }
        name if name == table::repurchase::cohort_retention::TABLE.name => title + &heat_map::heat_map(&batches, width, paint),
        _ => title + &histogram::histogram(&batches, width),
    }))
}

/// A shop that a table does not have.
fn no_rows(table: &str, shop: &str) -> Error {
    Error::Usage(vec![Problem::new("--shop", format!("{table} has no rows of shop `{shop}`"))])
}

/// The columns of the terminal that the output goes to; `None` where there is none.
fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(terminal_size::Width(width), _)| usize::from(width))
}
