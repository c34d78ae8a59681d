//! Parts of an input: files in folders such as `terminal=pc/` and `terminal=mobile/` are of different things, so that rows of one key in
//! two of them are no states of one row. Folders such as `dt=2026-09-01/` are: a later export has the row again.

use std::collections::{BTreeMap, BTreeSet};

use crate::input::declared::columns::{AFFILIATE_ORDERS, InputKind, ORDERS, REFUNDS};
use crate::input::declared::row_key::row_key;
use crate::input::mapping::advice::name;
use crate::input::mapping::dataset::Dataset;
use crate::input::times::time_text::parse;
use crate::spec::period::parse_day;

/// The value of a partition column for a file: `None` where the file lies in no such folder, null inside.
type Value = Option<Option<String>>;

/// The parts of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::input) struct Parts {
    /// The partition columns that distinguish them.
    pub names: Vec<String>,
    /// By part: its values of these columns.
    values: Vec<Vec<Value>>,
    /// By file: its part.
    of_file: Vec<u32>,
}

impl Parts {
    /// The parts of a dataset; one where no partition column distinguishes its files, or only those that name versions: days and other times,
    /// numbers of exports, the status of an order.
    pub fn of(dataset: &Dataset) -> Parts {
        let partitions = || dataset.files.iter().filter(|file| file.rows() > 0).map(|file| file.file.partitions.as_slice());
        // Orders change by the hour; figures of a day are not those of its last hour.
        let has_states = [ORDERS.name, REFUNDS.name, AFFILIATE_ORDERS.name].contains(&dataset.input.name);
        let files = dataset.files.iter().map(|file| file.file.partitions.as_slice());
        Parts::new(files, partitions(), &|name| names_hours(name) && !has_states, &|name| {
            dataset.input.columns.iter().any(|column| {
                let written = dataset.spec.columns.get(column.name).map_or(column.name, String::as_str);
                written == name && (column.kind == InputKind::Time || column.name == "status")
            })
        })
    }

    fn new<'a>(
        files: impl Iterator<Item = &'a [(String, Option<String>)]>,
        with_rows: impl Iterator<Item = &'a [(String, Option<String>)]> + Clone,
        is_piece: &dyn Fn(&str) -> bool,
        is_state: &dyn Fn(&str) -> bool,
    ) -> Parts {
        let all: BTreeSet<&str> = with_rows.clone().flatten().map(|(name, _)| name.as_str()).collect();
        let value = |file: &[(String, Option<String>)], name: &str| -> Value {
            file.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
        };
        let names = all.into_iter().filter(|name| {
            let values: BTreeSet<Value> = with_rows.clone().map(|file| value(file, name)).collect();
            let known: Vec<&str> = values.iter().flatten().flatten().map(String::as_str).collect();
            let are_days = !known.is_empty() && known.iter().all(|value| is_day(value));
            values.len() > 1 && (is_piece(name) || !names_version(name) && !are_days && !is_state(name))
        });
        let names: Vec<String> = names.map(str::to_owned).collect();
        let mut parts: BTreeMap<Vec<Value>, u32> = BTreeMap::new();
        let (mut values, mut of_file) = (Vec::new(), Vec::new());
        for file in files {
            let own: Vec<Value> = names.iter().map(|name| value(file, name)).collect();
            let next = values.len() as u32;
            of_file.push(*parts.entry(own.clone()).or_insert_with(|| {
                values.push(own);
                next
            }));
        }
        Parts { names, values, of_file }
    }

    /// The part of a file.
    pub fn of_file(&self, file: usize) -> u32 {
        self.of_file.get(file).copied().unwrap_or(0)
    }

    /// The columns that distinguish these parts, each with its values in them, ascending.
    pub fn distinguishing(&self, parts: &BTreeSet<u32>) -> Vec<(String, Vec<String>)> {
        let column = |(at, name): (usize, &String)| {
            let values = parts.iter().filter_map(|part| self.values.get(*part as usize)?.get(at));
            let values: BTreeSet<&str> = values
                .map(|value| match value {
                    Some(Some(value)) => value.as_str(),
                    Some(None) => "null",
                    None => "no such folder",
                })
                .collect();
            (values.len() > 1).then(|| (name.clone(), values.into_iter().map(str::to_owned).collect()))
        };
        self.names.iter().enumerate().filter_map(column).collect()
    }
}

impl Dataset {
    /// By file: the part of the input that it belongs to; empty where there is one part.
    pub fn parts(&self) -> Vec<u32> {
        let parts = Parts::of(self);
        if parts.names.is_empty() { Vec::new() } else { parts.of_file }
    }

    /// The warning about so many rows that were superseded by rows of another part of the input: they may be of other things.
    pub fn parts_warning(&self, rows: u64) -> Option<String> {
        let (input, names) = (self.input.name, Parts::of(self).names);
        let id = row_key(self.input).last().copied().unwrap_or("order_id");
        let written = self.in_sql(id);
        let first = name(names.first().filter(|_| rows > 0)?);
        let folders: Vec<String> = names.iter().map(|name| format!("`{name}=…`")).collect();
        Some(format!(
            "{input}: {rows} rows are taken for older versions of rows in other folders {}, as they have the same ids: if they are other rows, \
             put the folder into the id with `{id}: CONCAT({first}, '-', {written})` under `columns:`, also of other inputs that name it",
            folders.join(", ")
        ))
    }
}

/// Words in the names of partition columns whose values are times or numbers of exports: the later is the newer.
const OF_VERSIONS: [&str; 33] = [
    "dt",
    "ds",
    "pt",
    "ts",
    "date",
    "day",
    "days",
    "hour",
    "hh",
    "hr",
    "minute",
    "week",
    "month",
    "ym",
    "ymd",
    "quarter",
    "year",
    "yyyy",
    "mm",
    "dd",
    "time",
    "datetime",
    "timestamp",
    "period",
    "snapshot",
    "version",
    "batch",
    "run",
    "export",
    "load",
    "ingest",
    "etl",
    "partition",
];

/// The same in Chinese, anywhere in the name.
const OF_VERSIONS_IN_CHINESE: [&str; 9] = ["日期", "时间", "年", "月", "周", "批次", "版本", "快照", "分区"];

/// Words in the names of partition columns whose values are pieces of a day.
const OF_HOURS: [&str; 5] = ["hour", "hours", "hh", "hr", "minute"];

/// Whether a partition column has hours, by its name.
fn names_hours(name: &str) -> bool {
    words(name).iter().any(|word| OF_HOURS.contains(&word.as_str())) || name.contains("小时")
}

/// Whether a partition column has times or numbers of exports, by its name.
fn names_version(name: &str) -> bool {
    let is_of_versions = |word: &String| OF_VERSIONS.contains(&word.as_str()) || word.ends_with("date") || word.ends_with("time");
    words(name).iter().any(is_of_versions) || OF_VERSIONS_IN_CHINESE.iter().any(|word| name.contains(word))
}

/// The words of a name in small letters: `exportHour_2` has export and hour.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || letter.is_uppercase() && was_small {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphabetic()) {
            word.extend(letter.to_lowercase());
        }
        was_small = letter.is_lowercase();
    }
    words
}

/// Whether a value is a day or time: `2026-09-01`, `2026-09`, `20260901`, `2026090112` and longer, `2026-09-01 12:00:00`.
fn is_day(value: &str) -> bool {
    let is_year = |year: &str| year.parse::<u32>().is_ok_and(|year| (1990..2100).contains(&year));
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        let day = || Some(format!("{}-{}-{}", value.get(..4)?, value.get(4..6)?, value.get(6..8)?));
        return matches!(value.len(), 8 | 10 | 12 | 14)
            && value.get(..4).is_some_and(is_year)
            && day().is_some_and(|day| parse_day(&day).is_some());
    }
    let month = || {
        value.split_once('-').is_some_and(|(year, month)| is_year(year) && month.len() == 2 && parse_day(&format!("{value}-01")).is_some())
    };
    parse(value).is_some() || value.get(..10).is_some_and(|day| parse_day(day).is_some()) || month()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folders: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
        folders.iter().map(|(name, value)| ((*name).to_owned(), (*value != "null").then(|| (*value).to_owned()))).collect()
    }

    fn parts(files: &[Vec<(String, Option<String>)>]) -> Parts {
        let files = || files.iter().map(Vec::as_slice);
        Parts::new(files(), files(), &|_| false, &|name| name == "state")
    }

    #[test]
    fn folders_of_things_are_parts_and_folders_of_times_are_not() {
        let found = parts(&[
            file(&[("terminal", "pc"), ("dt", "2026-09-01")]),
            file(&[("terminal", "mobile"), ("dt", "2026-09-01")]),
            file(&[("terminal", "pc"), ("dt", "2026-09-02")]),
            file(&[]),
        ]);
        assert_eq!((found.names.clone(), found.of_file.clone()), (vec!["terminal".to_owned()], vec![0, 1, 0, 2]));
        let columns = |of: [u32; 2]| found.distinguishing(&BTreeSet::from(of));
        assert_eq!(columns([0, 1]), [("terminal".to_owned(), vec!["mobile".to_owned(), "pc".to_owned()])]);
        assert_eq!(columns([0, 2]), [("terminal".to_owned(), vec!["no such folder".to_owned(), "pc".to_owned()])]);
        for (name, values) in [
            ("dt", ["1", "2"]),
            ("snapshot_id", ["a", "b"]),
            ("bizdate", ["a", "b"]),
            ("loadTime", ["a", "b"]),
            ("_batch", ["1", "2"]),
            ("业务日期", ["a", "b"]),
            ("p", ["20260901", "20260902"]),
            ("p", ["2026-09", "2026-10"]),
            ("p", ["2026-09-01 10", "2026-09-01 11"]),
            ("state", ["paid", "sent"]),
            ("terminal", ["pc", "pc"]),
        ] {
            let found = parts(&values.map(|value| file(&[(name, value)])));
            assert_eq!(found, Parts { of_file: vec![0, 0], values: vec![Vec::new()], ..Parts::default() }, "{name} {values:?}");
        }
        for (name, values) in [
            ("shop", ["2001", "2002"]),
            ("店铺", ["1", "2"]),
            ("terminal", ["pc", "null"]),
            ("code", ["20261301", "20261302"]),
            ("p", ["1", "20260901"]),
        ] {
            assert_eq!(parts(&values.map(|value| file(&[(name, value)]))).of_file, [0, 1], "{name} {values:?}");
        }
    }
}
