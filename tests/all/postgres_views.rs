//! Dimensions, foreign keys and views in PostgreSQL: a sum over a view counts nothing twice, every row has its day, shop and segment, and
//! what others built on the views stays.

use std::path::Path;

use postgres::Client;

use super::postgres::FEWER;
use super::postgres_server::{Database, SET};
use super::scene::{Scene, orders, texts};

fn text(client: &mut Client, sql: &str) -> String {
    client.query_one(sql, &[]).unwrap_or_else(|cause| panic!("{sql}: {cause}")).get::<_, Option<String>>(0).unwrap_or_default()
}

fn lines(client: &mut Client, sql: &str) -> Vec<String> {
    client.query(sql, &[]).unwrap_or_else(|cause| panic!("{sql}: {cause}")).iter().map(|row| row.get(0)).collect()
}

/// All of these have the same value, which is not 0 or nothing.
fn agree(client: &mut Client, of: &[&str]) {
    let values: Vec<String> = of.iter().map(|sql| text(client, sql)).collect();
    assert!(values.iter().all(|value| *value == values[0]) && !["", "0"].contains(&values[0].as_str()), "{of:#?}: {values:?}");
}

#[test]
fn sums_over_views_of_the_sample_agree_with_each_other() {
    let Some(database) = Database::new("views") else { return };
    let scene = Scene::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/nightly.yaml");
    let ran = scene.run_in(&["run", job.to_str().unwrap(), "--out", "out", "--publish", "--set", SET], &[("HUITOU_PG", &database.url())]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!ran.stderr.contains("left out") && !ran.stderr.contains("foreign key"), "{}", ran.stderr);
    let mut client = database.client();
    let client = &mut client;
    // What all shops were paid, by any grain, scope or reading.
    let paid =
        ["shop_day", "shop_week", "shop_month", "shop_quarter", "shop_year", "total_day", "total_month", "category_day", "category_year"];
    let sums: Vec<String> = paid.iter().map(|view| format!("SELECT sum(paid_amount)::text FROM huitou.{view}")).collect();
    agree(client, &sums.iter().map(String::as_str).collect::<Vec<_>>());
    assert_ne!(text(client, "SELECT sum(paid_amount)::text FROM huitou.shop_periods"), text(client, &sums[0]), "the table has four grains");
    // Customers, by any scheme or dimension.
    let mut customers = vec!["SELECT count(*)::text FROM huitou.customer".to_owned()];
    let schemes = lines(client, "SELECT view_name FROM huitou.huitou_views WHERE table_name = 'segment_value' ORDER BY 1");
    assert_eq!(
        schemes,
        [
            "customer_amount_band",
            "customer_channel",
            "customer_level",
            "customer_order_count",
            "customer_province",
            "customer_rfm",
            "customer_stage",
            "customer_tier"
        ]
    );
    customers.extend(schemes.iter().map(|view| format!("SELECT sum(customers)::text FROM huitou.{view}")));
    let cohorts = lines(client, "SELECT view_name FROM huitou.huitou_views WHERE table_name = 'cohort_retention' ORDER BY 1");
    assert_eq!(cohorts, ["cohort_month", "cohort_month_by_first_channel", "cohort_month_by_first_item", "cohort_month_by_first_promotion"]);
    customers.extend(cohorts.iter().map(|view| format!("SELECT sum(cohort_size) FILTER (WHERE period = 0)::text FROM huitou.{view}")));
    agree(client, &customers.iter().map(String::as_str).collect::<Vec<_>>());
    // Intervals that ended: all of them, and the sum over the nth.
    agree(
        client,
        &[
            "SELECT sum(intervals)::text FROM huitou.interval_length",
            "SELECT sum(intervals)::text FROM huitou.interval_length_by_first_channel",
        ],
    );
    // Lists: all of them together.
    let lists = lines(
        client,
        "SELECT table_name FROM huitou.huitou_snapshot WHERE table_name LIKE 'audience\\_%' AND table_name <> 'audience_excluded'",
    );
    let each: Vec<String> = lists.iter().map(|list| format!("(SELECT count(*) FROM huitou.{list})")).collect();
    agree(client, &["SELECT count(*)::text FROM huitou.list_customer", &format!("SELECT ({})::text", each.join(" + "))]);
    // The customers of a plan are counted once in its row of all publishers.
    agree(
        client,
        &["SELECT sum(orders)::text FROM huitou.affiliate_plan_month", "SELECT sum(orders)::text FROM huitou.affiliate_publisher_month"],
    );
    // The sample has 18 shops, some of which are called the same: each has a name of its own.
    agree(
        client,
        &[
            "SELECT '18'",
            "SELECT count(DISTINCT shop_name)::text FROM huitou.shop_month",
            "SELECT count(DISTINCT shop_name)::text FROM huitou.list_customer",
            "SELECT count(*)::text FROM huitou.shops",
        ],
    );
    assert_ne!(text(client, "SELECT count(DISTINCT name)::text FROM huitou.shops"), "18");
    dimensions(client);
    keys(client);
    comments(client);
}

/// The days are those of PostgreSQL's own calendar; events are those of the input; segments have names.
fn dimensions(client: &mut Client) {
    let wrong = "SELECT count(*)::text FROM huitou.days WHERE weekday <> extract(isodow FROM date) OR year <> extract(year FROM date)
        OR month <> extract(month FROM date) OR day_of_month <> extract(day FROM date) OR week_start <> date_trunc('week', date)
        OR month_start <> date_trunc('month', date) OR quarter_start <> date_trunc('quarter', date)
        OR is_weekend <> (extract(isodow FROM date) > 5) OR weekday_name <> trim(to_char(date, 'Day'))";
    assert_eq!(text(client, wrong), "0");
    // Whole years without a gap, from the first day of any shop to the plans.
    let span = "SELECT min(date) || ' ' || max(date) || ' ' || (max(date) - min(date) + 1 - count(*)) FROM huitou.days";
    let span = text(client, span);
    assert!(span.ends_with(" 0") && span[4..10] == *"-01-01" && span[15..21] == *"-12-31", "{span}");
    // 11 November 2025 is a promotion of all shops; the first shop had an item out of stock 15 and 16 days before the last day.
    assert_eq!(text(client, "SELECT event FROM huitou.days WHERE date = '2025-11-11'"), "双11");
    let own = "SELECT string_agg(date::text, ' ' ORDER BY date) FROM huitou.shop_day WHERE event LIKE '%缺货%'";
    assert_eq!(text(client, own), "2026-11-05 2026-11-06");
    assert_eq!(text(client, "SELECT count(*)::text FROM huitou.days WHERE event LIKE '%缺货%'"), "0");
    let stages = "SELECT string_agg(DISTINCT segment_place || ' ' || segment || ' ' || segment_chinese, ', ') FROM huitou.customer_stage";
    let stages = text(client, stages);
    assert!(stages.starts_with("1 new 新客, 2 active 活跃") && stages.ends_with("6 churned 流失"), "{stages}");
    assert_eq!(text(client, "SELECT count(*)::text FROM huitou.customer_stage WHERE segment_name IS NULL OR shop_name IS NULL"), "0");
    let unnamed = "SELECT count(*)::text FROM huitou.customer WHERE lifecycle_chinese IS NULL OR rfm_segment_name IS NULL OR value_tier_place IS NULL";
    assert_eq!(text(client, unnamed), "0");
}

/// Every table with shops refers to them but `restatements`, which tells of shops that are gone, every day of a key to the days; the server vouches for it.
fn keys(client: &mut Client) {
    const KEYS: &str = "SELECT c.relname || '.' || a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
        WHERE k.contype = 'f' AND k.conparentid = 0 AND k.convalidated AND k.confrelid = $1::text::regclass AND c.relkind = 'p' ORDER BY 1";
    let of = |client: &mut Client, dimension: &str| -> Vec<String> {
        client.query(KEYS, &[&dimension]).unwrap().iter().map(|row| row.get(0)).collect()
    };
    let expected = "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'huitou'::regnamespace AND c.relkind = 'p' AND a.attname IN ('shop_id', 'shop_a', 'shop_b') AND a.attnum > 0
        AND c.relname NOT IN ('shops', 'rejects', 'restatements') ORDER BY 1";
    let expected = lines(client, expected);
    assert!(expected.len() > 50, "{expected:?}");
    assert_eq!(of(client, "huitou.shops"), expected);
    let days = of(client, "huitou.days");
    for key in [
        "shop_daily.date",
        "shop_periods.period_start",
        "cohort_retention.cohort",
        "plan_progress.month",
        "assessment_summary.period_start",
    ] {
        assert!(days.contains(&key.to_owned()), "{key} is not among {days:?}");
    }
    assert_eq!(of(client, "huitou.segments").len(), 4, "two of segment_migration, segment_value and that of groups");
    // A row of a shop that there is not is refused.
    let stranger = client.batch_execute("INSERT INTO huitou.lifecycle_thresholds SELECT (json_populate_record(t, '{\"shop_id\": 999999999}')).* FROM huitou.lifecycle_thresholds t LIMIT 1");
    let refused = stranger.unwrap_err();
    assert_eq!(refused.code().map(|code| code.code()), Some("23503"), "{refused:?}");
}

fn comments(client: &mut Client) {
    let without = "SELECT string_agg(c.relname || '.' || coalesce(a.attname, ''), ', ') FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'huitou'::regnamespace AND c.relkind IN ('v', 'p')
        AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)";
    assert_eq!(text(client, without), "");
    let month = text(client, "SELECT obj_description('huitou.shop_month'::regclass, 'pg_class')");
    assert!(month.starts_with("店铺周期报表. ") && month.ends_with("Only rows with grain = 'month'."), "{month}");
}

#[test]
fn what_others_built_on_views_stays() {
    let Some(database) = Database::new("built") else { return };
    let (scene, reader) = (Scene::with(&orders()), database.role("reader"));
    database.loads(&scene, &[]);
    let mut client = database.client();
    let oid = "SELECT 'huitou.shop_month'::regclass::oid::text";
    let first = text(&mut client, oid);
    client
        .batch_execute(&format!(
            "CREATE VIEW public.months AS SELECT shop_name, sum(paid_amount) AS paid FROM huitou.shop_month GROUP BY 1;
             GRANT USAGE ON SCHEMA huitou TO {reader}; GRANT SELECT ON huitou.shop_month TO {reader}"
        ))
        .unwrap();
    let paid = "SELECT shop_name || ' ' || paid FROM public.months";
    assert_eq!(text(&mut client, paid), "1 225.00");
    // Without the 50.00 of customer 12.
    database.loads(&scene, &FEWER);
    assert_eq!(text(&mut client, paid), "1 175.00");
    assert_eq!(text(&mut client, oid), first, "a view that is right is left alone");
    // As an earlier version could have left it: fewer columns in another order, and one that is gone.
    client
        .batch_execute(
            "DROP VIEW public.months; DROP VIEW huitou.shop_month;
             CREATE VIEW huitou.shop_month AS SELECT paid_amount, 7::bigint AS former, shop_id FROM huitou.shop_periods WHERE grain = 'month';
             UPDATE huitou.huitou_views SET definition = 'earlier' WHERE view_name = 'shop_month';
             CREATE VIEW public.months AS SELECT sum(paid_amount) AS paid, count(former) AS former FROM huitou.shop_month",
        )
        .unwrap();
    client.batch_execute(&format!("GRANT SELECT ON huitou.shop_month TO {reader}")).unwrap();
    client.batch_execute(&format!("ALTER VIEW huitou.shop_month OWNER TO {}", database.role("loader"))).unwrap();
    database.loads(&scene, &[]);
    assert_eq!(text(&mut client, "SELECT paid || ' ' || former FROM public.months"), "225.00 0");
    assert_eq!(text(&mut client, "SELECT string_agg(shop_name, ' ') FROM huitou.shop_month"), "1 1 1");
    assert_eq!(database.reader().query("SELECT paid_amount, shop_name FROM huitou.shop_month", &[]).unwrap().len(), 3, "rights stay");
    // A view that somebody dropped comes back, also with a snapshot that the database shows already.
    client.batch_execute("DROP VIEW huitou.shop_year").unwrap();
    let ran = database.loads(&scene, &[]);
    assert!(!ran.stderr.contains("already (database"), "{}", ran.stderr);
    assert_eq!(text(&mut client, "SELECT sum(paid_amount)::text FROM huitou.shop_year"), "225.00");
    // Ids of another type: what is built on a view is in the way, and the load says so; without it the views come back with their rights.
    let content = database.content();
    scene.parquet("orders.parquet", &orders().with("shop_id", texts(&["a", "a", "a", "a"])));
    let ran = database.run(&scene, &[]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stderr.contains("view `shop_month` must be created again") && ran.stderr.contains("months depends on"), "{}", ran.stderr);
    assert!(content == database.content());
    client.batch_execute("DROP VIEW public.months").unwrap();
    database.loads(&scene, &[]);
    assert_eq!(database.reader().query("SELECT shop_name FROM huitou.shop_month", &[]).unwrap()[0].get::<_, String>(0), "a");
    // Of a snapshot without the table a view stays if somebody uses it, without rows; the others go.
    client.batch_execute("CREATE VIEW public.months AS SELECT sum(paid_amount) AS paid FROM huitou.shop_month").unwrap();
    let ran = database.loads(&scene, &["--set", "tables=[inputs, customers]"]);
    assert!(ran.stderr.contains("the view `shop_month` is no longer made; it stays"), "{}", ran.stderr);
    assert_eq!(text(&mut client, "SELECT paid::text FROM public.months"), "");
    assert_eq!(lines(&mut client, "SELECT view_name FROM huitou.huitou_views"), ["shop_month"]);
    client.batch_execute("DROP VIEW public.months").unwrap();
    database.loads(&scene, &["--set", "tables=[inputs, shop_daily]"]);
    assert_eq!(
        lines(&mut client, "SELECT relname::text FROM pg_class WHERE relnamespace = 'huitou'::regnamespace AND relkind = 'v'"),
        [""; 0]
    );
    database.loads(&scene, &["--set", "params.max_nth=4"]);
    assert_eq!(text(&mut client, "SELECT sum(paid_amount)::text FROM huitou.shop_month"), "225.00");
}

#[test]
fn rights_that_are_missing_are_said_and_change_nothing() {
    let Some(database) = Database::new("rights") else { return };
    let (scene, reader, loader) = (Scene::with(&orders()), database.role("reader"), database.role("loader"));
    database.loads(&scene, &[]);
    let mut client = database.client();
    // Who may read the table, and was granted no view yet, keeps what he has.
    client.batch_execute(&format!("GRANT USAGE ON SCHEMA huitou TO {reader}; GRANT SELECT ON huitou.shop_periods TO {reader}")).unwrap();
    let mut reading = database.reader();
    assert_eq!(reading.query("SELECT 1 FROM huitou.shop_periods WHERE grain = 'month'", &[]).unwrap().len(), 3);
    let refused = reading.query("SELECT 1 FROM huitou.shop_month", &[]).unwrap_err();
    assert_eq!(refused.code().map(|code| code.code()), Some("42501"));
    // A view asks for no right on the tables below it.
    client.batch_execute(&format!("GRANT SELECT ON huitou.shop_year TO {reader}")).unwrap();
    assert_eq!(reading.query("SELECT shop_name FROM huitou.shop_year", &[]).unwrap().len(), 1);
    // A view, or a dimension, that somebody else has taken over.
    for object in ["VIEW huitou.shop_month", "TABLE huitou.days"] {
        let name = object.split_once(' ').unwrap().1;
        client.batch_execute(&format!("ALTER {object} OWNER TO CURRENT_USER")).unwrap();
        let ran = database.run(&scene, &FEWER);
        assert_eq!(ran.code, Some(4), "{}", ran.stderr);
        let words = format!("`{name}` belongs to postgres");
        assert!(ran.stderr.contains(&words) && ran.stderr.contains(&format!("make {loader} a member")), "{}", ran.stderr);
        assert_eq!(text(&mut client, "SELECT sum(paid_amount)::text FROM huitou.shop_daily"), "225.00", "as it was");
        client.batch_execute(&format!("ALTER {object} OWNER TO {loader}")).unwrap();
    }
    database.loads(&scene, &FEWER);
    assert_eq!(text(&mut client, "SELECT sum(paid_amount)::text FROM huitou.shop_daily"), "175.00");
}

#[test]
fn a_foreign_key_of_others_is_in_the_way() {
    let Some(database) = Database::new("referred") else { return };
    let scene = Scene::with(&orders());
    database.loads(&scene, &[]);
    let mut client = database.client();
    client
        .batch_execute(&format!(
            "CREATE TABLE public.managers (shop_id bigint CONSTRAINT theirs REFERENCES huitou.shops, name text);
             INSERT INTO public.managers VALUES (1, 'Li'); GRANT SELECT ON public.managers TO {}",
            database.role("loader")
        ))
        .unwrap();
    let content = database.content();
    let ran = database.run(&scene, &FEWER);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    for words in ["violates foreign key constraint", "table managers", "drop that foreign key"] {
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
    assert!(content == database.content());
    client.batch_execute("ALTER TABLE public.managers DROP CONSTRAINT theirs").unwrap();
    database.loads(&scene, &FEWER);
}

#[test]
fn views_of_others_are_left_alone() {
    let Some(database) = Database::new("theirs") else { return };
    let scene = Scene::with(&orders());
    let taken = format!(
        "CREATE SCHEMA huitou; GRANT USAGE, CREATE ON SCHEMA huitou TO {}; CREATE VIEW huitou.shop_month AS SELECT 'mine'::text AS word",
        database.role("loader")
    );
    database.client().batch_execute(&taken).unwrap();
    let ran = database.loads(&scene, &[]);
    assert!(
        ran.stderr.contains("`huitou.shop_month` is a view that huitou did not create: the view of that name is left out"),
        "{}",
        ran.stderr
    );
    let mut client = database.client();
    assert_eq!(text(&mut client, "SELECT word FROM huitou.shop_month"), "mine");
    assert_eq!(text(&mut client, "SELECT sum(paid_amount)::text FROM huitou.shop_year"), "225.00");
    // A schema as a version without dimensions, views and foreign keys left it: the next load adds them.
    client
        .batch_execute(
            "DROP VIEW huitou.shop_month; DROP TABLE huitou.days, huitou.segments, huitou.huitou_views CASCADE;
             DO $$ DECLARE name text; BEGIN FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'huitou'::regnamespace AND relkind = 'v'
                LOOP EXECUTE format('DROP VIEW huitou.%I', name); END LOOP; END $$",
        )
        .unwrap();
    database.loads(&scene, &[]);
    assert_eq!(text(&mut client, "SELECT sum(paid_amount)::text FROM huitou.shop_month"), "225.00");
    assert_eq!(
        text(
            &mut client,
            "SELECT count(*)::text FROM pg_constraint WHERE contype = 'f' AND confrelid = 'huitou.days'::regclass AND conparentid = 0 AND conrelid = 'huitou.shop_daily'::regclass"
        ),
        "1"
    );
}
