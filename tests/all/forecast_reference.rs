//! The forecast through whole jobs on public data: CDNOW and UCI Online Retail, against what is published about them.

use huitou::job::{ModelChoice, ModelKind};
use huitou::table::forecast::selection::base::{BaseCounter, PurchaseSummary};
use huitou::table::forecast::selection::choice::choose;
use huitou::table::forecast::selection::evidence::Evidence;
use huitou::table::forecast::selection::fitted::Fitted;
use huitou::table::forecast::selection::hold_out::{HoldOut, hold_outs};

use super::customer_base::{cdnow, close, day, within};
use super::result::{Row, Snapshot, Table, reference};

/// The calibration of the papers as a run of its own: as of its last day, over that many days.
fn calibration(model: &str, horizon_days: u32) -> Option<Snapshot> {
    let sets = [format!("params.forecast.model={model}"), format!("params.forecast.horizon_days={horizon_days}")];
    reference("cdnow", &sets.each_ref().map(String::as_str), Some("1997-09-30"))
}

#[track_caller]
fn published(row: &Row<'_>, parameters: &[(&str, f64)], log_likelihood: f64) {
    assert_eq!((row.text("status"), row.text("reason"), row.text("fitted_on")), ("ok".into(), String::new(), "shop".into()));
    for (name, value) in parameters {
        close(row.number(name).unwrap(), *value, 1e-3);
    }
    within(row.number("log_likelihood").unwrap(), log_likelihood, 0.01);
}

#[test]
fn cdnow_models_fader_hardie_lee_2005_clvtools_lifetimes_btydplus() {
    let Some(snapshot) = calibration("auto", 90) else { return };
    let table = snapshot.table("forecast_models");
    let names: Vec<String> = table.rows().map(|row| row.text("model")).collect();
    assert_eq!(names, ["bg_cnbd_k", "bg_nbd", "gamma_gamma", "mbg_cnbd_k", "mbg_nbd", "pareto_nbd"]);
    let model = |name: &str| table.row(&[("model", name)]);
    let bg_nbd = [("r", 0.242595), ("alpha", 4.413602), ("a", 0.792922), ("b", 2.425907)];
    published(&model("bg_nbd"), &bg_nbd, -9582.4292);
    published(&model("mbg_nbd"), &[("r", 0.524843), ("alpha", 6.183085), ("a", 0.891359), ("b", 1.614002)], -9582.1357);
    let pareto_nbd = model("pareto_nbd");
    published(&pareto_nbd, &[("r", 0.553277), ("alpha", 10.577683), ("s", 0.60624), ("beta", 11.668737)], -9594.9762);
    for (error, value) in [("r", 0.0476264), ("alpha", 0.8427222), ("s", 0.1872594), ("beta", 6.2105448)] {
        close(pareto_nbd.number(&format!("{error}_std_error")).unwrap(), value, 1e-3);
    }
    // BTYDplus: "k = 1, no regularity", so the models with one are the plain ones, and never used.
    for (regular, plain) in [("bg_cnbd_k", "bg_nbd"), ("mbg_cnbd_k", "mbg_nbd")] {
        assert_eq!(model(regular).count("regularity"), Some(1));
        assert_eq!(model(regular).number("log_likelihood"), model(plain).number("log_likelihood"));
        assert_eq!((model(regular).text("is_used"), model(plain).count("regularity")), ("false".into(), None));
    }
    let gamma_gamma = model("gamma_gamma");
    published(&gamma_gamma, &[("p", 6.249571), ("q", 3.744225), ("gamma", 15.443525)], -4055.9177);
    assert_eq!((gamma_gamma.count("fitted_customers"), gamma_gamma.text("chosen_by")), (Some(946), String::new()));
    assert!(gamma_gamma.number("value_correlation").unwrap().abs() < 0.15);
    for row in table.rows() {
        assert_eq!((row.count("customers"), row.count("repeat_customers")), (Some(2_357), Some(946)));
    }
    // The simplest that no other one beats on the last fifth of 1997-01-01 to 1997-09-30: 272 days, so 54 of them.
    let used = table.with(&[("chosen_by", "hold_out")]);
    assert_eq!((used.len(), used[0].text("model"), used[0].text("is_used")), (1, "mbg_nbd".into(), "true".into()));
    let likelihood = |row: &Row<'_>| row.number("hold_out_log_likelihood").unwrap();
    for name in ["bg_nbd", "pareto_nbd"] {
        let row = model(name);
        let (gain, error) = (row.number("used_gain").unwrap(), row.number("used_gain_std_error").unwrap());
        assert!(gain > -2.0 * error, "{name}: {gain} {error}");
        // The mean difference of 2,357 customers, all of the first quarter.
        within(gain * 2_357.0, likelihood(&used[0]) - likelihood(&row), 1e-6);
    }
    // 946 of 2,357 came again; a model that knows that they may leave misses customers by less than "as often as before".
    for name in ["bg_nbd", "mbg_nbd", "pareto_nbd"] {
        let row = model(name);
        let gain = row.number("mean_absolute_error_gain").unwrap();
        within(gain, row.number("naive_mean_absolute_error").unwrap() - row.number("mean_absolute_error").unwrap(), 1e-12);
        within(row.number("gini_gain").unwrap(), row.number("gini").unwrap() - row.number("naive_gini").unwrap(), 1e-12);
        assert!(gain > 2.0 * row.number("mean_absolute_error_gain_std_error").unwrap());
        assert_eq!((row.text("verdict"), row.text("beats_naive")), ("better".into(), "true".into()));
    }
    assert_eq!((used[0].count("hold_out_days"), used[0].text("calibration_end")), (Some(54), "1997-08-07".into()));
}

fn sum(table: &Table, column: &str) -> f64 {
    table.rows().map(|row| row.number(column).unwrap()).sum()
}

/// Over 39 weeks, the hold-out of the papers.
#[test]
fn cdnow_expected_purchases_of_all_customers_by_model() {
    for (model, expected, alive) in [("bg_nbd", 1653.41, 0.813440), ("pareto_nbd", 1665.51, 0.446277), ("mbg_nbd", 1576.73, 0.448721)] {
        let Some(snapshot) = calibration(model, 273) else { return };
        let customers = snapshot.table("customers");
        close(sum(&customers, "expected_purchases"), expected, 1e-4);
        close(sum(&customers, "p_alive") / 2_357.0, alive, 1e-4);
        // Every scheme of segments adds up to the same.
        let segments = snapshot.table("segment_value");
        let tiers = segments.with(&[("scheme", "value_tier")]);
        let over_tiers = |column: &str| tiers.iter().map(|row| row.number(column).unwrap()).sum::<f64>();
        within(over_tiers("expected_purchases"), sum(&customers, "expected_purchases"), 1e-5);
        within(over_tiers("expected_alive"), sum(&customers, "p_alive"), 1e-5);
        let cents = |text: String| text.replace('.', "").parse::<i64>().unwrap();
        let value: i64 = tiers.iter().map(|row| cents(row.text("expected_value"))).sum();
        assert_eq!(value, cents(customers.money("expected_value")));
        let models = snapshot.table("forecast_models");
        assert_eq!(models.rows().map(|row| row.text("model")).collect::<Vec<_>>().len(), 2, "the job names one model");
        assert_eq!(models.row(&[("model", model)]).text("chosen_by"), "job");
    }
}

#[test]
fn cdnow_customer_1516_and_one_time_buyers_btyd() {
    let Some(snapshot) = calibration("bg_nbd", 364) else { return };
    let customers = snapshot.table("customers");
    let known = customers.row(&[("customer_id", "1516")]);
    close(known.number("expected_purchases").unwrap(), 25.7573, 1e-4);
    close(known.number("p_alive").unwrap(), 0.968854, 1e-5);
    // Under BG/NBD nobody leaves before the second purchase.
    let once = customers.with(&[("purchase_days", "1")]);
    assert_eq!(once.len(), 1_411);
    assert!(once.iter().all(|row| row.number("p_alive") == Some(1.0)));
    // Hardie's sheet: E(M) of the first ten customers, here the expected value of an expected purchase.
    let sheet = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17];
    for (row, expected) in customers.rows().zip(sheet) {
        let value: f64 = row.text("expected_value").parse().unwrap();
        let purchases = row.number("expected_purchases").unwrap();
        // Half a cent of rounding.
        within(value / purchases, expected, 0.006 + 0.005 / purchases);
    }
}

/// Calibration until 1997-09-30, hold-out of 39 weeks: 1,882 purchases.
#[test]
fn cdnow_hold_out_of_39_weeks_against_the_published_table() {
    let Some(base) = cdnow() else { return };
    let [end, until] = [day(1997, 9, 30), day(1998, 6, 30)].map(|day| day as i32);
    let mut counter = BaseCounter::default();
    for days in base.days.values() {
        let days: Vec<i32> = days.keys().map(|day| *day as i32).collect();
        let known: Vec<i32> = days.iter().copied().filter(|day| *day <= end).collect();
        let member = PurchaseSummary {
            first_day: days[0],
            last_day: *days.last().unwrap(),
            purchase_days: days.len() as u32,
            calibration_last_day: *known.last().unwrap(),
            calibration_purchase_days: known.len() as u32,
        };
        counter.add(&member, until, end);
    }
    let base = counter.finish(until, end, None);
    let held_out = base.held_out.as_ref().unwrap();
    assert_eq!((held_out.customers(), held_out.purchases(), held_out.days), (2_357, 1_882, 273));
    let naive = base.naive().unwrap();
    let as_before = naive.accuracy();
    for (kind, predicted, error) in
        [(ModelKind::BgNbd, 1653.41, 0.7855), (ModelKind::ParetoNbd, 1665.51, 0.7545), (ModelKind::MbgNbd, 1576.73, 0.7648)]
    {
        let fitted = Fitted::all(&[kind], &base.whole, Some(&held_out.calibration)).swap_remove(0);
        let calibration = fitted.calibration.as_ref().unwrap().model.unwrap();
        let found = HoldOut::of(&calibration, &base, held_out, &naive);
        close(found.accuracy.predicted, predicted, 1e-4);
        within(found.accuracy.mean_absolute_error.unwrap(), error, 0.0001);
        assert!(found.accuracy.root_mean_squared_error < as_before.root_mean_squared_error);
        assert!(found.accuracy.gini > Some(0.5));
        // The whole history is as likely as the calibration times the hold-out given the calibration.
        let whole: f64 = base
            .whole
            .counts()
            .iter()
            .map(|(history, count)| *count as f64 * calibration.purchases().log_likelihood(&base.whole.customer(*history)))
            .sum();
        within(found.log_likelihood, whole - fitted.calibration.unwrap().log_likelihood.unwrap(), 1e-6);
        let tenths = |of: &dyn Fn(&huitou::metric::ranking::Decile) -> f64| found.deciles.iter().map(of).sum::<f64>();
        assert_eq!((tenths(&|tenth| tenth.customers as f64), tenths(&|tenth| tenth.actual as f64)), (2_357.0, 1_882.0));
        within(tenths(&|tenth| tenth.predicted), found.accuracy.predicted, 1e-9);
        assert!(found.deciles.is_sorted_by(|one, next| one.predicted / (one.customers as f64) < next.predicted / (next.customers as f64)));
    }
}

/// Exponential intervals do not show that anybody leaves; nothing is foretold by a model like that.
#[test]
fn online_retail_leaving_is_not_identified_and_nothing_is_foretold() {
    for model in ["bg_nbd", "mbg_nbd", "pareto_nbd"] {
        let set = format!("params.forecast.model={model}");
        let Some(snapshot) = reference("online_retail", &[&set], None) else { return };
        let models = snapshot.table("forecast_models");
        let row = models.row(&[("model", model)]);
        assert_eq!((row.text("status"), row.text("is_used")), ("not_identified".into(), "false".into()));
        assert!(row.text("reason").starts_with("the data do not show that customers leave"), "{}", row.text("reason"));
        assert_eq!(models.row(&[("model", "gamma_gamma")]).text("is_used"), "false", "there is nothing to multiply with");
        let customers = snapshot.table("customers");
        for column in ["p_alive", "expected_purchases", "expected_value"] {
            assert!(customers.rows().all(|row| row.text(column).is_empty()), "{model} {column}");
        }
        let segments = snapshot.table("segment_value");
        assert_eq!(segments.sum("forecast_customers"), 0);
        assert!(segments.rows().all(|row| row.text("expected_alive").is_empty() && row.text("expected_value").is_empty()));
        assert_eq!(snapshot.table("forecast_calibration").batch.num_rows(), 0);
    }
}

/// Wholesalers order regularly: once that is in the model, leaving shows.
#[test]
fn online_retail_auto_takes_a_model_with_regular_intervals() {
    let Some(snapshot) = reference("online_retail", &[], None) else { return };
    let models = snapshot.table("forecast_models");
    let used = models.row(&[("chosen_by", "hold_out")]);
    assert!(used.text("model").ends_with("cnbd_k") && used.count("regularity") > Some(1), "{}", used.text("model"));
    let plain = models.row(&[("model", "bg_nbd")]);
    assert!(used.number("log_likelihood").unwrap() > plain.number("log_likelihood").unwrap() + 100.0);
    assert!(snapshot.table("customers").rows().all(|row| row.number("p_alive").is_some()));
}

/// On these Sundays the choice went to and fro between models that take one-time buyers for customers for ever and models that do not.
#[test]
fn cdnow_expected_alive_does_not_jump_from_one_sunday_to_the_next() {
    let Some(base) = cdnow() else { return };
    let mut before: Option<(ModelKind, f64)> = None;
    for week in 0..26 {
        // 1997-10-05 to 1998-03-29; the calibration ends a fifth of the days since 1997-01-01 before.
        let as_of = day(1997, 10, 5) as i32 + 7 * week;
        let end = as_of - (as_of - day(1997, 1, 1) as i32) / 5;
        let mut counter = BaseCounter::default();
        for days in base.days.values() {
            let upto = |last: i32| days.keys().map(|day| *day as i32).filter(|day| *day <= last).collect::<Vec<i32>>();
            let (all, known) = (upto(as_of), upto(end));
            let member = PurchaseSummary {
                first_day: all[0],
                last_day: *all.last().unwrap(),
                purchase_days: all.len() as u32,
                calibration_last_day: *known.last().unwrap(),
                calibration_purchase_days: known.len() as u32,
            };
            counter.add(&member, as_of, end);
        }
        let base = counter.finish(as_of, end, None);
        let fitted = Fitted::all(&ModelChoice::Auto.kinds(), &base.whole, base.held_out.as_ref().map(|held_out| &held_out.calibration));
        let hold_outs = hold_outs(&fitted, &base, base.naive().as_ref());
        let evidence = Evidence::of(&fitted, &hold_outs, &base);
        let chosen = choose(ModelChoice::Auto, &fitted, &|one, other| evidence.gain(one, other), &|_| false).unwrap();
        let model = fitted[chosen.place].usable().unwrap().purchases();
        let alive: f64 = base
            .whole
            .counts()
            .iter()
            .map(|(history, count)| *count as f64 * model.probability_alive(&base.whole.customer(*history)))
            .sum();
        if let Some((kind, last)) = before {
            assert!((0.8..1.25).contains(&(alive / last)), "week {week}: {last} by {kind:?}, {alive} by {:?}", fitted[chosen.place].kind);
        }
        before = Some((fitted[chosen.place].kind, alive));
    }
}

#[test]
fn without_a_forecast_its_columns_are_null_and_its_tables_are_not_there() {
    let Some(snapshot) = reference("cdnow", &["params.forecast.model=none"], None) else { return };
    assert!(snapshot.manifest.table("forecast_models").is_none() && snapshot.manifest.table("forecast_calibration").is_none());
    let customers = snapshot.table("customers");
    assert!(customers.rows().all(|row| row.text("p_alive").is_empty() && row.text("expected_value").is_empty()));
}
