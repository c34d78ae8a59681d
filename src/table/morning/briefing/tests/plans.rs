//! What is said of a plan that is behind.

use super::*;

#[test]
fn of_plans_of_money_the_first_that_is_behind_is_told_and_budgets_never() {
    let measures = ["ad_cost", "net_sales", "sales", "sales_year_to_date"];
    let progress = |status: [&str; 4], projected: f64| {
        let columns = vec![
            ("shop_id", texts(&["b"; 4])),
            ("month", days(&["2026-11-01"; 4])),
            ("measure", texts(&measures)),
            ("unit", texts(&["CNY"; 4])),
            ("plan", numbers(&[30_000.0; 4])),
            ("actual", numbers(&[15_000.0; 4])),
            ("expected_by_now", numbers(&[21_000.0; 4])),
            ("gap_by_now", numbers(&[6_000.0; 4])),
            ("projected_gap", numbers(&[projected; 4])),
            ("status", texts(&status)),
        ];
        ("plan_progress", columns)
    };
    let forecast = (
        "forecast_months",
        vec![
            ("shop_id", texts(&["b"])),
            ("month", days(&["2026-11-01"])),
            ("new_customers_to_close", numbers(&[44.2])),
            ("uv_to_close", numbers(&[3_016.5])),
        ],
    );
    let all = notes(&[forecast.clone(), progress(["behind"; 4], 500.0)], 8);
    assert_eq!(told(&all), [(1, "plan_behind", "alarm", "month=2026-11-01, measure=sales, channel=(all)")]);
    assert_eq!(
        all[0].sentence.english,
        "Sales of 2026-11: 15,000 CNY of the plan of 30,000 CNY, 6,000 CNY behind where it should be by now."
    );
    // What closes the gap is that of net sales, which the forecast foretells.
    let net = notes(&[forecast.clone(), progress(["behind", "behind", "ahead", "on_track"], 500.0)], 8);
    assert_eq!(told(&net), [(1, "plan_behind", "alarm", "month=2026-11-01, measure=net_sales, channel=(all)")]);
    assert_eq!(
        net[0].sentence.english,
        "Net by payment of 2026-11: 15,000 CNY of the plan of 30,000 CNY, 6,000 CNY behind where it should be by now. Some 45 new customers or 3,017 \
         visitors more than usual close the month's gap."
    );
    // The year is behind and the month is not: what closes the month's gap is not said of the year. It will be reached: no alarm.
    let year = notes(&[forecast, progress(["behind", "ahead", "on_track", "behind"], -1.0)], 8);
    assert_eq!(told(&year), [(1, "plan_behind", "watch", "month=2026-11-01, measure=sales_year_to_date, channel=(all)")]);
    assert!(!year[0].sentence.english.contains("new customers"));
    assert!(year[0].sentence.chinese.starts_with("2026 年累计支付金额（至 11 月）：目标"), "{}", year[0].sentence.chinese);
}

/// Rows of a table by its name.
type Table = (&'static str, Vec<(&'static str, ArrayRef)>);

/// Shop b behind its plan of a measure, with 9 days to come.
fn behind(measure: &'static str, unit: &'static str) -> Table {
    let columns = vec![
        ("shop_id", texts(&["b"])),
        ("month", days(&["2026-11-01"])),
        ("measure", texts(&[measure])),
        ("unit", texts(&[unit])),
        ("plan", numbers(&[30_000.0])),
        ("actual", numbers(&[15_000.0])),
        ("expected_by_now", numbers(&[21_000.0])),
        ("gap_by_now", numbers(&[6_000.0])),
        ("projected_gap", numbers(&[8_571.43])),
        ("needed_per_day", numbers(&[1_666.666_666_666_666_7])),
        ("days_to_come", numbers(&[9.0])),
        ("status", texts(&["behind"])),
    ];
    ("plan_progress", columns)
}

/// The same, and its last days with so much paid by so many visitors on each.
fn behind_with_days(measure: &'static str, unit: &'static str, count: usize, [paid, visitors]: [f64; 2]) -> Vec<Note> {
    // The day before the last week would make its mean another one.
    let dates: Vec<String> = std::iter::once(14).chain(22 - count as i32..=21).map(|date| format!("2026-11-{date:02}")).collect();
    let dates: Vec<&str> = dates.iter().map(String::as_str).collect();
    let amounts: Vec<f64> = std::iter::once(90_000.0).chain(std::iter::repeat_n(paid, count)).collect();
    let daily = vec![
        ("shop_id", texts(&vec!["b"; dates.len()])),
        ("date", days(&dates)),
        ("paid_amount", numbers(&amounts)),
        ("uv", numbers(&vec![visitors; dates.len()])),
    ];
    notes(&[("shop_daily", daily), behind(measure, unit)], 8)
}

#[test]
fn a_plan_that_is_behind_says_what_each_day_must_bring_and_how_many_visitors_that_is() {
    let behind = "15,000 CNY of the plan of 30,000 CNY, 6,000 CNY behind where it should be by now.";
    let said = |measure, count, figures| behind_with_days(measure, "CNY", count, figures)[0].sentence.english.clone();
    // 15,000 are missing in 9 days. 1,000 a day of 400 visitors are 2.50 for each; 666.67 more are 266.67 visitors.
    let expected = format!(
        "Sales of 2026-11: {behind} That takes 1,667 CNY a day for 9 days; the last 7 days brought 1,000 CNY a day. 267 visitors more \
         a day, at 2.50 CNY each as in these days, make up the difference."
    );
    assert_eq!(said("sales", 7, [1_000.0, 400.0]), expected);
    let chinese = &behind_with_days("sales", "CNY", 7, [1_000.0, 400.0])[0].sentence.chinese;
    let told = "从明天起 9 天内日均需 1,667 元，近 7 天日均 1,000 元。按近 7 天每位访客支付 2.50 元计，每天还需增加访客 267 人。";
    assert!(chinese.ends_with(told), "{chinese}");
    // Enough needs no more visitors, and where nobody paid none are enough.
    assert!(said("sales", 7, [2_000.0, 400.0]).ends_with("; the last 7 days brought 2,000 CNY a day, which is enough."));
    assert!(said("sales", 7, [0.0, 400.0]).ends_with("; the last 7 days brought 0 CNY a day."));
    // Six days are no week, and refunds of the last days are not known yet.
    for unknown in [said("sales", 6, [1_000.0, 400.0]), said("net_sales", 7, [1_000.0, 400.0])] {
        assert!(unknown.ends_with("behind where it should be by now. That takes 1,667 CNY a day for 9 days."), "{unknown}");
    }
    let items = &behind_with_days("new_items", "items", 7, [1_000.0, 400.0])[0].sentence.english;
    assert!(items.ends_with("The plan takes 15,000 items more within 9 days."), "{items}");
}

/// What is said of a plan of a measure that takes 1,666.67 a day until 2026-11-30, beside an assessment that takes so much until its end.
fn beside_assessment(measure: &'static str, status: &'static str, a_day: f64, end: &str, paid: f64) -> (String, String) {
    let results = vec![
        ("shop_id", texts(&["b"])),
        ("assessment", texts(&["tmall_annual"])),
        ("period_start", days(&["2026-01-01"])),
        ("period_end", days(&[end])),
        ("metric", texts(&["paid_amount"])),
        ("test", texts(&["at_least"])),
        ("unit", texts(&["CNY"])),
        ("status", texts(&[status])),
        ("pass_probability", numbers(&[0.4])),
        ("value", numbers(&[160_000.0])),
        ("paid", numbers(&[paid])),
        ("threshold", numbers(&[180_000.0])),
        ("threshold_to_date", numbers(&[170_000.0])),
        ("needed", numbers(&[a_day])),
        ("needed_unit", texts(&["CNY a day"])),
    ];
    let found = notes(&[("assessment_results", results), behind(measure, "CNY")], 8);
    let plan = found.into_iter().find(|note| note.kind.name() == "plan_behind").expect("the plan is behind");
    (plan.sentence.english, plan.sentence.chinese)
}

#[test]
fn of_two_goals_of_a_day_it_is_said_which_one_counts() {
    let more = "The 2,000 CNY a day that Tmall annual takes are enough for this plan too.";
    let less = "What this plan takes is enough for what Tmall annual asks of sales too.";
    let said = |measure, status, a_day, end| beside_assessment(measure, status, a_day, end, 160_000.0);
    // As long or longer, and as much or more.
    let (english, chinese) = said("sales", "running_fail", 2_000.0, "2026-11-30");
    assert!(english.ends_with(more), "{english}");
    assert!(chinese.ends_with("达到天猫年度考核所需的每天 2,000 元，本目标也能完成。"), "{chinese}");
    assert!(said("sales_year_to_date", "running_fail", 2_000.0, "2026-12-31").0.ends_with(more));
    let (english, chinese) = said("sales", "running_fail", 1_500.0, "2026-11-30");
    assert!(english.ends_with(less), "{english}");
    assert!(chinese.ends_with("完成本目标，也能达到天猫年度考核的支付金额要求。"), "{chinese}");
    // More, but for fewer days; less, but for more; net sales are not what is assessed; what passes asks for nothing.
    for (measure, status, a_day, end) in [
        ("sales", "running_fail", 2_000.0, "2026-11-29"),
        ("sales", "running_fail", 1_500.0, "2026-12-31"),
        ("net_sales", "running_fail", 2_000.0, "2026-11-30"),
        ("sales", "running_pass", 2_000.0, "2026-11-30"),
    ] {
        let (english, _) = said(measure, status, a_day, end);
        assert!(!english.contains("Tmall annual"), "{english}");
    }
    // 170,000 were paid, of which the assessment counts 160,000: what was received, or kept.
    let (english, _) = beside_assessment("sales", "running_fail", 1_500.0, "2026-11-30", 170_000.0);
    assert!(!english.contains("Tmall annual"), "{english}");
}

#[test]
fn a_year_to_date_is_named_as_one() {
    let said = &notes(&[behind("sales_year_to_date", "CNY")], 8)[0].sentence.english;
    assert!(said.starts_with("Sales of 2026 up to 2026-11: 15,000 CNY of the plan"), "{said}");
}
