//! The tables of the latest snapshot in PostgreSQL: every cell, every type, their comments, and objects of other users.

use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Float64Type};
use arrow::util::display::array_value_to_string;
use huitou::publish::{Snapshot, latest};
use huitou::spec::{Column, Kind};
use huitou::table;
use postgres::Client;

use super::postgres_server::{Database, SET, says_no_password};
use super::scene::{Scene, money, noons, orders, texts};

fn snapshot(scene: &Scene) -> Snapshot {
    latest(&scene.path("out")).unwrap().unwrap()
}

/// A cell as [`select`] makes the database write it: numbers that are no decimal ones by their bits.
fn cell(column: &ArrayRef, row: usize) -> String {
    match column.data_type() {
        _ if column.is_null(row) => "∅".to_owned(),
        DataType::Float64 => format!("{:016x}", column.as_primitive::<Float64Type>().value(row).to_bits()),
        _ => array_value_to_string(column, row).unwrap(),
    }
}

fn select(name: &str, data_type: &DataType) -> String {
    let text = match data_type {
        DataType::Float64 => format!("encode(float8send(\"{name}\"), 'hex')"),
        DataType::Date32 => format!("to_char(\"{name}\", 'YYYY-MM-DD')"),
        _ => format!("\"{name}\"::text"),
    };
    format!("coalesce({text}, '∅')")
}

/// Compares all tables of the snapshot with those of the database, cell by cell; how many rows there were.
fn compare(client: &mut Client, snapshot: &Snapshot) -> usize {
    let mut compared = 0;
    for entry in &snapshot.manifest.tables {
        let schema = snapshot.schema(&entry.name).unwrap();
        let mut expected: Vec<Vec<String>> = Vec::new();
        for batch in snapshot.batches(&entry.name) {
            let batch = batch.unwrap();
            expected.extend((0..batch.num_rows()).map(|row| batch.columns().iter().map(|column| cell(column, row)).collect()));
        }
        let columns: Vec<String> = schema.fields().iter().map(|field| select(field.name(), field.data_type())).collect();
        let sql = format!("SELECT {} FROM huitou.\"{}\"", columns.join(", "), entry.name);
        let rows = client.query(&sql, &[]).unwrap();
        let mut found: Vec<Vec<String>> = rows.iter().map(|row| (0..row.len()).map(|at| row.get(at)).collect()).collect();
        expected.sort();
        found.sort();
        assert_eq!(expected.len() as u64, entry.rows);
        assert!(expected == found, "table {}: {} rows there, {} here", entry.name, found.len(), expected.len());
        compared += found.len();
    }
    compared
}

fn type_of(column: &Column, parquet: &DataType) -> &'static str {
    match column.kind {
        Kind::Text => "text",
        Kind::Date => "date",
        Kind::Count | Kind::Integer => "bigint",
        Kind::Money => "numeric(18,2)",
        Kind::Share | Kind::Ratio | Kind::Number => "double precision",
        Kind::Flag => "boolean",
        _ => match parquet {
            DataType::UInt64 => "numeric(20,0)",
            other if other.is_integer() => "bigint",
            _ => "text",
        },
    }
}

/// Compares types, nulls, keys and comments with the cards.
fn compare_cards(client: &mut Client, snapshot: &Snapshot) {
    const COLUMNS: &str =
        "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, col_description(a.attrelid, a.attnum)
        FROM pg_attribute a WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
    const KEYS: &str = "SELECT i.indisprimary, ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k(number, at)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.at)
        FROM pg_index i WHERE i.indrelid = $1::text::regclass AND i.indisunique";
    for entry in &snapshot.manifest.tables {
        let (card, schema) = (table::card(&entry.name).unwrap(), snapshot.schema(&entry.name).unwrap());
        let name = format!("huitou.\"{}\"", entry.name);
        let found = client.query(COLUMNS, &[&name]).unwrap();
        // Without the columns that need an input which the job does not have.
        let published: Vec<&Column> = card.columns.iter().filter(|column| schema.field_with_name(column.name).is_ok()).collect();
        assert!(
            card.columns.iter().all(|column| column.needs.is_some() || published.iter().any(|other| other.name == column.name)),
            "{name}"
        );
        assert_eq!(found.len(), published.len(), "{name}");
        for ((row, column), field) in found.iter().zip(published).zip(schema.fields()) {
            let (own, type_name, is_not_null, comment): (String, String, bool, String) = (row.get(0), row.get(1), row.get(2), row.get(3));
            let expected = (column.name, type_of(column, field.data_type()), !column.is_nullable());
            assert_eq!((own.as_str(), type_name.as_str(), is_not_null), expected, "{name}");
            for text in [column.chinese, column.definition, column.formula, column.unit] {
                assert!(comment.contains(text), "{name}.{own}: `{comment}` without `{text}`");
            }
            assert!(!column.is_nullable() || comment.contains(column.null_when), "{name}.{own}: {comment}");
        }
        let comment: String = client.query_one("SELECT obj_description($1::text::regclass, 'pg_class')", &[&name]).unwrap().get(0);
        // The question of a list begins with the title of its strategy, which the card of its name does not know.
        let (question, grain) = match entry.name.starts_with("audience_") && entry.name != "audience_excluded" {
            true => ("?", "who is on the list of the strategy, treated or held out"),
            false => (card.question.as_ref(), card.grain),
        };
        assert!(comment.contains(card.chinese) && comment.contains(question) && comment.contains(grain), "{name}: {comment}");
        let keys = client.query(KEYS, &[&name]).unwrap();
        let (is_primary, columns): (bool, Vec<String>) = (keys[0].get(0), keys[0].get(1));
        assert_eq!(
            (keys.len(), columns.as_slice()),
            (1, &card.key.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..]),
            "{name}"
        );
        let has_nulls = card.columns.iter().any(|column| column.is_nullable() && card.key.contains(&column.name));
        assert_eq!(is_primary, !has_nulls, "{name}");
    }
}

#[test]
fn all_tables_of_the_sample_are_their_parquet_files() {
    let Some(database) = Database::new("sample") else { return };
    let scene = Scene::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/nightly.yaml");
    let arguments = ["run", job.to_str().unwrap(), "--as-of", "2026-11-21", "--out", "out", "--publish", "--set", SET];
    // The other form of a connection string.
    let ran = scene.run_in(&arguments, &[("HUITOU_PG", &database.keywords())]);
    says_no_password(&ran);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let (snapshot, mut client) = (snapshot(&scene), database.client());
    // One of the tables stands for the lists of ten strategies and for those who are left out.
    assert_eq!(snapshot.manifest.tables.len(), table::catalogue::TABLES.len() - 1 + 10 + 1);
    assert_eq!(compare(&mut client, &snapshot), snapshot.manifest.tables.iter().map(|table| table.rows as usize).sum::<usize>());
    compare_cards(&mut client, &snapshot);
    let ledger =
        client.query("SELECT table_name, row_count, snapshot, fingerprint, job FROM huitou.huitou_snapshot ORDER BY 1", &[]).unwrap();
    let found: Vec<(String, i64, String, String, String)> =
        ledger.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))).collect();
    let manifest = &snapshot.manifest;
    let line = |table: &huitou::publish::TableEntry| {
        (table.name.clone(), table.rows as i64, manifest.name.clone(), manifest.fingerprint.clone(), "nightly".to_owned())
    };
    assert_eq!(found, manifest.tables.iter().map(line).collect::<Vec<_>>());
    // The same figure, computed by the database.
    let paid: String = client.query_one("SELECT sum(paid_amount)::text FROM huitou.customers", &[]).unwrap().get(0);
    let fen: i128 = snapshot
        .batches("customers")
        .map(|batch| {
            batch
                .unwrap()
                .column_by_name("paid_amount")
                .unwrap()
                .as_primitive::<arrow::datatypes::Decimal128Type>()
                .iter()
                .flatten()
                .sum::<i128>()
        })
        .sum();
    assert_eq!(paid, format!("{}.{:02}", fen / 100, fen % 100));
    // The names of shops, as docs/reference/postgresql.md joins them: lists have the same ones.
    let sql = "SELECT count(*), count(s.name), count(*) FILTER (WHERE s.name = l.shop_name) \
               FROM huitou.audience_winback l LEFT JOIN huitou.shops s USING (shop_id)";
    let joined = client.query_one(sql, &[]).unwrap();
    let [rows, named, same]: [i64; 3] = [0, 1, 2].map(|column| joined.get(column));
    assert!(rows > 0 && rows == named && named == same, "{rows} rows, {named} with a name, {same} with that of the list");
    let manifest = std::fs::read_to_string(scene.path("out/latest/manifest.json")).unwrap();
    assert!(!manifest.contains("postgres") && !manifest.contains("p@ss"), "{manifest}");
}

#[test]
fn amounts_and_ids_of_all_sizes_come_over_exactly() {
    let Some(database) = Database::new("sizes") else { return };
    let amounts = [1, 999_999, 1_000_000, 9_007_199_254_740_993];
    let of = |ids: Vec<Option<&str>>, numbers: Option<UInt64Array>| {
        let orders =
            orders().with("paid_amount", money(&amounts)).with("paid_at", noons(&["2026-01-05", "2026-01-20", "2026-02-14", "2026-03-01"]));
        match numbers {
            Some(numbers) => orders.with("customer_id", numbers.clone()).with("shop_id", UInt64Array::from(vec![u64::MAX; 4])),
            None => orders.with("customer_id", StringArray::from(ids)).with("shop_id", texts(&["店 \"1\"\t\\N"; 4])),
        }
    };
    let scene = Scene::with(&of(vec![Some("a\\b"), Some("\u{1f600}'\n"), Some("\\N"), Some("(none)")], None));
    database.loads(&scene, &[]);
    compare(&mut database.client(), &snapshot(&scene));
    // Other ids change types and keys: the tables are created again, with their rights.
    let mut client = database.client();
    let reader = database.role("reader");
    let grants = format!(
        "GRANT USAGE ON SCHEMA huitou TO {reader}; GRANT SELECT, REFERENCES ON huitou.customers TO {reader} WITH GRANT OPTION; GRANT SELECT (shop_id, purchases) ON huitou.shop_daily TO {reader}"
    );
    client.batch_execute(&grants).unwrap();
    let (before, columns) = (privileges(&mut client), column_privileges(&mut client));
    scene.parquet("orders.parquet", &of(vec![], Some(UInt64Array::from(vec![0, 1, u64::MAX, 1 << 63]))));
    database.loads(&scene, &[]);
    compare(&mut client, &snapshot(&scene));
    compare_cards(&mut client, &snapshot(&scene));
    assert_eq!((privileges(&mut client), column_privileges(&mut client)), (before, columns));
    let largest: String = client.query_one("SELECT max(paid_amount)::text FROM huitou.customers", &[]).unwrap().get(0);
    assert_eq!(largest, "90071992547409.93");
    // A table with a view on it cannot be created again: the load fails and leaves everything unchanged.
    client.batch_execute("CREATE VIEW public.whales AS SELECT customer_id FROM huitou.customers").unwrap();
    let content = database.content();
    scene.parquet("orders.parquet", &of(vec![Some("a"), Some("b"), Some("c"), Some("d")], None));
    let ran = database.run(&scene, &[]);
    assert_eq!(ran.code, Some(4));
    assert!(ran.stderr.contains("whales depends on table huitou.customers") && ran.stderr.contains("are unchanged"), "{}", ran.stderr);
    assert!(content == database.content());
    client.batch_execute("DROP VIEW public.whales").unwrap();
    database.loads(&scene, &[]);
    compare(&mut client, &snapshot(&scene));
}

fn privileges(client: &mut Client) -> Vec<String> {
    let sql = "SELECT c.relname || ' ' || r.acl FROM pg_class c CROSS JOIN LATERAL (SELECT x::text AS acl FROM unnest(c.relacl) x) r
        WHERE c.relnamespace = 'huitou'::regnamespace AND c.relkind = 'p' ORDER BY 1";
    client.query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
}

fn column_privileges(client: &mut Client) -> Vec<String> {
    let sql = "SELECT a.attrelid::regclass || '.' || a.attname || ' ' || a.attacl::text FROM pg_attribute a WHERE a.attacl IS NOT NULL ORDER BY 1";
    let own = "huitou.";
    client.query(sql, &[]).unwrap().iter().map(|row| row.get::<_, String>(0)).filter(|line| line.starts_with(own)).collect()
}

/// The job's orders without those of one customer: another snapshot of the same day.
pub const FEWER: [&str; 2] = ["--set", "inputs.orders.filter=customer_id <> 12"];

#[test]
fn objects_of_other_users_stay() {
    let Some(database) = Database::new("others") else { return };
    let (scene, reader) = (Scene::with(&orders()), database.role("reader"));
    let mut client = database.client();
    database.loads(&scene, &[]);
    let made = format!(
        "GRANT USAGE ON SCHEMA huitou TO {reader};
         GRANT SELECT ON huitou.customers, huitou.huitou_snapshot TO {reader};
         GRANT SELECT (shop_id, purchases) ON huitou.shop_daily TO {reader};
         ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA huitou GRANT SELECT ON TABLES TO {reader};
         CREATE TABLE huitou.notes (text text); INSERT INTO huitou.notes VALUES ('mine'); GRANT SELECT ON huitou.notes TO {reader};
         CREATE VIEW public.top AS SELECT customer_id, orders FROM huitou.customers WHERE orders > 1;
         CREATE VIEW huitou.everybody AS SELECT count(*) AS customers FROM huitou.customers;
         CREATE MATERIALIZED VIEW public.kept AS SELECT count(*) AS customers FROM huitou.customers;
         CREATE INDEX by_revenue ON huitou.customers (net_revenue DESC) WHERE orders > 1;
         ALTER TABLE huitou.customers ADD COLUMN remark text, ADD COLUMN per_order numeric GENERATED ALWAYS AS (paid_amount / orders) STORED;
         ALTER TABLE huitou.shop_daily ADD COLUMN owner text NOT NULL DEFAULT 'me';
         -- As an older version of huitou could have left it.
         ALTER TABLE huitou.shop_periods DROP COLUMN purchases CASCADE, ADD COLUMN gone bigint NOT NULL DEFAULT 0, ALTER COLUMN refunds SET DEFAULT 7;
         ALTER TABLE huitou.shop_periods ALTER COLUMN gone DROP DEFAULT, ALTER COLUMN paid_orders DROP NOT NULL",
        database.role("loader")
    );
    client.batch_execute(&made).unwrap();
    let (before, columns) = (privileges(&mut client), column_privileges(&mut client));
    let customers = |client: &mut Client| client.query_one("SELECT customers FROM huitou.everybody", &[]).unwrap().get::<_, i64>(0);
    assert_eq!(customers(&mut client), 2);
    for (options, expected) in [(&FEWER[..], 1), (&[], 2), (&FEWER, 1)] {
        database.loads(&scene, options);
        assert_eq!(customers(&mut client), expected);
    }
    compare(&mut client, &snapshot(&scene));
    assert_eq!((privileges(&mut client), column_privileges(&mut client)), (before, columns));
    let mut reading = database.reader();
    assert_eq!(reading.query("SELECT * FROM huitou.customers", &[]).unwrap().len(), 1);
    assert_eq!(reading.query("SELECT purchases FROM huitou.shop_daily", &[]).unwrap().len(), 86);
    assert!(reading.query("SELECT paid_amount FROM huitou.shop_daily", &[]).is_err(), "only these columns were granted");
    assert!(reading.query("SELECT * FROM huitou_partitions.customers", &[]).is_err());
    let text = |client: &mut Client, sql: &str| client.query_one(sql, &[]).unwrap().get::<_, String>(0);
    assert_eq!(text(&mut client, "SELECT text FROM huitou.notes"), "mine");
    assert_eq!(text(&mut client, "SELECT customer_id::text FROM public.top"), "11");
    assert_eq!(text(&mut client, "SELECT customers::text FROM public.kept"), "2", "it shows what it was filled with");
    assert_eq!(text(&mut client, "SELECT per_order::numeric(18,2)::text FROM huitou.customers"), "87.50");
    assert_eq!(text(&mut client, "SELECT DISTINCT owner FROM huitou.shop_daily"), "me");
    assert_eq!(text(&mut client, "SELECT bool_and(gone IS NULL AND purchases IS NOT NULL)::text FROM huitou.shop_periods"), "true");
    let indexes = "SELECT count(*)::text FROM pg_indexes WHERE tablename = 'customers' AND indexdef LIKE '%net_revenue DESC%WHERE%'";
    assert_eq!(text(&mut client, indexes), "2", "on the table and on its partition");
    // A table that the next snapshot does not have is dropped, unless other objects depend on it; a new one has the default rights.
    let few = ["--set", "tables=[customers, inputs, cohort_retention]", "--set", "as_of=2026-03-30"];
    let few_later = ["--set", "tables=[inputs, shop_daily]"];
    client.batch_execute("DROP MATERIALIZED VIEW public.kept; DELETE FROM huitou.huitou_snapshot").unwrap();
    let ran = database.loads(&scene, &few_later);
    assert!(ran.stderr.contains("no table `customers`") && ran.stderr.contains("is now empty"), "{}", ran.stderr);
    let tables: Vec<String> = database.content().into_keys().collect();
    assert_eq!(tables, ["customers", "days", "everybody", "huitou_snapshot", "huitou_views", "inputs", "notes", "shop_daily"]);
    assert_eq!(customers(&mut client), 0);
    client.batch_execute("DELETE FROM huitou.huitou_snapshot").unwrap();
    std::fs::remove_dir_all(scene.path("out")).unwrap();
    database.loads(&scene, &few);
    assert_eq!(customers(&mut client), 2);
    assert!(reading.query("SELECT * FROM huitou.cohort_retention", &[]).is_ok(), "default privileges");
}

#[test]
fn the_database_shows_what_latest_points_to() {
    let Some(database) = Database::new("latest") else { return };
    let scene = Scene::with(&orders());
    let shown = || {
        let row =
            database.client().query_one("SELECT DISTINCT snapshot, as_of::text, is_partial FROM huitou.huitou_snapshot", &[]).unwrap();
        (row.get::<_, String>(0), row.get::<_, String>(1), row.get::<_, bool>(2))
    };
    let loaded_at =
        || database.client().query_one("SELECT max(loaded_at)::text FROM huitou.huitou_snapshot", &[]).unwrap().get::<_, String>(0);
    // A snapshot of some tables is shown if it is published.
    database.loads(&scene, &["--only", "customers"]);
    assert!(shown().2);
    database.loads(&scene, &[]);
    let whole = shown();
    assert_eq!((whole.1.as_str(), whole.2), ("2026-03-31", false));
    let first = loaded_at();
    let again = database.loads(&scene, &[]);
    assert!(again.stderr.contains("already (database huitou_latest at 127.0.0.1:"), "{}", again.stderr);
    assert_eq!(loaded_at(), first);
    // Running an old day again changes neither the link nor the database; nor does another output folder.
    let old = ["--as-of", "2026-02-28"];
    database.loads(&scene, &old);
    assert_eq!((shown(), loaded_at()), (whole.clone(), first.clone()));
    let elsewhere = database.loads(&scene, &[&old[..], &["--out", "elsewhere"]].concat());
    assert!(elsewhere.stderr.contains("PostgreSQL still shows"), "{}", elsewhere.stderr);
    assert_eq!((shown(), loaded_at()), (whole.clone(), first.clone()));
    std::fs::remove_dir_all(scene.path("elsewhere")).unwrap();
    // An experiment does not reach the database, not even of a later day.
    for options in [&["--only", "customers"][..], &["--as-of", "2026-04-01"]] {
        let environment = [("HUITOU_PG", database.url())];
        let environment: Vec<(&str, &str)> = environment.iter().map(|(name, url)| (*name, url.as_str())).collect();
        let ran = scene.run_in(&[&["run", "job.yaml", "--set", SET], options].concat(), &environment);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains("this run is an experiment") && !ran.stderr.contains("PostgreSQL"), "{}", ran.stderr);
        assert_eq!((shown(), loaded_at()), (whole.clone(), first.clone()));
    }
    // A table that somebody dropped is loaded again.
    database.client().batch_execute("DROP TABLE huitou.shop_daily CASCADE").unwrap();
    database.loads(&scene, &[]);
    compare(&mut database.client(), &snapshot(&scene));
    // A second job is refused in the same schema.
    let ran = database.run(&scene, &["--set", "job=other", "--set", "as_of=2026-03-30", "--out", "elsewhere"]);
    assert_eq!(ran.code, Some(4));
    assert!(ran.stderr.contains("shows the tables of the job `test`, this one is `other`"), "{}", ran.stderr);
    database.loads(&scene, &["--set", "job=other", "--set", "output.postgres.schema=other", "--out", "elsewhere"]);
    assert_eq!(database.client().query("SELECT * FROM other.customers", &[]).unwrap().len(), 2);
    assert_eq!(shown().0, whole.0);
}

#[test]
fn a_key_with_nulls_has_a_unique_index() {
    let Some(database) = Database::new("nulls") else { return };
    let scene = Scene::with(&orders().without("customer_id").with("quantity", Int64Array::from(vec![1, 2, 3, 4])));
    database.loads(&scene, &[]);
    compare(&mut database.client(), &snapshot(&scene));
    compare_cards(&mut database.client(), &snapshot(&scene));
}
