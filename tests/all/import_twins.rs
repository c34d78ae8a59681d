//! Imports of the public exports: they give the same tables as their Parquet twins, and the published figures.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use arrow::util::display::array_value_to_string;

use super::public_data;
use super::result::{Snapshot, reference, run};
use super::scene::Scene;

/// A file of the public data, unpacked into the scene if it is packed; `None` where there are no such data.
fn export(scene: &Scene, name: &str) -> Option<PathBuf> {
    let data = public_data::folder()?;
    if data.join(name).is_file() {
        return Some(fs::canonicalize(data.join(name)).unwrap());
    }
    let unpacked = Command::new("gzip").args(["--decompress", "--stdout"]).arg(data.join(format!("{name}.gz"))).output().unwrap();
    assert!(unpacked.status.success());
    scene.write(name, unpacked.stdout);
    Some(scene.path(name))
}

/// Imports a public export and runs the job that is written for it.
fn imported(name: &str, shop: &str, sets: &[&str]) -> Option<(Snapshot, String)> {
    let scene = Scene::new();
    let file = export(&scene, name)?;
    // The report of Tmall names no buyers.
    let more: &[&str] = if shop == "tmall_report" { &["--without-customers"] } else { &[] };
    let ran = scene.run(&[&["import", "tmall-orders", file.to_str().unwrap(), "--to", "shop", "--shop", shop], more].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    // An import names strategies, and the twin's job does not.
    let snapshot = run(&scene.path("shop/job.yaml"), &[&["strategies=[]"], sets].concat(), None).unwrap_or_else(|error| panic!("{error}"));
    Some((snapshot, ran.stderr))
}

/// Every table but those about input files, every cell as text; and but `payment_funnel`: an import writes a time of payment, which is the
/// only time of an export that has one, and the twin's job has none.
fn figures(snapshot: &Snapshot) -> Vec<(String, Vec<String>)> {
    let left_out = ["inputs", "rejects", "payment_funnel"];
    let tables = snapshot.manifest.tables.iter().map(|table| table.name.as_str()).filter(|name| !left_out.contains(name));
    tables
        .map(|name| {
            let batch = snapshot.table(name).batch;
            let row = |row: usize| {
                let cells = batch.columns().iter().map(|column| array_value_to_string(column, row).unwrap());
                cells.collect::<Vec<_>>().join("|")
            };
            (name.to_owned(), (0..batch.num_rows()).map(row).collect())
        })
        .collect()
}

#[track_caller]
fn assert_same(imported: &Snapshot, twin: &Snapshot) {
    let (ours, theirs) = (figures(imported), figures(twin));
    let names = |tables: &[(String, Vec<String>)]| tables.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&ours), names(&theirs));
    for ((name, ours), (_, theirs)) in ours.iter().zip(&theirs) {
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert_eq!(ours, theirs, "{name}");
        }
    }
}

#[test]
fn the_tmall_report_in_two_encodings_is_its_parquet_twin() {
    let Some(twin) = reference("tmall_report", &[], None) else { return };
    for (name, encoding) in [("tmall_order_report.csv", "UTF-8"), ("tmall_order_report.gbk.csv", "GB18030 (GBK)")] {
        let Some((snapshot, shown)) = imported(name, "tmall_report", &[]) else { return };
        assert_same(&snapshot, &twin);
        assert!(shown.contains(&format!("{encoding}, comma, header in line 1: 28010 rows = 28010 written + 0 rejected")), "{shown}");
        // net + refund = total on every paid order.
        assert!(
            shown.contains(
                "买家实际支付金额 is what is left after refunds: with the refund it is the total on 5646 of 5646 refunded orders"
            ),
            "{shown}"
        );
    }
}

/// 总订单数, 已完成, GMV, 总付款 of the tutorials, by way of the export file.
#[test]
fn the_tmall_report_has_its_published_totals() {
    let Some((snapshot, _)) = imported("tmall_order_report.gbk.csv", "tmall_report", &[]) else { return };
    let daily = snapshot.table("shop_daily");
    assert_eq!((daily.sum("placed_orders"), daily.sum("paid_orders"), daily.sum("purchases")), (28_010, 24_087, 18_955));
    assert_eq!((daily.money("placed_amount"), daily.money("paid_amount")), ("2995760.61".into(), "2474823.07".into()));
    let quarters = snapshot.table("assessment_quarterly");
    assert_eq!(quarters.row(&[("quarter", "2020-01-01")]).text("net_by_payment"), "1902487.15");
}

/// The score limits of the author's notebook. Without the forecast, which takes long and is tested elsewhere.
const BRAND: [&str; 2] = [
    "params.rfm={method: fixed, recency_days: [30, 60, 90, 120], frequency: [2, 3, 4, 5], monetary: [50, 100, 150, 200], \
     monetary_value: per_purchase_day}",
    "params.forecast.model=none",
];

#[test]
fn the_brand_shop_as_csv_and_xlsx_is_its_parquet_twin() {
    let Some(twin) = reference("cn_brand", &[BRAND[1]], None) else { return };
    for (name, read_as) in
        [("cn_brand_orders_2019h1.gbk.csv", "GB18030 (GBK), comma"), ("cn_brand_orders_2019h1.xlsx", "XLSX, sheet `Sheet1`")]
    {
        let Some((snapshot, shown)) = imported(name, "cn_brand", &BRAND) else { return };
        assert_same(&snapshot, &twin);
        assert!(shown.contains(read_as) && shown.contains("28833 rows = 28833 written + 0 rejected"), "{shown}");
        assert!(shown.contains("has no order numbers, so its rows are numbered"), "{shown}");
    }
}

#[test]
fn the_brand_shop_has_its_published_counts() {
    let Some((snapshot, _)) = imported("cn_brand_orders_2019h1.xlsx", "cn_brand", &BRAND) else { return };
    let year = snapshot.table("shop_periods");
    let year = year.row(&[("grain", "year")]);
    assert_eq!(
        (year.count("paid_orders"), year.count("purchases"), year.count("paying_customers")),
        (Some(28_833), Some(27_793), Some(25_949))
    );
    assert_eq!(year.text("paid_amount"), "3640644.00");
    let customers = snapshot.table("customers");
    assert_eq!((customers.batch.num_rows(), customers.money("net_revenue")), (25_420, "3511305.00".into()));
}

/// One shop of the sample data, once as in a warehouse and once as the seller centre would export it: two order reports with amounts
/// after and before refunds, an item report, daily figures. The exports have the amount due for an order, not the amounts of its lines
/// before discounts.
#[test]
fn exports_of_a_shop_of_the_sample_give_the_figures_of_the_sample() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scene = Scene::new();
    let reports: [(&str, &[&str]); 3] = [
        ("tmall-items", &["ExportOrderDetailList202412-202611.csv"]),
        ("sycm-traffic", &["sycm-202412-202611.csv"]),
        ("tmall-orders", &["ExportOrderList202412-202512.csv", "ExportOrderList202601-202611.csv"]),
    ];
    for (preset, files) in reports {
        let files: Vec<PathBuf> = files.iter().map(|file| root.join("tests/exports").join(file)).collect();
        let mut arguments = vec!["import", preset, "--to", "shop", "--shop", "58501149"];
        arguments.extend(files.iter().map(|file| file.to_str().unwrap()));
        let ran = scene.run(&arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(ran.stderr.matches(" + 0 rejected").count(), files.len(), "{}", ran.stderr);
    }
    let tables = ["tables=[shop_periods, customers]"];
    let imported = run(&scene.path("shop/job.yaml"), &tables, None).unwrap();
    // The seller centre knows the buyer of every order.
    let sample = run(&root.join("jobs/nightly.yaml"), &[tables[0], "inputs.orders.customers=required"], None).unwrap();
    let months = |snapshot: &Snapshot| -> Vec<Vec<String>> {
        const COLUMNS: [&str; 12] = [
            "period_start",
            "placed_orders",
            "paid_orders",
            "paid_amount",
            "purchases",
            "paying_customers",
            "new_customers",
            "paid_quantity",
            "uv_sum",
            "pv",
            "favorites",
            "cart_adds",
        ];
        let periods = snapshot.table("shop_periods");
        let months = periods.with(&[("shop_id", "58501149"), ("grain", "month")]);
        months.iter().map(|month| COLUMNS.iter().map(|column| month.text(column)).collect()).collect()
    };
    assert_eq!(months(&imported).len(), 24);
    assert_eq!(months(&imported), months(&sample));
    let customers = |snapshot: &Snapshot| {
        let table = snapshot.table("customers");
        let mut customers: Vec<[String; 3]> = table
            .with(&[("shop_id", "58501149")])
            .iter()
            .map(|row| ["net_revenue", "orders", "purchase_days"].map(|column| row.text(column)))
            .collect();
        customers.sort();
        customers
    };
    assert_eq!(customers(&imported), customers(&sample));
}
