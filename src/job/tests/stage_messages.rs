//! Stage files: what they mean, and every message about what is wrong in one, with its place.

use super::super::stage::{Stage, StageBound, StageFigure, Stages};
use super::*;

/// A job that names a stage file.
const JOB: &str = "job: n\ninputs: { orders: o }\nstages: rules/x.yaml\n";

fn stages(text: &str) -> Stages {
    read_with_rules(JOB, &[("rules/x.yaml", text)]).unwrap_or_else(|error| panic!("{error}")).stages.unwrap()
}

/// All that is wrong with a stage file.
fn wrong_stages(text: &str) -> String {
    read_with_rules(JOB, &[("rules/x.yaml", text)]).unwrap_err()
}

#[test]
fn rules_and_metrics_are_read_in_their_order() {
    let found = stages(
        "rules:\n  - { stage: growth, when: { growth_3m: { at_least: 0.2 }, months_open: { at_most: 24, at_least: 3 } } }\n  \
         - stage: maintenance\nmetrics:\n  growth: [uv_conversion, depth]\n",
    );
    let bound = |figure, at_least, at_most| StageBound { figure, at_least, at_most, or_unknown: false };
    let growth = vec![bound(StageFigure::Growth3m, Some(0.2), None), bound(StageFigure::MonthsOpen, Some(3.0), Some(24.0))];
    assert_eq!(found.rules.iter().map(|rule| rule.stage).collect::<Vec<_>>(), [Stage::Growth, Stage::Maintenance]);
    assert_eq!((&found.rules[0].bounds, &found.rules[1].bounds), (&growth, &Vec::new()));
    assert_eq!(found.metrics[Stage::Growth as usize], ["uv_conversion", "depth"]);
    assert!(found.metrics[Stage::Maturity as usize].is_empty());
    // Both bounds count, and an unknown figure lies within none.
    assert_eq!([3.0, 24.0, 2.0, 25.0].map(|months| growth[1].holds(Some(months))), [true, true, false, false]);
    assert!(!growth[0].holds(None));
}

#[test]
fn a_bound_can_leave_what_is_unknown_to_the_others() {
    let text = |or_unknown: &str| {
        format!(
            "rules: [{{ stage: maturity, when: {{ hit_items: {{ at_least: 1 }}, category_rank_share: {{ at_most: 0.7{or_unknown} }} }} }}]\n"
        )
    };
    let rank = |or_unknown: &str| stages(&text(or_unknown)).rules[0].bounds[1];
    assert_eq!([None, Some(0.7), Some(0.8)].map(|value| rank(", or_unknown: true").holds(value)), [true, true, false]);
    for plain in ["", ", or_unknown: false"] {
        assert_eq!([None, Some(0.7), Some(0.8)].map(|value| rank(plain).holds(value)), [false, true, false]);
    }
    // It makes other tables, so that the snapshot has another name; `false` is what applies without it.
    let canonical = |or_unknown: &str| read_with_rules(JOB, &[("rules/x.yaml", &text(or_unknown))]).unwrap().canonical();
    assert_ne!(canonical(""), canonical(", or_unknown: true"));
    assert_eq!(canonical(""), canonical(", or_unknown: false"));
    // It is no bound of its own, and a rule whose bounds hold for fewer shops may stand before one with it, not after it.
    let alone = wrong_stages("rules: [{ stage: growth, when: { growth_3m: { or_unknown: true } } }]\n");
    assert!(alone.contains("`rules.when.growth_3m` has neither `at_least` nor `at_most`"), "{alone}");
    let maturity = "{ stage: maturity, when: { hit_items: { at_least: 1, or_unknown: true } } }";
    let growth = "{ stage: growth, when: { hit_items: { at_least: 2 } } }";
    assert_eq!(stages(&format!("rules: [{growth}, {maturity}]\n")).rules.len(), 2);
    let never = wrong_stages(&format!("rules: [{maturity}, {growth}]\n"));
    assert!(never.contains("this rule of `rules` never decides"), "{never}");
    // Without it the first rule does not hold for shops whose items nobody knows, and the second one decides.
    let unknown = "{ stage: growth, when: { hit_items: { at_least: 2, or_unknown: true } } }";
    assert_eq!(stages(&format!("rules: [{{ stage: maturity, when: {{ hit_items: {{ at_least: 1 }} }} }}, {unknown}]\n")).rules.len(), 2);
}

#[test]
fn what_changes_tables_changes_the_name_of_the_snapshot() {
    let canonical = |text: &str| read_with_rules(JOB, &[("rules/x.yaml", text)]).unwrap().canonical();
    let (one, other) = ("rules: [{ stage: growth }]\n", "rules: [{ stage: maturity }]\n");
    assert_eq!(canonical(one), canonical(&format!("# a comment\n{one}")));
    assert_ne!(canonical(one), canonical(other));
    assert_ne!(canonical(one), canonical(&format!("{one}metrics: {{ growth: [depth] }}\n")));
    assert!(!job(SMALLEST).canonical().contains("\"stages\":"));
}

#[test]
fn all_problems_are_told_at_once() {
    assert_wrong(
        &wrong_stages(
            "rules:\n  - { stage: grwoth }\n  - { stage: growth, when: { grwth_3m: { at_least: 1 } } }\n  \
             - { stage: growth, when: { growth_3m: {} } }\n  - { stage: growth, when: {} }\n  - growth\nmetrics:\n  growth: [dept]\n  \
             maturity: depth\ncolour: red\n",
        ),
        &[
            (
                "2:14: `rules.stage` must be one of `incubation`, `growth`, `maturity`, `maintenance`, `bottleneck`, found `grwoth`",
                "did you mean `growth`?",
            ),
            (
                "3:30: unknown key `grwth_3m` in `rules.when`",
                "did you mean `growth_3m`? allowed here: months_open, amount_3m, growth_3m, growth_year, returning_amount_share, hit_items, \
                 new_item_share, category_rank_share",
            ),
            ("4:30: `rules.when.growth_3m` has neither `at_least` nor `at_most`", "a condition is a bound of the metric"),
            ("5:22: `rules.when` has no figure", "leave `when` out of a rule that always holds"),
            (
                "6:5: `rules` must be a list of mappings, found `growth`",
                "rules: the rules by which shops are in stages, in their order: the first that holds decides",
            ),
            ("8:12: unknown metric `dept` in `metrics.growth`", "did you mean `depth`? allowed here: bounce_rate, depth, uv_conversion"),
            (
                "9:13: `metrics.maturity` must be a list of metrics, found `depth`",
                "maturity: the metrics that matter in the maturity (成熟期)",
            ),
            ("10:1: unknown key `colour`", "allowed here: rules, metrics"),
        ],
    );
}

#[test]
fn bounds_that_never_hold() {
    assert_wrong(
        &wrong_stages(
            "rules:\n  - { stage: growth, when: { growth_3m: { at_least: 0.3, at_most: 0.2 } } }\n  \
             - { stage: maturity, when: { returning_amount_share: { at_least: 40 } } }\n  \
             - { stage: bottleneck, when: { growth_year: { at_most: -20 } } }\n  - { stage: bottleneck, when: { amount_3m: { at_most: x } } }\n",
        ),
        &[
            ("2:30: `rules.when.growth_3m` never holds: `at_least` (0.3) is above `at_most` (0.2)", "both bounds must hold"),
            ("3:58: `rules.when.returning_amount_share.at_least` (40) never holds", "a share of 40 % is 0.4, and all is 1"),
            ("4:49: `rules.when.growth_year.at_most` (-20) never holds", "a growth of 20 % is 0.2, and it is never below -1"),
            ("5:56: `rules.when.amount_3m.at_most` must be a number, found `x`", "at_most: the figure is not above this"),
        ],
    );
}

#[test]
fn rules_behind_one_that_holds_whenever_they_do() {
    assert_wrong(
        &wrong_stages(
            "rules:\n  - { stage: growth, when: { growth_3m: { at_least: 0.2 } } }\n  \
             - { stage: maturity, when: { growth_3m: { at_least: 0.3 }, hit_items: { at_least: 1 } } }\n  \
             - { stage: maturity, when: { growth_3m: { at_least: 0.1 } } }\n  - stage: maintenance\n  - stage: bottleneck\n",
        ),
        &[
            (
                "3:5: this rule of `rules` never decides",
                "whenever it holds, the rule at /jobs/rules/x.yaml:2:5 holds, and the first decides: remove one, or put this one first",
            ),
            (
                "6:5: this rule of `rules` never decides",
                "whenever it holds, the rule at /jobs/rules/x.yaml:5:5 holds, and the first decides: remove one, or put this one first",
            ),
        ],
    );
}

#[test]
fn metrics_of_a_stage_that_no_rule_has() {
    assert_wrong(
        &wrong_stages("rules: [{ stage: growth }]\nmetrics: { maturity: [depth, depth], growth: [] }\n"),
        &[
            ("2:12: `metrics.maturity` has metrics, and no rule has that stage", "add a rule with that `stage`, or remove them"),
            (
                "2:30: `metrics.maturity` must be a list of metrics, found `depth` a second time",
                "maturity: the metrics that matter in the maturity (成熟期)",
            ),
        ],
    );
}

#[test]
fn files_that_are_no_stage_files() {
    assert_wrong(
        &wrong_stages(""),
        &[("1:1: `rules` is missing", "rules: the rules by which shops are in stages, in their order: the first that holds decides")],
    );
    assert_wrong(&wrong_stages("- a\n"), &[("1:1: a stage file is a mapping, found a list", "it starts with `rules:`")]);
    assert_wrong(
        &wrong_stages("rules: []\n"),
        &[(
            "1:8: `rules` must be a list of mappings, found an empty list",
            "rules: the rules by which shops are in stages, in their order: the first that holds decides",
        )],
    );
    let missing = read_with_rules("job: n\ninputs: { orders: o }\nstages: rules/y.yaml\n", &[]).unwrap_err();
    assert!(missing.starts_with("/jobs/nightly.yaml:3:9: the stage file /jobs/rules/y.yaml cannot be read: "), "{missing}");
    let list = read_with_rules("job: n\ninputs: { orders: o }\nstages: [rules/y.yaml]\n", &[]).unwrap_err();
    assert!(list.starts_with("/jobs/nightly.yaml:3:9: `stages` must be the path of a stage file, found a list"), "{list}");
}
