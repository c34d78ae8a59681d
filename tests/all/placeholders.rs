//! Customers who are none: blanks, words such as `NULL`, and the account to which a shop books whoever has no other.

use arrow::array::{Int64Array, StringArray};

use super::result::{Snapshot, run};
use super::scene::{Columns, DAY, JOB, Scene, day, digests, money, texts};

/// An order a day of each of these customers, each of 1.00.
fn orders(customers: impl arrow::array::Array + 'static) -> Columns {
    let count = customers.len() as i64;
    let first = i64::from(day("2026-01-05")) * DAY;
    let times = arrow::array::TimestampMicrosecondArray::from_iter_values((0..count).map(|order| first + order % 80 * DAY + order));
    Columns(Vec::new())
        .with("order_id", Int64Array::from_iter_values(0..count))
        .with("customer_id", customers)
        .with("created_at", times)
        .with("paid_amount", money(&vec![100; count as usize]))
}

fn snapshot(columns: &Columns, keys: &str) -> Snapshot {
    let scene = Scene::with(columns);
    scene.job(&JOB.replace("path: orders.parquet", &format!("path: orders.parquet{keys}")));
    run(&scene.path("job.yaml"), &[], None).unwrap_or_else(|error| panic!("{error}"))
}

fn told(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.manifest.warnings.iter().map(String::as_str).filter(|warning| warning.starts_with("placeholder_customer: ")).collect()
}

/// Customers and their orders.
fn customers(snapshot: &Snapshot) -> Vec<(String, Option<i64>)> {
    snapshot.table("customers").rows().map(|row| (row.text("customer_id"), row.count("orders"))).collect()
}

#[test]
fn a_blank_id_is_none() {
    for blank in ["", " ", "   ", "\t", "\u{3000}"] {
        let found = snapshot(&orders(texts(&["a", blank, "b", blank])), "");
        assert_eq!(customers(&found), [("a".to_owned(), Some(1)), ("b".to_owned(), Some(1))], "{blank:?}");
        assert!(found.manifest.warnings.iter().any(|warning| warning.starts_with("orders: 2 of 4 name no customer")));
        assert_eq!(told(&found), Vec::<&str>::new());
        assert_eq!(found.table("shop_daily").money("paid_amount"), "4.00");
    }
}

#[test]
fn words_for_nobody_are_told_and_the_advice_makes_them_null() {
    for word in ["NULL", "null", "None", "nan", "0", "-", "\\N", "匿名", "(null)", "it's (null)"] {
        let columns = orders(texts(&["a", word, "b", word, "c"]));
        let found = snapshot(&columns, "");
        if word == "it's (null)" {
            assert_eq!(told(&found), Vec::<&str>::new());
            continue;
        }
        let [warning] = told(&found)[..] else { panic!("{word}: {:?}", found.manifest.warnings) };
        assert!(
            warning.contains(&format!(
                "the id `{word}`, as programs write it for nobody, names the customer of 2 of the 5 orders that have one (40.0 %)"
            )),
            "{warning}"
        );
        let quoted = |start: &str| warning.split('`').find(|quoted| quoted.starts_with(start)).unwrap().to_owned();
        let advice = quoted("customer_id: ").replacen("customer_id: ", "customer_id: \"", 1).replace('\\', "\\\\");
        let nulled = snapshot(&columns, &format!(", columns: {{ {advice}\" }}"));
        let one = |id: &str| (id.to_owned(), Some(1));
        assert_eq!((customers(&nulled), told(&nulled)), (vec![one("a"), one("b"), one("c")], Vec::new()), "{advice}");
        assert_eq!(nulled.table("shop_daily").money("paid_amount"), "5.00");
        let filter = quoted("filter: ").replacen("filter: ", "filter: \"", 1).replace('\\', "\\\\");
        assert_eq!(snapshot(&columns, &format!(", {filter}\"")).table("shop_daily").money("paid_amount"), "3.00", "{filter}");
        // Orders without any customer stay.
        let some = orders(StringArray::from(vec![Some("a"), Some(word), None]));
        assert_eq!(snapshot(&some, &format!(", {filter}\"")).table("shop_daily").money("paid_amount"), "2.00", "{filter}");
    }
    let columns = orders(Int64Array::from(vec![7, 0, 8, -1, 0]));
    let found = snapshot(&columns, "");
    assert_eq!(told(&found).len(), 2, "{:?}", told(&found));
    assert!(told(&found)[0].contains("the id `-1`") && told(&found)[1].contains("the id `0`"));
    assert!(told(&found)[1].contains("`customer_id: NULLIF(customer_id, 0)`"), "{}", told(&found)[1]);
    let nulled = snapshot(&columns, ", columns: { customer_id: \"NULLIF(NULLIF(customer_id, 0), -1)\" }");
    assert_eq!(customers(&nulled), [("7".to_owned(), Some(1)), ("8".to_owned(), Some(1))]);
}

#[test]
fn the_account_of_all_others_is_told_in_a_shop_with_many_customers() {
    // Of 1,101 customers one has 100 of 1,200 orders: 8.3 %.
    let named = |others: usize, account: usize| {
        let ids = (0..others).map(|customer| format!("c{customer}")).chain(std::iter::repeat_n("门店散客卡".to_owned(), account));
        orders(StringArray::from_iter_values(ids))
    };
    let found = snapshot(&named(1_100, 100), "");
    let [warning] = told(&found)[..] else { panic!("{:?}", found.manifest.warnings) };
    assert!(warning.contains("the customer `门店散客卡` of shop test has 100 of its 1200 orders with a customer (8.3 %)"), "{warning}");
    assert!(warning.contains("`customer_id: NULLIF(customer_id, '门店散客卡')`"), "{warning}");
    // 4.3 % are no account, and few customers tell nothing.
    assert_eq!(told(&snapshot(&named(1_100, 50), "")), Vec::<&str>::new());
    assert_eq!(told(&snapshot(&named(500, 100), "")), Vec::<&str>::new());
}

#[test]
fn a_warning_changes_no_table() {
    let scene = Scene::with(&orders(texts(&["a", "NULL", "b", "NULL", "c"])));
    let one = digests(&scene.publish("2026-03-31", "one", 1).unwrap());
    assert_eq!(one, digests(&scene.publish("2026-03-31", "three", 3).unwrap()));
}
