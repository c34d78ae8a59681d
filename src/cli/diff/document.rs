//! The difference of two snapshots as a JSON document.

use arrow::datatypes::DataType;
use serde_json::{Map, Value, json};

use super::left_out::LeftOut;
use super::sides::Sides;
use crate::cli::language::say;
use crate::cli::show::rows::json_value;
use crate::compare::{ColumnCount, Counts, Difference, Largest, Presence, Shape, TableDifference};
use crate::error::Result;
use crate::publish::Snapshot;
use crate::spec::period::iso;

/// The whole document.
pub fn document(sides: &Sides, found: &[TableDifference], left_out: &[LeftOut]) -> Result<Value> {
    let mut document = head(sides);
    document.insert("is_equal".to_owned(), found.iter().all(TableDifference::is_equal).into());
    document.insert("tables".to_owned(), found.iter().map(table).collect::<Result<Vec<_>>>()?.into());
    let left = |left: &LeftOut| json!({ "table": left.table, "lacks": left.lacks });
    document.insert("left_out".to_owned(), left_out.iter().map(left).collect::<Vec<_>>().into());
    Ok(Value::Object(document))
}

/// Which snapshots are compared.
pub fn head(sides: &Sides) -> Map<String, Value> {
    let side = |snapshot: &Snapshot| {
        let manifest = &snapshot.manifest;
        json!({
            "name": manifest.name,
            "job": manifest.job,
            "version": manifest.version,
            "currency": manifest.currency,
            "as_of": iso(manifest.as_of),
            "path": snapshot.path,
        })
    };
    [("a".to_owned(), side(&sides.a)), ("b".to_owned(), side(&sides.b))].into_iter().collect()
}

/// In which way a table differs.
pub fn status(found: &TableDifference) -> &'static str {
    match found.presence {
        Presence::OnlyA => "only_a",
        Presence::OnlyB => "only_b",
        Presence::Both if found.counts.is_none() => "not_compared",
        Presence::Both if found.is_equal() => "equal",
        Presence::Both => "different",
    }
}

/// A table.
pub fn table(found: &TableDifference) -> Result<Value> {
    let count = |of: fn(&Counts) -> u64| found.counts.as_ref().map(of);
    let shape = &found.shape;
    let columns =
        found.counts.iter().flat_map(|counts| &counts.columns).map(|column| column_of(column, shape)).collect::<Result<Vec<_>>>()?;
    let types = shape.types.iter().map(|change| json!({ "column": change.column, "a": change.a, "b": change.b }));
    Ok(json!({
        "table": found.table,
        "status": status(found),
        "reason": found.reason.as_ref().map(|reason| say(reason)),
        "key": shape.key,
        "rows_a": count(Counts::rows_a),
        "rows_b": count(Counts::rows_b),
        "only_a": count(|counts| counts.only_a),
        "only_b": count(|counts| counts.only_b),
        "changed": count(|counts| counts.changed),
        "equal": count(|counts| counts.equal),
        "columns": columns,
        "columns_only_a": shape.only_a,
        "columns_only_b": shape.only_b,
        "types": types.collect::<Vec<_>>(),
    }))
}

fn column_of(column: &ColumnCount, shape: &Shape) -> Result<Value> {
    let Some(Largest { difference, old, new, key }) = &column.largest else {
        return Ok(json!({ "column": column.column, "changed": column.cells, "largest": null }));
    };
    let mut keys = Map::new();
    for ((name, data_type), value) in shape.key.iter().zip(&shape.key_types).zip(key) {
        keys.insert(name.clone(), json_value(data_type, value.as_deref())?);
    }
    let largest =
        json!({ "difference": by(*difference)?, "old": quantity(old.as_deref())?, "new": quantity(new.as_deref())?, "key": keys });
    Ok(json!({ "column": column.column, "changed": column.cells, "largest": largest }))
}

/// A difference as a number. Money is exact up to 90 million million.
pub fn by(difference: Difference) -> Result<Value> {
    match difference {
        Difference::Float(by) => Ok(by.into()),
        Difference::Exact(..) => quantity(Some(&difference.to_string())),
    }
}

/// A quantity in JSON: a number, and a day as text.
fn quantity(text: Option<&str>) -> Result<Value> {
    let Some(text) = text else { return Ok(Value::Null) };
    if let Ok(whole) = text.parse::<i64>() {
        return Ok(whole.into());
    }
    // A day has the form of no number.
    if text.parse::<f64>().is_ok() { json_value(&DataType::Float64, Some(text)) } else { Ok(text.into()) }
}
