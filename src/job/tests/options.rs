//! `--set` options, and job files that cannot be read.

use super::*;

#[test]
fn options_replace_the_file() {
    let job = read_with(FULL, &["params.lifecycle.active_days=60", "as_of=yesterday", "tables=[customers]", "inputs.traffic.money=minor"])
        .unwrap();
    assert_eq!(job.params.lifecycle.active_days, 60);
    assert_eq!(job.params.lifecycle.quiet_days, 100);
    assert_eq!(job.as_of, AsOf::Yesterday);
    assert_eq!(job.tables, Tables::List(vec!["customers".to_owned()]));
    let traffic = job.inputs.get("traffic").unwrap();
    assert_eq!((traffic.path.as_str(), traffic.money), ("/jobs/traffic", MoneyUnit::Minor));
    // The last one wins, and problems of the values that it replaces are not reported.
    let job = read_with("job: n\ninputs: { orders: o }\nparams: { max_nth: x }\n", &["params.max_nth=1", "params.max_nth=2"]).unwrap();
    assert_eq!(job.params.max_nth, 2);
    // Options alone can make a job.
    assert_eq!(read_with("", &["job=nightly", "inputs.orders=data/orders"]).unwrap().canonical(), self::job(SMALLEST).canonical());
}

#[test]
fn problems_of_options_name_the_option_after_those_of_the_file() {
    assert_eq!(
        wrong_with(
            &format!("{SMALLEST}tabels: all\n"),
            &["params.lifecycle.activ_days=3", "params.max_nth=0", "job", "inputs.orders.columns.tid=x", "shop=[", "job.x=1"]
        )
        .lines()
        .filter(|line| !line.starts_with("  help") && !line.contains("YAML"))
        .collect::<Vec<_>>(),
        [
            "/jobs/nightly.yaml:3:1: unknown key `tabels`",
            "--set params.lifecycle.activ_days: unknown key `activ_days` in `params.lifecycle`",
            "--set params.max_nth: `params.max_nth` must be a whole number from 1 to 1000, found `0`",
            "--set job: has no `=`",
            "--set inputs.orders.columns.tid: unknown column `tid` in `inputs.orders.columns`",
            "--set job.x: goes through `job`, which is not a mapping",
        ]
    );
    assert!(wrong_with(SMALLEST, &["shop=["]).starts_with("--set shop: is not valid YAML: "));
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let load = |name: &str| Job::load(&folder.path().join(name), &[], &catalogue()).map_err(|error| error.to_string());
    let place = |name: &str| folder.path().join(name).display().to_string();
    assert_eq!(
        load("none.yaml").unwrap_err(),
        format!(
            "{}: cannot be read: No such file or directory (os error 2)\n  help: is this the path of the job file?",
            place("none.yaml")
        )
    );
    std::fs::write(folder.path().join("gbk.yaml"), b"job: n\nshop: \xb5\xea\n").unwrap();
    assert_eq!(
        load("gbk.yaml").unwrap_err(),
        format!("{}:2: is not UTF-8\n  help: save the job file as UTF-8, not as GBK", place("gbk.yaml"))
    );
    std::fs::write(folder.path().join("big.yaml"), vec![b' '; 2_000_000]).unwrap();
    assert_eq!(
        load("big.yaml").unwrap_err(),
        format!("{}: has 2000000 bytes, too many for a job file\n  help: is this the path of the job file?", place("big.yaml"))
    );
    std::fs::write(folder.path().join("bom.yaml"), format!("\u{feff}{SMALLEST}")).unwrap();
    let job = load("bom.yaml").unwrap();
    assert_eq!(job.folder, folder.path());
    assert_eq!(job.inputs.orders.path, place("data/orders"));
}
