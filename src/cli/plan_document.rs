//! The plan of a run as a document for programs: what `huitou check --format json` prints.

use std::path::Path;

use serde_json::{Value, json};

use super::language::say;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::parquet_files::open_file::ColumnSource;
use crate::nightly::Plan;
use crate::nightly::freshness::Newest;
use crate::spec::period::iso;

/// The plan with the newest events of the inputs; `out` is the folder of the snapshots.
///
/// # Errors
/// [`crate::error::Error::Input`] where an earlier snapshot with lists is damaged.
pub fn document(plan: &Plan, newest: &Newest, out: &Path) -> Result<Value> {
    let earlier = plan.earlier_lists(out)?;
    let warnings = newest.inputs.iter().flat_map(|input| input.warnings(&|shop| newest.shop(shop).to_owned()));
    let warnings: Vec<String> = plan.warnings.iter().cloned().chain(warnings).map(|warning| say(&warning)).collect();
    let skipped = plan.skipped.iter().map(|skipped| json!({ "table": skipped.table, "reason": say(&skipped.reason) }));
    Ok(json!({
        "job": plan.job.name,
        "as_of": iso(plan.as_of),
        "timezone": plan.job.timezone,
        "inputs": plan.datasets.iter().map(|(name, dataset)| input(name, dataset, newest)).collect::<Vec<_>>(),
        "tables": plan.tables.iter().map(|card| card.name.as_ref()).collect::<Vec<_>>(),
        "skipped": skipped.collect::<Vec<_>>(),
        "warnings": warnings,
        "cool_down_days": plan.cool_down_days(),
        "earlier_lists": earlier.len(),
        "snapshot": plan.work(&earlier).name(),
        "postgres": plan.job.output.postgres.as_ref().map(|target| json!({
            "connection": target.connection.to_string(),
            "schema": target.schema,
            "history": target.history,
        })),
    }))
}

fn input(name: &str, dataset: &Dataset, newest: &Newest) -> Value {
    let columns = dataset.input.columns.iter().enumerate().filter_map(|(position, column)| {
        let data_type = dataset.types.get(position)?.as_ref()?;
        let is_expression = dataset.files.iter().any(|file| file.sources.get(position) == Some(&ColumnSource::Expression));
        let written = dataset.spec.columns.get(column.name);
        Some(json!({
            "name": column.name,
            "type": data_type.to_string(),
            "source": written.map_or(column.name, String::as_str),
            "is_expression": is_expression,
        }))
    });
    let fresh = newest.inputs.iter().find(|input| input.input == name);
    let by_shop = fresh.into_iter().flat_map(|input| &input.shops);
    let by_shop = by_shop.map(|of| json!({ "shop": newest.shop(of.shop), "newest_event": iso(of.newest) }));
    json!({
        "name": name,
        "path": dataset.spec.written_path,
        "rows": dataset.rows(),
        "files": dataset.files.len(),
        "bytes": dataset.files.iter().map(|file| file.bytes).sum::<u64>(),
        "filter": dataset.spec.filter,
        "columns": columns.collect::<Vec<_>>(),
        "not_read": dataset.left_out.iter().map(|left| json!({ "path": left.label, "reason": left.why.name() })).collect::<Vec<_>>(),
        "newest_event": fresh.and_then(|input| input.days_without().map(|_| iso(input.newest))),
        "newest_by_shop": by_shop.collect::<Vec<_>>(),
    })
}
