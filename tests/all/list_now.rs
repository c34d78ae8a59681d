//! `huitou list NAME --now`: a list of the newest files at a moment of the day, without a snapshot.

use std::fs;

use arrow::array::{Int64Array, TimestampMicrosecondArray};

use super::scene::{Columns, DAY, Scene, day, money, texts};

/// As the strategy that ships, with more held out.
const UNPAID: &str = "strategy: unpaid\nwhere: unpaid_last_day > 0\norder_by: [unpaid_amount desc]\ncool_down_days: 3\n\
                      min_hours_since_order: 48\ncontrol_share: 0.4\n";

const JOB: &str = "job: test
timezone: Asia/Shanghai
as_of: 2026-04-01
inputs:
  orders: { path: orders.parquet }
  do_not_contact: { path: do_not_contact.parquet }
strategies: [unpaid.yaml]
output: { path: out }
";

/// Orders of 2 April 2026 in local time, one of each customer from 1 on: unpaid, but for the one of customer 9, which is paid at 11:30.
const PLACED: [&str; 9] = ["00:30", "08:00", "09:00", "09:30", "10:00", "10:30", "10:59", "11:00", "08:30"];

fn at(time: &str) -> i64 {
    let (hour, minute) = time.split_once(':').unwrap();
    i64::from(day("2026-04-02")) * DAY + (hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap()) * 60_000_000
}

fn scene() -> Scene {
    let scene = Scene::new();
    scene.job(JOB);
    scene.write("unpaid.yaml", UNPAID);
    let number = PLACED.len();
    let paid = TimestampMicrosecondArray::from_iter((0..number).map(|row| (row == 8).then(|| at("11:30"))));
    let created = TimestampMicrosecondArray::from_iter_values(PLACED.iter().map(|time| at(time)));
    let modified: Vec<i64> = PLACED.iter().map(|time| at(time)).collect();
    let orders = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; number]))
        .with("order_id", Int64Array::from((1..=number as i64).collect::<Vec<_>>()))
        .with("customer_id", Int64Array::from((1..=number as i64).collect::<Vec<_>>()))
        .with("created_at", created)
        .with("paid_at", paid)
        .with("modified_at", TimestampMicrosecondArray::from(modified))
        .with("status", texts(&["WAIT_BUYER_PAY"; 9]))
        .with("order_amount", money(&[10_00; 9]))
        .with("paid_amount", money(&[0; 9]));
    scene.parquet("orders.parquet", &orders);
    scene.parquet("do_not_contact.parquet", &Columns(Vec::new()).with("customer_id", Int64Array::from(vec![4])));
    scene
}

/// The customers of the list at a time, by arm: those to contact, and those who are held out.
fn list(scene: &Scene, now: &str, every: &str) -> [Vec<i64>; 2] {
    ["treated", "control"].map(|arm| {
        let file = format!("{arm}.csv");
        let _ = fs::remove_file(scene.path(&file));
        let now = format!("2026-04-02 {now}");
        let ran =
            scene.run(&["list", "export", "unpaid", "--now", &now, "--every", every, "--job", "job.yaml", "--arm", arm, "--to", &file]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let csv = fs::read_to_string(scene.path(&file)).unwrap();
        let mut ids: Vec<i64> =
            csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().trim_matches(['"', '=']).parse().unwrap()).collect();
        ids.sort_unstable();
        ids
    })
}

fn all(scene: &Scene, now: &str, every: &str) -> Vec<i64> {
    let mut ids = list(scene, now, every).concat();
    ids.sort_unstable();
    ids
}

#[test]
fn each_unpaid_order_is_on_one_list_by_the_hour() {
    let scene = scene();
    // Customer 4 unsubscribed. At 11:00 the orders of 9:01 to 10:00 are one to two hours old; that of customer 9 is not paid yet.
    assert_eq!(all(&scene, "10:00", "1"), [3, 9]);
    assert_eq!(all(&scene, "11:00", "1"), [5]);
    assert_eq!(all(&scene, "12:00", "1"), [6, 7, 8]);
    assert_eq!(all(&scene, "13:00", "1"), [0_i64; 0]);
    // Once a day: all that are an hour old at 11:00.
    assert_eq!(all(&scene, "11:00", "24"), [1, 2, 3, 5, 9]);
    assert!(!scene.path("out").exists(), "a snapshot was written");
    let ran = scene.run(&["list", "unpaid", "--now", "2026-04-02 11:00", "--job", "job.yaml"]);
    // Half hours since the orders of customers 1, 2, 3, 5 and 9; the ages are of those to contact.
    let age = |id: &i64| [(1, 21), (2, 6), (3, 4), (5, 2), (9, 5)].iter().find(|(own, _)| own == id).unwrap().1;
    let [treated, _] = list(&scene, "11:00", "24");
    let (least, most) = (treated.iter().map(age).min().unwrap(), treated.iter().map(age).max().unwrap());
    let expected = format!("unpaid: the unpaid orders are {:.1} to {:.1} hours old", f64::from(least) / 2.0, f64::from(most) / 2.0);
    assert!(ran.stdout.contains(&expected), "{expected}\n{}{}", ran.stdout, ran.stderr);
}

#[test]
fn the_arms_are_those_of_the_night_and_what_was_sent_is_recorded() {
    let scene = scene();
    let [treated, control] = list(&scene, "12:00", "24");
    assert!(!treated.is_empty() && !control.is_empty());
    let ran = scene.run(&["run", "job.yaml", "--as-of", "2026-04-02", "--quiet"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let night = |arm: &str| {
        let condition = format!("arm = '{arm}'");
        let csv = scene.run(&["show", "audience_unpaid", "--columns", "customer_id", "--where", &condition, "--format", "csv"]).stdout;
        csv.lines().skip(1).map(|line| line.parse().unwrap()).collect::<Vec<i64>>()
    };
    assert_eq!([night("treated"), night("control")], [treated.clone(), control]);
    // The night of 2 April counts as a list the day after: nobody is reminded twice.
    let later = scene.run(&["list", "unpaid", "--now", "2026-04-03 00:30", "--job", "job.yaml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&later.stdout).unwrap();
    assert_eq!(json["lists"][0]["treated"], 0, "{}", later.stdout);
    assert!(json["lists"][0]["excluded"]["cool_down"].as_u64().unwrap() > 0, "{}", later.stdout);
    scene.write("hour.yaml", JOB.replace("  do_not_contact", "  campaigns: campaigns\n  audiences: audiences\n  do_not_contact"));
    let sent = ["list", "sent", "unpaid", "--now", "2026-04-02 12:00", "--job", "hour.yaml", "--at", "2026-04-02 12:05"];
    let ran = scene.run(&sent);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("new campaigns: unpaid/2026-04-02T12:00/1"), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("to {} customers", treated.len())), "{}", ran.stderr);
    // Said again it is the same list, since what was sent at 12:05 is not known at 12:00.
    let again = scene.run(&sent);
    assert!(again.stderr.contains("are recorded already") && again.code == Some(0), "{}", again.stderr);
    // One reading of the clock: no message lies before a list of the same moment, which has nobody months later.
    let both = scene.run(&["list", "sent", "unpaid", "--now", "now", "--job", "hour.yaml", "--at", "now"]);
    assert!(both.code == Some(2) && both.stderr.contains("is empty: nobody was on it"), "{}", both.stderr);
    // At 13:00 it is: nobody of either arm is on a list again, though all their orders are unpaid.
    let later = scene.run(&["list", "unpaid", "--now", "2026-04-02 13:00", "--job", "hour.yaml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&later.stdout).unwrap();
    let list = &json["lists"][0];
    assert_eq!((list["treated"].as_u64(), list["control"].as_u64()), (Some(0), Some(0)), "{}", later.stdout);
    assert_eq!(list["excluded"]["cool_down"].as_u64(), Some(7), "{}", later.stdout);
}

#[test]
fn what_cannot_be_made_says_why() {
    let scene = scene();
    let refused = |arguments: &[&str]| {
        let ran = scene.run(&[&["list"], arguments].concat());
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        ran.stderr
    };
    let found = refused(&["unpayd", "--now", "2026-04-02 12:00", "--job", "job.yaml"]);
    assert!(found.contains("the job names no strategy `unpayd`") && found.contains("did you mean `unpaid`?"), "{found}");
    assert!(refused(&["--now", "now", "--job", "job.yaml"]).contains("makes one list, and none is named"));
    assert!(refused(&["unpaid", "--now", "2026-04-02 12:00"]).contains("--job"));
    assert!(refused(&["unpaid", "--now", "2999-04-02 12:00", "--job", "job.yaml"]).contains("has not come yet"));
}
