//! Every message about problems of a job file, with its location.

use super::*;

#[test]
fn an_unknown_key_names_the_nearest_and_all_others() {
    assert_eq!(
        wrong_below("timezon: Asia/Shanghai\n"),
        "/jobs/nightly.yaml:3:1: unknown key `timezon`\n  \
         help: did you mean `timezone`? allowed here: job, timezone, as_of, shop, currency, inputs, params, assessments, strategies, stages, tables, output"
    );
    assert_eq!(
        wrong_below("params:\n  lifecycle: { activ_days: 3 }\n"),
        "/jobs/nightly.yaml:4:16: unknown key `activ_days` in `params.lifecycle`\n  \
         help: did you mean `active_days`? allowed here: active_days, quiet_days, dormant_days, thresholds"
    );
    // Later work is not taken for granted.
    assert_eq!(
        wrong_below("output: { path: out, kept: 30 }\n"),
        "/jobs/nightly.yaml:3:22: unknown key `kept` in `output`\n  help: did you mean `keep`? allowed here: path, keep, report, state, postgres"
    );
    // Ratings have neither money nor statuses.
    assert_eq!(
        wrong("job: n\ninputs: { orders: o, ratings: { path: r, money: minor } }\n"),
        "/jobs/nightly.yaml:2:42: unknown key `money` in `inputs.ratings`\n  help: allowed here: path, columns, filter, times, freshness"
    );
}

#[test]
fn a_week_begins_on_monday_or_on_sunday() {
    assert_eq!(
        wrong_below("params: { week_starts: Saturday, cohort: { grain: week } }\n"),
        "/jobs/nightly.yaml:3:24: `params.week_starts` must be one of `monday`, `sunday`, found `Saturday`\n  \
         help: week_starts: the day on which a week begins, in every table that has weeks"
    );
}

/// The full example has keys that only later work will read: none of them is passed over.
#[test]
fn another_word_for_the_lifecycle() {
    assert_eq!(
        wrong_below("params: { lifecycle: sugested, migration_period: day }\n"),
        "/jobs/nightly.yaml:3:22: `params.lifecycle` must be a mapping, or `suggested`, found `sugested`\n  \
         help: did you mean `suggested`?\n\
         /jobs/nightly.yaml:3:50: `params.migration_period` must be one of `week`, `month`, `quarter`, `year`, found `day`\n  \
         help: migration_period: how far back segment_migration looks"
    );
}

#[test]
fn keys_of_later_work_are_refused() {
    let job = r#"
job: nightly
timezone: Asia/Shanghai
as_of: yesterday
inputs:
  orders:
    path: data/orders            # relative to the job file; file, folder or glob; ${ENV} expands
    columns: { order_id: tid, line_id: oid, customer_id: buyer_open_uid, paid_amount: payment, created_at: created, paid_at: pay_time }
    status: { WAIT_BUYER_PAY: placed, TRADE_CLOSED_BY_TAOBAO: cancelled, TRADE_CLOSED: refunded, TRADE_FINISHED: completed }
    filter: "channel != 'test'"
  traffic: { path: data/traffic }
  ratings: { path: data/ratings }
  refunds: { path: data/refunds }
  shops:   { path: data/shops.parquet }
params:
  cohort: { grain: month, dimensions: [first_channel] }
  lifecycle: { active_days: 30, quiet_days: 90, dormant_days: 180 }
  rfm: { method: quantile }
  max_nth: 10
  max_reject_share: 0.001
assessments: []
tables: all                      # or a list; a table whose inputs are missing is skipped by `all`, an error in a list
output:
  path: out
  keep: 30
  report: true
  postgres: { url: "${HUITOU_PG}", schema: huitou }
"#;
    assert_eq!(
        wrong(job),
        "/jobs/nightly.yaml:27:20: `output.postgres.url` needs the environment variable `HUITOU_PG`, which is not set\n  \
          help: write url: \"${HUITOU_PG}\", and set HUITOU_PG to postgresql://USER:PASSWORD@HOST/DATABASE in the environment of the run"
    );
}

#[test]
fn unknown_inputs_columns_tables_dimensions_and_meanings() {
    assert_eq!(
        wrong("job: n\ninputs: { orders: o, trafic: t, page_views: p }\n"),
        "/jobs/nightly.yaml:2:22: unknown input `trafic` in `inputs`\n  \
         help: did you mean `traffic`? allowed here: orders, traffic, refunds, ratings, shops\n\
         /jobs/nightly.yaml:2:33: unknown input `page_views` in `inputs`\n  \
         help: allowed here: orders, traffic, refunds, ratings, shops"
    );
    assert_eq!(
        wrong("job: n\ninputs: { orders: o, shops: { path: s, columns: { 店名: name, shopid: id } } }\n"),
        "/jobs/nightly.yaml:2:51: unknown column `店名` in `inputs.shops.columns`\n  \
         help: allowed here: shop_id, name\n\
         /jobs/nightly.yaml:2:61: unknown column `shopid` in `inputs.shops.columns`\n  \
         help: did you mean `shop_id`? allowed here: shop_id, name"
    );
    assert_eq!(
        wrong_below("tables: [customers, cohort_retension, customers]\n"),
        "/jobs/nightly.yaml:3:21: unknown table `cohort_retension` in `tables`\n  \
         help: did you mean `cohort_retention`? allowed here: cohort_retention, customers, repurchase_intervals, shop_daily\n\
         /jobs/nightly.yaml:3:39: `tables` must be `all` or a list of tables, found `customers` a second time\n  \
         help: tables: the result tables: all that the inputs allow, or a list"
    );
    assert_eq!(
        wrong_below("params: { cohort: { dimensions: [provinz] } }\n"),
        "/jobs/nightly.yaml:3:34: unknown dimension `provinz` in `params.cohort.dimensions`\n  \
         help: did you mean `province`? allowed here: first_channel, first_category, province"
    );
    // The category of the first purchase's first line is called as in the table of customers.
    assert_eq!(
        wrong_below("params: { cohort: { dimensions: [first_item_category] } }\n"),
        "/jobs/nightly.yaml:3:34: unknown dimension `first_item_category` in `params.cohort.dimensions`\n  \
         help: did you mean `first_category`? allowed here: first_channel, first_category, province"
    );
    assert_eq!(
        wrong("job: n\ninputs:\n  orders:\n    path: o\n    status: { 交易成功: complete, 交易关闭: success }\n"),
        "/jobs/nightly.yaml:5:21: `inputs.orders.status.交易成功` must be one of `placed`, `paid`, `shipped`, `completed`, `refunded`, \
         `cancelled`, `closed`, found `complete`\n  \
         help: did you mean `completed`?\n\
         /jobs/nightly.yaml:5:37: `inputs.orders.status.交易关闭` must be one of `placed`, `paid`, `shipped`, `completed`, `refunded`, \
         `cancelled`, `closed`, found `success`\n  \
         help: a status of the files stands left of the colon, its meaning right of it"
    );
}

#[test]
fn missing_keys_say_what_they_are_for() {
    assert_eq!(
        wrong(""),
        "/jobs/nightly.yaml:1:1: `job` is missing\n  help: job: the name of the job in messages and in the manifest\n\
         /jobs/nightly.yaml:1:1: `inputs` is missing\n  \
         help: inputs: where the data are, and what their columns and statuses are called"
    );
    assert_eq!(
        wrong("job: n\ninputs:\n  traffic: t\n"),
        "/jobs/nightly.yaml:2:1: `inputs.orders` is missing\n  help: every table is made from the orders"
    );
    assert_eq!(
        wrong("job: n\ninputs:\n"),
        "/jobs/nightly.yaml:2:1: `inputs.orders` is missing\n  help: every table is made from the orders"
    );
    assert_eq!(
        wrong("job: n\ninputs:\n  orders:\n    money: minor\n"),
        "/jobs/nightly.yaml:3:3: `inputs.orders.path` is missing\n  \
         help: path: a Parquet file, a folder of them, or a pattern such as data/*.parquet"
    );
}

#[test]
fn duplicate_keys_are_reported_at_every_level() {
    assert_eq!(
        wrong("job: a\ninputs: { orders: o, orders: p }\njob: b\nparams: { max_nth: 1, max_nth: 1 }\n"),
        "/jobs/nightly.yaml:2:22: `inputs.orders` is written twice\n  help: it is at /jobs/nightly.yaml:2:11 too: keep one\n\
         /jobs/nightly.yaml:3:1: `job` is written twice\n  help: it is at /jobs/nightly.yaml:1:1 too: keep one\n\
         /jobs/nightly.yaml:4:23: `params.max_nth` is written twice\n  help: it is at /jobs/nightly.yaml:4:11 too: keep one"
    );
    assert_eq!(
        wrong("job: n\ninputs:\n  orders:\n    path: o\n    status:\n      x: paid\n      x: placed\n"),
        "/jobs/nightly.yaml:7:7: `inputs.orders.status.x` is written twice\n  help: it is at /jobs/nightly.yaml:6:7 too: keep one"
    );
}

#[test]
fn wrong_types_and_values_out_of_range() {
    assert_eq!(
        wrong_below("params: { max_nth: ten, max_reject_share: 2, min_peers: \"5\" }\n"),
        "/jobs/nightly.yaml:3:20: `params.max_nth` must be a whole number from 1 to 1000, found `ten`\n  \
         help: max_nth: the last purchase day whose interval to the next has rows of its own\n\
         /jobs/nightly.yaml:3:43: `params.max_reject_share` must be a number from 0 to 1, found `2`\n  \
         help: max_reject_share: the share of an input's rows that may be rejected before the run stops\n\
         /jobs/nightly.yaml:3:57: `params.min_peers` must be a whole number from 1 to 1000000, found the text \"5\"\n  \
         help: min_peers: the smallest number of shops that can represent their industry"
    );
    assert_eq!(
        wrong_below("shop:\noutput: out\n"),
        "/jobs/nightly.yaml:3:1: `shop` must be text, found nothing\n  \
         help: shop: the id of the only shop, for orders without a shop_id; the name of the job if absent\n\
         /jobs/nightly.yaml:4:9: `output` must be a mapping, found `out`\n  help: output: where the snapshots go"
    );
    assert_eq!(
        wrong("job: n\ninputs: { orders: { path: o, columns: [a], filter: {}, money: fen, status: paid }, shops: [a, b] }\n"),
        "/jobs/nightly.yaml:2:39: `inputs.orders.columns` must be a mapping from our names of the columns to theirs, found a list\n  \
         help: columns: what the columns are called in the files, or SQL over them; others have their own name; `$row` numbers rows that have no id\n\
         /jobs/nightly.yaml:2:52: `inputs.orders.filter` must be a condition in SQL, found a mapping\n  \
         help: filter: a condition in SQL over the columns of the files; other rows are left out\n\
         /jobs/nightly.yaml:2:63: `inputs.orders.money` must be one of `major`, `minor`, found `fen`\n  \
         help: money: the unit of amounts in integer columns: units of the currency (major) or hundredths of it (minor)\n\
         /jobs/nightly.yaml:2:76: `inputs.orders.status` must be a mapping from statuses to `placed`, `paid`, `shipped`, `completed`, \
         `refunded`, `cancelled`, `closed`, found `paid`\n  \
         help: status: what the statuses in the files mean; those of the Taobao Open Platform are known\n\
         /jobs/nightly.yaml:2:91: `inputs.shops` must be a path or a mapping, found a list"
    );
    assert_eq!(
        wrong("job: n\ninputs: { orders: { path: o, columns: { order_id: , line_id: [x] } } }\n"),
        "/jobs/nightly.yaml:2:41: `inputs.orders.columns.order_id` must be a column or an SQL expression, found nothing\n  \
         help: leave out columns that the files do not have\n\
         /jobs/nightly.yaml:2:62: `inputs.orders.columns.line_id` must be a column or an SQL expression, found a list\n  \
         help: leave out columns that the files do not have"
    );
    assert_eq!(wrong("- a\n- b\n"), "/jobs/nightly.yaml:1:1: a job file is a mapping, found a list\n  help: it starts with `job: NAME`");
}

#[test]
fn bad_dates_and_unknown_zones() {
    assert_eq!(
        wrong_below("timezone: Asia/Shanghia\nas_of: 2026-02-30\n"),
        "/jobs/nightly.yaml:3:11: `timezone` must be a time zone such as Asia/Shanghai, found `Asia/Shanghia`\n  \
         help: did you mean `Asia/Shanghai`?\n\
         /jobs/nightly.yaml:4:8: `as_of` must be `yesterday` or a date YYYY-MM-DD, found `2026-02-30`, which is not in the calendar\n  \
         help: as_of: the last day whose events count"
    );
    assert_eq!(
        wrong_below("timezone: 北京\nas_of: yesteday\n"),
        "/jobs/nightly.yaml:3:11: `timezone` must be a time zone such as Asia/Shanghai, found `北京`\n  \
         help: timezone: the zone whose calendar days count; times without a zone are read in it\n\
         /jobs/nightly.yaml:4:8: `as_of` must be `yesterday` or a date YYYY-MM-DD, found `yesteday`\n  \
         help: did you mean `yesterday`?"
    );
}

#[test]
fn a_zone_without_rules_is_no_zone() {
    for name in ["Etc/Unknown", "+08:00", "CST8", "''"] {
        assert!(wrong_below(&format!("timezone: {name}\n")).contains("`timezone` must be a time zone"), "{name}");
    }
    for name in ["UTC", "Asia/Urumqi", "asia/shanghai"] {
        job(&format!("{SMALLEST}timezone: {name}\n"));
    }
}

#[test]
fn limits_must_ascend() {
    let help = "\n  help: customers go from active to quiet to dormant as the days pass";
    assert_eq!(
        wrong_below("params:\n  lifecycle:\n    dormant_days: 80\n    quiet_days: 80\n    active_days: 90\n"),
        format!(
            "/jobs/nightly.yaml:5:5: `params.lifecycle.quiet_days` (80) must be less than `params.lifecycle.dormant_days` (80){help}\n\
             /jobs/nightly.yaml:6:5: `params.lifecycle.active_days` (90) must be less than `params.lifecycle.quiet_days` (80){help}"
        )
    );
    assert_eq!(
        wrong_below("params: { lifecycle: { active_days: 100 } }\n"),
        format!(
            "/jobs/nightly.yaml:3:24: `params.lifecycle.active_days` (100) must be less than \
             `params.lifecycle.quiet_days` (90, the default){help}"
        )
    );
}

#[test]
fn member_levels_ascend_and_each_has_a_limit() {
    let levels = "params:
  member_levels:
    - { name: silver, min_amount: 500, min_orders: 3 }
    - { name: gold, min_amount: 500.00 }
    - { name: silver, min_amount: 900 }
    - { name: none }
    - { name: low, min_amount: -1 }
    - { min_orders: 9 }
  amount_bands: [100, 50]
";
    assert_eq!(
        wrong_below(levels),
        "/jobs/nightly.yaml:6:7: `params.member_levels`: `min_amount` of `gold` is not above that of `silver`, which stands before it\n  \
         help: each level needs more than the one before\n\
         /jobs/nightly.yaml:7:7: `params.member_levels`: the level `silver` is there twice\n  \
         help: each level needs more than the one before\n\
         /jobs/nightly.yaml:8:7: the level `none` has neither `min_amount` nor `min_orders`\n  \
         help: write `min_amount: 0` for a level that every customer has\n\
         /jobs/nightly.yaml:9:32: `params.member_levels.min_amount` must be an amount that is not negative, with at most two decimals, found `-1`\n  \
         help: min_amount: the net revenue of a customer that reaches the level; if absent, no amount does\n\
         /jobs/nightly.yaml:10:7: `params.member_levels.name` is missing\n  \
         help: name: the shop's name for the level\n\
         /jobs/nightly.yaml:11:23: `params.amount_bands` must be a list of ascending amounts with at most two decimals, found `50` after a greater one\n  \
         help: amount_bands: the limits between the bands of net revenue in which customers lie; 1, 2, 5, 10, 20, 50 and so on if none"
    );
    assert_eq!(
        wrong_below("params: { member_levels: [{ name: (none), min_orders: 2 }], amount_bands: [-1] }\n"),
        "/jobs/nightly.yaml:3:35: `params.member_levels.name` must be text, found `(none)`\n  \
         help: name: the shop's name for the level\n\
         /jobs/nightly.yaml:3:76: `params.amount_bands` must be a list of ascending amounts with at most two decimals, found `-1`\n  \
         help: amount_bands: the limits between the bands of net revenue in which customers lie; 1, 2, 5, 10, 20, 50 and so on if none"
    );
}

#[test]
fn totals_are_of_all_shops_or_of_categories_and_may_be_none() {
    assert_eq!(job(&format!("{SMALLEST}params: {{ totals: [] }}\n")).params.totals, []);
    assert_eq!(job(&format!("{SMALLEST}params: {{ totals: category }}\n")).params.totals, [Total::Category]);
    assert_eq!(
        wrong_below("params: { totals: [al, all, all] }\n"),
        "/jobs/nightly.yaml:3:20: `params.totals` must be one or a list of `all`, `category`, or an empty list, found `al`\n  \
         help: did you mean `all`?\n\
         /jobs/nightly.yaml:3:29: `params.totals` must be one or a list of `all`, `category`, or an empty list, found `all` a second time\n  \
         help: totals: shops taken together in total_daily and total_periods: all, or those of each category of the shops input"
    );
}

#[test]
fn a_forecast_is_by_a_known_model_and_for_some_days() {
    assert_eq!(
        wrong_below("params:\n  forecast: { model: nbd, horizon_days: 0 }\n"),
        "/jobs/nightly.yaml:4:22: `params.forecast.model` must be one of `auto`, `bg_nbd`, `mbg_nbd`, `pareto_nbd`, `bg_cnbd_k`, \
         `mbg_cnbd_k`, `none`, found `nbd`\n  \
         help: model: the model of customers' purchases; auto selects the one that predicts the last fifth of the history best, none \
         makes no forecast\n\
         /jobs/nightly.yaml:4:41: `params.forecast.horizon_days` must be a whole number from 1 to 3650, found `0`\n  \
         help: horizon_days: days after the as-of date in which purchases are expected"
    );
}

#[test]
fn fixed_scores_need_their_limits() {
    let rfm = |lines: &str| wrong_below(&format!("params:\n  rfm: {lines}\n"));
    assert_eq!(
        rfm("{ method: fixed, recency_days: [1, 2, 3], frequency: [1, 3, 2, 4] }"),
        "/jobs/nightly.yaml:4:10: `params.rfm.monetary` is missing; `method: fixed` needs it\n  \
         help: monetary: money: score 1 below the first limit, 2 from it on, 5 from the last on\n\
         /jobs/nightly.yaml:4:39: `params.rfm.recency_days` must be a list of four ascending whole numbers from 0 to 3650, \
         found a list of 3\n  \
         help: recency_days: days: score 5 below the first limit, 4 from it on, 1 from the last on\n\
         /jobs/nightly.yaml:4:68: `params.rfm.frequency` must be a list of four ascending whole numbers from 1 to 1000000, \
         found `2` after a greater one\n  \
         help: frequency: purchase days: score 1 below the first limit, 2 from it on, 5 from the last on"
    );
    assert_eq!(
        rfm("{ method: quantil, monetary: [1, 2, 3, 4.005] }"),
        "/jobs/nightly.yaml:4:18: `params.rfm.method` must be one of `quantile`, `fixed`, found `quantil`\n  \
         help: did you mean `quantile`?\n\
         /jobs/nightly.yaml:4:47: `params.rfm.monetary` must be a list of four ascending amounts with at most two decimals, \
         found `4.005`\n  \
         help: monetary: money: score 1 below the first limit, 2 from it on, 5 from the last on"
    );
    assert_eq!(
        rfm("{ frequency: [1, 2, 3, 4] }"),
        "/jobs/nightly.yaml:4:10: `params.rfm.frequency` means nothing without `method: fixed`\n  \
         help: add `method: fixed`, or remove it"
    );
}

#[test]
fn empty_lists_are_refused_where_something_is_needed() {
    assert_eq!(
        wrong_below("tables: []\nparams: { cohort: { grain: [], dimensions: [] }, lifecycle: { thresholds: [] } }\n"),
        "/jobs/nightly.yaml:3:9: `tables` must be `all` or a list of tables, found an empty list\n  \
         help: tables: the result tables: all that the inputs allow, or a list\n\
         /jobs/nightly.yaml:4:28: `params.cohort.grain` must be one or a list of `day`, `week`, `month`, `quarter`, found an empty list\n  \
         help: grain: the length of a cohort's periods"
    );
    assert_eq!(
        wrong_below("params: { cohort: { grain: [month, year] } }\n"),
        "/jobs/nightly.yaml:3:36: `params.cohort.grain` must be one or a list of `day`, `week`, `month`, `quarter`, found `year`\n  \
         help: grain: the length of a cohort's periods"
    );
    assert_eq!(
        wrong_below("tables: al\n"),
        "/jobs/nightly.yaml:3:9: `tables` must be `all` or a list of tables, found `al`\n  help: did you mean `all`?"
    );
}

#[test]
fn environment_variables_that_are_not_set() {
    assert_eq!(
        wrong("job: n\ninputs: { orders: \"${NOWHERE}/o\", shops: { path: \"${EMPTY}\" } }\noutput: { path: \"${A}/${B}\" }\n"),
        "/jobs/nightly.yaml:2:19: `inputs.orders.path` needs the environment variable `NOWHERE`, which is not set\n  \
         help: set it in the environment of the run (cron has its own), or write the path out\n\
         /jobs/nightly.yaml:2:50: `inputs.shops.path` is empty once `${EMPTY}` is replaced by its value\n\
         /jobs/nightly.yaml:3:17: `output.path` needs the environment variable `A`, which is not set\n  \
         help: set it in the environment of the run (cron has its own), or write the path out\n\
         /jobs/nightly.yaml:3:17: `output.path` needs the environment variable `B`, which is not set\n  \
         help: set it in the environment of the run (cron has its own), or write the path out"
    );
}

#[test]
fn yaml_that_cannot_be_read_is_the_only_problem() {
    let message = wrong("job: n\ninputs:\n\torders: data\nparams: { max_nth: x }\n");
    assert!(message.starts_with("/jobs/nightly.yaml:3:2: is not valid YAML: "), "{message}");
    assert!(message.ends_with("\n  help: indent with spaces"), "{message}");
    assert_eq!(message.lines().count(), 2, "{message}");
    assert_eq!(wrong("job: n\ninputs: { orders: [\n"), "/jobs/nightly.yaml:2:19: is not valid YAML: unclosed bracket '['");
    // Braces end a mapping that is written in braces.
    let message = wrong("job: n\ninputs: { orders: ${DATA}/orders, shops: s }\n");
    assert!(message.starts_with("/jobs/nightly.yaml:2:"), "{message}");
    assert!(message.ends_with("\n  help: within { } and [ ], put text with `${…}` into quotes"), "{message}");
}
