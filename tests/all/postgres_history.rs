//! The history of small tables in PostgreSQL: one set of rows for each as-of date, never two.

use postgres::Client;

use super::postgres::FEWER;
use super::postgres_server::Database;
use super::scene::{Scene, orders, texts};

const HISTORY: [&str; 2] = ["--set", "output.postgres.history=[shop_periods, repurchase_intervals]"];

/// By night the number of rows, and what was paid in its years.
fn nights(client: &mut Client) -> Vec<(String, i64, String)> {
    let sql = "SELECT as_of::text, count(*), sum(paid_amount) FILTER (WHERE grain = 'year')::text FROM huitou.shop_periods_history GROUP BY 1 ORDER BY 1";
    client.query(sql, &[]).unwrap().iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

fn loads(database: &Database, scene: &Scene, as_of: &str, options: &[&str]) -> String {
    // Nights are told by the as-of date of the job, as cron would have it.
    let job = super::scene::JOB.replace("2026-03-31", as_of);
    scene.write("job.yaml", job);
    let ran = database.run(scene, &[&HISTORY[..], options].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.stderr
}

#[test]
fn every_night_has_its_rows_once() {
    let Some(database) = Database::new("history") else { return };
    let scene = Scene::with(&orders());
    let mut client = database.client();
    // Up to 31 January 150.00 were paid: a year, a quarter, a month, and the weeks from 5 to 31 January.
    loads(&database, &scene, "2026-01-31", &[]);
    let january = ("2026-01-31".to_owned(), 1 + 1 + 1 + 4, "150.00".to_owned());
    assert_eq!(nights(&mut client), std::slice::from_ref(&january));
    // Up to 28 February 75.00 more, in a month and four weeks more.
    loads(&database, &scene, "2026-02-28", &[]);
    let february = |paid: &str| ("2026-02-28".to_owned(), 1 + 1 + 2 + 8, paid.to_owned());
    assert_eq!(nights(&mut client), [january.clone(), february("225.00")]);
    // The same night again, with and without a change: its rows are replaced.
    loads(&database, &scene, "2026-02-28", &[]);
    assert_eq!(nights(&mut client), [january.clone(), february("225.00")]);
    loads(&database, &scene, "2026-02-28", &FEWER);
    assert_eq!(nights(&mut client), [january.clone(), february("175.00")]);
    // The rows of the night are those of the table, in all columns.
    let differ = "SELECT count(*) FROM (SELECT to_jsonb(h) - 'as_of' FROM huitou.shop_periods_history h WHERE as_of = '2026-02-28'
        EXCEPT SELECT to_jsonb(p) FROM huitou.shop_periods p) x";
    assert_eq!(client.query_one(differ, &[]).unwrap().get::<_, i64>(0), 0);
    // A night whose rows somebody deleted is kept again.
    client.batch_execute("DELETE FROM huitou.shop_periods_history WHERE as_of = '2026-02-28'").unwrap();
    loads(&database, &scene, "2026-02-28", &FEWER);
    assert_eq!(nights(&mut client), [january.clone(), february("175.00")]);
    // Only some tables: what the night does not have gets no rows, and is said; what it had stays.
    let said = loads(&database, &scene, "2026-03-01", &["--set", "tables=[customers]"]);
    assert!(said.contains("no table `shop_periods`: `shop_periods_history` gets no rows of 2026-03-01"), "{said}");
    assert_eq!(nights(&mut client), [january.clone(), february("175.00")]);
    // A job that no longer asks for the history leaves it.
    scene.write("job.yaml", super::scene::JOB);
    database.loads(&scene, &[]);
    assert_eq!(nights(&mut client), [january, february("175.00")]);
    let comment: String = client.query_one("SELECT obj_description('huitou.shop_periods_history'::regclass)", &[]).unwrap().get(0);
    assert!(comment.starts_with("店铺周期报表. ") && comment.ends_with("choose one as_of before you sum."), "{comment}");
}

#[test]
fn a_history_grows_with_its_table_and_never_loses_a_night() {
    let Some(database) = Database::new("grows") else { return };
    let scene = Scene::with(&orders());
    let mut client = database.client();
    loads(&database, &scene, "2026-01-31", &[]);
    let before = nights(&mut client);
    // As an earlier version left it: without a column, and with one that is gone.
    client
        .batch_execute(
            "ALTER TABLE huitou.shop_periods_history DROP COLUMN purchases, ADD COLUMN former bigint NOT NULL DEFAULT 3;
             ALTER TABLE huitou.shop_periods_history ALTER COLUMN former DROP DEFAULT",
        )
        .unwrap();
    loads(&database, &scene, "2026-02-28", &[]);
    let row = client
        .query_one(
            "SELECT count(purchases) FILTER (WHERE as_of = '2026-01-31'), count(purchases) FILTER (WHERE as_of = '2026-02-28'),
                count(former) FROM huitou.shop_periods_history",
            &[],
        )
        .unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1), row.get::<_, i64>(2)), (0, 12, before[0].1));
    // A load that fails leaves the nights as they are.
    let content = database.content();
    client.batch_execute("DROP VIEW huitou.shop_week").unwrap();
    let interfere = "CREATE FUNCTION public.interfere() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_query() LIKE '%REPLACE VIEW%' THEN RAISE disk_full USING MESSAGE = 'no room'; END IF; END $$;
        CREATE EVENT TRIGGER interfere ON ddl_command_end EXECUTE FUNCTION public.interfere()";
    client.batch_execute(interfere).unwrap();
    scene.write("job.yaml", super::scene::JOB);
    let ran = database.run(&scene, &HISTORY);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot create the view `shop_week`: no room [SQLSTATE 53100]"), "{}", ran.stderr);
    client.batch_execute("DROP EVENT TRIGGER interfere").unwrap();
    let without_view: Vec<_> = content.into_iter().filter(|(name, _)| name != "shop_week").collect();
    assert_eq!(database.content().into_iter().collect::<Vec<_>>(), without_view);
    // Ids of another type cannot stand in one column with those of before: the load says how to go on.
    scene.parquet("orders.parquet", &orders().with("shop_id", texts(&["a", "a", "a", "a"])));
    let ran = database.run(&scene, &HISTORY);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    for words in ["`huitou.shop_periods_history` has the rows of earlier nights with another key", "a new history begins"] {
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
    assert_eq!(nights(&mut client).len(), 2);
    client.batch_execute("DROP TABLE huitou.shop_periods_history, huitou.repurchase_intervals_history").unwrap();
    loads(&database, &scene, "2026-03-31", &[]);
    assert_eq!(nights(&mut client).len(), 1);
}
