//! forecast_months: what is published about CDNOW comes out month by month, and the columns are what their formulas say.

use std::path::Path;

use super::customer_base::{close, within};
use super::result::{Row, Snapshot, reference, run};

/// From 1997-09-30 nine months are the 39 weeks of the papers' hold-out.
fn nine_months(model: &str) -> Option<Snapshot> {
    let model = format!("params.forecast.model={model}");
    reference("cdnow", &[&model, "params.forecast.months=9", "params.forecast.horizon_days=273"], Some("1997-09-30"))
}

fn sum(snapshot: &Snapshot, table: &str, column: &str) -> f64 {
    snapshot.table(table).rows().filter_map(|row| row.number(column)).sum()
}

#[test]
fn cdnow_sums_of_conditional_expectations_over_39_weeks() {
    // Section 2 of the reference values: the sum of CE(39) over all customers.
    for (model, expected) in [("bg_nbd", 1653.41), ("pareto_nbd", 1665.51), ("mbg_nbd", 1576.73)] {
        let Some(snapshot) = nine_months(model) else { return };
        let months = snapshot.table("forecast_months");
        assert_eq!((months.rows().count(), months.sum("days_to_come")), (9, 273));
        // Nobody knows two years yet, so that no season is known.
        assert!(months.rows().all(|row| row.text("season").is_empty() && row.text("has_season") == "false"));
        within(sum(&snapshot, "forecast_months", "known_purchases"), expected, 0.05);
        // The same customers, asked one by one.
        close(sum(&snapshot, "forecast_months", "known_purchases"), sum(&snapshot, "customers", "expected_purchases"), 1e-9);
        let by_customer: f64 = snapshot.table("customers").money("expected_value").parse().unwrap();
        close(sum(&snapshot, "forecast_months", "known_revenue"), by_customer, 1e-4);
        // New customers came from January to March only: the trend of six months without any says nobody comes.
        assert!(months.rows().all(|row| row.number("new_customers").is_some_and(|customers| customers < 1.0)));
    }
}

/// What the columns of a row say together.
fn closes(row: &Row<'_>) {
    let number = |name: &str| row.number(name).unwrap();
    let count = |name: &str| row.count(name).unwrap() as f64;
    let money = |name: &str| row.text(name).parse::<f64>().unwrap();
    let new = number("new_first_revenue") + number("new_repeat_revenue");
    let expected = money("sales_to_date") + number("known_revenue") + new;
    close(number("expected_sales"), expected, 1e-12);
    close(number("returning_share"), number("known_revenue") / (number("known_revenue") + new), 1e-12);
    if let Some(lower) = row.number("lower") {
        assert!(money("sales_to_date") <= lower && lower <= expected && expected <= number("upper"));
    }
    if row.text("sales_target").is_empty() {
        return;
    }
    let gap = money("sales_target") - expected;
    within(number("gap"), gap, 1e-6);
    match row.number("new_customers_to_close") {
        None => assert!(gap <= 0.0),
        Some(customers) => {
            // So many more customers bring what is missing; so do known customers who bring all of it.
            close(customers * number("value_per_new_customer"), gap, 1e-9);
            let known = number("known_revenue") + gap;
            close(number("returning_share_to_close"), known / (known + new), 1e-9);
            if let Some(uv) = row.number("uv_to_close") {
                close(uv * count("recent_new_customers") / count("recent_uv"), customers, 1e-9);
            }
        }
    }
}

#[test]
fn the_columns_of_the_sample_are_what_their_formulas_say() {
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/nightly.yaml");
    let snapshot = run(&job, &["tables=[forecast_months, shop_periods]"], None).unwrap();
    let months = snapshot.table("forecast_months");
    let (mut with_target, mut with_gap) = (0, 0);
    for row in months.rows().filter(|row| row.text("reason").is_empty()) {
        closes(&row);
        with_target += usize::from(!row.text("sales_target").is_empty());
        with_gap += usize::from(row.number("new_customers_to_close").is_some());
    }
    assert!(with_target > 10 && with_gap > 5, "{with_target} {with_gap}");
    // Nine days of November are to come.
    let running = months.with(&[("month", "2026-11-01")]);
    assert!(!running.is_empty() && running.iter().all(|row| row.count("days_to_come") == Some(9)));
    assert!(months.with(&[("month", "2026-12-01")]).iter().all(|row| row.text("sales_to_date") == "0.00"));
}

#[test]
fn without_a_model_the_reason_stands_in_place_of_the_figures() {
    // Online Retail: under BG/NBD nobody is seen to leave, so that the model cannot be used.
    let Some(snapshot) = reference("online_retail", &["params.forecast.model=bg_nbd"], None) else { return };
    let months = snapshot.table("forecast_months");
    assert!(months.rows().count() > 0);
    for row in months.rows() {
        assert!(row.text("reason").contains("forecast_models"), "{}", row.text("reason"));
        assert_eq!((row.number("known_revenue"), row.number("expected_sales"), row.number("lower")), (None, None, None));
    }
}
