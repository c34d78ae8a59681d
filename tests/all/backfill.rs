//! `huitou run --as-of FROM..TO --step`: each snapshot is that of its date alone, dates that are there are skipped, and a date that fails
//! stops the rest.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::scene::{JOB, Scene, orders};

/// A job with a list that reaches nobody twice within 40 days, so that earlier dates count.
fn scene() -> Scene {
    let scene = Scene::with(&orders());
    scene.job(&format!("{JOB}strategies: [care.yaml]\n"));
    scene.write("care.yaml", "strategy: care\nwhere: orders > 0\nmin_hours_since_order: 0\ncool_down_days: 40\n");
    scene
}

/// All Parquet files of the snapshots of an output folder, by snapshot, table and part.
fn files(scene: &Scene, out: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    walk(&scene.path(out).join("snapshots"), &scene.path(out), &mut found);
    found
}

fn walk(folder: &Path, root: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, root, found);
        } else if path.extension().is_some_and(|ending| ending == "parquet") {
            found.insert(path.strip_prefix(root).unwrap().display().to_string(), fs::read(&path).unwrap());
        }
    }
}

/// The dates of the lines of standard output, each the folder of a snapshot.
fn dates(stdout: &str) -> Vec<String> {
    stdout.lines().map(|line| Path::new(line).file_name().unwrap().to_str().unwrap()[..10].to_owned()).collect()
}

const MONTHS: [&str; 5] = ["run", "job.yaml", "--step", "month", "--as-of"];

#[test]
fn each_snapshot_is_that_of_its_date_alone() {
    let scene = scene();
    let ran = scene.run(&[&MONTHS[..], &["2026-01-31..2026-03-15", "--threads", "2"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(dates(&ran.stdout), ["2026-01-31", "2026-02-28", "2026-03-15"]);
    assert!(
        ran.stderr.contains("2026-02-28 (date 2 of 3)") && ran.stderr.contains("3 snapshots were made, 0 were there"),
        "{}",
        ran.stderr
    );
    for date in ["2026-01-31", "2026-02-28", "2026-03-15"] {
        assert_eq!(scene.run(&["run", "job.yaml", "--as-of", date, "--out", "single", "--threads", "1", "--quiet"]).code, Some(0));
    }
    let (together, alone) = (files(&scene, "out"), files(&scene, "single"));
    assert!(together.len() > 30 && together.keys().eq(alone.keys()), "{:?}", together.keys());
    let different: Vec<&String> = together.iter().filter(|(name, bytes)| alone[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(different.is_empty(), "{different:?}");
    assert!(fs::read_link(scene.path("out/latest")).unwrap().display().to_string().contains("2026-03-15"));
}

#[test]
fn dates_that_are_there_are_skipped_and_latest_never_goes_back() {
    // Without lists, to which a date before the others would add.
    let scene = Scene::with(&orders());
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
    let latest = fs::read_link(scene.path("out/latest")).unwrap();
    let first = scene.run(&[&MONTHS[..], &["2026-01-31..2026-02-28"]].concat());
    assert!(first.code == Some(0) && first.stderr.contains("`latest` stays at 2026-03-31"), "{}", first.stderr);
    let before = files(&scene, "out");
    // Longer than before: the first dates are there.
    let again = scene.run(&[&MONTHS[..], &["2025-12-31..2026-03-31"]].concat());
    assert_eq!(dates(&again.stdout), ["2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31"]);
    assert_eq!(again.stderr.matches(": skipped, ").count() + again.stderr.matches(": snapshot ").count(), 4, "{}", again.stderr);
    assert!(again.stderr.contains("2026-01-31: skipped, 2026-01-31-"), "{}", again.stderr);
    assert!(files(&scene, "out").len() > before.len());
    assert!(fs::read_link(scene.path("out/latest")).unwrap().display().to_string().contains("2026-03-31"), "from {}", latest.display());
    let plan = scene.run(&[&MONTHS[..], &["2026-01-31..2026-04-30", "--dry-run"]].concat()).stdout;
    assert!(plan.contains("2026-01-31 2026-01-31-") && plan.ends_with("2026-04-30 to do\n"), "{plan}");
}

#[test]
fn a_date_that_fails_stops_and_the_same_command_goes_on() {
    let scene = scene();
    let command = [&MONTHS[..], &["2026-01-31..2026-03-31"]].concat();
    // The disk is full at the manifest of the second date.
    let ran = scene.run_in(&command, &[("FAILPOINTS", "publish::manifest=1*off->return(full)")]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert_eq!(dates(&ran.stdout), ["2026-01-31"]);
    let said = "the backfill stopped at 2026-02-28: 1 of 3 dates are done (2026-01-31); the same command goes on from there";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert!(fs::read_link(scene.path("out/latest")).unwrap().display().to_string().contains("2026-01-31"));
    let on = scene.run(&command);
    assert_eq!((on.code, dates(&on.stdout).len()), (Some(0), 3), "{}", on.stderr);
    assert!(on.stderr.contains("2 snapshots were made, 1 were there"), "{}", on.stderr);
}

#[test]
fn every_line_of_the_log_names_the_date() {
    let scene = scene();
    let ran = scene.run(&["run", "job.yaml", "--as-of", "2026-02-01..2026-02-14", "--step", "week", "--log", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines: Vec<serde_json::Value> = ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let begins: Vec<_> = lines.iter().filter(|line| line["event"] == "backfill_date").collect();
    // Weeks begin on Monday: 1 and 8 February 2026 are Sundays.
    assert_eq!(begins.iter().map(|line| &line["as_of"]).collect::<Vec<_>>(), ["2026-02-01", "2026-02-08"]);
    assert_eq!((&begins[1]["date"], &begins[1]["dates"]), (&2.into(), &2.into()));
    let (first, last) = (
        lines.iter().position(|line| line["as_of"] == "2026-02-01").unwrap(),
        lines.iter().rposition(|line| line["as_of"] == "2026-02-08").unwrap(),
    );
    assert!(lines[first..=last].iter().all(|line| line["as_of"].is_string()), "{}", ran.stderr);
    let results: Vec<serde_json::Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(results.iter().map(|result| &result["manifest"]["as_of"]).collect::<Vec<_>>(), ["2026-02-01", "2026-02-08"]);
}

#[test]
fn ranges_that_make_no_sense_are_refused() {
    let scene = scene();
    let refused = |arguments: &[&str]| scene.run(&[&["run", "job.yaml"], arguments].concat()).exit_and_stderr();
    for (arguments, said) in [
        (&["--as-of", "2026-01-31..2026-03-31"][..], "no --step says which of them"),
        (&["--step", "day"], "--step: is for a range of as-of dates"),
        (&["--step", "day", "--as-of", "2026-03-31"], "`2026-03-31` is none"),
        (&["--step", "day", "--as-of", "2026-03-31..2026-03-30"], "the range ends at 2026-03-30, before it begins at 2026-03-31"),
        (&["--step", "day", "--as-of", "2026-03-31.."], "--as-of: `` is not a date"),
        (&["--step", "day", "--as-of", "2026-03-31..2999-01-01"], "2999-01-01 is in the future"),
        (&["--step", "week", "--as-of", "2026-03-30..2026-03-31"], "no week ends from 2026-03-30 to 2026-03-31"),
    ] {
        let refused = refused(arguments);
        assert!(refused.starts_with("exit 2\n") && refused.contains(said), "{arguments:?}: {refused}");
    }
    assert!(!scene.path("out").exists());
}

#[test]
fn dates_that_the_next_run_would_remove_are_refused() {
    let scene = scene();
    scene.job(&JOB.replace("out }", "out, keep: 2 }"));
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
    let range = |from: &str| scene.run(&[&MONTHS[..], &[&format!("{from}..2026-03-31")]].concat());
    let refused = range("2026-01-31").exit_and_stderr();
    let said = "exit 2\nerror: output.keep: keeps the 2 latest dates, so that the next run would remove 1 of the 3 of this range";
    assert!(refused.starts_with(said) && refused.contains("set it to 3 or more"), "{refused}");
    assert_eq!(range("2026-02-28").code, Some(0));
}

#[test]
fn the_history_is_a_series() {
    let scene = scene();
    assert_eq!(scene.run(&[&MONTHS[..], &["2026-01-31..2026-03-31", "--quiet"]].concat()).code, Some(0));
    let csv = scene.run(&["history", "--format", "csv"]).stdout;
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let heads = [
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
    assert_eq!(lines[0], heads);
    assert_eq!(
        lines[1..].iter().map(|line| (line[0], line[2], line[3])).collect::<Vec<_>>(),
        [("2026-01-31", "false", "published"), ("2026-02-28", "false", "published"), ("2026-03-31", "true", "published"),]
    );
    // Two orders were known at the end of January, of four rows that were read.
    assert_eq!((lines[1][6], lines[1][8]), ("full", "4"));
}
