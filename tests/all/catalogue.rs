//! The catalogue: every table stands where its name says, declares what it reads and reads what it declares, is the same when it is
//! made alone, and has the witness that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;
use huitou::error::Result;
use huitou::fold::folds::Folds;
use huitou::fold::selection::Selection;
use huitou::history::refunds::RefundIndex;
use huitou::history::{OrderIdTypes, conflicts, pass};
use huitou::input::declared::columns;
use huitou::job::Job;
use huitou::nightly::{ALWAYS, Plan, Silent, count_orders, fold, join_affiliates, load};
use huitou::partition::Budget;
use huitou::spec::period::parse_day;
use huitou::spec::schema::schema;
use huitou::spec::{Card, Kind};
use huitou::table::night::{Night, Read};
use huitou::table::request::Request;
use huitou::table::rows::SendSink;
use huitou::table::unit::{AnyTable, Witness};
use huitou::table::{catalogue, night, read};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All cards with what makes them; the lists of strategies as one.
fn cards() -> Vec<(&'static dyn AnyTable, &'static Card)> {
    let of =
        |table: &&'static dyn AnyTable| std::iter::once(table.card()).chain(table.further_cards()).map(|card| (*table, card)).collect();
    catalogue::TABLES.iter().flat_map::<Vec<_>, _>(of).collect()
}

/// Family and file of the table of that name: a file of `src/table/<family>` whose name, or the family's with it, is the table's, and
/// which says so.
fn place(name: &str) -> Option<(String, String)> {
    let family = |folder: &PathBuf| folder.file_name().unwrap().to_str().unwrap().to_owned();
    let folders = std::fs::read_dir(root().join("src/table")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    folders.into_iter().find_map(|folder| {
        let family = family(&folder);
        let files = [Some(name), name.strip_prefix(&family).and_then(|rest| rest.strip_prefix('_'))];
        files.into_iter().flatten().find_map(|file| {
            let text = std::fs::read_to_string(folder.join(format!("{file}.rs"))).ok()?;
            text.contains(&format!("\"{name}\"")).then(|| (family.clone(), file.to_owned()))
        })
    })
}

/// What a table uses is a column of the orders that not every run reads anyway: anything else has no effect.
#[test]
fn what_a_table_uses_is_a_further_column_of_the_orders() {
    let orders: BTreeSet<&str> = columns::ORDERS.columns.iter().map(|column| column.name).collect();
    for (_, card) in cards() {
        for column in card.uses {
            assert!(orders.contains(column), "{}: the orders have no column {column}", card.name);
            assert!(!ALWAYS.contains(column), "{}: every run reads {column}", card.name);
        }
    }
    assert!(ALWAYS.iter().all(|column| orders.contains(column)));
}

#[test]
fn a_table_stands_where_its_name_says() {
    let mut names = BTreeSet::new();
    for (_, card) in cards() {
        let name = if card.name.contains('<') { "lists" } else { card.name.as_ref() };
        let stands = card.name.contains('<') || place(name).is_some();
        assert!(stands, "src/table has no file of the table {name}: <family>/<name>.rs, where <family>_<name> or <name> is its name");
        assert!(names.insert(card.name.clone()), "two tables are called {name}");
        let first: Vec<&str> = card.columns.iter().map(|column| column.name).take(card.key.len()).collect();
        assert_eq!(first, card.key, "{name}: the key columns come first");
    }
}

#[test]
fn every_table_has_the_witness_that_it_names() {
    let about_the_run = ["inputs", "rejects"];
    let sql = |family: &str, file: &str| root().join(format!("tests/oracle/{family}/{file}.sql"));
    for (table, card) in cards() {
        let name = card.name.as_ref();
        match table.witness() {
            // The oracle holds these against its own account of every row, in tests/oracle/ledger.py.
            Witness::Sql if about_the_run.contains(&name) => {
                let ledger = std::fs::read_to_string(root().join("tests/oracle/ledger.py")).unwrap();
                assert!(ledger.contains(&format!("compare_{name}")), "tests/oracle/ledger.py does not compare {name}");
            }
            Witness::Sql => {
                let (family, file) = place_of_sources(name);
                assert!(sql(&family, &file).exists(), "{name}: there is no {}", sql(&family, &file).display());
            }
            Witness::Cited(place) => assert!(root().join(place).exists(), "{name}: {place} is not there"),
            Witness::Worked(reason) => {
                assert!(!reason.is_empty(), "{name} does not say why nothing else is possible");
                let (family, _) = place_of_sources(name);
                assert!(has_case(&family, name), "no case of tests/cases/{family} expects {name}");
            }
        }
    }
    for entry in walk(&root().join("tests/oracle")) {
        let (Some("sql"), Some(folder)) = (entry.extension().and_then(|ending| ending.to_str()), entry.parent()) else { continue };
        if folder != root().join("tests/oracle") {
            let file = root().join("src/table").join(entry.strip_prefix(root().join("tests/oracle")).unwrap()).with_extension("rs");
            assert!(file.exists(), "{} is the SQL of no table: there is no {}", entry.display(), file.display());
        }
    }
}

/// Family and file of a table, the lists of strategies included.
fn place_of_sources(name: &str) -> (String, String) {
    if name.contains('<') { ("audience".into(), "lists".into()) } else { place(name).unwrap() }
}

/// Whether a case of the family expects rows of the table: a block that begins with `csv expect` and the table's name as a word.
fn has_case(family: &str, table: &str) -> bool {
    let expects = |line: &str| line.strip_prefix("```csv expect ").is_some_and(|rest| rest.split_whitespace().next() == Some(table));
    let cases = std::fs::read_dir(root().join("tests/cases").join(family)).into_iter().flatten();
    cases.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).any(|text| text.lines().any(expects))
}

#[test]
fn a_case_witnesses_the_table_of_its_own_family_only() {
    assert!(has_case("assessment", "assessment_summary"));
    assert!(!has_case("forecast", "assessment_summary"), "another family expects it");
    assert!(!has_case("audience", "audience"), "a name that begins so is another table");
    assert!(!has_case("product", "assessment_summary"), "there is no such family");
}

#[test]
fn a_column_has_one_unit_in_all_tables_and_none_without_a_quantity() {
    let mut units: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, card) in cards() {
        for column in card.columns.iter() {
            units.entry(column.name).or_default().insert(column.unit);
            let (table, name, unit) = (&card.name, column.name, column.unit);
            match column.kind {
                Kind::Text | Kind::Flag | Kind::ShopId | Kind::CustomerId => assert_eq!(unit, "", "{table}.{name} is not a quantity"),
                Kind::Date => assert_eq!(unit, "date", "{table}.{name}"),
                _ => {}
            }
        }
    }
    let several: Vec<_> = units.into_iter().filter(|(_, units)| units.len() > 1).collect();
    assert!(several.is_empty(), "columns of one name with several units: {several:?}");
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// The names of folds and shared results behind some reads, in a job that requests this.
fn behind(reads: &[Read], request: &Request, names: &mut BTreeSet<&'static str>) {
    for read in reads {
        names.insert(read.name());
        if let Read::Shared(shared) | Read::IfRequested(shared) = read
            && shared.not_requested(request).is_none()
        {
            behind(&shared.reads(request), request, names);
        }
    }
}

type Tables = BTreeMap<String, RecordBatch>;

/// The batches that `write` hands out of these tables, each table as one.
fn gathered(night: &Night, wanted: &BTreeSet<String>, write: impl FnOnce(&mut SendSink<'_>) -> Result<()>) -> Tables {
    let mut found: BTreeMap<String, (Card, Vec<RecordBatch>)> = BTreeMap::new();
    let mut keep = |card: &Card, batch: RecordBatch| {
        if wanted.contains(card.name.as_ref()) {
            found.entry(card.name.to_string()).or_insert_with(|| (card.clone(), Vec::new())).1.push(batch);
        }
        Ok(())
    };
    write(&mut keep).unwrap_or_else(|error| panic!("{error}"));
    let whole = |(card, batches): (Card, Vec<RecordBatch>)| concat_batches(&schema(&card, &night.context.ids), &batches).unwrap();
    found.into_iter().map(|(name, table)| (name, whole(table))).collect()
}

fn names_of(table: &'static dyn AnyTable, night: &Night) -> BTreeSet<String> {
    table.cards(&night.context.strategies).iter().map(|card| card.name.to_string()).collect()
}

/// On the sample data, whose job requests all there is; and once more with the limits that intervals suggest.
#[test]
fn a_table_reads_what_it_declares_and_is_the_same_when_it_is_made_alone() {
    for sets in [&[][..], &["params.lifecycle=suggested".to_owned()][..]] {
        let job = Job::load(&root().join("jobs/nightly.yaml"), sets, &Plan::catalogue()).unwrap_or_else(|error| panic!("{error}"));
        let plan = Plan::new(job, parse_day("2026-11-21").unwrap(), &[]).unwrap_or_else(|error| panic!("{error}"));
        let budget = || Arc::new(Budget::unlimited());
        let together = fold(&plan, load(&plan, &budget(), &Silent).unwrap(), &Silent).unwrap().night;
        let all: BTreeSet<String> = catalogue::TABLES.iter().flat_map(|table| names_of(*table, &together)).collect();
        let expected = gathered(&together, &all, |sink| catalogue::write(&together, &|_| true, sink));
        let mut loaded = load(&plan, &budget(), &Silent).unwrap();
        let rated = std::mem::take(&mut loaded.rated_orders);
        let mut findings = count_orders(&loaded, rated).unwrap();
        join_affiliates(&mut loaded, &mut findings);
        let (applications, lines) = (std::mem::take(&mut loaded.applications), std::mem::take(&mut loaded.refund_lines));
        let refunds = RefundIndex::new(applications, lines, &mut findings, loaded.shuffled.shop_hashes());
        let types = OrderIdTypes::of(|column| plan.id_type(column));
        let conflicts = conflicts::judge(&loaded.shuffled, &findings, &types).unwrap();
        for table in catalogue::TABLES.iter().copied() {
            let name = &table.card().name;
            assert_eq!(night::not_requested(table.reads(), &plan.request()), None, "the sample job does not request {name}");
            let reads = catalogue::reads_of(table);
            let mut selection = Selection::default();
            read::select(&reads, &plan.request(), &mut selection);
            let start = || Folds::start(&loaded.context, &selection);
            let folds = pass::run(&loaded.shuffled, &refunds, &conflicts, &start, &|| ()).unwrap().fold;
            let alone = Night::new(Arc::clone(&together.context), Arc::clone(&together.facts), plan.request(), folds.finish());
            let own = names_of(table, &together);
            let of_alone = gathered(&alone, &own, |sink| alone.make(name, &reads, |night| table.write(night, sink)));
            let mut declared = BTreeSet::new();
            behind(&reads, &plan.request(), &mut declared);
            assert_eq!(alone.asked(), declared, "{name}: what it asks for, and what it declares");
            // The tables about the run itself are made of its inputs, the brief of the rows of the others, and restatements of a snapshot
            // before: this night does not have them.
            if !declared.is_empty() && !["brief", "restatements"].contains(&name.as_ref()) {
                assert!(of_alone.values().any(|rows| rows.num_rows() > 0), "{name} has no rows of the sample data");
                let of_all: Tables =
                    expected.iter().filter(|(name, _)| own.contains(*name)).map(|(name, rows)| (name.clone(), rows.clone())).collect();
                assert!(of_alone == of_all, "{name} is another one when it is made alone");
            }
        }
    }
}
