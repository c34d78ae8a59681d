//! The manifest of a snapshot: its inputs, how each row was used, its tables. Written last, so that a snapshot with a manifest is complete.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::disk::regular;
use crate::error::{Error, Result};
use crate::spec::period::parse_day;
use crate::spec::{Day, period};

/// The description of a snapshot. When read, fields that a later version adds are ignored, and fields that an earlier
/// version did not have are empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The snapshot, and its folder. Set by `Draft::publish`.
    pub name: String,
    /// The name of the job.
    #[serde(default)]
    pub job: String,
    /// The as-of date, as `YYYY-MM-DD`. Set by `Draft::publish`.
    #[serde(with = "iso_day")]
    pub as_of: Day,
    /// The version of huitou that wrote it.
    #[serde(default)]
    pub version: String,
    /// SHA-256 of job, inputs and version; the name has its first digits. Set by `Draft::publish`.
    #[serde(default)]
    pub fingerprint: String,
    /// What the job says, key by key, each as a digest: by these the next snapshot tells what changed in it. Empty in manifests of earlier
    /// versions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, String>,
    /// The inputs, with the row equation of each.
    #[serde(default)]
    pub inputs: Vec<InputEntry>,
    /// The tables in the order of their names. Set by `Draft::publish`.
    #[serde(default)]
    pub tables: Vec<TableEntry>,
    /// Tables that could not be built, and why.
    #[serde(default)]
    pub skipped: Vec<SkippedTable>,
    /// Files beside the tables, such as the report. Set by `Draft::publish`.
    #[serde(default)]
    pub files: Vec<FileEntry>,
    /// The currency of all amounts; empty in manifests of earlier versions, where it is CNY.
    #[serde(default)]
    pub currency: String,
    /// Whether only some of the job's tables were requested.
    #[serde(default)]
    pub partial: bool,
    /// Whether it is the snapshot of an experiment: `latest`, the database and the cool-down of lists know nothing of it. Set by
    /// `Draft::publish`.
    #[serde(default)]
    pub experiment: bool,
    /// Whether only its lists are left, which the cool-down of later nights needs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lists_only: bool,
    /// The folders that were removed when only its lists were left: after a crash some may still be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<String>,
    /// Days of earlier snapshots that tonight's lists look back to; 0 without lists.
    #[serde(default)]
    pub cool_down_days: i32,
    /// Warnings, which did not stop the run.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Rows of the table `restatements` by their cause: figures that were published before and are others now. Empty where there is none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub restated: BTreeMap<String, u64>,
    /// The snapshot that its figures are compared with; `None` where there is none, or it could not be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared_with: Option<ComparedWith>,
    /// How long each phase took, in order.
    #[serde(default)]
    pub phases: Vec<Phase>,
    /// The greatest resident memory of the process, in bytes.
    #[serde(default)]
    pub peak_memory_bytes: u64,
    /// Bytes that were spilled to disk to stay below the memory limit.
    #[serde(default)]
    pub spilled_bytes: u64,
    /// Threads that computed.
    #[serde(default)]
    pub threads: usize,
    /// How the orders were read; `None` in manifests of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<ReadingEntry>,
}

/// The snapshot before a run, with which its figures are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedWith {
    /// Its name.
    pub name: String,
    /// Its as-of date, as `YYYY-MM-DD`.
    #[serde(with = "iso_day")]
    pub as_of: Day,
}

/// How the orders of a run were read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadingEntry {
    /// Whether it was a night: lines that earlier runs had kept were used.
    pub is_night: bool,
    /// Why not all of them were.
    pub reason: Option<String>,
    /// Files that were read.
    pub files_read: u64,
    /// Rows of these files.
    pub rows_read: u64,
    /// Lines that earlier runs had kept.
    pub lines_stored: u64,
    /// What was decoded of the other inputs; `None` in snapshots of earlier versions.
    #[serde(default)]
    pub others: Option<OthersRead>,
    /// The same for people.
    pub in_words: String,
    /// Bytes of what is kept for the next night.
    pub state_bytes: u64,
}

/// Files of the inputs beside the orders that a run decoded: others are as an earlier run found them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OthersRead {
    /// How many.
    pub files: u64,
    /// Their rows.
    pub rows: u64,
}

impl OthersRead {
    /// The same for people.
    pub fn in_words(self) -> String {
        format!("other inputs: {} files read, {} rows", self.files, self.rows)
    }
}

/// The inputs whose events are of single days.
const EVENTS: [&str; 5] = ["orders", "page_views", "ratings", "refunds", "traffic"];

impl Manifest {
    /// Reads the manifest in a file.
    ///
    /// # Errors
    /// The cause, where there is none or it is not one.
    pub(super) fn read(file: &Path) -> Result<Manifest, String> {
        let bytes = regular::check(file).and_then(|()| std::fs::read(file)).map_err(|cause| cause.to_string())?;
        serde_json::from_slice(&bytes).map_err(|cause| format!("not a manifest: {cause}"))
    }

    /// The text of its file.
    ///
    /// # Errors
    /// `Bug` where it cannot be written as JSON.
    pub(super) fn text(&self) -> Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self).map_err(Error::bug)?;
        text.push(b'\n');
        Ok(text)
    }

    /// The table of that name.
    pub fn table(&self, name: &str) -> Option<&TableEntry> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The day of the newest event up to the as-of date of inputs whose events are of single days; `None` without one. Figures of months are
    /// not among them: they stand on the last day of a month that may not be over.
    pub fn newest_event(&self) -> Option<Day> {
        let events = self.inputs.iter().filter(|input| EVENTS.contains(&input.name.as_str()));
        events.filter_map(|input| input.newest_event.as_deref().and_then(parse_day)).max()
    }

    /// The duration of all phases, in seconds.
    pub fn seconds(&self) -> f64 {
        self.phases.iter().map(|phase| phase.seconds).sum()
    }
}

/// How a warning begins of days that look like an export that did not come.
pub const MISSING_DAYS: &str = "missing_days: ";

/// One input.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InputEntry {
    /// `orders`, `traffic` …
    pub name: String,
    /// The path as the job gives it.
    #[serde(default)]
    pub path: String,
    /// Its files in their order: of equal versions of a row the one of the later file wins.
    #[serde(default)]
    pub files: Vec<InputFile>,
    /// What lies in its folder, or matches its pattern, and was not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOutEntry>,
    /// The day of its newest event up to the as-of date, as `YYYY-MM-DD`; `None` without one, and of inputs whose rows are not events.
    #[serde(default)]
    pub newest_event: Option<String>,
    /// The days up to the as-of date without any event.
    #[serde(default)]
    pub days_without_event: Option<i32>,
    /// Whether these are more than the job allows without a warning.
    #[serde(default)]
    pub is_stale: bool,
    /// Shops of which nothing came for longer than the limit and than any pause of theirs before, while others went on.
    #[serde(default)]
    pub silent_shops: Vec<String>,
    /// The newest event of each shop, as `newest_event`.
    #[serde(default)]
    pub newest_by_shop: BTreeMap<String, String>,
    /// How its rows were used.
    #[serde(default)]
    pub equation: RowEquation,
}

/// A file or folder of an input that was not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutEntry {
    /// The path below the input's; a folder ends with `/`.
    pub path: String,
    /// Why: `hidden` or `unfinished` by its name, `not_parquet` by its first bytes.
    #[serde(default)]
    pub reason: String,
}

/// One file of an input.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InputFile {
    /// The path below the input's.
    pub path: String,
    /// The size in bytes.
    #[serde(default)]
    pub bytes: u64,
    /// What identifies its content, in hex digits.
    #[serde(default)]
    pub fingerprint: String,
    /// Its rows.
    #[serde(default)]
    pub rows: u64,
}

/// How the rows of an input were used. Every row is counted, so no row is dropped silently.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RowEquation {
    /// All rows.
    pub rows: u64,
    /// Rows that count.
    pub used: u64,
    /// Rows that a later version of the same row replaced.
    pub superseded: u64,
    /// Rows with errors.
    pub rejected: u64,
    /// Rows of events after the as-of date.
    pub after_as_of: u64,
    /// Rows that the job's filter removed.
    pub filtered: u64,
}

impl RowEquation {
    /// Whether the equation holds: `rows` is the sum of the others.
    pub fn holds(&self) -> bool {
        self.rows == self.used + self.superseded + self.rejected + self.after_as_of + self.filtered
    }
}

/// One result table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEntry {
    /// The table, and its folder.
    pub name: String,
    /// Rows of all parts.
    pub rows: u64,
    /// The parts in the order of the rows.
    pub parts: Vec<PartEntry>,
}

/// One Parquet file of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartEntry {
    /// The path below the snapshot: `customers/part-0000.parquet`.
    pub file: String,
    /// Its rows.
    pub rows: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of the file in 64 hex digits.
    pub sha256: String,
}

/// A file beside the tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// The path below the snapshot: `report.html`.
    pub file: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of the file in 64 hex digits.
    pub sha256: String,
}

/// A table that was not built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedTable {
    /// The table.
    pub name: String,
    /// What it lacks.
    pub reason: String,
}

/// A phase of the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// `read`, `fold` …
    pub name: String,
    /// Its duration by the wall clock, in seconds.
    pub seconds: f64,
}

/// Days as `YYYY-MM-DD`.
mod iso_day {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::{Day, period};

    pub fn serialize<S: Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&period::iso(*day))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        let text = String::deserialize(deserializer)?;
        period::parse_day(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not a date as YYYY-MM-DD")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_of_another_version_is_read() {
        let text = r#"{"name": "2026-11-21-3f9c2a", "as_of": "2026-11-21", "moon": {"phase": "full"},
            "tables": [{"name": "customers", "rows": 1, "parts": [], "colour": "red"}]}"#;
        let manifest: Manifest = serde_json::from_str(text).unwrap();
        assert_eq!(manifest.as_of, period::day_of(2026, 11, 21).unwrap());
        assert_eq!(manifest.table("customers").unwrap().rows, 1);
        assert!(manifest.inputs.is_empty());
        let again: Manifest = serde_json::from_str(&serde_json::to_string(&manifest).unwrap()).unwrap();
        assert_eq!(again, manifest);
    }

    #[test]
    fn a_manifest_without_a_date_is_refused() {
        let wrong = serde_json::from_str::<Manifest>(r#"{"name": "x", "as_of": "2026-02-30"}"#).unwrap_err();
        assert!(wrong.to_string().contains("2026-02-30"), "{wrong}");
    }

    #[test]
    fn every_row_is_counted() {
        let equation = RowEquation { rows: 15, used: 5, superseded: 4, rejected: 3, after_as_of: 2, filtered: 1 };
        assert!(equation.holds());
        assert!(!RowEquation { rows: 16, ..equation }.holds());
    }
}
