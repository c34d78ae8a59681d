//! Whole job files: what they mean, and every message about what is wrong in them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::keys::{Key, Presence, Shape};
use super::*;
use crate::spec::{Grain, period::day_of};

fn catalogue() -> Catalogue {
    Catalogue {
        tables: vec!["cohort_retention", "customers", "repurchase_intervals", "shop_daily"],
        inputs: vec![
            ("orders", vec!["shop_id", "order_id", "line_id", "customer_id", "created_at", "paid_at", "paid_amount", "status"]),
            ("traffic", vec!["shop_id", "date", "channel", "pv", "uv"]),
            ("refunds", vec!["refund_id", "order_id", "amount", "status"]),
            ("ratings", vec!["shop_id", "date"]),
            ("shops", vec!["shop_id", "name"]),
        ],
        dimensions: vec!["first_channel", "first_category", "province"],
    }
}

fn read_with(text: &str, sets: &[&str]) -> Result<Job> {
    let sets: Vec<String> = sets.iter().map(|option| (*option).to_owned()).collect();
    let environment = |name: &str| match name {
        "DATA" => Some("/mnt/data".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    };
    Job::checked(text, Path::new("/jobs/nightly.yaml"), &sets, &catalogue(), &environment)
}

fn job(text: &str) -> Job {
    read_with(text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// All that is wrong, as the user sees it.
fn wrong_with(text: &str, sets: &[&str]) -> String {
    match read_with(text, sets) {
        Err(error @ Error::Usage(_)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

fn wrong(text: &str) -> String {
    wrong_with(text, &[])
}

/// What is wrong with lines below a job that is right.
fn wrong_below(lines: &str) -> String {
    wrong(&format!("{SMALLEST}{lines}"))
}

/// Two lines.
const SMALLEST: &str = "job: nightly\ninputs: { orders: data/orders }\n";

/// A job file with everything that it can have.
const FULL: &str = r#"job: 夜间
timezone: Europe/Berlin
as_of: 2026-11-21
shop: 007
inputs:
  orders:
    path: ${DATA}/orders
    columns: { order_id: tid, paid_amount: "Quantity * UnitPrice" }
    status: { WAIT_BUYER_PAY: placed, 交易关闭: closed, 4: completed }
    filter: "channel != 'test'"
    money: minor
  traffic: ./traffic
  refunds: { path: refunds, status: { 成功: success } }
params:
  cohort: { grain: [quarter, month], dimensions: [province, first_channel] }
  history_warmup: 0
  lifecycle: { active_days: 50, quiet_days: 100, dormant_days: 200, thresholds: [75, 20] }
  rfm:
    method: fixed
    recency_days: [7, 30, 90, 180]
    frequency: [2, 3, 5, 10]
    monetary: [100, 250.5, 1000, 5000.00]
    monetary_value: per_purchase_day
  max_nth: 5
  max_reject_share: 0.01
  min_peers: 3
tables: [shop_daily, customers]
output:
  path: /srv/out
"#;

#[test]
fn the_smallest_job_has_every_default() {
    let job = job(SMALLEST);
    assert_eq!(
        job,
        Job {
            name: "nightly".to_owned(),
            file: PathBuf::from("/jobs/nightly.yaml"),
            folder: PathBuf::from("/jobs"),
            timezone: "Asia/Shanghai".to_owned(),
            zone: jiff::tz::TimeZoneDatabase::bundled().get("Asia/Shanghai").unwrap(),
            as_of: AsOf::Yesterday,
            shop: "nightly".to_owned(),
            inputs: Inputs {
                orders: InputSpec {
                    path: "/jobs/data/orders".to_owned(),
                    written_path: "data/orders".to_owned(),
                    columns: [].into(),
                    status: [].into(),
                    filter: None,
                    money: MoneyUnit::Major,
                    place: "/jobs/nightly.yaml:2:11".to_owned(),
                    column_places: [].into(),
                    filter_place: "/jobs/nightly.yaml:2:11".to_owned(),
                },
                others: [].into(),
            },
            params: Params {
                cohort: Cohort { grains: vec![Grain::Month], dimensions: vec![] },
                history_warmup: 90,
                lifecycle: Lifecycle { active_days: 30, quiet_days: 90, dormant_days: 180, thresholds: vec![] },
                rfm: Rfm { method: RfmMethod::Quantile, monetary_value: MonetaryValue::NetRevenue },
                max_nth: 10,
                max_reject_share: 0.001,
                min_peers: 5,
            },
            tables: Tables::All,
            output: PathBuf::from("/jobs/out"),
        }
    );
}

#[test]
fn a_full_job_means_what_it_says() {
    let job = job(FULL);
    assert_eq!((job.name.as_str(), job.shop.as_str(), job.timezone.as_str()), ("夜间", "007", "Europe/Berlin"));
    assert_eq!(job.as_of, AsOf::Date(day_of(2026, 11, 21).unwrap()));
    let orders = &job.inputs.orders;
    assert_eq!((orders.path.as_str(), orders.written_path.as_str()), ("/mnt/data/orders", "${DATA}/orders"));
    assert_eq!(orders.columns["paid_amount"], "Quantity * UnitPrice");
    assert_eq!(orders.status["WAIT_BUYER_PAY"], Status::Placed);
    assert_eq!(orders.status["交易关闭"], Status::Closed);
    assert_eq!(orders.status["4"], Status::Completed);
    assert_eq!((orders.filter.as_deref(), orders.money), (Some("channel != 'test'"), MoneyUnit::Minor));
    assert_eq!(orders.place, "/jobs/nightly.yaml:6:3");
    assert_eq!(orders.place_of("order_id"), "/jobs/nightly.yaml:8:16");
    assert_eq!(orders.place_of("paid_amount"), "/jobs/nightly.yaml:8:31");
    assert_eq!(orders.place_of("customer_id"), "/jobs/nightly.yaml:6:3");
    assert_eq!(orders.filter_place, "/jobs/nightly.yaml:10:5");
    assert_eq!(job.inputs.get("traffic").unwrap().path, "/jobs/traffic");
    assert_eq!(job.inputs.get("refunds").unwrap().status["成功"], Status::Success);
    assert_eq!(job.inputs.get("shops"), None);
    assert_eq!(job.inputs.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["orders", "refunds", "traffic"]);
    assert_eq!(job.params.cohort.grains, [Grain::Month, Grain::Quarter]);
    assert_eq!(job.params.cohort.dimensions, ["first_channel", "province"]);
    assert_eq!(job.params.lifecycle.thresholds, [20, 75]);
    let RfmMethod::Fixed { recency_days, frequency, monetary } = job.params.rfm.method else { panic!() };
    assert_eq!((recency_days, frequency), ([7, 30, 90, 180], [2, 3, 5, 10]));
    assert_eq!(monetary, [10_000, 25_050, 100_000, 500_000]);
    assert_eq!(job.tables, Tables::List(vec!["shop_daily".to_owned(), "customers".to_owned()]));
    assert_eq!(job.output, Path::new("/srv/out"));
}

#[test]
fn sections_may_be_empty_and_aliases_may_be_used() {
    assert_eq!(job(&format!("{SMALLEST}params:\noutput:\n")), job(SMALLEST));
    assert_eq!(job(&format!("{SMALLEST}params:\n  # cohort: {{ grain: week }}\n")), job(SMALLEST));
    let shared = job("job: n\ninputs:\n  orders: { path: a, columns: &c { shop_id: 店 } }\n  shops: { path: b, columns: *c }\n");
    assert_eq!(shared.inputs.get("shops").unwrap().columns, shared.inputs.orders.columns);
}

#[test]
fn an_unknown_key_names_the_nearest_and_all_others() {
    assert_eq!(
        wrong_below("timezon: Asia/Shanghai\n"),
        "/jobs/nightly.yaml:3:1: unknown key `timezon`\n  \
         help: did you mean `timezone`? allowed here: job, timezone, as_of, shop, inputs, params, tables, output"
    );
    assert_eq!(
        wrong_below("params:\n  lifecycle: { activ_days: 3 }\n"),
        "/jobs/nightly.yaml:4:16: unknown key `activ_days` in `params.lifecycle`\n  \
         help: did you mean `active_days`? allowed here: active_days, quiet_days, dormant_days, thresholds"
    );
    // Later work is not taken for granted.
    assert_eq!(
        wrong_below("output: { path: out, keep: 30 }\n"),
        "/jobs/nightly.yaml:3:22: unknown key `keep` in `output`\n  help: allowed here: path"
    );
    // Ratings have neither money nor statuses.
    assert_eq!(
        wrong("job: n\ninputs: { orders: o, ratings: { path: r, money: minor } }\n"),
        "/jobs/nightly.yaml:2:42: unknown key `money` in `inputs.ratings`\n  help: allowed here: path, columns, filter"
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
         help: min_peers: the number of shops from which they may stand for their industry"
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
         help: columns: what the columns are called in the files; others have their own name\n\
         /jobs/nightly.yaml:2:52: `inputs.orders.filter` must be a condition in SQL, found a mapping\n  \
         help: filter: a condition in SQL over the columns of the files; other rows are left out\n\
         /jobs/nightly.yaml:2:63: `inputs.orders.money` must be one of `major`, `minor`, found `fen`\n  \
         help: money: the unit of amounts in integer columns: yuan (major) or fen (minor)\n\
         /jobs/nightly.yaml:2:76: `inputs.orders.status` must be a mapping from statuses to `placed`, `paid`, `shipped`, `completed`, \
         `refunded`, `cancelled`, `closed`, found `paid`\n  \
         help: status: what the statuses in the files mean; those of the Taobao Open Platform are known\n\
         /jobs/nightly.yaml:2:91: `inputs.shops` must be a path or a mapping, found a list"
    );
    assert_eq!(
        wrong("job: n\ninputs: { orders: { path: o, columns: { order_id: , line_id: [x] } } }\n"),
        "/jobs/nightly.yaml:2:41: `inputs.orders.columns.order_id` must be a column or an SQL expression, found nothing\n  \
         help: a column that the files do not have is left out\n\
         /jobs/nightly.yaml:2:62: `inputs.orders.columns.line_id` must be a column or an SQL expression, found a list\n  \
         help: a column that the files do not have is left out"
    );
    assert_eq!(wrong("- a\n- b\n"), "/jobs/nightly.yaml:1:1: a job file is a mapping, found a list\n  help: it starts with `job: NAME`");
}

#[test]
fn bad_dates_and_unknown_zones() {
    assert_eq!(
        wrong_below("timezone: Asia/Shanghia\nas_of: 2026-02-30\n"),
        "/jobs/nightly.yaml:3:11: `timezone` must be a time zone such as Asia/Shanghai, found `Asia/Shanghia`\n  \
         help: did you mean `Asia/Shanghai`?\n\
         /jobs/nightly.yaml:4:8: `as_of` must be `yesterday` or a date YYYY-MM-DD, found `2026-02-30`, which no calendar has\n  \
         help: as_of: the last day that the run knows about"
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
fn fixed_scores_need_their_limits() {
    let rfm = |lines: &str| wrong_below(&format!("params:\n  rfm: {lines}\n"));
    assert_eq!(
        rfm("{ method: fixed, recency_days: [1, 2, 3], frequency: [1, 3, 2, 4] }"),
        "/jobs/nightly.yaml:4:10: `params.rfm.monetary` is missing; `method: fixed` needs it\n  \
         help: monetary: money: score 1 below the first limit, 2 from it on, 5 from the last on\n\
         /jobs/nightly.yaml:4:39: `params.rfm.recency_days` must be a list of four ascending whole numbers from 0 to 3650, \
         found a list of 3\n  \
         help: recency_days: score 5 up to the first limit, 4 up to the second, 1 beyond the last\n\
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
        "/jobs/nightly.yaml:2:19: `inputs.orders.path` needs the environment variable `NOWHERE`, which is not set\n\
         /jobs/nightly.yaml:2:50: `inputs.shops.path` is empty once `${EMPTY}` is replaced by its value\n\
         /jobs/nightly.yaml:3:17: `output.path` needs the environment variable `A`, which is not set\n\
         /jobs/nightly.yaml:3:17: `output.path` needs the environment variable `B`, which is not set"
    );
}

#[test]
fn yaml_that_cannot_be_read_is_the_only_problem() {
    let message = wrong("job: n\ninputs:\n\torders: data\nparams: { max_nth: x }\n");
    assert!(message.starts_with("/jobs/nightly.yaml:3:2: is not valid YAML: "), "{message}");
    assert!(message.ends_with("\n  help: indent with spaces"), "{message}");
    assert_eq!(message.lines().count(), 2, "{message}");
    assert_eq!(wrong("job: n\ninputs: { orders: [\n"), "/jobs/nightly.yaml:2:19: is not valid YAML: unclosed bracket '['");
}

#[test]
fn options_replace_the_file() {
    let job = read_with(FULL, &["params.lifecycle.active_days=60", "as_of=yesterday", "tables=[customers]", "inputs.traffic.money=minor"])
        .unwrap();
    assert_eq!(job.params.lifecycle.active_days, 60);
    assert_eq!(job.params.lifecycle.quiet_days, 100);
    assert_eq!(job.as_of, AsOf::Yesterday);
    assert_eq!(job.tables, Tables::List(vec!["customers".to_owned()]));
    let traffic = job.inputs.get("traffic").unwrap();
    assert_eq!((traffic.path.as_str(), traffic.money), ("/jobs/traffic", MoneyUnit::Minor));
    // The last one wins, and what it replaces is no problem any more.
    let job = read_with("job: n\ninputs: { orders: o }\nparams: { max_nth: x }\n", &["params.max_nth=1", "params.max_nth=2"]).unwrap();
    assert_eq!(job.params.max_nth, 2);
    // A job can be made of options alone.
    assert_eq!(read_with("", &["job=nightly", "inputs.orders=data/orders"]).unwrap().canonical(), self::job(SMALLEST).canonical());
}

#[test]
fn problems_of_options_name_the_option_after_those_of_the_file() {
    assert_eq!(
        wrong_with(
            &format!("{SMALLEST}tabels: all\n"),
            &["params.lifecycle.activ_days=3", "params.max_nth=0", "job", "inputs.orders.columns.tid=x", "shop=[", "job.x=1"]
        )
        .lines()
        .filter(|line| !line.starts_with("  help") && !line.contains("YAML"))
        .collect::<Vec<_>>(),
        [
            "/jobs/nightly.yaml:3:1: unknown key `tabels`",
            "--set params.lifecycle.activ_days: unknown key `activ_days` in `params.lifecycle`",
            "--set params.max_nth: `params.max_nth` must be a whole number from 1 to 1000, found `0`",
            "--set job: has no `=`",
            "--set inputs.orders.columns.tid: unknown column `tid` in `inputs.orders.columns`",
            "--set job.x: goes through `job`, which is not a mapping",
        ]
    );
    assert!(wrong_with(SMALLEST, &["shop=["]).starts_with("--set shop: is not valid YAML: "));
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let load = |name: &str| Job::load(&folder.path().join(name), &[], &catalogue()).map_err(|error| error.to_string());
    let place = |name: &str| folder.path().join(name).display().to_string();
    assert_eq!(
        load("none.yaml").unwrap_err(),
        format!(
            "{}: cannot be read: No such file or directory (os error 2)\n  help: is this the path of the job file?",
            place("none.yaml")
        )
    );
    std::fs::write(folder.path().join("gbk.yaml"), b"job: n\nshop: \xb5\xea\n").unwrap();
    assert_eq!(
        load("gbk.yaml").unwrap_err(),
        format!("{}:2: is not UTF-8\n  help: save the job file as UTF-8, not as GBK", place("gbk.yaml"))
    );
    std::fs::write(folder.path().join("big.yaml"), vec![b' '; 2_000_000]).unwrap();
    assert_eq!(
        load("big.yaml").unwrap_err(),
        format!("{}: has 2000000 bytes, more than any job file\n  help: is this the path of the job file?", place("big.yaml"))
    );
    std::fs::write(folder.path().join("bom.yaml"), format!("\u{feff}{SMALLEST}")).unwrap();
    let job = load("bom.yaml").unwrap();
    assert_eq!(job.folder, folder.path());
    assert_eq!(job.inputs.orders.path, place("data/orders"));
}

/// Where the fingerprint comes from: a change of it is a change of every snapshot's name.
#[test]
fn the_canonical_text() {
    assert_eq!(
        job(SMALLEST).canonical(),
        r#"{"timezone":"Asia/Shanghai","shop":"nightly","inputs":[{"input":"orders","path":"data/orders","columns":[],"status":[],"filter":null,"money":"major"}],"params":{"cohort":{"grain":["month"],"dimensions":[]},"history_warmup":90,"lifecycle":{"active_days":30,"quiet_days":90,"dormant_days":180,"thresholds":[]},"rfm":{"method":"quantile","monetary_value":"net_revenue"},"max_nth":10,"max_reject_share":0.001,"min_peers":5},"tables":"all"}"#
    );
}

#[test]
fn what_does_not_change_a_table_does_not_change_the_canonical_text() {
    let text = job(FULL).canonical();
    let moved = Job::checked(FULL, Path::new("elsewhere/other.yaml"), &[], &catalogue(), &|_| Some("/other".to_owned())).unwrap();
    assert_eq!(moved.canonical(), text);
    for option in [
        "job=other",
        "as_of=2020-01-01",
        "output.path=elsewhere",
        "timezone=europe/berlin",
        "tables=[customers, shop_daily]",
        "params.cohort.grain=[month, quarter]",
        "params.cohort.dimensions=[first_channel, province]",
        "params.lifecycle.thresholds=[20, 75]",
        "params.rfm.monetary=[100.00, 250.50, 1000.0, 5000]",
        "params.max_reject_share=1e-2",
        "inputs.orders.filter=\" channel != 'test' \"",
        "inputs.orders.columns.line_id=line_id",
        "inputs.traffic={path: ./traffic, money: major}",
    ] {
        assert_eq!(read_with(FULL, &[option]).unwrap().canonical(), text, "{option}");
    }
}

#[test]
fn what_changes_a_table_changes_the_canonical_text() {
    let mut texts = vec![job(FULL).canonical()];
    for option in [
        "timezone=UTC",
        "shop=8",
        "inputs.orders.path=o",
        "inputs.orders.columns.order_id=x",
        "inputs.orders.columns.line_id=x",
        "inputs.orders.status.x=paid",
        "inputs.orders.status.4=shipped",
        "inputs.orders.filter=\"true\"",
        "inputs.orders.money=major",
        "inputs.shops=s",
        "params.cohort.grain=day",
        "params.cohort.dimensions=[province]",
        "params.history_warmup=1",
        "params.lifecycle.active_days=51",
        "params.lifecycle.quiet_days=101",
        "params.lifecycle.dormant_days=201",
        "params.lifecycle.thresholds=[]",
        "params.rfm={}",
        "params.rfm.recency_days=[1, 2, 3, 4]",
        "params.rfm.frequency=[1, 2, 3, 4]",
        "params.rfm.monetary=[1, 2, 3, 4]",
        "params.rfm.monetary_value=net_revenue",
        "params.max_nth=6",
        "params.max_reject_share=0.02",
        "params.min_peers=4",
        "tables=all",
        "tables=[customers]",
    ] {
        texts.push(read_with(FULL, &[option]).unwrap().canonical());
    }
    let count = texts.len();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), count);
}

/// All keys below a list of declarations, with their paths.
fn all_keys(path: &str, keys: &'static [Key], found: &mut Vec<(String, &'static Key)>) {
    for key in keys {
        let path = section::joined(path, key.name);
        match key.shape {
            Shape::Section(below) => all_keys(&path, below, found),
            Shape::Inputs => {
                for input in catalogue().input_names() {
                    all_keys(&section::joined(&path, input), keys::input_keys(input), found);
                }
            }
            _ => found.push((path, key)),
        }
    }
}

#[test]
fn every_declared_key_is_read_and_every_default_is_allowed() {
    let mut found = Vec::new();
    all_keys("", keys::JOB, &mut found);
    assert!(found.len() > 30);
    for (path, key) in found {
        assert!(!key.doc.is_empty() && !key.doc.ends_with('.'), "{path}");
        let base = if path.starts_with("inputs.") && !path.starts_with("inputs.orders") {
            format!("{}.path=x", path.rsplit_once('.').unwrap().0)
        } else {
            "job=nightly".to_owned()
        };
        // A value that no key takes: if nothing is said, nobody has read it.
        let message = wrong_with(SMALLEST, &[&base, &format!("{path}=[[]]")]);
        assert!(message.starts_with(&format!("--set {path}: `{path}` must be ")), "{path}: {message}");
        if let Presence::Default(default) = key.presence {
            let written = read_with(SMALLEST, &[&base, &format!("{path}={default}")]).unwrap();
            assert_eq!(written.canonical(), read_with(SMALLEST, &[&base]).unwrap().canonical(), "{path}");
        }
    }
}

proptest! {
    /// The order of keys and the way values are written do not matter.
    #[test]
    fn the_canonical_text_does_not_depend_on_the_order_of_keys(order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle()) {
        // Top-level blocks of FULL: a line that is not indented begins one.
        let mut blocks: Vec<String> = Vec::new();
        for line in FULL.lines() {
            if !line.starts_with(' ') {
                blocks.push(String::new());
            }
            let block = blocks.last_mut().unwrap();
            block.push_str(line);
            block.push('\n');
        }
        prop_assert_eq!(blocks.len(), order.len());
        let shuffled: String = order.iter().map(|position| blocks[*position].as_str()).collect();
        prop_assert_eq!(job(&shuffled).canonical(), job(FULL).canonical());
    }

    /// Whatever happens to a job file, it is a job or a list of problems in the order of the file.
    #[test]
    fn a_damaged_job_file_is_refused_not_a_crash(
        cuts in prop::collection::vec((0..FULL.len(), 0..12_usize, "[\\PC\\n\\t:\\[\\]{}&*!'\"-]{0,4}"), 1..6),
    ) {
        let mut text: Vec<char> = FULL.chars().collect();
        for (start, length, inserted) in cuts {
            let start = start.min(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, inserted.chars());
        }
        let text: String = text.into_iter().collect();
        match read_with(&text, &[]) {
            Ok(job) => prop_assert!(!job.canonical().is_empty()),
            Err(Error::Usage(problems)) => {
                prop_assert!(!problems.is_empty());
                let lines: Vec<usize> = problems.iter().filter_map(|problem| problem.place.split(':').nth(1)?.parse().ok()).collect();
                prop_assert_eq!(lines.len(), problems.len());
                prop_assert!(lines.is_sorted());
                prop_assert!(lines.iter().all(|line| (1..=text.lines().count() + 1).contains(line)));
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn no_option_crashes(option in "[\\PC.=\\[\\]{}]{0,30}") {
        let _ = read_with(FULL, &[&option]);
    }
}
