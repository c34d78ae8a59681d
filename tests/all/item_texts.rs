//! Texts about items: the titles of orders and the reasons of refunds, which are read where a table has them; and the tables that are told to
//! lack an input.

use std::sync::Arc;

use arrow::array::{Int64Array, StringArray};
use huitou::error::Error;
use huitou::job::Job;
use huitou::nightly::{Loaded, Plan, Silent, load};
use huitou::partition::Budget;

use super::scene::{Columns, JOB, Scene, day, money, noons, orders};

fn items() -> Columns {
    orders().with("item_id", Int64Array::from(vec![7, 7, 8, 8]))
}

fn refunds(reasons: &[Option<&str>]) -> Columns {
    let rows = reasons.len();
    Columns(Vec::new())
        .with("refund_id", Int64Array::from((0..rows as i64).collect::<Vec<_>>()))
        .with("order_id", Int64Array::from(vec![101; rows]))
        .with("created_at", noons(&vec!["2026-01-06"; rows]))
        .with("completed_at", noons(&vec!["2026-01-07"; rows]))
        .with("amount", money(&vec![1; rows]))
        .with("status", StringArray::from(vec!["success"; rows]))
        .with("shop_id", Int64Array::from(vec![1; rows]))
        .with("reason", StringArray::from(reasons.to_vec()))
}

fn scene(orders: &Columns, refunds: &Columns) -> Scene {
    let scene = Scene::with(orders);
    scene.parquet("refunds.parquet", refunds);
    scene.job(&JOB.replace("output:", "  refunds: { path: refunds.parquet }\noutput:"));
    scene
}

fn planned(scene: &Scene, only: &[&str]) -> Plan {
    let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
    let job = Job::load(&scene.path("job.yaml"), &[], &Plan::catalogue()).unwrap();
    Plan::new(job, day("2026-03-31"), &only).unwrap_or_else(|error| panic!("{error}"))
}

fn loaded(plan: &Plan) -> Result<Loaded, Error> {
    load(plan, &Arc::new(Budget::unlimited()), &Silent)
}

#[test]
fn tables_without_their_input_are_told_with_the_reason() {
    let scene = Scene::with(&items());
    let told = [
        ("item_days", "the job has no input `item_traffic`"),
        ("item_refunds", "the job has no input `refunds`"),
        ("campaign_effect", "the job has no input `campaigns`"),
        ("campaign_pooled", "the job has no input `campaigns`"),
    ];
    let checked = scene.run(&["check", "job.yaml"]);
    let ran = scene.run(&["run", "job.yaml"]);
    assert_eq!((checked.code, ran.code), (Some(0), Some(0)), "{}{}", checked.stderr, ran.stderr);
    let snapshot = huitou::publish::latest(&scene.path("out")).unwrap().unwrap();
    for (table, reason) in told {
        assert!(checked.stdout.contains(&format!("  {table:<22} {reason}\n")), "{}", checked.stdout);
        assert!(ran.stderr.contains(&format!("table `{table}` is left out: {reason}\n")), "{}", ran.stderr);
        let skipped = snapshot.manifest.skipped.iter().find(|skipped| skipped.name == table);
        assert_eq!(skipped.map(|skipped| skipped.reason.as_str()), Some(reason));
    }
    // What the job does not ask for is not missing.
    assert!(!checked.stdout.contains("assessment_summary") && !checked.stdout.contains("total_daily"), "{}", checked.stdout);
    let ran = self::scene(&items(), &refunds(&[None]).without("reason")).run(&["check", "job.yaml"]);
    assert!(ran.stdout.contains("  item_refunds           input `refunds` has no `reason`\n"), "{}", ran.stdout);
}

#[test]
fn reasons_and_titles_are_read_where_a_table_has_them() {
    let titled = items().with("item_title", StringArray::from(vec![Some("茶"), None, Some(" "), None]));
    let scene = scene(&titled, &refunds(&[Some("破损"), Some("不喜欢"), None, Some("破损"), Some("\u{3000}")]));
    for only in [&[][..], &["items"], &["item_refunds"]] {
        let plan = planned(&scene, only);
        let context = loaded(&plan).unwrap().context;
        let reasons = [1, 2, 3].map(|code| context.refund_reasons.value(code));
        assert_eq!(reasons, [Some("不喜欢"), Some("破损"), None], "{only:?}");
        assert_eq!([1, 2].map(|item| context.item_titles.of(0, item)), [Some("茶"), None]);
    }
    let plan = planned(&scene, &["item_pairs"]);
    assert!(!plan.datasets["refunds"].has("reason") && plan.datasets["orders"].has("item_title"));
    let plan = planned(&scene, &["shop_daily"]);
    assert!(!plan.datasets["refunds"].has("reason") && !plan.datasets["orders"].has("item_title"));
    assert_eq!(loaded(&plan).unwrap().context.refund_reasons.codes(), 1);
}

#[test]
fn texts_that_are_too_long_count_as_none_and_are_told() {
    let long = "长".repeat(86);
    let titled = items().with("item_title", StringArray::from(vec![Some(long.as_str()), None, Some("壶"), None]));
    let scene = scene(&titled, &refunds(&[Some(&long), Some("破损")]));
    let ran = scene.run(&["run", "job.yaml"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for (input, column) in [("orders", "item_title"), ("refunds", "reason")] {
        let told = format!(
            "input `{input}`: 1 cells of `{column}` cannot be read and count as null, {input}.parquet row 0 first: a text of 258 bytes, 255 at most"
        );
        assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    }
    let snapshot = huitou::publish::latest(&scene.path("out")).unwrap().unwrap();
    assert!(snapshot.manifest.inputs.iter().all(|input| input.equation.rejected == 0));
    let context = loaded(&planned(&scene, &[])).unwrap().context;
    assert_eq!((context.refund_reasons.value(1), context.refund_reasons.codes()), (Some("破损"), 2));
    assert_eq!([1, 2].map(|item| context.item_titles.of(0, item)), [None, Some("壶")]);
}

#[test]
fn what_customers_write_is_no_list_of_reasons() {
    let written: Vec<String> = (0..65_535).map(|number| format!("because {number}")).collect();
    let reasons: Vec<Option<&str>> = written.iter().map(|text| Some(text.as_str())).collect();
    let scene_of = |reasons: &[Option<&str>]| scene(&items(), &refunds(reasons));
    let (too_many, as_many) = (scene_of(&reasons), scene_of(&reasons[1..]));
    let plan = planned(&too_many, &["item_refunds"]);
    let Err(error) = loaded(&plan) else { panic!("so many reasons are read") };
    let told = error.to_string();
    assert!(told.contains("input `refunds`, column `reason`: 65535 distinct values, 65534 at most"), "{told}");
    let plan = planned(&as_many, &["item_refunds"]);
    assert_eq!(loaded(&plan).unwrap().context.refund_reasons.codes(), 65_535);
}
