//! Exports whose rows are not what they seem: several rows for a day or an order, orders without buyers, tables without a header.

use super::import::{cells, files, import, plain};
use super::result::run;
use super::scene::Scene;

/// An import that is refused with exit code 3 and writes nothing.
#[track_caller]
fn refused(scene: &Scene, arguments: &[&str]) -> String {
    let ran = scene.run(&[&["import"], arguments, &["--to", "shop"]].concat());
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(!scene.path("shop").exists(), "something was written");
    ran.stderr
}

fn orders(scene: &Scene) {
    scene.write("orders.csv", plain(&[["1", "甲", "20", "20", "交易成功", "2026-01-05 08:00:00", "2026-01-05 08:01:00", ""]]));
    import(scene, &["tmall-orders", "orders.csv", "--shop", "小店"]);
}

/// UV and conversion of 5 January.
fn fifth(scene: &Scene) -> (Option<i64>, String) {
    let snapshot = run(&scene.path("shop/job.yaml"), &[], None).unwrap_or_else(|error| panic!("{error}"));
    let daily = snapshot.table("shop_daily");
    let day = daily.row(&[("date", "2026-01-05")]);
    (day.count("uv"), day.text("conversion"))
}

#[test]
fn traffic_by_terminal_gives_the_row_of_all_terminals() {
    for whole in ["所有终端", "全部", "汇总", "ALL"] {
        let scene = Scene::new();
        orders(&scene);
        // The whole stands first, in the middle or last.
        let rows = [format!("2026-01-05,PC端,40,90\n2026-01-05,{whole},600,1800\n2026-01-05,无线端,570,1700\n"), String::new()].concat();
        scene.write("sycm.csv", format!("统计日期,终端,访客数,浏览量\n{rows}"));
        let ran = import(&scene, &["sycm-traffic", "sycm.csv"]);
        assert!(ran.stderr.contains("终端: 2 rows are of a part of the shop"), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("those of rows of the whole, `{whole}`")), "{}", ran.stderr);
        assert_eq!(fifth(&scene), (Some(600), format!("{}", 1.0 / 600.0)));
    }
}

#[test]
fn parts_do_not_make_the_whole() {
    let scene = Scene::new();
    orders(&scene);
    scene.write("sycm.csv", "统计日期,终端,访客数,浏览量\n2026-01-05,PC端,40,90\n2026-01-05,无线端,570,1700\n");
    let ran = import(&scene, &["sycm-traffic", "sycm.csv"]);
    assert!(ran.stderr.contains("1 days have rows of parts of the shop only (终端: PC端, 无线端)"), "{}", ran.stderr);
    assert_eq!(fifth(&scene).0, None);
    // An export of the whole shop for the same day, later or earlier, is what counts.
    scene.write("whole.csv", "统计日期,访客数,浏览量\n2026-01-05,600,1800\n");
    import(&scene, &["sycm-traffic", "whole.csv"]);
    assert_eq!(fifth(&scene).0, Some(600));
}

#[test]
fn traffic_by_source_and_by_item() {
    let scene = Scene::new();
    orders(&scene);
    let sources = "统计日期,一级来源,二级来源,三级来源,访客数,浏览量\n2026-01-05,汇总,汇总,汇总,600,1800\n\
                   2026-01-05,平台流量,汇总,汇总,400,900\n2026-01-05,平台流量,手淘搜索,汇总,300,700\n2026-01-05,广告流量,直通车,关键词,100,200\n";
    scene.write("sources.csv", sources);
    let ran = import(&scene, &["sycm-traffic", "sources.csv"]);
    assert!(
        ran.stderr.contains("平台流量, 平台流量/手淘搜索, 广告流量/直通车/关键词") || ran.stderr.contains("广告流量/直通车/关键词"),
        "{}",
        ran.stderr
    );
    assert_eq!(fifth(&scene).0, Some(600));
    scene.write("items.csv", "统计日期,商品ID,商品名称,商品访客数,商品浏览量\n2026-01-05,7,鞋,50,60\n2026-01-05,8,帽,20,30\n");
    let ran = import(&scene, &["sycm-traffic", "items.csv"]);
    assert!(ran.stderr.contains("days have rows of parts of the shop only (商品ID: 7, 8)"), "{}", ran.stderr);
    assert_eq!(fifth(&scene).0, Some(600));
}

#[test]
fn rows_of_a_day_that_no_known_column_tells_apart_are_refused() {
    let scene = Scene::new();
    scene.write(
        "sycm.csv",
        "统计日期,人群,访客数,浏览量\n2026-01-05,新客,40,90\n2026-01-05,老客,570,1700\n2026-01-06,新客,1,1\n2026-01-06,老客,2,2\n",
    );
    let found = refused(&scene, &["sycm-traffic", "sycm.csv"]);
    assert!(found.contains("2 keys have several rows that differ"), "{found}");
    assert!(found.contains("the column `人群` distinguishes them: 新客, 老客"), "{found}");
    assert!(found.contains("--map channel=人群"), "{found}");
    // What it advises.
    let map = ["--map", "date=统计日期", "--map", "uv=访客数", "--map", "pv=浏览量", "--map", "channel=人群"];
    orders(&scene);
    import(&scene, &[&["generic", "sycm.csv", "--input", "traffic"][..], &map].concat());
    assert_eq!(fifth(&scene).0, None);
    // Equal figures are of two groups all the same.
    let equal = Scene::new();
    equal.write("equal.csv", "统计日期,人群,访客数,浏览量\n2026-01-05,新客,40,90\n2026-01-05,老客,40,90\n");
    assert!(refused(&equal, &["sycm-traffic", "equal.csv"]).contains("the column `人群` distinguishes them: 新客, 老客"));
    // The same row again is no second figure, and another shop no second row.
    let other = Scene::new();
    other.write("sycm.csv", "统计日期,店铺名称,访客数,浏览量\n2026-01-05,一店,40,90\n2026-01-05,一店,40,90\n2026-01-05,二店,1,1\n");
    let ran = other.run(&["import", "sycm-traffic", "sycm.csv", "--to", "shop"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn every_small_input_tells_repeated_rows_at_the_import() {
    let inputs = [
        ("complaints", "date,count,type\n2026-01-05,2,a\n2026-01-05,3,b\n"),
        ("plans", "month,new_items,type\n2026-01-05,2,a\n2026-01-20,3,b\n"),
        ("shops", "shop_id,annual_target,type\nx,2,a\nx,3,b\n"),
        ("benchmarks", "category,period_start,metric,mean,type\nc,2026-01-01,m,2,a\nc,2026-01-01,m,3,b\n"),
        (
            "refunds",
            "refund_id,order_id,created_at,completed_at,amount,status,type\n1,1,2026-01-05,2026-01-06,2,success,a\n1,1,2026-01-05,2026-01-06,3,success,b\n",
        ),
    ];
    for (input, text) in inputs {
        let scene = Scene::new();
        scene.write("table.csv", text);
        let found = refused(&scene, &["generic", "table.csv", "--input", input]);
        assert!(
            found.contains("rows 2, 3 are of one key") && found.contains("the column `type` distinguishes them: a, b"),
            "{input}: {found}"
        );
    }
}

const NO_BUYERS: &str = "订单编号,总金额,买家实际支付金额,订单创建时间,订单付款时间\n1,20,20,2026-01-05 08:00:00,2026-01-05 08:01:00\n";

#[test]
fn orders_without_buyers_stop_with_the_column_to_tick() {
    let scene = Scene::new();
    scene.write("orders.csv", NO_BUYERS);
    let found = refused(&scene, &["tmall-orders", "orders.csv"]);
    for part in ["tick 买家会员名", "请勾选“买家会员名”", "--without-customers"] {
        assert!(found.contains(part), "{found}");
    }
    import(&scene, &["tmall-orders", "orders.csv", "--without-customers"]);
    let snapshot = run(&scene.path("shop/job.yaml"), &[], None).unwrap();
    assert_eq!(snapshot.table("shop_daily").money("paid_amount"), "20.00");
    assert!(!snapshot.reason("customers").is_empty());
}

#[test]
fn an_empty_column_of_buyers_is_none() {
    let scene = Scene::new();
    scene.write("orders.csv", plain(&[["1", "", "20", "20", "交易成功", "2026-01-05 08:00:00", "2026-01-05 08:01:00", ""]]));
    let found = refused(&scene, &["tmall-orders", "orders.csv"]);
    assert!(found.contains("`买家会员名` is empty in every row") && found.contains("--without-customers"), "{found}");
    import(&scene, &["tmall-orders", "orders.csv", "--without-customers"]);
    let generic = Scene::new();
    generic.write("orders.csv", "order_id,created_at,paid_amount\n1,2026-01-05,20\n");
    let found = refused(&generic, &["generic", "orders.csv"]);
    assert!(found.contains("--map customer_id=") && found.contains("请用 --map customer_id="), "{found}");
    import(&generic, &["generic", "orders.csv", "--without-customers"]);
}

#[test]
fn masked_buyers_stop_unless_they_are_accepted() {
    for (name, other) in [("买**2", "买家"), ("t***1", "t***2"), ("张＊＊", "李")] {
        let order = |id, buyer| [id, buyer, "20", "20", "交易成功", "2026-01-05 08:00:00", "2026-01-05 08:01:00", ""];
        let scene = Scene::new();
        scene.write("orders.csv", plain(&[order("1", name), order("2", other)]));
        let found = refused(&scene, &["tmall-orders", "orders.csv"]);
        for part in ["买家昵称已脱敏", "`买家会员名`", "--accept-masked", "--without-customers"] {
            assert!(found.contains(part), "{found}");
        }
        assert!(!found.contains(name) || name == "买**2", "names of buyers are nobody's business: {found}");
        let ran = import(&scene, &["tmall-orders", "orders.csv", "--accept-masked"]);
        assert!(ran.stderr.contains("written with asterisks"), "{}", ran.stderr);
    }
}

#[test]
fn lines_without_ids_are_told_and_numbered() {
    let scene = Scene::new();
    let map =
        ["--map", "order_id=InvoiceNo", "--map", "customer_id=Customer", "--map", "created_at=Date", "--map", "paid_amount=Price*Quantity"];
    let map: Vec<&str> = map.into_iter().chain(["--map", "quantity=Quantity"]).collect();
    scene.write(
        "shop.csv",
        "InvoiceNo,Item,Customer,Date,Price,Quantity\n1,a,13085.0,2026-01-05,2.55,6\n1,b,13085.0,2026-01-05,3.39,2\n2,a,13085,2026-01-06,0.125,1\n",
    );
    let generic: Vec<&str> = ["generic", "shop.csv"].into_iter().chain(map).collect();
    let found = refused(&scene, &generic);
    assert!(found.contains("one key has several rows") && found.contains("the column `Item` distinguishes them: a, b"), "{found}");
    assert!(found.contains("--map line_id=Item, or --map line_id='$row'"), "{found}");
    let ran = import(&scene, &[&generic[..], &["--map", "line_id=$row"]].concat());
    assert!(ran.stderr.contains("line_id: the number of the row"), "{}", ran.stderr);
    let snapshot = run(&scene.path("shop/job.yaml"), &[], None).unwrap();
    let customers = snapshot.table("customers");
    // 2.55 * 6 + 3.39 * 2 = 22.08, and half a fen to the even 0.12. One customer: 13085.0 is the integer 13085.
    assert_eq!((customers.batch.num_rows(), customers.money("net_revenue"), customers.sum("orders")), (1, "22.20".into(), 2));
    assert_eq!(customers.row(&[("customer_id", "13085")]).count("quantity"), Some(9));
}

#[test]
fn what_is_no_product_or_no_number_of_a_row_is_refused() {
    let scene = Scene::new();
    scene.write("shop.csv", "a\n1\n");
    let ran = scene.run(&["import", "generic", "shop.csv", "--to", "shop", "--map", "quantity=a*b", "--map", "customer_id=$row"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("only an amount can be a product") && ran.stderr.contains("`$row`, the number of the row"),
        "{}",
        ran.stderr
    );
    scene.write("shop.csv", "order_id,customer_id,created_at,Price,Quantity\n1,a,2026-01-05,2,x\n2,a,2026-01-05,2,1\n3,b,2026-01-05,2,3\n");
    let ran = import(&scene, &["generic", "shop.csv", "--map", "paid_amount=Price × Quantity"]);
    assert!(ran.stderr.contains("row 2: Quantity a text of 1 characters: a number is expected"), "{}", ran.stderr);
    let found = scene.run(&["import", "generic", "shop.csv", "--to", "other", "--map", "paid_amount=Price*Pieces"]);
    assert!(found.stderr.contains("no column `Pieces`"), "{}", found.stderr);
}

#[test]
fn tables_without_a_header_and_divided_by_blanks() {
    let scene = Scene::new();
    scene.write("log.txt", " 00004 0001 19970101  1   29.33\n 00004 0001 19970118  2   29.73\n 00018 0002  19970104 1 14.96\n\n");
    let names = "customer_id,new,created_at,quantity,paid_amount";
    let ran = import(&scene, &["generic", "log.txt", "--columns", names, "--map", "order_id=$row"]);
    assert!(ran.stderr.contains("blanks, no header: 3 rows = 3 written + 0 rejected"), "{}", ran.stderr);
    assert_eq!(
        cells(&files(&scene, "shop/orders")[0], &["customer_id", "paid_amount", "quantity"]),
        ["00004|29.33|1", "00004|29.73|2", "00018|14.96|1"]
    );
    for (text, name) in [("7;2026-01-05;3.00\n", "semicolon"), ("7\t2026-01-05\t3.00\n", "tab"), ("7|2026-01-05|3.00\n", "vertical bar")] {
        let scene = Scene::new();
        scene.write("log.txt", text);
        let ran = import(&scene, &["generic", "log.txt", "--columns", "customer_id,created_at,paid_amount", "--map", "order_id=$row"]);
        assert!(ran.stderr.contains(&format!("{name}, no header: 1 rows = 1 written")), "{}", ran.stderr);
    }
    // A header that is there is no row.
    scene.write("named.csv", "customer_id,created_at,paid_amount\n7,2026-01-05,3.00\n");
    let ran = import(&scene, &["generic", "named.csv", "--columns", "customer_id,created_at,paid_amount", "--map", "order_id=$row"]);
    assert!(ran.stderr.contains("header in line 1: 1 rows = 1 written"), "{}", ran.stderr);
    let other = Scene::new();
    other.write("log.txt", "1 2 3\n");
    let found = refused(&other, &["generic", "log.txt", "--columns", "customer_id,created_at"]);
    assert!(found.contains("its first row has 3 cells, and --columns names 2"), "{found}");
}
