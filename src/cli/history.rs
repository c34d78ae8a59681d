//! `huitou history`: lists the snapshots of an output folder.

use std::fmt::Write;

use serde_json::{Value, json};

use super::history_arguments::{HistoryFormat, HistoryOptions};
use super::language::{padded, padded_left, say, say_lines};
use super::stdout::{print, print_json};
use crate::error::{Error, Result};
use crate::publish::{self, Entry, InputEntry, Manifest};
use crate::spec::period::iso;

/// The columns of numbers and their widths.
const HEADS: [(&str, usize); 4] = [("seconds", 9), ("rows read", 14), ("state MiB", 10), ("rows written", 14)];

/// Lists the snapshots.
pub fn history(options: &HistoryOptions) -> Result<()> {
    let entries = publish::history(&options.out)?;
    match options.format {
        HistoryFormat::Csv => print(&csv(&entries)?),
        HistoryFormat::Json => print_json(&json!(entries.iter().map(object).collect::<Vec<_>>())),
        HistoryFormat::Text if entries.is_empty() => print(&format!("{}\n", say(&format!("no snapshots in {}", options.out.display())))),
        HistoryFormat::Text => print(&table(&entries)),
    }
}

fn table(entries: &[Entry]) -> String {
    let heads: Vec<String> = HEADS.iter().map(|(head, width)| padded_left(&say(head), *width)).collect();
    let [snapshot, as_of, how, status] =
        [("snapshot", 22), ("as of", 10), ("reading", 7), ("status", 0)].map(|(head, width)| padded(&say(head), width));
    let mut text = format!("{} {snapshot} {as_of} {how} {}  {status}\n", " ".repeat(7), heads.join(" "));
    for entry in entries {
        let mark = padded(&if entry.is_latest { say("latest") } else { String::new() }, 7);
        let _ = match &entry.manifest {
            Ok(manifest) => {
                let status = match manifest.warnings.len() {
                    0 => say(status_of(manifest)),
                    warnings => say(&format!("{}, {warnings} warnings", status_of(manifest))),
                };
                let (read, written) = rows(manifest);
                let how = padded(&say(kind(manifest).unwrap_or("-")), 7);
                let state = manifest.reading.as_ref().map_or(0, |reading| reading.state_bytes.div_ceil(1 << 20));
                let (name, as_of, seconds) = (&entry.name, iso(manifest.as_of), manifest.seconds());
                writeln!(text, "{mark} {name:<22} {as_of:<10} {how} {seconds:>9.2} {read:>14} {state:>10} {written:>14}  {status}")
            }
            Err(problem) => writeln!(text, "{mark} {:<22} {}{}", entry.name, say("damaged: "), say_lines(problem)),
        };
    }
    text
}

/// The rows that a run read and wrote. Those of files that an earlier night had read it did not read.
fn rows(manifest: &Manifest) -> (u64, u64) {
    let others = manifest.reading.as_ref().and_then(|reading| reading.others);
    let read = |input: &InputEntry| match (&manifest.reading, others) {
        (Some(reading), _) if input.name == "orders" => reading.rows_read,
        (_, Some(_)) => 0,
        (_, None) => input.equation.rows,
    };
    (
        manifest.inputs.iter().map(read).sum::<u64>() + others.map_or(0, |others| others.rows),
        manifest.tables.iter().map(|table| table.rows).sum(),
    )
}

/// Whether a run read all orders, or those of the night; `None` in snapshots of earlier versions.
fn kind(manifest: &Manifest) -> Option<&'static str> {
    manifest.reading.as_ref().map(|reading| if reading.is_night { "night" } else { "full" })
}

fn status_of(manifest: &Manifest) -> &'static str {
    match manifest {
        manifest if manifest.lists_only => "its lists are left",
        manifest if manifest.experiment => "sizes as published, experiment",
        _ => "sizes as published",
    }
}

/// The columns of CSV, which are fields of the JSON document; `warnings` is their number.
const COLUMNS: [&str; 13] = [
    "as_of",
    "name",
    "is_latest",
    "status",
    "job",
    "seconds",
    "reading",
    "reading_reason",
    "rows_read",
    "state_bytes",
    "rows_written",
    "warnings",
    "problem",
];

/// A line for each snapshot, the series by as-of date.
fn csv(entries: &[Entry]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(Error::bug)?;
    for entry in entries {
        let object = object(entry);
        let cells = COLUMNS.map(|column| match &object[column] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Array(several) => several.len().to_string(),
            other => other.to_string(),
        });
        writer.write_record(cells).map_err(Error::bug)?;
    }
    String::from_utf8(writer.into_inner().map_err(Error::bug)?).map_err(Error::bug)
}

/// A snapshot for programs. What a damaged one lacks is null.
fn object(entry: &Entry) -> serde_json::Value {
    let manifest = entry.manifest.as_ref().ok();
    let status = match manifest {
        None => "damaged",
        Some(manifest) if manifest.lists_only => "lists_left",
        Some(manifest) if manifest.experiment => "experiment",
        Some(_) => "published",
    };
    json!({
        "name": entry.name,
        "path": entry.path,
        "is_latest": entry.is_latest,
        "status": status,
        "job": manifest.map(|manifest| &manifest.job),
        "as_of": manifest.map(|manifest| iso(manifest.as_of)),
        "seconds": manifest.map(Manifest::seconds),
        "rows_read": manifest.map(|manifest| rows(manifest).0),
        "reading": manifest.and_then(kind),
        "reading_reason": manifest.and_then(|manifest| manifest.reading.as_ref()?.reason.as_deref()),
        "state_bytes": manifest.and_then(|manifest| Some(manifest.reading.as_ref()?.state_bytes)),
        "rows_written": manifest.map(|manifest| rows(manifest).1),
        "warnings": manifest.map(|manifest| &manifest.warnings),
        "problem": entry.manifest.as_ref().err().map(say_lines),
    })
}
