//! `huitou show`: rows in every format, charts, and the errors where a shop, table, column or snapshot does not exist.

use arrow::array::{Int64Array, StringArray};

use super::scene::{Columns, JOB, Scene, orders, texts};

/// Customer 11 bought for 100.00 and 75.00, 40 days later; customer 12 for 50.00; customer 13 never paid.
fn scene() -> Scene {
    let scene = Scene::with(&orders().with("province", texts(&["浙江省", "广东省", "浙江省", "广东省"])));
    let ran = scene.run(&["run", "job.yaml", "--quiet"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    scene
}

fn shown(arguments: &[&str]) -> String {
    let ran = scene().run(&[&["show"], arguments].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!ran.stdout.contains('\u{1b}'), "colours where there is no terminal: {}", ran.stdout);
    ran.stdout
}

const COLUMNS: [&str; 3] = ["customers", "--columns", "customer_id,province,net_revenue,purchase_days,value_tier"];

#[test]
fn rows_for_programs() {
    let csv = shown(&[&COLUMNS[..], &["--sort", "net_revenue", "--format", "csv"]].concat());
    let expected = "customer_id,province,net_revenue,purchase_days,value_tier\n12,广东省,50.00,1,";
    assert!(csv.starts_with(expected), "{csv}");
    assert!(csv.lines().nth(2).unwrap().starts_with("11,浙江省,175.00,2,"), "{csv}");
    assert_eq!(csv.lines().count(), 3);

    let json = shown(&[&COLUMNS[..], &["--sort", "net_revenue desc", "--limit", "1", "--format", "json"]].concat());
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["customer_id"], 11);
    assert_eq!(rows[0]["net_revenue"], 175.0);
    assert_eq!(rows[0]["province"], "浙江省");
}

#[test]
fn rows_for_people() {
    let columns = &["customers", "--columns", "customer_id,province,net_revenue,last_interval_days"];
    let markdown = shown(&[&columns[..], &["--format", "markdown"]].concat());
    let lines: Vec<&str> = markdown.lines().collect();
    assert_eq!(lines.len(), 4);
    // Amounts end in one column, Chinese characters being two wide; who has not come back has no interval.
    assert!(
        lines[2].contains("| 浙江省   |      175.00 |                 40 |")
            && lines[3].contains("| 广东省   |       50.00 |                  – |"),
        "{markdown}"
    );
    let table = shown(&[&columns[..], &["--where", "net_revenue > 100 AND province = '浙江省'"]].concat());
    assert!(table.contains("175.00") && !table.contains("50.00") && table.contains("\n1 of 1 rows of `customers` ("), "{table}");
}

/// Shop 1 has a name, shop 2 has none.
fn named_shops() -> Scene {
    let scene = Scene::with(&orders().with("shop_id", Int64Array::from(vec![1, 2, 1, 1])));
    let shops =
        Columns(Vec::new()).with("shop_id", Int64Array::from(vec![1, 2])).with("name", StringArray::from(vec![Some("茶叶店"), None]));
    scene.parquet("shops.parquet", &shops);
    scene.job(&JOB.replace("  orders:", "  shops: { path: shops.parquet }\n  orders:"));
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
    scene
}

#[test]
fn tables_for_people_have_the_name_of_a_shop_behind_its_id() {
    let scene = named_shops();
    let shown = |arguments: &[&str]| scene.run(&[&["show"], arguments].concat()).stdout;
    for table in ["customers", "shop_periods"] {
        let text = shown(&[table, "--columns", "shop_id"]);
        assert!(text.contains("│ 1 茶叶店 │") && text.contains("│ 2        │"), "{text}");
        // The table as it is.
        for format in ["csv", "json", "markdown"] {
            let text = shown(&[table, "--columns", "shop_id", "--format", format]);
            assert!(!text.contains('茶'), "{text}");
        }
    }
    // It has the names already.
    let text = shown(&["shops", "--columns", "shop_id,name"]);
    assert_eq!(text.matches('茶').count(), 1, "{text}");
    let text = shown(&["shops", "--columns", "shop_id"]);
    assert!(text.contains("1 茶叶店"), "{text}");
    // Ids stay ids to conditions, and charts say the name too.
    assert!(shown(&["customers", "--where", "shop_id = 2", "--columns", "shop_id"]).contains("│ 2"));
    assert!(shown(&["interval_histogram", "--shop", "1"]).contains("shop 1 茶叶店"));
}

#[test]
fn what_is_null_is_not_true_and_not_first() {
    let sorted = |order: &str| shown(&["customers", "--columns", "customer_id", "--format", "csv", "--sort", order]);
    assert_eq!(sorted("last_interval_days"), "customer_id\n11\n12\n");
    assert_eq!(sorted("last_interval_days desc"), "customer_id\n11\n12\n");
    let condition = "last_interval_days < 7 OR last_interval_days >= 7";
    assert_eq!(shown(&["customers", "--columns", "customer_id", "--format", "csv", "--where", condition]), "customer_id\n11\n");
}

#[test]
fn charts_of_one_shop() {
    let map = shown(&["cohort_retention", "--shop", "1"]);
    let lines: Vec<&str> = map.lines().skip(1).map(str::trim_end).collect();
    // Two customers came in January; one of them came back in February, nobody in March.
    let expected = [
        "retention_rate in percent, by month since the first purchase",
        "cohort        customers     1      2",
        "2026-01-01<           2  50.0    0.0",
        "< may hold customers who bought before the data begin (is_left_truncated)",
    ];
    assert_eq!(lines, expected);

    let histogram = shown(&["interval_histogram", "--shop", "1"]);
    let lines: Vec<&str> = histogram.lines().skip(1).collect();
    // The one interval is 40 days: 20 classes of two days.
    assert_eq!(lines[0], "1 intervals between purchase days");
    assert_eq!(lines[2..21].iter().map(|line| line.split_whitespace().nth(1).unwrap()).collect::<Vec<_>>(), ["0"; 19]);
    assert_eq!(lines[21], format!("{:>9} {:>10} {:>6.1}% {}", "39–40", 1, 100.0, "█".repeat(50)));
    assert_eq!(lines.len(), 22);
    // Rows are asked for.
    assert!(
        shown(&["interval_histogram", "--shop", "1", "--format", "csv"])
            .starts_with("shop_id,dimension,dimension_value,nth,days,intervals\n1,all,all,0,40,1\n")
    );
}

#[test]
fn rows_of_several_shops_have_no_chart() {
    let scene = Scene::with(&orders().with("shop_id", Int64Array::from(vec![1, 2, 1, 2])));
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
    let all = scene.run(&["show", "cohort_retention"]);
    assert!(all.stdout.contains("cohort_size") && all.code == Some(0), "{}", all.stdout);
    let none = scene.run(&["show", "cohort_retention", "--shop", "3"]);
    assert_eq!(none.exit_and_stderr(), "exit 2\nerror: --shop: cohort_retention has no rows of shop `3`");
}

#[test]
fn all_problems_are_reported_at_once() {
    let ran = scene().run(&["show", "customers", "--where", "nett_revenue > 1", "--sort", "recency desc", "--columns", "shop_id,x"]);
    let shown = ran.exit_and_stderr();
    assert!(shown.starts_with("exit 2\n"), "{shown}");
    for expected in [
        "--columns: customers has no column `x`",
        "--sort: customers has no column `recency`",
        "--where: customers has no column `nett_revenue`\n  help: did you mean `net_revenue`?",
    ] {
        assert!(shown.contains(expected), "{shown}");
    }
    let shown = scene().run(&["show", "customers", "--where", "net_revenue >"]).exit_and_stderr();
    assert!(shown.starts_with("exit 2\nerror: --where: is not a valid condition: "), "{shown}");
    let shown = scene().run(&["show", "customers", "--where", "province > 3"]).exit_and_stderr();
    assert!(shown.starts_with("exit 2\nerror: --where: cannot be evaluated: "), "{shown}");
    let shown = scene().run(&["show", "customers", "--where", "net_revenue"]).exit_and_stderr();
    assert!(shown.contains("it gives Float64 where a condition is true or false"), "{shown}");
    let shown = scene().run(&["show", "customers", "--snapshot", "far-from-all"]).exit_and_stderr();
    assert!(shown.contains("--snapshot: there is no snapshot `far-from-all` in out\n  help: `huitou history` lists them"), "{shown}");
    let shown = scene().run(&["show", "customer"]).exit_and_stderr();
    assert!(shown.contains("no table `customer`\n  help: did you mean `customers`?"), "{shown}");
}
