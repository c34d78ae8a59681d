//! What lies after the as-of date: known by the footers, and not even decoded.

use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::TimestampMicrosecondArray;

use super::scene::{DAY, JOB, Scene, day, orders, rows};

/// All Parquet files of a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.retain(|path| path.extension().is_some_and(|extension| extension == "parquet"));
    found.sort();
    found
}

/// Overwrites the pages of a file and leaves its footer.
fn scramble(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let length = bytes.len();
    let footer = u32::from_le_bytes(bytes[length - 8..length - 4].try_into().unwrap()) as usize;
    bytes[4..length - 8 - footer].fill(0xff);
    fs::write(path, bytes).unwrap();
}

#[test]
fn files_after_the_as_of_date_are_not_decoded() {
    let scene = Scene::new();
    let data = scene.path("data");
    let made = scene.run(&["sample", data.to_str().unwrap(), "--orders", "4000", "--months", "3", "--layout", "daily"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let run = |as_of: &str, out: &str| {
        let ran = scene.run(&["run", "data/job.yaml", "--as-of", as_of, "--out", out]);
        let results = huitou::publish::latest(&scene.path(out)).unwrap().map(|latest| {
            let tables = files(&latest.path).into_iter().map(|path| fs::read(path).unwrap());
            tables.collect::<Vec<_>>()
        });
        (ran, results)
    };
    let (before, expected) = run("2026-10-15", "before");
    assert_eq!(before.code, Some(0), "{}", before.stderr);
    // Two days and more behind the date; what the platform knew of a day may stand in the file of the next.
    let is_after = |path: &PathBuf| ["2026-10-17", "2026-10-2", "2026-11-"].iter().any(|day| path.to_str().unwrap().contains(day));
    let mut scrambled = 0;
    for path in files(&data).iter().filter(|path| is_after(path)) {
        scramble(path);
        scrambled += 1;
    }
    assert!(scrambled > 30, "{scrambled} files lie after the date");
    let (after, found) = run("2026-10-15", "after");
    assert_eq!(after.code, Some(0), "{}", after.stderr);
    assert!(found.is_some() && found == expected, "the tables differ");
    let (whole, none) = run("2026-11-21", "whole");
    assert_eq!((whole.code, none), (Some(3), None), "{}", whole.stderr);
}

/// A row without a time is rejected whatever the other rows of its row group are.
#[test]
fn a_row_group_with_a_missing_time_is_looked_at() {
    let scene = Scene::new();
    scene.job(&JOB.replace("output:", "params: { max_reject_share: 1 }\noutput:"));
    let columns = orders();
    let created = |row: usize| (row != 1).then(|| (i64::from(day("2026-06-01")) + row as i64) * DAY);
    let count = columns.batch().num_rows();
    let times: TimestampMicrosecondArray = (0..count).map(created).collect();
    scene.parquet("orders.parquet", &columns.with("created_at", times));
    let published = scene.publish("2026-03-31", "out", 1).unwrap();
    assert_eq!(rows(&published, "rejects").len(), 1);
}
