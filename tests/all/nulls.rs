//! Nulls that are a matter of a row: null partitions, columns without a type, orders without a customer.

use arrow::array::{Float64Array, Int64Array, NullArray, StringArray};

use super::scene::{Columns, JOB, Scene, figures, money, noons, orders, rows, texts};

const AS_OF: &str = "2026-03-31";
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

fn job(orders: &str) -> String {
    JOB.replace("orders.parquet }", orders).replace("output", "params: { max_reject_share: 0.5 }\noutput")
}

/// The orders, each in a partition of its own.
fn partitioned(columns: &Columns, key: &str, values: [&str; 4]) -> Scene {
    let scene = Scene::new();
    for (row, value) in values.iter().enumerate() {
        scene.parquet_of(&format!("data/{key}={value}/{row}.parquet"), &columns.batch().slice(row, 1), None);
    }
    scene
}

#[test]
fn a_null_partition_is_a_null() {
    let scene = partitioned(&orders(), "channel", ["app", NULL, "app", "web"]);
    scene.job(&job("data }"));
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    assert_eq!(published.manifest.warnings, Vec::<String>::new());
    // Null is neither equal to `app` nor different from it.
    for (filter, kept) in [("channel = 'app'", 2), ("channel <> 'app'", 1), ("channel IS NULL", 1), ("COALESCE(channel, 'x') = 'x'", 1)] {
        scene.job(&job(&format!("data, filter: \"{filter}\" }}")));
        assert_eq!(scene.publish(AS_OF, "filtered", 1).unwrap().manifest.inputs[0].equation.used, kept, "{filter}");
    }
}

#[test]
fn a_null_key_of_a_partition_rejects_its_rows() {
    for (key, columns, mapped) in [
        ("shop_id", orders().without("shop_id").with("shop_id_", Int64Array::from(vec![1; 4])), ""),
        ("day", orders().without("created_at"), ", columns: { created_at: day }"),
        ("order", orders().without("order_id"), ", columns: { order_id: order }"),
    ] {
        let values = if key == "day" { ["2026-01-01", "2026-01-01", NULL, "2026-01-01"] } else { ["1", "2", NULL, "4"] };
        let scene = partitioned(&columns, key, values);
        scene.job(&job(&format!("data{mapped} }}")));
        let published = scene.publish(AS_OF, "out", 1).unwrap();
        let equation = published.manifest.inputs[0].equation;
        assert_eq!((equation.used, equation.rejected), (3, 1), "{key}");
        let rejects = rows(&published, "rejects");
        assert!(rejects[0].contains("null_key") && rejects[0].contains(" is null"), "{rejects:?}");
    }
}

#[test]
fn a_column_without_a_type_has_the_type_of_the_other_files() {
    let nothing = |rows: usize| NullArray::new(rows);
    let plain = figures(&Scene::with(&orders().with("channel", texts(&["app"; 4]))).publish(AS_OF, "out", 1).unwrap());
    let scene = Scene::new();
    scene.job(&JOB.replace("orders.parquet", "data"));
    scene.parquet("data/b.parquet", &orders().with("channel", texts(&["app"; 4])));
    // A day without orders, and columns that were never filled: pandas gives both the type null.
    let names = ["shop_id", "order_id", "customer_id", "created_at", "paid_at", "paid_amount", "channel"];
    let empty = names.iter().fold(Columns(Vec::new()), |columns, name| columns.with(name, nothing(0)));
    scene.parquet("data/a.parquet", &empty);
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    assert_eq!(figures(&published), plain);
    assert_eq!((published.manifest.warnings.len(), published.manifest.inputs[0].files.len()), (0, 2));
    // A file with rows: an expression over a column without a type sees nulls of the type that the other files have.
    let other = orders().with("order_id", Int64Array::from(vec![1, 2, 3, 4])).with("channel", nothing(4)).with("paid_at", nothing(4));
    scene.parquet("data/c.parquet", &other);
    for (filter, kept) in [("UPPER(channel) = 'APP'", 4), ("channel IS NULL", 4), ("paid_at > TIMESTAMP '2026-02-01 00:00:00'", 1)] {
        scene.job(&JOB.replace("orders.parquet", &format!("data, filter: \"{filter}\"")));
        assert_eq!(scene.publish(AS_OF, "filtered", 1).unwrap().manifest.inputs[0].equation.used, kept, "{filter}");
    }
    // No file says what it is.
    let scene = Scene::with(&orders().with("note", nothing(4)));
    for (filter, kept) in [("UPPER(note) = 'APP'", 0), ("note IS NULL", 4), ("COALESCE(note, 1) + 1 = 2", 4), ("note", 0)] {
        scene.job(&JOB.replace("orders.parquet", &format!("orders.parquet, filter: \"{filter}\"")));
        assert_eq!(scene.publish(AS_OF, "out", 1).unwrap().manifest.inputs[0].equation.used, kept, "{filter}");
    }
}

#[test]
fn ids_without_a_type_are_nulls() {
    let scene = Scene::with(&orders().with("order_id", NullArray::new(4)));
    let ran = scene.run(&["run", "job.yaml"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.stderr.contains("4 of 4 rows are wrong") && ran.stderr.contains("null_key: order_id is null"), "{}", ran.stderr);
    // Of two shops in two files one is not named: its rows are not those of the job's shop.
    let scene = Scene::new();
    scene.job(&job("data }"));
    scene.parquet("data/a.parquet", &orders());
    scene.parquet("data/b.parquet", &orders().with("shop_id", NullArray::new(4)));
    let equation = scene.publish(AS_OF, "out", 1).unwrap().manifest.inputs[0].equation;
    assert_eq!((equation.used, equation.rejected), (4, 4));
}

/// Ten orders of 10.00, one a day from 2026-01-01 on; every fifth names nobody, and the others have two customers.
fn anonymous(text: bool) -> Columns {
    let days: Vec<String> = (1..=10).map(|day| format!("2026-01-{day:02}")).collect();
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    let ids: Vec<Option<i64>> = (0..10).map(|row| (row % 5 != 4).then_some(row % 2)).collect();
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 10]))
        // As numbers the orders 0 and 1 have the ids of the customers.
        .with("order_id", Int64Array::from_iter_values([4, 5, 6, 7, 0, 8, 9, 10, 11, 1]))
        .with("created_at", noons(&days))
        .with("paid_at", noons(&days))
        .with("paid_amount", money(&[1_000; 10]));
    match text {
        true => {
            columns.with("customer_id", StringArray::from_iter(ids.iter().map(|id| Some(id.map(|id| id.to_string()).unwrap_or_default()))))
        }
        false => columns.with("customer_id", Int64Array::from(ids)),
    }
}

/// A column of the only row of the year in `shop_periods`.
fn of_year(published: &huitou::publish::Published, column: &str) -> String {
    let part = &published.manifest.table("shop_periods").unwrap().parts[0].file;
    let file = std::fs::File::open(published.path.join(part)).unwrap();
    let batch =
        parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().next().unwrap().unwrap();
    let text = |name: &str, row: usize| arrow::util::display::array_value_to_string(batch.column_by_name(name).unwrap(), row).unwrap();
    let years: Vec<usize> = (0..batch.num_rows()).filter(|row| text("grain", *row) == "year").collect();
    assert_eq!(years.len(), 1);
    text(column, years[0])
}

#[test]
fn orders_without_a_customer_count_for_the_shop() {
    for text in [false, true] {
        let scene = Scene::with(&anonymous(text));
        let published = scene.publish(AS_OF, "out", 1).unwrap();
        let year = |column: &str| of_year(&published, column);
        assert_eq!(
            ["placed_orders", "paid_orders", "paid_amount", "paying_customers", "placed_customers", "new_customers"].map(year),
            ["10", "10", "100.00", "2", "2", "2"]
        );
        // Eight orders of two customers: 40.00 each.
        let customers = rows(&published, "customers");
        assert_eq!(customers.len(), 2, "{customers:?}");
        assert!(rows(&published, "rejects").is_empty());
        let told = "orders: 2 of 10 name no customer, with 20.00 of 100.00 paid: they count in the figures of shops and in no table of \
                    customers (`customers: required` rejects them)";
        assert_eq!(published.manifest.warnings[0], told);
        // In another order and on more threads the same bytes; without the two, the same tables of customers.
        let other = scene.publish(AS_OF, "threads", 3).unwrap();
        assert_eq!(figures(&other), figures(&published));
        let kept: Vec<usize> = (0..10).filter(|row| row % 5 != 4).collect();
        let named = Scene::new();
        named.job(JOB);
        let indices = Int64Array::from_iter_values(kept.iter().map(|row| *row as i64));
        named.parquet_of("orders.parquet", &arrow::compute::take_record_batch(&anonymous(text).batch(), &indices).unwrap(), None);
        let named = named.publish(AS_OF, "out", 1).unwrap();
        for table in ["customers", "repurchase_intervals", "cohort_retention", "interval_histogram"] {
            assert_eq!(rows(&published, table), rows(&named, table), "{table}");
        }
    }
}

#[test]
fn a_job_may_require_customers() {
    let scene = Scene::with(&anonymous(false));
    scene.job(&job("orders.parquet, customers: required }"));
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    let equation = published.manifest.inputs[0].equation;
    assert_eq!((equation.used, equation.rejected), (8, 2));
    assert!(rows(&published, "rejects").iter().all(|row| row.contains("null_key") && row.contains("customer_id is null")));
    assert_eq!(of_year(&published, "paid_amount"), "80.00");
}

#[test]
fn a_customer_who_is_named_later_has_the_order() {
    let scene = Scene::new();
    scene.job(&job("data }"));
    let first = orders().with("customer_id", Int64Array::from(vec![Some(11), None, Some(11), Some(13)]));
    scene.parquet("data/2026-03-01.parquet", &first);
    scene.parquet("data/2026-03-02.parquet", &orders());
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    let equation = published.manifest.inputs[0].equation;
    assert_eq!((equation.used, equation.superseded, equation.rejected), (4, 4, 0));
    assert_eq!(rows(&published, "customers").len(), 2);
}

#[test]
fn lines_of_one_order_with_and_without_a_customer_conflict() {
    // Order 103, so that its id as a number is no customer; order 11, whose id is that of the customer of its other line.
    for order in [103, 11] {
        let lines = orders()
            .with("order_id", Int64Array::from(vec![101, 102, order, order]))
            .with("line_id", Int64Array::from(vec![1, 2, 3, 4]))
            .with("customer_id", Int64Array::from(vec![Some(11), Some(12), Some(11), None]));
        let scene = Scene::with(&lines);
        scene.job(&job("orders.parquet }"));
        let published = scene.publish(AS_OF, "out", 1).unwrap();
        let rejects = rows(&published, "rejects");
        assert_eq!(rejects.len(), 2, "{rejects:?}");
        assert!(rejects.iter().any(|row| row.contains("customer_id: 11, another line of the order has null")), "{rejects:?}");
        assert!(rejects.iter().any(|row| row.contains("customer_id: null, another line of the order has 11")), "{rejects:?}");
    }
}

#[test]
fn a_cell_of_an_optional_column_that_cannot_be_read_is_null() {
    // What exports write for "not yet", a channel that is a document, an amount that is none, a count beyond all counts, and less than
    // nothing taken off.
    let long = "长".repeat(86);
    let odd = orders()
        .with("shipped_at", texts(&["2026-01-06 10:00:00", "0000-00-00 00:00:00", "2026-02-15 10:00:00", "-"]))
        .with("completed_at", texts(&["2026-01-09", "not yet", "2026-02-19", ""]))
        .with("channel", texts(&["app", "app", &long, "app"]))
        .with("order_amount", Float64Array::from(vec![100.0, 50.0, f64::NAN, 30.0]))
        .with("quantity", Int64Array::from(vec![1, 2, i64::MAX, 1]))
        .with("promotion", texts(&["coupon", &long, "coupon", "none"]))
        .with("discount_amount", Float64Array::from(vec![10.0, -0.5, f64::NAN, 0.0]));
    let null = orders()
        .with("shipped_at", StringArray::from(vec![Some("2026-01-06 10:00:00"), None, Some("2026-02-15 10:00:00"), None]))
        .with("completed_at", StringArray::from(vec![Some("2026-01-09"), None, Some("2026-02-19"), None]))
        .with("channel", StringArray::from(vec![Some("app"), Some("app"), None, Some("app")]))
        .with("order_amount", Float64Array::from(vec![Some(100.0), Some(50.0), None, Some(30.0)]))
        .with("quantity", Int64Array::from(vec![Some(1), Some(2), None, Some(1)]))
        .with("promotion", StringArray::from(vec![Some("coupon"), None, Some("coupon"), Some("none")]))
        .with("discount_amount", Float64Array::from(vec![Some(10.0), None, None, Some(0.0)]));
    let null = figures(&Scene::with(&null).publish(AS_OF, "out", 1).unwrap());
    let scene = Scene::with(&odd);
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    assert_eq!(figures(&published), null);
    let equation = published.manifest.inputs[0].equation;
    assert_eq!((equation.used, equation.rejected), (4, 0));
    // Two each of shipped_at and discount_amount, and one each of the five others.
    let inputs = rows(&published, "inputs");
    assert_eq!(inputs[0].split('|').nth_back(1), Some("9"), "{inputs:?}");
    let warnings = &published.manifest.warnings;
    assert_eq!(warnings.len(), 7, "{warnings:?}");
    let told =
        "input `orders`: 2 cells of `shipped_at` cannot be read and count as null, orders.parquet row 1 first: `0000-00-00 00:00:00`";
    assert!(warnings.iter().any(|warning| warning.starts_with(told)), "{warnings:?}");
    let told =
        "input `orders`: 2 cells of `discount_amount` cannot be read and count as null, orders.parquet row 1 first: -0.50 is below 0";
    assert!(warnings.iter().any(|warning| warning.starts_with(told)), "{warnings:?}");
    // A time that says whether an order was paid is another matter: null would mean that it was not.
    let scene = Scene::with(&orders().with("paid_at", texts(&["2026-01-05 12:00:00", "yesterday", "", ""])));
    assert_eq!(scene.run(&["run", "job.yaml"]).code, Some(3));
}
