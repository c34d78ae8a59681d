//! Partial results: two processes count half of the shops each, and know other values in another order; a third one adds them up through
//! Arrow IPC bytes and has the tables of a run over all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use huitou::fold::folds::Folds;
use huitou::fold::partial::{export, import};
use huitou::history::refunds::RefundIndex;
use huitou::history::{Context, OrderIdTypes, conflicts, pass};
use huitou::job::Job;
use huitou::nightly::{Plan, Silent, count_orders, fold, join_affiliates, load};
use huitou::partition::Budget;
use huitou::spec::period::{iso, parse_day};
use huitou::spec::{NO_DAY, WeekStart};
use huitou::table::{Night, catalogue};

/// What the processes agree about: the text of the job that all of them work for.
const PARAMETERS: &str = "the job of all shops";

/// The environment of a child: the number of its half, and the file that it writes.
const HALF: &str = "HUITOU_TEST_HALF";
const FILE: &str = "HUITOU_TEST_FILE";

/// The sample data, all of it or the shops of one half. Items, categories, shops and campaigns of a half have other codes.
fn plan(folder: &Path, half: Option<u32>) -> Plan {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = root.join("sample_data");
    let filter = half.map_or(String::new(), |half| format!(", filter: \"shop_id % 2 = {half}\""));
    let input = |name: &str, filter: &str| {
        let file = if data.join(name).is_dir() { name.to_owned() } else { format!("{name}.parquet") };
        format!("  {name}: {{ path: {:?}{filter} }}\n", data.join(file))
    };
    let strategies = ["unpaid_reminder", "second_purchase"].map(|name| format!("{:?}", root.join(format!("jobs/strategies/{name}.yaml"))));
    let job = format!(
        "job: halves\ntimezone: Asia/Shanghai\nas_of: 2026-11-21\ninputs:\n{}{}{}{}{}{}params:\n  cohort: {{ grain: [week, month], \
         dimensions: [first_channel, first_category, first_item, first_order_value_band, first_promotion, province] }}\n  max_reject_share: 1\nstrategies: [{}]\nstages: {:?}\noutput: {{ path: out }}\n",
        input("orders", &filter),
        input("refunds", &filter),
        input("campaigns", &filter),
        input("audiences", ""),
        input("affiliate_orders", &filter),
        input("inquiries", &filter),
        strategies.join(", "),
        root.join("jobs/stages.yaml"),
    );
    let path = folder.join("job.yaml");
    std::fs::write(&path, job).unwrap();
    let job = Job::load(&path, &[], &Plan::catalogue()).unwrap_or_else(|error| panic!("{error}"));
    Plan::new(job, parse_day("2026-11-21").unwrap(), &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// What a process counted of a half, as bytes.
fn counted(half: u32) -> (Vec<u8>, Context) {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), Some(half));
    let mut loaded = load(&plan, &Arc::new(Budget::unlimited()), &Silent).unwrap();
    let rated = std::mem::take(&mut loaded.rated_orders);
    let mut findings = count_orders(&loaded, rated).unwrap();
    join_affiliates(&mut loaded, &mut findings);
    let (applications, lines) = (std::mem::take(&mut loaded.applications), std::mem::take(&mut loaded.refund_lines));
    let refunds = RefundIndex::new(applications, lines, &mut findings, loaded.shuffled.shop_hashes());
    let types = OrderIdTypes::of(|column| plan.id_type(column));
    let conflicts = conflicts::judge(&loaded.shuffled, &findings, &types).unwrap();
    let selection = plan.selection();
    let start = || Folds::start(&loaded.context, &selection);
    let mut folds = pass::run(&loaded.shuffled, &refunds, &conflicts, &start, &|| ()).unwrap().fold;
    (export(&mut folds, &loaded.context, PARAMETERS).unwrap(), loaded.context)
}

/// Not a test of its own: what the processes of the test below do.
#[test]
fn a_process_that_counts_a_half() {
    if let (Ok(half), Ok(file)) = (std::env::var(HALF), std::env::var(FILE)) {
        std::fs::write(file, counted(half.parse().unwrap()).0).unwrap();
    }
}

fn counted_elsewhere(half: u32) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("partial");
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "partial_results::a_process_that_counts_a_half"])
        .env(HALF, half.to_string())
        .env(FILE, &file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    std::fs::read(file).unwrap()
}

fn tables(plan: &Plan, night: &Night) -> BTreeMap<String, Vec<RecordBatch>> {
    let mut tables: BTreeMap<String, Vec<RecordBatch>> = BTreeMap::new();
    let wanted = |name: &str| plan.wants(name) && !["inputs", "rejects"].contains(&name);
    catalogue::write(night, &wanted, &mut |card, batch| {
        tables.entry(card.name.to_string()).or_default().push(batch);
        Ok(())
    })
    .unwrap();
    tables
}

#[test]
fn two_processes_that_know_other_values_add_up_to_the_tables_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), None);
    let whole = fold(&plan, load(&plan, &Arc::new(Budget::unlimited()), &Silent).unwrap(), &Silent).unwrap().night;
    let mut folds = Folds::start(&whole.context, &plan.selection());
    for half in [1, 0] {
        import(&mut folds, &whole.context, PARAMETERS, &counted_elsewhere(half)).unwrap();
    }
    let sum = Night::new(Arc::clone(&whole.context), Arc::clone(&whole.facts), plan.request(), folds.finish());
    let (expected, found) = (tables(&plan, &whole), tables(&plan, &sum));
    // All that the job wants, with one list for each strategy, but the two tables about the input files, the one about the snapshot before, since
    // there is none, and that of those left out of lists, since no strategy of this job leaves anybody out.
    let all: BTreeSet<String> = plan
        .tables
        .iter()
        .map(|card| card.name.to_string())
        .filter(|name| !["inputs", "rejects", "restatements", "audience_excluded"].contains(&name.as_str()))
        .collect();
    assert_eq!(expected.keys().cloned().collect::<BTreeSet<_>>(), all);
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, table) in &expected {
        assert_eq!(table, &found[name], "{name}");
    }
}

#[test]
fn a_partial_result_of_another_run_is_refused_with_what_differs() {
    let (bytes, context) = counted(0);
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), Some(0));
    let refused = |context: &Context, parameters: &str, bytes: &[u8]| {
        let mut folds = Folds::start(context, &plan.selection());
        import(&mut folds, context, parameters, bytes).unwrap_err().to_string()
    };
    let found = refused(&context, "another job", &bytes);
    assert!(found.contains("parameters is `the job of all shops` there and `another job` here"), "{found}");
    let later = Context { as_of: context.as_of + 1, ..context.clone() };
    let found = refused(&later, PARAMETERS, &bytes);
    assert!(found.contains("as_of is `2026-11-21` there and `2026-11-22` here"), "{found}");
    let mut from_sunday = context.clone();
    from_sunday.params.week_starts = WeekStart::Sunday;
    let found = refused(&from_sunday, PARAMETERS, &bytes);
    assert!(found.contains("week_starts is `monday` there and `sunday` here"), "{found}");
    let shop = context.calibration_ends.iter().position(|end| *end != NO_DAY).unwrap();
    let mut earlier = context.clone();
    earlier.calibration_ends[shop] -= 1;
    let found = refused(&earlier, PARAMETERS, &bytes);
    let days = [context.calibration_ends[shop], earlier.calibration_ends[shop]].map(iso);
    assert!(found.contains(&format!("ends on {} in a partial result and on {} here", days[0], days[1])), "{found}");
    let (_, other_half) = counted(1);
    let found = refused(&other_half, PARAMETERS, &bytes);
    assert!(found.contains("which this run does not know"), "{found}");
    for cut in [0, 3, 11, 12, 40, bytes.len() / 2, bytes.len() - 1] {
        let found = refused(&context, PARAMETERS, &bytes[..cut]);
        assert!(found.contains("partial result") || found.contains("bug"), "{cut}: {found}");
    }
    let mut few = Folds::start(&context, &catalogue::selection(&|name| name == "interval_histogram", &[], &plan.request()));
    let found = import(&mut few, &context, PARAMETERS, &bytes).unwrap_err().to_string();
    assert!(found.contains("folds is `"), "{found}");
}
