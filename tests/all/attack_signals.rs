//! Signals and limits of the system: a run that they end says a word, has an exit code, and leaves nothing unfinished.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use huitou::publish::latest;

use super::scene::{Scene, orders};

fn leftovers(scene: &Scene) -> Vec<String> {
    let tmp = fs::read_dir(scene.path("out/tmp")).unwrap();
    tmp.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// Starts a run that stays at a step, sends the signal, and returns exit code and standard error.
#[cfg(feature = "failpoints")]
fn signalled(scene: &Scene, step: &str, signal: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_huitou"));
    command.current_dir(scene.path(".")).args(["run", "job.yaml", "--quiet"]).env("FAILPOINTS", format!("{step}=sleep(60000)"));
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    let has_begun = || fs::read_dir(scene.path("out/tmp")).is_ok_and(|mut tmp| tmp.next().is_some());
    while !has_begun() && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(started.elapsed() < Duration::from_secs(60), "it waited for the end of the step");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[cfg(feature = "failpoints")]
#[test]
fn a_signal_ends_a_run_with_a_word_and_leaves_nothing() {
    for (step, signal, code) in [
        ("publish::part", "-TERM", 143),
        ("publish::manifest_sync", "-INT", 130),
        ("publish::group", "-HUP", 129),
        ("publish::begin", "-TERM", 143),
    ] {
        let scene = Scene::with(&orders());
        assert_eq!(scene.run(&["run", "job.yaml", "--quiet", "--as-of", "2026-03-30"]).code, Some(0));
        let before = scene.published();
        let (ended, stderr) = signalled(&scene, step, signal);
        assert_eq!(ended, Some(code), "{step}: {stderr}");
        assert!(stderr.contains(&format!("ended by SIG{}", &signal[1..])), "{stderr}");
        assert_eq!(scene.published(), before, "{step}");
        assert_eq!(leftovers(&scene), Vec::<String>::new(), "{step}");
        assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
    }
}

/// A signal that comes while a snapshot takes its place waits for it: what the signal takes away is not part of it yet, or not any more.
#[cfg(feature = "failpoints")]
#[test]
fn a_signal_while_a_snapshot_takes_its_place_leaves_it_whole() {
    for step in ["publish::rename", "publish::renamed", "publish::snapshots_sync", "publish::link", "publish::swap", "publish::swapped"] {
        let scene = Scene::with(&orders());
        let mut command = Command::new(env!("CARGO_BIN_EXE_huitou"));
        command.current_dir(scene.path(".")).args(["run", "job.yaml", "--quiet"]).env("FAILPOINTS", format!("{step}=sleep(2000)"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let has_manifest = || {
            let folders = ["out/tmp", "out/snapshots"].map(|folder| fs::read_dir(scene.path(folder)));
            folders.into_iter().flatten().flatten().flatten().any(|entry| entry.path().join("manifest.json").is_file())
        };
        let started = Instant::now();
        while !has_manifest() && started.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(300));
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        // It may have ended before the signal did.
        assert!([Some(143), Some(0)].contains(&output.status.code()), "{step}: {:?} {stderr}", output.status);
        let snapshot = latest(&scene.path("out")).unwrap().unwrap_or_else(|| panic!("{step}: nothing is published"));
        assert_eq!(huitou::publish::verify(&snapshot).unwrap(), Vec::new(), "{step}");
        assert_eq!(leftovers(&scene), Vec::<String>::new(), "{step}");
    }
}

#[test]
fn a_signal_that_the_caller_ignores_stays_ignored() {
    let scene = Scene::with(&orders());
    let line = "trap '' HUP; \"$0\" run job.yaml --quiet & child=$!; sleep 0.05; kill -HUP $child; wait $child";
    let ran = Command::new("bash").current_dir(scene.path(".")).args(["-c", line, env!("CARGO_BIN_EXE_huitou")]).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn a_limit_on_the_size_of_files_is_an_error_of_writing() {
    let scene = Scene::with(&orders());
    let mut shell = Command::new("bash");
    let line = "ulimit -f 1; exec \"$0\" run job.yaml --quiet";
    let ran = shell.current_dir(scene.path(".")).args(["-c", line, env!("CARGO_BIN_EXE_huitou")]).output().unwrap();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(4), "{stderr}");
    assert!(stderr.contains("make room on that disk"), "{stderr}");
    assert!(latest(&scene.path("out")).unwrap().is_none());
    assert_eq!(leftovers(&scene), Vec::<String>::new());
}
