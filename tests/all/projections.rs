//! What assessments say of the days to come, where everybody can work it out: shops that sell the same every day.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Decimal128Array, StringArray};

use super::scene::{Columns, Scene, day, digests, rows};

const JOB: &str = "job: test
timezone: Asia/Shanghai
as_of: 2026-11-20
inputs:
  orders: { path: orders.parquet }
  shops: { path: shops.parquet }
assessments: [annual.yaml]
tables: [assessment_results, assessment_summary]
output: { path: out }
";

const RULE: &str = "assessment: annual
period: rolling_year
requirements:
  - { metric: paid_amount, test: at_least, column: shops.annual_target }
";

fn columns(columns: Vec<(&str, ArrayRef)>) -> Columns {
    Columns(columns.into_iter().map(|(name, array)| (name.to_owned(), array)).collect())
}

fn money(minor: impl IntoIterator<Item = i128>) -> ArrayRef {
    Arc::new(Decimal128Array::from_iter_values(minor).with_precision_and_scale(18, 2).unwrap())
}

/// Eight orders of 1.25 a day in each of two shops. Both opened on 15 September 2024: their formal year ends on 30 November 2026
/// and has 365 days, so 3650.00 come together. That is the target of `met`, and 0.01 less than that of `missed`.
fn scene() -> Scene {
    scene_with([3650_00, 3650_01], None)
}

/// The same with those targets. With `changed`, a row is the last version of its order, changed so many days after it was paid.
fn scene_with(targets: [i128; 2], changed: Option<i32>) -> Scene {
    let scene = Scene::new();
    scene.job(JOB);
    scene.write("annual.yaml", RULE);
    let (first, last) = (day("2024-10-01"), day("2026-11-20"));
    let orders: Vec<(&str, i32, usize)> = ["met", "missed"]
        .into_iter()
        .flat_map(|shop| (first..=last).flat_map(move |day| (0..8).map(move |number| (shop, day, number))))
        .collect();
    let texts =
        |text: &dyn Fn(&(&str, i32, usize)) -> String| -> ArrayRef { Arc::new(StringArray::from_iter_values(orders.iter().map(text))) };
    let days: Date32Array = orders.iter().map(|(_, day, _)| Some(*day)).collect();
    let mut all: Vec<(&str, ArrayRef)> = vec![
        ("shop_id", texts(&|order| order.0.to_owned())),
        ("order_id", texts(&|order| format!("{order:?}"))),
        ("customer_id", texts(&|order| format!("{}", order.2))),
        ("created_at", Arc::new(days.clone())),
        ("paid_at", Arc::new(days)),
        ("paid_amount", money(orders.iter().map(|_| 1_25))),
    ];
    if let Some(later) = changed {
        // What was changed after the last day of all is not there yet.
        let modified: Date32Array = orders.iter().map(|(_, day, _)| Some((*day + later).min(last))).collect();
        all.push(("modified_at", Arc::new(modified)));
    }
    scene.parquet("orders.parquet", &columns(all));
    scene.parquet(
        "shops.parquet",
        &columns(vec![
            ("shop_id", Arc::new(StringArray::from(vec!["met", "missed"]))),
            ("opened_at", Arc::new(Date32Array::from(vec![day("2024-09-15"); 2]))),
            ("annual_target", money(targets)),
        ]),
    );
    scene
}

#[test]
fn who_sells_the_same_every_day_ends_where_everybody_can_see() {
    let scene = scene();
    let published = scene.publish("2026-11-20", "out", 1).unwrap();
    let summary = rows(&published, "assessment_summary");
    // The last row of each shop is the year that runs: its end, the phase, days left, the status, how it will end.
    let running: Vec<&String> = summary.iter().filter(|row| row.contains("|2026-11-30|")).collect();
    assert_eq!(running.len(), 2, "{summary:#?}");
    assert_eq!(*running[0], "annual|met|2025-12-01|2026-11-30|formal||false|10|1|1|0|0|running_pass|pass|1.0|paid_amount");
    assert_eq!(*running[1], "annual|missed|2025-12-01|2026-11-30|formal||false|10|1|0|1|0|running_fail|fail|0.0|paid_amount");
    // Exempt from September to November 2024, on trial until November 2025: 365 days and 3650.00, one fen short of the one target.
    let phases: Vec<String> = summary
        .iter()
        .map(|row| row.split('|').collect::<Vec<_>>())
        .map(|row| format!("{} {} {}", row[1], row[4], row[12]))
        .filter(|row| !row.contains("running"))
        .collect();
    assert_eq!(phases, ["met exempt exempt", "met trial pass", "missed exempt exempt", "missed trial fail"]);
    let twice = scene.publish("2026-11-20", "again", 2).unwrap();
    assert_eq!(digests(&published), digests(&twice), "threads change no byte");
}

#[test]
fn the_backtest_finds_what_was_said_and_what_became_of_it() {
    // The trial year ended in November 2025. Of the runs a month apart, those of 26 September, 26 October and 25 November 2025 were within it.
    // 65 days before its end 3000.00 of 3650.00 had been sold: one shop was sure to pass and did, the other to fail, though no season was
    // known then.
    let expected = "annual: 6 projections, made every 30 days from 2025-09-26 on
Brier score 0.000; 0.250 for always predicting the share that passed

| predicted | projections | of periods | mean predicted | passed |
| --- | ---: | ---: | ---: | ---: |
| 0 to 10 % | 3 | 1 | 0 % | 0 % |
| 90 to 100 % | 3 | 1 | 100 % | 100 % |

| requirement | projections | mean predicted | passed | Brier score | always the share that passed |
| --- | ---: | ---: | ---: | ---: | ---: |
| paid_amount | 6 | 50 % | 50 % | 0.000 | 0.250 |
";
    let backtest = ["backtest", "job.yaml", "--as-of", "2026-11-20", "--step", "30", "--runs", "14"];
    let scene = scene_with([3200_00, 5000_00], None);
    let ran = scene.run(&backtest);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout.trim_end(), expected.trim_end());
    // Orders of which the export keeps the last version only, changed five weeks later: the nights of the past had known them.
    let kept = scene_with([3200_00, 5000_00], Some(35)).run(&backtest);
    assert_eq!((kept.code, kept.stdout.trim_end()), (Some(0), expected.trim_end()), "{}", kept.stderr);
    // What was said on each day is the same too, where it is not sure.
    let listed = |changed| scene_with([3500_00, 3900_00], changed).run(&[&backtest[..], &["--list"]].concat()).stdout;
    let said = listed(None);
    assert!(said.contains("0.") && said.lines().any(|line| !line.contains("0.000") && !line.contains("1.000")), "{said}");
    assert_eq!(said, listed(Some(35)));
    let nobody = scene.run(&["backtest", "job.yaml", "--assessment", "quarterly"]);
    assert_eq!(nobody.code, Some(2));
    assert!(
        nobody.stderr.contains("there is no assessment `quarterly`") && nobody.stderr.contains("there are annual"),
        "{}",
        nobody.stderr
    );
}

#[test]
fn the_card_of_a_shop_is_read_in_ten_seconds() {
    let scene = scene();
    scene.publish("2026-11-20", "out", 1).unwrap();
    let card = scene.run(&["show", "assessment_summary", "--shop", "missed"]);
    // 355 of 365 days are gone: 3550.0097 should be there, 3550.00 are. The other 100.01 have ten days.
    let expected = "annual  shop missed
2025-12-01 to 2026-11-30, 10 days left, formal
✘ running fail, passes with 0 %, weakest: paid_amount

  requirement            value  threshold       margin  status          until the end
  paid_amount  at least  3 550  3 550 of 3 650  -0.01   ✘ running fail  needs 10.00 yuan a day

";
    assert_eq!(card.stdout, expected, "{}", card.stderr);
    let nobody = scene.run(&["show", "assessment_summary", "--shop", "nobody"]);
    assert_eq!(nobody.code, Some(2));
}
