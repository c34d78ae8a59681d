//! Tests that kill the program, fill its disk or hold its lock, and check `latest` afterwards.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::fixture::{day, leftovers, publish, work};
use super::{Latest, Store, history, latest, verify};

/// Where the child publishes.
const OUT: &str = "HUITOU_TEST_PUBLISH_OUT";
/// How many days the child publishes, one after the other.
const DAYS: &str = "HUITOU_TEST_PUBLISH_DAYS";

/// Not a test by itself: the process that the other tests start. It does nothing without their variables. It
/// publishes the days after the latest snapshot and ends with the exit code of the first error.
#[test]
fn child() {
    let Ok(out) = std::env::var(OUT) else { return };
    #[cfg(feature = "failpoints")]
    let _scenario = fail::FailScenario::setup();
    let out = Path::new(&out);
    let days: i32 = std::env::var(DAYS).unwrap().parse().unwrap();
    let first = latest(out).unwrap().map_or(1, |snapshot| snapshot.manifest.as_of - day(0) + 1);
    println!("\nready");
    for number in first..first + days {
        let published = Store::open(out).and_then(|store| publish(&store, &work("job", number)));
        if let Err(problem) = published {
            println!("{problem}");
            std::process::exit(problem.exit_code().into());
        }
    }
}

fn command(program: &Path, arguments: &[&str], out: &Path, days: i32) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).args(["publish::survival::child", "--exact", "--nocapture"]);
    command.env(OUT, out).env(DAYS, days.to_string()).env_remove("FAILPOINTS").stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

fn start(out: &Path, days: i32) -> Child {
    let mut child = command(&std::env::current_exe().unwrap(), &[], out, days).spawn().unwrap();
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "ready"), "the child does not run");
    child
}

/// The number of the day of the latest snapshot after comparing every byte with its manifest; 0 if there is none.
fn verified_day(out: &Path) -> i32 {
    for entry in history(out).unwrap() {
        assert!(entry.manifest.is_ok(), "{:?}", entry.manifest);
    }
    let Some(snapshot) = latest(out).unwrap() else { return 0 };
    assert_eq!(verify(&snapshot).unwrap(), Vec::new());
    let table = snapshot.manifest.table("sample").unwrap();
    assert_eq!((table.rows, table.parts.len()), (2100, 3));
    snapshot.manifest.as_of - day(0)
}

#[test]
fn a_kill_at_any_moment_leaves_a_complete_latest() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let mut random = 7_u64;
    let mut days = vec![0];
    let mut rounds = 0;
    // Forty kills, and on a slow machine so many more that some children came far enough.
    while rounds < 40 || (days.iter().collect::<BTreeSet<_>>().len() <= 3 && rounds < 2_000) {
        rounds += 1;
        let mut child = start(&out, i32::MAX / 2);
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros((random >> 33) % (60_000 + rounds * 1_000)));
        // A reader who resolves the link once is not disturbed by the running child.
        let while_running = verified_day(&out);
        child.kill().unwrap();
        child.wait().unwrap();
        let after = verified_day(&out);
        assert!(*days.last().unwrap() <= while_running && while_running <= after, "{days:?} {while_running} {after}");
        days.push(after);
        // The next run gets the lock and removes leftovers.
        let store = Store::open(&out).unwrap();
        assert_eq!(leftovers(&out), 0);
        store.prune(3, None).unwrap();
        assert!(history(&out).unwrap().len() <= 3);
    }
    days.dedup();
    assert!(days.len() > 3, "the children were killed before they did anything: {days:?}");
}

#[test]
fn a_disk_that_takes_no_more_in_the_middle_of_a_part() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    publish(&Store::open(&out).unwrap(), &work("job", 1)).unwrap();
    // The shell lets no file grow over 8 blocks; the signal that would end the process for it is ignored, so the
    // write itself fails, as it does on a full disk.
    let limited = ["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""];
    let program = std::env::current_exe().unwrap();
    let arguments = [limited[0], limited[1], program.to_str().unwrap()];
    let output = command(Path::new("/bin/sh"), &arguments, &out, 1).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("part-0000.parquet: "), "{said}");
    assert_eq!(verified_day(&out), 1);
    assert_eq!(leftovers(&out), 0);
}

#[test]
fn a_second_run_is_refused_with_the_process_that_holds_the_folder() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let store = Store::open(&out).unwrap();
    let problem = Store::open(&out).unwrap_err();
    assert_eq!(problem.exit_code(), 5);
    assert!(problem.to_string().contains(&format!("process {}", std::process::id())), "{problem}");
    let output = command(&std::env::current_exe().unwrap(), &[], &out, 1).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    // A draft holds it as well.
    let super::Begin::Work(draft) = store.begin(&work("job", 1)).unwrap() else { panic!("nothing is there yet") };
    drop(store);
    assert_eq!(Store::open(&out).unwrap_err().exit_code(), 5);
    drop(draft);
    let published = publish(&Store::open(&out).unwrap(), &work("job", 1)).unwrap();
    assert_eq!(published.latest, Latest::Moved);
}

/// Every step, with and without a snapshot before: killed there or out of disk there, then run again.
#[cfg(feature = "failpoints")]
#[test]
fn death_or_a_full_disk_at_every_step() {
    use std::os::unix::process::ExitStatusExt;
    for step in super::STEPS {
        for (before, action) in [(0, "abort"), (1, "abort"), (0, "full"), (1, "full")] {
            let place = tempfile::tempdir().unwrap();
            let out = place.path().join("out");
            if before == 1 {
                publish(&Store::open(&out).unwrap(), &work("job", 1)).unwrap();
            }
            let failpoint = format!("{step}=return({action})");
            let output = command(&std::env::current_exe().unwrap(), &[], &out, 1).env("FAILPOINTS", &failpoint).output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            let after = verified_day(&out);
            if action == "full" {
                assert_eq!(output.status.code(), Some(4), "{failpoint}: {said}");
                assert_eq!(after, before, "{failpoint}");
            } else {
                assert!(output.status.signal().is_some(), "{failpoint}: {said}");
                assert!(after == before || after == before + 1, "{failpoint}: {after}");
            }
            let store = Store::open(&out).unwrap();
            assert_eq!(leftovers(&out), 0);
            publish(&store, &work("job", before + 1)).unwrap();
            assert_eq!(verified_day(&out), before + 1, "{failpoint}");
            assert_eq!(history(&out).unwrap().len() as i32, before + 1);
        }
    }
}
