//! Reports of whole runs, written by the run if the job requests it and by the command; and the errors where none can be written.

use serde_json::Value;

use super::scene::{Scene, orders};

/// The latest report, written by the run; and the folder of its snapshot.
fn published(scene: &Scene, set: &str) -> (std::path::PathBuf, String) {
    let ran = scene.run(&["run", "job.yaml", "--quiet", "--publish", "--set", set]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let folder = std::fs::canonicalize(scene.path("out/latest")).unwrap();
    let page = std::fs::read_to_string(folder.join("report.html")).unwrap();
    (folder, page)
}

#[test]
fn a_run_writes_the_report_that_the_command_writes_too() {
    let scene = Scene::with(&orders());
    let (folder, page) = published(&scene, "output.report=zh");
    let ran = scene.run(&["report", "--lang", "zh"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "report.html\n"), "{}", ran.stderr);
    assert!(std::fs::read_to_string(scene.path("report.html")).unwrap() == page, "the two are not the same, byte for byte");
    // It is a file of the snapshot like the tables: with its size and hash.
    let manifest: Value = serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let entry = |name: &str| manifest["files"].as_array().unwrap().iter().find(|file| file["file"] == name).unwrap();
    let file = entry("report.html");
    assert_eq!(file["bytes"], page.len());
    assert!(page.contains("<html lang=\"zh-CN\">"));
    let ran = scene.run(&["report", "--brief", "--lang", "zh"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "brief.html\n"), "{}", ran.stderr);
    let brief = std::fs::read(folder.join("brief.html")).unwrap();
    assert!(std::fs::read(scene.path("brief.html")).unwrap() == brief, "the two briefs are not the same, byte for byte");
    let file = entry("brief.html");
    assert_eq!(file["bytes"], brief.len());
    // Sixteen digits or a name would be a customer's; the ids of these are 11 to 13, and no column of the page is called so.
    assert!(!page.contains("\"customer_id\""));
}

#[test]
fn another_report_is_another_snapshot() {
    let scene = Scene::with(&orders());
    let (chinese, _) = published(&scene, "output.report=zh");
    let (english, page) = published(&scene, "output.report=true");
    assert_ne!(chinese, english);
    assert!(page.contains("<html lang=\"en\">"));
    let (again, _) = published(&scene, "output.report=en");
    assert_eq!(again, english, "`true` is `en`");
    let without = scene.run(&["run", "job.yaml", "--quiet"]);
    assert_eq!(without.code, Some(0), "{}", without.stderr);
    assert!(!scene.path("out/latest/report.html").exists());
}

#[test]
fn the_page_says_what_was_left_out_of_the_snapshot() {
    let scene = Scene::with(&orders().without("customer_id"));
    let (_, page) = published(&scene, "output.report=en");
    let start = page.find("id=\"data\">").unwrap() + "id=\"data\">".len();
    let data: Value = serde_json::from_str(&page[start..start + page[start..].find('<').unwrap()]).unwrap();
    // Customer 11 bought for 100.00 and 75.00, customer 12 for 50.00: January has 150.00 of two, February 75.00 of one.
    let periods = &data["tables"]["shop_periods"]["columns"];
    assert_eq!((&periods["paid_amount"]["cells"][0], &periods["paid_amount"]["cells"][1]), (&15_000.into(), &7_500.into()));
    let reason = data["missing"]["cohort_retention"].as_str().unwrap();
    assert!(reason.contains("`customer_id`"), "{reason}");
    // Without rule files nobody asked for it; what has no input is told.
    assert!(data["missing"]["assessment_summary"].is_null());
    assert!(data["missing"]["campaign_effect"].is_string());
    assert_eq!(data["inputs"][0]["rows"], 4);
}

#[test]
fn reports_that_cannot_be_written_are_refused() {
    let scene = Scene::with(&orders());
    let shown = |arguments: &[&str]| scene.run(&[&["report"], arguments].concat()).exit_and_stderr();
    assert_eq!(shown(&[]), "exit 2\nerror: out: there is no snapshot\n  help: run a job first, or name its output folder with --out");
    let (folder, _) = published(&scene, "output.report=en");
    let name = folder.file_name().unwrap().to_str().unwrap();
    let wrong = shown(&["--snapshot", &format!("{name}0")]);
    assert_eq!(
        wrong,
        format!(
            "exit 2\nerror: --snapshot: there is no snapshot `{name}0` in out\n  help: did you mean `{name}`? `huitou history` lists them"
        )
    );
    let absent = shown(&["--snapshot", "2020-02-29"]);
    assert_eq!(absent, "exit 2\nerror: --snapshot: there is no snapshot as of 2020-02-29 in out\n  help: `huitou history` lists them");
    let dated = scene.run(&["report", "--snapshot", &name[..10], "--to", "dated.html"]);
    assert_eq!((dated.code, dated.stdout.as_str()), (Some(0), "dated.html\n"), "{}", dated.stderr);
    let inside = shown(&["--to", "out/latest/other.html"]);
    assert!(inside.starts_with("exit 2\nerror: out/latest/other.html: is in the folder of the snapshots"), "{inside}");
    assert!(shown(&["--to", "no/such/folder.html"]).starts_with("exit 4\nerror: no/such/folder.html: "));
    let unknown = shown(&["--brief", "--shop", "0"]);
    assert!(unknown.starts_with("exit 2\nerror: --shop: there is no shop `0` in the snapshot "), "{unknown}");
    let named = scene.run(&["report", "--snapshot", name, "--to", "named.html"]);
    assert_eq!((named.code, named.stdout.as_str()), (Some(0), "named.html\n"), "{}", named.stderr);
    std::fs::write(folder.join("shop_periods/part-0000.parquet"), b"PAR1").unwrap();
    let damaged = shown(&["--snapshot", name]);
    assert!(damaged.starts_with("exit 3\nerror: "), "{damaged}");
}
