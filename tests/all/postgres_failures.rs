//! Loads that fail: the old tables stay, the snapshot is published, the exit code is 4, the message says what to do, and nothing says the
//! password. The next run loads it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;

use super::postgres::FEWER;
use super::postgres_server::{Database, PASSWORD, SET, encoded};
use super::scene::{Ran, Scene, orders};

/// What the database does when the load has come to a statement with this text.
fn at(database: &Database, text: &str, action: &str) {
    let sql = format!(
        "CREATE OR REPLACE FUNCTION public.interfere() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            IF current_query() LIKE '%{text}%' THEN {action}; END IF; END $$;
         DROP EVENT TRIGGER IF EXISTS interfere;
         CREATE EVENT TRIGGER interfere ON ddl_command_end EXECUTE FUNCTION public.interfere()"
    );
    database.client().batch_execute(&sql).unwrap();
}

fn undisturbed(database: &Database) {
    database.client().batch_execute("DROP EVENT TRIGGER IF EXISTS interfere").unwrap();
}

/// The run published its snapshot, ended with code 4 and said all of `expected`.
#[track_caller]
fn failed(ran: &Ran, expected: &[&str]) {
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    let snapshot = ran.stdout.trim();
    assert!(Path::new(snapshot.rsplit('/').next().unwrap()).to_str().unwrap().starts_with("2026-03-31-"), "{snapshot}");
    for text in expected.iter().chain(&["error: PostgreSQL, database ", "is published; "]) {
        assert!(ran.stderr.contains(text), "`{text}` is not in {}", ran.stderr);
    }
}

#[test]
fn what_the_server_refuses_leaves_the_old_tables() {
    let Some(database) = Database::new("refusals") else { return };
    let scene = Scene::with(&orders());
    database.loads(&scene, &[]);
    let content = database.content();
    for (text, action, expected) in [
        // Its last words may come, or be lost with the connection.
        ("CREATE TABLE%new_3", "PERFORM pg_terminate_backend(pg_backend_pid())", "the server"),
        (
            "new_5",
            "PERFORM pg_cancel_backend(pg_backend_pid()); PERFORM pg_sleep(1)",
            "canceling statement due to user request [SQLSTATE 57014]",
        ),
        ("CREATE TABLE%new_0", "RAISE disk_full USING MESSAGE = 'could not extend file'", "could not extend file [SQLSTATE 53100]"),
        ("ADD PRIMARY KEY", "RAISE out_of_memory USING MESSAGE = 'no memory'", "no memory [SQLSTATE 53200]"),
        ("ATTACH PARTITION", "RAISE disk_full USING MESSAGE = 'no room'", "cannot swap the tables: no room [SQLSTATE 53100]"),
        ("ATTACH PARTITION", "PERFORM pg_terminate_backend(pg_backend_pid())", "cannot swap the tables: "),
    ] {
        at(&database, text, action);
        failed(&database.run(&scene, &FEWER), &[expected, "the tables in the database are unchanged, and the next run loads it"]);
        undisturbed(&database);
        assert!(database.content() == content, "{action} at {text} left other tables");
        let left = "SELECT count(*) FROM pg_class WHERE relname LIKE 'new%' AND relkind = 'r'";
        assert_eq!(database.client().query_one(left, &[]).unwrap().get::<_, i64>(0), 0, "{action} at {text} left something behind");
    }
    // The snapshot was there already; what it makes good is the database.
    let healed = database.loads(&scene, &FEWER);
    assert!(healed.stderr.contains("exists already") && healed.stderr.contains("PostgreSQL shows 2026-03-31-"), "{}", healed.stderr);
    assert!(database.content() != content);
}

#[test]
fn a_database_that_cannot_be_reached() {
    let Some(database) = Database::new("unreachable") else { return };
    let scene = Scene::with(&orders());
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (user, url) = (database.role("loader"), database.url());
    let wrong = |from: &str, to: &str| url.replace(from, to);
    for (url, expected) in [
        (database.url_at("127.0.0.1", free), vec!["Connection refused", "is the server running"]),
        (database.url_at("no-such-host.invalid", 5432), vec!["cannot connect", "is the host's name right"]),
        (wrong(&encoded(PASSWORD), "another%2Bword"), vec!["password authentication failed", "SQLSTATE 28P01", "check user and password"]),
        (wrong(&format!(":{}", encoded(PASSWORD)), ""), vec!["password missing", "PGPASSWORD"]),
        (wrong("/huitou_unreachable", "/huitou_nowhere"), vec!["\"huitou_nowhere\" does not exist", "create that database"]),
        (wrong(&user, "nobody_there"), vec!["password authentication failed for user \"nobody_there\""]),
    ] {
        failed(&database.run_with(&scene, &url, &[]), &expected);
    }
    // A user who may only read.
    database.client().batch_execute(&format!("REVOKE CREATE ON DATABASE huitou_unreachable FROM {user}")).unwrap();
    failed(&database.run(&scene, &[]), &["cannot create the schema `huitou`: permission denied", "the user needs CREATE on the database"]);
    // Schemas of the user's own are enough.
    let own = format!("CREATE SCHEMA huitou AUTHORIZATION {user}; CREATE SCHEMA huitou_partitions AUTHORIZATION {user}");
    database.client().batch_execute(&own).unwrap();
    database.loads(&scene, &[]);
    let give = "CREATE ROLE keeper_unreachable; GRANT USAGE ON SCHEMA huitou TO keeper_unreachable; ALTER TABLE huitou.customers OWNER TO keeper_unreachable";
    database.client().batch_execute(give).unwrap();
    failed(&database.run(&scene, &FEWER), &["`huitou.customers` belongs to keeper_unreachable", "make loader_unreachable a member"]);
    database.client().batch_execute(&format!("GRANT keeper_unreachable TO {user}")).unwrap();
    database.loads(&scene, &FEWER);
    let owner = "SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid = 'huitou.customers'::regclass";
    assert_eq!(database.client().query_one(owner, &[]).unwrap().get::<_, String>(0), "keeper_unreachable");
    database
        .client()
        .batch_execute(&format!(
            "DROP OWNED BY keeper_unreachable CASCADE; REVOKE keeper_unreachable FROM {user}; DROP ROLE keeper_unreachable"
        ))
        .unwrap();
}

#[test]
fn names_that_others_have_taken() {
    let Some(database) = Database::new("clashes") else { return };
    let scene = Scene::with(&orders());
    let taken = "CREATE SCHEMA huitou; CREATE TABLE huitou.customers (name text); INSERT INTO huitou.customers VALUES ('mine');
        CREATE VIEW huitou.shop_daily AS SELECT 1 AS one; CREATE TABLE huitou.other (x int)";
    database.client().batch_execute(taken).unwrap();
    database.client().batch_execute(&format!("GRANT USAGE, CREATE ON SCHEMA huitou TO {}", database.role("loader"))).unwrap();
    let content = database.content();
    let ran = database.run(&scene, &[]);
    failed(
        &ran,
        &[
            "`huitou.customers` is a table that huitou did not create, `huitou.shop_daily` is a view that huitou did not create",
            "rename it",
        ],
    );
    assert!(database.content() == content);
}

#[test]
fn one_load_at_a_time() {
    let Some(database) = Database::new("twice") else { return };
    let scene = Scene::with(&orders());
    // The first load waits in its middle for as long as the second one takes.
    at(&database, "CREATE TABLE%new_2", "PERFORM pg_advisory_xact_lock(42)");
    std::thread::scope(|scope| {
        let mut client = database.client();
        client.execute("SELECT pg_advisory_lock(42)", &[]).unwrap();
        let first = scope.spawn(|| database.loads(&scene, &[]));
        // Loads into the databases of other tests hold such locks too.
        let goes_on = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
            WHERE locktype = 'advisory' AND objid <> 42 AND datname = current_database()";
        while client.query_one(goes_on, &[]).unwrap().get::<_, i64>(0) == 0 {
            assert!(!first.is_finished());
        }
        let second = database.run(&scene, &["--out", "elsewhere"]);
        failed(&second, &["another load into the schema `huitou` is running", "wait for it to end"]);
        client.execute("SELECT pg_advisory_unlock(42)", &[]).unwrap();
        first.join().unwrap();
    });
}

/// Passes bytes on between huitou and the server, and cuts both off when huitou has sent so many.
fn cutting(port: u16, most: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut near, _) = listener.accept().unwrap();
        let mut far = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (mut back_from, mut back_to) = (far.try_clone().unwrap(), near.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut back_from, &mut back_to));
        let (mut sent, mut buffer) = (0, [0; 4096]);
        while let Ok(bytes @ 1..) = near.read(&mut buffer) {
            sent += bytes;
            if sent > most || far.write_all(&buffer[..bytes]).is_err() {
                break;
            }
        }
        let _ = (near.shutdown(Shutdown::Both), far.shutdown(Shutdown::Both));
    });
    own
}

#[test]
fn a_network_that_breaks() {
    let Some(database) = Database::new("network") else { return };
    let scene = Scene::with(&orders());
    database.loads(&scene, &[]);
    let content = database.content();
    // After the password, among the questions, among the rows.
    for most in [200, 1500, 9000, 20_000] {
        let url = format!("{}?sslmode=disable", database.url_at("127.0.0.1", cutting(database.port(), most)));
        failed(&database.run_with(&scene, &url, &FEWER), &["the server closed the connection"]);
        assert!(database.content() == content, "cut after {most} bytes");
    }
    database.loads(&scene, &FEWER);
}

#[test]
fn encryption_is_what_sslmode_says() {
    let Some(database) = Database::new("tls") else { return };
    let (Ok(authority), scene) = (std::env::var("HUITOU_TEST_PG_CA"), Scene::with(&orders())) else { return };
    // Who is encrypted, the database itself can tell.
    let note = "CREATE TABLE public.seen (is_encrypted boolean); GRANT INSERT ON public.seen TO PUBLIC";
    database.client().batch_execute(note).unwrap();
    at(&database, "CREATE TABLE%new_0", "INSERT INTO public.seen SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    let url = |host: &str, options: &str| format!("{}?{options}", database.url_at(host, database.port()));
    let with_authority = format!("sslmode=require&sslrootcert={}", encoded(&authority));
    for (number, (url, is_encrypted)) in [
        (url("127.0.0.1", "sslmode=disable"), false),
        (url("127.0.0.1", "sslmode=prefer"), true),
        (url("127.0.0.1", ""), true),
        (url("localhost", &with_authority), true),
        (url("localhost", &with_authority.replace("require", "verify-full")), true),
    ]
    .into_iter()
    .enumerate()
    {
        let ran = database.run_with(&scene, &url, if number % 2 == 0 { &[] } else { &FEWER });
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let mut client = database.client();
        let seen = client.query_one("SELECT bool_and(is_encrypted), bool_or(is_encrypted) FROM public.seen", &[]).unwrap();
        assert_eq!((seen.get(0), seen.get(1)), (is_encrypted, is_encrypted), "{number}");
        client.batch_execute("TRUNCATE public.seen").unwrap();
    }
    let content = database.content();
    for (url, expected) in [
        (url("localhost", "sslmode=require&sslrootcert=%2Fnowhere.crt"), vec!["the authorities of /nowhere.crt cannot be read"]),
        (url("127.0.0.1", &with_authority), vec!["cannot connect", "another name"]),
        (url("localhost", &format!("sslmode=require&sslrootcert={}", encoded(env!("CARGO_MANIFEST_DIR")))), vec!["cannot be read"]),
    ] {
        failed(&database.run_with(&scene, &url, &FEWER), &expected);
        assert!(database.content() == content);
    }
    // An authority that this system does not know; a system that knows none says that.
    let ran = database.run_with(&scene, &url("localhost", "sslmode=require"), &FEWER);
    failed(&ran, &["sslrootcert"]);
}

#[test]
fn the_plan_says_where_without_asking_the_server() {
    let scene = Scene::with(&orders());
    let url = format!("postgresql://huitou:{}@db.invalid:6543/bi?sslmode=require", encoded(PASSWORD));
    let keywords =
        format!("host=db.invalid port=6543 user=huitou dbname=bi password='{}'", PASSWORD.replace('\\', "\\\\").replace('\'', "\\'"));
    for url in [url, keywords] {
        for arguments in [&["check", "job.yaml", "--set", SET][..], &["run", "job.yaml", "--dry-run", "--set", SET]] {
            let ran = scene.run_in(arguments, &[("HUITOU_PG", &url)]);
            super::postgres_server::says_no_password(&ran);
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            assert!(ran.stdout.contains("\nPostgreSQL: database bi at db.invalid:6543 as huitou, schema huitou\n"), "{}", ran.stdout);
        }
    }
    let history = ["check", "job.yaml", "--set", SET, "--set", "output.postgres.history=[shop_periods, customers]"];
    let ran = scene.run_in(&history, &[("HUITOU_PG", "postgresql://huitou@db.invalid/bi")]);
    assert!(ran.stdout.contains("schema huitou\n  keeps the rows of every night of shop_periods, customers\n"), "{}", ran.stdout);
    let unset = scene.run(&["check", "job.yaml", "--set", SET]);
    assert_eq!(unset.code, Some(2));
    assert!(
        unset.stderr.contains("`output.postgres.url` needs the environment variable `HUITOU_PG`, which is not set"),
        "{}",
        unset.stderr
    );
}

#[test]
fn a_load_says_no_password_in_any_form_of_message() {
    let Some(database) = Database::new("forms") else { return };
    let scene = Scene::with(&orders());
    for (options, code) in
        [(&["--verbose"][..], 0), (&["--verbose", "--log", "json", "--set", FEWER[1]], 0), (&["--quiet", "--as-of", "2026-03-30"], 0)]
    {
        assert_eq!(database.run(&scene, options).code, Some(code));
    }
    // A server that repeats the password in its message.
    at(&database, "CREATE TABLE%new_0", &format!("RAISE '%', 'you said {}'", PASSWORD.replace('\'', "''")));
    let ran = database.run(&scene, &["--log", "json", "--set", "params.max_nth=3"]);
    failed_json(&ran);
}

fn failed_json(ran: &Ran) {
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    let last = ran.stderr.trim_end().lines().last().unwrap();
    let error: serde_json::Value = serde_json::from_str(last).unwrap();
    assert_eq!(error["exit_code"], 4);
    assert!(error["problems"][0]["message"].as_str().unwrap().contains("you said …"), "{error}");
}

#[test]
fn values_of_rows_stand_in_no_message() {
    let Some(database) = Database::new("values") else { return };
    let scene = Scene::with(&orders());
    database.loads(&scene, &[]);
    for (constraint, expected) in [
        ("CHECK (net_revenue < 0) NOT VALID", "violates check constraint"),
        ("CHECK (lifecycle::integer > 0) NOT VALID", "invalid input syntax for type integer: \"…\""),
    ] {
        let own = format!("ALTER TABLE huitou.customers ADD CONSTRAINT theirs {constraint}");
        database.client().batch_execute(&own).unwrap();
        let ran = database.run(&scene, &FEWER);
        failed(&ran, &[expected]);
        let message = ran.stderr.split("error: ").nth(1).unwrap().split("help: ").next().unwrap();
        for value in ["Failing row", "2026-", "100.00", "(1, ", "active"] {
            assert!(!message.contains(value), "{value}: {message}");
        }
        database.client().batch_execute("ALTER TABLE huitou.customers DROP CONSTRAINT theirs").unwrap();
    }
}

#[test]
fn a_result_table_that_somebody_renamed_is_made_again() {
    let Some(database) = Database::new("renamed") else { return };
    let scene = Scene::with(&orders());
    database.loads(&scene, &[]);
    database.client().batch_execute("ALTER TABLE huitou.customers RENAME TO customers_of_march").unwrap();
    let ran = database.run(&scene, &FEWER);
    failed(&ran, &["relation \"customers\" already exists", "rename it back, or drop it"]);
    database.client().batch_execute("ALTER TABLE huitou.customers_of_march RENAME TO customers").unwrap();
    database.loads(&scene, &FEWER);
}
