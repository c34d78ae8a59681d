//! Death at any moment: killed or out of disk at every step of the way to a snapshot, and killed at random moments.
//! Afterwards `latest` is complete, the old one or the new one, and the next run publishes.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use huitou::publish::{Snapshot, latest, verify};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::scene::{Scene, orders};

/// The latest snapshot, if there is one, after comparing every digest with its manifest and reading every part.
fn verified_snapshot(out: &Path) -> Option<Snapshot> {
    let snapshot = latest(out).unwrap()?;
    assert_eq!(verify(&snapshot).unwrap(), Vec::new());
    for table in &snapshot.manifest.tables {
        let mut rows = 0;
        for part in &table.parts {
            let file = File::open(snapshot.path.join(&part.file)).unwrap();
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
            rows += reader.map(|batch| batch.unwrap().num_rows() as u64).sum::<u64>();
        }
        assert_eq!(rows, table.rows, "{}", table.name);
    }
    Some(snapshot)
}

/// The entries of a folder that a crashed run may have left.
fn leftovers(out: &Path) -> usize {
    std::fs::read_dir(out.join("tmp")).map_or(0, Iterator::count)
}

#[cfg(feature = "failpoints")]
#[test]
fn death_or_a_full_disk_at_every_step() {
    use std::os::unix::process::ExitStatusExt;
    for step in huitou::publish::STEPS {
        for action in ["abort", "full"] {
            for has_old in [false, true] {
                let scene = Scene::with(&orders());
                let out = scene.path("out");
                if has_old {
                    assert_eq!(scene.run(&["run", "job.yaml", "--as-of", "2026-02-28", "--quiet"]).code, Some(0));
                }
                let before = scene.published();
                let failpoint = format!("{step}=return({action})");
                let mut command = Command::new(env!("CARGO_BIN_EXE_huitou"));
                let run = ["run", "job.yaml", "--quiet"];
                let output = command.current_dir(scene.path(".")).args(run).env("FAILPOINTS", &failpoint).output().unwrap();
                let shown = String::from_utf8_lossy(&output.stderr);
                if action == "full" {
                    assert_eq!(output.status.code(), Some(4), "{failpoint}: {shown}");
                    assert!(shown.contains("no storage space") && shown.contains("make room"), "{failpoint}: {shown}");
                    assert_eq!(scene.published(), before, "{failpoint}");
                } else {
                    assert_eq!(output.status.signal(), Some(6), "{failpoint}: {shown}");
                    let after = verified_snapshot(&out).map(|snapshot| snapshot.manifest.as_of);
                    let is_swapped = ["publish::swapped", "publish::done"].contains(&step);
                    assert_eq!(scene.published() == before, !is_swapped, "{failpoint}: {after:?}");
                }
                let again = scene.run(&["run", "job.yaml"]);
                assert_eq!(again.code, Some(0), "{failpoint}: {}", again.stderr);
                assert_eq!(verified_snapshot(&out).unwrap().manifest.as_of, super::scene::day("2026-03-31"), "{failpoint}");
                assert_eq!(leftovers(&out), 0, "{failpoint}");
            }
        }
    }
}

#[test]
fn a_kill_at_any_moment_leaves_a_complete_latest() {
    let scene = Scene::new();
    let data = scene.path("data");
    let sample = ["sample", data.to_str().unwrap(), "--orders", "20k", "--customers", "6000", "--months", "3"];
    assert_eq!(scene.run(&sample).code, Some(0));
    let out = scene.path("out");
    let run = |as_of: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huitou"));
        let job = data.join("job.yaml");
        command.arg("run").arg(job).args(["--as-of", as_of, "--quiet", "--threads", "2", "--out"]).arg(&out);
        command.env_remove("FAILPOINTS").stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let start = Instant::now();
    assert!(run("2026-11-01").status().unwrap().success());
    let duration = start.elapsed();
    let mut random = 7_u64;
    let mut published = 0;
    let mut day = 2;
    for _ in 0..40 {
        if start.elapsed() > Duration::from_secs(15) {
            break;
        }
        let before = verified_snapshot(&out).unwrap();
        let as_of = format!("2026-11-{day:02}");
        let mut child = run(&as_of).spawn().unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Moments from the first one to a little after the end; most of them fall into the work.
        std::thread::sleep(duration.mul_f64((random >> 33) as f64 / f64::from(u32::MAX >> 1) * 1.1));
        // A reader who comes while the run goes on also finds a complete snapshot.
        let meanwhile = verified_snapshot(&out).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let after = verified_snapshot(&out).unwrap();
        assert!(before.manifest.as_of <= meanwhile.manifest.as_of && meanwhile.manifest.as_of <= after.manifest.as_of);
        if after.manifest.name != before.manifest.name {
            assert_eq!(after.manifest.as_of, super::scene::day(&as_of));
            published += 1;
            day += 1;
        } else {
            assert_eq!(after, before);
        }
    }
    // The next run removes whatever the kills left, and publishes.
    assert!(run("2026-11-21").status().unwrap().success());
    assert_eq!(verified_snapshot(&out).unwrap().manifest.as_of, super::scene::day("2026-11-21"));
    assert_eq!(leftovers(&out), 0);
    println!("{published} of the killed runs had published before");
}
