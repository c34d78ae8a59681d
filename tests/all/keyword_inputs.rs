//! The inputs keyword_traffic and do_not_contact: which rows count, which are refused, what users are told, and whom lists leave out.

use arrow::array::{Int64Array, StringArray};
use huitou::input::records::keyword_days::{KeywordDay, KeywordTraffic};
use huitou::nightly::{Loaded, Silent, load};
use huitou::partition::Budget;
use huitou::publish::Published;
use huitou::spec::Id;

use super::scene::{Columns, JOB, Scene, dates, day, money, noons, rows, texts};
use super::small_inputs::{account, days, loaded, plan, scene, scene_of_rows};

/// Rows of shop 1, the last one of shop 2.
fn searches() -> Columns {
    let long = "x".repeat(256);
    let keywords = [
        Some("tea"),
        Some("Tea "),
        Some("tea"),
        Some("tea"),
        Some("  "),
        None,
        Some("tea"),
        Some("tea"),
        Some(&long),
        Some("(other)"),
        Some("茶"),
    ];
    let channels = [None, Some("paid"), Some("paid"), Some("paid"), None, None, None, None, None, Some(" "), None];
    let on = [
        "2026-03-02",
        "2026-03-02",
        "2026-03-02",
        "2026-03-02",
        "2026-03-02",
        "2026-03-02",
        "2026-03-03",
        "2026-03-04",
        "2026-03-05",
        "2026-03-06",
        "2026-04-01",
    ];
    Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2]))
        .with("date", days(&on))
        .with("keyword", StringArray::from(keywords.to_vec()))
        .with("channel", StringArray::from(channels.to_vec()))
        .with(
            "clicks",
            Int64Array::from(vec![Some(1), Some(2), Some(3), Some(4), Some(5), Some(6), Some(-1), Some(7), Some(8), None, Some(9)]),
        )
        .with("cost", money(&[0, 100, 200, 300, 1, 1, 1, -50, 1, 900, 1]))
}

fn loaded_by(scene: &Scene) -> Loaded {
    load(&plan(scene, "2026-03-31").unwrap_or_else(|error| panic!("{error}")), &std::sync::Arc::new(Budget::unlimited()), &Silent).unwrap()
}

#[test]
fn the_last_row_of_a_keyword_channel_and_day_counts_and_bad_ones_do_not() {
    let found = loaded("keyword_traffic", &searches(), "2026-03-31");
    let row = |shop, keyword, on, clicks, cost| KeywordDay::new(shop, keyword, day(on), [None, clicks, None, None, None, Some(cost)]);
    let expected = KeywordTraffic {
        keywords: ["(other)", "Tea ", "tea"].map(str::to_owned).to_vec(),
        days: vec![
            row(0, 1, "2026-03-02", Some(2), 100),
            row(0, 2, "2026-03-02", Some(1), 0),
            // The later row of paid search.
            row(0, 2, "2026-03-02", Some(4), 300),
            row(1, 0, "2026-03-06", None, 900),
        ],
        first_days: vec![(0, day("2026-03-02")), (1, day("2026-03-06"))],
    };
    assert_eq!(found.facts.keyword_traffic, Some(expected));
    let (counts, rejects) = account(&found, "keyword_traffic");
    assert_eq!(counts, [4, 1, 5, 1]);
    assert_eq!(
        rejects,
        [
            "4 null_key: keyword is null",
            "5 null_key: keyword is null",
            "6 negative_amount: clicks: -1",
            "7 negative_amount: cost: -0.50",
            "8 unparseable_value: keyword: a text of 256 bytes, 255 at most",
        ]
    );
    let told: Vec<&String> = found.warnings.iter().filter(|warning| warning.starts_with("keyword_traffic")).collect();
    let said = |text: &str| told.iter().any(|warning| warning.contains(text));
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(said("1 keywords of a day have rows with a `channel` and one without, and all are added up"), "{told:?}");
    assert!(said("1 of 3 keywords differ from another one only by capitals or by blanks around them"), "{told:?}");
    assert!(said("1 rows have the keyword `(other)`"), "{told:?}");
}

#[test]
fn without_the_table_the_rows_are_checked_and_do_not_stay_and_the_shops_begin_on_the_same_day() {
    let unread = scene_of_rows(&[("keyword_traffic", searches())]);
    let job = std::fs::read_to_string(unread.path("job.yaml")).unwrap();
    unread.job(&format!("{job}tables: [shop_daily]\n"));
    let (unread, read) = (loaded_by(&unread), loaded("keyword_traffic", &searches(), "2026-03-31"));
    assert_eq!(account(&unread, "keyword_traffic"), account(&read, "keyword_traffic"));
    let (unread, read) = (unread.facts.keyword_traffic.unwrap(), read.facts.keyword_traffic.unwrap());
    assert_eq!((unread.days.len(), unread.keywords.len(), &unread.first_days), (0, 0, &read.first_days));
}

#[test]
fn who_unsubscribed_counts_from_the_day_on_and_without_a_shop_everywhere() {
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![Some(1), Some(1), None, Some(1), Some(1), Some(2)]))
        .with("customer_id", Int64Array::from(vec![Some(11), Some(11), Some(12), Some(13), None, Some(14)]))
        // Twice; without a day; on the day after the as-of date; nobody; on the as-of date.
        .with("since", days(&["2026-03-01", "2026-02-01", "", "2026-04-01", "2026-01-01", "2026-03-31"]));
    let found = loaded("do_not_contact", &columns, "2026-03-31");
    let list = found.facts.do_not_contact.clone().unwrap();
    let id = |customer: i64| Id::Integer(huitou::spec::IdType::key(customer));
    let has = |shop: u32, customer: i64| list.has(shop, id(customer));
    assert_eq!(
        (list.len(), [has(0, 11), has(1, 11), has(0, 12), has(1, 12), has(0, 13), has(0, 14), has(1, 14)]),
        (3, [true, false, true, true, false, false, true])
    );
    let (counts, rejects) = account(&found, "do_not_contact");
    assert_eq!(counts, [3, 1, 1, 1]);
    assert_eq!(rejects, ["4 null_key: customer_id is null"]);
    assert!(
        found.warnings.iter().any(|warning| warning == "do_not_contact: 1 of 3 rows have no `shop_id`, and hold for all shops of the job")
    );
}

#[test]
fn without_a_shop_column_every_shop_of_the_orders_is_meant() {
    // Orders with integer shops: other inputs without shop_id are refused there.
    let columns = Columns(Vec::new()).with("customer_id", Int64Array::from(vec![11]));
    let found = loaded_by(&scene(&[("do_not_contact", columns)]));
    let list = found.facts.do_not_contact.clone().unwrap();
    assert_eq!((list.len(), list.of_all_shops(), found.context.shops.len()), (1, 1, 1));
    assert!(!found.warnings.iter().any(|warning| warning.contains("do_not_contact")));
    let text = Columns(Vec::new()).with("customer_id", texts(&["11"]));
    let error = plan(&scene(&[("do_not_contact", text)]), "2026-03-31").unwrap_err().to_string();
    assert!(error.contains("input `do_not_contact`, column `customer_id`: Utf8 here, Int64 in input `orders`"), "{error}");
}

const CARE: &str = "strategy: care\nwhere: orders > 0\nmax_size: 9\nmin_hours_since_order: 0\ncontrol_share: 0.5\ncool_down_days: 0\n";

/// Customers 11, 12, 13 of shops 1 and 2, and those who unsubscribed.
fn night(list: Option<Columns>) -> (Scene, Published) {
    let scene = Scene::new();
    let orders = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 1, 1, 2, 2, 2]))
        .with("order_id", Int64Array::from(vec![1, 2, 3, 4, 5, 6]))
        .with("customer_id", Int64Array::from(vec![11, 12, 13, 11, 12, 13]))
        .with("created_at", noons(&["2026-01-05"; 6]))
        .with("paid_at", noons(&["2026-01-05"; 6]))
        .with("paid_amount", money(&[300_00, 200_00, 100_00, 300_00, 200_00, 100_00]));
    scene.parquet("orders.parquet", &orders);
    scene.write("care.yaml", CARE);
    let input = if list.is_some() { "  do_not_contact: { path: list.parquet }\n" } else { "" };
    scene.job(&format!("{}strategies: [care.yaml]\n", JOB.replace("output:", &format!("{input}output:"))));
    if let Some(list) = &list {
        scene.parquet("list.parquet", list);
    }
    let published = scene.publish("2026-02-01", "out", 2).unwrap();
    (scene, published)
}

#[test]
fn no_list_has_who_unsubscribed_and_no_control_arm_either() {
    let who = |published: &Published| -> Vec<String> {
        rows(published, "audience_care").iter().map(|row| row.split('|').take(2).collect::<Vec<_>>().join(" ")).collect()
    };
    let (_without, everybody) = night(None);
    assert_eq!(who(&everybody), ["1 11", "1 12", "1 13", "2 11", "2 12", "2 13"]);
    // 11 left shop 1, 12 left all, 13 will leave later; 99 is not known, and 11 not in a shop 3.
    let list = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![Some(1), None, Some(1), Some(2), Some(3)]))
        .with("customer_id", Int64Array::from(vec![11, 12, 13, 99, 11]))
        .with("since", dates(&["2026-01-20", "2026-02-01", "2026-02-02", "2026-01-01", "2026-01-01"]));
    let (_scene, published) = night(Some(list));
    // Treated or control: whoever is left out is in neither arm.
    assert_eq!(who(&published), ["1 13", "2 11", "2 13"]);
    assert_eq!(
        rows(&published, "audience_excluded"),
        ["1|11|care||do_not_contact||", "1|12|care||do_not_contact||", "2|12|care||do_not_contact||"]
    );
    let warnings = &published.manifest.warnings;
    let unknown =
        "unknown_customer: 2 of 4 rows of do_not_contact name customers without any order in their shop: are the ids those of the orders?";
    assert!(warnings.iter().any(|warning| warning == unknown), "{warnings:?}");
}
