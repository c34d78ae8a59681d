//! Whole job files: what the tests of the room share.

mod laws;
mod meaning;
mod messages;
mod options;
mod postgres;
mod requirement_messages;
mod rule_meaning;
mod rule_messages;
mod stage_messages;
mod strategy_messages;

use super::*;

fn catalogue() -> Catalogue {
    Catalogue {
        tables: vec!["cohort_retention", "customers", "repurchase_intervals", "shop_daily"],
        inputs: vec![
            ("orders", vec!["shop_id", "order_id", "line_id", "customer_id", "created_at", "paid_at", "paid_amount", "status"]),
            ("traffic", vec!["shop_id", "date", "channel", "pv", "uv"]),
            ("refunds", vec!["refund_id", "order_id", "amount", "status"]),
            ("ratings", vec!["shop_id", "date"]),
            ("shops", vec!["shop_id", "name"]),
        ],
        metrics: vec!["paid_amount", "dsr_mean", "dispute_rate", "intervened_refunds"],
        stage_metrics: vec!["bounce_rate", "depth", "uv_conversion"],
        dimensions: vec!["first_channel", "first_category", "province"],
    }
}

fn read_with(text: &str, sets: &[&str]) -> Result<Job> {
    let sets: Vec<String> = sets.iter().map(|option| (*option).to_owned()).collect();
    let environment = |name: &str| match name {
        "DATA" => Some("/mnt/data".to_owned()),
        "EMPTY" => Some(String::new()),
        "PG" => Some("postgresql://huitou:p%40ss@db.example/shops?sslmode=require".to_owned()),
        "PG_WRONG" => Some("postgresql://huitou:s3cret/word@db.example/shops".to_owned()),
        "WORD" => Some("s3cret".to_owned()),
        _ => None,
    };
    Job::checked(text, Path::new("/jobs/nightly.yaml"), &sets, &catalogue(), &environment)
}

fn job(text: &str) -> Job {
    read_with(text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// All problems, as the user sees them.
fn wrong_with(text: &str, sets: &[&str]) -> String {
    match read_with(text, sets) {
        Err(error @ Error::Usage(_)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

fn wrong(text: &str) -> String {
    wrong_with(text, &[])
}

/// The problems of lines below a valid job.
fn wrong_below(lines: &str) -> String {
    wrong(&format!("{SMALLEST}{lines}"))
}

/// Two lines.
const SMALLEST: &str = "job: nightly\ninputs: { orders: data/orders }\n";

/// A job file with everything that it can have.
const FULL: &str = r#"job: 夜间
timezone: Europe/Berlin
as_of: 2026-11-21
shop: 007
inputs:
  orders:
    path: ${DATA}/orders
    columns: { order_id: tid, paid_amount: "Quantity * UnitPrice" }
    status: { WAIT_BUYER_PAY: placed, 交易关闭: closed, 4: completed }
    filter: "channel != 'test'"
    money: minor
  traffic: ./traffic
  refunds: { path: refunds, status: { 成功: success } }
params:
  cohort: { grain: [quarter, month], dimensions: [province, first_channel] }
  history_warmup: 0
  lifecycle: { active_days: 50, quiet_days: 100, dormant_days: 200, thresholds: [75, 20] }
  migration_period: quarter
  rfm:
    method: fixed
    recency_days: [7, 30, 90, 180]
    frequency: [2, 3, 5, 10]
    monetary: [100, 250.5, 1000, 5000.00]
    monetary_value: per_purchase_day
  forecast: { model: mbg_nbd, horizon_days: 30 }
  max_nth: 5
  max_reject_share: 0.01
  min_peers: 3
  min_pair_orders: 8
  max_pairs: 50
  brief_size: 5
  campaign: { window_days: 30 }
  cool_down: sent
  member_levels:
    - { name: 会员, min_amount: 0 }
    - { name: 金卡, min_amount: 500.5, min_orders: 3 }
  amount_bands: [100, 250.5]
  totals: [category, all]
  group_ids: shared
tables: [shop_daily, customers]
output:
  path: /srv/out
  keep: 30
  report: zh
"#;

/// The smallest rule file, one line for each key.
const RULE: &str = "assessment: a\nperiod: quarter\nrequirements:\n  - { metric: dsr_mean, test: at_least, value: 4.2 }\n";

/// A job with rule files below it, in a folder that messages call `/jobs`.
fn read_with_rules(job: &str, files: &[(&str, &str)]) -> Result<Job, String> {
    let mut catalogue = catalogue();
    catalogue.inputs.push(("shop_metrics", vec!["shop_id"]));
    catalogue.metrics = vec!["paid_amount", "dsr_mean", "dispute_rate", "intervened_refunds", "violation_points"];
    catalogue.metrics.extend(["service_score_min", "service_score_kth", "service_months_below"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("rules")).unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let environment = |name: &str| (name == "RULES").then(|| "rules".to_owned());
    Job::checked(job, &folder.path().join("nightly.yaml"), &[], &catalogue, &environment)
        .map_err(|error| error.to_string().replace(&folder.path().display().to_string(), "/jobs"))
}

/// A job that names one rule file, and has that input beside the orders.
fn job_of_one_rule(input: &str) -> String {
    format!("job: n\ninputs: {{ orders: o, {input}: i }}\nassessments: [rules/x.yaml]\n")
}

/// The rule that a text says, in a job with the input `shop_metrics`.
fn rule(text: &str) -> rule::Rule {
    let job = read_with_rules(&job_of_one_rule("shop_metrics"), &[("rules/x.yaml", text)]).unwrap_or_else(|error| panic!("{error}"));
    job.assessments[0].clone()
}

/// All problems of a rule file, in a job without the inputs `shops` and `shop_metrics`.
fn wrong_rule(text: &str) -> String {
    read_with_rules(&job_of_one_rule("traffic"), &[("rules/x.yaml", text)]).unwrap_err()
}

/// All problems of a requirement, which begins in line 4, column 5.
fn wrong_requirement(text: &str) -> String {
    wrong_rule(&format!("assessment: a\nperiod: quarter\nrequirements:\n  - {text}\n"))
}

/// Lines of messages about one rule file: `4:5: what` without the file, and the help below it.
fn assert_wrong(message: &str, expected: &[(&str, &str)]) {
    let expected: Vec<String> = expected
        .iter()
        .map(|(what, help)| {
            let help = if help.is_empty() { String::new() } else { format!("\n  help: {help}") };
            format!("/jobs/rules/x.yaml:{what}{help}")
        })
        .collect();
    assert_eq!(message, expected.join("\n"));
}
