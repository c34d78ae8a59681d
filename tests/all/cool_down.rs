//! What the cool-down of lists counts: a list that is made every night and never sent must not spend its customers.

use arrow::array::{Int64Array, StringArray};

use super::list_command::{FIRST, JOB, done, scene, shown};
use super::scene::{Columns, Scene, dates, money, noons, texts};

/// Sends the list of shop 1 of the last night of `out` to three of its customers on 1 April.
fn send(scene: &Scene, out: &str) -> Vec<String> {
    let treated = shown_of(scene, out, "audience_care", "customer_id", "shop_id = 1 AND arm = 'treated'");
    let reached: Vec<String> = treated[..3].to_vec();
    scene.write("reached.csv", format!("customer_id\n{}\n", reached.join("\n")));
    let list = ["list", "sent", "care", "--job", "job.yaml", "--out", out, "--shop", "1", "--only", "reached.csv"];
    done(scene, &[list.as_slice(), &["--at", "2026-04-01 10:00"]].concat());
    reached
}

fn shown_of(scene: &Scene, out: &str, table: &str, columns: &str, condition: &str) -> Vec<String> {
    let options = ["--columns", columns, "--where", condition, "--format", "csv", "--limit", "0", "--out", out];
    done(scene, &[["show", table].as_slice(), &options].concat()).stdout.lines().skip(1).map(str::to_owned).collect()
}

fn night(scene: &Scene, out: &str, as_of: &str, counted: &str) {
    let counted = format!("params.cool_down={counted}");
    done(scene, &["run", "job.yaml", "--as-of", as_of, "--out", out, "--set", &counted, "--publish", "--quiet"]);
}

/// How many customers a list has in both shops.
fn sizes(scene: &Scene, out: &str) -> [usize; 2] {
    [1, 2].map(|shop| shown_of(scene, out, "audience_care", "customer_id", &format!("shop_id = {shop}")).len())
}

/// Who is in a cool-down in shop 1: the customers, and list and day by which they are.
fn cooling(scene: &Scene, out: &str) -> (Vec<String>, Vec<String>) {
    let rows = shown_of(scene, out, "audience_excluded", "customer_id,other_list,other_date", "shop_id = 1 AND reason = 'cool_down'");
    let (who, mut by): (Vec<String>, Vec<String>) =
        rows.iter().filter_map(|row| row.split_once(',')).map(|(who, by)| (who.to_owned(), by.to_owned())).unzip();
    by.sort();
    by.dedup();
    (who, by)
}

#[test]
fn where_nobody_records_what_is_sent_a_list_counts() {
    let scene = scene(JOB);
    for (counted, after) in [("auto", [0, 0]), ("listed", [0, 0]), ("sent", [40, 2])] {
        night(&scene, counted, "2026-03-31", counted);
        assert_eq!(sizes(&scene, counted), [40, 2]);
        night(&scene, counted, "2026-04-01", counted);
        assert_eq!(sizes(&scene, counted), after, "{counted}");
    }
}

#[test]
fn in_a_shop_that_records_what_it_sends_a_list_that_was_not_sent_counts_for_nobody() {
    let scene = scene(JOB);
    night(&scene, "out", "2026-03-31", "auto");
    let reached = send(&scene, "out");
    let control = shown(&scene, "audience_care", "customer_id", "shop_id = 1 AND arm = 'control'");
    let mut expected = [reached, control].concat();
    expected.sort();
    // From the day of sending on they are left out for thirty days, both arms; all others of the shop are on the list again, though they were on
    // that of 31 March. Shop 2 records nothing, so its list counts.
    for as_of in ["2026-04-01", "2026-04-02", "2026-04-30"] {
        night(&scene, "out", as_of, "auto");
        let (who, by) = cooling(&scene, "out");
        assert_eq!((&who, by), (&expected, vec!["audience_care,2026-04-01".to_owned()]), "{as_of}");
        assert_eq!(sizes(&scene, "out")[0], 40 - expected.len(), "{as_of}");
    }
    // The list of 31 March, which could be sent on 1 April, and what was sent then are free on the same day.
    night(&scene, "out", "2026-05-01", "auto");
    assert_eq!(sizes(&scene, "out"), [40, 2]);
    night(&scene, "out", "2026-05-02", "auto");
    assert_eq!(sizes(&scene, "out"), [40, 0], "shop 2 was on the list of 1 May");
    // The same nights where every list counts, and where only what was sent does.
    night(&scene, "listed", "2026-03-31", "listed");
    night(&scene, "listed", "2026-04-02", "listed");
    assert_eq!((sizes(&scene, "listed"), cooling(&scene, "listed").1), ([0, 0], vec!["audience_care,2026-03-31".to_owned()]));
    night(&scene, "sent", "2026-03-31", "sent");
    night(&scene, "sent", "2026-04-02", "sent");
    assert_eq!((sizes(&scene, "sent"), cooling(&scene, "sent").0), ([40 - expected.len(), 2], expected));
    // A replay of the first night does not know what was sent later.
    night(&scene, "again", "2026-03-31", "auto");
    assert_eq!(sizes(&scene, "again"), [40, 2]);
}

#[test]
fn three_days_are_three_days_by_whatever_counts() {
    let scene = scene(JOB);
    scene.write("care.yaml", format!("{}cool_down_days: 3\n", super::list_command::CARE));
    night(&scene, "out", "2026-03-31", "auto");
    done(&scene, &["list", "sent", "care", "--job", "job.yaml", "--at", "2026-04-01 10:00"]);
    // The list of 31 March was sent to all on 1 April: the first, second and third are the three days, the as-of date included.
    for (as_of, size) in [("2026-04-01", [0, 0]), ("2026-04-02", [0, 0]), ("2026-04-03", [0, 0]), ("2026-04-04", [40, 2])] {
        for counted in ["auto", "sent", "listed"] {
            // Each in a folder that has the list of 31 March alone.
            let out = format!("{counted}-{as_of}");
            night(&scene, &out, "2026-03-31", counted);
            night(&scene, &out, as_of, counted);
            assert_eq!(sizes(&scene, &out), size, "{counted} as of {as_of}");
        }
    }
}

#[test]
fn who_was_sent_a_list_stays_out_when_its_strategy_is_renamed() {
    let scene = scene(JOB);
    night(&scene, "out", "2026-03-31", "auto");
    let control = shown(&scene, "audience_care", "customer_id", "shop_id = 1 AND arm = 'control'");
    let mut expected = [send(&scene, "out"), control].concat();
    expected.sort();
    scene.write("care.yaml", super::list_command::CARE.replace("strategy: care", "strategy: kindness"));
    for counted in ["auto", "sent"] {
        // In a folder without earlier lists, so that nothing but the record says it.
        let out = format!("renamed-{counted}");
        night(&scene, &out, "2026-04-01", counted);
        assert_eq!(cooling(&scene, &out), (expected.clone(), vec!["audience_care,2026-04-01".to_owned()]), "{counted}");
        assert_eq!(shown_of(&scene, &out, "audience_kindness", "customer_id", "shop_id = 1").len(), 40 - expected.len(), "{counted}");
    }
}

#[test]
fn where_ids_are_numbers_a_warning_says_that_a_name_is_no_strategy() {
    let scene = scene(JOB);
    let campaigns = Columns(Vec::new())
        .with("campaign_id", Int64Array::from(vec![7, 8]))
        .with("shop_id", Int64Array::from(vec![1, 1]))
        .with("name", StringArray::from(vec!["old_care", "双11大促"]))
        .with("starts_on", dates(&["2026-03-30"; 2]))
        .with("ends_on", dates(&["2026-03-30"; 2]))
        .with("cost", money(&[1_00; 2]));
    let audiences = Columns(Vec::new())
        .with("campaign_id", Int64Array::from(vec![7, 8]))
        .with("customer_id", Int64Array::from(vec![FIRST; 2]))
        .with("arm", texts(&["treated"; 2]))
        .with("sent_at", noons(&["2026-03-30"; 2]));
    scene.parquet("campaigns/a.parquet", &campaigns);
    scene.parquet("audiences/a.parquet", &audiences);
    let said = |as_of: &str, counted: &str| {
        let counted = format!("params.cool_down={counted}");
        done(&scene, &["run", "job.yaml", "--as-of", as_of, "--set", &counted]).stderr
    };
    let told = "campaigns of the last 30 days have no name of a strategy of the job, and nobody is left out for them: old_care;";
    // 30 March to 28 April are thirty days.
    for (as_of, counted, is_told) in
        [("2026-03-31", "auto", true), ("2026-04-28", "sent", true), ("2026-04-29", "sent", false), ("2026-03-31", "listed", false)]
    {
        let said = said(as_of, counted);
        assert_eq!(said.contains(told), is_told, "{as_of} {counted}: {said}");
    }
}

#[test]
fn lists_from_before_the_first_record_count() {
    let scene = scene(JOB);
    night(&scene, "out", "2026-03-20", "auto");
    // The list that is sent is made without the cool-down of the one before.
    night(&scene, "other", "2026-03-31", "auto");
    send(&scene, "other");
    night(&scene, "out", "2026-04-02", "auto");
    assert_eq!(sizes(&scene, "out"), [0, 0]);
    assert_eq!(cooling(&scene, "out").1, ["audience_care,2026-03-20", "audience_care,2026-04-01"]);
}

#[test]
fn a_strategy_that_does_not_look_back_does_not_mind_what_was_sent_today() {
    let scene = scene(JOB);
    night(&scene, "out", "2026-03-31", "auto");
    send(&scene, "out");
    scene.write("care.yaml", format!("{}cool_down_days: 0\n", super::list_command::CARE));
    night(&scene, "out", "2026-04-01", "auto");
    assert_eq!(sizes(&scene, "out"), [40, 2]);
}

#[test]
fn a_campaign_that_is_no_list_counts_for_no_night() {
    let scene = scene(JOB);
    let campaigns = Columns(Vec::new())
        .with("campaign_id", StringArray::from(vec!["a"]))
        .with("shop_id", Int64Array::from(vec![1]))
        .with("name", StringArray::from(vec!["双11大促"]))
        .with("starts_on", dates(&["2026-03-30"]))
        .with("ends_on", dates(&["2026-03-30"]))
        .with("cost", money(&[1_00]));
    let audiences = Columns(Vec::new())
        .with("campaign_id", StringArray::from(vec!["a"]))
        .with("customer_id", Int64Array::from(vec![FIRST]))
        .with("arm", texts(&["treated"]))
        .with("sent_at", noons(&["2026-03-30"]));
    scene.parquet("campaigns/a.parquet", &campaigns);
    scene.parquet("audiences/a.parquet", &audiences);
    for counted in ["auto", "sent"] {
        night(&scene, counted, "2026-03-31", counted);
        assert_eq!(sizes(&scene, counted), [40, 2], "{counted}");
    }
    night(&scene, "auto", "2026-04-01", "auto");
    assert_eq!(sizes(&scene, "auto"), [0, 0], "the shop records campaigns, and no lists");
}

#[test]
fn check_says_what_counts() {
    let scene = scene(JOB);
    let said = |more: &[&str]| done(&scene, &[["check", "job.yaml"].as_slice(), more].concat()).stdout;
    assert!(said(&["--set", "params.cool_down=sent"]).contains("\ncool-down over 30 days: the lists that were sent\n"));
    let without = JOB.replace("  campaigns: { path: campaigns }\n  audiences: { path: audiences }\n", "");
    scene.write("job.yaml", without);
    let text = said(&["--set", "params.cool_down=sent"]);
    assert!(text.contains("`params.cool_down` is `sent`, and the job does not name the inputs `campaigns` and `audiences`"), "{text}");
    assert!(said(&[]).contains("\ncool-down over 30 days: 0 earlier lists in $/out\n"), "{}", said(&[]));
}
