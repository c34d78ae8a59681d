//! Dashboards that ask all the while: they never see tables of two snapshots, none that is empty or missing, no error, and wait for
//! a moment only.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use postgres::{Client, GenericClient, IsolationLevel};

use super::postgres::FEWER;
use super::postgres_server::Database;
use super::scene::{Scene, orders};

/// What a reader saw of a snapshot: customers, the orders of two tables, and whose tables they are.
type Seen = (i64, i64, i64, i64, String);

const CUSTOMERS: &str = "SELECT count(*), sum(orders)::bigint FROM huitou.customers";
const THROUGH_VIEWS: [&str; 2] = [
    "SELECT count(*), sum(orders)::bigint FROM huitou.customer WHERE shop_name = '1'",
    "SELECT sum(purchases)::bigint FROM huitou.shop_day WHERE weekday > 0",
];
const HISTORY: &str = "SELECT sum(purchases)::bigint FROM huitou.shop_daily_history WHERE as_of = '2026-03-31'";
const KEEP: [&str; 2] = ["--set", "output.postgres.history=[shop_daily]"];
const DAYS: &str = "SELECT sum(purchases)::bigint FROM huitou.shop_daily";
const LEDGER: &str = "SELECT row_count, snapshot FROM huitou.huitou_snapshot WHERE table_name = 'customers'";

fn together(client: &mut Client) -> Seen {
    let sql = format!("SELECT c.*, d.*, l.* FROM ({CUSTOMERS}) c, ({DAYS}) d, ({LEDGER}) l");
    let row = client.query_one(&sql, &[]).unwrap();
    (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))
}

fn one_by_one(client: &mut impl GenericClient) -> Seen {
    let customers = client.query_one(CUSTOMERS, &[]).unwrap();
    let days = client.query_one(DAYS, &[]).unwrap();
    let ledger = client.query_one(LEDGER, &[]).unwrap();
    (customers.get(0), customers.get(1), days.get(0), ledger.get(0), ledger.get(1))
}

/// In a transaction, whose first statement at `RepeatableRead` settles what it sees: a load that ends before it looks at the tables must
/// not leave them empty for it.
fn in_transaction(client: &mut Client, level: IsolationLevel) -> Seen {
    let mut transaction = client.build_transaction().isolation_level(level).start().unwrap();
    transaction.query_one("SELECT count(*) FROM pg_class", &[]).unwrap();
    std::thread::sleep(Duration::from_millis(5));
    let seen = one_by_one(&mut transaction);
    transaction.commit().unwrap();
    seen
}

/// Through views, which join the dimensions, in one statement with the history.
fn through_views(client: &mut Client) -> Seen {
    let [customers, days] = THROUGH_VIEWS;
    let sql = format!("SELECT c.*, d.*, l.*, h.* FROM ({customers}) c, ({days}) d, ({LEDGER}) l, ({HISTORY}) h");
    let row = client.query_one(&sql, &[]).unwrap();
    assert_eq!(row.get::<_, i64>(2), row.get::<_, i64>(5), "the history is of another night");
    (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))
}

/// The history first, then views, one statement after the other.
fn from_history_to_views(client: &mut Client) -> Seen {
    let [customers, days] = THROUGH_VIEWS;
    let mut transaction = client.transaction().unwrap();
    let kept: i64 = transaction.query_one(HISTORY, &[]).unwrap().get(0);
    let customers = transaction.query_one(customers, &[]).unwrap();
    let days: i64 = transaction.query_one(days, &[]).unwrap().get(0);
    let ledger = transaction.query_one(LEDGER, &[]).unwrap();
    transaction.commit().unwrap();
    assert_eq!(days, kept, "the history is of another night");
    (customers.get(0), customers.get(1), days, ledger.get(0), ledger.get(1))
}

fn in_other_order(client: &mut Client) -> Seen {
    let mut transaction = client.transaction().unwrap();
    let ledger = transaction.query_one(LEDGER, &[]).unwrap();
    std::thread::sleep(Duration::from_millis(2));
    let seen = one_by_one(&mut transaction);
    assert_eq!((ledger.get(0), ledger.get::<_, String>(1)), (seen.3, seen.4.clone()), "what a transaction has seen stays");
    transaction.commit().unwrap();
    seen
}

#[test]
fn readers_never_see_a_mix() {
    let Some(database) = Database::new("readers") else { return };
    let scene = Scene::with(&orders());
    let name = |stdout: &str| stdout.trim().rsplit('/').next().unwrap().to_owned();
    let with_fewer = [KEEP, FEWER].concat();
    let all = name(&database.loads(&scene, &KEEP).stdout);
    let fewer = name(&database.loads(&scene, &with_fewer).stdout);
    assert_ne!(all, fewer);
    // Of the three orders that were paid, one is of the customer who is left out.
    let right = [(2, 3, 3, 2, all), (1, 2, 2, 1, fewer)];
    let is_over = AtomicBool::new(false);
    let ways: [fn(&mut Client) -> Seen; 7] = [
        together,
        |client| in_transaction(client, IsolationLevel::ReadCommitted),
        |client| in_transaction(client, IsolationLevel::RepeatableRead),
        |client| in_transaction(client, IsolationLevel::Serializable),
        in_other_order,
        through_views,
        from_history_to_views,
    ];
    let names = ["together", "read committed", "repeatable read", "serializable", "other order", "views", "history and views"];
    std::thread::scope(|scope| {
        let readers = ways.map(|way| {
            let (database, right, is_over) = (&database, &right, &is_over);
            scope.spawn(move || {
                let mut client = database.client();
                let (mut longest, mut times, mut both) = (Duration::ZERO, 0, [false; 2]);
                while !is_over.load(Ordering::Relaxed) {
                    // Readers without a pause leave the loads no processor, and the test takes minutes.
                    std::thread::sleep(Duration::from_millis(5));
                    let start = Instant::now();
                    let seen = way(&mut client);
                    longest = longest.max(start.elapsed());
                    let which = right.iter().position(|right| *right == seen).unwrap_or_else(|| panic!("a mix: {seen:?}"));
                    both[which] = true;
                    times += 1;
                }
                (longest, times, both)
            })
        });
        for round in 0..8 {
            database.loads(&scene, if round % 2 == 0 { &KEEP } else { &with_fewer });
        }
        is_over.store(true, Ordering::Relaxed);
        for (reader, what) in readers.into_iter().zip(names) {
            let (longest, times, both) = reader.join().unwrap();
            println!("{what}: {times} times, the longest {longest:?}");
            assert!(times > 20 && both == [true, true], "{what}: {times} {both:?}");
            // Milliseconds on a quiet machine; what counts is that nobody waits for a load.
            assert!(longest < Duration::from_secs(2), "{what}: {longest:?}");
        }
    });
}

#[test]
fn a_long_query_keeps_the_swap_waiting_and_nobody_else() {
    let Some(database) = Database::new("patience") else { return };
    let scene = Scene::with(&orders());
    database.loads(&scene, &[]);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let mut dashboard = database.client();
        let mut transaction = dashboard.transaction().unwrap();
        let before: i64 = transaction.query_one(CUSTOMERS, &[]).unwrap().get(0);
        let other = scope.spawn(|| {
            let mut client = database.client();
            let mut longest = Duration::ZERO;
            while !is_over.load(Ordering::Relaxed) {
                let start = Instant::now();
                together(&mut client);
                longest = longest.max(start.elapsed());
            }
            longest
        });
        let load = scope.spawn(|| database.loads(&scene, &FEWER));
        std::thread::sleep(Duration::from_secs(4));
        assert!(!load.is_finished(), "the swap has to wait");
        // It has not seen the other tables yet, and still finds those of its snapshot.
        let days: i64 = transaction.query_one(DAYS, &[]).unwrap().get(0);
        assert_eq!((before, days), (2, 3));
        transaction.commit().unwrap();
        let ran = load.join().unwrap();
        is_over.store(true, Ordering::Relaxed);
        assert!(ran.stderr.contains("the swap succeeded in attempt"), "{}", ran.stderr);
        let longest = other.join().unwrap();
        println!("beside a query of 4 s, the longest of others took {longest:?}");
        assert!(longest < Duration::from_secs(2), "{longest:?}");
    });
    assert_eq!(together(&mut database.client()).0, 1);
}
