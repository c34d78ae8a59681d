//! Every message about what is wrong in a rule file or in the list of them, with its place.

use super::*;

#[test]
fn unknown_and_missing_keys() {
    assert_wrong(
        &wrong_rule(
            "assesment: a\nperiod: quarter\nrequirements:\n  - { metrc: dsr_mean, test: at_least, value: 1 }\neligible: { open_month: 3 }\n",
        ),
        &[
            (
                "1:1: unknown key `assesment`",
                "did you mean `assessment`? allowed here: assessment, valid_from, valid_to, period, exempt_months, trial_months, \
                 from_day, to_day, days, peers, eligible, min_peers, requirements",
            ),
            ("1:1: `assessment` is missing", "assessment: the name of the assessment; several files may have it, each with its own time"),
            ("4:5: `requirements.metric` is missing", "metric: what is judged"),
            (
                "4:7: unknown key `metrc` in `requirements`",
                "did you mean `metric`? allowed here: metric, test, value, column, share, base, k, standard, trial_share, when, levels",
            ),
            ("5:13: unknown key `open_month` in `eligible`", "did you mean `open_months`? allowed here: open_months"),
        ],
    );
    let period = "period: what is assessed at a time: a calendar period, years from the opening, days after it, or the days up to the \
                  as-of date";
    assert_wrong(
        &wrong_rule("# nothing yet\n"),
        &[
            ("1:1: `assessment` is missing", "assessment: the name of the assessment; several files may have it, each with its own time"),
            ("1:1: `period` is missing", period),
            ("1:1: `requirements` is missing", "requirements: what must hold, all of it"),
        ],
    );
}

#[test]
fn problems_of_all_files_come_at_once_in_the_order_of_the_job() {
    let job = "job: n\ninputs: { orders: o }\nassessments: [rules/b.yaml, rules/a.yaml, rules/c.yaml]\nparams: { max_nth: 0 }\n";
    let files = [
        ("rules/a.yaml", &*RULE.replace("4.2", "four")),
        ("rules/b.yaml", &*RULE.replace("quarter", "quater").replace("assessment: a", "assessment: b")),
    ];
    assert_eq!(
        read_with_rules(job, &files).unwrap_err(),
        "/jobs/nightly.yaml:3:43: the rule file /jobs/rules/c.yaml cannot be read: No such file or directory (os error 2)\n  \
         help: paths start at the folder of the job file\n\
         /jobs/nightly.yaml:4:20: `params.max_nth` must be a whole number from 1 to 1000, found `0`\n  \
         help: max_nth: the last purchase day whose interval to the next has rows of its own\n\
         /jobs/rules/b.yaml:2:9: `period` must be one of `month`, `quarter`, `year`, `rolling_year`, `window`, `trailing`, found `quater`\n  \
         help: did you mean `quarter`?\n\
         /jobs/rules/a.yaml:4:48: `requirements.value` must be a number, or a mapping from categories to such numbers, with `default` \
         for all others, found `four`\n  \
         help: value: the number of at_least and at_most, where no `column` has one"
    );
}

#[test]
fn values_of_the_top_level() {
    let top = |lines: &str| wrong_rule(&RULE.replace("requirements:", &format!("{lines}\nrequirements:")));
    assert_wrong(
        &top("valid_from: 2026-02-30\nvalid_to: today\npeers: shops\nmin_peers: 0\neligible: { open_months: 121 }"),
        &[
            (
                "3:13: `valid_from` must be a date YYYY-MM-DD, found `2026-02-30`, which is not in the calendar",
                "valid_from: periods that begin before this day are not judged by the file",
            ),
            (
                "4:11: `valid_to` must be a date YYYY-MM-DD, found `today`",
                "valid_to: periods that begin after this day are not judged by the file",
            ),
            (
                "5:8: `peers` must be one of `category`, `all`, found `shops`",
                "peers: whom ranks and means compare with: the shops of the same main category, or all",
            ),
            (
                "6:12: `min_peers` must be a whole number from 1 to 1000000, found `0`",
                "min_peers: the smallest number of shops that can represent their industry; `params.min_peers` of the job if absent",
            ),
            (
                "7:26: `eligible.open_months` must be a whole number from 0 to 120, found `121`",
                "open_months: whole months that a shop must have been open when the period begins; else it is exempt",
            ),
        ],
    );
    assert_wrong(
        &top("valid_from: 2026-02-01\nvalid_to: 2026-01-31"),
        &[(
            "4:1: `valid_from` (2026-02-01) must not be after `valid_to` (2026-01-31)",
            "a period is judged if it begins on one of these days or between them",
        )],
    );
    for name in ["Tmall", "天猫", "a-b", "'a b'", "''", "[]"] {
        let message = wrong_rule(&RULE.replace("assessment: a", &format!("assessment: {name}")));
        assert!(
            message.contains("x.yaml:1:13: `assessment` must be a name of lower-case letters, digits and `_`, 100 of them at most, found "),
            "{message}"
        );
    }
}

#[test]
fn periods_have_their_own_keys() {
    let period = |lines: &str| wrong_rule(&RULE.replace("period: quarter", lines));
    assert_wrong(
        &period("period: quarter\nfrom_day: 61\nexempt_months: 3\ndays: 30"),
        &[
            ("3:1: `from_day` means nothing without `period: window`", "add `period: window`, or remove it"),
            ("4:1: `exempt_months` means nothing without `period: rolling_year`", "add `period: rolling_year`, or remove it"),
            ("5:1: `days` means nothing without `period: trailing`", "add `period: trailing`, or remove it"),
        ],
    );
    assert_wrong(
        &period("period: window\ntrial_months: 12"),
        &[
            (
                "2:1: `from_day` is missing; `period: window` needs it",
                "from_day: the first day of the window; the day of the opening is day 1",
            ),
            ("2:1: `to_day` is missing; `period: window` needs it", "to_day: the last day of the window"),
            ("3:1: `trial_months` means nothing without `period: rolling_year`", "add `period: rolling_year`, or remove it"),
        ],
    );
    assert_wrong(
        &period("period: window\nto_day: 61\nfrom_day: 90"),
        &[("3:1: `from_day` (90) must not be after `to_day` (61)", "the window has both days and those between them")],
    );
    assert_wrong(
        &period("period: window\nfrom_day: 0\nto_day: 3651"),
        &[
            (
                "3:11: `from_day` must be a whole number from 1 to 3650, found `0`",
                "from_day: the first day of the window; the day of the opening is day 1",
            ),
            ("4:9: `to_day` must be a whole number from 1 to 3650, found `3651`", "to_day: the last day of the window"),
        ],
    );
    assert_wrong(
        &period("period: trailing\ndays: 367"),
        &[(
            "3:7: `days` must be a whole number from 1 to 366, found `367`",
            "days: how many days are assessed, the as-of date being the last",
        )],
    );
}

#[test]
fn two_files_of_one_assessment_must_not_judge_one_period() {
    let job = "job: n\ninputs: { orders: o }\nassessments: [rules/a.yaml, rules/x.yaml]\n";
    let help = "give each file its own time with `valid_from` and `valid_to`";
    for (first, second, days) in [
        ("", "", "at any time"),
        ("valid_to: 2025-12-31", "valid_from: 2025-12-31", "from 2025-12-31 to 2025-12-31"),
        ("valid_from: 2026-01-01", "", "on or after 2026-01-01"),
        ("valid_to: 2025-12-31", "valid_to: 2026-01-31", "on or before 2025-12-31"),
        ("valid_from: 2020-01-01\nvalid_to: 2025-12-31", "valid_from: 2024-01-01\nvalid_to: 2030-12-31", "from 2024-01-01 to 2025-12-31"),
    ] {
        let text = |time: &str| format!("# dated\n{RULE}{time}\n");
        let message = read_with_rules(job, &[("rules/a.yaml", &text(first)), ("rules/x.yaml", &text(second))]).unwrap_err();
        let expected = format!("2:1: periods that begin {days} would be judged by two files of `a`, here and at /jobs/rules/a.yaml:2:1");
        assert_wrong(&message, &[(&expected, help)]);
    }
    // Known even where something else is wrong.
    let message = read_with_rules(job, &[("rules/a.yaml", &RULE.replace("4.2", "x")), ("rules/x.yaml", RULE)]).unwrap_err();
    assert_eq!(message.lines().filter(|line| line.starts_with("/jobs/rules/")).count(), 2, "{message}");
}

#[test]
fn files_that_cannot_be_read() {
    let wrong = |list: &str, files: &[(&str, &str)]| {
        read_with_rules(&format!("job: n\ninputs: {{ orders: o }}\nassessments: {list}\n"), files).unwrap_err()
    };
    let list = "\n  help: assessments: the rule files by which shops are assessed";
    assert_eq!(
        wrong("rules/x.yaml", &[]),
        format!("/jobs/nightly.yaml:3:14: `assessments` must be a list of paths of rule files, found `rules/x.yaml`{list}")
    );
    assert_eq!(
        wrong("[{}, \"${NOWHERE}/x.yaml\"]", &[]),
        format!(
            "/jobs/nightly.yaml:3:15: `assessments` must be a list of paths of rule files, found a mapping{list}\n\
             /jobs/nightly.yaml:3:19: `assessments` needs the environment variable `NOWHERE`, which is not set\n  \
             help: set it in the environment of the run (cron has its own), or write the path out"
        )
    );
    assert_eq!(
        wrong("[rules/x.yaml, ./rules/x.yaml]", &[("rules/x.yaml", RULE)]),
        "/jobs/nightly.yaml:3:29: `assessments` has `./rules/x.yaml` twice\n  help: it is at /jobs/nightly.yaml:3:15 too: keep one"
    );
    assert_eq!(
        wrong("[rules]", &[]),
        "/jobs/nightly.yaml:3:15: the rule file /jobs/rules cannot be read: Is a directory (os error 21)\n  \
         help: paths start at the folder of the job file"
    );
    assert_eq!(
        wrong("[big.yaml]", &[("big.yaml", &" ".repeat(2_000_000))]),
        "/jobs/nightly.yaml:3:15: the rule file /jobs/big.yaml has 2000000 bytes, too many for a rule file\n  \
         help: is this the path of the rule file?"
    );
}

#[test]
fn texts_that_are_no_rules() {
    assert_wrong(&wrong_rule("- a\n"), &[("1:1: a rule file is a mapping, found a list", "it starts with `assessment: NAME`")]);
    let message = wrong_rule("assessment: a\nperiod:\n\tquarter\nrequirements: 5\n");
    assert!(message.starts_with("/jobs/rules/x.yaml:3:2: is not valid YAML: "), "{message}");
    assert!(message.ends_with("\n  help: indent with spaces"), "{message}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("gbk.yaml"), b"# \n# \xb5\xea\n").unwrap();
    std::fs::write(folder.path().join("job.yaml"), format!("{SMALLEST}assessments: [gbk.yaml]\n")).unwrap();
    let message = Job::load(&folder.path().join("job.yaml"), &[], &catalogue()).unwrap_err().to_string();
    let place = folder.path().join("gbk.yaml").display().to_string();
    assert_eq!(message, format!("{place}:2:1: is not UTF-8\n  help: save the rule file as UTF-8, not as GBK"));
}
