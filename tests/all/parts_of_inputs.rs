//! Rows that only a folder tells apart, such as `terminal=pc/`: none of them is lost in silence, and the advice of the message makes the
//! files what they are. Folders of days are later states of the same rows.

use arrow::array::Int64Array;

use super::repeated_rows::{fault, twice};
use super::result::{Snapshot, run};
use super::scene::{Columns, JOB, Scene, dates, money, noons, orders, texts};

/// A scene with good orders and one more input in these folders; `more` stands in the job beside its path.
fn scene(input: &str, files: &[(&str, Columns)], more: &str) -> Scene {
    let scene = Scene::with(&orders());
    for (folder, columns) in files {
        scene.parquet(&format!("{input}/{folder}/0.parquet"), columns);
    }
    scene.job(&JOB.replace("output:", &format!("  {input}:\n    path: {input}\n{more}output:")));
    scene
}

fn snapshot(scene: &Scene) -> Snapshot {
    run(&scene.path("job.yaml"), &[], None).unwrap_or_else(|error| panic!("{error}"))
}

/// Two days of a shop.
fn visitors(uv: [i64; 2]) -> Columns {
    Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 1]))
        .with("date", dates(&["2026-01-05", "2026-01-20"]))
        .with("uv", Int64Array::from(uv.to_vec()))
}

fn uv(scene: &Scene) -> [Option<i64>; 2] {
    let snapshot = snapshot(scene);
    let daily = snapshot.table("shop_daily");
    ["2026-01-05", "2026-01-20"].map(|date| daily.row(&[("date", date)]).count("uv"))
}

#[test]
fn traffic_in_folders_of_terminals_names_the_folder_that_tells_it_apart() {
    let terminals = [("终端=无线端", visitors([60, 50])), ("终端=PC端", visitors([40, 30])), ("终端=所有终端", visitors([90, 70]))];
    let found = fault(&scene("traffic", &terminals, "")).unwrap();
    assert!(
        found.contains(
            "input `traffic`: 2 keys have rows in different parts of the input, where one row is expected for each shop_id, date"
        ),
        "{found}"
    );
    assert!(found.contains("the partition column `终端` distinguishes them: PC端, 所有终端, 无线端"), "{found}");
    assert!(found.contains("`filter: 终端 = '所有终端'`"), "{found}");
    assert_eq!(uv(&scene("traffic", &terminals, "    filter: 终端 = '所有终端'\n")), [Some(90), Some(70)]);
    // Equal figures are of two terminals all the same, and none of these is the whole.
    let equal = [("terminal=app", visitors([60, 50])), ("terminal=pc", visitors([60, 50]))];
    let found = fault(&scene("traffic", &equal, "")).unwrap();
    assert!(found.contains("row 0 of traffic/terminal=app/0.parquet, row 0 of traffic/terminal=pc/0.parquet are of one key"), "{found}");
    assert!(found.contains("`filter: terminal = 'app'`") && found.contains("`channel: terminal`"), "{found}");
    assert_eq!(uv(&scene("traffic", &equal, "    columns: { channel: terminal }\n")), [None, None]);
    assert_eq!(uv(&scene("traffic", &equal, "    filter: terminal = 'app'\n")), [Some(60), Some(50)]);
    // Terminals are no shops, also where nothing names the shop.
    let nameless = terminals.clone().map(|(folder, columns)| (folder, columns.without("shop_id")));
    let nameless = scene("traffic", &nameless, "");
    nameless.parquet("orders.parquet", &orders().without("shop_id"));
    let found = fault(&nameless).unwrap();
    assert!(found.contains("`filter: 终端 = '所有终端'`") && !found.contains("shop_id"), "{found}");
    // A day that only one of them has is no fault.
    let first = visitors([60, 50]).batch().slice(0, 1);
    let scene = scene("traffic", &[], "");
    scene.parquet_of("traffic/terminal=app/0.parquet", &first, None);
    scene.parquet_of("traffic/terminal=pc/0.parquet", &visitors([9, 70]).batch().slice(1, 1), None);
    assert_eq!(uv(&scene), [Some(60), Some(70)]);
}

#[test]
fn folders_of_days_and_exports_are_later_states() {
    for (earlier, later) in [
        ("dt=2026-01-21", "dt=2026-01-22"),
        ("date=20260121", "date=20260122"),
        ("pt=20260121", "pt=20260122"),
        ("year=2026/month=01/day=21", "year=2026/month=02/day=01"),
        ("snapshot=7", "snapshot=8"),
        ("version=1", "version=2"),
        ("load_date=a", "load_date=b"),
        ("x=2026-01", "x=2026-02"),
        ("_batch=1", "_batch=2"),
        ("terminal=pc/dt=2026-01-21", "terminal=pc/dt=2026-01-22"),
    ] {
        assert_eq!(uv(&scene("traffic", &[(earlier, visitors([1, 2])), (later, visitors([3, 4]))], "")), [Some(3), Some(4)], "{later}");
    }
    // The day and the terminal.
    let files = [("dt=20260121/terminal=pc", visitors([1, 2])), ("dt=20260122/terminal=app", visitors([3, 4]))];
    assert!(fault(&scene("traffic", &files, "")).unwrap().contains("the partition column `terminal` distinguishes them: app, pc"));
    // Files beside the folders are of none of them.
    let files = [(".", visitors([1, 2])), ("terminal=app", visitors([3, 4]))];
    assert!(fault(&scene("traffic", &files, "")).unwrap().contains("`terminal` distinguishes them: app, no such folder"));
}

#[test]
fn folders_of_shops_can_be_mapped() {
    let scene = |more: &str| {
        let both = ["1", "2"].map(|shop| (format!("store={shop}"), visitors([60, 50]).without("shop_id")));
        let scene = scene("traffic", &both.each_ref().map(|(folder, columns)| (folder.as_str(), columns.clone())), more);
        scene.parquet("orders.parquet", &orders().with("shop_id", texts(&["1", "1", "2", "2"])));
        scene
    };
    let found = fault(&scene("")).unwrap();
    assert!(found.contains("the partition column `store` distinguishes them: 1, 2"), "{found}");
    assert!(found.contains("if these are shops, `shop_id: store` under `columns:` of this input"), "{found}");
    let snapshot = snapshot(&scene("    columns: { shop_id: store }\n"));
    let daily = snapshot.table("shop_daily");
    let of_shop = |shop: &str| daily.row(&[("shop_id", shop), ("date", "2026-01-20")]).count("uv");
    assert_eq!(["1", "2"].map(of_shop), [Some(50), Some(50)]);
}

#[test]
fn every_small_input_refuses_rows_of_one_key_in_two_parts() {
    let campaigns = Columns(Vec::new())
        .with("campaign_id", Int64Array::from(vec![7]))
        .with("shop_id", Int64Array::from(vec![1]))
        .with("starts_on", dates(&["2026-01-05"]))
        .with("ends_on", dates(&["2026-01-05"]));
    for (input, columns) in twice() {
        let batch = columns.batch();
        let more = if input == "audiences" { "  campaigns: campaigns.parquet\n" } else { "" };
        let scene_of = |folders: [&str; 2], rows: [usize; 2]| {
            let scene = scene(input, &[], more);
            scene.parquet("campaigns.parquet", &campaigns);
            for (folder, row) in folders.into_iter().zip(rows) {
                scene.parquet_of(&format!("{input}/{folder}/0.parquet"), &batch.slice(row, 1), None);
            }
            scene
        };
        for rows in [[0, 1], [0, 0]] {
            let found = fault(&scene_of(["source=a", "source=b"], rows));
            // An audience is a set: who is named in two lists is in it once.
            if input == "audiences" {
                assert_eq!(found, None);
                continue;
            }
            let found = found.unwrap_or_else(|| panic!("{input}: rows of two parts passed"));
            assert!(found.contains(&format!("input `{input}`: one key has rows in different parts of the input")), "{found}");
            assert!(found.contains("the partition column `source` distinguishes them: a, b"), "{found}");
            let filtered = scene_of(["source=a", "source=b"], rows);
            let job = std::fs::read_to_string(filtered.path("job.yaml")).unwrap();
            let path = format!("    path: {input}\n");
            filtered.job(&job.replace(&path, &format!("{path}    filter: source = 'a'\n")));
            assert_eq!(fault(&filtered), None, "{input}");
            assert_eq!(fault(&scene_of(["dt=20260105", "dt=20260106"], rows)), None, "{input}");
        }
    }
}

/// A campaign of a shop, with the amount that it cost.
fn campaign(id: i64, cost: i64) -> Columns {
    Columns(Vec::new())
        .with("campaign_id", Int64Array::from(vec![id]))
        .with("name", texts(&["recall"]))
        .with("starts_on", dates(&["2026-02-10"]))
        .with("ends_on", dates(&["2026-02-20"]))
        .with("cost", money(&[cost]))
}

#[test]
fn campaigns_of_two_shops_with_one_id_are_told_and_the_advice_keeps_both() {
    let by_folder = |more: &str| {
        let scene = scene("campaigns", &[("shop_id=1", campaign(7, 100)), ("shop_id=2", campaign(7, 300))], more);
        scene.parquet("orders.parquet", &orders().with("shop_id", texts(&["1", "1", "2", "2"])));
        scene
    };
    let found = fault(&by_folder("")).unwrap();
    assert!(
        found.contains(
            "one id is of campaigns of several shops, where an id names one campaign over all shops: `7` is of shop 1 in row 0 of \
             campaigns/shop_id=1/0.parquet and of shop 2 in row 0 of campaigns/shop_id=2/0.parquet"
        ),
        "{found}"
    );
    let advice = found.split('`').find(|quoted| quoted.starts_with("campaign_id: ")).unwrap();
    assert_eq!(advice, "campaign_id: CONCAT(shop_id, '/', campaign_id)");
    let audience = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 2, 2]))
        .with("campaign_id", Int64Array::from(vec![7, 7, 7]))
        .with("customer_id", Int64Array::from(vec![11, 11, 13]))
        .with("arm", texts(&["treated", "treated", "control"]))
        .with("sent_at", noons(&["2026-02-10", "2026-02-10", "2026-02-10"]));
    let columns = advice.replace("campaign_id: ", "campaign_id: \"") + "\"";
    let scene =
        by_folder(&format!("    columns: {{ {columns} }}\n  audiences:\n    path: audience.parquet\n    columns: {{ {columns} }}\n"));
    scene.parquet("audience.parquet", &audience);
    let snapshot = snapshot(&scene);
    let results = snapshot.table("campaign_effect");
    let treated = |shop: &str, id: &str| results.with(&[("shop_id", shop), ("campaign_id", id)]).len();
    assert!(treated("1", "1/7") > 0 && treated("2", "2/7") > 0, "{:?}", snapshot.manifest.warnings);
    assert!(!snapshot.manifest.warnings.iter().any(|warning| warning.starts_with("unknown_campaign")), "{:?}", snapshot.manifest.warnings);
    // In one file, and in two that no folder tells apart.
    let of_shop = |shop: i64| campaign(7, 100 * shop).with("shop_id", Int64Array::from(vec![shop]));
    let batches = [1, 2].map(|shop| of_shop(shop).batch());
    let both = arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap();
    let in_one_file = super::parts_of_inputs::scene("campaigns", &[], "");
    in_one_file.parquet_of("campaigns/0.parquet", &both, None);
    let in_two_files = super::parts_of_inputs::scene("campaigns", &[], "");
    [1, 2].into_iter().for_each(|shop| in_two_files.parquet(&format!("campaigns/{shop}.parquet"), &of_shop(shop)));
    for scene in [in_one_file, in_two_files] {
        let found = fault(&scene).unwrap();
        assert!(found.contains("`7` is of shop 1 in row 0 of") && found.contains("and of shop 2 in row"), "{found}");
    }
}

#[test]
fn refunds_of_two_regions_are_told() {
    let (_, refunds) = twice().into_iter().find(|(input, _)| *input == "refunds").unwrap();
    let with_versions = refunds.with("modified_at", noons(&["2026-01-09", "2026-01-10"]));
    let scene = scene("refunds", &[], "");
    for row in 0..2 {
        scene.parquet_of(&format!("refunds/region={row}/0.parquet"), &with_versions.batch().slice(row, 1), None);
    }
    let told = snapshot(&scene).manifest.warnings.join("\n");
    assert!(
        told.contains("refunds: 1 rows are taken for older versions of rows in other folders `region=…`, as they have the same ids"),
        "{told}"
    );
    assert!(told.contains("`refund_id: CONCAT(region, '-', refund_id)`"), "{told}");
}

/// Four good orders, in two folders that have the same ids.
fn regions(folders: [&str; 2], more: &str) -> Scene {
    let scene = Scene::new();
    scene.parquet(&format!("orders/{}/0.parquet", folders[0]), &orders());
    scene.parquet(&format!("orders/{}/0.parquet", folders[1]), &orders().with("paid_amount", money(&[100, 200, 300, 0])));
    scene.job(&JOB.replace("orders: { path: orders.parquet }", &format!("orders: {{ path: orders{more} }}")));
    scene
}

#[test]
fn orders_of_two_folders_with_the_same_ids_are_told_and_the_advice_keeps_all() {
    let told = |snapshot: &Snapshot| {
        snapshot.manifest.warnings.iter().filter(|warning| warning.contains("rows in other folders")).cloned().collect::<Vec<_>>()
    };
    let paid = |snapshot: &Snapshot| snapshot.table("shop_daily").money("paid_amount");
    for name in ["region", "channel"] {
        let found = snapshot(&regions([&format!("{name}=north"), &format!("{name}=south")], ""));
        // 1.00 + 2.00 + 3.00: those of the later folder alone.
        assert_eq!((told(&found).len(), paid(&found)), (1, "6.00".to_owned()));
        let warning = &told(&found)[0];
        assert!(
            warning.starts_with(&format!("orders: 4 rows are taken for older versions of rows in other folders `{name}=…`")),
            "{warning}"
        );
        let advice = warning.split('`').find(|quoted| quoted.starts_with("order_id: ")).unwrap().replace("order_id: ", "order_id: \"");
        let kept = snapshot(&regions([&format!("{name}=north"), &format!("{name}=south")], &format!(", columns: {{ {advice}\" }}")));
        // 100.00 + 50.00 + 75.00 and 6.00.
        assert_eq!((told(&kept), paid(&kept)), (Vec::new(), "231.00".to_owned()));
    }
    for folders in [["dt=20260330", "dt=20260331"], ["status=a", "status=b"]] {
        let more = if folders[0].starts_with("status") { ", status: { a: paid, b: completed }" } else { "" };
        let found = snapshot(&regions(folders, more));
        assert_eq!((told(&found), paid(&found)), (Vec::new(), "6.00".to_owned()), "{folders:?}");
    }
}
