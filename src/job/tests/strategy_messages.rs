//! Strategy files: what they mean, and every message about what is wrong in one, with its place.

use super::super::strategy::{Ordering, Strategy};
use super::*;

/// The smallest strategy file.
const STRATEGY: &str = "strategy: care\nwhere: net_revenue > 100\n";

/// A job that names one strategy file.
const JOB: &str = "job: n\ninputs: { orders: o }\nstrategies: [rules/x.yaml]\n";

fn strategy(text: &str) -> Strategy {
    read_with_rules(JOB, &[("rules/x.yaml", text)]).unwrap_or_else(|error| panic!("{error}")).strategies.remove(0)
}

/// All that is wrong with a strategy file.
fn wrong_strategy(text: &str) -> String {
    read_with_rules(JOB, &[("rules/x.yaml", text)]).unwrap_err()
}

fn by(column: &str, is_descending: bool) -> Ordering {
    Ordering { column: column.to_owned(), is_descending }
}

#[test]
fn what_is_not_written_has_its_default() {
    let Strategy { name, title, condition, order_by, max_size, cool_down_days, min_hours_since_order, control_share, .. } =
        strategy(STRATEGY);
    assert_eq!((name.as_str(), title.as_str(), condition.as_str()), ("care", "care", "net_revenue > 100"));
    assert_eq!((order_by, max_size, cool_down_days, min_hours_since_order), (vec![by("net_revenue", true)], 500, 30, 48));
    assert_eq!(control_share.to_bits(), 0.1_f64.to_bits());
}

#[test]
fn what_is_written_counts_and_has_its_place() {
    let text = "# who\nstrategy: vip_2\ntitle: 会员关怀\nwhere: |\n  value_tier = 'A'\n  AND recency_days < 10\norder_by:\n  - recency_days\n  \
                - net_revenue DESC\n  - orders asc\nmax_size: 1\ncool_down_days: 0\nmin_hours_since_order: 0\ncontrol_share: 0\n";
    let found = strategy(text);
    assert_eq!(found.order_by, [by("recency_days", false), by("net_revenue", true), by("orders", false)]);
    assert_eq!(found.condition, "value_tier = 'A'\nAND recency_days < 10");
    assert!(found.order_place.ends_with("/rules/x.yaml:8:3"), "{}", found.order_place);
    assert!(found.condition_place.ends_with("/rules/x.yaml:5:3"), "{}", found.condition_place);
    assert!(found.place.ends_with("/nightly.yaml:3:14"), "{}", found.place);
    assert_eq!((found.title.as_str(), found.max_size, found.cool_down_days, found.min_hours_since_order), ("会员关怀", 1, 0, 0));
    assert_eq!(strategy(&format!("{STRATEGY}order_by: recency_days desc\n")).order_by, [by("recency_days", true)]);
}

#[test]
fn values_that_are_wrong() {
    assert_wrong(
        &wrong_strategy(
            "strategy: VIP\nwhere: ''\norder_by: [net_revenue down, recency_days, recency_days]\nmax_size: 0\ncool_down_days: -1\n\
             min_hours_since_order: a\ncontrol_share: 1\ncolour: red\n",
        ),
        &[
            (
                "1:11: `strategy` must be a name of lower-case letters, digits and `_`, 100 of them at most, found `VIP`",
                "strategy: the name of the strategy; its table is audience_NAME",
            ),
            (
                "2:8: `where` must be a condition in SQL, found an empty text",
                "where: who is a candidate: a condition in SQL over the columns of customers and of open orders",
            ),
            (
                "3:12: `order_by` must be one or a list of `COLUMN` or `COLUMN desc`, found `net_revenue down`",
                "order_by: what puts the candidates in order, the best first: columns, with `desc` for the greatest first",
            ),
            (
                "3:44: `order_by` must be one or a list of `COLUMN` or `COLUMN desc`, found `recency_days` a second time",
                "order_by: what puts the candidates in order, the best first: columns, with `desc` for the greatest first",
            ),
            (
                "4:11: `max_size` must be a whole number from 1 to 1000000, found `0`",
                "max_size: customers of a shop that the list has at most",
            ),
            (
                "5:17: `cool_down_days` must be a whole number from 0 to 3650, found `-1`",
                "cool_down_days: customers of a list of this many days before are left out, of the lists that params.cool_down counts; 0: earlier lists do not count",
            ),
            (
                "6:24: `min_hours_since_order` must be a whole number from 0 to 87600, found `a`",
                "min_hours_since_order: customers who ordered less than this many hours before the end of the as-of date are left out; 0: nobody is",
            ),
            (
                "7:16: `control_share` must be a number of at least 0 and below 1, found `1`",
                "control_share: the share of customers who are held out, so that the effect can be measured; 0: nobody is",
            ),
            (
                "8:1: unknown key `colour`",
                "allowed here: strategy, title, where, order_by, max_size, cool_down_days, min_hours_since_order, control_share",
            ),
        ],
    );
    assert_wrong(
        &wrong_strategy("max_size: 5\n"),
        &[
            ("1:1: `strategy` is missing", "strategy: the name of the strategy; its table is audience_NAME"),
            ("1:1: `where` is missing", "where: who is a candidate: a condition in SQL over the columns of customers and of open orders"),
        ],
    );
    assert_wrong(
        &wrong_strategy("strategy: excluded\nwhere: orders > 1\n"),
        &[("1:1: `excluded` cannot be the name of a strategy", "the table audience_excluded has the customers who were left out")],
    );
    assert_wrong(&wrong_strategy("- a\n"), &[("1:1: a strategy file is a mapping, found a list", "it starts with `strategy: NAME`")]);
}

#[test]
fn two_strategies_have_two_names() {
    let job = "job: n\ninputs: { orders: o }\nstrategies: [rules/a.yaml, rules/x.yaml]\n";
    let message = read_with_rules(job, &[("rules/a.yaml", STRATEGY), ("rules/x.yaml", &format!("# second\n{STRATEGY}"))]).unwrap_err();
    assert_wrong(
        &message,
        &[(
            "2:1: the strategy `care` is at /jobs/rules/a.yaml:1:1 too",
            "customers are held out by the strategy's name, and its table has it: give each file its own",
        )],
    );
}

#[test]
fn files_are_found_like_rule_files() {
    let wrong = |list: &str| {
        read_with_rules(&format!("job: n\ninputs: {{ orders: o }}\nstrategies: {list}\n"), &[("rules/x.yaml", STRATEGY)]).unwrap_err()
    };
    assert_eq!(
        wrong("rules/x.yaml"),
        "/jobs/nightly.yaml:3:13: `strategies` must be a list of paths of strategy files, found `rules/x.yaml`\n  \
         help: strategies: the strategy files that say whom to contact"
    );
    assert_eq!(
        wrong("[rules/x.yaml, ./rules/x.yaml, rules/y.yaml]"),
        "/jobs/nightly.yaml:3:28: `strategies` has `./rules/x.yaml` twice\n  help: it is at /jobs/nightly.yaml:3:14 too: keep one\n\
         /jobs/nightly.yaml:3:44: the strategy file /jobs/rules/y.yaml cannot be read: No such file or directory (os error 2)\n  \
         help: paths start at the folder of the job file"
    );
}

#[test]
fn a_job_can_list_the_tables_of_its_strategies() {
    let with = |tables: &str| read_with_rules(&format!("{JOB}tables: {tables}\n"), &[("rules/x.yaml", STRATEGY)]);
    let job = with("[customers, audience_care]").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(job.tables, Tables::List(vec!["customers".to_owned(), "audience_care".to_owned()]));
    assert_eq!(
        with("[audience_car]").unwrap_err(),
        "/jobs/nightly.yaml:4:10: unknown table `audience_car` in `tables`\n  \
         help: did you mean `audience_care`? allowed here: cohort_retention, customers, repurchase_intervals, shop_daily, audience_care"
    );
}

#[test]
fn what_a_strategy_says_counts_for_the_fingerprint_and_its_file_does_not() {
    let canonical = |path: &str, text: &str| {
        let job = JOB.replace("rules/x.yaml", path);
        read_with_rules(&job, &[(path, text)]).unwrap_or_else(|error| panic!("{error}")).canonical()
    };
    let text = canonical("rules/x.yaml", STRATEGY);
    assert_eq!(canonical("y.yaml", &format!("# moved\n{STRATEGY}max_size: 500\norder_by: [net_revenue desc]\n")), text);
    let mut texts = vec![text];
    for line in [
        "title: a",
        "max_size: 499",
        "order_by: [net_revenue]",
        "order_by: [orders desc]",
        "cool_down_days: 31",
        "min_hours_since_order: 47",
        "control_share: 0.2",
    ] {
        texts.push(canonical("rules/x.yaml", &format!("{STRATEGY}{line}\n")));
    }
    texts.push(canonical("rules/x.yaml", &STRATEGY.replace("100", "101")));
    texts.push(canonical("rules/x.yaml", &STRATEGY.replace("care", "car")));
    texts.sort_unstable();
    let before = texts.len();
    texts.dedup();
    assert_eq!(texts.len(), before);
}
