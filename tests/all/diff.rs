//! `huitou diff`: which snapshots its words mean, what it prints in each format, and its exit codes.

use std::path::Path;

use super::scene::{JOB, Scene, orders};

/// Two nights of three customers. By 13 February customers 11 and 12 have bought once, by the 14th customer 11 a second time for 75.00.
fn scene() -> Scene {
    let scene = Scene::with(&orders());
    for date in ["2026-02-13", "2026-02-14"] {
        let ran = scene.run(&["run", "job.yaml", "--as-of", date, "--quiet"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    scene
}

/// The name of the snapshot of a date.
fn name(scene: &Scene, date: &str) -> String {
    let names = std::fs::read_dir(scene.path("out/snapshots")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.into_iter().find(|name| name.starts_with(date)).unwrap()
}

fn json(scene: &Scene, arguments: &[&str]) -> serde_json::Value {
    let ran = scene.run(&[&["diff"], arguments, &["--format", "json"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn rows_are_found_again_by_key_with_old_new_and_difference() {
    let scene = scene();
    let document = json(&scene, &["2026-02-13", "2026-02-14", "customers"]);
    assert_eq!((&document["a"]["as_of"], &document["b"]["as_of"]), (&"2026-02-13".into(), &"2026-02-14".into()));
    let rows = document["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "both customers are a day older: {rows:#?}");
    let first = &rows[0];
    assert_eq!((&first["change"], &first["key"]["customer_id"]), (&"changed".into(), &11.into()));
    let column = |name: &str| {
        (first["columns"][name]["old"].clone(), first["columns"][name]["new"].clone(), first["columns"][name]["difference"].clone())
    };
    assert_eq!(column("net_revenue"), (100.0.into(), 175.0.into(), 75.0.into()));
    assert_eq!(column("last_purchase_date"), ("2026-01-05".into(), "2026-02-14".into(), 40.into()));
    assert_eq!(column("last_interval_days"), (().into(), 40.into(), ().into()), "null has no difference");
    // The other one has no column that a purchase moves.
    assert_eq!(rows[1]["columns"]["recency_days"]["difference"], 1);
    assert!(rows[1]["columns"].get("net_revenue").is_none(), "{}", rows[1]);
    let table = &document["table"];
    assert_eq!(
        [&table["rows_a"], &table["rows_b"], &table["only_a"], &table["changed"], &table["equal"]],
        [2, 2, 0, 2, 0].map(serde_json::Value::from).each_ref()
    );
    let revenue = table["columns"].as_array().unwrap().iter().find(|column| column["column"] == "net_revenue").unwrap();
    assert_eq!(
        (&revenue["changed"], &revenue["largest"]["difference"], &revenue["largest"]["key"]["customer_id"]),
        (&1.into(), &75.0.into(), &11.into())
    );

    let csv = scene.run(&["diff", "previous", "latest", "customers", "--format", "csv"]).stdout;
    assert!(csv.starts_with("change,shop_id,customer_id,column,old,new,difference\n"), "{csv}");
    assert!(
        csv.contains("\nchanged,1,11,net_revenue,100.00,175.00,75.00\n") && csv.contains("\nchanged,1,12,recency_days,24,25,1\n"),
        "{csv}"
    );
    let text = scene.run(&["diff", "previous", "latest", "customers", "--limit", "1"]).stdout;
    assert!(text.contains("1 of 2 rows of `customers` that differ: 2 changed, 0 only in A, 0 only in B; 0 rows are equal"), "{text}");
    assert!(!text.contains(" 12 "), "{text}");
}

#[test]
fn all_tables_are_counted_and_codes_say_whether_they_differ() {
    let scene = scene();
    let [first, second] = ["2026-02-13", "2026-02-14"].map(|date| name(&scene, date));
    let document = json(&scene, &[&first, &second]);
    let table = |name: &str| document["tables"].as_array().unwrap().iter().find(|table| table["table"] == name).unwrap().clone();
    assert_eq!((document["is_equal"].clone(), table("customers")["status"].clone()), (false.into(), "different".into()));
    // One day more: a row of 14 February, and the month of February changed.
    let daily = table("shop_daily");
    assert_eq!((&daily["only_a"], &daily["only_b"]), (&0.into(), &1.into()));
    let code = |arguments: &[&str]| scene.run(&[&["diff"], arguments].concat()).code;
    assert_eq!([code(&[&first, &second]), code(&[&first, &second, "--exit-code"])], [Some(0), Some(10)]);
    assert_eq!(code(&[&first, &second, "rejects", "--exit-code"]), Some(0), "no row was rejected in either");
    assert_eq!(code(&["latest", &second, "--exit-code"]), Some(0));
    let same = scene.run(&["diff", "latest", &second]);
    assert!(same.stdout.contains("\nall ") && same.stdout.contains(" tables are equal, with "), "{}", same.stdout);
    // A row that meets the condition on one side alone is no row of one side.
    let chosen = json(&scene, &[&first, &second, "customers", "--where", "net_revenue > 150"]);
    assert_eq!([&chosen["table"]["changed"], &chosen["table"]["only_b"]], [&serde_json::Value::from(1), &0.into()]);
    let lines = scene.run(&["diff", &first, &second, "--format", "csv"]).stdout;
    assert!(
        lines.contains("\nshop_daily,,different,")
            && lines.contains("\ncustomers,net_revenue,different,,,,,1,,75.00,100.00,175.00,shop_id=1 customer_id=11,\n"),
        "{lines}"
    );
}

#[test]
fn words_mean_names_dates_folders_and_the_snapshot_before() {
    let scene = scene();
    let [first, second] = ["2026-02-13", "2026-02-14"].map(|date| name(&scene, date));
    let folder = Path::new("out/snapshots").join(&first).display().to_string();
    for words in [
        ["previous", "latest"],
        [first.as_str(), "2026-02-14"],
        ["previous", "2026-02-14"],
        [&folder, "./out"],
        [&folder, "out/latest"],
        ["2026-02-13", "out"],
    ] {
        let text = scene.run(&["diff", words[0], words[1]]).stdout;
        assert!(text.starts_with(&format!("A: {first}\nB: {second}\n")), "{words:?}: {text}");
    }
    let refused = |arguments: &[&str]| scene.run(&[&["diff"], arguments].concat()).exit_and_stderr();
    assert!(refused(&["2026-02-12", "latest"]).contains("A: there is no snapshot as of 2026-02-12 in out"));
    assert!(refused(&["previous", "2026-02-13"]).contains(&format!("there is no snapshot of the same job before {first}")));
    assert!(refused(&["previous", "previous"]).starts_with("exit 2\n"));
    assert!(refused(&["latest", &format!("{first}0")]).contains("exit 2\nerror: B: there is no snapshot"));
    assert!(refused(&["latest", "./job"]).contains("B: `./job` is neither the folder of a snapshot nor an output folder"));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let scene = scene();
    // An experiment with two tables, one of them with columns that the nights do not have.
    let ran = scene.run(&["run", "job.yaml", "--as-of", "2026-02-14", "--only", "customers,shop_daily", "--quiet"]);
    let part = Path::new(ran.stdout.trim()).file_name().unwrap().to_str().unwrap().to_owned();
    let document = json(&scene, &["latest", &part]);
    let status = |name: &str| {
        let table = document["tables"].as_array().unwrap().iter().find(|table| table["table"] == name).unwrap().clone();
        (table["status"].clone(), table["reason"].clone())
    };
    assert_eq!(status("shops"), ("only_a".into(), "the run did not request it".into()));
    assert_eq!(status("shop_daily"), ("equal".into(), ().into()));
    let text = scene.run(&["diff", "latest", &part]).stdout;
    assert!(text.contains(&format!("`shops` is in A only; {part}: the run did not request it")), "{text}");
    let refused = |arguments: &[&str]| scene.run(&[&["diff", "previous", "latest"], arguments].concat()).exit_and_stderr();
    assert_eq!(refused(&["customers", "--shop", "9"]), "exit 2\nerror: --shop: neither snapshot has rows of shop `9`");
    assert!(refused(&["customers", "--where", "net_revenu > 1"]).contains("did you mean `net_revenue`?"));
    assert!(refused(&["--where", "no_column > 1"]).contains("no table of both snapshots has `no_column`"));
    let type_of_one = refused(&["--where", "grain > 3"]);
    assert!(
        type_of_one.starts_with("exit 2\nerror: --where: for the table `") && type_of_one.contains("`: cannot be evaluated: "),
        "{type_of_one}"
    );
    assert!(refused(&["customerz"]).contains("did you mean `customers`?"));
    assert!(refused(&["--limit", "3"]).starts_with("exit 2\n"), "a limit is for the rows of a table");
    let shop = scene.run(&["diff", "previous", "latest", "--shop", "1"]).stdout;
    assert!(shop.contains("left out, since they lack a column that --shop or --where needs: "), "{shop}");
}

#[test]
fn columns_and_types_that_changed_are_told() {
    let scene = Scene::with(&orders());
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
    // Ids of other types, and provinces of customers.
    let ids = arrow::array::StringArray::from(vec!["11", "12", "11", "13"]);
    let other = orders().with("customer_id", ids).with("province", arrow::array::StringArray::from(vec!["a"; 4]));
    scene.parquet("orders.parquet", &other);
    scene.job(&JOB.replace("test", "other"));
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet", "--out", "changed"]).code, Some(0));
    let text = scene.run(&["diff", "out", "changed"]).stdout;
    assert!(text.starts_with("A: 2026-03-31-") && text.contains("\nthey are of other jobs: `test` in A, `other` in B\n"), "{text}");
    assert!(text.contains("`customers` is not compared: `customer_id`, a column of its key, is Int64 in A and Utf8 in B"), "{text}");
    assert!(text.contains("`customers`: `customer_id` is Int64 in A and Utf8 in B"), "{text}");
    let refused = scene.run(&["diff", "out", "changed", "customers"]).exit_and_stderr();
    assert!(refused.starts_with("exit 3\n") && refused.contains("`customers` is not compared: "), "{refused}");
}

#[test]
fn it_speaks_chinese() {
    let scene = scene();
    let text = scene.run(&["diff", "previous", "latest", "--lang", "zh"]).stdout;
    assert!(text.contains("A 的行数") && text.contains("最大差") && text.contains(" 张表相同："), "{text}");
    let rows = scene.run(&["diff", "previous", "latest", "customers", "--lang", "zh"]).stdout;
    assert!(rows.contains("A 的值") && rows.contains("`customers` 有 2 行不同，显示 2 行：2 行有改动"), "{rows}");
    let refused = scene.run(&["diff", "2026-02-12", "latest", "--lang", "zh"]).stderr;
    assert!(refused.contains("out 中没有截止日为 2026-02-12 的快照"), "{refused}");
}
