//! `huitou diff`: compares two snapshots, table by table, or the rows of one table.

mod changes;
mod document;
mod left_out;
mod sheets;
mod sides;

use std::collections::BTreeSet;

use arrow::array::{BooleanArray, RecordBatch};
use rayon::prelude::*;

use self::changes::Changes;
use self::left_out::LeftOut;
use self::sides::Sides;
use super::diff_arguments::DiffOptions;
use super::language::{add_line, say};
use super::log;
use super::output_format::RowFormat;
use super::row_filter::RowFilter;
use super::show::missing_table;
use super::stdout::{print, print_json};
use crate::compare::{Counts, Filter, Presence, TableDifference, compare_table, names};
use crate::error::{Error, Problem, Result};
use crate::job::nearest;

/// Prints how two snapshots differ, and says whether they are equal.
pub fn diff(options: &DiffOptions) -> Result<bool> {
    let sides = Sides::find(&options.out, &options.a, &options.b)?;
    let filter = RowFilter::new(options.shop.as_deref(), options.condition.as_deref()).map_err(|problem| Error::Usage(vec![problem]))?;
    let holds = |batch: &RecordBatch| Ok(filter.holds(batch)?.unwrap_or_else(|| BooleanArray::from(vec![true; batch.num_rows()])));
    let holds: Option<Filter<'_>> = if filter.is_for_all() { None } else { Some(&holds) };
    match &options.table {
        Some(table) => one_table(options, &sides, &filter, holds, table),
        None => all_tables(options, &sides, &filter, holds),
    }
}

/// All tables: how many rows of each differ, and in which columns.
fn all_tables(options: &DiffOptions, sides: &Sides, filter: &RowFilter, holds: Option<Filter<'_>>) -> Result<bool> {
    let (a, b) = (&sides.a, &sides.b);
    let (mut chosen, mut left_out) = (Vec::new(), Vec::new());
    for table in names(a, b) {
        match lacking(sides, filter, table)? {
            lacks if lacks.is_empty() => chosen.push(table),
            lacks => left_out.push(LeftOut { table: table.to_owned(), lacks }),
        }
    }
    if chosen.is_empty() && !left_out.is_empty() {
        let lacks: BTreeSet<String> = left_out.iter().flat_map(|left| left.lacks.iter().map(|column| format!("`{column}`"))).collect();
        let what = format!("no table of both snapshots has {}", lacks.into_iter().collect::<Vec<_>>().join(", "));
        return Err(Error::Usage(vec![Problem::new("--where", what).help("`huitou tables` lists them with their columns")]));
    }
    // Each table is compared by one thread; the results have the order of the names.
    let compared = |table: &str| compare_table(a, b, table, holds, &mut |_| Ok(false)).map_err(|error| in_table(table, error));
    let found: Vec<TableDifference> = chosen.into_par_iter().map(compared).collect::<Result<_>>()?;
    refuse_unknown_shop(options, &found)?;
    match options.format {
        RowFormat::Json => print_json(&document::document(sides, &found, &left_out)?)?,
        RowFormat::Csv => print(&sheets::lines(&found)?)?,
        RowFormat::Table | RowFormat::Markdown => print(&sheets::text(sides, &found, &left_out, options.format)?)?,
    }
    Ok(found.iter().all(TableDifference::is_equal))
}

/// A condition that cannot be evaluated, with the table: a column of one name may have another type elsewhere.
fn in_table(table: &str, error: Error) -> Error {
    let named = |problem: Problem| Problem { message: format!("for the table `{table}`: {}", problem.message), ..problem };
    match error {
        Error::Usage(problems) => Error::Usage(problems.into_iter().map(named).collect()),
        other => other,
    }
}

/// One table: the rows that differ, by key.
fn one_table(options: &DiffOptions, sides: &Sides, filter: &RowFilter, holds: Option<Filter<'_>>, table: &str) -> Result<bool> {
    let (a, b) = (&sides.a, &sides.b);
    match (a.manifest.table(table), b.manifest.table(table)) {
        (Some(_), Some(_)) => {}
        // One snapshot may say why it does not have the table.
        (None, _) => return Err(missing_table(a, table)),
        (Some(_), None) => return Err(missing_table(b, table)),
    }
    let lacks = lacking(sides, filter, table)?;
    if !lacks.is_empty() {
        let schema = b.schema(table)?;
        let problem = |(option, column): (&'static str, String)| {
            let list = format!("`huitou tables {table}` lists its columns");
            let close = nearest(&column, schema.fields().iter().map(|field| field.name().as_str()));
            let help = close.map_or(list.clone(), |close| format!("did you mean `{close}`? {list}"));
            Problem::new(option, format!("{table} has no column `{column}`")).help(help)
        };
        let wrong = filter.columns().into_iter().filter(|(_, column)| lacks.contains(column));
        return Err(Error::Usage(wrong.map(problem).collect()));
    }
    let mut changes = Changes::begin(options, sides, table)?;
    let found = compare_table(a, b, table, holds, &mut |change| changes.see(change))?;
    if let (None, Some(reason)) = (&found.counts, &found.reason) {
        let what = format!("`{table}` is not compared: {reason}");
        let help = "run the job again as of the dates of both snapshots with this version of huitou, and compare those";
        return Err(Error::Input(vec![Problem::new(format!("{} and {}", a.manifest.name, b.manifest.name), what).help(help)]));
    }
    refuse_unknown_shop(options, std::slice::from_ref(&found))?;
    let shown = changes.end(&found)?;
    let counts = found.counts.clone().unwrap_or_default();
    let differ = counts.only_a + counts.only_b + counts.changed;
    let mut text = String::new();
    add_line(&mut text, &format!("{shown} of {differ} rows of `{table}` that differ: {}", in_words(&counts)));
    sheets::columns_in_words(&found, &mut text);
    match options.format {
        RowFormat::Table => print(&text)?,
        _ => log::info(text.trim_end()),
    }
    Ok(found.is_equal())
}

/// The rows of a table, by how they differ.
fn in_words(counts: &Counts) -> String {
    format!("{} changed, {} only in A, {} only in B; {} rows are equal", counts.changed, counts.only_a, counts.only_b, counts.equal)
}

/// The columns of the filter that a table does not have in both snapshots; none for a table of one snapshot, which is told as such.
fn lacking(sides: &Sides, filter: &RowFilter, table: &str) -> Result<Vec<String>> {
    let (a, b) = (&sides.a, &sides.b);
    if filter.is_for_all() || a.manifest.table(table).is_none() || b.manifest.table(table).is_none() {
        return Ok(Vec::new());
    }
    let (in_a, in_b) = (a.schema(table)?, b.schema(table)?);
    let lacks = |column: &String| in_a.index_of(column).is_err() || in_b.index_of(column).is_err();
    Ok(filter.columns().into_iter().map(|(_, column)| column).filter(lacks).collect())
}

/// A shop of which no snapshot has a row is a mistake, and no equality.
fn refuse_unknown_shop(options: &DiffOptions, found: &[TableDifference]) -> Result<()> {
    let rows = |found: &TableDifference| found.counts.as_ref().map_or(0, |counts| counts.rows_a() + counts.rows_b());
    let are_all_compared = found.iter().all(|table| table.presence == Presence::Both && table.counts.is_some());
    match (&options.shop, &options.condition) {
        (Some(shop), None) if are_all_compared && found.iter().map(rows).sum::<u64>() == 0 => {
            Err(Error::Usage(vec![Problem::new("--shop", say(&format!("neither snapshot has rows of shop `{shop}`")))]))
        }
        _ => Ok(()),
    }
}
