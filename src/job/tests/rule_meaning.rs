//! What rule files mean, and what of them counts for the fingerprint.

use proptest::prelude::*;

use super::super::keys::Key;
use super::super::rule::{AssessedPeriod, Base, ByCategory, Condition, Level, Peers, Requirement, Rule, Test, Threshold, ThresholdColumn};
use super::super::rule_keys::{CONDITION, ELIGIBLE, REQUIREMENT, RULE as RULE_KEYS};
use super::*;
use crate::spec::{Grain, period::day_of};

/// A rule file with all that rules have.
const SPECIFIED: &str = "assessment: tmall_quarterly
period: quarter                      # quarter | rolling_year (from the shop's opening) | window (days 61-90 from opening)
peers: category                      # whom ranks and means compare with: shops of the same main category
eligible: { open_months: 3 }         # entered at least 3 months before the period began; else status exempt
requirements:
  - { metric: dsr_mean,      test: not_bottom, share: 0.20 }       # not among the worst 20 % of the peers
  - { metric: dispute_rate,  test: not_bottom, share: 0.20 }
  - { metric: uv_conversion, test: at_least_peer_mean }
  - { metric: payment_rate,  test: at_least_peer_mean }
";

fn requirement(metric: &str, test: Test) -> Requirement {
    Requirement {
        metric: metric.to_owned(),
        test,
        base: Base::Paid,
        k: None,
        standard: None,
        trial_share: None,
        when: vec![],
        levels: vec![],
    }
}

fn number(others: f64) -> ByCategory {
    ByCategory { own: [].into(), others: Some(others) }
}

fn value(others: f64) -> Threshold {
    Threshold { column: None, value: Some(number(others)) }
}

/// The requirement of a rule file over rolling years.
fn one(text: &str) -> Requirement {
    rule(&format!("assessment: a\nperiod: rolling_year\nrequirements:\n  - {text}\n")).requirements[0].clone()
}

#[test]
fn a_quarterly_rule_file_means_its_four_requirements() {
    let job = "job: n\ninputs: { orders: o, shop_metrics: m }\nassessments:\n  - \"${RULES}/./x.yaml\"\n";
    let rules = read_with_rules(job, &[("rules/x.yaml", SPECIFIED)]).unwrap().assessments;
    let place = rules[0].place.clone();
    assert!(place.ends_with("/nightly.yaml:4:5"), "{place}");
    assert_eq!(
        rules,
        [Rule {
            assessment: "tmall_quarterly".to_owned(),
            file: "${RULES}/./x.yaml".to_owned(),
            place,
            valid_from: None,
            valid_to: None,
            period: AssessedPeriod::Calendar(Grain::Quarter),
            peers: Peers::Category,
            open_months: 3,
            min_peers: None,
            requirements: vec![
                requirement("dsr_mean", Test::NotBottom { share: 0.2 }),
                requirement("dispute_rate", Test::NotBottom { share: 0.2 }),
                requirement("uv_conversion", Test::AtLeastPeerMean),
                requirement("payment_rate", Test::AtLeastPeerMean),
            ],
        }]
    );
}

#[test]
fn periods_and_what_belongs_to_them() {
    let period = |lines: &str| rule(&RULE.replace("period: quarter", lines)).period;
    for (name, grain) in [("month", Grain::Month), ("quarter", Grain::Quarter), ("year", Grain::Year)] {
        assert_eq!(period(&format!("period: {name}")), AssessedPeriod::Calendar(grain));
    }
    assert_eq!(period("period: rolling_year"), AssessedPeriod::RollingYear { exempt_months: 3, trial_months: 12 });
    assert_eq!(
        period("period: rolling_year\nexempt_months: 0\ntrial_months: 6"),
        AssessedPeriod::RollingYear { exempt_months: 0, trial_months: 6 }
    );
    assert_eq!(period("period: window\nfrom_day: 61\nto_day: 90"), AssessedPeriod::Window { from_day: 61, to_day: 90 });
    assert_eq!(period("period: window\nfrom_day: 3650\nto_day: 3650"), AssessedPeriod::Window { from_day: 3650, to_day: 3650 });
    assert_eq!(period("period: trailing\ndays: 30"), AssessedPeriod::Trailing { days: 30 });
    let rule = rule(
        &RULE
            .replace("period: quarter", "period: month\nvalid_from: 2026-01-01\nvalid_to: 2026-01-01\npeers: all\neligible:\nmin_peers: 3"),
    );
    assert_eq!((rule.valid_from, rule.valid_to), (day_of(2026, 1, 1), day_of(2026, 1, 1)));
    assert_eq!((rule.peers, rule.open_months, rule.min_peers), (Peers::All, 0, Some(3)));
}

#[test]
fn thresholds_are_numbers_or_columns() {
    assert_eq!(one("{ metric: dsr_mean, test: at_least, value: 4.2 }"), requirement("dsr_mean", Test::AtLeast(value(4.2))));
    // The test decides, not the better end of the metric: to ask for many disputes is odd, and allowed.
    assert_eq!(one("{ metric: dispute_rate, test: at_least, value: -1e-2 }").test, Test::AtLeast(value(-0.01)));
    assert_eq!(one("{ metric: dispute_rate, test: at_most_peer_mean }").test, Test::AtMostPeerMean);
    let by_category = ByCategory { own: [("男装".to_owned(), 3.0), ("女鞋".to_owned(), 0.0)].into(), others: Some(1.5) };
    assert_eq!(
        one("{ metric: dispute_rate, test: at_most, value: { 男装: 3, default: 1.5, 女鞋: -0.0 } }").test,
        Test::AtMost(Threshold { column: None, value: Some(by_category) })
    );
    assert_eq!(
        one("{ metric: calls_answered, test: at_least, column: shop_metrics.calls_asked }").test,
        Test::AtLeast(Threshold { column: Some(ThresholdColumn::ShopMetric("calls_asked".to_owned())), value: None })
    );
    let job = job_of_one_rule("shops");
    let text = RULE.replace("dsr_mean", "paid_amount").replace("value: 4.2", "column: shops.annual_target, value: 9, base: settled");
    let rules = read_with_rules(&job, &[("rules/x.yaml", &text)]).unwrap().assessments;
    let threshold = Threshold { column: Some(ThresholdColumn::AnnualTarget), value: Some(number(9.0)) };
    let expected = Requirement { base: Base::Settled, ..requirement("paid_amount", Test::AtLeast(threshold)) };
    assert_eq!(rules[0].requirements, [expected]);
}

#[test]
fn what_only_some_requirements_have() {
    let kth = one("{ metric: service_score_kth, test: at_least, value: 60, k: 10 }");
    assert_eq!(kth, Requirement { k: Some(10), ..requirement("service_score_kth", Test::AtLeast(value(60.0))) });
    let below = one("{ metric: service_months_below, test: at_most, value: 2, standard: { default: 60 } }");
    assert_eq!(below, Requirement { standard: Some(number(60.0)), ..requirement("service_months_below", Test::AtMost(value(2.0))) });
    let trial = one("{ metric: paid_amount, test: at_least, value: 9, base: net_by_refund, trial_share: { 手表: 0.25, default: 1 } }");
    let share = ByCategory { own: [("手表".to_owned(), 0.25)].into(), others: Some(1.0) };
    assert_eq!(
        trial,
        Requirement { base: Base::NetByRefund, trial_share: Some(share), ..requirement("paid_amount", Test::AtLeast(value(9.0))) }
    );
    let when = one(
        "{ metric: dispute_rate, test: at_most, value: 0.03, when: { intervened_refunds: { at_least: 10 }, x: { at_most: 5, at_least: 5 } } }",
    );
    let condition = |metric: &str, at_least, at_most| Condition { metric: metric.to_owned(), at_least, at_most };
    assert_eq!(when.when, [condition("intervened_refunds", Some(10.0), None), condition("x", Some(5.0), Some(5.0))]);
    let levels = one("{ metric: violation_points, test: at_most, levels: { 12: 屏蔽, 24.5: closed } }");
    assert_eq!(levels.test, Test::AtMost(Threshold { column: None, value: None }));
    let level = |points, consequence: &str| Level { points, consequence: consequence.to_owned() };
    assert_eq!(levels.levels, [level(12.0, "屏蔽"), level(24.5, "closed")]);
}

#[test]
fn one_assessment_has_as_many_files_as_times() {
    let job = "job: n\ninputs: { orders: o }\nassessments: [rules/c.yaml, rules/a.yaml, rules/b.yaml, rules/other.yaml]\n";
    let in_time = |time: &str| RULE.replace("period", &format!("{time}\nperiod"));
    let files = [
        ("rules/a.yaml", &*in_time("valid_to: 2024-12-31")),
        ("rules/b.yaml", &*in_time("valid_from: 2025-01-01\nvalid_to: 2025-12-31")),
        ("rules/c.yaml", &*in_time("valid_from: 2026-01-01")),
        ("rules/other.yaml", &*RULE.replace("assessment: a", "assessment: b_2")),
    ];
    let rules = read_with_rules(job, &files).unwrap().assessments;
    assert_eq!(
        rules.iter().map(|rule| &*rule.file).collect::<Vec<_>>(),
        ["rules/c.yaml", "rules/a.yaml", "rules/b.yaml", "rules/other.yaml"]
    );
}

#[test]
fn what_rules_say_counts_for_the_fingerprint_and_their_place_does_not() {
    let canonical = |text: &str| read_with_rules(&job_of_one_rule("shop_metrics"), &[("rules/x.yaml", text)]).unwrap().canonical();
    let plain = canonical(RULE);
    assert!(
        plain.contains(
            r#""assessments":[{"assessment":"a","valid_from":null,"valid_to":null,"period":"quarter","peers":"category","open_months":0,"min_peers":null,"requirements":[{"metric":"dsr_mean","test":"at_least","against":{"column":null,"value":{"own":[],"others":4.2}},"base":"paid","k":null,"standard":null,"trial_share":null,"when":[],"levels":[]}]}],"#
        ),
        "{plain}"
    );
    let moved = "job: n\ninputs: { orders: o, shop_metrics: i }\n# elsewhere\nassessments: [moved.yaml]\n";
    let spread = "# a comment\nrequirements:\n- test: at_least\n  metric: dsr_mean\n  value: { default: 4.20 }\neligible: {}\nperiod: quarter\nassessment: a\n";
    assert_eq!(read_with_rules(moved, &[("moved.yaml", spread)]).unwrap().canonical(), plain);
    let mut texts = vec![plain];
    for (from, to) in [
        ("assessment: a", "assessment: b"),
        ("period", "valid_from: 2026-01-01\nperiod"),
        ("period", "valid_to: 2026-01-01\nperiod"),
        ("quarter", "year"),
        ("quarter", "rolling_year"),
        ("quarter", "rolling_year\nexempt_months: 4"),
        ("quarter", "rolling_year\ntrial_months: 4"),
        ("quarter", "window\nfrom_day: 1\nto_day: 30"),
        ("quarter", "window\nfrom_day: 1\nto_day: 31"),
        ("quarter", "window\nfrom_day: 2\nto_day: 30"),
        ("quarter", "trailing\ndays: 30"),
        ("quarter", "trailing\ndays: 31"),
        ("period", "peers: all\nperiod"),
        ("period", "eligible: { open_months: 1 }\nperiod"),
        ("period", "min_peers: 1\nperiod"),
        ("dsr_mean", "dispute_rate"),
        ("dsr_mean", "paid_amount"),
        ("dsr_mean", "paid_amount, base: settled"),
        ("at_least,", "at_most,"),
        ("at_least, value: 4.2", "not_bottom, share: 0.2"),
        ("at_least, value: 4.2", "not_bottom, share: 0.3"),
        ("at_least, value: 4.2", "at_least_peer_mean"),
        ("at_least, value: 4.2", "at_most_peer_mean"),
        ("4.2", "4.3"),
        ("4.2", "{ 女鞋: 4.2 }"),
        ("value: 4.2", "column: shop_metrics.x"),
        ("4.2", "4.2, column: shop_metrics.x"),
        ("4.2", "4.2, when: { x: { at_least: 1 } }"),
        ("4.2", "4.2, when: { x: { at_most: 1 } }"),
        ("4.2", "4.2, when: { y: { at_most: 1 } }"),
        ("dsr_mean", "service_score_kth, k: 3"),
        ("dsr_mean", "service_score_kth, k: 4"),
        ("dsr_mean", "service_months_below, standard: 3"),
        ("dsr_mean", "service_months_below, standard: 4"),
        ("dsr_mean, test: at_least, value: 4.2", "violation_points, test: at_most, levels: { 12: x }"),
        ("dsr_mean, test: at_least, value: 4.2", "violation_points, test: at_most, levels: { 12: y }"),
        ("dsr_mean, test: at_least, value: 4.2", "violation_points, test: at_most, levels: { 13: y }"),
    ] {
        let changed = RULE.replacen(from, to, 1);
        assert_ne!(changed, RULE, "{from}");
        texts.push(canonical(&changed));
    }
    texts.push(canonical(&RULE.replace("quarter", "rolling_year").replace("4.2", "4.2, trial_share: 0.5")));
    let count = texts.len();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), count);
}

#[test]
fn every_declared_key_is_read_and_has_a_meaning() {
    let check = |keys: &[Key], text: &dyn Fn(&str) -> String, path: &str| {
        for Key { name, doc, .. } in keys {
            assert!(!doc.is_empty() && !doc.ends_with('.'), "{name}");
            // A value that no key takes: if nothing is said, nobody has read it.
            let message = wrong_rule(&text(name));
            assert!(message.contains(&format!("`{path}{name}` must be ")), "{name}: {message}");
        }
    };
    check(RULE_KEYS, &|name| format!("{name}: [[]]\n"), "");
    check(ELIGIBLE, &|name| format!("eligible: {{ {name}: [[]] }}\n"), "eligible.");
    check(REQUIREMENT, &|name| format!("requirements: [{{ {name}: [[]] }}]\n"), "requirements.");
    check(CONDITION, &|name| format!("requirements: [{{ when: {{ dsr_mean: {{ {name}: [[]] }} }} }}]\n"), "requirements.when.dsr_mean.");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_rule_text_panics(text in "[\\PC\\n\\t]{0,120}") {
        let _ = read_with_rules(&job_of_one_rule("shops"), &[("rules/x.yaml", &text)]);
    }

    /// Whatever happens to a rule file, it is a rule or a list of problems in the order of the file.
    #[test]
    fn a_damaged_rule_file_is_refused_not_a_crash(
        cuts in prop::collection::vec((0..700_usize, 0..12_usize, "[\\PC\\n\\t:\\[\\]{}&*!'\"0-9.-]{0,4}"), 1..5),
    ) {
        let whole = format!(
            "{SPECIFIED}  - {{ metric: paid_amount, test: at_least, value: {{ 女鞋: 4, default: 1 }}, base: settled }}\n\
             \x20 - {{ metric: violation_points, test: at_most, levels: {{ 12: x, 24: y }}, when: {{ z: {{ at_least: 10 }} }} }}\n"
        );
        let mut text: Vec<char> = whole.chars().collect();
        for (start, length, inserted) in cuts {
            let start = start.min(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, inserted.chars());
        }
        let text: String = text.into_iter().collect();
        match read_with_rules(&job_of_one_rule("shop_metrics"), &[("rules/x.yaml", &text)]) {
            Ok(job) => prop_assert_eq!(job.assessments.len(), 1),
            Err(message) => {
                let problems: Vec<&str> = message.lines().filter(|line| line.starts_with("/jobs/rules/x.yaml:")).collect();
                let lines: Vec<usize> = problems.iter().filter_map(|problem| problem.split(':').nth(1)?.parse().ok()).collect();
                prop_assert!(!lines.is_empty() && lines.len() == problems.len(), "{}", message);
                prop_assert!(lines.is_sorted(), "{}", message);
            }
        }
    }
}
