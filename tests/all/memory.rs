//! The memory limit: spilling to disk changes no table; a full disk or a crash meanwhile loses nothing.

use std::path::PathBuf;

use super::scene::Scene;

/// A scene with a shop history of some forty megabytes of lines, too much for the smallest limit.
fn scene() -> Scene {
    let scene = Scene::new();
    let data = scene.path("data");
    let sample = ["sample", data.to_str().unwrap(), "--orders", "800k", "--months", "6", "--dirty", "0.0002"];
    assert_eq!(scene.run(&sample).code, Some(0));
    scene
}

fn run(scene: &Scene, more: &[&str], environment: &[(&str, &str)]) -> super::scene::Ran {
    let mut arguments = vec!["run", "data/job.yaml", "--out", "out", "--threads", "1"];
    arguments.extend(more);
    scene.run_in(&arguments, environment)
}

/// The files of the latest snapshot except the manifest, which contains memory and seconds.
fn tables(scene: &Scene) -> Vec<(PathBuf, Vec<u8>)> {
    scene.published().into_iter().filter(|(path, _)| !path.ends_with("manifest.json")).collect()
}

fn manifest(scene: &Scene) -> huitou::publish::Manifest {
    huitou::publish::latest(&scene.path("out")).unwrap().unwrap().manifest
}

fn spilled(scene: &Scene) -> u64 {
    manifest(scene).spilled_bytes
}

fn peak(scene: &Scene) -> u64 {
    manifest(scene).peak_memory_bytes
}

#[test]
fn spilling_to_disk_changes_no_table() {
    let scene = scene();
    // What stays in memory whatever the limit is must not be the most: curves by channel are.
    let undivided = ["--set", "params.cohort.dimensions=[]", "--publish", "--memory"];
    let unlimited = run(&scene, &[&undivided, &["64GiB"][..]].concat(), &[]);
    assert_eq!((unlimited.code, spilled(&scene)), (Some(0), 0), "{}", unlimited.stderr);
    let needed = peak(&scene);
    let expected = tables(&scene);
    std::fs::remove_dir_all(scene.path("out")).unwrap();
    let limited = run(&scene, &[&undivided, &["32MiB"][..]].concat(), &[]);
    assert_eq!(limited.code, Some(0), "{}", limited.stderr);
    assert!(spilled(&scene) > 10 << 20, "{}", spilled(&scene));
    assert!(peak(&scene) < needed, "{} bytes with a limit, {needed} without", peak(&scene));
    assert!(limited.stderr.contains("MiB were spilled to disk"), "{}", limited.stderr);
    assert!(tables(&scene) == expected, "the tables differ");
    assert_eq!(std::fs::read_dir(scene.path("out/tmp")).unwrap().count(), 0);
}

#[cfg(feature = "failpoints")]
#[test]
fn a_full_disk_or_a_crash_while_spilling_loses_nothing() {
    let scene = scene();
    assert_eq!(run(&scene, &["--as-of", "2026-10-31"], &[]).code, Some(0));
    let before = scene.published();
    let full = run(&scene, &["--memory", "32MiB"], &[("FAILPOINTS", "partition::spill=return(full)")]);
    assert_eq!(full.code, Some(4), "{}", full.stderr);
    assert!(full.stderr.contains("no storage space") && full.stderr.contains("make room"), "{}", full.stderr);
    assert!(scene.published() == before);
    assert_eq!(std::fs::read_dir(scene.path("out/tmp")).unwrap().count(), 0);
    let dead = run(&scene, &["--memory", "32MiB"], &[("FAILPOINTS", "partition::spill=40*off->return(abort)")]);
    assert_eq!(dead.code, None, "{}", dead.stderr);
    assert!(scene.published() == before);
    assert!(std::fs::read_dir(scene.path("out/tmp")).unwrap().count() > 0, "nothing was spilled before it died");
    assert_eq!(run(&scene, &["--memory", "32MiB"], &[]).code, Some(0));
    assert!(scene.published() != before);
    assert_eq!(std::fs::read_dir(scene.path("out/tmp")).unwrap().count(), 0);
}
