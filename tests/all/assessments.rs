//! Assessments of the sample data: every status of docs/assessments.md occurs, and each row says by itself why it has it.

use std::collections::BTreeSet;
use std::path::Path;

use super::result::{Row, Table, run};

/// The statuses of requirements, as docs/assessments.md lists them.
const STATUSES: [&str; 7] = ["exempt", "fail", "not_applicable", "pass", "running_fail", "running_pass", "unknown"];

fn results() -> Table {
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/nightly.yaml");
    run(&job, &[], Some("2026-11-21")).unwrap_or_else(|error| panic!("{error}")).table("assessment_results")
}

/// What a row that is judged has to say, or one that is not.
fn contradiction(row: &Row<'_>) -> Option<&'static str> {
    let status = row.text("status");
    let is_met = match status.as_str() {
        "pass" | "running_pass" => Some(true),
        "fail" | "running_fail" => Some(false),
        _ => None,
    };
    let reason = row.text("reason");
    let Some(is_met) = is_met else { return reason.is_empty().then_some("it is not judged, and does not say why") };
    let (Some(value), Some(threshold), Some(today), Some(margin)) =
        (row.number("value"), row.number("threshold"), row.number("threshold_to_date"), row.number("margin"))
    else {
        return Some("it is judged without value, threshold or margin");
    };
    // Points fail with the level that they reach, not beyond it.
    let is_safe = if row.count("level").is_some() { margin > 0.0 } else { margin >= 0.0 };
    let distance = if is_more_better(row) { value - today } else { today - value };
    if !reason.is_empty() {
        Some("it is judged, and gives a reason why not")
    } else if is_safe != is_met {
        Some("the sign of its margin is not that of its status")
    } else if (distance - margin).abs() > 1e-9 * today.abs().max(1.0) {
        Some("its margin is not the distance from its threshold")
    } else if status.starts_with("running_") == (row.text("is_complete") == "true") {
        Some("a cycle runs that is over, or the other way round")
    } else if row.text("is_complete") == "true" && today != threshold {
        Some("a cycle that is over has a threshold to date of its own")
    } else {
        None
    }
}

/// Which side of the threshold is safe: the test says it, but not_bottom leaves it to the metric.
fn is_more_better(row: &Row<'_>) -> bool {
    match row.text("test").as_str() {
        "at_least" | "at_least_peer_mean" => true,
        "at_most" | "at_most_peer_mean" => false,
        "not_bottom" => row.text("metric") != "dispute_rate",
        other => panic!("the sample has no test {other}"),
    }
}

#[test]
fn every_status_occurs_in_the_sample_and_its_row_explains_it() {
    let results = results();
    let found: BTreeSet<String> = results.rows().map(|row| row.text("status")).collect();
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), STATUSES);
    let faults: Vec<String> = results
        .rows()
        .filter_map(|row| {
            let key = ["assessment", "shop_id", "period_start", "metric", "status"].map(|column| row.text(column)).join(" ");
            contradiction(&row).map(|fault| format!("{key}: {fault}"))
        })
        .collect();
    assert!(faults.is_empty(), "{} rows do not explain themselves:\n{}", faults.len(), faults.join("\n"));
}

/// One status of a requirement is not that of another: the rows of each kind that the rules of the sample name are there.
#[test]
fn every_test_of_the_rules_passes_and_fails_in_the_sample() {
    let results = results();
    for test in ["at_least", "at_most", "not_bottom", "at_least_peer_mean"] {
        for status in ["pass", "fail"] {
            assert!(!results.with(&[("test", test), ("status", status)]).is_empty(), "no {status} of {test}");
        }
    }
}
