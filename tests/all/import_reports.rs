//! Imports of reports beside orders: what affiliates earn, items by day, and item reports without numbers of items.

use super::import::{cells, files, import, plain};
use super::scene::Scene;

/// The header of the order details of an affiliate alliance, as public programs write and read it.
const DETAILS: &str = "创建时间,付款时间,结算时间,商品标题,掌柜旺旺,店铺名称,商品ID,商品数量,商品单价,付款金额,类目名称,淘宝订单编号,淘宝子订单号,订单状态,\
                       订单类型,结算金额,佣金比率,佣金金额,提成,付款预估收入,结算预估收入,产品类型,媒体ID,媒体名称,推广位ID,推广位名称";

/// A row of it: paid, settled, order, line, state, estimate, settlement, medium.
fn detail([paid, settled, order, line, state, estimated, settlement, medium]: [&str; 8]) -> String {
    format!(
        "{paid},{paid},{settled},鞋,小店主,小店,600001,1,100,100,鞋,{order},{line},{state},天猫,100,10.00%,10.00,8.00%,{estimated},{settlement},\
         全站,{medium},某站,77,首页\n"
    )
}

#[test]
fn what_affiliates_earn_and_what_of_it_is_taken_back() {
    let scene = Scene::new();
    let rows = [
        ["2026-01-05 09:06:00", "2026-01-20 10:00:00", "1001", "1001", "订单结算", "8.00", "7.50", "9001"],
        ["2026-01-06 09:06:00", "", "1002", "1003", "订单付款", "4.00", "0.00", "9001"],
        // It failed: nothing of it will be paid.
        ["2026-01-07 09:06:00", "", "1004", "1005", "订单失效", "3.00", "0.00", "9002"],
    ];
    scene.write("details.csv", format!("{DETAILS}\n{}", rows.map(detail).concat()));
    let ran = import(&scene, &["tbk-orders", "details.csv"]);
    assert!(ran.stderr.contains("3 rows = 3 written + 0 rejected"), "{}", ran.stderr);
    assert!(ran.stderr.contains("佣金金额 (all that the shop pays for the settled amount"), "{}", ran.stderr);
    assert!(ran.stderr.contains("left out, since they are about people: 掌柜旺旺"), "{}", ran.stderr);
    let columns = [
        "shop_id",
        "order_id",
        "line_id",
        "publisher_id",
        "paid_at",
        "settled_at",
        "estimated_commission",
        "settled_commission",
        "clawed_back",
    ];
    let found = files(&scene, "shop/affiliate_orders");
    assert_eq!(
        cells(&found[0], &columns),
        [
            "小店|1001|1001|9001|2026-01-05T09:06:00|2026-01-20T10:00:00|8.00|7.50|",
            "小店|1002|1003|9001|2026-01-06T09:06:00||4.00|0.00|",
            "小店|1004|1005|9002|2026-01-07T09:06:00||3.00|0.00|3.00",
        ]
    );
    // With orders there is a job, and it knows the input.
    scene.write("orders.csv", plain(&[["1001", "甲", "100", "100", "交易成功", "2026-01-05 08:00:00", "2026-01-05 09:06:00", ""]]));
    import(&scene, &["tmall-orders", "orders.csv", "--shop", "小店"]);
    let job = std::fs::read_to_string(scene.path("shop/job.yaml")).unwrap();
    assert!(job.contains("  affiliate_orders:\n    path: affiliate_orders\n"), "{job}");
}

#[test]
fn what_the_file_says_of_a_clawback_stays() {
    let scene = Scene::new();
    let text = "订单编号,子订单编号,推广者ID,计划名称,预估佣金,结算佣金,退还佣金,结算时间,订单状态\n\
                1,11,7,营销计划,10.00,10.00,2.00,2026-01-20,订单结算\n2,21,7,营销计划,5.00,,1.00,,订单失效\n";
    scene.write("plans.csv", text);
    import(&scene, &["tbk-orders", "plans.csv", "--shop", "小店"]);
    let columns = ["shop_id", "order_id", "plan", "estimated_commission", "settled_commission", "clawed_back"];
    assert_eq!(
        cells(&files(&scene, "shop/affiliate_orders")[0], &columns),
        ["小店|1|营销计划|10.00|10.00|2.00", "小店|2|营销计划|5.00||1.00"]
    );
}

#[test]
fn items_by_day_are_no_traffic_of_the_shop() {
    let scene = Scene::new();
    let text = "生意参谋\n\n统计日期,商品ID,商品名称,货号,商品状态,商品访客数,商品浏览量,平均停留时长,商品详情页跳出率,商品收藏人数,商品加购件数,商品加购人数\n\
                2026-01-05,600001,鞋,A1,当前在线,\"1,200\",\"3,000\",20.5,40%,30,25,20\n2026-01-05,600002,袜,A2,当前在线,10,12,-,-,0,1,1\n\
                2026-01-06,600001,鞋,A1,当前在线,900,2000,-,-,-,9,9\n";
    scene.write("items.csv", text);
    let ran = import(&scene, &["sycm-items", "items.csv", "--shop", "小店"]);
    assert!(ran.stderr.contains("header in line 3: 3 rows = 3 written + 0 rejected"), "{}", ran.stderr);
    assert!(ran.stderr.contains("商品加购人数 (people; huitou counts the items"), "{}", ran.stderr);
    let columns = ["shop_id", "date", "item_id", "ipv", "ipv_uv", "favorites", "cart_adds"];
    assert_eq!(
        cells(&files(&scene, "shop/item_traffic")[0], &columns),
        [
            "小店|2026-01-05T00:00:00|600001|3000|1200|30|25",
            "小店|2026-01-05T00:00:00|600002|12|10|0|1",
            "小店|2026-01-06T00:00:00|600001|2000|900||9",
        ]
    );
    // By terminal a day of an item has several rows, and the message says which column it is.
    let twice = "统计日期,终端,商品ID,商品访客数\n2026-01-05,所有终端,600001,5\n2026-01-05,无线端,600001,4\n";
    scene.write("twice.csv", twice);
    let ran = scene.run(&["import", "sycm-items", "twice.csv", "--to", "other"]);
    assert!(ran.code == Some(3) && ran.stderr.contains("the column `终端` distinguishes them"), "{}", ran.stderr);
}

#[test]
fn an_item_report_without_numbers_of_items_names_them_by_their_titles() {
    let scene = Scene::new();
    scene.write("orders.csv", plain(&[["1001", "甲", "500", "500", "交易成功", "2026-01-05 09:05:00", "2026-01-05 09:06:00", ""]]));
    scene.write("items.csv", "订单编号,标题,价格,购买数量,订单状态\n1001,鞋,300.00,1,交易成功\n1001,袜,200.00,1,交易成功\n");
    import(&scene, &["tmall-orders", "orders.csv"]);
    import(&scene, &["tmall-items", "items.csv"]);
    assert_eq!(
        cells(&scene.path("shop/order_lines/order_lines.parquet"), &["order_id", "paid_amount", "item_id", "item_title"]),
        ["1001|300.00|鞋|鞋", "1001|200.00|袜|袜"]
    );
}
