//! Imports as users run them: an export in, Parquet files, a job file and a report out.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::util::display::array_value_to_string;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::result::run;
use super::scene::{Columns, Ran, Scene, dates, money, texts};

/// The header of an order report; two names end in a blank.
const ORDERS: &str = "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,总金额,买家实际支付金额,订单状态,买家留言,收货人姓名,收货地址 ,\
                      联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝总数量,店铺名称,退款金额";

/// 甲 and 乙 under the salt of the tests, by Python: hmac.new(b"0123456789abcdef", name.encode(), "sha256").hexdigest()[:32].
const SEALED: [&str; 2] = ["cbd55f4bb320d237752fbd3b8e80b36d", "67baeac8a34ec04d827ad052f1e92d07"];

/// The files in a folder of the scene, in the order of their names.
pub fn files(scene: &Scene, folder: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(scene.path(folder)) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Cells of a Parquet file as text, joined by `|`.
pub fn cells(path: &Path, columns: &[&str]) -> Vec<String> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.unwrap();
        let cell = |column: &&str, row: usize| array_value_to_string(batch.column_by_name(column).unwrap(), row).unwrap();
        rows.extend((0..batch.num_rows()).map(|row| columns.iter().map(|column| cell(column, row)).collect::<Vec<_>>().join("|")));
    }
    rows
}

/// Imports into the folder `shop` and asserts success.
#[track_caller]
pub fn import(scene: &Scene, arguments: &[&str]) -> Ran {
    let ran = scene.run(&[&["import"], arguments, &["--to", "shop"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran
}

/// An order of a plain report: number, buyer, total, paid, status, created, paid at, refund.
pub fn plain(orders: &[[&str; 8]]) -> String {
    let rows: String = orders.iter().map(|order| order.join(",") + "\n").collect();
    format!("订单编号,买家会员名,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间,退款金额\n{rows}")
}

#[test]
fn a_job_is_named_by_its_folder_or_by_the_option_and_keeps_its_name() {
    let scene = Scene::new();
    scene.write("a.csv", plain(&[["1", "甲", "5", "5", "交易成功", "2026-01-05 09:05:00", "2026-01-05 09:06:00", ""]]));
    let named = |folder: &str, arguments: &[&str]| {
        let ran = scene.run(&[&["import", "tmall-orders", "a.csv", "--to", folder, "--shop", "1"], arguments].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let job = fs::read_to_string(scene.path(folder).join("job.yaml")).unwrap();
        job.lines().find_map(|line| line.strip_prefix("job: ")).unwrap().to_owned()
    };
    assert_eq!(named("my shops/小店", &[]), "\"小店\"");
    assert_eq!(named("one", &[]), "\"one\"");
    // The next import keeps the name that was given, until another one is.
    assert_eq!(named("one", &["--name", "night: 1"]), "\"night: 1\"");
    assert_eq!(named("one", &[]), "\"night: 1\"");
    assert_eq!(named("one", &["--name", "two"]), "\"two\"");
    // The name is that of the manifest.
    let ran = scene.run(&["check", "one/job.yaml", "--format", "json"]);
    assert!(ran.stdout.contains("\"two\""), "{}", ran.stdout);
    let ran = scene.run(&["import", "tmall-orders", "a.csv", "--to", "one", "--name", " "]);
    assert_eq!((ran.code, ran.stderr.contains("--name: the name of the job is expected")), (Some(2), true), "{}", ran.stderr);
}

#[test]
fn a_file_that_has_not_changed_is_left_alone() {
    let scene = Scene::new();
    let order =
        |number: &'static str, status: &'static str| [number, "甲", "5", "5", status, "2026-01-05 09:05:00", "2026-01-05 09:06:00", ""];
    scene.write("a.csv", plain(&[order("1", "交易成功")]));
    scene.write("b.csv", plain(&[order("2", "交易成功")]));
    let arguments = ["tmall-orders", "a.csv", "b.csv", "--shop", "1"];
    // By name: the time of its change.
    let files = || -> std::collections::BTreeMap<_, _> {
        let entries = fs::read_dir(scene.path("shop/orders")).unwrap().map(Result::unwrap);
        entries.map(|entry| (entry.file_name(), entry.metadata().unwrap().modified().unwrap())).collect()
    };
    import(&scene, &arguments);
    let before = files();
    std::thread::sleep(std::time::Duration::from_millis(20));
    import(&scene, &arguments);
    assert_eq!(files(), before);
    // A file with other rows has another name.
    scene.write("b.csv", plain(&[order("2", "交易关闭")]));
    import(&scene, &arguments);
    let after = files();
    assert_eq!(after.len(), 3);
    assert!(before.iter().all(|(name, time)| after[name] == *time));
}

#[test]
fn an_order_report_with_everything_that_exports_do_to_values() {
    let scene = Scene::new();
    let rows = "=\"1001\",甲,a@b.c,\"1,000.00\",5.00,\"1,005.00元\",￥1005.00,交易成功,hi,张三,广东省 深圳市 1 号,'13800000000,2026/1/5 9:05,\
                2026-01-05 09:06:00,\"鞋, \"\"红\"\"\r\n两行\",2,小店,无退款申请\r\n\
                '1002 ,乙,a@b.c,100,0,100,100,交易关闭,,李四,上海 上海市,'138,2026年1月6日 10:00:00,2026-01-06 10:00:05,鞋,1,小店,100.00\r\n\
                =1003,丙,a@b.c,100,0,,0,交易关闭,,李四,北京市,'138,2026-01-07 10:00:00,,鞋,1,小店,--\r\n\
                \t1004,丁,a@b.c,30,0,30,0,交易关闭,,张三,火星,'138,2026-02-07 10:00:00,2026-02-07 10:01:00,鞋,1,小店,无退款申请\r\n";
    scene.write("list.csv", format!("\u{feff}{ORDERS}\r\n{rows}"));
    let ran = import(&scene, &["tmall-orders", "list.csv"]);
    let shown = [
        "list.csv: UTF-8 with BOM, comma, header in line 1: 4 rows = 4 written + 0 rejected",
        "买家实际支付金额 is what was paid before refunds: it is the total on 1 of 1 refunded orders",
        "closed after payment and without 买家实际支付金额: 1; 总金额 is taken as the amount paid and refunded",
        "left out, since they are about people: 买家支付宝账号, 买家留言, 收货人姓名, 联系手机",
        "only the province of 收货地址 is kept",
        "left out, since no table needs them: 宝贝标题\n",
    ];
    for line in shown {
        assert!(ran.stderr.contains(line), "{line}\nin\n{}", ran.stderr);
    }
    let orders = files(&scene, "shop/orders");
    let columns = [
        "shop_id",
        "order_id",
        "customer_id",
        "created_at",
        "paid_at",
        "status",
        "order_amount",
        "paid_amount",
        "refund_amount",
        "quantity",
        "province",
    ];
    // 100 + 0 of goods and postage where the total is missing; the paid and closed order shows no amount, so its total went back.
    let expected = [
        "小店|1001|甲|2026-01-05T09:05:00|2026-01-05T09:06:00|交易成功|1005.00|1005.00||2|广东省",
        "小店|1002|乙|2026-01-06T10:00:00|2026-01-06T10:00:05|交易关闭|100.00|100.00|100.00|1|上海",
        "小店|1003|丙|2026-01-07T10:00:00||交易关闭|100.00|0.00||1|北京市",
        "小店|1004|丁|2026-02-07T10:00:00|2026-02-07T10:01:00|交易关闭|30.00|30.00||1|",
    ];
    assert_eq!(cells(&orders[0], &columns), expected);
    // 交易关闭 is refunded where it was paid, and never paid where it was not.
    let snapshot = run(&scene.path("shop/job.yaml"), &[], None).unwrap();
    let daily = snapshot.table("shop_daily");
    assert_eq!((daily.sum("placed_orders"), daily.sum("paid_orders"), daily.sum("purchases")), (4, 3, 1));
    assert_eq!((daily.money("paid_amount"), daily.money("placed_amount")), ("1135.00".into(), "1235.00".into()));
    // No file keeps the columns that were left out.
    assert_eq!(files(&scene, "shop").len(), 3, "job.yaml, orders and strategies");
}

#[test]
fn files_of_several_months_with_headers_that_drift_go_into_one_folder() {
    let scene = Scene::new();
    scene.write("2025-12.csv", "订单号;买家昵称;下单时间;付款时间;支付金额\n7;甲;2025-12-31 8:00;2025-12-31 8:01;12.5\n");
    scene.write("2026-01.csv", plain(&[["8", "甲", "20", "20", "交易成功", "2026-01-02 08:00:00", "2026-01-02 08:01:00", "无退款申请"]]));
    let ran = import(&scene, &["tmall-orders", "2025-12.csv", "2026-01.csv"]);
    assert!(ran.stderr.contains("UTF-8, semicolon"), "{}", ran.stderr);
    let snapshot = run(&scene.path("shop/job.yaml"), &[], None).unwrap();
    let customers = snapshot.table("customers");
    let customer = customers.row(&[("customer_id", "甲")]);
    assert_eq!((customer.count("orders"), customer.text("net_revenue")), (Some(2), "32.50".into()));
}

#[test]
fn of_two_versions_of_an_order_the_one_imported_later_counts() {
    let scene = Scene::new();
    let paid = ["1", "甲", "20", "20", "交易成功", "2026-01-02 08:00:00", "2026-01-02 08:01:00", "无退款申请"];
    let refunded = ["1", "甲", "20", "20", "交易关闭", "2026-01-02 08:00:00", "2026-01-02 08:01:00", "20"];
    let later = ["2", "乙", "30", "30", "交易成功", "2026-02-02 08:00:00", "2026-02-02 08:01:00", "无退款申请"];
    scene.write("z-january.csv", plain(&[paid]));
    scene.write("a-february.csv", plain(&[refunded, later]));
    let figures = |scene: &Scene| {
        let snapshot = run(&scene.path("shop/job.yaml"), &[], None).unwrap();
        let (daily, inputs) = (snapshot.table("shop_daily"), snapshot.table("inputs"));
        (daily.sum("paid_orders"), daily.sum("purchases"), inputs.sum("superseded"))
    };
    // In one call the file with the later times counts, whatever the names are.
    import(&scene, &["tmall-orders", "z-january.csv", "a-february.csv"]);
    assert_eq!(figures(&scene), (2, 1, 1));
    // A file imported again keeps its position: no row is counted twice, and no older version wins.
    let before = files(&scene, "shop/orders");
    let bytes = |files: &[PathBuf]| files.iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>();
    let old = bytes(&before);
    import(&scene, &["tmall-orders", "z-january.csv"]);
    assert_eq!(files(&scene, "shop/orders"), before);
    assert_eq!(bytes(&before), old, "the same input gives the same bytes");
    assert_eq!(figures(&scene), (2, 1, 1));
    // A copy under another name is the same export.
    scene.write("copy.csv", plain(&[paid]));
    import(&scene, &["tmall-orders", "copy.csv"]);
    assert_eq!(files(&scene, "shop/orders").len(), 2);
    // January exported again, with nothing newer in it than in the folder: it counts because it was imported later.
    let half = ["1", "甲", "20", "20", "交易成功", "2026-01-02 08:00:00", "2026-01-02 08:01:00", "5"];
    scene.write("january-again.csv", plain(&[half]));
    import(&scene, &["tmall-orders", "january-again.csv", "--paid", "gross"]);
    assert_eq!(figures(&scene), (2, 2, 2));
}

#[test]
fn rows_that_cannot_be_read_are_counted_and_reported_with_file_and_row() {
    let scene = Scene::new();
    let good = ["1", "甲", "20", "20", "交易成功", "2026-01-02 08:00:00", "2026-01-02 08:01:00", ""];
    let row = |column: usize, text: &'static str| {
        let mut row = good;
        row[column] = text;
        row
    };
    let rows = [good, good, good, good, good, row(3, "2x"), row(0, "1.23E+17"), row(0, ""), row(4, "奇怪"), row(5, "昨天")];
    scene.write("a.csv", plain(&rows));
    let ran = import(&scene, &["tmall-orders", "a.csv"]);
    assert!(ran.stderr.contains("10 rows = 5 written + 5 rejected"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("row 7: 买家实际支付金额 a text of 2 characters: an amount in units of the currency is expected"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("and 2 more rows, all in shop/rejects"), "{}", ran.stderr);
    let rejects = fs::read_to_string(&files(&scene, "shop/rejects")[0]).unwrap();
    let lines: Vec<&str> = rejects.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "file,row,column,reason");
    assert_eq!(lines[3], "a.csv,9,订单编号,is empty");
    assert!(lines[2].starts_with("a.csv,8,订单编号,") && lines[2].contains("rounded this number"), "{}", lines[2]);
    assert!(lines[5].starts_with("a.csv,11,订单创建时间,") && lines[5].contains("a text of 2 characters: a date"), "{}", lines[5]);
    // With the meaning of the status given, only four rows are rejected.
    let ran = import(&scene, &["tmall-orders", "a.csv", "--status", "奇怪=completed"]);
    assert!(ran.stderr.contains("10 rows = 6 written + 4 rejected"), "{}", ran.stderr);
    assert!(fs::read_to_string(scene.path("shop/job.yaml")).unwrap().contains("\"奇怪\": completed"));
    assert_eq!(scene.run(&["check", "shop/job.yaml"]).code, Some(0));
}

#[test]
fn an_order_without_a_buyer_counts_for_its_shop_by_both_ways_in() {
    let scene = Scene::new();
    let order = |id, buyer| [id, buyer, "20", "20", "交易成功", "2026-01-02 08:00:00", "2026-01-02 08:01:00", ""];
    scene.write("a.csv", plain(&[order("1", "甲"), order("2", ""), order("3", " "), order("4", "乙")]));
    let ran = import(&scene, &["tmall-orders", "a.csv"]);
    assert!(ran.stderr.contains("4 rows = 4 written + 0 rejected"), "{}", ran.stderr);
    assert!(ran.stderr.contains("a.csv: 2 of 4 rows name no buyer"), "{}", ran.stderr);
    let figures = |keys: &str| {
        let job = fs::read_to_string(scene.path("shop/job.yaml")).unwrap();
        let (path, more) = ("    path: orders\n", format!("    path: orders\n{keys}"));
        assert!(job.contains(path), "{job}");
        scene.write("shop/other.yaml", job.replacen(path, &more, 1));
        let snapshot = run(&scene.path("shop/other.yaml"), &["params.max_reject_share=1"], None).unwrap();
        let (daily, customers) = (snapshot.table("shop_daily"), snapshot.table("customers"));
        (daily.sum("paid_orders"), daily.money("paid_amount"), customers.batch.num_rows())
    };
    assert_eq!(figures(""), (4, "80.00".to_owned(), 2));
    // The same key for both.
    assert_eq!(figures("    customers: required\n"), (2, "40.00".to_owned(), 2));
    // The same rows as Parquet.
    let columns = Columns(Vec::new())
        .with("order_id", texts(&["1", "2", "3", "4"]))
        .with("customer_id", texts(&["甲", "", " ", "乙"]))
        .with("created_at", dates(&["2026-01-02"; 4]))
        .with("paid_amount", money(&[2_000; 4]));
    let parquet = Scene::with(&columns);
    let snapshot = run(&parquet.path("job.yaml"), &[], None).unwrap();
    assert_eq!((snapshot.table("shop_daily").sum("paid_orders"), snapshot.table("customers").batch.num_rows()), (4, 2));
    // A day of payment without its time is not before the order, by this way in too.
    let day = ["5", "丙", "20", "20", "交易成功", "2026-01-02 08:00:00", "2026-01-02", ""];
    scene.write("b.csv", plain(&[day]));
    assert!(import(&scene, &["tmall-orders", "b.csv"]).stderr.contains("1 rows = 1 written + 0 rejected"));
}

/// 1001 cost 1005 yuan, with 5 of postage; its lines 2 × 300 and 1 × 400: of 100 500 fen 60 300 and 40 200. 1002 has no items.
#[test]
fn an_item_report_gives_orders_their_lines_to_the_fen() {
    let scene = Scene::new();
    let orders = [
        ["1001", "甲", "1005", "1005", "交易成功", "2026-01-05 09:05:00", "2026-01-05 09:06:00", ""],
        ["1002", "乙", "10", "10", "交易成功", "2026-01-06 09:05:00", "2026-01-06 09:06:00", ""],
    ];
    scene.write("orders.csv", plain(&orders));
    let items = "\"订单编号\",\"标题\",\"价格\",\"购买数量\",\"外部系统编号\",\"商品属性\",\"订单状态\",\"商家编码\"\n\
                 \"1001\",\"鞋\",\"300.00\",\"2\",\"S1\",\"红\",\"交易成功\",\"S1\"\n\"1001\",\"袜\",\"400.00\",\"1\",\"S2\",\"白\",\"交易成功\",\"S2\"\n\
                 \"9999\",\"袜\",\"400.00\",\"1\",\"S2\",\"白\",\"交易成功\",\"S2\"\n";
    scene.write("items.csv", items);
    // The item report alone has neither buyers nor times.
    let ran = import(&scene, &["tmall-items", "items.csv"]);
    assert!(ran.stderr.contains("no orders in shop yet, so there is no job"), "{}", ran.stderr);
    let ran = import(&scene, &["tmall-orders", "orders.csv"]);
    assert!(ran.stderr.contains("3 order lines from both reports; 1 of 2 orders have no items there"), "{}", ran.stderr);
    assert!(ran.stderr.contains("row 4: order 9999 is in no order report here"), "{}", ran.stderr);
    let columns = ["order_id", "line_id", "customer_id", "paid_at", "order_amount", "paid_amount", "quantity", "item_id", "item_title"];
    let expected = [
        "1001|1001-1|甲|2026-01-05T09:06:00|603.00|603.00|2|S1|鞋",
        "1001|1001-2|甲|2026-01-05T09:06:00|402.00|402.00|1|S2|袜",
        "1002|1002|乙|2026-01-06T09:06:00|10.00|10.00|||",
    ];
    assert_eq!(cells(&scene.path("shop/order_lines/order_lines.parquet"), &columns), expected);
    let snapshot = run(&scene.path("shop/job.yaml"), &[], None).unwrap();
    let daily = snapshot.table("shop_daily");
    assert_eq!((daily.sum("paid_orders"), daily.money("paid_amount")), (2, "1015.00".into()));
    // An order report given to the wrong preset.
    let ran = scene.run(&["import", "tmall-orders", "items.csv", "--to", "other"]);
    assert_eq!(
        ran.exit_and_stderr(),
        "exit 3\nerror: items.csv: is not an export for `tmall-orders`: it has the columns of `tmall-items`\n  help: huitou import tmall-items items.csv"
    );
}

#[test]
fn daily_figures_of_the_shop_join_its_orders() {
    let scene = Scene::new();
    scene.write("orders.csv", plain(&[["1", "甲", "20", "20", "交易成功", "2026-01-05 08:00:00", "2026-01-05 08:01:00", ""]]));
    let sycm = "生意参谋\n统计周期：2026-01-05 ~ 2026-01-06\n\n统计日期,访客数,浏览量,商品访客数,商品浏览量,平均停留时长,跳失率,加购人数,加购件数,支付金额\n\
                2026-01-05,\"2,146\",\"5,000\",2000,4000,30.5,55.1%,20,25,20\n2026-01-06,-,10,1,1,1,1%,0,0,0\n";
    scene.write("sycm.csv", sycm);
    import(&scene, &["tmall-orders", "orders.csv", "--shop", "小店"]);
    let ran = import(&scene, &["sycm-traffic", "sycm.csv"]);
    assert!(ran.stderr.contains("header in line 4: 2 rows = 2 written + 0 rejected"), "{}", ran.stderr);
    assert!(ran.stderr.contains("left out: 平均停留时长 (a rounded mean"), "{}", ran.stderr);
    let snapshot = run(&scene.path("shop/job.yaml"), &[], None).unwrap();
    let daily = snapshot.table("shop_daily");
    let day = daily.row(&[("date", "2026-01-05"), ("shop_id", "小店")]);
    assert_eq!(
        (day.count("uv"), day.count("pv"), day.count("ipv_uv"), day.count("cart_adds")),
        (Some(2_146), Some(5_000), Some(2_000), Some(25))
    );
    assert_eq!(day.rounded("conversion", 6), format!("{:.6}", 1.0 / 2_146.0));
}

#[test]
fn any_table_comes_in_by_a_map_of_its_columns() {
    let scene = Scene::new();
    scene.write("shop.csv", "会员昵称\t时间\t实收\n甲\t2026-01-05\t12.50\n甲\t2026-01-06\t7\n");
    scene.write("map.yaml", "customer_id: 会员昵称\ncreated_at: 时间\npaid_amount: 实收\n");
    let ran = import(&scene, &["generic", "shop.csv", "--map", "map.yaml", "--map", "order_id=$row"]);
    assert!(ran.stderr.contains("every order counts as paid, at the time of the order"), "{}", ran.stderr);
    scene.write("plans.csv", "月份,目标\n2026-01-01,\"1,000\"\n");
    import(&scene, &["generic", "plans.csv", "--input", "plans", "--map", "month=月份", "--map", "sales_target=目标"]);
    let snapshot = run(&scene.path("shop/job.yaml"), &[], None).unwrap();
    let customers = snapshot.table("customers");
    assert_eq!((customers.batch.num_rows(), customers.money("net_revenue")), (1, "19.50".into()));
    assert_eq!(snapshot.table("forecast_months").row(&[("month", "2026-01-01")]).text("sales_target"), "1000.00");
}

#[test]
fn buyers_can_have_pseudonyms_of_one_salt_only() {
    let scene = Scene::new();
    let order = |id: &'static str, buyer| [id, buyer, "20", "20", "交易成功", "2026-01-02 08:00:00", "2026-01-02 08:01:00", ""];
    scene.write("one.csv", plain(&[order("1", "甲"), order("2", "乙")]));
    scene.write("two.csv", plain(&[order("3", "甲")]));
    scene.write("salt.txt", "0123456789abcdef\n");
    let hidden = ["--pseudonymise", "--salt-file", "salt.txt"];
    import(&scene, &[&["tmall-orders", "one.csv"], &hidden[..]].concat());
    // The same salt from the environment, a month later.
    let ran =
        scene.run_in(&["import", "tmall-orders", "two.csv", "--to", "shop", "--pseudonymise"], &[("HUITOU_SALT", "0123456789abcdef")]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let buyers: Vec<String> = files(&scene, "shop/orders").iter().flat_map(|file| cells(file, &["customer_id"])).collect();
    assert_eq!(buyers, [SEALED[0], SEALED[1], SEALED[0]]);
    scene.write("three.csv", plain(&[order("4", "丙")]));
    let ran = scene.run(&["import", "tmall-orders", "three.csv", "--to", "shop"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.stderr.contains("three.csv: names its buyers, while one.csv has pseudonyms for its buyers"), "{}", ran.stderr);
    let ran = scene
        .run_in(&["import", "tmall-orders", "three.csv", "--to", "shop", "--pseudonymise"], &[("HUITOU_SALT", "another salt of 24 bytes")]);
    assert!(ran.code == Some(3) && ran.stderr.contains("under another salt"), "{}", ran.stderr);
    let ran = scene.run_in(&["import", "tmall-orders", "three.csv", "--to", "shop", "--pseudonymise"], &[("HUITOU_SALT", "short")]);
    assert!(ran.code == Some(2) && ran.stderr.contains("the salt has 5 bytes, at least 16 are needed"), "{}", ran.stderr);
}

#[test]
fn a_job_file_that_somebody_edited_is_kept() {
    let scene = Scene::new();
    scene.write("a.csv", plain(&[["1", "甲", "20", "20", "交易成功", "2026-01-05 08:00:00", "2026-01-05 08:01:00", ""]]));
    import(&scene, &["tmall-orders", "a.csv", "--timezone", "Asia/Urumqi"]);
    import(&scene, &["tmall-orders", "a.csv"]);
    let job = fs::read_to_string(scene.path("shop/job.yaml")).unwrap();
    assert!(job.contains("timezone: Asia/Urumqi") && job.contains("as_of: 2026-01-05"), "{job}");
    let changed = format!("{job}tables: [shop_daily]\n");
    scene.write("shop/job.yaml", &changed);
    scene.write("sycm.csv", "统计日期,访客数\n2026-01-05,9\n");
    let ran = import(&scene, &["sycm-traffic", "sycm.csv"]);
    assert!(ran.stderr.contains("was edited and is kept; the import would have written:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("    traffic:\n      path: traffic"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(scene.path("shop/job.yaml")).unwrap(), changed);
}
