//! `huitou show`: a table of the latest snapshot in the terminal.

use std::fs::File;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::arguments::ShowOptions;
use super::{card as shop_card, print, tables};
use crate::error::{Error, Problem, Result};
use crate::job::nearest;
use crate::publish::{self, Snapshot};
use crate::table::assessment::{results, summary};

/// Prints rows of a table.
pub fn show(options: &ShowOptions) -> Result<()> {
    let card = tables::card(&options.table)?;
    let Some(snapshot) = publish::latest(&options.out)? else {
        let place = options.out.display().to_string();
        return Err(Error::Usage(vec![
            Problem::new(place, "there is no snapshot").help("run a job first, or name its output folder with --out"),
        ]));
    };
    let Some(entry) = snapshot.manifest.table(card.name) else {
        let skipped = snapshot.manifest.skipped.iter().find(|skipped| skipped.name == card.name);
        let reason = skipped.map_or("the run was not asked for it".to_owned(), |skipped| skipped.reason.clone());
        // The lists of a job have names of their own, which only its snapshots know.
        let help = nearest(card.name, snapshot.manifest.tables.iter().map(|table| table.name.as_str()));
        let help = help.map_or(String::new(), |close| format!("did you mean `{close}`?"));
        let what = format!("the snapshot has no table `{}`: {reason}", card.name);
        return Err(Error::Usage(vec![Problem::new(&snapshot.manifest.name, what).help(help)]));
    };
    if let (Some(shop), true) = (&options.shop, card.name == summary::CARD.name) {
        let text = shop_card::cards(&all(&snapshot, card.name)?, &all(&snapshot, results::CARD.name)?, shop);
        return match text.as_str() {
            "" => Err(Error::Usage(vec![Problem::new("--shop", format!("no assessment has a shop `{shop}`"))])),
            text => print(text),
        };
    }
    let parts: Vec<&str> = entry.parts.iter().map(|part| part.file.as_str()).collect();
    let limit = if options.limit == 0 { usize::MAX } else { options.limit };
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(card.columns.iter().map(|column| column.name));
    for (at, column) in card.columns.iter().enumerate() {
        use crate::spec::Kind::{Count, Integer, Money, Number, Ratio, Share};
        if matches!(column.kind, Count | Integer | Money | Number | Ratio | Share)
            && let Some(column) = table.column_mut(at)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut matching = 0;
    for part in parts {
        for batch in read(&snapshot, part)? {
            matching += rows(&batch?, options.shop.as_deref(), limit, matching, &mut table)?;
        }
    }
    let shown = matching.min(limit);
    print(&format!("{table}\n{shown} of {matching} rows of {} ({})\n", card.name, snapshot.manifest.name))
}

/// All rows of a table; none where the snapshot does not have it.
fn all(snapshot: &Snapshot, table: &str) -> Result<Vec<RecordBatch>> {
    let mut batches = Vec::new();
    for part in snapshot.manifest.table(table).map_or(&[][..], |entry| &entry.parts) {
        for batch in read(snapshot, &part.file)? {
            batches.push(batch?);
        }
    }
    Ok(batches)
}

fn read(snapshot: &Snapshot, part: &str) -> Result<impl Iterator<Item = Result<RecordBatch>>> {
    let path = snapshot.path.join(part);
    let damaged = |cause: String| {
        Error::Input(vec![Problem::new(path.display().to_string(), format!("cannot be read: {cause}")).help("run the job again")])
    };
    let file = File::open(&path).map_err(|cause| damaged(cause.to_string()))?;
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build()).map_err(|cause| damaged(cause.to_string()))?;
    Ok(reader.map(|batch| batch.map_err(Error::from)))
}

/// Adds the matching rows of a batch as long as there are fewer than `limit`; how many match.
fn rows(batch: &RecordBatch, shop: Option<&str>, limit: usize, before: usize, table: &mut Table) -> Result<usize> {
    let options = FormatOptions::new();
    let formatters = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let schema = batch.schema();
    let shops = schema.index_of("shop_id").ok().and_then(|at| formatters.get(at));
    let mut matching = 0;
    for row in 0..batch.num_rows() {
        if shop.is_some_and(|shop| shops.is_some_and(|shops| shops.value(row).to_string() != shop)) {
            continue;
        }
        matching += 1;
        if before + matching <= limit {
            table.add_row(batch.columns().iter().zip(&formatters).map(|(column, formatter)| match column.data_type() {
                _ if column.is_null(row) => "-".to_owned(),
                DataType::Float64 => formatter.value(row).to_string().parse::<f64>().map_or(String::new(), |value| format!("{value:.4}")),
                _ => formatter.value(row).to_string(),
            }));
        }
    }
    Ok(matching)
}
