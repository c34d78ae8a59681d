//! `huitou show`: prints a table of a snapshot, as rows or as a chart.

mod card;
mod heat_map;
mod histogram;
pub(in crate::cli) mod one_language;
mod paint;
pub(in crate::cli) mod rows;
pub(in crate::cli) mod selection;
pub(in crate::cli) mod shop_names;

use std::collections::BTreeSet;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use self::one_language::in_one_language;
use self::paint::Paint;
use self::selection::{Selected, Selection};
use self::shop_names::{ShopNames, beside_ids};
use super::arguments::ShowOptions;
use super::language::{lang, say};
use super::log;
use super::output_format::RowFormat;
use super::snapshot::snapshot;
use super::stdout::{print, print_or_write, terminal_width};
use crate::error::{Error, Problem, Result};
use crate::job::nearest;
use crate::publish::Snapshot;
use crate::table;
use crate::table::assessment::{results, summary};
use crate::table::read_back::rows as rows_of;

/// Prints rows of a table, or its chart.
pub fn show(options: &ShowOptions) -> Result<()> {
    let snapshot = snapshot(&options.out, &options.snapshot)?;
    let name = options.table.as_str();
    if snapshot.manifest.table(name).is_none() {
        return Err(missing_table(&snapshot, name));
    }
    let schema = snapshot.schema(name)?;
    let selection = Selection::new(options, name, &schema)?;
    // Options about rows ask for rows.
    let wants_rows = options.excel || options.format.is_some() || options.limit.is_some() || options.wide || options.to.is_some();
    if !wants_rows
        && options.sort.is_empty()
        && options.columns.is_empty()
        && let Some(chart) = chart(&snapshot, name, &schema, options)?
    {
        return print(&chart);
    }
    let selected = selection.select(&schema, snapshot.batches(name))?;
    if let (Some(shop), None, 0) = (&options.shop, &options.condition, selected.matching) {
        return Err(no_rows(name, shop));
    }
    if options.excel && options.format.is_some_and(|format| format != RowFormat::Csv) {
        let problem = Problem::new("--excel", "is for CSV, and --format names another format");
        return Err(Error::Usage(vec![problem.help("leave out one of the two")]));
    }
    let format = options.format.unwrap_or(if options.excel { RowFormat::Csv } else { RowFormat::Table });
    // Other formats have the table as it is.
    let selected = if format == RowFormat::Table { beside_ids(selected, name, &snapshot)? } else { selected };
    let is_chosen = options.wide || !options.columns.is_empty();
    let selected = if format == RowFormat::Table && !is_chosen { in_one_language(selected, lang())? } else { selected };
    print_or_write(&rows::text(&selected, format, options.wide, options.excel, options.to.is_some())?, options.to.as_deref())?;
    let shown: usize = selected.batches.iter().map(RecordBatch::num_rows).sum();
    let count = format!("{shown} of {} rows of `{name}` ({})", selected.matching, snapshot.manifest.name);
    match format {
        RowFormat::Table if options.to.is_none() => print(&format!("{}\n", say(&count))),
        // Other output is for programs, or for a document.
        _ => {
            log::info(&count);
            Ok(())
        }
    }
}

/// The error that the snapshot does not have the table, with the reason.
pub(in crate::cli) fn missing_table(snapshot: &Snapshot, name: &str) -> Error {
    // A job names its audience lists, so only its snapshots know those tables.
    let tables: BTreeSet<&str> =
        snapshot.manifest.tables.iter().map(|table| table.name.as_str()).chain(table::cards().map(|card| card.name.as_ref())).collect();
    let skipped = snapshot.manifest.skipped.iter().find(|skipped| skipped.name == name);
    let reason = match skipped {
        Some(skipped) => format!(": {}", skipped.reason),
        None if snapshot.manifest.lists_only => ": only its lists are left, for the cool-down of later nights".to_owned(),
        None if table::cards().any(|card| card.name == name) => ": the run did not request it".to_owned(),
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

/// The chart of the rows of one shop, for tables that have one; `None` if the rows are of several shops.
fn chart(snapshot: &Snapshot, name: &str, schema: &SchemaRef, options: &ShowOptions) -> Result<Option<String>> {
    let charted = [table::repurchase::cohort_retention::TABLE.name, table::repurchase::interval_histogram::TABLE.name, summary::TABLE.name];
    let has_chart = charted.contains(&name);
    if !has_chart {
        return Ok(None);
    }
    let all = ShowOptions { limit: Some(0), ..options.clone() };
    let Selected { batches, .. } = Selection::new(&all, name, schema)?.select(schema, snapshot.batches(name))?;
    let shops: BTreeSet<String> = rows_of(&batches).filter_map(|row| row.text("shop_id")).take(10_000).collect();
    let Some(shop) = shops.first().filter(|_| shops.len() == 1) else {
        return match (&options.shop, &options.condition) {
            (Some(shop), None) => Err(no_rows(name, shop)),
            // No rows, or rows of several shops.
            _ => Ok(None),
        };
    };
    let paint = Paint::for_output();
    let width = terminal_width();
    let names = ShopNames::of(snapshot)?;
    let shop_name = names.get(shop);
    let title = format!("{name}  {}  ({})\n", card::shop_in_words(shop, shop_name), snapshot.manifest.name);
    Ok(Some(match name {
        name if name == summary::TABLE.name => {
            let results = snapshot.batches(results::TABLE.name).collect::<Result<Vec<RecordBatch>>>()?;
            card::cards(&batches, &results, shop, shop_name, paint)
        }
        name if name == table::repurchase::cohort_retention::TABLE.name => title + &heat_map::heat_map(&batches, width, paint),
        _ => title + &histogram::histogram(&batches, width),
    }))
}

/// The error that a table has no rows of a shop.
fn no_rows(table: &str, shop: &str) -> Error {
    Error::Usage(vec![Problem::new("--shop", format!("{table} has no rows of shop `{shop}`"))])
}
