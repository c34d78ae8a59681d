//! A run in steps: a small engine starts the program step by step, shares out rows as Spark does, and has the bytes of a run of one process.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use arrow::array::AsArray;
use huitou::exchange::{Kind, Row, rows};
use huitou::spec::period::iso;
use proptest::prelude::*;

use super::laws::{FIRST, drawn_order, whole_scene};
use super::nights::many_orders;
use super::scene::{Columns, JOB, Scene, dates, money, orders, traffic};

/// How an engine shares the work out.
#[derive(Debug, Clone, Copy)]
struct Engine {
    scans: usize,
    buckets: usize,
    folds: u32,
    /// Whether tasks of several threads fold, results are added up before the end, and rows come in another order.
    is_odd: bool,
}

const USUAL: Engine = Engine { scans: 3, buckets: 16, folds: 2, is_odd: false };

/// What a step answered.
struct Answer {
    output: Output,
    /// Its rows; none where it has another form, as that of `finish`.
    rows: Vec<Row>,
    work: String,
}

/// Starts a step in the scene's folder with rows on its standard input.
fn step(scene: &Scene, arguments: &[&str], given: Option<(&str, &[Row])>) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_huitou"));
    command.current_dir(scene.path(".")).arg("step").args(arguments).env("LC_ALL", "C.UTF-8").env_remove("FAILPOINTS");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut bytes = Vec::new();
    if let Some((work, given)) = given {
        rows::write(&mut bytes, work, given.to_vec()).unwrap();
    }
    // A step that fails at once does not read.
    let _ = stdin.write_all(&bytes);
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let (work, rows) = rows::read(output.stdout.as_slice()).unwrap_or_default();
    Answer { output, rows, work }
}

fn of_kind(rows: &[Row], kind: Kind) -> Vec<Row> {
    rows.iter().filter(|row| row.kind == kind).cloned().collect()
}

impl Engine {
    /// Plans a job and makes its scans: the work, what all steps are told, and the blobs.
    fn scanned(self, scene: &Scene, asked: &[&str]) -> Result<(String, Vec<Row>, Vec<Row>), Output> {
        let (scans, buckets) = (self.scans.to_string(), self.buckets.to_string());
        let planned = step(scene, &[&["plan", "job.yaml"], asked, &["--scans", &scans, "--buckets", &buckets]].concat(), None);
        if !planned.output.status.success() {
            return Err(planned.output);
        }
        let plan = of_kind(&planned.rows, Kind::Plan);
        let scanned = of_kind(&planned.rows, Kind::Scan).into_iter().flat_map(|scan| {
            let scanned = step(scene, &["scan"], Some((&planned.work, &[plan.clone(), vec![scan]].concat())));
            assert!(scanned.output.status.success(), "{}", String::from_utf8_lossy(&scanned.output.stderr));
            scanned.rows
        });
        let (blobs, summaries): (Vec<Row>, Vec<Row>) = scanned.partition(|row| [Kind::Lines, Kind::Orders].contains(&row.kind));
        Ok((planned.work, [plan, summaries].concat(), blobs))
    }

    /// What the tasks of a step answer; each has the rows of some parts.
    fn tasks(self, scene: &Scene, arguments: &[&str], (work, known): (&str, &[Row]), blobs: &[Row]) -> Vec<Row> {
        let mut tasks: BTreeMap<u32, Vec<Row>> = BTreeMap::new();
        blobs.iter().for_each(|row| tasks.entry(row.part % self.folds).or_default().push(row.clone()));
        let task = |mut given: Vec<Row>| {
            if self.is_odd {
                given.reverse();
            }
            let answer = step(scene, arguments, Some((work, &[known, &given].concat())));
            assert!(answer.output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&answer.output.stderr));
            answer.rows
        };
        tasks.into_values().flat_map(task).collect()
    }

    /// Runs a job; what the last step printed.
    fn run(self, scene: &Scene, asked: &[&str]) -> Output {
        let (work, mut known, blobs) = match self.scanned(scene, asked) {
            Ok(scanned) => scanned,
            Err(refused) => return refused,
        };
        let finish = |known: &[Row]| step(scene, &["finish"], Some((&work, known))).output;
        let is_wrong = |known: &[Row]| known.iter().any(|row| row.kind == Kind::Problem);
        if is_wrong(&known) {
            return finish(&known);
        }
        known.extend(self.tasks(scene, &["census"], (&work, &known), &of_kind(&blobs, Kind::Orders)));
        if is_wrong(&known) {
            return finish(&known);
        }
        let lines = of_kind(&blobs, Kind::Lines);
        if known.iter().any(|row| row.kind == Kind::Findings && row.part == 1) {
            known.extend(self.tasks(scene, &["suspects"], (&work, &known), &lines));
        }
        let fold: &[&str] = if self.is_odd { &["fold", "--threads", "3", "--memory", "64MiB"] } else { &["fold"] };
        let mut folded = self.tasks(scene, fold, (&work, &known), &lines);
        if self.is_odd {
            folded.reverse();
            folded = step(scene, &["merge"], Some((&work, &[known.clone(), folded].concat()))).rows;
        }
        finish(&[known, folded].concat())
    }
}

/// The files of the latest snapshot but the manifest, which has seconds, and what nights keep for each other.
fn tables(scene: &Scene, out: &str) -> BTreeMap<String, Vec<u8>> {
    let root = scene.path(out).join("latest/");
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if !["manifest.json", "state.json"].contains(&name.as_str()) {
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// What differs between the snapshots of a run and of steps, and their warnings.
fn compared(scene: &Scene, asked: &[&str], engine: Engine) -> Vec<String> {
    let run = scene.run(&[&["run", "job.yaml", "--out", "run"], asked].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let steps = engine.run(scene, &[&["--out", "steps"], asked].concat());
    assert!(steps.status.success(), "{engine:?}: {}", String::from_utf8_lossy(&steps.stderr));
    let (run, steps) = (tables(scene, "run"), tables(scene, "steps"));
    assert!(run.keys().any(|file| file.starts_with("customers/")), "{:?}", run.keys());
    let mut differing: Vec<String> = run.keys().chain(steps.keys()).filter(|file| run.get(*file) != steps.get(*file)).cloned().collect();
    let said = |out: &str| -> serde_json::Value {
        let manifest = std::fs::read(scene.path(out).join("latest/manifest.json")).unwrap();
        let mut manifest: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&manifest).unwrap();
        // Seconds, memory and threads; what nights keep for each other.
        let own = ["phases", "peak_memory_bytes", "threads", "spilled_bytes", "reading", "files"];
        manifest.retain(|key, _| !own.contains(&key.as_str()));
        manifest.into()
    };
    let (run, steps) = (said("run"), said("steps"));
    if run != steps {
        differing.push(format!("{run} {steps}"));
    }
    differing
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, max_shrink_iters: 8, ..ProptestConfig::default() })]

    #[test]
    fn steps_have_the_bytes_of_a_run_however_the_work_is_shared_out(
        drawn_orders in prop::collection::vec(drawn_order(), 20..250),
        scans in 1..9_usize,
        buckets in prop::sample::select(vec![1, 4, 64, 512]),
        folds in 1..6_u32,
        is_odd in any::<bool>(),
        days in 60..160_i64,
    ) {
        let scene = whole_scene(&drawn_orders);
        let day = iso((FIRST + days) as i32);
        let differing = compared(&scene, &["--as-of", &day], Engine { scans, buckets, folds, is_odd });
        prop_assert!(differing.is_empty(), "{:?}", differing);
    }
}

#[test]
fn the_first_night_of_many_orders_has_every_file() {
    let scene = whole_scene(&many_orders());
    assert_eq!(compared(&scene, &[], Engine { is_odd: true, ..USUAL }), Vec::<String>::new());
}

#[test]
fn what_is_wrong_is_told_once_as_a_run_tells_it() {
    type Wrong = (&'static str, fn(&Scene));
    let wrong: [Wrong; 5] = [
        ("a file that is no Parquet", |scene| scene.write("orders/b.parquet", "PAR1 and nothing else")),
        ("too many rejected rows", |scene| {
            scene.parquet("orders/b.parquet", &orders().with("paid_amount", money(&[-1, -1, -1, -1])));
        }),
        ("stale orders", |scene| {
            scene.job(&JOB.replace("path: orders.parquet", "path: orders, freshness: { error: 1 }"));
        }),
        ("two visits of a day, which no step before the census reads", |scene| {
            scene.parquet("visits.parquet", &traffic().with("date", dates(&["2026-01-05"; 2])));
            scene.job(&JOB.replace("orders.parquet }", "orders }\n  traffic: { path: visits.parquet }"));
        }),
        ("a column that is not there", |scene| {
            scene.job(&JOB.replace("path: orders.parquet", "path: orders, columns: { order_id: number }"));
        }),
    ];
    for (what, prepare) in wrong {
        let scene = Scene::new();
        scene.job(&JOB.replace("orders.parquet", "orders"));
        scene.parquet("orders/a.parquet", &orders());
        prepare(&scene);
        let run = scene.run(&["run", "job.yaml", "--quiet"]);
        let steps = USUAL.run(&scene, &[]);
        let folder = std::fs::canonicalize(scene.path(".")).unwrap();
        let told = String::from_utf8_lossy(&steps.stderr).replace(folder.to_str().unwrap(), "$");
        // `plan` tells what it warns of, `--quiet` does not.
        let told: String = told.lines().skip_while(|line| !line.starts_with("error")).collect::<Vec<&str>>().join("\n");
        assert_ne!(run.code, Some(0), "{what}");
        assert_eq!((steps.status.code(), told.as_str()), (run.code, run.stderr.trim_end()), "{what}");
        assert!(!scene.path("out/latest").exists(), "{what}");
    }
}

#[test]
fn a_scan_that_was_made_twice_and_not_alike_is_refused() {
    let scene = Scene::new();
    scene.job(&JOB.replace("orders.parquet", "orders"));
    scene.parquet("orders/a.parquet", &orders());
    let (work, known, _) = USUAL.scanned(&scene, &[]).ok().unwrap();
    // The same work with other codes: a machine died, and the scan was made again by one that numbers the shops otherwise.
    let others = orders().with("shop_id", arrow::array::Int64Array::from(vec![2, 1, 2, 1]));
    scene.parquet("orders/a.parquet", &others);
    let (_, other_known, other_blobs) = USUAL.scanned(&scene, &[]).ok().unwrap();
    scene.parquet("orders/a.parquet", &orders());
    assert_ne!(known, other_known);
    let lines = of_kind(&other_blobs, Kind::Lines);
    let refused = step(&scene, &["suspects"], Some((&work, &[known, lines].concat()))).output;
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(4), "{told}");
    assert!(told.contains("scan 0: it was made twice, and not alike") && told.contains("run the job again"), "{told}");
    let digests = told.split(|each: char| !each.is_ascii_hexdigit()).filter(|word| word.len() == 64).count();
    assert_eq!(digests, 2, "{told}");
}

#[test]
fn what_an_engine_loses_or_has_twice_is_refused() {
    let scene = Scene::new();
    scene.job(&JOB.replace("orders.parquet", "orders"));
    scene.parquet("orders/a.parquet", &orders());
    scene.parquet("orders/b.parquet", &two_customers());
    let (work, known, blobs) = USUAL.scanned(&scene, &[]).ok().unwrap();
    let (lines, entries) = (of_kind(&blobs, Kind::Lines), of_kind(&blobs, Kind::Orders));
    let counted = USUAL.tasks(&scene, &["census"], (&work, &known), &entries);
    let with_findings = [known.clone(), counted.clone()].concat();
    let collected = USUAL.tasks(&scene, &["suspects"], (&work, &with_findings), &lines);
    let all = [with_findings.clone(), collected.clone()].concat();
    let folded = USUAL.tasks(&scene, &["fold"], (&work, &all), &lines);
    assert!(counted.iter().any(|row| row.part == 1) && folded.len() == 2 && collected.len() == 2);
    let largest = |rows: &[Row]| rows.iter().max_by_key(|row| row.payload.len()).cloned().unwrap();
    let without = |rows: &[Row], gone: &Row| rows.iter().filter(|row| *row != gone).cloned().collect::<Vec<Row>>();
    // The first scan has a blob of every part, so that a part without the other one is there all the same.
    let of_second = |rows: &[Row]| rows.iter().filter(|row| row.scan == 1).cloned().collect::<Vec<Row>>();
    let (blob, entry) = (largest(&of_second(&lines)), largest(&of_second(&entries)));
    let cases: [(&str, Vec<Row>, &str); 11] = [
        ("census", [known.clone(), without(&entries, &entry)].concat(), "in partition"),
        ("suspects", [with_findings.clone(), without(&lines, &blob)].concat(), "in bucket"),
        ("fold", [all.clone(), without(&lines, &blob)].concat(), "in bucket"),
        ("fold", [all.clone(), lines.clone(), entries.clone()].concat(), "lines and orders came together"),
        ("fold", [known.clone(), collected.clone(), lines.clone()].concat(), "partition 0 of 4 is missing"),
        ("fold", [with_findings.clone(), vec![collected[0].clone()], lines.clone()].concat(), "of 16 is missing"),
        ("merge", [all.clone(), vec![folded[0].clone(), folded[0].clone()]].concat(), "is there more than once"),
        ("finish", [all.clone(), vec![folded[0].clone()]].concat(), "of 16 is missing"),
        ("finish", [all.clone(), folded.clone(), folded.clone()].concat(), "is there more than once"),
        ("finish", [without(&all, &largest(&counted)), folded.clone()].concat(), "of 4 is missing"),
        ("finish", [without(&all, &of_kind(&known, Kind::Summary)[0]), folded.clone()].concat(), "the summary of scan 0 is missing"),
    ];
    for (name, given, told) in cases {
        let answer = step(&scene, &[name], Some((&work, &given))).output;
        let stderr = String::from_utf8_lossy(&answer.stderr).into_owned();
        assert_eq!(answer.status.code(), Some(4), "{name} {told}: {stderr}");
        assert!(stderr.contains(told) && stderr.contains("help: run the job again; nothing was published"), "{name} {told}: {stderr}");
        assert!(!scene.path("out/latest").exists(), "{name} {told}");
    }
    assert_eq!(step(&scene, &["finish"], Some((&work, &[all, folded].concat()))).output.status.code(), Some(0));
}

/// The orders of [`orders`] under other customers.
fn two_customers() -> Columns {
    let batch = orders().batch();
    let customers = batch.column_by_name("customer_id").unwrap().as_primitive::<arrow::datatypes::Int64Type>();
    let others: arrow::array::Int64Array = customers.iter().map(|customer| customer.map(|customer| customer + 1_000)).collect();
    orders().with("customer_id", others)
}

#[test]
fn files_that_change_while_the_steps_run_are_told() {
    let scene = Scene::new();
    scene.job(&JOB.replace("orders.parquet", "orders"));
    scene.parquet("orders/a.parquet", &orders());
    let (work, known, _) = USUAL.scanned(&scene, &[]).ok().unwrap();
    scene.parquet("orders/b.parquet", &orders());
    let plan = of_kind(&known, Kind::Plan);
    let scan = Row { kind: Kind::Scan, part: 0, scan: 0, payload: Vec::new() };
    let answer = step(&scene, &["scan"], Some((&work, &[plan.clone(), vec![scan]].concat())));
    let problems = of_kind(&answer.rows, Kind::Problem);
    assert_eq!((answer.output.status.code(), problems.len()), (Some(0), 1));
    let told = step(&scene, &["finish"], Some((&work, &[plan, problems].concat()))).output;
    let message = String::from_utf8_lossy(&told.stderr).into_owned();
    assert_eq!(told.status.code(), Some(3), "{message}");
    assert!(message.contains("changed while the steps ran") && message.contains("run the job again"), "{message}");
}

#[test]
fn a_stream_that_ends_early_is_a_failure_and_publishes_nothing() {
    let scene = Scene::with(&orders());
    let (work, known, _) = Engine { scans: 1, ..USUAL }.scanned(&scene, &[]).ok().unwrap();
    let mut bytes = Vec::new();
    rows::write(&mut bytes, &work, known).unwrap();
    for name in ["scan", "census", "suspects", "fold", "merge", "finish"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_huitou"))
            .current_dir(scene.path("."))
            .args(["step", name])
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&bytes[..bytes.len() / 2]).unwrap();
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(3), "{name}: {told}");
        assert!(told.starts_with("error: standard input: is not what a step of huitou wrote: "), "{name}: {told}");
        assert!(ended.stdout.is_empty() && !scene.path("out").exists(), "{name}");
    }
}
