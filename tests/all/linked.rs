//! The input customer_links: which rows count, and that linked ids are as if somebody had written the smallest id of each person into all
//! inputs before.

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, Int64Array, StringArray};
use huitou::spec::{Id, IdType};
use proptest::prelude::*;

use super::scene::{Columns, DAY, JOB, Scene, day, money, noons, rows, texts};
use super::small_inputs::{account, days, loaded, plan, scene};

fn key(id: i64) -> Id<'static> {
    Id::Integer(IdType::key(id))
}

#[test]
fn links_count_from_their_day_on_and_nobody_is_linked() {
    let columns = Columns(Vec::new())
        .with(
            "customer_id",
            Int64Array::from(vec![Some(12), Some(13), Some(14), Some(15), None, Some(16), Some(17), Some(0), Some(12), Some(9)]),
        )
        .with(
            "linked_id",
            Int64Array::from(vec![Some(11), Some(12), Some(11), Some(15), Some(11), None, Some(0), Some(17), Some(11), Some(8)]),
        )
        // From the as-of date on, always, a day later; itself; nobody three times; once more; and a day that is none.
        .with("valid_from", days(&["2026-03-31", "", "2026-04-01", "", "", "", "2026-01-01", "", "", "2026-01-01"]));
    let found = loaded("customer_links", &columns, "2026-03-31");
    let (counts, rejects) = account(&found, "customer_links");
    assert_eq!(counts, [5, 0, 4, 1]);
    assert_eq!(
        rejects,
        [
            "4 null_key: customer_id is null",
            "5 null_key: linked_id is null",
            "6 null_key: linked_id: `0`, as programs write it for nobody",
            "7 null_key: customer_id: `0`, as programs write it for nobody",
        ]
    );
    let person = |id: i64| found.context.links.person(key(id)).map(|(person, _)| person);
    assert_eq!([11, 12, 13, 14, 15, 17, 9].map(person), [None, Some(key(11)), Some(key(11)), None, None, None, Some(key(8))]);
    assert!(!found.warnings.iter().any(|warning| warning.contains("many_ids")), "{:?}", found.warnings);
    // A night before that day knows the chain only from 13 to 12 on.
    let before = loaded("customer_links", &columns, "2026-03-30");
    assert_eq!(account(&before, "customer_links").0, [4, 0, 4, 2]);
    // The last row of all joins 12 and 11 whenever it is.
    assert_eq!(before.context.links.person(key(13)).map(|(person, _)| person), Some(key(11)));
}

#[test]
fn words_for_nobody_and_people_of_many_ids_are_told() {
    let id = |number: usize| format!("c{number:02}");
    let mut one: Vec<String> = (1..25).map(id).collect();
    let mut other: Vec<String> = (1..25).map(|_| id(0)).collect();
    one.extend(["匿名".to_owned(), "x".repeat(40_000)]);
    other.extend([id(1), id(2)]);
    let columns = Columns(Vec::new())
        .with("customer_id", StringArray::from(one))
        .with("linked_id", StringArray::from(other))
        .with("valid_from", days(&[""; 26]));
    let scene = Scene::new();
    let orders = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 1]))
        .with("order_id", Int64Array::from(vec![1, 2]))
        .with("customer_id", texts(&["c24", "c03"]))
        .with("created_at", noons(&["2026-01-05", "2026-02-05"]))
        .with("paid_amount", money(&[100, 200]));
    scene.parquet("orders.parquet", &orders);
    scene.parquet("links.parquet", &columns);
    scene.job(&format!(
        "{}params: {{ max_reject_share: 0.1 }}\n",
        JOB.replace("output:", "  customer_links: { path: links.parquet }\noutput:")
    ));
    let published = scene.publish("2026-03-31", "out", 1).unwrap();
    let warnings = &published.manifest.warnings;
    let said = |text: &str| warnings.iter().any(|warning| warning.contains(text));
    assert!(said("many_ids: 1 people have more than 20 ids each by customer_links: `c00` with 25"), "{warnings:?}");
    let found = rows(&published, "customers");
    assert!(found.len() == 1 && found[0].starts_with("1|c00|2026-01-05|2026-02-05|"), "{found:?}");
    assert!(found[0].contains("|24|c01 c02 c03 c04 c05 c06 c07 c08 c09 c10 +14|"), "{found:?}");
    let rejects = rows(&published, "rejects");
    assert!(rejects.len() == 2 && rejects[0].contains("`匿名`") && rejects[1].contains("40000 bytes, 32767 at most"), "{rejects:?}");
    assert_eq!(
        rows(&published, "identity_effect")[0..3],
        [
            "1|customers|customers|2.0|1.0|-1.0|2.00||1.00|",
            "1|net_revenue_per_customer|CNY per customer|1.5|3.0|1.5|3.00|2|3.00|1",
            "1|repeat_rate|1|0.0|1.0|1.0|0.00|2|1.00|1",
        ]
    );
}

#[test]
fn ids_of_another_type_are_refused_and_orders_without_customers_are_told() {
    let columns = |other: ArrayRef| {
        Columns(vec![("customer_id".into(), std::sync::Arc::new(Int64Array::from(vec![1])) as ArrayRef), ("linked_id".into(), other)])
    };
    let error = plan(&scene(&[("customer_links", columns(std::sync::Arc::new(texts(&["2"]))))]), "2026-03-31").unwrap_err().to_string();
    assert!(error.contains("input `customer_links`, column `linked_id`: Utf8 here, Int64 in `customer_id` of `orders`"), "{error}");
    let unnamed = scene(&[("customer_links", columns(std::sync::Arc::new(Int64Array::from(vec![2]))))]);
    unnamed.parquet("orders.parquet", &super::scene::orders().without("customer_id"));
    let warnings = unnamed.publish("2026-03-31", "out", 1).unwrap().manifest.warnings;
    assert!(warnings.iter().any(|warning| warning == "customer_links join nobody: the orders have no `customer_id`"), "{warnings:?}");
}

const CARE: &str = "strategy: care\nwhere: orders > 0\nmax_size: 3\nmin_hours_since_order: 0\ncontrol_share: 0.5\n";

#[test]
fn who_was_on_a_list_under_another_id_is_still_left_out() {
    let scene = Scene::new();
    let orders = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 1]))
        .with("order_id", Int64Array::from(vec![1, 2]))
        .with("customer_id", Int64Array::from(vec![12, 13]))
        .with("created_at", noons(&["2026-01-05"; 2]))
        .with("paid_amount", money(&[300_00, 200_00]));
    scene.parquet("orders.parquet", &orders);
    scene.write("care.yaml", CARE);
    let job = format!("{JOB}strategies: [care.yaml]\n");
    scene.job(&job);
    let list = |as_of: &str| rows(&scene.publish(as_of, "out", 1).unwrap(), "audience_care").len();
    assert_eq!(list("2026-02-01"), 2);
    // From the next night on 12 is 5, who was on the list as 12; 14 is new.
    let links = Columns(Vec::new())
        .with("customer_id", Int64Array::from(vec![12]))
        .with("linked_id", Int64Array::from(vec![5]))
        .with("valid_from", days(&["2026-02-02"]));
    scene.parquet("links.parquet", &links);
    scene.job(&job.replace("output:", "  customer_links: { path: links.parquet }\noutput:"));
    let published = scene.publish("2026-02-02", "out", 1).unwrap();
    assert_eq!(rows(&published, "audience_care"), [""; 0]);
    assert_eq!(
        rows(&published, "audience_excluded"),
        ["1|5|care||cool_down|audience_care|2026-02-01", "1|13|care||cool_down|audience_care|2026-02-01"]
    );
}

/// The ids of customers as a shop has them.
#[derive(Debug, Clone, Copy)]
enum Type {
    Integer,
    Text,
}

impl Type {
    /// Some of the numbers are below 0; none is 0 or -1, which programs write for nobody.
    fn column(self, ids: impl Iterator<Item = Option<usize>>) -> ArrayRef {
        match self {
            Type::Integer => std::sync::Arc::new(ids.map(|id| id.map(|id| 45 - 7 * id as i64)).collect::<Int64Array>()),
            Type::Text => std::sync::Arc::new(ids.map(|id| id.map(|id| format!("c{id}"))).collect::<StringArray>()),
        }
    }

    /// Whether one number's id is less than another's.
    fn is_less(self, one: usize, other: usize) -> bool {
        match self {
            Type::Integer => one > other,
            Type::Text => format!("c{one}") < format!("c{other}"),
        }
    }
}

const PEOPLE: usize = 14;

/// By id the smallest id of its person.
fn people(of: Type, links: &[(usize, usize, bool)]) -> Vec<usize> {
    let mut people: Vec<usize> = (0..PEOPLE).collect();
    loop {
        let before = people.clone();
        for (one, other, _) in links.iter().filter(|(_, _, is_valid)| *is_valid) {
            let [a, b] = [people[*one], people[*other]];
            let least = if of.is_less(a, b) { a } else { b };
            (people[*one], people[*other]) = (least, least);
        }
        if people == before {
            return people;
        }
    }
}

#[derive(Debug, Clone)]
struct DrawnOrder {
    shop: i64,
    customer: usize,
    /// Which id of the same person the second line, and the newer version of the first one, has.
    other: usize,
    on: i64,
    amount: i64,
    refund: Option<bool>,
}

fn drawn_order() -> impl Strategy<Value = DrawnOrder> {
    (1..4_i64, 0..PEOPLE, 0..PEOPLE, 0..400_i64, 1..50_000_i64, prop::option::weighted(0.3, any::<bool>()))
        .prop_map(|(shop, customer, other, on, amount, refund)| DrawnOrder { shop, customer, other, on, amount, refund })
}

/// A job over these orders, the ids of customers as `id` has them, with links or without.
fn written(
    of: Type,
    orders: &[DrawnOrder],
    links: Option<&[(usize, usize, bool)]>,
    id: &dyn Fn(usize) -> usize,
    members: &[Vec<usize>],
) -> Scene {
    let scene = Scene::new();
    let first = i64::from(day("2025-01-01")) * DAY;
    let times = |values: Vec<Option<i64>>| values.into_iter().collect::<arrow::array::TimestampMicrosecondArray>();
    let (mut shops, mut ids, mut lines, mut who) = (vec![], vec![], vec![], vec![]);
    let (mut created, mut modified, mut amounts) = (vec![], vec![], vec![]);
    for (number, order) in orders.iter().enumerate() {
        let at = first + order.on * DAY + number as i64 * 1_000_003;
        let same = &members[order.customer];
        let other = same[order.other % same.len()];
        // The older version of the first line, its newer one, the second line.
        for (line, customer, later) in [(1, order.customer, 0), (1, other, 1), (2, order.customer, 0)] {
            shops.push(order.shop);
            ids.push(number as i64);
            lines.push(line);
            who.push((number % 19 != 7).then(|| id(customer)));
            created.push(Some(at));
            modified.push(Some(at + later * DAY));
            amounts.push(order.amount + line);
        }
    }
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(shops))
        .with("order_id", Int64Array::from(ids))
        .with("line_id", Int64Array::from(lines))
        .with("created_at", times(created.clone()))
        .with("paid_at", times(created))
        .with("modified_at", times(modified))
        .with("paid_amount", money(&amounts));
    let columns = Columns([columns.0, vec![("customer_id".to_owned(), of.column(who.into_iter()))]].concat());
    scene.parquet("orders.parquet", &columns);

    let refunded: Vec<(usize, &DrawnOrder, bool)> = orders
        .iter()
        .enumerate()
        // At least one, since an input without rows is none.
        .filter_map(|(number, order)| Some((number, order, order.refund.or((number == 0).then_some(false))?)))
        .collect();
    let back = |order: &DrawnOrder| Some(first + (order.on + 20) * DAY);
    let refunds = Columns(Vec::new())
        .with("shop_id", refunded.iter().map(|(_, order, _)| order.shop).collect::<Int64Array>())
        .with("refund_id", refunded.iter().map(|(number, ..)| *number as i64).collect::<Int64Array>())
        // Of an order that is there, or of one that nobody knows.
        .with(
            "order_id",
            refunded.iter().map(|(number, _, is_known)| *number as i64 + if *is_known { 0 } else { 10_000 }).collect::<Int64Array>(),
        )
        .with("created_at", times(refunded.iter().map(|(_, order, _)| back(order)).collect()))
        .with("completed_at", times(refunded.iter().map(|(_, order, _)| back(order)).collect()))
        .with("amount", money(&refunded.iter().map(|(_, order, _)| order.amount / 2 + 1).collect::<Vec<_>>()))
        .with("status", texts(&vec!["success"; refunded.len()]));
    let customers = of.column(refunded.iter().map(|(_, order, _)| Some(id(order.customer))));
    scene.parquet("refunds.parquet", &Columns([refunds.0, vec![("customer_id".to_owned(), customers)]].concat()));

    let sent = |_: usize| Some(first + 300 * DAY);
    let audience = Columns(vec![("customer_id".to_owned(), of.column((0..PEOPLE).map(|customer| Some(id(customer)))))])
        .with("campaign_id", Int64Array::from(vec![1; PEOPLE]))
        // All ids of a person are in one arm.
        .with("arm", StringArray::from_iter_values((0..PEOPLE).map(|customer| ["treated", "control"][members[customer][0] % 2])))
        .with("sent_at", times((0..PEOPLE).map(sent).collect()));
    // Rows of one person in files of their own: after rewriting they would be rows of one key in one file.
    let batch = audience.batch();
    (0..PEOPLE).for_each(|row| scene.parquet_of(&format!("audiences/{row:02}.parquet"), &batch.slice(row, 1), None));
    let campaigns = Columns(Vec::new())
        .with("campaign_id", Int64Array::from(vec![1]))
        .with("shop_id", Int64Array::from(vec![1]))
        .with("name", texts(&["recall"]))
        .with("starts_on", days(&["2025-10-28"]))
        .with("ends_on", days(&["2025-11-10"]));
    scene.parquet("campaigns.parquet", &campaigns);
    let unsubscribed = Columns(vec![("customer_id".to_owned(), of.column([3, 8].into_iter().map(|customer| Some(id(customer)))))])
        .with("shop_id", Int64Array::from(vec![1, 2]))
        .with("since", days(&["", "2025-05-05"]));
    let batch = unsubscribed.batch();
    (0..2).for_each(|row| scene.parquet_of(&format!("do_not_contact/{row}.parquet"), &batch.slice(row, 1), None));
    let shops = Columns(Vec::new()).with("shop_id", Int64Array::from(vec![1, 2, 3])).with("shop_group", texts(&["north", "north", ""]));
    scene.parquet("shops.parquet", &shops);

    let mut inputs = "  refunds: { path: refunds.parquet }\n  audiences: { path: audiences }\n  campaigns: { path: campaigns.parquet }\n  \
                      do_not_contact: { path: do_not_contact }\n  shops: { path: shops.parquet }\n"
        .to_owned();
    if let Some(links) = links {
        let columns = vec![
            ("customer_id".to_owned(), of.column(links.iter().map(|(one, ..)| Some(*one)))),
            ("linked_id".to_owned(), of.column(links.iter().map(|(_, other, _)| Some(*other)))),
        ];
        let from: Vec<&str> = links.iter().map(|(_, _, is_valid)| if *is_valid { "2026-03-31" } else { "2026-04-01" }).collect();
        scene.parquet("links.parquet", &Columns(columns).with("valid_from", days(&from)));
        inputs.push_str("  customer_links: { path: links.parquet }\n");
    }
    scene.write("care.yaml", CARE);
    scene.job(&format!(
        "{}strategies: [care.yaml]\nparams: {{ group_ids: shared, totals: all, max_reject_share: 1.0, cohort: {{ dimensions: [first_order_value_band] }} }}\n",
        JOB.replace("output:", &format!("{inputs}output:"))
    ));
    scene
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn linked_ids_are_as_ids_rewritten_by_hand(
        orders in prop::collection::vec(drawn_order(), 1..60),
        links in prop::collection::vec((0..PEOPLE, 0..PEOPLE, prop::bool::weighted(0.8)), 1..10),
        is_text in any::<bool>(),
        threads in 1..4_usize,
    ) {
        let of = if is_text { Type::Text } else { Type::Integer };
        let people = people(of, &links);
        let members: Vec<Vec<usize>> = people.iter().map(|own| {
            let mut same: Vec<usize> = (0..PEOPLE).filter(|id| people[*id] == *own).collect();
            same.sort_by_key(|id| *id != *own);
            same
        }).collect();
        let scenes = [written(of, &orders, Some(&links), &|id| id, &members), written(of, &orders, None, &|id| people[id], &members)];
        let linked = scenes[0].publish("2026-03-31", "out", threads).unwrap();
        let rewritten = scenes[1].publish("2026-03-31", "out", 2).unwrap();
        let tables = |published: &huitou::publish::Published| -> BTreeMap<String, Vec<String>> {
            let about_files = ["inputs", "rejects", "identity_effect"];
            let names = published.manifest.tables.iter().map(|table| table.name.clone()).filter(|name| !about_files.contains(&name.as_str()));
            names.map(|name| {
                // Of customers two columns before those of the forecast say which other ids there are.
                let further = match name.as_str() { "customers" => 3, "group_customers" => 0, _ => usize::MAX };
                let without = |row: String| match further {
                    usize::MAX => row,
                    further => {
                        let mut cells: Vec<&str> = row.split('|').collect();
                        let end = cells.len() - further;
                        cells.drain(end - 2..end);
                        cells.join("|")
                    }
                };
                let rows = rows(published, &name).into_iter().map(without).collect();
                (name, rows)
            }).collect()
        };
        let (linked_tables, rewritten_tables) = (tables(&linked), tables(&rewritten));
        prop_assert_eq!(linked_tables.keys().collect::<Vec<_>>(), rewritten_tables.keys().collect::<Vec<_>>());
        for (name, rows) in &rewritten_tables {
            prop_assert_eq!(&linked_tables[name], rows, "{}", name);
        }
        let digest = |published: &huitou::publish::Published, name: &str| published.manifest.table(name).unwrap().parts[0].sha256.clone();
        prop_assert_eq!(digest(&linked, "segment_value"), digest(&rewritten, "segment_value"));
        // Nobody whose orders name one person is in conflict with himself.
        let conflicts = |published: &huitou::publish::Published| rows(published, "rejects").iter().filter(|row| row.contains("customer_conflict")).count();
        prop_assert_eq!(conflicts(&linked), conflicts(&rewritten));
        let customers = |published: &huitou::publish::Published| rows(published, "customers").len();
        prop_assert_eq!(customers(&linked), customers(&rewritten));
    }
}
