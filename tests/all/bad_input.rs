//! Bad input: what an operations engineer reads at three in the morning. Each case publishes a good snapshot first, and
//! sees to it that the failed run leaves every byte of it as it was.

use arrow::array::{DictionaryArray, Float64Array, Int32Array, Int64Array, TimestampMicrosecondArray, UInt64Array};
use arrow::datatypes::Int32Type;
use huitou::publish::Store;
use insta::assert_snapshot;

use super::scene::{Columns, DAY, JOB, Scene, dates, money, noons, orders, texts, traffic};

/// The small job with other lines in the place of its input.
fn job_with(inputs: &str) -> String {
    JOB.replace("  orders: { path: orders.parquet }\n", inputs)
}

/// A job over bad orders.
fn refuses_orders(orders: &Columns) -> String {
    Scene::refuses(|scene| scene.parquet("orders.parquet", orders))
}

/// A job over good orders and other lines of inputs.
fn refuses_job(job: &str) -> String {
    Scene::refuses(|scene| scene.job(job))
}

/// An expression in the place of `paid_amount`.
fn refuses_amount(expression: &str) -> String {
    refuses_job(&job_with(&format!("  orders:\n    path: orders.parquet\n    columns:\n      paid_amount: {expression}\n")))
}

// Files.

#[test]
fn the_file_is_not_there() {
    assert_snapshot!(refuses_job(&job_with("  orders: { path: data/order }\n")), @"");
}

#[test]
fn the_folder_is_empty() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.write("data/readme.txt", "orders come here");
        scene.job(&job_with("  orders: { path: data }\n"));
    }), @"");
}

#[test]
fn no_file_matches_the_pattern() {
    assert_snapshot!(refuses_job(&job_with("  orders: { path: \"data/*/2026-*.parquet\" }\n")), @"");
}

#[test]
fn the_footer_is_cut_off() {
    assert_snapshot!(Scene::refuses(|scene| {
        let whole = std::fs::read(scene.path("orders.parquet")).unwrap();
        scene.write("orders.parquet", &whole[..whole.len() - 20]);
    }), @"");
}

#[test]
fn pages_are_damaged_under_a_whole_footer() {
    assert_snapshot!(Scene::refuses(|scene| {
        let mut bytes = std::fs::read(scene.path("orders.parquet")).unwrap();
        // The first page header lies behind the magic number.
        bytes[4..40].fill(0xff);
        scene.write("data/2026-01.parquet", &bytes);
        scene.write("data/2026-02.parquet", &bytes);
        scene.write("traffic.parquet", &bytes);
        scene.parquet("traffic.parquet", &traffic());
        let mut bytes = std::fs::read(scene.path("traffic.parquet")).unwrap();
        bytes[4..40].fill(0xff);
        scene.write("traffic.parquet", &bytes);
        scene.job(&job_with("  orders: { path: data }\n  traffic: { path: traffic.parquet }\n"));
    }), @"");
}

#[test]
fn a_text_file_is_called_parquet() {
    assert_snapshot!(Scene::refuses(|scene| scene.write("orders.parquet", "order_id,customer_id\n1,2\n")), @"");
}

#[test]
fn a_file_is_empty() {
    assert_snapshot!(Scene::refuses(|scene| scene.write("orders.parquet", "")), @"");
}

#[test]
fn no_file_has_rows() {
    assert_snapshot!(Scene::refuses(|scene| scene.parquet_of("orders.parquet", &orders().batch().slice(0, 0), None)), @"");
}

// Columns.

#[test]
fn a_required_column_is_missing() {
    assert_snapshot!(refuses_orders(&orders().renamed("paid_amount", "payed_amount")), @"");
}

#[test]
fn a_mapped_column_is_missing() {
    let job = job_with("  orders:\n    path: orders.parquet\n    columns:\n      customer_id: buyer_open_uid\n      channel: paid_att\n");
    assert_snapshot!(refuses_job(&job), @"");
}

#[test]
fn columns_have_the_wrong_types() {
    let orders = orders()
        .with("order_id", Float64Array::from(vec![1.0, 2.0, 3.0, 4.0]))
        .with("created_at", Int64Array::from(vec![20_260_105, 20_260_120, 20_260_214, 20_260_301]))
        .with("paid_amount", texts(&["100", "50", "75", "0"]))
        .with("quantity", Float64Array::from(vec![1.0; 4]));
    assert_snapshot!(refuses_orders(&orders), @"");
}

#[test]
fn integers_are_no_money() {
    assert_snapshot!(refuses_orders(&orders().with("paid_amount", Int64Array::from(vec![10_000, 5_000, 7_500, 0]))), @"");
}

#[test]
fn two_files_have_two_types_of_one_id() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("data/2026-01.parquet", &orders());
        scene.parquet("data/2026-02.parquet", &orders().with("customer_id", texts(&["11", "12", "11", "13"])));
        scene.parquet("data/2026-03.parquet", &orders().with("customer_id", texts(&["11", "12", "11", "13"])));
        scene.job(&job_with("  orders: { path: data }\n"));
    }), @"");
}

#[test]
fn one_file_lacks_an_id_that_the_others_have() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("data/2026-01.parquet", &orders());
        scene.parquet("data/2026-02.parquet", &orders().without("customer_id"));
        scene.job(&job_with("  orders: { path: data }\n"));
    }), @"");
}

#[test]
fn orders_and_traffic_call_a_shop_differently() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("traffic.parquet", &traffic().with("shop_id", texts(&["1", "1"])));
        scene.job(&job_with("  orders: { path: orders.parquet }\n  traffic: { path: traffic.parquet }\n"));
    }), @"");
}

#[test]
fn unsigned_ids_here_and_signed_ones_there() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("traffic.parquet", &traffic().with("shop_id", UInt64Array::from(vec![1, 1])));
        scene.job(&job_with("  orders: { path: orders.parquet }\n  traffic: { path: traffic.parquet }\n"));
    }), @"");
}

#[test]
fn ratings_are_neither_single_ones_nor_daily_scores() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("ratings.parquet", &Columns(Vec::new()).with("shop_id", Int64Array::from(vec![1])));
        scene.job(&job_with("  orders: { path: orders.parquet }\n  ratings: { path: ratings.parquet }\n"));
    }), @"");
}

#[test]
fn everything_is_told_at_once() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("orders.parquet", &orders().without("created_at").with("channel", Float64Array::from(vec![0.5; 4])));
        scene.parquet("traffic.parquet", &traffic().with("date", Int64Array::from(vec![1, 2])));
        scene.write("shops.parquet", "shop_id\n1\n");
        let inputs = "  orders: { path: orders.parquet }\n  traffic: { path: traffic.parquet }\n  shops: { path: shops.parquet }\n  refunds: { path: refund.parquet }\n";
        scene.job(&job_with(inputs));
    }), @"");
}

// Rows.

#[test]
fn keys_are_null() {
    let orders = orders()
        .with("order_id", Int64Array::from(vec![Some(101), None, Some(103), Some(104)]))
        .with("customer_id", Int64Array::from(vec![Some(11), Some(12), None, Some(13)]))
        .with("created_at", noons(&["2026-01-05", "2026-01-20", "2026-02-14", ""]));
    assert_snapshot!(refuses_orders(&orders), @"");
}

#[test]
fn statuses_are_unknown() {
    let status: DictionaryArray<Int32Type> = vec![Some("TRADE_FINISHED"), Some("SHIPPED"), Some("SHIPPED"), None].into_iter().collect();
    assert_snapshot!(refuses_orders(&orders().with("status", status)), @"");
}

#[test]
fn text_is_no_date() {
    let created = texts(&["2026-01-05 12:00:00", "05/01/2026", "2026-02-30", "2026-03-01T10:00"]);
    assert_snapshot!(refuses_orders(&orders().with("created_at", created).without("paid_at")), @"");
}

#[test]
fn every_row_is_bad_in_two_inputs() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("orders.parquet", &orders().with("paid_amount", money(&[-1, -2, -3, -4])));
        scene.parquet("traffic.parquet", &traffic().with("pv", Int64Array::from(vec![-1, i64::MAX])));
        scene.job(&job_with("  orders: { path: orders.parquet }\n  traffic: { path: traffic.parquet }\n"));
    }), @"");
}

#[test]
fn an_id_is_longer_than_any_id() {
    let long = "x".repeat(1 << 20);
    assert_snapshot!(refuses_orders(&orders().with("order_id", texts(&[&long, "102", "103", "104"]))), @"");
}

#[test]
fn a_cell_holds_a_document() {
    let long = "not a status ".repeat(100_000);
    assert_snapshot!(refuses_orders(&orders().with("status", texts(&[&long, "TRADE_FINISHED", "交易成功", "TRADE_FINISHED"]))), @"");
}

#[test]
fn amounts_add_up_to_more_than_any_money() {
    let orders = orders().with("paid_amount", Float64Array::from(vec![9e15, 9e15, 1.0, 0.0]));
    assert_snapshot!(refuses_orders(&orders), @"");
}

#[test]
fn times_are_of_no_calendar() {
    let created = TimestampMicrosecondArray::from(vec![i64::MIN, -1, i64::MIN + 1, 20_000 * DAY]);
    assert_snapshot!(refuses_orders(&orders().with("created_at", created).without("paid_at")), @"");
    let days = arrow::array::Date32Array::from(vec![i32::MIN, i32::MAX, -1, 20_000]);
    assert_snapshot!(refuses_orders(&orders().with("created_at", days).without("paid_at")), @"");
}

// Expressions.

#[test]
fn an_expression_is_no_sql() {
    assert_snapshot!(refuses_amount("\"quantity *\""), @"");
}

#[test]
fn an_expression_names_a_column_that_is_not_there() {
    assert_snapshot!(refuses_amount("\"paid_amont * 2\""), @"");
}

#[test]
fn an_expression_gives_another_type() {
    assert_snapshot!(refuses_amount("\"CAST(order_id AS VARCHAR)\""), @"");
}

#[test]
fn an_expression_fails_on_the_values() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("orders.parquet", &orders().with("payment", texts(&["100.00", "fifty", "75.00", "0"])));
        scene.job(&job_with("  orders: { path: orders.parquet, columns: { paid_amount: \"CAST(payment AS DOUBLE)\" } }\n"));
    }), @"");
}

#[test]
fn an_expression_is_about_all_rows() {
    assert_snapshot!(refuses_amount("\"SUM(order_id) * 1.0\""), @"");
}

#[test]
fn a_filter_is_no_condition() {
    assert_snapshot!(refuses_job(&job_with("  orders: { path: orders.parquet, filter: \"order_id + 1\" }\n")), @"");
}

#[test]
fn a_filter_is_no_sql() {
    assert_snapshot!(refuses_job(&job_with("  orders:\n    path: orders.parquet\n    filter: \"channel = = 'test'\"\n")), @"");
}

// The job and the command line.

#[test]
fn the_job_file_is_not_there() {
    assert_snapshot!(Scene::refuses_with(&["run", "nightly.yaml"], |_| ()), @"");
}

#[test]
fn a_key_is_unknown() {
    let job = JOB.replace("orders: { path: orders.parquet }", "orders: { path: orders.parquet, column: { order_id: tid } }");
    assert_snapshot!(refuses_job(&job.replace("timezone", "time_zone")), @"");
}

#[test]
fn a_key_is_there_twice() {
    assert_snapshot!(refuses_job(&format!("{JOB}output: {{ path: elsewhere }}\n")), @"");
}

#[test]
fn the_job_is_not_yaml() {
    assert_snapshot!(refuses_job(&JOB.replace("inputs:", "inputs: [")), @"");
}

#[test]
fn a_table_is_misspelt_in_the_job() {
    assert_snapshot!(refuses_job(&format!("{JOB}tables: [customers, cohort_retenton, shop_dialy]\n")), @"");
}

#[test]
fn a_table_of_the_list_cannot_be_built() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("orders.parquet", &orders().without("customer_id"));
        scene.job(&format!("{JOB}tables: [customers, shop_daily]\n"));
    }), @"");
}

#[test]
fn a_table_is_misspelt_on_the_command_line() {
    assert_snapshot!(Scene::refuses_with(&["run", "job.yaml", "--only", "custmers,shop_daily,zzz"], |_| ()), @"");
}

#[test]
fn the_as_of_date_is_no_date() {
    assert_snapshot!(Scene::refuses_with(&["run", "job.yaml", "--as-of", "2026-02-30"], |_| ()), @"");
    assert_snapshot!(refuses_job(&JOB.replace("2026-03-31", "31.03.2026")), @"");
}

#[test]
fn an_environment_variable_is_missing() {
    let job = job_with("  orders: { path: \"${HUITOU_TEST_NOT_SET}/orders.parquet\" }\n");
    assert_snapshot!(refuses_job(&job), @"");
}

#[test]
fn the_timezone_is_broken() {
    assert_snapshot!(refuses_job(&JOB.replace("Asia/Shanghai", "Asia/Shangai")), @"");
}

#[test]
fn a_parameter_is_set_wrongly() {
    assert_snapshot!(Scene::refuses_with(&["run", "job.yaml", "--set", "params.lifecycle.active_day=50"], |_| ()), @"");
}

// Output.

#[test]
fn the_output_lies_below_a_file() {
    assert_snapshot!(Scene::refuses_with(&["run", "job.yaml", "--out", "orders.parquet/out"], |_| ()), @"");
}

#[cfg(feature = "failpoints")]
#[test]
fn the_disk_is_full() {
    let scene = Scene::with(&orders());
    assert_eq!(scene.run(&["run", "job.yaml"]).code, Some(0));
    let before = scene.published();
    let arguments = ["run", "job.yaml", "--as-of", "2026-04-01", "--quiet"];
    let ran = scene.run_in(&arguments, &[("FAILPOINTS", "publish::group=return(full)")]);
    assert_eq!(scene.published(), before);
    assert_snapshot!(ran.told().replace(name_of(&ran.stderr), "NAME"), @"");
}

/// The name of the snapshot in the message: it has a digest of the program's version and the files' times.
#[cfg(feature = "failpoints")]
fn name_of(told: &str) -> &str {
    told.split('/').find(|part| part.starts_with("2026-")).unwrap_or_default()
}

#[test]
fn another_run_holds_the_output() {
    let scene = Scene::with(&orders());
    let store = Store::open(&scene.path("out")).unwrap();
    let ran = scene.run(&["run", "job.yaml"]);
    assert_snapshot!(ran.told().replace(&std::process::id().to_string(), "PID"), @"");
    drop(store);
    assert_eq!(scene.run(&["run", "job.yaml"]).code, Some(0));
}

#[test]
fn machines_read_the_same_as_people() {
    let told = Scene::refuses_with(&["run", "job.yaml", "--log", "json"], |scene| {
        scene.parquet("orders.parquet", &orders().with("paid_amount", Int32Array::from(vec![1, 2, 3, 4])));
    });
    assert_snapshot!(told, @"");
    // Nothing but JSON, one object a line.
    for line in told.lines().skip(1) {
        assert!(serde_json::from_str::<serde_json::Value>(line).unwrap().is_object());
    }
}

#[test]
fn a_check_says_the_same_as_a_run() {
    let bad = |scene: &Scene| scene.parquet("orders.parquet", &orders().without("paid_amount").with("date", dates(&["2026-01-05"; 4])));
    assert_eq!(Scene::refuses_with(&["check", "job.yaml"], bad), Scene::refuses_with(&["run", "job.yaml"], bad));
}
