//! Imports of rows and files that look right and are not: cut off, in the future, with buyers named otherwise, or refused by a run.

use std::fs;

use super::import::{cells, files, import, plain};
use super::result::run;
use super::scene::{Ran, Scene};

/// A valid row.
const GOOD: [&str; 8] = ["1", "甲", "20", "20", "交易成功", "2026-01-02 08:00:00", "2026-01-02 08:01:00", ""];

/// That row with other cells.
fn row(changes: &[(usize, &'static str)]) -> [&'static str; 8] {
    let mut row = GOOD;
    for (column, text) in changes {
        row[*column] = text;
    }
    row
}

/// The rejected rows of the only export, without the header.
fn rejects(scene: &Scene) -> Vec<String> {
    let text = fs::read_to_string(&files(scene, "shop/rejects")[0]).unwrap();
    text.trim_start_matches('\u{feff}').lines().skip(1).map(str::to_owned).collect()
}

/// Imports into the folder `shop` under pseudonyms of that salt.
fn hidden(scene: &Scene, arguments: &[&str], salt: &str) -> Ran {
    scene.run_in(&[&["import"], arguments, &["--to", "shop", "--pseudonymise"]].concat(), &[("HUITOU_SALT", salt)])
}

#[test]
fn buyers_of_both_reports_have_one_kind_of_name() {
    const SALT: &str = "0123456789abcdef";
    let items = "订单编号,价格,购买数量,买家会员名\n1,20,1,甲\n";
    let scene = Scene::new();
    scene.write("orders.csv", plain(&[GOOD]));
    scene.write("items.csv", items);
    scene.write("nobody.csv", "订单编号,价格,购买数量\n1,20,1\n");
    assert_eq!(hidden(&scene, &["tmall-orders", "orders.csv"], SALT).code, Some(0));
    let ran = scene.run(&["import", "tmall-items", "items.csv", "--to", "shop"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.stderr.contains("items.csv: names its buyers, while orders.csv has pseudonyms"), "{}", ran.stderr);
    assert!(!scene.path("shop/items").exists());
    let ran = hidden(&scene, &["tmall-items", "items.csv"], "another salt of 24 bytes");
    assert!(ran.code == Some(3) && ran.stderr.contains("items.csv: has pseudonyms for its buyers, under another salt"), "{}", ran.stderr);
    // Without buyers, or with the same salt, they are accepted.
    import(&scene, &["tmall-items", "nobody.csv"]);
    assert_eq!(hidden(&scene, &["tmall-items", "items.csv"], SALT).code, Some(0));
    // The other way round.
    let scene = Scene::new();
    scene.write("orders.csv", plain(&[GOOD]));
    scene.write("items.csv", items);
    assert_eq!(hidden(&scene, &["tmall-items", "items.csv"], SALT).code, Some(0));
    let ran = scene.run(&["import", "tmall-orders", "orders.csv", "--to", "shop"]);
    assert!(ran.code == Some(3) && ran.stderr.contains("orders.csv: names its buyers, while items.csv has"), "{}", ran.stderr);
    // Ratings also name buyers.
    scene.write("ratings.csv", "customer_id,rated_at,description\n甲,2026-01-05,5\n");
    let ran = scene.run(&["import", "generic", "ratings.csv", "--input", "ratings", "--to", "shop"]);
    assert!(ran.code == Some(3) && ran.stderr.contains("ratings.csv: names its buyers"), "{}", ran.stderr);
}

#[test]
fn rows_that_are_cut_off_are_rejected() {
    let whole = plain(&[GOOD, row(&[(0, "2")]), row(&[(0, "3")])]);
    let shown = |cut: &str| {
        let scene = Scene::new();
        scene.write("a.csv", cut);
        let ran = import(&scene, &["tmall-orders", "a.csv"]);
        assert!(ran.stderr.contains("3 rows = 2 written + 1 rejected"), "{cut}\n{}", ran.stderr);
        rejects(&scene)[0].clone()
    };
    // At the border of a cell, and within one.
    let cut = &whole[..whole.rfind(",2026-01-02 08:01:00").unwrap()];
    for cut in [cut, &cut[..cut.len() - 9], &whole[..whole.len() - 2], &format!("{cut}\n")] {
        assert!(shown(cut).contains("cells, the header has 8: is it cut off"), "{cut}");
    }
    // In the last cell.
    let whole = whole.replace(",\n", ",1.50\n");
    for length in [1, 2] {
        assert!(shown(&whole[..whole.len() - 1 - length]).contains("a.csv,4,退款金额,\"the file ends in this cell"), "{length}");
    }
    assert!(shown(&whole[..whole.len() - 5]).contains("the file ends in this cell"));
    // Not every program ends the last line; two decimals are a whole amount.
    let scene = Scene::new();
    scene.write("a.csv", whole.trim_end());
    let ran = import(&scene, &["tmall-orders", "a.csv"]);
    assert!(ran.stderr.contains("3 rows = 3 written + 0 rejected"), "{}", ran.stderr);
}

#[test]
fn messages_and_rejects_do_not_say_who_somebody_is() {
    let scene = Scene::new();
    let wrong = [
        row(&[(5, "13800000000")]),
        row(&[(5, "张三 13800000000 深圳路1号")]),
        row(&[(3, "张三")]),
        row(&[(4, "深圳路1号")]),
        row(&[(5, "2026-13-01")]),
    ];
    scene.write("a.csv", plain(&[&[GOOD; 6], &wrong[..]].concat()));
    let ran = import(&scene, &["tmall-orders", "a.csv"]);
    let all = format!("{}{}", ran.stderr, rejects(&scene).join("\n"));
    assert!(ran.stderr.contains("11 rows = 6 written + 5 rejected"), "{all}");
    for secret in ["138000", "张三", "深圳"] {
        assert!(!all.contains(secret), "{secret} in\n{all}");
    }
    assert!(all.contains("a text of 11 characters") && all.contains("`2026-13-01`"), "{all}");
    // A file without a header shows none of its cells.
    scene.write("b.csv", "4000000000000000001,张三,13800000000,20\n");
    let ran = scene.run(&["import", "tmall-orders", "b.csv", "--to", "other"]);
    assert!(ran.code == Some(3) && !ran.stderr.contains("张三") && ran.stderr.contains("has: data"), "{}", ran.stderr);
}

#[test]
fn a_column_of_provinces_keeps_no_more_than_provinces() {
    let scene = Scene::new();
    let header = "订单编号,买家会员名,买家实际支付金额,订单创建时间,订单付款时间,省份\n";
    let order = |id: u32, province: &str| format!("{id},甲,20,2026-01-02 08:00:00,2026-01-02 08:01:00,{province}\n");
    let provinces = ["张三 13800000000 广东省深圳市", "广东省深圳市某路1号", "吉林路5号", "吉林 吉林市", "上海"];
    scene.write("a.csv", format!("{header}{}", (1..).zip(provinces).map(|(id, province)| order(id, province)).collect::<String>()));
    import(&scene, &["tmall-orders", "a.csv"]);
    assert_eq!(cells(&files(&scene, "shop/orders")[0], &["province"]), ["", "广东省", "", "吉林", "上海"]);
}

#[test]
fn what_a_run_would_reject_is_rejected_with_the_line_of_the_export() {
    let scene = Scene::new();
    let wrong = [
        row(&[(3, "-5.00")]),
        row(&[(2, "-1")]),
        row(&[(6, "2026-01-02 07:59:59")]),
        row(&[(3, "无")]),
        row(&[(7, "30")]),
        row(&[(5, "2036-01-02 08:00:00"), (6, "")]),
    ];
    scene.write("a.csv", plain(&[&[GOOD; 8], &wrong[..]].concat()));
    let ran = import(&scene, &["tmall-orders", "a.csv", "--paid", "gross"]);
    assert!(ran.stderr.contains("14 rows = 8 written + 6 rejected"), "{}", ran.stderr);
    let expected = [
        "a.csv,10,买家实际支付金额,`-5.00`: is below zero",
        "a.csv,11,总金额,`-1.00`: is below zero",
        "a.csv,12,订单付款时间,`2026-01-02 07:59:59`: is before the time of creation",
        "a.csv,13,买家实际支付金额,\"is empty, though the order has a time of payment\"",
        "a.csv,14,退款金额,\"`30.00`: is more than was paid, `20.00`\"",
        "a.csv,15,订单创建时间,`2036-01-02 08:00:00`: is in the future; is the year right?",
    ];
    assert_eq!(rejects(&scene), expected);
    assert!(fs::read_to_string(scene.path("shop/job.yaml")).unwrap().contains("as_of: 2026-01-02"));
    scene.write("sycm.csv", "统计日期,访客数\n2026-01-01,9\n2026-01-02,-3\n");
    let ran = import(&scene, &["sycm-traffic", "sycm.csv"]);
    assert!(ran.stderr.contains("row 3: 访客数 `-3`: is below zero"), "{}", ran.stderr);
    run(&scene.path("shop/job.yaml"), &[], None).unwrap();
}

#[test]
fn the_meanings_of_refund_statuses_can_be_given() {
    let scene = Scene::new();
    scene.write("orders.csv", plain(&[GOOD, row(&[(0, "2")])]));
    import(&scene, &["tmall-orders", "orders.csv"]);
    let refunds = "refund_id,order_id,created_at,completed_at,amount,status\n\
                   11,1,2026-01-03 08:00:00,2026-01-04 08:00:00,5,退款成功\n12,2,2026-01-03 08:00:00,,,open\n";
    scene.write("refunds.csv", refunds);
    let generic = ["generic", "refunds.csv", "--input", "refunds"];
    let ran = import(&scene, &generic);
    assert!(ran.stderr.contains("give it, for example --status '退款成功=success'"), "{}", ran.stderr);
    let ran = scene.run(&[&["import"], &generic[..], &["--to", "shop", "--status", "退款成功=completed"]].concat());
    assert!(ran.code == Some(2) && ran.stderr.contains("meanings are success, closed, open"), "{}", ran.stderr);
    let ran = import(&scene, &[&generic[..], &["--status", "退款成功=success"]].concat());
    assert!(ran.stderr.contains("2 rows = 2 written + 0 rejected"), "{}", ran.stderr);
    assert!(fs::read_to_string(scene.path("shop/job.yaml")).unwrap().contains("\"退款成功\": success"));
    run(&scene.path("shop/job.yaml"), &[], None).unwrap();
}

#[test]
fn an_older_export_imported_later_is_warned_of() {
    let scene = Scene::new();
    scene.write("new.csv", plain(&[GOOD, row(&[(0, "2"), (5, "2026-02-01 08:00:00"), (6, "2026-02-01 08:00:00")])]));
    scene.write("old.csv", plain(&[GOOD]));
    assert!(!import(&scene, &["tmall-orders", "new.csv"]).stderr.contains("newest event"));
    let ran = import(&scene, &["tmall-orders", "old.csv"]);
    assert!(
        ran.stderr.contains("old.csv: its newest event is of 2026-01-02, that of new.csv, imported earlier, of 2026-02-01"),
        "{}",
        ran.stderr
    );
    // Imported again it keeps its position and wins over nothing.
    assert!(!import(&scene, &["tmall-orders", "old.csv"]).stderr.contains("newest event"));
}

#[test]
fn a_job_in_a_folder_with_blanks_can_be_pasted_and_a_folder_is_named_by_its_option() {
    let scene = Scene::new();
    scene.write("a.csv", plain(&[GOOD]));
    let ran = scene.run(&["import", "tmall-orders", "a.csv", "--to", "我的 店"]);
    assert!(ran.stderr.contains("the job is ready: huitou run '我的 店/job.yaml'"), "{}", ran.stderr);
    scene.write("file", "");
    let ran = scene.run(&["import", "tmall-orders", "a.csv", "--to", "file"]);
    assert!(ran.code == Some(4) && ran.stderr.contains("write to another --to") && !ran.stderr.contains("--out"), "{}", ran.stderr);
}

#[test]
fn amounts_that_few_orders_explain_are_warned_of() {
    let scene = Scene::new();
    scene.write("a.csv", plain(&[row(&[(7, "5")])]));
    let ran = import(&scene, &["tmall-orders", "a.csv"]);
    assert!(ran.stderr.contains("it is the total on 1 of 1 refunded orders; few orders show this"), "{}", ran.stderr);
    assert!(!import(&scene, &["tmall-orders", "a.csv", "--paid", "gross"]).stderr.contains("few orders show this"));
    // Closed orders with 0 as amount paid and with their refund are restored where amounts are before refunds.
    scene.write("b.csv", plain(&[row(&[(3, "0"), (4, "交易关闭"), (7, "20")])]));
    import(&scene, &["tmall-orders", "b.csv", "--paid", "gross"]);
    assert_eq!(cells(&files(&scene, "shop/orders")[1], &["paid_amount", "refund_amount"]), ["20.00|20.00"]);
}
