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
    assert_snapshot!(refuses_job(&job_with("  orders: { path: data/order }\n")), @r#"
    exit 3
    error: job.yaml:5:3: there is no file or folder `data/order` (looked at $/data/order)
      help: check the path, or whether the export has run
    "#);
}

#[test]
fn the_folder_is_empty() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.write("data/readme.txt", "orders come here");
        scene.job(&job_with("  orders: { path: data }\n"));
    }), @r#"
    exit 3
    error: job.yaml:5:3: the folder `data` has no Parquet file; not read are 1 not Parquet by the first bytes (`data/readme.txt`)
      help: check the path, or whether the export has run
    "#);
}

#[test]
fn no_file_matches_the_pattern() {
    assert_snapshot!(refuses_job(&job_with("  orders: { path: \"data/*/2026-*.parquet\" }\n")), @r#"
    exit 3
    error: job.yaml:5:3: no file matches `data/*/2026-*.parquet`
      help: check the pattern, or whether the export has run
    "#);
}

#[test]
fn the_footer_is_cut_off() {
    assert_snapshot!(Scene::refuses(|scene| {
        let whole = std::fs::read(scene.path("orders.parquet")).unwrap();
        scene.write("orders.parquet", &whole[..whole.len() - 20]);
    }), @r#"
    exit 3
    error: orders.parquet: cannot be read as Parquet: Parquet error: Invalid Parquet file. Corrupt footer
      help: is it whole, and is it Parquet? Write it anew or move it out of the input's folder
    "#);
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
    }), @r#"
    exit 3
    error: data/2026-01.parquet: row group 0 cannot be decoded: column `shop_id`: the header of the page at byte 4 is damaged
      help: the file is damaged or was changed during the run; write it anew
    error: data/2026-02.parquet: row group 0 cannot be decoded: column `shop_id`: the header of the page at byte 4 is damaged
      help: the file is damaged or was changed during the run; write it anew
    error: traffic.parquet: row group 0 cannot be decoded: column `shop_id`: the header of the page at byte 4 is damaged
      help: the file is damaged or was changed during the run; write it anew
    "#);
}

#[test]
fn a_text_file_is_called_parquet() {
    assert_snapshot!(Scene::refuses(|scene| scene.write("orders.parquet", "order_id,customer_id\n1,2\n")), @r#"
    exit 3
    error: orders.parquet: cannot be read as Parquet: Parquet error: Invalid Parquet file. Corrupt footer
      help: is it whole, and is it Parquet? Write it anew or move it out of the input's folder
    "#);
}

#[test]
fn a_file_is_empty() {
    assert_snapshot!(Scene::refuses(|scene| scene.write("orders.parquet", "")), @r#"
    exit 3
    error: orders.parquet: cannot be read as Parquet: EOF: Parquet file too small. Size is 0 but need 8
      help: is it whole, and is it Parquet? Write it anew or move it out of the input's folder
    "#);
}

#[test]
fn no_file_has_rows() {
    assert_snapshot!(Scene::refuses(|scene| scene.parquet_of("orders.parquet", &orders().batch().slice(0, 0), None)), @r#"
    exit 3
    error: job.yaml:5:3: input `orders`: `orders.parquet` has no rows
      help: check whether the export has run
    "#);
}

// Columns.

#[test]
fn a_required_column_is_missing() {
    assert_snapshot!(refuses_orders(&orders().renamed("paid_amount", "payed_amount")), @r#"
    exit 3
    error: orders.parquet: input `orders`: no column `paid_amount`, which is required
      help: did you mean `payed_amount`? The file has shop_id, order_id, customer_id, created_at, paid_at, payed_amount
    "#);
}

#[test]
fn a_mapped_column_is_missing() {
    let job = job_with("  orders:\n    path: orders.parquet\n    columns:\n      customer_id: buyer_open_uid\n      channel: paid_att\n");
    assert_snapshot!(refuses_job(&job), @r#"
    exit 3
    error: orders.parquet: input `orders`: no column `buyer_open_uid`, which the job takes for `customer_id`
      help: the file has shop_id, order_id, customer_id, created_at, paid_at, paid_amount; map one of them under `columns:`
    error: orders.parquet: input `orders`: no column `paid_att`, which the job takes for `channel`
      help: did you mean `paid_at`? The file has shop_id, order_id, customer_id, created_at, paid_at, paid_amount
    "#);
}

#[test]
fn columns_have_the_wrong_types() {
    let orders = orders()
        .with("order_id", Float64Array::from(vec![1.0, 2.0, 3.0, 4.0]))
        .with("created_at", Int64Array::from(vec![20_260_105, 20_260_120, 20_260_214, 20_260_301]))
        .with("paid_amount", texts(&["100", "50", "75", "0"]))
        .with("quantity", Float64Array::from(vec![1.0; 4]));
    assert_snapshot!(refuses_orders(&orders), @r#"
    exit 3
    error: orders.parquet: input `orders`, column `order_id`: expected an integer or text id, found Float64 in `order_id`
      help: map it with `CAST(order_id AS BIGINT)`, which is exact below 2^53 (9,007,199,254,740,992); ids beyond have lost digits and are refused
    error: orders.parquet: input `orders`, column `created_at`: expected a Timestamp, Date32 or text `YYYY-MM-DD HH:MM:SS`, found Int64 in `created_at`
      help: the numbers look like days as YYYYMMDD: map it with `DATE(CAST(created_at AS VARCHAR), '%Y%m%d')`
    error: orders.parquet: input `orders`, column `paid_amount`: expected money: Decimal128 of scale up to 4, Float64, or integers with `money: minor`, found Utf8 in `paid_amount`
      help: map it with `CAST(paid_amount AS DECIMAL(18, 4))`
    error: orders.parquet: input `orders`, column `quantity`: expected an integer, found Float64 in `quantity`
      help: map it with `CAST(quantity AS BIGINT)`
    "#);
}

#[test]
fn integers_are_no_money() {
    assert_snapshot!(refuses_orders(&orders().with("paid_amount", Int64Array::from(vec![10_000, 5_000, 7_500, 0]))), @r#"
    exit 3
    error: orders.parquet: input `orders`, column `paid_amount`: expected money, found Int64 in `paid_amount`
      help: integers are money only in minor units: set `money: minor` for the input, or map whole units with `CAST(paid_amount AS DOUBLE)`
    "#);
}

#[test]
fn two_files_have_two_types_of_one_id() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("data/2026-01.parquet", &orders());
        scene.parquet("data/2026-02.parquet", &orders().with("customer_id", texts(&["11", "12", "11", "13"])));
        scene.parquet("data/2026-03.parquet", &orders().with("customer_id", texts(&["11", "12", "11", "13"])));
        scene.job(&job_with("  orders: { path: data }\n"));
    }), @r#"
    exit 3
    error: data/2026-02.parquet (and 1 more): input `orders`, column `customer_id`: Utf8 here, Int64 in data/2026-01.parquet
      help: an id has one type in all files of an input: write the files anew, or map it with CAST(… AS …)
    "#);
}

#[test]
fn one_file_lacks_an_id_that_the_others_have() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("data/2026-01.parquet", &orders());
        scene.parquet("data/2026-02.parquet", &orders().without("customer_id"));
        scene.job(&job_with("  orders: { path: data }\n"));
    }), @r#"
    exit 3
    error: data/2026-02.parquet: input `orders`: no column `customer_id`, which data/2026-01.parquet has
      help: an id is in all files of an input or in none: write the file anew with it, or take the file out of the input's path
    "#);
}

#[test]
fn orders_and_traffic_call_a_shop_differently() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("traffic.parquet", &traffic().with("shop_id", texts(&["1", "1"])));
        scene.job(&job_with("  orders: { path: orders.parquet }\n  traffic: { path: traffic.parquet }\n"));
    }), @r#"
    exit 3
    error: job.yaml:6:3: input `traffic`, column `shop_id`: Utf8 here, Int64 in input `orders`
      help: map one of them with CAST(… AS VARCHAR) or CAST(… AS BIGINT), so that the same id is the same value
    "#);
}

#[test]
fn unsigned_ids_here_and_signed_ones_there() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("traffic.parquet", &traffic().with("shop_id", UInt64Array::from(vec![1, 1])));
        scene.job(&job_with("  orders: { path: orders.parquet }\n  traffic: { path: traffic.parquet }\n"));
    }), @r#"
    exit 3
    error: job.yaml:6:3: input `traffic`, column `shop_id`: UInt64 here, Int64 in input `orders`
      help: map one of them with CAST(… AS VARCHAR) or CAST(… AS BIGINT), so that the same id is the same value
    "#);
}

#[test]
fn traffic_does_not_say_whose_it_is() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("traffic.parquet", &traffic().without("shop_id"));
        scene.job(&job_with("  orders: { path: orders.parquet }\n  traffic: { path: traffic.parquet }\n"));
    }), @r#"
    exit 3
    error: job.yaml:6:3: input `traffic` has no `shop_id`, and those of the orders are Int64
      help: map the column, or name the one shop of these rows: `shop_id: "CAST(1001 AS BIGINT)"`
    "#);
}

#[test]
fn ratings_are_neither_single_ones_nor_daily_scores() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("ratings.parquet", &Columns(Vec::new()).with("shop_id", Int64Array::from(vec![1])));
        scene.job(&job_with("  orders: { path: orders.parquet }\n  ratings: { path: ratings.parquet }\n"));
    }), @r#"
    exit 3
    error: job.yaml:6:3: input `ratings`: it has neither `rated_at` (single ratings) nor `date` (daily scores)
      help: map exactly one of the two
    "#);
}

#[test]
fn everything_is_told_at_once() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("orders.parquet", &orders().without("created_at").with("channel", Float64Array::from(vec![0.5; 4])));
        scene.parquet("traffic.parquet", &traffic().with("date", Int64Array::from(vec![1, 2])));
        scene.write("shops.parquet", "shop_id\n1\n");
        let inputs = "  orders: { path: orders.parquet }\n  traffic: { path: traffic.parquet }\n  shops: { path: shops.parquet }\n  refunds: { path: refund.parquet }\n";
        scene.job(&job_with(inputs));
    }), @r#"
    exit 3
    error: orders.parquet: input `orders`: no column `created_at`, which is required
      help: the file has shop_id, order_id, customer_id, paid_at, paid_amount, channel; map one of them under `columns:`
    error: orders.parquet: input `orders`, column `channel`: expected text or an integer code, found Float64 in `channel`
      help: map it with `CAST(channel AS VARCHAR)`
    error: traffic.parquet: input `traffic`, column `date`: expected a Timestamp, Date32 or text `YYYY-MM-DD HH:MM:SS`, found Int64 in `date`
      help: the numbers are not all of one kind that huitou knows: none of seconds to nanoseconds since 1970, days since 1970 or as spreadsheets count them, nor days and times in digits such as YYYYMMDD or YYMMDD; map `date` to another column, or to an expression that makes a DATE or TIMESTAMP of them
    error: job.yaml:8:3: there is no file or folder `refund.parquet` (looked at $/refund.parquet)
      help: check the path, or whether the export has run
    error: shops.parquet: cannot be read as Parquet: Parquet error: Invalid Parquet file. Corrupt footer
      help: is it whole, and is it Parquet? Write it anew or move it out of the input's folder
    "#);
}

// Rows.

#[test]
fn keys_are_null() {
    let orders = orders()
        .with("order_id", Int64Array::from(vec![Some(101), None, Some(103), Some(104)]))
        .with("customer_id", Int64Array::from(vec![Some(11), Some(12), None, Some(13)]))
        .with("created_at", noons(&["2026-01-05", "2026-01-20", "2026-02-14", ""]));
    let job = job_with("  orders: { path: keys.parquet, customers: required }\n");
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("keys.parquet", &orders);
        scene.job(&job);
    }), @r#"
    exit 3
    error: job.yaml:5:3: input `orders`: 3 of 4 rows are wrong, 0.1 % are allowed (max_reject_share): null_key 3
        keys.parquet row 1: null_key: order_id is null
        keys.parquet row 2: null_key: customer_id is null
        keys.parquet row 3: null_key: created_at is null
      help: fix the rows or the mapping; rows that do not belong to the input are left out by `filter: CONDITION`; if wrong rows are to be left out, raise params.max_reject_share: they are then listed in the table `rejects`
    "#);
}

#[test]
fn statuses_are_unknown() {
    let status: DictionaryArray<Int32Type> = vec![Some("TRADE_FINISHED"), Some("SHIPPED"), Some("SHIPPED"), None].into_iter().collect();
    assert_snapshot!(refuses_orders(&orders().with("status", status)), @r#"
    exit 3
    error: job.yaml:5:3: input `orders`: 2 of 4 rows are wrong, 0.1 % are allowed (max_reject_share): unknown_status 2
        orders.parquet row 1: unknown_status: status: `SHIPPED`
        orders.parquet row 2: unknown_status: status: `SHIPPED`
      help: fix the rows or the mapping; rows that do not belong to the input are left out by `filter: CONDITION`; if wrong rows are to be left out, raise params.max_reject_share: they are then listed in the table `rejects`
    "#);
}

#[test]
fn text_is_no_date() {
    let created = texts(&["2026-01-05 12:00:00", "05/01/2026", "2026-02-30", "2026-03-01T10:00"]);
    assert_snapshot!(refuses_orders(&orders().with("created_at", created).without("paid_at")), @r#"
    exit 3
    error: job.yaml:5:3: input `orders`: 2 of 4 rows are wrong, 0.1 % are allowed (max_reject_share): unparseable_value 2
        orders.parquet row 1: unparseable_value: created_at: `05/01/2026`: a time from 1970-01-01 on is expected, text as YYYY-MM-DD HH:MM:SS
        orders.parquet row 2: unparseable_value: created_at: `2026-02-30`: a time from 1970-01-01 on is expected, text as YYYY-MM-DD HH:MM:SS
      help: fix the rows or the mapping; rows that do not belong to the input are left out by `filter: CONDITION`; if wrong rows are to be left out, raise params.max_reject_share: they are then listed in the table `rejects`
    "#);
}

#[test]
fn every_row_is_bad_in_two_inputs() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("orders.parquet", &orders().with("paid_amount", money(&[-1, -2, -3, -4])));
        scene.parquet("traffic.parquet", &traffic().with("pv", Int64Array::from(vec![-1, i64::MAX])));
        scene.job(&job_with("  orders: { path: orders.parquet }\n  traffic: { path: traffic.parquet }\n"));
    }), @r#"
    exit 3
    error: job.yaml:5:3: input `orders`: 4 of 4 rows are wrong, 0.1 % are allowed (max_reject_share): negative_amount 4
        orders.parquet row 0: negative_amount: paid_amount: -0.01
        orders.parquet row 1: negative_amount: paid_amount: -0.02
        orders.parquet row 2: negative_amount: paid_amount: -0.03
      help: fix the rows or the mapping; rows that do not belong to the input are left out by `filter: CONDITION`; if wrong rows are to be left out, raise params.max_reject_share: they are then listed in the table `rejects`
    error: job.yaml:6:3: input `traffic`: 2 of 2 rows are wrong, 0.1 % are allowed (max_reject_share): unparseable_value 1, negative_amount 1
        traffic.parquet row 0: negative_amount: pv: -1
        traffic.parquet row 1: unparseable_value: pv: 9223372036854775807 is too large for a count
      help: fix the rows or the mapping; rows that do not belong to the input are left out by `filter: CONDITION`; if wrong rows are to be left out, raise params.max_reject_share: they are then listed in the table `rejects`
    "#);
}

#[test]
fn an_id_is_longer_than_any_id() {
    let long = "x".repeat(1 << 20);
    assert_snapshot!(refuses_orders(&orders().with("order_id", texts(&[&long, "102", "103", "104"]))), @r#"
    exit 3
    error: job.yaml:5:3: input `orders`: 1 of 4 rows are wrong, 0.1 % are allowed (max_reject_share): unparseable_value 1
        orders.parquet row 0: unparseable_value: order_id: a text of 1048576 bytes, 32767 at most
      help: fix the rows or the mapping; rows that do not belong to the input are left out by `filter: CONDITION`; if wrong rows are to be left out, raise params.max_reject_share: they are then listed in the table `rejects`
    "#);
}

#[test]
fn names_are_longer_than_any_name() {
    let long = "长".repeat(86);
    let orders = orders().with("shop_id", texts(&[&long, "1", "1", "1"])).with("channel", texts(&["paid", &long, "paid", "paid"]));
    assert_snapshot!(refuses_orders(&orders), @r#"
    exit 3
    error: job.yaml:5:3: input `orders`: 1 of 4 rows are wrong, 0.1 % are allowed (max_reject_share): unparseable_value 1
        orders.parquet row 0: unparseable_value: shop_id: a text of 258 bytes, 255 at most
      help: fix the rows or the mapping; rows that do not belong to the input are left out by `filter: CONDITION`; if wrong rows are to be left out, raise params.max_reject_share: they are then listed in the table `rejects`
    "#);
}

#[test]
fn a_cell_holds_a_document() {
    let long = "not a status ".repeat(100_000);
    assert_snapshot!(refuses_orders(&orders().with("status", texts(&[&long, "TRADE_FINISHED", "交易成功", "TRADE_FINISHED"]))), @r#"
    exit 3
    error: job.yaml:5:3: input `orders`: 1 of 4 rows are wrong, 0.1 % are allowed (max_reject_share): unknown_status 1
        orders.parquet row 0: unknown_status: status: `not a status not a status not a status not a status not a status not a status not a status not a status not a status not a status not a status not a status not a status not a status not a sta…
      help: fix the rows or the mapping; rows that do not belong to the input are left out by `filter: CONDITION`; if wrong rows are to be left out, raise params.max_reject_share: they are then listed in the table `rejects`
    "#);
}

#[test]
fn amounts_add_up_to_more_than_any_money() {
    let orders = orders().with("paid_amount", Float64Array::from(vec![9e15, 9e15, 1.0, 0.0]));
    assert_snapshot!(refuses_orders(&orders), @r#"
    exit 3
    error: job.yaml:5:3: input `orders`: its amounts add up to more than Decimal(18,2) can hold, 9 999 999 999 999 999.99
      help: are they in the right unit? Look for `money:` in the job and for amounts in the trillions
    "#);
}

#[test]
fn times_are_of_no_calendar() {
    let created = TimestampMicrosecondArray::from(vec![i64::MIN, -1, i64::MIN + 1, 20_000 * DAY]);
    assert_snapshot!(refuses_orders(&orders().with("created_at", created).without("paid_at")), @r#"
    exit 3
    error: job.yaml:5:3: input `orders`: 3 of 4 rows are wrong, 0.1 % are allowed (max_reject_share): unparseable_value 3
        orders.parquet row 0: unparseable_value: created_at: `-9223372036854775808`: a time from 1970-01-01 on is expected, text as YYYY-MM-DD HH:MM:SS
        orders.parquet row 1: unparseable_value: created_at: `1969-12-31T23:59:59.999999`: a time from 1970-01-01 on is expected, text as YYYY-MM-DD HH:MM:SS
        orders.parquet row 2: unparseable_value: created_at: `-9223372036854775807`: a time from 1970-01-01 on is expected, text as YYYY-MM-DD HH:MM:SS
      help: fix the rows or the mapping; rows that do not belong to the input are left out by `filter: CONDITION`; if wrong rows are to be left out, raise params.max_reject_share: they are then listed in the table `rejects`
    "#);
    let days = arrow::array::Date32Array::from(vec![i32::MIN, i32::MAX, -1, 20_000]);
    assert_snapshot!(refuses_orders(&orders().with("created_at", days).without("paid_at")), @r#"
    exit 3
    error: job.yaml:5:3: input `orders`: 3 of 4 rows are wrong, 0.1 % are allowed (max_reject_share): unparseable_value 3
        orders.parquet row 0: unparseable_value: created_at: `-2147483648`: a time from 1970-01-01 on is expected, text as YYYY-MM-DD HH:MM:SS
        orders.parquet row 1: unparseable_value: created_at: `2147483647`: a time from 1970-01-01 on is expected, text as YYYY-MM-DD HH:MM:SS
        orders.parquet row 2: unparseable_value: created_at: `1969-12-31`: a time from 1970-01-01 on is expected, text as YYYY-MM-DD HH:MM:SS
      help: fix the rows or the mapping; rows that do not belong to the input are left out by `filter: CONDITION`; if wrong rows are to be left out, raise params.max_reject_share: they are then listed in the table `rejects`
    "#);
}

// Expressions.

#[test]
fn an_expression_is_no_sql() {
    assert_snapshot!(refuses_amount("\"quantity *\""), @r#"
    exit 3
    error: job.yaml:8:7: `quantity *` is not a column of the files, nor an expression: it ends where an expression is expected
      help: the file has shop_id, order_id, customer_id, created_at, paid_at, paid_amount; map one of them under `columns:`
    "#);
}

#[test]
fn an_expression_names_a_column_that_is_not_there() {
    assert_snapshot!(refuses_amount("\"paid_amont * 2\""), @r#"
    exit 3
    error: orders.parquet: input `orders`: no column `paid_amont`, which an expression of the job reads
      help: did you mean `paid_amount`? The file has shop_id, order_id, customer_id, created_at, paid_at, paid_amount
    "#);
}

#[test]
fn an_expression_gives_another_type() {
    assert_snapshot!(refuses_amount("\"CAST(order_id AS VARCHAR)\""), @r#"
    exit 3
    error: orders.parquet: input `orders`, column `paid_amount`: expected money: Decimal128 of scale up to 4, Float64, or integers with `money: minor`, found LargeUtf8 in `CAST(order_id AS VARCHAR)`
      help: map it with `CAST((CAST(order_id AS VARCHAR)) AS DECIMAL(18, 4))`
    "#);
}

#[test]
fn an_expression_fails_on_the_values() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("orders.parquet", &orders().with("payment", texts(&["100.00", "fifty", "75.00", "0"])));
        scene.job(&job_with("  orders: { path: orders.parquet, columns: { paid_amount: \"CAST(payment AS DOUBLE)\" } }\n"));
    }), @r#"
    exit 3
    error: orders.parquet: input `orders`: an expression fails within rows 0 to 3: conversion from `str` to `f64` failed in column 'payment' for 1 out of 4 values: ["fifty"]
      help: fix the expression at job.yaml:5:3, or the values in the file
    "#);
}

#[test]
fn an_expression_is_about_all_rows() {
    assert_snapshot!(refuses_amount("\"SUM(order_id) * 1.0\""), @r#"
    exit 3
    error: job.yaml:8:7: `SUM(order_id) * 1.0` is not a column of the files, nor an expression: `SUM` at character 1 is computed from many rows, and an expression sees one row at a time
      help: compute it where the files are written; of the columns of one row there are GREATEST(a, b), LEAST(a, b), and a + b
    "#);
}

#[test]
fn a_filter_is_no_condition() {
    assert_snapshot!(refuses_job(&job_with("  orders: { path: orders.parquet, filter: \"order_id + 1\" }\n")), @r#"
    exit 3
    error: orders.parquet: input `orders`: the expressions of the job cannot be evaluated: a filter is true or false for a row, this one gives Int64
      help: fix `columns:` or `filter:` at job.yaml:5:3
    "#);
}

#[test]
fn a_filter_is_no_sql() {
    assert_snapshot!(refuses_job(&job_with("  orders:\n    path: orders.parquet\n    filter: \"channel = = 'test'\"\n")), @r#"
    exit 3
    error: job.yaml:7:5: the filter `channel = = 'test'` is not a valid condition: `=` at character 11 stands where an expression is expected
      help: it is a condition over columns of the files, such as `channel <> 'test'`
    "#);
}

// The job and the command line.

#[test]
fn the_job_file_is_not_there() {
    assert_snapshot!(Scene::refuses_with(&["run", "nightly.yaml"], |_| ()), @r#"
    exit 2
    error: nightly.yaml: cannot be read: No such file or directory (os error 2)
      help: is this the path of the job file?
    "#);
}

#[test]
fn a_key_is_unknown() {
    let job = JOB.replace("orders: { path: orders.parquet }", "orders: { path: orders.parquet, column: { order_id: tid } }");
    assert_snapshot!(refuses_job(&job.replace("timezone", "time_zone")), @r#"
    exit 2
    error: job.yaml:2:1: unknown key `time_zone`
      help: did you mean `timezone`? allowed here: job, timezone, as_of, shop, currency, inputs, params, assessments, strategies, stages, tables, output
    error: job.yaml:5:35: unknown key `column` in `inputs.orders`
      help: did you mean `columns`? allowed here: path, columns, status, filter, money, times, freshness, customers
    "#);
}

#[test]
fn a_rule_file_is_wrong_and_another_is_not_there() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.write("rules/q.yaml", "assessment: q\nperiod: quater\nrequirements:\n  - { metric: dsr_mean, test: not_bottom, shar: 0.2 }\n");
        scene.job(&format!("{JOB}assessments: [rules/q.yaml, rules/annual.yaml]\n"));
    }), @r#"
    exit 2
    error: job.yaml:7:29: the rule file rules/annual.yaml cannot be read: No such file or directory (os error 2)
      help: paths start at the folder of the job file
    error: rules/q.yaml:2:9: `period` must be one of `month`, `quarter`, `year`, `rolling_year`, `window`, `trailing`, found `quater`
      help: did you mean `quarter`?
    error: rules/q.yaml:4:25: `requirements.share` is missing; `test: not_bottom` needs it
      help: share: the part of the peers among whose worst a shop must not be
    error: rules/q.yaml:4:43: unknown key `shar` in `requirements`
      help: did you mean `share`? allowed here: metric, test, value, column, share, base, k, standard, trial_share, when, levels
    "#);
}

#[test]
fn a_key_is_there_twice() {
    assert_snapshot!(refuses_job(&format!("{JOB}output: {{ path: elsewhere }}\n")), @r#"
    exit 2
    error: job.yaml:7:1: `output` is written twice
      help: it is at job.yaml:6:1 too: keep one
    "#);
}

#[test]
fn the_job_is_not_yaml() {
    assert_snapshot!(refuses_job(&JOB.replace("inputs:", "inputs: [")), @r#"
    exit 2
    error: job.yaml:6:1: is not valid YAML: while parsing a flow mapping, did not find expected ',' or '}'
    "#);
}

#[test]
fn a_table_is_misspelt_in_the_job() {
    // Lists are named after strategies, of which the job has none.
    let all: Vec<&str> = huitou::table::cards().map(|card| card.name.as_ref()).filter(|name| !name.contains('<')).collect();
    let refused = refuses_job(&format!("{JOB}tables: [customers, cohort_retenton, shop_dialy]\n")).replace(&all.join(", "), "(all tables)");
    assert_snapshot!(refused, @r#"
    exit 2
    error: job.yaml:7:21: unknown table `cohort_retenton` in `tables`
      help: did you mean `cohort_retention`? allowed here: (all tables)
    error: job.yaml:7:38: unknown table `shop_dialy` in `tables`
      help: did you mean `shop_daily`? allowed here: (all tables)
    "#);
}

#[test]
fn a_table_of_the_list_cannot_be_built() {
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("orders.parquet", &orders().without("customer_id"));
        scene.job(&format!("{JOB}tables: [customers, shop_daily]\n"));
    }), @r#"
    exit 2
    error: job.yaml:7:10: table `customers` cannot be built: input `orders` has no `customer_id`
      help: map what is missing, or leave the table out
    "#);
}

#[test]
fn a_table_is_misspelt_on_the_command_line() {
    assert_snapshot!(Scene::refuses_with(&["run", "job.yaml", "--only", "custmers,shop_daily,zzz"], |_| ()), @r#"
    exit 2
    error: --only: there is no table `custmers`
      help: did you mean `customers`? `huitou tables` lists them
    error: --only: there is no table `zzz`
      help: `huitou tables` lists them
    "#);
}

#[test]
fn the_as_of_date_is_no_date() {
    assert_snapshot!(Scene::refuses_with(&["run", "job.yaml", "--as-of", "2026-02-30"], |_| ()), @r#"
    exit 2
    error: --as-of: `2026-02-30` is not a date
      help: give YYYY-MM-DD or `yesterday`
    "#);
    assert_snapshot!(refuses_job(&JOB.replace("2026-03-31", "31.03.2026")), @r#"
    exit 2
    error: job.yaml:3:8: `as_of` must be `yesterday` or a date YYYY-MM-DD, found `31.03.2026`
      help: as_of: the last day whose events count
    "#);
}

#[test]
fn an_environment_variable_is_missing() {
    let job = job_with("  orders: { path: \"${HUITOU_TEST_NOT_SET}/orders.parquet\" }\n");
    assert_snapshot!(refuses_job(&job), @r#"
    exit 2
    error: job.yaml:5:19: `inputs.orders.path` needs the environment variable `HUITOU_TEST_NOT_SET`, which is not set
      help: set it in the environment of the run (cron has its own), or write the path out
    "#);
}

#[test]
fn the_timezone_is_broken() {
    assert_snapshot!(refuses_job(&JOB.replace("Asia/Shanghai", "Asia/Shangai")), @r#"
    exit 2
    error: job.yaml:2:11: `timezone` must be a time zone such as Asia/Shanghai, found `Asia/Shangai`
      help: did you mean `Asia/Shanghai`?
    "#);
}

#[test]
fn a_parameter_is_set_wrongly() {
    assert_snapshot!(Scene::refuses_with(&["run", "job.yaml", "--set", "params.lifecycle.active_day=50"], |_| ()), @r#"
    exit 2
    error: --set params.lifecycle.active_day: unknown key `active_day` in `params.lifecycle`
      help: did you mean `active_days`? allowed here: active_days, quiet_days, dormant_days, thresholds
    "#);
}

// Output.

#[test]
fn the_output_lies_below_a_file() {
    assert_snapshot!(Scene::refuses_with(&["run", "job.yaml", "--out", "orders.parquet/out"], |_| ()), @r#"
    exit 4
    error: orders.parquet: is a file where a folder is needed
      help: move it away, or write to another --out
    "#);
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
    assert_snapshot!(ran.exit_and_stderr().replace(name_of(&ran.stderr), "NAME"), @r#"
    exit 4
    error: $/out/tmp/NAME/customers/part-0000.parquet: no storage space
      help: make room on that disk (`df -h`; `df -i` for the number of files) and run again; snapshots published before are unchanged
    "#);
}

/// The name of the snapshot in the message: it has a digest of the program's version and the files' times.
#[cfg(feature = "failpoints")]
fn name_of(shown: &str) -> &str {
    shown.split('/').find(|part| part.starts_with("2026-")).unwrap_or_default()
}

#[test]
fn another_run_holds_the_output() {
    let scene = Scene::with(&orders());
    let store = Store::open(&scene.path("out")).unwrap();
    let ran = scene.run(&["run", "job.yaml", "--quiet"]);
    assert_snapshot!(ran.exit_and_stderr().replace(&std::process::id().to_string(), "PID"), @r#"
    exit 5
    error: $/out: another run of huitou holds this output folder (process PID)
      help: wait for it to end, stop it, or write to another --out; do not delete any file
    "#);
    drop(store);
    assert_eq!(scene.run(&["run", "job.yaml"]).code, Some(0));
}

#[test]
fn machines_read_the_same_as_people() {
    let shown = Scene::refuses_with(&["run", "job.yaml", "--log", "json"], |scene| {
        scene.parquet("orders.parquet", &orders().with("paid_amount", Int32Array::from(vec![1, 2, 3, 4])));
    });
    let (before, rest) = shown.split_once("\"ts\":\"").unwrap();
    let (time, after) = rest.split_once('"').unwrap();
    assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    assert_snapshot!(format!("{before}\"ts\":\"TIME\"{}", after), @r#"
    exit 3
    {"ts":"TIME","level":"error","event":"error","code":"input","exit_code":3,"problems":[{"code":"input_column_type","place":"orders.parquet","message":"input `orders`, column `paid_amount`: expected money, found Int32 in `paid_amount`","help":"integers are money only in minor units: set `money: minor` for the input, or map whole units with `CAST(paid_amount AS DOUBLE)`"}]}
    "#);
    // Nothing but JSON, one object a line.
    for line in shown.lines().skip(1) {
        assert!(serde_json::from_str::<serde_json::Value>(line).unwrap().is_object());
    }
}

#[test]
fn a_check_says_the_same_as_a_run() {
    let bad = |scene: &Scene| scene.parquet("orders.parquet", &orders().without("paid_amount").with("date", dates(&["2026-01-05"; 4])));
    assert_eq!(Scene::refuses_with(&["check", "job.yaml"], bad), Scene::refuses_with(&["run", "job.yaml"], bad));
}
