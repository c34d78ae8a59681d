//! Every message about what is wrong in a requirement, with its place.

use super::*;

const METRICS: &str = "allowed here: paid_amount, dsr_mean, dispute_rate, intervened_refunds, violation_points, service_score_min, \
    service_score_kth, service_months_below; any other metric comes from the input `shop_metrics`, which the job does not have";

#[test]
fn metrics_are_known_or_come_from_an_input() {
    assert_wrong(
        &wrong_requirement("{ metric: dsr_maen, test: at_least_peer_mean }"),
        &[("4:15: unknown metric `dsr_maen` in `requirements`", &format!("did you mean `dsr_mean`? {METRICS}"))],
    );
    assert_wrong(
        &wrong_requirement("{ metric: 通话, test: at_least, value: 1, when: { 退款: { at_least: 1 } } }"),
        &[("4:15: unknown metric `通话` in `requirements`", METRICS), ("4:53: unknown metric `退款` in `requirements.when`", METRICS)],
    );
    assert_wrong(
        &wrong_requirement("{ metric: dsr_mean, test: at_least, value: 1 }\n  - dsr_mean\n  - { metric: dsr_mean, test: above }"),
        &[
            ("5:5: `requirements` must be a list of mappings, found `dsr_mean`", "requirements: what must hold, all of it"),
            ("6:15: `requirements` has the metric `dsr_mean` twice", "it is at /jobs/rules/x.yaml:4:15 too: keep one"),
            (
                "6:31: `requirements.test` must be one of `at_least`, `at_most`, `not_bottom`, `at_least_peer_mean`, `at_most_peer_mean`, \
                 found `above`",
                "test: how it is judged: against a number, the shop's rank or the mean of its peers",
            ),
        ],
    );
    let none = "requirements: what must hold, all of it";
    for (text, found) in [("[]", "an empty list"), ("{}", "a mapping"), ("all", "`all`")] {
        assert_wrong(
            &wrong_rule(&format!("assessment: a\nperiod: month\nrequirements: {text}\n")),
            &[(&format!("3:15: `requirements` must be a list of mappings, found {found}"), none)],
        );
    }
}

#[test]
fn tests_have_their_own_keys() {
    assert_wrong(
        &wrong_requirement("{ metric: dsr_mean, test: at_least }"),
        &[(
            "4:25: `requirements.value` is missing; `test: at_least` needs it",
            "value: the number of at_least and at_most, where no `column` has one",
        )],
    );
    let bound = "`test: at_least` or `test: at_most`";
    assert_wrong(
        &wrong_requirement("{ metric: dsr_mean, test: not_bottom, value: 1, column: shop_metrics.x }"),
        &[
            (
                "4:25: `requirements.share` is missing; `test: not_bottom` needs it",
                "share: the part of the peers among whose worst a shop must not be",
            ),
            (&format!("4:43: `requirements.value` means nothing without {bound}"), &format!("add {bound}, or remove it")),
            (&format!("4:53: `requirements.column` means nothing without {bound}"), &format!("add {bound}, or remove it")),
            (
                "4:61: `requirements.column` needs the input `shop_metrics`, which the job does not have",
                "add `shop_metrics` to the `inputs` of the job file, or write a `value`",
            ),
        ],
    );
    assert_wrong(
        &wrong_requirement("{ metric: violation_points, test: at_least_peer_mean, share: 0.2, levels: { 12: x } }"),
        &[
            ("4:59: `requirements.share` means nothing without `test: not_bottom`", "add `test: not_bottom`, or remove it"),
            ("4:71: `requirements.levels` means nothing without `test: at_most`", "add `test: at_most`, or remove it"),
        ],
    );
    for share in ["0", "1", "-0.1", "20%", "nan"] {
        assert_wrong(
            &wrong_requirement(&format!("{{ metric: dsr_mean, test: not_bottom, share: {share} }}")),
            &[(
                &format!("4:50: `requirements.share` must be a number above 0 and below 1, found `{share}`"),
                "share: the part of the peers among whose worst a shop must not be",
            )],
        );
    }
}

#[test]
fn metrics_have_their_own_keys() {
    assert_wrong(
        &wrong_requirement("{ metric: dsr_mean, test: at_least, value: 4, base: paid, k: 10, standard: 60 }"),
        &[
            ("4:51: `requirements.base` means nothing without `metric: paid_amount`", "add `metric: paid_amount`, or remove it"),
            ("4:63: `requirements.k` means nothing without `metric: service_score_kth`", "add `metric: service_score_kth`, or remove it"),
            (
                "4:70: `requirements.standard` means nothing without `metric: service_months_below`",
                "add `metric: service_months_below`, or remove it",
            ),
        ],
    );
    assert_wrong(
        &wrong_requirement(
            "{ metric: service_score_kth, test: at_least, value: 4 }\n  - { metric: service_months_below, test: at_most, value: 4 }\n  \
             - { metric: paid_amount, test: at_least, value: 4, base: gross }",
        ),
        &[
            (
                "4:7: `requirements.k` is missing; `metric: service_score_kth` needs it",
                "k: how many of twelve months must reach the number",
            ),
            (
                "5:7: `requirements.standard` is missing; `metric: service_months_below` needs it",
                "standard: the score that a month must reach not to be counted",
            ),
            (
                "6:60: `requirements.base` must be one of `paid`, `net_by_payment`, `net_by_refund`, `settled`, found `gross`",
                "base: which money paid_amount means: paid, less its refunds, less the period's refunds, or completed",
            ),
        ],
    );
    for k in ["0", "13", "1.5"] {
        assert_wrong(
            &wrong_requirement(&format!("{{ metric: service_score_kth, test: at_least, value: 4, k: {k} }}")),
            &[(
                &format!("4:63: `requirements.k` must be a whole number from 1 to 12, found `{k}`"),
                "k: how many of twelve months must reach the number",
            )],
        );
    }
}

#[test]
fn numbers_by_category() {
    let category = "a category stands left of the colon, its number right of it";
    assert_wrong(
        &wrong_requirement("{ metric: dsr_mean, test: at_least, value: { 女鞋: x, 男装: 4, 男装: 5, default: [1] } }"),
        &[
            ("4:54: `requirements.value.女鞋` must be a number, found `x`", category),
            ("4:64: `requirements.value.男装` is written twice", "it is at /jobs/rules/x.yaml:4:57 too: keep one"),
            ("4:80: `requirements.value.default` must be a number, found a list", category),
        ],
    );
    assert_wrong(
        &wrong_requirement("{ metric: dsr_mean, test: at_least, value: {} }"),
        &[(
            "4:48: `requirements.value` must be a number, or a mapping from categories to such numbers, with `default` for all others, \
             found an empty mapping",
            "value: the number of at_least and at_most, where no `column` has one",
        )],
    );
    assert_wrong(
        &wrong_requirement("{ metric: dsr_mean, test: at_least, value: 4, trial_share: 0.5 }"),
        &[("4:51: `requirements.trial_share` means nothing without `period: rolling_year`", "add `period: rolling_year`, or remove it")],
    );
    let trial = |share: &str| {
        let text = RULE.replace("quarter", "rolling_year").replace("4.2", &format!("4.2, trial_share: {share}"));
        wrong_rule(&text)
    };
    assert_wrong(
        &trial("{ 女鞋: 0.25 }"),
        &[("4:53: `requirements.trial_share.default` is missing", "it is for the categories that are not listed; 1 asks for all")],
    );
    assert_wrong(
        &trial("{ 女鞋: 25, default: 0 }"),
        &[
            ("4:72: `requirements.trial_share.女鞋` must be a number above 0 and at most 1, found `25`", category),
            ("4:85: `requirements.trial_share.default` must be a number above 0 and at most 1, found `0`", category),
        ],
    );
}

#[test]
fn columns_of_thresholds() {
    let column = |column: &str| wrong_requirement(&format!("{{ metric: paid_amount, test: at_least, column: {column} }}"));
    assert_wrong(
        &column("shops.annual_target"),
        &[(
            "4:52: `requirements.column` needs the input `shops`, which the job does not have",
            "add `shops` to the `inputs` of the job file, or write a `value`",
        )],
    );
    let expected = "4:52: `requirements.column` must be `shops.annual_target` or `shop_metrics.NAME`, NAME being one of its metrics, found";
    assert_wrong(&column("shop.annual_target"), &[(&format!("{expected} `shop.annual_target`"), "did you mean `shops.annual_target`?")]);
    let help = "column: the input that has the number of each shop; where it has none, `value` counts";
    assert_wrong(&column("shop_metrics."), &[(&format!("{expected} `shop_metrics.`"), help)]);
    assert_wrong(&column("[shops]"), &[(&format!("{expected} a list"), help)]);
}

#[test]
fn conditions_are_bounds_of_metrics() {
    let when = |when: &str| wrong_requirement(&format!("{{ metric: dsr_mean, test: at_least, value: 4, when: {when} }}"));
    let help = "when: other metrics and their bounds; outside of them the requirement does not apply";
    let expected = "4:57: `requirements.when` must be a mapping from metrics to bounds, such as { orders: { at_least: 10 } }, found";
    assert_wrong(&when("{}"), &[(&format!("{expected} an empty mapping"), help)]);
    assert_wrong(&when("dispute_rate"), &[(&format!("{expected} `dispute_rate`"), help)]);
    assert_wrong(
        &when("{ dispute_rate: 10 }"),
        &[("4:73: `requirements.when.dispute_rate` must be a mapping such as { at_least: 10 }, found `10`", "")],
    );
    assert_wrong(
        &when("{ dispute_rate: {} }"),
        &[("4:59: `requirements.when.dispute_rate` has neither `at_least` nor `at_most`", "a condition is a bound of the metric")],
    );
    assert_wrong(
        &when("{ dispute_rate: { at_least: 2, at_most: 1 } }"),
        &[("4:59: `requirements.when.dispute_rate` never holds: `at_least` (2) is above `at_most` (1)", "both bounds must hold")],
    );
    assert_wrong(
        &when("{ dispute_rate: { at_lest: 2, at_most: x } }"),
        &[
            ("4:75: unknown key `at_lest` in `requirements.when.dispute_rate`", "did you mean `at_least`? allowed here: at_least, at_most"),
            ("4:96: `requirements.when.dispute_rate.at_most` must be a number, found `x`", "at_most: the metric is not above this"),
        ],
    );
    assert_wrong(
        &when("{ service_score_kth: { at_least: 60 } }"),
        &[("4:59: `service_score_kth` cannot be a condition, since nothing says with which `k`", "make it a separate requirement")],
    );
}

#[test]
fn levels_are_of_points_and_ascend() {
    let levels = |levels: &str| wrong_requirement(&format!("{{ metric: violation_points, test: at_most, levels: {levels} }}"));
    let expected = "`requirements.levels` must be a mapping from ascending points to what follows from them, found";
    let help = "levels: points and what follows from reaching them; without `value` the first of them is the limit";
    assert_wrong(
        &levels("{ 24: a, 12: b, x: c, 0: d, 24.0: e, 36: }"),
        &[
            (&format!("4:65: {expected} `12` after `24`"), help),
            (&format!("4:72: {expected} `x` for points"), help),
            (&format!("4:78: {expected} `0` for points"), help),
            (&format!("4:84: {expected} `24.0` after `24`"), help),
            ("4:93: `requirements.levels.36` must be text, found nothing", "it says what follows from the points"),
        ],
    );
    assert_wrong(&levels("{}"), &[(&format!("4:56: {expected} an empty mapping"), help)]);
    assert_wrong(&levels("[12, 24]"), &[(&format!("4:56: {expected} a list"), help)]);
    let points = "a metric that counts points (violation_points, serious_violation_points, red_line_violations)";
    assert_wrong(
        &wrong_requirement("{ metric: dispute_rate, test: at_most, levels: { 12: x } }"),
        &[(&format!("4:44: `requirements.levels` means nothing without {points}"), &format!("add {points}, or remove it"))],
    );
}
