//! Text of others: names and values from files cannot move the cursor of a terminal, forge a line of a log, or run in a spreadsheet.

use std::fs;

use super::scene::{Scene, orders, texts};

/// A name that would clear the screen, forge an error and turn the direction of reading.
const NASTY: &str = "x\u{1b}[2J\nerror: all is well\r\u{202e}y";

/// No character of standard error moves the cursor, and no line is one that the program did not write.
#[track_caller]
fn is_plain(stderr: &str) {
    assert!(!stderr.chars().any(|each| each.is_control() && each != '\n' || each == '\u{202e}'), "{stderr:?}");
    assert!(!stderr.lines().any(|line| line.starts_with("error: all is well")), "{stderr}");
}

#[test]
fn values_in_messages_are_shown_escaped() {
    let statuses = texts(&[NASTY, "TRADE_FINISHED", "TRADE_FINISHED", "TRADE_FINISHED"]);
    let scene = Scene::with(&orders().with("status", statuses));
    let ran = scene.run(&["run", "job.yaml"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    is_plain(&ran.stderr);
    assert!(ran.stderr.contains(r"x\u{1b}[2J\nerror: all is well\r\u{202e}y"), "{}", ran.stderr);
}

#[test]
fn names_in_messages_are_shown_escaped() {
    let scene = Scene::new();
    let nasty = NASTY.replace('/', "");
    scene.job("job: test\ntimezone: Asia/Shanghai\nas_of: 2026-03-31\ninputs:\n  orders: { path: data }\noutput: { path: out }\n");
    scene.write(&format!("data/{nasty}.parquet"), "PAR1, and no Parquet");
    for command in ["run", "check"] {
        let ran = scene.run(&[command, "job.yaml"]);
        assert_eq!(ran.code, Some(3), "{}", ran.stderr);
        is_plain(&ran.stderr);
    }
    // As a job, an option, a snapshot, a table, a column.
    for arguments in [
        vec!["run", &nasty],
        vec!["show", &nasty],
        vec!["show", "customers", "--snapshot", &nasty],
        vec!["run", "job.yaml", "--only", &nasty],
        vec!["run", "job.yaml", "--set", &nasty],
        vec!["tables", &nasty],
    ] {
        let ran = scene.run(&arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        is_plain(&ran.stderr);
    }
    fs::remove_dir_all(scene.path("data")).unwrap();
    scene.parquet("data/orders.parquet", &orders().with(&nasty, texts(&["a", "b", "c", "d"])).renamed("status", &format!("{nasty} ")));
    for command in ["run", "check"] {
        is_plain(&scene.run(&[command, "job.yaml"]).stderr);
    }
}

#[test]
fn cells_in_tables_are_shown_escaped_and_formulas_only_in_files_for_spreadsheets() {
    let provinces = texts(&["x", NASTY, "=1+1", "x"]);
    let scene = Scene::with(&orders().with("province", provinces));
    let ran = scene.run(&["run", "job.yaml", "--quiet"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let show = |more: &[&str]| {
        let ran = scene.run(&[&["show", "customers", "--columns", "province,net_revenue"], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout
    };
    for format in ["table", "markdown"] {
        is_plain(&show(&["--format", format]));
    }
    // Programs get what the data have.
    let plain = show(&["--format", "csv"]);
    assert!(plain.contains("=1+1,") && plain.contains("\u{1b}"), "{plain}");
    let excel = show(&["--excel"]);
    assert!(excel.starts_with('\u{feff}') && excel.contains("'=1+1,"), "{excel}");
    let numbers = |text: &str| text.lines().skip(1).filter_map(|line| line.rsplit(',').next()).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(numbers(&plain), numbers(&excel), "numbers are what they were");
    let both = scene.run(&["show", "customers", "--excel", "--format", "json"]);
    assert_eq!(both.code, Some(2), "{}", both.stderr);
}
