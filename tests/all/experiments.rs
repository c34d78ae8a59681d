//! Runs with `--set` or `--only`: `latest`, the cool-down of lists and what `output.keep` keeps do not know of them, unless they are
//! published.

use std::fs;
use std::path::PathBuf;

use super::scene::{JOB, Scene, orders};

/// A job whose strategy puts everybody with a purchase on its list, and nobody again for a month.
fn scene() -> Scene {
    let scene = Scene::with(&orders());
    scene.job(&format!("{JOB}strategies: [care.yaml]\n"));
    scene.write("care.yaml", "strategy: care\nwhere: orders > 0\nmin_hours_since_order: 0\ncool_down_days: 30\n");
    scene
}

/// The folder that `latest` points to.
fn latest(scene: &Scene) -> Option<PathBuf> {
    fs::canonicalize(scene.path("out/latest")).ok()
}

/// Runs the job; the folder of its snapshot.
fn run(scene: &Scene, arguments: &[&str]) -> (PathBuf, String) {
    let ran = scene.run(&[&["run", "job.yaml"][..], arguments].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let name = PathBuf::from(ran.stdout.trim_end()).file_name().unwrap().to_owned();
    (fs::canonicalize(scene.path("out/snapshots").join(name)).unwrap(), ran.stderr)
}

/// The customers on the list of a snapshot.
fn listed(scene: &Scene, snapshot: &std::path::Path) -> String {
    let name = snapshot.file_name().unwrap().to_str().unwrap();
    let columns = ["--columns", "customer_id", "--format", "csv", "--snapshot", name];
    scene.run(&[&["show", "audience_care"][..], &columns].concat()).stdout.replace("\r\n", "\n")
}

const EXPERIMENTS: [&[&str]; 3] =
    [&["--set", "params.max_nth=3"], &["--only", "audience_care"], &["--only", "audience_care,customers", "--set", "params.max_nth=4"]];

#[test]
fn nothing_moves_before_or_after_the_first_snapshot() {
    for experiment in EXPERIMENTS {
        let scene = scene();
        let (path, told) = run(&scene, &[experiment, &["--as-of", "2026-03-30"]].concat());
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_eq!(latest(&scene), None, "{experiment:?}");
        assert!(told.contains("this run is an experiment (--set or --only): there is no `latest` yet"), "{told}");
        assert!(told.contains(&format!("huitou show TABLE --out $/out --snapshot {name}")), "{told}");
        // What the message says shows it; without a snapshot, `show` names it too.
        assert_eq!(listed(&scene, &path), "customer_id\n11\n12\n");
        let none = scene.run(&["show", "audience_care"]);
        assert_eq!((none.code, none.stderr.contains(&format!("help: --snapshot {name}"))), (Some(2), true), "{}", none.stderr);
        // Nobody was contacted for it, so the next night reaches all.
        let (nightly, _) = run(&scene, &["--as-of", "2026-03-31"]);
        assert_eq!(latest(&scene).as_ref(), Some(&nightly));
        assert_eq!(listed(&scene, &nightly), "customer_id\n11\n12\n");
        // A later day does not move it either, and sees the list of the night.
        let (later, told) = run(&scene, &[experiment, &["--as-of", "2026-04-01"]].concat());
        assert!(told.contains(&format!("`latest` stays at {}", nightly.file_name().unwrap().to_str().unwrap())), "{told}");
        assert_eq!(latest(&scene).as_ref(), Some(&nightly));
        assert_eq!(listed(&scene, &later), "customer_id\n");
        assert!(scene.run(&["history"]).stdout.contains("sizes as published, experiment"));
    }
}

#[test]
fn publish_moves_everything() {
    for experiment in EXPERIMENTS {
        let scene = scene();
        run(&scene, &["--as-of", "2026-03-30", "--set", "strategies=[]", "--publish", "--quiet"]);
        // First tried, then published: the work is not done twice, and the lists count from then on.
        let tried = run(&scene, &[experiment, &["--as-of", "2026-03-31"]].concat()).0;
        assert_ne!(latest(&scene).as_ref(), Some(&tried));
        let (published, told) = run(&scene, &[experiment, &["--as-of", "2026-03-31", "--publish"]].concat());
        assert!(told.contains("exists already") && !told.contains("experiment"), "{told}");
        assert_eq!((latest(&scene).as_ref(), &published), (Some(&tried), &tried));
        let (next, _) = run(&scene, &["--as-of", "2026-04-01"]);
        assert_eq!((listed(&scene, &next).as_str(), latest(&scene).as_ref()), ("customer_id\n", Some(&next)));
        assert!(!scene.run(&["history"]).stdout.contains("experiment"));
    }
}

#[test]
fn an_experiment_that_changes_nothing_leaves_the_published_snapshot_published() {
    let scene = scene();
    let (nightly, _) = run(&scene, &[]);
    let (same, told) = run(&scene, &["--set", "params.max_nth=10"]);
    assert_eq!((&same, latest(&scene).as_ref()), (&nightly, Some(&nightly)));
    assert!(told.contains("`latest` points to it already"), "{told}");
    assert!(!fs::read_to_string(nightly.join("manifest.json")).unwrap().contains("\"experiment\": true"));
    // The night does what an experiment has done before: it is published now.
    let (tried, _) = run(&scene, &["--set", "params.max_nth=10", "--as-of", "2026-04-01"]);
    assert_eq!(latest(&scene).as_ref(), Some(&nightly));
    assert_eq!(run(&scene, &["--as-of", "2026-04-01"]).0, tried);
    assert_eq!(latest(&scene), Some(tried));
}

#[test]
fn experiments_push_no_night_out() {
    let scene = scene();
    let job = fs::read_to_string(scene.path("job.yaml")).unwrap().replace("strategies: [care.yaml]\n", "");
    scene.job(&job.replace("path: out", "path: out, keep: 2"));
    let nights = ["2026-03-29", "2026-03-30"].map(|as_of| run(&scene, &["--as-of", as_of]).0);
    for limit in 2..6 {
        run(&scene, &["--as-of", "2026-03-30", "--set", &format!("params.max_nth={limit}")]);
    }
    assert!(nights.iter().all(|night| night.is_dir()));
    // They go with the nights of their day.
    run(&scene, &["--as-of", "2026-03-31"]);
    assert_eq!(nights.each_ref().map(|night| night.is_dir()), [false, true]);
    assert_eq!(fs::read_dir(scene.path("out/snapshots")).unwrap().count(), 2 + 4);
    run(&scene, &["--as-of", "2026-04-01"]);
    assert_eq!(fs::read_dir(scene.path("out/snapshots")).unwrap().count(), 2);
}
