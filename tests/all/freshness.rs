//! Nights without a new export: what the terminal, the lists, the manifest, the page, `check` and the exit code say. Orders are one a day.

use std::fs;

use arrow::array::{Int64Array, StringArray};
use huitou::publish::Manifest;
use huitou::spec::period::iso;

use super::scene::{Columns, DAY, JOB, Scene, dates, day, digests, money, noons, rows};

/// Everybody with a purchase.
const CARE: &str = "strategy: care\nwhere: orders > 0\nmin_hours_since_order: 0\ncool_down_days: 0\n";

/// The days from one to another.
fn days(from: &str, to: &str) -> Vec<String> {
    (day(from)..=day(to)).map(iso).collect()
}

/// An order of each of these days, by shop; every order has another customer.
fn orders(by_shop: &[(i64, &[String])]) -> Columns {
    let all: Vec<(i64, &str)> = by_shop.iter().flat_map(|(shop, days)| days.iter().map(|day| (*shop, day.as_str()))).collect();
    let times: Vec<&str> = all.iter().map(|(_, day)| *day).collect();
    Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values(all.iter().map(|(shop, _)| *shop)))
        .with("order_id", Int64Array::from_iter_values(0..all.len() as i64))
        .with("customer_id", Int64Array::from_iter_values((0..all.len() as i64).map(|customer| customer + 100)))
        .with("created_at", noons(&times))
        .with("paid_at", noons(&times))
        .with("paid_amount", money(&vec![1_000; all.len()]))
}

/// A job with a strategy over these orders; `freshness` stands in its place below `orders`.
fn scene(as_of: &str, freshness: &str, orders: &Columns) -> Scene {
    let scene = Scene::with(orders);
    let job = JOB.replace("orders: { path: orders.parquet }", &format!("orders: {{ path: orders.parquet{freshness} }}"));
    scene.job(&format!("{}strategies: [care.yaml]\n", job.replace("as_of: 2026-03-31", &format!("as_of: {as_of}"))));
    scene.write("care.yaml", CARE);
    scene
}

/// The manifest of the latest snapshot.
fn latest(scene: &Scene) -> Manifest {
    serde_json::from_slice(&fs::read(scene.path("out/latest/manifest.json")).unwrap()).unwrap()
}

/// The warnings about stale inputs.
fn stale(manifest: &Manifest) -> Vec<&str> {
    manifest.warnings.iter().map(String::as_str).filter(|warning| warning.starts_with("stale_input: ")).collect()
}

#[test]
fn from_fresh_to_refused_a_day_at_a_time() {
    let scene = scene("yesterday", ", freshness: { warn: 1d, error: 3d }", &orders(&[(1, &days("2026-03-01", "2026-03-28"))]));
    let list = |manifest: &Manifest| manifest.table("audience_care").unwrap().rows;
    let excluded = |manifest: &Manifest| manifest.table("audience_excluded").unwrap().rows;
    let night = |as_of: &str, more: &[&str]| scene.run(&[&["run", "job.yaml", "--as-of", as_of][..], more].concat());

    let fresh = night("2026-03-28", &[]);
    assert_eq!(fresh.code, Some(0), "{}", fresh.stderr);
    let manifest = latest(&scene);
    assert_eq!((list(&manifest), excluded(&manifest), stale(&manifest)), (28, 0, vec![]));
    let input = &manifest.inputs[0];
    assert_eq!((input.newest_event.as_deref(), input.days_without_event, input.is_stale), (Some("2026-03-28"), Some(0), false));
    assert_eq!(input.newest_by_shop, [("1".to_owned(), "2026-03-28".to_owned())].into());
    assert!(fresh.stderr.contains("filtered newest event\n") && fresh.stderr.contains(" 2026-03-28\n"), "{}", fresh.stderr);

    let warned = night("2026-03-29", &["--log", "json"]);
    assert_eq!(warned.code, Some(0), "{}", warned.stderr);
    let manifest = latest(&scene);
    assert_eq!((list(&manifest), excluded(&manifest)), (0, 28));
    assert_eq!(
        stale(&manifest),
        [
            "stale_input: orders: the newest event is of 2026-03-28, 1 day before the as-of date 2026-03-29 (`inputs.orders.freshness`: stale \
          from 1 day on): did its export not come? days without data look like days without sales, and lists of customers are empty \
          (stale_input)"
        ]
    );
    assert!(
        warned.stderr.contains(r#""level":"warning","event":"warning","code":"stale_input","message":"stale_input: orders: "#),
        "{}",
        warned.stderr
    );
    // The same night again says it again, and a quiet one too: cron is to send a mail.
    assert!(night("2026-03-29", &["--quiet"]).stderr.contains("warning: stale_input: orders: "));
    assert_eq!(night("2026-03-30", &["--quiet"]).code, Some(0));

    let before = scene.published();
    let refused = night("2026-03-31", &["--quiet"]);
    assert_eq!(
        refused.exit_and_stderr(),
        "exit 3\nerror: job.yaml:5:3: stale_input: input `orders`, `orders.parquet`: the newest event is of 2026-03-28, 3 days before the \
         as-of date 2026-03-31 (`freshness.error`: 3d)\n  help: see whether the export came, and run again when it has; --allow-stale \
         publishes this once without the missing days, which then look like days without sales; `freshness` in the job says how many days \
         may be missing"
    );
    assert_eq!(scene.published(), before);
    // What the help says works, for this night and not for the next.
    let allowed = night("2026-03-31", &["--allow-stale"]);
    assert_eq!(allowed.code, Some(0), "{}", allowed.stderr);
    let manifest = latest(&scene);
    assert_eq!((iso(manifest.as_of), list(&manifest), excluded(&manifest)), ("2026-03-31".to_owned(), 0, 28));
    // The snapshot is there now; that the orders are stale is not forgotten, and `latest` stays.
    let before = scene.published();
    let again = night("2026-03-31", &["--quiet"]);
    assert_eq!(again.exit_and_stderr(), refused.exit_and_stderr());
    assert_eq!(scene.published(), before);
    assert_eq!(night("2026-03-31", &["--allow-stale"]).code, Some(0));
    assert_eq!(night("2026-04-01", &["--quiet"]).code, Some(3));
    // The export came.
    scene.parquet("orders.parquet", &orders(&[(1, &days("2026-03-01", "2026-04-01"))]));
    assert_eq!(night("2026-04-01", &["--quiet"]).code, Some(0));
    assert_eq!(list(&latest(&scene)), 32);
}

#[test]
fn excluded_customers_have_the_reason() {
    let scene = scene("2026-03-31", ", freshness: { warn: 2d }", &orders(&[(1, &days("2026-03-28", "2026-03-29"))]));
    let published = scene.publish("2026-03-31", "out", 1).unwrap();
    assert_eq!(rows(&published, "audience_excluded"), ["1|100|care||stale_input||", "1|101|care||stale_input||"]);
    let newest: Vec<String> = rows(&published, "inputs").iter().map(|row| row.rsplit('|').next().unwrap().to_owned()).collect();
    assert_eq!(newest, ["2026-03-29"]);
}

#[test]
fn orders_of_yesterday_are_stale_from_two_days_on_without_any_key() {
    let stale_on = |as_of: &str, night: &str| {
        let scene = scene(as_of, "", &orders(&[(1, &days("2026-03-01", "2026-03-20"))]));
        let published = scene.publish(night, "out", 1).unwrap();
        (stale(&published.manifest).len(), published.manifest.table("audience_care").unwrap().rows)
    };
    assert_eq!(stale_on("yesterday", "2026-03-21"), (0, 20));
    assert_eq!(stale_on("yesterday", "2026-03-22"), (1, 0));
    // A job about days long past says nothing, until a whole month looks like one without sales.
    assert_eq!(stale_on("2026-03-31", "2026-03-31"), (0, 20));
    assert_eq!(stale_on("2026-03-31", "2026-04-19"), (0, 20));
    assert_eq!(stale_on("2026-03-31", "2026-04-20"), (1, 20));
    let of_january = |night: &str| {
        let scene = scene("2026-03-31", "", &orders(&[(1, &days("2026-01-01", "2026-01-31"))]));
        stale(&scene.publish(night, "out", 1).unwrap().manifest).len()
    };
    assert_eq!((of_january("2026-02-27"), of_january("2026-02-28")), (0, 1));
}

#[test]
fn a_shop_whose_export_did_not_come_while_others_did() {
    let (all, early, weekly) = (
        days("2026-03-01", "2026-03-31"),
        days("2026-03-01", "2026-03-28"),
        ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"].map(str::to_owned),
    );
    let scene = scene("yesterday", "", &orders(&[(1, &all), (2, &early), (3, &weekly)]));
    // Shop 2 sold every day and is silent for three; six empty days are nothing new for shop 3, and it has been silent for eight.
    let published = scene.publish("2026-03-31", "out", 2).unwrap();
    assert_eq!(
        stale(&published.manifest),
        [
            "stale_input: orders: no event of 2 of 3 shops for longer than ever in the 128 days before: 2 since 2026-03-28, 3 since 2026-03-23: \
          did their export not come? days without data look like days without sales, and their lists of customers are empty (stale_input)"
        ]
    );
    assert_eq!(published.manifest.inputs[0].silent_shops, ["2", "3"]);
    let shops = |table: &str| rows(&published, table).iter().map(|row| row.split('|').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!((shops("audience_care").len(), shops("audience_excluded").len()), (31, 28 + 4));
    assert!(shops("audience_care").iter().all(|shop| shop == "1"));
    // Two days before, shop 3 kept to its pause.
    let published = scene.publish("2026-03-29", "out", 1).unwrap();
    assert_eq!((stale(&published.manifest).len(), published.manifest.inputs[0].silent_shops.len()), (0, 0));
    // Threads and the order of rows change nothing.
    let again = scene.publish("2026-03-31", "other", 4).unwrap();
    let first = scene.publish("2026-03-31", "third", 1).unwrap();
    assert_eq!(digests(&again), digests(&first));
    assert_eq!(again.manifest.inputs, first.manifest.inputs);
}

#[test]
fn later_changes_of_old_orders_are_no_sales() {
    let created = days("2026-03-01", "2026-03-20");
    let late = vec!["2026-03-31"; created.len()];
    let orders = orders(&[(1, &created)]).with("modified_at", noons(&late)).with("completed_at", noons(&late));
    let scene = scene("2026-03-31", ", freshness: { error: 5d }", &orders);
    let refused = scene.publish("2026-03-31", "out", 1).unwrap_err();
    assert!(refused.to_string().contains("the newest event is of 2026-03-20, 11 days before"), "{refused}");
    assert_eq!(refused.exit_code(), 3);
    // A payment is one: the money of that day is in the figures.
    let paid: Vec<&str> = created.iter().map(String::as_str).take(19).chain(["2026-03-30"]).collect();
    scene.parquet("orders.parquet", &orders.with("paid_at", noons(&paid)));
    assert!(scene.publish("2026-03-31", "out", 1).is_ok());
}

#[test]
fn orders_after_the_as_of_date_do_not_make_an_input_fresh() {
    // The export of tonight has orders of today already, and none of the two days before.
    let gap: Vec<String> = days("2026-03-01", "2026-03-28").into_iter().chain(["2026-03-31".to_owned()]).collect();
    let scene = scene("2026-03-30", ", freshness: { error: 2d }", &orders(&[(1, &gap)]));
    assert_eq!(scene.publish("2026-03-30", "out", 1).unwrap_err().exit_code(), 3);
    assert!(scene.publish("2026-03-31", "out", 1).is_ok());
}

#[test]
fn every_input_with_events_can_have_limits() {
    let orders = orders(&[(1, &days("2026-03-01", "2026-03-31"))]);
    let scene = Scene::with(&orders);
    scene.parquet(
        "traffic.parquet",
        &Columns(Vec::new())
            .with("shop_id", Int64Array::from(vec![1, 1]))
            .with("date", dates(&["2026-03-27", "2026-03-28"]))
            .with("uv", Int64Array::from(vec![100, 80])),
    );
    scene.parquet(
        "listings.parquet",
        &Columns(Vec::new())
            .with("shop_id", Int64Array::from(vec![1]))
            .with("month", dates(&["2026-02-01"]))
            .with("items_live", Int64Array::from(vec![9])),
    );
    scene.parquet(
        "refunds.parquet",
        &Columns(Vec::new())
            .with("shop_id", Int64Array::from(vec![1]))
            .with("refund_id", Int64Array::from(vec![1]))
            .with("order_id", Int64Array::from(vec![3]))
            .with("created_at", noons(&["2026-03-10"]))
            .with("completed_at", noons(&["2026-03-12"]))
            .with("status", StringArray::from(vec!["success"]))
            .with("amount", money(&[100])),
    );
    let job = |limits: [&str; 3]| {
        let [traffic, listings, refunds] = limits;
        scene.job(&JOB.replace(
            "inputs:\n",
            &format!(
                "inputs:\n  traffic: {{ path: traffic.parquet, freshness: {{ {traffic} }} }}\n  listings: {{ path: listings.parquet, \
                 freshness: {{ {listings} }} }}\n  refunds: {{ path: refunds.parquet, freshness: {{ {refunds} }} }}\n"
            ),
        ));
    };
    // Traffic has a row of 28 March, listings tell of February as a whole, the refund was paid out on 12 March.
    job(["warn: 4d", "warn: 32d", "warn: 20d"]);
    assert_eq!(stale(&scene.publish("2026-03-31", "out", 1).unwrap().manifest), [""; 0]);
    job(["warn: 3d", "warn: 31d", "warn: 19d"]);
    let manifest = scene.publish("2026-03-31", "out", 1).unwrap().manifest;
    let inputs: Vec<&str> = stale(&manifest).iter().map(|warning| warning.split(": ").nth(1).unwrap()).collect();
    assert_eq!(inputs, ["listings", "refunds", "traffic"]);
    // All that stops the run is told at once, and by `check` as well.
    job(["error: 3d", "error: 31d", "error: 99d"]);
    for command in [&["run", "job.yaml", "--quiet"][..], &["check", "job.yaml"], &["run", "job.yaml", "--dry-run"]] {
        let refused = scene.run(command);
        assert_eq!(refused.code, Some(3), "{}", refused.stderr);
        let named =
            ["`traffic`, `traffic.parquet`: the newest event is of 2026-03-28, 3 days", "`listings`, `listings.parquet`: the newest"];
        assert!(named.iter().all(|name| refused.stderr.contains(name)) && !refused.stderr.contains("`refunds`"), "{}", refused.stderr);
    }
}

#[test]
fn check_shows_the_newest_event_of_each_input_and_shop() {
    let days = [days("2026-03-01", "2026-03-31"), days("2026-03-01", "2026-03-29")];
    let typed = orders(&[(1, &days[0]), (2, &days[1])]);
    // Times as text, whose footers tell nothing of their order.
    let texts = |days: &[String]| days.iter().map(|day| format!("{day} 12:00:00")).collect::<Vec<_>>();
    let text = StringArray::from([texts(&days[0]), texts(&days[1])].concat());
    let textual = typed.clone().with("created_at", text.clone()).with("paid_at", text);
    for (orders, as_of, shown) in [
        (
            &typed,
            "2026-03-31",
            "\nnewest event:\n  orders                 2026-03-31\n    2                    2026-03-29\n    1 shops              2026-03-31\n",
        ),
        (
            &textual,
            "2026-04-02",
            "\n  orders                 2026-03-31, 2 days before the as-of date\n    2                    2026-03-29\n",
        ),
        // The rows after the as-of date are not known yet, so both shops are as recent.
        (&typed, "2026-03-20", "\nnewest event:\n  orders                 2026-03-20\n"),
    ] {
        let scene = scene(as_of, "", orders);
        let checked = scene.run(&["check", "job.yaml"]);
        assert_eq!(checked.code, Some(0), "{}", checked.stderr);
        assert!(checked.stdout.contains(shown), "{}", checked.stdout);
        assert!(!scene.path("out").exists());
    }
    let checked = scene("yesterday", "", &typed).run(&["check", "job.yaml"]);
    assert!(checked.stdout.contains("\nwarning: stale_input: orders: the newest event is of 2026-03-31, "), "{}", checked.stdout);
}

#[test]
fn the_page_says_it_in_its_head() {
    let scene = scene("2026-03-31", ", freshness: { warn: 2d }", &orders(&[(1, &days("2026-03-01", "2026-03-29"))]));
    let job = fs::read_to_string(scene.path("job.yaml")).unwrap();
    scene.job(&job.replace("path: out", "path: out, report: true"));
    let published = scene.publish("2026-03-31", "out", 1).unwrap();
    let page = fs::read_to_string(published.path.join("report.html")).unwrap();
    let input = r#""newest_event":"2026-03-29","#;
    assert!(page.contains(input) && page.contains(r#""is_stale":true"#) && page.contains(r#""days_without_event":2"#));
    assert_eq!(i64::from(day("2026-03-29")) * DAY, noons(&["2026-03-29"]).value(0) - DAY / 2);
}
