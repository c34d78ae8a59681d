//! Lists from night to night: who was on one is left out of the next, and stays in one arm. What is wrong with a strategy is told with
//! its place before anything is computed.

use std::collections::BTreeMap;
use std::fs;

use arrow::array::{Int64Array, StringArray};
use huitou::publish::Published;
use insta::assert_snapshot;

use super::scene::{Columns, JOB, Scene, money, noons, rows};

/// Everybody with a purchase, the one who spent most first.
const CARE: &str = "strategy: care\nwhere: orders > 0\nmax_size: 1\nmin_hours_since_order: 0\ncontrol_share: 0.5\n";

/// A job with these strategy files, over customers 11, 12, 13 of shops 1 and 2 who paid 300, 200 and 100 on 5 January.
fn scene(strategies: &[(&str, &str)]) -> Scene {
    let scene = Scene::new();
    let names: Vec<&str> = strategies.iter().map(|(name, _)| *name).collect();
    scene.job(&format!("{JOB}strategies: [{}]\n", names.join(", ")));
    strategies.iter().for_each(|(name, text)| scene.write(name, text));
    let orders = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 1, 1, 2, 2, 2]))
        .with("order_id", Int64Array::from(vec![1, 2, 3, 4, 5, 6]))
        .with("customer_id", Int64Array::from(vec![11, 12, 13, 11, 12, 13]))
        .with("created_at", noons(&["2026-01-05"; 6]))
        .with("paid_at", noons(&["2026-01-05"; 6]))
        .with("paid_amount", money(&[300_00, 200_00, 100_00, 300_00, 200_00, 100_00]));
    scene.parquet("orders.parquet", &orders);
    scene
}

/// Shop, customer, rank of a list, the row's arm left out.
fn list(published: &Published, table: &str) -> Vec<String> {
    let of = |row: &str| {
        let cells: Vec<&str> = row.split('|').collect();
        [cells[0], cells[1], cells[3]].join(" ")
    };
    rows(published, table).iter().map(|row| of(row)).collect()
}

/// The arm of each customer who is on a list.
fn arms(published: &Published, table: &str) -> BTreeMap<String, String> {
    let cell = |row: &str, at: usize| row.split('|').nth(at).unwrap().to_owned();
    rows(published, table).iter().map(|row| (format!("{} {}", cell(row, 0), cell(row, 1)), cell(row, 4))).collect()
}

#[test]
fn who_was_on_a_list_is_left_out_for_as_long_as_the_strategy_says() {
    let scene = scene(&[("care.yaml", CARE)]);
    let night = |as_of: &str| scene.publish(as_of, "out", 2).unwrap();
    assert_eq!(list(&night("2026-02-01"), "audience_care"), ["1 11 1", "2 11 1"]);
    // The next best, then the last one, then nobody is left.
    assert_eq!(list(&night("2026-02-02"), "audience_care"), ["1 12 1", "2 12 1"]);
    assert_eq!(list(&night("2026-02-03"), "audience_care"), ["1 13 1", "2 13 1"]);
    let empty = night("2026-02-04");
    assert_eq!(list(&empty, "audience_care"), [""; 0]);
    assert_eq!(
        rows(&empty, "audience_excluded"),
        [
            "1|11|care||cool_down|audience_care|2026-02-01",
            "1|12|care||cool_down|audience_care|2026-02-02",
            "1|13|care||cool_down|audience_care|2026-02-03",
            "2|11|care||cool_down|audience_care|2026-02-01",
            "2|12|care||cool_down|audience_care|2026-02-02",
            "2|13|care||cool_down|audience_care|2026-02-03",
        ]
    );
    // 30 days after 1 February is 3 March; the day after it is free again.
    assert_eq!(list(&night("2026-03-03"), "audience_care"), [""; 0]);
    assert_eq!(list(&night("2026-03-04"), "audience_care"), ["1 11 1", "2 11 1"]);
    // A replay of the first night does not know the others, and is there already.
    let again = night("2026-02-01");
    assert!(!again.is_new);
    assert_eq!(list(&again, "audience_care"), ["1 11 1", "2 11 1"]);
    // Nor does a night before it.
    assert_eq!(list(&night("2026-01-20"), "audience_care"), ["1 11 1", "2 11 1"]);
}

#[test]
fn who_is_in_the_cool_down_is_told_with_the_night_of_the_list() {
    let best = CARE.replace("care", "best");
    let scene = scene(&[("care.yaml", CARE), ("best.yaml", &best)]);
    let (first, second) = (scene.publish("2026-02-01", "out", 2).unwrap(), scene.publish("2026-02-02", "out", 2).unwrap());
    let said = |night: &Published, more: &[&str]| {
        let ran = scene.run(&[&["list", "--snapshot", &night.manifest.name], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout
    };
    // `care` comes first: in both shops customer 11, and `best` has customer 12. On the next night `care` has customer 13, and `best` nobody.
    let text = said(&first, &[]);
    assert!(
        text.contains("\nbest: 2 are on another list of 2026-02-01, or were sent one on that day\n") && !text.contains("cool-down of"),
        "{text}"
    );
    let text = said(&second, &[]);
    assert!(text.contains("\ncare: 4 are in the cool-down of the list of 2026-02-01\n"), "{text}");
    let best = "\nbest: 4 are in the cool-down of the list of 2026-02-01\nbest: 2 are on another list of 2026-02-02, or were sent one on that day\n";
    assert!(text.contains(best), "{text}");
    let third = scene.publish("2026-02-03", "out", 2).unwrap();
    let text = said(&third, &["--shop", "1"]);
    assert!(text.contains("\ncare: 3 are in the cool-down of the lists of 2026-02-01 to 2026-02-02\n"), "{text}");
    let chinese = said(&third, &["--shop", "1", "--lang", "zh"]);
    assert!(chinese.contains("care：3 人在 2026-02-01 至 2026-02-02 各晚名单的冷却期内"), "{chinese}");
    let document: serde_json::Value = serde_json::from_str(&said(&third, &["care", "--shop", "1", "--format", "json"])).unwrap();
    let cooling = |date: &str, table: &str| serde_json::json!({ "date": date, "table": table, "customers": 1 });
    let expected = [cooling("2026-02-01", "audience_best"), cooling("2026-02-01", "audience_care"), cooling("2026-02-02", "audience_care")];
    assert_eq!(document["lists"][0]["cool_down"], serde_json::Value::from(expected.to_vec()));
}

#[test]
fn gc_says_of_which_snapshots_only_the_lists_stay() {
    let scene = scene(&[("care.yaml", CARE)]);
    let nights: Vec<Published> = (1..=3).map(|day| scene.publish(&format!("2026-02-0{day}"), "out", 2).unwrap()).collect();
    let gc = |more: &[&str]| {
        let ran = scene.run(&[&["gc", "--keep", "2"], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        (ran.stdout, ran.stderr)
    };
    let (name, tables) = (nights[0].manifest.name.as_str(), nights[0].manifest.tables.len());
    let (removed, said) = gc(&["--dry-run"]);
    assert!(said.contains(&format!("all tables but the lists would go from {name}: the lists stay")), "{said}");
    assert!(removed.is_empty() && !said.contains("nothing to remove"), "{said}");
    let (_, chinese) = gc(&["--dry-run", "--lang", "zh"]);
    assert!(chinese.contains("以下快照将只保留名单，其余的表会删除") && chinese.contains(name), "{chinese}");
    let document = |more: &[&str]| serde_json::from_str::<serde_json::Value>(&gc(&[more, &["--format", "json"]].concat()).0).unwrap();
    let plan = document(&["--dry-run"]);
    assert_eq!((&plan["lists_left"], &plan["removed"]), (&serde_json::json!([name]), &serde_json::json!([])));
    // Who is left out of a list is in a table that is none.
    assert_eq!(plan["tables_removed"], serde_json::json!([{ "name": name, "tables": tables - 1 }]));
    assert!(scene.path("out/snapshots").join(name).join("customers").exists(), "a plan removes nothing");
    let (_, said) = gc(&[]);
    assert!(said.contains(&format!("all tables but the lists went from {name}: the lists stay")), "{said}");
    assert!(!scene.path("out/snapshots").join(name).join("customers").exists());
    assert!(scene.path("out/snapshots").join(name).join("audience_care").exists());
    let (_, said) = gc(&["--dry-run"]);
    assert!(said.contains("there was nothing to remove"), "{said}");
}

#[test]
fn earlier_lists_are_part_of_what_the_snapshot_is_named_after() {
    let strategies = [("care.yaml", CARE)];
    let (alone, after) = (scene(&strategies), scene(&strategies));
    after.publish("2026-02-01", "out", 1).unwrap();
    let (alone, after) = (alone.publish("2026-02-02", "out", 1).unwrap(), after.publish("2026-02-02", "out", 1).unwrap());
    assert_ne!(alone.manifest.name, after.manifest.name);
    assert_eq!((list(&alone, "audience_care").len(), list(&after, "audience_care")[0].as_str()), (2, "1 12 1"));
}

#[test]
fn a_list_of_another_strategy_counts_and_a_cool_down_of_none_does_not_look_back() {
    let other = CARE.replace("care", "other").replace("max_size: 1", "max_size: 9\ncool_down_days: 0");
    let scene = scene(&[("care.yaml", CARE), ("other.yaml", &other)]);
    let first = scene.publish("2026-02-01", "out", 2).unwrap();
    assert_eq!(list(&first, "audience_other"), ["1 12 1", "1 13 2", "2 12 1", "2 13 2"]);
    let second = scene.publish("2026-02-02", "out", 2).unwrap();
    // All were on a list the night before; only `other` does not mind.
    assert_eq!(list(&second, "audience_care"), [""; 0]);
    assert_eq!(list(&second, "audience_other"), ["1 11 1", "1 12 2", "1 13 3", "2 11 1", "2 12 2", "2 13 3"]);
}

#[test]
fn arms_are_the_same_in_every_shop_and_night() {
    let strategy = |size: usize| CARE.replace("max_size: 1", &format!("max_size: {size}\ncool_down_days: 0"));
    let (few, all) = (scene(&[("care.yaml", &strategy(2))]), scene(&[("care.yaml", &strategy(500))]));
    let (few, all) = (few.publish("2026-02-01", "out", 1).unwrap(), all.publish("2026-03-01", "out", 2).unwrap());
    let (few, all) = (arms(&few, "audience_care"), arms(&all, "audience_care"));
    assert_eq!((few.len(), all.len()), (4, 6));
    assert!(few.iter().all(|(who, arm)| all[who] == *arm), "{few:?} {all:?}");
    for customer in ["11", "12", "13"] {
        assert_eq!(all[&format!("1 {customer}")], all[&format!("2 {customer}")]);
    }
}

#[test]
fn ids_that_become_text_are_the_same_customers() {
    let scene = scene(&[("care.yaml", CARE)]);
    scene.publish("2026-02-01", "out", 1).unwrap();
    let texts = Columns(Vec::new())
        .with("shop_id", StringArray::from(vec!["1", "1"]))
        .with("order_id", StringArray::from(vec!["1", "2"]))
        .with("customer_id", StringArray::from(vec!["11", "12"]))
        .with("created_at", noons(&["2026-01-05"; 2]))
        .with("paid_at", noons(&["2026-01-05"; 2]))
        .with("paid_amount", money(&[300_00, 200_00]));
    scene.parquet("orders.parquet", &texts);
    assert_eq!(list(&scene.publish("2026-02-02", "out", 1).unwrap(), "audience_care"), ["1 12 1"]);
}

#[test]
fn a_damaged_earlier_snapshot_stops_the_lists_and_says_what_to_do() {
    let scene = scene(&[("care.yaml", CARE)]);
    let first = scene.publish("2026-02-01", "out", 1).unwrap();
    let part = first.path.join("audience_care/part-0000.parquet");
    let bytes = fs::read(&part).unwrap();
    let shown = |arguments: &[&str]| scene.run(arguments).exit_and_stderr().replace(&first.manifest.name, "2026-02-01-NAME");
    let run = ["run", "job.yaml", "--as-of", "2026-02-02", "--quiet"];

    fs::write(&part, [&bytes[..40], &[bytes[40] ^ 1], &bytes[41..]].concat()).unwrap();
    assert_snapshot!(shown(&run), @r#"
    exit 3
    error: $/out/snapshots/2026-02-01-NAME/audience_care/part-0000.parquet: its SHA-256 is not that of the manifest, so nobody knows who was on the lists of 2026-02-01, and tonight's could reach them again
      help: remove the folder of that snapshot and run the job with --as-of 2026-02-01, which makes the same lists again; if they were never used, removing it is enough; --set "strategies=[]" --publish runs without lists
    "#);
    fs::write(first.path.join("manifest.json"), "{").unwrap();
    let message = shown(&run);
    assert!(message.starts_with("exit 3\nerror: $/out/snapshots/2026-02-01-NAME/manifest.json: not a manifest: "), "{message}");
    // Without lists it does not matter, nor when the day lies before the cool-down.
    let without = scene.run(&["run", "job.yaml", "--as-of", "2026-02-02", "--set", "strategies=[]", "--publish", "--quiet"]);
    assert_eq!(without.code, Some(0), "{}", without.stderr);
    let later = scene.run(&["run", "job.yaml", "--as-of", "2026-03-05", "--quiet"]);
    assert_eq!(later.code, Some(0), "{}", later.stderr);
    // What the message asks for helps.
    fs::remove_dir_all(&first.path).unwrap();
    let again = scene.run(&["run", "job.yaml", "--as-of", "2026-02-01", "--quiet"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert_eq!(list(&scene.publish("2026-02-02", "out", 1).unwrap(), "audience_care"), ["1 12 1", "2 12 1"]);
}

#[test]
fn what_is_wrong_with_conditions_is_told_before_anything_is_computed() {
    let strategy = |name: &str, rest: &str| format!("strategy: {name}\n{rest}\n");
    let scene = scene(&[
        ("a.yaml", &strategy("a", "where: recency_day > 30 AND lifecycle = 'dormant'\norder_by: [net_revenue desc, value]")),
        ("c.yaml", &strategy("c", "where: recency_days + 1")),
        ("d.yaml", &strategy("d", "where: net_revenue > (SELECT 5)")),
        ("e.yaml", &strategy("e", "where: SUM(net_revenue) > 100")),
        ("f.yaml", &strategy("f", "where: net_revenue > 99.5 AND last_purchase_date < DATE '2026-01-31'")),
    ]);
    assert_snapshot!(scene.run(&["check", "job.yaml"]).exit_and_stderr(), @r#"
    exit 2
    error: a.yaml:2:8: `where` of the strategy `a` names `recency_day`, which candidates do not have
      help: did you mean `recency_days`? docs/lists.md has all columns
    error: a.yaml:3:11: `order_by` of the strategy `a` names `value`, which candidates do not have
      help: docs/lists.md has all columns
    error: c.yaml:2:8: `where` of the strategy `c` cannot be evaluated: it gives Int64 where a condition is true or false
      help: compare what it gives with something, such as > 0
    error: d.yaml:2:8: `where` of the strategy `d` is not a valid condition: a query begins at character 16, and an expression sees one row at a time
      help: write the values as a list, such as `channel IN ('web', 'app')`
    error: e.yaml:2:8: `where` of the strategy `e` is not a valid condition: `SUM` at character 1 is computed from many rows, and an expression sees one row at a time
      help: compute it where the files are written; of the columns of one row there are GREATEST(a, b), LEAST(a, b), and a + b
    "#);
}

#[test]
fn a_condition_over_several_lines_that_is_no_sql() {
    let scene = self::scene(&[("b.yaml", "strategy: b\nwhere: |\n  recency_days > > 3\n  AND orders > 1\n")]);
    let shown = scene.run(&["run", "job.yaml", "--quiet"]).exit_and_stderr();
    assert!(shown.starts_with("exit 2\nerror: b.yaml:3:3: `where` of the strategy `b` is not a valid condition: "), "{shown}");
}

#[test]
fn check_and_show_know_the_lists() {
    let scene = scene(&[("care.yaml", &format!("title: 关怀\n{CARE}"))]);
    scene.publish("2026-02-01", "out", 1).unwrap();
    let checked = scene.run(&["check", "job.yaml", "--set", "as_of=2026-02-02"]);
    assert!(
        checked.stdout.contains("\n  audience_care          关怀: whom should the shop contact, and whom leave alone?\n"),
        "{}",
        checked.stdout
    );
    assert!(checked.stdout.contains("\ncool-down over 30 days: 1 earlier lists in $/out\n"), "{}", checked.stdout);
    let shown = scene.run(&["show", "audience_care", "--shop", "1"]);
    assert!(shown.stdout.contains("1 of 1 rows of `audience_care`"), "{}{}", shown.stdout, shown.stderr);
    let missing = scene.run(&["show", "audience_car"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("did you mean `audience_care`?"), "{}", missing.stderr);
    // Only one of the tables is asked for: it is the same.
    let only =
        scene.run(&["run", "job.yaml", "--only", "audience_care", "--publish", "--out", "other", "--as-of", "2026-02-01", "--quiet"]);
    assert_eq!(only.code, Some(0), "{}", only.stderr);
    let read = |out: &str| fs::read(scene.path(out).join("latest/audience_care/part-0000.parquet")).unwrap();
    assert!(read("other") == read("out"));
    let none = scene.run(&["run", "job.yaml", "--only", "audience_excluded", "--set", "strategies=[]"]);
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("the job names no strategy files (`strategies`)"), "{}", none.stderr);
}
